//! Sessions that are not whole, or not plain: what is missing stays missing, what is hidden stays hidden, and the session
//! stays the same.

mod bodies;

use std::io::Write as _;

use informant::session::{Evidence, Masking, Outcome};
use informant::source::{Block, BlockKind, Payload, Speaker, Timestamp, Writer};

use crate::support::Analysis;
use crate::{HIDDEN, SHOWN, messages, read, written};

const CPE: &str = "10.0.0.2:40112";
const ACS: &str = "10.0.0.1:7547";

/// A transcript in the making: what was on the wire, byte by byte.
struct Wire {
    writer: Writer,
    text: String,
    now_ns: i64,
}

impl Wire {
    fn new() -> Self {
        let mut text = String::new();
        let writer = Writer::new(at(0), &mut text);
        Self {
            writer,
            text,
            now_ns: 0,
        }
    }

    /// A session that begins with its Inform and the answer.
    fn begun() -> Self {
        Self::new().cpe(&post(&inform())).acs(&ok(&envelope(
            "1",
            "<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>",
        )))
    }

    fn cpe(self, bytes: &[u8]) -> Self {
        self.block(Speaker::Cpe, BlockKind::Stream, bytes)
    }

    fn acs(self, bytes: &[u8]) -> Self {
        self.block(Speaker::Acs, BlockKind::Stream, bytes)
    }

    fn block(mut self, speaker: Speaker, kind: BlockKind, bytes: &[u8]) -> Self {
        let (source, destination) = match speaker {
            Speaker::Cpe => (CPE, ACS),
            Speaker::Acs => (ACS, CPE),
        };
        self.now_ns += 10_000_000;
        let time = at(self.now_ns);
        let block = Block {
            speaker,
            source: source.parse().expect("an address"),
            destination: destination.parse().expect("an address"),
            since: time,
            kind,
        };
        self.writer
            .block(&block, time, &Payload::exact(bytes), &mut self.text);
        self
    }

    /// The end as it should be.
    fn ended(self) -> Self {
        self.acs(b"HTTP/1.1 204 No Content\r\n\r\n")
    }
}

fn at(nanoseconds: i64) -> Timestamp {
    Timestamp {
        nanoseconds: 1_700_000_000_000_000_000 + nanoseconds,
        digits: 6,
    }
}

fn envelope(id: &str, body: &str) -> Vec<u8> {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:c=\"urn:dslforum-org:cwmp-1-0\">\
         <s:Header><c:ID>{id}</c:ID></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    .into_bytes()
}

fn inform() -> Vec<u8> {
    envelope(
        "1",
        "<c:Inform><DeviceId><Manufacturer>M</Manufacturer><OUI>001122</OUI><ProductClass>P</ProductClass>\
         <SerialNumber>W1</SerialNumber></DeviceId><Event><EventStruct><EventCode>2 PERIODIC</EventCode><CommandKey/>\
         </EventStruct></Event><RetryCount>0</RetryCount><ParameterList/></c:Inform>",
    )
}

/// The ACS sets a password.
fn set() -> Vec<u8> {
    envelope("a1", SET)
}

fn set_answer() -> Vec<u8> {
    envelope(
        "a1",
        "<c:SetParameterValuesResponse><Status>0</Status></c:SetParameterValuesResponse>",
    )
}

