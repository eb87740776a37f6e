//! What TLS in a capture is opened with.

use std::path::PathBuf;
use std::sync::OnceLock;

use clap::Args;

use crate::pipeline::KeyMaterial;

/// Key material for TLS.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct KeyFiles {
    /// Secrets of TLS as `SSLKEYLOGFILE` has them, to read what went over TLS (may be given several times; docs/tls.md).
    /// Secrets that a pcapng file holds itself are used in any case
    #[arg(long, value_name = "FILE")]
    pub keylog: Vec<PathBuf>,
    /// Private RSA key of a server, as PEM: opens TLS 1.0 to 1.2 where the key exchange is plain RSA (may be given several
    /// times)
    #[arg(long, value_name = "FILE")]
    pub rsa_key: Vec<PathBuf>,
    /// What stands in them, read once: a pipe gives it only once.
    #[arg(skip)]
    pub read: OnceLock<KeyMaterial>,
}

impl KeyFiles {
    /// The files with their options.
    pub fn given(&self) -> Vec<(&'static str, PathBuf)> {
        let logs = self.keylog.iter().map(|path| ("--keylog", path.clone()));
        let keys = self.rsa_key.iter().map(|path| ("--rsa-key", path.clone()));
        logs.chain(keys).collect()
    }
}
