//! The story of `captures/bootstrap-with-provisioning`: a desk phone's first contact with its ACS, the SIP account it is
//! given, and the Inform that says its line is up. Invented, with what it holds told exactly. Two things in it are not as
//! TR-069 wants them, so that the checker has something to say: the phone's CurrentTime lacks its offset, and the ACS sends
//! Reboot although Status 1 already makes the phone restart.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::digest::digest;
use super::packet::End;
use super::scene::{Connection, From, Scene};

/// A capture and what is in it.
pub struct Story {
    pub pcapng: Vec<u8>,
    pub truth: Truth,
}

/// What the story holds, counted while it is told.
#[derive(Default)]
pub struct Truth {
    pub frames: u64,
    pub connections: u64,
    pub requests: u64,
    pub responses: u64,
    pub empty_posts: u64,
    /// Envelopes by the name of the body's element.
    pub messages: BTreeMap<String, u64>,
    /// Every envelope in order: its name, and the frames that carry it.
    pub envelopes: Vec<(String, Vec<u64>)>,
    pub events: Vec<Vec<&'static str>>,
    pub outcomes: Vec<&'static str>,
    /// Words that no output may hold.
    pub secrets: Vec<String>,
}

/// Tells the story.
pub fn tell() -> Story {
    let mut told = Telling {
        scene: Scene::new(START_US),
        truth: Truth::default(),
        answered: 0,
        parameter_key: "",
    };
    told.provisioning();
    told.scene.wait_us(41_000_000);
    told.after_the_reboot();
    told.scene.wait_us(2_600_000);
    told.line_up();
    let mut truth = told.truth;
    truth.frames = told.scene.frames();
    let known = [SIP_PASSWORD, COOKIE].map(str::to_owned);
    truth.secrets.splice(0..0, known);
    Story {
        pcapng: told.scene.pcapng(COMMENT),
        truth,
    }
}

struct Telling {
    scene: Scene,
    truth: Truth,
    /// How often the session's challenge was answered.
    answered: u32,
    /// What the phone has for ManagementServer.ParameterKey.
    parameter_key: &'static str,
}

impl Telling {
    fn provisioning(&mut self) {
        let events = ["0 BOOTSTRAP", "1 BOOT"];
        let mut connection = self.begin(0, &events, "Disabled", "faulted");
        let voice = "Device.Services.VoiceService.";
        self.ask(
            &mut connection,
            "GetParameterNames",
            &format!("<ParameterPath>{voice}</ParameterPath><NextLevel>false</NextLevel>"),
        );
        self.answer(&mut connection, "GetParameterNamesResponse", &names());
        self.ask(
            &mut connection,
            "GetParameterValues",
            &paths(&[
                "Device.DeviceInfo.",
                "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.",
            ]),
        );
        self.answer(
            &mut connection,
            "GetParameterValuesResponse",
            &values(&[DEVICE_INFO, LINE].concat()),
        );
        self.ask(&mut connection, "SetParameterValues", &account(MISTAKEN));
        self.answer(&mut connection, "Fault", REFUSAL);
        self.ask(&mut connection, "SetParameterValues", &account(CORRECTED));
        self.answer(
            &mut connection,
            "SetParameterValuesResponse",
            "<Status>1</Status>",
        );
        self.parameter_key = PARAMETER_KEY;
        self.ask(&mut connection, "SetParameterAttributes", ATTRIBUTES);
        self.answer(&mut connection, "SetParameterAttributesResponse", "");
        self.ask(
            &mut connection,
            "Reboot",
            "<CommandKey>provisioned</CommandKey>",
        );
        self.answer(&mut connection, "RebootResponse", "");
        self.end(connection);
    }

    fn after_the_reboot(&mut self) {
        let mut connection = self.begin(1, &["1 BOOT", "M Reboot"], "Registering", "complete");
        self.ask(
            &mut connection,
            "GetParameterValues",
            &paths(&[
                "Device.Services.VoiceService.1.VoiceProfile.1.SIP.RegistrationPeriod",
                "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.URI",
            ]),
        );
        self.answer(
            &mut connection,
            "GetParameterValuesResponse",
            &values(&[CORRECTED[0], URI]),
        );
        self.end(connection);
    }

