//! Conversations of devices with an ACS, then what networks do to their packets: what comes out is what was said.

use informant::pipeline::Limits;
use informant::session::Message;

use super::analysis::{Analysis, analyse_bytes};
use super::tape::Tape;
use super::wire;

/// One byte of settings, the exchanges of each connection, then the fate of each packet.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let settings = tape.byte();
    let connections: Vec<Conversation> = (0..1 + usize::from(settings & 3))
        .map(|index| Conversation::of(index, &mut tape))
        .collect();
    let lossy = settings & 4 != 0;
    let mut packets = interleaved(&connections, &mut tape);
    let lost = packets.meet_their_fate(lossy, &mut tape);
    let capture = wire::capture(&packets.frames(), STEP_US);
    let analysis = analyse_bytes(&capture, 1, Limits::default());
    analysis.check();
    // The clock of these captures never runs back.
    let messages = analysis.messages.iter();
    assert!(
        messages.is_sorted_by_key(|message| message.provenance.time),
        "messages out of order"
    );
    for (index, connection) in connections.iter().enumerate() {
        let lost: Vec<&Sent> = lost
            .iter()
            .filter(|sent| sent.connection == index)
            .collect();
        connection.check(&analysis, &lost);
    }
    if settings & 8 != 0 {
        let shared = analyse_bytes(&capture, 2, Limits::default());
        assert!(analysis.said() == shared.said(), "threads matter");
    }
}

/// A packet, and the bytes of which stream it carries.
#[derive(Clone)]
struct Sent {
    connection: usize,
    side: usize,
    /// Offset in the stream.
    from: usize,
    to: usize,
    frame: Vec<u8>,
}

/// One connection: what each side says, and the packets that carry it.
struct Conversation {
    client: wire::Endpoint,
    /// The stream of the client, and that of the server.
    streams: [Vec<u8>; 2],
    /// Of each side, where each message begins and ends.
    messages: [Vec<(usize, usize)>; 2],
    packets: Vec<Sent>,
}

impl Conversation {
    fn of(index: usize, tape: &mut Tape<'_>) -> Self {
        let client = wire::Endpoint::new([10, 0, 0, 1], 40_000 + index as u16);
        let server = wire::Endpoint::new([203, 0, 113, 10], 7547);
        let mut connection = wire::Connection::new(client, server);
        // Near the wrap more often than not.
        connection.next = [u32::MAX - u32::from(tape.word()), tape.double_word()];
        let mut conversation = Self {
            client,
            streams: Default::default(),
            messages: Default::default(),
            packets: Vec::new(),
        };
        conversation.plain(index, connection.open());
        let serial_number = format!("A{index}");
        for _ in 0..1 + tape.byte() % 6 {
            let (request, response) = (tape.byte(), tape.byte());
            let segment = 40 + 11 * usize::from(tape.byte());
            let request = request_of(request, &serial_number, tape);
            conversation.say(index, &mut connection, 0, &request, segment);
            let response = response_of(response, tape);
            conversation.say(index, &mut connection, 1, &response, segment);
        }
        conversation.plain(index, connection.close());
        conversation
    }

    fn plain(&mut self, connection: usize, frames: Vec<Vec<u8>>) {
        self.packets.extend(frames.into_iter().map(|frame| Sent {
            connection,
            side: 0,
            from: 0,
            to: 0,
            frame,
        }));
    }

    fn say(
        &mut self,
        index: usize,
        connection: &mut wire::Connection,
        side: usize,
        bytes: &[u8],
        segment: usize,
    ) {
        let mut from = self.streams[side].len();
        self.messages[side].push((from, from + bytes.len()));
        self.streams[side].extend_from_slice(bytes);
        for frame in connection.send(side, bytes, segment) {
            let to = from + frame.len() - HEADERS_BYTES;
            self.packets.push(Sent {
                connection: index,
                side,
                from,
                to,
                frame,
            });
            from = to;
        }
    }

    /// Nothing was made up; what nothing is missing of is there.
    fn check(&self, analysis: &Analysis, lost: &[&Sent]) {
        for side in 0..2 {
            let told: Vec<&Message> = analysis
                .messages
                .iter()
                .filter(|message| self.is_mine(message, side))
                .collect();
            let stream = &self.streams[side];
            for message in &told {
                let from = usize::try_from(message.http.stream_offset).unwrap_or(usize::MAX);
                let raw = stream.get(from..from.saturating_add(message.http.raw.len()));
                assert!(
                    raw == Some(&message.http.raw) || message.http.cut.is_some(),
                    "a message at {from} that nobody sent"
                );
                if message.http.cut.is_none() {
                    let to = usize::try_from(message.http.stream_end).unwrap_or(usize::MAX);
                    assert!(
                        self.messages[side].contains(&(from, to)),
                        "a whole message of {from}..{to} that nobody sent"
                    );
                }
            }
            for (from, to) in &self.messages[side] {
                let touched = lost
                    .iter()
                    .any(|sent| sent.side == side && sent.from < *to && *from < sent.to);
                let found = told.iter().any(|message| {
                    let http = &message.http;
                    http.cut.is_none()
                        && http.stream_offset == *from as u64
                        && http.stream_end == *to as u64
                });
                assert!(
                    found || touched,
                    "side {side}: the message of {from}..{to} is lost"
                );
            }
        }
        if lost.is_empty() {
            assert_eq!(
                analysis
                    .messages
                    .iter()
                    .filter(|message| self.is_mine(message, 0))
                    .count(),
                self.messages[0].len(),
                "more messages than were sent"
            );
        }
    }

