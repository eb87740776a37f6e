//! Overlay networks on UDP: VXLAN, VXLAN-GPE, GENEVE, GUE.

use crate::frame::ethernet;
use crate::ip;
use crate::rest::Rest;
use crate::tunnel::{gre, mpls, service};
use crate::{Decoded, Protocol, Tunnel};

/// RFC 7348 section 5. The reserved bits are 0, save those of the group policy extension (draft-smith-vxlan-group-policy).
pub(crate) fn vxlan(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<8>() {
        Some((&[flags, _, _, _, _, _, _, 0], frame)) if flags & 0x7f == 0x08 => {
            frame.inside(Tunnel::Vxlan, ethernet::frame)
        }
        Some(_) => Decoded::Malformed("not VXLAN"),
        None => rest.too_short("VXLAN header is not whole"),
    }
}

/// draft-ietf-nvo3-vxlan-gpe section 3: the next protocol, where a flag says that there is one.
pub(crate) fn vxlan_gpe(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[flags, 0, 0, next, _, _, _, 0], inner)) = rest.take::<8>() else {
        return rest.too_short("VXLAN header is not whole");
    };
    match (flags & 0xf8, flags & 0x04, next) {
        (0x08, 0, 0) | (0x08, 0x04, 3) => inner.inside(Tunnel::Vxlan, ethernet::frame),
        (0x08, 0x04, 1) => inner.inside(Tunnel::Vxlan, ip::version_4),
        (0x08, 0x04, 2) => inner.inside(Tunnel::Vxlan, ip::version_6),
        (0x08, 0x04, 4) => inner.inside(Tunnel::Vxlan, service::header),
        (0x08, 0x04, 5) => inner.inside(Tunnel::Vxlan, mpls::labels),
        (0x08, 0x04, _) => inner.not_ip(Protocol::Named("vxlan_other_protocol")),
        _ => Decoded::Malformed("not VXLAN-GPE"),
    }
}

/// RFC 8926 section 3.4: version 0, options in words, an ether type.
pub(crate) fn geneve(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[words @ ..0x40, flags, p0, p1, _, _, _, 0], after)) = rest.take::<8>() else {
        return rest.too_short("GENEVE header is not whole");
    };
    let Some(inner) = after.skip(usize::from(words) * 4) else {
        return after.too_short("GENEVE options are not whole");
    };
    match u16::from_be_bytes([p0, p1]) {
        _ if flags & 0x3f != 0 => Decoded::Malformed("not GENEVE"),
        TRANSPARENT_BRIDGING => inner.inside(Tunnel::Geneve, ethernet::frame),
        ..ethernet::LENGTH_END => Decoded::Malformed("not GENEVE"),
        ether_type => match inner.enter(Tunnel::Geneve) {
            Some(inner) => ethernet::by_type(ether_type, inner),
            None => inner.too_deep(),
        },
    }
}

/// draft-ietf-intarea-gue-09 section 3: variant 1 is an IP packet; variant 0 has words of options, an IP protocol, flags.
///
/// Of the flags only that of private data (Linux's, for its own checksums) leaves the packet as it was; any other may
/// have made a fragment of it, or sealed it. An IP packet must fill the datagram, since little else is to be recognised.
pub(crate) fn gue(rest: Rest<'_>) -> Decoded<'_> {
    let (inner, protocol) = match *rest.bytes {
        [0x40..=0x4f, ..] => (Some(rest), IPV4),
        [0x60..=0x6f, ..] => (Some(rest), IPV6),
        [words @ ..0x20, protocol, 0, 0 | 1, ..] => {
            (rest.skip(4 + usize::from(words) * 4), protocol)
        }
        [0x20..=0x3f, ..] => return rest.not_ip(Protocol::Named("gue_control")),
        _ => return rest.too_short("not GUE"),
    };
    let Some(inner) = inner else {
        return rest.too_short("GUE header is not whole");
    };
    match protocol {
        IPV4 if ip::fills(inner, 4) => inner.inside(Tunnel::Gue, ip::version_4),
        IPV6 if ip::fills(inner, 6) => inner.inside(Tunnel::Gue, ip::version_6),
        GRE => inner.inside(Tunnel::Gue, gre::header),
        _ => Decoded::Malformed("not GUE"),
    }
}

const TRANSPARENT_BRIDGING: u16 = 0x6558;
const IPV4: u8 = 4;
const IPV6: u8 = 41;
const GRE: u8 = 47;
