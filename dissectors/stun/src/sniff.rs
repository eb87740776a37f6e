//! Is a UDP payload STUN, and which? Strict where no cookie speaks for it.

use crate::form::{Form, HEADER_BYTES, MAGIC_COOKIE};
use crate::kind;
use crate::walk::{End, Layout, walk};

/// The form of STUN in a UDP payload of `wire_bytes` on the wire, if it is STUN.
///
/// With the magic cookie at its place and two zero bits in front, it is RFC 5389 whatever the rest looks like: TURN
/// channel data begins with the bits 01, RTP, RTCP and QUIC with 10, 11 or 01, DTLS has no cookie (RFC 7983). Without,
/// only the six types of RFC 3489 count, the length field has to be what follows, and the attributes have to fill it.
#[inline]
pub(crate) fn form_of(payload: &[u8], wire_bytes: usize) -> Option<Form> {
    let (head, _) = payload.split_first_chunk::<8>()?;
    let word = u64::from_be_bytes(*head);
    if word >> 62 != 0 {
        return None;
    }
    if word & 0xFFFF_FFFF == u64::from(MAGIC_COOKIE) {
        return (wire_bytes.max(payload.len()) >= HEADER_BYTES).then_some(Form::Rfc5389);
    }
    if !matches!(
        word >> 48,
        0x0001 | 0x0101 | 0x0111 | 0x0002 | 0x0102 | 0x0112
    ) {
        return None;
    }
    classic(payload, wire_bytes.max(payload.len())).then_some(Form::Rfc3489)
}

/// Whether a payload with a type of RFC 3489 is a message of RFC 3489.
///
/// A request of 20 bytes has nothing but its type and a length of zero to show, and real phones send it. What else
/// begins with `00 01 00 00` and is 20 bytes long is a DNS query with the id 1 for a name of four bytes (`de.`), whose
/// counts stand where the transaction id is, and filler: a transaction id is 128 random bits (RFC 3489 section 9.1),
/// so one of nearly all zeros is none. An answer of 20 bytes has nothing to say and is not taken for one: its
/// MAPPED-ADDRESS or ERROR-CODE is mandatory (RFC 3489 section 11.2).
fn classic(payload: &[u8], wire_bytes: usize) -> bool {
    let Some((header, _)) = payload.split_first_chunk::<HEADER_BYTES>() else {
        return false;
    };
    let [class, _, length_high, length_low, id @ ..] = header;
    let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
    if length.saturating_add(HEADER_BYTES) != wire_bytes || id.starts_with(&DNS_ONE_QUESTION) {
        return false;
    }
    if length == 0 {
        let zeros = id.iter().filter(|&&byte| byte == 0).count();
        return *class == 0 && zeros <= ZEROS_MAX;
    }
    tiles(payload, wire_bytes, false) || tiles(payload, wire_bytes, true)
}

/// Whether attributes fill the message, none of the reserved type 0, and one of them known or all multiples of four.
pub(crate) fn tiles(payload: &[u8], end: usize, padded: bool) -> bool {
    let (mut known, mut aligned, mut reserved) = (false, true, false);
    let ended = walk(payload, Layout { end, padded }, |attribute| {
        known |= kind::name(attribute.kind).is_some();
        aligned &= attribute.length.is_multiple_of(4);
        reserved |= attribute.kind == 0;
        !reserved
    });
    !reserved && (known || aligned) && matches!(ended, End::Whole | End::Cut)
}

/// Counts of a DNS query: one question, nothing else (RFC 1035 section 4.1.1).
const DNS_ONE_QUESTION: [u8; 8] = [0, 1, 0, 0, 0, 0, 0, 0];

/// Zero bytes in the transaction id of an empty request: more than 12 of 16 have a chance of 2 in 10^29.
const ZEROS_MAX: usize = 12;
