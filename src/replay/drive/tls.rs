//! HTTPS: how TLS is set up for either role, the handshakes, and why one came to nothing. Files are read by whoever has them.
//!
//! Two libraries speak it: rustls (TLS 1.2 and 1.3), and the system's OpenSSL for what old phones need (feature `legacy-tls`).

#[cfg(feature = "tls")]
mod calling;
#[cfg(feature = "tls")]
mod certificate;
mod failures;
#[cfg(feature = "tls")]
mod key_log;
#[cfg(feature = "legacy-tls")]
mod legacy;
#[cfg(feature = "tls")]
mod listening;
#[cfg(feature = "tls")]
mod modern;
#[cfg(feature = "tls")]
mod opening;
#[cfg(feature = "tls")]
mod reason;
#[cfg(feature = "tls")]
mod self_signed;
#[cfg(feature = "tls")]
mod speaking;
mod stream;
#[cfg(not(feature = "tls"))]
mod without;

#[cfg(feature = "tls")]
pub use calling::{Calling, CallingSetting};
#[cfg(feature = "tls")]
pub use certificate::{Certificates, Identity, PemError, PrivateKey};
pub(in crate::replay::drive) use failures::Failures;
#[cfg(feature = "tls")]
pub use key_log::KeyLog;
#[cfg(feature = "tls")]
pub use listening::{Listening, ListeningSetting};
#[cfg(feature = "tls")]
pub use opening::Opening;
#[cfg(feature = "tls")]
pub use self_signed::{SelfSigned, self_signed};
pub use stream::Stream;
#[cfg(not(feature = "tls"))]
pub use without::{Calling, Listening, Opening};

use std::time::Duration;

/// Why TLS cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// OpenSSL is not in this build.
    #[error(
        "this build speaks TLS 1.2 and 1.3 alone: `cargo build --release --features legacy-tls` makes one that speaks \
         what is older"
    )]
    NoLegacy,
    /// No issuer is trusted.
    #[error("the system has no certificates of issuers{0}: give the issuer with --tls-ca FILE")]
    NoRoots(String),
    /// The host of the URL cannot stand in a certificate.
    #[error("{0}: no certificate can be for such a host")]
    Host(String),
    /// The library does not take it.
    #[error("{0}")]
    Library(String),
}

/// For a handshake, where nothing else is said: old phones need seconds for RSA.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(15);
