//! What the innermost IP header carries: a transport, or a tunnel by its IP protocol.

use crate::extension;
use crate::frame::ethernet;
use crate::icmp;
use crate::ip::{self, Carried};
use crate::rest::Rest;
use crate::transport;
use crate::tunnel::{gre, l2tp, mpls, udp_port};
use crate::{Decoded, Packet, Payload, Protocol, Tunnel};

/// What an IP packet turns out to be.
pub(crate) enum Upper<'a> {
    /// The packet has this payload.
    Payload(Payload<'a>),
    /// It is a tunnel, and this the packet in it.
    Inner(Packet<'a>),
}

/// Whether an IP packet carries what may be a tunnel: all that plain TCP and UDP cost.
#[inline]
pub(crate) fn may_be_tunnel(carried: Carried<'_>) -> bool {
    match carried.protocol {
        transport::PROTOCOL_TCP => false,
        transport::PROTOCOL_UDP => udp_port::may_be_tunnel(carried.bytes),
        _ => true,
    }
}

/// Any payload, a transport among them, for who does not care about the cost.
#[cold]
#[inline(never)]
pub(crate) fn upper(carried: Carried<'_>) -> Upper<'_> {
    match carried.protocol {
        transport::PROTOCOL_TCP => Upper::Payload(transport::tcp(carried)),
        transport::PROTOCOL_UDP => match transport::udp(carried) {
            Payload::Udp(udp) if udp_port::may_be_tunnel(carried.bytes) => {
                udp_port::open(udp, carried)
            }
            payload => Upper::Payload(payload),
        },
        _ => other(carried),
    }
}

/// A tunnel that leads to no IP packet leaves the packet around it.
fn other(carried: Carried<'_>) -> Upper<'_> {
    let rest = carried.rest();
    let inner = match carried.protocol {
        extension::AUTHENTICATION => return behind_authentication(carried),
        IPV4_IN_IP => rest.inside(Tunnel::IpInIp, ip::version_4),
        IPV6_IN_IP => rest.inside(Tunnel::IpInIp, ip::version_6),
        GRE => gre::header(rest),
        ETHER_IP => rest.inside(Tunnel::EtherIp, ether_ip),
        L2TP => l2tp::on_ip(rest),
        MPLS_IN_IP => mpls::labels(rest),
        protocol => {
            if matches!(protocol, icmp::ICMP | icmp::ICMP_V6)
                && let Some(error) = icmp::unreachable(carried)
            {
                return Upper::Payload(Payload::Unreachable(error));
            }
            carried.path.note(Protocol::Ip(protocol));
            Decoded::NotIp
        }
    };
    match inner {
        Decoded::Ip(packet) => Upper::Inner(packet),
        Decoded::NotIp | Decoded::Unsupported(_) => {
            Upper::Payload(Payload::Other(carried.protocol))
        }
        Decoded::Cut => Upper::Payload(Payload::Cut),
        Decoded::Malformed(what) => Upper::Payload(Payload::Malformed(what)),
    }
}

/// Of the extension headers IPv4 knows the authentication header alone (RFC 4302 section 3.1), and once.
fn behind_authentication(carried: Carried<'_>) -> Upper<'_> {
    match extension::skip_authentication(carried) {
        Ok(inner) if inner.protocol == extension::AUTHENTICATION => {
            Upper::Payload(Payload::Malformed("two authentication headers"))
        }
        Ok(inner) => upper(inner),
        Err(payload) => Upper::Payload(payload),
    }
}

/// RFC 3378 section 3: version 3 and twelve bits of nothing.
fn ether_ip(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<2>() {
        Some((&[0x30, 0], frame)) => ethernet::frame(frame),
        Some(_) => Decoded::Malformed("EtherIP version is not 3"),
        None => rest.too_short("EtherIP header is not whole"),
    }
}

const IPV4_IN_IP: u8 = 4;
const IPV6_IN_IP: u8 = 41;
const GRE: u8 = 47;
const ETHER_IP: u8 = 97;
const L2TP: u8 = 115;
const MPLS_IN_IP: u8 = 137;
