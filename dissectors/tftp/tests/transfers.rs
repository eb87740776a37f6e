//! Transfers that go wrong, go round, or are none, and what holds of any bytes.

use std::net::SocketAddr;

use proptest::prelude::*;
use tftp::{Datagram, Limits, Outcome, Packet, Request, Seen, Side, Tracker, Transfer};

const CLIENT: &str = "192.0.2.10:2000";
const SERVER: &str = "192.0.2.1:69";
const ANSWER: &str = "192.0.2.1:50000";

fn address(text: &str) -> SocketAddr {
    match text.parse() {
        Ok(address) => address,
        Err(_) => panic!("{text} is an address"),
    }
}

struct Scene {
    tracker: Tracker,
    now_ns: u64,
    last: Option<Transfer>,
}

impl Scene {
    fn new(limits: Limits) -> Self {
        Self {
            tracker: Tracker::new(limits),
            now_ns: 0,
            last: None,
        }
    }

    fn send(&mut self, from: &str, to: &str, payload: &[u8]) -> Option<Seen> {
        self.now_ns += 1;
        let seen = self.tracker.push(&Datagram {
            from: address(from),
            to: address(to),
            payload,
            wire_bytes: payload.len(),
            now_ns: self.now_ns,
        });
        if let Some(Seen::Ended(transfer)) = &seen {
            self.last = Some((**transfer).clone());
        }
        seen
    }

    fn data(&mut self, block: u16, bytes: usize) {
        let mut payload = vec![0, 3];
        payload.extend(block.to_be_bytes());
        payload.resize(4 + bytes, 7);
        assert!(self.send(ANSWER, CLIENT, &payload).is_some());
    }

    fn acknowledge(&mut self, block: u16) {
        let [high, low] = block.to_be_bytes();
        assert!(self.send(CLIENT, ANSWER, &[0, 4, high, low]).is_some());
    }

    fn end(mut self) -> Transfer {
        let left = self.tracker.finish().pop().or(self.last);
        match left {
            Some(transfer) => transfer,
            None => panic!("there was a transfer"),
        }
    }
}

/// A read request was sent.
fn reading() -> Scene {
    let mut scene = Scene::new(Limits::default());
    let seen = scene.send(CLIENT, SERVER, b"\0\x01f\0octet\0");
    assert!(matches!(seen, Some(Seen::Began(_))));
    scene
}

#[test]
fn blocks_that_come_again_count_once() {
    let mut scene = reading();
    for (block, bytes) in [(1, 512), (1, 512), (2, 512), (2, 512), (3, 10), (3, 10)] {
        scene.data(block, bytes);
        scene.acknowledge(block);
    }
    let transfer = scene.end();
    assert_eq!(transfer.outcome(), Outcome::Complete);
    assert_eq!(
        (transfer.blocks, transfer.bytes, transfer.size_bytes),
        (3, 1034, Some(1034))
    );
    // The last block came again behind the end.
    assert_eq!(transfer.retransmissions, 2);
}

#[test]
fn requests_that_come_again_are_one_transfer() {
    let mut scene = reading();
    let again = scene.send(CLIENT, SERVER, b"\0\x01f\0octet\0");
    assert_eq!(
        again,
        Some(Seen::Went {
            number: 0,
            side: Side::Client
        })
    );
    scene.data(1, 5);
    scene.acknowledge(1);
    let transfer = scene.end();
    assert_eq!(
        (transfer.retransmissions, transfer.outcome()),
        (1, Outcome::Complete)
    );
}

#[test]
fn another_request_ends_the_one_before() {
    let mut scene = reading();
    scene.data(1, 512);
    let seen = scene.send(CLIENT, SERVER, b"\0\x01g\0octet\0");
    assert!(matches!(seen, Some(Seen::Began(transfer)) if transfer.number == 1));
    let ended: Vec<_> = scene
        .tracker
        .given_up()
        .iter()
        .map(Transfer::outcome)
        .collect();
    assert_eq!(ended, [Outcome::Incomplete]);
}

#[test]
fn the_last_acknowledgement_can_be_missing() {
    let mut scene = reading();
    scene.data(1, 0);
    let transfer = scene.end();
    assert_eq!(
        (transfer.outcome(), transfer.size_bytes),
        (Outcome::Unacknowledged, Some(0))
    );
}

#[test]
fn lost_blocks_are_told_and_the_size_still_holds() {
    let mut scene = reading();
    scene.data(1, 512);
    scene.data(4, 100);
    scene.acknowledge(4);
    let transfer = scene.end();
    assert_eq!((transfer.missing_blocks, transfer.bytes), (2, 612));
    assert_eq!(transfer.size_bytes, Some(3 * 512 + 100));
}

/// Numbers go round behind 65535, to 0 with most and to 1 with some.
#[test]
fn block_numbers_go_round() {
    for first in [0u64, 1] {
        let mut scene = reading();
        let blocks = 200_000u64;
        for number in 1..=blocks {
            let round = 65_536 - first;
            let block = if number < 65_536 {
                number
            } else {
                (number - first) % round + first
            };
            scene.data(block as u16, if number == blocks { 3 } else { 512 });
        }
        let transfer = scene.end();
        assert_eq!((transfer.blocks, transfer.missing_blocks), (blocks, 0));
        assert_eq!(transfer.size_bytes, Some((blocks - 1) * 512 + 3));
        assert_eq!(transfer.retransmissions, 0);
    }
}

