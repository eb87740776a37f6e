//! Sessions of a device, and of a gateway that may be its own, each in one sentence.

use std::sync::Arc;

use super::entry::{Entry, EntryKind, Frames};
use super::requests::RequestNote;
use super::words::{Voice, between, clock_after, listed};
use crate::report::text::figures;
use crate::session::{Outcome, Session, StepKind, Trigger, TriggerKind};
use crate::source::Timestamp;

/// What is kept of a session.
#[derive(Debug, Clone)]
pub(super) struct SessionNote {
    pub number: u32,
    pub device: Option<Arc<str>>,
    pub start: Timestamp,
    end: Timestamp,
    events: Vec<String>,
    /// Methods with how often, but for the Inform.
    methods: String,
    faults: String,
    outcome: Outcome,
    retries: u32,
    gaps: u32,
    trigger: Option<Trigger>,
    frames: Frames,
    acs: Option<String>,
    /// HTTP errors that the ACS gave.
    refused: Option<u16>,
}

impl SessionNote {
    pub fn of(session: &Session) -> Self {
        let methods = session.rpcs.iter().map(|rpc| rpc.method.as_str());
        let faults = session
            .rpcs
            .iter()
            .filter_map(|rpc| rpc.fault_code.as_deref());
        let mut frames: Vec<_> = session.steps.iter().flat_map(|step| &step.frames).collect();
        frames.sort_unstable();
        let refused = session.steps.iter().rev().find_map(|step| match step.kind {
            StepKind::HttpError | StepKind::Challenge => step.status,
            _ => None,
        });
        let mut trigger = session.triggered_by.clone();
        if let Some(trigger) = &mut trigger {
            trigger.frames.truncate(super::limits::FRAMES_MAX);
        }
        Self {
            number: session.number,
            device: session.device.clone(),
            start: session.start,
            end: session.end,
            events: session.events.clone(),
            methods: figures::tally(methods.filter(|name| *name != "Inform"), "x"),
            faults: figures::tally(faults, "x"),
            outcome: session.outcome,
            retries: session.retry_count.unwrap_or_default(),
            gaps: session.gaps,
            trigger,
            frames: Frames::of(frames),
            acs: session.acs.url.clone(),
            refused,
        }
    }

    /// It says that a Connection Request set it off.
    pub fn says_requested(&self) -> bool {
        self.events.iter().any(|event| event == REQUESTED)
    }

    /// Nothing in the capture is what set it off, though it says that something did.
    pub fn has_unseen_cause(&self) -> bool {
        self.says_requested() && !self.by_request()
    }

    fn by_request(&self) -> bool {
        self.trigger.as_ref().is_some_and(|trigger| {
            matches!(
                trigger.kind,
                TriggerKind::HttpConnectionRequest | TriggerKind::UdpConnectionRequest
            )
        })
    }

    /// Its entry in its own device's story.
    pub fn entry(
        &self,
        asked: Option<&RequestNote>,
        told_acs: Option<&str>,
        voice: Voice,
    ) -> Entry {
        let text = format!(
            "{}{}",
            self.opening("opens", voice),
            self.course(asked, told_acs, &[], voice)
        );
        let frames = self.frames.clone();
        Entry::new(self.start, EntryKind::Session, frames, text).of_session(self.number)
    }

    /// Its entry in the story of a device that it may concern.
    pub fn entry_of_gateway(&self, gateway: &str, own: &[String], voice: Voice) -> Entry {
        let opening = self.opening("opens", voice);
        let text = format!(
            "its gateway {} {opening}{}",
            voice.say(gateway),
            self.course(None, None, own, voice)
        );
        let frames = self.frames.clone();
        Entry::new(self.start, EntryKind::Gateway, frames, text).of_session(self.number)
    }

    /// `opens session 2 with 6 CONNECTION REQUEST`.
    fn opening(&self, verb: &str, voice: Voice) -> String {
        let number = self.number;
        if self.events.is_empty() {
            return format!("{verb} session {number}");
        }
        let events = voice.say(&listed(&self.events));
        let again = match self.retries {
            0 => String::new(),
            1 => " (its first retry)".to_owned(),
            retries => format!(" (retry {retries})"),
        };
        format!("{verb} session {number} with {events}{again}")
    }

    /// What set it off, where it went, what was asked, how it ended.
    fn course(
        &self,
        asked: Option<&RequestNote>,
        acs: Option<&str>,
        same: &[String],
        voice: Voice,
    ) -> String {
        let mut text = String::new();
        if let Some(url) = self.acs.as_deref().filter(|url| Some(*url) != acs) {
            if same.iter().any(|one| one == url) {
                text.push_str(" at the same ACS");
            } else {
                text.push_str(&format!(" at {}", voice.say(url)));
            }
        }
        if let Some(asked) = asked {
            text.push_str(&format!(
                ", set off by the {} of {}",
                asked.carrier_name(),
                clock_after(self.start, asked.time)
            ));
        } else if self.by_request() {
            text.push_str(", set off by a Connection Request");
        } else if self.says_requested() {
            text.push_str(": no Connection Request that could have set it off is in the capture");
        }
        let methods = if self.methods.is_empty() {
            "nothing is asked of it".to_owned()
        } else {
            voice.say(&self.methods)
        };
        text.push_str(&format!("; {methods}; {}", self.ending(voice)));
        if self.gaps > 0 {
            text.push_str("; bytes of it are missing in the capture");
        }
        text
    }

    fn ending(&self, voice: Voice) -> String {
        let after = between(self.start, self.end);
        match self.outcome {
            Outcome::Complete => format!("complete after {after}"),
            Outcome::Faulted => format!(
                "complete after {after}, with fault {}",
                voice.say(&self.faults)
            ),
            Outcome::Rejected => match self.refused {
                Some(status) => format!("the ACS refuses it with {status}"),
                None => "the ACS refuses it".to_owned(),
            },
            Outcome::Aborted => format!("broken off after {after}"),
            Outcome::Incomplete => "the capture does not hold all of it".to_owned(),
        }
    }
}

const REQUESTED: &str = "6 CONNECTION REQUEST";
