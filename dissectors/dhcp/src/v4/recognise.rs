//! Is a UDP payload DHCPv4, whatever its ports?

use super::{COOKIE, COOKIE_AT, OPTIONS_AT};

/// Is this DHCPv4, by operation, hardware length and magic cookie?
///
/// BOOTP without the cookie, and what a capture cut before it, have no shape of their own: ports 67 and 68 tell them.
#[inline]
pub fn recognise(payload: &[u8]) -> bool {
    // The cookie stands far behind what was read of the packet: on a mirror port the first byte spares a look at it.
    matches!(payload, [1 | 2, _, 0..=16, ..]) && payload.get(COOKIE_AT..OPTIONS_AT) == Some(&COOKIE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v4::Fields;

    #[test]
    fn by_shape() {
        let mut bytes = Fields::default().write();
        assert!(recognise(&bytes));
        assert!(!recognise(bytes.get(..239).unwrap_or_default()));
        if let Some(operation) = bytes.first_mut() {
            *operation = 3;
        }
        assert!(!recognise(&bytes));
        assert!(!recognise(&[]));
    }
}
