//! The session state machine on what happens in the field, on packets made here.

mod support;

use informant::session::{
    ConnectionRequestResult, Outcome, Role, Side, StepKind, TransferDirection, TriggerKind,
};
use support::wire::{self, Connection, Endpoint, envelope, inform, post, reply};
use support::{Analysis, analyse_file};

const CPE: Endpoint = Endpoint {
    address: std::net::Ipv4Addr::new(10, 0, 0, 2),
    port: 40_000,
};
const ACS: Endpoint = Endpoint {
    address: std::net::Ipv4Addr::new(203, 0, 113, 10),
    port: 9090,
};

/// Frames in order, and the time between them.
#[derive(Default)]
struct Scene {
    frames: Vec<(u64, Vec<u8>)>,
    now_us: u64,
}

impl Scene {
    fn play(&mut self, frames: Vec<Vec<u8>>) -> &mut Self {
        for frame in frames {
            self.now_us += 1000;
            self.frames.push((self.now_us, frame));
        }
        self
    }

    fn wait(&mut self, seconds: u64) -> &mut Self {
        self.now_us += seconds * 1_000_000;
        self
    }

    fn analyse(&self) -> Analysis {
        let mut bytes = wire::pcap_head();
        for (time_us, frame) in &self.frames {
            wire::put_record(1_700_000_000_000_000 + time_us, frame, &mut bytes);
        }
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), bytes).expect("the capture is written");
        analyse_file(file.path())
    }
}

fn inform_response() -> String {
    envelope(
        "1",
        "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
    )
}

fn get_values(id: &str) -> String {
    envelope(
        id,
        "<cwmp:GetParameterValues><ParameterNames soapenc:arrayType=\"xsd:string[1]\"><string>Device.</string></ParameterNames></cwmp:GetParameterValues>",
    )
}

fn values(id: &str) -> String {
    envelope(
        id,
        "<cwmp:GetParameterValuesResponse><ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[0]\"/></cwmp:GetParameterValuesResponse>",
    )
}

fn get_methods(id: &str) -> String {
    envelope(id, "<cwmp:GetRPCMethods/>")
}

fn methods(id: &str) -> String {
    envelope(
        id,
        "<cwmp:GetRPCMethodsResponse><MethodList soapenc:arrayType=\"xsd:string[1]\"><string>Inform</string></MethodList></cwmp:GetRPCMethodsResponse>",
    )
}

fn with_header(message: Vec<u8>, header: &str) -> Vec<u8> {
    let text = String::from_utf8(message).expect("a message of this test is text");
    text.replacen("\r\n\r\n", &format!("\r\n{header}\r\n\r\n"), 1)
        .into_bytes()
}

fn status(line: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

fn rpcs(analysis: &Analysis, session: usize) -> Vec<&str> {
    analysis.sessions[session]
        .rpcs
        .iter()
        .map(|rpc| rpc.method.as_str())
        .collect()
}

/// A connection from the device's next port.
fn connection(port: u16) -> Connection {
    Connection::new(Endpoint { port, ..CPE }, ACS)
}

#[test]
fn a_challenge_that_closes_its_connection_belongs_to_the_session() {
    let mut scene = Scene::default();
    let mut first = connection(40_000);
    scene
        .play(first.open())
        .play(first.send(0, &post(&inform("A", "1 BOOT")), 1448));
    scene
        .play(first.send(1, &status("401 Unauthorized"), 1448))
        .play(first.close());
    let mut second = connection(40_001);
    scene.play(second.open());
    let again = with_header(
        post(&inform("A", "1 BOOT")),
        "Authorization: Digest username=\"a\"",
    );
    scene
        .play(second.send(0, &again, 1448))
        .play(second.send(1, &reply(&inform_response()), 1448));
    scene
        .play(second.send(0, &post(""), 1448))
        .play(second.send(1, &reply(""), 1448))
        .play(second.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    let session = &analysis.sessions[0];
    assert_eq!(
        (session.outcome, session.connections.len()),
        (Outcome::Complete, 2)
    );
    assert_eq!(rpcs(&analysis, 0), ["Inform"], "sent twice, it is one RPC");
    assert_eq!(session.steps[1].kind, StepKind::Challenge);
}

/// A session whose Inform tells that the device listens at its port 30005.
fn informs_of_its_door(scene: &mut Scene) {
    let body = inform("A", "2 PERIODIC").replace(
        "Device.DeviceInfo.SoftwareVersion</Name><Value xsi:type=\"xsd:string\">1.0",
        "Device.ManagementServer.ConnectionRequestURL</Name><Value xsi:type=\"xsd:string\">http://10.0.0.2:30005/cr",
    );
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&body), 1448))
        .play(session.send(1, &reply(&inform_response()), 1448))
        .play(session.send(0, &post(""), 1448))
        .play(session.send(1, &reply(""), 1448))
        .play(session.close());
}

/// An Inform that is challenged, and what comes on another connection behind so many seconds.
fn challenged_and_again(wait_s: u64, again: &[u8]) -> Vec<(Outcome, Option<u32>)> {
    let mut scene = Scene::default();
    let mut first = connection(40_000);
    scene
        .play(first.open())
        .play(first.send(0, &post(&inform("A", "2 PERIODIC")), 1448))
        .play(first.send(1, &status("401 Unauthorized"), 1448))
        .play(first.close())
        .wait(wait_s);
    let mut second = connection(40_001);
    scene
        .play(second.open())
        .play(second.send(0, again, 1448))
        .play(second.send(1, &reply(&inform_response()), 1448))
        .play(second.send(0, &post(""), 1448))
        .play(second.send(1, &reply(""), 1448))
        .play(second.close());
    let sessions = scene.analyse().sessions;
    let told = |session: &informant::session::Session| (session.outcome, session.retry_count);
    sessions.iter().map(told).collect()
}

#[test]
fn a_session_tried_again_is_no_answer_to_its_challenge() {
    let plain = post(&inform("A", "2 PERIODIC"));
    let retry = inform("A", "2 PERIODIC").replace("<RetryCount>0<", "<RetryCount>1<");
    let answer = |message: Vec<u8>| with_header(message, "Authorization: Digest username=\"a\"");
    let two = [(Outcome::Rejected, Some(0)), (Outcome::Complete, Some(1))];
    assert_eq!(challenged_and_again(8, &post(&retry)), two);
    assert_eq!(challenged_and_again(8, &answer(post(&retry))), two);
    let late = [(Outcome::Rejected, Some(0)), (Outcome::Complete, Some(0))];
    assert_eq!(challenged_and_again(8, &plain), late);
    let one = [(Outcome::Complete, Some(0))];
    assert_eq!(challenged_and_again(8, &answer(plain.clone())), one);
    assert_eq!(challenged_and_again(0, &plain), one, "at once");
}

