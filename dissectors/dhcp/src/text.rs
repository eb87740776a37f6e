//! Text in an option: the bytes as they came, and what they say.

use std::borrow::Cow;

/// Bytes of an option that are meant as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Text<'a> {
    raw: &'a [u8],
}

impl<'a> Text<'a> {
    /// Text that stands in these bytes.
    pub fn new(raw: &'a [u8]) -> Self {
        Self { raw }
    }

    /// The bytes as they came, with a terminating NUL if there is one.
    pub fn raw(self) -> &'a [u8] {
        self.raw
    }

    /// The bytes without terminating NULs, which are not part of a value (TR-069 Amendment 3 section 3.1).
    pub fn value(self) -> &'a [u8] {
        let end = self.raw.iter().rposition(|byte| *byte != 0);
        end.and_then(|end| self.raw.get(..=end)).unwrap_or_default()
    }

    /// The text without terminating NULs; bytes that are not UTF-8 become U+FFFD.
    pub fn text(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.value())
    }

    /// Does it end in NUL?
    pub fn is_nul_terminated(self) -> bool {
        self.raw.last() == Some(&0)
    }

    /// The decimal number that it spells.
    pub fn number(self) -> Option<u64> {
        let digits = self.value();
        let spelt = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        if !spelt {
            return None;
        }
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// The number that two or four bytes make, as senders write that take an interval for a binary value.
    pub fn binary_number(self) -> Option<u64> {
        if self.number().is_some() {
            return None;
        }
        match self.raw {
            [a, b] => Some(u64::from(u16::from_be_bytes([*a, *b]))),
            [a, b, c, d] => Some(u64::from(u32::from_be_bytes([*a, *b, *c, *d]))),
            _ => None,
        }
    }

    /// Is every byte of the value a printable ASCII character or a blank, and is there one?
    pub fn is_printable(self) -> bool {
        let value = self.value();
        !value.is_empty() && value.iter().all(|byte| (0x20..0x7f).contains(byte))
    }

    /// Does it begin with a scheme and `://`?
    pub fn is_url(self) -> bool {
        let value = self.value();
        let Some(colon) = value.iter().take(SCHEME_BYTES_MAX).position(|b| *b == b':') else {
            return false;
        };
        let (scheme, rest) = value.split_at_checked(colon).unwrap_or_default();
        rest.starts_with(b"://")
            && scheme.first().is_some_and(u8::is_ascii_alphabetic)
            && scheme
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
    }
}

/// No scheme in use is longer (`https`, `tftps`, `ftps`).
const SCHEME_BYTES_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_told_and_not_part_of_the_value() {
        let text = Text::new(b"012345\0");
        assert!(text.is_nul_terminated());
        assert_eq!(text.text(), "012345");
        assert_eq!(text.number(), Some(12345));
        assert_eq!(Text::new(b"\0\0").value(), b"");
    }

    #[test]
    fn binary_intervals_are_told_from_digits() {
        assert_eq!(Text::new(b"2000").number(), Some(2000));
        assert_eq!(Text::new(b"2000").binary_number(), None);
        assert_eq!(Text::new(&[7, 208]).binary_number(), Some(2000));
        assert_eq!(Text::new(&[0, 0, 7, 208]).binary_number(), Some(2000));
        assert_eq!(Text::new(b"5 s").number(), None);
    }

    #[test]
    fn url() {
        assert!(Text::new(b"http://acs.example.org:7547/").is_url());
        assert!(Text::new(b"HTTPS://a\0").is_url());
        for other in [
            &b"acs.example.org"[..],
            b"://a",
            b"012345",
            b"",
            b"1a://b",
            b"a:b://",
        ] {
            assert!(!Text::new(other).is_url(), "{other:?}");
        }
    }
}
