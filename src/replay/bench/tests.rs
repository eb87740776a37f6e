//! The ACS without sockets: every version, every courtesy, and peers that mean no good.

use std::time::Duration;

use super::*;
use crate::replay::guard::Guard;
use crate::replay::scenario::Class;

/// A bench with its answers, as a driver has them.
struct Stage {
    bench: Bench,
    now: Now,
    next: u64,
    told: Vec<String>,
    ended: Vec<(u32, String, Option<String>)>,
    woken: Vec<(String, String)>,
    closed: Vec<ConnectionId>,
    classes: Vec<Class>,
    allowed: Allowed,
}

impl Stage {
    fn new(devices: &[&str], account: Option<BenchAccount>) -> Self {
        let allowed = Allowed::new(devices.iter().map(|it| (*it).to_owned()).collect());
        let mut state = 7_u64;
        let setting = BenchSetting {
            allowed: allowed.clone(),
            account,
            silence: Duration::from_secs(30),
            random: Box::new(move || {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                state
            }),
            wall_clock: Box::new(|_| Timestamp::default()),
        };
        Self {
            bench: Bench::new(setting).expect("an account that can be asked for"),
            now: Now::ZERO,
            next: 0,
            told: Vec::new(),
            ended: Vec::new(),
            woken: Vec::new(),
            closed: Vec::new(),
            classes: Vec::new(),
            allowed,
        }
    }

    fn order(&mut self, line: &str) {
        let order = Order::read(line, "q:1", &|_| Ok(XML.as_bytes().to_vec()));
        let order = order.expect("a right line").expect("an order");
        self.bench.enqueue(self.now, order);
        self.act();
    }

    fn connect(&mut self, ip: [u8; 4]) -> ConnectionId {
        self.next += 1;
        let id = ConnectionId(self.next);
        self.bench.connected(self.now, id, (ip, 40_000).into());
        self.act();
        id
    }

    /// Says something on a connection; what is answered.
    fn say(&mut self, id: ConnectionId, request: &[u8]) -> String {
        let mut stream = http1::Stream::new(http1::Kind::Request, http1::Limits::default(), 0);
        let mut input = request;
        while let Some(event) = stream.next(&mut input) {
            match event {
                http1::Event::Head => stream.keep_body(http1::Keep::All),
                http1::Event::Message(message) => {
                    self.bench.message(self.now, id, Box::new(message));
                }
                _ => {}
            }
        }
        self.act()
    }

    fn post(&mut self, id: ConnectionId, cookie: &str, body: &str) -> String {
        self.say(id, post(cookie, body).as_bytes())
    }

    fn act(&mut self) -> String {
        let mut answers = String::new();
        while let Some(action) = self.bench.poll_action() {
            match action {
                BenchAction::Send {
                    connection,
                    bytes,
                    session,
                    device,
                    met,
                } => {
                    let named = device.as_deref().filter(|it| self.allowed.names(it));
                    let all = [Class::Set, Class::Disrupt, Class::Destroy];
                    let mut guard = Guard::new(&all, &self.classes, named);
                    guard.meets(met.as_deref());
                    match guard.permit(&bytes) {
                        Ok(permit) => answers.push_str(&String::from_utf8_lossy(permit.bytes())),
                        Err(no) => {
                            self.bench
                                .refused(self.now, connection, session, no.to_string());
                        }
                    }
                }
                BenchAction::Close(id) => self.closed.push(id),
                BenchAction::Wake { device, url, .. } => self.woken.push((device, url)),
                BenchAction::Ended {
                    session,
                    device,
                    why,
                } => self.ended.push((session, device, why)),
                BenchAction::Tell(BenchTold::Said(words)) => self.told.push(words),
                BenchAction::Tell(BenchTold::Refused { place, why }) => {
                    self.told.push(format!("{place}: refused: {why}"));
                }
                BenchAction::Tell(BenchTold::Answer { asked, answer, .. }) => {
                    let name = answer.envelope(0).and_then(|it| it.message_name());
                    self.told
                        .push(format!("{asked} -> {}", name.unwrap_or("?")));
                }
            }
        }
        answers
    }

    fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.bench.handle_timeout(self.now);
        self.act();
    }

    fn says(&self, words: &str) -> bool {
        self.told.iter().any(|told| told.contains(words))
    }
}