#[test]
fn a_session_that_was_silent_for_long_comes_back_by_its_cookie() {
    let mut scene = Scene::default();
    let mut first = connection(40_000);
    scene
        .play(first.open())
        .play(first.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
    let welcome = with_header(reply(&inform_response()), "Set-Cookie: id=42");
    let ask = with_header(post(&get_methods("x")), "Cookie: id=42");
    scene
        .play(first.send(1, &welcome, 1448))
        .play(first.send(0, &ask, 1448))
        .wait(40)
        .play(first.close());
    let mut second = connection(40_001);
    scene
        .play(second.open())
        .play(second.send(0, &ask, 1448))
        .play(second.send(1, &reply(&methods("x")), 1448))
        .play(second.send(0, &with_header(post(""), "Cookie: id=42"), 1448))
        .play(second.send(1, &reply(""), 1448))
        .play(second.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    assert_eq!(analysis.sessions[0].connections, [1, 2]);
}

#[test]
fn a_device_that_reaches_no_acs_has_tried() {
    let mut tried = Vec::new();
    for tries in [false, true] {
        let mut scene = Scene::default();
        informs_of_its_door(&mut scene);
        let door = Endpoint { port: 30005, ..CPE };
        let mut request = Connection::new(Endpoint { port: 5000, ..ACS }, door);
        scene
            .play(request.open())
            .play(request.send(0, b"GET /cr HTTP/1.1\r\nHost: a\r\n\r\n", 1448))
            .play(request.send(1, &status("200 OK"), 1448))
            .play(request.close())
            .wait(2);
        if tries {
            let syn = connection(40_001).open().remove(0);
            scene.play(vec![syn]);
        }
        scene.wait(60).play(request.open());
        let asked = &scene.analyse().connection_requests[0];
        tried.push((asked.result, asked.device_tried));
    }
    let agreed = ConnectionRequestResult::NoSession;
    assert_eq!(tried, [(agreed, false), (agreed, true)]);
}

#[test]
fn a_connection_request_with_a_body_or_another_method_is_one() {
    let mut scene = Scene::default();
    let door = Endpoint { port: 30005, ..CPE };
    informs_of_its_door(&mut scene);
    let stranger = std::net::Ipv4Addr::new(192, 0, 2, 66);
    for (port, address, method, length) in [
        (5000, ACS.address, "GET", 3),
        (5001, ACS.address, "POST", 3),
        (5002, ACS.address, "POST", 0),
        (5003, stranger, "POST", 3),
    ] {
        let mut request = Connection::new(Endpoint { port, address }, door);
        let body = &"abc"[..length];
        let head = format!("{method} /cr HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n");
        scene
            .play(request.open())
            .play(request.send(0, format!("{head}{body}").as_bytes(), 1448))
            .play(request.send(1, &status("401 Unauthorized"), 1448))
            .play(request.close());
    }
    let analysis = scene.analyse();
    let roles = analysis.messages.iter().map(|message| message.role);
    let roles: Vec<Role> = roles.skip(4).collect();
    assert_eq!(roles[..6], [Role::ConnectionRequest; 6]);
    assert_eq!(roles[6..], [Role::Other; 2], "a scanner tries everything");
}

#[test]
fn a_redirect_to_another_server_belongs_to_the_session() {
    let mut scene = Scene::default();
    let mut first = connection(40_000);
    scene
        .play(first.open())
        .play(first.send(0, &post(&inform("A", "1 BOOT")), 1448));
    let redirect = with_header(
        status("302 Found"),
        "Location: http://203.0.113.11:7547/acs",
    );
    scene
        .play(first.send(1, &redirect, 1448))
        .play(first.close());
    let elsewhere = Endpoint::new([203, 0, 113, 11], 7547);
    let mut second = Connection::new(
        Endpoint {
            port: 40_001,
            ..CPE
        },
        elsewhere,
    );
    scene
        .play(second.open())
        .play(second.send(0, &post(&inform("A", "1 BOOT")), 1448));
    scene
        .play(second.send(1, &reply(&inform_response()), 1448))
        .play(second.send(0, &post(""), 1448));
    scene
        .play(second.send(1, &reply(""), 1448))
        .play(second.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Complete);
    assert!(
        matches!(&analysis.sessions[0].steps[1].kind, StepKind::Redirect(Some(to)) if to.contains("203.0.113.11"))
    );
}

#[test]
fn a_session_goes_on_over_another_connection_by_its_cookie() {
    let mut scene = Scene::default();
    let mut first = connection(40_000);
    scene
        .play(first.open())
        .play(first.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
    let welcome = with_header(reply(&inform_response()), "Set-Cookie: id=42; Path=/");
    scene
        .play(first.send(1, &welcome, 1448))
        .play(first.close());
    // Behind another NAT binding even the address may differ.
    let mut second = Connection::new(Endpoint::new([10, 0, 0, 99], 50_000), ACS);
    scene
        .play(second.open())
        .play(second.send(0, &with_header(post(""), "Cookie: id=42"), 1448));
    scene.play(second.send(1, &reply(&get_values("x")), 1448));
    scene.play(second.send(0, &with_header(post(&values("x")), "Cookie: id=42"), 1448));
    scene
        .play(second.send(1, &reply(""), 1448))
        .play(second.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Complete);
    assert_eq!(rpcs(&analysis, 0), ["Inform", "GetParameterValues"]);
    assert_eq!(analysis.sessions[0].connections, [1, 2]);
}

#[test]
fn without_cookies_a_session_goes_on_from_the_same_address() {
    let mut scene = Scene::default();
    for (port, turns) in [(40_000, 1), (40_001, 2)] {
        let mut connection = connection(port);
        scene.play(connection.open());
        if turns == 1 {
            scene.play(connection.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
            scene.play(connection.send(1, &reply(&inform_response()), 1448));
        } else {
            scene
                .play(connection.send(0, &post(""), 1448))
                .play(connection.send(1, &reply(""), 1448));
        }
        scene.play(connection.close());
    }
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Complete);
}

#[test]
fn a_session_goes_on_elsewhere_once_either_side_has_closed() {
    // FIN of the device behind the answer or before it, or FIN of the ACS; what else closes comes late.
    for (first_fin, before_answer) in [(0, false), (0, true), (1, false)] {
        let mut scene = Scene::default();
        let mut first = connection(40_000);
        scene.play(first.open());
        scene.play(first.send(0, &post(&inform("S1", "2 PERIODIC")), 1400));
        let (ends, next) = ([first.client, first.server], first.next);
        let fin = |side: usize, next: [u32; 2]| {
            let flags = wire::FIN | wire::ACK;
            vec![wire::tcp(
                ends[side],
                ends[1 - side],
                next[side],
                next[1 - side],
                flags,
                b"",
            )]
        };
        if before_answer {
            scene.play(fin(first_fin, next));
        }
        scene.play(first.send(1, &reply(&inform_response()), 1400));
        if !before_answer {
            scene.play(fin(first_fin, first.next));
        }
        let mut second = connection(40_001);
        scene.play(second.open());
        scene.play(second.send(0, &post(""), 1400));
        scene.play(fin(1 - first_fin, first.next));
        scene.play(second.send(1, &reply(""), 1400));
        scene.play(second.close());
        let analysis = scene.analyse();
        let case = format!("FIN of {first_fin}, before the answer: {before_answer}");
        assert_eq!(analysis.sessions.len(), 1, "{case}");
        assert_eq!(analysis.sessions[0].outcome, Outcome::Complete, "{case}");
        assert_eq!(analysis.sessions[0].connections.len(), 2, "{case}");
    }
}

#[test]
fn the_cookie_of_an_earlier_session_does_not_merge_two() {
    let mut scene = Scene::default();
    for (number, port) in [(1, 40_000), (2, 40_001)] {
        let mut connection = connection(port);
        let cookie = "Cookie: id=1";
        scene.play(connection.open());
        scene.play(connection.send(
            0,
            &with_header(post(&inform("A", "2 PERIODIC")), cookie),
            1448,
        ));
        let welcome = with_header(
            reply(&inform_response()),
            &format!("Set-Cookie: id={number}"),
        );
        scene
            .play(connection.send(1, &welcome, 1448))
            .play(connection.send(0, &post(""), 1448));
        scene
            .play(connection.send(1, &reply(""), 1448))
            .play(connection.close());
    }
    let analysis = scene.analyse();
    let outcomes: Vec<Outcome> = analysis
        .sessions
        .iter()
        .map(|session| session.outcome)
        .collect();
    assert_eq!(outcomes, [Outcome::Complete, Outcome::Complete]);
}

#[test]
fn several_devices_on_one_proxy_connection_are_kept_apart() {
    let mut scene = Scene::default();
    let mut proxy = connection(40_000);
    scene.play(proxy.open());
    let welcome = |cookie: &str| {
        with_header(
            reply(&inform_response()),
            &format!("Set-Cookie: s={cookie}"),
        )
    };
    scene
        .play(proxy.send(0, &post(&inform("A", "2 PERIODIC")), 1448))
        .play(proxy.send(1, &welcome("a"), 1448));
    scene
        .play(proxy.send(0, &post(&inform("B", "1 BOOT")), 1448))
        .play(proxy.send(1, &welcome("b"), 1448));
    scene.play(proxy.send(0, &with_header(post(""), "Cookie: s=a"), 1448));
    scene.play(proxy.send(1, &reply(&get_values("for-a")), 1448));
    scene
        .play(proxy.send(0, &with_header(post(""), "Cookie: s=b"), 1448))
        .play(proxy.send(1, &reply(""), 1448));
    // No cookie here: cwmp:ID tells.
    scene
        .play(proxy.send(0, &post(&values("for-a")), 1448))
        .play(proxy.send(1, &reply(""), 1448));
    scene.play(proxy.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 2);
    assert_eq!(rpcs(&analysis, 0), ["Inform", "GetParameterValues"]);
    assert_eq!(rpcs(&analysis, 1), ["Inform"]);
    assert!(
        analysis
            .sessions
            .iter()
            .all(|session| session.outcome == Outcome::Complete)
    );
}

#[test]
fn a_capture_that_begins_in_a_session_accuses_nobody() {
    let mut scene = Scene::default();
    let mut running = connection(40_000);
    scene
        .play(running.send(0, &post(&values("x")), 1448))
        .play(running.send(1, &reply(""), 1448));
    scene.play(running.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    let session = &analysis.sessions[0];
    assert_eq!(
        (session.outcome, session.device.is_none()),
        (Outcome::Incomplete, true)
    );
    assert_eq!(session.rpcs[0].method, "GetParameterValues");
    assert_eq!(
        (session.rpcs[0].from, session.rpcs[0].request_frames.len()),
        (Side::Acs, 0)
    );
    // The same, begun at an empty POST that an RPC answers.
    let mut scene = Scene::default();
    let mut running = connection(40_000);
    scene
        .play(running.send(0, &post(""), 1448))
        .play(running.send(1, &reply(&get_values("x")), 1448));
    scene
        .play(running.send(0, &post(&values("x")), 1448))
        .play(running.send(1, &reply(""), 1448));
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    assert_eq!(rpcs(&analysis, 0), ["GetParameterValues"]);
    assert_eq!(analysis.sessions[0].steps.len(), 4);
    assert!(
        analysis
            .messages
            .iter()
            .all(|message| message.session == Some(1) && message.role == Role::Cwmp)
    );
    assert_eq!(analysis.summary.cwmp.empty_posts, 1);
}

#[test]
fn how_a_session_ends() {
    let begin = |scene: &mut Scene, response: Option<Vec<u8>>| {
        let mut connection = connection(40_000);
        scene.play(connection.open()).play(connection.send(
            0,
            &post(&inform("A", "2 PERIODIC")),
            1448,
        ));
        if let Some(response) = response {
            scene.play(connection.send(1, &response, 1448));
        }
        connection
    };
    let outcome = |scene: &Scene| {
        let analysis = scene.analyse();
        assert_eq!(analysis.sessions.len(), 1);
        analysis.sessions[0].outcome
    };
    // FIN before the end.
    let mut scene = Scene::default();
    let mut cut = begin(&mut scene, Some(reply(&inform_response())));
    scene.play(cut.close());
    assert_eq!(outcome(&scene), Outcome::Aborted);
    // RST before the end.
    let mut scene = Scene::default();
    let cut = begin(&mut scene, Some(reply(&inform_response())));
    scene.play(vec![wire::tcp(
        cut.client,
        cut.server,
        cut.next[0],
        cut.next[1],
        wire::RST,
        b"",
    )]);
    assert_eq!(outcome(&scene), Outcome::Aborted);
    // The capture ends.
    let mut scene = Scene::default();
    begin(&mut scene, Some(reply(&inform_response())));
    assert_eq!(outcome(&scene), Outcome::Incomplete);
    // Refused.
    let mut scene = Scene::default();
    let mut refused = begin(&mut scene, Some(status("503 Service Unavailable")));
    scene.play(refused.close());
    assert_eq!(outcome(&scene), Outcome::Rejected);
    // A challenge that nobody answers.
    let mut scene = Scene::default();
    let mut refused = begin(&mut scene, Some(status("401 Unauthorized")));
    scene.play(refused.close());
    assert_eq!(outcome(&scene), Outcome::Rejected);
    // 204 to the Inform is no way to end.
    let mut scene = Scene::default();
    let mut odd = begin(&mut scene, Some(reply("")));
    scene.play(odd.close());
    assert_eq!(outcome(&scene), Outcome::Aborted);
}

#[test]
fn silence_ends_a_session_while_the_capture_goes_on() {
    let mut scene = Scene::default();
    let mut silent = connection(40_000);
    scene
        .play(silent.open())
        .play(silent.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
    scene.play(silent.send(1, &reply(&inform_response()), 1448));
    scene.wait(3600);
    let mut other = Connection::new(Endpoint::new([10, 0, 0, 3], 1), ACS);
    scene
        .play(other.open())
        .play(other.send(0, &post(&inform("B", "2 PERIODIC")), 1448));
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions[0].outcome, Outcome::Aborted);
    assert_eq!(analysis.sessions[1].outcome, Outcome::Incomplete);
}

#[test]
fn a_connection_request_before_any_inform_is_recognised_by_what_follows() {
    let mut scene = Scene::default();
    let device = Endpoint { port: 30005, ..CPE };
    for (port, authorization, answer) in [
        (5000, "", "401 Unauthorized"),
        (5001, "Authorization: Digest x\r\n", "200 OK"),
    ] {
        let mut request = Connection::new(Endpoint { port, ..ACS }, device);
        scene.play(request.open());
        let get = format!("GET /cr HTTP/1.1\r\nHost: 10.0.0.2:30005\r\n{authorization}\r\n");
        scene
            .play(request.send(0, get.as_bytes(), 1448))
            .play(request.send(1, &status(answer), 1448))
            .play(request.close());
    }
    // A page fetched from elsewhere meanwhile is no Connection Request.
    let mut page = Connection::new(
        Endpoint::new([10, 0, 0, 77], 1),
        Endpoint::new([198, 51, 100, 1], 80),
    );
    scene
        .play(page.open())
        .play(page.send(0, b"GET / HTTP/1.1\r\nHost: www\r\n\r\n", 1448));
    scene.play(page.send(1, &status("200 OK"), 1448));
    scene.wait(2);
    let body = inform("A", "6 CONNECTION REQUEST").replace(
        "Device.DeviceInfo.SoftwareVersion</Name><Value xsi:type=\"xsd:string\">1.0",
        "Device.ManagementServer.ConnectionRequestURL</Name><Value xsi:type=\"xsd:string\">http://10.0.0.2:30005/cr",
    );
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&body), 1448));
    scene
        .play(session.send(1, &reply(&inform_response()), 1448))
        .play(session.send(0, &post(""), 1448));
    scene
        .play(session.send(1, &reply(""), 1448))
        .play(session.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.summary.http_connection_requests, 2, "both legs");
    assert_eq!(analysis.connection_requests.len(), 1);
    assert_eq!(analysis.connection_requests[0].status, Some(200));
    let trigger = analysis.sessions[0]
        .triggered_by
        .as_ref()
        .expect("what set it off is known");
    assert_eq!(
        (trigger.kind, trigger.frames.len()),
        (TriggerKind::HttpConnectionRequest, 4)
    );
    let roles: Vec<Role> = analysis
        .messages
        .iter()
        .map(|message| message.role)
        .collect();
    assert_eq!(roles[..4], [Role::ConnectionRequest; 4]);
    assert_eq!(roles[4..6], [Role::Other; 2]);
    assert_eq!(analysis.messages[0].from, Side::Acs);
    assert_eq!(analysis.messages[1].from, Side::Cpe);
    assert_eq!(analysis.messages[0].session, Some(1));
    let times: Vec<_> = analysis
        .messages
        .iter()
        .map(|message| message.provenance.time)
        .collect();
    assert!(times.is_sorted(), "held messages keep their place");
}

#[test]
fn files_that_an_rpc_asked_for_are_transfers() {
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
    scene
        .play(session.send(1, &reply(&inform_response()), 1448))
        .play(session.send(0, &post(""), 1448));
    let download = envelope(
        "d",
        "<cwmp:Download><CommandKey>fw-7</CommandKey><FileType>1 Firmware Upgrade Image</FileType><URL>http://files.example.net:8080/fw.bin?v=2</URL><Username/><Password/><FileSize>0</FileSize><TargetFileName/><DelaySeconds>0</DelaySeconds><SuccessURL/><FailureURL/></cwmp:Download>",
    );
    let upload = envelope(
        "u",
        "<cwmp:Upload><CommandKey>log-1</CommandKey><FileType>2 Vendor Log File</FileType><URL>http://198.51.100.7/logs/</URL><Username/><Password/><DelaySeconds>0</DelaySeconds></cwmp:Upload>",
    );
    let accepted = |id: &str, name: &str| {
        envelope(
            id,
            &format!(
                "<cwmp:{name}><Status>1</Status><StartTime>0001-01-01T00:00:00Z</StartTime><CompleteTime>0001-01-01T00:00:00Z</CompleteTime></cwmp:{name}>"
            ),
        )
    };
    scene
        .play(session.send(1, &reply(&download), 1448))
        .play(session.send(0, &post(&accepted("d", "DownloadResponse")), 1448));
    scene
        .play(session.send(1, &reply(&upload), 1448))
        .play(session.send(0, &post(&accepted("u", "UploadResponse")), 1448));
    scene
        .play(session.send(1, &reply(""), 1448))
        .play(session.close());
    let mut file = Connection::new(
        Endpoint {
            port: 41_000,
            ..CPE
        },
        Endpoint::new([198, 51, 100, 8], 8080),
    );
    let image = "x".repeat(100_000);
    scene.play(file.open()).play(file.send(
        0,
        b"GET /fw.bin?v=2 HTTP/1.1\r\nHost: files.example.net:8080\r\n\r\n",
        1448,
    ));
    scene
        .play(file.send(
            1,
            format!("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{image}").as_bytes(),
            1448,
        ))
        .play(file.close());
    let mut log = Connection::new(
        Endpoint {
            port: 41_001,
            ..CPE
        },
        Endpoint::new([198, 51, 100, 7], 80),
    );
    scene.play(log.open()).play(log.send(
        0,
        b"PUT /logs/phone.log HTTP/1.1\r\nHost: 198.51.100.7\r\nContent-Length: 5\r\n\r\nhello",
        1448,
    ));
    scene
        .play(log.send(1, &status("201 Created"), 1448))
        .play(log.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.transfers.len(), 2);
    let [down, up] = [&analysis.transfers[0], &analysis.transfers[1]];
    assert_eq!(
        (down.direction, down.bytes, down.code),
        (TransferDirection::Download, Some(100_000), Some(200))
    );
    assert_eq!(
        down.caused_by
            .as_ref()
            .map(|cause| (cause.session, cause.command_key.as_str())),
        Some((1, "fw-7"))
    );
    assert_eq!(
        (up.direction, up.bytes, up.code),
        (TransferDirection::Upload, Some(5), Some(201))
    );
    assert_eq!(
        up.caused_by
            .as_ref()
            .map(|cause| cause.command_key.as_str()),
        Some("log-1")
    );
    assert_eq!(analysis.summary.http_connection_requests, 0);
}

#[test]
fn issue_1_sends_several_envelopes_and_says_when_it_is_done() {
    let no_more = "<cwmp:NoMoreRequests>1</cwmp:NoMoreRequests></soap:Header>";
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    let first = inform("A", "1 BOOT").replacen("</soap:Header>", no_more, 1);
    let both = format!(
        "{}{}",
        inform_response().replacen("</soap:Header>", no_more, 1),
        get_values("g")
    );
    scene
        .play(session.open())
        .play(session.send(0, &post(&first), 1448))
        .play(session.send(1, &reply(&both), 1448));
    scene
        .play(session.send(0, &post(&values("g")), 1448))
        .play(session.send(1, &reply(""), 1448))
        .play(session.close());
    let analysis = scene.analyse();
    assert_eq!(rpcs(&analysis, 0), ["Inform", "GetParameterValues"]);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Complete);
    assert_eq!(analysis.summary.cwmp.messages["InformResponse"], 1);
    // Both have no more requests: closing is the end.
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&first), 1448));
    scene
        .play(session.send(
            1,
            &reply(&inform_response().replacen("</soap:Header>", no_more, 1)),
            1448,
        ))
        .play(session.close());
    assert_eq!(scene.analyse().sessions[0].outcome, Outcome::Complete);
}