#[test]
fn options_hold_once_they_are_acknowledged() {
    let mut scene = Scene::new(Limits::default());
    let request = b"\0\x01f\0octet\0blksize\x001428\0tsize\x000\0windowsize\x0016\0";
    scene.send(CLIENT, SERVER, request);
    scene.send(
        ANSWER,
        CLIENT,
        b"\0\x06blksize\x001024\0tsize\x001500\0windowsize\x008\0",
    );
    scene.data(1, 1024);
    scene.data(2, 476);
    scene.acknowledge(2);
    let transfer = scene.end();
    assert_eq!((transfer.block_bytes, transfer.window_blocks), (1024, 8));
    assert_eq!(
        (transfer.announced_bytes, transfer.size_bytes),
        (Some(1500), Some(1500))
    );
}

#[test]
fn an_error_says_who_and_why() {
    let mut scene = reading();
    scene.data(1, 512);
    let seen = scene.send(CLIENT, ANSWER, b"\0\x05\0\x03Disk full\0");
    assert!(matches!(seen, Some(Seen::Ended(_))));
    let transfer = scene.end();
    let error = transfer
        .error
        .as_ref()
        .map(|error| (error.side, error.code, error.text.as_str()));
    assert_eq!(error, Some((Side::Client, 3, "Disk full")));
    assert_eq!(transfer.outcome(), Outcome::Error);
}

#[test]
fn other_datagrams_are_not_claimed() {
    let mut scene = reading();
    scene.data(1, 512);
    for (from, to, payload) in [
        // Another port of the server, another client, another server.
        ("192.0.2.1:50001", CLIENT, &b"\0\x03\0\x02abc"[..]),
        (ANSWER, "192.0.2.10:2001", b"\0\x03\0\x02abc"),
        ("192.0.2.2:50000", CLIENT, b"\0\x03\0\x02abc"),
        (CLIENT, "192.0.2.1:50001", b"\0\x04\0\x01"),
        // No opcode of TFTP.
        (ANSWER, CLIENT, b"\0\x09\0\x01"),
        (ANSWER, CLIENT, b"\x80\x03\0\x01"),
    ] {
        assert_eq!(scene.send(from, to, payload), None);
    }
    assert_eq!(scene.end().blocks, 1);
}

#[test]
fn a_capture_of_one_side() {
    let mut scene = reading();
    scene.acknowledge(1);
    scene.acknowledge(2);
    let transfer = scene.end();
    assert_eq!(
        (transfer.server_port, transfer.outcome()),
        (Some(50_000), Outcome::Incomplete)
    );
}

#[test]
fn bounds() {
    let mut scene = Scene::new(Limits {
        transfers_max: 2,
        idle_ns_max: 10,
    });
    for client in ["192.0.2.10:1", "192.0.2.10:2", "192.0.2.10:3"] {
        scene.send(client, SERVER, b"\0\x02f\0octet\0");
    }
    let numbers =
        |all: Vec<Transfer>| -> Vec<u64> { all.iter().map(|transfer| transfer.number).collect() };
    assert_eq!(numbers(scene.tracker.given_up()), [0]);
    assert_eq!(numbers(scene.tracker.expire(12)), []);
    assert_eq!(numbers(scene.tracker.expire(13)), [1]);
    assert_eq!(numbers(scene.tracker.finish()), [2]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(
        datagrams in prop::collection::vec((0..4u8, 0..7u8, prop::collection::vec(any::<u8>(), 0..30), any::<bool>()), 0..60),
    ) {
        let mut tracker = Tracker::new(Limits { transfers_max: 3, idle_ns_max: 20 });
        let ends = [address(CLIENT), address(SERVER), address(ANSWER), address("192.0.2.10:9")];
        let (mut began, mut ended) = (0, 0);
        for (now_ns, (ends_of, opcode, tail, request)) in (0u64..).zip(&datagrams) {
            let mut payload = vec![0, *opcode];
            payload.extend(tail);
            if *request {
                payload = [&[0, 1 + opcode % 2][..], b"file\0octet\0blksize\x0016\0", tail].concat();
            }
            let _ = Packet::parse(&payload, payload.len() + 3);
            let _ = Packet::parse(tail, tail.len());
            let (from, to) = match ends_of { 0 => (0, 1), 1 => (2, 0), 2 => (0, 2), _ => (3, 1) };
            let seen = tracker.push(&Datagram { from: ends[from], to: ends[to], payload: &payload, wire_bytes: payload.len(), now_ns });
            match seen {
                Some(Seen::Began(_)) => began += 1,
                Some(Seen::Ended(_)) => ended += 1,
                _ => {}
            }
            ended += tracker.given_up().len();
            if *opcode == 6 {
                ended += tracker.expire(now_ns).len();
            }
        }
        ended += tracker.finish().len();
        prop_assert_eq!(began, ended, "what begins ends once");
    }

    #[test]
    fn every_front_of_a_request(file in "[a-zA-Z0-9/._ -]{1,40}", mode in "(octet|netascii|OCTET|Mail)") {
        prop_assume!(!file.starts_with(' '));
        let payload = [b"\0\x01", file.as_bytes(), b"\0", mode.as_bytes(), b"\0tsize\x000\0"].concat();
        let request = Request::parse(&payload);
        prop_assert_eq!(request.map(|request| request.file), Some(file.as_bytes()));
        for cut in 0..file.len() + mode.len() + 4 {
            prop_assert_eq!(Request::parse(payload.get(..cut).unwrap_or_default()), None);
        }
    }
}
