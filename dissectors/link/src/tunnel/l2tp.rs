//! L2TP, the tunnel of fixed access networks: version 2 with PPP in it, version 3 with Ethernet, on UDP and on IP.

use crate::frame::{ethernet, ppp};
use crate::rest::Rest;
use crate::{Decoded, Protocol, Tunnel};

/// RFC 2661 section 3.1 and RFC 3931 section 4.1.2: the version stands in the same place in both.
pub(crate) fn on_udp(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[f0, f1], after)) = rest.take::<2>() else {
        return rest.too_short("L2TP header is not whole");
    };
    let flags = u16::from_be_bytes([f0, f1]);
    match flags & (VERSION | RESERVED) {
        2 | 3 if flags & CONTROL != 0 => rest.not_ip(CONTROL_MESSAGE),
        2 => version_2(flags, after),
        3 if flags == 3 => match after.skip(6) {
            Some(payload) => version_3(payload),
            None => after.too_short("L2TP header is not whole"),
        },
        _ => Decoded::Malformed("not L2TP"),
    }
}

/// RFC 3931 section 4.1.1: a session first, which is 0 for control messages.
pub(crate) fn on_ip(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<4>() {
        Some((&[0, 0, 0, 0], _)) => rest.not_ip(CONTROL_MESSAGE),
        Some((_, payload)) => version_3(payload),
        None => rest.too_short("L2TP header is not whole"),
    }
}

/// RFC 2661 section 3.1: a data message; length, sequence numbers and offset only where flags say so.
fn version_2(flags: u16, rest: Rest<'_>) -> Decoded<'_> {
    let length = if flags & LENGTH == 0 { 0 } else { 2 };
    let numbers = if flags & SEQUENCE == 0 { 0 } else { 4 };
    let Some(after) = rest.skip(length + 4 + numbers) else {
        return rest.too_short("L2TP header is not whole");
    };
    if flags & OFFSET == 0 {
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

/// No header says how long the cookie is (none, 4 or 8 bytes, RFC 3931 section 4.1), nor whether four bytes with a sequence
/// number follow it (section 4.6), nor what the session carries: the ends agreed on it. So what is read is an Ethernet frame
/// (RFC 4719) in the first of these places from which one leads to an IP packet.
fn version_3(rest: Rest<'_>) -> Decoded<'_> {
    let places = [0, 4, 8, 12]
        .into_iter()
        .filter_map(|place| rest.skip(place));
    match places.into_iter().find(|frame| ethernet::holds_ip(*frame)) {
        Some(frame) => frame.inside(Tunnel::L2tp, ethernet::frame),
        None => rest.not_ip(Protocol::Named("l2tp_payload")),
    }
}

const CONTROL: u16 = 0x8000;
const LENGTH: u16 = 0x4000;
const SEQUENCE: u16 = 0x0800;
const OFFSET: u16 = 0x0200;
const RESERVED: u16 = 0x34f0;
const VERSION: u16 = 0x000f;
const CONTROL_MESSAGE: Protocol = Protocol::Named("l2tp_control");
