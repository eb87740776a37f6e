//! The hash functions of the protocol, chosen when it runs.

use hmac::digest::{Digest, FixedOutput, KeyInit, Update};
use hmac::{Hmac, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha384};

use crate::suite::Hash;

/// The keyed hash of the parts, one behind the other (RFC 2104).
pub(crate) fn hmac(hash: Hash, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    match hash {
        Hash::Md5 => keyed::<Hmac<Md5>>(key, parts),
        Hash::Sha1 => keyed::<Hmac<Sha1>>(key, parts),
        Hash::Sha256 => keyed::<Hmac<Sha256>>(key, parts),
        Hash::Sha384 => keyed::<Hmac<Sha384>>(key, parts),
    }
}

/// The hash of the parts, one behind the other.
pub(crate) fn digest(hash: Hash, parts: &[&[u8]]) -> Vec<u8> {
    match hash {
        Hash::Md5 => plain::<Md5>(parts),
        Hash::Sha1 => plain::<Sha1>(parts),
        Hash::Sha256 => plain::<Sha256>(parts),
        Hash::Sha384 => plain::<Sha384>(parts),
    }
}

fn plain<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut state = D::new();
    for part in parts {
        Digest::update(&mut state, part);
    }
    state.finalize().to_vec()
}

/// Every length of key fits: none is refused.
fn keyed<M: Mac + KeyInit + FixedOutput + Update>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut state) = <M as Mac>::new_from_slice(key) else {
        return Vec::new();
    };
    for part in parts {
        Mac::update(&mut state, part);
    }
    state.finalize().into_bytes().to_vec()
}
