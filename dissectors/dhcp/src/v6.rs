//! DHCPv6 (RFC 8415).

mod accessors;
mod duid;
mod identity_association;
mod message_type;
mod options;
mod recognise;
mod write;

pub use accessors::Status;
pub use duid::Duid;
pub use identity_association::{AssociationKind, IdentityAssociation, LeasedAddress, LeasedPrefix};
pub use message_type::MessageType;
pub use options::Opt;
pub use recognise::recognise;
pub use write::{
    Fields, MessageFields, OptionField, RelayFields, vendor_class, vendor_information,
};

use std::net::Ipv6Addr;
use std::ops::Range;

use crate::anomaly::Anomalies;
use crate::octets::{array, ipv6_at};
use crate::{Anomaly, AnomalyKind, Limits};

/// One datagram: the message of a client or a server, and the relays around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    bytes: &'a [u8],
    wire_bytes: usize,
    relays: Vec<Relay>,
    message_type: Option<MessageType>,
    transaction_id: u32,
    offset: usize,
    options: Vec<Opt>,
    anomalies: Anomalies,
}

/// A relay message, without what it relays (RFC 8415 section 9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// RELAY-FORW or RELAY-REPL.
    pub message_type: MessageType,
    /// Where its first byte stands in the payload.
    pub offset: usize,
    /// Relays that it passed before.
    pub hop_count: u8,
    /// The client's link.
    pub link_address: Ipv6Addr,
    /// The client or relay that it came from.
    pub peer_address: Ipv6Addr,
    /// Its options, option 9 among them.
    pub options: Vec<Opt>,
}

impl<'a> Message<'a> {
    /// Reads a UDP payload that was `wire_bytes` long on the wire, of which the capture kept `bytes`.
    ///
    /// Reads whatever it is given; whether it is DHCPv6 is for [`recognise`] or the ports (546 and 547) to say.
    pub fn parse(bytes: &'a [u8], wire_bytes: usize, limits: &Limits) -> Self {
        let wire_bytes = wire_bytes.max(bytes.len());
        let mut message = Self {
            bytes,
            wire_bytes,
            relays: Vec::new(),
            message_type: None,
            transaction_id: 0,
            offset: 0,
            options: Vec::new(),
            anomalies: Anomalies::new(limits.anomalies_max),
        };
        let mut options_left = limits.options_max;
        let mut span = 0..wire_bytes;
        while let Some(inner) = message.layer(span, limits, &mut options_left) {
            span = inner;
        }
        message
    }

    /// The bytes that it was read from; every range counts from their first.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Did the capture keep less than the wire had?
    pub fn is_cut(&self) -> bool {
        self.bytes.len() < self.wire_bytes
    }

    /// The relays around the message, the outermost (which sent this datagram) first.
    pub fn relays(&self) -> &[Relay] {
        &self.relays
    }

    /// What the innermost message is for; none where a relay message holds none that can be read.
    pub fn message_type(&self) -> Option<MessageType> {
        self.message_type
    }

    /// The 24 bits that a client chose for its exchange.
    pub fn transaction_id(&self) -> u32 {
        self.transaction_id
    }

    /// Where the first byte of the innermost message stands in the payload.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The options of the innermost message, in their order.
    pub fn options(&self) -> &[Opt] {
        &self.options
    }

    /// What was odd, up to the limit.
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies.listed
    }

    /// How many anomalies are not listed.
    pub fn unlisted_anomalies(&self) -> usize {
        self.anomalies.unlisted
    }

    /// Reads one message; gives the place of the one that it relays.
    fn layer(
        &mut self,
        span: Range<usize>,
        limits: &Limits,
        options_left: &mut usize,
    ) -> Option<Range<usize>> {
        let kind = self.bytes.get(span.start).filter(|_| !span.is_empty());
        let Some(kind) = kind.copied().map(MessageType::new) else {
            self.note_short(&span);
            return None;
        };
        if kind.is_relay() {
            return self.relay(kind, span, limits, options_left);
        }
        self.message_type = Some(kind);
        self.offset = span.start;
        let options_at = span.start.saturating_add(MESSAGE_HEAD_BYTES);
        let Some([_, a, b, c]) = self.head::<MESSAGE_HEAD_BYTES>(&span) else {
            self.note_short(&span);
            return None;
        };
        self.transaction_id = u32::from_be_bytes([0, a, b, c]);
        self.options = self.read_options(options_at..span.end, options_left);
        None
    }

    fn relay(
        &mut self,
        message_type: MessageType,
        span: Range<usize>,
        limits: &Limits,
        options_left: &mut usize,
    ) -> Option<Range<usize>> {
        if self.relays.len() >= limits.relay_depth_max {
            self.anomalies
                .note(AnomalyKind::RelayDepthLimit, span.start);
            return None;
        }
        let options_at = span.start.saturating_add(RELAY_HEAD_BYTES);
        let Some(head) = self.head::<RELAY_HEAD_BYTES>(&span) else {
            self.note_short(&span);
            return None;
        };
        let [_, hop_count, ..] = head;
        let options = self.read_options(options_at..span.end, options_left);
        let inner = options.iter().find(|option| option.code == RELAY_MESSAGE);
        let inner = inner.map(|option| {
            let end = option.value.start.saturating_add(option.length);
            option.value.start..end.min(span.end)
        });
        if inner.is_none() && self.bytes.len() >= span.end {
            self.anomalies
                .note(AnomalyKind::MissingRelayMessage, span.start);
        }
        self.relays.push(Relay {
            message_type,
            offset: span.start,
            hop_count,
            link_address: ipv6_at(&head, 2).unwrap_or(Ipv6Addr::UNSPECIFIED),
            peer_address: ipv6_at(&head, 18).unwrap_or(Ipv6Addr::UNSPECIFIED),
            options,
        });
        inner
    }

    fn read_options(&mut self, span: Range<usize>, options_left: &mut usize) -> Vec<Opt> {
        options::read(self.bytes, span, options_left, &mut self.anomalies)
    }

    /// The head of a message, if the capture kept it and the message is that long.
    fn head<const N: usize>(&self, span: &Range<usize>) -> Option<[u8; N]> {
        array(self.bytes, span.start).filter(|_| span.len() >= N)
    }

    /// A head that the message is too short for; not one that the capture cut.
    fn note_short(&mut self, span: &Range<usize>) {
        if self.bytes.len() >= span.end {
            self.anomalies.note(AnomalyKind::ShortHeader, span.end);
        }
    }
}

/// RFC 8415 section 8.
const MESSAGE_HEAD_BYTES: usize = 4;
/// RFC 8415 section 9.
const RELAY_HEAD_BYTES: usize = 34;
/// OPTION_RELAY_MSG, RFC 8415 section 21.10.
const RELAY_MESSAGE: u16 = 9;
