//! `-Y`: which records of a command are shown.

use std::collections::BTreeMap;

use super::arguments::Writing;
use super::exit::Trouble;
use super::marks::Marks;
use super::output::complain;
use crate::filter::{Filter, RecordKind, RecordKinds, Seen};
use crate::report::json;
use crate::session::{Message, Output, Session};

/// Reads the expression, and says which of its names can never be true of these records.
pub(super) fn parse(
    expression: Option<&str>,
    kinds: RecordKinds,
    writing: &Writing,
) -> Result<Option<Filter>, Trouble> {
    let Some(expression) = expression else {
        return Ok(None);
    };
    let filter = Filter::parse(expression).map_err(|error| Trouble::Usage(error.to_string()))?;
    if !writing.quiet {
        for name in filter.foreign_names(kinds) {
            complain(&format!(
                "-Y: `{name}` is no name of these records, and matches none"
            ));
        }
    }
    Ok(Some(filter))
}

/// The records of commands that show sessions.
pub(super) const SESSIONS: RecordKinds = RecordKinds::of(RecordKind::Session);

/// The records of `check`.
pub(super) const FINDINGS: RecordKinds = RecordKinds::of(RecordKind::Finding);

/// The records of devices.
pub(super) const DEVICES: RecordKinds = RecordKinds::of(RecordKind::Device);

/// The records of one session's messages.
pub(super) const SPOKEN: RecordKinds =
    RecordKinds::of(RecordKind::Http).and(RecordKinds::of(RecordKind::Cwmp));

/// The records of what set a session off by UDP.
pub(super) const WAKING: RecordKinds =
    RecordKinds::of(RecordKind::Stun).and(RecordKinds::of(RecordKind::UdpConnectionRequest));

/// The records of datagrams.
pub(super) const LOOSE_DATAGRAMS: RecordKinds = WAKING
    .and(RecordKinds::of(RecordKind::LightweightNotification))
    .and(RecordKinds::of(RecordKind::Dhcp));

/// The records of what a session's ladder shows.
pub(super) const MESSAGES: RecordKinds = SPOKEN
    .and(RecordKinds::of(RecordKind::Transfer))
    .and(WAKING);

/// The records of messages of every protocol.
pub(super) const ALL_MESSAGES: RecordKinds = MESSAGES
    .and(LOOSE_DATAGRAMS)
    .and(RecordKinds::of(RecordKind::Tls));

/// What a ladder shows that belongs to no session.
pub(super) const LOOSE: RecordKinds =
    RecordKinds::of(RecordKind::ConnectionRequest).and(RecordKinds::of(RecordKind::Transfer));

/// The records of a message, or those of them that a filter selects: it judges them one by one.
pub(super) fn records(
    message: &Message,
    filter: Option<&Filter>,
    setting: json::Setting,
) -> Vec<json::MessageRecord> {
    let mut records = json::records(message, setting);
    if let Some(filter) = filter {
        let mut selected = filter.message_records(message);
        records.retain(|_| selected.next().unwrap_or(false));
    }
    records
}

/// How many of all records a filter has selected.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    pub shown: u64,
    pub all: u64,
}

impl Count {
    /// One record more.
    pub(super) fn note(&mut self, shown: bool) {
        self.shown += u64::from(shown);
        self.all += 1;
    }

    /// The verdict on a message, noted.
    pub(super) fn judge(&mut self, filter: Option<&Filter>, message: &Message) -> bool {
        let shown = filter.is_none_or(|filter| filter.message(message));
        self.note(shown);
        shown
    }

    /// Says so where there is something and a filter leaves nothing of it, so that nobody takes it for an empty capture.
    pub(super) fn remark_on_none(self, filter: Option<&Filter>, what: &str, writing: &Writing) {
        if filter.is_some() && self.shown == 0 && self.all > 0 && !writing.quiet {
            complain(&format!("-Y selects none of {} {what}", self.all));
        }
    }

    /// Says how many of all are shown, where what is shown does not tell.
    pub(super) fn remark(self, filter: Option<&Filter>, what: &str, writing: &Writing) {
        if self.shown == 0 {
            self.remark_on_none(filter, what, writing);
        } else if filter.is_some() && !writing.quiet {
            complain(&format!("-Y selects {} of {} {what}", self.shown, self.all));
        }
    }
}

/// Sessions as they close, each with the filter's verdict; without a filter all are shown.
pub(super) struct Sessions<'f> {
    filter: Option<&'f Filter>,
    marks: Option<&'f Marks>,
    /// Where the filter asks for what only messages hold.
    seen: Option<Seen<'f>>,
    /// Closed sessions of which messages are still to come.
    held: BTreeMap<u32, Box<Session>>,
    /// The verdicts so far.
    pub count: Count,
}

impl<'f> Sessions<'f> {
    pub(super) fn new(filter: Option<&'f Filter>, marks: Option<&'f Marks>) -> Self {
        let seen = filter
            .filter(|filter| filter.needs_messages())
            .map(Seen::new);
        Self {
            filter,
            marks,
            seen,
            held: BTreeMap::new(),
            count: Count::default(),
        }
    }

    /// Messages must be delivered too.
    pub(super) fn needs_messages(&self) -> bool {
        self.seen.is_some()
    }

    /// The session that can be judged now, if this output completes one.
    pub(super) fn take(&mut self, output: Output) -> Option<(Box<Session>, bool)> {
        let judged = self.judge(output)?;
        self.count.note(judged.1);
        Some(judged)
    }

    /// The session that can be judged now that this message is seen.
    pub(super) fn of_message(&mut self, message: &Message) -> Option<(Box<Session>, bool)> {
        let judged = self.judge_message(message)?;
        self.count.note(judged.1);
        Some(judged)
    }

    fn judge(&mut self, output: Output) -> Option<(Box<Session>, bool)> {
        match output {
            Output::Session(session) => {
                let is_whole = |seen: &Seen<'_>| seen.is_whole(&session);
                if self.seen.as_ref().is_none_or(is_whole) {
                    let shown = self.selects(&session);
                    return Some((session, shown));
                }
                self.held.insert(session.number, session);
                None
            }
            Output::Message(message) => self.judge_message(&message),
            _ => None,
        }
    }

    fn judge_message(&mut self, message: &Message) -> Option<(Box<Session>, bool)> {
        let seen = self.seen.as_mut()?;
        seen.message(message);
        let number = message.session?;
        if !seen.is_whole(self.held.get(&number)?) {
            return None;
        }
        let session = self.held.remove(&number)?;
        let shown = self.selects(&session);
        Some((session, shown))
    }

    fn selects(&mut self, session: &Session) -> bool {
        let Some(filter) = self.filter else {
            return true;
        };
        let findings = self.marks.map(|marks| marks.of(session.number));
        let findings = findings.as_deref();
        match &mut self.seen {
            Some(seen) => seen.session_with(session, findings),
            None => filter.session_with(session, findings),
        }
    }

    /// Those of which not every message came.
    pub(super) fn rest(&mut self) -> Vec<(Box<Session>, bool)> {
        let mut judged = Vec::new();
        for session in std::mem::take(&mut self.held).into_values() {
            let shown = self.selects(&session);
            self.count.note(shown);
            judged.push((session, shown));
        }
        judged
    }
}