#[test]
fn a_gap_costs_its_session_and_not_the_next_on_the_connection() {
    let mut scene = Scene::default();
    let mut running = connection(40_000);
    scene.play(running.open());
    let long = post(&inform("A", "2 PERIODIC"));
    let mut segments = running.send(0, &long, 500);
    segments.remove(1);
    scene.play(segments);
    scene
        .play(running.send(1, &reply(&inform_response()), 1448))
        .play(running.send(0, &post(""), 1448));
    scene.play(running.send(1, &reply(""), 1448));
    scene.wait(1);
    scene.play(running.send(0, &post(&inform("A", "4 VALUE CHANGE")), 1448));
    scene
        .play(running.send(1, &reply(&inform_response()), 1448))
        .play(running.send(0, &post(""), 1448));
    scene
        .play(running.send(1, &reply(""), 1448))
        .play(running.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.summary.tcp.gaps, 1);
    let last = analysis.sessions.last().expect("a session");
    assert_eq!(
        (last.outcome, last.events.as_slice()),
        (Outcome::Complete, ["4 VALUE CHANGE".to_owned()].as_slice())
    );
    let first = &analysis.sessions[0];
    assert_eq!((first.outcome, first.gaps), (Outcome::Incomplete, 1));
}

#[test]
fn one_direction_alone_is_read() {
    let mut scene = Scene::default();
    let frames = wire::session(CPE, ACS, "A", 1448);
    let only = frames
        .into_iter()
        .filter(|frame| frame[26..30] == CPE.address.octets())
        .collect();
    scene.play(only);
    let analysis = scene.analyse();
    assert_eq!(
        (
            analysis.summary.http_requests,
            analysis.summary.http_responses
        ),
        (2, 0)
    );
    assert_eq!(analysis.sessions.len(), 1);
    assert_eq!(analysis.sessions[0].steps.len(), 2);
    assert_eq!(
        analysis.sessions[0].outcome,
        Outcome::Incomplete,
        "what the other side said is not known"
    );
}

