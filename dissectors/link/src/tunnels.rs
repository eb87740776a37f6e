//! What an IP packet was wrapped in: a list small enough to go with every packet.

use std::fmt;

/// One wrapping that holds a whole packet or frame of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Tunnel {
    /// MPLS labels, an IP packet behind them.
    Mpls = 1,
    /// MPLS labels, an Ethernet frame behind them (RFC 4448).
    Pseudowire,
    /// GRE, version 0.
    Gre,
    /// GRE, version 1: PPTP's PPP.
    Pptp,
    /// ERSPAN type I, II or III in GRE.
    Erspan,
    /// VXLAN or VXLAN-GPE.
    Vxlan,
    /// GENEVE.
    Geneve,
    /// IP in IP, either version in either.
    IpInIp,
    /// GTP-U.
    GtpU,
    /// Teredo.
    Teredo,
    /// AYIYA.
    Ayiya,
    /// L2TP, version 2 or 3.
    L2tp,
    /// EtherIP.
    EtherIp,
    /// A network service header.
    Nsh,
    /// Ethernet in Ethernet: 802.1ah or FabricPath.
    MacInMac,
    /// TZSP: what a sniffer sends on.
    Tzsp,
    /// GUE.
    Gue,
    /// CAPWAP's data channel.
    Capwap,
}

impl Tunnel {
    /// Lower-case name for people and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mpls => "mpls",
            Self::Pseudowire => "pseudowire",
            Self::Gre => "gre",
            Self::Pptp => "pptp",
            Self::Erspan => "erspan",
            Self::Vxlan => "vxlan",
            Self::Geneve => "geneve",
            Self::IpInIp => "ip_in_ip",
            Self::GtpU => "gtp_u",
            Self::Teredo => "teredo",
            Self::Ayiya => "ayiya",
            Self::L2tp => "l2tp",
            Self::EtherIp => "ether_ip",
            Self::Nsh => "nsh",
            Self::MacInMac => "mac_in_mac",
            Self::Tzsp => "tzsp",
            Self::Gue => "gue",
            Self::Capwap => "capwap",
        }
    }

    const fn of(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::Mpls,
            2 => Self::Pseudowire,
            3 => Self::Gre,
            4 => Self::Pptp,
            5 => Self::Erspan,
            6 => Self::Vxlan,
            7 => Self::Geneve,
            8 => Self::IpInIp,
            9 => Self::GtpU,
            10 => Self::Teredo,
            11 => Self::Ayiya,
            12 => Self::L2tp,
            13 => Self::EtherIp,
            14 => Self::Nsh,
            15 => Self::MacInMac,
            16 => Self::Tzsp,
            17 => Self::Gue,
            18 => Self::Capwap,
            _ => return None,
        })
    }
}

/// The tunnels around a packet, outermost first; at most [`Tunnels::MAX`].
///
/// Eight bits each, the outermost lowest, so that the list is a number and costs a plain packet one word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Tunnels(u64);

impl Tunnels {
    /// How many may be nested; what is nested deeper is not read, and has the name `more_than_8_tunnels`.
    pub const MAX: usize = 8;

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    #[must_use]
    pub const fn len(self) -> usize {
        (u64::BITS - self.0.leading_zeros()).div_ceil(BITS) as usize
    }

    /// The tunnels, outermost first.
    pub fn iter(self) -> impl Iterator<Item = Tunnel> {
        (0..u64::BITS / BITS).map_while(move |at| Tunnel::of((self.0 >> (at * BITS)) & MASK))
    }

    /// One more, inside all others; none where there are as many as there may be.
    pub(crate) const fn with(self, tunnel: Tunnel) -> Option<Self> {
        let place = self.len() as u32 * BITS;
        match (tunnel as u64).checked_shl(place) {
            Some(bits) => Some(Self(self.0 | bits)),
            None => None,
        }
    }
}

/// Names with slashes between them, outermost first; nothing where there is none.
impl fmt::Display for Tunnels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, tunnel) in self.iter().enumerate() {
            let slash = if at == 0 { "" } else { "/" };
            write!(formatter, "{slash}{}", tunnel.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Tunnels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

const BITS: u32 = 8;
const MASK: u64 = 0xff;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tunnel_is_found_again_up_to_the_eighth() {
        let known = (1..=MASK).take_while(|number| Tunnel::of(*number).is_some());
        assert_eq!(known.clone().last(), Some(Tunnel::Capwap as u64));
        for number in known {
            let tunnel = Tunnel::of(number);
            assert_eq!(tunnel.map(|tunnel| tunnel as u64), Some(number));
            let mut tunnels = Tunnels::default();
            for depth in 1..=Tunnels::MAX {
                tunnels = tunnel
                    .and_then(|tunnel| tunnels.with(tunnel))
                    .unwrap_or_default();
                assert_eq!((tunnels.len(), tunnels.iter().count()), (depth, depth));
                assert!(tunnels.iter().all(|one| Some(one) == tunnel));
            }
            assert_eq!(tunnel.and_then(|tunnel| tunnels.with(tunnel)), None);
        }
        assert!(Tunnels::default().is_empty());
        assert_eq!(Tunnels::default().len(), Tunnels::default().iter().count());
    }

    #[test]
    fn the_outermost_comes_first() {
        let both = Tunnels::default()
            .with(Tunnel::Gre)
            .and_then(|tunnels| tunnels.with(Tunnel::Vxlan));
        assert_eq!(
            both.map(|both| both.to_string()).as_deref(),
            Some("gre/vxlan")
        );
    }
}
