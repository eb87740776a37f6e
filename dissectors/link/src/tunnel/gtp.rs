//! GTP-U, the tunnel of the mobile core.

use crate::ip;
use crate::rest::Rest;
use crate::{Decoded, Protocol, Tunnel};

/// 3GPP TS 29.281 section 5.1: version 1, protocol type GTP, message 255 carries a packet.
pub(crate) fn user_plane(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[flags, message, l0, l1, _, _, _, _], after)) = rest.take::<8>() else {
        return rest.too_short("GTP header is not whole");
    };
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    if flags & 0xf0 != 0x30 || length > after.length() {
        return Decoded::Malformed("not GTP-U");
    }
    if message != USER_PACKET {
        return rest.not_ip(Protocol::Named("gtp_signalling"));
    }
    let after = after.bounded(length);
    if flags & ANY_OPTION == 0 {
        return after.inside(Tunnel::GtpU, ip::either_version);
    }
    let Some((&[_, _, _, next], after)) = after.take::<4>() else {
        return after.too_short("GTP header is not whole");
    };
    let next = if flags & EXTENSION == 0 { 0 } else { next };
    match behind_extensions(next, after) {
        Ok(packet) => packet.inside(Tunnel::GtpU, ip::either_version),
        Err(decoded) => decoded,
    }
}

/// Section 5.2.1: a length in words first, the type of the next header last; a length of 0 is none.
fn behind_extensions(mut next: u8, mut rest: Rest<'_>) -> Result<Rest<'_>, Decoded<'_>> {
    while next != 0 {
        let length = match rest.bytes.first() {
            Some(0) => return Err(Decoded::Malformed("GTP extension header of no length")),
            Some(words) => usize::from(*words) * 4,
            None => return Err(rest.too_short("GTP extension header is not whole")),
        };
        match rest.bytes.split_at_checked(length) {
            Some(([.., last], bytes)) => {
                next = *last;
                rest = Rest { bytes, ..rest };
            }
            _ => return Err(rest.too_short("GTP extension header is not whole")),
        }
    }
    Ok(rest)
}

const USER_PACKET: u8 = 255;
const ANY_OPTION: u8 = 0x07;
const EXTENSION: u8 = 0x04;