#[test]
fn ports_used_again_are_another_connection() {
    let mut scene = Scene::default();
    for serial in ["A", "B", "C"] {
        let mut frames = wire::session(CPE, ACS, serial, 1448);
        if serial == "B" {
            // Its end is not in the capture, and the next one begins at other sequence numbers.
            frames.truncate(frames.len() - 3);
        }
        let shift = u32::from(serial.as_bytes()[0]) * 7919;
        for frame in &mut frames {
            for field in [38, 42] {
                let number = u32::from_be_bytes([
                    frame[field],
                    frame[field + 1],
                    frame[field + 2],
                    frame[field + 3],
                ]);
                frame[field..field + 4].copy_from_slice(&number.wrapping_add(shift).to_be_bytes());
            }
        }
        scene.play(frames);
    }
    let analysis = scene.analyse();
    assert_eq!(analysis.summary.tcp.connections, 3);
    assert_eq!(analysis.sessions.len(), 3);
    assert!(
        analysis
            .sessions
            .iter()
            .all(|session| session.outcome == Outcome::Complete)
    );
}

#[test]
fn an_empty_post_that_only_fetches_the_challenge_belongs_to_the_session() {
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(""), 1448))
        .play(session.send(1, &status("401 Unauthorized"), 1448));
    scene
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448))
        .play(session.send(1, &reply(&inform_response()), 1448));
    scene
        .play(session.send(0, &post(""), 1448))
        .play(session.send(1, &reply(""), 1448))
        .play(session.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    assert_eq!(analysis.sessions[0].steps.len(), 6);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Complete);
    assert!(
        analysis
            .messages
            .iter()
            .all(|message| message.session == Some(1))
    );
}

