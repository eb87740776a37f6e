//! The signature: HMAC-SHA1 over the values of ts, id, un and cn, one behind the other (TR-111 section 2.2.2.3).

use super::Request;
use super::query::{Name, percent_decoded};
use crate::signature::{Signature, SignedText, check};

impl Request {
    /// Checks `sig` with ConnectionRequestPassword, by the digest its length suggests.
    ///
    /// Values are signed as they are before encoding, most naturally read; servers that sign what they send are told
    /// by [`SignedText`]. An empty password is tried as it is: the parameter reads back empty, and some servers sign
    /// with what they read.
    pub fn verify(&self, password: &[u8]) -> Signature {
        let Some(signature) = self.parameter(Name::Signature) else {
            return if self.is_truncated() {
                Signature::Truncated
            } else {
                Signature::Absent
            };
        };
        if self.is_truncated() && signature.value.end == self.bytes().len() {
            return Signature::Truncated;
        }
        let digits = percent_decoded(self.raw(signature.value), true);
        let texts = [
            (SignedText::Decoded, self.signed_text(SignedText::Decoded)),
            (
                SignedText::DecodedPlusKept,
                self.signed_text(SignedText::DecodedPlusKept),
            ),
            (SignedText::Raw, self.signed_text(SignedText::Raw)),
        ];
        check(&digits, password, &texts)
    }

    /// The values of ts, id, un and cn one behind the other; a missing one adds nothing.
    pub fn signed_text(&self, form: SignedText) -> Vec<u8> {
        let signed = Name::ALL
            .into_iter()
            .filter(|name| *name != Name::Signature);
        let values = signed.filter_map(|name| self.raw_value(name));
        match form {
            SignedText::Raw => values.flatten().copied().collect(),
            _ => {
                let plus = form != SignedText::DecodedPlusKept;
                values
                    .flat_map(|value| percent_decoded(value, plus).into_owned())
                    .collect()
            }
        }
    }
}