fn with_head(start: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("{start}\r\nContent-Type: text/xml\r\n{fields}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn post(body: &[u8]) -> Vec<u8> {
    with_head(
        "POST /acs HTTP/1.1",
        "Host: acs\r\nSOAPAction: \"\"\r\n",
        body,
    )
}

fn ok(body: &[u8]) -> Vec<u8> {
    with_head("HTTP/1.1 200 OK", "", body)
}

fn empty_post() -> Vec<u8> {
    b"POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Length: 0\r\n\r\n".to_vec()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut coder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    coder.write_all(bytes).expect("memory takes it");
    coder.finish().expect("memory takes it")
}

/// What must be the same of a session, however it is written.
fn told(analysis: &Analysis) -> String {
    let [session] = analysis.sessions.as_slice() else {
        return format!("{} sessions", analysis.sessions.len());
    };
    let rpcs: Vec<String> = session
        .rpcs
        .iter()
        .map(|rpc| {
            format!(
                "{} {:?} {:?} {:?} {:?}",
                rpc.method, rpc.id, rpc.response, rpc.fault_code, rpc.elapsed_ms
            )
        })
        .collect();
    let steps: Vec<String> = session
        .steps
        .iter()
        .map(|step| {
            format!(
                "{:?} {:?} {:?} {:?}",
                step.time, step.from, step.kind, step.status
            )
        })
        .collect();
    format!(
        "{:?} {:?} {:?} {:?} gaps {} connections {} {rpcs:#?} {steps:#?}",
        session.device,
        session.events,
        session.outcome,
        session.start,
        session.gaps > 0,
        session.connections.len()
    )
}

/// Writes the session both ways, and reads it again; gives what was read, and the text without secrets.
fn there_and_back(wire: Wire) -> (Analysis, String) {
    let first = read(&wire.text);
    assert_eq!(first.problems, [""; 0], "{}", wire.text);
    assert_eq!(first.sessions.len(), 1, "{}", wire.text);
    let again = |masking: Masking| {
        let text = written(&first, &first.sessions[0], masking);
        let again = read(&text);
        assert_eq!(again.problems, [""; 0], "{text}");
        assert_eq!(told(&again), told(&first), "{}\nbecame\n{text}", wire.text);
        text
    };
    let shown = again(SHOWN);
    let blocks = |text: &str| text.split_once("\n\n").map(|(_, blocks)| blocks.to_owned());
    let twice = read(&shown);
    assert_eq!(
        blocks(&written(&twice, &twice.sessions[0], SHOWN)),
        blocks(&shown)
    );
    let hidden = again(HIDDEN);
    for secret in [SECRET, "h\\x00u\\x00n", "hun\\", "ter2"] {
        assert!(!hidden.contains(secret), "{secret} in {hidden}");
    }
    (first, hidden)
}

#[test]
fn a_plain_session_with_a_secret() {
    let wire = Wire::begun().cpe(&empty_post()).acs(&ok(&set()));
    let (first, hidden) = there_and_back(wire.cpe(&post(&set_answer())).ended());
    assert_eq!(first.sessions[0].outcome, Outcome::Complete);
    assert!(hidden.contains("Content-Length: auto\n"));
    assert!(hidden.contains("# secrets in the body are masked"));
    assert!(hidden.contains("<Value>&lt;masked&gt;</Value>"));
}

#[test]
fn a_body_cut_by_a_gap_keeps_its_front_and_its_end() {
    for front in [40, 320, 420] {
        let whole = ok(&set());
        let head = whole.len() - set().len();
        let (there, lost) = whole.split_at(head + front);
        let wire = Wire::begun().cpe(&empty_post()).acs(there).block(
            Speaker::Acs,
            BlockKind::Gap(Some(lost.len() as u32)),
            b"",
        );
        let (first, hidden) = there_and_back(wire.cpe(&post(&set_answer())).ended());
        assert_eq!(first.sessions[0].outcome, Outcome::Incomplete);
        let told = messages(&first, &first.sessions[0]);
        assert_eq!(told[3].provenance.evidence, Evidence::Gap);
        assert!(
            hidden.contains(&format!(" gap {}\n", lost.len())),
            "{hidden}"
        );
    }
}

#[test]
fn a_chunked_body_cut_by_a_gap() {
    let body = set();
    let (there, lost) = body.split_at(420);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut sent = format!("{head}{:x}\r\n", body.len()).into_bytes();
    sent.extend_from_slice(there);
    let missing = BlockKind::Gap(Some(lost.len() as u32 + 7));
    let wire = Wire::begun().cpe(&empty_post()).acs(&sent);
    let wire = wire.block(Speaker::Acs, missing, b"");
    there_and_back(wire.cpe(&post(&set_answer())).ended());
}

#[test]
fn small_chunks_hide_no_secret() {
    let mut sent =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for piece in set().chunks(3) {
        sent.extend(format!("{:x};x=y\r\n", piece.len()).into_bytes());
        sent.extend_from_slice(piece);
        sent.extend_from_slice(b"\r\n");
    }
    sent.extend_from_slice(b"0\r\nSet-Cookie: id=hunter2\r\n\r\n");
    let wire = Wire::begun().cpe(&empty_post()).acs(&sent);
    let (_, hidden) = there_and_back(wire.cpe(&post(&set_answer())).ended());
    assert!(hidden.contains(" chunked\n"));
}

#[test]
fn a_trailer_with_a_secret_is_not_written() {
    let body = String::from_utf8(set()).expect("text").replace(SECRET, "");
    let sent = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\nSet-Cookie: id=hunter2\r\n\r\n",
        body.len()
    );
    let wire = Wire::begun().cpe(&empty_post()).acs(sent.as_bytes());
    there_and_back(wire.cpe(&post(&set_answer())).ended());
}

