//! One entity body: its elements in their places, and what it says still said once it was written anew.

use cwmp::{Document, Hints, Limits, Rpc, Style, looks_like_soap, parse, write};

use super::tape::Tape;

/// One byte of settings, then the body.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let settings = tape.byte();
    let body = tape.0;
    let limits = if settings & 1 == 0 {
        Limits::default()
    } else {
        TIGHT
    };
    let hints = Hints {
        charset: CHARSETS[usize::from(settings >> 2) % CHARSETS.len()],
        complete: settings & 2 == 0,
    };
    recognised_once_and_for_all(body);
    let document = parse(body.to_vec(), &hints, &limits);
    look_at(&document, &limits);
    let rpcs = ask(&document);
    if limits == TIGHT {
        return;
    }
    for indentation in [None, Some(2)] {
        let style = Style {
            indentation,
            ..Style::default()
        };
        let written = write(&rpcs, &style);
        let again = parse(written, &Hints::default(), &limits);
        let read: Vec<Rpc> = again
            .envelope_refs()
            .map(|envelope| envelope.to_rpc())
            .collect();
        assert_eq!(read, rpcs, "written and read again, it says something else");
    }
}

/// The answer does not change with more bytes.
fn recognised_once_and_for_all(body: &[u8]) {
    let step = (body.len() / 64).max(1);
    let mut known = None;
    for length in (0..=body.len()).step_by(step).chain([body.len()]) {
        let answer = looks_like_soap(&body[..length]);
        assert!(
            known.is_none() || known == answer,
            "{known:?}, and with {length} bytes {answer:?}"
        );
        known = answer;
    }
}

/// Everything lies in the text, children in their parents, within the bounds.
fn look_at(document: &Document, limits: &Limits) {
    let length = document.text().len();
    assert!(length <= limits.body_bytes_max);
    assert!(document.elements_count() <= limits.elements_max);
    assert!(document.anomalies().len() <= limits.anomalies_max);
    assert!(
        document
            .anomalies()
            .is_sorted_by_key(|anomaly| anomaly.offset)
    );
    assert!(
        document
            .anomalies()
            .iter()
            .all(|anomaly| anomaly.offset <= length)
    );
    if let Some(anomaly) = document.anomalies().last() {
        let position = document.position(anomaly.offset);
        assert!(position.line >= 1 && position.column >= 1);
    }
    let mut before = 0;
    for element in document.elements() {
        assert!(before <= element.offset() && element.offset() <= element.content_offset());
        assert!(element.content_offset() <= element.end() && element.end() <= length);
        before = element.offset();
        if let Some(parent) = element.parent() {
            assert!(parent.content_offset() <= element.offset() && element.end() <= parent.end());
        }
        for attribute in element.attributes() {
            assert!(attribute.offset() <= attribute.value_offset());
            assert!(
                attribute.value_offset() + attribute.raw_value().len() <= element.content_offset()
            );
            let _ = (attribute.name(), attribute.namespace(), attribute.value());
        }
        let _ = (
            element.name(),
            element.namespace(),
            element.is_prefix_undeclared(),
        );
    }
}

/// Every question that may be asked of an envelope.
fn ask(document: &Document) -> Vec<Rpc> {
    let length = document.text().len();
    let mut rpcs = Vec::new();
    for envelope in document.envelope_refs() {
        let _ = (
            envelope.id(),
            envelope.hold_requests(),
            envelope.no_more_requests(),
        );
        let _ = (envelope.session_timeout(), envelope.supported_versions());
        let _ = (
            envelope.use_version(),
            envelope.version_hint(),
            envelope.method(),
        );
        let _ = (envelope.transfer_request(), envelope.transfer_complete());
        for parameter in envelope.parameters() {
            let _ = (parameter.name(), parameter.value(), parameter.xsi_type());
        }
        if let Some(inform) = envelope.inform() {
            let _ = (inform.device_id(), inform.events(), inform.retry_count());
            let _ = (inform.max_envelopes(), inform.current_time());
            let _ = inform.parameter("Device.DeviceInfo.SoftwareVersion");
        }
        let anomalies = envelope.schema_anomalies();
        assert!(anomalies.iter().all(|anomaly| anomaly.offset <= length));
        let rpc = envelope.to_rpc();
        let is_fault = matches!(rpc.body, cwmp::RpcBody::Fault(_));
        assert_eq!(envelope.fault().is_some(), is_fault);
        rpcs.push(rpc);
    }
    rpcs
}

const CHARSETS: [Option<&str>; 8] = [
    None,
    Some("utf-8"),
    Some("iso-8859-1"),
    Some("UTF-16LE"),
    Some("shift_jis"),
    Some("gb18030"),
    Some("nonsense"),
    Some("utf-16"),
];

/// Bounds that a short body reaches.
const TIGHT: Limits = Limits {
    depth_max: 6,
    elements_max: 20,
    body_bytes_max: 1_500,
    anomalies_max: 5,
};
