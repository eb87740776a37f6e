//! Cipher suites: name, and what the name says of key exchange, cipher and hash.

mod table;

use std::fmt;

/// A cipher suite by its code: 0x1301 is TLS_AES_128_GCM_SHA256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Suite(pub u16);

impl Suite {
    /// The suite of this name, as [`fmt::Display`] writes it.
    pub fn named(name: &str) -> Option<Self> {
        let short = name.strip_prefix("TLS_")?;
        let mut suites = table::SUITES.iter();
        suites
            .find(|(_, known)| *known == short)
            .map(|(code, _)| Self(*code))
    }

    /// The name without `TLS_`, None if the register has none.
    fn short_name(self) -> Option<&'static str> {
        let at = table::SUITES
            .binary_search_by_key(&self.0, |(code, _)| *code)
            .ok()?;
        table::SUITES.get(at).map(|(_, name)| *name)
    }

    /// Is it a value kept free to keep peers tolerant (RFC 8701)?
    pub fn is_grease(self) -> bool {
        self.0 & 0x0f0f == 0x0a0a && self.0 >> 8 == self.0 & 0xff
    }

    /// How the premaster secret is agreed; None in TLS 1.3, and where the suite is not known.
    pub fn key_exchange(self) -> Option<&'static str> {
        self.short_name()?
            .split_once("_WITH_")
            .map(|(exchange, _)| exchange)
    }

    /// Does the server's RSA key decipher the premaster secret?
    pub(crate) fn is_rsa(self) -> bool {
        self.key_exchange() == Some("RSA")
    }

    /// What protects the records, None where this crate cannot undo it.
    pub(crate) fn protection(self) -> Option<Protection> {
        let name = self.short_name()?;
        let (cipher, hash) = split(name)?;
        let (bulk, mac) = bulk(cipher, hash)?;
        let prf = if hash == "SHA384" {
            Hash::Sha384
        } else {
            Hash::Sha256
        };
        Some(Protection { bulk, mac, prf })
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.short_name() {
            Some(name) => write!(formatter, "TLS_{name}"),
            None if self.is_grease() => write!(formatter, "GREASE 0x{:04x}", self.0),
            None => write!(formatter, "0x{:04x}", self.0),
        }
    }
}

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha384,
}

impl Hash {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }
}

/// A cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bulk {
    Null,
    Rc4,
    TripleDesCbc,
    Aes128Cbc,
    Aes256Cbc,
    Aes128Gcm,
    Aes256Gcm,
    Aes128Ccm,
    Aes256Ccm,
    Aes128Ccm8,
    Aes256Ccm8,
    ChaCha20Poly1305,
}

impl Bulk {
    pub(crate) fn key_bytes(self) -> usize {
        match self {
            Self::Null => 0,
            Self::Rc4 | Self::Aes128Cbc | Self::Aes128Gcm | Self::Aes128Ccm | Self::Aes128Ccm8 => {
                16
            }
            Self::TripleDesCbc => 24,
            Self::Aes256Cbc
            | Self::Aes256Gcm
            | Self::Aes256Ccm
            | Self::Aes256Ccm8
            | Self::ChaCha20Poly1305 => 32,
        }
    }

    /// Of the block of a cipher in CBC mode.
    pub(crate) fn block_bytes(self) -> Option<usize> {
        match self {
            Self::TripleDesCbc => Some(8),
            Self::Aes128Cbc | Self::Aes256Cbc => Some(16),
            _ => None,
        }
    }

    pub(crate) fn is_aead(self) -> bool {
        self.block_bytes().is_none() && !matches!(self, Self::Null | Self::Rc4)
    }

    /// Of the part of the nonce that comes out of the key block (RFC 5288, RFC 7905).
    pub(crate) fn fixed_nonce_bytes(self) -> usize {
        if self == Self::ChaCha20Poly1305 {
            12
        } else {
            4
        }
    }

    pub(crate) fn tag_bytes(self) -> usize {
        match self {
            Self::Aes128Ccm8 | Self::Aes256Ccm8 => 8,
            _ => 16,
        }
    }
}

/// How records of a suite are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Protection {
    pub(crate) bulk: Bulk,
    /// None for authenticated ciphers.
    pub(crate) mac: Option<Hash>,
    /// Of key derivation from TLS 1.2 on.
    pub(crate) prf: Hash,
}

/// Cipher and hash of a name: `AES_128_GCM` and `SHA256`.
fn split(name: &'static str) -> Option<(&'static str, &'static str)> {
    let tail = name.split_once("_WITH_").map_or(name, |(_, tail)| tail);
    if tail.ends_with("_CCM") || tail.ends_with("_CCM_8") {
        return Some((tail, "SHA256"));
    }
    tail.rsplit_once('_')
}

fn bulk(cipher: &str, hash: &str) -> Option<(Bulk, Option<Hash>)> {
    let mac = match hash {
        "MD5" => Hash::Md5,
        "SHA" => Hash::Sha1,
        "SHA256" => Hash::Sha256,
        "SHA384" => Hash::Sha384,
        _ => return None,
    };
    let bulk = match cipher {
        "NULL" => Bulk::Null,
        "RC4_128" => Bulk::Rc4,
        "3DES_EDE_CBC" => Bulk::TripleDesCbc,
        "AES_128_CBC" => Bulk::Aes128Cbc,
        "AES_256_CBC" => Bulk::Aes256Cbc,
        "AES_128_GCM" => Bulk::Aes128Gcm,
        "AES_256_GCM" => Bulk::Aes256Gcm,
        "AES_128_CCM" => Bulk::Aes128Ccm,
        "AES_256_CCM" => Bulk::Aes256Ccm,
        "AES_128_CCM_8" => Bulk::Aes128Ccm8,
        "AES_256_CCM_8" => Bulk::Aes256Ccm8,
        "CHACHA20_POLY1305" => Bulk::ChaCha20Poly1305,
        _ => return None,
    };
    Some((bulk, (!bulk.is_aead()).then_some(mac)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(table::SUITES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn names_tell_what_protects() {
        let of = |code| Suite(code).protection().expect("a suite that is undone");
        assert_eq!(Suite(0x1303).to_string(), "TLS_CHACHA20_POLY1305_SHA256");
        assert_eq!(of(0x1303).bulk.key_bytes(), 32);
        assert_eq!(of(0x0005).bulk, Bulk::Rc4);
        assert_eq!(of(0x000a).mac, Some(Hash::Sha1));
        assert_eq!(of(0xc024).mac, Some(Hash::Sha384));
        assert_eq!(of(0xc0a0).bulk, Bulk::Aes128Ccm8);
        assert_eq!(of(0x1305).bulk, Bulk::Aes128Ccm8);
        assert_eq!(of(0xc030).prf, Hash::Sha384);
        assert_eq!(of(0xc030).mac, None);
        assert!(Suite(0x002f).is_rsa() && !Suite(0xc013).is_rsa() && !Suite(0x1301).is_rsa());
        assert_eq!(Suite(0x0041).protection(), None);
        assert_eq!(
            Suite::named(&Suite(0xc030).to_string()),
            Some(Suite(0xc030))
        );
        assert_eq!(Suite::named("TLS_OF_TOMORROW"), None);
        assert!(Suite(0x1a1a).is_grease() && !Suite(0x1a2a).is_grease());
    }
}
