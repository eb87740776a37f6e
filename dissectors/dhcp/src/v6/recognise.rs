//! Is a UDP payload DHCPv6, whatever its ports?

use crate::octets::u16_at;

/// Is this DHCPv6, by its type, options that fill it, and an identifier or a relayed message among them?
///
/// `wire_bytes` is the payload's length on the wire, which `payload` may fall short of. Ports 546 and 547 tell what this
/// refuses: an Information-request without a client identifier, and what is bent.
#[inline]
pub fn recognise(payload: &[u8], wire_bytes: usize) -> bool {
    match payload {
        [1..=11 | 14..=21, _, _, _, 0, 1..=CODE_MAX, ..] => options_fill(payload, 4, wire_bytes),
        [12 | 13, 0..=HOP_COUNT_MAX, ..] => options_fill(payload, 34, wire_bytes),
        _ => false,
    }
}

fn options_fill(payload: &[u8], start: usize, wire_bytes: usize) -> bool {
    let end = wire_bytes.max(payload.len());
    let mut at = start;
    let mut tells = false;
    for _ in 0..OPTIONS_MAX {
        if at == end {
            return tells;
        }
        let head = u16_at(payload, at).zip(u16_at(payload, at.saturating_add(2)));
        let Some((code, length)) = head else {
            // The capture cut it here, if at all.
            return tells && at < end && payload.len() < end;
        };
        let value = payload.get(at.saturating_add(4)..).unwrap_or_default();
        tells |= match code {
            1 | 2 => matches!(value, [0, 1..=4, ..]) && (4..=130).contains(&length),
            9 => matches!(value, [1..=21, ..]) && length >= 4,
            0 => return false,
            _ => false,
        };
        at = at.saturating_add(4).saturating_add(usize::from(length));
        if at > end {
            return false;
        }
    }
    false
}

/// Highest code that a message begins with; IANA's registry ends below.
const CODE_MAX: u8 = 160;
/// RFC 3315 section 5.5; RFC 8415 section 7.6 has 8.
const HOP_COUNT_MAX: u8 = 32;
/// Options that are looked at; no message in use has as many.
const OPTIONS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_shape() {
        let solicit = [1, 1, 2, 3, 0, 1, 0, 6, 0, 3, 0, 1, 7, 7, 0, 14, 0, 0];
        assert!(recognise(&solicit, solicit.len()));
        // Cut behind the identifier.
        assert!(recognise(
            solicit.get(..15).unwrap_or_default(),
            solicit.len()
        ));
        // One byte too long, or too short.
        let long = [solicit.as_slice(), &[0]].concat();
        assert!(!recognise(&long, long.len()));
        assert!(!recognise(solicit.get(..17).unwrap_or_default(), 17));
        // Without an identifier.
        assert!(!recognise(&[1, 1, 2, 3, 0, 14, 0, 0], 8));
        assert!(!recognise(&[], 0));
    }
}
