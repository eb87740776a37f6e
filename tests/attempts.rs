//! Connection Requests that leave no HTTP message: no answer to SYN, RST, an ICMP error. And what is none of them.

#[path = "support/memory.rs"]
mod memory;
mod support;

use std::net::IpAddr;

use std::io::Cursor;

use informant::pipeline::{Limits, Options};
use informant::session::{
    ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult as Result, Reason,
    StepKind,
};
use support::Analysis;
use support::wire::{self, ACK, Connection, Endpoint, RST, SYN};

const CPE: [u8; 4] = [192, 0, 2, 17];
const ACS: [u8; 4] = [203, 0, 113, 10];
const ROUTER: [u8; 4] = [198, 51, 100, 1];
const DEVICE: &str = "00D09E-X3-A1";
/// Where the device listens.
const PORT: u16 = 7547;

/// Frames with their times, after a session of the device that tells where it listens.
struct Scene {
    bytes: Vec<u8>,
    now_ms: u64,
    frames: u64,
}

impl Scene {
    fn new() -> Self {
        let mut scene = Self {
            bytes: wire::pcap_head(),
            now_ms: 1_700_000_000_000,
            frames: 0,
        };
        scene.session(&format!("http://192.0.2.17:{PORT}/cr"));
        scene.wait(60_000);
        scene
    }

    fn wait(&mut self, milliseconds: u64) -> &mut Self {
        self.now_ms += milliseconds;
        self
    }

    /// Gives the number of the last frame.
    fn play(&mut self, frames: &[Vec<u8>]) -> u64 {
        for frame in frames {
            self.now_ms += 1;
            wire::put_record(self.now_ms * 1000, frame, &mut self.bytes);
            self.frames += 1;
        }
        self.frames
    }

    fn session(&mut self, url: &str) {
        let parameter = format!(
            "<ParameterValueStruct><Name>Device.ManagementServer.ConnectionRequestURL</Name>\
             <Value>{url}</Value></ParameterValueStruct></ParameterList>"
        );
        let inform = wire::inform("A1", "2 PERIODIC").replace("</ParameterList>", &parameter);
        let response = wire::envelope(
            "1",
            "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
        );
        let mut connection = Connection::new(Endpoint::new(CPE, 40_000), Endpoint::new(ACS, 7547));
        let mut frames = connection.open();
        frames.extend(connection.send(0, &wire::post(&inform), 1400));
        frames.extend(connection.send(1, &wire::reply(&response), 1400));
        frames.extend(connection.send(0, &wire::post(""), 1400));
        frames.extend(connection.send(1, &wire::reply(""), 1400));
        frames.extend(connection.close());
        self.play(&frames);
    }

    /// SYN of the ACS from this port to where the device listens; gives its frame.
    fn syn(&mut self, port: u16) -> u64 {
        self.play(&[syn(port, PORT)])
    }

    fn options() -> Options {
        Options {
            messages: true,
            ..Options::default()
        }
    }

    /// The same comes out whatever the number of threads.
    fn read(&self) -> Analysis {
        let with = |threads| {
            let options = Options {
                threads,
                ..Self::options()
            };
            memory::analyse_with(Cursor::new(self.bytes.clone()), &options)
        };
        let alone = with(1);
        for threads in [2, 8] {
            let several = with(threads);
            assert_eq!(
                format!("{:?}", several.connection_requests),
                format!("{:?}", alone.connection_requests),
                "{threads} threads"
            );
        }
        alone
    }

    /// The one Connection Request that comes out.
    fn one(&self) -> ConnectionRequest {
        let mut analysis = self.read();
        assert_eq!(analysis.connection_requests.len(), 1);
        analysis.connection_requests.remove(0)
    }

    fn none(&self, why: &str) {
        let requests = self.read().connection_requests;
        assert!(requests.is_empty(), "{why}: {requests:?}");
    }
}

fn acs(port: u16) -> Endpoint {
    Endpoint::new(ACS, port)
}

fn cpe(port: u16) -> Endpoint {
    Endpoint::new(CPE, port)
}

