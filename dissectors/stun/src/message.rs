//! A STUN message: header, attributes in order, and the bytes they came from.

use crate::anomaly::{Anomalies, Anomaly, AnomalyKind};
use crate::form::{Class, Form, HEADER_BYTES, class_of, method_of, type_name};
use crate::kind;
use crate::sniff::{form_of, tiles};
use crate::value::{ErrorCode, Value, read};
use crate::walk::{End, Layout, walk};
use std::net::SocketAddr;

/// A message of RFC 3489 or RFC 5389, as far as the capture has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which document's header it has.
    pub form: Form,
    /// The type as on the wire; [`Message::class`] and [`Message::method`] take it apart.
    pub message_type: u16,
    /// The length field as on the wire: bytes behind the header.
    pub length: u16,
    /// The attributes in the order of the wire; values come from [`Message::value`].
    pub attributes: Vec<Attribute>,
    /// What was odd.
    pub anomalies: Vec<Anomaly>,
    bytes: Vec<u8>,
    wire_bytes: usize,
}

/// Where an attribute lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// Its type; [`kind::name`] has the name.
    pub kind: u16,
    /// Its header's first byte, from the first byte of the UDP payload.
    pub offset: usize,
    /// Bytes of its value, by its length field.
    pub length: u16,
    /// Bytes of padding behind the value that the length does not count.
    pub padding: u8,
}

impl Attribute {
    /// One behind the value's last byte.
    pub(crate) fn end(self) -> usize {
        self.start().saturating_add(usize::from(self.length))
    }

    /// The value's first byte.
    pub(crate) fn start(self) -> usize {
        self.offset.saturating_add(4)
    }
}

/// Reads a UDP payload of `wire_bytes` on the wire; `None` if it is no STUN at all.
///
/// Where the capture has cut the payload, what is there is read, and [`Message::is_truncated`] says so.
///
/// To fuzz it, take the first two input bytes as what to add to the length of the rest for `wire_bytes`, and assert of
/// what comes out that attributes ascend without overlap and end inside `wire_bytes`, that `value` and both
/// verifications return for each of them, that a longer prefix never has fewer attributes (unless it shows that values
/// are padded in the other document's way), and that [`Message::write`] gives the bytes back when nothing was truncated
/// and no [`AnomalyKind::TrailingBytes`], [`AnomalyKind::LengthTooLong`], [`AnomalyKind::AttributeOverrun`] or
/// [`AnomalyKind::AttributeStray`] was told.
pub fn parse(payload: &[u8], wire_bytes: usize) -> Option<Message> {
    let wire_bytes = wire_bytes.max(payload.len());
    let form = form_of(payload, wire_bytes)?;
    let &[kind_high, kind_low, length_high, length_low] = payload.first_chunk()?;
    let mut message = Message {
        form,
        message_type: u16::from_be_bytes([kind_high, kind_low]),
        length: u16::from_be_bytes([length_high, length_low]),
        attributes: Vec::new(),
        anomalies: Vec::new(),
        bytes: payload.to_vec(),
        wire_bytes,
    };
    let mut anomalies = Anomalies::default();
    message.check_length(&mut anomalies);
    message.read_attributes(&mut anomalies);
    message.check_values(&mut anomalies);
    message.anomalies = anomalies.list;
    message.anomalies.sort_by_key(|anomaly| anomaly.offset);
    Some(message)
}

impl Message {
    /// What the message is to its transaction.
    pub fn class(&self) -> Class {
        class_of(self.message_type)
    }

    /// Its method: 1 for Binding.
    pub fn method(&self) -> u16 {
        method_of(self.message_type)
    }

    /// Its type in words: `Binding Request`.
    pub fn type_name(&self) -> String {
        type_name(self.message_type)
    }

