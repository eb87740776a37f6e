//! Ciphers that authenticate: AES-GCM, AES-CCM, ChaCha20-Poly1305 (RFC 5288, 6655, 7905, 8446).

use aes::cipher::Unsigned;
use aes::{Aes128, Aes256};
use ccm::Ccm;
use ccm::aead::{AeadInPlace, KeyInit, generic_array::GenericArray};
use ccm::consts::{U8, U12, U16};
use ring::aead::{
    AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};

use super::{Material, Sealed, head};
use crate::suite::Bulk;

/// An authenticating cipher with its nonces.
pub(crate) struct Aead {
    key: Key,
    /// The fixed part, or all that the number is laid over.
    nonce: [u8; NONCE_BYTES],
    /// Eight bytes of the nonce stand before the record.
    is_explicit: bool,
    is_tls13: bool,
    /// The head of the record is authenticated: not in drafts of TLS 1.3 before the 25th.
    covers_head: bool,
    tag_bytes: usize,
}

enum Key {
    /// AES-GCM and ChaCha20-Poly1305, of which records are long and many.
    Swift(Box<LessSafeKey>),
    Aes128Ccm(Box<Ccm<Aes128, U16, U12>>),
    Aes256Ccm(Box<Ccm<Aes256, U16, U12>>),
    Aes128Ccm8(Box<Ccm<Aes128, U8, U12>>),
    Aes256Ccm8(Box<Ccm<Aes256, U8, U12>>),
}

impl std::fmt::Debug for Aead {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Aead")
    }
}

impl Aead {
    pub(crate) fn new(material: &Material<'_>) -> Option<Self> {
        let bulk = material.protection.bulk;
        let is_tls13 = material.version.is_tls13();
        let mut nonce = [0; NONCE_BYTES];
        for (to, from) in nonce.iter_mut().zip(material.nonce) {
            *to = *from;
        }
        Some(Self {
            key: Key::new(bulk, material.key)?,
            nonce,
            is_explicit: !is_tls13 && bulk != Bulk::ChaCha20Poly1305,
            is_tls13,
            covers_head: material.version.draft().is_none_or(|draft| draft >= 25),
            tag_bytes: bulk.tag_bytes(),
        })
    }

    /// Opens a record: the content type, in TLS 1.3 the one within.
    pub(crate) fn open(&self, sequence: u64, sealed: Sealed<'_>, out: &mut Vec<u8>) -> Option<u8> {
        let before = if self.is_explicit { 8 } else { 0 };
        let (explicit, body) = sealed.body.split_at_checked(before)?;
        let length = body.len().checked_sub(self.tag_bytes)?;
        out.extend_from_slice(body);
        let nonce = self.nonce(sequence, explicit);
        let opened = if self.is_tls13 {
            let [high, low] = u16::try_from(sealed.body.len()).ok()?.to_be_bytes();
            let [major, minor] = sealed.version.to_be_bytes();
            let record = [sealed.kind, major, minor, high, low];
            let covered = if self.covers_head {
                record.as_slice()
            } else {
                &[]
            };
            self.key.open(nonce, covered, out)
        } else {
            let head = head(sequence, sealed, length)?;
            self.key.open(nonce, &head, out)
        };
        out.truncate(length);
        match opened {
            false => None,
            true if self.is_tls13 => unpad(out),
            true => Some(sealed.kind),
        }
    }

    fn nonce(&self, sequence: u64, explicit: &[u8]) -> [u8; NONCE_BYTES] {
        let mut nonce = self.nonce;
        let number = sequence.to_be_bytes();
        let varies = if self.is_explicit { explicit } else { &number };
        for (to, from) in nonce.iter_mut().skip(4).zip(varies) {
            *to ^= *from;
        }
        nonce
    }
}

/// Cuts zeros and the content type off the end (RFC 8446 section 5.4).
fn unpad(out: &mut Vec<u8>) -> Option<u8> {
    let end = out.iter().rposition(|byte| *byte != 0)?;
    let kind = out.get(end).copied();
    out.truncate(end);
    kind
}

impl Key {
    fn new(bulk: Bulk, key: &[u8]) -> Option<Self> {
        Some(match bulk {
            Bulk::Aes128Gcm => Self::Swift(swift(&AES_128_GCM, key)?),
            Bulk::Aes256Gcm => Self::Swift(swift(&AES_256_GCM, key)?),
            Bulk::ChaCha20Poly1305 => Self::Swift(swift(&CHACHA20_POLY1305, key)?),
            Bulk::Aes128Ccm => Self::Aes128Ccm(made(key)?),
            Bulk::Aes256Ccm => Self::Aes256Ccm(made(key)?),
            Bulk::Aes128Ccm8 => Self::Aes128Ccm8(made(key)?),
            Bulk::Aes256Ccm8 => Self::Aes256Ccm8(made(key)?),
            _ => return None,
        })
    }

    /// Deciphers in place what has its tag behind it.
    fn open(&self, nonce: [u8; NONCE_BYTES], with: &[u8], sealed: &mut [u8]) -> bool {
        match self {
            Self::Swift(key) => {
                let nonce = Nonce::assume_unique_for_key(nonce);
                key.open_in_place(nonce, Aad::from(with), sealed).is_ok()
            }
            Self::Aes128Ccm(key) => opened(&**key, nonce, with, sealed),
            Self::Aes256Ccm(key) => opened(&**key, nonce, with, sealed),
            Self::Aes128Ccm8(key) => opened(&**key, nonce, with, sealed),
            Self::Aes256Ccm8(key) => opened(&**key, nonce, with, sealed),
        }
    }
}

fn swift(algorithm: &'static Algorithm, key: &[u8]) -> Option<Box<LessSafeKey>> {
    let key = UnboundKey::new(algorithm, key).ok()?;
    Some(Box::new(LessSafeKey::new(key)))
}

fn made<A: KeyInit>(key: &[u8]) -> Option<Box<A>> {
    A::new_from_slice(key).ok().map(Box::new)
}

fn opened<A: AeadInPlace>(
    key: &A,
    nonce: [u8; NONCE_BYTES],
    with: &[u8],
    sealed: &mut [u8],
) -> bool {
    let Some(length) = sealed.len().checked_sub(<A::TagSize as Unsigned>::USIZE) else {
        return false;
    };
    let Some((content, tag)) = sealed.split_at_mut_checked(length) else {
        return false;
    };
    let tag = GenericArray::from_slice(tag);
    let nonce = GenericArray::from_slice(&nonce);
    key.decrypt_in_place_detached(nonce, with, content, tag)
        .is_ok()
}

const NONCE_BYTES: usize = 12;
