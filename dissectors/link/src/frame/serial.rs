//! Links that few have left: SLIP, FDDI, frame relay.

use crate::frame::ethernet;
use crate::ip;
use crate::rest::Rest;
use crate::{Decoded, Protocol};

/// SLIP as libpcap writes it: direction, 15 bytes of the compressed header, then the packet, decompressed.
pub(crate) fn slip(rest: Rest<'_>) -> Decoded<'_> {
    let Some((_, rest)) = rest.take::<16>() else {
        return rest.too_short("SLIP header is not whole");
    };
    match rest.bytes.first().map(|first| first >> 4) {
        Some(4 | 6) | None => ip::either_version(rest),
        Some(_) => rest.not_ip(Protocol::Named("slip_compressed")),
    }
}

/// FDDI: frame control, two addresses; LLC in the frames whose control says so (0101 in the upper bits).
pub(crate) fn fddi(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<13>() {
        Some((&[control, ..], rest)) if control & 0xf0 == 0x50 => ethernet::logical_link(rest),
        Some((_, rest)) => rest.not_ip(Protocol::Named("fddi_management")),
        None => rest.too_short("FDDI header is not whole"),
    }
}

/// RFC 2427: a Q.922 address that ends with the first odd byte, control 3, padding, and an NLPID.
pub(crate) fn frame_relay(rest: Rest<'_>) -> Decoded<'_> {
    let address = rest.bytes.iter().take(4).position(|byte| byte & 1 == 1);
    let Some(rest) = address.and_then(|last| rest.skip(last + 1)) else {
        return rest.too_short("frame relay address does not end");
    };
    let bytes = match rest.bytes {
        [3, 0, bytes @ ..] | [3, bytes @ ..] => bytes,
        [] => return rest.too_short("frame relay header is not whole"),
        _ => return rest.not_ip(Protocol::Named("frame_relay_control")),
    };
    match bytes {
        [NLPID_IPV4, bytes @ ..] => ip::version_4(Rest { bytes, ..rest }),
        [NLPID_IPV6, bytes @ ..] => ip::version_6(Rest { bytes, ..rest }),
        [NLPID_SNAP, 0, 0, 0, high, low, bytes @ ..] => {
            ethernet::by_type(u16::from_be_bytes([*high, *low]), Rest { bytes, ..rest })
        }
        [NLPID_SNAP, snap @ ..] if snap.len() < 5 => {
            rest.too_short("frame relay header is not whole")
        }
        [other, ..] => rest.not_ip(Protocol::NetworkLayer(*other)),
        [] => rest.too_short("frame relay header is not whole"),
    }
}

const NLPID_IPV4: u8 = 0xcc;
const NLPID_IPV6: u8 = 0x8e;
const NLPID_SNAP: u8 = 0x80;
