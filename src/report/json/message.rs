//! The `message` records of what TCP carried: http, cwmp and transfer; and what every message record begins with.

use serde::Serialize;

use super::came_of::{self, ReasonRecord};
use super::datagram::{
    DhcpRecord, LightweightNotificationRecord, StunRecord, UdpConnectionRequestRecord,
};
use super::{Setting, TlsRecord};
use crate::report::arguments::{Argument, arguments, xml};
use crate::report::escape;
use crate::report::moment;
use crate::session::{
    Authorization, Cause, Datagram, Masking, Message, OverlapConflict, Places, Side, Transfer,
};
use crate::source::FrameId;

/// A record of a message, of whichever protocol.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum MessageRecord {
    /// The HTTP message.
    Http(Box<HttpRecord>),
    /// An envelope, or a body that holds none.
    Cwmp(Box<CwmpRecord>),
    /// A file that moved.
    Transfer(Box<TransferRecord>),
    /// A STUN message.
    Stun(Box<StunRecord>),
    /// A UDP Connection Request.
    UdpConnectionRequest(Box<UdpConnectionRequestRecord>),
    /// A lightweight notification.
    LightweightNotification(Box<LightweightNotificationRecord>),
    /// A DHCP message.
    Dhcp(Box<DhcpRecord>),
    /// A TLS connection.
    Tls(Box<TlsRecord>),
}

/// The records of an HTTP message, outermost first.
#[must_use]
pub fn records(message: &Message, setting: Setting) -> Vec<MessageRecord> {
    let mut records = vec![MessageRecord::Http(Box::new(HttpRecord::new(
        message, setting,
    )))];
    let Some(document) = &message.soap else {
        return records;
    };
    let envelopes: Vec<cwmp::EnvelopeRef<'_>> = document.envelope_refs().collect();
    let places = setting.masking.places(document.text());
    if envelopes.is_empty() {
        let anomalies = document.anomalies().iter().map(Anomaly::of_cwmp).collect();
        records.push(MessageRecord::Cwmp(Box::new(CwmpRecord::unreadable(
            message, anomalies, setting,
        ))));
    }
    for (at, envelope) in envelopes.iter().enumerate() {
        // What stands outside of every envelope is told with the one before it, at the start with the first.
        let from = if at == 0 {
            0
        } else {
            envelope.element().offset()
        };
        let to = envelopes
            .get(at + 1)
            .map_or(usize::MAX, |next| next.element().offset());
        let anomalies = document
            .anomalies()
            .iter()
            .filter(|anomaly| (from..to).contains(&anomaly.offset));
        let anomalies = anomalies.map(Anomaly::of_cwmp).collect();
        records.push(MessageRecord::Cwmp(Box::new(CwmpRecord::new(
            message, *envelope, &places, anomalies, setting,
        ))));
    }
    records
}

/// The record of a transfer.
#[must_use]
pub fn transfer_record(transfer: &Transfer, setting: Setting) -> MessageRecord {
    MessageRecord::Transfer(Box::new(TransferRecord::new(transfer, setting)))
}

/// What every message record begins with.
#[derive(Debug, Serialize)]
pub(super) struct Common {
    pub(super) record: &'static str,
    pub(super) protocol: &'static str,
    pub(super) time: Option<String>,
    pub(super) frames: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) frame_files: Option<Vec<u32>>,
    pub(super) from: &'static str,
    pub(super) source: String,
    pub(super) destination: String,
    pub(super) session: Option<u32>,
    pub(super) device: Option<String>,
    pub(super) anomalies: Vec<Anomaly>,
}

impl Common {
    fn of(
        message: &Message,
        protocol: &'static str,
        anomalies: Vec<Anomaly>,
        setting: Setting,
    ) -> Self {
        let frames = message.provenance.frames();
        Self {
            record: "message",
            protocol,
            time: Some(moment::rfc3339(message.provenance.time)),
            frames: Setting::numbers(&frames),
            frame_files: setting.files(&frames),
            from: message.from.name(),
            source: message.provenance.source.to_string(),
            destination: message.provenance.destination.to_string(),
            session: message.session,
            device: message.device.as_deref().map(str::to_owned),
            anomalies,
        }
    }

