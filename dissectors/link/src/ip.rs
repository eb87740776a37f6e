//! The IP header, version 4 and 6. Extension headers, transport and tunnels stand in their own files.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::checksum;
use crate::extension;
use crate::rest::{Path, Rest};
use crate::transport;
use crate::tunnel::ip_protocol::{self, Upper};
use crate::{Decoded, Fragment, Packet, Payload};

/// What a header carries: the protocol, its bytes as captured, and how many of them were not captured.
#[derive(Clone, Copy)]
pub(crate) struct Carried<'a> {
    pub protocol: u8,
    pub bytes: &'a [u8],
    pub missing: u32,
    pub path: Path<'a>,
}

impl<'a> Carried<'a> {
    /// Bounds what follows a header by the length the header declares: an Ethernet trailer is not payload.
    ///
    /// `None` (declared as 0 by a sender that leaves the length to its network card, or by a jumbogram) takes
    /// what was captured.
    #[inline]
    fn new(protocol: u8, rest: Rest<'a>, declared: Option<usize>) -> Self {
        let Some(declared) = declared else {
            return Self {
                protocol,
                bytes: rest.bytes,
                missing: rest.lost,
                path: rest.path,
            };
        };
        match rest.bytes.get(..declared) {
            Some(bytes) => Self {
                protocol,
                bytes,
                missing: 0,
                path: rest.path,
            },
            None => {
                let missing = declared.saturating_sub(rest.bytes.len());
                let missing = u32::try_from(missing).unwrap_or(u32::MAX);
                Self {
                    protocol,
                    bytes: rest.bytes,
                    missing,
                    path: rest.path,
                }
            }
        }
    }

    /// What it carries as something yet to be read.
    pub(crate) fn rest(self) -> Rest<'a> {
        Rest {
            bytes: self.bytes,
            lost: self.missing,
            path: self.path,
        }
    }

    /// Why `needed` bytes are not there: cut by the snap length, or never sent.
    #[cold]
    pub(crate) fn too_short(self, needed: usize, what: &'static str) -> Payload<'a> {
        let declared = self.bytes.len().saturating_add(self.missing as usize);
        if declared >= needed {
            Payload::Cut
        } else {
            Payload::Malformed(what)
        }
    }
}

