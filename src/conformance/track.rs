//! Follows one session: keeps its facts up to date, and finds the request that a response answers.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use cwmp::schema::Version;
use cwmp::{Document, EnvelopeRef, Kind};

use super::seen::{Asked, LastResponse, SessionFacts, is_whole, version_of};
use super::standing::Claim;
use crate::session::{Evidence, Message, Side};

/// Notes who the session is with and by what rules it runs, before rules see the message.
pub(super) fn introduce(facts: &mut SessionFacts, message: &Arc<Message>) {
    if facts.device.is_none() {
        facts.device.clone_from(&message.device);
    }
    let first = facts.messages == 0;
    note_losses(facts, message);
    facts.messages = facts.messages.saturating_add(1);
    let Some(document) = &message.soap else {
        return;
    };
    facts.issue_1 |= is_issue_1(document);
    let informs = |envelope: EnvelopeRef<'_>| envelope.message_name() == Some("Inform");
    if message.from == Side::Cpe && document.envelope_refs().any(informs) {
        // What is missing before it on its connection may be a challenge that it answers.
        facts.from_its_start |= first && message.gaps_before == 0;
        // Behind a challenge most repeat it byte for byte.
        let before = facts
            .inform
            .as_ref()
            .and_then(|before| before.soap.as_ref());
        if before.is_none_or(|before| before.text() != document.text()) {
            facts.claim = document.inform().and_then(|inform| Claim::of(&inform));
        }
        facts.inform = Some(Arc::clone(message));
        facts.version = version_of(message).or(facts.version);
    } else if facts.version.is_none() {
        // A session that was joined in its middle tells its version by any envelope.
        facts.version = version_of(message);
    }
}

/// What the capture lacks before this message: bytes of its connection, or the answer to the request before.
fn note_losses(facts: &mut SessionFacts, message: &Message) {
    let (connection, gaps) = (message.provenance.connection, message.gaps_before);
    let (last, known) = facts.last_seen_on;
    let missed = if connection == last { known } else { 0 };
    let is_request = message.http.kind() == http1::Kind::Request;
    let lost = facts.messages > 0 && gaps > missed || is_request && facts.answer_due;
    facts.damaged |= lost;
    facts.losses = facts.losses.saturating_add(u32::from(lost));
    facts.last_seen_on = (connection, gaps);
    facts.answer_due = is_request || facts.answer_due && message.http.view().is_interim();
}

/// The ways of Issue 1 (rule I1-001), whose namespace is that of 1.0: several envelopes, NoMoreRequests, another MaxEnvelopes
/// than 1, times of the year 0000. CurrentTime in UTC is none: a later device may be in that zone.
pub(super) fn is_issue_1(document: &Document) -> bool {
    if document
        .envelope(0)
        .as_ref()
        .is_none_or(|first| !is_1_0(first))
    {
        return false;
    }
    let several = document.envelopes().len() > 1;
    several
        || document
            .envelope_refs()
            .any(|envelope| has_ways_of_issue_1(&envelope))
}

fn has_ways_of_issue_1(envelope: &EnvelopeRef<'_>) -> bool {
    if envelope.no_more_requests().is_some() {
        return true;
    }
    let Some(message) = envelope.message() else {
        return false;
    };
    if matches!(message.name(), "Inform" | "InformResponse") {
        let most = message.child("MaxEnvelopes").map(|most| most.text());
        let most = most.and_then(|most| most.trim().parse::<u32>().ok());
        if most.is_some_and(|most| most != 1) {
            return true;
        }
    }
    let times = ["CurrentTime", "StartTime", "CompleteTime"];
    let times = times.into_iter().filter_map(|name| message.child(name));
    times
        .into_iter()
        .any(|time| time.text().trim_start().starts_with("0000-"))
}

fn is_1_0(envelope: &EnvelopeRef<'_>) -> bool {
    envelope.version_hint() == Some(Version::V1_0)
}

/// What a message answers: the requests that its responses and faults belong to, each with the envelope that answers.
///
/// They wait no longer. Where something is missing between the two, nothing but an ID that no other request had tells that
/// they belong together; an answer of which that cannot be told is no one's.
pub(super) fn answered(facts: &mut SessionFacts, message: &Message) -> Vec<(Asked, usize)> {
    let losses = facts.losses;
    let waiting = match message.from {
        Side::Cpe => &mut facts.asked_by_acs,
        Side::Acs => &mut facts.asked_by_cpe,
        Side::Other => return Vec::new(),
    };
    let in_order = facts.issue_1;
    let mut answered = Vec::new();
    if waiting.is_empty() {
        return answered;
    }
    let Some(document) = &message.soap else {
        return answered;
    };
    for (index, envelope) in document.envelope_refs().enumerate() {
        if matches!(envelope.kind(), Kind::Response | Kind::Fault)
            && let Some(at) = place(waiting, &envelope, in_order)
        {
            let certain = waiting
                .get(at)
                .is_some_and(|asked| asked.losses == losses || is_known(waiting, asked, &envelope));
            let asked = waiting.remove(at);
            answered.extend(asked.filter(|_| certain).map(|asked| (asked, index)));
        }
    }
    answered
}

/// The answer has the ID of the request, and no other request that waits has it.
fn is_known(waiting: &VecDeque<Asked>, asked: &Asked, answer: &EnvelopeRef<'_>) -> bool {
    let id = answer.id().filter(|id| !id.is_empty());
    id.is_some_and(|id| {
        let of_id = |one: &&Asked| one.id.as_deref() == Some(&*id);
        asked.id.as_deref() == Some(&*id) && waiting.iter().filter(of_id).count() == 1
    })
}

