//! A display filter: written out and read again it is the same, and selects the same.

use std::sync::OnceLock;

use informant::filter::{Filter, RecordKind, RecordKinds, Seen, completions};
use informant::pipeline::Limits;

use super::analysis::{Analysis, analyse_bytes};
use super::wire;

/// The text of an expression.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let filter = match Filter::parse(&text) {
        Ok(filter) => filter,
        Err(error) => {
            let span = error.span();
            assert!(span.start <= span.end && span.end <= text.len());
            assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
            let shown = error.to_string();
            assert!(
                !shown
                    .chars()
                    .any(|character| character.is_control() && character != '\n'),
                "unfit for a terminal: {shown:?}"
            );
            return;
        }
    };
    let written = filter.to_string();
    let again = match Filter::parse(&written) {
        Ok(again) => again,
        Err(error) => panic!("what was written is not read:\n{error}"),
    };
    assert_eq!(again, filter, "written {written:?}");
    assert_eq!(again.to_string(), written);
    let negated = Filter::parse(&format!("!({text})"));
    let kinds = RecordKinds::of(RecordKind::Session).and(RecordKinds::of(RecordKind::Http));
    let _ = (filter.foreign_names(kinds), completions(&text));
    let verdict = verdicts(&filter);
    assert_eq!(verdict, verdicts(&again));
    // In front of a comment or an open string the sign may not be put, if there ever are such things.
    if let Ok(negated) = negated {
        let against = verdicts(&negated);
        assert!(
            verdict
                .iter()
                .zip(&against)
                .all(|(one, other)| one != other),
            "neither it nor its opposite"
        );
    }
}

/// What the filter says of every record of a small capture.
fn verdicts(filter: &Filter) -> Vec<bool> {
    static RECORDS: OnceLock<Analysis> = OnceLock::new();
    let records = RECORDS.get_or_init(|| analyse_bytes(&capture(), 1, Limits::default()));
    let mut verdicts = Vec::new();
    let mut seen = Seen::new(filter);
    for message in &records.messages {
        seen.message(message);
        verdicts.extend(filter.message_records(message));
    }
    let needs_messages = filter.needs_messages();
    for session in &records.sessions {
        if !needs_messages {
            verdicts.push(filter.session(session));
        }
    }
    verdicts.extend(
        records
            .transfers
            .iter()
            .map(|transfer| filter.transfer(transfer)),
    );
    let requests = &records.connection_requests;
    verdicts.extend(
        requests
            .iter()
            .map(|request| filter.connection_request(request)),
    );
    verdicts.extend(
        records
            .summary
            .devices
            .iter()
            .map(|device| filter.device(device)),
    );
    verdicts
}

/// Two devices, one of which is told to fetch a file.
fn capture() -> Vec<u8> {
    let acs = wire::Endpoint::new([203, 0, 113, 10], 7547);
    let cpe = wire::Endpoint::new([10, 0, 0, 1], 40_000);
    let mut frames = wire::session(cpe, acs, "A1", 400);
    let other = wire::Endpoint::new([10, 0, 0, 2], 40_001);
    let mut connection = wire::Connection::new(other, acs);
    frames.extend(connection.open());
    let download = wire::envelope(
        "7",
        "<cwmp:Download><CommandKey>k</CommandKey><FileType>1 Firmware Upgrade Image</FileType>\
         <URL>http://203.0.113.10/f</URL><Username></Username><Password></Password><FileSize>9</FileSize>\
         <TargetFileName></TargetFileName><DelaySeconds>0</DelaySeconds><SuccessURL></SuccessURL>\
         <FailureURL></FailureURL></cwmp:Download>",
    );
    let fault = wire::envelope(
        "7",
        "<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
         <FaultCode>9010</FaultCode><FaultString>no</FaultString></cwmp:Fault></detail></soap:Fault>",
    );
    let response = wire::envelope(
        "1",
        "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
    );
    for (side, bytes) in [
        (0, wire::post(&wire::inform("A2", "0 BOOTSTRAP"))),
        (1, wire::reply(&response)),
        (0, wire::post("")),
        (1, wire::reply(&download)),
        (0, wire::post(&fault)),
        (1, wire::reply("")),
    ] {
        frames.extend(connection.send(side, &bytes, 1_400));
    }
    frames.extend(connection.close());
    wire::capture(&frames, 1_000)
}
