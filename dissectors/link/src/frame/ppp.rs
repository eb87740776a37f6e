//! PPP wherever it stands: on Ethernet, on a serial line, behind a daemon's direction byte; and Cisco's HDLC.

use crate::frame::ethernet;
use crate::ip;
use crate::rest::Rest;
use crate::tunnel::mpls;
use crate::{Decoded, Protocol};

/// RFC 2516 section 4: six bytes of header, then PPP without its address and control bytes.
pub(crate) fn over_ethernet(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<6>() {
        Some((&[_, PPPOE_CODE_SESSION, ..], rest)) => packet(rest),
        Some(_) => Decoded::Malformed("PPPoE session frame with a discovery code"),
        None => rest.too_short("PPPoE header is not whole"),
    }
}

/// A serial line: PPP, or Cisco's HDLC, which the address byte tells apart (RFC 1547 section 4.3.1).
pub(crate) fn serial(rest: Rest<'_>) -> Decoded<'_> {
    match rest.bytes {
        [CISCO_UNICAST | CISCO_MULTICAST, 0, ..] => cisco_hdlc(rest),
        [CISCO_UNICAST | CISCO_MULTICAST] => rest.too_short("HDLC header is not whole"),
        _ => packet(rest),
    }
}

/// The PPP daemon writes a byte for the direction first.
pub(crate) fn with_direction(rest: Rest<'_>) -> Decoded<'_> {
    match rest.skip(1) {
        Some(rest) => packet(rest),
        None => rest.too_short("PPP header is not whole"),
    }
}

/// RFC 1661 sections 2 and 6.5, RFC 1662 section 3.1: address and control bytes may be there, and an odd first byte is a
/// whole protocol number, compressed.
pub(crate) fn packet(rest: Rest<'_>) -> Decoded<'_> {
    let bytes = match rest.bytes {
        [0xff, 0x03, bytes @ ..] => bytes,
        bytes => bytes,
    };
    let (protocol, bytes) = match bytes {
        [0xff] => return rest.too_short("PPP header is not whole"),
        [low, bytes @ ..] if low & 1 == 1 => (u16::from(*low), bytes),
        [high, low, bytes @ ..] => (u16::from_be_bytes([*high, *low]), bytes),
        _ => return rest.too_short("PPP header is not whole"),
    };
    let rest = Rest { bytes, ..rest };
    match protocol {
        IPV4 => ip::version_4(rest),
        IPV6 => ip::version_6(rest),
        MPLS_UNICAST | MPLS_MULTICAST => mpls::labels(rest),
        other => rest.not_ip(Protocol::Ppp(other)),
    }
}

/// RFC 1547 section 4.3.1: address, control, ether type. Small numbers are no lengths here.
pub(crate) fn cisco_hdlc(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<4>() {
        Some((&[_, _, high, low], rest)) => match u16::from_be_bytes([high, low]) {
            number @ ..ethernet::LENGTH_END => rest.not_ip(Protocol::EtherType(number)),
            ether_type => ethernet::by_type(ether_type, rest),
        },
        None => rest.too_short("HDLC header is not whole"),
    }
}

const PPPOE_CODE_SESSION: u8 = 0;
const CISCO_UNICAST: u8 = 0x0f;
const CISCO_MULTICAST: u8 = 0x8f;
const IPV4: u16 = 0x0021;
const IPV6: u16 = 0x0057;
const MPLS_UNICAST: u16 = 0x0281;
const MPLS_MULTICAST: u16 = 0x0283;