/// The request that a response belongs to: of its method, by its ID where several are; a fault's by its ID.
///
/// Of those that fit equally well it is the first of the latest message: what was asked before and passed over is answered no
/// more, and many an ACS gives every request the same ID. Issue 1 lets requests wait, and answers them `in_order`.
fn place(waiting: &VecDeque<Asked>, answer: &EnvelopeRef<'_>, in_order: bool) -> Option<usize> {
    let id = answer.id();
    let fits = |asked: &Asked| {
        answer.kind() == Kind::Fault || answer.method() == Some(asked.method.as_str())
    };
    let same_id = |asked: &Asked| asked.id.as_deref() == id.as_deref();
    let first = |suits: &dyn Fn(&Asked) -> bool| {
        let first = waiting.iter().position(suits)?;
        if in_order {
            return Some(first);
        }
        let latest = &waiting.iter().rev().find(|asked| suits(asked))?.message;
        waiting
            .iter()
            .position(|asked| suits(asked) && Arc::ptr_eq(&asked.message, latest))
    };
    first(&|asked| fits(asked) && same_id(asked)).or_else(|| first(&fits))
}

/// Takes the message into account, after rules saw it.
///
/// `shapely` is the version whose schema it keeps to, where that is known.
pub(super) fn follow(
    facts: &mut SessionFacts,
    message: &Arc<Message>,
    shapely: Option<Version>,
    outstanding_max: usize,
) {
    let whole = is_whole(message);
    let torn = message.provenance.evidence != Evidence::Complete;
    facts.damaged |= torn;
    facts.losses = facts.losses.saturating_add(u32::from(torn));
    let is_response = message.http.kind() == http1::Kind::Response;
    if is_response {
        let status = message.http.status();
        if message.http.view().is_interim() {
            return;
        }
        facts.replay_due = matches!(status, 300..=399 | 401 | 407);
        if matches!(status, 300..=399) && !facts.redirected {
            facts.redirected = true;
            facts.first_inform.clone_from(&facts.inform);
        }
        if facts.replay_due {
            return;
        }
        let (requests, hold_requests) = said(message);
        facts.last_response = Some(LastResponse {
            status,
            empty: message.http.body_bytes == 0,
            requests,
            hold_requests,
        });
        // What was asked and not answered here is answered no more, unless this says nothing of it.
        facts.accepted |= accepts(message);
        settle_version(facts, message);
    } else {
        if facts.replay_due {
            facts.replay_due = false;
            facts.asked_by_cpe.clear();
        }
        facts.last_request_empty = message.http.body_bytes == 0;
        let held = facts.last_response.is_some_and(|last| last.hold_requests);
        facts.asks_no_more |= facts.last_request_empty && !held;
    }
    if whole {
        note_requests(facts, message, shapely, outstanding_max);
    }
}

/// Requests of the ACS in a response, and HoldRequests of its last envelope.
fn said(message: &Message) -> (u32, bool) {
    let Some(document) = &message.soap else {
        return (0, false);
    };
    let mut requests = 0;
    let mut hold_requests = false;
    for envelope in document.envelope_refs() {
        requests += u32::from(envelope.kind() == Kind::Request);
        hold_requests = envelope.hold_requests().unwrap_or(false);
    }
    (requests, hold_requests)
}

fn accepts(message: &Message) -> bool {
    message.soap.as_ref().is_some_and(|document| {
        document
            .envelope_refs()
            .any(|envelope| envelope.message_name() == Some("InformResponse"))
    })
}

/// An InformResponse in 1.0 takes the session there; UseCWMPVersion names the version (TR-069 Amendment 5 section 3.7.2.1).
fn settle_version(facts: &mut SessionFacts, message: &Message) {
    let Some(document) = &message.soap else {
        return;
    };
    for envelope in document.envelope_refs() {
        if envelope.message_name() != Some("InformResponse") {
            continue;
        }
        facts.answered_in = envelope.version_hint();
        facts.answered_in_1_0 = facts.answered_in == Some(Version::V1_0);
        let used = envelope.use_version();
        let used = used.as_deref().map(str::trim).and_then(version_named);
        let lowered = envelope
            .version_hint()
            .filter(|hint| *hint == Version::V1_0);
        if let Some(version) = used.or(lowered) {
            facts.version = Some(version);
        }
    }
}

fn version_named(name: &str) -> Option<Version> {
    [
        Version::V1_0,
        Version::V1_1,
        Version::V1_2,
        Version::V1_3,
        Version::V1_4,
    ]
    .into_iter()
    .find(|version| version.name() == name)
}

fn note_requests(
    facts: &mut SessionFacts,
    message: &Arc<Message>,
    shapely: Option<Version>,
    outstanding_max: usize,
) {
    let losses = facts.losses;
    let waiting = match message.from {
        Side::Cpe => &mut facts.asked_by_cpe,
        Side::Acs => &mut facts.asked_by_acs,
        Side::Other => return,
    };
    let Some(document) = &message.soap else {
        return;
    };
    for (index, envelope) in document.envelope_refs().enumerate() {
        if envelope.kind() != Kind::Request {
            continue;
        }
        if waiting.len() >= outstanding_max {
            waiting.pop_front();
        }
        waiting.push_back(Asked {
            message: Arc::clone(message),
            envelope: index,
            method: envelope.method().unwrap_or_default().to_owned(),
            id: envelope.id().map(Cow::into_owned),
            losses,
            shapely,
        });
    }
}