#[test]
fn coded_bodies_are_written_plain() {
    for (coded, fields, words) in [
        (gzip(&set()), "Content-Encoding: gzip\r\n", " gzip\n"),
        (
            gzip(&gzip(&set())),
            "Content-Encoding: gzip, gzip\r\n",
            " gzip gzip\n",
        ),
    ] {
        let sent = with_head("HTTP/1.1 200 OK", fields, &coded);
        let wire = Wire::begun().cpe(&empty_post()).acs(&sent);
        let (_, hidden) = there_and_back(wire.cpe(&post(&set_answer())).ended());
        assert!(hidden.contains(words) && hidden.contains("Content-Length: auto"));
        assert!(hidden.contains("&lt;masked&gt;"));
    }
}

#[test]
fn a_coded_body_that_is_not_whole_is_left_out_where_secrets_are_hidden() {
    let sent = with_head(
        "HTTP/1.1 200 OK",
        "Content-Encoding: gzip\r\n",
        &gzip(&set()),
    );
    let (there, lost) = sent.split_at(sent.len() - 30);
    let missing = BlockKind::Gap(Some(lost.len() as u32));
    let wire = Wire::begun().cpe(&empty_post()).acs(there);
    let wire = wire
        .block(Speaker::Acs, missing, b"")
        .cpe(&post(&set_answer()))
        .ended();
    let first = read(&wire.text);
    let hidden = written(&first, &first.sessions[0], HIDDEN);
    assert!(hidden.contains(LEFT_OUT));
    assert!(!hidden.contains(SECRET));
    let again = read(&hidden);
    assert_eq!(again.sessions[0].outcome, Outcome::Incomplete);
    assert_eq!(again.messages.len(), first.messages.len());
    let shown = written(&first, &first.sessions[0], SHOWN);
    assert_eq!(told(&read(&shown)), told(&first));
}

#[test]
fn wide_letters_hide_no_secret() {
    for big in [true, false] {
        let text = String::from_utf8(set()).expect("text");
        let mut wide: Vec<u8> = Vec::new();
        for unit in "\u{feff}".encode_utf16().chain(text.encode_utf16()) {
            wide.extend(if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            });
        }
        let wire = Wire::begun().cpe(&empty_post()).acs(&ok(&wide));
        let (first, hidden) = there_and_back(wire.cpe(&post(&set_answer())).ended());
        assert_eq!(first.sessions[0].outcome, Outcome::Complete);
        assert!(hidden.contains(if big {
            r"\x00P\x00a\x00s"
        } else {
            r"P\x00a\x00s\x00"
        }));
    }
}

#[test]
fn heads_with_odd_line_ends() {
    let bare = |bytes: Vec<u8>| {
        String::from_utf8_lossy(&bytes)
            .replace("\r\n", "\n")
            .into_bytes()
    };
    let wire = Wire::begun()
        .cpe(&bare(empty_post()))
        .acs(&bare(ok(&set())));
    let (first, hidden) = there_and_back(wire.cpe(&bare(post(&set_answer()))).ended());
    assert_eq!(first.sessions[0].outcome, Outcome::Complete);
    assert!(hidden.contains(" raw\n"));

    let chunked = format!(
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Type: text/xml\n\n{:x}\n{}\n0\n\n",
        set().len(),
        String::from_utf8_lossy(&set())
    );
    let wire = Wire::begun().cpe(&empty_post()).acs(chunked.as_bytes());
    there_and_back(wire.cpe(&post(&set_answer())).ended());
}

#[test]
fn what_was_sent_is_not_filled_in() {
    let sent = "POST /acs HTTP/1.1\r\nContent-Length: auto\r\nContent-Length: 0\r\nX: a\\b\r\n\r\n";
    let wire = Wire::begun().cpe(sent.as_bytes()).ended();
    let (first, hidden) = there_and_back(wire);
    assert!(hidden.contains("Content-Length: \\x61uto\n") && hidden.contains("X: a\\\\b\n"));
    let told = messages(&first, &first.sessions[0]);
    assert_eq!(told[2].http.raw, sent.as_bytes());
}

#[test]
fn ends_of_connections() {
    let closed = |kind| Wire::begun().block(Speaker::Cpe, kind, b"");
    let (first, hidden) = there_and_back(closed(BlockKind::Reset));
    assert_eq!(first.sessions[0].outcome, Outcome::Aborted);
    assert!(hidden.contains(" fin\n"));
    // One side alone has closed: the capture ends before the connection does.
    let (first, _) = there_and_back(closed(BlockKind::Fin));
    assert_eq!(first.sessions[0].outcome, Outcome::Incomplete);

    let mut wire = Wire::begun();
    wire.now_ns += 3_600_000_000_000;
    let (first, hidden) = there_and_back(wire.block(Speaker::Cpe, BlockKind::Quiet, b""));
    assert_eq!(first.sessions[0].outcome, Outcome::Aborted);
    assert!(hidden.contains("@600.010000 quiet\n"), "{hidden}");
}

