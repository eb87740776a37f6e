//! Attribute values, read.

use std::net::SocketAddr;

use crate::address;
use crate::anomaly::AnomalyKind;
use crate::form::Form;
use crate::kind::{self, CONNECTION_REQUEST_BINDING_VALUE, Shape};
use crate::message::{Attribute, Message};

/// What an attribute says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// An address as it stands: MAPPED-ADDRESS and its like.
    Address(SocketAddr),
    /// An address that was masked on the wire, unmasked.
    XorAddress(SocketAddr),
    /// Text: USERNAME, PASSWORD, REALM, NONCE, SOFTWARE. Padding that the length counts is part of it.
    Text(&'a [u8]),
    /// CHANGE-REQUEST: from where the client wants its answer (RFC 3489 section 11.2.4).
    ChangeRequest {
        /// From the server's other address.
        address: bool,
        /// From the server's other port.
        port: bool,
    },
    /// ERROR-CODE.
    ErrorCode(ErrorCode<'a>),
    /// UNKNOWN-ATTRIBUTES: types that the server does not know. RFC 3489 repeats one to make their number even.
    UnknownAttributes(Vec<u16>),
    /// MESSAGE-INTEGRITY or its SHA-256 form; [`Message::verify_integrity`] checks it.
    Integrity(&'a [u8]),
    /// FINGERPRINT as on the wire; [`Message::verify_fingerprint`] checks it.
    Fingerprint(u32),
    /// A number: PRIORITY, LIFETIME, CHANNEL-NUMBER, ICE-CONTROLLING.
    Number(u64),
    /// An attribute that says what it says by being there: BINDING-CHANGE, USE-CANDIDATE.
    Flag,
    /// CONNECTION-REQUEST-BINDING; `exact` if its value is that of TR-111 table 5.
    ConnectionRequestBinding {
        /// Whether the 20 bytes are those of the document.
        exact: bool,
    },
    /// Bytes of a kind whose insides are not read, and of unknown kinds.
    Bytes(&'a [u8]),
    /// A value that cannot be what its type says; an anomaly tells why.
    Malformed(&'a [u8]),
}

/// ERROR-CODE: class, number and reason phrase (RFC 3489 section 11.2.9, RFC 5389 section 15.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ErrorCode<'a> {
    /// The hundreds, 1 to 6 in well-formed messages.
    pub class: u8,
    /// The code modulo 100, 0 to 99 in well-formed messages.
    pub number: u8,
    /// The reason phrase as on the wire, with padding that the length counts.
    pub reason: &'a [u8],
}

impl ErrorCode<'_> {
    /// The code: 401, 430, 438.
    pub fn code(&self) -> u16 {
        u16::from(self.class)
            .saturating_mul(100)
            .saturating_add(self.number.into())
    }
}

/// A value, and what is odd about it.
pub(crate) fn read<'a>(
    message: &'a Message,
    attribute: &Attribute,
) -> (Value<'a>, Option<AnomalyKind>) {
    let raw = message.raw(attribute);
    let shape = kind::shape(attribute.kind);
    if raw.len() < usize::from(attribute.length) && !matches!(shape, Shape::Text | Shape::Bytes) {
        return (Value::Malformed(raw), None);
    }
    let malformed = |odd| (Value::Malformed(raw), Some(odd));
    match shape {
        Shape::Address => match address::read(raw, None) {
            Ok(address) => (Value::Address(address), None),
            Err(odd) => malformed(odd),
        },
        Shape::XorAddress => match address::read(raw, Some(message.transaction_id())) {
            Ok(address) => (Value::XorAddress(address), None),
            Err(odd) => malformed(odd),
        },
        Shape::Text => (Value::Text(raw), odd_text(message, raw)),
        Shape::ChangeRequest => change_request(raw),
        Shape::ErrorCode => error_code(raw),
        Shape::Types => unknown_attributes(raw),
        Shape::Integrity => (Value::Integrity(raw), odd_if(raw.len() != 20)),
        Shape::IntegritySha256 => {
            let fits = (16..=32).contains(&raw.len()) && raw.len().is_multiple_of(4);
            (Value::Integrity(raw), odd_if(!fits))
        }
        Shape::Fingerprint => match raw.try_into() {
            Ok(bytes) => (Value::Fingerprint(u32::from_be_bytes(bytes)), None),
            Err(_) => malformed(AnomalyKind::FingerprintLengthOdd),
        },
        Shape::Number(bytes, all) => number(raw, bytes.into(), all.into()),
        Shape::Flag => flag(raw, AnomalyKind::NumberLengthOdd),
        Shape::ConnectionRequestBinding | Shape::BindingChange if foreign(message, raw) => {
            (Value::Bytes(raw), None)
        }
        Shape::ConnectionRequestBinding => connection_request_binding(raw),
        Shape::BindingChange => flag(raw, AnomalyKind::BindingChangeOdd),
        Shape::Bytes => (Value::Bytes(raw), None),
    }
}

/// Whether an attribute of TR-111's numbers is another's: WebRTC sends a nomination of four bytes as 0xC001, and the
/// Internet registry has its own 0xC001 and 0xC002. TR-111 is made for RFC 3489 (TR-069 Amendment 3 Annex G), so with a
/// cookie the value has to speak for itself.
fn foreign(message: &Message, raw: &[u8]) -> bool {
    message.form == Form::Rfc5389 && !raw.is_empty() && !raw.starts_with(b"dslforum")
}

fn odd_if(odd: bool) -> Option<AnomalyKind> {
    odd.then_some(AnomalyKind::IntegrityLengthOdd)
}

/// A text that the capture cuts may end inside a character.
fn odd_text(message: &Message, raw: &[u8]) -> Option<AnomalyKind> {
    let odd = raw.contains(&0) || (std::str::from_utf8(raw).is_err() && !message.is_truncated());
    odd.then_some(AnomalyKind::TextOdd)
}

fn change_request(raw: &[u8]) -> (Value<'_>, Option<AnomalyKind>) {
    let Ok(bytes) = raw.try_into() else {
        return (Value::Malformed(raw), Some(AnomalyKind::ChangeRequestOdd));
    };
    let flags = u32::from_be_bytes(bytes);
    let value = Value::ChangeRequest {
        address: flags & 4 != 0,
        port: flags & 2 != 0,
    };
    (
        value,
        (flags & !6 != 0).then_some(AnomalyKind::ChangeRequestOdd),
    )
}

fn error_code(raw: &[u8]) -> (Value<'_>, Option<AnomalyKind>) {
    let Some((&[_, _, class, number], reason)) = raw.split_first_chunk() else {
        return (Value::Malformed(raw), Some(AnomalyKind::ErrorCodeOdd));
    };
    let class = class & 7;
    let odd = !(1..=6).contains(&class) || number > 99;
    let code = ErrorCode {
        class,
        number,
        reason,
    };
    (
        Value::ErrorCode(code),
        odd.then_some(AnomalyKind::ErrorCodeOdd),
    )
}

fn unknown_attributes(raw: &[u8]) -> (Value<'_>, Option<AnomalyKind>) {
    let (pairs, rest) = raw.as_chunks::<2>();
    let types = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    let odd = (!rest.is_empty()).then_some(AnomalyKind::UnknownAttributesOdd);
    (Value::UnknownAttributes(types), odd)
}

fn number(raw: &[u8], bytes: usize, all: usize) -> (Value<'_>, Option<AnomalyKind>) {
    let odd = Some(AnomalyKind::NumberLengthOdd);
    let Some(digits) = raw.get(..bytes) else {
        return (Value::Malformed(raw), odd);
    };
    let number = digits
        .iter()
        .fold(0, |sum, &byte| sum << 8 | u64::from(byte));
    (Value::Number(number), odd.filter(|_| raw.len() != all))
}

fn flag(raw: &[u8], odd: AnomalyKind) -> (Value<'_>, Option<AnomalyKind>) {
    (Value::Flag, (!raw.is_empty()).then_some(odd))
}

fn connection_request_binding(raw: &[u8]) -> (Value<'_>, Option<AnomalyKind>) {
    let exact = raw == CONNECTION_REQUEST_BINDING_VALUE;
    let odd = (!exact).then_some(AnomalyKind::ConnectionRequestBindingOdd);
    (Value::ConnectionRequestBinding { exact }, odd)
}
