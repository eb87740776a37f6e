//! The `message` record of a TLS connection.

use serde::Serialize;

use super::message::{Anomaly, Common};
use super::{MessageRecord, Setting};
use crate::report::moment;
use crate::session::{TlsAlert, TlsSeen};
use crate::source::{FrameId, Timestamp};

/// A TLS connection, once it is known whether it can be read.
#[derive(Debug, Serialize)]
pub struct TlsRecord {
    #[serde(flatten)]
    common: Common,
    version: Option<String>,
    cipher_suite: Option<String>,
    server_name: Option<String>,
    resumed: bool,
    decrypted: bool,
    reason: Option<&'static str>,
    explanation: Option<String>,
    client_random: Option<String>,
    certificates: Vec<CertificateRecord>,
    client_certificates: Option<Vec<CertificateRecord>>,
    alerts: Vec<AlertRecord>,
}

/// The record of a TLS connection.
#[must_use]
pub fn tls_record(seen: &TlsSeen, setting: Setting) -> MessageRecord {
    let connection = &*seen.connection;
    let chain = |chain: &Vec<tls::Certificate>| chain.iter().map(CertificateRecord::new).collect();
    let anomalies = seen
        .anomalies
        .iter()
        .map(|odd| Anomaly::at(odd.kind.name(), odd.offset))
        .collect();
    let offer = connection.offer.as_deref();
    MessageRecord::Tls(Box::new(TlsRecord {
        common: Common::of_tls(seen, anomalies, setting),
        version: connection.version.map(|version| version.to_string()),
        cipher_suite: connection.suite.map(|suite| suite.to_string()),
        server_name: connection.server_name.clone(),
        resumed: connection.resumed,
        decrypted: connection.decrypted,
        reason: connection.reason.map(tls::Reason::name),
        explanation: connection.reason.map(|reason| reason.to_string()),
        client_random: offer.map(|offer| hex(&offer.random)),
        certificates: chain(&connection.server_chain),
        client_certificates: connection.client_chain.as_ref().map(chain),
        alerts: seen
            .alerts
            .iter()
            .map(|said| AlertRecord::new(said, setting))
            .collect(),
    }))
}

impl Common {
    fn of_tls(seen: &TlsSeen, anomalies: Vec<Anomaly>, setting: Setting) -> Self {
        Self {
            record: "message",
            protocol: "tls",
            time: Some(moment::rfc3339(seen.time)),
            frames: Setting::numbers(&seen.frames),
            frame_files: setting.files(&seen.frames),
            from: crate::session::Side::Other.name(),
            source: seen.connection.client.to_string(),
            destination: seen.connection.server.to_string(),
            session: seen.session,
            device: seen.device.as_deref().map(str::to_owned),
            anomalies,
        }
    }
}

/// A certificate, as it describes itself.
#[derive(Debug, Serialize)]
struct CertificateRecord {
    subject: String,
    issuer: String,
    names: Vec<String>,
    serial: String,
    not_before: String,
    not_after: String,
    key: String,
    key_bits: Option<usize>,
    signature: String,
    self_signed: bool,
}

impl CertificateRecord {
    fn new(certificate: &tls::Certificate) -> Self {
        Self {
            subject: certificate.subject.clone(),
            issuer: certificate.issuer.clone(),
            names: certificate.alternative_names.iter().map(name).collect(),
            serial: certificate.serial.clone(),
            not_before: second(certificate.not_before_s),
            not_after: second(certificate.not_after_s),
            key: certificate.key_kind.clone(),
            key_bits: certificate.key_bits,
            signature: certificate.signature_algorithm.clone(),
            self_signed: certificate.is_self_signed,
        }
    }
}

fn name(name: &tls::AlternativeName) -> String {
    match name {
        tls::AlternativeName::Dns(name) | tls::AlternativeName::Other(name) => name.clone(),
        tls::AlternativeName::Address(address) => address.to_string(),
    }
}

/// A moment of a whole second.
fn second(seconds: i64) -> String {
    moment::rfc3339(Timestamp {
        nanoseconds: seconds.saturating_mul(1_000_000_000),
        digits: 0,
    })
}

/// An alert.
#[derive(Debug, Serialize)]
struct AlertRecord {
    from: &'static str,
    level: Option<u8>,
    description: Option<String>,
    frames: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame_files: Option<Vec<u32>>,
}

impl AlertRecord {
    fn new(said: &TlsAlert, setting: Setting) -> Self {
        let frames: [FrameId; 1] = [said.frame];
        Self {
            from: if said.by_client { "client" } else { "server" },
            level: said.alert.map(|alert| alert.level),
            description: said.alert.map(|alert| {
                let name = alert.name().map(str::to_owned);
                name.unwrap_or_else(|| alert.description.to_string())
            }),
            frames: Setting::numbers(&frames),
            frame_files: setting.files(&frames),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
