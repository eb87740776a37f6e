//! Dialogues of the documents and of servers in the field, and what holds of any bytes.

use ftp::{AnomalyKind, Control, Event, EventKind, Limits, LoginResult, Outcome, Side};
use proptest::prelude::*;

/// Feeds lines that begin with `C: ` or `S: `.
fn feed(control: &mut Control, dialogue: &str) -> Vec<Event> {
    for line in dialogue.lines() {
        let (side, text) = match line.split_once(": ") {
            Some(("C", text)) => (Side::Client, text),
            Some(("S", text)) => (Side::Server, text),
            _ => continue,
        };
        control.push(side, text.as_bytes());
        control.push(side, b"\r\n");
    }
    std::iter::from_fn(|| control.next_event()).collect()
}

fn events(dialogue: &str) -> Vec<Event> {
    let mut control = Control::new(Limits::default());
    let mut events = feed(&mut control, dialogue);
    control.finish();
    events.extend(std::iter::from_fn(|| control.next_event()));
    events
}

fn outcomes(dialogue: &str) -> Vec<(String, Outcome, Option<u16>)> {
    let ended = events(dialogue)
        .into_iter()
        .filter_map(|event| match event.kind {
            EventKind::TransferEnded { transfer, result } => {
                Some((transfer.file, result.outcome, result.code))
            }
            _ => None,
        });
    ended.collect()
}

const LOGIN: &str = "S: 220 FTP ready\nC: USER a\nS: 331 Password\nC: PASS b\nS: 230 In\n";

#[test]
fn every_way_to_end() {
    for (dialogue, outcome, code) in [
        (
            "C: RETR f\nS: 150 Opening (12 bytes)\nS: 226 Done",
            Outcome::Complete,
            Some(226),
        ),
        (
            "C: RETR f\nS: 125 Open\nS: 250 Done",
            Outcome::Complete,
            Some(250),
        ),
        (
            "C: RETR f\nS: 150 Opening\nS: 426 Closed",
            Outcome::Failed,
            Some(426),
        ),
        (
            "C: RETR f\nS: 150 Opening\nS: 425 No connection",
            Outcome::Failed,
            Some(425),
        ),
        (
            "C: RETR f\nS: 425 No connection",
            Outcome::Refused,
            Some(425),
        ),
        ("C: RETR f\nS: 450 Busy", Outcome::Refused, Some(450)),
        ("C: STOR f\nS: 550 Denied", Outcome::Refused, Some(550)),
        ("C: STOR f\nS: 532 Account", Outcome::Refused, Some(532)),
        (
            "C: STOR f\nS: 150 Send\nS: 552 Full",
            Outcome::Failed,
            Some(552),
        ),
        ("C: RETR f\nS: 150 Opening", Outcome::Unknown, None),
        ("C: RETR f", Outcome::Unknown, None),
    ] {
        let expected = [("f".to_owned(), outcome, code)];
        assert_eq!(
            outcomes(&format!("{LOGIN}{dialogue}")),
            expected,
            "{dialogue}"
        );
    }
}

#[test]
fn an_abort_has_two_replies() {
    let dialogue = format!(
        "{LOGIN}C: RETR f\nS: 150 Opening\nC: ABOR\nS: 426 Aborted\nS: 226 ABOR done\nC: RETR g\nS: 550 No"
    );
    let expected = [
        ("f".to_owned(), Outcome::Failed, Some(426)),
        ("g".to_owned(), Outcome::Refused, Some(550)),
    ];
    assert_eq!(outcomes(&dialogue), expected);
}

#[test]
fn status_while_a_transfer_goes_on() {
    let dialogue = format!("{LOGIN}C: RETR f\nS: 150 Opening\nC: STAT\nS: 213 Half\nS: 226 Done");
    assert_eq!(
        outcomes(&dialogue),
        [("f".to_owned(), Outcome::Complete, Some(226))]
    );
}

#[test]
fn commands_that_do_not_wait() {
    let dialogue = "S: 220 FTP\nC: USER a\nC: PASS b\nC: SIZE f\nC: RETR f\nS: 331 P\nS: 230 In\nS: 213 99\nS: 150 Go\nS: 226 Done";
    let all = events(dialogue);
    let began = all.iter().find_map(|event| match &event.kind {
        EventKind::TransferBegan { transfer, .. } => Some(transfer.size_bytes),
        _ => None,
    });
    assert_eq!(began, Some(Some(99)));
}

#[test]
fn a_greeting_of_several_lines_and_a_login_without_password() {
    let all = events("S: 220-Welcome to\nS: 220-this\nS: 220 server\nC: USER anonymous\nS: 230 In");
    assert!(
        matches!(all.first().map(|event| &event.kind), Some(EventKind::Greeting { text }) if text == "Welcome to")
    );
    assert!(matches!(
        all.get(1).map(|event| &event.kind),
        Some(EventKind::Login {
            result: LoginResult::Accepted,
            password: None,
            ..
        })
    ));
}

#[test]
fn what_is_not_ftp() {
    for dialogue in [
        "S: 220 mail.example.org\nC: EHLO phone",
        "S: +OK POP3",
        "C: USER guest 0 * :Guest\nS: :irc.example.org 001 guest",
        "C: NICK guest",
        "C: GET / HTTP/1.1",
    ] {
        let all = events(dialogue);
        let last = all.last().map(|event| &event.kind);
        assert_eq!(last, Some(&EventKind::NotFtp), "{dialogue}");
    }
}

