//! Whatever happened to the packets on their way: the messages are byte-identical.

use std::io::Write;

use informant::session::{Evidence, Outcome};

use crate::memory::analyse_bytes;
use crate::network::{self, Disturbance, Weather};
use crate::random::Random;
use crate::support::{Analysis, wire};

/// What two sides say to each other, and the XML in it.
struct Conversation {
    turns: Vec<(usize, Vec<u8>)>,
    /// Every message as sent, in the order of its side.
    messages: [Vec<Vec<u8>>; 2],
    texts: [Vec<String>; 2],
    rpcs: Vec<&'static str>,
}

impl Conversation {
    fn new(rpcs: &[&'static str]) -> Self {
        Self {
            turns: Vec::new(),
            messages: [Vec::new(), Vec::new()],
            texts: [Vec::new(), Vec::new()],
            rpcs: rpcs.to_vec(),
        }
    }

    fn say(&mut self, side: usize, message: Vec<u8>, text: &str) {
        if !text.is_empty() {
            self.texts[side].push(text.to_owned());
        }
        self.messages[side].push(message.clone());
        self.turns.push((side, message));
    }

    /// Bodies with Content-Length.
    fn counted() -> Self {
        let mut told = Self::new(&["Inform", "GetParameterValues", "SetParameterValues"]);
        for (side, text) in script() {
            let message = if side == 0 {
                wire::post(&text)
            } else {
                wire::reply(&text)
            };
            told.say(side, message, &text);
        }
        told
    }

    /// Chunked bodies from the CPE, gzip from the ACS, a challenge before it all, and `100 Continue`.
    fn coded() -> Self {
        let mut told = Self::new(&["Inform", "GetParameterValues", "SetParameterValues"]);
        told.say(
            0,
            wire::post(&wire::inform("S1", "1 BOOT")),
            &wire::inform("S1", "1 BOOT"),
        );
        told.say(1, CHALLENGE.to_vec(), "");
        for (side, text) in script() {
            if text.is_empty() {
                told.say(
                    side,
                    if side == 0 {
                        wire::post("")
                    } else {
                        wire::reply("")
                    },
                    "",
                );
            } else if side == 0 {
                let head = "POST /acs HTTP/1.1\r\nHost: acs\r\nExpect: 100-continue\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
                let message = [head.as_bytes(), &chunked(text.as_bytes())].concat();
                told.say(side, message, &text);
            } else {
                told.say(side, gzip(&text), &text);
            }
        }
        told
    }
}

/// A session: Inform, a large answer, a refusal; empty where a message has no body.
fn script() -> Vec<(usize, String)> {
    let value = |number: usize| {
        format!(
            "<ParameterValueStruct><Name>Device.X.{number}</Name><Value>value {number}</Value></ParameterValueStruct>"
        )
    };
    let values: String = (0..40).map(value).collect();
    let body = |text: &str| wire::envelope("77", text);
    vec![
        (0, wire::inform("S1", "1 BOOT")),
        (
            1,
            wire::envelope(
                "1",
                "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
            ),
        ),
        (0, String::new()),
        (
            1,
            body(
                "<cwmp:GetParameterValues><ParameterNames><string>Device.X.</string></ParameterNames></cwmp:GetParameterValues>",
            ),
        ),
        (
            0,
            body(&format!(
                "<cwmp:GetParameterValuesResponse><ParameterList>{values}</ParameterList></cwmp:GetParameterValuesResponse>"
            )),
        ),
        (
            1,
            body(&format!(
                "<cwmp:SetParameterValues><ParameterList>{}</ParameterList><ParameterKey/></cwmp:SetParameterValues>",
                value(7)
            )),
        ),
        (
            0,
            body(
                "<cwmp:SetParameterValuesResponse><Status>0</Status></cwmp:SetParameterValuesResponse>",
            ),
        ),
        (1, String::new()),
    ]
}

fn chunked(bytes: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    for chunk in bytes.chunks(700) {
        coded.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        coded.extend_from_slice(chunk);
        coded.extend(b"\r\n");
    }
    coded.extend(b"0\r\n\r\n");
    coded
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(text.as_bytes()).expect("text compresses");
    let body = encoder.finish().expect("text compresses");
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

/// The messages of one side as they came out, and the XML in them.
fn decoded(analysis: &Analysis, port: u16) -> (Vec<Vec<u8>>, Vec<String>) {
    let of_side = || {
        analysis
            .messages
            .iter()
            .filter(|message| message.provenance.source.port() == port)
    };
    // Delays may put the end of a message behind that of a later one; the stream has them in order.
    let mut messages: Vec<_> = of_side().collect();
    messages.sort_by_key(|message| message.http.stream_offset);
    let texts = messages
        .iter()
        .filter_map(|message| message.soap.as_ref())
        .map(|document| String::from_utf8_lossy(document.text()).into_owned());
    (
        messages
            .iter()
            .map(|message| message.http.raw.clone())
            .collect(),
        texts.collect(),
    )
}

/// Says what is wrong, if anything is.
fn fault(conversation: &Conversation, weather: &Weather, seed: u64) -> Option<String> {
    let mut random = Random::new(seed);
    let frames = network::frames(&conversation.turns, weather, &mut random);
    let step_us = [1, 100, 500][random.below(3)];
    let analysis = analyse_bytes(wire::capture(&frames, step_us));
    for (side, port) in [40_000, 7547].into_iter().enumerate() {
        let (messages, texts) = decoded(&analysis, port);
        if messages != conversation.messages[side] {
            let lengths = |messages: &[Vec<u8>]| messages.iter().map(Vec::len).collect::<Vec<_>>();
            return Some(format!(
                "messages of side {side}: {:?} bytes instead of {:?}",
                lengths(&messages),
                lengths(&conversation.messages[side])
            ));
        }
        if texts != conversation.texts[side] {
            return Some(format!("XML of side {side}"));
        }
    }
    let tcp = &analysis.summary.tcp;
    if tcp.gaps > 0 || analysis.summary.http_stray_bytes > 0 {
        return Some(format!(
            "{} gaps, {} stray bytes",
            tcp.gaps, analysis.summary.http_stray_bytes
        ));
    }
    if tcp.overlap_conflicts > 0 && !weather.has(Disturbance::Garbage) {
        return Some(format!("{} conflicts", tcp.overlap_conflicts));
    }
    if tcp.connections != 1 + u64::from(weather.has(Disturbance::OtherStart)) {
        return Some(format!("{} connections", tcp.connections));
    }
    session_fault(conversation, &analysis)
}

fn session_fault(conversation: &Conversation, analysis: &Analysis) -> Option<String> {
    let [session] = analysis.sessions.as_slice() else {
        return Some(format!("{} sessions", analysis.sessions.len()));
    };
    let rpcs: Vec<&str> = session.rpcs.iter().map(|rpc| rpc.method.as_str()).collect();
    let unanswered = session.rpcs.iter().any(|rpc| rpc.response.is_none());
    if rpcs != conversation.rpcs || unanswered {
        return Some(format!("RPCs {rpcs:?}"));
    }
    let whole = session
        .steps
        .iter()
        .all(|step| step.evidence == Evidence::Complete);
    if session.outcome != Outcome::Complete || !whole || session.events != ["1 BOOT"] {
        return Some(format!(
            "{} with events {:?}",
            session.outcome.name(),
            session.events
        ));
    }
    None
}

/// A case that fails, in the mildest weather in which it still does.
fn complain(
    conversation: &Conversation,
    mut weather: Weather,
    seed: u64,
    mut what: String,
) -> String {
    while let Some((milder, still)) = weather
        .milder()
        .into_iter()
        .find_map(|milder| fault(conversation, &milder, seed).map(|still| (milder, still)))
    {
        (weather, what) = (milder, still);
    }
    format!("seed {seed}, {:?}: {what}", weather.0)
}

fn weather_any_good(seeds: std::ops::Range<u64>) {
    let conversations = [Conversation::counted(), Conversation::coded()];
    let mut complaints = Vec::new();
    let mut met = [0_u32; Disturbance::ALL.len()];
    for seed in seeds {
        let weather = Weather::some(&mut Random::new(!seed));
        for (count, one) in met.iter_mut().zip(Disturbance::ALL) {
            *count += u32::from(weather.has(one));
        }
        let conversation = &conversations[(seed % 2) as usize];
        if let Some(what) = fault(conversation, &weather, seed) {
            complaints.push(complain(conversation, weather, seed, what));
            if complaints.len() == 10 {
                break;
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(
        met.iter().all(|count| *count > 50),
        "everything happens: {met:?}"
    );
}

// In halves, so that two cores can share the work.
#[test]
fn the_way_of_the_packets_does_not_show_in_5_000_cases() {
    weather_any_good(0..5_000);
}

#[test]
fn the_way_of_the_packets_does_not_show_in_5_000_more() {
    weather_any_good(5_000..10_000);
}

const CHALLENGE: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"acs\"\r\nContent-Length: 0\r\n\r\n";
