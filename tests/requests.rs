//! Connection Requests with what may mislead: other STUN of the same phone, a lost answer, a neighbour behind the same NAT,
//! a scan. Nothing here may accuse anybody.

#[path = "support/memory.rs"]
mod memory;
mod support;

use std::io::Cursor;
use std::net::SocketAddr;
use std::sync::Arc;

use informant::pipeline::Options;
use informant::session::{
    Account, Accounts, ConnectionRequest, ConnectionRequestResult as Result, Credentials, Datagram,
    DatagramKind, Reason,
};
use stun::kind;
use support::Analysis;
use support::wire::{self, ACK, Connection, Endpoint, RST, SYN};

const CPE: [u8; 4] = [10, 0, 0, 2];
const NAT: [u8; 4] = [203, 0, 113, 5];
const ACS: [u8; 4] = [198, 51, 100, 1];
const STUN: [u8; 4] = [198, 51, 100, 20];
const URL: &str = "http://10.0.0.2:7547/cr";
const CHALLENGE: &str =
    "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"";

/// Frames, each with its milliseconds.
#[derive(Default)]
struct Scene {
    frames: Vec<(u64, Vec<u8>)>,
    transactions: u8,
    /// With the passwords of the requests.
    verified: bool,
}

impl Scene {
    /// Frames one millisecond apart; gives the time behind the last.
    fn play(&mut self, at_ms: u64, frames: Vec<Vec<u8>>) -> u64 {
        let end_ms = at_ms + frames.len() as u64;
        self.frames.extend((at_ms..).zip(frames));
        end_ms
    }

    /// A session that begins at this second and lasts for so many; the device reports these of its ManagementServer.
    fn session(&mut self, at_s: u64, lasts_s: u64, event: &str, reported: &[(&str, &str)]) {
        self.session_from(CPE, (at_s, lasts_s), event, reported);
    }

    fn session_from(
        &mut self,
        address: [u8; 4],
        (at_s, lasts_s): (u64, u64),
        event: &str,
        reported: &[(&str, &str)],
    ) {
        let mut parameters = String::new();
        for (name, value) in reported {
            parameters.push_str(&format!(
                "<ParameterValueStruct><Name>Device.ManagementServer.{name}</Name><Value>{value}</Value></ParameterValueStruct>"
            ));
        }
        let inform = wire::inform("A1", event);
        let inform = inform.replace("</ParameterList>", &(parameters + "</ParameterList>"));
        let response = wire::envelope(
            "1",
            "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
        );
        let ends = (
            Endpoint::new(address, 40_000 + at_s as u16),
            Endpoint::new(ACS, 7547),
        );
        let mut connection = Connection::new(ends.0, ends.1);
        let mut frames = connection.open();
        frames.extend(connection.send(0, &wire::post(&inform), 1400));
        frames.extend(connection.send(1, &wire::reply(&response), 1400));
        self.play(at_s * 1000, frames);
        let mut frames = connection.send(0, &wire::post(""), 1400);
        frames.extend(connection.send(1, &wire::reply(""), 1400));
        frames.extend(connection.close());
        self.play((at_s + lasts_s) * 1000 + 500, frames);
    }

    /// A device asks for its binding every 30 seconds, four times, and is told this address.
    fn bindings(&mut self, from: Endpoint, server: Endpoint, mapped: &str, is_tr111: bool) {
        for round in 0..4 {
            self.transactions += 1;
            let id = [self.transactions; 16];
            let mut request = stun::Builder::new(1, id);
            if is_tr111 {
                request = request.connection_request_binding();
            }
            let mapped = mapped.parse().expect("an address and a port");
            let response = stun::Builder::new(0x0101, id).address(kind::MAPPED_ADDRESS, mapped);
            let [request, response] =
                [request, response].map(|one| one.finish().expect("it is short"));
            let frames = vec![
                wire::udp(from, server, &request),
                wire::udp(server, from, &response),
            ];
            let at_ms = 10_000 + u64::from(self.transactions) * 10 + round * 30_000;
            self.play(at_ms, frames);
        }
    }

    /// A UDP Connection Request from the STUN server to there; gives its frame.
    fn ask_by_udp(&mut self, at_s: u64, to: Endpoint, password: &str) -> Vec<u8> {
        let draft = stun::ucr::Draft {
            authority: &SocketAddr::from((to.address, to.port)).to_string(),
            timestamp_s: 1_700_000_000 + at_s,
            id: at_s,
            username: "acs",
            cnonce: "c0ffee",
        };
        let frame = wire::udp(server(), to, &draft.write(password.as_bytes()));
        self.play(at_s * 1000, vec![frame.clone()]);
        frame
    }

