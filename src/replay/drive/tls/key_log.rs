//! The key log: secrets of each session, as tools that read captures want them (the format of `SSLKEYLOGFILE`).

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_rustls::rustls;

/// Where secrets of sessions go, line by line.
#[derive(Debug, Clone)]
pub struct KeyLog(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    file: File,
    failed: Option<io::Error>,
}

impl KeyLog {
    /// Writes to this file, which is open for appending.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self(Arc::new(Mutex::new(Inner { file, failed: None })))
    }

    /// Why it could not be written, if so.
    #[must_use]
    pub fn failure(&self) -> Option<io::Error> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.failed.take()
    }

    /// Adds a line; whole, so that others may append to the same file.
    pub(super) fn line(&self, line: &str) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let written = inner.file.write_all(format!("{line}\n").as_bytes());
        if let Err(error) = written {
            inner.failed.get_or_insert(error);
        }
    }
}

impl rustls::KeyLog for KeyLog {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        use crate::session::wire::hexadecimal;
        self.line(&format!(
            "{label} {} {}",
            hexadecimal(client_random),
            hexadecimal(secret)
        ));
    }
}
