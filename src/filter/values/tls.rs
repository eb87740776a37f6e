//! Values of a TLS connection.

use super::value::{Ask, Record};
use crate::filter::RecordKind;
use crate::filter::names::{Field, Used};
use crate::session::{Side, TlsSeen};

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
            Field::Version => connection
                .version
                .is_some_and(|version| ask.text(&version.to_string())),
            Field::CipherSuite => connection
                .suite
                .is_some_and(|suite| ask.text(&suite.to_string())),
            Field::ServerName => ask.maybe(connection.server_name.as_deref()),
            Field::Decrypted => ask.boolean(connection.decrypted),
            Field::TransferReason => ask.maybe(connection.reason.map(tls::Reason::name)),
            Field::Anomalies => ask.group(!self.anomalies.is_empty()),
            Field::AnomalyKind => odd.any(|odd| ask.text(odd.kind.name())),
            Field::AnomalyOffset => {
                odd.any(|odd| usize::try_from(odd.offset).is_ok_and(|offset| ask.count(offset)))
            }
            _ => false,
        }
    }
}
