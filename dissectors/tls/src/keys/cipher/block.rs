//! Ciphers in CBC mode with a MAC beside them: AES and 3DES (RFC 5246 section 6.2.3.2, RFC 7366).

use aes::cipher::{BlockDecryptMut, BlockSizeUser, KeyIvInit, generic_array::GenericArray};
use aes::{Aes128, Aes256};
use cbc::Decryptor;
use des::TdesEde3;

use super::{Material, RecordMac, Sealed};
use crate::Version;
use crate::suite::Bulk;

/// A block cipher with its MAC.
#[derive(Debug)]
pub(crate) struct Block {
    bulk: Bulk,
    key: Vec<u8>,
    mac: RecordMac,
    block_bytes: usize,
    encrypt_then_mac: bool,
    chain: Chain,
}

/// Where the IV of the next record comes from.
#[derive(Debug)]
enum Chain {
    /// It stands before the record, from TLS 1.1 on.
    Explicit,
    /// The last block of the record before (RFC 2246 section 6.2.3.2).
    Last(Vec<u8>),
    /// That block is missing.
    Broken,
}

impl Block {
    pub(crate) fn new(material: &Material<'_>) -> Option<Self> {
        let is_chained = material.version <= Version::TLS10;
        Some(Self {
            bulk: material.protection.bulk,
            key: material.key.to_vec(),
            mac: RecordMac::new(material)?,
            block_bytes: material.protection.bulk.block_bytes()?,
            encrypt_then_mac: material.encrypt_then_mac,
            chain: if is_chained {
                Chain::Last(material.nonce.to_vec())
            } else {
                Chain::Explicit
            },
        })
    }

    pub(crate) fn open(&self, sequence: u64, sealed: Sealed<'_>, out: &mut Vec<u8>) -> Option<()> {
        let mut body = sealed.body;
        if self.encrypt_then_mac {
            let length = body.len().checked_sub(self.mac.bytes())?;
            let (front, mac) = body.split_at_checked(length)?;
            if !self.mac.holds(sequence, sealed, front, mac) {
                return None;
            }
            body = front;
        }
        let (initial, content) = match &self.chain {
            Chain::Explicit => body.split_at_checked(self.block_bytes)?,
            Chain::Last(block) => (block.as_slice(), body),
            Chain::Broken => return None,
        };
        out.extend_from_slice(content);
        self.decipher(initial, out)?;
        unpad(out)?;
        if self.encrypt_then_mac {
            return Some(());
        }
        let length = out.len().checked_sub(self.mac.bytes())?;
        let (content, mac) = out.split_at_checked(length)?;
        let holds = self.mac.holds(sequence, sealed, content, mac);
        out.truncate(length);
        holds.then_some(())
    }

    /// The record has gone by: its last block is the next IV.
    pub(crate) fn chain(&mut self, body: &[u8]) {
        if matches!(self.chain, Chain::Explicit) {
            return;
        }
        let tail = if self.encrypt_then_mac {
            self.mac.bytes()
        } else {
            0
        };
        let end = body.len().saturating_sub(tail);
        let last = body.get(end.saturating_sub(self.block_bytes)..end);
        self.chain = match last {
            Some(last) if last.len() == self.block_bytes => Chain::Last(last.to_vec()),
            _ => Chain::Broken,
        };
    }

    pub(crate) fn unchain(&mut self) {
        if !matches!(self.chain, Chain::Explicit) {
            self.chain = Chain::Broken;
        }
    }

    pub(crate) fn is_chained(&self) -> bool {
        !matches!(self.chain, Chain::Broken)
    }

    fn decipher(&self, initial: &[u8], content: &mut [u8]) -> Option<()> {
        if content.is_empty() || !content.len().is_multiple_of(self.block_bytes) {
            return None;
        }
        match self.bulk {
            Bulk::Aes128Cbc => blocks::<Decryptor<Aes128>>(&self.key, initial, content),
            Bulk::Aes256Cbc => blocks::<Decryptor<Aes256>>(&self.key, initial, content),
            Bulk::TripleDesCbc => blocks::<Decryptor<TdesEde3>>(&self.key, initial, content),
            _ => None,
        }
    }
}

fn blocks<D: KeyIvInit + BlockDecryptMut>(
    key: &[u8],
    initial: &[u8],
    content: &mut [u8],
) -> Option<()> {
    let mut decryptor = D::new_from_slices(key, initial).ok()?;
    for block in content.chunks_exact_mut(<D as BlockSizeUser>::block_size()) {
        decryptor.decrypt_block_mut(GenericArray::from_mut_slice(block));
    }
    Some(())
}

/// Cuts off the padding, all of whose bytes tell its length.
fn unpad(out: &mut Vec<u8>) -> Option<()> {
    let last = *out.last()?;
    let end = out.len().checked_sub(usize::from(last) + 1)?;
    let holds = out.get(end..)?.iter().all(|byte| *byte == last);
    out.truncate(end);
    holds.then_some(())
}