#[test]
fn an_inform_sent_again_after_an_abort_is_another_session() {
    let mut scene = Scene::default();
    let mut first = connection(40_000);
    scene
        .play(first.open())
        .play(first.send(0, &post(&inform("A", "2 PERIODIC")), 1448))
        .play(first.close());
    let mut second = connection(40_001);
    let retry = inform("A", "2 PERIODIC").replace("<RetryCount>0<", "<RetryCount>1<");
    scene
        .play(second.open())
        .play(second.send(0, &post(&retry), 1448))
        .play(second.send(1, &reply(&inform_response()), 1448));
    scene
        .play(second.send(0, &post(""), 1448))
        .play(second.send(1, &reply(""), 1448))
        .play(second.close());
    let analysis = scene.analyse();
    let outcomes: Vec<_> = analysis
        .sessions
        .iter()
        .map(|session| (session.outcome, session.retry_count))
        .collect();
    assert_eq!(
        outcomes,
        [(Outcome::Aborted, Some(0)), (Outcome::Complete, Some(1))]
    );
}

#[test]
fn an_undecodable_body_is_counted_and_shown() {
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
    scene
        .play(session.send(1, &reply(&inform_response()), 1448))
        .play(session.send(0, &post("this is no envelope"), 1448));
    scene
        .play(session.send(1, &status("400 Bad Request"), 1448))
        .play(session.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.summary.cwmp.undecodable, 1);
    assert_eq!(analysis.sessions[0].steps[2].kind, StepKind::Undecodable);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Rejected);
}

/// A server may repeat a field of the request in the head of its error page; the error is what happened.
#[test]
fn an_error_page_is_no_undecodable_body_whatever_its_head_repeats() {
    let page =
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\nSOAPAction: \"\"\r\n\
        Content-Length: 17\r\n\r\n<html>busy</html>";
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448))
        .play(session.send(1, page, 1448))
        .play(session.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.summary.cwmp.undecodable, 0);
    assert_eq!(analysis.sessions[0].steps[1].kind, StepKind::HttpError);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Rejected);

    // The same body is unreadable where the head calls it an answer.
    let answer = String::from_utf8_lossy(page).replace("503 Service Unavailable", "200 OK");
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448))
        .play(session.send(1, answer.as_bytes(), 1448))
        .play(session.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.summary.cwmp.undecodable, 1);
    assert_eq!(analysis.sessions[0].steps[1].kind, StepKind::Undecodable);
}

