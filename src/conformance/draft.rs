//! A finding on its way: what a rule saw, once, before it is put together with the same breach elsewhere.

use std::ops::Range;
use std::sync::Arc;

use super::Rule;
use super::frames::Frames;
use super::seen::{SessionFacts, has_ways_of_issue_1};
use crate::session::{
    Blame, ConnectionRequest, Datagram, Evidence, Message, Part, Session, Severity, Side,
};
use crate::source::{FrameId, Timestamp};

/// One breach, once.
#[derive(Debug)]
pub struct Draft {
    pub(super) rule: &'static Rule,
    pub(super) severity: Severity,
    pub(super) blame: Blame,
    pub(super) message: String,
    pub(super) device: Option<Arc<str>>,
    pub(super) session: Option<u32>,
    pub(super) frames: Frames,
    pub(super) time: Timestamp,
    pub(super) evidence: Evidence,
    pub(super) issue_1: bool,
    pub(super) method: Method,
    pub(super) path: Option<String>,
    pub(super) shown: Shown,
    pub(super) mark: Option<(Part, Range<usize>)>,
    pub(super) foretold_by: Option<&'static str>,
    pub(super) setting: Option<String>,
    /// What is broken, and where, as fingerprints; once nothing of it changes any more.
    pub(super) places: Option<(u64, u64)>,
}

/// The method concerned.
#[derive(Debug)]
pub(super) enum Method {
    /// There is none.
    None,
    /// That of the message shown, looked up where it is asked for.
    OfMessage,
    /// This one.
    Named(String),
}

/// What the mark is in.
#[derive(Debug)]
pub(super) enum Shown {
    Message(Arc<Message>),
    Datagram(Vec<u8>),
    Nothing,
}

impl Draft {
    pub(super) fn of_message(
        rule: &'static Rule,
        message: &Arc<Message>,
        session: Option<&SessionFacts>,
    ) -> Self {
        Self {
            device: message
                .device
                .clone()
                .or_else(|| session.and_then(|session| session.device.clone())),
            session: message.session,
            frames: Frames::of(message),
            time: message.provenance.time,
            evidence: message.provenance.evidence,
            issue_1: has_ways_of_issue_1(message, session),
            method: if rule.is_of_a_method() {
                Method::OfMessage
            } else {
                Method::None
            },
            shown: Shown::Message(Arc::clone(message)),
            ..Self::new(rule, blamed(rule, message.from))
        }
    }

    pub(super) fn of_session(rule: &'static Rule, session: &Session, facts: &SessionFacts) -> Self {
        let last = session.steps.last();
        let evidence = if session.gaps > 0 {
            Evidence::Gap
        } else if facts.damaged {
            Evidence::Truncated
        } else {
            Evidence::Complete
        };
        Self {
            device: session.device.clone(),
            session: Some(session.number),
            frames: Frames::listed(last.map(|step| step.frames.clone()).unwrap_or_default()),
            time: last.map_or(session.end, |step| step.time),
            evidence,
            issue_1: facts.issue_1,
            ..Self::new(rule, blamed(rule, Side::Other))
        }
    }

    /// The beginning of a finding about a datagram.
    #[must_use]
    pub fn of_datagram(rule: &'static Rule, datagram: &Datagram) -> Self {
        let whole = datagram.payload.len() >= datagram.wire_bytes;
        Self {
            device: datagram.device.clone(),
            session: datagram.session,
            frames: Frames::listed(datagram.frames.clone()),
            time: datagram.time,
            evidence: if whole {
                Evidence::Complete
            } else {
                Evidence::Truncated
            },
            shown: Shown::Datagram(datagram.payload.clone()),
            ..Self::new(rule, blamed(rule, datagram.from))
        }
    }

    /// The beginning of a finding about a Connection Request: all its frames show it.
    #[must_use]
    pub fn of_connection_request(rule: &'static Rule, request: &ConnectionRequest) -> Self {
        let steps = &request.steps;
        let evidence = steps.iter().map(|step| step.evidence).max();
        Self {
            device: request.device.clone(),
            session: request.session,
            frames: Frames::listed(
                steps
                    .iter()
                    .flat_map(|step| step.frames.iter().copied())
                    .collect(),
            ),
            time: steps
                .first()
                .map_or_else(Timestamp::default, |step| step.time),
            evidence: evidence.unwrap_or_default(),
            ..Self::new(rule, blamed(rule, Side::Other))
        }
    }

    /// The beginning of a finding that nothing but frames and a time show.
    #[must_use]
    pub fn of_frames(rule: &'static Rule, frames: &[FrameId], time: Timestamp) -> Self {
        Self {
            frames: Frames::listed(frames.to_vec()),
            time,
            ..Self::new(rule, blamed(rule, Side::Other))
        }
    }