    /// The ACS asks where the device listens, with these header lines, and gets this status; gives the frames.
    fn get(at_s: u64, header: &str, status: &str) -> Vec<Vec<u8>> {
        let from = Endpoint::new(ACS, 50_000 + at_s as u16);
        let mut connection = Connection::new(from, Endpoint::new(CPE, 7547));
        let mut frames = connection.open();
        let request = format!("GET /cr HTTP/1.1\r\nHost: 10.0.0.2\r\n{header}\r\n");
        frames.extend(connection.send(0, request.as_bytes(), 1400));
        let response = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        frames.extend(connection.send(1, response.as_bytes(), 1400));
        frames.extend(connection.close());
        frames
    }

    fn ask(&mut self, at_s: u64, header: &str, status: &str) {
        self.play(at_s * 1000, Self::get(at_s, header, status));
    }

    fn read(mut self) -> Analysis {
        self.frames.sort_by_key(|(at_ms, _)| *at_ms);
        let mut bytes = wire::pcap_head();
        for (at_ms, frame) in &self.frames {
            wire::put_record((1_700_000_000_000 + at_ms) * 1000, frame, &mut bytes);
        }
        let accounts = Accounts {
            connection_request: Account {
                user_name: Some("acs".to_owned()),
                password: Some("secret".to_owned()),
            },
            ..Accounts::default()
        };
        let credentials = Arc::new(Credentials::new(accounts));
        let options = Options {
            messages: true,
            credentials: self.verified.then_some(credentials),
            ..Options::default()
        };
        memory::analyse_with(Cursor::new(bytes), &options.learning())
    }

    /// What came of each request, long after which the device comes for something else.
    fn told(mut self, reported: &[(&str, &str)]) -> Vec<(Result, Vec<Reason>)> {
        self.session(300, 0, "2 PERIODIC", reported);
        let requests = self.read().connection_requests;
        requests.iter().map(told).collect()
    }
}

fn told(request: &ConnectionRequest) -> (Result, Vec<Reason>) {
    (request.result, request.reasons.clone())
}

fn server() -> Endpoint {
    Endpoint::new(STUN, 3478)
}

/// What a device behind a NAT reports.
fn behind_a_nat(udp: &str) -> [(&str, &str); 3] {
    [
        ("ConnectionRequestURL", URL),
        ("UDPConnectionRequestAddress", udp),
        ("NATDetected", "1"),
    ]
}

#[test]
fn stun_for_calls_moves_no_binding() {
    let reported = behind_a_nat("203.0.113.5:31000");
    let mut scene = Scene::default();
    scene.session(0, 0, "1 BOOT", &reported);
    let phone = |port| Endpoint::new(CPE, port);
    scene.bindings(phone(7000), server(), "203.0.113.5:31000", true);
    let calls = Endpoint::new([198, 51, 100, 77], 3478);
    scene.bindings(phone(5060), calls, "203.0.113.5:35060", false);
    scene.ask_by_udp(115, Endpoint::new(NAT, 31_000), "secret");
    scene.session(300, 0, "2 PERIODIC", &reported);
    let analysis = scene.read();
    let results: Vec<_> = analysis.connection_requests.iter().map(told).collect();
    assert_eq!(results, [(Result::Ignored, Vec::new())]);
    let asked = |one: &&Datagram| one.kind == DatagramKind::ConnectionRequest;
    let bindings = analysis
        .datagrams
        .iter()
        .filter(asked)
        .map(|one| one.binding);
    let kept: Vec<Option<SocketAddr>> = bindings.collect();
    assert_eq!(kept, ["10.0.0.2:7000".parse().ok()]);
}

#[test]
fn an_absolute_target_is_the_same_place() {
    let reported = [("ConnectionRequestURL", URL)];
    let mut scene = Scene::default();
    scene.session(0, 0, "1 BOOT", &reported);
    let mut connection = Connection::new(Endpoint::new(ACS, 50_000), Endpoint::new(CPE, 7547));
    let mut frames = connection.open();
    let request = format!("GET {URL} HTTP/1.1\r\nHost: 10.0.0.2\r\n\r\n");
    frames.extend(connection.send(0, request.as_bytes(), 1400));
    let response = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    frames.extend(connection.send(1, response.as_bytes(), 1400));
    frames.extend(connection.close());
    scene.play(100_000, frames);
    scene.session(102, 0, "6 CONNECTION REQUEST", &reported);
    let requests = scene.told(&reported);
    assert_eq!(requests, [(Result::Session, Vec::new())]);
}

