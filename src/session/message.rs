//! One HTTP message with the SOAP body in it, as the rooms above see it.

use std::sync::Arc;

use super::{CameOf, Provenance, Side};

/// An HTTP message, what it carries, and what it belongs to.
#[derive(Debug, Clone)]
pub struct Message {
    /// The HTTP message, raw bytes and all.
    pub http: http1::Message,
    /// The decoded body where it is SOAP.
    pub soap: Option<cwmp::Document>,
    /// Frames, times, addresses.
    pub provenance: Provenance,
    /// Who spoke.
    pub from: Side,
    /// What the message is for.
    pub role: Role,
    /// The number of the session it belongs to.
    pub session: Option<u32>,
    /// The device it concerns.
    pub device: Option<Arc<str>>,
    /// Whether its Authorization header fits the known user name and password; `None` without one, or where that cannot be
    /// told.
    pub authorized: Option<bool>,
    /// For a leg of a Connection Request: what came of it.
    pub came_of: Option<Arc<CameOf>>,
    /// For a transfer: the RPC that asked for it.
    pub caused_by: Option<Cause>,
    /// Which request of its connection it is or answers, counted from 0, where that is known.
    pub exchange: Option<u64>,
    /// It is the first request on its connection, whose beginning the capture holds.
    pub opens_connection: bool,
    /// How often, before it, bytes of its connection are missing.
    pub gaps_before: u32,
}

impl Message {
    /// Bytes that it takes to hold it, about.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let tree = self.soap.as_ref().map_or(0, |document| {
            document.text().len() + document.elements_count() * ELEMENT_BYTES
        });
        self.http.raw.len()
            + self.http.body().len()
            + self.provenance.carried.len() * CARRIED_BYTES
            + tree
            + MESSAGE_BYTES
    }
}

/// What an HTTP message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A CWMP session's own traffic, with its challenges and redirects.
    Cwmp,
    /// An HTTP Connection Request or its answer.
    ConnectionRequest,
    /// A file that a Download or Upload asked for.
    Transfer,
    /// Anything else.
    Other,
}

impl Role {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cwmp => "cwmp",
            Self::ConnectionRequest => "connection_request",
            Self::Transfer => "transfer",
            Self::Other => "other",
        }
    }
}

/// The RPC that asked for a file transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The session in which it was asked for.
    pub session: u32,
    /// Its CommandKey.
    pub command_key: String,
}

/// Bytes of one element in a decoded tree.
const ELEMENT_BYTES: usize = 64;
/// Bytes for each frame of a message.
const CARRIED_BYTES: usize = 16;
/// Bytes of a message beside what it carries.
const MESSAGE_BYTES: usize = 1024;
