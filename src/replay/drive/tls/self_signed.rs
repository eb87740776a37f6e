//! A certificate made on the fly, for a bench where nobody has one.

use std::net::IpAddr;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};
use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::SetupError;
use super::certificate::{Certificates, Identity, PrivateKey};

/// A certificate that nobody else signed.
#[derive(Debug)]
pub struct SelfSigned {
    /// With its key.
    pub identity: Identity,
    /// SHA-256 of it, as tools show it: `AB:CD:...`.
    pub fingerprint: String,
}

/// Makes one for an address and names: with a key of RSA for old phones, of ECDSA otherwise.
///
/// Its common name is the first name, or the address: that is what TR-069 has a CPE look at (Amendment 3 section 3.3). It is valid
/// since 1970, because a phone without time believes to be there.
///
/// # Errors
///
/// Where a name is none, or no key can be made.
pub fn self_signed(
    address: IpAddr,
    names: &[String],
    legacy: bool,
) -> Result<SelfSigned, SetupError> {
    let mut params = CertificateParams::new(names.to_vec())
        .map_err(|error| SetupError::Library(format!("--tls-name: {error}")))?;
    params.subject_alt_names.push(SanType::IpAddress(address));
    let address = address.to_string();
    let mut subject = DistinguishedName::new();
    subject.push(
        DnType::CommonName,
        names.first().unwrap_or(&address).as_str(),
    );
    params.distinguished_name = subject;
    // What fits into a UTCTime (RFC 5280 section 4.1.2.5).
    params.not_before = rcgen::date_time_ymd(1970, 1, 1);
    params.not_after = rcgen::date_time_ymd(2049, 12, 31);
    let key = key(legacy)?;
    let certificate = params.self_signed(&key).map_err(library)?;
    let der = certificate.der().clone();
    let fingerprint = fingerprint(&der);
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(SelfSigned {
        identity: Identity {
            chain: Certificates::of_all(vec![der]),
            key: PrivateKey::of_der(key),
        },
        fingerprint,
    })
}

fn key(legacy: bool) -> Result<KeyPair, SetupError> {
    #[cfg(feature = "legacy-tls")]
    if legacy {
        let key = super::legacy::rsa_key()?;
        let key = PrivatePkcs8KeyDer::from(key);
        return KeyPair::from_pkcs8_der_and_sign_algo(&key, &rcgen::PKCS_RSA_SHA256)
            .map_err(library);
    }
    #[cfg(not(feature = "legacy-tls"))]
    if legacy {
        return Err(SetupError::NoLegacy);
    }
    KeyPair::generate().map_err(library)
}

fn fingerprint(der: &[u8]) -> String {
    let digits = crate::session::wire::hexadecimal(&Sha256::digest(der)).to_uppercase();
    let pairs: Vec<String> = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| String::from_utf8_lossy(pair).into_owned())
        .collect();
    pairs.join(":")
}

fn library(error: rcgen::Error) -> SetupError {
    SetupError::Library(format!("no certificate can be made: {error}"))
}
