//! What an analysis is asked to do.

use std::net::SocketAddr;
use std::sync::Arc;

use tcp::Overlap;

use super::gauges::Gauges;
use super::keys::KeyMaterial;
use super::limits::Limits;
use crate::session::Credentials;

/// What an analysis is to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// Deliver every message too, decoded.
    pub messages: bool,
    /// Deliver messages and datagrams in time order, each with what came of it. Otherwise they come as soon as it is known what
    /// they belong to: about in time order, and at less cost.
    pub in_order: bool,
    /// Of messages that were read as SOAP, keep the body as it was on the wire beside what was read.
    pub raw_bodies: bool,
    /// Deliver every datagram that concerns a device; with `messages` they come too.
    pub datagrams: bool,
    /// Stop after so many frames.
    pub frames_max: Option<u64>,
    /// Which bytes count where two segments, or two fragments of a packet, contradict.
    pub overlap: Overlap,
    /// Sessions are numbered from behind this number: the capture is part of what is read as it grows.
    pub sessions_before: u32,
    /// Threads that read connections; with 1 everything runs in the caller's. The outcome is the same.
    pub threads: usize,
    /// User names and passwords that are known, to verify what proves them.
    pub credentials: Option<Arc<Credentials>>,
    /// What TLS is opened with.
    pub keys: KeyMaterial,
    /// Where TLS ended: what goes to or comes from these addresses was opened before it was written into the capture.
    pub opened: Vec<SocketAddr>,
    /// Where it is told what is held, for whoever watches.
    pub gauges: Option<Arc<Gauges>>,
    /// Every bound.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            messages: false,
            in_order: true,
            raw_bodies: true,
            datagrams: false,
            frames_max: None,
            overlap: Overlap::First,
            sessions_before: 0,
            threads: 1,
            credentials: None,
            keys: KeyMaterial::default(),
            opened: Vec::new(),
            gauges: None,
            limits: Limits::default(),
        }
    }
}

impl Options {
    /// The same, with [`crate::session::Session::learned`] filled in.
    #[must_use]
    pub fn learning(mut self) -> Self {
        self.limits.assemble.learned_max = LEARNED_MAX;
        self
    }
}

/// Values that tell how a device is reached, kept of one session: a gateway of a large house manages some dozens of
/// devices with three values each.
const LEARNED_MAX: usize = 256;