    fn new(rule: &'static Rule, blame: Blame) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            blame,
            message: String::new(),
            device: None,
            session: None,
            frames: Frames::default(),
            time: Timestamp::default(),
            evidence: Evidence::Complete,
            issue_1: false,
            method: Method::None,
            path: None,
            shown: Shown::Nothing,
            mark: None,
            foretold_by: None,
            setting: None,
            places: None,
        }
    }

    /// Says what was seen: one sentence that names the thing, without what the rule's page says. Secrets never go in.
    #[must_use]
    pub fn because(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Softens it.
    #[must_use]
    pub fn at_most(mut self, severity: Severity) -> Self {
        self.severity = self.severity.min(severity);
        self
    }

    /// Blames this side.
    #[must_use]
    pub fn blame(mut self, blame: Blame) -> Self {
        self.blame = blame;
        self
    }

    /// Names the device.
    #[must_use]
    pub fn device(mut self, device: &Arc<str>) -> Self {
        self.device = Some(Arc::clone(device));
        self
    }

    /// Names the session.
    #[must_use]
    pub fn session(mut self, session: u32) -> Self {
        self.session = Some(session);
        self
    }

    /// Names the method.
    #[must_use]
    pub fn rpc(mut self, method: &str) -> Self {
        self.method = Method::Named(method.to_owned());
        self
    }

    /// Names the parameter or object.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Adds the frames of another message that shows it, before those it has. Where that one is not whole, neither is the
    /// evidence.
    #[must_use]
    pub fn shown_by(mut self, message: &Arc<Message>) -> Self {
        self.evidence = self.evidence.max(message.provenance.evidence);
        self.frames.add_of(message);
        self
    }

    /// Adds frames that show it.
    #[must_use]
    pub fn shown_in(mut self, frames: &[FrameId]) -> Self {
        self.frames.add(frames);
        self
    }

    /// Lets these frames alone show it.
    #[must_use]
    pub fn only_in(mut self, frames: &[FrameId]) -> Self {
        self.frames = Frames::listed(frames.to_vec());
        self
    }

    /// Marks bytes of the body's text (offsets into `Document::text`).
    #[must_use]
    pub fn body(mut self, range: Range<usize>) -> Self {
        self.mark = Some((Part::Body, range));
        self
    }

    /// Marks bytes of the head (offsets into `http1::Message::raw`).
    #[must_use]
    pub fn head(mut self, range: Range<usize>) -> Self {
        self.mark = Some((Part::Head, range));
        self
    }

    /// Marks the first header field of this name, or the start line where there is none.
    #[must_use]
    pub fn header(self, name: &str) -> Self {
        let Shown::Message(message) = &self.shown else {
            return self;
        };
        let range = crate::session::excerpt::header_line(message.http.view().raw(), name);
        self.head(range)
    }

    /// Shows this datagram.
    #[must_use]
    pub fn of_payload(mut self, payload: &[u8]) -> Self {
        // The message that told the method is shown no more.
        let method = self.method().map(str::to_owned);
        self.method = method.map_or(Method::None, Method::Named);
        self.shown = Shown::Datagram(payload.to_vec());
        self
    }

    /// Marks bytes of the datagram.
    #[must_use]
    pub fn payload(mut self, range: Range<usize>) -> Self {
        self.mark = Some((Part::Datagram, range));
        self
    }

    /// Names the device's own document that announces this, and blames the device for it.
    #[must_use]
    pub fn foretold_by(mut self, document: &'static str) -> Self {
        self.foretold_by = Some(document);
        self.blame(Blame::Cpe)
    }

    /// Names the setting of the device that would mend it.
    #[must_use]
    pub fn setting(mut self, setting: impl Into<String>) -> Self {
        self.setting = Some(setting.into());
        self
    }

    /// Says that the capture does not hold all that this rests on.
    #[must_use]
    pub fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence = self.evidence.max(evidence);
        self
    }

    /// The method concerned.
    pub(super) fn method(&self) -> Option<&str> {
        match (&self.method, &self.shown) {
            (Method::Named(method), _) => Some(method),
            (Method::OfMessage, Shown::Message(message)) => {
                let envelope = message.soap.as_ref()?.envelope(0)?;
                envelope.method().or(envelope.message_name())
            }
            _ => None,
        }
    }
}

/// The only one who can break the rule, or else who spoke.
fn blamed(rule: &Rule, from: Side) -> Blame {
    match (rule.blame, from) {
        ([one], _) => *one,
        (_, Side::Cpe) => Blame::Cpe,
        (_, Side::Acs) => Blame::Acs,
        (_, Side::Other) => Blame::Undetermined,
    }
}
