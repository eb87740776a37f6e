//! IPv6 brought over IPv4 on UDP: Teredo and AYIYA.

use crate::ip;
use crate::rest::Rest;
use crate::{Decoded, Protocol, Tunnel};

/// RFC 4380 section 5.1.1: an authentication and an origin indication may stand first; then an IPv6 packet that fills
/// the datagram.
pub(crate) fn teredo(rest: Rest<'_>) -> Decoded<'_> {
    let behind_authentication = match *rest.bytes {
        [0, 1, client, authentication, ..] => {
            rest.skip(13 + usize::from(client) + usize::from(authentication))
        }
        _ => Some(rest),
    };
    let packet = behind_authentication.and_then(|rest| match rest.bytes {
        [0, 0, ..] => rest.skip(8),
        _ => Some(rest),
    });
    match packet {
        Some(packet) if is_whole_version_6(packet) => packet.inside(Tunnel::Teredo, ip::version_6),
        Some(_) => Decoded::Malformed("not Teredo"),
        None => rest.too_short("Teredo header is not whole"),
    }
}

/// RFC 4380 section 5.2.3 has packets of exactly the datagram's size; RFC 6081 section 4 lets trailers follow.
fn is_whole_version_6(rest: Rest<'_>) -> bool {
    rest.bytes.first().is_some_and(|first| first >> 4 == 6) && ip::is_plausible(rest)
}

/// draft-massar-v6ops-ayiya-02 section 3: sizes of identity and signature, operation, next header, time; then identity,
/// signature, packet.
pub(crate) fn ayiya(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[identity, signature, operation, next, _, _, _, _], after)) = rest.take::<8>()
    else {
        return rest.too_short("AYIYA header is not whole");
    };
    if operation & 0x0f != FORWARD {
        return rest.not_ip(Protocol::Named("ayiya_control"));
    }
    let identity = 1_usize << (identity >> 4);
    let Some(packet) = after.skip(identity + usize::from(signature >> 4) * 4) else {
        return after.too_short("AYIYA header is not whole");
    };
    match next {
        IPV6 => packet.inside(Tunnel::Ayiya, ip::version_6),
        IPV4 => packet.inside(Tunnel::Ayiya, ip::version_4),
        _ => Decoded::Malformed("not AYIYA"),
    }
}

const FORWARD: u8 = 1;
const IPV4: u8 = 4;
const IPV6: u8 = 41;
