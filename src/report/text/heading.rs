//! The words for sessions that several text forms share.

use super::figures;
use crate::report::escape;
use crate::report::moment;
use crate::report::paint::{Ink, Line, Look, flowed};
use crate::session::{Outcome, Session, Transport, Trigger, TriggerKind};

/// How an outcome is inked.
pub(super) fn outcome_ink(outcome: Outcome) -> Ink {
    match outcome {
        Outcome::Complete => Ink::Good,
        Outcome::Faulted | Outcome::Rejected | Outcome::Aborted => Ink::Fault,
        Outcome::Incomplete => Ink::Warning,
    }
}

/// How the outcome named so is inked.
pub(super) fn outcome_ink_of(name: &str) -> Ink {
    match name {
        "complete" => Ink::Good,
        "incomplete" => Ink::Warning,
        _ => Ink::Fault,
    }
}

/// The few lines that stand above a session.
pub(super) fn session(session: &Session, several_files: bool, look: Look) -> Vec<Line> {
    let mut first = Line::new();
    first
        .push(Ink::Bold, format!("session {}", session.number))
        .push(Ink::Plain, "  ");
    first.push(
        Ink::Cpe,
        session
            .device
            .as_deref()
            .map_or_else(|| "unknown device".into(), escape::text),
    );
    let outcome = session.outcome.name();
    let mut first = first.cut_to(look.width.saturating_sub(outcome.len() + 2), look);
    first
        .pad_to(look.width.saturating_sub(outcome.len()))
        .push(outcome_ink(session.outcome), outcome);

    let mut facts = vec![
        Line::of(
            Ink::Plain,
            format!("{} UTC", moment::date_and_clock(session.start, 6)),
        ),
        Line::of(
            Ink::Plain,
            moment::duration(session.end.milliseconds_since(session.start)),
        ),
        Line::of(
            Ink::Plain,
            figures::counted(session.steps.len() as u64, "message", "messages"),
        ),
    ];
    if session.connections.len() > 1 {
        facts.push(Line::of(
            Ink::Plain,
            format!("{} connections", session.connections.len()),
        ));
    }
    let mut lines = vec![first];
    lines.extend(flowed(facts, 0, look));
    lines.extend(flowed(nature(session, several_files), 0, look));
    lines
}

/// What kind of session it is.
fn nature(session: &Session, several_files: bool) -> Vec<Line> {
    let mut facts = Vec::new();
    if !session.events.is_empty() {
        facts.push(Line::of(
            Ink::Plain,
            escape::text(&session.events.join(", ")),
        ));
    }
    if let Some(retries) = session.retry_count.filter(|&retries| retries > 0) {
        facts.push(Line::of(Ink::Warning, format!("retry {retries}")));
    }
    if let Some(version) = &session.negotiated_version {
        facts.push(Line::of(
            Ink::Plain,
            escape::text(&format!("CWMP {version}")).into_owned(),
        ));
    }
    if session.transport == Transport::Https {
        facts.push(Line::of(Ink::Plain, "https"));
    }
    if let Some(trigger) = session
        .triggered_by
        .as_ref()
        .filter(|trigger| !is_said_by_events(trigger))
    {
        facts.push(Line::of(Ink::Plain, triggered(trigger, several_files)));
    }
    if session.gaps > 0 {
        let gaps = figures::counted(
            u64::from(session.gaps),
            "message with a gap",
            "messages with gaps",
        );
        facts.push(Line::of(Ink::Warning, gaps));
    }
    if let Some(dropped) = session.dropped.filter(|dropped| *dropped > 0) {
        let dropped = figures::counted(
            dropped,
            "packet dropped meanwhile",
            "packets dropped meanwhile",
        );
        facts.push(Line::of(Ink::Warning, dropped));
    }
    facts
}

/// The events of a session say so themselves.
fn is_said_by_events(trigger: &Trigger) -> bool {
    !matches!(
        trigger.kind,
        TriggerKind::HttpConnectionRequest | TriggerKind::UdpConnectionRequest
    )
}

fn triggered(trigger: &Trigger, several_files: bool) -> String {
    let kind = match trigger.kind {
        TriggerKind::HttpConnectionRequest => "a Connection Request",
        TriggerKind::UdpConnectionRequest => "a UDP Connection Request",
        other => other.name(),
    };
    format!(
        "set off by {kind} (frames {})",
        figures::frames(&trigger.frames, several_files)
    )
}
