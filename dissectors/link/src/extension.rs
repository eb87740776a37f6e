//! IPv6 extension headers (RFC 8200 section 4): passed over, save for what changes the packet's ends.

use std::net::{IpAddr, Ipv6Addr};

use crate::ip::Carried;
use crate::rest::Path;
use crate::transport;
use crate::tunnel::ip_protocol::{self, Upper};
use crate::{Decoded, Fragment, Packet, Payload};

/// Walks from the fixed IPv6 header to the transport, or to the packet in a tunnel.
#[inline]
pub(crate) fn walk(carried: Carried<'_>, source: Ipv6Addr, destination: Ipv6Addr) -> Decoded<'_> {
    let mut ends = Ends {
        source,
        destination,
    };
    let payload = if ip_protocol::may_be_tunnel(carried) {
        match behind_extensions(carried, &mut ends) {
            Upper::Payload(payload) => payload,
            Upper::Inner(packet) => return Decoded::Ip(packet),
        }
    } else {
        transport::decode(carried)
    };
    Decoded::Ip(Packet {
        source: IpAddr::V6(ends.source),
        destination: IpAddr::V6(ends.destination),
        payload,
        header_checksum_wrong: false,
        tunnels: carried.path.tunnels,
    })
}

/// What stands behind any number of extension headers, of a packet put together from its fragments.
pub(crate) fn behind_fragments(carried: Carried<'_>) -> Upper<'_> {
    let mut ends = Ends {
        source: Ipv6Addr::UNSPECIFIED,
        destination: Ipv6Addr::UNSPECIFIED,
    };
    match behind_extensions(carried, &mut ends) {
        Upper::Payload(Payload::Fragment(_)) => {
            Upper::Payload(Payload::Malformed("fragment inside fragments"))
        }
        upper => upper,
    }
}

/// The two ends of the transport.
///
/// A routing header with segments left names the final destination, and a home address option the real source
/// (RFC 8200 section 8.1, RFC 6275 section 6.3): the transport checksum and the connection are between these.
struct Ends {
    source: Ipv6Addr,
    destination: Ipv6Addr,
}

fn behind_extensions<'a>(carried: Carried<'a>, ends: &mut Ends) -> Upper<'a> {
    match past_extensions(carried, ends) {
        Ok(carried) => ip_protocol::upper(carried),
        Err(payload) => Upper::Payload(payload),
    }
}

/// What stands behind the extension headers of a packet that an ICMP error gives the beginning of, and its two ends;
/// `None` where that is not there: of a fragment, the first alone has it.
pub(crate) fn transport_behind(
    carried: Carried<'_>,
    (source, destination): (Ipv6Addr, Ipv6Addr),
) -> Option<(Carried<'_>, (Ipv6Addr, Ipv6Addr))> {
    let mut ends = Ends {
        source,
        destination,
    };
    let mut carried = past_extensions(carried, &mut ends);
    if let Err(Payload::Fragment(first @ Fragment { offset: 0, .. })) = carried {
        let behind = Carried {
            protocol: first.protocol,
            bytes: first.payload,
            missing: 0,
            path: Path::default(),
        };
        carried = past_extensions(behind, &mut ends);
    }
    Some((carried.ok()?, (ends.source, ends.destination)))
}

/// Each turn consumes at least four bytes, so that the walk ends with the packet.
fn past_extensions<'a>(
    mut carried: Carried<'a>,
    ends: &mut Ends,
) -> Result<Carried<'a>, Payload<'a>> {
    loop {
        carried = match carried.protocol {
            FRAGMENT => fragment(carried, ends),
            AUTHENTICATION => skip_authentication(carried),
            ROUTING => generic(carried).map(|(header, next)| {
                route(header, ends);
                next
            }),
            DESTINATION_OPTIONS => generic(carried).map(|(header, next)| {
                home_address(header, ends);
                next
            }),
            protocol if is_extension(protocol) => generic(carried).map(|(_, next)| next),
            _ => return Ok(carried),
        }?;
    }
}

fn is_extension(protocol: u8) -> bool {
    matches!(
        protocol,
        HOP_BY_HOP
            | ROUTING
            | FRAGMENT
            | AUTHENTICATION
            | DESTINATION_OPTIONS
            | MOBILITY
            | HOST_IDENTITY
            | SHIM6
    )
}

