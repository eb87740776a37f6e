//! The lines of UDP datagrams.

use dhcp::{BroadbandForum, Text};
use stun::ucr::Name;

use super::{MessageLines, Place, came_of, figures, odd, proven, wakeups};
use crate::report::escape;
use crate::report::paint::{Ink, Line};
use crate::session::wire::identity;
use crate::session::{Datagram, DatagramKind, Verified};

impl MessageLines {
    /// A datagram; nothing where it cannot be read as what it was taken for.
    pub fn datagram(&self, datagram: &Datagram, out: &mut String) {
        let told = match datagram.kind {
            DatagramKind::Stun => datagram
                .stun()
                .map(|message| ("stun", self.stun(datagram, &message))),
            DatagramKind::ConnectionRequest => datagram
                .connection_request()
                .map(|request| ("ucr", self.request(datagram, &request))),
            DatagramKind::LightweightNotification => datagram
                .lightweight_notification()
                .map(|told| ("lwn", self.notification(datagram, &told))),
            DatagramKind::DhcpV4 => datagram
                .dhcp_v4()
                .map(|message| ("dhcp", self.dhcp_v4(&message))),
            DatagramKind::DhcpV6 => datagram
                .dhcp_v6()
                .map(|message| ("dhcp", self.dhcp_v6(&message))),
        };
        let Some((protocol, mut what)) = told else {
            return;
        };
        if datagram.payload.len() < datagram.wire_bytes {
            what.push(Ink::Warning, "  cut");
        }
        let place = Place {
            time: datagram.time,
            frames: self.frames(&datagram.frames),
            from: datagram.from,
            session: datagram.session,
        };
        self.line(&place, protocol, what, out);
    }

    fn stun(&self, datagram: &Datagram, message: &stun::Message) -> Line {
        let mut what = Line::of(Ink::Plain, message.type_name());
        let integrity = datagram.verified.integrity;
        proven("integrity", integrity.and_then(|one| one.valid), &mut what);
        let marks: Vec<&str> = [
            (message.has_connection_request_binding(), "TR-111"),
            (message.has_binding_change(), "binding change"),
        ]
        .into_iter()
        .filter_map(|(is_there, mark)| is_there.then_some(mark))
        .collect();
        if !marks.is_empty() {
            what.push(Ink::Plain, format!("  {}", marks.join(", ")));
        }
        if let Some(address) = message.mapped_address() {
            what.push(Ink::Plain, format!("  mapped {address}"));
        }
        if let Some(code) = message.error_code() {
            let reason = self.shown(code.reason);
            let words = format!("  {} {reason}", code.code());
            what.push(Ink::Fault, words.trim_end());
        }
        odd(message.anomalies.len(), &mut what);
        what
    }

    fn request(&self, datagram: &Datagram, request: &stun::ucr::Request) -> Line {
        let mut what = Line::of(Ink::Plain, "UDP Connection Request");
        if let Some(first) = datagram.copy_of {
            let first = figures::frames(&[first], self.several_files);
            what.push(Ink::Dim, format!(" copy of {first} "));
        }
        let verified = datagram.verified;
        proven("sig", verified.signature_valid, &mut what);
        if verified.user_name_valid == Some(false) {
            what.push(Ink::Fault, "  un wrong");
        }
        if verified != Verified::default() {
            what.push(Ink::Plain, " ");
        }
        for (word, name) in [("id", Name::Id), ("ts", Name::Timestamp)] {
            if let Some(value) = request.value(name) {
                what.push(Ink::Plain, format!(" {word} {}", self.shown(&value)));
            }
        }
        odd(request.anomalies.len(), &mut what);
        came_of(wakeups::behind_copy(datagram, self.masking), &mut what);
        what
    }

    fn notification(&self, datagram: &Datagram, told: &stun::lwn::Notification) -> Line {
        let mut what = Line::of(Ink::Plain, "Lightweight Notification");
        proven("sig", datagram.verified.signature_valid, &mut what);
        let device = [&told.oui, &told.product_class, &told.serial_number];
        let device = device.into_iter().flatten();
        let device: Vec<&str> = device.map(|text| text.value.as_str()).collect();
        if !device.is_empty() {
            let device = self.shown(device.join("-").as_bytes());
            what.push(Ink::Plain, format!("  {device}"));
        }
        let count = told.parameters.len() as u64;
        let count = figures::counted(count, "parameter", "parameters");
        what.push(Ink::Dim, format!("  {count}"));
        odd(told.anomalies.len(), &mut what);
        what
    }

    fn dhcp_v4(&self, message: &dhcp::v4::Message<'_>) -> Line {
        let mut what = match message.message_type() {
            Some(kind) => Line::of(Ink::Plain, format!("DHCP {}", kind.name().to_uppercase())),
            None if message.header().is_request() => Line::of(Ink::Plain, "BOOTP request"),
            None => Line::of(Ink::Plain, "BOOTP reply"),
        };
        self.forum("option 125", message.broadband_forum(), &mut what);
        let url = message
            .vendor_specific()
            .and_then(|vendor| vendor.discovery.acs_url)
            .filter(|url| url.is_url());
        self.url("option 43", url, &mut what);
        odd(message.anomalies().len(), &mut what);
        what
    }

    fn dhcp_v6(&self, message: &dhcp::v6::Message<'_>) -> Line {
        let kind = message.message_type().map(dhcp::v6::MessageType::name);
        let kind = kind.unwrap_or("relay").to_uppercase();
        let mut what = Line::of(Ink::Plain, format!("DHCPv6 {kind}"));
        self.forum("option 17", message.broadband_forum(), &mut what);
        odd(message.anomalies().len(), &mut what);
        what
    }

    /// Who device and gateway say that they are, and where the ACS is.
    fn forum(&self, option: &str, forum: Option<BroadbandForum<'_>>, what: &mut Line) {
        let Some(forum) = forum else {
            return;
        };
        let mut words = option.to_owned();
        for (side, who) in [("device", forum.device), ("gateway", forum.gateway)] {
            if !who.is_empty() {
                words = format!("{words} {side} {}", self.shown(&identity(&who)));
            }
        }
        if forum.discovery.acs_url.is_some() {
            self.url(&words, forum.discovery.acs_url, what);
        } else {
            what.push(Ink::Plain, format!("  {words}"));
        }
    }

    fn url(&self, option: &str, url: Option<Text<'_>>, what: &mut Line) {
        if let Some(url) = url {
            let url = self.masking.target(url.value());
            what.push(Ink::Plain, format!("  {option} {}", escape::bytes(&url)));
        }
    }

    /// Text from the wire.
    fn shown(&self, bytes: &[u8]) -> String {
        let (text, _) = escape::lossy(bytes);
        escape::text(&self.masking.text(&text)).into_owned()
    }
}
