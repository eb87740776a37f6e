//! What a capture holds, as the generator knows it: made of what was told alone.

use serde_json::{Value, json};

use super::Story;
use super::capture::Written;
use super::notes::device_id;
use crate::clean::story::{Block, By, Content, Story as Conversation};

#[derive(Default)]
pub struct Truth {
    pub frames: u64,
    pub connections: u64,
    pub requests: u64,
    pub responses: u64,
    pub sessions: Vec<Session>,
    pub dhcp: u64,
    pub dhcp_option_125: u64,
    pub stun: u64,
    pub udp_connection_requests: u64,
    /// Files on their way, by method and target, or the protocol's own words.
    pub transfers: Vec<(String, Vec<u64>)>,
    /// Files of tests (TR-143), which belong to no Download or Upload, in the same way.
    pub tests: Vec<(String, Vec<u64>)>,
}

/// A session of CWMP.
pub struct Session {
    pub device: String,
    pub events: Vec<String>,
    /// Every envelope: who sent it, its name, and the frames that carry it.
    pub envelopes: Vec<(&'static str, String, Vec<u64>)>,
}

impl Truth {
    pub fn of(conversation: &Conversation, written: &Written) -> Self {
        let mut truth = Self {
            frames: written.count,
            connections: written.connections,
            ..Self::default()
        };
        let mut order: Vec<usize> = Vec::new();
        for (block, frames) in conversation.blocks.iter().zip(&written.carried) {
            truth.count(block, frames);
            if block.session == 0 {
                continue;
            }
            let place = order.iter().position(|number| *number == block.session);
            let place = place.unwrap_or_else(|| {
                order.push(block.session);
                truth.sessions.push(Session {
                    device: String::new(),
                    events: Vec::new(),
                    envelopes: Vec::new(),
                });
                order.len() - 1
            });
            truth.sessions[place].take(block, frames);
        }
        truth
    }

    fn count(&mut self, block: &Block, frames: &[u64]) {
        match &block.content {
            Content::Message(message) if message.start.starts_with("HTTP/") => self.responses += 1,
            Content::Message(_) => self.requests += 1,
            Content::Datagram(bytes) => self.datagram(block, bytes),
            _ => {}
        }
        if let (Content::Message(message), "GET" | "PUT" | "test") =
            (&block.content, block.what.as_str())
        {
            let line = message.start.trim_end_matches(" HTTP/1.1").to_owned();
            let files = if block.what == "test" {
                &mut self.tests
            } else {
                &mut self.transfers
            };
            files.push((line, frames.to_vec()));
        }
        if let Some(line) = block.what.strip_prefix("file: ") {
            self.transfers.push((line.to_owned(), frames.to_vec()));
        }
    }

    fn datagram(&mut self, block: &Block, bytes: &[u8]) {
        match block.what.as_str() {
            "discover" | "offer" | "request" | "ack" => {
                self.dhcp += 1;
                let names = bytes
                    .windows(4)
                    .any(|four| four == BROADBAND_FORUM.to_be_bytes());
                self.dhcp_option_125 += u64::from(names);
            }
            "udp knock" => self.udp_connection_requests += 1,
            what if what.starts_with("stun") => self.stun += 1,
            _ => {}
        }
    }

    fn json(&self) -> Value {
        let sessions = self.sessions.iter().map(|session| {
            let envelopes = session.envelopes.iter();
            let envelopes = envelopes
                .map(|(from, name, frames)| json!({"from": from, "name": name, "frames": frames}));
            json!({
                "device": session.device,
                "events": session.events,
                "envelopes": envelopes.collect::<Vec<_>>(),
            })
        });
        let listed = |files: &[(String, Vec<u64>)]| -> Value {
            let files = files.iter();
            files
                .map(|(what, frames)| json!({"what": what, "frames": frames}))
                .collect()
        };
        let mut json = json!({
            "frames": self.frames,
            "connections": self.connections,
            "http": {"requests": self.requests, "responses": self.responses},
            "datagrams": {
                "dhcp": self.dhcp,
                "dhcp_option_125": self.dhcp_option_125,
                "stun": self.stun,
                "udp_connection_requests": self.udp_connection_requests,
            },
            "sessions": sessions.collect::<Vec<_>>(),
            "transfers": listed(&self.transfers),
        });
        if !self.tests.is_empty() {
            json["tests"] = listed(&self.tests);
        }
        json
    }
}

impl Session {
    fn take(&mut self, block: &Block, frames: &[u64]) {
        let Content::Message(message) = &block.content else {
            return;
        };
        if message.body.is_empty() {
            return;
        }
        if block.what == "Inform" {
            self.events = texts(&message.body, "EventCode");
            self.device = device_id(&message.body);
        }
        let from = if block.by == By::Cpe { "cpe" } else { "acs" };
        self.envelopes
            .push((from, block.what.clone(), frames.to_vec()));
    }
}

/// The texts of all elements of this name, which have no prefix.
pub fn texts(body: &str, name: &str) -> Vec<String> {
    let open = format!("<{name}>");
    let parts = body.split(&open).skip(1);
    let parts = parts.filter_map(|part| part.split_once('<'));
    parts.map(|(text, _)| text.to_owned()).collect()
}

/// `truth.json` of a story.
pub fn file(story: &Story) -> String {
    let found = story.plot.breach.found.iter();
    let verdicts = found.map(|(code, blame)| json!({"code": code, "blame": blame}));
    let mut broken = story.broken.truth.json();
    broken["verdicts"] = verdicts.collect();
    let whole = json!({
        "whole": story.whole.truth.json(),
        "foretold": story.plot.foretold,
        "broken": broken,
    });
    let text = serde_json::to_string_pretty(&whole).expect("it is JSON");
    compact(&text)
}

/// Lists of numbers and of single words on one line.
fn compact(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        let trimmed = line.trim_start();
        inside &= !trimmed.starts_with(']');
        let joined = if inside { trimmed } else { line };
        if trimmed.starts_with(']') && out.ends_with(|end: char| end.is_ascii_digit()) {
            out.push_str(trimmed);
        } else {
            if !out.is_empty() && !inside {
                out.push('\n');
            }
            out.push_str(joined);
        }
        if inside && trimmed.ends_with(',') {
            out.push(' ');
        }
        inside |= trimmed == "\"frames\": [";
    }
    out.push('\n');
    out
}

/// The enterprise number of the Broadband Forum, in option 125.
const BROADBAND_FORUM: u32 = 3_561;
