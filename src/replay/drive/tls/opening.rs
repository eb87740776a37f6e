//! The first bytes that the other side of a connection says: what they are where they are no TLS, and what TLS they offer.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http1::Recognised;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

use super::stream::addresses;

/// The first bytes of a connection, as far as they came; shared with whoever waits for it.
#[derive(Debug, Clone, Default)]
pub struct Opening(Arc<Mutex<Vec<u8>>>);

/// What the other side began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Began {
    /// It said nothing.
    Silent,
    /// With HTTP.
    Http,
    /// With TLS; the highest version of a ClientHello, or the one of a ServerHello. TLS 1.3 says 0x0303.
    Tls(Option<u16>),
    /// With something else.
    Other,
}

/// A stream whose first bytes are kept beside.
#[derive(Debug)]
pub struct Watched {
    tcp: TcpStream,
    opening: Opening,
    is_full: bool,
}

impl Opening {
    pub(super) fn began(&self) -> Began {
        let first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        began(&first)
    }

    /// What a handshake that is not over waits for.
    #[must_use]
    pub fn waits(&self) -> &'static str {
        match self.began() {
            Began::Silent => "nothing came",
            Began::Http => "plain HTTP came",
            Began::Tls(_) => "it stopped within the handshake",
            Began::Other => "what came is no TLS",
        }
    }
}

fn began(first: &[u8]) -> Began {
    match *first {
        [] => Began::Silent,
        // A record of a handshake: ClientHello or ServerHello with its version (RFC 8446 section 4.1.2).
        [0x16, 3, _, _, _, 1 | 2, _, _, _, high, low, ..] => {
            Began::Tls(Some(u16::from_be_bytes([high, low])))
        }
        // A record of a handshake or of an alert.
        [0x15 | 0x16, 3, ..] | [0x15 | 0x16] => Began::Tls(None),
        // The ClientHello of SSL 2.0 that offers more (RFC 5246 appendix E.2).
        [0x80..=0xFF, _, 1, high @ 3, low, ..] => Began::Tls(Some(u16::from_be_bytes([high, low]))),
        _ if matches!(http1::recognise(first), Recognised::Message(_)) => Began::Http,
        _ if first.is_ascii() && matches!(http1::recognise(first), Recognised::NeedMore) => {
            Began::Http
        }
        _ => Began::Other,
    }
}

impl Watched {
    pub(super) fn new(tcp: TcpStream, opening: Opening) -> Self {
        Self {
            tcp,
            opening,
            is_full: false,
        }
    }

    /// Local and remote address, which a connection that broke meanwhile does not tell any more.
    pub(super) fn addresses(&self) -> Option<[SocketAddr; 2]> {
        addresses(&self.tcp)
    }

    /// Parts from whoever was sent an alert: who is still sending would not get to read it otherwise.
    pub(super) async fn part(&mut self) {
        let mut room = vec![0; 4096];
        let parting = async {
            let _ = self.tcp.shutdown().await;
            while let Ok(1..) = self.tcp.read(&mut room).await {}
        };
        let _ = tokio::time::timeout(PART_MAX, parting).await;
    }

    fn keep(&mut self, bytes: &[u8]) {
        let mut first = self
            .opening
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let room = FIRST_BYTES.saturating_sub(first.len());
        first.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.is_full = first.len() >= FIRST_BYTES;
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.tcp).poll_read(context, buffer);
        if !self.is_full {
            self.keep(buffer.filled().get(before..).unwrap_or_default());
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }

    /// An alert goes out in one write with what comes before it, or not at all.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}

const PART_MAX: Duration = Duration::from_millis(500);
/// Enough for a record's head and the version behind it, and for the first line of a request.
const FIRST_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::{Began, began};

    #[test]
    fn what_it_began_with() {
        for (first, wanted) in [
            (&b""[..], Began::Silent),
            (b"POST /acs HTTP/1.1\r\nHost: a\r\n\r\n", Began::Http),
            (b"POST /a", Began::Http),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", Began::Http),
            (
                b"\x16\x03\x01\0\x50\x01\0\0\x4c\x03\x02rest",
                Began::Tls(Some(0x0302)),
            ),
            (b"\x16\x03\x01\0\x50", Began::Tls(None)),
            (b"\x15\x03\x01\0\x02\x02\x46", Began::Tls(None)),
            (b"\x80\x2e\x01\x03\x01\0", Began::Tls(Some(0x0301))),
            (b"SSH-2.0-x\r\n", Began::Other),
            (b"\0\x01\x02", Began::Other),
        ] {
            assert_eq!(began(first), wanted, "{first:?}");
        }
    }
}
