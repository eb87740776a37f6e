//! A number that stands for bytes that are not kept: the same for the same bytes within one run, different else.

use std::hash::BuildHasher;
use std::sync::OnceLock;

/// The number of these bytes. Its key is drawn anew in each run, so that nobody can make two texts share one.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> u64 {
    keyed().hash_one(bytes)
}

/// A hasher with that key, for what is no single run of bytes.
#[must_use]
pub fn fingerprint_of_parts() -> impl std::hash::Hasher {
    keyed().build_hasher()
}

fn keyed() -> &'static foldhash::quality::RandomState {
    static KEY: OnceLock<foldhash::quality::RandomState> = OnceLock::new();
    KEY.get_or_init(foldhash::quality::RandomState::default)
}