    /// Bytes 4 to 20 of the header, which a transaction's messages have in common.
    ///
    /// With RFC 5389 the first four are the magic cookie. Shorter only where the capture ends in the header.
    pub fn transaction_id(&self) -> &[u8] {
        let end = self.bytes.len().min(HEADER_BYTES);
        self.bytes.get(4..end).unwrap_or_default()
    }

    /// The UDP payload as far as the capture has it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the UDP payload on the wire.
    pub fn wire_bytes(&self) -> usize {
        self.wire_bytes
    }

    /// Whether the capture has less of the payload than there was on the wire.
    pub fn is_truncated(&self) -> bool {
        self.bytes.len() < self.wire_bytes
    }

    /// An attribute's value as on the wire, as far as the capture has it.
    pub fn raw(&self, attribute: &Attribute) -> &[u8] {
        let end = attribute.end().min(self.bytes.len());
        self.bytes.get(attribute.start()..end).unwrap_or_default()
    }

    /// The padding behind an attribute's value.
    pub fn padding(&self, attribute: &Attribute) -> &[u8] {
        let end = attribute.end().saturating_add(attribute.padding.into());
        self.bytes.get(attribute.end()..end).unwrap_or_default()
    }

    /// An attribute's value, read.
    pub fn value(&self, attribute: &Attribute) -> Value<'_> {
        read(self, attribute).0
    }

    /// The first attribute of a type (RFC 5389 section 15 has later ones ignored).
    pub fn attribute(&self, kind: u16) -> Option<&Attribute> {
        self.attributes.iter().find(|found| found.kind == kind)
    }

    /// Whether an attribute of a type is there.
    pub fn has(&self, kind: u16) -> bool {
        self.attribute(kind).is_some()
    }

    /// The address in the first attribute of a type, unmasked where that type masks it.
    pub fn address(&self, kind: u16) -> Option<SocketAddr> {
        match self.value(self.attribute(kind)?) {
            Value::Address(address) | Value::XorAddress(address) => Some(address),
            _ => None,
        }
    }

    /// Where the server saw the request come from: MAPPED-ADDRESS, else its masked forms.
    pub fn mapped_address(&self) -> Option<SocketAddr> {
        self.address(kind::MAPPED_ADDRESS)
            .or_else(|| self.address(kind::XOR_MAPPED_ADDRESS))
            .or_else(|| self.address(kind::XOR_MAPPED_ADDRESS_DRAFT))
    }

    /// The bytes of a text attribute: USERNAME, REALM, NONCE, SOFTWARE.
    pub fn text(&self, kind: u16) -> Option<&[u8]> {
        Some(self.raw(self.attribute(kind)?))
    }

    /// USERNAME without the spaces (or NULs, of senders that got it wrong) that pad it to a multiple of four (TR-069
    /// Amendment 3 section G.2.1.3).
    pub fn username(&self) -> Option<&[u8]> {
        let padded = self.text(kind::USERNAME)?;
        let back = padded.iter().rev();
        let blanks = back.take_while(|byte| matches!(byte, b' ' | 0)).count();
        padded.get(..padded.len().saturating_sub(blanks))
    }

    /// ERROR-CODE, read.
    pub fn error_code(&self) -> Option<ErrorCode<'_>> {
        match self.value(self.attribute(kind::ERROR_CODE)?) {
            Value::ErrorCode(code) => Some(code),
            _ => None,
        }
    }

    /// Whether CONNECTION-REQUEST-BINDING is there, well or badly written: this is the port that a device listens on
    /// for UDP Connection Requests (TR-111 section 2.2.1.3).
    pub fn has_connection_request_binding(&self) -> bool {
        let binding = self.attribute(kind::CONNECTION_REQUEST_BINDING);
        binding.is_some_and(|one| !matches!(self.value(one), Value::Bytes(_)))
    }

    /// Whether BINDING-CHANGE is there, empty as it should be or not.
    pub fn has_binding_change(&self) -> bool {
        let change = self.attribute(kind::BINDING_CHANGE);
        change.is_some_and(|one| self.value(one) == Value::Flag)
    }

    /// Whether the message speaks TR-111. The numbers of its attributes alone do not say so: WebRTC uses one of them.
    pub fn is_tr111(&self) -> bool {
        self.has_connection_request_binding() || self.has_binding_change()
    }

    /// An attribute's name in this message; `None` where its number means something else here.
    pub fn name_of(&self, attribute: &Attribute) -> Option<&'static str> {
        let name = kind::name(attribute.kind)?;
        let tr111 = matches!(
            attribute.kind,
            kind::CONNECTION_REQUEST_BINDING | kind::BINDING_CHANGE
        );
        let foreign = tr111 && matches!(self.value(attribute), Value::Bytes(_));
        (!foreign).then_some(name)
    }

    /// One behind the message's last byte, by its length field but inside the datagram.
    pub(crate) fn end(&self) -> usize {
        HEADER_BYTES
            .saturating_add(self.length.into())
            .min(self.wire_bytes)
    }

    fn check_length(&self, anomalies: &mut Anomalies) {
        let stated = HEADER_BYTES.saturating_add(self.length.into());
        if stated > self.wire_bytes {
            anomalies.add(AnomalyKind::LengthTooLong, 2);
        } else if stated < self.wire_bytes {
            anomalies.add(AnomalyKind::TrailingBytes, stated);
        }
        if !self.length.is_multiple_of(4) {
            anomalies.add(AnomalyKind::LengthUnaligned, 2);
        }
    }

    /// Each document's own way first; the other one if only that one fits.
    fn read_attributes(&mut self, anomalies: &mut Anomalies) {
        let end = self.end();
        let own = self.form == Form::Rfc5389;
        let other = !tiles(&self.bytes, end, own) && tiles(&self.bytes, end, !own);
        let padded = if other { !own } else { own };
        let mut attributes = Vec::new();
        let ended = walk(&self.bytes, Layout { end, padded }, |attribute| {
            attributes.push(attribute);
            true
        });
        match ended {
            End::PaddingMissing(at) => anomalies.add(AnomalyKind::PaddingMissing, at),
            End::Overrun(at) => anomalies.add(AnomalyKind::AttributeOverrun, at),
            End::Stray(at) => anomalies.add(AnomalyKind::AttributeStray, at),
            End::Whole | End::Cut | End::Stopped => (),
        }
        for attribute in attributes.iter().filter(|one| one.length % 4 != 0) {
            match (padded, own) {
                (false, _) => anomalies.add(AnomalyKind::AttributeUnpadded, attribute.offset),
                (true, false) => anomalies.add(AnomalyKind::AttributePadded, attribute.offset),
                (true, true) => (),
            }
        }
        self.attributes = attributes;
    }

    fn check_values(&self, anomalies: &mut Anomalies) {
        let (mut sealed, mut stamped) = (false, false);
        for attribute in &self.attributes {
            if attribute.kind == 0 {
                anomalies.add(AnomalyKind::AttributeReserved, attribute.offset);
            }
            if stamped {
                anomalies.add(AnomalyKind::AttributeAfterFingerprint, attribute.offset);
            } else if sealed && !self.may_follow_integrity(attribute.kind) {
                anomalies.add(AnomalyKind::AttributeAfterIntegrity, attribute.offset);
            }
            sealed |= attribute.kind == kind::MESSAGE_INTEGRITY;
            stamped |= attribute.kind == kind::FINGERPRINT;
            if let Some(odd) = read(self, attribute).1 {
                anomalies.add(odd, attribute.offset);
            }
        }
    }

    /// FINGERPRINT and the SHA-256 form may (RFC 5389 section 15.4, RFC 8489 section 14.5), in RFC 3489 nothing.
    fn may_follow_integrity(&self, kind: u16) -> bool {
        let allowed = matches!(kind, kind::FINGERPRINT | kind::MESSAGE_INTEGRITY_SHA256);
        self.form == Form::Rfc5389 && allowed
    }
}
