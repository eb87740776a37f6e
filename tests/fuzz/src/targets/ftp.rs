//! A control connection, fed by both sides: the same events in whatever pieces, each in its place and within the bounds.

use ftp::{Control, Event, EventKind, Limits, Recognised, Side, Transfer};

use super::tape::{Tape, pieces};

/// One byte of settings, one that says how each turn is cut, then turns, the server's first; each ends with a byte 0x1E.
///
/// A turn that begins with 0x1F is a gap of as many bytes as the next byte says, and what is behind it.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let (settings, seed) = (tape.byte(), tape.byte());
    let turns: Vec<(Side, &[u8])> = tape
        .0
        .split(|byte| *byte == TURN)
        .enumerate()
        .map(|(number, turn)| match number % 2 {
            0 => (Side::Server, turn),
            _ => (Side::Client, turn),
        })
        .collect();
    let limits = if settings & 1 == 0 {
        Limits::default()
    } else {
        TIGHT
    };
    for (side, turn) in &turns {
        recognised_once_and_for_all(*side, turn);
    }
    let whole = followed(&turns, &limits, |turn| vec![turn]);
    let cut = followed(&turns, &limits, |turn| pieces(turn, seed));
    assert_eq!(cut, whole, "in pieces it tells something else");
    let bytes = followed(&turns, &limits, |turn| turn.chunks(1).collect());
    assert_eq!(bytes, whole, "byte by byte it tells something else");
}

/// What a connection told, and how it stands.
type Told = (Vec<Event>, Vec<ftp::Anomaly>, u64, bool, bool);

fn followed<'a>(
    turns: &[(Side, &'a [u8])],
    limits: &Limits,
    cut: impl Fn(&'a [u8]) -> Vec<&'a [u8]>,
) -> Told {
    let mut control = Control::new(*limits);
    let (mut events, mut fed, mut lines) = (Vec::new(), [0_u64; 2], 1);
    for (side, turn) in turns {
        let mut rest = *turn;
        if let [GAP, bytes, behind @ ..] = rest {
            control.gap(*side, u64::from(*bytes));
            fed[*side as usize] += u64::from(*bytes);
            rest = behind;
        }
        for piece in cut(rest) {
            control.push(*side, piece);
            fed[*side as usize] += piece.len() as u64;
            while let Some(event) = control.next_event() {
                look_at(&event, &fed, limits);
                events.push(event);
            }
        }
        lines += rest.iter().filter(|byte| **byte == b'\n').count();
    }
    control.finish();
    while let Some(event) = control.next_event() {
        look_at(&event, &fed, limits);
        events.push(event);
    }
    assert!(control.next_event().is_none());
    assert!(
        events.len() <= 2 * lines,
        "more events than lines can cause"
    );
    assert!(control.anomalies().len() <= limits.anomalies_max);
    let odd = control.anomalies().to_vec();
    for anomaly in &odd {
        assert!(anomaly.offset <= fed[anomaly.side as usize]);
    }
    let unlisted = control.unlisted_anomalies();
    (
        events,
        odd,
        unlisted,
        control.is_settled(),
        control.is_closed(),
    )
}

/// Where it stands, and how much it holds.
fn look_at(event: &Event, fed: &[u64; 2], limits: &Limits) {
    let end = fed[event.side as usize];
    assert!(event.span.start <= event.span.end && event.span.end <= end);
    // A byte that is not UTF-8 becomes three.
    let text_max = 3 * limits.line_bytes_max;
    match &event.kind {
        EventKind::Greeting { text } => assert!(text.len() <= text_max),
        EventKind::Login { user, password, .. } => {
            assert!(user.len() <= text_max);
            let client = fed[Side::Client as usize];
            let lies = |at: &std::ops::Range<u64>| at.start <= at.end && at.end <= client;
            assert!(password.as_ref().is_none_or(lies));
        }
        EventKind::Size { file, .. } => assert!(file.len() <= text_max),
        EventKind::PathRefused { path, text, .. } => {
            assert!(path.len() <= text_max && text.len() <= text_max);
        }
        EventKind::TransferBegan { transfer, .. } => look_at_transfer(transfer, fed, text_max),
        EventKind::TransferEnded { transfer, result } => {
            look_at_transfer(transfer, fed, text_max);
            assert!(result.text.len() <= text_max);
            let _ = result.outcome.name();
        }
        _ => {}
    }
}

fn look_at_transfer(transfer: &Transfer, fed: &[u64; 2], text_max: usize) {
    assert!(transfer.file.len() <= text_max);
    assert!(transfer.path().len() <= 2 * text_max + 1);
    assert!(transfer.command.end <= fed[Side::Client as usize]);
    let _ = (transfer.kind.name(), transfer.kind.sender());
}

/// No stays no, and enough bytes stay enough.
fn recognised_once_and_for_all(side: Side, turn: &[u8]) {
    let mut before = Recognised::MoreBytes;
    for length in 0..=turn.len().min(24) {
        let answer = ftp::recognise(side, &turn[..length]);
        let fits = match before {
            Recognised::MoreBytes => true,
            Recognised::No => answer == Recognised::No,
            _ => answer != Recognised::MoreBytes,
        };
        assert!(fits, "{before:?}, and with {length} bytes {answer:?}");
        before = answer;
    }
}

/// Ends a turn.
const TURN: u8 = 0x1E;
/// Begins a gap.
const GAP: u8 = 0x1F;
/// Bounds that a short connection reaches.
const TIGHT: Limits = Limits {
    line_bytes_max: 40,
    pending_max: 3,
    anomalies_max: 4,
};
