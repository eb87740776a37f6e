//! Certificates and keys as PEM (RFC 7468). A key is never shown.

use std::fmt;

use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Certificates of one file, in their order.
#[derive(Debug, Clone)]
pub struct Certificates(Vec<CertificateDer<'static>>);

/// A private key.
pub struct PrivateKey(PrivateKeyDer<'static>);

/// A certificate with those that lead to its issuer, and its key.
#[derive(Debug)]
pub struct Identity {
    /// The own certificate first.
    pub chain: Certificates,
    /// The key of the first.
    pub key: PrivateKey,
}

/// What is wrong with a file of PEM.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct PemError {
    /// Where it begins, counted from 1; nothing where it is about all of it.
    pub line: Option<usize>,
    /// What, and what helps.
    pub why: String,
}

impl Certificates {
    /// Reads all certificates of a file.
    ///
    /// # Errors
    ///
    /// Where one cannot be read, or there is none.
    pub fn of_pem(text: &[u8]) -> Result<Self, PemError> {
        let all: Vec<CertificateDer<'static>> = sections(text)?;
        if all.is_empty() {
            let why =
                "there is no certificate in it: a PEM file has a line -----BEGIN CERTIFICATE-----";
            return Err(whole(why));
        }
        Ok(Self(all))
    }

    pub(super) fn of_all(all: Vec<CertificateDer<'static>>) -> Self {
        Self(all)
    }

    /// In DER.
    pub(super) fn der(&self) -> &[CertificateDer<'static>] {
        &self.0
    }
}

impl PrivateKey {
    /// Reads the first key of a file: PKCS #8, PKCS #1 or SEC 1, without passphrase.
    ///
    /// # Errors
    ///
    /// Where there is none that can be read.
    pub fn of_pem(text: &[u8]) -> Result<Self, PemError> {
        if memchr::memmem::find(text, b"ENCRYPTED").is_some() {
            let why =
                "the key has a passphrase: `openssl pkey -in FILE -out FILE` writes it without one";
            return Err(whole(why));
        }
        let first: Option<PrivateKeyDer<'static>> = sections(text)?.into_iter().next();
        let why =
            "there is no private key in it: a PEM file has a line -----BEGIN PRIVATE KEY-----";
        first.map(Self).ok_or_else(|| whole(why))
    }

    pub(super) fn of_der(der: PrivateKeyDer<'static>) -> Self {
        Self(der)
    }

    pub(super) fn der(&self) -> &PrivateKeyDer<'static> {
        &self.0
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PrivateKey")
    }
}

/// All sections of one kind.
fn sections<T: PemObject>(text: &[u8]) -> Result<Vec<T>, PemError> {
    let mut all = Vec::new();
    let mut sections = T::pem_slice_iter(text);
    loop {
        let read = text.len().saturating_sub(sections.remainder().len());
        match sections.next() {
            None => return Ok(all),
            Some(Ok(section)) => all.push(section),
            Some(Err(error)) => {
                return Err(PemError {
                    line: Some(line_of_section(text, read)),
                    why: told(&error).to_owned(),
                });
            }
        }
    }
}

/// The line, counted from 1, of the first section from this place on.
fn line_of_section(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let begin = memchr::memmem::find(rest, b"-----BEGIN").unwrap_or_default();
    let before = text.get(..from.saturating_add(begin)).unwrap_or_default();
    memchr::memchr_iter(b'\n', before).count().saturating_add(1)
}

/// Without the bytes that are wrong: they may be those of a key.
fn told(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => {
            "the section that begins here has no line -----END ...-----"
        }
        pem::Error::IllegalSectionStart { .. } => "a line -----BEGIN ...----- is broken here",
        pem::Error::Base64Decode(_) => "the section that begins here is no base64",
        _ => "it cannot be read as PEM",
    }
}

fn whole(why: &str) -> PemError {
    PemError {
        line: None,
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Certificates, PrivateKey};

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_without_its_bytes() {
        let good = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let broken =
            format!("{good}\n-----BEGIN CERTIFICATE-----\n*secret*\n-----END CERTIFICATE-----\n");
        let error = Certificates::of_pem(broken.as_bytes()).expect_err("no base64");
        assert_eq!(error.line, Some(5));
        assert!(!error.why.contains("secret"));
        let open = format!("{good}-----BEGIN CERTIFICATE-----\nAAAA\n");
        let error = Certificates::of_pem(open.as_bytes()).expect_err("no end");
        assert_eq!(error.line, Some(4));
        for text in [
            "",
            "hello",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ] {
            let error = Certificates::of_pem(text.as_bytes()).expect_err("none");
            assert!(
                error.line.is_none() && error.why.contains("no certificate"),
                "{text}"
            );
        }
        let locked =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        let error = PrivateKey::of_pem(locked.as_bytes()).expect_err("locked");
        assert!(error.why.contains("passphrase"));
        assert!(PrivateKey::of_pem(good.as_bytes()).is_err());
    }
}
