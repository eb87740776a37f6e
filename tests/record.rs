//! Sessions of captures made into scenarios: what is sent is what was recorded, but for what has to differ.

#[path = "support/recordings.rs"]
mod recordings;
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use http1::{Kind, Message as Http};
use informant::replay::record::{
    NotPlayable, Note, RecordSetting, Recorded, Recording, Transaction, record,
};
use informant::replay::scenario::{
    Act, ActionStep, AuthScheme, Expect, Role, Scenario, Send, Variable, Via,
};
use informant::replay::template::{self, Piece};
use informant::session::compare::{self, CompareRules, Matcher, Said};
use informant::session::{Difference, Masking, Message, Side};

use recordings::{captured, every_capture};
use support::captures;

fn scenario(recording: &Recording, role: Role) -> Result<Recorded, NotPlayable> {
    record(recording, role, &RecordSetting::default())
}

/// What the placeholders of a template stand for, where the recorded bytes are what it gives.
fn filled(template: &[u8], recorded: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let pieces: Vec<Piece<'_>> = template::pieces(template).collect();
    let mut rest = recorded;
    let mut values = Vec::new();
    let mut open: Option<String> = None;
    for piece in pieces {
        let text = match piece {
            Piece::Placeholder("literal.open") => b"{{".as_slice(),
            Piece::Placeholder(name) => {
                if let Some(two) = open.replace(name.to_owned()) {
                    panic!("nothing stands between {two} and {name}");
                }
                continue;
            }
            Piece::Text(text) => text,
        };
        match open.take() {
            None => rest = rest.strip_prefix(text)?,
            Some(name) => {
                let at = memchr::memmem::find(rest, text)?;
                values.push((name, rest[..at].to_vec()));
                rest = &rest[at + text.len()..];
            }
        }
    }
    match open {
        Some(name) => values.push((name, rest.to_vec())),
        None if rest.is_empty() => {}
        None => return None,
    }
    Some(values)
}

/// The recorded head as a scenario holds heads: lines that end in LF, without the empty one.
fn plain_head(http: &Http) -> Vec<u8> {
    let head =
        String::from_utf8(http.view().raw().to_vec()).expect("heads of these captures are text");
    head.replace("\r\n", "\n")
        .trim_end_matches('\n')
        .as_bytes()
        .to_vec()
}

/// What a head has to be: the template line by line, but for lines that the recording had and a note speaks of, and lines that
/// are left out while there is nothing to say.
fn head_is(template: &str, http: &Http, notes: &[Note]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let recorded = plain_head(http);
    let mut recorded = recorded.split(|byte| *byte == b'\n').peekable();
    let mut values = Vec::new();
    for line in template.lines() {
        let is_optional =
            line.contains("{{http.cookie}}") || line.contains("{{http.authorization}}");
        loop {
            let Some(next) = recorded.peek() else {
                if is_optional {
                    break;
                }
                return Err(format!("{line} is not in the recording"));
            };
            if let Some(found) = filled(line.as_bytes(), next) {
                values.extend(found);
                recorded.next();
                break;
            }
            if is_optional {
                break;
            }
            let name = String::from_utf8_lossy(next)
                .split(':')
                .next()
                .unwrap_or_default()
                .to_owned();
            let is_told = notes.iter().any(|note| note.to_string().contains(&name));
            let is_cookie = name == "Set-Cookie" && line.starts_with("Set-Cookie");
            if is_cookie {
                recorded.next();
                break;
            }
            if !is_told {
                return Err(format!("{} became {line}", String::from_utf8_lossy(next)));
            }
            recorded.next();
        }
    }
    match recorded.find(|line| {
        !notes.iter().any(|note| {
            note.to_string().contains(
                String::from_utf8_lossy(line)
                    .split(':')
                    .next()
                    .unwrap_or_default(),
            )
        })
    }) {
        None => Ok(values),
        Some(left) => Err(format!("{} is lost", String::from_utf8_lossy(left))),
    }
}

/// The body as it was before it was compressed.
fn plain_body(message: &Message) -> &[u8] {
    match &message.soap {
        Some(soap) => soap.text(),
        None => message.http.body(),
    }
}

/// The messages of a recording that become steps, in their order, by an account of their own: no interim answer, no challenge,
/// no request that was challenged.
fn played(recording: &Recording) -> Vec<&Message> {
    let mut played = Vec::new();
    for session in &recording.sessions {
        let mut messages: Vec<&Message> = session.messages.iter().collect();
        messages.sort_by_key(|message| {
            (
                message.provenance.time.nanoseconds,
                message.exchange,
                message.http.kind() == Kind::Response,
            )
        });
        for message in messages {
            match message.http.status() {
                100..200 => {}
                401 => {
                    played.pop();
                }
                _ => played.push(message),
            }
        }
    }
    played
}

#[test]
fn what_is_sent_is_what_was_recorded() {
    let mut sessions = 0;
    for path in every_capture() {
        for recording in captured(&path, 1).each() {
            for role in [Role::Acs, Role::Cpe] {
                let number = recording.sessions[0].session.number;
                let place = format!("{} session {number} as {}", path.display(), role.name());
                let Ok(recorded) = scenario(&recording, role) else {
                    continue;
                };
                sessions += 1;
                is_faithful(&recording, &recorded, role, &place);
            }
        }
    }
    assert!(sessions > 40, "only {sessions} sessions became scenarios");
}

