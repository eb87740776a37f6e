//! FINGERPRINT: a checksum that tells STUN from what only looks like it (RFC 5389 section 15.5).

use crate::integrity::sealed;
use crate::kind;
use crate::message::Message;
use crate::value::Value;

/// What a check of FINGERPRINT came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fingerprint {
    /// The message has none.
    Absent,
    /// It cannot be checked: the capture cuts it, or it is not four bytes.
    Unverifiable,
    /// It does not fit the message.
    Mismatch,
    /// It fits.
    Match,
}

impl Message {
    /// Checks FINGERPRINT.
    pub fn verify_fingerprint(&self) -> Fingerprint {
        let Some(attribute) = self.attribute(kind::FINGERPRINT) else {
            return Fingerprint::Absent;
        };
        let Value::Fingerprint(value) = self.value(attribute) else {
            return Fingerprint::Unverifiable;
        };
        let before = self.bytes().get(..attribute.offset).unwrap_or_default();
        let length = u16::try_from(attribute.end().saturating_sub(20)).unwrap_or(u16::MAX);
        // The last attribute, so both are the same unless something follows.
        let fits =
            fingerprint(before, length) == value || fingerprint(before, self.length) == value;
        if fits {
            Fingerprint::Match
        } else {
            Fingerprint::Mismatch
        }
    }
}

/// The value for a message that has `before` in front of the attribute.
pub(crate) fn fingerprint(before: &[u8], length: u16) -> u32 {
    crc32fast::hash(&sealed(before, length, false)) ^ FINGERPRINT_MASK
}

/// The letters `STUN` (RFC 5389 section 15.5).
const FINGERPRINT_MASK: u32 = 0x5354_554E;
