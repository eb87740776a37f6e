//! What may stand before the HTTP messages of a direction: the handshake with a SOCKS proxy, or the header of the PROXY
//! protocol, in which a proxy before the server says for whom it speaks.
//!
//! It tells how long that is, and nothing of what it says. What stands behind it is told by [`crate::recognise`].

mod proxy_protocol;
mod socks;

/// The answer of [`handshake`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handshake {
    /// It is whole, and this many bytes long: what follows begins the stream anew.
    Whole(usize),
    /// These bytes begin no handshake.
    No,
    /// Undecided: ask again with more bytes.
    NeedMore,
}

/// Do the first bytes of a stream form one side's part of a SOCKS handshake, or a header of the PROXY protocol?
///
/// No more than [`HANDSHAKE_BYTES_MAX`] bytes are ever undecided.
pub fn handshake(prefix: &[u8]) -> Handshake {
    let mut answer = Handshake::No;
    for side in socks::SIDES.into_iter().chain(proxy_protocol::VERSIONS) {
        let mut bytes = Bytes {
            rest: prefix,
            taken: 0,
        };
        match side(&mut bytes) {
            Ok(()) => return Handshake::Whole(bytes.taken),
            Err(Stop::NeedMore) => answer = Handshake::NeedMore,
            Err(Stop::Other) => {}
        }
    }
    answer
}

/// Bytes being read from the front.
struct Bytes<'a> {
    rest: &'a [u8],
    taken: usize,
}

type Read<T> = Result<T, Stop>;

enum Stop {
    Other,
    NeedMore,
}

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let (front, rest) = self.rest.split_at_checked(count).ok_or(Stop::NeedMore)?;
        self.rest = rest;
        self.taken = self.taken.saturating_add(count);
        Ok(front)
    }

    fn skip(&mut self, count: usize) -> Read<()> {
        self.take(count).map(drop)
    }

    fn peek(&self) -> Read<u8> {
        self.rest.first().copied().ok_or(Stop::NeedMore)
    }

    fn next(&mut self) -> Read<u8> {
        let byte = self.peek()?;
        self.skip(1)?;
        Ok(byte)
    }

    fn exactly(&mut self, wanted: u8) -> Read<()> {
        if self.next()? == wanted {
            Ok(())
        } else {
            Err(Stop::Other)
        }
    }

    /// As many bytes as the first of them says.
    fn counted(&mut self) -> Read<&'a [u8]> {
        let count = self.next()?;
        self.take(usize::from(count))
    }

    /// Text up to its NUL, which is among the first `bytes_max`.
    fn text(&mut self, bytes_max: usize) -> Read<()> {
        let window = self.rest.get(..bytes_max).unwrap_or(self.rest);
        match memchr::memchr(0, window) {
            Some(end) => self.skip(end.saturating_add(1)),
            None if window.len() < bytes_max => Err(Stop::NeedMore),
            None => Err(Stop::Other),
        }
    }
}

/// No handshake is longer.
pub const HANDSHAKE_BYTES_MAX: usize = if socks::SOCKS_BYTES_MAX > proxy_protocol::HEADER_BYTES_MAX
{
    socks::SOCKS_BYTES_MAX
} else {
    proxy_protocol::HEADER_BYTES_MAX
};