#[test]
fn a_message_ends_with_its_connection() {
    let body = String::from_utf8(set()).expect("text");
    let old = format!("HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n{body}");
    let wire = Wire::begun().cpe(&empty_post()).acs(old.as_bytes());
    let wire = wire.block(Speaker::Acs, BlockKind::Fin, b"");
    let wire = wire.block(Speaker::Cpe, BlockKind::Fin, b"");
    // The device goes on between the same ports.
    let (first, hidden) = there_and_back(wire.cpe(&post(&set_answer())).ended());
    let session = &first.sessions[0];
    assert_eq!(
        (session.outcome, session.connections.len()),
        (Outcome::Complete, 2)
    );
    assert_eq!(hidden.matches(" fin\n").count(), 2);

    let whole = post(&set_answer());
    let wire = Wire::begun().cpe(&empty_post()).acs(&ok(&set()));
    let wire = wire.cpe(&whole[..whole.len() - 20]);
    let (first, _) = there_and_back(wire.block(Speaker::Cpe, BlockKind::Reset, b""));
    assert_eq!(first.sessions[0].outcome, Outcome::Aborted);
}

#[test]
fn a_request_that_is_missing_gives_its_answer_to_no_other() {
    let wire = Wire::begun().block(Speaker::Cpe, BlockKind::Gap(None), b"");
    let wire = wire.acs(&ok(&set())).cpe(&post(&set_answer())).ended();
    let (first, hidden) = there_and_back(wire);
    assert_eq!(first.sessions[0].outcome, Outcome::Incomplete);
    assert!(
        hidden.contains(" gap 1\n") || hidden.contains(" gap\n"),
        "{hidden}"
    );
}

#[test]
fn an_answer_that_begins_a_connection_behind_another_lacks_its_request() {
    let over = |wire: Wire| wire.block(Speaker::Acs, BlockKind::Fin, b"");
    let ended = |wire: Wire| wire.cpe(&post(&set_answer())).ended();
    let gaps = |wire: Wire| read(&wire.text).summary.tcp.gaps;
    assert_eq!(gaps(over(Wire::begun()).cpe(&post(&set_answer()))), 0);
    // The device has not closed, but what the ACS says behind its end is said on another connection.
    assert_eq!(gaps(ended(over(Wire::begun()).acs(&ok(&set())))), 1);
}

#[test]
fn a_session_whose_beginning_is_missing() {
    let wire = Wire::new()
        .acs(&ok(&set()))
        .cpe(&post(&set_answer()))
        .ended();
    let (first, _) = there_and_back(wire);
    assert_eq!(first.sessions[0].outcome, Outcome::Incomplete);
}

#[test]
fn interim_answers_and_bodies_that_are_no_soap() {
    let page = with_head(
        "HTTP/1.1 503 Busy",
        "",
        "<html>hello</html>\n".repeat(300).as_bytes(),
    );
    let wire = Wire::new().acs_continue().cpe(&empty_post()).acs(&page);
    there_and_back(wire);

    // Nobody asked for this body to be kept.
    let page = with_head("HTTP/1.1 200 OK", "", &[b'x'; 3000]);
    let wire = Wire::begun().cpe(&empty_post()).acs(&page);
    let first = read(&wire.text);
    let text = written(&first, &first.sessions[0], SHOWN);
    assert!(
        text.contains("# 3000 bytes of the body were not kept\n") && text.contains(" gap 3000\n")
    );
    assert_eq!(read(&text).messages.len(), first.messages.len());
}

impl Wire {
    /// The head of an Inform, and what a cautious device waits for.
    fn acs_continue(self) -> Self {
        let whole = post(&inform());
        let (head, body) = whole.split_at(whole.len() - inform().len());
        self.cpe(head)
            .acs(b"HTTP/1.1 100 Continue\r\n\r\n")
            .cpe(body)
            .acs(&ok(&envelope(
                "1",
                "<c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse>",
            )))
    }
}

const SECRET: &str = "hunter2";
const LEFT_OUT: &str = " bytes of the body are left out, since secrets in them cannot be masked";
const SET: &str = "<c:SetParameterValues><ParameterList><ParameterValueStruct>\
    <Name>InternetGatewayDevice.ManagementServer.Password</Name><Value>hunter2</Value></ParameterValueStruct>\
    <ParameterValueStruct><Name>InternetGatewayDevice.ManagementServer.PeriodicInformInterval</Name><Value>30</Value>\
    </ParameterValueStruct></ParameterList><ParameterKey/></c:SetParameterValues>";
