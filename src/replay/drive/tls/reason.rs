//! Why TLS came to nothing, in words that a person can act on.

use std::io;
use std::time::Duration;

use super::Stream;
use super::opening::{Began, Opening};
use crate::session::Side;

/// The two ends of a connection.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    /// Who the other side is.
    pub(super) other: Side,
    /// What it was called by.
    pub(super) name: String,
    /// We speak by OpenSSL.
    pub(super) legacy: bool,
}

/// What a library tells of it.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The other side sent a fatal alert (RFC 8446 section 6).
    Alert(u8),
    /// Its certificate is not good.
    Certificate(Doubt),
    /// It showed none, and one is wanted.
    NoCertificate,
    /// No version in common.
    Version,
    /// No cipher suite, or something else that has to be in common.
    NothingInCommon,
    /// It ended the connection.
    Ended,
    /// It took too long.
    Late,
    /// Something else.
    Other(String),
}

/// What is wrong with a certificate.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    UnknownIssuer,
    /// It is for these names.
    Name(Vec<String>),
    Expired,
    NotYetValid,
    /// It is that of an issuer.
    Issuer,
    Other(String),
}

impl Ends {
    /// What comes of a handshake, which has so much time; in words where nothing does.
    pub(super) async fn in_time(
        &self,
        handshake: impl Future<Output = Result<Stream, Trouble>>,
        most: Duration,
        opening: &Opening,
    ) -> Result<Stream, String> {
        let done = tokio::time::timeout(most, handshake).await;
        let done = done.unwrap_or(Err(Trouble::Late));
        done.map_err(|trouble| self.told(&trouble, opening.began()))
    }

    /// Why a handshake failed.
    pub(super) fn told(&self, trouble: &Trouble, began: Began) -> String {
        let it = self.it();
        match began {
            Began::Silent if matches!(trouble, Trouble::Late) => {
                format!("{it} said nothing where the TLS handshake was waited for")
            }
            Began::Silent if matches!(trouble, Trouble::Ended | Trouble::Other(_)) => {
                format!("{it} ended the connection before the TLS handshake")
            }
            Began::Http => match self.other {
                Side::Acs => {
                    "the ACS spoke plain HTTP where TLS was expected: give --acs-url with http"
                        .to_owned()
                }
                _ => format!(
                    "{it} spoke plain HTTP to the port of HTTPS: its ACS URL has to begin with https"
                ),
            },
            Began::Other => format!("{it} sent bytes that are no TLS"),
            Began::Tls(offered) => self.of_tls(trouble, offered),
            Began::Silent => self.of_tls(trouble, None),
        }
    }

    /// Why a connection that stood broke.
    pub(super) fn later(&self, error: io::Error, read: fn(&io::Error) -> Trouble) -> io::Error {
        match read(&error) {
            Trouble::Ended | Trouble::Other(_) | Trouble::Late => error,
            trouble => io::Error::new(error.kind(), self.of_tls(&trouble, None)),
        }
    }

    fn of_tls(&self, trouble: &Trouble, offered: Option<u16>) -> String {
        let it = self.it();
        match trouble {
            Trouble::Alert(alert) => self.alert(*alert),
            Trouble::Certificate(doubt) => self.doubt(doubt),
            Trouble::NoCertificate => {
                format!("{it} showed no certificate, and --tls-client-ca wants one")
            }
            Trouble::Version => self.too_old(offered),
            // Such a hello lacks other things too, which may be missed first.
            Trouble::NothingInCommon if offered.is_some_and(|it| it < TLS_1_2) => {
                self.too_old(offered)
            }
            Trouble::NothingInCommon => format!(
                "{it} offered no cipher suite, curve or signature that is spoken here{}",
                self.remedy()
            ),
            Trouble::Ended => format!("{it} ended the connection within the TLS handshake"),
            Trouble::Late => format!("{it} stopped within the TLS handshake"),
            Trouble::Other(why) => format!("the TLS handshake with {it} failed: {why}"),
        }
    }

    fn too_old(&self, offered: Option<u16>) -> String {
        let offered = offered.map_or("another version of TLS", version);
        format!("{} offered {offered} only{}", self.it(), self.remedy())
    }

