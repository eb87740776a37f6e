//! MESSAGE-INTEGRITY: which of the computations that agents use gives the value on the wire.

use crate::credentials::{Credentials, long_term_text, prepared};
use crate::digest::Digest;
use crate::form::Form;
use crate::kind;
use crate::message::{Attribute, Message};

/// What a check of MESSAGE-INTEGRITY came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Integrity {
    /// The message has none.
    Absent,
    /// It cannot be checked: the capture cuts it, or it is too short to be one.
    Unverifiable,
    /// No computation gives it with these credentials.
    Mismatch,
    /// This computation gives it.
    Match(IntegrityMatch),
}

/// How a MESSAGE-INTEGRITY was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IntegrityMatch {
    /// SHA1, or SHA256 for MESSAGE-INTEGRITY-SHA256 (RFC 8489 section 14.6).
    pub digest: Digest,
    /// Whether zeros up to a multiple of 64 bytes were counted in (RFC 3489 section 11.2.8).
    pub zero_padded: bool,
    /// What stood in the header's length field.
    pub length: LengthField,
    /// What the key was made of.
    pub key: Key,
}

/// The header's length field while MESSAGE-INTEGRITY is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LengthField {
    /// As on the wire (RFC 3489: the attribute is the last one, so it is counted).
    AsSent,
    /// Up to the end of MESSAGE-INTEGRITY, whatever follows it (RFC 5389 section 15.4).
    ToIntegrity,
    /// Up to its beginning: as if it were not there. No document has it.
    BeforeIntegrity,
}

/// What the key of a MESSAGE-INTEGRITY was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The password as it is.
    Password,
    /// The password through SASLprep, where that changes it.
    PreparedPassword,
    /// MD5 over user name, realm and password (RFC 5389 section 15.4).
    LongTerm,
    /// SHA-256 over the same (RFC 8489 section 18.5.1).
    LongTermSha256,
}

impl IntegrityMatch {
    /// The document whose computation it is, if it is one's.
    ///
    /// Where MESSAGE-INTEGRITY is the last attribute and the text before it a multiple of 64 bytes, both agree, and the
    /// match is told as the one of the message's own form.
    pub fn computation(&self) -> Option<Form> {
        match (self.length, self.zero_padded) {
            (LengthField::AsSent, true) => Some(Form::Rfc3489),
            (LengthField::ToIntegrity, false) => Some(Form::Rfc5389),
            _ => None,
        }
    }
}

impl Message {
    /// Checks MESSAGE-INTEGRITY, or where there is none its SHA-256 form, by every computation in use.
    pub fn verify_integrity(&self, credentials: &Credentials<'_>) -> Integrity {
        let plain = self.attribute(kind::MESSAGE_INTEGRITY);
        let (attribute, digest, bytes) = match plain {
            Some(attribute) => (attribute, Digest::Sha1, 20),
            None => match self.attribute(kind::MESSAGE_INTEGRITY_SHA256) {
                Some(attribute) => (attribute, Digest::Sha256, attribute.length.into()),
                None => return Integrity::Absent,
            },
        };
        // A longer value is that of agents that fill a field of 64 bytes: the digest stands in front.
        let value = self.raw(attribute).get(..bytes).unwrap_or_default();
        if value.len() < 16 {
            return Integrity::Unverifiable;
        }
        let keys = self.keys(credentials);
        for (length, zero_padded) in self.computations() {
            let text = self.sealed_text(attribute, length, zero_padded);
            for (key, secret) in &keys {
                if digest.hmac(secret, &[&text]).starts_with(value) {
                    return Integrity::Match(IntegrityMatch {
                        digest,
                        zero_padded,
                        length,
                        key: *key,
                    });
                }
            }
        }
        Integrity::Mismatch
    }

    /// The message's own document first, then the other, then what is nobody's.
    fn computations(&self) -> [(LengthField, bool); 6] {
        let (first, second) = (
            (LengthField::AsSent, true),
            (LengthField::ToIntegrity, false),
        );
        let (first, second) = match self.form {
            Form::Rfc3489 => (first, second),
            Form::Rfc5389 => (second, first),
        };
        [
            first,
            second,
            (LengthField::AsSent, false),
            (LengthField::ToIntegrity, true),
            (LengthField::BeforeIntegrity, true),
            (LengthField::BeforeIntegrity, false),
        ]
    }

    fn keys(&self, credentials: &Credentials<'_>) -> Vec<(Key, Vec<u8>)> {
        let password = credentials.password;
        let prepared = prepared(password);
        let mut keys = vec![(Key::Password, password.as_bytes().to_vec())];
        if prepared != password {
            keys.push((Key::PreparedPassword, prepared.clone().into_bytes()));
        }
        let username = credentials.username.map(str::as_bytes);
        let realm = credentials.realm.map(str::as_bytes);
        let own = (self.text(kind::USERNAME), self.text(kind::REALM));
        let given = (username.or(own.0), realm.or(own.1));
        let all = [own, given].into_iter().enumerate();
        for (_, pair) in all.filter(|(at, pair)| *at == 0 || *pair != own) {
            let (Some(username), Some(realm)) = pair else {
                continue;
            };
            let text = long_term_text(username, realm, prepared.as_bytes());
            keys.push((Key::LongTerm, Digest::Md5.hash(&text)));
            keys.push((Key::LongTermSha256, Digest::Sha256.hash(&text)));
        }
        keys
    }

    fn sealed_text(
        &self,
        attribute: &Attribute,
        length: LengthField,
        zero_padded: bool,
    ) -> Vec<u8> {
        let before = self.bytes().get(..attribute.offset).unwrap_or_default();
        let behind_header = |end: usize| u16::try_from(end.saturating_sub(20)).unwrap_or(u16::MAX);
        let length = match length {
            LengthField::AsSent => self.length,
            LengthField::ToIntegrity => behind_header(attribute.end()),
            LengthField::BeforeIntegrity => behind_header(attribute.offset),
        };
        sealed(before, length, zero_padded)
    }
}

/// The text that MESSAGE-INTEGRITY is the digest of: all before it, with a length field put in.
pub(crate) fn sealed(before: &[u8], length: u16, zero_padded: bool) -> Vec<u8> {
    let mut text = before.to_vec();
    if let Some(field) = text.get_mut(2..4) {
        field.copy_from_slice(&length.to_be_bytes());
    }
    if zero_padded {
        text.resize(text.len().next_multiple_of(64), 0);
    }
    text
}
