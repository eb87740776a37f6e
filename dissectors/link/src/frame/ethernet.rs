//! Ethernet, its tags, and LLC/SNAP, which other links share.

use crate::frame::ppp;
use crate::ip;
use crate::rest::Rest;
use crate::tunnel::{mpls, service};
use crate::{Decoded, Protocol, Tunnel};

/// A frame from its destination address on; the checksum behind it is not looked for.
#[inline]
pub(crate) fn frame(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<14>() {
        Some((&[.., high, low], rest)) => by_type(u16::from_be_bytes([high, low]), rest),
        None => rest.too_short("Ethernet header is not whole"),
    }
}

/// IP at once; all else stands in its own function, so that this one stays small where it is inlined.
#[inline]
pub(crate) fn by_type(ether_type: u16, rest: Rest<'_>) -> Decoded<'_> {
    match ether_type {
        IPV4 => ip::version_4(rest),
        IPV6 => ip::version_6(rest),
        _ => by_other_type(ether_type, rest),
    }
}

/// Any number of tags, then IP, MPLS, PPPoE, LLC, or something that is not read.
///
/// Each turn consumes at least four bytes, and whatever comes back to here from further in does so through
/// [`Rest::inside`], a bounded number of times.
#[inline(never)]
fn by_other_type(mut ether_type: u16, mut rest: Rest<'_>) -> Decoded<'_> {
    loop {
        let next = match ether_type {
            IPV4 => return ip::version_4(rest),
            IPV6 => return ip::version_6(rest),
            VLAN | SERVICE_VLAN | 0x9100 | 0x9200 | 0x9300 => tag(rest, 4),
            VN_TAG => tag(rest, 6),
            E_TAG | CISCO_METADATA => tag(rest, 8),
            0..LENGTH_END => snap(rest.bounded(usize::from(ether_type))),
            MPLS_UNICAST | MPLS_MULTICAST => return mpls::labels(rest),
            PPPOE_SESSION => return ppp::over_ethernet(rest),
            NETWORK_SERVICE => return rest.inside(Tunnel::Nsh, service::header),
            BACKBONE_SERVICE => return inner_frame(rest, 4),
            FABRIC_PATH => return inner_frame(rest, 2),
            other => return rest.not_ip(Protocol::EtherType(other)),
        };
        match next {
            Ok(next) => (ether_type, rest) = next,
            Err(decoded) => return decoded,
        }
    }
}

/// An ether type and what it speaks of, or how the frame ends.
type Typed<'a> = Result<(u16, Rest<'a>), Decoded<'a>>;

/// A tag of so many bytes, the last two of which are the next ether type.
fn tag(rest: Rest<'_>, length: usize) -> Typed<'_> {
    match rest.bytes.split_at_checked(length) {
        Some(([.., high, low], bytes)) => {
            Ok((u16::from_be_bytes([*high, *low]), Rest { bytes, ..rest }))
        }
        _ => Err(rest.too_short("tag is not whole")),
    }
}

/// LLC without a length in front of it, as links other than Ethernet have it.
pub(crate) fn logical_link(rest: Rest<'_>) -> Decoded<'_> {
    match snap(rest) {
        Ok((ether_type, rest)) => by_type(ether_type, rest),
        Err(decoded) => decoded,
    }
}

/// RFC 1042: LLC, and SNAP with an ether type; RFC 948 has IP behind LLC alone.
///
/// The organization 0000F8 is that of bridges for what they must not translate (IEEE 802.1H section 2.3).
fn snap(rest: Rest<'_>) -> Typed<'_> {
    match *rest.bytes {
        [0xaa, 0xaa, 3, o0, o1, o2, high, low, ref bytes @ ..] => {
            let organization = u32::from_be_bytes([0, o0, o1, o2]);
            match (organization, u16::from_be_bytes([high, low])) {
                (0 | 0x00_00f8, ether_type @ LENGTH_END..) => {
                    Ok((ether_type, Rest { bytes, ..rest }))
                }
                (_, number) => Err(rest.not_ip(Protocol::Snap(organization, number))),
            }
        }
        [0x06, 0x06, 3, ref bytes @ ..] => Err(ip::version_4(Rest { bytes, ..rest })),
        [0xaa, 0xaa, 3, ..] | [] | [_] | [_, _] => Err(rest.too_short("LLC header is not whole")),
        [service, ..] => Err(rest.not_ip(Protocol::Llc(service))),
    }
}

/// IEEE 802.1ah section 9.7 (four bytes of service tag) and Cisco's FabricPath (two bytes): a frame in a frame.
fn inner_frame(rest: Rest<'_>, tag_length: usize) -> Decoded<'_> {
    match rest.skip(tag_length) {
        Some(inner) => inner.inside(Tunnel::MacInMac, frame),
        None => rest.too_short("tag is not whole"),
    }
}

/// Whether bytes look like an Ethernet frame that leads somewhere: for headers that do not say what they carry.
pub(crate) fn is_plausible(rest: Rest<'_>) -> bool {
    let Some((&[.., high, low], after)) = rest.take::<14>() else {
        return false;
    };
    match u16::from_be_bytes([high, low]) {
        IPV4 => ip::is_plausible(after) && after.bytes.first().is_some_and(|first| first >> 4 == 4),
        IPV6 => ip::is_plausible(after) && after.bytes.first().is_some_and(|first| first >> 4 == 6),
        VLAN | SERVICE_VLAN | MPLS_UNICAST | PPPOE_SESSION | PPPOE_DISCOVERY | ARP | LLDP => true,
        length @ 3..LENGTH_END => usize::from(length) <= after.length(),
        _ => false,
    }
}

/// Whether bytes look like an Ethernet frame with an IP packet in it, tagged or not: where the header in front leaves open
/// even where the frame begins.
pub(crate) fn holds_ip(rest: Rest<'_>) -> bool {
    let tagged = [12, 16, 20];
    let mut places = tagged.iter().filter_map(|place| rest.skip(*place));
    let Some((ether_type, after)) = places.find_map(behind_tag) else {
        return false;
    };
    let version = match ether_type {
        IPV4 => 4,
        IPV6 => 6,
        _ => return false,
    };
    ip::is_plausible(after)
        && after
            .bytes
            .first()
            .is_some_and(|first| first >> 4 == version)
}

/// An ether type that is none of a tag, and what it speaks of.
fn behind_tag(rest: Rest<'_>) -> Option<(u16, Rest<'_>)> {
    let (number, after) = rest.take::<2>()?;
    match u16::from_be_bytes(*number) {
        VLAN | SERVICE_VLAN => None,
        ether_type => Some((ether_type, after)),
    }
}

pub(crate) const IPV4: u16 = 0x0800;
pub(crate) const IPV6: u16 = 0x86dd;
/// What is below is a length (IEEE 802.3 section 3.2.6).
pub(crate) const LENGTH_END: u16 = 0x0600;
pub(crate) const MPLS_UNICAST: u16 = 0x8847;
pub(crate) const MPLS_MULTICAST: u16 = 0x8848;
const VLAN: u16 = 0x8100;
const SERVICE_VLAN: u16 = 0x88a8;
const VN_TAG: u16 = 0x8926;
const E_TAG: u16 = 0x893f;
const CISCO_METADATA: u16 = 0x8909;
const PPPOE_DISCOVERY: u16 = 0x8863;
const PPPOE_SESSION: u16 = 0x8864;
const NETWORK_SERVICE: u16 = 0x894f;
const BACKBONE_SERVICE: u16 = 0x88e7;
const FABRIC_PATH: u16 = 0x8903;
const ARP: u16 = 0x0806;
const LLDP: u16 = 0x88cc;
