//! The clock, the connections and the HTTP of a story: who says what when, with which fields, and what both sides remember.

use std::net::{Ipv4Addr, SocketAddr};

use http1::auth::{Algorithm, Computation, Counted, Hash};

use super::arguments::{call, parameter_list};
use super::device::{Device, Parameter};
use super::faults;
use super::model::Root;
use super::moment::local;
use super::story::{Accounts, Block, By, Content, Message, Story, Version};
use super::xml::{Node, Style, array, leaf, node};
use crate::random::Random;

/// A story in the making.
pub struct World {
    pub random: Random,
    pub device: Device,
    pub now_us: u64,
    /// The ACS that is called now.
    pub site: Site,
    /// The ACS it knows from the factory.
    pub home: Site,
    /// What goes another way than the shortest, in the sessions to come.
    pub ways: Ways,
    pub blocks: Vec<Block>,
    pub session: usize,
    pub connection: Option<Connection>,
    /// Names and values the ACS has set, in this session.
    pub cookies: Vec<(String, String)>,
    /// Does the last answer say HoldRequests?
    pub held: bool,
    /// Has the device told that it has no more requests?
    pub exhausted: bool,
    /// How many times the session was tried.
    pub retries: u32,
    /// When the next periodic Inform is due, and how far they are apart.
    pub periodic: Option<(u64, u64)>,
    /// The same for STUN keep-alives, with what they do.
    pub keepalive: Option<(u64, u64, fn(&mut World))>,
    /// What the device's address looks like to the server.
    pub mapped: Option<SocketAddr>,
    /// The ID of the request that waits for its answer.
    pub asked: String,
    /// Set by the caller to what the next periodic session does.
    pub routine: fn(&mut World),
    pub ids: [u32; 2],
    pub port: u16,
    pub sent: [Manner; 2],
    /// Attributes are told once they are known.
    pub transfers: Vec<super::arguments::File>,
}

/// Where the ACS is.
#[derive(Debug, Clone)]
pub struct Site {
    pub host: String,
    pub address: Ipv4Addr,
    pub port: u16,
    pub path: String,
}

/// What may be otherwise about a session.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// The Inform is redirected, with this status.
    pub redirect: Option<u16>,
    /// The challenge closes its connection.
    pub closing_challenge: bool,
    /// The ACS sends its answers in chunks.
    pub chunked: bool,
    /// HoldRequests: absent, or told in each envelope; true until the ACS has asked all.
    pub hold: Option<bool>,
    /// The ACS sets two cookies.
    pub two_cookies: bool,
    /// The ACS closes the connection behind an answer, once.
    pub closing_answer: bool,
    pub session_digest: bool,
    pub opaque: bool,
    /// The cookie comes with the challenge.
    pub early_cookie: bool,
}

/// A TCP connection between device and ACS.
#[derive(Debug, Clone)]
pub struct Connection {
    pub ends: [SocketAddr; 2],
    pub host: String,
    pub target: String,
    pub digest: Option<Challenge>,
}

/// A challenge with what the answers to it need.
#[derive(Debug, Clone)]
pub struct Challenge {
    pub realm: String,
    pub nonce: String,
    pub opaque: Option<String>,
    pub algorithm: Option<&'static str>,
    pub cnonce: String,
    pub count: u32,
}

/// How one side writes.
#[derive(Debug, Clone)]
pub struct Manner {
    pub style: Style,
    pub lower_case: bool,
    pub turned: bool,
    pub content_type: &'static str,
    pub soap_action: &'static str,
    pub product: &'static str,
}

impl World {
    /// A story in which all is written in the plainest way.
    pub fn plain(seed: u64, number: usize, version: Version, root: Root) -> Self {
        let mut random = Random::new(seed);
        let mut device = Device::new(&mut random, number, version, root);
        device.booleans = ("true", "false");
        let site = Site {
            host: "acs.example.net:7547".to_owned(),
            address: Ipv4Addr::new(198, 51, 100, 10),
            port: 7547,
            path: "/acs".to_owned(),
        };
        let manner = |product| Manner {
            style: Style::plain(),
            lower_case: false,
            turned: false,
            content_type: "text/xml; charset=utf-8",
            soap_action: "",
            product,
        };
        let now_us = START_US + (number as u64 % 1000) * 7_654_321;
        device.acs_url = site.url();
        device.booted_us = now_us - 40_000_000;
        device.reset();
        Self {
            home: site.clone(),
            site,
            random,
            device,
            now_us,
            ways: Ways::default(),
            blocks: Vec::new(),
            session: 0,
            connection: None,
            cookies: Vec::new(),
            held: false,
            exhausted: false,
            retries: 0,
            periodic: None,
            keepalive: None,
            mapped: None,
            asked: String::new(),
            routine: |_| (),
            ids: [0, 1000],
            port: 32_768,
            sent: [manner("Device/1.0"), manner("Server/2.0")],
            transfers: Vec::new(),
        }
    }

