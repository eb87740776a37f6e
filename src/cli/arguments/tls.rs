//! The grammar of HTTPS: where phones connect, and towards an ACS.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

/// HTTPS where phones connect.
#[derive(Debug, Args)]
#[command(next_help_heading = "HTTPS")]
#[group(skip)]
pub(in crate::cli) struct TlsListening {
    /// Speak HTTPS, with the certificate of this file (PEM): the own one first, then those that lead to its issuer
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of that certificate (PEM, without passphrase)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Speak HTTPS, with a certificate that is made on the fly for the listening address; its fingerprint goes to standard error
    #[arg(long, conflicts_with = "tls_cert")]
    pub tls_self_signed: bool,
    /// A name that such a certificate is for as well (may be given several times); the first is its common name
    #[arg(long, value_name = "NAME", requires = "tls_self_signed", value_parser = NonEmptyStringValueParser::new())]
    pub tls_name: Vec<String>,
    /// Serve only phones that show a certificate of one of these issuers (PEM)
    #[arg(long, value_name = "FILE")]
    pub tls_client_ca: Option<PathBuf>,
    #[command(flatten)]
    pub both: TlsBoth,
}

/// HTTPS towards an ACS.
#[derive(Debug, Args)]
#[command(next_help_heading = "HTTPS")]
#[group(skip)]
pub(in crate::cli) struct TlsCalling {
    /// Who may have issued the ACS's certificate (PEM), in the place of those that the system trusts
    #[arg(long, value_name = "FILE", conflicts_with = "tls_insecure")]
    pub tls_ca: Option<PathBuf>,
    /// The certificate that the ACS is shown where it asks for one (PEM): the own one first
    #[arg(long, value_name = "FILE", requires = "tls_client_key")]
    pub tls_client_cert: Option<PathBuf>,
    /// The private key of that certificate (PEM, without passphrase)
    #[arg(long, value_name = "FILE", requires = "tls_client_cert")]
    pub tls_client_key: Option<PathBuf>,
    /// Verify nothing of the ACS's certificate; every report says so
    #[arg(long)]
    pub tls_insecure: bool,
    #[command(flatten)]
    pub both: TlsBoth,
}

/// What both have.
#[derive(Debug, Args)]
#[command(next_help_heading = "HTTPS")]
#[group(skip)]
pub(in crate::cli) struct TlsBoth {
    /// Append the secrets of TLS sessions to this file, for tools that read captures (the format of SSLKEYLOGFILE)
    #[arg(long, value_name = "FILE")]
    pub keylog_out: Option<PathBuf>,
    /// Speak TLS 1.0 to 1.3 by the system's OpenSSL, with RSA key exchange and CBC, as old phones need (only in a build with the
    /// feature legacy-tls)
    #[arg(long)]
    pub tls_legacy: bool,
}

impl TlsListening {
    /// Is HTTPS spoken?
    pub fn is_on(&self) -> bool {
        self.tls_cert.is_some() || self.tls_self_signed
    }

    /// An option that says nothing without HTTPS.
    pub fn idle(&self) -> Option<&'static str> {
        let client_ca = self.tls_client_ca.as_ref().map(|_| "--tls-client-ca");
        client_ca.or(self.both.idle())
    }
}

impl TlsCalling {
    /// An option that says nothing without HTTPS.
    pub fn idle(&self) -> Option<&'static str> {
        let given = [
            (self.tls_ca.is_some(), "--tls-ca"),
            (self.tls_client_cert.is_some(), "--tls-client-cert"),
            (self.tls_insecure, "--tls-insecure"),
        ];
        let given = given.into_iter().find(|(is_given, _)| *is_given);
        given.map(|(_, name)| name).or(self.both.idle())
    }
}

impl TlsBoth {
    fn idle(&self) -> Option<&'static str> {
        let key_log = self.keylog_out.as_ref().map(|_| "--keylog-out");
        key_log.or(self.tls_legacy.then_some("--tls-legacy"))
    }
}
