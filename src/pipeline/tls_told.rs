//! The TLS of connections as transcripts tell it: their blocks hold what was said inside, so that nothing is deciphered here.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::session::{Provenance, TlsConnection, Transport};
use crate::source::{Block, Frame, Tls};

/// What was told of the connections so far.
#[derive(Debug, Default)]
pub(super) struct TlsTold {
    connections: HashMap<[SocketAddr; 2], Told, foldhash::fast::RandomState>,
}

#[derive(Debug)]
struct Told {
    tls: Arc<TlsConnection>,
    /// The connection that it is about, once that has said something.
    connection: Option<u64>,
}

impl TlsTold {
    /// From here on the next messages between these ends come out of TLS.
    pub fn note(&mut self, tls: Box<TlsConnection>) {
        if self.connections.len() >= CONNECTIONS_MAX {
            self.connections.clear();
        }
        let ends = ends(tls.client, tls.server);
        let told = Told {
            tls: Arc::from(tls),
            connection: None,
        };
        self.connections.insert(ends, told);
    }

    /// Says it of a message, where it was told of its connection.
    pub fn apply(&mut self, provenance: &mut Provenance) {
        if self.connections.is_empty() {
            return;
        }
        let ends = ends(provenance.source, provenance.destination);
        let Some(told) = self.connections.get_mut(&ends) else {
            return;
        };
        if *told.connection.get_or_insert(provenance.connection) == provenance.connection {
            provenance.transport = Transport::Https;
            provenance.tls = Some(Arc::clone(&told.tls));
        }
    }
}

/// Reads a block about TLS.
pub(super) fn read(block: &Block, frame: &Frame<'_>) -> Option<TlsConnection> {
    let told = Tls::read(frame.bytes)?;
    let at = Some(frame.id);
    Some(TlsConnection {
        client: block.source,
        server: block.destination,
        version: told.version,
        suite: told.suite,
        server_name: told.server_name,
        resumed: told.resumed,
        certificate_asked: told.client_chain.is_some(),
        complete: !told.incomplete,
        decrypted: true,
        reason: None,
        offer_frame: told.offer.as_ref().and(at),
        answer_frame: told.suite.and(at),
        server_chain_frame: told.server_chain.first().and(at),
        client_chain_frame: told.client_chain.as_ref().and(at),
        offer: told.offer,
        server_chain: told.server_chain,
        client_chain: told.client_chain,
    })
}

/// The lower one first.
fn ends(one: SocketAddr, other: SocketAddr) -> [SocketAddr; 2] {
    [one.min(other), one.max(other)]
}

/// Connections remembered at once.
const CONNECTIONS_MAX: usize = 1 << 14;
