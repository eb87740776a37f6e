//! Tunnels on UDP, recognised by their port and by what must stand behind it.

use std::cell::Cell;

use crate::ip::Carried;
use crate::rest::{Path, Rest, TOO_DEEP};
use crate::transport;
use crate::tunnel::ip_protocol::Upper;
use crate::tunnel::{capwap, gtp, l2tp, mpls, overlay, six_in_four, tzsp};
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
        L2TP | GTP_U
            | TEREDO
            | VXLAN
            | VXLAN_GPE
            | AYIYA
            | CAPWAP_DATA
            | GUE
            | GENEVE
            | MPLS
            | VXLAN_LINUX
            | TZSP
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
    let [destination, source] = [udp.destination_port, udp.source_port];
    let ports = [Some(destination), (source != destination).then_some(source)];
    for port in ports.into_iter().flatten() {
        match inside(port, rest) {
            Decoded::Ip(packet) if !matches!(packet.payload, Payload::Malformed(_)) => {
                return Upper::Inner(packet);
            }
            Decoded::NotIp if is_too_deep(port, rest) => {
                return Upper::Payload(Payload::Other(transport::PROTOCOL_UDP));
            }
            _ => {}
        }
    }
    Upper::Payload(Payload::Udp(udp))
}

/// Whether what is no IP is one tunnel too many: reads it once more, since only what is noted on the way tells it.
fn is_too_deep(port: u16, rest: Rest<'_>) -> bool {
    let noted = Cell::new(None);
    let path = Path {
        noted: Some(&noted),
        ..rest.path
    };
    inside(port, Rest { path, ..rest });
    noted
        .get()
        .is_some_and(|(_, protocol)| protocol == TOO_DEEP)
}

fn inside(port: u16, rest: Rest<'_>) -> Decoded<'_> {
    match port {
        L2TP => l2tp::on_udp(rest),
        GTP_U => gtp::user_plane(rest),
        TEREDO => six_in_four::teredo(rest),
        VXLAN | VXLAN_LINUX => overlay::vxlan(rest),
        VXLAN_GPE => overlay::vxlan_gpe(rest),
        AYIYA => six_in_four::ayiya(rest),
        CAPWAP_DATA => capwap::data(rest),
        GUE => overlay::gue(rest),
        GENEVE => overlay::geneve(rest),
        MPLS => mpls::labels(rest),
        TZSP => tzsp::header(rest),
        _ => Decoded::NotIp,
    }
}

const L2TP: u16 = 1701;
const GTP_U: u16 = 2152;
const TEREDO: u16 = 3544;
const VXLAN: u16 = 4789;
const VXLAN_GPE: u16 = 4790;
const AYIYA: u16 = 5072;
const CAPWAP_DATA: u16 = 5247;
const GUE: u16 = 6080;
const GENEVE: u16 = 6081;
const MPLS: u16 = 6635;
/// Linux used it before 4789 was assigned, and still does by default.
const VXLAN_LINUX: u16 = 8472;
const TZSP: u16 = 37008;
