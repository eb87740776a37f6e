//! A story while it is told: the capture as it grows, what is to be looked at in it, and what holds of it. Sessions of CWMP
//! are here; what wakes a device is in `ring`, `binding` and `lease`.

use std::net::Ipv4Addr;

use http1::auth::DigestChallengeFields;

use super::actors::{Account, Device, Nonce};
use super::soap::Dialect;
use crate::digest::digest;
use crate::packet::End;
use crate::scene::{Connection, From, Scene};

/// Where the capture was taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Before the NAT, if there is one.
    BesidePhone,
    /// Behind all NATs.
    BesideAcs,
}

/// What is said about a Connection Request once all is seen.
pub struct Verdict {
    /// Its first frame.
    pub frame: u64,
    pub result: &'static str,
    pub reasons: &'static [&'static str],
    /// The session that it set off.
    pub session: Option<u32>,
}

/// What a capture holds, counted while it is told.
#[derive(Default)]
pub struct Truth {
    pub events: Vec<Vec<&'static str>>,
    /// What set each session off, in the words of `triggered_by`.
    pub triggers: Vec<&'static str>,
    pub devices: Vec<String>,
    pub connections: u64,
    pub requests: u64,
    pub responses: u64,
    pub stun: u64,
    pub stun_tr111: u64,
    pub udp_connection_requests: u64,
    pub dhcp: u64,
    pub dhcp_option_125: u64,
    /// Messages of DHCP with an option in several parts.
    pub dhcp_split: u64,
    pub verdicts: Vec<Verdict>,
    /// Words that no output may hold.
    pub secrets: Vec<String>,
}

pub struct Telling {
    pub scene: Scene,
    pub view: View,
    pub truth: Truth,
    /// First and last frame, and what happens in them.
    pub marks: Vec<(u64, u64, String)>,
    /// When the next keep-alive or other everyday packet is due.
    pub due_us: u64,
    /// What a Connection Request of this kind may bring.
    pub asked: &'static str,
    seed: u64,
}

/// A session whose turn is the ACS's.
pub struct Session {
    connection: Connection,
    cookie: String,
    dialect: Dialect,
    user_agent: &'static str,
    account: Account,
    nonce: Nonce,
    asked: u32,
}

