//! Replays over loopback: sockets, the guard's last word, peers that mean no good.

#[path = "replay_drive/again.rs"]
mod again;
#[path = "replay_drive/attack.rs"]
mod attack;
#[path = "replay_drive/both_sides.rs"]
mod both_sides;
#[path = "replay_drive/canary.rs"]
mod canary;
#[path = "replay_drive/files.rs"]
mod files;
#[path = "replay_drive/guard.rs"]
mod guard;
#[path = "replay_drive/hostile.rs"]
mod hostile;
#[path = "replay_drive/oracles.rs"]
mod oracles;
#[path = "support/pairs.rs"]
mod pairs;
#[cfg(unix)]
#[path = "replay_drive/places.rs"]
mod places;
#[path = "support/playing.rs"]
mod playing;
#[path = "replay_drive/program.rs"]
mod program;
#[path = "replay_drive/recorded.rs"]
mod recorded;
#[path = "support/recordings.rs"]
mod recordings;
#[path = "replay_drive/reports.rs"]
mod reports;
#[path = "replay_drive/secrets.rs"]
mod secrets;
#[path = "replay_drive/serve.rs"]
mod serve;
#[path = "replay_drive/serve_ends.rs"]
mod serve_ends;
#[path = "replay_drive/serve_wakes.rs"]
mod serve_wakes;
#[path = "replay_drive/several.rs"]
mod several;
#[path = "replay_drive/strangers.rs"]
mod strangers;
#[path = "replay_drive/stun.rs"]
mod stun_runs;
mod support;
#[cfg(feature = "tls")]
#[path = "replay_drive/tls.rs"]
mod tls;
#[path = "replay_drive/transfers.rs"]
mod transfers;
#[path = "replay_drive/wakeup.rs"]
mod wakeup;

use std::collections::BTreeMap;

use informant::replay::action::WireEvent;
use informant::replay::drive::{Played, Seat};
use informant::replay::scenario::{
    Act, Defaults, Expect, Identity, Role, Safety, Scenario, Send, Step,
};
use playing::{Setting, block_on, listener, play};
use tokio::net::TcpListener;

async fn play_acs(
    scenario: &Scenario,
    listener: TcpListener,
    setting: Setting,
) -> (Played, Vec<WireEvent>) {
    let address = listener.local_addr().expect("an address");
    let wake = setting.wake.clone();
    let seat = Seat::Acs {
        listener,
        tls: None,
        wake,
        files: None,
        stun: None,
    };
    play(scenario, seat, address, setting).await
}

/// An ACS that answers the Inform, and then sends this body.
fn acs_that_sends(body: &[u8], chunks: Vec<usize>) -> Scenario {
    let head = if chunks.is_empty() {
        "Content-Length: {{http.length}}"
    } else {
        "Transfer-Encoding: chunked"
    };
    let head = format!("HTTP/1.1 200 OK\nContent-Type: text/xml; charset=\"utf-8\"\n{head}");
    let steps = vec![
        expect("Inform"),
        send(Some("01.xml"), &head, Vec::new()),
        expect("empty"),
        send(Some("02.xml"), &head, chunks.clone()),
        expect("empty"),
        send(None, "HTTP/1.1 204 No Content", Vec::new()),
    ];
    let head_of_first = "HTTP/1.1 200 OK\nContent-Type: text/xml\nContent-Length: {{http.length}}";
    let mut scenario = scenario(Role::Acs, steps);
    if let Some(Step {
        act: Act::Send(send),
        ..
    }) = scenario.steps.get_mut(1)
    {
        send.head = head_of_first.to_owned();
    }
    scenario.files = BTreeMap::from([
        ("01.xml".to_owned(), INFORM_RESPONSE.as_bytes().to_vec()),
        ("02.xml".to_owned(), body.to_vec()),
    ]);
    scenario
}

fn scenario(role: Role, steps: Vec<Step>) -> Scenario {
    Scenario {
        role,
        source: None,
        identity: Identity::default(),
        auth: None,
        stun: None,
        vars: BTreeMap::new(),
        safety: Safety::default(),
        defaults: Defaults::default(),
        steps,
        files: BTreeMap::new(),
    }
}

fn expect(message: &str) -> Step {
    let message = message.to_owned();
    Step {
        act: Act::Expect(Expect {
            message,
            ..Expect::default()
        }),
        after: None,
    }
}

fn send(file: Option<&str>, head: &str, chunks: Vec<usize>) -> Step {
    Step {
        act: Act::Send(Send {
            file: file.map(str::to_owned),
            head: head.to_owned(),
            chunks,
            ..Send::default()
        }),
        after: None,
    }
}

/// A whole POST.
fn post(body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A SOAP message.
fn envelope(body: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"><soap:Header><cwmp:ID soap:mustUnderstand=\"1\">{{{{cwmp.id}}}}</cwmp:ID>\
         </soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}

fn inform() -> String {
    envelope(
        "<cwmp:Inform><DeviceId><Manufacturer>A</Manufacturer><OUI>001565</OUI><ProductClass>T46</ProductClass>\
         <SerialNumber>1</SerialNumber></DeviceId><Event><EventStruct><EventCode>1 BOOT</EventCode><CommandKey/>\
         </EventStruct></Event><MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-01-01T00:00:00Z</CurrentTime>\
         <RetryCount>0</RetryCount><ParameterList></ParameterList></cwmp:Inform>",
    )
    .replace("{{cwmp.id}}", "1")
}

const INFORM_RESPONSE: &str = "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
    xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"><soap:Header><cwmp:ID soap:mustUnderstand=\"1\">{{cwmp.id}}</cwmp:ID>\
    </soap:Header><soap:Body><cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse></soap:Body>\
    </soap:Envelope>";