/// Each send gives the recorded bytes, with values of the recording in its placeholders.
fn is_faithful(recording: &Recording, recorded: &Recorded, role: Role, place: &str) {
    let own = if role == Role::Acs {
        Side::Acs
    } else {
        Side::Cpe
    };
    let mut messages = played(recording).into_iter();
    for step in &recorded.scenario.steps {
        if matches!(step.act, Act::Await(_) | Act::Action(_)) {
            continue;
        }
        let message = messages
            .next()
            .unwrap_or_else(|| panic!("{place}: too many steps"));
        match &step.act {
            Act::Send(send) => {
                assert_eq!(message.from, own, "{place}");
                sends(send, message, recorded, place);
            }
            Act::Expect(expect) => {
                assert_ne!(message.from, own, "{place}");
                let element = message
                    .soap
                    .as_ref()
                    .and_then(|soap| soap.envelope(0)?.message_name());
                let usual = if message.http.body_bytes == 0 {
                    "empty"
                } else {
                    "undecodable"
                };
                assert_eq!(expect.message, element.unwrap_or(usual), "{place}");
                if let Some(like) = &expect.like {
                    let template = &recorded.scenario.files[like];
                    let masked = String::from_utf8_lossy(template).replace(">masked<", ">{{m}}<");
                    assert!(
                        filled(masked.as_bytes(), plain_body(message)).is_some(),
                        "{place}: {like}"
                    );
                    let mut found = differing(&recorded.scenario, expect, message);
                    if found
                        .iter()
                        .any(|difference| difference.place.contains("{{"))
                    {
                        // A name with a placeholder is the name of this run by the time it is compared.
                        found.clear();
                    }
                    assert!(found.is_empty(), "{place}: {like}: {found:#?}");
                }
            }
            _ => {}
        }
    }
    assert!(messages.next().is_none(), "{place}: a message has no step");
}

/// What a recorded message differs in from what its own scenario expects.
fn differing(scenario: &Scenario, expect: &Expect, message: &Message) -> Vec<Difference> {
    let like = scenario.files[expect.like.as_ref().expect("a file")].clone();
    let expected = cwmp::parse(like, &cwmp::Hints::default(), &cwmp::Limits::default());
    let matcher = |(place, written): (&String, &String)| {
        let matcher: Matcher = written.parse().expect("a matcher");
        (place.clone(), matcher)
    };
    let rules = CompareRules {
        unordered: scenario.defaults.unordered.clone(),
        ignore: scenario.defaults.ignore.clone(),
        matchers: expect.matchers.iter().map(matcher).collect(),
        placeholders: true,
        ..CompareRules::default()
    };
    let said = |soap, at| Said {
        http: None,
        status: None,
        soap,
        from: message.from,
        at,
    };
    let expected = said(Some(&expected), None);
    let actual = said(message.soap.as_ref(), Some(message.provenance.time));
    compare::messages(&expected, &actual, &rules).differences
}

#[test]
fn an_instance_number_that_is_none_is_expected_again() {
    let request = "<cwmp:AddObject><ObjectName>Device.X.</ObjectName></cwmp:AddObject>";
    let matchers = |number: &str| {
        let answer = format!(
            "<cwmp:AddObjectResponse><InstanceNumber>{number}</InstanceNumber><Status>0</Status></cwmp:AddObjectResponse>"
        );
        let recording = transcript(&session_with(request, &answer));
        let recorded = scenario(&recording, Role::Acs).expect("a scenario");
        is_faithful(&recording, &recorded, Role::Acs, number);
        let steps = recorded.scenario.steps.into_iter();
        let written = steps.filter_map(|step| match step.act {
            Act::Expect(expect) => expect.matchers.get("InstanceNumber").cloned(),
            _ => None,
        });
        written.collect::<Vec<_>>()
    };
    assert_eq!(matchers("3"), ["range:1..4294967295"]);
    assert!(matchers("0").is_empty());
    assert!(matchers("none").is_empty());
}

fn sends(send: &Send, message: &Message, recorded: &Recorded, place: &str) {
    let values = head_is(&send.head, &message.http, &recorded.notes);
    let values = values.unwrap_or_else(|why| panic!("{place}: {why}"));
    let asked = |name: &str| {
        values
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_slice())
    };
    if message.http.kind() == Kind::Request {
        assert_eq!(asked("http.target"), Some(message.http.target()), "{place}");
    }
    let Some(file) = &send.file else {
        assert_eq!(message.http.body_bytes, 0, "{place}");
        return;
    };
    let template = &recorded.scenario.files[file];
    let values = filled(template, plain_body(message));
    let values = values.unwrap_or_else(|| panic!("{place}: {file} is another text"));
    let soap = message.soap.as_ref().expect("a body that is SOAP");
    let envelope = soap.envelope(0).expect("an envelope");
    for (name, value) in &values {
        let value = String::from_utf8_lossy(value);
        match name.as_str() {
            "cwmp.id" => assert_eq!(
                envelope.id().as_deref().map(str::trim),
                Some(value.as_ref()),
                "{place}"
            ),
            "cwmp.now" => assert!(value.contains('T'), "{place}: {value}"),
            "device.serial_number" => {
                let inform = soap.inform();
                let serial = inform.map(|inform| inform.device_id().serial_number.into_owned());
                assert!(
                    serial.is_none_or(|serial| serial.trim() == value),
                    "{place}"
                );
            }
            name if name.starts_with("device.") || name.starts_with("file.") => {}
            name => match recorded.scenario.vars.get(name) {
                Some(Variable::Value(known) | Variable::Captured(Some(known))) => {
                    assert_eq!(known, &value, "{place}: {name}");
                }
                Some(_) => {}
                None => panic!("{place}: nothing is called {name}"),
            },
        }
    }
    if envelope.id().is_some_and(|id| !id.trim().is_empty()) {
        let names: Vec<&str> = template::names(template).collect();
        let told = recorded
            .notes
            .iter()
            .any(|note| note.to_string().contains("cwmp:ID"));
        assert!(
            names.contains(&"cwmp.id") || told,
            "{place}: {file} {names:?}"
        );
    }
    assert!(
        !template::names(template).any(|name| name == "http.length"),
        "{place}"
    );
}

