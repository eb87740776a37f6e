//! The audit log of a replay: one JSON object for each line, for whoever has to know afterwards what went out, what was
//! refused and why. It holds no body, no head and no secret, only lengths and hashes.

use std::io::{self, Write};
use std::net::SocketAddr;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::guard::Classified;
use crate::session::Secured;
use crate::session::wire::hexadecimal;
use crate::source::Timestamp;

/// Where the lines go.
pub struct Audit {
    out: Box<dyn Write>,
    failed: Option<io::Error>,
}

/// What a line tells.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a> {
    /// A scenario begins.
    Begin {
        /// `acs` or `cpe`.
        role: &'static str,
        /// The classes that its `[safety]` allows.
        scenario_allows: &'a [&'static str],
        /// The classes that the command line allows.
        command_line_allows: &'a [&'static str],
        /// The device that the command line names.
        device: Option<&'a str>,
    },
    /// A message that was to go out.
    Out {
        /// To whom.
        peer: SocketAddr,
        /// The step of the scenario, counted from 1.
        step: Option<usize>,
        /// What it asks.
        classified: &'a Classified,
        /// All of it.
        bytes: &'a [u8],
        /// Why it was refused; nothing where it went out.
        refused: Option<&'a str>,
    },
    /// Bytes that came.
    In {
        /// From whom.
        peer: SocketAddr,
        /// What they are: `http`, `connection_request`, `upload`.
        what: &'static str,
        /// All of them.
        bytes: &'a [u8],
    },
    /// A file that the built-in server gave out or took.
    File {
        /// Who asked.
        peer: SocketAddr,
        /// `out` or `in`.
        direction: &'static str,
        /// Its name in the scenario.
        name: &'a str,
        /// Its length.
        length: u64,
        /// Its SHA-256 in hexadecimal.
        sha256: &'a str,
    },
    /// A handshake of TLS was over.
    Tls {
        /// With whom.
        peer: SocketAddr,
        /// What it came to.
        secured: Option<&'a Secured>,
        /// Why it came to nothing.
        why: Option<&'a str>,
    },
    /// Something was not done, and why.
    Refused {
        /// What was wanted.
        wanted: &'a str,
        /// Why not.
        why: &'a str,
    },
    /// The scenario ended.
    End {
        /// `passed`, `differs`, `peer_failed`, `refused`.
        verdict: &'a str,
    },
}

impl Audit {
    /// A log that is written to `out`, line by line.
    #[must_use]
    pub fn new(out: Box<dyn Write>) -> Self {
        Self { out, failed: None }
    }

    /// A log that nobody reads.
    #[must_use]
    pub fn nowhere() -> Self {
        Self::new(Box::new(io::sink()))
    }

    /// Adds a line. The first failure is kept, and nothing is written after it.
    pub fn note(&mut self, time: Timestamp, scenario: &str, entry: Entry<'_>) {
        if self.failed.is_some() {
            return;
        }
        let line = line(time, scenario, entry);
        let written = self
            .out
            .write_all(line.as_bytes())
            .and_then(|()| self.out.flush());
        self.failed = written.err();
    }

    /// Can it no longer be written? A replay that cannot be accounted for does not go on.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Why it could not be written, if so.
    pub fn failure(&mut self) -> Option<io::Error> {
        self.failed.take()
    }
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// A line as JSON has it.
#[derive(Debug, Default, Serialize)]
struct Line<'a> {
    record: &'static str,
    time: String,
    scenario: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scenario_allows: Option<&'a [&'static str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command_line_allows: Option<&'a [&'static str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permitted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cipher_suite: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'a str>,
}

fn line(time: Timestamp, scenario: &str, entry: Entry<'_>) -> String {
    let line = Line {
        time: rfc3339(time),
        scenario,
        ..content(entry)
    };
    let mut json = ascii(&serde_json::to_string(&line).unwrap_or_default());
    json.push('\n');
    json
}