    fn is_mine(&self, message: &Message, side: usize) -> bool {
        let ends = [message.provenance.source, message.provenance.destination];
        ends[side].port() == self.client.port
    }
}

/// The packets of several connections in one capture.
struct Packets(Vec<(usize, Sent)>);

/// The connections take turns.
fn interleaved(connections: &[Conversation], tape: &mut Tape<'_>) -> Packets {
    let mut queues: Vec<std::slice::Iter<'_, Sent>> = connections
        .iter()
        .map(|connection| connection.packets.iter())
        .collect();
    let mut packets = Vec::new();
    let mut turn = 0;
    while queues.iter().any(|queue| queue.len() > 0) {
        turn += 1 + usize::from(tape.byte() & 1);
        let queue = turn % queues.len();
        let at = (0..queues.len())
            .map(|offset| (queue + offset) % queues.len())
            .find(|at| queues[*at].len() > 0);
        let next = at.and_then(|at| queues[at].next());
        packets.extend(next.map(|sent| (packets.len(), sent.clone())));
    }
    Packets(packets)
}

impl Packets {
    /// Some come late, some twice, some never; which ones did not come is told.
    fn meet_their_fate(&mut self, lossy: bool, tape: &mut Tape<'_>) -> Vec<Sent> {
        let mut lost = Vec::new();
        let mut arrived = Vec::new();
        for (place, sent) in self.0.drain(..) {
            let fate = if sent.to > sent.from { tape.byte() } else { 0 };
            let delay = usize::from(fate >> 4);
            match fate & 15 {
                1 | 2 if lossy => lost.push(sent),
                3 => {
                    arrived.push((place, sent.clone()));
                    arrived.push((place + delay, sent));
                }
                4..=6 => arrived.push((place + delay, sent)),
                _ => arrived.push((place, sent)),
            }
        }
        arrived.sort_by_key(|(place, _)| *place);
        self.0 = arrived;
        lost
    }

    fn frames(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|(_, sent)| sent.frame.clone()).collect()
    }
}

fn request_of(kind: u8, serial_number: &str, tape: &mut Tape<'_>) -> Vec<u8> {
    match kind % 6 {
        0 => wire::post(&wire::inform(serial_number, "2 PERIODIC")),
        1 => {
            let body = wire::inform(serial_number, "1 BOOT");
            let head = "POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Type: text/xml\r\n";
            chunked(head, body.as_bytes(), tape)
        }
        2 => b"GET /file HTTP/1.1\r\nHost: files\r\n\r\n".to_vec(),
        3 => {
            let body = letters(tape);
            format!(
                "PUT /f HTTP/1.1\r\nHost: f\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        }
        _ => wire::post(""),
    }
}

fn response_of(kind: u8, tape: &mut Tape<'_>) -> Vec<u8> {
    match kind % 6 {
        0 => wire::reply(&wire::envelope(
            "1",
            "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
        )),
        1 => chunked("HTTP/1.1 200 OK\r\n", letters(tape).as_bytes(), tape),
        2 => b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n".to_vec(),
        3 => {
            let body = letters(tape);
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
        }
        4 => wire::reply(&wire::envelope(
            "2",
            "<cwmp:GetParameterNames><ParameterPath>Device.</ParameterPath><NextLevel>0</NextLevel></cwmp:GetParameterNames>",
        )),
        _ => wire::reply(""),
    }
}

/// A body that cannot be taken for a start line.
fn letters(tape: &mut Tape<'_>) -> String {
    let length = usize::from(tape.byte()) * 8;
    let byte = tape.byte();
    (0..length)
        .map(|at| char::from(b'a' + (byte.wrapping_add((at % 23) as u8)) % 26))
        .collect()
}

fn chunked(head: &str, body: &[u8], tape: &mut Tape<'_>) -> Vec<u8> {
    let mut out = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for chunk in body.chunks(1 + usize::from(tape.word() % 700)) {
        out.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        out.extend_from_slice(chunk);
        out.extend(b"\r\n");
    }
    out.extend(b"0\r\n\r\n");
    out
}

/// Ethernet, IPv4 and TCP without options.
const HEADERS_BYTES: usize = 54;
/// Sixteen places late is less than the skew of a mirror port.
const STEP_US: u64 = 100;