    fn alert(&self, alert: u8) -> String {
        let (it, name) = (self.it(), alert_name(alert));
        let said = format!("(alert {name})");
        let own = match self.other {
            Side::Acs => "--tls-client-cert and --tls-client-key",
            _ => "--tls-cert and --tls-key",
        };
        match alert {
            NO_CERTIFICATE | CERTIFICATE_REQUIRED => {
                format!("{it} wants a certificate of ours {said}: give {own}")
            }
            UNKNOWN_CA => format!(
                "{it} refused our certificate {said}: it does not know its issuer, which has to be loaded into it; or give \
                 another certificate with {own}"
            ),
            BAD_CERTIFICATE..=CERTIFICATE_UNKNOWN => {
                format!("{it} refused our certificate {said}: give another with {own}")
            }
            PROTOCOL_VERSION => {
                format!(
                    "{it} speaks no version of TLS that we do {said}{}",
                    self.remedy()
                )
            }
            HANDSHAKE_FAILURE | INSUFFICIENT_SECURITY => {
                let wants = match self.other {
                    Side::Acs => format!(", or wants a certificate of ours ({own})"),
                    _ => String::new(),
                };
                format!(
                    "{it} has nothing in common with us {said}{wants}{}",
                    self.remedy()
                )
            }
            UNRECOGNIZED_NAME => format!("{it} is not {} {said}", self.name),
            _ => format!("{it} broke the TLS handshake off {said}"),
        }
    }

    fn doubt(&self, doubt: &Doubt) -> String {
        let it = self.it();
        let (authorities, insecure) = match self.other {
            Side::Acs => ("--tls-ca", "; --tls-insecure verifies nothing"),
            _ => ("--tls-client-ca", ""),
        };
        match doubt {
            Doubt::UnknownIssuer => format!(
                "{it}'s certificate is not trusted: unknown issuer; {authorities} FILE names its issuer"
            ),
            Doubt::Name(names) if names.is_empty() => {
                format!("{it}'s certificate is not for {}{insecure}", self.name)
            }
            Doubt::Name(names) => format!(
                "{it}'s certificate is not for {}, but for {}{insecure}",
                self.name,
                names.join(", ")
            ),
            Doubt::Expired => format!("{it}'s certificate has expired{insecure}"),
            Doubt::NotYetValid => {
                format!("{it}'s certificate is not valid yet: look at the clocks{insecure}")
            }
            Doubt::Issuer => format!(
                "{it}'s certificate is not trusted: it is the certificate of an issuer (basicConstraints CA:TRUE), not of a \
                 server; make one with -addext basicConstraints=critical,CA:FALSE, or {USE_LEGACY}{insecure}"
            ),
            Doubt::Other(why) => format!("{it}'s certificate is not trusted: {why}{insecure}"),
        }
    }

    fn it(&self) -> &'static str {
        match self.other {
            Side::Acs => "the ACS",
            _ => "the phone",
        }
    }

    /// What helps where it is too old for us.
    fn remedy(&self) -> &'static str {
        match (self.legacy, cfg!(feature = "legacy-tls")) {
            (true, _) => "",
            (false, true) => ": give --tls-legacy",
            (false, false) => ": build with the feature legacy-tls and give --tls-legacy",
        }
    }
}

/// A version as a hello has it.
pub(super) fn version(number: u16) -> &'static str {
    match number {
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        0x0304 => "TLS 1.3",
        _ => "another version of TLS",
    }
}

/// Names of RFC 8446 section 6, and of RFC 5246 section 7.2.
fn alert_name(alert: u8) -> String {
    let name = match alert {
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        HANDSHAKE_FAILURE => "handshake_failure",
        NO_CERTIFICATE => "no_certificate",
        BAD_CERTIFICATE => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        CERTIFICATE_UNKNOWN => "certificate_unknown",
        47 => "illegal_parameter",
        UNKNOWN_CA => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        PROTOCOL_VERSION => "protocol_version",
        INSUFFICIENT_SECURITY => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        UNRECOGNIZED_NAME => "unrecognized_name",
        CERTIFICATE_REQUIRED => "certificate_required",
        number => return number.to_string(),
    };
    name.to_owned()
}

/// What takes more certificates than rustls does.
pub(super) const USE_LEGACY: &str = if cfg!(feature = "legacy-tls") {
    "give --tls-legacy"
} else {
    "give --tls-legacy to a build with the feature legacy-tls"
};
const TLS_1_2: u16 = 0x0303;
const HANDSHAKE_FAILURE: u8 = 40;
const NO_CERTIFICATE: u8 = 41;
const BAD_CERTIFICATE: u8 = 42;
const CERTIFICATE_UNKNOWN: u8 = 46;
const UNKNOWN_CA: u8 = 48;
const PROTOCOL_VERSION: u8 = 70;
const INSUFFICIENT_SECURITY: u8 = 71;
const UNRECOGNIZED_NAME: u8 = 112;
const CERTIFICATE_REQUIRED: u8 = 116;
