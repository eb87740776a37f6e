//! The algorithms of Digest: a hash, and whether its key is one session's.

use md5::Md5;
use sha2::{Digest, Sha256, Sha512, Sha512_256};

/// An algorithm of Digest (RFC 7616 section 3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Algorithm {
    /// The hash.
    pub hash: Hash,
    /// Is the key made of the nonces too, for one session (`-sess`)?
    pub session: bool,
}

/// A hash of Digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Hash {
    /// The one that all know, and that counts where none is named.
    #[default]
    Md5,
    /// SHA-256 (RFC 7616).
    Sha256,
    /// SHA-512/256 (RFC 7616), with initial values of its own.
    Sha512_256,
    /// SHA-512 of which half is thrown away. No algorithm has it; but the example of RFC 7616 section 3.9.2 was computed with
    /// it (erratum 4897), and so may be what follows the example.
    Sha512Cut,
}

impl Algorithm {
    /// Every algorithm that has a name.
    pub const ALL: [Self; 6] = [
        Self::of(Hash::Md5, false),
        Self::of(Hash::Md5, true),
        Self::of(Hash::Sha256, false),
        Self::of(Hash::Sha256, true),
        Self::of(Hash::Sha512_256, false),
        Self::of(Hash::Sha512_256, true),
    ];

    /// A hash with or without a key for the session.
    pub const fn of(hash: Hash, session: bool) -> Self {
        Self { hash, session }
    }

    /// The algorithm of this name, in whatever case.
    pub fn named(name: &[u8]) -> Option<Self> {
        let same = |algorithm: &Self| name.eq_ignore_ascii_case(algorithm.name().as_bytes());
        Self::ALL.into_iter().find(same)
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match (self.hash, self.session) {
            (Hash::Md5, false) => "MD5",
            (Hash::Md5, true) => "MD5-sess",
            (Hash::Sha256, false) => "SHA-256",
            (Hash::Sha256, true) => "SHA-256-sess",
            (Hash::Sha512_256 | Hash::Sha512Cut, false) => "SHA-512-256",
            (Hash::Sha512_256 | Hash::Sha512Cut, true) => "SHA-512-256-sess",
        }
    }
}

impl Hash {
    /// The hashes whose hexadecimal form has this many digits.
    pub(super) fn of_digits(digits: usize) -> &'static [Self] {
        match digits {
            32 => &[Self::Md5],
            64 => &[Self::Sha256, Self::Sha512_256, Self::Sha512Cut],
            _ => &[],
        }
    }

    /// Of these parts with colons between, in lower-case hexadecimal.
    pub(super) fn hex(self, parts: &[&[u8]]) -> String {
        hex(&self.bytes(parts))
    }

    /// Of these parts with colons between.
    pub(super) fn bytes(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Md5 => joined::<Md5>(parts),
            Self::Sha256 => joined::<Sha256>(parts),
            Self::Sha512_256 => joined::<Sha512_256>(parts),
            Self::Sha512Cut => {
                let mut whole = joined::<Sha512>(parts);
                whole.truncate(32);
                whole
            }
        }
    }
}

fn joined<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hasher = D::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            hasher.update(b":");
        }
        hasher.update(part);
    }
    hasher.finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for algorithm in Algorithm::ALL {
            let name = algorithm.name();
            assert_eq!(Algorithm::named(name.as_bytes()), Some(algorithm));
            assert_eq!(
                Algorithm::named(name.to_lowercase().as_bytes()),
                Some(algorithm)
            );
        }
        assert_eq!(Algorithm::named(b"SHA-512"), None);
        assert_eq!(Algorithm::named(b""), None);
    }

    /// RFC 1321 section A.5; FIPS 180-4's example of "abc" for the others.
    #[test]
    fn hashes_are_those_of_their_documents() {
        let abc: &[&[u8]] = &[b"abc"];
        assert_eq!(Hash::Md5.hex(abc), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(
            Hash::Sha256.hex(abc),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            Hash::Sha512_256.hex(abc),
            "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"
        );
        assert_eq!(
            Hash::Sha512Cut.hex(abc),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        );
    }
}
