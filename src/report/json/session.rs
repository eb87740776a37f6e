//! The `session` record.

use serde::Serialize;

use super::{CountsRecord, Setting};
use crate::conformance::Counts;
use crate::report::moment;
use crate::session::{Acs, Cpe, Rpc, Session, Trigger};

/// One session, as `list -T ndjson` has it.
#[derive(Debug, Serialize)]
pub struct SessionRecord {
    record: &'static str,
    session: u32,
    start: String,
    duration_ms: f64,
    device: Option<String>,
    cpe: CpeRecord,
    acs: AcsRecord,
    transport: &'static str,
    namespace: Option<String>,
    negotiated_version: Option<String>,
    connections: usize,
    events: Vec<String>,
    rpcs: Vec<RpcRecord>,
    outcome: &'static str,
    gaps: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<u64>,
    retry_count: Option<u32>,
    triggered_by: Option<Triggered>,
    findings: Option<CountsRecord>,
}

impl SessionRecord {
    /// The record of a session.
    #[must_use]
    pub fn new(session: &Session, setting: Setting) -> Self {
        let digits = session.start.digits;
        Self {
            record: "session",
            session: session.number,
            start: moment::rfc3339(session.start),
            duration_ms: moment::rounded_ms(session.end.milliseconds_since(session.start), digits),
            device: session.device.as_deref().map(str::to_owned),
            cpe: CpeRecord::new(&session.cpe),
            acs: AcsRecord::new(&session.acs, setting),
            transport: session.transport.name(),
            namespace: session.namespace.clone(),
            negotiated_version: session.negotiated_version.clone(),
            connections: session.connections.len(),
            events: session.events.clone(),
            rpcs: session
                .rpcs
                .iter()
                .map(|rpc| RpcRecord::new(rpc, digits, setting))
                .collect(),
            outcome: session.outcome.name(),
            gaps: session.gaps,
            dropped: session.dropped,
            retry_count: session.retry_count,
            triggered_by: session
                .triggered_by
                .as_ref()
                .map(|trigger| Triggered::new(trigger, setting)),
            findings: None,
        }
    }

    /// The same with how many findings concern it, where that is known.
    #[must_use]
    pub fn with_findings(mut self, counts: Option<Counts>) -> Self {
        self.findings = counts.map(CountsRecord::new);
        self
    }
}

#[derive(Debug, Serialize)]
struct CpeRecord {
    address: Option<String>,
    manufacturer: Option<String>,
    oui: Option<String>,
    product_class: Option<String>,
    serial_number: Option<String>,
    software_version: Option<String>,
}

impl CpeRecord {
    fn new(cpe: &Cpe) -> Self {
        Self {
            address: cpe.address.map(|address| address.to_string()),
            manufacturer: cpe.manufacturer.clone(),
            oui: cpe.oui.clone(),
            product_class: cpe.product_class.clone(),
            serial_number: cpe.serial_number.clone(),
            software_version: cpe.software_version.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
struct AcsRecord {
    address: Option<String>,
    port: Option<u16>,
    url: Option<String>,
}

impl AcsRecord {
    fn new(acs: &Acs, setting: Setting) -> Self {
        Self {
            address: acs.address.map(|address| address.to_string()),
            port: acs.port,
            url: acs
                .url
                .as_deref()
                .map(|url| setting.masking.text(url).into_owned()),
        }
    }
}

#[derive(Debug, Serialize)]
struct RpcRecord {
    method: String,
    from: &'static str,
    id: Option<String>,
    request_frames: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_frame_files: Option<Vec<u32>>,
    response: Option<String>,
    response_frames: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_frame_files: Option<Vec<u32>>,
    fault_code: Option<String>,
    elapsed_ms: Option<f64>,
}

impl RpcRecord {
    fn new(rpc: &Rpc, digits: u8, setting: Setting) -> Self {
        Self {
            method: rpc.method.clone(),
            from: rpc.from.name(),
            id: rpc
                .id
                .as_deref()
                .map(|id| setting.masking.text(id).into_owned()),
            request_frames: Setting::numbers(&rpc.request_frames),
            request_frame_files: setting.files(&rpc.request_frames),
            response: rpc.response.clone(),
            response_frames: Setting::numbers(&rpc.response_frames),
            response_frame_files: setting.files(&rpc.response_frames),
            fault_code: rpc.fault_code.clone(),
            elapsed_ms: rpc
                .elapsed_ms
                .map(|elapsed| moment::rounded_ms(elapsed, digits)),
        }
    }
}

#[derive(Debug, Serialize)]
struct Triggered {
    kind: &'static str,
    frames: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame_files: Option<Vec<u32>>,
}

impl Triggered {
    fn new(trigger: &Trigger, setting: Setting) -> Self {
        Self {
            kind: trigger.kind.name(),
            frames: Setting::numbers(&trigger.frames),
            frame_files: setting.files(&trigger.frames),
        }
    }
}
