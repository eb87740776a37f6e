//! The Internet checksum (RFC 1071), for IPv4 headers and TCP segments.

use std::net::IpAddr;

use crate::transport::PROTOCOL_TCP;
use crate::{Packet, Tcp};

/// Whether a segment's checksum is right.
///
/// `None` where the snap length cut bytes off, so that nobody can say. A wrong one is common and harmless in
/// captures made on a sending host: its network card writes the checksum after the capture.
#[must_use]
pub fn tcp_checksum_valid(packet: &Packet<'_>, tcp: &Tcp<'_>) -> Option<bool> {
    if tcp.missing > 0 {
        return None;
    }
    Some(segment_checksum_valid(
        packet.source,
        packet.destination,
        tcp.segment,
    ))
}

/// Whether the checksum of a whole TCP segment, header first, is right between these two addresses.
#[must_use]
pub fn segment_checksum_valid(source: IpAddr, destination: IpAddr, segment: &[u8]) -> bool {
    let length = u32::try_from(segment.len()).unwrap_or(u32::MAX);
    let addresses = address_sum(source) + address_sum(destination);
    let pseudo_header = addresses + sum(&length.to_be_bytes()) + sum(&[0, PROTOCOL_TCP]);
    sums_to_ones(pseudo_header + sum(segment))
}

/// The sum over `bytes` as 32-bit words in the machine's order, not yet folded.
///
/// RFC 1071 section 2 (B): the order of bytes does not matter to the outcome as long as it is the same throughout;
/// 64 bits hold the carries of 2^32 words.
#[inline]
pub(crate) fn sum(bytes: &[u8]) -> u64 {
    let (words, tail) = bytes.as_chunks::<4>();
    let sum: u64 = words
        .iter()
        .map(|word| u64::from(u32::from_ne_bytes(*word)))
        .sum();
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(tail) {
        *to = *from;
    }
    sum + u64::from(u32::from_ne_bytes(last))
}

/// Whether a sum that includes the checksum itself folds to all ones, as a right one does.
#[inline]
pub(crate) fn sums_to_ones(sum: u64) -> bool {
    let folded = (sum >> 32) + (sum & 0xffff_ffff);
    let folded = (folded >> 16) + (folded & 0xffff);
    let folded = (folded >> 16) + (folded & 0xffff);
    let folded = (folded >> 16) + (folded & 0xffff);
    folded == 0xffff
}

fn address_sum(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(address) => sum(&address.octets()),
        IpAddr::V6(address) => sum(&address.octets()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1071_section_3_holds() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        let checksum = (!0xddf2_u16).to_be_bytes();
        assert!(sums_to_ones(sum(&bytes) + sum(&checksum)));
        assert!(!sums_to_ones(sum(&bytes) + sum(&[0x22, 0x0e])));
    }

    #[test]
    fn an_odd_length_is_padded_with_zero() {
        assert_eq!(sum(&[1, 2, 3, 4, 5]), sum(&[1, 2, 3, 4, 5, 0]));
    }
}
