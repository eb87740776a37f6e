//! RSA keys of servers, out of PEM: they open the premaster secret where the key exchange has no forward secrecy.

use std::fmt;

use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey};

use crate::Certificate;
use crate::certificate::significant;

/// The private RSA key of a server.
#[derive(Clone)]
pub struct PrivateKey {
    key: RsaPrivateKey,
    modulus: Vec<u8>,
}

/// Why there is no key in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrivateKeyFault {
    /// No block of a private key.
    Absent,
    /// It is enciphered with a password.
    Enciphered,
    /// It is of another kind than RSA: it opens no premaster secret.
    NotRsa,
    /// It cannot be read.
    Odd,
}

impl PrivateKeyFault {
    /// The fault in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Absent => "there is no private key in it",
            Self::Enciphered => "the private key is enciphered with a password",
            Self::NotRsa => {
                "the private key is no RSA key, and no other kind opens what was recorded"
            }
            Self::Odd => "the private key cannot be read",
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PrivateKey({} bits)", self.key.n().bits())
    }
}

impl PrivateKey {
    /// Every private key in a text of PEM blocks (PKCS #1, PKCS #8), whatever stands between them.
    pub fn read_pem(text: &str) -> Vec<Result<Self, PrivateKeyFault>> {
        let mut keys = Vec::new();
        let mut rest = text;
        while let Some((_, from)) = rest.split_once("-----BEGIN ") {
            let Some((kind, body)) = from.split_once("-----") else {
                break;
            };
            rest = body;
            let end = format!("-----END {kind}-----");
            let Some((inside, behind)) = body.split_once(&end) else {
                if kind.ends_with("PRIVATE KEY") {
                    keys.push(Err(PrivateKeyFault::Odd));
                }
                continue;
            };
            rest = behind;
            keys.extend(read_block(kind, inside));
        }
        if keys.is_empty() {
            keys.push(Err(PrivateKeyFault::Absent));
        }
        keys
    }

    fn new(key: RsaPrivateKey) -> Self {
        let modulus = key.n().to_bytes_be();
        Self { key, modulus }
    }

    /// Is it the key of this certificate?
    pub fn fits(&self, certificate: &Certificate) -> bool {
        certificate.modulus.as_deref() == Some(significant(&self.modulus))
    }

    /// Opens an enciphered premaster secret (RFC 5246 section 7.4.7.1).
    pub(crate) fn open(&self, enciphered: &[u8]) -> Option<Vec<u8>> {
        self.key.decrypt(Pkcs1v15Encrypt, enciphered).ok()
    }
}

fn read_block(kind: &str, inside: &str) -> Option<Result<PrivateKey, PrivateKeyFault>> {
    let lines = inside
        .split_ascii_whitespace()
        .collect::<Vec<_>>()
        .join("\n");
    let pem = format!("-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n");
    let odd = PrivateKeyFault::Odd;
    let key = match kind {
        _ if inside.contains("ENCRYPTED") => Err(PrivateKeyFault::Enciphered),
        "ENCRYPTED PRIVATE KEY" => Err(PrivateKeyFault::Enciphered),
        "RSA PRIVATE KEY" => RsaPrivateKey::from_pkcs1_pem(&pem).map_err(|_| odd),
        "PRIVATE KEY" => RsaPrivateKey::from_pkcs8_pem(&pem).map_err(|fault| match fault {
            rsa::pkcs8::Error::PublicKey(_) => PrivateKeyFault::NotRsa,
            _ => odd,
        }),
        _ if kind.ends_with("PRIVATE KEY") => Err(PrivateKeyFault::NotRsa),
        _ => return None,
    };
    Some(key.map(PrivateKey::new))
}
