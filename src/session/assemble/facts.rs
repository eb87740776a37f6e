//! What the state machine needs to know of one message: the decoded trees go no further.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write;
use std::net::SocketAddr;

use cwmp::{EnvelopeRef, Kind};

use super::Arrived;
use super::identity::{Url, cookies, set_cookie};
use super::learning::{Listed, Values};
use super::limits::AssembleLimits;
use crate::session::address::udp_address;
use crate::session::{Step, StepKind};

/// One HTTP message in a few words.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub envelopes: Vec<EnvelopeFacts>,
    /// Bytes of XML decoded.
    pub xml_bytes: u64,
    /// A POST without a body.
    pub empty_post: bool,
    /// A POST whose body was announced with Expect and never sent.
    pub withheld: bool,
    /// A body that claims to be SOAP and holds no envelope.
    pub undecodable: bool,
    /// Cookies that a request sends, or that a response sets.
    pub cookies: Vec<String>,
    /// Bounds that it reached.
    pub reached: Vec<&'static str>,
}

/// The bounds of one message, and those that it reached.
struct Within<'a> {
    limits: &'a AssembleLimits,
    reached: Vec<&'static str>,
}

/// One envelope in a few words.
#[derive(Debug, Default)]
pub(super) struct EnvelopeFacts {
    pub name: Option<String>,
    pub method: Option<String>,
    pub kind: EnvelopeKind,
    pub id: Option<String>,
    pub namespace: Option<String>,
    pub use_version: Option<String>,
    pub hold_requests: Option<bool>,
    pub no_more_requests: Option<bool>,
    pub fault_code: Option<String>,
    pub inform: Option<Box<InformFacts>>,
    pub transfers: Vec<TransferFacts>,
    pub detail: Option<String>,
    /// Values in a GetParameterValuesResponse.
    pub parameter_values: u64,
    /// Values that tell how the device is reached; the session that learns them takes them away.
    pub values: RefCell<Values>,
}

/// What an envelope's body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum EnvelopeKind {
    Request,
    Response,
    Fault,
    #[default]
    Empty,
}

/// What an Inform tells of its device.
#[derive(Debug, Default)]
pub(super) struct InformFacts {
    pub manufacturer: Option<String>,
    pub oui: Option<String>,
    pub product_class: Option<String>,
    pub serial_number: Option<String>,
    pub software_version: Option<String>,
    pub connection_request_url: Option<String>,
    pub udp_connection_request_address: Option<String>,
    pub nat_detected: Option<bool>,
    pub events: Vec<String>,
    pub retry_count: Option<u32>,
}

/// A Download or Upload as asked for, or the file of one operation of a ChangeDUState.
#[derive(Debug)]
pub(super) struct TransferFacts {
    pub upload: bool,
    pub url: Url,
    pub command_key: String,
}

impl Facts {
    pub fn of(
        http: &http1::Message,
        soap: Option<&cwmp::Document>,
        limits: &AssembleLimits,
    ) -> Self {
        let request = http.kind() == http1::Kind::Request;
        let mut within = Within {
            limits,
            reached: Vec::new(),
        };
        let envelopes = soap.map_or_else(Vec::new, |document| {
            let max = limits.envelopes_a_message_max;
            let envelopes = within.most(document.envelope_refs(), max, "envelopes_a_message_max");
            envelopes
                .into_iter()
                .map(|one| envelope(one, &mut within))
                .collect()
        });
        let cookies_max = limits.cookies_a_message_max;
        let cookies = if request {
            let all = http.header_all("Cookie");
            let all = all.flat_map(|value| {
                let some = cookies(&value).take(cookies_max + 1);
                some.collect::<Vec<_>>()
            });
            within.most(all, cookies_max, "cookies_a_message_max")
        } else {
            let all = http.header_all("Set-Cookie");
            let all = all.filter_map(|value| set_cookie(&value));
            within.most(all, cookies_max, "cookies_a_message_max")
        };
        let bodied = http.body_bytes > 0 || !http.body_complete;
        let expects = request && http.method() == b"POST" && http.header("Expect").is_some();
        let withheld = expects && http.body_bytes == 0 && !http.body_complete;
        Self {
            xml_bytes: soap.map_or(0, |document| document.text().len() as u64),
            empty_post: request && http.method() == b"POST" && !bodied,
            undecodable: envelopes.is_empty() && bodied && !withheld && claims_soap(http),
            withheld,
            cookies,
            envelopes,
            reached: within.reached,
        }
    }

