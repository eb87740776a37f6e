//! X.509 certificates: what an operator wants to know of one. Nothing is verified.

use std::net::IpAddr;

use x509_parser::prelude::*;
use x509_parser::public_key::PublicKey as Parsed;

/// What a certificate says (RFC 5280).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Whom it names, in the manner of RFC 4514.
    pub subject: String,
    /// The common names in that.
    pub common_names: Vec<String>,
    /// Who issued it.
    pub issuer: String,
    /// In hexadecimal digits.
    pub serial: String,
    /// Names and addresses it holds for beside its subject.
    pub alternative_names: Vec<AlternativeName>,
    /// Seconds since 1970 from which it holds.
    pub not_before_s: i64,
    /// Seconds since 1970 until which it holds.
    pub not_after_s: i64,
    /// The kind of public key: `RSA`, `EC prime256v1`, or the number of an algorithm.
    pub key_kind: String,
    /// Bits of the public key, where they are known.
    pub key_bits: Option<usize>,
    /// By name, or as a number: `sha256WithRSAEncryption`.
    pub signature_algorithm: String,
    /// Subject and issuer are the same. The signature is not looked at.
    pub is_self_signed: bool,
    /// May it certify others?
    pub is_authority: bool,
    /// Bytes of the certificate.
    pub bytes: usize,
    /// The modulus, of an RSA key.
    pub(crate) modulus: Option<Vec<u8>>,
    issuer_raw: Vec<u8>,
    subject_raw: Vec<u8>,
}

/// A name a certificate holds for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlternativeName {
    /// A name of the DNS, as it stands there.
    Dns(String),
    /// An address.
    Address(IpAddr),
    /// Another, as text.
    Other(String),
}

impl Certificate {
    /// Reads a certificate in DER; None if it is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        let (key_kind, key_bits, modulus) = public_key(&parsed);
        Some(Self {
            subject: parsed.subject().to_string(),
            common_names: common_names(&parsed),
            issuer: parsed.issuer().to_string(),
            serial: hex(parsed.raw_serial()),
            alternative_names: alternative_names(&parsed),
            not_before_s: parsed.validity().not_before.timestamp(),
            not_after_s: parsed.validity().not_after.timestamp(),
            key_kind,
            key_bits,
            signature_algorithm: algorithm(&parsed.signature_algorithm.algorithm),
            is_self_signed: parsed.subject().as_raw() == parsed.issuer().as_raw(),
            is_authority: parsed.is_ca(),
            bytes: der.len(),
            modulus,
            issuer_raw: parsed.issuer().as_raw().to_vec(),
            subject_raw: parsed.subject().as_raw().to_vec(),
        })
    }

    /// A certificate of which words alone are at hand, not its bytes: its names in the manner of RFC 4514 without escapes. What
    /// else is known of it is set in the fields.
    pub fn described(subject: &str, issuer: &str) -> Self {
        let attributes = subject.split([',', '+']).map(str::trim);
        let common_names = attributes.filter_map(|attribute| attribute.strip_prefix("CN="));
        Self {
            subject: subject.to_owned(),
            common_names: common_names.map(str::to_owned).collect(),
            issuer: issuer.to_owned(),
            serial: String::new(),
            alternative_names: Vec::new(),
            not_before_s: 0,
            not_after_s: 0,
            key_kind: String::new(),
            key_bits: None,
            signature_algorithm: String::new(),
            is_self_signed: subject == issuer,
            is_authority: false,
            bytes: 0,
            modulus: None,
            issuer_raw: issuer.as_bytes().to_vec(),
            subject_raw: subject.as_bytes().to_vec(),
        }
    }

    /// Is this the name of who issued the other?
    pub fn certifies(&self, other: &Self) -> bool {
        self.subject_raw == other.issuer_raw
    }
}

fn common_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let names = certificate.subject().iter_common_name();
    let texts = names.filter_map(|name| name.as_str().ok());
    texts.take(NAMES_MAX).map(str::to_owned).collect()
}

fn alternative_names(certificate: &X509Certificate<'_>) -> Vec<AlternativeName> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let names = extension.value.general_names.iter();
    names.take(NAMES_MAX).map(alternative_name).collect()
}

fn alternative_name(name: &GeneralName<'_>) -> AlternativeName {
    match name {
        GeneralName::DNSName(name) => AlternativeName::Dns((*name).to_owned()),
        GeneralName::IPAddress(bytes) => address(bytes).map_or_else(
            || AlternativeName::Other(hex(bytes)),
            AlternativeName::Address,
        ),
        other => AlternativeName::Other(other.to_string()),
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four: Option<[u8; 4]> = bytes.try_into().ok();
    let sixteen: Option<[u8; 16]> = bytes.try_into().ok();
    four.map(IpAddr::from).or(sixteen.map(IpAddr::from))
}

/// Kind, bits, and the modulus of an RSA key.
fn public_key(certificate: &X509Certificate<'_>) -> (String, Option<usize>, Option<Vec<u8>>) {
    let info = certificate.public_key();
    let curve = info
        .algorithm
        .parameters
        .as_ref()
        .and_then(|any| any.as_oid().ok());
    match info.parsed() {
        Ok(Parsed::RSA(rsa)) => {
            let modulus = significant(rsa.modulus);
            let zeros = modulus
                .first()
                .map_or(0, |first| first.leading_zeros() as usize);
            let bits = (modulus.len() * 8).saturating_sub(zeros);
            ("RSA".to_owned(), Some(bits), Some(modulus.to_vec()))
        }
        Ok(Parsed::EC(point)) => {
            let kind = curve.map_or_else(
                || "EC".to_owned(),
                |curve| format!("EC {}", algorithm(&curve)),
            );
            (kind, Some(point.key_size()), None)
        }
        Ok(Parsed::DSA(_)) => ("DSA".to_owned(), None, None),
        _ => (algorithm(&info.algorithm.algorithm), None, None),
    }
}

/// Without zeros before it.
pub(crate) fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// The name of an algorithm or a curve, or its number.
fn algorithm(number: &der_parser::oid::Oid<'_>) -> String {
    oid_registry()
        .get(number)
        .map_or_else(|| number.to_id_string(), |entry| entry.sn().to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Names of one certificate that are listed.
const NAMES_MAX: usize = 256;