#[test]
fn a_device_that_has_started_knows_no_request_of_before() {
    let reported = behind_a_nat("203.0.113.5:31000");
    let to = Endpoint::new(NAT, 31_000);
    for (event, stale) in [("1 BOOT", false), ("2 PERIODIC", true)] {
        let mut scene = Scene::default();
        scene.session(0, 0, "1 BOOT", &reported);
        scene.bindings(
            Endpoint::new(CPE, 7000),
            server(),
            "203.0.113.5:31000",
            true,
        );
        scene.ask_by_udp(100, to, "secret");
        scene.session(140, 0, event, &reported);
        // A clock that was put back: `ts` of the request at 50 s.
        let draft = stun::ucr::Draft {
            authority: "203.0.113.5:31000",
            timestamp_s: 1_700_000_050,
            id: 7,
            username: "acs",
            cnonce: "c0ffee",
        };
        let late = wire::udp(server(), to, &draft.write(b"secret"));
        scene.play(150_000, vec![late]);
        let requests = scene.told(&reported);
        let found = requests.last().map(|(_, reasons)| {
            let of_the_past = |reason: &Reason| matches!(reason, Reason::StaleTimestamp { .. });
            reasons.iter().any(of_the_past)
        });
        assert_eq!(found, Some(stale), "{event}: {requests:?}");
    }
}

#[test]
fn a_request_within_a_long_session_brings_the_next_one() {
    let reported = [("ConnectionRequestURL", URL)];
    let mut scene = Scene::default();
    scene.session(0, 0, "1 BOOT", &reported);
    scene.session(100, 60, "2 PERIODIC", &reported);
    scene.ask(110, "", "200 OK");
    scene.session(165, 0, "6 CONNECTION REQUEST", &reported);
    scene.session(300, 0, "2 PERIODIC", &reported);
    let analysis = scene.read();
    let [request] = analysis.connection_requests.as_slice() else {
        panic!("{:?}", analysis.connection_requests);
    };
    assert_eq!(
        (request.result, request.session),
        (Result::Session, Some(3))
    );
    assert!(analysis.sessions[2].triggered_by.is_some());
}

#[test]
fn an_answer_that_the_capture_lacks_is_nobodys_silence() {
    let reported = [("ConnectionRequestURL", URL)];
    let frames = Scene::get(20, "", "200 OK");
    let from_the_device = |frame: &[u8]| frame[26..30] == CPE;
    let is_answer = |frame: &[u8]| from_the_device(frame) && frame.len() > 54;
    assert_eq!(frames.iter().filter(|frame| is_answer(frame)).count(), 1);
    let silence = (Result::Ignored, vec![Reason::NoAnswer]);
    for lost in [&is_answer as &dyn Fn(&[u8]) -> bool, &from_the_device] {
        let mut scene = Scene::default();
        scene.session(0, 0, "1 BOOT", &reported);
        let seen = frames.iter().filter(|frame| !lost(frame)).cloned();
        scene.play(20_000, seen.collect());
        let told = scene.told(&reported);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, Result::Undetermined, "{told:?}");
        assert!(!told[0].1.contains(&Reason::NoAnswer), "{told:?}");
    }
    // Where the device did say nothing, it is told.
    let mut scene = Scene::default();
    scene.session(0, 0, "1 BOOT", &reported);
    let (cpe, acs) = (Endpoint::new(CPE, 7547), Endpoint::new(ACS, 50_020));
    let mut connection = Connection::new(acs, cpe);
    let mut frames = connection.open();
    frames.extend(connection.send(0, b"GET /cr HTTP/1.1\r\nHost: 10.0.0.2\r\n\r\n", 1400));
    frames.extend(connection.close());
    scene.play(20_000, frames);
    assert_eq!(scene.told(&reported), [silence]);
}

#[test]
fn what_is_signed_wrongly_brings_no_session() {
    let reported = behind_a_nat("203.0.113.5:31000");
    let mut scene = Scene {
        verified: true,
        ..Scene::default()
    };
    scene.session(0, 0, "1 BOOT", &reported);
    scene.bindings(
        Endpoint::new(CPE, 7000),
        server(),
        "203.0.113.5:31000",
        true,
    );
    let to = Endpoint::new(NAT, 31_000);
    scene.ask_by_udp(115, to, "another");
    scene.ask_by_udp(120, to, "secret");
    scene.session(121, 0, "6 CONNECTION REQUEST", &reported);
    scene.session(300, 0, "2 PERIODIC", &reported);
    let analysis = scene.read();
    let mut requests: Vec<&ConnectionRequest> = analysis.connection_requests.iter().collect();
    requests.sort_by_key(|request| request.steps[0].time);
    let sessions: Vec<_> = requests
        .iter()
        .map(|one| (one.result, one.session))
        .collect();
    assert_eq!(
        sessions,
        [(Result::Ignored, None), (Result::Session, Some(2))]
    );
    assert!(requests[0].reasons.contains(&Reason::BadSignature));
    let trigger = analysis.sessions[1]
        .triggered_by
        .as_ref()
        .expect("it has one");
    assert_eq!(trigger.frames.len(), 1);
    assert_eq!(trigger.frames, requests[1].steps[0].frames);
}

