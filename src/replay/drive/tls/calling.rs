//! TLS towards an ACS: role cpe.

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
pub struct CallingSetting {
    /// The host of the URL, a name or an address without brackets: what the ACS's certificate has to be for.
    pub host: String,
    /// Who may have issued it, in the place of those that the system trusts.
    pub authorities: Option<Certificates>,
    /// Verify nothing.
    pub insecure: bool,
    /// What the ACS is shown, where it asks.
    pub identity: Option<Identity>,
    /// Where secrets of sessions go.
    pub key_log: Option<KeyLog>,
    /// By OpenSSL, down to TLS 1.0.
    pub legacy: bool,
    /// For a handshake.
    pub handshake_max: Duration,
}

/// TLS towards an ACS.
#[derive(Debug, Clone)]
pub struct Calling(Speaking<modern::Connector>);

impl Calling {
    /// TLS as the setting has it.
    ///
    /// # Errors
    ///
    /// Where no certificate can be for the host, nobody is trusted, certificate and key do not go together, or the library takes
    /// something else not.
    pub fn new(setting: &CallingSetting) -> Result<Self, SetupError> {
        Speaking::new(setting).map(Self)
    }

    /// The handshake over a connection to the ACS, in bounded time.
    ///
    /// # Errors
    ///
    /// With the reason, in words.
    pub async fn handshake(self, tcp: TcpStream, opening: Opening) -> Result<Stream, String> {
        self.0.handshake(tcp, opening).await
    }
}

impl Setting for CallingSetting {
    type Modern = modern::Connector;

    fn modern(&self) -> Result<Self::Modern, SetupError> {
        modern::calling(self)
    }

    #[cfg(feature = "legacy-tls")]
    fn legacy(&self) -> Result<super::legacy::Context, SetupError> {
        super::legacy::calling(self)
    }

    fn ends(&self) -> Ends {
        Ends {
            other: Side::Acs,
            name: self.host.clone(),
            legacy: self.legacy,
        }
    }

    fn verifies(&self) -> bool {
        !self.insecure
    }

    fn handshake_max(&self) -> Duration {
        self.handshake_max
    }
}

/// Whom the system trusts, in DER (`SSL_CERT_FILE` and `SSL_CERT_DIR` say otherwise).
pub(super) fn roots() -> Result<Certificates, SetupError> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let why = found.errors.first();
        let why = why.map_or_else(String::new, |error| format!(" ({error})"));
        return Err(SetupError::NoRoots(why));
    }
    Ok(Certificates::of_all(found.certs))
}
