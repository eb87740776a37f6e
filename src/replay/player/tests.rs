//! Two players of one scenario against each other, and one against words given by hand, without sockets, in a time that is a
//! number.

mod alone;
mod authorization;
mod callers;
mod hand;
mod pairs;
mod phone;
mod policies;
mod sessions;
mod setup;
mod stage;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::replay::scenario::{
    Act, Auth, AuthScheme, Defaults, Expect, Identity, Role, Safety, Scenario, Send, Step, Variable,
};
use crate::session::{Difference, ReplayVerdict, Replayed};
use crate::source::Timestamp;

/// What one side says in a scene, and the other expects.
#[derive(Debug, Clone)]
pub(super) struct Line {
    by_cpe: bool,
    message: &'static str,
    body: Option<String>,
    head: Option<&'static str>,
    status: Option<u16>,
    change: fn(&mut Step),
}

/// A message of the phone.
pub(super) fn cpe(message: &'static str, arguments: &str) -> Line {
    line(true, message, arguments)
}

/// A message of the ACS.
pub(super) fn acs(message: &'static str, arguments: &str) -> Line {
    line(false, message, arguments)
}

fn line(by_cpe: bool, message: &'static str, arguments: &str) -> Line {
    let body = (message != "empty").then(|| envelope(message, arguments));
    Line {
        by_cpe,
        message,
        body,
        head: None,
        status: None,
        change: |_| {},
    }
}

impl Line {
    pub(super) fn head(mut self, head: &'static str, status: u16) -> Self {
        self.head = Some(head);
        self.status = Some(status);
        self
    }
}

pub(super) fn envelope(message: &str, arguments: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\">\
         <soap:Header><cwmp:ID soap:mustUnderstand=\"1\">{{{{cwmp.id}}}}</cwmp:ID></soap:Header>\
         <soap:Body>{}</soap:Body></soap:Envelope>",
        element(message, arguments)
    )
}

fn element(message: &str, arguments: &str) -> String {
    if message != "Fault" {
        return format!("<cwmp:{message}>{arguments}</cwmp:{message}>");
    }
    format!(
        "<soap:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
         <FaultCode>{arguments}</FaultCode><FaultString>no</FaultString></cwmp:Fault></detail></soap:Fault>"
    )
}

/// An Inform of the device, whoever that is, with one event.
pub(super) fn inform(event: &str) -> String {
    format!(
        "<DeviceId><Manufacturer>M</Manufacturer><OUI>{{{{device.oui}}}}</OUI><ProductClass>{{{{device.product_class}}}}</ProductClass>\
         <SerialNumber>{{{{device.serial_number}}}}</SerialNumber></DeviceId><Event><EventStruct><EventCode>{event}</EventCode>\
         <CommandKey></CommandKey></EventStruct></Event><MaxEnvelopes>1</MaxEnvelopes><CurrentTime>{{{{cwmp.now}}}}</CurrentTime>\
         <RetryCount>0</RetryCount>{}",
        parameters(&[(
            "Device.ManagementServer.ConnectionRequestURL",
            "http://192.0.2.9/cr"
        )])
    )
}

pub(super) fn parameters(values: &[(&str, &str)]) -> String {
    let list: String = values
        .iter()
        .map(|(name, value)| {
            format!("<ParameterValueStruct><Name>{name}</Name><Value>{value}</Value></ParameterValueStruct>")
        })
        .collect();
    format!("<ParameterList>{list}</ParameterList>")
}

/// The plainest session: an Inform, a GetParameterValues, and its end.
pub(super) fn plain_session() -> Vec<Line> {
    vec![
        cpe("Inform", &inform("2 PERIODIC")),
        acs("InformResponse", "<MaxEnvelopes>1</MaxEnvelopes>"),
        cpe("empty", ""),
        acs(
            "GetParameterValues",
            "<ParameterNames><string>Device.X</string></ParameterNames>",
        ),
        cpe(
            "GetParameterValuesResponse",
            &parameters(&[("Device.X", "1")]),
        ),
        acs("empty", ""),
    ]
}