    fn line_up(&mut self) {
        let connection = self.begin(2, &["4 VALUE CHANGE"], "Up", "complete");
        self.end(connection);
    }

    /// A session up to the empty POST that hands the ACS the turn.
    fn begin(
        &mut self,
        session: usize,
        events: &[&'static str],
        line: &str,
        outcome: &'static str,
    ) -> Connection {
        self.truth.connections += 1;
        self.truth.events.push(events.to_vec());
        self.truth.outcomes.push(outcome);
        let client = End {
            port: PHONE.port + session as u16 * 3,
            ..PHONE
        };
        let mut connection = self.scene.connect(client, ACS);
        let inform = envelope(
            "Inform",
            &inform(events, line, self.parameter_key, self.scene.now_us()),
            session * 40 + 1,
        );
        let challenge = format!("WWW-Authenticate: {}\r\n", challenge(session));
        self.answered = 0;
        self.post(&mut connection, "Inform", "", &inform);
        let challenge =
            format!("HTTP/1.1 401 Unauthorized\r\n{challenge}Content-Length: 0\r\n\r\n");
        self.truth.responses += 1;
        self.scene
            .send(&mut connection, From::Server, challenge.as_bytes());
        let authorization = self.authorization(session);
        self.post(&mut connection, "Inform", &authorization, &inform);
        let accepted = envelope(
            "InformResponse",
            "<MaxEnvelopes>1</MaxEnvelopes>",
            session * 40 + 1,
        );
        self.reply(
            &mut connection,
            "InformResponse",
            &format!("Set-Cookie: JSESSIONID={COOKIE}{session}; Path=/cwmp\r\n"),
            &accepted,
        );
        self.truth.empty_posts += 1;
        let fields = cookie(session) + &self.authorization(session);
        self.post(&mut connection, "", &fields, "");
        connection
    }

    /// The session's challenge, answered once more (TR-069 Amendment 3 section 3.4.4).
    fn authorization(&mut self, session: usize) -> String {
        self.answered += 1;
        let (_, cnonce, first) = DIGESTS[session];
        let account = [USERNAME, PASSWORD];
        let count = self.answered;
        let value = digest(
            &challenge(session),
            account,
            ["POST", "/cwmp"],
            cnonce,
            count,
        );
        let (_, response) = value.split_once("response=\"").expect("it has a response");
        let response = &response[..first.len()];
        assert!(count > 1 || response == first, "{value}");
        self.truth.secrets.push(response.to_owned());
        format!("Authorization: {value}\r\n")
    }

    fn ask(&mut self, connection: &mut Connection, name: &str, arguments: &str) {
        let id = 1_000 + self.truth.responses as usize;
        self.reply(connection, name, "", &envelope(name, arguments, id));
    }

    fn answer(&mut self, connection: &mut Connection, name: &str, arguments: &str) {
        let id = 999 + self.truth.responses as usize;
        self.scene.wait_us(18_000);
        let session = self.truth.events.len() - 1;
        let fields = cookie(session) + &self.authorization(session);
        self.post(connection, name, &fields, &envelope(name, arguments, id));
    }

    fn end(&mut self, mut connection: Connection) {
        self.truth.responses += 1;
        self.scene.wait_us(9_000);
        self.scene.send(
            &mut connection,
            From::Server,
            b"HTTP/1.1 204 No Content\r\n\r\n",
        );
        self.scene.close(&mut connection, From::Client);
    }

    fn post(&mut self, connection: &mut Connection, name: &str, fields: &str, body: &str) {
        self.truth.requests += 1;
        // TR-069 Amendment 3 section 3.4.1: the field has no value on an answer, and an empty POST has neither.
        let kind = match name {
            "" => "",
            "Inform" => "Content-Type: text/xml; charset=utf-8\r\nSOAPAction: \"\"\r\n",
            _ => "Content-Type: text/xml; charset=utf-8\r\nSOAPAction:\r\n",
        };
        let head = format!(
            "POST /cwmp HTTP/1.1\r\nHost: acs.example.net:7547\r\nUser-Agent: Grandstream GXP2170 1.0.11.64\r\n{fields}{kind}Content-Length: {}\r\n\r\n",
            body.len()
        );
        let frames = self
            .scene
            .send(connection, From::Client, format!("{head}{body}").as_bytes());
        self.note(name, frames);
    }

    fn reply(&mut self, connection: &mut Connection, name: &str, fields: &str, body: &str) {
        self.truth.responses += 1;
        self.scene.wait_us(14_000);
        let head = format!(
            "HTTP/1.1 200 OK\r\nServer: example-acs\r\n{fields}Content-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let frames = self
            .scene
            .send(connection, From::Server, format!("{head}{body}").as_bytes());
        self.note(name, frames);
    }

    fn note(&mut self, name: &str, frames: Vec<u64>) {
        if !name.is_empty() {
            *self.truth.messages.entry(name.to_owned()).or_default() += 1;
            self.truth.envelopes.push((name.to_owned(), frames));
        }
    }
}

/// Path, type and value of a parameter.
type Parameter = (&'static str, &'static str, &'static str);

fn challenge(session: usize) -> String {
    let (nonce, ..) = DIGESTS[session];
    format!("Digest realm=\"{REALM}\", qop=\"auth\", nonce=\"{nonce}\"")
}

fn cookie(session: usize) -> String {
    format!("Cookie: JSESSIONID={COOKIE}{session}\r\n")
}

fn envelope(name: &str, arguments: &str, id: usize) -> String {
    let body = match name {
        "Fault" => format!("<soap:Fault>{arguments}</soap:Fault>"),
        _ => format!("<cwmp:{name}>{arguments}</cwmp:{name}>"),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:enc=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-1\">\n\
         <soap:Header><cwmp:ID soap:mustUnderstand=\"1\">{id}</cwmp:ID></soap:Header>\n<soap:Body>{body}</soap:Body>\n</soap:Envelope>\n"
    )
}

fn inform(events: &[&str], line: &str, parameter_key: &str, now_us: u64) -> String {
    let listed: String = events
        .iter()
        .map(|event| {
            let key = if event.starts_with("M ") { "provisioned" } else { "" };
            format!("<EventStruct><EventCode>{event}</EventCode><CommandKey>{key}</CommandKey></EventStruct>")
        })
        .collect();
    let seconds = now_us / 1_000_000 % 3_600;
    let parameters = FORCED
        .iter()
        .map(|(path, kind, value)| structure(path, kind, value));
    let line = structure(
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.Status",
        "string",
        line,
    );
    let key = structure(
        "Device.ManagementServer.ParameterKey",
        "string",
        parameter_key,
    );
    let parameters: String = parameters.chain([key, line]).collect();
    format!(
        "<DeviceId><Manufacturer>Grandstream</Manufacturer><OUI>000B82</OUI><ProductClass>GXP2170</ProductClass><SerialNumber>000B82005346</SerialNumber></DeviceId>\
         <Event enc:arrayType=\"cwmp:EventStruct[{}]\">{listed}</Event><MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-03-17T08:{:02}:{:02}</CurrentTime>\
         <RetryCount>0</RetryCount><ParameterList enc:arrayType=\"cwmp:ParameterValueStruct[{}]\">{parameters}</ParameterList>",
        events.len(),
        seconds / 60,
        seconds % 60,
        FORCED.len() + 2
    )
}

fn structure(path: &str, kind: &str, value: &str) -> String {
    format!(
        "<ParameterValueStruct><Name>{path}</Name><Value xsi:type=\"xsd:{kind}\">{value}</Value></ParameterValueStruct>\n"
    )
}

fn values(parameters: &[Parameter]) -> String {
    let listed: String = parameters
        .iter()
        .map(|(path, kind, value)| structure(path, kind, value))
        .collect();
    format!(
        "<ParameterList enc:arrayType=\"cwmp:ParameterValueStruct[{}]\">\n{listed}</ParameterList>",
        parameters.len()
    )
}

fn account(differing: [Parameter; 2]) -> String {
    let parameters = [ACCOUNT, &[URI], &differing].concat();
    format!(
        "{}<ParameterKey>{PARAMETER_KEY}</ParameterKey>",
        values(&parameters)
    )
}

fn paths(paths: &[&str]) -> String {
    let listed: String = paths
        .iter()
        .map(|path| format!("<string>{path}</string>"))
        .collect();
    format!(
        "<ParameterNames enc:arrayType=\"xsd:string[{}]\">{listed}</ParameterNames>",
        paths.len()
    )
}

fn names() -> String {
    let listed: String = NAMES
        .iter()
        .map(|(name, writable)| format!("<ParameterInfoStruct><Name>Device.Services.VoiceService.{name}</Name><Writable>{writable}</Writable></ParameterInfoStruct>\n"))
        .collect();
    format!(
        "<ParameterList enc:arrayType=\"cwmp:ParameterInfoStruct[{}]\">\n{listed}</ParameterList>",
        NAMES.len()
    )
}

/// 2026-03-17 08:30:00 UTC.
const START_US: u64 = 1_773_736_200_000_000;
const COMMENT: &str = "Informant sample: generated, no device was recorded";
/// Addresses and names of RFC 5737 and RFC 2606, which belong to nobody.
const PHONE: End = End {
    mac: [0x00, 0x0b, 0x82, 0x00, 0x53, 0x46],
    address: Ipv4Addr::new(192, 0, 2, 46),
    port: 49_160,
    ttl: 64,
};
const ACS: End = End {
    mac: [0x00, 0x00, 0x5e, 0x00, 0x53, 0x01],
    address: Ipv4Addr::new(198, 51, 100, 10),
    port: 7547,
    ttl: 64,
};
const USERNAME: &str = "000B82-GXP2170-000B82005346";
const PASSWORD: &str = "cpe-secret-5346";
const REALM: &str = "acs.example.net";
const COOKIE: &str = "9D3A41C07F";
const SIP_PASSWORD: &str = "Rk7-quince-5346";
const PARAMETER_KEY: &str = "sip-5346";
/// Nonce, cnonce and first response (RFC 7616, MD5, qop auth, nc 1) of the password, one for each session.
const DIGESTS: [(&str, &str, &str); 3] = [
    (
        "8f2b0c64d19e4a7db3350e7a91c6f024",
        "5c1d7e90",
        "94b4b27575f15381ade13341607218b6",
    ),
    (
        "1d7e40b95a6c4f2c8e03b6d2f7a85b11",
        "a9420b3f",
        "5a195685908569e2962560d9ca91e027",
    ),
    (
        "c40f92e3786d4b05a1be5d6f3320e897",
        "17be66d2",
        "b1851102c1b0e4d39b19dfb76c51473e",
    ),
];
/// What every Inform of this device carries beside ParameterKey (TR-069 Amendment 2 section 2.4.5 asks for these).
const FORCED: [Parameter; 5] = [
    (
        "Device.DeviceSummary",
        "string",
        "Device:1.2[](Baseline:1, UDPConnReq:1, LAN:1, Time:1), VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
    ),
    ("Device.DeviceInfo.HardwareVersion", "string", "V1.6A"),
    ("Device.DeviceInfo.SoftwareVersion", "string", "1.0.11.64"),
    (
        "Device.ManagementServer.ConnectionRequestURL",
        "string",
        "http://192.0.2.46:7547/cr-8e41d06b",
    ),
    ("Device.LAN.IPAddress", "string", "192.0.2.46"),
];
const DEVICE_INFO: &[Parameter] = &[
    ("Device.DeviceInfo.Manufacturer", "string", "Grandstream"),
    ("Device.DeviceInfo.ModelName", "string", "GXP2170"),
    ("Device.DeviceInfo.SerialNumber", "string", "000B82005346"),
    ("Device.DeviceInfo.SoftwareVersion", "string", "1.0.11.64"),
    ("Device.DeviceInfo.UpTime", "unsignedInt", "38"),
];
const LINE: &[Parameter] = &[
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.Enable",
        "string",
        "Disabled",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.Status",
        "string",
        "Disabled",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.DirectoryNumber",
        "string",
        "",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.AuthUserName",
        "string",
        "",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.AuthPassword",
        "string",
        "",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.URI",
        "string",
        "",
    ),
];
const URI: Parameter = (
    "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.URI",
    "string",
    "sip:5346@voice.example.net",
);
const ACCOUNT: &[Parameter] = &[
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.Enable",
        "string",
        "Enabled",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.DirectoryNumber",
        "string",
        "5346",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.AuthUserName",
        "string",
        "5346",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.SIP.AuthPassword",
        "string",
        SIP_PASSWORD,
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.Line.1.CallingFeatures.CallerIDName",
        "string",
        "Zo\u{eb} M\u{fc}ller",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.SIP.RegistrarServer",
        "string",
        "voice.example.net",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.SIP.ProxyServer",
        "string",
        "voice.example.net",
    ),
    ("Device.Time.NTPServer1", "string", "ntp.example.net"),
    (
        "Device.ManagementServer.PeriodicInformInterval",
        "unsignedInt",
        "3600",
    ),
];
/// A period below what the phone takes, and a name that it does not know.
const MISTAKEN: [Parameter; 2] = [
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.SIP.RegistrationPeriod",
        "unsignedInt",
        "0",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.SIP.OutboundProxyHost",
        "string",
        "edge.example.net",
    ),
];
const CORRECTED: [Parameter; 2] = [
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.SIP.RegistrationPeriod",
        "unsignedInt",
        "600",
    ),
    (
        "Device.Services.VoiceService.1.VoiceProfile.1.SIP.OutboundProxy",
        "string",
        "edge.example.net",
    ),
];
const REFUSAL: &str = "<faultcode>soap:Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
    <FaultCode>9003</FaultCode><FaultString>Invalid arguments</FaultString>\
    <SetParameterValuesFault><ParameterName>Device.Services.VoiceService.1.VoiceProfile.1.SIP.RegistrationPeriod</ParameterName>\
    <FaultCode>9007</FaultCode><FaultString>Invalid parameter value</FaultString></SetParameterValuesFault>\
    <SetParameterValuesFault><ParameterName>Device.Services.VoiceService.1.VoiceProfile.1.SIP.OutboundProxyHost</ParameterName>\
    <FaultCode>9005</FaultCode><FaultString>Invalid parameter name</FaultString></SetParameterValuesFault></cwmp:Fault></detail>";
