//! Walks the attributes of a message, with or without padding that the lengths do not count.

use crate::form::HEADER_BYTES;
use crate::message::Attribute;

/// Where a message lies in its payload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// One behind the last byte of the message, by its length field, but not behind the datagram.
    pub(crate) end: usize,
    /// Whether a value is followed by zero to three bytes that its length does not count (RFC 5389 section 15).
    pub(crate) padded: bool,
}

/// How a walk came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The attributes fill the message exactly.
    Whole,
    /// They do, but for the last one's padding.
    PaddingMissing(usize),
    /// The capture ends first.
    Cut,
    /// An attribute is longer than what is left.
    Overrun(usize),
    /// Too few bytes for one more attribute.
    Stray(usize),
    /// The visitor had seen enough.
    Stopped,
}

/// Hands each attribute to `visit` until that says no or the message ends.
pub(crate) fn walk(
    payload: &[u8],
    layout: Layout,
    mut visit: impl FnMut(Attribute) -> bool,
) -> End {
    let mut at = HEADER_BYTES;
    while at < layout.end {
        let (attribute, missing) = match next(payload, layout, at) {
            Ok(found) => found,
            Err(end) => return end,
        };
        let end = attribute.end();
        if !visit(attribute) {
            return End::Stopped;
        }
        if end > payload.len() {
            return End::Cut;
        }
        if missing {
            return End::PaddingMissing(at);
        }
        at = end.saturating_add(usize::from(attribute.padding));
    }
    if payload.len() < layout.end {
        return End::Cut;
    }
    End::Whole
}

/// The attribute at an offset, and whether its padding is missing.
fn next(payload: &[u8], layout: Layout, at: usize) -> Result<(Attribute, bool), End> {
    let left = layout.end.saturating_sub(at);
    if left < 4 {
        return Err(if payload.len() < layout.end {
            End::Cut
        } else {
            End::Stray(at)
        });
    }
    let rest = payload.get(at..).unwrap_or_default();
    let Some((&[kind_high, kind_low, length_high, length_low], _)) = rest.split_first_chunk()
    else {
        return Err(End::Cut);
    };
    let length = u16::from_be_bytes([length_high, length_low]);
    let behind = left.saturating_sub(4);
    let Some(behind) = behind.checked_sub(usize::from(length)) else {
        return Err(End::Overrun(at));
    };
    let wanted = if layout.padded {
        length.wrapping_neg() & 3
    } else {
        0
    };
    let padding = usize::from(wanted).min(behind);
    let attribute = Attribute {
        kind: u16::from_be_bytes([kind_high, kind_low]),
        offset: at,
        length,
        padding: u8::try_from(padding).unwrap_or(0),
    };
    Ok((attribute, padding < usize::from(wanted)))
}
