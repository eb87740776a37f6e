//! Digests and keyed digests.

use hmac::digest::core_api::BlockSizeUser;
use hmac::{Mac, SimpleHmac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

/// A hash function, as the length of a signature tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Digest {
    /// 128 bits.
    Md5,
    /// 160 bits: what TR-111 section 2.2.2.3 and RFC 3489 section 11.2.8 ask for.
    Sha1,
    /// 256 bits.
    Sha256,
    /// 512 bits.
    Sha512,
}

impl Digest {
    /// The name as RFC 2104 and its users write it: `HMAC-SHA1`.
    pub fn hmac_name(self) -> &'static str {
        match self {
            Self::Md5 => "HMAC-MD5",
            Self::Sha1 => "HMAC-SHA1",
            Self::Sha256 => "HMAC-SHA256",
            Self::Sha512 => "HMAC-SHA512",
        }
    }

    /// The one whose values are so many bytes long.
    pub(crate) fn of_bytes(bytes: usize) -> Option<Self> {
        match bytes {
            16 => Some(Self::Md5),
            20 => Some(Self::Sha1),
            32 => Some(Self::Sha256),
            64 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The keyed digest of parts set one behind the other (RFC 2104).
    pub(crate) fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Md5 => keyed::<Md5>(key, parts),
            Self::Sha1 => keyed::<Sha1>(key, parts),
            Self::Sha256 => keyed::<Sha256>(key, parts),
            Self::Sha512 => keyed::<Sha512>(key, parts),
        }
    }

    /// The digest of a text.
    pub(crate) fn hash(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(text).to_vec(),
            Self::Sha1 => Sha1::digest(text).to_vec(),
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        }
    }
}

/// Every key length is allowed, so there is always a result.
fn keyed<D: hmac::digest::Digest + BlockSizeUser>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = SimpleHmac::<D>::new_from_slice(key) else {
        return Vec::new();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// Bytes as hexadecimal digits in upper case, as the example of TR-111 section 2.2.2.3 has them.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The bytes that hexadecimal digits of either case stand for.
pub(crate) fn unhexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|&[high, low]| octet(high, low)).collect()
}

/// The byte of two hexadecimal digits.
pub(crate) fn octet(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}