    /// The Inform in it.
    pub fn inform(&self) -> Option<&InformFacts> {
        self.envelopes
            .iter()
            .find_map(|envelope| envelope.inform.as_deref())
    }

    /// cwmp:IDs of the answers in it.
    pub fn answered_ids(&self) -> impl Iterator<Item = &str> {
        let answers = self
            .envelopes
            .iter()
            .filter(|envelope| envelope.kind != EnvelopeKind::Request);
        answers.filter_map(|envelope| envelope.id.as_deref())
    }

    /// The message as a session's ladder shows it.
    pub fn step(&self, arrived: &Arrived, from: crate::session::Side) -> Step {
        let http = &arrived.http;
        let request = http.kind() == http1::Kind::Request;
        Step {
            time: arrived.provenance.time,
            from,
            kind: self.step_kind(arrived),
            frames: arrived.provenance.frames(),
            connection: arrived.provenance.connection,
            status: (!request).then(|| http.status()),
            evidence: arrived.provenance.evidence,
            contested: !arrived.provenance.overlaps.is_empty(),
            hold_requests: self
                .envelopes
                .iter()
                .find_map(|envelope| envelope.hold_requests),
            body_bytes: http.body_bytes,
            detail: self
                .envelopes
                .iter()
                .find_map(|envelope| envelope.detail.clone()),
        }
    }

    fn step_kind(&self, arrived: &Arrived) -> StepKind {
        let http = &arrived.http;
        if !self.envelopes.is_empty() {
            let name = |envelope: &EnvelopeFacts| {
                (
                    envelope.name.clone().unwrap_or_default(),
                    envelope.fault_code.clone(),
                )
            };
            return StepKind::Envelopes(self.envelopes.iter().map(name).collect());
        }
        if http.kind() == http1::Kind::Request {
            return if self.empty_post {
                StepKind::EmptyRequest
            } else if self.undecodable {
                StepKind::Undecodable
            } else {
                StepKind::Request(lossy(http.method()), lossy(http.target()))
            };
        }
        match http.status() {
            401 | 407 => StepKind::Challenge,
            300..=399 => {
                StepKind::Redirect(http.header("Location").map(|location| lossy(&location)))
            }
            400.. => StepKind::HttpError,
            _ if self.undecodable => StepKind::Undecodable,
            _ if http.body_bytes == 0 && http.body_complete => StepKind::EmptyResponse,
            _ => StepKind::Response,
        }
    }
}

fn envelope(envelope: EnvelopeRef<'_>, within: &mut Within<'_>) -> EnvelopeFacts {
    let kind = match envelope.kind() {
        Kind::Request => EnvelopeKind::Request,
        Kind::Response => EnvelopeKind::Response,
        Kind::Fault => EnvelopeKind::Fault,
        Kind::Empty => EnvelopeKind::Empty,
    };
    let method = envelope.method().map(|method| bounded(method.into()));
    let name = envelope.message_name().map(|name| bounded(name.into()));
    let listed = if is_listing(name.as_deref()) {
        Listed::of(&envelope, name.as_deref(), within.limits.learned_max)
    } else {
        Listed::default()
    };
    let is_read = name.as_deref() == Some("GetParameterValuesResponse");
    let fault = envelope.fault();
    EnvelopeFacts {
        id: envelope.id().map(bounded),
        namespace: envelope.cwmp_namespace().map(|uri| bounded(uri.into())),
        use_version: envelope.use_version().map(bounded),
        hold_requests: envelope.hold_requests(),
        no_more_requests: envelope.no_more_requests(),
        fault_code: fault
            .as_ref()
            .and_then(|fault| fault.code.clone())
            .map(|code| bounded(code.into())),
        inform: envelope
            .inform()
            .map(|inform| Box::new(InformFacts::of(&inform, within))),
        transfers: TransferFacts::all(&envelope),
        detail: detail(&envelope, fault.as_ref(), &listed),
        values: listed.values.into(),
        parameter_values: if is_read { listed.count } else { 0 },
        name,
        method,
        kind,
    }
}

/// Entries of a ParameterList are counted in a message of this name, or looked through.
fn is_listing(name: Option<&str>) -> bool {
    matches!(
        name,
        Some(
            "Inform"
                | "SetParameterValues"
                | "GetParameterValuesResponse"
                | "SetParameterAttributes"
                | "GetParameterNamesResponse"
                | "GetParameterAttributesResponse"
        )
    )
}

