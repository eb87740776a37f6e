//! From a frame's first byte to its IP packet, whatever link layer it has. Tunnels are not opened.

use crate::ip;
use crate::{Decoded, LinkType};

/// Finds the IP packet in a frame of `link_type`.
///
/// `original_length` is the frame's length on the wire; where it is more than `bytes` holds, the snap
/// length cut the frame.
#[inline]
#[must_use]
pub fn decode(link_type: LinkType, bytes: &[u8], original_length: u32) -> Decoded<'_> {
    let captured = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let rest = Rest {
        bytes,
        lost: original_length.saturating_sub(captured),
    };
    match link_type {
        LinkType::ETHERNET => ethernet(rest),
        LinkType::LINUX_SLL => linux_sll(rest),
        LinkType::LINUX_SLL2 => linux_sll2(rest),
        LinkType::NULL | LinkType::LOOP => loopback(rest),
        LinkType::RAW_12 | LinkType::RAW_14 | LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 => {
            raw_ip(rest)
        }
        other => Decoded::Unsupported(other),
    }
}

/// The part of a frame not yet read, and how many bytes behind it were not captured.
#[derive(Clone, Copy)]
pub(crate) struct Rest<'a> {
    pub bytes: &'a [u8],
    pub lost: u32,
}

impl<'a> Rest<'a> {
    /// A header of `N` bytes and what follows it, or why there is none.
    #[inline]
    fn header<const N: usize>(
        self,
        what: &'static str,
    ) -> Result<(&'a [u8; N], Self), Decoded<'a>> {
        match self.bytes.split_first_chunk::<N>() {
            Some((header, bytes)) => Ok((
                header,
                Self {
                    bytes,
                    lost: self.lost,
                },
            )),
            None => Err(self.too_short(what)),
        }
    }

    /// Why a header is not whole: cut by the snap length, or never sent whole.
    #[cold]
    pub(crate) fn too_short(self, what: &'static str) -> Decoded<'a> {
        if self.lost > 0 {
            Decoded::Cut
        } else {
            Decoded::Malformed(what)
        }
    }
}

#[inline]
fn ethernet(rest: Rest<'_>) -> Decoded<'_> {
    match rest.header::<14>("Ethernet header is not whole") {
        Ok((&[.., high, low], rest)) => by_ether_type(u16::from_be_bytes([high, low]), rest),
        Err(decoded) => decoded,
    }
}

/// Linux cooked capture v1: the protocol stands last. The ARPHRD type may be any: what decides is the protocol.
fn linux_sll(rest: Rest<'_>) -> Decoded<'_> {
    match rest.header::<16>("SLL header is not whole") {
        Ok((&[_, _, t0, t1, .., high, low], rest)) => cooked([t0, t1], [high, low], rest),
        Err(decoded) => decoded,
    }
}

/// Linux cooked capture v2: the protocol stands first.
fn linux_sll2(rest: Rest<'_>) -> Decoded<'_> {
    match rest.header::<20>("SLL2 header is not whole") {
        Ok((&[high, low, _, _, _, _, _, _, t0, t1, ..], rest)) => {
            cooked([t0, t1], [high, low], rest)
        }
        Err(decoded) => decoded,
    }
}

/// The protocol of a netlink message is a netlink family, not an ether type.
fn cooked(arphrd: [u8; 2], protocol: [u8; 2], rest: Rest<'_>) -> Decoded<'_> {
    match u16::from_be_bytes(arphrd) {
        ARPHRD_NETLINK => Decoded::NotIp,
        _ => by_ether_type(u16::from_be_bytes(protocol), rest),
    }
}

/// NULL has the family in the capturing host's order, LOOP in network order; files exist with either in either,
/// and every family is a small number, so the smaller reading is the right one.
fn loopback(rest: Rest<'_>) -> Decoded<'_> {
    let (header, rest) = match rest.header::<4>("loopback header is not whole") {
        Ok(header_and_rest) => header_and_rest,
        Err(decoded) => return decoded,
    };
    match u32::from_le_bytes(*header).min(u32::from_be_bytes(*header)) {
        AF_INET => ip::version_4(rest),
        AF_INET6_LINUX | AF_INET6_WINDOWS | AF_INET6_BSD | AF_INET6_FREEBSD | AF_INET6_DARWIN => {
            ip::version_6(rest)
        }
        // Some drivers write an ether type into the last two bytes.
        _ => by_ether_type(u16::from_be_bytes([header[2], header[3]]), rest),
    }
}

fn raw_ip(rest: Rest<'_>) -> Decoded<'_> {
    match rest.bytes.first().map(|byte| byte >> 4) {
        Some(4) => ip::version_4(rest),
        Some(6) => ip::version_6(rest),
        Some(_) => Decoded::Malformed("IP version is neither 4 nor 6"),
        None => rest.too_short("IP header is not whole"),
    }
}

/// Any number of VLAN tags, then IP, PPPoE, or something else. A length instead of a type (LLC) is something else.
#[inline]
fn by_ether_type(mut ether_type: u16, mut rest: Rest<'_>) -> Decoded<'_> {
    loop {
        match ether_type {
            ETHER_TYPE_IPV4 => return ip::version_4(rest),
            ETHER_TYPE_IPV6 => return ip::version_6(rest),
            0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => {
                match rest.header::<4>("VLAN tag is not whole") {
                    Ok((&[_, _, high, low], inner)) => {
                        ether_type = u16::from_be_bytes([high, low]);
                        rest = inner;
                    }
                    Err(decoded) => return decoded,
                }
            }
            ETHER_TYPE_PPPOE_SESSION => return pppoe(rest),
            _ => return Decoded::NotIp,
        }
    }
}

/// RFC 2516 section 4: six bytes of header, then PPP without its address and control bytes.
fn pppoe(rest: Rest<'_>) -> Decoded<'_> {
    match rest.header::<6>("PPPoE header is not whole") {
        Ok((&[_, PPPOE_CODE_SESSION, ..], rest)) => ppp(rest),
        Ok(_) => Decoded::Malformed("PPPoE session frame with a discovery code"),
        Err(decoded) => decoded,
    }
}

/// RFC 1661 section 2 and 6.5: an odd first byte is a whole protocol number, compressed.
fn ppp(rest: Rest<'_>) -> Decoded<'_> {
    let (protocol, bytes) = match rest.bytes {
        [low, bytes @ ..] if low & 1 == 1 => (u16::from(*low), bytes),
        [high, low, bytes @ ..] => (u16::from_be_bytes([*high, *low]), bytes),
        _ => return rest.too_short("PPP header is not whole"),
    };
    let rest = Rest {
        bytes,
        lost: rest.lost,
    };
    match protocol {
        PPP_IPV4 => ip::version_4(rest),
        PPP_IPV6 => ip::version_6(rest),
        _ => Decoded::NotIp,
    }
}

const ETHER_TYPE_IPV4: u16 = 0x0800;
const ETHER_TYPE_IPV6: u16 = 0x86dd;
const ETHER_TYPE_PPPOE_SESSION: u16 = 0x8864;
const PPPOE_CODE_SESSION: u8 = 0;
const PPP_IPV4: u16 = 0x0021;
const PPP_IPV6: u16 = 0x0057;
const ARPHRD_NETLINK: u16 = 824;
const AF_INET: u32 = 2;
const AF_INET6_LINUX: u32 = 10;
const AF_INET6_WINDOWS: u32 = 23;
const AF_INET6_BSD: u32 = 24;
const AF_INET6_FREEBSD: u32 = 28;
const AF_INET6_DARWIN: u32 = 30;
