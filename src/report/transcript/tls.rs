//! The TLS around a connection as a block of a transcript: what was seen of the handshake, without its bytes.

use std::net::SocketAddr;

use crate::session::TlsConnection;
use crate::source::{Block, BlockKind, Payload, Speaker, Timestamp, Tls, Writer};

/// Writes what is known of the TLS of a connection whose CPE has this address.
pub(super) fn write(
    writer: Writer,
    tls: &TlsConnection,
    time: Timestamp,
    cpe: SocketAddr,
    out: &mut String,
) {
    let block = Block {
        speaker: if tls.client == cpe {
            Speaker::Cpe
        } else {
            Speaker::Acs
        },
        source: tls.client,
        destination: tls.server,
        since: time,
        kind: BlockKind::Tls,
    };
    let lines = told(tls).lines();
    writer.block(&block, time, &Payload::exact(lines.as_bytes()), out);
    out.push('\n');
}

fn told(tls: &TlsConnection) -> Tls {
    let asked = tls.certificate_asked.then(Vec::new);
    Tls {
        version: tls.version,
        suite: tls.suite,
        offer: tls.offer.clone(),
        server_name: tls.server_name.clone(),
        resumed: tls.resumed,
        incomplete: !tls.complete,
        server_chain: tls.server_chain.clone(),
        client_chain: tls.client_chain.clone().or(asked),
    }
}