const A: [u8; 4] = [192, 0, 2, 1];
const B: [u8; 4] = [192, 0, 2, 2];
const NS: &str = "urn:dslforum-org:cwmp-1-0";
const XML: &str = "<cwmp:GetParameterValues><ParameterNames soap-enc:arrayType=\"xsd:string[1]\"><string>Device.</string></ParameterNames></cwmp:GetParameterValues>";

fn post(cookie: &str, body: &str) -> String {
    let length = body.len();
    let cookie = if cookie.is_empty() {
        String::new()
    } else {
        format!("Cookie: {cookie}\r\n")
    };
    format!(
        "POST /acs HTTP/1.1\r\nHost: acs\r\n{cookie}Content-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

fn envelope(namespace: &str, header: &str, id: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:cwmp=\"{namespace}\"><s:Header><cwmp:ID \
         s:mustUnderstand=\"1\">{id}</cwmp:ID>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn inform_of(namespace: &str, header: &str, serial: &str) -> String {
    let body = format!(
        "<cwmp:Inform><DeviceId><Manufacturer>A</Manufacturer><OUI>001565</OUI><ProductClass>T46</ProductClass><SerialNumber>\
         {serial}</SerialNumber></DeviceId><Event><EventStruct><EventCode>1 BOOT</EventCode><CommandKey/></EventStruct></Event>\
         <MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-01-01T00:00:00Z</CurrentTime><RetryCount>0</RetryCount><ParameterList>\
         <ParameterValueStruct><Name>Device.ManagementServer.ConnectionRequestURL</Name><Value>http://192.0.2.1:7547/cr</Value>\
         </ParameterValueStruct></ParameterList></cwmp:Inform>"
    );
    envelope(namespace, header, "of &lt;the&gt; device", &body)
}

fn inform(serial: &str) -> String {
    inform_of(NS, "", serial)
}

fn basic() -> BenchAccount {
    BenchAccount {
        scheme: AuthScheme::Basic,
        user: "phone".to_owned(),
        password: "s3cret".to_owned(),
    }
}

/// A request with Basic credentials: `cGhvbmU6czNjcmV0` is phone:s3cret (RFC 7617).
fn with(authorization: &str, cookie: &str, body: &str) -> String {
    post(cookie, body).replace(
        "Host: acs",
        &format!("Host: acs\r\nAuthorization: Basic {authorization}"),
    )
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

fn cookie(answer: &str) -> String {
    let line = answer
        .lines()
        .find_map(|line| line.strip_prefix("Set-Cookie: "));
    line.and_then(|it| it.split(';').next())
        .unwrap_or_default()
        .to_owned()
}

/// The ID of what we asked.
fn asked_id(answer: &str) -> String {
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    let document = cwmp::parse(
        body.into(),
        &cwmp::Hints::default(),
        &cwmp::Limits::default(),
    );
    let id = document
        .envelope(0)
        .and_then(|it| it.id().map(std::borrow::Cow::into_owned));
    id.unwrap_or_default()
}

fn response(id: &str, name: &str, content: &str) -> String {
    envelope(NS, "", id, &format!("<cwmp:{name}>{content}</cwmp:{name}>"))
}

#[test]
fn every_version_is_answered_in_its_own_namespace() {
    for minor in 0..=4 {
        let namespace = format!("urn:dslforum-org:cwmp-1-{minor}");
        let mut stage = Stage::new(&[], None);
        let id = stage.connect(A);
        let answer = stage.post(id, "", &inform_of(&namespace, "", "1"));
        assert_eq!(status(&answer), "200", "{answer}");
        assert!(
            answer.contains(&format!("xmlns:cwmp=\"{namespace}\"")),
            "{answer}"
        );
        assert!(
            answer.contains("<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes>"),
            "{answer}"
        );
        assert!(
            answer.contains("mustUnderstand=\"1\">of &lt;the&gt; device</cwmp:ID>"),
            "{answer}"
        );
        assert!(answer.contains("Content-Length: ") && !answer.contains("UseCWMPVersion"));
        stage.order("GetParameterValues Device.");
        let answer = stage.post(id, &cookie(&answer), "");
        assert!(
            answer.contains(&format!("xmlns:cwmp=\"{namespace}\"")),
            "{answer}"
        );
        stage.classes = vec![Class::Set];
        stage.order("SetParameterValues Device.X=1");
        let answer = stage.post(id, "", "");
        assert!(
            answer.contains("soap-enc:arrayType=\"cwmp:ParameterValueStruct[1]\""),
            "{answer}"
        );
    }
}

#[test]
fn of_the_offered_versions_the_newest_known_is_named() {
    let mut stage = Stage::new(&[], None);
    let offer = "<cwmp:SupportedCWMPVersions s:mustUnderstand=\"0\">1.0, 1.2,1.3,1.9</cwmp:SupportedCWMPVersions>";
    let id = stage.connect(A);
    let answer = stage.post(id, "", &inform_of("urn:dslforum-org:cwmp-1-2", offer, "1"));
    assert!(
        answer.contains("<cwmp:UseCWMPVersion soap-env:mustUnderstand=\"1\">1.3</"),
        "{answer}"
    );
}

#[test]
fn a_queue_is_asked_line_by_line_and_then_the_session_ends() {
    let mut stage = Stage::new(&[], None);
    stage.order("GetParameterValues Device.DeviceInfo.");
    stage.order("GetRPCMethods");
    stage.order("xml file");
    let id = stage.connect(A);
    let cookie = cookie(&stage.post(id, "", &inform("1")));
    assert!(stage.says("lines that name no device are for 001565-T46-1"));
    let asked = stage.post(id, &cookie, "");
    assert!(
        asked.contains("<string>Device.DeviceInfo.</string>"),
        "{asked}"
    );
    let answer = response(&asked_id(&asked), "GetParameterValuesResponse", "");
    let asked = stage.post(id, &cookie, &answer);
    assert!(asked.contains("<cwmp:GetRPCMethods"), "{asked}");
    let fault = "<s:Fault><faultcode>Server</faultcode></s:Fault>";
    let asked = stage.post(id, &cookie, &envelope(NS, "", &asked_id(&asked), fault));
    assert!(asked.contains("<string>Device.</string>"), "{asked}");
    let end = stage.post(
        id,
        &cookie,
        &response("another", "GetParameterValuesResponse", ""),
    );
    assert_eq!(end, "HTTP/1.1 204 No Content\r\n\r\n");
    assert!(stage.says("GetParameterValues -> GetParameterValuesResponse"));
    assert!(stage.says("GetRPCMethods -> Fault") && stage.says("another cwmp:ID"));
    assert_eq!(stage.ended, []);
    stage.bench.closed(stage.now, id);
    stage.act();
    assert_eq!(stage.ended, [(1, "001565-T46-1".to_owned(), None)]);
}

#[test]
fn what_a_device_asks_is_answered_and_what_no_acs_has_is_a_fault() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    let cookie = cookie(&stage.post(id, "", &inform("1")));
    for (method, content, says) in [
        (
            "TransferComplete",
            "<CommandKey/>",
            "<cwmp:TransferCompleteResponse/>",
        ),
        (
            "AutonomousTransferComplete",
            "",
            "<cwmp:AutonomousTransferCompleteResponse/>",
        ),
        (
            "DUStateChangeComplete",
            "",
            "<cwmp:DUStateChangeCompleteResponse/>",
        ),
        (
            "AutonomousDUStateChangeComplete",
            "",
            "<cwmp:AutonomousDUStateChangeCompleteResponse/>",
        ),
        (
            "RequestDownload",
            "<FileType/>",
            "<cwmp:RequestDownloadResponse/>",
        ),
        ("GetRPCMethods", "", "<string>TransferComplete</string>"),
        (
            "Kicked",
            "<Next>http://a/?b</Next>",
            "<NextURL>http://a/?b</NextURL>",
        ),
        ("X_Vendor", "", "<FaultCode>8000</FaultCode>"),
        ("Reboot", "", "<FaultCode>8000</FaultCode>"),
    ] {
        let answer = stage.post(id, &cookie, &response("7", method, content));
        assert_eq!(status(&answer), "200", "{answer}");
        assert!(
            answer.contains(says) && answer.contains(">7</cwmp:ID>"),
            "{method}: {answer}"
        );
    }
    assert_eq!(status(&stage.post(id, &cookie, "")), "204");
}

#[test]
fn devices_that_are_not_named_get_the_end_and_nothing_else() {
    let mut stage = Stage::new(&["001565-T46-1"], None);
    stage.order("GetRPCMethods");
    let id = stage.connect(A);
    let answer = stage.post(id, "", &inform("2"));
    assert_eq!(status(&answer), "403");
    assert!(
        !answer.contains("Envelope") && !answer.contains("Cookie"),
        "{answer}"
    );
    assert_eq!((stage.closed.len(), stage.ended.len()), (1, 0));
    assert!(stage.says("001565-T46-2 is not served"));
    let id = stage.connect(A);
    assert_eq!(status(&stage.post(id, "", &inform("1"))), "200");
    assert!(stage.post(id, "", "").contains("GetRPCMethods"));
}

#[test]
fn devices_at_the_same_time_keep_their_sessions_and_lines() {
    let mut stage = Stage::new(&[], None);
    stage.order("for 001565-T46-2: GetParameterNames Device.Two.");
    stage.order("GetParameterNames Device.One.");
    let (one, two) = (stage.connect(A), stage.connect(A));
    let of_one = cookie(&stage.post(one, "", &inform("1")));
    let of_two = cookie(&stage.post(two, "", &inform("2")));
    assert_ne!(of_one, of_two);
    // The cookie says whose message it is, not the connection: proxies mix devices.
    let shared = stage.connect(A);
    let asked = stage.post(shared, &of_two, "");
    assert!(asked.contains("Device.Two."), "{asked}");
    let asked = stage.post(shared, &of_one, "");
    assert!(asked.contains("Device.One."), "{asked}");
    // A cookie from elsewhere is nobody's.
    let elsewhere = stage.connect(B);
    assert_eq!(status(&stage.post(elsewhere, &of_one, "")), "403");
    assert!(stage.says("belongs to no session"));
}

#[test]
fn a_second_inform_ends_the_older_session() {
    let mut stage = Stage::new(&[], None);
    let first = stage.connect(A);
    stage.post(first, "", &inform("1"));
    let second = stage.connect(B);
    assert_eq!(status(&stage.post(second, "", &inform("1"))), "200");
    assert_eq!(stage.closed, [first]);
    let ended = (
        1,
        "001565-T46-1".to_owned(),
        Some("the device began another".to_owned()),
    );
    assert_eq!(stage.ended, [ended]);
    // On the same connection as well, which stays.
    assert_eq!(status(&stage.post(second, "", &inform("1"))), "200");
    assert_eq!((stage.closed.len(), stage.ended.len()), (1, 2));
}

#[test]
fn a_device_without_cookies_may_open_a_connection_for_each_message() {
    let mut stage = Stage::new(&[], None);
    stage.order("GetRPCMethods");
    let first = stage.connect(A);
    stage.post(first, "", &inform("1"));
    stage.bench.closed(stage.now, first);
    let second = stage.connect(A);
    let asked = stage.post(second, "", "");
    assert!(asked.contains("GetRPCMethods"), "{asked}");
    // With two such devices at one address, nobody knows whose it is.
    let third = stage.connect(A);
    stage.post(third, "", &inform("2"));
    stage.bench.closed(stage.now, second);
    stage.bench.closed(stage.now, third);
    let fourth = stage.connect(A);
    assert_eq!(status(&stage.post(fourth, "", "")), "403");
}

#[test]
fn what_the_guard_refuses_is_dropped_and_the_session_ends() {
    let mut stage = Stage::new(&["001565-T46-*"], None);
    stage.order("for 001565-T46-1: FactoryReset");
    stage.order("for 001565-T46-1: GetRPCMethods");
    for classes in [vec![], vec![Class::Destroy]] {
        stage.classes = classes;
        stage.order("for 001565-T46-2: SetParameterValues Device.ManagementServer.URL=http://x/");
        for serial in ["1", "2"] {
            let id = stage.connect(A);
            stage.post(id, "", &inform(serial));
            let mut answer = stage.post(id, "", "");
            assert!(!answer.contains("FactoryReset") && !answer.contains("ManagementServer"));
            if answer.contains("GetRPCMethods") {
                answer = stage.post(id, "", "");
            }
            assert_eq!(answer, "HTTP/1.1 204 No Content\r\n\r\n");
            stage.bench.closed(stage.now, id);
            stage.act();
        }
    }
    // A pattern names nobody.
    assert!(
        stage.says("destroy needs the device named"),
        "{:?}",
        stage.told
    );
    assert_eq!(
        stage
            .told
            .iter()
            .filter(|it| it.contains("refused"))
            .count(),
        3
    );
    assert_eq!((stage.ended.len(), stage.bench.waiting()), (4, 0));
}

#[test]
fn a_refusal_on_a_connection_that_closes_says_goodbye_before_it_is_closed() {
    let mut stage = Stage::new(&[], None);
    stage.order("Reboot");
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    let request = post("", "").replace("Host: acs", "Host: acs\r\nConnection: close");
    assert_eq!(
        stage.say(id, request.as_bytes()),
        "HTTP/1.1 204 No Content\r\n\r\n"
    );
    assert_eq!(
        (stage.closed.as_slice(), stage.ended.len()),
        ([id].as_slice(), 1)
    );
    assert!(
        stage.says("q:1: refused: Reboot is disrupt"),
        "{:?}",
        stage.told
    );
}

#[test]
fn credentials_are_asked_for_once_a_session() {
    let mut stage = Stage::new(&[], Some(basic()));
    let id = stage.connect(A);
    let answer = stage.post(id, "", &inform("1"));
    assert!(
        answer.starts_with("HTTP/1.1 401 ")
            && answer.contains("WWW-Authenticate: Basic realm=\"informant\"")
    );
    // phone:wrong, and phone:s3cret (RFC 7617).
    let wrong = stage.say(id, with("cGhvbmU6d3Jvbmc=", "", &inform("1")).as_bytes());
    assert_eq!(status(&wrong), "401");
    let right = stage.say(id, with("cGhvbmU6czNjcmV0", "", &inform("1")).as_bytes());
    assert_eq!(status(&right), "200", "{right}");
    let other = stage.connect(A);
    assert_eq!(status(&stage.post(other, &cookie(&right), "")), "204");
    // Whoever is wrong too often is sent away, and may come again.
    let third = stage.connect(B);
    let statuses: Vec<String> = (0..4)
        .map(|_| {
            status(&stage.say(third, with("cGhvbmU6d3Jvbmc=", "", &inform("3")).as_bytes()))
                .to_owned()
        })
        .collect();
    assert_eq!(statuses, ["401", "401", "403", "none"]);
}

#[test]
fn an_address_is_no_credential() {
    let mut stage = Stage::new(&[], Some(basic()));
    stage.order("GetRPCMethods");
    let first = stage.connect(A);
    let right = stage.say(first, with("cGhvbmU6czNjcmV0", "", &inform("1")).as_bytes());
    assert_eq!(status(&right), "200");
    stage.bench.closed(stage.now, first);
    // The lone session of the address, without its cookie.
    for body in ["", &inform("1"), &inform("2")] {
        let other = stage.connect(A);
        assert_eq!(status(&stage.post(other, "", body)), "401", "{body}");
    }
    // With its cookie, but for another device.
    let other = stage.connect(A);
    let answer = stage.post(other, &cookie(&right), &inform("2"));
    assert_eq!(status(&answer), "401");
    let other = stage.connect(A);
    let asked = stage.post(other, &cookie(&right), "");
    assert!(asked.contains("GetRPCMethods"), "{asked}");
    // On the session's own connection, for another device.
    assert_eq!(status(&stage.post(other, "", &inform("2"))), "401");
}

#[test]
fn a_refusal_is_of_the_session_that_it_was_written_for() {
    let mut stage = Stage::new(&[], None);
    stage.order("for 001565-T46-1: GetRPCMethods");
    stage.order("for 001565-T46-2: Reboot");
    let (one, two) = (stage.connect(A), stage.connect(A));
    let of_one = cookie(&stage.post(one, "", &inform("1")));
    let of_two = cookie(&stage.post(two, "", &inform("2")));
    let shared = stage.connect(A);
    let asked = stage.post(shared, &of_one, "");
    assert!(asked.contains("GetRPCMethods"), "{asked}");
    assert_eq!(status(&stage.post(shared, &of_two, "")), "204");
    assert!(stage.says("refused: Reboot is disrupt"), "{:?}", stage.told);
    // The first goes on as if nothing had been.
    let answer = response(&asked_id(&asked), "GetRPCMethodsResponse", "");
    assert_eq!(status(&stage.post(shared, &of_one, &answer)), "204");
    assert!(stage.says("GetRPCMethods -> GetRPCMethodsResponse"));
}

#[test]
fn a_connection_is_asked_nothing_of_another_device_than_its_inform_named() {
    let mut stage = Stage::new(&["001565-T46-1", "001565-T46-2"], None);
    stage.classes = vec![Class::Destroy];
    stage.order("for 001565-T46-1: FactoryReset");
    let (one, two) = (stage.connect(A), stage.connect(A));
    let of_one = cookie(&stage.post(one, "", &inform("1")));
    stage.post(two, "", &inform("2"));
    assert_eq!(status(&stage.post(two, &of_one, "")), "403");
    // Nor where that device is not served, or has yet to show who it is.
    let mut stage = Stage::new(&[], Some(basic()));
    stage.order("for 001565-T46-1: GetRPCMethods");
    let (one, two) = (stage.connect(A), stage.connect(A));
    let of_one = stage.say(one, with("cGhvbmU6czNjcmV0", "", &inform("1")).as_bytes());
    assert_eq!(status(&stage.post(two, "", &inform("2"))), "401");
    assert_eq!(status(&stage.post(two, &cookie(&of_one), "")), "401");
    assert_eq!(stage.bench.waiting(), 1);
    assert!(stage.post(one, "", "").contains("GetRPCMethods"));
}

#[test]
fn the_guard_is_told_which_device_the_connection_named() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    let request = post("", &inform("1"));
    let mut stream = http1::Stream::new(http1::Kind::Request, http1::Limits::default(), 0);
    let mut input = request.as_bytes();
    while let Some(event) = stream.next(&mut input) {
        match event {
            http1::Event::Head => stream.keep_body(http1::Keep::All),
            http1::Event::Message(message) => {
                stage.bench.message(stage.now, id, Box::new(message));
            }
            _ => {}
        }
    }
    let met = match stage.bench.poll_action() {
        Some(BenchAction::Send { met, .. }) => met,
        _ => None,
    };
    assert_eq!(met.as_deref(), Some("001565-T46-1"));
}

#[test]
fn one_connection_has_one_session_at_a_time() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    for serial in 0..300 {
        let answer = stage.post(id, "", &inform(&serial.to_string()));
        assert_eq!(status(&answer), "200", "{serial}");
    }
    assert_eq!((stage.bench.sessions.len(), stage.ended.len()), (1, 299));
    let why = stage.ended[0].2.as_deref();
    assert_eq!(why, Some("its connection went on with 001565-T46-1"));
}