    /// Of a datagram; its protocol is that of its kind.
    pub(super) fn of_datagram(
        datagram: &Datagram,
        anomalies: Vec<Anomaly>,
        setting: Setting,
    ) -> Self {
        Self {
            record: "message",
            protocol: datagram.kind.protocol(),
            time: Some(moment::rfc3339(datagram.time)),
            frames: Setting::numbers(&datagram.frames),
            frame_files: setting.files(&datagram.frames),
            from: datagram.from.name(),
            source: datagram.source.to_string(),
            destination: datagram.destination.to_string(),
            session: datagram.session,
            device: datagram.device.as_deref().map(str::to_owned),
            anomalies,
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Anomaly {
    kind: &'static str,
    offset: u64,
}

impl Anomaly {
    pub(super) fn new(kind: &'static str, offset: usize) -> Self {
        Self {
            kind,
            offset: offset as u64,
        }
    }

    /// By its offset in a stream.
    pub(super) fn at(kind: &'static str, offset: u64) -> Self {
        Self { kind, offset }
    }

    fn of_cwmp(anomaly: &cwmp::Anomaly) -> Self {
        Self {
            kind: anomaly.kind.name(),
            offset: anomaly.offset as u64,
        }
    }
}

/// An HTTP message.
#[derive(Debug, Serialize)]
pub struct HttpRecord {
    #[serde(flatten)]
    common: Common,
    kind: &'static str,
    method: Option<String>,
    target: Option<String>,
    status: Option<u16>,
    version: String,
    headers: Vec<[String; 2]>,
    body_bytes: u64,
    body_complete: bool,
    connection: u64,
    role: &'static str,
    authorization: Option<AuthorizationRecord>,
    result: Option<&'static str>,
    reasons: Vec<ReasonRecord>,
    overlaps: Vec<Overlap>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lossy: bool,
}

impl HttpRecord {
    fn new(message: &Message, setting: Setting) -> Self {
        let (http, masking) = (&message.http, setting.masking);
        let anomalies = http
            .anomalies
            .iter()
            .map(|odd| Anomaly {
                kind: odd.kind.name(),
                offset: odd.offset,
            })
            .collect();
        let is_request = http.kind() == http1::Kind::Request;
        let came_of = message.came_of.as_deref();
        let mut lossy = false;
        let mut text = |bytes: &[u8]| {
            let (text, is_lossy) = escape::lossy(bytes);
            lossy |= is_lossy;
            text.into_owned()
        };
        Self {
            common: Common::of(message, "http", anomalies, setting),
            kind: if is_request { "request" } else { "response" },
            method: is_request.then(|| text(http.method())),
            target: is_request.then(|| text(&masking.target(http.target()))),
            status: (!is_request).then(|| http.status()),
            version: text(http.version()),
            headers: http
                .headers()
                .map(|header| {
                    [
                        text(header.name),
                        text(&masking.header(header.name, &header.value)),
                    ]
                })
                .collect(),
            body_bytes: http.body_bytes,
            body_complete: http.body_complete,
            connection: message.provenance.connection,
            role: message.role.name(),
            authorization: message
                .authorization()
                .map(|given| AuthorizationRecord::new(given, masking)),
            result: came_of::result(came_of),
            reasons: came_of::reasons(came_of, setting),
            overlaps: message
                .provenance
                .overlaps
                .iter()
                .zip(masking.overlaps(message))
                .map(|(overlap, versions)| {
                    Overlap::new(overlap, versions.map(|bytes| text(&bytes)), setting)
                })
                .collect(),
            lossy,
        }
    }
}

/// What an Authorization header says; the header itself is masked.
#[derive(Debug, Serialize)]
struct AuthorizationRecord {
    scheme: &'static str,
    user_name: Option<String>,
    valid: Option<bool>,
}

impl AuthorizationRecord {
    fn new(given: Authorization, masking: Masking) -> Self {
        let user_name = given.user_name;
        Self {
            scheme: given.scheme.name(),
            user_name: user_name.map(|name| masking.text(&name).into_owned()),
            valid: given.valid,
        }
    }
}

/// Bytes that came twice and were not the same.
#[derive(Debug, Serialize)]
struct Overlap {
    offset: u64,
    bytes: u64,
    frames: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame_files: Option<Vec<u32>>,
    kept: String,
    other: String,
}

impl Overlap {
    fn new(overlap: &OverlapConflict, [kept, other]: [String; 2], setting: Setting) -> Self {
        let frames = [overlap.kept_frame, overlap.other_frame];
        Self {
            offset: overlap.offset,
            bytes: overlap.length,
            frames: Setting::numbers(&frames),
            frame_files: setting.files(&frames),
            kept,
            other,
        }
    }
}

/// An envelope.
#[derive(Debug, Serialize)]
pub struct CwmpRecord {
    #[serde(flatten)]
    common: Common,
    message: Option<String>,
    method: Option<String>,
    kind: Option<&'static str>,
    id: Option<String>,
    namespace: Option<String>,
    hold_requests: Option<bool>,
    no_more_requests: Option<bool>,
    args: Vec<Argument>,
    fault: Option<Fault>,
    #[serde(skip_serializing_if = "Option::is_none")]
    xml: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lossy: bool,
}

impl CwmpRecord {
    fn unreadable(message: &Message, anomalies: Vec<Anomaly>, setting: Setting) -> Self {
        Self {
            common: Common::of(message, "cwmp", anomalies, setting),
            message: None,
            method: None,
            kind: None,
            id: None,
            namespace: None,
            hold_requests: None,
            no_more_requests: None,
            args: Vec::new(),
            fault: None,
            xml: None,
            lossy: false,
        }
    }

    fn new(
        message: &Message,
        envelope: cwmp::EnvelopeRef<'_>,
        places: &Places,
        anomalies: Vec<Anomaly>,
        setting: Setting,
    ) -> Self {
        let masking = setting.masking;
        let is_vendors = envelope.schema().is_none()
            && matches!(envelope.kind(), cwmp::Kind::Request | cwmp::Kind::Response);
        let element = envelope.message().filter(|_| is_vendors);
        let (xml, lossy) = element.map(|element| xml(element, masking)).unzip();
        Self {
            message: envelope.message_name().map(str::to_owned),
            method: envelope.method().map(str::to_owned),
            kind: match envelope.kind() {
                cwmp::Kind::Request => Some("request"),
                cwmp::Kind::Response => Some("response"),
                cwmp::Kind::Fault => Some("fault"),
                cwmp::Kind::Empty => None,
            },
            id: envelope.id().map(|id| masking.text(&id).into_owned()),
            namespace: envelope.cwmp_namespace().map(str::to_owned),
            hold_requests: envelope.hold_requests(),
            no_more_requests: envelope.no_more_requests(),
            args: arguments(envelope.args(), places),
            fault: envelope.fault().map(|fault| Fault::new(fault, masking)),
            xml,
            lossy: lossy.unwrap_or(false),
            ..Self::unreadable(message, anomalies, setting)
        }
    }
}

/// A fault, as every record has it.
#[derive(Debug, Serialize)]
pub(super) struct Fault {
    soap_code: Option<String>,
    soap_string: Option<String>,
    code: Option<String>,
    string: Option<String>,
    parameters: Vec<ParameterFault>,
}

impl Fault {
    pub(super) fn new(fault: cwmp::Fault, masking: Masking) -> Self {
        let text = |text: Option<String>| text.map(|text| masking.text(&text).into_owned());
        let parameter = |fault: cwmp::ParameterFault| ParameterFault {
            string: masking
                .fault_string(&fault.name, &fault.string)
                .into_owned(),
            name: fault.name,
            code: masking.text(&fault.code).into_owned(),
        };
        Self {
            soap_code: text(fault.soap_code),
            soap_string: text(fault.soap_string),
            code: text(fault.code),
            string: text(fault.string),
            parameters: fault.parameters.into_iter().map(parameter).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct ParameterFault {
    name: String,
    code: String,
    string: String,
}

/// A file that moved.
#[derive(Debug, Serialize)]
pub struct TransferRecord {
    #[serde(flatten)]
    common: Common,
    method: &'static str,
    direction: &'static str,
    name: String,
    bytes: Option<u64>,
    missing_bytes: Option<u64>,
    announced_bytes: Option<u64>,
    result: &'static str,
    code: Option<u16>,
    reason: Option<String>,
    caused_by: Option<CauseRecord>,
}

impl TransferRecord {
    fn new(transfer: &Transfer, setting: Setting) -> Self {
        let mut frames: Vec<FrameId> = transfer
            .steps
            .iter()
            .flat_map(|step| step.frames.iter().copied())
            .collect();
        frames.sort_unstable();
        frames.dedup();
        let time = transfer.end();
        let common = Common {
            record: "message",
            protocol: "transfer",
            time: time.map(moment::rfc3339),
            frames: Setting::numbers(&frames),
            frame_files: setting.files(&frames),
            from: transfer
                .steps
                .first()
                .map_or(Side::Cpe, |step| step.from)
                .name(),
            source: transfer.source.to_string(),
            destination: transfer.destination.to_string(),
            session: transfer.caused_by.as_ref().map(|cause| cause.session),
            device: transfer.device.as_deref().map(str::to_owned),
            anomalies: Vec::new(),
        };
        let name = setting.masking.target(transfer.name.as_bytes());
        Self {
            common,
            method: transfer.method.name(),
            direction: transfer.direction.name(),
            name: escape::lossy(&name).0.into_owned(),
            bytes: transfer.bytes,
            missing_bytes: transfer.missing_bytes,
            announced_bytes: transfer.announced_bytes,
            result: transfer.result.name(),
            code: transfer.code,
            reason: transfer
                .reason
                .as_deref()
                .map(|reason| setting.masking.text(reason).into_owned()),
            caused_by: transfer
                .caused_by
                .as_ref()
                .map(|cause| CauseRecord::new(cause, setting.masking)),
        }
    }
}

#[derive(Debug, Serialize)]
struct CauseRecord {
    session: u32,
    command_key: String,
}

impl CauseRecord {
    fn new(cause: &Cause, masking: Masking) -> Self {
        Self {
            session: cause.session,
            command_key: masking.text(&cause.command_key).into_owned(),
        }
    }
}
