//! Reads numbers and counted vectors from the front of bytes; nothing here knows what they mean.

/// Bytes being read from the front.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Octets<'a> {
    rest: &'a [u8],
}

impl<'a> Octets<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(front)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A big-endian number of so many bytes, eight at most.
    pub(crate) fn number(&mut self, bytes: usize) -> Option<u64> {
        let digits = self.take(bytes)?;
        Some(
            digits
                .iter()
                .fold(0, |value, digit| (value << 8) | u64::from(*digit)),
        )
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// A vector behind its length, which has so many bytes (RFC 8446 section 3.4).
    pub(crate) fn counted(&mut self, length_bytes: usize) -> Option<Self> {
        let count = self.number(length_bytes)?;
        self.take(usize::try_from(count).ok()?).map(Self::new)
    }

    /// The same; where less is there than it says, what is there.
    pub(crate) fn counted_or_rest(&mut self, length_bytes: usize) -> Option<(Self, bool)> {
        let count = usize::try_from(self.number(length_bytes)?).unwrap_or(usize::MAX);
        let whole = count <= self.rest.len();
        let bytes = self.take(count.min(self.rest.len()))?;
        Some((Self::new(bytes), whole))
    }
}
