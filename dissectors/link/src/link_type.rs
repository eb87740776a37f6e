//! Link types as capture files number them.
//!
//! Numbers and names are those of the registry at <https://www.tcpdump.org/linktypes.html>.

use std::borrow::Cow;

/// A link type (LINKTYPE_ value) of a capture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback, the address family in the byte order of the capturing host.
    pub const NULL: Self = Self(0);
    /// IEEE 802.3 Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// Serial Line IP, the packet decompressed.
    pub const SLIP: Self = Self(8);
    /// PPP, with or without address and control bytes.
    pub const PPP: Self = Self(9);
    /// FDDI.
    pub const FDDI: Self = Self(10);
    /// Raw IP as most systems number DLT_RAW.
    pub const RAW_12: Self = Self(12);
    /// Raw IP as OpenBSD numbers DLT_RAW.
    pub const RAW_14: Self = Self(14);
    /// PPP or Cisco's HDLC on a serial line.
    pub const PPP_HDLC: Self = Self(50);
    /// PPPoE, from its own header on.
    pub const PPP_ETHER: Self = Self(51);
    /// Raw IP, version 4 or 6.
    pub const RAW: Self = Self(101);
    /// Cisco's HDLC.
    pub const C_HDLC: Self = Self(104);
    /// 802.11 without any header of the capturing tool.
    pub const IEEE802_11: Self = Self(105);
    /// Frame relay.
    pub const FRAME_RELAY: Self = Self(107);
    /// OpenBSD loopback, the address family in network byte order.
    pub const LOOP: Self = Self(108);
    /// Linux cooked capture, version 1.
    pub const LINUX_SLL: Self = Self(113);
    /// 802.11 behind a Prism header.
    pub const IEEE802_11_PRISM: Self = Self(119);
    /// 802.11 behind a radiotap header.
    pub const IEEE802_11_RADIOTAP: Self = Self(127);
    /// 802.11 behind an AVS header.
    pub const IEEE802_11_AVS: Self = Self(163);
    /// PPP as the daemon captures it, a direction byte first.
    pub const PPP_PPPD: Self = Self(166);
    /// Per-packet information, a frame of another link type behind it.
    pub const PPI: Self = Self(192);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux netfilter log.
    pub const NFLOG: Self = Self(239);
    /// Apple's PKTAP, a frame of another link type behind it.
    pub const PKTAP: Self = Self(258);
    /// Linux cooked capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);

    /// Lower-case name for people and JSON; `linktype_147` where the number has none here.
    #[must_use]
    pub fn name(self) -> Cow<'static, str> {
        let known = NAMES.binary_search_by_key(&self.0, |entry| entry.0).ok();
        match known.and_then(|at| NAMES.get(at)) {
            Some(entry) => Cow::Borrowed(entry.1),
            None => Cow::Owned(format!("linktype_{}", self.0)),
        }
    }
}

const NAMES: [(u16, &str); 44] = [
    (0, "null"),
    (1, "ethernet"),
    (3, "ax25"),
    (6, "token_ring"),
    (7, "arcnet"),
    (8, "slip"),
    (9, "ppp"),
    (10, "fddi"),
    (12, "raw_ip"),
    (14, "raw_ip"),
    (50, "ppp_serial"),
    (51, "ppp_ether"),
    (100, "atm_rfc1483"),
    (101, "raw_ip"),
    (104, "c_hdlc"),
    (105, "ieee802_11"),
    (107, "frame_relay"),
    (108, "loop"),
    (109, "enc"),
    (113, "linux_sll"),
    (114, "ltalk"),
    (117, "pflog"),
    (119, "ieee802_11_prism"),
    (122, "ip_over_fc"),
    (123, "sunatm"),
    (127, "ieee802_11_radio"),
    (138, "apple_ip_over_ieee1394"),
    (139, "mtp2_with_phdr"),
    (140, "mtp2"),
    (141, "mtp3"),
    (143, "docsis"),
    (144, "linux_irda"),
    (163, "ieee802_11_avs"),
    (166, "ppp_pppd"),
    (187, "bluetooth_hci_h4"),
    (192, "ppi"),
    (195, "ieee802_15_4"),
    (228, "ipv4"),
    (229, "ipv6"),
    (239, "nflog"),
    (249, "usbpcap"),
    (253, "netlink"),
    (258, "pktap"),
    (276, "linux_sll2"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_so_that_every_one_is_found() {
        assert!(NAMES.is_sorted_by_key(|entry| entry.0));
        for (number, name) in NAMES {
            assert_eq!(LinkType(number).name(), name);
        }
        assert_eq!(LinkType(147).name(), "linktype_147");
    }
}
