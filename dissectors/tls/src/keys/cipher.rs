//! Opens records: deciphers them and checks who wrote them. What fails leaves nothing behind.

mod aead;
mod block;
mod stream;

use crate::Version;
use crate::suite::{Bulk, Hash, Protection};
use aead::Aead;
use block::Block;
use stream::Stream;

/// What a [`Cipher`] is made of.
pub(crate) struct Material<'a> {
    pub(crate) protection: Protection,
    pub(crate) version: Version,
    pub(crate) encrypt_then_mac: bool,
    pub(crate) mac: &'a [u8],
    pub(crate) key: &'a [u8],
    /// The fixed part of the nonce, or the first IV of TLS 1.0.
    pub(crate) nonce: &'a [u8],
}

/// A record as it stands on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sealed<'a> {
    pub(crate) kind: u8,
    pub(crate) version: u16,
    pub(crate) body: &'a [u8],
}

/// The cipher of one direction.
#[derive(Debug)]
pub(crate) enum Cipher {
    Aead(Aead),
    Block(Block),
    Stream(Stream),
}

impl Cipher {
    pub(crate) fn new(material: &Material<'_>) -> Option<Self> {
        Some(match material.protection.bulk {
            Bulk::Null | Bulk::Rc4 => Self::Stream(Stream::new(material)?),
            bulk if bulk.block_bytes().is_some() => Self::Block(Block::new(material)?),
            _ => Self::Aead(Aead::new(material)?),
        })
    }

    /// Opens a record that is to have this number; its content type, and its content in `out`.
    ///
    /// `out` is empty where it fails.
    pub(crate) fn open(
        &mut self,
        sequence: u64,
        sealed: Sealed<'_>,
        out: &mut Vec<u8>,
    ) -> Option<u8> {
        out.clear();
        let opened = match self {
            Self::Aead(aead) => aead.open(sequence, sealed, out),
            Self::Block(block) => block.open(sequence, sealed, out).map(|()| sealed.kind),
            Self::Stream(stream) => stream.open(sequence, sealed, out).map(|()| sealed.kind),
        };
        if opened.is_none() {
            out.clear();
        }
        opened
    }

    /// A record went by, opened or not: the next one's IV is its last block in TLS 1.0.
    pub(crate) fn pass(&mut self, body: &[u8]) {
        if let Self::Block(block) = self {
            block.chain(body);
        }
    }

    /// Bytes are missing.
    pub(crate) fn gap(&mut self) {
        match self {
            Self::Block(block) => block.unchain(),
            Self::Stream(stream) => stream.lose(),
            Self::Aead(_) => {}
        }
    }

    /// A record of this length is missing, and no other.
    pub(crate) fn miss(&mut self, body_bytes: usize) {
        match self {
            Self::Block(block) => block.unchain(),
            Self::Stream(stream) => stream.miss(body_bytes),
            Self::Aead(_) => {}
        }
    }

    /// May other numbers be tried for a record?
    pub(crate) fn can_try(&self) -> bool {
        match self {
            Self::Aead(_) | Self::Block(_) => true,
            Self::Stream(stream) => stream.can_try(),
        }
    }

    /// Would a record be opened if it were whole and genuine?
    pub(crate) fn is_ready(&self) -> bool {
        match self {
            Self::Aead(_) => true,
            Self::Block(block) => block.is_chained(),
            Self::Stream(stream) => stream.is_ready(),
        }
    }
}

/// A MAC with its key (RFC 5246 section 6.2.3.1).
#[derive(Debug)]
struct RecordMac {
    hash: Hash,
    key: Vec<u8>,
}

impl RecordMac {
    fn new(material: &Material<'_>) -> Option<Self> {
        Some(Self {
            hash: material.protection.mac?,
            key: material.mac.to_vec(),
        })
    }

    fn bytes(&self) -> usize {
        self.hash.bytes()
    }

    fn holds(&self, sequence: u64, sealed: Sealed<'_>, content: &[u8], mac: &[u8]) -> bool {
        let Some(head) = head(sequence, sealed, content.len()) else {
            return false;
        };
        crate::keys::hmac(self.hash, &self.key, &[&head, content]) == mac
    }
}

/// Number, type, version and length, as they are authenticated up to TLS 1.2.
fn head(sequence: u64, sealed: Sealed<'_>, length: usize) -> Option<[u8; 13]> {
    let mut head = [0; 13];
    let length = u16::try_from(length).ok()?.to_be_bytes();
    let parts = sequence
        .to_be_bytes()
        .into_iter()
        .chain([sealed.kind])
        .chain(sealed.version.to_be_bytes())
        .chain(length);
    for (to, from) in head.iter_mut().zip(parts) {
        *to = from;
    }
    Some(head)
}
