//! A signature in hexadecimal digits against what it may be the keyed digest of.

use crate::digest::{Digest, unhexadecimal};

/// What a check of a signature came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signature {
    /// There is none.
    Absent,
    /// It cannot be checked: the capture cuts what it covers.
    Truncated,
    /// It is not the digits of a digest that is known here.
    Unreadable,
    /// It is not what this password gives.
    Mismatch,
    /// It is what this password gives, so.
    Match {
        /// The hash function; SHA1 is the one of the documents.
        digest: Digest,
        /// What was signed.
        text: SignedText,
    },
}

/// The form of a text that a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignedText {
    /// The values with percent-encoding undone and `+` read as a space (the natural reading of TR-111 section 2.2.2.3),
    /// or the body as it is.
    Decoded,
    /// The values with percent-encoding undone and `+` left alone.
    DecodedPlusKept,
    /// The values as on the wire.
    Raw,
    /// The body without blanks around it.
    Trimmed,
}

/// Tries texts in their order; the first that fits is told.
pub(crate) fn check(digits: &[u8], password: &[u8], texts: &[(SignedText, Vec<u8>)]) -> Signature {
    let value = unhexadecimal(digits);
    let Some(value) = value else {
        return Signature::Unreadable;
    };
    let Some(digest) = Digest::of_bytes(value.len()) else {
        return Signature::Unreadable;
    };
    let fits = |(_, text): &&(SignedText, Vec<u8>)| digest.hmac(password, &[text]) == value;
    match texts.iter().find(fits) {
        Some((text, _)) => Signature::Match {
            digest,
            text: *text,
        },
        None => Signature::Mismatch,
    }
}
