//! Headers that a capturing host writes itself: Linux cooked capture, loopback, NFLOG, PKTAP.

use crate::decode;
use crate::frame::ethernet;
use crate::ip;
use crate::rest::Rest;
use crate::{Decoded, Protocol};

/// Linux cooked capture v1: the protocol stands last. The ARPHRD type may be any: what decides is the protocol.
pub(crate) fn linux_sll(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<16>() {
        Some((&[_, _, t0, t1, .., high, low], rest)) => cooked([t0, t1], [high, low], rest),
        None => rest.too_short("SLL header is not whole"),
    }
}

/// Linux cooked capture v2: the protocol stands first.
pub(crate) fn linux_sll2(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<20>() {
        Some((&[high, low, _, _, _, _, _, _, t0, t1, ..], rest)) => {
            cooked([t0, t1], [high, low], rest)
        }
        None => rest.too_short("SLL2 header is not whole"),
    }
}

/// The protocol of a netlink message is a netlink family, not an ether type; small numbers are Linux's own, ETH_P_802_2
/// and ETH_P_802_3 among them.
fn cooked(arphrd: [u8; 2], protocol: [u8; 2], rest: Rest<'_>) -> Decoded<'_> {
    match (u16::from_be_bytes(arphrd), u16::from_be_bytes(protocol)) {
        (ARPHRD_NETLINK, _) => rest.not_ip(Protocol::Named("netlink")),
        (_, ETH_P_802_2) => ethernet::logical_link(rest),
        (_, ETH_P_802_3) => rest.not_ip(Protocol::Llc(0xff)),
        (_, protocol) => ethernet::by_type(protocol, rest),
    }
}

/// NULL has the family in the capturing host's order, LOOP in network order; files exist with either in either,
/// and every family is a small number, so the smaller reading is the right one.
pub(crate) fn loopback(rest: Rest<'_>) -> Decoded<'_> {
    let Some((header, rest)) = rest.take::<4>() else {
        return rest.too_short("loopback header is not whole");
    };
    match u32::from_le_bytes(*header).min(u32::from_be_bytes(*header)) {
        AF_INET => ip::version_4(rest),
        AF_INET6_LINUX | AF_INET6_WINDOWS | AF_INET6_BSD | AF_INET6_FREEBSD | AF_INET6_DARWIN => {
            ip::version_6(rest)
        }
        // Some drivers write an ether type into the last two bytes.
        _ => ethernet::by_type(u16::from_be_bytes([header[2], header[3]]), rest),
    }
}

/// Linux's NFLOG: family, version, and attributes, one of which is the packet.
///
/// Lengths and types have the capturing host's order, which nothing tells: the first attribute is short, so that the
/// smaller reading of its length is the right one.
pub(crate) fn nflog(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[family, version, _, _], mut rest)) = rest.take::<4>() else {
        return rest.too_short("NFLOG header is not whole");
    };
    if version != 0 {
        return Decoded::Malformed("NFLOG version is not 0");
    }
    let little_endian = match rest.bytes {
        [l0, l1, ..] => u16::from_le_bytes([*l0, *l1]) <= u16::from_be_bytes([*l0, *l1]),
        _ => return rest.too_short("NFLOG attribute is not whole"),
    };
    loop {
        let Some((&[l0, l1, t0, t1], value)) = rest.take::<4>() else {
            return rest.too_short("NFLOG has no payload attribute");
        };
        let (length, kind) = if little_endian {
            (u16::from_le_bytes([l0, l1]), u16::from_le_bytes([t0, t1]))
        } else {
            (u16::from_be_bytes([l0, l1]), u16::from_be_bytes([t0, t1]))
        };
        let Some(value_length) = usize::from(length).checked_sub(4) else {
            return Decoded::Malformed("NFLOG attribute is shorter than its header");
        };
        if kind == NFULA_PAYLOAD {
            return by_family(family, value.bounded(value_length));
        }
        let Some(next) = value.skip(value_length.next_multiple_of(4)) else {
            return rest.too_short("NFLOG attribute is not whole");
        };
        rest = next;
    }
}

fn by_family(family: u8, rest: Rest<'_>) -> Decoded<'_> {
    match u32::from(family) {
        AF_INET => ip::version_4(rest),
        AF_INET6_LINUX => ip::version_6(rest),
        _ => rest.not_ip(Protocol::Named("nflog_other_family")),
    }
}

/// Apple's PKTAP: its own length first, the link type of what follows third, both little-endian.
pub(crate) fn pktap(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[l0, l1, l2, l3, _, _, _, _, t0, t1, t2, t3], _)) = rest.take::<12>() else {
        return rest.too_short("PKTAP header is not whole");
    };
    let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    if length < 12 {
        return Decoded::Malformed("PKTAP header length is below 12");
    }
    match rest.skip(length) {
        Some(inner) => decode::wrapped(u32::from_le_bytes([t0, t1, t2, t3]), inner),
        None => rest.too_short("PKTAP header is not whole"),
    }
}

const ARPHRD_NETLINK: u16 = 824;
const ETH_P_802_3: u16 = 1;
const ETH_P_802_2: u16 = 4;
const NFULA_PAYLOAD: u16 = 9;
const AF_INET: u32 = 2;
const AF_INET6_LINUX: u32 = 10;
const AF_INET6_WINDOWS: u32 = 23;
const AF_INET6_BSD: u32 = 24;
const AF_INET6_FREEBSD: u32 = 28;
const AF_INET6_DARWIN: u32 = 30;
