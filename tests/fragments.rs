//! Packets out of fragments, all the way: what they carry is read as if it had come whole, and nesting comes to an end.

#[path = "support/fragments.rs"]
mod fragments;
mod support;

use informant::session::{Evidence, PacketTotals, TcpTotals};
use support::Analysis;
use support::wire::{self, ACK, Connection, Endpoint, PSH, RST};

fn connection() -> Connection {
    Connection::new(
        Endpoint::new([10, 0, 0, 1], 40_000),
        Endpoint::new([203, 0, 113, 10], 7547),
    )
}

/// A segment of the CPE, behind the handshake.
fn segment(connection: &Connection, flags: u8, payload: &[u8]) -> Vec<u8> {
    let [sequence, acknowledgment] = connection.next;
    let (cpe, acs) = (connection.client, connection.server);
    wire::tcp(cpe, acs, sequence, acknowledgment, flags, payload)
}

/// A frame whose headers are those of a tunnel of IP in IP, for [`fragments::fragment`].
fn tunnel() -> Vec<u8> {
    let end = |last| Endpoint::new([192, 0, 2, last], 0);
    let mut frame = wire::tcp(end(1), end(2), 0, 0, 0, b"");
    frame[PROTOCOL] = IP_IN_IP;
    frame
}

fn analyse(capture: &[u8]) -> Analysis {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), capture).expect("the capture is written");
    support::analyse_file(file.path())
}

fn analyse_frames(frames: &[Vec<u8>]) -> Analysis {
    analyse(&wire::capture(frames, 100))
}

/// So many packets of IP in IP, of each of which one fragment comes in the clear. The other one of the first comes in the
/// clear too, last of all; that of any other stands in the packet before it, and `innermost` in the last packet.
fn chain(innermost: &[u8], packets: u16) -> Vec<Vec<u8>> {
    let tunnel = tunnel();
    let mut frames = Vec::new();
    let mut payload = innermost.to_vec();
    for number in (1..=packets).rev() {
        let at = payload.len() - 8;
        let (first, last) = payload.split_at(at);
        frames.push(fragments::fragment(&tunnel, number, 0, first, true));
        let last = fragments::fragment(&tunnel, number, at, last, false);
        if number == 1 {
            frames.push(last);
        } else {
            // Four bytes behind the packet, so that the next fragment's place is a multiple of eight again.
            payload = [&last[ETHERNET..], &[0; 4]].concat();
        }
    }
    frames
}

fn counts(packets: &PacketTotals) -> [u64; 3] {
    [packets.fragments, packets.tcp, packets.malformed]
}

#[test]
fn fragments_in_tunnels_in_fragments_are_read_eight_deep() {
    let segment = segment(&connection(), ACK | PSH, b"GET / HT");
    for (deep, expected) in [(1, [2, 1, 0]), (8, [9, 1, 0]), (9, [10, 0, 0])] {
        let frames = chain(&segment[ETHERNET..], deep);
        let packets = analyse_frames(&frames).summary.packets;
        assert_eq!(counts(&packets), expected, "{deep} deep");
        let beyond = packets.unread.get("more_than_8_tunnels").copied();
        assert_eq!(beyond, (deep > 8).then_some(1), "{deep} deep");
    }
}

#[test]
fn a_frame_that_completes_thousands_of_packets_one_after_another_needs_little_stack() {
    let segment = segment(&connection(), ACK | PSH, b"GET / HT");
    let frames = chain(&segment[ETHERNET..], 4_000);
    let thread = std::thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(move || analyse_frames(&frames).summary);
    let summary = thread
        .expect("a thread")
        .join()
        .expect("the thread comes to its end");
    assert_eq!(counts(&summary.packets), [4_001, 0, 0]);
    assert_eq!(summary.defects, 0);
}

/// The frames, the last of which the snap length cut by so many bytes.
fn with_last_cut(frames: &[Vec<u8>], cut: usize) -> Vec<u8> {
    let (last, others) = frames.split_last().expect("a frame");
    let mut bytes = wire::capture(others, 100);
    let mut record = wire::record(1_700_000_001_000_000, &last[..last.len() - cut]);
    record[12..16].copy_from_slice(&(last.len() as u32).to_le_bytes());
    bytes.extend(record);
    bytes
}

