//! GRE, and what stands in it: any ether type, ERSPAN, PPTP's PPP, WCCP.

use crate::frame::{ethernet, ppp};
use crate::ip;
use crate::rest::Rest;
use crate::{Decoded, Protocol, Tunnel};

/// RFC 2784, RFC 2890 and RFC 1701 (routing) for version 0, RFC 2637 section 4.1 for version 1.
pub(crate) fn header(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[f0, f1, p0, p1], after)) = rest.take::<4>() else {
        return rest.too_short("GRE header is not whole");
    };
    let (flags, protocol) = (u16::from_be_bytes([f0, f1]), u16::from_be_bytes([p0, p1]));
    match flags & VERSION {
        0 => version_0(flags, protocol, after),
        1 => version_1(flags, protocol, after),
        _ => Decoded::Malformed("GRE version is neither 0 nor 1"),
    }
}

fn version_0(flags: u16, protocol: u16, rest: Rest<'_>) -> Decoded<'_> {
    let words = [CHECKSUM | ROUTING, KEY, SEQUENCE];
    let words = words.iter().filter(|bits| flags & **bits != 0).count();
    let Some(mut rest) = rest.skip(words * 4) else {
        return rest.too_short("GRE header is not whole");
    };
    if flags & ROUTING != 0 {
        rest = match behind_routing(rest) {
            Ok(behind) => behind,
            Err(decoded) => return decoded,
        };
    }
    match protocol {
        ERSPAN_1_2 if flags & SEQUENCE == 0 => rest.inside(Tunnel::Erspan, ethernet::frame),
        ERSPAN_1_2 => rest.inside(Tunnel::Erspan, erspan_2),
        ERSPAN_3 => rest.inside(Tunnel::Erspan, erspan_3),
        TRANSPARENT_BRIDGING => rest.inside(Tunnel::Gre, ethernet::frame),
        PPP => rest.inside(Tunnel::Gre, ppp::packet),
        WCCP => rest.inside(Tunnel::Gre, redirected),
        // A keepalive, and protocols of PUP's time, which are no lengths here.
        ..ethernet::LENGTH_END => rest.not_ip(Protocol::EtherType(protocol)),
        ether_type => match rest.enter(Tunnel::Gre) {
            Some(inner) => ethernet::by_type(ether_type, inner),
            None => rest.too_deep(),
        },
    }
}

/// RFC 1701 section 2: entries of family, offset, length and that many bytes, up to one that is all zero.
fn behind_routing(mut rest: Rest<'_>) -> Result<Rest<'_>, Decoded<'_>> {
    loop {
        let Some((&[f0, f1, _, length], after)) = rest.take::<4>() else {
            return Err(rest.too_short("GRE routing does not end"));
        };
        match after.skip(usize::from(length)) {
            Some(behind) if length == 0 && (f0, f1) == (0, 0) => return Ok(behind),
            Some(behind) => rest = behind,
            None => return Err(after.too_short("GRE routing does not end")),
        }
    }
}

/// The key holds the payload's length and the call; without a sequence number there is no payload.
fn version_1(flags: u16, protocol: u16, rest: Rest<'_>) -> Decoded<'_> {
    if protocol != PPP {
        return rest.not_ip(Protocol::EtherType(protocol));
    }
    let Some((&[l0, l1, _, _], after)) = rest.take::<4>() else {
        return rest.too_short("GRE header is not whole");
    };
    if flags & SEQUENCE == 0 {
        return rest.not_ip(Protocol::Named("pptp_acknowledgment"));
    }
    let length = if flags & ACKNOWLEDGMENT == 0 { 4 } else { 8 };
    match after.skip(length) {
        Some(payload) => {
            let payload = payload.bounded(usize::from(u16::from_be_bytes([l0, l1])));
            payload.inside(Tunnel::Pptp, ppp::packet)
        }
        None => after.too_short("GRE header is not whole"),
    }
}

/// draft-foschiano-erspan-03 section 4.2: eight bytes.
fn erspan_2(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<8>() {
        Some((&[0x10..=0x1f, ..], frame)) => ethernet::frame(frame),
        Some(_) => rest.not_ip(Protocol::Named("erspan_other_version")),
        None => rest.too_short("ERSPAN header is not whole"),
    }
}

/// Section 4.3: twelve bytes, eight more where the lowest bit says so; bits 1 to 5 of the same sixteen tell whether a
/// frame is mirrored (0) or an IP packet (2).
fn erspan_3(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[version, .., f0, f1], after)) = rest.take::<12>() else {
        return rest.too_short("ERSPAN header is not whole");
    };
    if version >> 4 != 2 {
        return rest.not_ip(Protocol::Named("erspan_other_version"));
    }
    let flags = u16::from_be_bytes([f0, f1]);
    match after.skip(usize::from(flags & 1) * 8) {
        Some(inner) => match (flags >> 10) & 0x1f {
            0 => ethernet::frame(inner),
            2 => ip::either_version(inner),
            _ => inner.not_ip(Protocol::Named("erspan_other_frame")),
        },
        None => after.too_short("ERSPAN header is not whole"),
    }
}

/// Web cache redirection: an IP packet, in version 2 of the protocol behind four bytes that cannot begin one.
fn redirected(rest: Rest<'_>) -> Decoded<'_> {
    match rest.bytes {
        [0x40..=0x4f, ..] => ip::version_4(rest),
        _ => match rest.skip(4) {
            Some(packet) => ip::either_version(packet),
            None => rest.too_short("redirection header is not whole"),
        },
    }
}

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const ACKNOWLEDGMENT: u16 = 0x0080;
const VERSION: u16 = 0x0007;
const ERSPAN_1_2: u16 = 0x88be;
const ERSPAN_3: u16 = 0x22eb;
const TRANSPARENT_BRIDGING: u16 = 0x6558;
const PPP: u16 = 0x880b;
const WCCP: u16 = 0x883e;