fn syn(from: u16, to: u16) -> Vec<u8> {
    wire::tcp(acs(from), cpe(to), 1000, 0, SYN, b"")
}

fn reset(to: u16) -> Vec<u8> {
    wire::tcp(cpe(PORT), acs(to), 0, 1001, RST | ACK, b"")
}

/// An ICMP error of the router about this frame, with eight bytes of what its IP packet carries.
fn unreachable(code: u8, about: &[u8]) -> Vec<u8> {
    let inner = about.get(14..14 + 28).expect("a packet");
    let message = [&[3, code, 0, 0, 0, 0, 0, 0], inner].concat();
    let mut frame = wire::udp(Endpoint::new(ROUTER, 0), acs(0), &message);
    // The UDP header makes way.
    frame.drain(34..42);
    let length = (frame.len() - 14) as u16;
    frame[16..18].copy_from_slice(&length.to_be_bytes());
    frame[23] = 1;
    frame
}

/// Kinds with their frames.
fn steps(request: &ConnectionRequest) -> Vec<(StepKind, Vec<u64>)> {
    let steps = request.steps.iter();
    let told = steps.map(|step| {
        let frames = step.frames.iter().map(|frame| frame.number()).collect();
        (step.kind.clone(), frames)
    });
    told.collect()
}

#[test]
fn a_syn_that_is_repeated_and_never_answered() {
    let mut scene = Scene::new();
    let first = scene.syn(50_000);
    let mut last = first;
    for pause in [1_000, 2_000, 4_000] {
        last = scene.wait(pause).syn(50_000);
    }
    scene.wait(100_000).session("http://192.0.2.17:7547/cr");
    let request = scene.one();
    assert_eq!(request.device.as_deref(), Some(DEVICE));
    assert_eq!(request.carrier, ConnectionRequestCarrier::Http);
    assert_eq!(request.source.to_string(), "203.0.113.10:50000");
    assert_eq!(request.destination.to_string(), "192.0.2.17:7547");
    assert_eq!(request.result, Result::NeverArrived);
    assert_eq!(request.reasons, [Reason::NoAnswer]);
    assert_eq!(
        steps(&request),
        [(StepKind::Attempt { syns: 4 }, vec![first, last])]
    );
    assert_eq!(request.session, None);
}

#[test]
fn a_host_that_is_patient_makes_one_request() {
    let mut scene = Scene::new();
    let first = scene.syn(50_000);
    let mut last = first;
    for pause in [1, 2, 4, 8, 16, 32] {
        for _ in 0..pause {
            // Other traffic, so that time passes.
            scene.wait(1_000).play(&[syn(50_001, 22)]);
        }
        last = scene.syn(50_000);
    }
    for _ in 0..100 {
        scene.wait(1_000).play(&[syn(50_001, 22)]);
    }
    let request = scene.one();
    assert_eq!(request.result, Result::NeverArrived);
    assert_eq!(
        steps(&request),
        [(StepKind::Attempt { syns: 7 }, vec![first, last])]
    );
}

#[test]
fn the_device_refuses() {
    let mut scene = Scene::new();
    let syns = [scene.syn(50_000)];
    let resets = [scene.play(&[reset(50_000)])];
    let request = scene.one();
    assert_eq!(request.result, Result::Refused);
    assert_eq!(request.reasons, [Reason::Reset]);
    let expected = [
        (StepKind::Attempt { syns: 1 }, syns.to_vec()),
        (StepKind::Reset, resets.to_vec()),
    ];
    assert_eq!(steps(&request), expected);
}

#[test]
fn attempts_in_a_row_are_one_request_and_later_ones_another() {
    let mut scene = Scene::new();
    for port in [50_000, 50_000, 50_001] {
        scene.syn(port);
        scene.play(&[reset(port)]);
        scene.wait(500);
    }
    scene.wait(200_000);
    scene.syn(50_002);
    scene.play(&[reset(50_002)]);
    let requests = scene.read().connection_requests;
    let lengths: Vec<usize> = requests.iter().map(|one| one.steps.len()).collect();
    assert_eq!(lengths, [6, 2]);
    assert!(requests.iter().all(|one| one.result == Result::Refused));
}

