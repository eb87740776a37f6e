//! Mirrors deliver the two directions skewed: what is acknowledged before it is captured makes no gap, within bounds.

use informant::session::Evidence;

use crate::memory::analyse_bytes;
use crate::support::Analysis;
use crate::support::wire::{self, ACK, Connection, Endpoint};

/// An Inform of which the second segment is captured after so many packets and so much time since it was acknowledged.
fn skewed(packets: usize, microseconds: u64) -> Analysis {
    let mut connection = Connection::new(
        Endpoint::new([10, 0, 0, 1], 40_000),
        Endpoint::new([203, 0, 113, 10], 7547),
    );
    let (mut capture, mut time_us) = (wire::pcap_head(), 1_700_000_000_000_000);
    let mut put = |frame: &[u8], after_us: u64| {
        time_us += after_us;
        wire::put_record(time_us, frame, &mut capture);
    };
    for frame in connection.open() {
        put(&frame, 10);
    }
    let segments = connection.send(0, &wire::post(&wire::inform("S1", "1 BOOT")), 500);
    put(&segments[0], 10);
    put(&segments[2], 10);
    let [next, other] = connection.next;
    let acknowledgment = wire::tcp(connection.server, connection.client, other, next, ACK, b"");
    put(&acknowledgment, 10);
    for _ in 1..packets {
        put(&acknowledgment, microseconds / packets as u64);
    }
    put(&segments[1], microseconds / packets as u64);
    for (side, message) in [
        (
            1,
            wire::reply(&wire::envelope(
                "1",
                "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
            )),
        ),
        (0, wire::post("")),
        (1, wire::reply("")),
    ] {
        for frame in connection.send(side, &message, 1448) {
            put(&frame, 10);
        }
    }
    for frame in connection.close() {
        put(&frame, 10);
    }
    analyse_bytes(capture)
}

#[test]
fn within_64_packets_or_100_ms_nothing_is_missing() {
    for (packets, microseconds) in [
        (1, 50),
        (60, 90_000),
        (60, 2_000_000),
        (2, 2_500_000),
        (300, 90_000),
        (5_000, 95_000),
    ] {
        let analysis = skewed(packets, microseconds);
        let what = format!("{packets} packets, {microseconds} us");
        assert_eq!(analysis.summary.tcp.gaps, 0, "{what}");
        let informs: Vec<_> = analysis
            .messages
            .iter()
            .filter(|message| message.soap.is_some() && message.provenance.source.port() == 40_000)
            .collect();
        assert_eq!(informs.len(), 1, "{what}");
        assert_eq!(informs[0].provenance.evidence, Evidence::Complete, "{what}");
        assert_eq!(
            informs[0].http.raw,
            wire::post(&wire::inform("S1", "1 BOOT")),
            "{what}"
        );
        assert_eq!(analysis.sessions[0].outcome.name(), "complete", "{what}");
    }
}

#[test]
fn beyond_both_there_is_a_gap_and_nothing_is_stitched_over_it() {
    for (packets, microseconds) in [(70, 150_000), (5_000, 1_000_000)] {
        let analysis = skewed(packets, microseconds);
        let what = format!("{packets} packets, {microseconds} us");
        assert_eq!(analysis.summary.tcp.gaps, 1, "{what}");
        assert_eq!(analysis.summary.tcp.gap_bytes, 500, "{what}");
        let whole = wire::post(&wire::inform("S1", "1 BOOT"));
        let cut: Vec<_> = analysis
            .messages
            .iter()
            .filter(|message| message.provenance.evidence != Evidence::Complete)
            .collect();
        assert_eq!(cut.len(), 1, "{what}");
        assert!(
            whole[..500].starts_with(&cut[0].http.raw),
            "{what}: nothing from behind the gap"
        );
        // The next messages of the connection are read again.
        assert_eq!(analysis.messages.len(), 4, "{what}");
        assert_eq!(analysis.sessions[0].outcome.name(), "incomplete", "{what}");
    }
}
