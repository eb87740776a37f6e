//! Overlay networks on UDP: VXLAN, VXLAN-GPE, GENEVE.

use crate::frame::ethernet;
use crate::ip;
use crate::rest::{Rest, TOO_DEEP};
use crate::tunnel::{mpls, service};
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
            None => Decoded::Malformed(TOO_DEEP),
        },
    }
}

const TRANSPARENT_BRIDGING: u16 = 0x6558;
