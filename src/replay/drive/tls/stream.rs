//! A stream of either kind, plain or under TLS. Its end without close_notify is an end like any other: old phones know no other.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::session::Secured;

/// A connection.
pub struct Stream {
    carrier: Carrier,
    addresses: Option<[SocketAddr; 2]>,
    secured: Option<Secured>,
}

pub(super) enum Carrier {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Modern(
        Pin<Box<tokio_rustls::TlsStream<super::opening::Watched>>>,
        super::reason::Ends,
    ),
    #[cfg(feature = "legacy-tls")]
    Legacy(
        Pin<Box<tokio_openssl::SslStream<super::opening::Watched>>>,
        super::reason::Ends,
    ),
}

impl Stream {
    /// A plain one.
    #[must_use]
    pub fn plain(tcp: TcpStream) -> Self {
        Self {
            addresses: addresses(&tcp),
            carrier: Carrier::Plain(tcp),
            secured: None,
        }
    }

    #[cfg(feature = "tls")]
    pub(super) fn secured_by(
        carrier: Carrier,
        addresses: Option<[SocketAddr; 2]>,
        secured: Secured,
    ) -> Self {
        Self {
            carrier,
            addresses,
            secured: Some(secured),
        }
    }

    /// What TLS came to; nothing where it is plain.
    #[must_use]
    pub fn secured(&self) -> Option<&Secured> {
        self.secured.as_ref()
    }

    /// Local and remote address; nothing where it was gone at once.
    #[must_use]
    pub fn addresses(&self) -> Option<[SocketAddr; 2]> {
        self.addresses
    }

    /// Of the same carrier, whatever it is.
    fn carrier(&mut self) -> Pin<&mut dyn Both> {
        match &mut self.carrier {
            Carrier::Plain(tcp) => Pin::<&mut TcpStream>::new(tcp),
            #[cfg(feature = "tls")]
            Carrier::Modern(stream, _) => stream.as_mut(),
            #[cfg(feature = "legacy-tls")]
            Carrier::Legacy(stream, _) => stream.as_mut(),
        }
    }

    /// In words of TLS, where it is about that.
    fn told(&self, error: io::Error) -> io::Result<()> {
        match &self.carrier {
            Carrier::Plain(_) => Err(error),
            #[cfg(feature = "tls")]
            Carrier::Modern(..) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            #[cfg(feature = "tls")]
            Carrier::Modern(_, ends) => Err(ends.later(error, super::modern::trouble)),
            #[cfg(feature = "legacy-tls")]
            Carrier::Legacy(_, ends) => Err(ends.later(error, super::legacy::trouble_later)),
        }
    }
}

pub(super) fn addresses(tcp: &TcpStream) -> Option<[SocketAddr; 2]> {
    Some([tcp.local_addr().ok()?, tcp.peer_addr().ok()?])
}

/// What any carrier does.
trait Both: AsyncRead + AsyncWrite {}

impl<S: AsyncRead + AsyncWrite> Both for S {}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.carrier().poll_read(context, buffer) {
            Poll::Ready(Err(error)) => Poll::Ready(self.told(error)),
            read => read,
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.carrier().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.carrier().poll_flush(context)
    }

    /// Says close_notify, and ends our direction below.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.carrier().poll_shutdown(context)
    }
}
