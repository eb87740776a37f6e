//! What wakes a device by UDP: bindings and Connection Requests, tied to the device and to the session that came of them.

#[path = "support/memory.rs"]
mod memory;
mod support;

use informant::session::{DatagramKind, Side, TriggerKind};
use informant::source::FrameId;
use stun::kind;
use support::Analysis;
use support::wire::{self, Connection, Endpoint};

const CPE: [u8; 4] = [192, 0, 2, 17];
const ACS: [u8; 4] = [203, 0, 113, 10];
const STUN: [u8; 4] = [203, 0, 113, 20];
const DEVICE: &str = "00D09E-X3-A1";

/// Frames with their times.
#[derive(Default)]
struct Scene {
    bytes: Vec<u8>,
    now_us: u64,
    frames: u64,
}

impl Scene {
    fn new() -> Self {
        Self {
            bytes: wire::pcap_head(),
            now_us: 1_700_000_000_000_000,
            frames: 0,
        }
    }

    /// Gives the number of the last frame.
    fn play(&mut self, frames: &[Vec<u8>]) -> u64 {
        for frame in frames {
            self.now_us += 1000;
            wire::put_record(self.now_us, frame, &mut self.bytes);
            self.frames += 1;
        }
        self.frames
    }

    fn wait_s(&mut self, seconds: u64) {
        self.now_us += seconds * 1_000_000;
    }

    /// The device asks for its binding from this port, and is told another address.
    fn binding(&mut self, port: u16, mapped: &str) {
        let request = stun::Builder::new(1, [7; 16])
            .connection_request_binding()
            .finish();
        let response = stun::Builder::new(0x0101, [7; 16])
            .address(kind::MAPPED_ADDRESS, mapped.parse().expect("an address"))
            .finish();
        let (cpe, server) = (Endpoint::new(CPE, port), Endpoint::new(STUN, 3478));
        self.play(&[
            wire::udp(cpe, server, &request.expect("it is short")),
            wire::udp(server, cpe, &response.expect("it is short")),
        ]);
    }

    /// A UDP Connection Request to this port; gives its frame.
    fn ask(&mut self, port: u16, id: u64) -> u64 {
        let draft = stun::ucr::Draft {
            authority: "192.0.2.17:5060",
            timestamp_s: 1_700_000_000,
            id,
            username: "acs",
            cnonce: "c0ffee",
        };
        let (acs, cpe) = (Endpoint::new(ACS, 9000), Endpoint::new(CPE, port));
        self.play(&[wire::udp(acs, cpe, &draft.write(b"secret"))])
    }

    /// A whole session of the device with this event; it says where it listens by UDP.
    fn session(&mut self, port: u16, serial_number: &str, event: &str, listens: &str) {
        let parameter = format!(
            "<ParameterValueStruct><Name>Device.ManagementServer.UDPConnectionRequestAddress</Name>\
             <Value>{listens}</Value></ParameterValueStruct></ParameterList>"
        );
        let inform = wire::inform(serial_number, event).replace("</ParameterList>", &parameter);
        let response = wire::envelope(
            "1",
            "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
        );
        let ends = (Endpoint::new(CPE, port), Endpoint::new(ACS, 7547));
        let mut connection = Connection::new(ends.0, ends.1);
        let mut frames = connection.open();
        frames.extend(connection.send(0, &wire::post(&inform), 1400));
        frames.extend(connection.send(1, &wire::reply(&response), 1400));
        frames.extend(connection.send(0, &wire::post(""), 1400));
        frames.extend(connection.send(1, &wire::reply(""), 1400));
        frames.extend(connection.close());
        self.play(&frames);
    }

    fn read(self) -> Analysis {
        memory::analyse_bytes(self.bytes)
    }
}

/// A Connection Request's frame, session, device, and the frame that it copies.
type Told<'a> = (u64, Option<u32>, Option<&'a str>, Option<u64>);

/// What came of the Connection Requests.
fn requests(analysis: &Analysis) -> Vec<Told<'_>> {
    let requests = analysis.datagrams.iter();
    let requests = requests.filter(|one| one.kind == DatagramKind::ConnectionRequest);
    requests
        .map(|one| {
            assert_eq!(one.from, Side::Acs);
            let copy_of = one.copy_of.map(FrameId::number);
            (
                one.frames[0].number(),
                one.session,
                one.device.as_deref(),
                copy_of,
            )
        })
        .collect()
}

/// What set each session off, and by which frames.
fn triggers(analysis: &Analysis) -> Vec<Option<(TriggerKind, Vec<u64>)>> {
    let sessions = analysis.sessions.iter();
    sessions
        .map(|session| {
            let trigger = session.triggered_by.as_ref()?;
            let frames = trigger.frames.iter().map(|frame| frame.number());
            Some((trigger.kind, frames.collect()))
        })
        .collect()
}

