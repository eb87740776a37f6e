//! What goes in: a message, looked over once.

use super::facts::Facts;
use crate::session::Provenance;

/// An HTTP message as it arrives, whole or as far as the capture holds it.
#[derive(Debug)]
pub struct Arrived {
    /// The HTTP message.
    pub http: http1::Message,
    /// Its body, where it is SOAP.
    pub soap: Option<cwmp::Document>,
    /// Frames, times, addresses; the connection by any number that is its own.
    pub provenance: Provenance,
    pub(super) facts: Facts,
    pub(super) exchange: Option<u64>,
}

impl Arrived {
    /// A message, looked over once for what the state machine needs.
    #[must_use]
    pub fn new(http: http1::Message, soap: Option<cwmp::Document>, provenance: Provenance) -> Self {
        let facts = Facts::of(&http, soap.as_ref(), &provenance);
        Self {
            http,
            soap,
            provenance,
            facts,
            exchange: None,
        }
    }

    /// Keeps only what the state machine needs: for whoever wants no messages.
    pub fn forget_bodies(&mut self) {
        self.soap = None;
        self.http.forget_body();
    }

    /// The same, where it is known which exchange of its connection it belongs to, counted from 0: a server may answer
    /// before a request has ended.
    #[must_use]
    pub fn in_exchange(mut self, exchange: Option<u64>) -> Self {
        self.exchange = exchange;
        self
    }
}
