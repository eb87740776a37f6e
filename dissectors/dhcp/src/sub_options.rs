//! Codes, lengths and values inside an option's value.

use crate::octets::{array, u16_at};

/// How wide a code and a length are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    /// One byte each: DHCPv4 (RFC 2132 section 8.4, RFC 3046 section 2.0, RFC 3925 section 4).
    One,
    /// Two bytes each: DHCPv6 (RFC 8415 section 21.1).
    Two,
}

/// One code, and the value behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SubOption<'a> {
    /// The code.
    pub code: u16,
    /// The value.
    pub value: &'a [u8],
    /// Where its code stands, in bytes from the first byte of what is walked.
    pub offset: usize,
}

/// The sub-options in some bytes, in their order; ends where the next does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubOptions<'a> {
    bytes: &'a [u8],
    offset: usize,
    width: Width,
    /// Are 0 and 255 pad and end, as in option 43?
    padded: bool,
}

impl<'a> SubOptions<'a> {
    /// Sub-options of this width that fill the bytes.
    pub fn new(bytes: &'a [u8], width: Width) -> Self {
        Self {
            bytes,
            offset: 0,
            width,
            padded: false,
        }
    }

    /// Sub-options as option 43 holds them: one byte each, with pad (0) and end (255) allowed (RFC 2132 section 8.4).
    pub fn encapsulated(bytes: &'a [u8]) -> Self {
        Self {
            padded: true,
            ..Self::new(bytes, Width::One)
        }
    }

    /// The value of the first with this code.
    pub fn value(self, code: u16) -> Option<&'a [u8]> {
        let mut all = self;
        all.find(|sub_option| sub_option.code == code)
            .map(|sub_option| sub_option.value)
    }

    /// Where the walk stops short of the end: the place of the first that does not fit.
    pub fn misfit(self) -> Option<usize> {
        let mut walk = self;
        for _ in walk.by_ref() {}
        (walk.offset < walk.bytes.len()).then_some(walk.offset)
    }

    /// Does at least one stand there, and do they fill the bytes?
    pub fn tiles(self) -> bool {
        let mut first = self;
        first.next().is_some() && self.misfit().is_none()
    }

    fn skip_padding(&mut self) {
        while let Some(byte) = self.bytes.get(self.offset) {
            match byte {
                0 => self.offset = self.offset.saturating_add(1),
                255 => self.offset = self.bytes.len(),
                _ => return,
            }
        }
    }

    fn head(&self) -> Option<(u16, usize, usize)> {
        match self.width {
            Width::One => {
                let [code, length] = array(self.bytes, self.offset)?;
                Some((u16::from(code), usize::from(length), 2))
            }
            Width::Two => {
                let code = u16_at(self.bytes, self.offset)?;
                let length = u16_at(self.bytes, self.offset.checked_add(2)?)?;
                Some((code, usize::from(length), 4))
            }
        }
    }
}

impl<'a> Iterator for SubOptions<'a> {
    type Item = SubOption<'a>;

    fn next(&mut self) -> Option<SubOption<'a>> {
        if self.padded {
            self.skip_padding();
        }
        let (code, length, head) = self.head()?;
        let offset = self.offset;
        let start = offset.checked_add(head)?;
        let end = start.checked_add(length)?;
        let value = self.bytes.get(start..end)?;
        self.offset = end;
        Some(SubOption {
            code,
            value,
            offset,
        })
    }
}

/// Sub-options in bytes again, the opposite of [`SubOptions`]; what a length cannot say is cut.
pub fn write_sub_options(width: Width, sub_options: &[(u16, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (code, value) in sub_options {
        match width {
            Width::One => {
                let value = value.get(..usize::from(u8::MAX)).unwrap_or(value);
                out.push(u8::try_from(*code).unwrap_or(u8::MAX));
                out.push(u8::try_from(value.len()).unwrap_or(u8::MAX));
                out.extend_from_slice(value);
            }
            Width::Two => {
                let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
                out.extend(code.to_be_bytes());
                out.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
                out.extend_from_slice(value);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_widths() {
        let one: Vec<_> = SubOptions::new(&[1, 2, 65, 66, 2, 0], Width::One).collect();
        assert_eq!(one.len(), 2);
        assert_eq!(one.first().map(|first| first.value), Some(&b"AB"[..]));
        assert_eq!(
            one.last().map(|last| (last.code, last.offset)),
            Some((2, 4))
        );
        let two = SubOptions::new(&[0, 1, 0, 1, 65], Width::Two);
        assert!(two.tiles());
        assert_eq!(two.value(1), Some(&b"A"[..]));
    }

    #[test]
    fn a_misfit_has_a_place() {
        assert_eq!(
            SubOptions::new(&[1, 1, 65, 2, 9, 66], Width::One).misfit(),
            Some(3)
        );
        assert_eq!(
            SubOptions::new(&[1, 1, 65, 2], Width::One).misfit(),
            Some(3)
        );
        assert!(!SubOptions::new(&[], Width::One).tiles());
    }

    #[test]
    fn pad_and_end_only_where_they_mean_it() {
        let bytes = [0, 1, 1, 65, 0, 255, 9];
        assert!(SubOptions::encapsulated(&bytes).tiles());
        assert!(!SubOptions::new(&bytes, Width::One).tiles());
    }
}
