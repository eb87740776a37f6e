//! What is told of the TLS of one connection once it is known whether it can be read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::TlsConnection;
use crate::source::{FrameId, Timestamp};

/// The TLS of one connection, told once.
#[derive(Debug, Clone)]
pub struct TlsSeen {
    /// What was agreed, or how far it came.
    pub connection: Arc<TlsConnection>,
    /// The frames that carried the handshake, ascending, up to a bound.
    pub frames: Vec<FrameId>,
    /// Time of the frame that settled it: the first with data of the application, or the connection's last.
    pub time: Timestamp,
    /// Alerts before that, up to a bound.
    pub alerts: Vec<TlsAlert>,
    /// What was odd before that, up to a bound.
    pub anomalies: Vec<tls::Anomaly>,
    /// The session to which the first message said inside belongs.
    pub session: Option<u32>,
    /// The device that it concerns.
    pub device: Option<Arc<str>>,
}

/// An alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsAlert {
    /// Who said hello sent it.
    pub by_client: bool,
    /// What it says; None where it is enciphered.
    pub alert: Option<tls::Alert>,
    /// The frame that ends it.
    pub frame: FrameId,
}

impl TlsSeen {
    /// The fatal alert that ended the handshake, or the connection.
    #[must_use]
    pub fn fatal(&self) -> Option<TlsAlert> {
        let fatal = |said: &&TlsAlert| said.alert.is_some_and(|alert| alert.level == FATAL);
        self.alerts.iter().find(fatal).copied()
    }
}

/// TLS in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsTotals {
    /// Connections that spoke TLS, also those that were joined behind their hello.
    pub connections: u64,
    /// Those whose data was read.
    pub decrypted: u64,
    /// Why others could not be, in words; without what is one connection's alone.
    pub undecrypted: BTreeMap<String, u64>,
}

impl TlsTotals {
    /// Counts a connection.
    pub fn add(&mut self, seen: &TlsSeen) {
        self.connections += 1;
        if seen.connection.decrypted {
            self.decrypted += 1;
            return;
        }
        let mut why = why_undecrypted(seen);
        if self.undecrypted.len() >= REASONS_MAX && !self.undecrypted.contains_key(&why) {
            why = "other reasons".to_owned();
        }
        *self.undecrypted.entry(why).or_default() += 1;
    }
}

/// Why nothing was read, and what would have helped.
fn why_undecrypted(seen: &TlsSeen) -> String {
    if let Some(reason) = seen.connection.reason {
        return in_general(reason);
    }
    let Some(said) = seen.fatal() else {
        return "no data behind the handshake".to_owned();
    };
    let who = if said.by_client { "client" } else { "server" };
    let name = said
        .alert
        .and_then(tls::Alert::name)
        .unwrap_or("an unknown one");
    format!("the {who} ended the handshake with the alert {name}")
}

/// A reason without the name of one connection.
fn in_general(reason: tls::Reason) -> String {
    use tls::Reason;
    match reason {
        Reason::NoSecret { help, .. } => format!("no line of a key log (--keylog), {help}"),
        Reason::ResumedUnseen { .. } => {
            "no line of a key log (--keylog), and the handshake of the session resumed was not seen"
                .to_owned()
        }
        Reason::WrongSecret { .. } => "the secret in the key log does not fit".to_owned(),
        other => other.to_string(),
    }
}

/// The level of alerts that end a connection (RFC 8446 section 6).
const FATAL: u8 = 2;
/// Reasons that are counted apart.
const REASONS_MAX: usize = 32;