#[test]
fn an_answer_of_ours_that_is_refused_ends_its_session_in_peace() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    stage.bench.refused(stage.now, id, Some(1), "no".to_owned());
    assert_eq!(stage.act(), "HTTP/1.1 204 No Content\r\n\r\n");
    assert!(stage.says("an answer of ours: refused: no"));
    assert_eq!(stage.closed, []);
    // The end of a session that is over is not answered with another.
    stage.bench.refused(stage.now, id, Some(1), "no".to_owned());
    assert_eq!(
        (stage.act().as_str(), stage.closed.as_slice()),
        ("", [id].as_slice())
    );
    assert_eq!(stage.ended, [(1, "001565-T46-1".to_owned(), None)]);
}

#[test]
fn digest_is_asked_with_md5_and_auth() {
    let account = BenchAccount {
        scheme: AuthScheme::Digest,
        user: "phone".to_owned(),
        password: "s3cret".to_owned(),
    };
    let mut stage = Stage::new(&[], Some(account));
    let id = stage.connect(A);
    let answer = stage.post(id, "", &inform("1"));
    let line = answer
        .lines()
        .find_map(|it| it.strip_prefix("WWW-Authenticate: "))
        .expect("a challenge");
    assert!(
        line.contains("algorithm=MD5") && line.contains("qop=\"auth\""),
        "{line}"
    );
    let challenges = http1::auth::challenges(line.as_bytes());
    let digest = challenges
        .what
        .iter()
        .find_map(http1::auth::Challenge::digest)
        .expect("Digest");
    let body = inform("1");
    let with = http1::auth::Answer {
        request: http1::auth::Request {
            method: b"POST",
            target: b"/acs",
            body: Some(body.as_bytes()),
        },
        account: http1::auth::Account {
            user: "phone",
            password: "s3cret",
        },
        encoding: http1::auth::Encoding::Utf8,
        cnonce: "c",
        nc: 1,
    };
    let value = String::from_utf8(digest.answer(&with).expect("computed")).expect("text");
    let request =
        post("", &body).replace("Host: acs", &format!("Host: acs\r\nAuthorization: {value}"));
    assert_eq!(status(&stage.say(id, request.as_bytes())), "200");
}