    /// A story in which both sides write in ways of their own.
    pub fn varied(seed: u64, number: usize, version: Version, root: Root) -> Self {
        let mut world = Self::plain(seed, number, version, root);
        let random = &mut world.random;
        world.now_us += random.below(20_000_000) as u64 * 1_000_000;
        world.device.booted_us = world.now_us - 40_000_000;
        world.device.booleans = [("1", "0"), ("true", "false")][random.below(2)];
        world.site.path = ["/acs", "/", "/cwmp/ACS", "/tr069?x=1"][random.below(4)].to_owned();
        if random.chance(400) {
            world.site.port = 80;
            world.site.host = "acs.example.net".to_owned();
        }
        world.home = world.site.clone();
        world.port = 32_768 + random.below(20_000) as u16;
        world.device.acs_url = world.site.url();
        world.device.reset();
        let of = |random: &mut Random, choices: &[&'static str]| choices[random.below(choices.len())];
        for manner in &mut world.sent {
            manner.style = Style::some(random);
            manner.lower_case = random.chance(200);
            manner.turned = random.chance(300);
            manner.content_type = of(
                random,
                &["text/xml", "text/xml; charset=utf-8", "text/xml;charset=\"UTF-8\""],
            );
            manner.soap_action = of(random, &["", "\"\"", "\"urn:dslforum-org:cwmp-1-0#Inform\""]);
        }
        world
    }

    pub fn finish(self) -> Story {
        let device = &self.device;
        let id = if device.class.is_empty() {
            format!("{}-{}", device.oui, device.serial)
        } else {
            format!("{}-{}-{}", device.oui, device.class, device.serial)
        };
        let account = Accounts {
            device: id,
            acs: (device.user_name(), device.password.clone()),
            connection_request: device.knocker.clone(),
            stun: device.stun.clone(),
        };
        let mut blocks = self.blocks;
        blocks.sort_by_key(|block| block.time_us);
        Story {
            blocks,
            version: self.device.version,
            sessions: self.session,
            accounts: vec![account],
        }
    }

    /// Lets so much time pass, in which nothing but keep-alives happens.
    pub fn wait_ms(&mut self, milliseconds: usize) {
        let until_us = self.now_us + milliseconds as u64 * 1_000;
        while let Some((due, period, act)) = self.keepalive {
            if due > until_us {
                break;
            }
            self.now_us = self.now_us.max(due);
            self.keepalive = Some((due + period, period, act));
            act(self);
        }
        self.now_us = self.now_us.max(until_us);
    }

    /// Lets time pass; what is due meanwhile happens.
    pub fn later(&mut self, seconds: usize) {
        let until_us = self.now_us + seconds as u64 * 1_000_000;
        while let Some((due, interval)) = self.periodic {
            if due >= until_us {
                break;
            }
            self.wait_until(due);
            self.periodic = Some((due + interval, interval));
            self.report();
        }
        self.wait_until(until_us);
    }

    pub fn wait_until(&mut self, time_us: u64) {
        let wait_us = time_us.saturating_sub(self.now_us);
        self.wait_ms(wait_us.div_ceil(1_000) as usize);
    }

    fn report(&mut self) {
        self.begin(&[("2 PERIODIC", "")], &[]);
        self.give_turn();
        (self.routine)(self);
        self.end();
    }

    /// Periodic Informs as the parameters have them, counted from now.
    pub fn set_period(&mut self) {
        let interval = self.device.value("ManagementServer.PeriodicInformInterval");
        let interval: u64 = interval.parse().unwrap_or(86_400);
        let on = self.device.is_true("ManagementServer.PeriodicInformEnable");
        let interval_us = interval * 1_000_000;
        self.periodic = on.then_some((self.now_us + interval_us, interval_us));
    }

    /// A session up to the InformResponse.
    pub fn begin(&mut self, events: &[(&str, &str)], changed: &[&str]) {
        self.inform(events, changed);
        self.accept();
    }

    /// A session up to the Inform that carries the device's proof.
    pub fn inform(&mut self, events: &[(&str, &str)], changed: &[&str]) {
        self.enter();
        let inform = self.inform_call(events, changed);
        let body = self.from_device(&inform, None);
        if let Some(status) = self.ways.redirect.take() {
            self.post("Inform", &body);
            self.redirect(status);
        }
        self.post("Inform", &body);
        self.challenge();
        self.post("Inform", &body);
    }

    /// A new session, on a new connection.
    pub fn enter(&mut self) {
        self.session += 1;
        self.cookies.clear();
        self.held = false;
        self.exhausted = false;
        let site = self.site.clone();
        self.connect(&site);
    }

    pub fn connect(&mut self, site: &Site) {
        self.port = 32_768 + (self.port - 32_768 + self.random.between(1, 9) as u16) % 28_000;
        let own = SocketAddr::from((self.device.address, self.port));
        let other = SocketAddr::from((site.address, site.port));
        self.connection = Some(Connection {
            ends: [own, other],
            host: site.host.clone(),
            target: site.path.clone(),
            digest: None,
        });
    }

    fn inform_call(&mut self, events: &[(&str, &str)], changed: &[&str]) -> Node {
        let listed = events.iter().map(|(code, key)| {
            node(
                "EventStruct",
                vec![leaf("EventCode", code), leaf("CommandKey", key)],
            )
        });
        let device = &self.device;
        let identity = vec![
            leaf("Manufacturer", &device.manufacturer),
            leaf("OUI", &device.oui),
            leaf("ProductClass", &device.class),
            leaf("SerialNumber", &device.serial),
        ];
        let mut names: Vec<&str> = device.root.forced().to_vec();
        names.extend(changed.iter().filter(|name| !device.root.forced().contains(name)));
        let paths = names.iter().map(|name| device.path(name));
        let parameters: Vec<(String, &Parameter)> = paths
            .filter_map(|path| Some((path.clone(), device.parameters.get(&path)?)))
            .collect();
        let issue1 = device.version == Version::Issue1;
        let time = local(self.now_us, if issue1 { 0 } else { device.ahead_minutes });
        let time = if issue1 { time.replace("+00:00", "Z") } else { time };
        call(
            "Inform",
            vec![
                node("DeviceId", identity),
                array("Event", "cwmp:EventStruct", listed.collect()),
                leaf("MaxEnvelopes", if issue1 { 4 } else { 1 }),
                leaf("CurrentTime", time),
                leaf("RetryCount", self.retries),
                parameter_list(&parameters),
            ],
        )
    }

    /// An envelope of the device; its ID is that of the request that it answers, or a new one.
    pub fn from_device(&mut self, body: &Node, answered: Option<&str>) -> String {
        let id = answered.map_or_else(|| self.new_id(By::Cpe), str::to_owned);
        let mut headers = vec![id_header(&id)];
        if body.name == "cwmp:Inform" {
            if self.device.version >= Version::V1_3 {
                let timeout = leaf("cwmp:SessionTimeout", 60);
                headers.push(timeout.with("soap:mustUnderstand", "0"));
            }
            if self.device.version == Version::V1_4 {
                let versions = leaf("cwmp:SupportedCWMPVersions", "1.0,1.1,1.2,1.3,1.4");
                headers.push(versions.with("soap:mustUnderstand", "0"));
            }
        }
        self.sent[0]
            .style
            .document(&envelope(headers, body), self.device.version.namespace())
    }

    pub fn new_id(&mut self, by: By) -> String {
        let last = &mut self.ids[usize::from(by == By::Acs)];
        *last += 1;
        if by == By::Cpe {
            self.asked = last.to_string();
        }
        last.to_string()
    }

    /// An envelope of the ACS.
    pub fn from_acs(&mut self, body: &Node, answered: Option<&str>) -> String {
        let fresh = answered.is_none();
        let id = answered.map_or_else(|| self.new_id(By::Acs), str::to_owned);
        if fresh {
            self.asked.clone_from(&id);
        }
        let mut headers = vec![id_header(&id)];
        self.held = false;
        if let Some(hold) = self.ways.hold {
            self.held = hold;
            let hold = leaf("cwmp:HoldRequests", u8::from(hold));
            headers.push(hold.with("soap:mustUnderstand", "1"));
        }
        if body.name == "cwmp:InformResponse" && self.device.version == Version::V1_4 {
            let version = leaf("cwmp:UseCWMPVersion", "1.4");
            headers.push(version.with("soap:mustUnderstand", "1"));
        }
        self.sent[1]
            .style
            .document(&envelope(headers, body), self.device.version.namespace())
    }

    /// The device posts this body; an empty one is an empty POST.
    pub fn post(&mut self, what: &str, body: &str) {
        self.wait_ms(20);
        let manner = self.sent[0].clone();
        let connection = self.connection.as_mut().expect("a connection stands");
        let (host, target) = (connection.host.clone(), connection.target.clone());
        let mut fields = vec![("Host".to_owned(), host), field("User-Agent", manner.product)];
        if !body.is_empty() {
            fields.push(field("Content-Type", manner.content_type));
            let answers = what.ends_with("Response") || what == "Fault" || body.matches(":Envelope>").count() > 1;
            let action = if answers { "" } else { manner.soap_action };
            fields.push(field("SOAPAction", action));
        }
        if !self.cookies.is_empty() {
            let cookies = self.cookies.iter();
            let cookies: Vec<String> = cookies.map(|(name, value)| format!("{name}={value}")).collect();
            fields.push(("Cookie".to_owned(), cookies.join("; ")));
        }
        if let Some(challenge) = &mut connection.digest {
            let user = (self.device.user_name(), self.device.password.clone());
            let proof = challenge.answer(&user, "POST", &target);
            fields.push(("Authorization".to_owned(), proof));
        }
        fields.push(field("Content-Length", "auto"));
        let message = Message {
            start: format!("POST {target} HTTP/1.1"),
            fields: manner.fields(fields),
            body: body.to_owned(),
            chunked: false,
        };
        self.say(By::Cpe, what, Content::Message(message));
    }

    /// The ACS answers with 200 and this body.
    pub fn reply(&mut self, what: &str, body: String) {
        let manner = self.sent[1].clone();
        let mut fields = vec![field("Server", manner.product)];
        fields.extend(self.new_cookies());
        fields.push(field("Content-Type", manner.content_type));
        let chunked = self.ways.chunked;
        fields.push(if chunked {
            field("Transfer-Encoding", "chunked")
        } else {
            field("Content-Length", "auto")
        });
        let message = Message {
            start: "HTTP/1.1 200 OK".to_owned(),
            fields: manner.fields(fields),
            body,
            chunked,
        };
        self.say(By::Acs, what, Content::Message(message));
    }

    /// The ACS answers with this status and no body.
    pub fn status(&mut self, status: &str, fields: Vec<(String, String)>) {
        let manner = self.sent[1].clone();
        let mut all = vec![field("Server", manner.product)];
        all.extend(fields);
        if !status.starts_with("204") {
            all.push(field("Content-Length", "0"));
        }
        let message = Message {
            start: format!("HTTP/1.1 {status}"),
            fields: manner.fields(all),
            ..Message::default()
        };
        self.say(By::Acs, &status[..3], Content::Message(message));
        self.held = false;
    }

    /// Cookies come once in a session.
    fn new_cookies(&mut self) -> Vec<(String, String)> {
        if !self.cookies.is_empty() {
            return Vec::new();
        }
        let value = format!("{:016x}", self.random.next());
        self.cookies.push(("JSESSIONID".to_owned(), value));
        if self.ways.two_cookies {
            self.cookies.push(("route".to_owned(), "n1".to_owned()));
        }
        let set = self.cookies.iter();
        set.map(|(name, value)| ("Set-Cookie".to_owned(), format!("{name}={value}; Path=/")))
            .collect()
    }

    pub fn redirect(&mut self, status: u16) {
        let away = Site {
            host: "acs2.example.net:8080".to_owned(),
            address: Ipv4Addr::new(198, 51, 100, 11),
            port: 8080,
            path: "/second".to_owned(),
        };
        let reason = if status == 302 { "Found" } else { "Temporary Redirect" };
        let location = ("Location".to_owned(), away.url());
        self.status(&format!("{status} {reason}"), vec![location]);
        self.hang_up();
        self.connect(&away);
    }

    /// The ACS wants to know who is there; on a closing challenge, the answer comes on another connection.
    pub fn challenge(&mut self) {
        let random = &mut self.random;
        let challenge = Challenge {
            realm: "acs.example.net".to_owned(),
            nonce: format!("{:016x}{:016x}", random.next(), random.next()),
            opaque: self.ways.opaque.then(|| format!("{:08x}", random.next() as u32)),
            algorithm: self.ways.session_digest.then_some("MD5-sess"),
            cnonce: format!("{:08x}", random.next() as u32),
            count: 0,
        };
        let mut fields = vec![("WWW-Authenticate".to_owned(), challenge.text())];
        if self.ways.early_cookie {
            fields.extend(self.new_cookies());
        }
        let closes = std::mem::take(&mut self.ways.closing_challenge);
        if closes {
            fields.push(field("Connection", "close"));
        }
        self.status("401 Unauthorized", fields);
        if closes {
            let connection = self.connection.clone().expect("a connection stands");
            self.say(By::Acs, "fin", Content::Fin);
            self.say(By::Cpe, "fin", Content::Fin);
            let [_, other] = connection.ends;
            let site = Site {
                host: connection.host,
                address: ipv4(other),
                port: other.port(),
                path: connection.target,
            };
            self.connect(&site);
        }
        let connection = self.connection.as_mut().expect("a connection stands");
        connection.digest = Some(challenge);
    }

    pub fn accept(&mut self) {
        let envelopes = if self.device.version == Version::Issue1 { 2 } else { 1 };
        let response = call("InformResponse", vec![leaf("MaxEnvelopes", envelopes)]);
        let id = self.asked.clone();
        let body = self.from_acs(&response, Some(&id));
        self.reply("InformResponse", body);
        self.retries = 0;
    }

    /// A request of the device, which the ACS answers.
    pub fn request(&mut self, request: &Node, response: &Node) {
        let body = self.from_device(request, None);
        self.post(local_name(request), &body);
        let id = self.asked.clone();
        let body = self.from_acs(response, Some(&id));
        self.reply(local_name(response), body);
    }

    /// The device has nothing to say, and the ACS may.
    pub fn give_turn(&mut self) {
        self.exhausted |= !self.held;
        self.post("empty", "");
    }

    /// A request of the ACS, which the device answers.
    pub fn ask(&mut self, request: &Node, response: &Node) {
        let body = self.from_acs(request, None);
        self.reply(local_name(request), body);
        if std::mem::take(&mut self.ways.closing_answer) {
            self.move_on();
        }
        self.answer(response);
    }

    fn answer(&mut self, response: &Node) {
        let id = self.asked.clone();
        let body = self.from_device(response, Some(&id));
        self.post(local_name(response), &body);
        let fresh = self.connection.as_ref().is_some_and(|connection| connection.digest.is_none());
        if fresh {
            self.challenge();
            self.post(local_name(response), &body);
        }
    }

    /// The connection is closed by the ACS, and the session goes on in another.
    fn move_on(&mut self) {
        let connection = self.connection.clone().expect("a connection stands");
        if let Some(Content::Message(message)) = self.blocks.last_mut().map(|block| &mut block.content) {
            message.set("Connection", "close");
        }
        self.say(By::Acs, "fin", Content::Fin);
        self.say(By::Cpe, "fin", Content::Fin);
        let [_, other] = connection.ends;
        self.connect(&Site {
            host: connection.host,
            address: ipv4(other),
            port: other.port(),
            path: connection.target,
        });
    }

    /// A request that the device refuses.
    pub fn refused(&mut self, request: &Node, code: u32, text: &str) {
        self.ask(request, &faults::fault(code, text));
    }

    /// The ACS has nothing more to ask: the session ends.
    pub fn end(&mut self) {
        self.status("204 No Content", Vec::new());
        if !self.exhausted {
            self.give_turn();
            self.status("204 No Content", Vec::new());
        }
        self.hang_up();
    }

    /// The device closes, and the ACS does.
    pub fn hang_up(&mut self) {
        self.wait_ms(5);
        self.say(By::Cpe, "fin", Content::Fin);
        self.say(By::Acs, "fin", Content::Fin);
        self.connection = None;
    }

    pub fn say(&mut self, by: By, what: &str, content: Content) {
        let connection = self.connection.as_ref().expect("a connection stands");
        let [cpe, acs] = connection.ends;
        let ends = if by == By::Cpe { [cpe, acs] } else { [acs, cpe] };
        self.wait_ms(8);
        self.now_us += self.random.below(9_000) as u64;
        let session = self.session;
        self.put(by, ends, session, what, content);
    }

    pub fn put(
        &mut self,
        by: By,
        [source, destination]: [SocketAddr; 2],
        session: usize,
        what: &str,
        content: Content,
    ) {
        self.blocks.push(Block {
            time_us: self.now_us,
            by,
            source,
            destination,
            session,
            what: what.to_owned(),
            content,
        });
    }
}

impl Site {
    pub fn url(&self) -> String {
        format!("http://{}{}", self.host, self.path)
    }
}

impl Challenge {
    /// As it stands in `WWW-Authenticate`.
    pub fn text(&self) -> String {
        let mut text = format!(
            "Digest realm=\"{}\", qop=\"auth\", nonce=\"{}\"",
            self.realm, self.nonce
        );
        if let Some(opaque) = &self.opaque {
            text.push_str(&format!(", opaque=\"{opaque}\""));
        }
        if let Some(algorithm) = self.algorithm {
            text.push_str(&format!(", algorithm={algorithm}"));
        }
        text
    }

