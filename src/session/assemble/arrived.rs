//! What goes in: a message, looked over once.

use super::facts::Facts;
use super::limits::AssembleLimits;
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
    pub(super) opening: Option<u64>,
}

impl Arrived {
    /// A message, looked over once for what the state machine needs.
    #[must_use]
    pub fn new(
        http: http1::Message,
        soap: Option<cwmp::Document>,
        provenance: Provenance,
        limits: &AssembleLimits,
    ) -> Self {
        let facts = Facts::of(&http, soap.as_ref(), limits);
        Self {
            http,
            soap,
            provenance,
            facts,
            exchange: None,
            opening: None,
        }
    }

    /// Its connection begins with it: a fingerprint that no other connection has tells where the capture shows this one
    /// twice.
    pub fn open_with(&mut self, fingerprint: u64) {
        self.opening = Some(fingerprint);
    }

    /// Keeps only what the state machine needs, for whoever wants no messages, and gives back the rest: the document, and the
    /// room that the message stood in.
    pub fn forget_bodies(&mut self) -> (Option<cwmp::Document>, Vec<u8>) {
        let room = self.http.forget_body();
        (self.soap.take(), room)
    }

    /// Keeps the body only as it was read, where it was, and gives back the room that the message stood in.
    pub fn forget_raw_body(&mut self) -> Option<Vec<u8>> {
        if self.soap.is_some() {
            return Some(self.http.forget_body());
        }
        self.http.raw.shrink_to_fit();
        None
    }

    /// Which exchange of its connection it belongs to, counted from 0, where that is known: a server may answer before a
    /// request has ended.
    pub fn in_exchange(&mut self, exchange: Option<u64>) {
        self.exchange = exchange;
    }
}

/// What is left of messages that nobody needs any more.
///
/// Memory costs least where it is freed by the thread that took it.
#[derive(Debug, Default)]
#[expect(
    clippy::vec_box,
    reason = "the boxes are what is handed back: a move out of them would free them here"
)]
pub struct Spent {
    pub(super) messages: Vec<Box<Arrived>>,
    pub(super) facts: Vec<Facts>,
}

impl Spent {
    /// Takes over what another holds.
    pub fn append(&mut self, other: &mut Self) {
        self.messages.append(&mut other.messages);
        self.facts.append(&mut other.facts);
    }

    /// Frees all of it.
    pub fn clear(&mut self) {
        self.messages.clear();
        self.facts.clear();
    }
}
