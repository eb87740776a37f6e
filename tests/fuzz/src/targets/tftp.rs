//! Datagrams of a few endpoints: each transfer begins once and ends once, and counts no more than was sent.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tftp::{Datagram, Limits, Options, Packet, Request, Seen, Tracker, Transfer};

use super::tape::Tape;

/// One byte of settings; then for each datagram one byte that says between whom and when, two with the length, and the
/// payload.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let limits = if tape.byte() & 1 == 0 {
        Limits::default()
    } else {
        TIGHT
    };
    let mut followed = Followed {
        tracker: Tracker::new(limits),
        limits,
        open: BTreeMap::new(),
        began: 0,
        sent_bytes: 0,
        sent: 0,
    };
    let mut now_ns = 0_u64;
    while !tape.is_over() {
        let kind = tape.byte();
        let length = usize::from(tape.word());
        let payload = tape.bytes(length);
        now_ns += if kind & 0x40 == 0 {
            1_000_000
        } else {
            SECOND_NS
        };
        if kind & 0x20 != 0 {
            let given_up = followed.tracker.expire(now_ns);
            followed.ended(given_up);
        }
        let wire_bytes = payload.len() + if kind & 0x80 == 0 { 0 } else { 512 };
        let (from, to) = endpoints(kind);
        look_at(payload, wire_bytes);
        followed.push(&Datagram {
            from,
            to,
            payload,
            wire_bytes,
            now_ns,
        });
    }
    let left = followed.tracker.finish();
    followed.ended(left);
    assert!(followed.open.is_empty(), "a transfer began and did not end");
    assert!(followed.tracker.finish().is_empty());
}

/// What was told of the transfers.
struct Followed {
    tracker: Tracker,
    limits: Limits,
    /// Those that did not end, by number.
    open: BTreeMap<u64, SocketAddr>,
    began: u64,
    sent_bytes: u64,
    sent: u64,
}

impl Followed {
    fn push(&mut self, datagram: &Datagram<'_>) {
        self.sent += 1;
        self.sent_bytes += datagram.wire_bytes as u64;
        let seen = self.tracker.push(datagram);
        // What a request ended was before it.
        let given_up = self.tracker.given_up();
        self.ended(given_up);
        match seen {
            Some(Seen::Began(transfer)) => {
                assert_eq!(transfer.number, self.began, "numbers are counted");
                assert_eq!(
                    (transfer.client, transfer.server),
                    (datagram.from, datagram.to)
                );
                assert!(Request::parse(datagram.payload).is_some());
                self.began += 1;
                self.look_at(&transfer);
                self.open.insert(transfer.number, transfer.client);
                assert!(self.open.len() <= self.limits.transfers_max);
            }
            Some(Seen::Ended(transfer)) => {
                assert!(transfer.is_over());
                self.ended(vec![*transfer]);
            }
            Some(Seen::Went { number, .. }) => assert!(number < self.began),
            None => {}
        }
    }

    fn ended(&mut self, transfers: Vec<Transfer>) {
        for transfer in transfers {
            self.look_at(&transfer);
            let client = self.open.remove(&transfer.number);
            assert_eq!(client, Some(transfer.client), "it ends once");
        }
    }

    fn look_at(&self, transfer: &Transfer) {
        assert!(transfer.bytes <= self.sent_bytes);
        assert!(transfer.blocks + transfer.retransmissions <= self.sent);
        assert!(transfer.began_ns <= transfer.last_ns);
        let _ = (transfer.outcome().name(), transfer.direction.name());
    }
}

/// A packet that is a request is one by itself; texts lie in the payload.
fn look_at(payload: &[u8], wire_bytes: usize) {
    let packet = Packet::parse(payload, wire_bytes);
    let request = Request::parse(payload);
    assert_eq!(
        matches!(packet, Some(Packet::Request(_))),
        request.is_some()
    );
    if let Some(request) = request {
        assert!(!request.file.is_empty() && !request.file_text().is_empty());
        look_at_options(request.options, payload);
    }
    match packet {
        Some(Packet::Data {
            data, data_bytes, ..
        }) => {
            assert!(data.len() <= data_bytes && data_bytes <= wire_bytes);
        }
        Some(Packet::Error { code, text }) => {
            assert!(text.len() + 4 <= payload.len());
            let _ = tftp::error_name(code);
        }
        Some(Packet::OptionAcknowledgement(options)) => look_at_options(options, payload),
        _ => {}
    }
}

fn look_at_options(options: Options<'_>, payload: &[u8]) {
    let mut bytes = 0;
    for option in options {
        assert!(!option.name.is_empty());
        bytes += option.name.len() + option.value.len() + 2;
    }
    assert!(bytes <= payload.len());
    let _ = (options.transfer_size_bytes(), options.timeout_s());
    let _ = (options.block_bytes(), options.window_blocks());
}

/// Two bits of client, then whether the server sends, from which port, and which of two servers.
fn endpoints(kind: u8) -> (SocketAddr, SocketAddr) {
    let address = |last: u8| IpAddr::V4(Ipv4Addr::new(192, 0, 2, last));
    let client = SocketAddr::new(address(10 + kind % 3), 2000 + u16::from(kind & 3));
    let port = if kind & 8 == 0 { 69 } else { 30_000 };
    let server = SocketAddr::new(address(1 + (kind >> 4 & 1)), port);
    if kind & 4 == 0 {
        (client, server)
    } else {
        (server, client)
    }
}

/// Bounds that a few datagrams reach.
const TIGHT: Limits = Limits {
    transfers_max: 2,
    idle_ns_max: SECOND_NS / 2,
};
const SECOND_NS: u64 = 1_000_000_000;
