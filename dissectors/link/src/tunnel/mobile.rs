//! Tunnels of access networks on UDP: GTP-U of the mobile core, L2TP of the fixed one.

use crate::frame::ppp;
use crate::ip;
use crate::rest::Rest;
use crate::{Decoded, Protocol, Tunnel};

/// 3GPP TS 29.281 section 5.1: version 1, protocol type GTP, message 255 carries a packet.
pub(crate) fn gtp_u(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[flags, message, l0, l1, _, _, _, _], after)) = rest.take::<8>() else {
        return rest.too_short("GTP header is not whole");
    };
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    if flags & 0xf0 != 0x30 || length > after.length() {
        return Decoded::Malformed("not GTP-U");
    }
    if message != USER_PACKET {
        return rest.not_ip(Protocol::Named("gtp_signalling"));
    }
    let after = after.bounded(length);
    if flags & ANY_OPTION == 0 {
        return after.inside(Tunnel::GtpU, ip::either_version);
    }
    let Some((&[_, _, _, next], after)) = after.take::<4>() else {
        return after.too_short("GTP header is not whole");
    };
    let next = if flags & EXTENSION == 0 { 0 } else { next };
    match behind_extensions(next, after) {
        Ok(packet) => packet.inside(Tunnel::GtpU, ip::either_version),
        Err(decoded) => decoded,
    }
}

/// Section 5.2.1: a length in words first, the type of the next header last; a length of 0 is none.
fn behind_extensions(mut next: u8, mut rest: Rest<'_>) -> Result<Rest<'_>, Decoded<'_>> {
    while next != 0 {
        let length = match rest.bytes.first() {
            Some(0) => return Err(Decoded::Malformed("GTP extension header of no length")),
            Some(words) => usize::from(*words) * 4,
            None => return Err(rest.too_short("GTP extension header is not whole")),
        };
        match rest.bytes.split_at_checked(length) {
            Some(([.., last], bytes)) => {
                next = *last;
                rest = Rest { bytes, ..rest };
            }
            _ => return Err(rest.too_short("GTP extension header is not whole")),
        }
    }
    Ok(rest)
}

/// RFC 2661 section 3.1: a data message of version 2; length, sequence numbers and offset only where flags say so.
pub(crate) fn l2tp(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[f0, f1], after)) = rest.take::<2>() else {
        return rest.too_short("L2TP header is not whole");
    };
    let flags = u16::from_be_bytes([f0, f1]);
    if flags & (L2TP_VERSION | L2TP_RESERVED) != 2 {
        return Decoded::Malformed("not L2TP");
    }
    if flags & L2TP_CONTROL != 0 {
        return rest.not_ip(Protocol::Named("l2tp_control"));
    }
    let length = if flags & L2TP_LENGTH == 0 { 0 } else { 2 };
    let numbers = if flags & L2TP_SEQUENCE == 0 { 0 } else { 4 };
    let Some(after) = after.skip(length + 4 + numbers) else {
        return after.too_short("L2TP header is not whole");
    };
    if flags & L2TP_OFFSET == 0 {
        return after.inside(Tunnel::L2tp, ppp::packet);
    }
    let padded = after
        .take::<2>()
        .and_then(|(offset, after)| after.skip(usize::from(u16::from_be_bytes(*offset))));
    match padded {
        Some(packet) => packet.inside(Tunnel::L2tp, ppp::packet),
        None => after.too_short("L2TP offset is beyond the packet"),
    }
}

const USER_PACKET: u8 = 255;
const ANY_OPTION: u8 = 0x07;
const EXTENSION: u8 = 0x04;
const L2TP_CONTROL: u16 = 0x8000;
const L2TP_LENGTH: u16 = 0x4000;
const L2TP_SEQUENCE: u16 = 0x0800;
const L2TP_OFFSET: u16 = 0x0200;
const L2TP_RESERVED: u16 = 0x34f0;
const L2TP_VERSION: u16 = 0x000f;
