//! What a UDP payload is, told from its first bytes.

use crate::form::Form;
use crate::{lwn, sniff, ucr};

/// What a UDP payload is, of what this crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Datagram {
    /// STUN, for [`crate::parse`].
    Stun(Form),
    /// A UDP Connection Request, for [`ucr::parse`].
    ConnectionRequest,
    /// A lightweight notification, for [`lwn::parse`].
    LightweightNotification,
}

/// What a UDP payload is, on whatever port; `None` for everything else.
///
/// `wire_bytes` is the payload's length on the wire, which a capture may have cut. The first byte decides who looks at
/// all (TR-111 section 2.2.1.4: 0x00 and 0x01 begin STUN, a letter begins a Connection Request).
#[inline]
pub fn recognise(payload: &[u8], wire_bytes: usize) -> Option<Datagram> {
    let first = *payload.first()?;
    if first < 0x40
        && let Some(form) = sniff::form_of(payload, wire_bytes)
    {
        return Some(Datagram::Stun(form));
    }
    match first {
        b'G' | b'g' | b'P' | b'p' | b'H' | b'h' | b'<' | 0xEF | b' ' | b'\t'..=b'\r' => {
            text(payload, wire_bytes)
        }
        _ => None,
    }
}

fn text(payload: &[u8], wire_bytes: usize) -> Option<Datagram> {
    if ucr::recognise(payload, wire_bytes) {
        return Some(Datagram::ConnectionRequest);
    }
    lwn::recognise(payload).then_some(Datagram::LightweightNotification)
}