#[test]
fn an_icmp_error_says_why() {
    for (code, says) in [
        (1, "host unreachable"),
        (13, "administratively prohibited"),
        (10, "host administratively prohibited"),
    ] {
        let mut scene = Scene::new();
        let asked = scene.syn(50_000);
        let told = scene.play(&[unreachable(code, &syn(50_000, PORT))]);
        scene.wait(30_000).play(&[syn(50_001, 22)]);
        let request = scene.one();
        assert_eq!(request.result, Result::NeverArrived);
        let by = IpAddr::from(ROUTER);
        assert_eq!(request.reasons, [Reason::Unreachable { says, by }]);
        let expected = [
            (StepKind::Attempt { syns: 1 }, vec![asked]),
            (StepKind::Unreachable(says, by), vec![told]),
        ];
        assert_eq!(steps(&request), expected);
        assert_eq!(scene.read().summary.packets.unread["icmp"], 1);
    }
}

#[test]
fn an_icmp_error_about_a_connection_that_came_about_tells_nothing() {
    let mut scene = Scene::new();
    let connection = Connection::new(acs(50_000), cpe(PORT)).open();
    scene.play(&connection);
    scene.play(&[unreachable(1, &connection[2])]);
    scene.wait(200_000).play(&[syn(50_001, 22)]);
    scene.none("an ICMP error alone");
}

#[test]
fn a_udp_connection_request_that_finds_no_port() {
    let draft = stun::ucr::Draft {
        authority: "192.0.2.17:5060",
        timestamp_s: 1_700_000_000,
        id: 7,
        username: "acs",
        cnonce: "c0ffee",
    };
    let asks = wire::udp(acs(9000), cpe(5060), &draft.write(b"secret"));
    let mut scene = Scene::new();
    let asked = scene.play(std::slice::from_ref(&asks));
    let told = scene.play(&[unreachable(3, &asks), unreachable(3, &asks)]) - 1;
    // About something else.
    let other = wire::udp(acs(9001), cpe(5060), b"x");
    scene.play(&[unreachable(1, &other)]);
    scene.wait(100_000).play(&[syn(50_001, 22)]);
    let request = scene.one();
    assert_eq!(request.carrier, ConnectionRequestCarrier::Udp);
    assert_eq!(request.result, Result::NeverArrived);
    let says = "port unreachable";
    let by = IpAddr::from(ROUTER);
    assert_eq!(
        request.reasons.first(),
        Some(&Reason::Unreachable { says, by })
    );
    let frames: Vec<Vec<u64>> = steps(&request).into_iter().map(|(_, one)| one).collect();
    assert_eq!(frames, [vec![asked], vec![told]]);
}

#[test]
fn what_shows_that_the_device_answered_is_no_failure() {
    let whole = Connection::new(acs(50_000), cpe(PORT)).open();
    let [syn, answer, acknowledges] = &whole[..] else {
        panic!("a handshake is three packets")
    };
    let simultaneous = wire::tcp(cpe(PORT), acs(50_000), 9000, 0, SYN, b"");
    let forged = wire::tcp(cpe(PORT), acs(50_000), 0, 77, RST | ACK, b"");
    let scan = wire::tcp(acs(50_000), cpe(PORT), 1001, 0, RST, b"");
    let cases: [(&str, Vec<&Vec<u8>>); 9] = [
        ("answered", vec![syn, answer, acknowledges]),
        ("SYN-ACK before SYN", vec![answer, syn]),
        ("begins between SYN and SYN-ACK", vec![answer, acknowledges]),
        ("SYN-ACK alone", vec![answer, answer]),
        ("one direction alone", vec![syn, acknowledges]),
        ("the other direction alone", vec![answer]),
        ("simultaneous open", vec![syn, &simultaneous]),
        ("another connection's RST", vec![syn, &forged]),
        ("a scan's RST", vec![syn, &scan]),
    ];
    for (why, frames) in cases {
        let frames: Vec<Vec<u8>> = frames.into_iter().cloned().collect();
        for twice in [false, true] {
            let mut scene = Scene::new();
            for frame in &frames {
                scene.play(std::slice::from_ref(frame));
                if twice {
                    scene.play(std::slice::from_ref(frame));
                }
            }
            scene.wait(200_000).play(&[self::syn(50_001, 22)]);
            scene.none(why);
        }
    }
}

