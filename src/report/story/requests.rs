//! Connection Requests to a device, each with the session that it brought or why none came.

use std::net::SocketAddr;

use super::entry::{Entry, EntryKind, Frames};
use super::gateway::Mapping;
use super::limits::WORDS_MAX;
use super::sessions::SessionNote;
use super::words::{Voice, between};
use crate::report::text::{reasons, result};
use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult as Result, Reason,
    StepKind,
};
use crate::source::Timestamp;

/// What explains a result, but for what the result itself says.
fn explanations(request: &ConnectionRequest, voice: Voice) -> Vec<String> {
    let texts = reasons(request, voice.masking).into_iter();
    let told = texts.zip(&request.reasons);
    told.filter(|(_, reason)| !matches!(reason, Reason::Status { .. }))
        .map(|(text, _)| text)
        .take(WORDS_MAX)
        .collect()
}

/// A session may come all the same, for something else.
pub(super) const NONE_CAME: &str = "no session came for it";

/// What is kept of a Connection Request.
#[derive(Debug, Clone)]
pub(super) struct RequestNote {
    pub time: Timestamp,
    pub destination: SocketAddr,
    pub session: Option<u32>,
    pub result: Result,
    carrier: ConnectionRequestCarrier,
    source: SocketAddr,
    status: Option<u16>,
    /// Copies of a datagram.
    copies: usize,
    /// SYNs, where no connection came about and nothing was asked.
    syns: u32,
    /// The device answered with a challenge.
    challenged: bool,
    frames: Frames,
    /// What came of it, in words.
    outcome: String,
    reasons: Vec<String>,
    names: Vec<&'static str>,
    /// No known password says whether its signature is right.
    unverified: bool,
}

impl RequestNote {
    pub fn of(request: &ConnectionRequest, voice: Voice) -> Self {
        let challenged = request.steps.iter().any(|step| step.status == Some(401))
            || request
                .steps
                .iter()
                .any(|step| step.kind == StepKind::Challenge);
        let mut frames: Vec<_> = request.steps.iter().flat_map(|step| &step.frames).collect();
        frames.sort_unstable();
        let kept = request.reasons.iter().take(WORDS_MAX);
        let kinds = request.steps.iter().map(|step| &step.kind);
        let copies = kinds
            .clone()
            .filter(|kind| matches!(kind, StepKind::Datagram(..)));
        let asked = kinds
            .clone()
            .any(|kind| matches!(kind, StepKind::Request(..)));
        let syns = kinds.map(|kind| match kind {
            StepKind::Attempt { syns } => *syns,
            _ => 0,
        });
        Self {
            time: request.start(),
            destination: request.destination,
            session: request.session,
            result: request.result,
            carrier: request.carrier,
            source: request.source,
            status: request.status,
            copies: copies.count(),
            syns: if asked { 0 } else { syns.sum() },
            challenged,
            frames: Frames::of(frames),
            outcome: result(request).replace("no session came", NONE_CAME),
            reasons: explanations(request, voice),
            names: kept.map(Reason::name).collect(),
            unverified: request.unverified,
        }
    }

    /// What carries it, as people say.
    pub fn carrier_name(&self) -> &'static str {
        match self.carrier {
            ConnectionRequestCarrier::Http => "HTTP Connection Request",
            ConnectionRequestCarrier::Udp => "UDP Connection Request",
        }
    }

    /// What explains the result, for the verdict; `None` where it is only known that no session came.
    pub fn explained(&self) -> Option<String> {
        let status = self.status.map(|status| format!("answered {status}"));
        let mut parts: Vec<&str> = Vec::new();
        match self.result {
            Result::NeverArrived => parts.push("nothing shows that it arrived"),
            Result::NoSession => parts.extend(status.as_deref()),
            Result::Refused | Result::Busy => parts.push(&self.outcome),
            Result::Ignored if self.is_unexplained() => parts.push(self.no_reason()),
            _ => {}
        }
        parts.extend(self.reasons.iter().map(String::as_str));
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Its entry, beside the session that came and the port mapping it went through.
    pub fn entry(&self, session: Option<&SessionNote>, mapping: Option<&Mapping>) -> Entry {
        let what = if self.syns > 0 {
            "connection for an HTTP Connection Request attempted"
        } else {
            self.carrier_name()
        };
        let mut text = format!("{what} from {} to {}", self.source, self.destination);
        if let Some(mapping) = mapping {
            text.push_str(&format!(", {}", mapping.passage()));
        }
        text.push_str(&self.manner());
        text.push_str(": ");
        text.push_str(&self.outcome_beside(session));
        for reason in &self.reasons {
            text.push_str(&format!("; {reason}"));
        }
        let frames = self.frames.clone();
        let mut entry = Entry::new(self.time, EntryKind::ConnectionRequest, frames, text);
        entry.session = self.session;
        entry.result = Some(self.result);
        entry.reasons.clone_from(&self.names);
        entry
    }

    /// `, in 3 copies`; `, challenged, then answered 200`.
    fn manner(&self) -> String {
        if self.carrier == ConnectionRequestCarrier::Udp {
            return match self.copies {
                0 | 1 => String::new(),
                2 => ", in two copies".to_owned(),
                3 => ", in three copies".to_owned(),
                copies => format!(", in {copies} copies"),
            };
        }
        match self.status {
            None if self.syns == 1 => " (one SYN)".to_owned(),
            None if self.syns > 1 => format!(" ({} SYNs)", self.syns),
            Some(status) if self.result == Result::Session && self.challenged => {
                format!(", challenged, then answered {status}")
            }
            Some(status) if self.result == Result::Session => format!(", answered {status}"),
            _ => String::new(),
        }
    }

    fn outcome_beside(&self, session: Option<&SessionNote>) -> String {
        match (self.result, self.session, session) {
            (Result::Session, Some(number), Some(came)) => {
                let later = between(self.time, came.start);
                let events = if came.says_requested() {
                    " with 6 CONNECTION REQUEST"
                } else {
                    ""
                };
                format!("session {number} came {later} later{events}")
            }
            (Result::Session, Some(number), None) => format!("it brought session {number}"),
            _ if self.carrier == ConnectionRequestCarrier::Udp
                && self.result == Result::Undetermined =>
            {
                "no session is seen".to_owned()
            }
            _ if self.is_unexplained() => {
                format!("{}, and {}", self.outcome, self.no_reason())
            }
            _ => self.outcome.clone(),
        }
    }

    fn no_reason(&self) -> &'static str {
        if self.unverified {
            "the capture shows no reason; --credentials would tell whether its signature is right"
        } else {
            "the capture shows no reason"
        }
    }

    /// It came to where the device listens, and nothing tells why it was left alone.
    fn is_unexplained(&self) -> bool {
        self.result == Result::Ignored && self.reasons.is_empty()
    }
}