/// RFC 4302 section 2: the length counts words of four bytes, less two.
pub(crate) fn skip_authentication(carried: Carried<'_>) -> Result<Carried<'_>, Payload<'_>> {
    let [next, length, ..] = *carried.bytes else {
        return Err(carried.too_short(12, "authentication header is not whole"));
    };
    split(carried, next, (usize::from(length) + 2) * 4).map(|(_, next)| next)
}

/// RFC 8200 section 4.1: next header, length in eights less one, then the header's own.
fn generic(carried: Carried<'_>) -> Result<(&[u8], Carried<'_>), Payload<'_>> {
    let [next, length, ..] = *carried.bytes else {
        return Err(carried.too_short(8, "extension header is not whole"));
    };
    split(carried, next, (usize::from(length) + 1) * 8)
}

fn split(
    carried: Carried<'_>,
    next: u8,
    length: usize,
) -> Result<(&[u8], Carried<'_>), Payload<'_>> {
    match carried.bytes.split_at_checked(length) {
        Some((header, bytes)) => Ok((
            header,
            Carried {
                protocol: next,
                bytes,
                ..carried
            },
        )),
        None => Err(carried.too_short(length, "extension header is not whole")),
    }
}

/// RFC 8200 section 4.5; a fragment that is the whole packet is passed over (RFC 6946).
fn fragment<'a>(carried: Carried<'a>, ends: &Ends) -> Result<Carried<'a>, Payload<'a>> {
    let Some((&[protocol, _, o0, o1, i0, i1, i2, i3], bytes)) =
        carried.bytes.split_first_chunk::<8>()
    else {
        return Err(carried.too_short(8, "fragment header is not whole"));
    };
    let place = u16::from_be_bytes([o0, o1]);
    let (offset, more) = (u32::from(place & !7), place & 1 == 1);
    if offset == 0 && !more {
        return Ok(Carried {
            protocol,
            bytes,
            ..carried
        });
    }
    Err(Payload::Fragment(Fragment {
        source: IpAddr::V6(ends.source),
        destination: IpAddr::V6(ends.destination),
        identification: u32::from_be_bytes([i0, i1, i2, i3]),
        protocol,
        offset,
        more,
        payload: bytes,
        missing: carried.missing,
        tunnels: carried.path.tunnels,
    }))
}

/// The last hop: the last address of types 0 and 2 (RFC 2460 section 4.4, RFC 6275 section 6.4), the first of the
/// segment routing header, whose list is backwards (RFC 8754 section 2).
fn route(header: &[u8], ends: &mut Ends) {
    let [_, _, kind, segments_left, _, _, _, _, list @ ..] = header else {
        return;
    };
    let addresses = list.as_chunks::<16>().0;
    let last_hop = match (kind, segments_left) {
        (_, 0) => None,
        (0 | 2, _) => addresses.last(),
        (4, _) => addresses.first(),
        _ => None,
    };
    if let Some(address) = last_hop {
        ends.destination = Ipv6Addr::from(*address);
    }
}

/// RFC 6275 section 6.3: option 201 of 16 bytes among the destination options.
fn home_address(header: &[u8], ends: &mut Ends) {
    let mut options = header.get(2..).unwrap_or_default();
    loop {
        options = match options {
            [0, rest @ ..] => rest,
            [kind, length, rest @ ..] => {
                let Some((value, rest)) = rest.split_at_checked(usize::from(*length)) else {
                    return;
                };
                if let (OPTION_HOME_ADDRESS, Ok(address)) = (*kind, <[u8; 16]>::try_from(value)) {
                    ends.source = Ipv6Addr::from(address);
                }
                rest
            }
            _ => return,
        };
    }
}

pub(crate) const AUTHENTICATION: u8 = 51;
pub(crate) const NO_NEXT_HEADER: u8 = 59;
const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION_OPTIONS: u8 = 60;
const MOBILITY: u8 = 135;
const HOST_IDENTITY: u8 = 139;
const SHIM6: u8 = 140;
const OPTION_HOME_ADDRESS: u8 = 201;
