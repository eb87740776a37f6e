//! What came out of a recording, against what came out of the same recording with packets missing or moved.

use informant::session::{Evidence, Message, Outcome, Role, Session};

use crate::recording::{Lost, Recording};
use crate::support::wire::{self, Endpoint};
use crate::support::{Analysis, analyse_file};

/// What a comparison found.
#[derive(Debug, Default, Clone, Copy)]
pub struct Table {
    pub sessions: u64,
    /// Sessions of which no byte is lost: all of them are equal.
    pub untouched: u64,
    pub messages: u64,
    pub messages_untouched: u64,
    /// Messages that were read again behind bytes that are lost on the same connection.
    pub resynchronised: u64,
}

impl Table {
    pub fn add(&mut self, other: &Self) {
        self.sessions += other.sessions;
        self.untouched += other.untouched;
        self.messages += other.messages;
        self.messages_untouched += other.messages_untouched;
        self.resynchronised += other.resynchronised;
    }
}

/// Compares; whatever is wrong goes to `faults`.
pub fn compare(
    whole: &Analysis,
    partial: &Analysis,
    lost: &Lost<'_>,
    faults: &mut Vec<String>,
) -> Table {
    let mut table = Table::default();
    for message in &whole.messages {
        table.messages += 1;
        if is_touched(message, lost) {
            continue;
        }
        table.messages_untouched += 1;
        if !partial.messages.iter().any(|other| is_same(message, other)) {
            faults.push(format!("not read: {}", name(message)));
            continue;
        }
        let first = message.provenance.carried.first();
        let resynchronised =
            first.is_some_and(|carried| lost.payload_before(carried.frame.number()));
        table.resynchronised += u64::from(resynchronised);
    }
    for session in &whole.sessions {
        table.sessions += 1;
        let frames = || session.steps.iter().flat_map(|step| &step.frames);
        if frames().any(|frame| lost.touches(frame.number())) {
            continue;
        }
        table.untouched += 1;
        let end_lost = frames().any(|frame| lost.touches_end(frame.number()));
        if let Some(fault) = session_fault(whole, partial, session, end_lost) {
            faults.push(format!("session {}: {fault}", session.number));
        }
    }
    nothing_made_up(whole, partial, faults);
    table
}

/// A byte of the message is lost, or what tells where it ends.
fn is_touched(message: &Message, lost: &Lost<'_>) -> bool {
    let carried = &message.provenance.carried;
    let by_end = message.http.framing == http1::Framing::UntilClose || message.http.cut.is_some();
    carried
        .iter()
        .any(|carried| lost.touches(carried.frame.number()))
        || by_end
            && carried
                .first()
                .is_some_and(|carried| lost.touches_from(carried.frame.number()))
}

fn is_same(message: &Message, other: &Message) -> bool {
    same_way(message, other)
        && message.http.raw == other.http.raw
        && message.http.body_bytes == other.http.body_bytes
        && message.provenance.evidence == other.provenance.evidence
        && message.soap.as_ref().map(cwmp::Document::text)
            == other.soap.as_ref().map(cwmp::Document::text)
}

fn same_way(message: &Message, other: &Message) -> bool {
    message.provenance.source == other.provenance.source
        && message.provenance.destination == other.provenance.destination
}

fn name(message: &Message) -> String {
    let line = message
        .http
        .raw
        .split(|byte| *byte == b'\r')
        .next()
        .unwrap_or_default();
    let frame = message
        .provenance
        .carried
        .first()
        .map_or(0, |carried| carried.frame.number());
    format!(
        "{} (frame {frame}, {:?})",
        String::from_utf8_lossy(line),
        message.http.framing
    )
}

/// What a session says of itself, without numbers, frames and times.
fn said(session: &Session, outcome: Outcome) -> String {
    let rpcs: Vec<_> = session
        .rpcs
        .iter()
        .map(|rpc| {
            (
                &rpc.method,
                rpc.from,
                &rpc.id,
                &rpc.response,
                &rpc.fault_code,
            )
        })
        .collect();
    let steps: Vec<_> = session
        .steps
        .iter()
        .map(|step| (step.from, &step.kind, step.status, &step.detail))
        .collect();
    format!(
        "{} {:?} {:?} {:?} {rpcs:?} {steps:?}",
        outcome.name(),
        session.device,
        session.events,
        session.retry_count
    )
}

