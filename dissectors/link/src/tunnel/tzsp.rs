//! TZSP: what sniffers and wireless sensors send on, each frame in a datagram.

use crate::frame::{ethernet, wireless};
use crate::rest::Rest;
use crate::{Decoded, Protocol, Tunnel};

/// Version 1, type, encapsulated protocol; tagged fields; the frame. No standard has it: as Wireshark reads it, and as routers
/// write it.
///
/// Types 0 and 1, received and to be transmitted, have a frame; configuration, keep-alive and port opener have none.
pub(crate) fn header(rest: Rest<'_>) -> Decoded<'_> {
    let Some((&[1, kind, p0, p1], after)) = rest.take::<4>() else {
        return rest.too_short("not TZSP");
    };
    if kind > TO_BE_TRANSMITTED {
        return rest.not_ip(Protocol::Named("tzsp_without_frame"));
    }
    let Some(frame) = behind_fields(after) else {
        return after.too_short("TZSP fields do not end");
    };
    match u16::from_be_bytes([p0, p1]) {
        ETHERNET => frame.inside(Tunnel::Tzsp, ethernet::frame),
        IEEE802_11 => frame.inside(Tunnel::Tzsp, wireless::frame),
        IEEE802_11_PRISM => frame.inside(Tunnel::Tzsp, wireless::prism),
        IEEE802_11_AVS => frame.inside(Tunnel::Tzsp, wireless::avs),
        _ => frame.not_ip(Protocol::Named("tzsp_other_protocol")),
    }
}

/// Padding and the end are a tag alone; any other has a length and that many bytes.
fn behind_fields(mut rest: Rest<'_>) -> Option<Rest<'_>> {
    loop {
        rest = match *rest.bytes {
            [END, ..] => return rest.skip(1),
            [PADDING, ..] => rest.skip(1)?,
            [_, length, ..] => rest.skip(2 + usize::from(length))?,
            _ => return None,
        };
    }
}

const TO_BE_TRANSMITTED: u8 = 1;
const PADDING: u8 = 0;
const END: u8 = 1;
const ETHERNET: u16 = 1;
const IEEE802_11: u16 = 18;
const IEEE802_11_PRISM: u16 = 119;
const IEEE802_11_AVS: u16 = 127;