#[test]
fn a_last_fragment_that_was_cut_leaves_the_hole_of_the_whole_segment() {
    let mut connection = connection();
    let open = connection.open();
    let post = wire::post(&wire::inform("1", "2 PERIODIC"));
    let segment = segment(&connection, ACK | PSH, &post);
    let numbers = |tcp: &TcpTotals| [tcp.gaps, tcp.gap_bytes, tcp.retransmissions];
    for cuts in [vec![], vec![400], vec![8, 16, 24, 32, 400, 800]] {
        let mut frames = open.clone();
        frames.extend(fragments::fragments(&segment, 7, &cuts));
        let summary = analyse(&with_last_cut(&frames, 100)).summary;
        assert_eq!(numbers(&summary.tcp), [1, 100, 0], "cut at {cuts:?}");
        assert_eq!(summary.packets.tcp, 4);
    }
}

#[test]
fn a_packet_that_was_cut_in_its_transport_header_is_counted_so() {
    let segment = segment(&connection(), ACK | PSH, b"GET / HT");
    let frames = fragments::fragments(&segment, 7, &[16]);
    let packets = analyse(&with_last_cut(&frames, segment.len() - 50))
        .summary
        .packets;
    assert_eq!((packets.fragments, packets.tcp, packets.cut), (2, 0, 1));
}

#[test]
fn a_segment_that_resets_is_read_to_its_end_in_fragments_too() {
    let mut connection = connection();
    let open = connection.open();
    let post = wire::post(&wire::inform("1", "2 PERIODIC"));
    let segment = segment(&connection, ACK | PSH | RST, &post);
    for cuts in [vec![], vec![400], vec![8, 16, 24, 400, 800]] {
        let mut frames = open.clone();
        frames.extend(fragments::fragments(&segment, 7, &cuts));
        let analysis = analyse_frames(&frames);
        let [message] = analysis.messages.as_slice() else {
            panic!("{} messages", analysis.messages.len())
        };
        let evidence = message.provenance.evidence;
        assert_eq!(evidence, Evidence::Complete, "cut at {cuts:?}");
    }
}

#[test]
fn a_contradiction_in_the_trailer_of_a_tunnel_is_none_of_the_segment() {
    let mut connection = connection();
    let open = connection.open();
    let post = wire::post(&wire::inform("1", "2 PERIODIC"));
    let (said, rest) = post.split_at(400);
    let mut inner = segment(&connection, ACK | PSH, said).split_off(ETHERNET);
    connection.next[0] += 400;
    let end = inner.len();
    inner.extend([b'a'; 40]);
    let mut other = inner.clone();
    other[end..].fill(b'b');
    other[end - 1] ^= 1;
    // What differs begins with the last byte of the segment, and with the trailer.
    for (at, bytes) in [(end - 8, 1), (end, 0)] {
        let tunnel = tunnel();
        let mut frames = open.clone();
        frames.push(fragments::fragment(&tunnel, 7, at, &inner[at..], false));
        frames.push(fragments::fragment(&tunnel, 7, at, &other[at..], false));
        frames.push(fragments::fragment(&tunnel, 7, 0, &inner[..at], true));
        frames.push(segment(&connection, ACK | PSH, rest));
        let analysis = analyse_frames(&frames);
        let [message] = analysis.messages.as_slice() else {
            panic!("{} messages", analysis.messages.len())
        };
        let told: u64 = message
            .provenance
            .overlaps
            .iter()
            .map(|overlap| overlap.length)
            .sum();
        assert_eq!(told, bytes, "{:?}", message.provenance.overlaps);
        assert_eq!(analysis.summary.tcp.overlap_conflicts, 1);
    }
}

const ETHERNET: usize = 14;
/// Where a frame has the protocol in the IP header.
const PROTOCOL: usize = ETHERNET + 9;
const IP_IN_IP: u8 = 4;
