//! Values of a TLS connection.

use super::http::of_device_id;
use super::value::{Ask, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Alerted, Certified, Field, Shown, Used};
use crate::session::{Side, TlsAlert, TlsConnection, TlsSeen};
use crate::source::Timestamp;

impl Record for TlsSeen {
    const KIND: RecordKind = RecordKind::Tls;

    fn any(&self, name: &Used, ask: &mut Ask<'_>) -> bool {
        let connection = &*self.connection;
        let frames = self.frames.iter().copied();
        let mut odd = self.anomalies.iter();
        match name.name.field {
            Field::Record => ask.text("message"),
            Field::Protocol => ask.text("tls"),
            Field::Time => ask.time(self.time),
            Field::Frames => ask.frames(frames),
            Field::FrameFiles => ask.frame_files(frames),
            Field::From => ask.text(Side::Other.name()),
            Field::Source => ask.text(&connection.client.to_string()),
            Field::Destination => ask.text(&connection.server.to_string()),
            Field::Session => self.session.is_some_and(|session| ask.whole(session)),
            Field::Version => connection
                .version
                .is_some_and(|version| ask.text(&version.to_string())),
            Field::CipherSuite => connection
                .suite
                .is_some_and(|suite| ask.text(&suite.to_string())),
            Field::ServerName => ask.maybe(connection.server_name.as_deref()),
            Field::Decrypted => ask.boolean(connection.decrypted),
            Field::TransferReason => ask.maybe(connection.reason.map(tls::Reason::name)),
            Field::Resumed => ask.boolean(connection.resumed),
            Field::Explanation => ask.maybe(
                connection
                    .reason
                    .map(|reason| reason.to_string())
                    .as_deref(),
            ),
            Field::ClientRandom => connection
                .offer
                .as_ref()
                .is_some_and(|offer| ask.text(&hex(&offer.random))),
            Field::Certificates(shown, part) => chain(connection, shown)
                .iter()
                .any(|certificate| of_certificate(certificate, part, ask)),
            Field::Alerts(part) => self.alerts.iter().any(|said| of_alert(said, part, ask)),
            Field::Anomalies => ask.group(!self.anomalies.is_empty()),
            Field::AnomalyKind => odd.any(|odd| ask.text(odd.kind.name())),
            Field::AnomalyOffset => {
                odd.any(|odd| usize::try_from(odd.offset).is_ok_and(|offset| ask.count(offset)))
            }
            field => of_device_id(self.device.as_deref(), field, ask),
        }
    }
}

fn chain(connection: &TlsConnection, shown: Shown) -> &[tls::Certificate] {
    match shown {
        Shown::Server => &connection.server_chain,
        Shown::Client => connection.client_chain.as_deref().unwrap_or_default(),
    }
}

fn of_certificate(certificate: &tls::Certificate, part: Certified, ask: &mut Ask<'_>) -> bool {
    let mut names = certificate.alternative_names.iter();
    match part {
        Certified::Any => ask.group(true),
        Certified::Subject => ask.text(&certificate.subject),
        Certified::Issuer => ask.text(&certificate.issuer),
        Certified::Names => names.any(|name| match name {
            tls::AlternativeName::Dns(name) | tls::AlternativeName::Other(name) => ask.text(name),
            tls::AlternativeName::Address(address) => ask.text(&address.to_string()),
        }),
        Certified::Serial => ask.text(&certificate.serial),
        Certified::NotBefore => ask.time(second(certificate.not_before_s)),
        Certified::NotAfter => ask.time(second(certificate.not_after_s)),
        Certified::Key => ask.text(&certificate.key_kind),
        Certified::KeyBits => certificate.key_bits.is_some_and(|bits| ask.count(bits)),
        Certified::Signature => ask.text(&certificate.signature_algorithm),
        Certified::SelfSigned => ask.boolean(certificate.is_self_signed),
    }
}

fn of_alert(said: &TlsAlert, part: Alerted, ask: &mut Ask<'_>) -> bool {
    let frames = [said.frame];
    match (part, said.alert) {
        (Alerted::Any, _) => ask.group(true),
        (Alerted::From, _) => ask.text(if said.by_client { "client" } else { "server" }),
        (Alerted::Level, Some(alert)) => ask.count(usize::from(alert.level)),
        (Alerted::Description, Some(alert)) => match alert.name() {
            Some(name) => ask.text(name),
            None => ask.text(&alert.description.to_string()),
        },
        (Alerted::Frames, _) => ask.frames(frames),
        (Alerted::FrameFiles, _) => ask.frame_files(frames),
        (Alerted::Level | Alerted::Description, None) => false,
    }
}

fn second(seconds: i64) -> Timestamp {
    Timestamp {
        nanoseconds: seconds.saturating_mul(1_000_000_000),
        digits: 0,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
