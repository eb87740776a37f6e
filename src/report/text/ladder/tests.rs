//! What a ladder looks like, line for line.

use std::net::{IpAddr, Ipv4Addr};

use super::{Beside, Ladder, in_order, split_at_session};
use crate::report::paint::Look;
use crate::session::{
    Acs, Cpe, Evidence, Masking, Outcome, Session, Side, Step, StepKind, Transport,
};
use crate::source::{FrameId, Timestamp};

fn step(ms: i64, from: Side, kind: StepKind, frames: &[u64]) -> Step {
    Step {
        time: at(ms),
        from,
        kind,
        frames: frames
            .iter()
            .map(|&number| FrameId::new(0, number))
            .collect(),
        connection: 1,
        status: None,
        evidence: Evidence::Complete,
        contested: false,
        hold_requests: None,
        body_bytes: 0,
        detail: None,
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp {
        nanoseconds: 1_700_000_000_000_000_000 + ms * 1_000_000,
        digits: 6,
    }
}

fn named(name: &str, code: Option<&str>) -> StepKind {
    StepKind::Envelopes(vec![(name.to_owned(), code.map(str::to_owned))])
}

/// A challenge, a gap, a fault on a second connection, and secrets and controls in what the wire said.
fn session() -> Session {
    let inform = Step {
        detail: Some("1 BOOT\u{1b}[31m".to_owned()),
        ..step(0, Side::Cpe, named("Inform", None), &[4, 5, 6])
    };
    let challenge = Step {
        status: Some(401),
        ..step(20, Side::Acs, StepKind::Challenge, &[8])
    };
    let informed = Step {
        hold_requests: Some(true),
        evidence: Evidence::Gap,
        ..step(40, Side::Acs, named("InformResponse", None), &[12])
    };
    let empty = Step {
        connection: 2,
        ..step(50, Side::Cpe, StepKind::EmptyRequest, &[20])
    };
    let download = Step {
        connection: 2,
        detail: Some(
            "1 Firmware Upgrade Image http://user:word@files.example.net/firmware/image.bin"
                .to_owned(),
        ),
        ..step(
            6_000,
            Side::Acs,
            named("Download", None),
            &[22, 24, 26, 28, 30, 32],
        )
    };
    let fault = Step {
        connection: 2,
        status: Some(500),
        detail: Some("Method not supported".to_owned()),
        ..step(6_001, Side::Cpe, named("Fault", Some("9000")), &[34])
    };
    Session {
        number: 7,
        start: at(0),
        end: at(6_001),
        device: Some("202BC1-BM632w-000001".into()),
        cpe: Cpe {
            address: Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2))),
            ..Cpe::default()
        },
        acs: Acs {
            address: Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))),
            port: Some(7547),
            url: None,
        },
        transport: Transport::Http,
        namespace: Some("urn:dslforum-org:cwmp-1-0".to_owned()),
        negotiated_version: Some("1.0".to_owned()),
        connections: vec![1, 2],
        events: vec!["1 BOOT".to_owned()],
        rpcs: Vec::new(),
        steps: vec![inform, challenge, informed, empty, download, fault],
        outcome: Outcome::Aborted,
        gaps: 1,
        dropped: None,
        retry_count: Some(2),
        closed_by_peer: false,
        endings: Vec::new(),
        is_over: false,
        triggered_by: None,
        learned: Vec::new(),
    }
}

fn drawn(width: usize, unicode: bool) -> String {
    let look = Look {
        width,
        colour: false,
        unicode,
    };
    let ladder = Ladder {
        look,
        masking: Masking::default(),
        several_files: false,
    };
    let mut out = String::new();
    ladder.session(&session(), &Beside::default(), &mut out);
    out
}

#[test]
fn at_80_columns() {
    let expected = "\
session 7  202BC1-BM632w-000001                                          aborted
2023-11-14 22:13:20.000000 UTC · 6.00 s · 6 messages · 2 connections
1 BOOT · retry 2 · CWMP 1.0 · 1 message with a gap

    time     delta  cpe 10.0.0.2                   acs 10.0.0.1:7547  frames
                    │┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ connection 1 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄│
  +0.000            ├─ Inform  1 BOOT\\x1b[31m ────────────────────▶│  4-6
  +0.020    +0.020  │◀───────────────────────────── 401 challenge ─┤  8
  +0.040    +0.020  │◀───────── InformResponse HoldRequests ! gap ─┤  12
                    │┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ connection 2 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄│
  +0.050    +0.010  ├─ empty POST ────────────────────────────────▶│  20
  +6.000    +5.950  │◀────────────────────────────────── Download ─┤  22…32
                    │                    1 Firmware Upgrade Image  │
                    │     http://user:<masked>@files.example.net/  │
                    │                          firmware/image.bin  │
  +6.001    +0.001  ├─ Fault 9000 (HTTP 500) ─────────────────────▶│  34
                    │  Method not supported                        │
                    └────────── ✗ aborted before its end ──────────┘

";
    let drawn = drawn(80, true);
    assert_eq!(drawn, expected, "\n{drawn}");
}

#[test]
fn on_a_wide_screen_details_stand_on_their_arrows() {
    let drawn = drawn(160, true);
    let arrows = drawn
        .lines()
        .filter(|line| line.contains('▶') || line.contains('◀'))
        .count();
    assert_eq!(arrows, 6);
    assert!(drawn.contains("Download  1 Firmware Upgrade Image http://user:<masked>@files.example.net/firmware/image.bin ─┤  22,24,26,28,30,32"), "{drawn}");
    assert!(drawn.contains("+6.000000"), "{drawn}");
}

#[test]
fn the_lifelines_stay_straight_on_any_screen() {
    for width in [1, 40, 60, 61, 79, 80, 119, 120, 160, 500] {
        for unicode in [true, false] {
            let drawn = drawn(width, unicode);
            let rows = drawn
                .lines()
                .skip_while(|line| !line.contains("time"))
                .skip(1)
                .filter(|line| !line.is_empty());
            let left: Vec<Option<usize>> = rows
                .map(|line| {
                    line.chars()
                        .position(|mark| "│├└|+".contains(mark) && mark != '+')
                })
                .collect();
            let first = left.first().copied().flatten();
            assert!(first.is_some());
            assert!(
                left.iter().all(|at| at.is_none() || *at == first),
                "{width}:\n{drawn}"
            );
            assert!(unicode || drawn.is_ascii(), "{width}:\n{drawn}");
            let widest = drawn.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width.max(40)), "{width}:\n{drawn}");
        }
    }
}

#[test]
fn the_late_answer_to_a_connection_request_stands_where_its_time_is() {
    let answer = |ms| step(ms, Side::Cpe, named("answer", None), &[1]);
    let session = session().steps;
    let asked = [answer(-5), answer(45)];
    let (before, late) = split_at_session(&asked, &session);
    assert_eq!((before.len(), late.len()), (1, 1));
    let stretches = in_order(&session, late.to_vec());
    let lengths: Vec<(bool, usize)> = stretches
        .iter()
        .map(|(late, it)| (*late, it.len()))
        .collect();
    let rest = session.len() - 3;
    assert_eq!(lengths, [(false, 3), (true, 1), (false, rest)]);
    let times: Vec<Timestamp> = stretches
        .iter()
        .flat_map(|(_, it)| it)
        .map(|it| it.time)
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    let behind = in_order(&session, vec![answer(1_000_000)]);
    assert_eq!(behind.last().map(|(late, _)| *late), Some(true));
}