/// The scenario of these lines in this role.
pub(super) fn scenario(role: Role, lines: &[Line]) -> Scenario {
    let mut files = BTreeMap::new();
    let mut steps = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let file = line.body.as_ref().map(|body| {
            let name = format!("{index:02}-{}.xml", line.message);
            files.insert(name.clone(), body.clone().into_bytes());
            name
        });
        let ours = line.by_cpe == (role == Role::Cpe);
        let act = if ours {
            Act::Send(send(line, file))
        } else {
            Act::Expect(Expect {
                message: line.message.to_owned(),
                status: line.status,
                like: file,
                ..Expect::default()
            })
        };
        let mut step = Step { act, after: None };
        (line.change)(&mut step);
        steps.push(step);
    }
    Scenario {
        role,
        source: None,
        identity: Identity {
            device: Some(device().id()),
            acs_path: Some("/acs".to_owned()),
        },
        auth: None,
        stun: None,
        vars: BTreeMap::new(),
        safety: Safety::default(),
        defaults: Defaults::default(),
        steps,
        files,
    }
}

fn send(line: &Line, file: Option<String>) -> Send {
    let head = match (line.head, line.by_cpe, &file) {
        (Some(head), ..) => head,
        (None, true, Some(_)) => POST,
        (None, true, None) => EMPTY_POST,
        (None, false, Some(_)) => OK,
        (None, false, None) => "HTTP/1.1 204 No Content",
    };
    Send {
        file,
        head: head.to_owned(),
        ..Send::default()
    }
}

pub(super) fn device() -> DeviceIdentity {
    DeviceIdentity {
        manufacturer: "M".to_owned(),
        oui: "001565".to_owned(),
        product_class: "T46 S".to_owned(),
        serial_number: "0015651234AB".to_owned(),
    }
}

pub(super) fn auth(scheme: AuthScheme, algorithm: Option<&str>, qop: Option<&str>) -> Auth {
    Auth {
        scheme,
        realm: "acs".to_owned(),
        algorithm: algorithm.map(str::to_owned),
        qop: qop.map(str::to_owned),
        username: "{{user}}".to_owned(),
        password: "{{password}}".to_owned(),
        challenge_head: None,
        challenge_body: None,
    }
}

pub(super) fn setting(role: Role, seed: u64) -> PlayerSetting {
    let mut state = seed;
    let device = (role == Role::Cpe).then(device);
    let values = [("user", "phone"), ("password", "s3cret")];
    PlayerSetting {
        values: values
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        device,
        impersonate_recorded: false,
        target: Target {
            https: false,
            host: "127.0.0.1".to_owned(),
            port: 7547,
            path: "/acs".to_owned(),
        },
        speed: Speed::Max,
        timeout: None,
        files: BTreeMap::new(),
        random: Box::new(move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state ^ state >> 29
        }),
        wall_clock: Box::new(|now| Timestamp {
            nanoseconds: 1_800_000_000_000_000_000
                + i64::try_from(now.as_nanos()).expect("a short run"),
            digits: 6,
        }),
    }
}

pub(super) fn player(scenario: Scenario, setting: PlayerSetting) -> Player {
    Player::new(Arc::new(scenario), "test", setting).expect("can be played")
}

/// Every difference, with its step.
pub(super) fn differences(replayed: &Replayed) -> Vec<Difference> {
    let of_steps = replayed.steps.iter().flat_map(|step| &step.differences);
    of_steps.chain(&replayed.differences).cloned().collect()
}

/// Who was sent away, and how often.
pub(super) fn strangers(replayed: &Replayed) -> Vec<(&str, u32)> {
    let ignored = replayed.ignored.iter();
    let told = ignored.map(|(what, times)| (what.as_str(), *times));
    told.filter(|(what, _)| what.starts_with("stranger"))
        .collect()
}

pub(super) fn passed(replayed: &Replayed) {
    assert_eq!(replayed.verdict, ReplayVerdict::Passed, "{replayed:#?}");
    assert_eq!(differences(replayed), []);
}

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) const POST: &str = "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Type: text/xml\nCookie: {{http.cookie}}\nAuthorization: {{http.authorization}}\nSOAPAction: \"\"\nContent-Length: {{http.length}}";
pub(super) const EMPTY_POST: &str = "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nCookie: {{http.cookie}}\nAuthorization: {{http.authorization}}\nContent-Length: {{http.length}}";
pub(super) const OK: &str = "HTTP/1.1 200 OK\nSet-Cookie: sid={{http.set_cookie}}; Path=/\nContent-Type: text/xml\nDate: {{http.date}}\nContent-Length: {{http.length}}";

/// A named value that the command line gives.
pub(super) fn given(recorded: &str) -> Variable {
    Variable::Value(recorded.to_owned())
}