#[test]
fn device_ids_are_percent_encoded() {
    let mut scene = Scene::default();
    scene.play(wire::session(CPE, ACS, "A/1 \u{e4}", 1448));
    let analysis = scene.analyse();
    assert_eq!(
        analysis.summary.devices[0].device.as_ref(),
        "00D09E-X3-A%2F1%20%C3%A4"
    );
}
#[test]
fn an_answer_is_never_read_before_its_question() {
    // The mirror delivers the response first, though it acknowledges the request.
    let mut frames = wire::session(CPE, ACS, "A", 1448);
    frames.swap(3, 4);
    let mut scene = Scene::default();
    scene.play(frames);
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Complete);
    assert_eq!(analysis.sessions[0].gaps, 0);
    let frames: Vec<u64> = analysis.sessions[0]
        .steps
        .iter()
        .map(|step| step.frames[0].number())
        .collect();
    assert_eq!(frames, [5, 4, 6, 7]);
}

/// What follows a lost segment is handled when the hole is given up, after what another connection of the session carried.
#[test]
fn steps_of_two_connections_stand_in_time_order() {
    let cookie = "Cookie: session=1";
    let mut scene = Scene::default();
    let (mut first, mut second) = (connection(40_000), connection(40_001));
    let response = with_header(reply(&inform_response()), "Set-Cookie: session=1");
    scene
        .play(first.open())
        .play(first.send(0, &post(&inform("A", "2 PERIODIC")), 1448))
        .play(first.send(1, &response, 1448));
    drop(first.send(0, &with_header(post(""), cookie), 1448));
    scene
        .play(first.send(1, &reply(&get_values("2")), 1448))
        .play(first.send(0, &with_header(post(&values("2")), cookie), 1448))
        .play(second.open());
    let asked = envelope("7", "<cwmp:GetRPCMethods/>");
    let methods = "<cwmp:GetRPCMethodsResponse><MethodList/></cwmp:GetRPCMethodsResponse>";
    scene
        .play(second.send(0, &with_header(post(&asked), cookie), 1448))
        .play(second.send(1, &reply(&envelope("7", methods)), 1448))
        .play(second.close())
        .play(first.send(1, &reply(""), 1448))
        .play(first.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    let steps = &analysis.sessions[0].steps;
    let connections: Vec<u64> = steps.iter().map(|step| step.connection).collect();
    assert_eq!(connections, [1, 1, 1, 1, 2, 2, 1]);
    assert!(steps.is_sorted_by_key(|step| step.time));
}

#[test]
fn loss_after_a_session_does_not_touch_it() {
    let mut scene = Scene::default();
    let mut kept = connection(40_000);
    scene
        .play(kept.open())
        .play(kept.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
    scene
        .play(kept.send(1, &reply(&inform_response()), 1448))
        .play(kept.send(0, &post(""), 1448));
    scene.play(kept.send(1, &reply(""), 1448));
    scene.wait(20);
    // The next Inform is lost, its answer is not.
    kept.send(0, &post(&inform("A", "2 PERIODIC")), 1448);
    scene
        .play(kept.send(1, &reply(&inform_response()), 1448))
        .play(kept.send(0, &post(""), 1448));
    scene
        .wait(1)
        .play(kept.send(1, &reply(""), 1448))
        .play(kept.close());
    let analysis = scene.analyse();
    let first = &analysis.sessions[0];
    assert_eq!(
        (first.outcome, first.gaps, first.rpcs.len()),
        (Outcome::Complete, 0, 1)
    );
    assert_eq!(analysis.sessions.len(), 2);
    assert_eq!(analysis.sessions[1].outcome, Outcome::Incomplete);
}

#[test]
fn pooled_connections_of_a_proxy_follow_the_cookie() {
    let mut scene = Scene::default();
    let (mut one, mut two) = (connection(40_000), connection(40_001));
    scene.play(one.open()).play(two.open());
    for (device, cookie, pooled) in [("A", "s=a", &mut one), ("B", "s=b", &mut two)] {
        scene.play(pooled.send(0, &post(&inform(device, "2 PERIODIC")), 1448));
        let welcome = with_header(reply(&inform_response()), &format!("Set-Cookie: {cookie}"));
        scene.play(pooled.send(1, &welcome, 1448));
    }
    // Now each device's requests take the other's connection.
    for (cookie, id, pooled) in [("s=b", "b1", &mut one), ("s=a", "a1", &mut two)] {
        let cookie = format!("Cookie: {cookie}");
        scene.play(pooled.send(0, &with_header(post(""), &cookie), 1448));
        scene.play(pooled.send(1, &reply(&get_values(id)), 1448));
        scene.play(pooled.send(0, &with_header(post(&values(id)), &cookie), 1448));
        scene.play(pooled.send(1, &reply(""), 1448));
    }
    scene.play(one.close()).play(two.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 2);
    for (session, id) in analysis.sessions.iter().zip(["a1", "b1"]) {
        assert_eq!(
            session.rpcs[1].id.as_deref(),
            Some(id),
            "{:?}",
            session.device
        );
        assert_eq!(session.outcome, Outcome::Complete);
    }
}

#[test]
fn connection_requests_to_many_devices_go_each_to_its_own() {
    let mut scene = Scene::default();
    let devices = [
        Endpoint::new([10, 0, 0, 1], 7547),
        Endpoint::new([10, 0, 0, 2], 7547),
    ];
    for (port, device) in [(5000, devices[0]), (5001, devices[1])] {
        let mut request = Connection::new(Endpoint { port, ..ACS }, device);
        scene.play(request.open()).play(request.send(
            0,
            b"GET / HTTP/1.1\r\nHost: cpe\r\n\r\n",
            1448,
        ));
        scene
            .play(request.send(1, &status("200 OK"), 1448))
            .play(request.close());
    }
    for (serial, device) in [("S1", devices[0]), ("S2", devices[1])] {
        let url = format!("http://{}:7547/", device.address);
        let body = inform(serial, "6 CONNECTION REQUEST").replace(
            "Device.DeviceInfo.SoftwareVersion</Name><Value xsi:type=\"xsd:string\">1.0",
            &format!("Device.ManagementServer.ConnectionRequestURL</Name><Value xsi:type=\"xsd:string\">{url}"),
        );
        let mut session = Connection::new(
            Endpoint {
                port: 40_000,
                ..device
            },
            ACS,
        );
        scene
            .play(session.open())
            .play(session.send(0, &post(&body), 1448));
        scene
            .play(session.send(1, &reply(&inform_response()), 1448))
            .play(session.send(0, &post(""), 1448));
        scene
            .play(session.send(1, &reply(""), 1448))
            .play(session.close());
    }
    let analysis = scene.analyse();
    for (session, frames) in analysis.sessions.iter().zip([[4, 5], [12, 13]]) {
        let trigger = session
            .triggered_by
            .as_ref()
            .expect("its Connection Request is known");
        let numbers: Vec<u64> = trigger.frames.iter().map(|frame| frame.number()).collect();
        assert_eq!(numbers, frames);
    }
}

#[test]
fn a_strangers_refused_get_sets_nothing_off() {
    let mut scene = Scene::default();
    let device = Endpoint { port: 30005, ..CPE };
    let mut stranger = Connection::new(Endpoint::new([192, 0, 2, 66], 5000), device);
    scene.play(stranger.open()).play(stranger.send(
        0,
        b"GET /cr HTTP/1.1\r\nHost: cpe\r\n\r\n",
        1448,
    ));
    scene
        .play(stranger.send(1, &status("401 Unauthorized"), 1448))
        .play(stranger.close());
    let body = inform("A", "6 CONNECTION REQUEST").replace(
        "Device.DeviceInfo.SoftwareVersion</Name><Value xsi:type=\"xsd:string\">1.0",
        "Device.ManagementServer.ConnectionRequestURL</Name><Value xsi:type=\"xsd:string\">http://10.0.0.2:30005/cr",
    );
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&body), 1448));
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions[0].triggered_by, None);
    assert_eq!(
        analysis.summary.http_connection_requests, 1,
        "it was one all the same"
    );
}