#[test]
fn a_challenge_is_answered_by_who_gives_a_proof() {
    let reported = [("ConnectionRequestURL", URL)];
    let refused = |reason| (Result::Refused, vec![reason]);
    let mut scene = Scene::default();
    scene.session(0, 0, "1 BOOT", &reported);
    scene.ask(20, "", CHALLENGE);
    scene.ask(35, "", CHALLENGE);
    let twice = [(); 2].map(|()| refused(Reason::ChallengeUnanswered));
    assert_eq!(scene.told(&reported), twice);
    // A proof that comes before any challenge is a proof, known password or not, long or short.
    for (verified, cnonce) in [(false, 8), (true, 8), (false, 5000), (true, 5000)] {
        let mut scene = Scene {
            verified,
            ..Scene::default()
        };
        scene.session(0, 0, "1 BOOT", &reported);
        let proof = format!(
            "Authorization: Digest username=\"acs\", realm=\"r\", nonce=\"m\", uri=\"/cr\", \
             response=\"0123456789abcdef0123456789abcdef\", qop=auth, nc=00000001, cnonce=\"{}\"\r\n",
            "c".repeat(cnonce)
        );
        scene.ask(20, &proof, CHALLENGE);
        let told = scene.told(&reported);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, Result::Refused);
        let reasons = &told[0].1;
        assert!(reasons.contains(&Reason::CredentialsRefused), "{reasons:?}");
        assert!(
            !reasons.contains(&Reason::ChallengeUnanswered),
            "{reasons:?}"
        );
    }
}

#[test]
fn a_scan_asks_nobody_to_come() {
    let reported = [("ConnectionRequestURL", URL)];
    let mut scene = Scene::default();
    scene.session(0, 0, "1 BOOT", &reported);
    let device = Endpoint::new(CPE, 7547);
    let knock = |who: Endpoint| {
        vec![
            wire::tcp(who, device, 100, 0, SYN, b""),
            wire::tcp(device, who, 0, 101, RST | ACK, b""),
        ]
    };
    for host in 1..6 {
        scene.play(
            20_000 + u64::from(host) * 1000,
            knock(Endpoint::new([192, 0, 2, host], 40_000)),
        );
    }
    // The ACS itself is heard.
    scene.play(40_000, knock(Endpoint::new(ACS, 50_000)));
    let told = scene.told(&reported);
    assert_eq!(told, [(Result::Refused, vec![Reason::Reset])]);
}

/// ICMP: port unreachable, from this address about this frame.
fn unreachable(by: [u8; 4], about: &[u8]) -> Vec<u8> {
    let inner = about.get(14..14 + 28).expect("a packet");
    let message = [&[3, 3, 0, 0, 0, 0, 0, 0], inner].concat();
    let mut frame = wire::udp(Endpoint::new(by, 0), server(), &message);
    // The UDP header makes way.
    frame.drain(34..42);
    let length = (frame.len() - 14) as u16;
    frame[16..18].copy_from_slice(&length.to_be_bytes());
    frame[23] = 1;
    frame
}

#[test]
fn a_device_that_says_unreachable_itself_was_reached() {
    for (by, nat_detected, result) in [
        (CPE, "0", Result::Refused),
        (CPE, "1", Result::NeverArrived),
        ([198, 51, 100, 9], "0", Result::NeverArrived),
    ] {
        let reported = [
            ("ConnectionRequestURL", URL),
            ("UDPConnectionRequestAddress", "10.0.0.2:7000"),
            ("NATDetected", nat_detected),
        ];
        let mut scene = Scene::default();
        scene.session(0, 0, "1 BOOT", &reported);
        let asked = scene.ask_by_udp(20, Endpoint::new(CPE, 7000), "secret");
        scene.play(20_010, vec![unreachable(by, &asked)]);
        let told = scene.told(&reported);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, result, "{by:?} {nat_detected}: {told:?}");
    }
}

#[test]
fn a_neighbour_behind_the_same_nat_is_another_device() {
    let reported = behind_a_nat("203.0.113.5:40001");
    let mut scene = Scene::default();
    scene.session_from(NAT, (0, 0), "1 BOOT", &reported);
    for port in [40_001, 40_002] {
        let mapped = format!("203.0.113.5:{port}");
        scene.bindings(Endpoint::new(NAT, port), server(), &mapped, true);
    }
    scene.ask_by_udp(115, Endpoint::new(NAT, 40_001), "secret");
    scene.session_from(NAT, (300, 0), "2 PERIODIC", &reported);
    let analysis = scene.read();
    let told: Vec<_> = analysis.connection_requests.iter().map(told).collect();
    assert_eq!(told, [(Result::Ignored, Vec::new())]);
}
