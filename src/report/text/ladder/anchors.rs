//! Where in the text of a ladder an arrow or a finding begins, for whoever lets people point at it.

use crate::session::{Step, StepKind};
use crate::source::{FrameId, Timestamp};

/// A place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The byte at which its first line begins.
    pub at: usize,
    /// What is there.
    pub of: Anchored,
}

/// What is at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchored {
    /// The arrow of an HTTP message.
    Message {
        /// Its TCP connection.
        connection: u64,
        /// The time of its last byte.
        time: Timestamp,
        /// It is an answer.
        is_response: bool,
    },
    /// The arrow of a datagram, by its first frame.
    Datagram(Option<FrameId>),
    /// An arrow of something else.
    Other,
    /// A finding, by the code of its rule.
    Finding(&'static str),
}

impl Anchored {
    /// The arrow of this step.
    pub(super) fn step(step: &Step) -> Self {
        match &step.kind {
            StepKind::Datagram(..) => Self::Datagram(step.frames.first().copied()),
            StepKind::Said(_)
            | StepKind::Refused(_)
            | StepKind::Data
            | StepKind::Attempt { .. }
            | StepKind::Reset
            | StepKind::Unreachable(..) => Self::Other,
            _ => Self::Message {
                connection: step.connection,
                time: step.time,
                is_response: step.status.is_some(),
            },
        }
    }
}
