//! TLS where phones connect: role acs.

use std::time::Duration;

use tokio::net::TcpStream;

use super::certificate::{Certificates, Identity};
use super::key_log::KeyLog;
use super::opening::{Opening, Watched};
use super::reason::Ends;
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
#[derive(Clone)]
pub struct Listening {
    backend: Backend,
    ends: Ends,
    verifies: bool,
    handshake_max: Duration,
}

#[derive(Clone)]
enum Backend {
    Modern(tokio_rustls::TlsAcceptor),
    #[cfg(feature = "legacy-tls")]
    Legacy(super::legacy::Context),
}

impl Listening {
    /// TLS as the setting has it.
    ///
    /// # Errors
    ///
    /// Where certificate and key do not go together, or the library takes something else not.
    pub fn new(setting: &ListeningSetting) -> Result<Self, SetupError> {
        let backend = match setting.legacy {
            false => Backend::Modern(modern::listening(setting)?),
            #[cfg(feature = "legacy-tls")]
            true => Backend::Legacy(super::legacy::listening(setting)?),
            #[cfg(not(feature = "legacy-tls"))]
            true => return Err(SetupError::NoLegacy),
        };
        Ok(Self {
            backend,
            ends: Ends {
                other: Side::Cpe,
                name: String::new(),
                legacy: setting.legacy,
            },
            verifies: setting.authorities.is_some(),
            handshake_max: setting.handshake_max,
        })
    }

    /// The handshake of an accepted connection, in bounded time.
    ///
    /// # Errors
    ///
    /// With the reason, in words.
    pub async fn handshake(self, tcp: TcpStream, opening: Opening) -> Result<Stream, String> {
        let watched = Watched::new(tcp, opening.clone());
        let (ends, verifies) = (self.ends.clone(), self.verifies);
        let done = async {
            match self.backend {
                Backend::Modern(acceptor) => {
                    modern::accept(&acceptor, watched, self.ends, verifies).await
                }
                #[cfg(feature = "legacy-tls")]
                Backend::Legacy(context) => context.accept(watched, self.ends, verifies).await,
            }
        };
        ends.in_time(done, self.handshake_max, &opening).await
    }
}

impl std::fmt::Debug for Listening {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Listening")
    }
}
