//! Who a client or server is, for good.

use crate::octets::{array, u16_at, u32_at};

/// A DUID (RFC 8415 section 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Duid<'a> {
    /// A link-layer address and the time when it was chosen.
    LinkLayerTime {
        /// A number of ARP: 1 is Ethernet.
        hardware_type: u16,
        /// Seconds since 2000-01-01 00:00 UTC, modulo 2^32.
        time_s: u32,
        /// The address.
        address: &'a [u8],
    },
    /// What an enterprise gave.
    Enterprise {
        /// The enterprise number of IANA.
        enterprise: u32,
        /// What it gave.
        id: &'a [u8],
    },
    /// A link-layer address.
    LinkLayer {
        /// A number of ARP: 1 is Ethernet.
        hardware_type: u16,
        /// The address.
        address: &'a [u8],
    },
    /// A UUID (RFC 6355).
    Uuid([u8; 16]),
    /// Another type, or one that is too short: all of its bytes.
    Other(&'a [u8]),
}

impl<'a> Duid<'a> {
    /// Reads the value of option 1 or 2.
    pub fn parse(bytes: &'a [u8]) -> Self {
        Self::known(bytes).unwrap_or(Self::Other(bytes))
    }

    /// The link-layer address in it, if there is one.
    pub fn link_layer_address(self) -> Option<&'a [u8]> {
        match self {
            Self::LinkLayerTime { address, .. } | Self::LinkLayer { address, .. } => Some(address),
            _ => None,
        }
    }

    fn known(bytes: &'a [u8]) -> Option<Self> {
        match u16_at(bytes, 0)? {
            1 => Some(Self::LinkLayerTime {
                hardware_type: u16_at(bytes, 2)?,
                time_s: u32_at(bytes, 4)?,
                address: bytes.get(8..)?,
            }),
            2 => Some(Self::Enterprise {
                enterprise: u32_at(bytes, 2)?,
                id: bytes.get(6..)?,
            }),
            3 => Some(Self::LinkLayer {
                hardware_type: u16_at(bytes, 2)?,
                address: bytes.get(4..)?,
            }),
            4 if bytes.len() == 18 => array(bytes, 2).map(Self::Uuid),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let time = [0, 1, 0, 1, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6];
        assert_eq!(
            Duid::parse(&time).link_layer_address(),
            Some(&[1, 2, 3, 4, 5, 6][..])
        );
        let enterprise = [0, 2, 0, 0, 0x0d, 0xe9, b'x'];
        let expected = Duid::Enterprise {
            enterprise: 3561,
            id: b"x",
        };
        assert_eq!(Duid::parse(&enterprise), expected);
        assert!(matches!(
            Duid::parse(&[0, 3, 0, 1, 7]),
            Duid::LinkLayer { .. }
        ));
        let mut uuid = [7; 18];
        uuid[..2].copy_from_slice(&[0, 4]);
        assert_eq!(Duid::parse(&uuid), Duid::Uuid([7; 16]));
        for other in [&[0, 1, 0][..], &[0, 9, 1], &[0], &[]] {
            assert_eq!(Duid::parse(other), Duid::Other(other));
        }
    }
}