#[test]
fn a_request_and_its_copies_bring_a_session() {
    let mut scene = Scene::new();
    scene.session(40_000, "A1", "1 BOOT", "192.0.2.17:5060");
    scene.wait_s(60);
    let asked = [(); 3].map(|()| scene.ask(5060, 1));
    scene.wait_s(1);
    scene.session(40_001, "A1", "6 CONNECTION REQUEST", "192.0.2.17:5060");
    let analysis = scene.read();
    assert_eq!(analysis.summary.datagrams.connection_requests, 3);
    let copies = [None, Some(asked[0]), Some(asked[0])];
    let wanted: Vec<_> = asked
        .iter()
        .zip(copies)
        .map(|(frame, copy_of)| (*frame, Some(2), Some(DEVICE), copy_of))
        .collect();
    assert_eq!(requests(&analysis), wanted);
    let triggers = triggers(&analysis);
    assert_eq!(
        triggers[1],
        Some((TriggerKind::UdpConnectionRequest, asked.to_vec()))
    );
}

#[test]
fn a_request_that_nobody_answers_belongs_to_its_device_and_to_no_session() {
    let mut scene = Scene::new();
    scene.session(40_000, "A1", "1 BOOT", "192.0.2.17:5060");
    let asked = scene.ask(5060, 1);
    scene.wait_s(31);
    let late = scene.ask(5060, 2);
    scene.session(40_001, "A1", "2 PERIODIC", "192.0.2.17:5060");
    let analysis = scene.read();
    assert_eq!(
        requests(&analysis),
        [
            (asked, None, Some(DEVICE), None),
            (late, None, Some(DEVICE), None)
        ]
    );
    let kinds: Vec<_> = triggers(&analysis)
        .into_iter()
        .map(|trigger| trigger.map(|(kind, _)| kind))
        .collect();
    assert_eq!(
        kinds,
        [Some(TriggerKind::Boot), Some(TriggerKind::Periodic)]
    );
}

#[test]
fn a_request_through_a_binding_finds_its_device_among_several() {
    let mut scene = Scene::new();
    // Two devices behind one address, each with a binding of its own.
    scene.session(40_000, "A1", "1 BOOT", "192.0.2.17:5060");
    scene.session(40_001, "B2", "1 BOOT", "192.0.2.17:5061");
    scene.binding(5061, "192.0.2.17:5061");
    let asked = scene.ask(5061, 1);
    scene.session(40_002, "B2", "6 CONNECTION REQUEST", "192.0.2.17:5061");
    let analysis = scene.read();
    assert_eq!(
        requests(&analysis),
        [(asked, Some(3), Some("00D09E-X3-B2"), None)]
    );
    let bindings: Vec<_> = analysis
        .datagrams
        .iter()
        .filter(|one| one.kind == DatagramKind::Stun)
        .map(|one| (one.from, one.device.as_deref()))
        .collect();
    let device = Some("00D09E-X3-B2");
    assert_eq!(bindings, [(Side::Cpe, device), (Side::Other, device)]);
    let datagrams = analysis.summary.datagrams;
    assert_eq!((datagrams.stun, datagrams.stun_tr111), (2, 1));
}

#[test]
fn a_request_before_the_first_inform_is_found_by_its_address() {
    let mut scene = Scene::new();
    let asked = scene.ask(5060, 1);
    scene.session(40_000, "A1", "6 CONNECTION REQUEST", "192.0.2.17:5060");
    let analysis = scene.read();
    assert_eq!(requests(&analysis), [(asked, Some(1), Some(DEVICE), None)]);
    assert_eq!(
        triggers(&analysis),
        [Some((TriggerKind::UdpConnectionRequest, vec![asked]))]
    );
}

#[test]
fn messages_and_datagrams_come_in_the_order_of_time_whatever_the_threads() {
    let mut scene = Scene::new();
    for round in 0..20 {
        scene.binding(5060, "192.0.2.17:5060");
        scene.ask(5060, round);
        scene.session(
            40_000 + round as u16,
            "A1",
            "6 CONNECTION REQUEST",
            "192.0.2.17:5060",
        );
    }
    let said = |threads| {
        let options = informant::pipeline::Options {
            messages: true,
            threads,
            ..Default::default()
        };
        let bytes = std::io::Cursor::new(scene.bytes.clone());
        let analysis = memory::analyse_with(bytes, &options);
        let frames: Vec<u64> = analysis
            .datagrams
            .iter()
            .map(|one| one.frames[0].number())
            .collect();
        assert!(frames.is_sorted(), "{frames:?}");
        format!("{:?} {:?}", analysis.datagrams, analysis.summary)
    };
    let alone = said(1);
    assert_eq!(alone.matches("kind: Stun,").count(), 40);
    for threads in [2, 5, 8] {
        assert_eq!(said(threads), alone, "{threads} threads");
    }
}
