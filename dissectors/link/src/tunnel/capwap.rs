//! CAPWAP's data channel, between wireless access points and their controller.

use crate::frame::{ethernet, wireless};
use crate::rest::Rest;
use crate::{Decoded, Protocol, Tunnel};

/// RFC 5415 section 4.3: version 0 and no DTLS; the header's length in words in five bits, options included; flags that say
/// what follows.
pub(crate) fn data(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[0, words, binding, flags, _, _, _, _], _)) = rest.take::<8>() else {
        return rest.too_short("not CAPWAP");
    };
    let length = usize::from(words >> 3) * 4;
    if length < 8 {
        return Decoded::Malformed("not CAPWAP");
    }
    if flags & (FRAGMENT | KEEP_ALIVE) != 0 {
        return rest.not_ip(Protocol::Named("capwap_without_frame"));
    }
    let Some(frame) = rest.skip(length) else {
        return rest.too_short("CAPWAP header is not whole");
    };
    match (binding & NATIVE, (binding >> 1) & 0x1f) {
        (0, _) => frame.inside(Tunnel::Capwap, ethernet::frame),
        (_, IEEE802_11) => frame.inside(Tunnel::Capwap, wireless::frame_in_either_order),
        _ => frame.not_ip(Protocol::Named("capwap_other_binding")),
    }
}

/// The frame is the wireless binding's own; otherwise 802.3.
const NATIVE: u8 = 0x01;
const FRAGMENT: u8 = 0x80;
const KEEP_ALIVE: u8 = 0x08;
/// RFC 5416 section 2.
const IEEE802_11: u8 = 1;
