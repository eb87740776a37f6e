//! Values that were set, and what is read afterwards.

use std::collections::HashMap;

use cwmp::EnvelopeRef;

use super::asked::object_of;
use super::continuity::Continuity;
use crate::conformance::names::plain;
use crate::conformance::rule::a3;
use crate::conformance::standing::{Standing, Told, told};
use crate::conformance::{
    Closed, Exchange, Findings, Parameter, Rule, Scope, Seen, Topic, fingerprint,
};
use crate::model;
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&NOT_WRITTEN, &WRITTEN, &LOST];

/// What was set is read back.
const NOT_WRITTEN: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.1"), a3("3.7.1.1")],
    demands: "After a SetParameterValues with success, GetParameterValues in the same session gives the value that \
          was set, also where Status was 1.",
    why: "The ACS verifies what it wrote: with the old value it writes again, in this session and in every later \
          one, or marks the device as failed.",
    mend_cpe: "Answer reads from the new configuration at once, also where it takes effect later; refuse what \
          cannot be stored.",
    bad: "SetParameterValues X=3600 -> <Status>1</Status>\nGetParameterValues X -> 86400",
    good: "SetParameterValues X=3600 -> <Status>1</Status>\nGetParameterValues X -> 3600",
    related: &["CWMP-SPV-006", "CWMP-SPV-016"],
    wireshark: "xml.tag contains \"SetParameterValues>\" || xml.tag contains \"GetParameterValuesResponse\"",
    ..Rule::must("CWMP-SPV-005", "written-and-not-read-back", Scope::Session)
};

/// What was refused is not set.
const WRITTEN: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.1")],
    demands: "A SetParameterValues that fails changes nothing, not even the values before the one that was refused.",
    why: "The device is left with half of a configuration that was meant as one - a new user name with the old \
          password - while the ACS goes on from the state before.",
    mend_cpe: "Check all values before the first is stored, or take them back when one fails.",
    bad: "X reads as 1, SetParameterValues X=2, Y=wrong -> 9003, X reads as 2",
    good: "X reads as 1, SetParameterValues X=2, Y=wrong -> 9003, X reads as 1",
    related: &["CWMP-SPV-005"],
    wireshark: "xml.cdata == \"9003\"",
    ..Rule::must("CWMP-SPV-006", "refused-and-written", Scope::Session)
};

/// A configured value stays.
const LOST: Rule = Rule {
    versions: "all but Issue 1",
    severity: Some(Severity::Warning),
    cites: &[a3("A.3.2.1")],
    demands: "A value that was set is still there in later sessions, unless somebody changed it.",
    why: "A device that keeps its configuration in memory alone loses it with the next restart: the phone calls \
          by the old account, and the ACS sees nothing, for its key says that all is done.",
    mend_cpe: "Store what SetParameterValues sets before it is answered; report changes by others with 4 VALUE \
          CHANGE where that is asked for.",
    bad: "SetParameterValues X=3600 -> 0\nnext session, 1 BOOT: X reads as 86400",
    good: "SetParameterValues X=3600 -> 0\nnext session, 1 BOOT: X reads as 3600",
    related: &["CWMP-SPV-005"],
    wireshark: "xml.tag contains \"GetParameterValuesResponse\"",
    ..Rule::heuristic("CWMP-SPV-016", "written-and-lost", Scope::Device)
};

type Fast = foldhash::fast::RandomState;

/// Values of one device.
#[derive(Debug, Default)]
pub(super) struct Kept {
    continuity: Continuity,
    /// What was set with success, by name.
    set: HashMap<u64, Set, Fast>,
    /// What was read or refused in the session at hand.
    now: Option<Box<Now>>,
}

#[derive(Debug, Clone, Copy)]
struct Set {
    value: u64,
    /// Its object: what is set beside it may change it.
    object: u64,
    session: u32,
    /// The data model has it, and it is a plain setting.
    plain: bool,
}

/// One session.
#[derive(Debug, Default)]
struct Now {
    session: u32,
    /// Values by name, of small answers.
    read: Vec<(u64, u64)>,
    /// What has to be there still, since a request failed.
    refused: HashMap<u64, u64, Fast>,
}

impl Now {
    /// The value that a name had when it was read last.
    fn last_read(&self, name: u64) -> Option<u64> {
        let mut read = self.read.iter().rev();
        read.find(|(read, _)| *read == name)
            .map(|(_, value)| *value)
    }
}