impl Telling {
    pub fn new(view: View, interfaces: &[&'static str], start_us: u64) -> Self {
        Self {
            scene: Scene::of(interfaces, start_us),
            view,
            truth: Truth::default(),
            marks: Vec::new(),
            due_us: u64::MAX,
            asked: "",
            seed: start_us,
        }
    }

    /// The number of the next frame.
    pub fn next(&self) -> u64 {
        self.scene.frames() + 1
    }

    /// Says what the frames since this one hold.
    pub fn mark(&mut self, first: u64, text: &str) {
        self.marks
            .push((first, self.scene.frames(), text.to_owned()));
    }

    /// What is to be said of the Connection Request that begins in this frame.
    pub fn verdict(&mut self, frame: u64, result: &'static str, reasons: &'static [&'static str]) {
        let session = (result == "session").then_some(self.truth.events.len() as u32);
        self.truth.verdicts.push(Verdict {
            frame,
            result,
            reasons,
            session,
        });
    }

    /// A token of so many hexadecimal digits that did not occur yet (SplitMix64).
    pub fn token(&mut self, digits: usize) -> String {
        let mut token = String::new();
        while token.len() < digits {
            self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.seed;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            token += &format!("{:016x}", mixed ^ (mixed >> 31));
        }
        token.truncate(digits);
        token
    }

    /// The device's end as the capture shows it; a NAT keeps TCP ports.
    pub fn cpe(&self, device: &Device, port: u16) -> End {
        match (self.view, device.outside) {
            (View::BesidePhone, _) => End {
                mac: device.mac,
                address: device.address,
                port,
                ttl: 64,
            },
            (View::BesideAcs, outside) => End {
                mac: ROUTER_MAC,
                address: outside.unwrap_or(device.address),
                port,
                ttl: 64 - HOPS,
            },
        }
    }

    /// A server's end as the capture shows it.
    pub fn server(&self, address: Ipv4Addr, port: u16) -> End {
        let near = self.view == View::BesideAcs;
        End {
            mac: if near { ACS_MAC } else { ROUTER_MAC },
            address,
            port,
            ttl: if near { 64 } else { 64 - HOPS },
        }
    }

    /// A whole session with nothing but the Inform in it.
    pub fn session(&mut self, device: &mut Device, events: &[&'static str]) {
        let session = self.begin(device, events);
        self.end(session);
    }

    /// A session that asks for the state of the line and is told it.
    pub fn session_about_the_line(&mut self, device: &mut Device, events: &[&'static str]) {
        let mut session = self.begin(device, events);
        let paths = session.dialect.paths(&[LINE_STATUS]);
        self.ask(&mut session, "GetParameterValues", &paths);
        let state = [super::soap::parameter(LINE_STATUS, "string", "Up")];
        let values = session.dialect.values(&state);
        self.answer(&mut session, "GetParameterValuesResponse", &values);
        self.end(session);
    }

    /// A session up to the empty POST that hands the ACS the turn.
    pub fn begin(&mut self, device: &mut Device, events: &[&'static str]) -> Session {
        self.note_session(device, events);
        device.port += 1;
        self.truth.connections += 1;
        let client = self.cpe(device, device.port);
        let server = self.server(ACS, ACS_PORT);
        let connection = self.scene.connect(client, server);
        let known = device.nonce.clone();
        let nonce = known.clone().unwrap_or_else(|| Nonce::new(self.token(32)));
        device.nonce = Some(nonce.clone());
        let mut session = Session {
            connection,
            cookie: String::new(),
            dialect: device.make.dialect,
            user_agent: device.make.user_agent,
            account: device.acs.clone(),
            nonce,
            asked: 0,
        };
        let id = (self.truth.events.len() * 16).to_string();
        let inform = inform(device, events, &id, self.scene.now_us());
        if known.is_none() {
            self.post(&mut session, "Inform", "", &inform);
            let challenge = session.challenge();
            self.scene.wait_us(6_000);
            let refusal = format!(
                "HTTP/1.1 401 Unauthorized\r\nServer: example-acs\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n"
            );
            self.respond(&mut session, refusal.as_bytes());
        }
        let authorization = self.authorization_at_the_acs(&session);
        self.post(&mut session, "Inform", &authorization, &inform);
        session.cookie = format!("Cookie: session={}\r\n", self.token(16));
        let response =
            session
                .dialect
                .envelope(&id, "InformResponse", "<MaxEnvelopes>1</MaxEnvelopes>");
        let set = session.cookie.replacen("Cookie", "Set-Cookie", 1);
        self.reply(&mut session, &set, &response);
        let authorization = self.authorization_at_the_acs(&session);
        self.post(&mut session, "", &authorization, "");
        session
    }

    /// An RPC of the ACS.
    pub fn ask(&mut self, session: &mut Session, name: &str, arguments: &str) {
        session.asked += 1;
        let envelope = session.dialect.envelope(&session.id(), name, arguments);
        self.reply(session, "", &envelope);
    }

    /// The device's answer to it.
    pub fn answer(&mut self, session: &mut Session, name: &str, arguments: &str) {
        self.scene.wait_us(22_000);
        let envelope = session.dialect.envelope(&session.id(), name, arguments);
        let authorization = self.authorization_at_the_acs(session);
        self.post(session, name, &authorization, &envelope);
    }

    pub fn end(&mut self, mut session: Session) {
        self.scene.wait_us(5_000);
        self.respond(
            &mut session,
            b"HTTP/1.1 204 No Content\r\nServer: example-acs\r\n\r\n",
        );
        self.scene.close(&mut session.connection, From::Client);
    }

    fn note_session(&mut self, device: &Device, events: &[&'static str]) {
        self.truth.events.push(events.to_vec());
        self.truth.devices.push(device.id());
        let trigger = match events {
            ["0 BOOTSTRAP", ..] => "bootstrap",
            ["1 BOOT", ..] => "boot",
            ["2 PERIODIC"] => "periodic",
            ["4 VALUE CHANGE"] => "value_change",
            _ => self.asked,
        };
        self.truth.triggers.push(trigger);
        for account in [&device.acs, &device.connection_request, &device.stun] {
            if !self.truth.secrets.contains(&account.password) {
                self.truth.secrets.push(account.password.clone());
            }
        }
    }

    /// TR-069 Amendment 3 section 3.4.4: behind a challenge every request has it.
    fn authorization_at_the_acs(&mut self, session: &Session) -> String {
        let (cnonce, count) = (self.token(16), session.nonce.count());
        let account = session.account.words();
        let challenge = session.challenge();
        let value = digest(&challenge, account, ["POST", ACS_PATH], &cnonce, count);
        format!("Authorization: {value}\r\n")
    }

    fn post(&mut self, session: &mut Session, name: &str, authorization: &str, body: &str) {
        self.truth.requests += 1;
        // TR-069 Amendment 3 section 3.4.1: the field has no value on an answer, and an empty POST has neither.
        let kind = match name {
            "" => "",
            "Inform" => "Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"\"\r\n",
            _ => "Content-Type: text/xml; charset=utf-8\r\nSOAPAction:\r\n",
        };
        let Session {
            cookie, user_agent, ..
        } = &*session;
        let message = format!(
            "POST {ACS_PATH} HTTP/1.1\r\nHost: {ACS_HOST}:{ACS_PORT}\r\nUser-Agent: {user_agent}\r\n{cookie}{authorization}{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.scene
            .send(&mut session.connection, From::Client, message.as_bytes());
    }

    fn reply(&mut self, session: &mut Session, fields: &str, body: &str) {
        self.scene.wait_us(9_000);
        let message = format!(
            "HTTP/1.1 200 OK\r\nServer: example-acs\r\n{fields}Content-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.respond(session, message.as_bytes());
    }

    fn respond(&mut self, session: &mut Session, message: &[u8]) {
        self.truth.responses += 1;
        self.scene
            .send(&mut session.connection, From::Server, message);
    }
}

impl Session {
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn id(&self) -> String {
        format!("{}.{}", &self.cookie[16..24], self.asked)
    }

    /// What the ACS asked the device's credentials with.
    fn challenge(&self) -> String {
        let fields = DigestChallengeFields {
            realm: ACS_HOST,
            nonce: &self.nonce.value,
            qop: Some("auth"),
            ..DigestChallengeFields::default()
        };
        String::from_utf8(fields.write().expect("it can be written")).expect("all is ASCII")
    }
}

fn inform(device: &Device, events: &[&str], id: &str, now_us: u64) -> String {
    let make = device.make;
    let time = jiff::Timestamp::from_second((now_us / 1_000_000) as i64).expect("a time of today");
    let arguments = format!(
        "<DeviceId><Manufacturer>{}</Manufacturer><OUI>{}</OUI><ProductClass>{}</ProductClass><SerialNumber>{}</SerialNumber></DeviceId>\r\n\
         {}\r\n<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>{time}</CurrentTime><RetryCount>0</RetryCount>\r\n{}",
        make.manufacturer,
        make.oui,
        make.product_class,
        device.serial_number,
        make.dialect.events(events),
        make.dialect.values(&device.informed())
    );
    make.dialect.envelope(id, "Inform", &arguments)
}

/// Routers between the two views.
pub const HOPS: u8 = 9;
/// RFC 7042 section 2.1.2: addresses for documentation.
pub const ROUTER_MAC: [u8; 6] = [0x00, 0x00, 0x5e, 0x00, 0x53, 0x01];
const ACS_MAC: [u8; 6] = [0x00, 0x00, 0x5e, 0x00, 0x53, 0x0a];
pub const ACS: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 10);
pub const ACS_PORT: u16 = 7547;
pub const ACS_HOST: &str = "acs.example.net";
pub const ACS_PATH: &str = "/cwmp";
const LINE_STATUS: &str = "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.Status";
