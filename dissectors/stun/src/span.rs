//! A range of a datagram's bytes, small and `Copy`.

/// Bytes `start..end` of a UDP payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One behind the last byte.
    pub end: usize,
}

impl Span {
    /// A range as it is given.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Its bytes, as far as they are there.
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        bytes
            .get(self.start..self.end.min(bytes.len()))
            .unwrap_or_default()
    }

    /// Whether it holds no byte.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The same without blanks at both ends.
    pub(crate) fn trimmed(self, bytes: &[u8]) -> Self {
        let inside = self.of(bytes);
        let blanks = |byte: &&u8| byte.is_ascii_whitespace();
        let front = inside.iter().take_while(blanks).count();
        let back = inside.iter().rev().take_while(blanks).count();
        let start = self.start.saturating_add(front);
        let end = self.start.saturating_add(inside.len());
        Self::new(start, end.saturating_sub(back).max(start))
    }
}