impl Topic for Kept {
    fn message(&mut self, seen: &Seen<'_>, _findings: &mut Findings) {
        if !self.continuity.message(seen) {
            self.forget();
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if !self.continuity.exchange(exchange) {
            self.forget();
        }
        let facts = exchange.answer.session;
        let Some(facts) = facts.filter(|facts| facts.is_whole() && !facts.issue_1) else {
            self.forget();
            return;
        };
        let method = exchange.method();
        match method {
            "Inform" => self.inform(exchange, facts.number),
            "GetParameterValues" if !exchange.is_fault() && exchange.answer.from() == Side::Cpe => {
                self.values(exchange, facts.number, findings);
            }
            "SetParameterValues" => self.set(exchange, facts.number),
            "AddObject"
            | "DeleteObject"
            | "FactoryReset"
            | "Download"
            | "ScheduleDownload"
            | "ChangeDUState"
            | "TransferComplete"
            | "AutonomousTransferComplete"
                if !exchange.is_fault() =>
            {
                self.forget();
            }
            _ => {}
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, _findings: &mut Findings) {
        if !closed.facts.is_whole() || closed.session.gaps > 0 {
            self.forget();
        }
        self.now = None;
    }
}

impl Kept {
    fn forget(&mut self) {
        self.set = HashMap::default();
        self.now = None;
    }

    /// A new session: 4 VALUE CHANGE explains any other value, and 0 BOOTSTRAP all of them.
    fn inform(&mut self, exchange: &Exchange<'_>, session: u32) {
        self.now = None;
        let inform = exchange.request().and_then(|request| request.inform());
        let excused = inform.is_none_or(|inform| {
            let events = inform.events();
            let excuses = events.iter().any(|event| {
                !matches!(event.code.get(..2), Some("1 " | "2 " | "3 " | "6 " | "M "))
            });
            excuses || inform.retry_count().is_none_or(|count| count > 0)
        });
        if excused && self.set.values().any(|set| set.session != session) {
            self.set = HashMap::default();
        }
    }

    fn now(&mut self, session: u32) -> &mut Now {
        let now = self.now.get_or_insert_default();
        if now.session != session {
            **now = Now {
                session,
                ..Now::default()
            };
        }
        now
    }

    fn values(&mut self, exchange: &Exchange<'_>, session: u32, findings: &mut Findings) {
        let refused = self
            .now
            .as_ref()
            .is_some_and(|now| now.session == session && !now.refused.is_empty());
        if refused || !self.set.is_empty() {
            for parameter in exchange.answered() {
                self.value(exchange, parameter, session, findings);
            }
        }
        self.remember(exchange.answered(), session);
    }

    fn value(
        &mut self,
        exchange: &Exchange<'_>,
        parameter: &Parameter<'_>,
        session: u32,
        findings: &mut Findings,
    ) {
        let (name, key) = (parameter.name(), parameter.key());
        let set = self.set.get(&key).copied();
        let now = self.now.as_mut().filter(|now| now.session == session);
        let refused = now.and_then(|now| now.refused.remove(&key));
        if set.is_none() && refused.is_none() {
            return;
        }
        let Some(value) = canonical(parameter.value(), || is_list(parameter)) else {
            return;
        };
        let rule = match (refused, set) {
            (Some(before), _) if before != value => &WRITTEN,
            (None, Some(set)) if set.value != value && set.session == session => &NOT_WRITTEN,
            (None, Some(set)) if set.value != value => &LOST,
            _ => return,
        };
        let known = matches!(set, Some(Set { plain: true, .. })) || parameter.plain() == Some(true);
        self.set.remove(&key);
        if !known && rule.code == LOST.code {
            return;
        }
        let most = if known {
            Severity::Error
        } else {
            Severity::Info
        };
        let because = if refused.is_some() {
            format!("{name} has another value since the SetParameterValues that failed")
        } else if set.is_some_and(|set| set.session == session) {
            format!("{name} does not read as it was set in this session")
        } else {
            format!("{name} does not read as it was set in an earlier session")
        };
        let draft = exchange.breaks(rule).path(name).at_most(most);
        let element = parameter.element();
        findings.add(
            draft
                .body(element.offset()..element.content_offset())
                .because(because),
        );
    }

    /// Keeps what a small answer tells: an ACS that reads before it writes reads what it will write.
    fn remember(&mut self, answered: &[Parameter<'_>], session: u32) {
        let now = self.now(session);
        if now.read.len() >= READ_MAX {
            return;
        }
        for parameter in answered.iter().take(SMALL) {
            if parameter.plain().is_none() {
                continue;
            }
            if let Some(value) = canonical(parameter.value(), || is_list(parameter)) {
                now.read.push((parameter.key(), value));
            }
        }
    }

    fn set(&mut self, exchange: &Exchange<'_>, session: u32) {
        let Some(request) = exchange.request() else {
            return;
        };
        if exchange.is_fault() {
            self.refused(exchange, &request, session);
            return;
        }
        // The value of whatever stands beside these may follow them.
        let objects: Vec<u64> = request
            .parameters()
            .take(SET_MAX)
            .map(|one| fingerprint(object_of(&one.name()).as_bytes()))
            .collect();
        let too_many = request.parameters().nth(SET_MAX).is_some();
        self.set
            .retain(|_, set| !too_many && !objects.contains(&set.object));
        self.now = None;
        if too_many {
            return;
        }
        let model = told(&exchange.answer);
        let mut met = HashMap::<u64, u32, Fast>::default();
        for parameter in request.parameters() {
            let name = parameter.name();
            let key = fingerprint(name.as_bytes());
            let times = met.entry(key).or_default();
            *times += 1;
            let (Some(value), Some(plain), 1) = (
                canonical(parameter.value().as_deref(), || may_be_list(model, &name)),
                plain(Standing::of(model, &name), &name),
                *times,
            ) else {
                self.set.remove(&key);
                continue;
            };
            if self.set.len() < SET_MAX {
                let object = fingerprint(object_of(&name).as_bytes());
                self.set.insert(
                    key,
                    Set {
                        value,
                        object,
                        session,
                        plain,
                    },
                );
            }
        }
    }

    fn refused(&mut self, exchange: &Exchange<'_>, request: &EnvelopeRef<'_>, session: u32) {
        let model = told(&exchange.answer);
        let mut old: Vec<(u64, u64)> = Vec::new();
        let now = self.now.as_ref().filter(|now| now.session == session);
        for parameter in request.parameters().take(SET_MAX) {
            let name = parameter.name();
            let key = fingerprint(name.as_bytes());
            let set = self
                .set
                .get(&key)
                .filter(|set| set.session == session)
                .map(|set| set.value);
            let before = now.and_then(|now| now.last_read(key)).or(set);
            // Only what would be seen to have been applied: a value that is the old one shows nothing.
            if let Some(before) = before
                && canonical(parameter.value().as_deref(), || may_be_list(model, &name))
                    .is_some_and(|value| value != before)
                && plain(Standing::of(model, &name), &name).is_some()
            {
                old.push((key, before));
            }
        }
        if !old.is_empty() {
            self.now(session).refused.extend(old);
        }
    }
}

/// The data model calls its value a list in some version, or does not know it.
fn is_list(parameter: &Parameter<'_>) -> bool {
    let known = parameter.known();
    known.is_none_or(|(_, known)| known_list(&known))
}

/// The same of a name.
fn may_be_list(model: Told, name: &str) -> bool {
    let known = Standing::of(model, name).and_then(|standing| standing.parameter(name));
    known.is_none_or(|known| known_list(&known))
}

fn known_list(known: &model::Parameter<'_>) -> bool {
    !known.always(|facts| facts.syntax.list.is_none())
}

/// A value without what may be spelled in several ways; `None` where that cannot be told.
fn canonical(value: Option<&str>, is_list: impl FnOnce() -> bool) -> Option<u64> {
    let value = cwmp::trim(value?);
    // A point in time.
    let time = value.len() > 10 && value.as_bytes().get(4) == Some(&b'-') && value.contains('T');
    if value.len() > VALUE_MAX || time {
        return None;
    }
    if value.len() <= SHORT && value.is_ascii() {
        let mut room = [0; SHORT];
        let mut length = 0;
        for byte in value.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
            if let Some(place) = room.get_mut(length) {
                *place = byte.to_ascii_lowercase();
                length += 1;
            }
        }
        return of_plain(room.get(..length).unwrap_or_default(), is_list);
    }
    let mut plain: String = value.chars().filter(|one| !one.is_whitespace()).collect();
    plain.make_ascii_lowercase();
    of_plain(plain.as_bytes(), is_list)
}

/// The same of a value in lower case and without blanks.
fn of_plain(plain: &[u8], is_list: impl FnOnce() -> bool) -> Option<u64> {
    // An address of IPv6.
    let colons = memchr::memchr_iter(b':', plain).count();
    if colons > 5 || colons > 1 && plain.windows(2).any(|pair| pair == b"::") {
        return None;
    }
    // Of most lists the order says nothing, and a device may give the items in one of its own.
    if memchr::memchr(b',', plain).is_some() && is_list() {
        let items = plain.split(|byte| *byte == b',').map(fingerprint);
        return Some(items.fold(0, u64::wrapping_add));
    }
    let digits = plain.strip_prefix(b"+").unwrap_or(plain);
    let number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    Some(fingerprint(match plain {
        b"true" => b"1",
        b"false" => b"",
        _ if number => digits.get(zeros..).unwrap_or_default(),
        _ => plain,
    }))
}

/// Values kept of one device.
const SET_MAX: usize = 256;
/// Values kept of one session.
const READ_MAX: usize = 1_024;
/// Values of one answer that are kept.
const SMALL: usize = 256;
/// A value of so many bytes is looked at in place.
const SHORT: usize = 64;
/// A longer value is not compared.
const VALUE_MAX: usize = 4_096;