/// Raw IP: the first nibble tells the version.
pub(crate) fn either_version(rest: Rest<'_>) -> Decoded<'_> {
    match rest.bytes.first().map(|byte| byte >> 4) {
        Some(4) => version_4(rest),
        Some(6) => version_6(rest),
        Some(_) => Decoded::Malformed("IP version is neither 4 nor 6"),
        None => rest.too_short("IP header is not whole"),
    }
}

/// Whether bytes look like an IP packet no longer than they are: for headers that do not say what they carry.
pub(crate) fn is_plausible(rest: Rest<'_>) -> bool {
    match *rest.bytes {
        [first @ 0x45..=0x4f, _, l0, l1, ..] => {
            let total = usize::from(u16::from_be_bytes([l0, l1]));
            usize::from(first & 0x0f) * 4 <= total && total <= rest.length()
        }
        [0x60..=0x6f, _, _, _, l0, l1, ..] => {
            usize::from(u16::from_be_bytes([l0, l1])) + VERSION_6_HEADER <= rest.length()
        }
        _ => false,
    }
}

/// Whether bytes look like an IP packet of this version that leaves none of them over.
pub(crate) fn fills(rest: Rest<'_>, version: u8) -> bool {
    match (version, rest.bytes) {
        (4, [0x45..=0x4f, _, l0, l1, ..]) => {
            usize::from(u16::from_be_bytes([*l0, *l1])) == rest.length()
        }
        (6, [0x60..=0x6f, _, _, _, l0, l1, ..]) => {
            usize::from(u16::from_be_bytes([*l0, *l1])) + VERSION_6_HEADER == rest.length()
        }
        _ => false,
    }
}

/// RFC 791 section 3.1.
#[inline]
pub(crate) fn version_4(rest: Rest<'_>) -> Decoded<'_> {
    let Some((fixed, _)) = rest.bytes.split_first_chunk::<20>() else {
        return rest.too_short("IPv4 header is not whole");
    };
    let [
        first,
        _,
        l0,
        l1,
        i0,
        i1,
        f0,
        f1,
        _,
        protocol,
        _,
        _,
        source @ ..,
        d0,
        d1,
        d2,
        d3,
    ] = *fixed;
    if first >> 4 != 4 {
        return Decoded::Malformed("IP version is not 4");
    }
    let header_length = usize::from(first & 0x0f) * 4;
    if header_length < fixed.len() {
        return Decoded::Malformed("IPv4 header length is below 20");
    }
    let Some((header, bytes)) = rest.bytes.split_at_checked(header_length) else {
        return rest.too_short("IPv4 header is not whole");
    };
    let total = usize::from(u16::from_be_bytes([l0, l1]));
    if (1..header_length).contains(&total) {
        return Decoded::Malformed("IPv4 total length is below the header length");
    }
    let declared = total.checked_sub(header_length);
    let source = IpAddr::V4(Ipv4Addr::from(source));
    let destination = IpAddr::V4(Ipv4Addr::from([d0, d1, d2, d3]));
    let carried = Carried::new(protocol, Rest { bytes, ..rest }, declared);
    let fragmentation = u16::from_be_bytes([f0, f1]);
    let payload = if fragmentation & (MORE_FRAGMENTS | FRAGMENT_OFFSET) == 0 {
        if ip_protocol::may_be_tunnel(carried) {
            match ip_protocol::upper(carried) {
                Upper::Payload(payload) => payload,
                Upper::Inner(packet) => return Decoded::Ip(packet),
            }
        } else {
            transport::decode(carried)
        }
    } else {
        Payload::Fragment(Fragment {
            source,
            destination,
            identification: u32::from(u16::from_be_bytes([i0, i1])),
            protocol,
            offset: u32::from(fragmentation & FRAGMENT_OFFSET) * 8,
            more: fragmentation & MORE_FRAGMENTS != 0,
            payload: carried.bytes,
            missing: carried.missing,
            tunnels: rest.path.tunnels,
        })
    };
    let header_checksum_wrong = !checksum::sums_to_ones(checksum::sum(header));
    Decoded::Ip(Packet {
        source,
        destination,
        payload,
        header_checksum_wrong,
        tunnels: rest.path.tunnels,
    })
}

/// RFC 8200 section 3.
#[inline]
pub(crate) fn version_6(rest: Rest<'_>) -> Decoded<'_> {
    let Some((fixed, source, destination, bytes)) = split_version_6(rest.bytes) else {
        return rest.too_short("IPv6 header is not whole");
    };
    let [first, _, _, _, l0, l1, next_header, _] = *fixed;
    if first >> 4 != 6 {
        return Decoded::Malformed("IP version is not 6");
    }
    let declared = match usize::from(u16::from_be_bytes([l0, l1])) {
        0 if next_header == extension::NO_NEXT_HEADER => Some(0),
        0 => None,
        length => Some(length),
    };
    let carried = Carried::new(next_header, Rest { bytes, ..rest }, declared);
    extension::walk(
        carried,
        Ipv6Addr::from(*source),
        Ipv6Addr::from(*destination),
    )
}

/// The fixed fields, both addresses, and what follows.
type Version6<'a> = (&'a [u8; 8], &'a [u8; 16], &'a [u8; 16], &'a [u8]);

#[inline]
fn split_version_6(bytes: &[u8]) -> Option<Version6<'_>> {
    let (fixed, bytes) = bytes.split_first_chunk()?;
    let (source, bytes) = bytes.split_first_chunk()?;
    let (destination, bytes) = bytes.split_first_chunk()?;
    Some((fixed, source, destination, bytes))
}

const VERSION_6_HEADER: usize = 40;
const MORE_FRAGMENTS: u16 = 0x2000;
const FRAGMENT_OFFSET: u16 = 0x1fff;