/// An untouched session is not what it was.
fn session_fault(
    whole: &Analysis,
    partial: &Analysis,
    session: &Session,
    end_lost: bool,
) -> Option<String> {
    let before: Vec<&Message> = of_session(whole, session.number).collect();
    let marked = before
        .iter()
        .find(|message| message.soap.is_some())
        .or(before.first())?;
    let distance = |other: &Message| {
        let [a, b] = [marked, &other].map(|message| message.provenance.time.nanoseconds);
        a.abs_diff(b)
    };
    let found = partial
        .messages
        .iter()
        .filter(|other| is_same(marked, other))
        .min_by_key(|other| distance(other));
    let Some(number) = found.and_then(|message| message.session) else {
        return Some("not found".to_owned());
    };
    let Some(other) = partial
        .sessions
        .iter()
        .find(|session| session.number == number)
    else {
        return Some(format!("there is no session {number}"));
    };
    // How it ended may be in nothing but a FIN or RST.
    let unsure = end_lost
        && matches!(session.outcome, Outcome::Aborted | Outcome::Rejected)
        && other.outcome == Outcome::Incomplete;
    let outcome = if unsure {
        session.outcome
    } else {
        other.outcome
    };
    let (wanted, got) = (said(session, session.outcome), said(other, outcome));
    if wanted != got {
        return Some(format!("\n    was {wanted}\n    is  {got}"));
    }
    let after: Vec<&Message> = of_session(partial, number).collect();
    let same = before.len() == after.len()
        && before
            .iter()
            .all(|message| after.iter().any(|other| is_same(message, other)));
    (!same).then(|| format!("{} messages instead of {}", after.len(), before.len()))
}

/// Its own messages, without the Connection Requests and files that belong to it.
fn of_session(analysis: &Analysis, number: u32) -> impl Iterator<Item = &Message> {
    let own =
        move |message: &&Message| message.session == Some(number) && message.role == Role::Cwmp;
    analysis.messages.iter().filter(own)
}

/// Nothing is stitched over a gap, and no session ends otherwise than it did but for being incomplete.
fn nothing_made_up(whole: &Analysis, partial: &Analysis, faults: &mut Vec<String>) {
    for message in &partial.messages {
        let complete = message.provenance.evidence == Evidence::Complete;
        let known = whole
            .messages
            .iter()
            .filter(|other| same_way(message, other))
            .any(|other| {
                if complete {
                    other.http.raw == message.http.raw
                } else {
                    other.http.raw.starts_with(&message.http.raw)
                }
            });
        if !known {
            let evidence = message.provenance.evidence.name();
            faults.push(format!("made up ({evidence}): {}", name(message)));
        }
    }
    for session in &partial.sessions {
        if session.outcome == Outcome::Incomplete {
            continue;
        }
        let soap = of_session(partial, session.number).filter(|message| message.soap.is_some());
        let was = soap
            .flat_map(|message| {
                whole
                    .messages
                    .iter()
                    .filter(move |other| is_same(message, other))
            })
            .filter_map(|message| message.session);
        let outcomes: Vec<Outcome> = was
            .filter_map(|number| {
                whole
                    .sessions
                    .iter()
                    .find(|session| session.number == number)
            })
            .map(|session| session.outcome)
            .collect();
        if !outcomes.contains(&session.outcome) {
            let rpcs: Vec<_> = session
                .rpcs
                .iter()
                .map(|rpc| (&rpc.method, &rpc.response))
                .collect();
            faults.push(format!(
                "session {} is {} now, was {outcomes:?}: {rpcs:?}",
                session.number,
                session.outcome.name()
            ));
        }
    }
}

#[test]
fn what_is_wrong_with_a_session_is_told() {
    let (cpe, acs) = (
        Endpoint::new([10, 0, 0, 2], 40_000),
        Endpoint::new([10, 0, 0, 1], 7547),
    );
    let mut bytes = wire::pcap_head();
    for (frame, number) in wire::session(cpe, acs, "S", 1448).iter().zip(1..) {
        wire::put_record(1_700_000_000_000_000 + number * 20, frame, &mut bytes);
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("session.pcap");
    std::fs::write(&path, bytes).expect("the capture is written");
    let recording = Recording::read(&path);
    let kept: Vec<usize> = (0..recording.frames()).collect();
    let (whole, lost) = (analyse_file(&path), recording.lost(&kept));
    let faults_of = |change: fn(&mut Analysis)| {
        let mut partial = analyse_file(&path);
        change(&mut partial);
        let mut faults = Vec::new();
        compare(&whole, &partial, &lost, &mut faults);
        faults.join("\n")
    };
    assert_eq!(faults_of(|_| {}), "");
    for (change, fault) in [
        (
            (|partial| partial.sessions.clear()) as fn(&mut Analysis),
            "there is no session 1",
        ),
        (|partial| partial.messages.clear(), "not found"),
        (
            |partial| {
                for session in &mut partial.sessions {
                    session.rpcs.clear();
                }
            },
            "was ",
        ),
    ] {
        let faults = faults_of(change);
        assert!(faults.contains(fault), "{fault:?} in {faults}");
    }
}