impl InformFacts {
    fn of(inform: &cwmp::Inform<'_>, within: &mut Within<'_>) -> Self {
        let id = inform.device_id();
        let text =
            |part: Cow<'_, str>| (!part.is_empty()).then(|| bounded(part.trim().to_owned().into()));
        let mut facts = Self {
            manufacturer: text(id.manufacturer),
            oui: text(id.oui),
            product_class: text(id.product_class),
            serial_number: text(id.serial_number),
            events: within.most(
                inform.events().into_iter().map(|event| bounded(event.code)),
                within.limits.events_an_inform_max,
                "events_an_inform_max",
            ),
            retry_count: inform.retry_count(),
            ..Self::default()
        };
        // One pass: an Inform may bring hundreds of parameters.
        for parameter in inform.parameters() {
            let name = parameter.name();
            let wanted = match name.split_once('.').map(|(_, path)| path) {
                Some("ManagementServer.NATDetected") => {
                    facts.nat_detected = parameter.value().as_deref().and_then(boolean);
                    continue;
                }
                Some("DeviceInfo.SoftwareVersion") => &mut facts.software_version,
                Some("ManagementServer.ConnectionRequestURL") => &mut facts.connection_request_url,
                Some("ManagementServer.UDPConnectionRequestAddress") => {
                    &mut facts.udp_connection_request_address
                }
                _ => continue,
            };
            *wanted = parameter.value().map(bounded);
        }
        facts
    }

    /// Where it listens for UDP Connection Requests.
    pub fn udp_address(&self) -> Option<SocketAddr> {
        udp_address(self.udp_connection_request_address.as_deref()?)
    }

    /// Nothing in it tells which device it is.
    pub fn is_anonymous(&self) -> bool {
        self.oui.is_none() && self.serial_number.is_none() && self.product_class.is_none()
    }
}

/// An XML Schema boolean.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

impl TransferFacts {
    /// The files that a request names.
    fn all(envelope: &EnvelopeRef<'_>) -> Vec<Self> {
        if envelope.message_name() != Some("ChangeDUState") {
            let request = envelope.transfer_request();
            return request.and_then(|one| Self::of(&one)).into_iter().collect();
        }
        let Some(message) = envelope.message() else {
            return Vec::new();
        };
        let key = message.child("CommandKey").map(|key| key.text());
        let command_key = bounded(key.unwrap_or_default());
        // Operations is repeated; some put all of them into one array.
        let lists = message.children().filter(|one| one.is_named("Operations"));
        let operations = lists.flat_map(|one| std::iter::once(one).chain(one.children()));
        operations
            .filter_map(|operation| {
                Some(Self {
                    upload: false,
                    url: Url::parse(&operation.child("URL")?.text())?,
                    command_key: command_key.clone(),
                })
            })
            .take(OPERATIONS_MAX)
            .collect()
    }

    fn of(request: &cwmp::TransferRequest<'_>) -> Option<Self> {
        Some(Self {
            upload: request.method == "Upload",
            url: Url::parse(&request.url)?,
            command_key: bounded(request.command_key.clone()),
        })
    }
}

/// The first parameter that was refused with its code, and how many more; without one, the fault's own words.
fn fault_detail(fault: &cwmp::Fault) -> Option<String> {
    let text = fault.string.as_deref().or(fault.soap_string.as_deref());
    let Some(first) = fault.parameters.first() else {
        return text.map(|text| bounded(text.trim().into()));
    };
    let more = match fault.parameters.len() {
        1 => String::new(),
        all => format!(" +{}", all - 1),
    };
    Some(bounded(
        format!("{} {}{more}", first.code.trim(), first.name.trim()).into(),
    ))
}

