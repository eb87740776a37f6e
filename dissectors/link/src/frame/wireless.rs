//! 802.11 data frames that nobody encrypted, and the headers that capturing tools put before them.

use crate::decode;
use crate::frame::ethernet;
use crate::rest::Rest;
use crate::{Decoded, Protocol};

/// Radiotap: version 0, its length third, little-endian.
pub(crate) fn radiotap(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<4>() {
        Some((&[0, _, l0, l1], _)) => behind(rest, usize::from(u16::from_le_bytes([l0, l1])), 8),
        Some(_) => Decoded::Malformed("radiotap version is not 0"),
        None => rest.too_short("radiotap header is not whole"),
    }
}

/// Prism: a message code, then the length, in the host's order; some drivers write AVS under this link type.
pub(crate) fn prism(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<8>() {
        Some((&[AVS_0, AVS_1, AVS_2, _, ..], _)) => avs(rest),
        Some((&[_, _, _, _, l0, l1, l2, l3], _)) => {
            let length = [l0, l1, l2, l3];
            let length = u32::from_le_bytes(length).min(u32::from_be_bytes(length));
            behind(rest, length as usize, 8)
        }
        None => rest.too_short("Prism header is not whole"),
    }
}

/// AVS: version, then the length, big-endian.
pub(crate) fn avs(rest: Rest<'_>) -> Decoded<'_> {
    match rest.take::<8>() {
        Some((&[_, _, _, _, l0, l1, l2, l3], _)) => {
            behind(rest, u32::from_be_bytes([l0, l1, l2, l3]) as usize, 8)
        }
        None => rest.too_short("AVS header is not whole"),
    }
}

/// PPI: version, flags, length, and the link type of what follows, little-endian.
pub(crate) fn per_packet_information(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[_, _, l0, l1, t0, t1, t2, t3], _)) = rest.take::<8>() else {
        return rest.too_short("PPI header is not whole");
    };
    match usize::from(u16::from_le_bytes([l0, l1])) {
        ..8 => Decoded::Malformed("PPI header length is below 8"),
        length => match rest.skip(length) {
            Some(inner) => decode::wrapped(u32::from_le_bytes([t0, t1, t2, t3]), inner),
            None => rest.too_short("PPI header is not whole"),
        },
    }
}

fn behind(rest: Rest<'_>, length: usize, least: usize) -> Decoded<'_> {
    match rest.skip(length) {
        _ if length < least => Decoded::Malformed("radio header length is too small"),
        Some(inner) => frame(inner),
        None => rest.too_short("radio header is not whole"),
    }
}

/// IEEE 802.11-2020 section 9.2.4: frame control, then a header whose length the control tells.
pub(crate) fn frame(rest: Rest<'_>) -> Decoded<'_> {
    match *rest.bytes {
        [first, flags, ..] => with_control(first, flags, rest),
        _ => rest.too_short("802.11 header is not whole"),
    }
}

/// A frame as CAPWAP carries it: some controllers write the two bytes of frame control the other way round.
///
/// Between an access point and its controller every data frame comes from the distribution system or goes to it.
pub(crate) fn frame_in_either_order(rest: Rest<'_>) -> Decoded<'_> {
    match *rest.bytes {
        [flags, first, ..]
            if first & VERSION_AND_TYPE == TYPE_DATA && flags & FLAG_BOTH_DS != 0 =>
        {
            with_control(first, flags, rest)
        }
        _ => frame(rest),
    }
}

fn with_control(first: u8, flags: u8, rest: Rest<'_>) -> Decoded<'_> {
    let (kind, subtype) = (first & 0x0c, first >> 4);
    if kind != TYPE_DATA {
        return rest.not_ip(Protocol::Named("ieee802_11_management_or_control"));
    }
    if subtype & SUBTYPE_NO_DATA != 0 {
        return rest.not_ip(Protocol::Named("ieee802_11_no_data"));
    }
    if flags & FLAG_PROTECTED != 0 {
        return rest.not_ip(Protocol::Named("ieee802_11_encrypted"));
    }
    let Some((&[.., sequence, _], _)) = rest.take::<24>() else {
        return rest.too_short("802.11 header is not whole");
    };
    if flags & FLAG_MORE_FRAGMENTS != 0 || sequence & FRAGMENT_NUMBER != 0 {
        return rest.not_ip(Protocol::Named("ieee802_11_fragment"));
    }
    let four_addresses = flags & FLAG_BOTH_DS == FLAG_BOTH_DS;
    let header_length = if four_addresses { 30 } else { 24 };
    match rest.skip(header_length) {
        Some(body) if subtype & SUBTYPE_QOS == 0 => logical_link(body, header_length),
        Some(body) => quality_of_service(body, flags, header_length),
        None => rest.too_short("802.11 header is not whole"),
    }
}

/// Section 9.2.4.5: two bytes, and four more where the order flag is set. Of an aggregate of several frames the first is
/// read.
fn quality_of_service(rest: Rest<'_>, flags: u8, header_length: usize) -> Decoded<'_> {
    let length = if flags & FLAG_ORDER == 0 { 2 } else { 6 };
    let Some((&[control, ..], body)) = rest
        .take::<2>()
        .zip(rest.skip(length))
        .map(|((control, _), body)| (control, body))
    else {
        return rest.too_short("802.11 header is not whole");
    };
    if control & AGGREGATE == 0 {
        return logical_link(body, header_length + length);
    }
    match body.skip(14) {
        Some(inner) => ethernet::logical_link(inner),
        None => body.too_short("802.11 aggregate is not whole"),
    }
}

/// Some drivers leave the header padded to four bytes in front of LLC.
fn logical_link(body: Rest<'_>, header_length: usize) -> Decoded<'_> {
    let padding = header_length
        .next_multiple_of(4)
        .saturating_sub(header_length);
    let padded = body.skip(padding);
    match padded.filter(|padded| padded.bytes.len() >= SNAP.len()) {
        Some(padded) if padded.bytes.starts_with(&SNAP) && !body.bytes.starts_with(&SNAP) => {
            ethernet::logical_link(padded)
        }
        Some(_) => ethernet::logical_link(body),
        None => body.too_short("LLC header is not whole"),
    }
}

const AVS_0: u8 = 0x80;
const AVS_1: u8 = 0x21;
const AVS_2: u8 = 0x10;
const VERSION_AND_TYPE: u8 = 0x0f;
const TYPE_DATA: u8 = 0x08;
const SUBTYPE_NO_DATA: u8 = 0x04;
const SUBTYPE_QOS: u8 = 0x08;
const FLAG_BOTH_DS: u8 = 0x03;
const FLAG_MORE_FRAGMENTS: u8 = 0x04;
const FLAG_PROTECTED: u8 = 0x40;
const FLAG_ORDER: u8 = 0x80;
const FRAGMENT_NUMBER: u8 = 0x0f;
const AGGREGATE: u8 = 0x80;
const SNAP: [u8; 3] = [0xaa, 0xaa, 3];
