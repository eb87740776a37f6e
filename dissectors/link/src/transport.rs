//! TCP and UDP headers. Checksums stand in their own file, options are not read.

use crate::ip::Carried;
use crate::{Payload, Tcp, Udp};

/// A transport's header, where no tunnel is to be expected.
#[inline]
pub(crate) fn decode(carried: Carried<'_>) -> Payload<'_> {
    match carried.protocol {
        PROTOCOL_TCP => tcp(carried),
        PROTOCOL_UDP => udp(carried),
        other => Payload::Other(other),
    }
}

/// RFC 9293 section 3.1.
///
/// Where the snap length cut the options off, the fixed header still says where the payload lies, so that the
/// segment counts as one of which all payload is missing.
#[inline]
pub(crate) fn tcp(carried: Carried<'_>) -> Payload<'_> {
    let segment = carried.bytes;
    let Some((fixed, _)) = segment.split_first_chunk::<20>() else {
        return carried.too_short(20, "TCP header is not whole");
    };
    let [
        s0,
        s1,
        d0,
        d1,
        q0,
        q1,
        q2,
        q3,
        a0,
        a1,
        a2,
        a3,
        offset,
        flags,
        w0,
        w1,
        ..,
    ] = *fixed;
    let header_length = usize::from(offset >> 4) * 4;
    if header_length < fixed.len() {
        return Payload::Malformed("TCP data offset is below 5");
    }
    let (payload, missing) = match segment.get(header_length..) {
        Some(payload) => (payload, carried.missing),
        None => {
            let options_cut =
                u32::try_from(header_length.saturating_sub(segment.len())).unwrap_or(u32::MAX);
            match carried.missing.checked_sub(options_cut) {
                Some(missing) => (NO_BYTES, missing),
                None => return Payload::Malformed("TCP header is longer than its packet"),
            }
        }
    };
    Payload::Tcp(Tcp {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
        sequence: u32::from_be_bytes([q0, q1, q2, q3]),
        acknowledgment: u32::from_be_bytes([a0, a1, a2, a3]),
        flags,
        window: u16::from_be_bytes([w0, w1]),
        payload,
        missing,
        segment,
    })
}

/// RFC 768. A length of 0 (a jumbogram, RFC 2675 section 4, or an offloading sender) takes what the packet holds.
#[inline]
pub(crate) fn udp(carried: Carried<'_>) -> Payload<'_> {
    let Some((&[s0, s1, d0, d1, l0, l1, _, _], payload)) = carried.bytes.split_first_chunk::<8>()
    else {
        return carried.too_short(8, "UDP header is not whole");
    };
    let packet_holds = payload.len().saturating_add(carried.missing as usize);
    let declared = match usize::from(u16::from_be_bytes([l0, l1])) {
        0 => packet_holds,
        length if length < 8 => return Payload::Malformed("UDP length is below 8"),
        length => packet_holds.min(length - 8),
    };
    let payload = payload.get(..declared).unwrap_or(payload);
    Payload::Udp(Udp {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
        payload,
        missing: u32::try_from(declared.saturating_sub(payload.len())).unwrap_or(u32::MAX),
    })
}

pub(crate) const PROTOCOL_TCP: u8 = 6;
pub(crate) const PROTOCOL_UDP: u8 = 17;
const NO_BYTES: &[u8] = &[];
