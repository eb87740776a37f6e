//! What the two directions of a connection know of each other, so that questions and answers find together.

use std::collections::VecDeque;

use http1::RequestMethod;

use super::dialogue::Dialogue;
use super::sealed::Sealed;

/// What the two directions of a connection know of each other.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// Methods of the requests whose responses are still to come.
    pub methods: VecDeque<RequestMethod>,
    /// Directions whose beginning was seen.
    pub begun: u8,
    /// Bytes are missing: requests and responses can no longer be told by counting.
    pub broken: bool,
    /// How often CONNECT was granted, or the protocol switched: what both sides say from there on is not HTTP of this connection.
    pub tunnels: u8,
    /// The answer at hand grants CONNECT: TLS may follow.
    pub granted: bool,
    /// Requests whose head was read.
    pub requests: u64,
    /// Final responses that have ended.
    pub responses: u64,
    /// Decimals of a second that the capture resolves.
    pub digits: u8,
    /// What both say, where it is FTP's control connection.
    pub dialogue: Option<Box<Dialogue>>,
    /// The TLS in which both say it, until it is known that nothing of it can be read.
    pub sealed: Option<Box<Sealed>>,
}

impl Exchange {
    /// A direction is seen from its first byte on.
    pub fn begin(&mut self) {
        self.begun += 1;
    }

    /// A request's head was read; the assembler reports where more await theirs than are remembered.
    pub fn ask(&mut self, method: RequestMethod, waiting_max: usize) {
        if self.methods.len() < waiting_max {
            self.methods.push_back(method);
        }
    }

    /// What the response at hand answers. Where bytes are missing, the next question may be that of another answer.
    pub fn question(&self) -> RequestMethod {
        let method = self.methods.front().copied().unwrap_or_default();
        if self.broken && method != RequestMethod::Connect {
            RequestMethod::Unknown
        } else {
            method
        }
    }

    /// Requests and responses can be counted from the first one on.
    pub fn is_countable(&self) -> bool {
        self.begun >= 2 && !self.broken
    }
}
