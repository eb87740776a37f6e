//! TLS towards an ACS: role cpe.

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
#[derive(Clone)]
pub struct Calling {
    backend: Backend,
    ends: Ends,
    verifies: bool,
    handshake_max: Duration,
}

#[derive(Clone)]
enum Backend {
    Modern(modern::Connector),
    #[cfg(feature = "legacy-tls")]
    Legacy(super::legacy::Context),
}

impl Calling {
    /// TLS as the setting has it.
    ///
    /// # Errors
    ///
    /// Where no certificate can be for the host, nobody is trusted, certificate and key do not go together, or the library takes
    /// something else not.
    pub fn new(setting: &CallingSetting) -> Result<Self, SetupError> {
        let backend = match setting.legacy {
            false => Backend::Modern(modern::calling(setting)?),
            #[cfg(feature = "legacy-tls")]
            true => Backend::Legacy(super::legacy::calling(setting)?),
            #[cfg(not(feature = "legacy-tls"))]
            true => return Err(SetupError::NoLegacy),
        };
        Ok(Self {
            backend,
            ends: Ends {
                other: Side::Acs,
                name: setting.host.clone(),
                legacy: setting.legacy,
            },
            verifies: !setting.insecure,
            handshake_max: setting.handshake_max,
        })
    }

    /// The handshake over a connection to the ACS, in bounded time.
    ///
    /// # Errors
    ///
    /// With the reason, in words.
    pub async fn handshake(self, tcp: TcpStream, opening: Opening) -> Result<Stream, String> {
        let watched = Watched::new(tcp, opening.clone());
        let (ends, verifies) = (self.ends.clone(), self.verifies);
        let done = async {
            match self.backend {
                Backend::Modern(connector) => {
                    modern::connect(connector, watched, self.ends, verifies).await
                }
                #[cfg(feature = "legacy-tls")]
                Backend::Legacy(context) => context.connect(watched, self.ends, verifies).await,
            }
        };
        ends.in_time(done, self.handshake_max, &opening).await
    }
}

impl std::fmt::Debug for Calling {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Calling")
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