#[test]
fn a_slow_answer_from_elsewhere_is_no_answer_of_a_device() {
    let mut scene = Scene::default();
    let mut poll = Connection::new(
        Endpoint::new([10, 0, 0, 77], 1),
        Endpoint::new([198, 51, 100, 1], 80),
    );
    scene
        .play(poll.open())
        .play(poll.send(0, b"GET /poll HTTP/1.1\r\nHost: www\r\n\r\n", 1448));
    scene
        .wait(60)
        .play(wire::session(CPE, ACS, "A", 1448))
        .wait(5);
    scene.play(poll.send(1, &status("200 OK"), 1448));
    let analysis = scene.analyse();
    let poll: Vec<_> = analysis
        .messages
        .iter()
        .filter(|message| message.session.is_none())
        .collect();
    assert_eq!(poll.len(), 2);
    assert!(
        poll.iter()
            .all(|message| message.role == Role::Other && message.from == Side::Other)
    );
}

#[test]
fn the_same_file_for_several_devices_is_each_ones_own() {
    let mut scene = Scene::default();
    let devices = [
        Endpoint::new([10, 0, 0, 1], 40_000),
        Endpoint::new([10, 0, 0, 2], 40_000),
    ];
    for (number, device) in devices.iter().enumerate() {
        let key = format!("key{number}");
        let download = envelope(
            "d",
            &format!(
                "<cwmp:Download><CommandKey>{key}</CommandKey><FileType>1 Firmware Upgrade Image</FileType><URL>http://files.example.net/fw.bin</URL></cwmp:Download>"
            ),
        );
        let accepted = envelope(
            "d",
            "<cwmp:DownloadResponse><Status>1</Status></cwmp:DownloadResponse>",
        );
        let mut session = Connection::new(*device, ACS);
        scene.play(session.open()).play(session.send(
            0,
            &post(&inform(&format!("S{number}"), "2 PERIODIC")),
            1448,
        ));
        scene
            .play(session.send(1, &reply(&inform_response()), 1448))
            .play(session.send(0, &post(""), 1448));
        scene
            .play(session.send(1, &reply(&download), 1448))
            .play(session.send(0, &post(&accepted), 1448));
        scene
            .play(session.send(1, &reply(""), 1448))
            .play(session.close());
    }
    for device in devices {
        let mut file = Connection::new(
            Endpoint {
                port: 41_000,
                ..device
            },
            Endpoint::new([198, 51, 100, 8], 80),
        );
        scene.play(file.open()).play(file.send(
            0,
            b"GET /fw.bin HTTP/1.1\r\nHost: files.example.net\r\n\r\n",
            1448,
        ));
        scene
            .play(file.send(1, &status("200 OK"), 1448))
            .play(file.close());
    }
    let analysis = scene.analyse();
    let causes: Vec<_> = analysis
        .transfers
        .iter()
        .filter_map(|transfer| transfer.caused_by.clone())
        .collect();
    let causes: Vec<_> = causes
        .iter()
        .map(|cause| (cause.session, cause.command_key.as_str()))
        .collect();
    assert_eq!(causes, [(1, "key0"), (2, "key1")]);
}

#[test]
fn a_retry_request_keeps_the_session_and_another_fault_ends_it() {
    let fault = |code: &str| {
        envelope(
            "1",
            &format!(
                "<soap:Fault><faultcode>Server</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault><FaultCode>{code}</FaultCode><FaultString>x</FaultString></cwmp:Fault></detail></soap:Fault>"
            ),
        )
    };
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
    scene
        .play(session.send(1, &reply(&fault("8005")), 1448))
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
    scene
        .play(session.send(1, &reply(&inform_response()), 1448))
        .play(session.send(0, &post(""), 1448));
    scene
        .play(session.send(1, &reply(""), 1448))
        .play(session.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Faulted);
    for http in ["200 OK", "500 Internal Server Error"] {
        let mut scene = Scene::default();
        let mut session = connection(40_000);
        scene
            .play(session.open())
            .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
        let body = fault("8001");
        let refusal = format!(
            "HTTP/1.1 {http}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        scene
            .play(session.send(1, refusal.as_bytes(), 1448))
            .play(session.close());
        assert_eq!(
            scene.analyse().sessions[0].outcome,
            Outcome::Rejected,
            "{http}"
        );
    }
}

#[test]
fn an_answer_that_cannot_be_read_leaves_the_question_open() {
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
    scene
        .play(session.send(1, &reply(&inform_response()), 1448))
        .play(session.send(0, &post(""), 1448));
    scene
        .play(session.send(1, &reply(&get_values("g")), 1448))
        .play(session.send(0, &post("garbled"), 1448));
    scene
        .play(session.send(1, &reply(""), 1448))
        .play(session.close());
    assert_eq!(scene.analyse().sessions[0].outcome, Outcome::Aborted);
}

#[test]
fn silence_at_the_end_of_the_capture_accuses_nobody() {
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
    scene
        .play(session.send(1, &reply(&inform_response()), 1448))
        .wait(40);
    let mut other = Connection::new(Endpoint::new([10, 0, 0, 9], 1), ACS);
    scene.play(other.open());
    assert_eq!(scene.analyse().sessions[0].outcome, Outcome::Incomplete);
}

#[test]
fn long_names_are_counted_together() {
    let name = "N".repeat(200);
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene.play(session.open());
    for _ in 0..3 {
        let body = envelope("1", &format!("<cwmp:{name}/>"));
        scene
            .play(session.send(0, &post(&body), 1448))
            .play(session.send(1, &reply(""), 1448));
    }
    let analysis = scene.analyse();
    assert_eq!(
        analysis
            .summary
            .cwmp
            .messages
            .values()
            .copied()
            .collect::<Vec<_>>(),
        [3]
    );
}

#[test]
fn a_session_that_goes_on_for_ever_is_cut_into_pieces() {
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448));
    scene
        .play(session.send(1, &reply(&inform_response()), 1448))
        .play(session.send(0, &post(""), 1448));
    for _ in 0..11_000 {
        scene
            .play(session.send(1, &reply(&get_values("g")), 1448))
            .play(session.send(0, &post(&values("g")), 1448));
    }
    scene
        .play(session.send(1, &reply(""), 1448))
        .play(session.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 2);
    assert!(
        analysis
            .sessions
            .iter()
            .all(|session| session.outcome == Outcome::Incomplete && session.steps.len() <= 20_001)
    );
    assert_eq!(analysis.summary.limits_reached.get("steps_max"), Some(&1));
}

