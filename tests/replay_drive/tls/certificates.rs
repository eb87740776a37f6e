//! Issuers and what they issue, made anew by each test.

use std::path::Path;
#[cfg(feature = "legacy-tls")]
use std::sync::OnceLock;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

/// Who signs.
pub struct Issuer(CertifiedIssuer<'static, KeyPair>);

impl Issuer {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    /// Writes its certificate.
    pub fn write(&self, folder: &Path, name: &str) {
        let path = folder.join(format!("{name}.pem"));
        std::fs::write(path, self.0.pem()).expect("written");
    }

    /// Writes a certificate for these names, and its key.
    pub fn issue(&self, folder: &Path, file: &str, names: &[&str], expired: bool) {
        let mut params = params(names);
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(if expired { 2002 } else { 2049 }, 1, 1);
        self.sign(folder, file, &params);
    }

    /// The same, of one that may sign others itself (`openssl req -x509` makes such ones).
    pub fn issue_issuer(&self, folder: &Path, file: &str, names: &[&str]) {
        let mut params = params(names);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.sign(folder, file, &params);
    }

    fn sign(&self, folder: &Path, file: &str, params: &CertificateParams) {
        let key = key(file);
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        let write = |ending: &str, text: String| {
            std::fs::write(folder.join(format!("{file}.{ending}")), text).expect("written");
        };
        write("pem", certificate.pem());
        write("key", key.serialize_pem());
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let all: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(all).expect("names");
    let name = DnType::CommonName;
    params.distinguished_name.push(name, names[0]);
    params
}

/// Of RSA where OpenSSL can make one: old cipher suites know nothing else. The phone has one of its own.
#[cfg(feature = "legacy-tls")]
fn key(file: &str) -> KeyPair {
    static SHARED: OnceLock<String> = OnceLock::new();
    let made = || {
        let key = openssl::rsa::Rsa::generate(2048).and_then(openssl::pkey::PKey::from_rsa);
        let key = key.and_then(|key| key.private_key_to_pem_pkcs8());
        String::from_utf8(key.expect("a key")).expect("PEM")
    };
    let pem = match file {
        "phone" => made(),
        _ => SHARED.get_or_init(made).clone(),
    };
    KeyPair::from_pkcs8_pem_and_sign_algo(&pem, &rcgen::PKCS_RSA_SHA256).expect("a key")
}

#[cfg(not(feature = "legacy-tls"))]
fn key(_: &str) -> KeyPair {
    KeyPair::generate().expect("a key")
}