/// What an envelope says in a few words, no secret among them.
fn detail(
    envelope: &EnvelopeRef<'_>,
    fault: Option<&cwmp::Fault>,
    listed: &Listed,
) -> Option<String> {
    if let Some(fault) = fault {
        return fault_detail(fault);
    }
    if let Some(inform) = envelope.inform() {
        let codes: Vec<String> = inform
            .events()
            .into_iter()
            .take(EVENTS_SHOWN)
            .map(|event| bounded(event.code))
            .collect();
        return Some(codes.join(", "));
    }
    if let Some(request) = envelope.transfer_request() {
        return Some(bounded(
            format!("{} {}", request.file_type, request.url).into(),
        ));
    }
    if let Some(done) = envelope.transfer_complete() {
        let failed = !matches!(done.fault_code.trim(), "" | "0");
        return Some(bounded(if failed {
            format!("{} {}", done.fault_code, done.fault_string).into()
        } else {
            done.command_key
        }));
    }
    match envelope.message_name()? {
        "SetParameterValues"
        | "GetParameterValuesResponse"
        | "SetParameterAttributes"
        | "GetParameterNamesResponse"
        | "GetParameterAttributesResponse" => Some(paths(listed.first.clone()?, listed.count)),
        "GetParameterValues" | "GetParameterAttributes" => {
            let mut names = envelope.message()?.child("ParameterNames")?.children();
            let first = names.next()?.text().trim().to_owned();
            Some(paths(bounded(first.into()), 1 + names.count() as u64))
        }
        "GetParameterNames" => envelope
            .message()?
            .child("ParameterPath")
            .map(|path| bounded(path.text())),
        "AddObject" | "DeleteObject" => envelope
            .message()?
            .child("ObjectName")
            .map(|name| bounded(name.text())),
        "AddObjectResponse" => envelope
            .message()?
            .child("InstanceNumber")
            .map(|number| bounded(format!("instance {}", number.text()).into())),
        "SetParameterValuesResponse" | "DownloadResponse" | "UploadResponse" => envelope
            .message()?
            .child("Status")
            .map(|status| bounded(format!("status {}", status.text().trim()).into())),
        _ => None,
    }
}

/// The first path of so many.
fn paths(first: String, count: u64) -> String {
    match count {
        0 | 1 => first,
        all => format!("{first} +{}", all - 1),
    }
}

/// A message with a body that its head calls SOAP. An error's is mostly a page, whatever its head repeats of the request,
/// and is no less an error.
fn claims_soap(http: &http1::Message) -> bool {
    let response = http.kind() == http1::Kind::Response;
    if response && http.status() >= 300 {
        return false;
    }
    let xml = http.content_type().is_some_and(|kind| {
        let kind = kind.to_ascii_lowercase();
        kind.starts_with(b"text/xml")
            || kind.starts_with(b"application/soap+xml")
            || kind.starts_with(b"application/xml")
    });
    xml && (response || http.method() == b"POST") || http.header("SOAPAction").is_some()
}

/// The URL a request was sent to: absolute in the target, else from Host, else from the address.
pub(super) fn url(arrived: &Arrived) -> Option<String> {
    let (http, provenance) = (&arrived.http, &arrived.provenance);
    if http.kind() != http1::Kind::Request {
        return None;
    }
    let target = lossy(http.target());
    if target.contains("://") {
        return Some(target);
    }
    let host = http.header("Host").filter(|host| !host.is_empty());
    let host = host.map_or_else(|| provenance.destination.to_string(), |host| lossy(&host));
    Some([provenance.transport.name(), "://", &host, &target].concat())
}

impl Within<'_> {
    /// As many as the bound of this name allows.
    fn most<T>(
        &mut self,
        mut all: impl Iterator<Item = T>,
        max: usize,
        name: &'static str,
    ) -> Vec<T> {
        let kept = all.by_ref().take(max).collect();
        if all.next().is_some() {
            self.reached.push(name);
        }
        kept
    }
}

/// Text from the wire for a value that is kept: what is no text is `\xNN`, and it is no longer than anything sensible.
pub(super) fn lossy(bytes: &[u8]) -> String {
    let bytes = bytes.get(..TEXT_BYTES_MAX + 1).unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return bounded(text.into());
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    bounded(text.into())
}

pub(super) fn bounded(text: Cow<'_, str>) -> String {
    if text.len() <= TEXT_BYTES_MAX {
        return text.into_owned();
    }
    let end = (0..=TEXT_BYTES_MAX)
        .rev()
        .find(|&end| text.is_char_boundary(end));
    format!(
        "{}...",
        end.and_then(|end| text.get(..end)).unwrap_or_default()
    )
}

/// Events named in a step's detail.
const EVENTS_SHOWN: usize = 8;

/// Files of one ChangeDUState; a device need take 16 operations (TR-069 Amendment 3 section A.4.1.10).
const OPERATIONS_MAX: usize = 64;
/// Longest text kept of one value.
const TEXT_BYTES_MAX: usize = 1024;
