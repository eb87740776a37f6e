//! Credentials of Basic (RFC 7617): a user and a password in base64.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::anomaly::{Anomalies, AnomalyKind};
use super::verify::Account;

/// Credentials of Basic.
#[derive(Clone, PartialEq, Eq)]
pub struct BasicAuthorization {
    /// Where the base64 stands in the value.
    pub range: Range<usize>,
    /// The user, in whatever encoding.
    pub user: Vec<u8>,
    /// The password, in whatever encoding.
    pub password: Vec<u8>,
}

/// How user and password become bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, as a challenge may ask for.
    #[default]
    Utf8,
    /// ISO 8859-1, as many older agents do.
    Latin1,
}

impl Encoding {
    /// These characters as bytes; none where a character has no place in Latin-1.
    pub fn encode(self, text: &str) -> Option<Cow<'_, [u8]>> {
        if self == Self::Utf8 || text.is_ascii() {
            return Some(Cow::Borrowed(text.as_bytes()));
        }
        let bytes: Option<Vec<u8>> = text
            .chars()
            .map(|character| u8::try_from(character).ok())
            .collect();
        bytes.map(Cow::Owned)
    }

    /// These bytes as characters: as UTF-8 if they are, else as Latin-1.
    pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        }
    }
}

impl BasicAuthorization {
    /// Are these the user and password, and in which encoding?
    pub fn is_of(&self, account: &Account<'_>) -> Option<Encoding> {
        let same = |encoding: &Encoding| {
            encoding.encode(account.user).as_deref() == Some(&self.user)
                && encoding.encode(account.password).as_deref() == Some(&self.password)
        };
        [Encoding::Utf8, Encoding::Latin1].into_iter().find(same)
    }
}

impl std::fmt::Debug for BasicAuthorization {
    /// The user alone: a password has no place in what is written for a look.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let user = Encoding::decode(&self.user);
        out.debug_struct("BasicAuthorization")
            .field("user", &user)
            .finish_non_exhaustive()
    }
}

/// Reads a value whose scheme is Basic; none where it is another.
pub(super) fn read(value: &[u8], odd: &mut Anomalies) -> Option<BasicAuthorization> {
    let front = value.trim_ascii_start();
    let (scheme, rest) = front.split_at_checked(NAME.len())?;
    let ends = rest
        .first()
        .is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if !scheme.eq_ignore_ascii_case(NAME) || !ends {
        return None;
    }
    let coded = rest.trim_ascii_start();
    let start = value.len().saturating_sub(coded.len());
    let coded = coded.trim_ascii_end();
    let unquoted = coded
        .strip_prefix(b"\"")
        .and_then(|coded| coded.strip_suffix(b"\""));
    let (coded, start) = match unquoted {
        Some(inner) => {
            odd.add(AnomalyKind::QuotesSurplus, start);
            (inner, start.saturating_add(1))
        }
        None => (coded, start),
    };
    if coded.is_empty() {
        odd.add(AnomalyKind::ValueMissing, start);
    }
    let mut user = decoded(coded, start, odd);
    let password = match memchr::memchr(b':', &user) {
        Some(colon) => {
            let password = user.split_off(colon);
            password.get(1..).unwrap_or_default().to_vec()
        }
        None => {
            odd.add(AnomalyKind::ColonMissing, start);
            Vec::new()
        }
    };
    Some(BasicAuthorization {
        range: start..start.saturating_add(coded.len()),
        user,
        password,
    })
}

/// What these digits say, up to the first that is none.
fn decoded(coded: &[u8], offset: usize, odd: &mut Anomalies) -> Vec<u8> {
    let digits = coded.iter().position(|byte| !is_digit(*byte));
    let digits = digits.unwrap_or(coded.len());
    let (front, behind) = coded.split_at_checked(digits).unwrap_or_default();
    let padding = behind.iter().take_while(|byte| **byte == b'=').count();
    if padding < behind.len() || digits % 4 == 1 {
        odd.add(AnomalyKind::Base64Odd, offset.saturating_add(digits));
    } else if padding != (4 - digits % 4) % 4 {
        odd.add(AnomalyKind::Base64Padding, offset.saturating_add(digits));
    }
    // The last digit of one alone says nothing.
    let whole = digits.saturating_sub(usize::from(digits % 4 == 1));
    ENGINE
        .decode(front.get(..whole).unwrap_or_default())
        .unwrap_or_default()
}

/// The value that gives these bytes.
pub(super) fn written(user: &[u8], password: &[u8]) -> Vec<u8> {
    let plain = [user, b":", password].concat();
    let coded = ENGINE.encode(plain);
    [NAME, b" ", coded.as_bytes()].concat()
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

const NAME: &[u8] = b"Basic";
/// As RFC 4648 section 4 has it; lax about padding, and about bits of the last digit that say nothing.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