fn content(entry: Entry<'_>) -> Line<'_> {
    match entry {
        Entry::Begin {
            role,
            scenario_allows,
            command_line_allows,
            device,
        } => Line {
            record: "replay_begin",
            role: Some(role),
            scenario_allows: Some(scenario_allows),
            command_line_allows: Some(command_line_allows),
            device,
            ..Line::default()
        },
        Entry::Out {
            peer,
            step,
            classified,
            bytes,
            refused,
        } => Line {
            record: "replay_message",
            direction: Some("out"),
            step,
            class: Some(classified.class.name()),
            method: classified.method.as_deref().map(cut),
            permitted: Some(refused.is_none()),
            why: refused.or(Some(classified.why.as_str()).filter(|why| !why.is_empty())),
            ..carried(peer, bytes)
        },
        Entry::In { peer, what, bytes } => Line {
            record: "replay_message",
            direction: Some("in"),
            what: Some(what),
            ..carried(peer, bytes)
        },
        Entry::File {
            peer,
            direction,
            name,
            length,
            sha256,
        } => Line {
            record: "replay_file",
            direction: Some(direction),
            what: Some(name),
            peer: Some(peer.to_string()),
            bytes: Some(length),
            sha256: Some(sha256.to_owned()),
            ..Line::default()
        },
        Entry::Tls { peer, secured, why } => Line {
            record: "replay_tls",
            peer: Some(peer.to_string()),
            version: secured.map(|it| it.version.as_str()),
            cipher_suite: secured.map(|it| it.cipher_suite.as_str()),
            verified: secured.map(|it| it.verified),
            why,
            ..Line::default()
        },
        Entry::Refused { wanted, why } => Line {
            record: "replay_refused",
            what: Some(wanted),
            permitted: Some(false),
            why: Some(why),
            ..Line::default()
        },
        Entry::End { verdict } => Line {
            record: "replay_end",
            verdict: Some(verdict),
            ..Line::default()
        },
    }
}

fn carried(peer: SocketAddr, bytes: &[u8]) -> Line<'static> {
    Line {
        peer: Some(peer.to_string()),
        bytes: Some(bytes.len() as u64),
        sha256: Some(sha256(bytes)),
        ..Line::default()
    }
}

/// A name of the wire is cut where no name is so long.
fn cut(name: &str) -> String {
    name.chars().take(METHOD_CHARACTERS_MAX).collect()
}

/// What is not ASCII is written by its number: a log is read in terminals, where some characters turn the line around.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && character != '\u{7F}' {
            escaped.push(character);
            continue;
        }
        let mut units = [0; 2];
        for unit in character.encode_utf16(&mut units) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    }
    escaped
}

fn rfc3339(time: Timestamp) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(time.nanoseconds))
        .map(|time| format!("{time:.3}"))
        .unwrap_or_default()
}

const METHOD_CHARACTERS_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::{Entry, line};
    use crate::replay::guard;
    use crate::source::Timestamp;

    #[test]
    fn a_line_tells_what_went_and_nothing_of_its_content() {
        let bytes = b"HTTP/1.1 204 No Content\r\nSet-Cookie: a=secret\r\n\r\n";
        let time = Timestamp {
            nanoseconds: 1_500_000_000,
            digits: 9,
        };
        let entry = Entry::Out {
            peer: ([127, 0, 0, 1], 7547).into(),
            step: Some(2),
            classified: &guard::classify(bytes),
            bytes,
            refused: None,
        };
        let line = line(time, "a\u{202E}b", entry);
        assert!(line.ends_with("}\n") && line.is_ascii() && !line.contains("secret"));
        let json: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(json["time"], "1970-01-01T00:00:01.500Z");
        assert_eq!(json["scenario"], "a\u{202E}b");
        assert_eq!(json["class"], "read");
        assert_eq!(json["permitted"], true);
        assert_eq!(json["bytes"], bytes.len());
        assert_eq!(json["sha256"].as_str().map(str::len), Some(64));
    }
}