#[test]
fn a_device_is_woken_between_its_sessions() {
    let mut stage = Stage::new(&[], None);
    stage.order("connection-request");
    stage.order("GetRPCMethods");
    assert_eq!(stage.woken, []);
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    // What stands behind it is for the next session.
    assert_eq!(status(&stage.post(id, "", "")), "204");
    assert_eq!(stage.woken, []);
    stage.bench.closed(stage.now, id);
    stage.act();
    let url = "http://192.0.2.1:7547/cr".to_owned();
    assert_eq!(stage.woken, [("001565-T46-1".to_owned(), url)]);
    stage.bench.woken(stage.now, "001565-T46-1", Ok(204));
    stage.act();
    assert!(stage.says("001565-T46-1 was woken (204)"));
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    assert!(stage.post(id, "", "").contains("GetRPCMethods"));
}

#[test]
fn silence_ends_sessions_and_connections() {
    let mut stage = Stage::new(&[], None);
    let (id, idle) = (stage.connect(A), stage.connect(B));
    stage.post(id, "", &inform("1"));
    assert_eq!(stage.bench.wakes_at(), Some(Duration::from_secs(30)));
    stage.pass(30);
    assert_eq!(stage.closed, [id, idle]);
    assert_eq!(stage.ended[0].2.as_deref(), Some("nothing came for 30 s"));
    assert_eq!(stage.bench.wakes_at(), None);
    // Who does not close the connection behind the end of the session is closed.
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    stage.post(id, "", "");
    stage.pass(2);
    assert_eq!((stage.closed.len(), stage.ended.len()), (3, 2));
    assert_eq!(stage.ended[1].2, None);
}

