//! TLS of one side, whichever library speaks it: what both roles have of a handshake.

use std::time::Duration;

use tokio::net::TcpStream;

use super::opening::{Opening, Watched};
use super::reason::{Ends, Trouble};
use super::{SetupError, Stream};

/// Shakes hands as one side.
#[derive(Clone)]
pub(super) struct Speaking<M> {
    backend: Backend<M>,
    ends: Ends,
    verifies: bool,
    handshake_max: Duration,
}

/// The library that speaks.
#[derive(Clone)]
enum Backend<M> {
    Modern(M),
    #[cfg(feature = "legacy-tls")]
    Legacy(super::legacy::Context),
}

/// How a side is set up.
pub(super) trait Setting {
    /// Its side of TLS by rustls.
    type Modern: Modern;

    fn modern(&self) -> Result<Self::Modern, SetupError>;

    #[cfg(feature = "legacy-tls")]
    fn legacy(&self) -> Result<super::legacy::Context, SetupError>;

    fn ends(&self) -> Ends;

    /// Is the other side's certificate verified?
    fn verifies(&self) -> bool;

    fn handshake_max(&self) -> Duration;
}

/// One side of TLS by rustls.
pub(super) trait Modern {
    fn handshake(
        self,
        watched: Watched,
        ends: Ends,
        verified: bool,
    ) -> impl Future<Output = Result<Stream, Trouble>> + Send;
}

impl<M: Modern> Speaking<M> {
    pub(super) fn new(setting: &impl Setting<Modern = M>) -> Result<Self, SetupError> {
        let ends = setting.ends();
        let backend = match ends.legacy {
            false => Backend::Modern(setting.modern()?),
            #[cfg(feature = "legacy-tls")]
            true => Backend::Legacy(setting.legacy()?),
            #[cfg(not(feature = "legacy-tls"))]
            true => return Err(SetupError::NoLegacy),
        };
        Ok(Self {
            backend,
            ends,
            verifies: setting.verifies(),
            handshake_max: setting.handshake_max(),
        })
    }

    /// The handshake over a connection, in bounded time; in words where it comes to nothing.
    pub(super) async fn handshake(
        self,
        tcp: TcpStream,
        opening: Opening,
    ) -> Result<Stream, String> {
        let watched = Watched::new(tcp, opening.clone());
        let (ends, verifies) = (self.ends.clone(), self.verifies);
        let done = async {
            match self.backend {
                Backend::Modern(modern) => modern.handshake(watched, self.ends, verifies).await,
                #[cfg(feature = "legacy-tls")]
                Backend::Legacy(context) => context.handshake(watched, self.ends, verifies).await,
            }
        };
        ends.in_time(done, self.handshake_max, &opening).await
    }
}

impl<M> std::fmt::Debug for Speaking<M> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TLS")
    }
}
