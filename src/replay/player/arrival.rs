//! A message that came, looked over for what a player needs.

use cwmp::{EnvelopeRef, Hints, Kind, Limits};
use http1::Message;

use super::ids;
use crate::session::device_id;

/// A message of the other side.
pub(in crate::replay) struct Arrival {
    /// As it came.
    pub(in crate::replay) http: Box<Message>,
    /// Its body, where it is SOAP.
    pub(in crate::replay) soap: Option<cwmp::Document>,
}

impl Arrival {
    pub(in crate::replay) fn new(http: Box<Message>) -> Self {
        let is_soap = !http.body().is_empty() && cwmp::looks_like_soap(http.body()) != Some(false);
        let soap = is_soap.then(|| {
            let charset = http.charset().map(std::borrow::Cow::into_owned);
            let charset = charset
                .as_deref()
                .and_then(|it| std::str::from_utf8(it).ok());
            let hints = Hints {
                charset,
                complete: http.body_complete,
            };
            cwmp::parse(http.body().to_vec(), &hints, &Limits::default())
        });
        Self { http, soap }
    }

    /// Is all of it there? A body that the end of the connection delimits ends with it.
    pub(in crate::replay) fn is_whole(http: &Message) -> bool {
        let until_close = http.framing == http1::Framing::UntilClose;
        let ended = until_close && http.cut == Some(http1::Cut::End(http1::End::Fin));
        http.head_complete() && (http.cut.is_none() || ended)
    }

    /// The first envelope.
    pub(in crate::replay) fn envelope(&self) -> Option<EnvelopeRef<'_>> {
        self.soap.as_ref()?.envelope(0)
    }

    /// The names of its messages; what it is where it holds none.
    pub(super) fn names(&self) -> Vec<&str> {
        if self.http.body().is_empty() {
            return vec![EMPTY];
        }
        let envelopes = self.soap.iter().flat_map(cwmp::Document::envelope_refs);
        let names: Vec<&str> = envelopes
            .take(ENVELOPES_MAX)
            .map(|envelope| envelope.message_name().unwrap_or(EMPTY))
            .collect();
        if names.is_empty() {
            vec![UNDECODABLE]
        } else {
            names
        }
    }

    /// The name of the first message.
    pub(in crate::replay) fn name(&self) -> &str {
        self.names().first().copied().unwrap_or(EMPTY)
    }

    pub(in crate::replay) fn has(&self, name: &str) -> bool {
        self.names().contains(&name)
    }

    /// In a few words: `Fault 9005`, `HTTP 503`, `Inform`.
    pub(in crate::replay) fn what(&self) -> String {
        let name = self.name();
        if let Some(code) = self.fault_code() {
            return format!("{name} {code}");
        }
        match self.http.status() {
            status @ (201..=203 | 205..=u16::MAX) => format!("{name} (HTTP {status})"),
            _ => name.to_owned(),
        }
    }

    /// The code of the fault that it is.
    pub(in crate::replay) fn fault_code(&self) -> Option<String> {
        let fault = self.envelope()?.fault()?;
        Some(fault.code.or(fault.soap_code)?.trim().to_owned())
    }

    /// What its first message is.
    pub(in crate::replay) fn kind(&self) -> Kind {
        self.envelope().map_or(Kind::Empty, |it| it.kind())
    }

    /// Who informs, and with which events.
    pub(in crate::replay) fn informs(&self) -> Option<Informs> {
        let document = self.soap.as_ref()?;
        let mut envelopes = document.envelope_refs().take(ENVELOPES_MAX);
        let inform = envelopes.find_map(|envelope| envelope.inform())?;
        let id = inform.device_id();
        Some(Informs {
            device: device_id(
                id.oui.trim(),
                id.product_class.trim(),
                id.serial_number.trim(),
            ),
            events: inform
                .events()
                .into_iter()
                .take(EVENTS_MAX)
                .map(|event| event.code.trim().to_owned())
                .collect(),
            connection_request_url: managed(&inform, "ConnectionRequestURL"),
            udp_connection_request_address: managed(&inform, "UDPConnectionRequestAddress"),
        })
    }

    /// The IDs of the requests in it, in their order.
    pub(in crate::replay) fn request_ids(&self) -> Vec<String> {
        self.ids_of(|kind| kind == Kind::Request)
    }

    /// The IDs of the answers in it, where they have one.
    pub(in crate::replay) fn answer_ids(&self) -> Vec<String> {
        self.ids_of(|kind| matches!(kind, Kind::Response | Kind::Fault))
    }

    fn ids_of(&self, wanted: impl Fn(Kind) -> bool) -> Vec<String> {
        let envelopes = self.soap.iter().flat_map(cwmp::Document::envelope_refs);
        let wanted = envelopes
            .take(ENVELOPES_MAX)
            .filter(|envelope| wanted(envelope.kind()));
        wanted
            .filter_map(|it| it.id().map(|id| ids::bounded(&id)))
            .collect()
    }

    /// Does its sender close the connection behind it (RFC 9112 section 9.3)?
    pub(in crate::replay) fn closes(&self) -> bool {
        let mut says_keep = false;
        for value in self.http.header_all("Connection") {
            for token in value.split(|byte| *byte == b',') {
                let token = token.trim_ascii();
                if token.eq_ignore_ascii_case(b"close") {
                    return true;
                }
                says_keep |= token.eq_ignore_ascii_case(b"keep-alive");
            }
        }
        let is_old = self
            .http
            .version_number()
            .is_none_or(|version| version < (1, 1));
        is_old && !says_keep || self.http.framing == http1::Framing::UntilClose
    }
}

/// A parameter of ManagementServer, whatever the root.
fn managed(inform: &cwmp::Inform<'_>, name: &str) -> Option<String> {
    let is_it = |path: &str| {
        let path = path.split_once('.').map(|(_, path)| path);
        path.and_then(|path| path.strip_prefix("ManagementServer.")) == Some(name)
    };
    let mut parameters = inform.parameters().take(PARAMETERS_MAX);
    let found = parameters.find(|parameter| is_it(&parameter.name()))?;
    let value = found.value()?.trim().to_owned();
    (!value.is_empty() && value.len() <= URL_BYTES_MAX).then_some(value)
}

/// What an Inform says of its sender.
#[derive(Debug, Clone)]
pub(in crate::replay) struct Informs {
    /// `OUI[-ProductClass]-SerialNumber`.
    pub(in crate::replay) device: String,
    /// Event codes.
    pub(in crate::replay) events: Vec<String>,
    /// Where it is woken by HTTP.
    pub(in crate::replay) connection_request_url: Option<String>,
    /// Where it is woken by UDP.
    pub(in crate::replay) udp_connection_request_address: Option<String>,
}

/// A message without a body.
pub(in crate::replay) const EMPTY: &str = "empty";
/// A body that holds no envelope.
pub(in crate::replay) const UNDECODABLE: &str = "undecodable";
/// Envelopes looked at in one message (TR-069 Issue 1 allows several).
const ENVELOPES_MAX: usize = 16;
/// Parameters looked at in one Inform.
const PARAMETERS_MAX: usize = 4096;
/// Of an address of Connection Requests; TR-098 and TR-181 allow 256 characters.
const URL_BYTES_MAX: usize = 2048;
/// Events looked at in one Inform; cwmp-1-0.xsd allows 64.
const EVENTS_MAX: usize = 64;
