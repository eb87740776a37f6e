//! Writes STUN messages, as either document has them.

use std::net::SocketAddr;

use crate::address;
use crate::digest::Digest;
use crate::fingerprint::fingerprint;
use crate::form::{Form, HEADER_BYTES};
use crate::integrity::sealed;
use crate::kind::{self, CONNECTION_REQUEST_BINDING_VALUE};
use crate::message::Message;

/// A message that grows by one attribute after the other.
#[derive(Clone, Debug)]
pub struct Builder {
    bytes: Vec<u8>,
    padding: Padding,
    too_long: bool,
}

/// What follows a value that is no multiple of four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Padding {
    /// Nothing: RFC 3489 wants values that need none ([`padded_text`](crate::padded_text)).
    None,
    /// This byte, not counted by the length (RFC 5389 section 15 leaves it open, RFC 8489 section 14 wants zero).
    With(u8),
}

/// A message or attribute beyond 65535 bytes, which no length field can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TooLong;

impl Builder {
    /// A message of a type and bytes 4 to 20 of the header: with RFC 5389 the magic cookie and the transaction id.
    pub fn new(message_type: u16, transaction_id: [u8; 16]) -> Self {
        let mut bytes = message_type.to_be_bytes().to_vec();
        bytes.extend([0, 0]);
        bytes.extend(transaction_id);
        Self {
            bytes,
            padding: Padding::None,
            too_long: false,
        }
    }

