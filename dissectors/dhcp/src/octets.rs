//! Big-endian numbers and addresses out of bytes that may be too few.

use std::net::{Ipv4Addr, Ipv6Addr};

/// `N` bytes from `offset` on.
pub(crate) fn array<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..)?.first_chunk().copied()
}

pub(crate) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    array(bytes, offset).map(u16::from_be_bytes)
}

pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    array(bytes, offset).map(u32::from_be_bytes)
}

pub(crate) fn ipv4_at(bytes: &[u8], offset: usize) -> Option<Ipv4Addr> {
    array::<4>(bytes, offset).map(Ipv4Addr::from)
}

pub(crate) fn ipv6_at(bytes: &[u8], offset: usize) -> Option<Ipv6Addr> {
    array::<16>(bytes, offset).map(Ipv6Addr::from)
}

/// Addresses that fill the bytes; none where they do not.
pub(crate) fn ipv4_list(bytes: &[u8]) -> Option<Vec<Ipv4Addr>> {
    let (chunks, rest) = bytes.as_chunks::<4>();
    let filled = rest.is_empty() && !chunks.is_empty();
    filled.then(|| chunks.iter().copied().map(Ipv4Addr::from).collect())
}

/// Addresses that fill the bytes; none where they do not.
pub(crate) fn ipv6_list(bytes: &[u8]) -> Option<Vec<Ipv6Addr>> {
    let (chunks, rest) = bytes.as_chunks::<16>();
    let filled = rest.is_empty() && !chunks.is_empty();
    filled.then(|| chunks.iter().copied().map(Ipv6Addr::from).collect())
}
