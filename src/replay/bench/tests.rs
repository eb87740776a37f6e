//! The ACS without sockets: every version, every courtesy, and peers that mean no good.

mod credentials;
mod guard;
mod queue;
mod sessions;

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
                BenchAction::Tell(BenchTold::Said(words) | BenchTold::Noted(words)) => {
                    self.told.push(words);
                }
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
