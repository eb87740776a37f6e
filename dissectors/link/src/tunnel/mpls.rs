//! MPLS label stacks, and the guess what stands behind them.

use crate::frame::ethernet;
use crate::ip;
use crate::rest::Rest;
use crate::{Decoded, Protocol, Tunnel};

/// RFC 3032 section 2.1: entries of four bytes up to the one that has the bottom bit.
pub(crate) fn labels(mut rest: Rest<'_>) -> Decoded<'_> {
    loop {
        let Some((&[_, _, label, _], after)) = rest.take::<4>() else {
            return rest.too_short("MPLS label stack does not end");
        };
        rest = after;
        if label & BOTTOM != 0 {
            return payload(rest);
        }
    }
}

/// Nothing in a label says what it leads to. The first nibble tells IP (RFC 4928 section 3) from a control word, which is 0
/// for data and 1 for the channel beside it (RFC 4385 section 3); but an Ethernet frame without control word begins with
/// any address, so that IP must also be plausible.
fn payload(rest: Rest<'_>) -> Decoded<'_> {
    let Some(first) = rest.bytes.first() else {
        return rest.too_short("nothing behind the MPLS labels");
    };
    let controlled = rest.skip(4).filter(|frame| ethernet::is_plausible(*frame));
    match (first >> 4, controlled) {
        (4 | 6, _) if ip::is_plausible(rest) => rest.inside(Tunnel::Mpls, ip::either_version),
        _ if ethernet::is_plausible(rest) => rest.inside(Tunnel::Pseudowire, ethernet::frame),
        (0, Some(frame)) => frame.inside(Tunnel::Pseudowire, ethernet::frame),
        (4 | 6, _) => rest.inside(Tunnel::Mpls, ip::either_version),
        (1, _) => rest.not_ip(Protocol::Named("pseudowire_channel")),
        _ => rest.not_ip(Protocol::Named("mpls_payload")),
    }
}

const BOTTOM: u8 = 1;
