//! What is said in a session: requests, answers and statuses, with all that HTTP, cookies and Digest want of each.

use std::net::{Ipv4Addr, SocketAddr};

use super::arguments::{call, parameter_list};
use super::device::Parameter;
use super::faults;
use super::http::{Challenge, field};
use super::moment::local;
use super::story::{Block, By, Content, Message, Version};
use super::world::{Connection, Site, World};
use super::xml::{Node, array, leaf, node};

impl World {
    /// A session up to the InformResponse.
    pub fn begin(&mut self, events: &[(&str, &str)], changed: &[&str]) {
        self.inform(events, changed);
        self.accept();
    }

    /// A session up to the Inform that carries the device's proof.
    pub fn inform(&mut self, events: &[(&str, &str)], changed: &[&str]) {
        self.enter();
        let inform = self.inform_call(events, changed);
        let body = self.by_device(&inform, None);
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
        let mut names: Vec<&str> = device.forced().to_vec();
        names.extend(
            changed
                .iter()
                .filter(|name| !device.forced().contains(name)),
        );
        let paths = names.iter().map(|name| device.path(name));
        let parameters: Vec<(String, &Parameter)> = paths
            .filter_map(|path| Some((path.clone(), device.parameters.get(&path)?)))
            .collect();
        let issue1 = device.version == Version::Issue1;
        let time = local(self.now_us, if issue1 { 0 } else { device.ahead_minutes });
        let time = if issue1 {
            time.replace("+00:00", "Z")
        } else {
            time
        };
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
    pub fn by_device(&mut self, body: &Node, answered: Option<&str>) -> String {
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
    pub fn by_acs(&mut self, body: &Node, answered: Option<&str>) -> String {
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
        let mut fields = vec![
            ("Host".to_owned(), host),
            field("User-Agent", manner.product),
        ];
        if !body.is_empty() {
            fields.push(field("Content-Type", manner.content_type));
            let answers = what.ends_with("Response")
                || what == "Fault"
                || body.matches(":Envelope>").count() > 1;
            let action = if answers { "" } else { manner.soap_action };
            fields.push(field("SOAPAction", action));
        }
        if !self.cookies.is_empty() {
            let cookies = self.cookies.iter();
            let cookies: Vec<String> = cookies
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
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
        let reason = if status == 302 {
            "Found"
        } else {
            "Temporary Redirect"
        };
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
            opaque: self
                .ways
                .opaque
                .then(|| format!("{:08x}", random.next() as u32)),
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
        let envelopes = if self.device.version == Version::Issue1 {
            2
        } else {
            1
        };
        let response = call("InformResponse", vec![leaf("MaxEnvelopes", envelopes)]);
        let id = self.asked.clone();
        let body = self.by_acs(&response, Some(&id));
        self.reply("InformResponse", body);
        self.retries = 0;
    }

    /// A request of the device, which the ACS answers.
    pub fn request(&mut self, request: &Node, response: &Node) {
        let body = self.by_device(request, None);
        self.post(local_name(request), &body);
        let id = self.asked.clone();
        let body = self.by_acs(response, Some(&id));
        self.reply(local_name(response), body);
    }

    /// The device has nothing to say, and the ACS may.
    pub fn give_turn(&mut self) {
        self.exhausted |= !self.held;
        self.post("empty", "");
    }

    /// A request of the ACS, which the device answers.
    pub fn ask(&mut self, request: &Node, response: &Node) {
        let body = self.by_acs(request, None);
        self.reply(local_name(request), body);
        if std::mem::take(&mut self.ways.closing_answer) {
            self.move_on();
        }
        self.answer(response);
    }

    fn answer(&mut self, response: &Node) {
        let id = self.asked.clone();
        let body = self.by_device(response, Some(&id));
        self.post(local_name(response), &body);
        let fresh = self
            .connection
            .as_ref()
            .is_some_and(|connection| connection.digest.is_none());
        if fresh {
            self.challenge();
            self.post(local_name(response), &body);
        }
    }

    /// The connection is closed by the ACS, and the session goes on in another.
    fn move_on(&mut self) {
        let connection = self.connection.clone().expect("a connection stands");
        if let Some(Content::Message(message)) =
            self.blocks.last_mut().map(|block| &mut block.content)
        {
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
        let ends = if by == By::Cpe {
            [cpe, acs]
        } else {
            [acs, cpe]
        };
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
