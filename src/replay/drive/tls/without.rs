//! In the place of TLS in a build without it: nothing of it can be made, so that nothing of it is ever asked.

use std::convert::Infallible;

use tokio::net::TcpStream;

use super::Stream;

/// TLS where phones connect.
#[derive(Debug, Clone)]
pub struct Listening(Infallible);

/// TLS towards an ACS.
#[derive(Debug, Clone)]
pub struct Calling(Infallible);

/// What a handshake began with.
#[derive(Debug, Clone, Default)]
pub struct Opening(());

impl Listening {
    /// Never.
    ///
    /// # Errors
    ///
    /// Never.
    pub async fn handshake(self, _: TcpStream, _: Opening) -> Result<Stream, String> {
        match self.0 {}
    }
}

impl Calling {
    /// Never.
    ///
    /// # Errors
    ///
    /// Never.
    pub async fn handshake(self, _: TcpStream, _: Opening) -> Result<Stream, String> {
        match self.0 {}
    }
}

impl Opening {
    /// Nothing.
    #[must_use]
    pub fn waits(&self) -> &'static str {
        ""
    }
}
