//! The `device` record: one device over the whole capture, and its story where that is asked for.

use serde::Serialize;

use super::Setting;
use crate::report::moment;
use crate::report::{Entry, Story};
use crate::session::{
    Binding, BindingMove, ConnectionRequest, ConnectionRequestResult as Result, Device, DhcpFacts,
    Identity,
};

/// A device, as `devices -T ndjson` has it.
#[derive(Debug, Serialize)]
pub struct DeviceRecord {
    record: &'static str,
    device: String,
    oui: Option<String>,
    serial_number: Option<String>,
    product_class: Option<String>,
    manufacturer: Option<String>,
    software_version: Option<String>,
    addresses: Vec<String>,
    sessions: u32,
    acs_urls: Vec<String>,
    connection_request_url: Option<String>,
    udp_connection_request_address: Option<String>,
    nat_detected: Option<bool>,
    bindings: Vec<BindingRecord>,
    dhcp: Option<DhcpRecord>,
    gateway: Option<IdentityRecord>,
    connection_requests: RequestCounts,
    first: String,
    last: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    story: Option<Vec<EntryRecord>>,
}

/// Connection Requests to a device by what came of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RequestCounts {
    /// All of them.
    pub sent: u64,
    /// A session came.
    pub session: u64,
    /// Accepted, and none came.
    pub no_session: u64,
    /// Refused.
    pub refused: u64,
    /// Refused as busy.
    pub busy: u64,
    /// It came to where the device listens, and no session came.
    pub ignored: u64,
    /// Nothing shows that it arrived.
    pub never_arrived: u64,
    /// The capture doesn't tell.
    pub undetermined: u64,
}

impl RequestCounts {
    /// Counts one more.
    pub fn note(&mut self, request: &ConnectionRequest) {
        self.sent += 1;
        let count = match request.result {
            Result::Session => &mut self.session,
            Result::NoSession => &mut self.no_session,
            Result::Refused => &mut self.refused,
            Result::Busy => &mut self.busy,
            Result::Ignored => &mut self.ignored,
            Result::NeverArrived => &mut self.never_arrived,
            Result::Undetermined => &mut self.undetermined,
        };
        *count += 1;
    }
}

impl DeviceRecord {
    /// The record of a device.
    #[must_use]
    pub fn new(device: &Device, requests: RequestCounts, setting: Setting) -> Self {
        let text = |text: &String| setting.masking.text(text).into_owned();
        Self {
            record: "device",
            device: device.device.to_string(),
            oui: device.oui.clone(),
            serial_number: device.serial_number.clone(),
            product_class: device.product_class.clone(),
            manufacturer: device.manufacturer.clone(),
            software_version: device.software_version.clone(),
            addresses: device.addresses.iter().map(ToString::to_string).collect(),
            sessions: device.sessions,
            acs_urls: device.acs_urls.iter().map(text).collect(),
            connection_request_url: device.connection_request_url.as_ref().map(text),
            udp_connection_request_address: device
                .udp_connection_request_address
                .as_ref()
                .map(text),
            nat_detected: device.nat_detected,
            bindings: device.bindings.iter().map(BindingRecord::new).collect(),
            dhcp: device
                .dhcp
                .as_deref()
                .map(|dhcp| DhcpRecord::new(dhcp, setting)),
            gateway: device.gateway.as_ref().map(IdentityRecord::new),
            connection_requests: requests,
            first: moment::rfc3339(device.first),
            last: moment::rfc3339(device.last),
            verdict: None,
            story: None,
        }
    }

    /// The same with its story.
    #[must_use]
    pub fn with_story(self, story: &Story, setting: Setting) -> Self {
        let entries = story.entries.iter();
        Self {
            verdict: Some(story.verdict.clone()),
            story: Some(
                entries
                    .map(|entry| EntryRecord::new(entry, setting))
                    .collect(),
            ),
            ..self
        }
    }
}

#[derive(Debug, Serialize)]
struct BindingRecord {
    local: String,
    server: String,
    mapped: Option<String>,
    nat: Option<bool>,
    moves: Vec<MoveRecord>,
    moves_count: u64,
    requests: u64,
    responses: u64,
    probes: u64,
    period_ms: Option<Period>,
    first: String,
    last: String,
}

impl BindingRecord {
    fn new(binding: &Binding) -> Self {
        Self {
            local: binding.local.to_string(),
            server: binding.server.to_string(),
            mapped: binding.mapped.map(|mapped| mapped.to_string()),
            nat: binding.nat_seen(),
            moves: binding.moves.iter().map(MoveRecord::new).collect(),
            moves_count: binding.moves_count,
            requests: binding.requests,
            responses: binding.responses,
            probes: binding.probes,
            period_ms: binding
                .period_ms
                .map(|(shortest, longest)| Period { shortest, longest }),
            first: moment::rfc3339(binding.first),
            last: moment::rfc3339(binding.last),
        }
    }
}

#[derive(Debug, Serialize)]
struct MoveRecord {
    time: String,
    from: String,
    to: String,
}

impl MoveRecord {
    fn new(moved: &BindingMove) -> Self {
        Self {
            time: moment::rfc3339(moved.time),
            from: moved.from.to_string(),
            to: moved.to.to_string(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Period {
    shortest: i64,
    longest: i64,
}

#[derive(Debug, Serialize)]
struct DhcpRecord {
    client: String,
    address: Option<String>,
    vendor_class: Option<String>,
    announced: bool,
    acs_url: Option<String>,
    gateway: Option<IdentityRecord>,
    time: String,
}

impl DhcpRecord {
    fn new(facts: &DhcpFacts, setting: Setting) -> Self {
        let text = |text: &String| setting.masking.text(text).into_owned();
        Self {
            client: facts.client.clone(),
            address: facts.address.map(|address| address.to_string()),
            vendor_class: facts.vendor_class.as_ref().map(text),
            announced: facts.announced,
            acs_url: facts.acs_url.as_ref().map(text),
            gateway: facts.gateway.as_ref().map(IdentityRecord::new),
            time: moment::rfc3339(facts.time),
        }
    }
}

#[derive(Debug, Serialize)]
struct IdentityRecord {
    oui: Option<String>,
    serial_number: Option<String>,
    product_class: Option<String>,
}

impl IdentityRecord {
    fn new(identity: &Identity) -> Self {
        Self {
            oui: identity.oui.clone(),
            serial_number: identity.serial_number.clone(),
            product_class: identity.product_class.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
struct EntryRecord {
    time: String,
    frames: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame_files: Option<Vec<u32>>,
    frames_count: u64,
    kind: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<&'static str>>,
}

impl EntryRecord {
    fn new(entry: &Entry, setting: Setting) -> Self {
        let frames = entry.frames.listed();
        Self {
            time: moment::rfc3339(entry.time),
            frames: Setting::numbers(&frames),
            frame_files: setting.files(&frames),
            frames_count: entry.frames.count(),
            kind: entry.kind.name(),
            text: entry.text.clone(),
            session: entry.session,
            result: entry.result.map(Result::name),
            reasons: entry.result.map(|_| entry.reasons.clone()),
        }
    }
}