#[test]
fn tls_hides_the_rest() {
    let mut control = Control::new(Limits::default());
    let all = feed(
        &mut control,
        "S: 220 FTP\nC: AUTH TLS\nS: 234 Go\nC: \x16\x03\x01",
    );
    assert_eq!(
        all.last().map(|event| &event.kind),
        Some(&EventKind::Secured)
    );
    assert!(control.is_closed());
    assert_eq!(control.anomalies(), []);
}

#[test]
fn lost_replies_leave_a_transfer_unknown() {
    let mut control = Control::new(Limits::default());
    feed(&mut control, &format!("{LOGIN}C: RETR f\nS: 150 Opening"));
    control.gap(Side::Server, 100);
    let all = feed(&mut control, "C: RETR g\nS: 150 Opening\nS: 226 Done");
    let ended: Vec<_> = all
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::TransferEnded { transfer, result } => {
                Some((transfer.file.as_str(), result.outcome))
            }
            _ => None,
        })
        .collect();
    assert_eq!(ended, [("f", Outcome::Unknown), ("g", Outcome::Complete)]);
}

#[test]
fn a_capture_that_begins_behind_the_login() {
    let all = events("C: PASV\nS: 227 Passive (192,0,2,1,4,1)\nC: RETR f\nS: 150 Go\nS: 226 Done");
    let transfer = all.iter().find_map(|event| match &event.kind {
        EventKind::TransferEnded { transfer, .. } => Some(transfer),
        _ => None,
    });
    let data = transfer.and_then(|transfer| transfer.data);
    assert_eq!(data.map(|data| data.port), Some(1025));
}

#[test]
fn bounds_are_told() {
    let limits = Limits {
        line_bytes_max: 64,
        pending_max: 2,
        anomalies_max: 2,
    };
    let mut control = Control::new(limits);
    let long = format!(
        "C: RETR {}\nC: RETR b\nC: RETR c\nC: RETR d",
        "a".repeat(100)
    );
    feed(&mut control, &format!("{LOGIN}{long}"));
    let kinds: Vec<_> = control.anomalies().iter().map(|odd| odd.kind).collect();
    assert_eq!(kinds, [AnomalyKind::LongLine, AnomalyKind::PendingLimit]);
    assert_eq!(control.unlisted_anomalies(), 1);
}

#[test]
fn anomaly_names_are_unique() {
    let mut names: Vec<_> = AnomalyKind::ALL.iter().map(|kind| kind.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), AnomalyKind::ALL.len());
}

fn any_line() -> impl Strategy<Value = (bool, Vec<u8>)> {
    let words = prop_oneof![
        Just("USER a".to_owned()),
        Just("PASS p".to_owned()),
        Just("RETR f".to_owned()),
        Just("STOR g".to_owned()),
        Just("CWD /a".to_owned()),
        Just("CWD b".to_owned()),
        Just("CDUP".to_owned()),
        Just("PASV".to_owned()),
        Just("EPSV".to_owned()),
        Just("PORT 1,2,3,4,5,6".to_owned()),
        Just("SIZE f".to_owned()),
        Just("REST 9".to_owned()),
        Just("PWD".to_owned()),
        Just("ABOR".to_owned()),
        Just("AUTH TLS".to_owned()),
        Just("220 FTP".to_owned()),
        Just("227 =1,2,3,4,5,6".to_owned()),
        Just("229 (|||9|)".to_owned()),
        Just("257 \"/a\"\"b\"".to_owned()),
        Just("230-x".to_owned()),
        Just("331 p".to_owned()),
        (100..600u16, "[ -]?[ -~]{0,20}").prop_map(|(code, text)| format!("{code}{text}")),
        "[ -~]{0,30}",
    ];
    (
        any::<bool>(),
        words,
        prop::collection::vec(any::<u8>(), 0..3),
        any::<bool>(),
    )
        .prop_map(|(client, words, noise, bare)| {
            let mut line = words.into_bytes();
            line.extend(noise);
            line.extend_from_slice(if bare { b"\n" } else { b"\r\n" });
            (client, line)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_lines_in_any_pieces(lines in prop::collection::vec(any_line(), 0..40), piece in 1..9usize) {
        let mut whole = Control::new(Limits::default());
        let mut pieces = Control::new(Limits::default());
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for (client, line) in &lines {
            let side = if *client { Side::Client } else { Side::Server };
            whole.push(side, line);
            for piece in line.chunks(piece) {
                pieces.push(side, piece);
            }
            first.extend(std::iter::from_fn(|| whole.next_event()));
            second.extend(std::iter::from_fn(|| pieces.next_event()));
        }
        whole.finish();
        pieces.finish();
        first.extend(std::iter::from_fn(|| whole.next_event()));
        second.extend(std::iter::from_fn(|| pieces.next_event()));
        prop_assert_eq!(&first, &second);
        prop_assert_eq!(whole.anomalies(), pieces.anomalies());
        let began = first.iter().filter(|event| matches!(event.kind, EventKind::TransferBegan { .. })).count();
        let ended = first.iter().filter(|event| matches!(event.kind, EventKind::TransferEnded { .. })).count();
        let closed = first.iter().any(|event| matches!(event.kind, EventKind::Secured | EventKind::NotFtp));
        prop_assert!(began <= ended || closed, "what begins ends");
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..200)), 0..20), gap in any::<u64>()) {
        let mut control = Control::new(Limits::default());
        for (client, bytes) in &bytes {
            let side = if *client { Side::Client } else { Side::Server };
            let _ = ftp::recognise(side, bytes);
            control.push(side, bytes);
            control.gap(side, gap);
            control.push(side, bytes);
        }
        control.finish();
        while control.next_event().is_some() {}
    }
}
