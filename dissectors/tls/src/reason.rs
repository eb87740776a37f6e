//! Why bytes stay enciphered, in words that say what would help.

use std::fmt;

use crate::{Suite, Version};

/// Why plain bytes do not come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The connection began before the bytes that are here.
    HandshakeUnseen,
    /// A message of the handshake is missing that is needed.
    HandshakeIncomplete {
        /// Its name.
        message: &'static str,
    },
    /// No secret is known.
    NoSecret {
        /// Under which a key log would have it.
        client_random: [u8; 32],
        /// What else would help.
        help: Help,
    },
    /// A session is resumed whose first handshake was not seen.
    ResumedUnseen {
        /// Under which a key log would have the secret.
        client_random: [u8; 32],
    },
    /// The private key of the server does not open the premaster secret.
    WrongPrivateKey,
    /// A secret is known under this name, and does not fit.
    WrongSecret {
        /// Under which it was found.
        client_random: [u8; 32],
    },
    /// A cipher that nobody here undoes.
    SuiteUnsupported(Suite),
    /// A version whose records nobody here opens.
    VersionUnsupported(Version),
    /// The records are compressed, by this method.
    Compressed(u8),
    /// Data before the server's answer whose secret is not known, or that the server refused.
    EarlyData,
    /// The record is damaged, or not genuine.
    Unauthentic,
    /// Bytes are missing here.
    Gap,
    /// A record that needs the one before it, which is missing (TLS 1.0).
    Chained,
    /// The place in the key stream or the number of the record was lost in a gap.
    AfterGap,
    /// A bound was reached: too much was held back, or deciphered in vain.
    Bound,
}

/// What would help where no secret is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Help {
    /// The server's RSA key would.
    PrivateKey,
    /// The server's RSA key would, and those given belong to other certificates.
    OtherPrivateKey,
    /// Only the key log: the key exchange has forward secrecy.
    KeyLogAlone {
        /// As the suite names it, None for TLS 1.3.
        key_exchange: Option<&'static str>,
    },
}

impl Reason {
    /// The reason for output, lower case with hyphens: `no-secret`.
    pub fn name(self) -> &'static str {
        match self {
            Self::HandshakeUnseen => "handshake-unseen",
            Self::HandshakeIncomplete { .. } => "handshake-incomplete",
            Self::NoSecret { .. } => "no-secret",
            Self::ResumedUnseen { .. } => "resumed-unseen",
            Self::WrongPrivateKey => "wrong-private-key",
            Self::WrongSecret { .. } => "wrong-secret",
            Self::SuiteUnsupported(_) => "suite-unsupported",
            Self::VersionUnsupported(_) => "version-unsupported",
            Self::Compressed(_) => "compressed",
            Self::EarlyData => "early-data",
            Self::Unauthentic => "unauthentic",
            Self::Gap => "gap",
            Self::Chained => "chained",
            Self::AfterGap => "after-gap",
            Self::Bound => "bound",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HandshakeUnseen => formatter
                .write_str("joined in the middle: its handshake is missing, and no key helps without"),
            Self::HandshakeIncomplete { message } => {
                write!(formatter, "the {message} of its handshake is missing")
            }
            Self::NoSecret { client_random, help } => {
                let random = Short(client_random);
                write!(formatter, "no key log line for client random {random}, {help}")
            }
            Self::ResumedUnseen { client_random } => write!(
                formatter,
                "no key log line for client random {}, and the handshake of the session it resumes was not seen",
                Short(client_random)
            ),
            Self::WrongPrivateKey => formatter.write_str(
                "the RSA key given does not open the premaster secret: it is not the key of this server",
            ),
            Self::WrongSecret { client_random } => write!(
                formatter,
                "the secret known for client random {} does not fit",
                Short(client_random)
            ),
            Self::SuiteUnsupported(suite) => write!(formatter, "{suite} is not undone here"),
            Self::VersionUnsupported(version) => write!(formatter, "{version} is not undone here"),
            Self::Compressed(method) => {
                write!(formatter, "records are compressed by method {method}, which is not undone here")
            }
            Self::EarlyData => formatter.write_str(
                "early data, for which the key log has no line, or which the server refused",
            ),
            Self::Unauthentic => formatter.write_str("the record is damaged or not genuine"),
            Self::Gap => formatter.write_str("bytes are missing here"),
            Self::Chained => {
                formatter.write_str("the record before it is missing, which its cipher needs")
            }
            Self::AfterGap => formatter
                .write_str("behind missing bytes, where the count of records is not found again"),
            Self::Bound => formatter.write_str("a bound was reached"),
        }
    }
}

impl fmt::Display for Help {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrivateKey => formatter.write_str("and no RSA key of the server"),
            Self::OtherPrivateKey => {
                formatter.write_str("and the RSA key given is not that of the server's certificate")
            }
            Self::KeyLogAlone {
                key_exchange: Some(name),
            } => {
                write!(formatter, "and {name} keeps an RSA key from helping")
            }
            Self::KeyLogAlone { key_exchange: None } => {
                formatter.write_str("and TLS 1.3 keeps an RSA key from helping")
            }
        }
    }
}

/// The first bytes of a random, which are enough to find it.
struct Short<'a>(&'a [u8; 32]);

impl fmt::Display for Short<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.iter().take(4) {
            write!(formatter, "{byte:02x}")?;
        }
        formatter.write_str("..")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_say_what_would_help() {
        let reason = Reason::NoSecret {
            client_random: [0xab; 32],
            help: Help::KeyLogAlone {
                key_exchange: Some("ECDHE_RSA"),
            },
        };
        let expected = "no key log line for client random abababab.., and ECDHE_RSA keeps an RSA key from helping";
        assert_eq!(reason.to_string(), expected);
    }
}
