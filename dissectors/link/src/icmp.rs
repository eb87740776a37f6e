//! ICMP errors: which packet did not arrive, and why. What else ICMP says is not read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::extension;
use crate::ip::Carried;
use crate::transport::{PROTOCOL_TCP, PROTOCOL_UDP};

/// A TCP segment or UDP datagram that did not arrive, as an ICMP error tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreachable {
    /// The ICMP that tells it, by its IP number: 1 or 58.
    pub icmp: u8,
    /// Type and code in words.
    pub says: &'static str,
    /// TCP or UDP, by its IP number: 6 or 17.
    pub protocol: u8,
    /// Who sent what did not arrive.
    pub source: IpAddr,
    /// From which port.
    pub source_port: u16,
    /// Where to.
    pub destination: IpAddr,
    /// To which port.
    pub destination_port: u16,
}

/// Reads an ICMP message of either version; `None` where it is no such error, or too little is left of the packet.
///
/// RFC 792 promises the inner header with its options and eight bytes more, RFC 4443 section 2.4 as much as fits.
pub(crate) fn unreachable(carried: Carried<'_>) -> Option<Unreachable> {
    let (&[kind, code, _, _, _, _, _, _], inner) = carried.bytes.split_first_chunk::<8>()?;
    let (says, packet) = if carried.protocol == ICMP {
        (
            says_version_4(kind, code)?,
            inner_version_4(inner, carried)?,
        )
    } else {
        (
            says_version_6(kind, code)?,
            inner_version_6(inner, carried)?,
        )
    };
    let Inner {
        source,
        destination,
        transport,
    } = packet;
    let (&[s0, s1, d0, d1], _) = transport.bytes.split_first_chunk::<4>()?;
    let is_transport = matches!(transport.protocol, PROTOCOL_TCP | PROTOCOL_UDP);
    is_transport.then(|| Unreachable {
        icmp: carried.protocol,
        says,
        protocol: transport.protocol,
        source,
        source_port: u16::from_be_bytes([s0, s1]),
        destination,
        destination_port: u16::from_be_bytes([d0, d1]),
    })
}

/// The packet that did not arrive, as far as it is told.
struct Inner<'a> {
    source: IpAddr,
    destination: IpAddr,
    transport: Carried<'a>,
}

/// RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1.
fn says_version_4(kind: u8, code: u8) -> Option<&'static str> {
    match (kind, code) {
        (3, 0) => Some("network unreachable"),
        (3, 1) => Some("host unreachable"),
        (3, 2) => Some("protocol unreachable"),
        (3, 3) => Some("port unreachable"),
        (3, 4) => Some("fragmentation needed"),
        (3, 5) => Some("source route failed"),
        (3, 6) => Some("network unknown"),
        (3, 7) => Some("host unknown"),
        (3, 8) => Some("source host isolated"),
        (3, 9) => Some("network administratively prohibited"),
        (3, 10) => Some("host administratively prohibited"),
        (3, 11) => Some("network unreachable for this type of service"),
        (3, 12) => Some("host unreachable for this type of service"),
        (3, 13) => Some("administratively prohibited"),
        (3, 14) => Some("host precedence violation"),
        (3, 15) => Some("precedence cutoff in effect"),
        (3, _) => Some("destination unreachable"),
        (11, 0) => Some("time to live exceeded"),
        (11, 1) => Some("fragment reassembly time exceeded"),
        (11, _) => Some("time exceeded"),
        _ => None,
    }
}

/// RFC 4443 sections 3.1 and 3.3, RFC 7084 section 2.1.
fn says_version_6(kind: u8, code: u8) -> Option<&'static str> {
    match (kind, code) {
        (1, 0) => Some("no route"),
        (1, 1) => Some("administratively prohibited"),
        (1, 2) => Some("beyond the scope of the source address"),
        (1, 3) => Some("address unreachable"),
        (1, 4) => Some("port unreachable"),
        (1, 5) => Some("source address failed policy"),
        (1, 6) => Some("route rejected"),
        (1, 7) => Some("source route failed"),
        (1, _) => Some("destination unreachable"),
        (3, 0) => Some("hop limit exceeded"),
        (3, 1) => Some("fragment reassembly time exceeded"),
        (3, _) => Some("time exceeded"),
        _ => None,
    }
}

/// Its lengths speak of a packet of which only the beginning is here. Of a later fragment the ports are elsewhere.
fn inner_version_4<'a>(inner: &'a [u8], carried: Carried<'a>) -> Option<Inner<'a>> {
    let (fixed, _) = inner.split_first_chunk::<20>()?;
    let &[
        first,
        _,
        _,
        _,
        _,
        _,
        f0,
        f1,
        _,
        protocol,
        _,
        _,
        s0,
        s1,
        s2,
        s3,
        destination @ ..,
    ] = fixed;
    let header_length = usize::from(first & 0x0f) * 4;
    let offset = u16::from_be_bytes([f0, f1]) & FRAGMENT_OFFSET;
    let sound = first >> 4 == 4 && header_length >= fixed.len() && offset == 0;
    let bytes = inner.get(header_length..).filter(|_| sound)?;
    let mut transport = Carried {
        protocol,
        bytes,
        missing: 0,
        ..carried
    };
    if protocol == extension::AUTHENTICATION {
        transport = extension::skip_authentication(transport).ok()?;
    }
    Some(Inner {
        source: IpAddr::V4(Ipv4Addr::from([s0, s1, s2, s3])),
        destination: IpAddr::V4(Ipv4Addr::from(destination)),
        transport,
    })
}

fn inner_version_6<'a>(inner: &'a [u8], carried: Carried<'a>) -> Option<Inner<'a>> {
    let (fixed, rest) = inner.split_first_chunk::<8>()?;
    let (source, rest) = rest.split_first_chunk::<16>()?;
    let (destination, bytes) = rest.split_first_chunk::<16>()?;
    let &[first, _, _, _, _, _, protocol, _] = fixed;
    if first >> 4 != 6 {
        return None;
    }
    let start = Carried {
        protocol,
        bytes,
        missing: 0,
        ..carried
    };
    let ends = (Ipv6Addr::from(*source), Ipv6Addr::from(*destination));
    let (transport, (source, destination)) = extension::transport_behind(start, ends)?;
    Some(Inner {
        source: IpAddr::V6(source),
        destination: IpAddr::V6(destination),
        transport,
    })
}

pub(crate) const ICMP: u8 = 1;
pub(crate) const ICMP_V6: u8 = 58;
const FRAGMENT_OFFSET: u16 = 0x1fff;