const ATTRIBUTES: &str = "<ParameterList enc:arrayType=\"cwmp:SetParameterAttributesStruct[1]\"><SetParameterAttributesStruct>\
    <Name>Device.Services.VoiceService.1.VoiceProfile.1.Line.1.Status</Name><NotificationChange>1</NotificationChange>\
    <Notification>2</Notification><AccessListChange>0</AccessListChange><AccessList enc:arrayType=\"xsd:string[0]\"/>\
    </SetParameterAttributesStruct></ParameterList>";
/// Below `Device.Services.VoiceService.`, and whether it may be written.
const NAMES: [(&str, bool); 27] = [
    ("", false),
    ("1.", false),
    ("1.Capabilities.", false),
    ("1.Capabilities.MaxProfileCount", false),
    ("1.Capabilities.MaxLineCount", false),
    ("1.Capabilities.SignalingProtocols", false),
    ("1.VoiceProfile.", false),
    ("1.VoiceProfile.1.", false),
    ("1.VoiceProfile.1.Enable", true),
    ("1.VoiceProfile.1.DTMFMethod", true),
    ("1.VoiceProfile.1.SIP.", false),
    ("1.VoiceProfile.1.SIP.ProxyServer", true),
    ("1.VoiceProfile.1.SIP.RegistrarServer", true),
    ("1.VoiceProfile.1.SIP.OutboundProxy", true),
    ("1.VoiceProfile.1.SIP.RegistrationPeriod", true),
    ("1.VoiceProfile.1.SIP.UserAgentTransport", true),
    ("1.VoiceProfile.1.Line.", false),
    ("1.VoiceProfile.1.Line.1.", false),
    ("1.VoiceProfile.1.Line.1.Enable", true),
    ("1.VoiceProfile.1.Line.1.DirectoryNumber", true),
    ("1.VoiceProfile.1.Line.1.Status", false),
    ("1.VoiceProfile.1.Line.1.SIP.", false),
    ("1.VoiceProfile.1.Line.1.SIP.AuthUserName", true),
    ("1.VoiceProfile.1.Line.1.SIP.AuthPassword", true),
    ("1.VoiceProfile.1.Line.1.SIP.URI", true),
    ("1.VoiceProfile.1.Line.1.CallingFeatures.", false),
    ("1.VoiceProfile.1.Line.1.CallingFeatures.CallerIDName", true),
];
