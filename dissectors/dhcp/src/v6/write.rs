//! A datagram from its parts.

use std::net::Ipv6Addr;

use super::{Message, MessageType, Opt, RELAY_MESSAGE};

/// The parts of a datagram, as [`Fields::write`] puts them together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The relays, the outermost first.
    pub relays: Vec<RelayFields>,
    /// The message inside; without one the innermost relay's option 9 is written as it stands.
    pub message: Option<MessageFields>,
}

/// The parts of a relay message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayFields {
    /// RELAY-FORW or RELAY-REPL.
    pub message_type: MessageType,
    /// Relays that it passed before.
    pub hop_count: u8,
    /// The client's link.
    pub link_address: Ipv6Addr,
    /// The client or relay that it came from.
    pub peer_address: Ipv6Addr,
    /// Its options. The first option 9 has no value here: what is relayed is written there.
    pub options: Vec<OptionField>,
}

/// The parts of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFields {
    /// What it is for; not a relay's.
    pub message_type: MessageType,
    /// 24 bits.
    pub transaction_id: u32,
    /// Its options.
    pub options: Vec<OptionField>,
}

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionField {
    /// The code.
    pub code: u16,
    /// The value, up to 65535 bytes.
    pub value: Vec<u8>,
}

impl OptionField {
    /// An option with this value.
    pub fn new(code: u16, value: impl Into<Vec<u8>>) -> Self {
        Self {
            code,
            value: value.into(),
        }
    }
}

impl Fields {
    /// A message of these parts, without relays.
    pub fn new(message_type: MessageType, transaction_id: u32, options: Vec<OptionField>) -> Self {
        Self {
            relays: Vec::new(),
            message: Some(MessageFields {
                message_type,
                transaction_id,
                options,
            }),
        }
    }

    /// The datagram. A value beyond 65535 bytes, which no datagram has, is cut there.
    pub fn write(&self) -> Vec<u8> {
        let mut inner = self.message.as_ref().map(write_message);
        for relay in self.relays.iter().rev() {
            inner = Some(write_relay(relay, inner.as_deref()));
        }
        inner.unwrap_or_default()
    }
}

fn write_message(message: &MessageFields) -> Vec<u8> {
    let [_, a, b, c] = message.transaction_id.to_be_bytes();
    let mut out = vec![message.message_type.code(), a, b, c];
    for option in &message.options {
        push_option(&mut out, option.code, &option.value);
    }
    out
}

fn write_relay(relay: &RelayFields, inner: Option<&[u8]>) -> Vec<u8> {
    let mut out = vec![relay.message_type.code(), relay.hop_count];
    out.extend(relay.link_address.octets());
    out.extend(relay.peer_address.octets());
    let mut inner = inner;
    for option in &relay.options {
        let relayed = if option.code == RELAY_MESSAGE {
            inner.take()
        } else {
            None
        };
        push_option(&mut out, option.code, relayed.unwrap_or(&option.value));
    }
    out
}

impl From<&Message<'_>> for Fields {
    /// The parts of a datagram that was read.
    fn from(message: &Message<'_>) -> Self {
        let bytes = message.bytes();
        let last = message.relays().len().saturating_sub(1);
        let relays = message.relays().iter().enumerate().map(|(depth, relay)| {
            let relays_on = depth < last || message.message_type().is_some();
            RelayFields {
                message_type: relay.message_type,
                hop_count: relay.hop_count,
                link_address: relay.link_address,
                peer_address: relay.peer_address,
                options: relay_options(bytes, &relay.options, relays_on),
            }
        });
        Self {
            relays: relays.collect(),
            message: message.message_type().map(|message_type| MessageFields {
                message_type,
                transaction_id: message.transaction_id(),
                options: message
                    .options()
                    .iter()
                    .map(|option| option_field(bytes, option))
                    .collect(),
            }),
        }
    }
}

fn relay_options(bytes: &[u8], options: &[Opt], relays_on: bool) -> Vec<OptionField> {
    let mut fields: Vec<_> = options
        .iter()
        .map(|option| option_field(bytes, option))
        .collect();
    let relayed = fields.iter_mut().find(|field| field.code == RELAY_MESSAGE);
    if let Some(relayed) = relayed.filter(|_| relays_on) {
        relayed.value.clear();
    }
    fields
}

fn option_field(bytes: &[u8], option: &Opt) -> OptionField {
    let value = bytes.get(option.value.clone()).unwrap_or_default();
    OptionField::new(option.code, value)
}

fn push_option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
    out.extend(code.to_be_bytes());
    push_counted(out, value);
}

fn push_counted(out: &mut Vec<u8>, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    out.extend(length.to_be_bytes());
    out.extend_from_slice(value);
}

/// The value of an option 17: an enterprise and its sub-options (RFC 8415 section 21.17).
pub fn vendor_information(enterprise: u32, sub_options: &[u8]) -> Vec<u8> {
    let mut out = enterprise.to_be_bytes().to_vec();
    out.extend_from_slice(sub_options);
    out
}

/// The value of an option 16: an enterprise and items with lengths (RFC 8415 section 21.16).
pub fn vendor_class(enterprise: u32, items: &[&[u8]]) -> Vec<u8> {
    let mut out = enterprise.to_be_bytes().to_vec();
    for item in items {
        push_counted(&mut out, item.get(..usize::from(u16::MAX)).unwrap_or(item));
    }
    out
}