#[test]
fn no_secret_of_a_recording_is_written_down() {
    let masking = Masking::default();
    for path in every_capture() {
        for recording in captured(&path, 1).each() {
            for role in [Role::Acs, Role::Cpe] {
                let Ok(recorded) = scenario(&recording, role) else {
                    continue;
                };
                for (name, content) in &recorded.scenario.files {
                    if name.starts_with("file.") {
                        continue;
                    }
                    let plain = template::fill(content, |_| Some(b"".as_slice().into()))
                        .expect("every name has a value");
                    let plain = String::from_utf8_lossy(&plain)
                        .replace(">masked<", "><")
                        .into_bytes();
                    let masked = masking.body(&plain);
                    assert_eq!(
                        String::from_utf8_lossy(&masked),
                        String::from_utf8_lossy(&plain),
                        "{} {name}",
                        path.display()
                    );
                }
            }
        }
    }
}

#[test]
fn two_runs_and_any_number_of_threads_give_the_same() {
    for path in every_capture() {
        let one = captured(&path, 1).each();
        let other = captured(&path, 4).each();
        for (one, other) in one.iter().zip(&other) {
            for role in [Role::Acs, Role::Cpe] {
                assert_eq!(
                    scenario(one, role),
                    scenario(other, role),
                    "{}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn what_gives_no_scenario_says_why() {
    for path in every_capture() {
        for recording in captured(&path, 1).each() {
            let session = &recording.sessions[0].session;
            for role in [Role::Acs, Role::Cpe] {
                if let Err(why) = scenario(&recording, role) {
                    eprintln!("{} session {}: {why}", path.display(), session.number);
                    let whole = session.gaps == 0 && session.device.is_some();
                    let refused = matches!(
                        why,
                        NotPlayable::NeverLetIn { .. }
                            | NotPlayable::Unreadable { .. }
                            | NotPlayable::Cut { .. }
                    );
                    assert!(
                        !whole || refused,
                        "{} session {}: {why}",
                        path.display(),
                        session.number
                    );
                }
            }
        }
    }
}

/// The sends and expectations of a scenario in a line each, with what an await and an action wait for.
fn outline(recorded: &Recorded) -> Vec<String> {
    let scenario = &recorded.scenario;
    let steps = scenario.steps.iter().map(|step| match &step.act {
        Act::Expect(expect) => format!("expect {}", expect.message),
        Act::Send(send) => match &send.file {
            Some(file) => format!("send {}", file.split('-').nth(1).unwrap_or(file)),
            None => "send empty".to_owned(),
        },
        Act::Await(awaited) => format!(
            "await {}",
            awaited.session_with_event.as_deref().unwrap_or("any")
        ),
        Act::Action(ActionStep::ConnectionRequest { url, .. }) => format!("wake {url}"),
    });
    steps.collect()
}

fn text<'r>(recorded: &'r Recorded, file: &str) -> &'r str {
    let found = recorded
        .scenario
        .files
        .iter()
        .find(|(name, _)| name.contains(file));
    let (_, content) = found.unwrap_or_else(|| panic!("{file} is not there"));
    std::str::from_utf8(content).expect("text")
}

/// The sessions that one begins and others end.
fn followed(path: &Path) -> Recording {
    let mut recording = captured(path, 1).all();
    let mut transaction = Transaction::of(&recording.sessions[0]);
    let mut at = 0;
    recording.sessions.retain(|session| {
        at += 1;
        at == 1 || transaction.takes(session)
    });
    recording
}

#[test]
fn a_download_is_followed_to_its_transfer_complete() {
    let recording = followed(&captures().join("firmware-download/capture.pcapng"));
    let recorded = scenario(&recording, Role::Acs).expect("a scenario");
    let outline = outline(&recorded);
    let end = [
        "expect DownloadResponse",
        "send empty",
        "wake {{connection_request_url}}",
        "await 6 CONNECTION REQUEST",
        "expect Inform",
    ];
    assert!(outline.windows(5).any(|steps| steps == end), "{outline:#?}");
    let download = text(&recorded, "Download.xml");
    assert!(download.contains("<URL>{{file.1.url}}</URL>"), "{download}");
    assert!(
        download.contains("<CommandKey>{{command_key}}</CommandKey>"),
        "{download}"
    );
    assert!(
        text(&recorded, "TransferComplete.xml")
            .contains("<CommandKey>{{command_key}}</CommandKey>")
    );
    assert_eq!(recorded.scenario.files["file.1"].len(), 20_000);
    assert!(matches!(
        recorded.scenario.vars["command_key"],
        Variable::Fresh(_)
    ));
    let object = "Layer3Forwarding.Forwarding.{{instance_number}}.<";
    assert!(text(&recorded, "DeleteObject.xml").contains(object));
    assert!(text(&recorded, "GetParameterNamesResponse.xml").contains(object));
    let told = recorded
        .scenario
        .steps
        .iter()
        .find_map(|step| match &step.act {
            Act::Expect(expect) if expect.message == "AddObjectResponse" => Some(expect),
            _ => None,
        });
    let told = told.expect("an answer to AddObject");
    assert_eq!(told.capture["instance_number"], "InstanceNumber");
    assert!(told.matchers.contains_key("InstanceNumber"));
    let needs: Vec<String> = recorded
        .notes
        .iter()
        .map(ToString::to_string)
        .filter(|note| note.starts_with("needs"))
        .collect();
    assert!(
        needs
            .iter()
            .any(|note| note.contains("class destroy (Download, FactoryReset), not allowed here")),
        "{needs:?}"
    );
    assert!(recorded.scenario.safety.allow.is_empty());
}

#[test]
fn the_phone_of_a_download_repeats_the_key_of_the_live_acs() {
    let recording = followed(&captures().join("firmware-download/capture.pcapng"));
    let recorded = scenario(&recording, Role::Cpe).expect("a scenario");
    let asked = recorded
        .scenario
        .steps
        .iter()
        .find_map(|step| match &step.act {
            Act::Expect(expect) if expect.message == "Download" => Some(expect),
            _ => None,
        });
    let asked = asked.expect("a Download");
    assert_eq!(asked.capture["command_key"], "CommandKey");
    assert_eq!(asked.matchers["URL"], "any");
    assert!(
        text(&recorded, "TransferComplete.xml")
            .contains("<CommandKey>{{command_key}}</CommandKey>")
    );
    let inform = text(&recorded, "01-Inform.xml");
    for placeholder in [
        "{{device.oui}}",
        "{{device.serial_number}}",
        "{{device.manufacturer}}",
        "{{cwmp.now}}",
        "{{cwmp.id}}",
        "{{connection_request_url}}",
    ] {
        assert!(inform.contains(placeholder), "{placeholder}: {inform}");
    }
    assert!(
        !inform.contains("000001<"),
        "the serial number is given at the replay: {inform}"
    );
}

#[test]
fn a_reboot_is_followed_to_its_boot_and_credentials_are_asked_for() {
    let path = captures().join("bootstrap-with-provisioning/capture.pcapng");
    let recording = followed(&path);
    let numbers: Vec<u32> = recording
        .sessions
        .iter()
        .map(|session| session.session.number)
        .collect();
    assert_eq!(numbers, [1, 2]);
    for role in [Role::Acs, Role::Cpe] {
        let recorded = scenario(&recording, role).expect("a scenario");
        let auth = recorded.scenario.auth.as_ref().expect("credentials");
        assert_eq!(auth.scheme, AuthScheme::Digest);
        assert_eq!(
            (auth.username.as_str(), auth.password.as_str()),
            ("{{acs_username}}", "{{acs_password}}")
        );
        let head = auth.challenge_head.as_deref().expect("a challenge");
        assert!(
            head.contains("WWW-Authenticate: {{http.challenge}}") && head.contains("401"),
            "{head}"
        );
        assert!(
            matches!(&recorded.scenario.vars["acs_password"], Variable::Secret { env: Some(env), .. } if env == "ACS_PASSWORD")
        );
        assert!(
            outline(&recorded).contains(&"await M Reboot".to_owned()),
            "{:?}",
            outline(&recorded)
        );
        let challenges =
            recorded.scenario.steps.iter().filter(
                |step| matches!(&step.act, Act::Expect(expect) if expect.status == Some(401)),
            );
        assert_eq!(challenges.count(), 0);
    }
}

#[test]
fn a_session_asked_for_begins_with_its_connection_request() {
    for (story, number, via, url) in [
        ("connection-request", 0, Via::Http, "connection_request_url"),
        (
            "udp-request-works",
            0,
            Via::Udp,
            "udp_connection_request_address",
        ),
    ] {
        let path = captures().join(story).join("capture.pcapng");
        let mut sessions = captured(&path, 1).each();
        let at = sessions
            .iter()
            .position(|one| one.sessions[0].wake.is_some());
        let recording = sessions.swap_remove(at.unwrap_or(number));
        for role in [Role::Acs, Role::Cpe] {
            let recorded = scenario(&recording, role).expect("a scenario");
            let Some(Act::Action(ActionStep::ConnectionRequest {
                url: asked,
                via: by,
                password,
                ..
            })) = recorded.scenario.steps.first().map(|step| &step.act)
            else {
                panic!("{story}: {:?}", outline(&recorded));
            };
            assert_eq!(
                (asked.as_str(), *by),
                (format!("{{{{{url}}}}}").as_str(), via)
            );
            assert_eq!(
                password.as_deref(),
                Some("{{connection_request_password}}"),
                "{story}"
            );
            let variable = &recorded.scenario.vars[url];
            let is_right = match role {
                Role::Acs => matches!(variable, Variable::Captured(Some(_))),
                Role::Cpe => matches!(variable, Variable::Value(_)),
            };
            assert!(is_right, "{story}: {variable:?}");
        }
    }
}

#[test]
fn what_was_compressed_is_sent_plain_and_in_chunks() {
    let path = captures().join("compressed-behind-a-proxy/capture.pcapng");
    let recording = captured(&path, 1).each().remove(0);
    let recorded = scenario(&recording, Role::Acs).expect("a scenario");
    let sends: Vec<&Send> = recorded
        .scenario
        .steps
        .iter()
        .filter_map(|step| match &step.act {
            Act::Send(send) => Some(send),
            _ => None,
        })
        .collect();
    assert!(
        sends[0].head.contains("Transfer-Encoding: chunked")
            && !sends[0].head.contains("Content-Encoding")
    );
    assert_eq!(sends[0].chunks.len(), 1);
    assert!(
        recorded
            .notes
            .iter()
            .any(|note| note.to_string().contains("before it was compressed"))
    );
    let words = text(&recorded, "InformResponse.xml");
    assert!(words.contains("{{cwmp.id}}"));
}

/// A transcript as a recording of its first session.
fn transcript(text: &str) -> Recording {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("one.transcript");
    std::fs::write(&path, text).expect("a file");
    captured(&path, 1).each().remove(0)
}

fn block(from_cpe: bool, at: u32, head: &str, body: &str) -> String {
    let line = if from_cpe {
        ">> 10.0.0.2:40112 > 10.0.0.1:7547"
    } else {
        "<< 10.0.0.1:7547 > 10.0.0.2:40112"
    };
    let length = if head.contains("Content-Length") || head.contains(" 204 ") {
        ""
    } else {
        "Content-Length: auto\n"
    };
    format!("{line} @{at}.000\n{head}\n{length}\n{body}\n\n")
}

fn envelope(id: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"><s:Header><cwmp:ID s:mustUnderstand=\"1\">{id}</cwmp:ID></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

const INFORM: &str = "<cwmp:Inform><DeviceId><Manufacturer>Example</Manufacturer><OUI>001122</OUI><ProductClass>Phone</ProductClass><SerialNumber>T&amp;1</SerialNumber></DeviceId><Event><EventStruct><EventCode>2 PERIODIC</EventCode><CommandKey></CommandKey></EventStruct></Event><MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-11-20T21:14:05Z</CurrentTime><RetryCount>0</RetryCount><ParameterList><ParameterValueStruct><Name>Device.ManagementServer.ParameterKey</Name><Value>old</Value></ParameterValueStruct><ParameterValueStruct><Name>Device.DeviceInfo.UpTime</Name><Value>77</Value></ParameterValueStruct></ParameterList></cwmp:Inform>";
const POST: &str = "POST /acs?token=hush HTTP/1.1\nHost: 10.0.0.1:7547\nContent-Type: text/xml";
const OK: &str = "HTTP/1.1 200 OK\nContent-Type: text/xml\nSet-Cookie: id=7; Path=/";

/// A session in which the ACS says this, and the device answers that.
fn session_with(request: &str, answer: &str) -> String {
    let mut text = "# informant transcript 1\n# started 2026-11-20T21:14:05.000Z\n\n".to_owned();
    text += &block(true, 0, POST, &envelope("1", INFORM));
    text += &block(
        false,
        1,
        OK,
        &envelope(
            "1",
            "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
        ),
    );
    text += &block(true, 2, POST, "");
    text += &block(false, 3, OK, &envelope("a", request));
    text += &block(true, 4, POST, &envelope("a", answer));
    text += &block(false, 5, "HTTP/1.1 204 No Content", "");
    text
}

#[test]
fn secrets_become_variables_that_speak_and_keys_of_the_past_are_not_compared() {
    let request = "<cwmp:SetParameterValues><ParameterList><ParameterValueStruct><Name>Device.Services.VoiceService.1.SIP.AuthPassword</Name><Value>swordfish</Value></ParameterValueStruct><ParameterValueStruct><Name>Device.ManagementServer.PeriodicInformInterval</Name><Value>{{x}}</Value></ParameterValueStruct></ParameterList><ParameterKey>new</ParameterKey></cwmp:SetParameterValues>";
    let answer =
        "<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>";
    let recording = transcript(&session_with(request, answer));
    let recorded = scenario(&recording, Role::Acs).expect("a scenario");
    let sent = text(&recorded, "SetParameterValues.xml");
    assert!(
        sent.contains("<Value>{{auth_password}}</Value>") && sent.contains("{{literal.open}}x}}"),
        "{sent}"
    );
    assert!(
        sent.contains("<ParameterKey>new</ParameterKey>"),
        "nobody repeats it: {sent}"
    );
    assert_eq!(recorded.scenario.identity.acs_path.as_deref(), Some("/acs"));
    assert_eq!(
        recorded.scenario.defaults.ignore,
        ["ParameterList/*.UpTime", "header Cookie"]
    );
    let Act::Expect(inform) = &recorded.scenario.steps[0].act else {
        panic!("an Inform comes first")
    };
    assert_eq!(
        inform.matchers["ParameterList/Device.ManagementServer.ParameterKey/Value"],
        "any"
    );
    assert!(
        format!("{recorded:?}").contains("auth_password")
            && !format!("{recorded:?}").contains("swordfish")
    );
    let recorded = scenario(&recording, Role::Cpe).expect("a scenario");
    assert!(
        !format!("{recorded:?}").contains("swordfish") && !format!("{recorded:?}").contains("hush")
    );
    let Act::Expect(asked) = &recorded.scenario.steps[3].act else {
        panic!("{:?}", outline(&recorded))
    };
    assert_eq!(
        asked.matchers["ParameterList/Device.Services.VoiceService.1.SIP.AuthPassword/Value"],
        "any"
    );
    assert!(
        text(&recorded, "01-Inform.xml")
            .contains("<SerialNumber>{{device.serial_number}}</SerialNumber>")
    );
}

#[test]
fn a_redirect_is_kept_and_its_address_is_not() {
    let whole = session_with("<cwmp:GetRPCMethods/>", "<cwmp:GetRPCMethodsResponse/>");
    let (front, rest) = whole.split_at(whole.find(">>").expect("a block"));
    let mut text_of = front.to_owned();
    text_of += &block(true, 0, POST, &envelope("0", INFORM));
    let moved = "HTTP/1.1 302 Found\nLocation: http://10.0.0.1:7547/other";
    text_of += &block(false, 0, moved, "");
    text_of += rest;
    let recording = transcript(&text_of);
    let recorded = scenario(&recording, Role::Acs).expect("a scenario");
    let Act::Send(send) = &recorded.scenario.steps[1].act else {
        panic!("{:?}", outline(&recorded))
    };
    assert_eq!(
        send.head,
        "HTTP/1.1 302 Found\nLocation: {{http.location}}\nContent-Length: {{http.length}}\n"
    );
    let recorded = scenario(&recording, Role::Cpe).expect("a scenario");
    let Act::Expect(expect) = &recorded.scenario.steps[1].act else {
        panic!("{:?}", outline(&recorded))
    };
    assert_eq!(
        (expect.message.as_str(), expect.status),
        ("empty", Some(302))
    );
    assert_eq!(outline(&recorded)[2], "send Inform.xml");
}

#[test]
fn an_answer_with_another_id_keeps_it() {
    let text_of = session_with("<cwmp:GetRPCMethods/>", "<cwmp:GetRPCMethodsResponse/>")
        .replacen(">a<", ">b<", 1);
    let recorded = scenario(&transcript(&text_of), Role::Cpe).expect("a scenario");
    assert!(text(&recorded, "GetRPCMethodsResponse.xml").contains(">a</cwmp:ID>"));
    assert!(
        recorded
            .notes
            .iter()
            .any(|note| note.to_string().contains("does not repeat the cwmp:ID"))
    );
}

/// Of the scenario as a whole, and of its steps.
fn cookies_ignored(text: &str) -> (bool, usize) {
    let recorded = scenario(&transcript(text), Role::Acs).expect("a scenario");
    let names = |ignore: &[String]| ignore.iter().any(|place| place == "header Cookie");
    let steps = recorded.scenario.steps.iter();
    let of_steps = steps.filter(|step| matches!(&step.act, Act::Expect(it) if names(&it.ignore)));
    (names(&recorded.scenario.defaults.ignore), of_steps.count())
}

#[test]
fn a_cookie_is_expected_where_the_recorded_device_returned_it() {
    let never = session_with("<cwmp:GetRPCMethods/>", "<cwmp:GetRPCMethodsResponse/>");
    assert_eq!(cookies_ignored(&never), (true, 0));
    let with = |text: &str, at: &str| {
        let (before, behind) = text.split_once(at).expect("that moment");
        let post = format!("{POST}\nCookie: id=7");
        format!("{before}{at}{}", behind.replacen(POST, &post, 1))
    };
    let once = with(&never, "@2.000");
    assert_eq!(cookies_ignored(&once), (false, 1));
    assert_eq!(cookies_ignored(&with(&once, "@4.000")), (false, 0));
    let unset = never.replace("\nSet-Cookie: id=7; Path=/", "");
    assert_eq!(cookies_ignored(&unset), (false, 0));
}

#[test]
fn a_connection_request_that_the_capture_does_not_hold_is_noted() {
    let noted = |event: &str| {
        let text = session_with("<cwmp:GetRPCMethods/>", "<cwmp:GetRPCMethodsResponse/>")
            .replace("2 PERIODIC", event);
        let recorded = scenario(&transcript(&text), Role::Acs).expect("a scenario");
        let mut notes = recorded.notes.iter().map(Note::to_string);
        notes.any(|note| note.contains("the capture holds no Connection Request"))
    };
    assert!(noted("6 CONNECTION REQUEST"));
    assert!(!noted("2 PERIODIC"));
}

#[test]
fn a_file_that_the_recorded_server_did_not_have_is_none_of_the_scenario() {
    let download = "<cwmp:Download><CommandKey>k1</CommandKey><FileType>1 Firmware Upgrade Image</FileType><URL>http://10.0.0.1/fw.bin</URL><Username></Username><Password></Password><FileSize>7</FileSize><TargetFileName></TargetFileName><DelaySeconds>0</DelaySeconds><SuccessURL></SuccessURL><FailureURL></FailureURL></cwmp:Download>";
    let answer = "<cwmp:DownloadResponse><Status>1</Status><StartTime>0001-01-01T00:00:00Z</StartTime><CompleteTime>0001-01-01T00:00:00Z</CompleteTime></cwmp:DownloadResponse>";
    let asks = ">> 10.0.0.2:40113 > 10.0.0.1:80 @6.000\nGET /fw.bin HTTP/1.1\nHost: 10.0.0.1\n\n\n";
    let file = |statuses: &[&str]| {
        let mut said = session_with(download, answer);
        for status in statuses {
            said += asks;
            said += &format!(
                "<< 10.0.0.1:80 > 10.0.0.2:40113 @6.100\nHTTP/1.1 {status}\nContent-Length: 0\n\n\n"
            );
        }
        let recorded = scenario(&transcript(&said), Role::Acs).expect("a scenario");
        assert!(text(&recorded, "Download.xml").contains("<URL>{{file.1.url}}</URL>"));
        let notes = recorded.notes.iter().map(Note::to_string);
        let told = notes
            .filter(|note| note.contains("file.1"))
            .collect::<String>();
        let file = recorded.scenario.files.get("file.1");
        (file.map(Vec::len), told)
    };
    let (held, told) = file(&["404 Not Found"]);
    assert_eq!(held, None);
    assert!(
        told.contains("was answered with 404: there is no file.1"),
        "{told}"
    );
    // A challenge is not the last word, and nobody came.
    for statuses in [&["401 Unauthorized", "200 OK"][..], &[]] {
        let (held, told) = file(statuses);
        assert_eq!(held, Some(7));
        assert!(told.contains("file.1 is a filler of 7 bytes"), "{told}");
    }
}

#[test]
fn latin_1_stays_latin_1() {
    let request = "<cwmp:SetParameterValues><ParameterList><ParameterValueStruct><Name>Device.X.Label</Name><Value>Gr\\xfc\\xdfe</Value></ParameterValueStruct><ParameterValueStruct><Name>Device.X.Password</Name><Value>gr\\xfcn</Value></ParameterValueStruct></ParameterList><ParameterKey></ParameterKey></cwmp:SetParameterValues>";
    let answer =
        "<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>";
    let text = session_with(request, answer).replace(
        "Content-Type: text/xml",
        "Content-Type: text/xml; charset=ISO-8859-1",
    );
    let recorded = scenario(&transcript(&text), Role::Acs).expect("a scenario");
    let (_, sent) = recorded
        .scenario
        .files
        .iter()
        .find(|(name, _)| name.contains("SetParameterValues."))
        .expect("a file");
    assert!(memchr::memmem::find(sent, b"<Value>Gr\xfc\xdfe</Value>").is_some());
    assert!(
        memchr::memmem::find(sent, b"<Value>{{x_password}}</Value>").is_some(),
        "{}",
        String::from_utf8_lossy(sent)
    );
    assert!(
        memchr::memmem::find(
            sent,
            b"<cwmp:ID s:mustUnderstand=\"1\">{{cwmp.id}}</cwmp:ID>"
        )
        .is_some()
    );
}

#[test]
fn a_session_that_cannot_be_played_says_why() {
    let whole = session_with("<cwmp:GetRPCMethods/>", "<cwmp:GetRPCMethodsResponse/>");
    let blocks: Vec<&str> = whole.split_inclusive("\n\n").collect();
    let without_inform = whole.replace("cwmp:Inform>", "cwmp:Inform2>");
    let refused = transcript(&without_inform);
    assert!(
        matches!(
            scenario(&refused, Role::Acs),
            Err(NotPlayable::NoInform { session: 1 })
        ),
        "{}",
        blocks.len()
    );
    let mut missing = transcript(&whole);
    missing.sessions[0].messages.pop();
    assert_eq!(
        scenario(&missing, Role::Acs),
        Err(NotPlayable::Missing {
            session: 1,
            steps: 6,
            there: 5
        })
    );
    assert_eq!(
        scenario(&Recording::default(), Role::Cpe),
        Err(NotPlayable::Nothing)
    );
    let challenge = "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Basic realm=\"acs\"";
    let mut never = "# informant transcript 1\n# started 2026-11-20T21:14:05.000Z\n\n".to_owned();
    never += &block(true, 0, POST, &envelope("1", INFORM));
    never += &block(false, 1, challenge, "");
    assert_eq!(
        scenario(&transcript(&never), Role::Acs),
        Err(NotPlayable::NeverLetIn { session: 1 })
    );
}

#[test]
fn basic_is_asked_for_and_its_password_is_not_kept() {
    let challenge =
        "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Basic realm=\"acs\"\nContent-Type: text/html";
    let whole = session_with("<cwmp:GetRPCMethods/>", "<cwmp:GetRPCMethodsResponse/>");
    // user:pass
    let shown = whole.replace(
        "POST /acs?token=hush HTTP/1.1",
        "POST /acs HTTP/1.1\nAuthorization: Basic dXNlcjpwYXNz",
    );
    let (front, rest) = shown.split_at(shown.find(">>").expect("a block"));
    let mut text_of = front.to_owned();
    text_of += &block(true, 0, POST, &envelope("1", INFORM));
    text_of += &block(false, 0, challenge, "<p>who?</p>");
    text_of += rest;
    let recording = transcript(&text_of);
    for role in [Role::Acs, Role::Cpe] {
        let recorded = scenario(&recording, role).expect("a scenario");
        let auth = recorded.scenario.auth.as_ref().expect("credentials");
        assert_eq!(
            (auth.scheme, auth.realm.as_str()),
            (AuthScheme::Basic, "acs")
        );
        assert_eq!(
            recorded.scenario.vars["acs_username"],
            Variable::Value("user".to_owned())
        );
        assert_eq!(auth.challenge_body.as_deref(), Some("challenge.html"));
        assert_eq!(text(&recorded, "challenge"), "<p>who?</p>");
        assert_eq!(outline(&recorded).len(), 6);
        let all = format!("{recorded:?}");
        assert!(
            !all.contains("dXNlcjpwYXNz") && !all.contains("\"pass\""),
            "{all}"
        );
    }
}

fn ended(head: &mut String) {
    if !head.is_empty() && !head.ends_with('\n') {
        head.push('\n');
    }
}

#[test]
fn what_is_recorded_lints_and_is_read_again_as_it_was_written() {
    use informant::replay::scenario::{TOML, lint, parse, write};
    use informant::session::Severity;
    let mut wrong = Vec::new();
    let mut scenarios = 0;
    for path in every_capture() {
        for recording in captured(&path, 1).each() {
            for role in [Role::Acs, Role::Cpe] {
                let Ok(recorded) = scenario(&recording, role) else {
                    continue;
                };
                let place = format!(
                    "{} session {} {}",
                    path.display(),
                    recording.sessions[0].session.number,
                    role.name()
                );
                scenarios += 1;
                let files: BTreeMap<String, Vec<u8>> =
                    write(&recorded.scenario).into_iter().collect();
                let toml = String::from_utf8(files[TOML].clone()).expect("TOML is text");
                let read = parse(&toml, |name| Ok(files.get(name).cloned()));
                let mut expected = recorded.scenario.clone();
                // What is read has an end of line behind the last one too.
                expected
                    .auth
                    .iter_mut()
                    .filter_map(|auth| auth.challenge_head.as_mut())
                    .for_each(ended);
                for step in &mut expected.steps {
                    if let Act::Send(send) = &mut step.act {
                        ended(&mut send.head);
                    }
                }
                if read.as_ref() != Ok(&expected) {
                    wrong.push(format!("{place}: is read otherwise: {:?}", read.err()));
                }
                let names: Vec<String> = files.keys().cloned().collect();
                for remark in lint(&toml, &names, |name| Ok(files.get(name).cloned())) {
                    if remark.severity == Severity::Error {
                        wrong.push(format!("{place}: {remark:?}"));
                    }
                }
            }
        }
    }
    assert!(scenarios > 20, "{scenarios}");
    assert!(
        wrong.is_empty(),
        "{scenarios} scenarios\n{}",
        wrong.join("\n")
    );
}

/// What the ACS sets, and says again in every way.
fn repeated() -> String {
    let set = |name: &str, value: &str| {
        format!(
            "<ParameterValueStruct><Name>{name}</Name><Value>{value}</Value></ParameterValueStruct>"
        )
    };
    let values = [
        set("Device.X.AuthPassword", "sw0rd&amp;fish"),
        set("Device.X.Label", "it is sw0rd&amp;fish!"),
        set("Device.X.Config", "https://h/?a=sw0rd%26fish"),
        // user:sw0rd&fish
        set("Device.X.Basic", "dXNlcjpzdzByZCZmaXNo"),
        set("Device.X.PIN", "12"),
        set("Device.X.Count", "12"),
        set("Device.X.Word.Passphrase", "Device"),
    ];
    let request = format!(
        "<cwmp:SetParameterValues><!-- sw0rd&amp;fish --><ParameterList>{}</ParameterList>\
         <ParameterKey>sw0rd&amp;fish</ParameterKey></cwmp:SetParameterValues>",
        values.concat()
    );
    let answer = "<s:Fault><faultcode>Client</faultcode><faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
                  <FaultCode>9007</FaultCode><FaultString>no sw0rd&#38;fish</FaultString></cwmp:Fault></detail></s:Fault>";
    session_with(&request, answer).replace("\nSet-Cookie:", "\nX-Trace: of sw0rd&fish\nSet-Cookie:")
}

#[test]
fn a_secret_that_is_said_again_is_written_down_nowhere() {
    let recording = transcript(&repeated());
    for role in [Role::Acs, Role::Cpe] {
        let recorded = scenario(&recording, role).expect("a scenario");
        let written = informant::replay::scenario::write(&recorded.scenario);
        for (name, content) in &written {
            let content = String::from_utf8_lossy(content);
            assert!(
                !content.contains("sw0rd") && !content.contains("dzByZC"),
                "{name}: {content}"
            );
        }
        let notes = format!("{:?}", recorded.notes);
        assert!(!notes.contains("sw0rd"), "{notes}");
        if role == Role::Cpe {
            continue;
        }
        let sent = text(&recorded, "SetParameterValues.xml");
        for place in [
            "<Value>{{auth_password}}</Value>",
            "<Value>it is {{auth_password}}!</Value>",
            "<Value>https://h/?a={{auth_password_escaped}}</Value>",
            "<Value>{{auth_password_base64}}</Value>",
            "<!-- {{auth_password}} -->",
            "<ParameterKey>{{auth_password}}</ParameterKey>",
            "<Name>Device.X.Count</Name><Value>12</Value>",
        ] {
            assert!(sent.contains(place), "{place}: {sent}");
        }
        let Act::Send(send) = &recorded.scenario.steps[3].act else {
            panic!("{:?}", outline(&recorded))
        };
        assert!(
            send.head.contains("X-Trace: of {{auth_password}}\n"),
            "{}",
            send.head
        );
        let like = text(&recorded, "Fault.xml");
        assert!(like.contains("<FaultString>masked</FaultString>"), "{like}");
    }
}

#[test]
fn what_is_secret_for_a_moment_is_written_down_nowhere_else_either() {
    let moments = [
        "m0mentC00kie",
        "n0nceOfThat",
        "cl1entN0nce",
        "0123456789abcdef0123456789abcdef",
    ];
    let repeats: String = moments
        .map(|moment| format!("<string>Device.X.{moment}.</string>"))
        .concat();
    let request = format!(
        "<cwmp:GetParameterValues><ParameterNames>{repeats}</ParameterNames></cwmp:GetParameterValues>"
    );
    let [cookie, nonce, cnonce, response] = moments;
    let head = format!(
        "{POST}\nCookie: s={cookie}\nAuthorization: Digest username=\"u\", realm=\"r\", nonce=\"{nonce}\", uri=\"/acs\", \
         qop=auth, nc=00000001, cnonce=\"{cnonce}\", response=\"{response}\""
    );
    let answer =
        "<cwmp:GetParameterValuesResponse><ParameterList/></cwmp:GetParameterValuesResponse>";
    let recording = transcript(&session_with(&request, answer).replace(POST, &head));
    for role in [Role::Acs, Role::Cpe] {
        let recorded = scenario(&recording, role).expect("a scenario");
        for (name, content) in informant::replay::scenario::write(&recorded.scenario) {
            let content = String::from_utf8_lossy(&content);
            for moment in moments {
                assert!(!content.contains(moment), "{name}: {content}");
            }
        }
    }
}

#[test]
fn what_repeats_a_secret_goes_out_as_it_was_recorded() {
    let recording = transcript(&repeated());
    let recorded = scenario(&recording, Role::Acs).expect("a scenario");
    let given = |name: &str| {
        let value: &[u8] = match name {
            "auth_password" => b"sw0rd&amp;fish",
            "auth_password_escaped" => b"sw0rd%26fish",
            "auth_password_base64" => b"dXNlcjpzdzByZCZmaXNo",
            "x_pin" | "pin" => b"12",
            "cwmp.id" => b"a",
            _ => b"Device",
        };
        Some(value.into())
    };
    let sent = text(&recorded, "SetParameterValues.xml");
    let filled = template::fill(sent.as_bytes(), given).expect("every name has a value");
    let messages = &recording.sessions[0].messages;
    let asked = messages
        .iter()
        .find(|message| String::from_utf8_lossy(plain_body(message)).contains("AuthPassword"));
    let asked = asked.expect("the request");
    assert_eq!(
        String::from_utf8_lossy(&filled),
        String::from_utf8_lossy(plain_body(asked))
    );
}

#[test]
fn a_secret_that_no_placeholder_can_stand_for_gives_no_scenario() {
    let text = repeated().replace("it is sw0rd&amp;fish!", "<![CDATA[it is sw0rd&fish]]>");
    assert!(matches!(
        scenario(&transcript(&text), Role::Acs),
        Err(NotPlayable::Secret { .. })
    ));
}