#[test]
fn copies_are_not_counted() {
    let mut scene = Scene::new();
    let copied = |frame: Vec<u8>| [frame.clone(), frame];
    let first = scene.play(&copied(syn(50_000, PORT))) - 1;
    scene.wait(1_000);
    let last = scene.play(&copied(syn(50_000, PORT))) - 1;
    let refused = scene.play(&copied(reset(50_000))) - 1;
    let expected = [
        (StepKind::Attempt { syns: 2 }, vec![first, last]),
        (StepKind::Reset, vec![refused]),
    ];
    assert_eq!(steps(&scene.one()), expected);
}

#[test]
fn what_is_answered_late_is_taken_back() {
    // Ten seconds of silence, and an answer to the SYN after that; and one that was refused at first.
    for refused in [false, true] {
        let mut scene = Scene::new();
        scene.syn(50_000);
        if refused {
            scene.play(&[reset(50_000)]);
        } else {
            for _ in 0..25 {
                scene.wait(1_000).play(&[syn(50_001, 22)]);
            }
        }
        scene.wait(500);
        scene.play(&Connection::new(acs(50_000), cpe(PORT)).open());
        scene.wait(200_000).play(&[syn(50_001, 22)]);
        scene.none("answered late");
    }
}

#[test]
fn the_end_of_the_capture_is_no_silence() {
    let mut scene = Scene::new();
    scene.syn(50_000);
    scene.wait(500).play(&[syn(50_001, 22)]);
    let request = scene.one();
    assert_eq!(request.result, Result::Undetermined);
    assert_eq!(request.reasons, [Reason::CaptureEnds { after_ms: 501 }]);
}

#[test]
fn a_scan_of_other_ports_and_devices_is_nothing() {
    let mut scene = Scene::new();
    for port in (1..2_000).filter(|port| *port != PORT) {
        scene.play(&[
            syn(50_000, port),
            wire::tcp(cpe(port), acs(50_000), 0, 1001, RST | ACK, b""),
            unreachable(1, &syn(50_001, port)),
        ]);
    }
    let other = Endpoint::new([192, 0, 2, 18], PORT);
    scene.play(&[wire::tcp(acs(50_000), other, 1000, 0, SYN, b"")]);
    scene.wait(200_000).play(&[syn(50_001, 22)]);
    scene.none("a scan");
}

#[test]
fn a_flood_hides_no_request_that_comes_before_it() {
    let mut scene = Scene::new();
    scene.syn(50_000);
    scene.play(&[reset(50_000)]);
    for number in 0..60_000_u32 {
        let [_, b, c, d] = number.to_be_bytes();
        let (from, to) = (Endpoint::new([11, b, c, d], 1_024), Endpoint::new(ACS, 80));
        let frame = wire::tcp(from, to, 1, 0, SYN, b"");
        wire::put_record(scene.now_ms * 1000, &frame, &mut scene.bytes);
        scene.frames += 1;
    }
    let tight = Options {
        limits: Limits {
            flows_max: 4_096,
            ..Limits::default()
        },
        ..Scene::options()
    };
    for options in [Scene::options(), tight] {
        let bytes = Cursor::new(scene.bytes.clone());
        let analysis = memory::analyse_with(bytes, &options);
        assert_eq!(analysis.connection_requests.len(), 1);
        assert_eq!(analysis.connection_requests[0].result, Result::Refused);
        let reached = &analysis.summary.limits_reached;
        let untold = reached.get("attempts_a_tick_max").copied();
        // At the end each shard tells of as many as it may, where it holds more.
        let whole = options.limits.flows_max > 60_000;
        assert_eq!(untold.is_some(), whole, "{reached:?}");
        assert!(untold <= Some(60_000 - 4_096 + 512), "{reached:?}");
    }
}