    /// The answer to it, as it stands in `Authorization`.
    pub fn answer(&mut self, (user, password): &(String, String), method: &str, uri: &str) -> String {
        self.count += 1;
        let count = format!("{:08x}", self.count);
        let response = Computation {
            algorithm: Algorithm::of(Hash::Md5, self.algorithm.is_some()),
            user: user.as_bytes(),
            realm: self.realm.as_bytes(),
            password: password.as_bytes(),
            nonce: self.nonce.as_bytes(),
            cnonce: self.cnonce.as_bytes(),
            counted: Some(Counted {
                qop: b"auth",
                nc: count.as_bytes(),
            }),
            method: method.as_bytes(),
            uri: uri.as_bytes(),
            body: b"",
        };
        let mut text = format!(
            "Digest username=\"{user}\", realm=\"{}\", nonce=\"{}\", uri=\"{uri}\", response=\"{}\", qop=auth, nc={count}, cnonce=\"{}\"",
            self.realm,
            self.nonce,
            response.response(),
            self.cnonce,
        );
        if let Some(opaque) = &self.opaque {
            text.push_str(&format!(", opaque=\"{opaque}\""));
        }
        if let Some(algorithm) = self.algorithm {
            text.push_str(&format!(", algorithm={algorithm}"));
        }
        text
    }
}

impl Manner {
    /// Fields in this side's order and case. Host stays in front.
    fn fields(&self, fields: Vec<(String, String)>) -> Vec<(String, String)> {
        let mut fields = fields;
        if self.turned && fields.len() > 2 {
            fields[1..].reverse();
        }
        if self.lower_case {
            for (name, _) in &mut fields {
                name.make_ascii_lowercase();
            }
        }
        fields
    }
}

pub fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn id_header(id: &str) -> Node {
    leaf("cwmp:ID", id).with("soap:mustUnderstand", "1")
}

pub fn envelope(headers: Vec<Node>, body: &Node) -> Node {
    let parts = vec![
        node("soap:Header", headers),
        node("soap:Body", vec![body.clone()]),
    ];
    node("soap:Envelope", parts)
}

/// What a tree is called without its prefix.
pub fn local_name(node: &Node) -> &str {
    node.name.split(':').next_back().unwrap_or_default()
}

fn ipv4(end: SocketAddr) -> Ipv4Addr {
    match end {
        SocketAddr::V4(end) => *end.ip(),
        SocketAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
    }
}

/// 2026-01-12 08:00:00 UTC.
const START_US: u64 = 1_768_204_800_000_000;
