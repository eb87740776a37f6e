//! A datagram as the ladder draws it: what it is in a few words, and what of it matters.

use dhcp::BroadbandForum;
use stun::ucr::Name;
use stun::{Class, kind};

use super::{Datagram, DatagramKind};
use crate::session::wire::{identity, vendor_class_v4, vendor_class_v6};
use crate::session::{Side, Step, StepKind};

impl Datagram {
    /// Its arrow in a ladder. Who asks is drawn as the device where nobody else is known to speak.
    #[must_use]
    pub fn step(&self) -> Step {
        let told = match self.kind {
            DatagramKind::Stun => self.stun().map(|message| stun_message(&message)),
            DatagramKind::ConnectionRequest => {
                self.connection_request().map(|asked| self.request(&asked))
            }
            DatagramKind::LightweightNotification => {
                stun::lwn::parse(&self.payload, self.wire_bytes).map(|told| notification(&told))
            }
            DatagramKind::DhcpV4 => self.dhcp_v4().map(|message| dhcp_v4(&message)),
            DatagramKind::DhcpV6 => self.dhcp_v6().map(|message| dhcp_v6(&message)),
        };
        let told = told.unwrap_or_default();
        let from = match self.from {
            Side::Other if told.asks => Side::Cpe,
            from => from,
        };
        Step {
            time: self.time,
            from,
            kind: StepKind::Datagram(self.kind, told.words),
            frames: self.frames.clone(),
            connection: 0,
            status: told.code,
            evidence: self.evidence(),
            contested: false,
            hold_requests: None,
            body_bytes: self.wire_bytes as u64,
            detail: (!told.facts.is_empty()).then(|| told.facts.join(", ")),
        }
    }

    fn request(&self, request: &stun::ucr::Request) -> Told {
        let mut told = Told::new("UDP Connection Request");
        if self.copy_of.is_some() {
            // It says what the first says.
            told.words.push_str(" (copy)");
            return told;
        }
        for name in [Name::Timestamp, Name::Id, Name::Username, Name::Cnonce] {
            if let Some(value) = request.value(name) {
                told.say(name.as_str(), &value);
            }
        }
        told.odd(request.anomalies.iter().map(|odd| odd.kind.name()));
        told
    }
}

/// What there is to say of a datagram.
#[derive(Default)]
struct Told {
    words: String,
    /// It is the client's part of an exchange.
    asks: bool,
    /// Of a STUN error.
    code: Option<u16>,
    facts: Vec<String>,
}

impl Told {
    fn new(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            ..Self::default()
        }
    }

    fn say(&mut self, what: &str, value: &[u8]) {
        let value = text(value);
        self.facts.push(match (what, value.as_str()) {
            ("", _) => value,
            (_, "") => format!("{what} \"\""),
            _ => format!("{what} {value}"),
        });
    }

    fn mark(&mut self, mark: &str) {
        self.facts.push(mark.to_owned());
    }

    /// Departures from the form, each once.
    fn odd(&mut self, names: impl Iterator<Item = &'static str>) {
        let mut seen: Vec<&str> = Vec::new();
        for name in names {
            if !seen.contains(&name) {
                seen.push(name);
            }
        }
        self.facts.extend(seen.into_iter().map(str::to_owned));
    }

    /// Who device and gateway say they are, and where the ACS is.
    fn forum(&mut self, forum: &BroadbandForum<'_>) {
        for (side, who) in [("device", forum.device), ("gateway", forum.gateway)] {
            if !who.is_empty() {
                self.say(side, &identity(&who));
            }
        }
        if let Some(url) = forum.discovery.acs_url {
            self.say("ACS", url.value());
        }
    }
}

fn stun_message(message: &stun::Message) -> Told {
    let code = message.error_code().map(|code| code.code());
    let mut told = match (message.class(), stun::method_name(message.method())) {
        (Class::ErrorResponse, Some(method)) => Told::new(format!("STUN {method} Error")),
        _ => Told::new(format!("STUN {}", message.type_name())),
    };
    if let Some(code) = code {
        told.words.push_str(&format!(" {code}"));
    }
    told.code = code;
    told.asks = matches!(message.class(), Class::Request | Class::Indication);
    if let Some(error) = message.error_code() {
        let reason = error.reason.trim_ascii_end();
        if !reason.is_empty() {
            told.say("", reason);
        }
    }
    if !told.asks
        && let Some(address) = message.mapped_address()
    {
        told.mark(&format!("mapped {address}"));
    }
    if message.has_connection_request_binding() {
        told.mark("CONNECTION-REQUEST-BINDING");
    }
    if message.has_binding_change() {
        told.mark("BINDING-CHANGE");
    }
    if let Some(address) = message.address(kind::RESPONSE_ADDRESS) {
        told.mark(&format!("answer to {address}"));
    }
    told
}

fn notification(told: &stun::lwn::Notification) -> Told {
    let mut said = Told::new("lightweight notification");
    said.asks = true;
    let device = [&told.oui, &told.product_class, &told.serial_number];
    let device: Vec<&str> = device
        .into_iter()
        .flatten()
        .map(|text| text.value.as_str())
        .collect();
    if !device.is_empty() {
        said.mark(&device.join("-"));
    }
    for parameter in told.parameters.iter().take(PARAMETERS_TOLD) {
        said.mark(&parameter.name.value);
    }
    let more = told.parameters.len().saturating_sub(PARAMETERS_TOLD);
    if more > 0 {
        said.mark(&format!("+{more}"));
    }
    said
}

fn dhcp_v4(message: &dhcp::v4::Message<'_>) -> Told {
    let header = message.header();
    let mut told = match message.message_type() {
        Some(kind) => Told::new(format!("DHCP {}", capital(kind.name()))),
        None if header.is_request() => Told::new("BOOTP request"),
        None => Told::new("BOOTP reply"),
    };
    told.asks = header.is_request();
    let address = if told.asks {
        message.requested_address()
    } else {
        message.offered_address()
    };
    if let Some(address) = address {
        told.mark(&address.to_string());
    }
    if let Some(class) = vendor_class_v4(message) {
        told.say("vendor class", &class);
    }
    if let Some(forum) = message.broadband_forum() {
        told.forum(&forum);
    }
    let specific = message.vendor_specific();
    let url = specific.and_then(|vendor| vendor.discovery.acs_url);
    if let Some(url) = url.filter(|url| url.is_url()) {
        told.say("ACS", url.value());
    }
    if let Some(reason) = message.message_text() {
        told.say("", reason.value());
    }
    told
}

fn dhcp_v6(message: &dhcp::v6::Message<'_>) -> Told {
    use dhcp::v6::MessageType as Type;
    let kind = message.message_type();
    let name = kind.map_or("relay", Type::name);
    let mut told = Told::new(format!("DHCPv6 {}", capital(name)));
    told.asks = !matches!(
        kind,
        Some(Type::Advertise | Type::Reply | Type::Reconfigure | Type::RelayReply)
    );
    if let Some(class) = vendor_class_v6(message) {
        told.say("vendor class", &class);
    }
    if let Some(forum) = message.broadband_forum() {
        told.forum(&forum);
    }
    told
}

/// `Force-renew` of `force-renew`.
fn capital(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}

/// Text from the wire; a byte that is none is `\xNN`.
fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Parameters of a notification that are named.
const PARAMETERS_TOLD: usize = 2;

#[cfg(test)]
mod tests;
