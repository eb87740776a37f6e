//! Tunnels on UDP, recognised by their port and by what must stand behind it.

use crate::ip::Carried;
use crate::rest::{Rest, TOO_DEEP};
use crate::tunnel::ip_protocol::Upper;
use crate::tunnel::{mobile, mpls, overlay, six_in_four};
use crate::{Decoded, Payload, Udp};

/// Whether either port is a tunnel's: all that a plain datagram costs.
#[inline]
pub(crate) fn may_be_tunnel(datagram: &[u8]) -> bool {
    match *datagram {
        [s0, s1, d0, d1, ..] => {
            is_known(u16::from_be_bytes([d0, d1])) || is_known(u16::from_be_bytes([s0, s1]))
        }
        _ => false,
    }
}

#[inline]
fn is_known(port: u16) -> bool {
    matches!(
        port,
        L2TP | GTP_U | TEREDO | VXLAN | VXLAN_GPE | AYIYA | GENEVE | MPLS | VXLAN_LINUX
    )
}

/// The packet in a tunnel, or the datagram as it stands: a port proves nothing, so that whatever does not lead to an IP
/// packet in good order stays a datagram.
pub(crate) fn open<'a>(udp: Udp<'a>, carried: Carried<'a>) -> Upper<'a> {
    let rest = Rest {
        bytes: udp.payload,
        lost: udp.missing,
        path: carried.path,
    };
    let by_destination = inside(udp.destination_port, rest);
    let inner = match by_destination {
        Decoded::NotIp if !is_known(udp.destination_port) => inside(udp.source_port, rest),
        decoded => decoded,
    };
    match inner {
        Decoded::Ip(packet) if is_sound(&packet.payload) => Upper::Inner(packet),
        Decoded::Malformed(TOO_DEEP) => Upper::Payload(Payload::Malformed(TOO_DEEP)),
        _ => Upper::Payload(Payload::Udp(udp)),
    }
}

fn is_sound(payload: &Payload<'_>) -> bool {
    !matches!(payload, Payload::Malformed(what) if *what != TOO_DEEP)
}

fn inside(port: u16, rest: Rest<'_>) -> Decoded<'_> {
    match port {
        L2TP => mobile::l2tp(rest),
        GTP_U => mobile::gtp_u(rest),
        TEREDO => six_in_four::teredo(rest),
        VXLAN | VXLAN_LINUX => overlay::vxlan(rest),
        VXLAN_GPE => overlay::vxlan_gpe(rest),
        AYIYA => six_in_four::ayiya(rest),
        GENEVE => overlay::geneve(rest),
        MPLS => mpls::labels(rest),
        _ => Decoded::NotIp,
    }
}

const L2TP: u16 = 1701;
const GTP_U: u16 = 2152;
const TEREDO: u16 = 3544;
const VXLAN: u16 = 4789;
const VXLAN_GPE: u16 = 4790;
const AYIYA: u16 = 5072;
const GENEVE: u16 = 6081;
const MPLS: u16 = 6635;
/// Linux used it before 4789 was assigned, and still does by default.
const VXLAN_LINUX: u16 = 8472;