    /// Chooses what follows values that are no multiple of four bytes; nothing, unless told.
    #[must_use]
    pub fn padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
    }

    /// Adds an attribute of any type and value.
    #[must_use]
    pub fn attribute(self, kind: u16, value: &[u8]) -> Self {
        match self.padding {
            Padding::None => self.padded_attribute(kind, value, &[]),
            Padding::With(byte) => {
                let missing = value.len().next_multiple_of(4).saturating_sub(value.len());
                self.padded_attribute(kind, value, &vec![byte; missing])
            }
        }
    }

    /// Adds an attribute with padding of its own, which its length does not count.
    #[must_use]
    pub fn padded_attribute(mut self, kind: u16, value: &[u8], padding: &[u8]) -> Self {
        let length = u16::try_from(value.len());
        self.too_long |= length.is_err();
        self.bytes.extend(kind.to_be_bytes());
        self.bytes.extend(length.unwrap_or(u16::MAX).to_be_bytes());
        self.bytes.extend(value);
        self.bytes.extend(padding);
        self
    }

    /// Adds an address as it stands: MAPPED-ADDRESS and its like.
    #[must_use]
    pub fn address(self, kind: u16, address: SocketAddr) -> Self {
        self.attribute(kind, &address::written(address, None))
    }

    /// Adds an address masked with the header: XOR-MAPPED-ADDRESS and its like.
    #[must_use]
    pub fn xor_address(self, kind: u16, address: SocketAddr) -> Self {
        let mask = self.bytes.get(4..HEADER_BYTES);
        let mask = mask.and_then(|mask| mask.try_into().ok());
        let value = address::written(address, mask);
        self.attribute(kind, &value)
    }

    /// Adds CHANGE-REQUEST.
    #[must_use]
    pub fn change_request(self, address: bool, port: bool) -> Self {
        let flags = u8::from(address) << 2 | u8::from(port) << 1;
        self.attribute(kind::CHANGE_REQUEST, &[0, 0, 0, flags])
    }

    /// Adds ERROR-CODE; for RFC 3489 the reason is padded with spaces, which its length counts.
    #[must_use]
    pub fn error_code(self, code: u16, reason: &str) -> Self {
        let class = u8::try_from(code / 100).unwrap_or(u8::MAX);
        let number = u8::try_from(code % 100).unwrap_or(u8::MAX);
        let mut value = vec![0, 0, class, number];
        value.extend(match self.padding {
            Padding::None => address::padded_text(reason.as_bytes()),
            Padding::With(_) => reason.as_bytes().to_vec(),
        });
        self.attribute(kind::ERROR_CODE, &value)
    }

    /// Adds UNKNOWN-ATTRIBUTES; for RFC 3489 the last type is repeated where their number is odd (section 11.2.10).
    #[must_use]
    pub fn unknown_attributes(self, types: &[u16]) -> Self {
        let again = types
            .last()
            .filter(|_| self.padding == Padding::None && types.len() % 2 == 1);
        let all = types.iter().chain(again);
        let value: Vec<u8> = all.flat_map(|kind| kind.to_be_bytes()).collect();
        self.attribute(kind::UNKNOWN_ATTRIBUTES, &value)
    }

    /// Adds CONNECTION-REQUEST-BINDING (TR-111 table 5).
    #[must_use]
    pub fn connection_request_binding(self) -> Self {
        self.attribute(
            kind::CONNECTION_REQUEST_BINDING,
            CONNECTION_REQUEST_BINDING_VALUE,
        )
    }

    /// Adds BINDING-CHANGE (TR-111 table 5).
    #[must_use]
    pub fn binding_change(self) -> Self {
        self.attribute(kind::BINDING_CHANGE, &[])
    }

    /// Adds MESSAGE-INTEGRITY over all before it by a document's computation, with a key of
    /// [`short_term_key`](crate::short_term_key), [`long_term_key`](crate::long_term_key) or a bare password.
    #[must_use]
    pub fn integrity(self, computation: Form, key: &[u8]) -> Self {
        let text = sealed(
            &self.bytes,
            self.length_with(24),
            computation == Form::Rfc3489,
        );
        let value = Digest::Sha1.hmac(key, &[&text]);
        self.attribute(kind::MESSAGE_INTEGRITY, &value)
    }

    /// Adds MESSAGE-INTEGRITY-SHA256 over all before it (RFC 8489 section 14.6).
    #[must_use]
    pub fn integrity_sha256(self, key: &[u8]) -> Self {
        let text = sealed(&self.bytes, self.length_with(36), false);
        let value = Digest::Sha256.hmac(key, &[&text]);
        self.attribute(kind::MESSAGE_INTEGRITY_SHA256, &value)
    }

    /// Adds FINGERPRINT over all before it.
    #[must_use]
    pub fn fingerprint(self) -> Self {
        let value = fingerprint(&self.bytes, self.length_with(8));
        self.attribute(kind::FINGERPRINT, &value.to_be_bytes())
    }

    /// The message's bytes.
    pub fn finish(mut self) -> Result<Vec<u8>, TooLong> {
        let length = self.bytes.len().saturating_sub(HEADER_BYTES);
        let length = u16::try_from(length).map_err(|_| TooLong)?;
        if self.too_long {
            return Err(TooLong);
        }
        if let Some(field) = self.bytes.get_mut(2..4) {
            field.copy_from_slice(&length.to_be_bytes());
        }
        Ok(self.bytes)
    }

    fn length_with(&self, more: usize) -> u16 {
        let length = self.bytes.len().saturating_sub(HEADER_BYTES);
        u16::try_from(length.saturating_add(more)).unwrap_or(u16::MAX)
    }
}

impl Message {
    /// The message written again out of its header and its attributes, each with the padding it had.
    ///
    /// The same bytes as those read, unless the capture or the grammar cut something off.
    pub fn write(&self) -> Result<Vec<u8>, TooLong> {
        let id: [u8; 16] = self.transaction_id().try_into().unwrap_or_default();
        let start = Builder::new(self.message_type, id);
        let all = self.attributes.iter();
        let whole = all.fold(start, |builder, attribute| {
            let (value, padding) = (self.raw(attribute), self.padding(attribute));
            builder.padded_attribute(attribute.kind, value, padding)
        });
        whole.finish()
    }
}