#[test]
fn a_challenge_before_the_body_was_sent_belongs_to_the_session() {
    let whole = with_header(post(&inform("A", "2 PERIODIC")), "Expect: 100-continue");
    let head = whole
        .windows(4)
        .position(|end| end == b"\r\n\r\n")
        .expect("a head")
        + 4;
    // The device closes without sending the body, and comes again.
    let mut scene = Scene::default();
    let mut first = connection(40_000);
    scene
        .play(first.open())
        .play(first.send(0, &whole[..head], 1448));
    scene
        .play(first.send(1, &status("401 Unauthorized"), 1448))
        .play(first.close());
    let mut second = connection(40_001);
    scene
        .play(second.open())
        .play(second.send(0, &whole[..head], 1448));
    scene
        .play(second.send(1, b"HTTP/1.1 100 Continue\r\n\r\n", 1448))
        .play(second.send(0, &whole[head..], 1448));
    scene
        .play(second.send(1, &reply(&inform_response()), 1448))
        .play(second.send(0, &post(""), 1448));
    scene
        .play(second.send(1, &reply(""), 1448))
        .play(second.close());
    let analysis = scene.analyse();
    assert_eq!(analysis.sessions.len(), 1);
    let session = &analysis.sessions[0];
    assert_eq!(
        (session.outcome, session.connections.len()),
        (Outcome::Complete, 2)
    );
    assert!(
        analysis
            .messages
            .iter()
            .all(|message| message.session == Some(1))
    );
    assert_eq!(analysis.summary.cwmp.undecodable, 0);
    // Or it sends the body all the same, on the same connection.
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &whole[..head], 1448));
    scene
        .play(session.send(1, &status("401 Unauthorized"), 1448))
        .play(session.send(0, &whole[head..], 1448));
    scene
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448))
        .play(session.send(1, &reply(&inform_response()), 1448));
    scene
        .play(session.send(0, &post(""), 1448))
        .play(session.send(1, &reply(""), 1448))
        .play(session.close());
    let analysis = scene.analyse();
    let kinds: Vec<_> = analysis.sessions[0]
        .steps
        .iter()
        .map(|step| step.status)
        .collect();
    assert_eq!(analysis.sessions.len(), 1);
    assert_eq!(kinds, [None, Some(401), None, Some(200), None, Some(204)]);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Complete);
}

#[test]
fn a_challenge_in_the_middle_makes_no_second_rpc() {
    let complete = envelope(
        "t",
        "<cwmp:TransferComplete><CommandKey>k</CommandKey></cwmp:TransferComplete>",
    );
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene.play(session.open()).play(session.send(
        0,
        &post(&inform("A", "7 TRANSFER COMPLETE")),
        1448,
    ));
    scene
        .play(session.send(1, &reply(&inform_response()), 1448))
        .play(session.send(0, &post(&complete), 1448));
    scene
        .play(session.send(1, &status("401 Unauthorized"), 1448))
        .play(session.send(0, &post(&complete), 1448));
    scene.play(session.send(
        1,
        &reply(&envelope("t", "<cwmp:TransferCompleteResponse/>")),
        1448,
    ));
    scene
        .play(session.send(0, &post(""), 1448))
        .play(session.send(1, &reply(&get_values("g")), 1448));
    scene
        .play(session.send(0, &post(&values("g")), 1448))
        .play(session.send(1, &status("401 Unauthorized"), 1448));
    scene
        .play(session.send(0, &post(&values("g")), 1448))
        .play(session.send(1, &reply(""), 1448))
        .play(session.close());
    let analysis = scene.analyse();
    assert_eq!(
        rpcs(&analysis, 0),
        ["Inform", "TransferComplete", "GetParameterValues"]
    );
    assert_eq!(analysis.sessions[0].outcome, Outcome::Complete);
    assert!(
        analysis.sessions[0]
            .rpcs
            .iter()
            .all(|rpc| rpc.response.is_some())
    );
}

#[test]
fn every_byte_of_a_message_is_traced_to_its_frame() {
    let frames = wire::session(CPE, ACS, "A", 97);
    let mut scene = Scene::default();
    scene.play(frames.clone());
    let analysis = scene.analyse();
    for message in &analysis.messages {
        let start = message.http.stream_offset;
        for (at, byte) in message.http.raw.iter().enumerate() {
            let offset = start + at as u64;
            let provenance = &message.provenance;
            let frame = provenance
                .frame_at(offset)
                .expect("the byte came in a frame");
            let first = provenance
                .carried
                .iter()
                .rev()
                .find(|carried| carried.offset <= offset)
                .expect("carried");
            let payload = &frames[frame.number() as usize - 1][54..];
            assert_eq!(payload[(offset - first.offset) as usize], *byte);
        }
        if let Some(document) = &message.soap {
            let body = document.text();
            let offset = message
                .http
                .body_stream_offset(10)
                .expect("a plain body stands in the stream");
            assert_eq!(body[10], message.http.raw[(offset - start) as usize]);
        }
    }
    assert_eq!(analysis.messages.len(), 4);
}

#[test]
fn an_early_answer_to_a_request_that_a_gap_cut_keeps_its_place() {
    let whole = with_header(post(&inform("A", "2 PERIODIC")), "Expect: 100-continue");
    let head = whole
        .windows(4)
        .position(|end| end == b"\r\n\r\n")
        .expect("a head")
        + 4;
    let mut scene = Scene::default();
    let mut session = connection(40_000);
    scene
        .play(session.open())
        .play(session.send(0, &whole[..head], 1448));
    scene.play(session.send(1, &status("401 Unauthorized"), 1448));
    let mut segments = session.send(0, &whole[head..], 300);
    segments.remove(3);
    scene.play(segments).wait(1);
    scene
        .play(session.send(0, &post(&inform("A", "2 PERIODIC")), 1448))
        .play(session.send(1, &reply(&inform_response()), 1448));
    scene
        .play(session.send(0, &post(""), 1448))
        .play(session.send(1, &reply(""), 1448))
        .wait(1)
        .play(session.close());
    let analysis = scene.analyse();
    let steps = analysis.sessions.iter().flat_map(|session| &session.steps);
    let statuses: Vec<_> = steps.map(|step| step.status).collect();
    assert_eq!(
        statuses,
        [None, Some(401), None, Some(200), None, Some(204)]
    );
}
