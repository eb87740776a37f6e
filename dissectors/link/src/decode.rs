//! From a frame's first byte to its innermost IP packet: which reader a link type has.

use crate::frame::{cooked, ethernet, ppp, serial, wireless};
use crate::ip;
use crate::rest::Rest;
use crate::{Decoded, LinkType};

/// Finds the IP packet in a frame of `link_type`; of packets inside one another, the innermost.
///
/// `original_length` is the frame's length on the wire; where it is more than `bytes` holds, the snap
/// length cut the frame. A tunnel that holds no IP leaves the packet around it, with what it carries: `Payload::Other`
/// and the tunnel's number, or the UDP datagram. So does one that stands in [`crate::Tunnels::MAX`] others; on UDP it is
/// `Payload::Other` then too, so that it is counted as not read.
#[inline]
#[must_use]
pub fn decode(link_type: LinkType, bytes: &[u8], original_length: u32) -> Decoded<'_> {
    decode_from(link_type, Rest::of_frame(bytes, original_length))
}

#[inline]
pub(crate) fn decode_from(link_type: LinkType, rest: Rest<'_>) -> Decoded<'_> {
    match link_type {
        LinkType::ETHERNET => ethernet::frame(rest),
        LinkType::LINUX_SLL => cooked::linux_sll(rest),
        LinkType::LINUX_SLL2 => cooked::linux_sll2(rest),
        LinkType::NULL | LinkType::LOOP => cooked::loopback(rest),
        LinkType::RAW_12 | LinkType::RAW_14 | LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 => {
            ip::either_version(rest)
        }
        other => seldom(other, rest),
    }
}

/// The link types that few captures have, kept out of the way of the others.
#[cold]
#[inline(never)]
fn seldom(link_type: LinkType, rest: Rest<'_>) -> Decoded<'_> {
    match link_type {
        LinkType::PPP | LinkType::PPP_HDLC => ppp::serial(rest),
        LinkType::PPP_ETHER => ppp::over_ethernet(rest),
        LinkType::PPP_PPPD => ppp::with_direction(rest),
        LinkType::C_HDLC => ppp::cisco_hdlc(rest),
        LinkType::NFLOG => cooked::nflog(rest),
        LinkType::PKTAP => cooked::pktap(rest),
        LinkType::PPI => wireless::per_packet_information(rest),
        LinkType::IEEE802_11 => wireless::frame(rest),
        LinkType::IEEE802_11_RADIOTAP => wireless::radiotap(rest),
        LinkType::IEEE802_11_PRISM => wireless::prism(rest),
        LinkType::IEEE802_11_AVS => wireless::avs(rest),
        LinkType::SLIP => serial::slip(rest),
        LinkType::FDDI => serial::fddi(rest),
        LinkType::FRAME_RELAY => serial::frame_relay(rest),
        other => Decoded::Unsupported(other),
    }
}

/// A frame inside a capturing tool's own header, which may not be such a header again.
pub(crate) fn wrapped(link_type: u32, rest: Rest<'_>) -> Decoded<'_> {
    match u16::try_from(link_type).map(LinkType) {
        Ok(link_type @ (LinkType::PKTAP | LinkType::PPI)) => Decoded::Unsupported(link_type),
        Ok(link_type) => decode_from(link_type, rest),
        Err(_) => Decoded::Malformed("link type is beyond 65535"),
    }
}