#[test]
fn a_device_that_leaves_is_waited_for_a_moment() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    let cookie = cookie(&stage.post(id, "", &inform("1")));
    stage.bench.closed(stage.now, id);
    stage.pass(4);
    let id = stage.connect(A);
    stage.order("GetRPCMethods");
    assert!(stage.post(id, &cookie, "").contains("GetRPCMethods"));
    stage.bench.closed(stage.now, id);
    stage.pass(5);
    assert!(
        stage.ended[0]
            .2
            .as_deref()
            .is_some_and(|why| why.contains("before the end"))
    );
    assert!(stage.says("did not answer GetRPCMethods"));
}

#[test]
fn hostile_requests_are_answered_and_forgotten() {
    let mut stage = Stage::new(&[], None);
    let id = stage.connect(A);
    assert_eq!(
        status(&stage.say(id, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")),
        "405"
    );
    let id = stage.connect(A);
    assert_eq!(status(&stage.post(id, "session=guess", "")), "403");
    let id = stage.connect(A);
    stage.post(id, "", &inform("1"));
    assert_eq!(status(&stage.post(id, "", "<no soap")), "400");
    assert_eq!(stage.ended.len(), 1);
    // An answer to nothing, an ID that is markup or long, an answer where none belongs.
    let id = stage.connect(A);
    let long = "x".repeat(100_000);
    let hostile = inform("1").replace("of &lt;the&gt; device", &long);
    let answer = stage.post(id, "", &hostile);
    assert!(
        status(&answer) == "200" && answer.len() < 4096,
        "{}",
        answer.len()
    );
    let answer = stage.post(id, "", &response("1", "GetParameterValuesResponse", ""));
    assert_eq!(status(&answer), "204");
    assert!(stage.says("answers nothing that was asked"));
    // A crowd: connections and sessions beyond the bound are turned away.
    for serial in 0..400 {
        let id = stage.connect(B);
        stage.post(id, "", &inform(&serial.to_string()));
    }
    assert!(stage.bench.connections.len() <= CONNECTIONS_MAX && stage.bench.sessions.len() <= 128);
    stage.bench.stop(stage.now);
    stage.act();
    assert!(stage.bench.connections.is_empty() && stage.bench.sessions.is_empty());
}
