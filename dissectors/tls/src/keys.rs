//! From secrets to the keys of records: the key derivation of every version.

pub(crate) mod cipher;
mod hash;

use crate::suite::{Hash, Protection};
use crate::{Suite, Version};
use cipher::{Cipher, Material};
pub(crate) use hash::{digest, hmac};

/// What a connection up to TLS 1.2 agreed on, but for its master secret.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Agreed {
    pub(crate) version: Version,
    pub(crate) suite: Suite,
    pub(crate) client_random: [u8; 32],
    pub(crate) server_random: [u8; 32],
    pub(crate) encrypt_then_mac: bool,
}

impl Agreed {
    /// The ciphers of client and server (RFC 5246 section 6.3).
    pub(crate) fn ciphers(&self, master: &[u8]) -> Option<[Cipher; 2]> {
        let protection = self.suite.protection()?;
        let bulk = protection.bulk;
        let mac = protection.mac.map_or(0, Hash::bytes);
        let key = bulk.key_bytes();
        let nonce = match bulk.block_bytes() {
            Some(block) if self.version == Version::TLS10 => block,
            Some(_) => 0,
            None if bulk.is_aead() => bulk.fixed_nonce_bytes(),
            None => 0,
        };
        let seed = [self.server_random, self.client_random].concat();
        let block = self.expand(master, b"key expansion", &seed, 2 * (mac + key + nonce));
        let mut octets = crate::octets::Octets::new(&block);
        let macs = [octets.take(mac)?, octets.take(mac)?];
        let keys = [octets.take(key)?, octets.take(key)?];
        let nonces = [octets.take(nonce)?, octets.take(nonce)?];
        let [client_mac, server_mac] = macs;
        let [client_key, server_key] = keys;
        let [client_nonce, server_nonce] = nonces;
        let cipher = |mac, key, nonce| {
            Cipher::new(&Material {
                protection,
                version: self.version,
                encrypt_then_mac: self.encrypt_then_mac,
                mac,
                key,
                nonce,
            })
        };
        Some([
            cipher(client_mac, client_key, client_nonce)?,
            cipher(server_mac, server_key, server_nonce)?,
        ])
    }

    /// The master secret (RFC 5246 section 8.1).
    pub(crate) fn master(&self, premaster: &[u8]) -> Vec<u8> {
        let seed = [self.client_random, self.server_random].concat();
        self.expand(premaster, b"master secret", &seed, MASTER_BYTES)
    }

    /// The master secret over the handshake up to ClientKeyExchange (RFC 7627 section 4).
    pub(crate) fn extended_master(&self, premaster: &[u8], handshake: &[&[u8]]) -> Vec<u8> {
        let session_hash = if self.version >= Version::TLS12 {
            digest(self.prf(), handshake)
        } else {
            let md5 = digest(Hash::Md5, handshake);
            [md5, digest(Hash::Sha1, handshake)].concat()
        };
        self.expand(
            premaster,
            b"extended master secret",
            &session_hash,
            MASTER_BYTES,
        )
    }

    fn prf(&self) -> Hash {
        self.suite
            .protection()
            .map_or(Hash::Sha256, |protection| protection.prf)
    }

    fn expand(&self, secret: &[u8], label: &[u8], seed: &[u8], bytes: usize) -> Vec<u8> {
        let seed = [label, seed].concat();
        if self.version >= Version::TLS12 {
            return stretch(self.prf(), secret, &seed, bytes);
        }
        // Both halves hold the byte in the middle (RFC 2246 section 5).
        let half = secret.len().div_ceil(2);
        let front = secret.get(..half).unwrap_or_default();
        let back = secret.get(secret.len() - half..).unwrap_or_default();
        let md5 = stretch(Hash::Md5, front, &seed, bytes);
        let sha1 = stretch(Hash::Sha1, back, &seed, bytes);
        md5.iter()
            .zip(&sha1)
            .map(|(one, other)| one ^ other)
            .collect()
    }
}

/// P_hash (RFC 5246 section 5).
fn stretch(hash: Hash, secret: &[u8], seed: &[u8], bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes + hash.bytes());
    let mut link = hmac(hash, secret, &[seed]);
    while out.len() < bytes {
        out.extend(hmac(hash, secret, &[&link, seed]));
        link = hmac(hash, secret, &[&link]);
    }
    out.truncate(bytes);
    out
}

/// The cipher of a traffic secret of TLS 1.3 (RFC 8446 section 7.3); None if suite and secret do not go together.
pub(crate) fn traffic_cipher(version: Version, suite: Suite, secret: &[u8]) -> Option<Cipher> {
    let protection = suite.protection()?;
    if !protection.bulk.is_aead() || secret.len() != protection.prf.bytes() {
        return None;
    }
    let key = expand_label(protection.prf, secret, b"key", protection.bulk.key_bytes());
    let nonce = expand_label(protection.prf, secret, b"iv", 12);
    Cipher::new(&Material {
        protection,
        version,
        encrypt_then_mac: false,
        mac: &[],
        key: &key,
        nonce: &nonce,
    })
}

/// The traffic secret behind a KeyUpdate (RFC 8446 section 7.2).
pub(crate) fn next_secret(suite: Suite, secret: &[u8]) -> Option<Vec<u8>> {
    let Protection { prf, .. } = suite.protection()?;
    Some(expand_label(prf, secret, b"traffic upd", prf.bytes()))
}

/// HKDF-Expand-Label without context, up to one block of the hash (RFC 8446 section 7.1).
fn expand_label(hash: Hash, secret: &[u8], label: &[u8], bytes: usize) -> Vec<u8> {
    let length = u8::try_from(label.len() + 6).unwrap_or(u8::MAX);
    let bytes_low = u8::try_from(bytes).unwrap_or(u8::MAX);
    let info = [
        &[0, bytes_low, length],
        b"tls13 ".as_slice(),
        label,
        &[0, 1],
    ]
    .concat();
    let mut out = hmac(hash, secret, &[&info]);
    out.truncate(bytes);
    out
}

const MASTER_BYTES: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let value =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.chunks(2).map(value).collect()
    }

    /// The vector of the IETF's list for the PRF of TLS 1.2 with SHA-256.
    #[test]
    fn the_prf_of_tls_1_2_is_as_published() {
        let secret = bytes("9bbe436ba940f017b17652849a71db35");
        let seed = [
            b"test label".to_vec(),
            bytes("a0ba9f936cda311827a6f796ffd5198c"),
        ]
        .concat();
        let expected = bytes(
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a\
             6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab\
             4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701\
             87347b66",
        );
        assert_eq!(
            stretch(Hash::Sha256, &secret, &seed, expected.len()),
            expected
        );
    }

    /// RFC 8448 section 3: the server's handshake keys.
    #[test]
    fn traffic_keys_are_those_of_rfc_8448() {
        let secret = bytes("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
        let key = expand_label(Hash::Sha256, &secret, b"key", 16);
        let nonce = expand_label(Hash::Sha256, &secret, b"iv", 12);
        assert_eq!(key, bytes("3fce516009c21727d0f2e4e86ee403bc"));
        assert_eq!(nonce, bytes("5d313eb2671276ee13000b30"));
    }
}
