//! Names for what is not IP: by the number that a header gives it.

use std::borrow::Cow;
use std::cell::Cell;

use crate::decode::decode_from;
use crate::rest::{Path, Rest};
use crate::{Decoded, LinkType, Payload, Tunnels};

/// A protocol that is not read, by the registry that numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// An ether type.
    EtherType(u16),
    /// A destination service access point of LLC.
    Llc(u8),
    /// A SNAP protocol of an organization.
    Snap(u32, u16),
    /// A PPP protocol.
    Ppp(u16),
    /// An IP protocol.
    Ip(u8),
    /// A network layer protocol identifier (frame relay).
    NetworkLayer(u8),
    /// What has no number of its own, by name.
    Named(&'static str),
}

impl Protocol {
    /// Lower-case name for people and JSON; kind and number where it has none here.
    #[must_use]
    pub fn name(self) -> Cow<'static, str> {
        let known = match self {
            Self::Named(name) => Some(name),
            _ => NAMES
                .iter()
                .find(|(protocol, _)| *protocol == self)
                .map(|(_, name)| *name),
        };
        match (known, self) {
            (Some(name), _) => Cow::Borrowed(name),
            (None, Self::EtherType(number)) => Cow::Owned(format!("ether_type_0x{number:04x}")),
            (None, Self::Llc(number)) => Cow::Owned(format!("llc_0x{number:02x}")),
            (None, Self::Snap(organization, number)) => {
                Cow::Owned(format!("snap_0x{organization:06x}_0x{number:04x}"))
            }
            (None, Self::Ppp(number)) => Cow::Owned(format!("ppp_0x{number:04x}")),
            (None, Self::Ip(number)) => Cow::Owned(format!("ip_protocol_{number}")),
            (None, Self::NetworkLayer(number)) => Cow::Owned(format!("nlpid_0x{number:02x}")),
            (None, Self::Named(name)) => Cow::Borrowed(name),
        }
    }
}

/// What stands in a frame where [`crate::decode`] ends at [`Decoded::NotIp`] or at [`Payload::Other`], with the tunnels
/// around it, and ICMP where it ends at [`Payload::Unreachable`]; nothing for any other frame.
///
/// Reads the frame anew, so that plain frames need not carry the answer.
#[must_use]
pub fn unread_protocol(
    link_type: LinkType,
    bytes: &[u8],
    original_length: u32,
) -> Option<(Tunnels, Protocol)> {
    let noted = Cell::new(None);
    let path = Path {
        tunnels: Tunnels::default(),
        noted: Some(&noted),
    };
    let rest = Rest {
        path,
        ..Rest::of_frame(bytes, original_length)
    };
    match decode_from(link_type, rest) {
        Decoded::NotIp => noted.get(),
        Decoded::Ip(packet) => match packet.payload {
            Payload::Other(number) => noted.get().or(Some((packet.tunnels, Protocol::Ip(number)))),
            Payload::Unreachable(error) => Some((packet.tunnels, Protocol::Ip(error.icmp))),
            _ => None,
        },
        _ => None,
    }
}

const NAMES: [(Protocol, &str); 40] = [
    (Protocol::EtherType(0x0806), "arp"),
    (Protocol::EtherType(0x0842), "wake_on_lan"),
    (Protocol::EtherType(0x2000), "cdp"),
    (Protocol::EtherType(0x8035), "slarp"),
    (Protocol::EtherType(0x8808), "mac_control"),
    (Protocol::EtherType(0x8809), "slow_protocols"),
    (Protocol::EtherType(0x8863), "pppoe_discovery"),
    (Protocol::EtherType(0x888e), "eapol"),
    (Protocol::EtherType(0x88cc), "lldp"),
    (Protocol::EtherType(0x88e5), "macsec"),
    (Protocol::EtherType(0x88f7), "ptp"),
    (Protocol::EtherType(0x8902), "cfm"),
    (Protocol::EtherType(0x9000), "loopback_test"),
    (Protocol::Llc(0x42), "spanning_tree"),
    (Protocol::Llc(0xe0), "ipx"),
    (Protocol::Llc(0xf0), "netbeui"),
    (Protocol::Llc(0xfe), "osi"),
    (Protocol::Llc(0xff), "raw_802_3"),
    (Protocol::Snap(0x00_000c, 0x2000), "cdp"),
    (Protocol::Snap(0x00_000c, 0x0111), "udld"),
    (Protocol::Snap(0x00_000c, 0x010b), "pvst"),
    (Protocol::Ppp(0x002d), "ppp_vj_compressed"),
    (Protocol::Ppp(0x002f), "ppp_vj_uncompressed"),
    (Protocol::Ppp(0x003d), "ppp_multilink"),
    (Protocol::Ppp(0x00fd), "ppp_compressed"),
    (Protocol::Ppp(0x8021), "ipcp"),
    (Protocol::Ppp(0x8057), "ipv6cp"),
    (Protocol::Ppp(0x80fd), "ccp"),
    (Protocol::Ppp(0xc021), "lcp"),
    (Protocol::Ppp(0xc023), "pap"),
    (Protocol::Ppp(0xc223), "chap"),
    (Protocol::Ip(1), "icmp"),
    (Protocol::Ip(2), "igmp"),
    (Protocol::Ip(47), "gre"),
    (Protocol::Ip(50), "esp"),
    (Protocol::Ip(58), "icmpv6"),
    (Protocol::Ip(88), "eigrp"),
    (Protocol::Ip(89), "ospf"),
    (Protocol::Ip(112), "vrrp"),
    (Protocol::Ip(132), "sctp"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protocol_has_a_name() {
        for (protocol, name) in NAMES {
            assert_eq!(protocol.name(), name);
        }
        assert_eq!(Protocol::EtherType(0x1234).name(), "ether_type_0x1234");
        assert_eq!(Protocol::Llc(0x06).name(), "llc_0x06");
        assert_eq!(Protocol::Snap(0x00_1018, 7).name(), "snap_0x001018_0x0007");
        assert_eq!(Protocol::Ppp(0x0001).name(), "ppp_0x0001");
        assert_eq!(Protocol::Ip(253).name(), "ip_protocol_253");
        assert_eq!(Protocol::NetworkLayer(0x81).name(), "nlpid_0x81");
        assert_eq!(Protocol::Named("encrypted").name(), "encrypted");
    }
}
