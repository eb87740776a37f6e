//! TLS where phones connect: role acs.

use std::time::Duration;

use tokio::net::TcpStream;

use super::certificate::{Certificates, Identity};
use super::key_log::KeyLog;
use super::opening::Opening;
use super::reason::Ends;
use super::speaking::{Setting, Speaking};
use super::{SetupError, Stream, modern};
use crate::session::Side;

/// How it is set up.
#[derive(Debug)]
pub struct ListeningSetting {
    /// What phones are shown.
    pub identity: Identity,
    /// Phones have to show a certificate of one of these.
    pub authorities: Option<Certificates>,
    /// Where secrets of sessions go.
    pub key_log: Option<KeyLog>,
    /// By OpenSSL, down to TLS 1.0.
    pub legacy: bool,
    /// For a handshake.
    pub handshake_max: Duration,
}

/// TLS where phones connect; its sessions can be resumed.
#[derive(Debug, Clone)]
pub struct Listening(Speaking<tokio_rustls::TlsAcceptor>);

impl Listening {
    /// TLS as the setting has it.
    ///
    /// # Errors
    ///
    /// Where certificate and key do not go together, or the library takes something else not.
    pub fn new(setting: &ListeningSetting) -> Result<Self, SetupError> {
        Speaking::new(setting).map(Self)
    }

    /// The handshake of an accepted connection, in bounded time.
    ///
    /// # Errors
    ///
    /// With the reason, in words.
    pub async fn handshake(self, tcp: TcpStream, opening: Opening) -> Result<Stream, String> {
        self.0.handshake(tcp, opening).await
    }
}

impl Setting for ListeningSetting {
    type Modern = tokio_rustls::TlsAcceptor;

    fn modern(&self) -> Result<Self::Modern, SetupError> {
        modern::listening(self)
    }

    #[cfg(feature = "legacy-tls")]
    fn legacy(&self) -> Result<super::legacy::Context, SetupError> {
        super::legacy::listening(self)
    }

    fn ends(&self) -> Ends {
        Ends {
            other: Side::Cpe,
            name: String::new(),
            legacy: self.legacy,
        }
    }

    fn verifies(&self) -> bool {
        self.authorities.is_some()
    }

    fn handshake_max(&self) -> Duration {
        self.handshake_max
    }
}
