//! The words for sessions that several text forms share.

use super::figures;
use crate::report::escape;
use crate::report::moment;
use crate::report::paint::{Ink, Line, Look};
use crate::session::{Outcome, Session, Trigger, TriggerKind};

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

/// The two or three lines that stand above a session.
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

    let mut second = Line::new();
    second.push(
        Ink::Plain,
        format!("{} UTC", moment::date_and_clock(session.start, 6)),
    );
    fact(
        &mut second,
        look,
        &moment::duration(session.end.milliseconds_since(session.start)),
    );
    fact(
        &mut second,
        look,
        &figures::counted(session.steps.len() as u64, "message", "messages"),
    );
    if session.connections.len() > 1 {
        fact(
            &mut second,
            look,
            &format!("{} connections", session.connections.len()),
        );
    }
    let mut lines = vec![first, second.cut_to(look.width, look)];
    lines.push(third(session, several_files, look).cut_to(look.width, look));
    lines.retain(|line| line.width() > 0);
    lines
}

fn third(session: &Session, several_files: bool, look: Look) -> Line {
    let mut line = Line::new();
    if !session.events.is_empty() {
        line.push(
            Ink::Plain,
            escape::text(&session.events.join(", ")).into_owned(),
        );
    }
    if let Some(retries) = session.retry_count.filter(|&retries| retries > 0) {
        fact(&mut line, look, &format!("retry {retries}"));
    }
    if let Some(version) = &session.negotiated_version {
        fact(&mut line, look, &escape::text(&format!("CWMP {version}")));
    }
    if session.transport == crate::session::Transport::Https {
        fact(&mut line, look, "https");
    }
    if let Some(trigger) = session
        .triggered_by
        .as_ref()
        .filter(|trigger| !is_said_by_events(trigger))
    {
        fact(&mut line, look, &triggered(trigger, several_files));
    }
    if session.gaps > 0 {
        let gaps = figures::counted(u64::from(session.gaps), "gap", "gaps");
        line.push(Ink::Plain, if line.width() > 0 { look.dot() } else { "" })
            .push(Ink::Warning, gaps);
    }
    line
}

fn fact(line: &mut Line, look: Look, text: &str) {
    if line.width() > 0 {
        line.push(Ink::Dim, look.dot());
    }
    line.push(Ink::Plain, text);
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
