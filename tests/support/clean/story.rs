//! A story: what was said, block by block, and what a test may change about it before it is written as a transcript.

use std::fmt::Write;
use std::net::SocketAddr;

/// The CWMP that a device speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// TR-069 of 2004: several envelopes, NoMoreRequests.
    Issue1,
    V1_0,
    V1_1,
    V1_2,
    V1_3,
    V1_4,
}

impl Version {
    pub const ALL: [Self; 6] = [
        Self::Issue1,
        Self::V1_0,
        Self::V1_1,
        Self::V1_2,
        Self::V1_3,
        Self::V1_4,
    ];
    /// Those of which no rule is forgiven.
    pub const NAMED: [Self; 5] = [Self::V1_0, Self::V1_1, Self::V1_2, Self::V1_3, Self::V1_4];

    pub fn namespace(self) -> &'static str {
        match self {
            Self::Issue1 | Self::V1_0 => "urn:dslforum-org:cwmp-1-0",
            Self::V1_1 => "urn:dslforum-org:cwmp-1-1",
            Self::V1_2 | Self::V1_3 | Self::V1_4 => "urn:dslforum-org:cwmp-1-2",
        }
    }
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Cpe,
    Acs,
}

/// What one side sent at once.
#[derive(Debug, Clone)]
pub struct Block {
    pub time_us: u64,
    pub by: By,
    pub source: SocketAddr,
    pub destination: SocketAddr,
    /// The session it belongs to, from 1; 0 for what belongs to none.
    pub session: usize,
    /// What it is: the name of the RPC, `empty`, `204`, `401`, `302`, `knock` (Connection Request), `GET`, `fin`, ...
    pub what: String,
    pub content: Content,
}

#[derive(Debug, Clone)]
pub enum Content {
    Message(Message),
    Datagram(Vec<u8>),
    /// What goes over TCP and is not HTTP.
    Bytes(Vec<u8>),
    Fin,
    Reset,
    Quiet,
}

/// An HTTP message. `Content-Length: auto` becomes the length of the body.
#[derive(Debug, Clone, Default)]
pub struct Message {
    pub start: String,
    pub fields: Vec<(String, String)>,
    pub body: String,
    pub chunked: bool,
}

/// What happened.
#[derive(Debug, Clone)]
pub struct Story {
    /// In the order in which it was said.
    pub blocks: Vec<Block>,
    pub version: Version,
    /// How many sessions there are.
    pub sessions: usize,
    /// The devices with their secrets.
    pub accounts: Vec<Accounts>,
}

/// What a device and its ACS know of each other.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// OUI-SerialNumber or OUI-ProductClass-SerialNumber.
    pub device: String,
    pub acs: (String, String),
    pub connection_request: (String, String),
    pub stun: (String, String),
}

impl Message {
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter();
        let mut found = found.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// Sets a field, or adds it; false where it had that value.
    pub fn set(&mut self, name: &str, value: &str) -> bool {
        let mut fields = self.fields.iter_mut();
        if let Some((_, old)) = fields.find(|(field, _)| field.eq_ignore_ascii_case(name)) {
            let differs = old != value;
            value.clone_into(old);
            return differs;
        }
        self.fields.push((name.to_owned(), value.to_owned()));
        true
    }

    /// Takes a field away; false where there is none.
    pub fn drop(&mut self, name: &str) -> bool {
        let before = self.fields.len();
        self.fields
            .retain(|(field, _)| !field.eq_ignore_ascii_case(name));
        self.fields.len() < before
    }

    /// Puts text in the place of other text in the body, everywhere.
    pub fn replace(&mut self, from: &str, to: &str) -> bool {
        let found = self.body.contains(from);
        if found {
            self.body = self.body.replace(from, to);
        }
        found
    }

    /// As it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = format!("{}\r\n", self.start);
        for (name, value) in &self.fields {
            let value = self.value(value);
            let _ = write!(out, "{name}: {value}\r\n");
        }
        out.push_str("\r\n");
        if self.chunked && !self.body.is_empty() {
            let _ = write!(out, "{:x}\r\n{}\r\n", self.body.len(), self.body);
        } else {
            out.push_str(&self.body);
        }
        if self.chunked {
            out.push_str("0\r\n\r\n");
        }
        out.into_bytes()
    }

    fn value(&self, value: &str) -> String {
        if value == "auto" {
            self.body.len().to_string()
        } else {
            value.to_owned()
        }
    }

    fn transcript(&self, out: &mut String) {
        let _ = writeln!(out, "{}", escaped(&self.start, true));
        for (name, value) in &self.fields {
            let line = format!("{name}: {}", self.value(value));
            let _ = writeln!(out, "{}", escaped(&line, true));
        }
        out.push('\n');
        let text = self.body.trim_end_matches('\n');
        let last = self.body.len() - text.len();
        if !self.body.is_empty() {
            for (at, line) in text.split('\n').enumerate() {
                if at > 0 {
                    out.push('\n');
                }
                out.push_str(&escaped(line, at == 0));
            }
            out.push_str(&"\\n".repeat(last));
            out.push('\n');
        }
    }
}

/// A line of content with what the format would read as its own escaped.
fn escaped(line: &str, first: bool) -> String {
    let mut out = String::with_capacity(line.len());
    let owned = ["#", ">>", "<<"]
        .iter()
        .any(|start| line.starts_with(start));
    if line.is_empty() && first {
        return out;
    }
    for (at, character) in line.char_indices() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push('\t'),
            _ if (at == 0 && owned) || character < ' ' => {
                let _ = write!(out, "\\x{:02x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out
}

impl Story {
    /// The messages of this kind, everywhere.
    pub fn messages<'a>(&'a mut self, what: &'a str) -> impl Iterator<Item = &'a mut Message> {
        let blocks = self
            .blocks
            .iter_mut()
            .filter(move |block| block.what == what);
        blocks.filter_map(|block| block.content.message())
    }

    /// The places of the blocks of this kind.
    pub fn places(&self, what: &str) -> Vec<usize> {
        let places = 0..self.blocks.len();
        places.filter(|at| self.blocks[*at].what == what).collect()
    }

    /// The first block of this kind in or behind this session.
    pub fn place(&self, what: &str) -> Option<usize> {
        self.blocks.iter().position(|block| block.what == what)
    }

    /// This and another story at the same time.
    pub fn beside(mut self, other: Self) -> Self {
        let moved = other.blocks.into_iter().map(|mut block| {
            if block.session > 0 {
                block.session += self.sessions;
            }
            block
        });
        let moved: Vec<Block> = moved.collect();
        self.blocks.extend(moved);
        self.blocks.sort_by_key(|block| block.time_us);
        self.sessions += other.sessions;
        self.version = self.version.min(other.version);
        self.accounts.extend(other.accounts);
        self
    }

    /// The story as a transcript (docs/transcript.md).
    pub fn transcript(&self) -> String {
        let mut out = String::from("# informant transcript 1\n\n");
        for block in &self.blocks {
            let arrow = if block.by == By::Cpe { ">>" } else { "<<" };
            let (source, destination) = (block.source, block.destination);
            let (seconds, micros) = (block.time_us / 1_000_000, block.time_us % 1_000_000);
            let _ = write!(
                out,
                "{arrow} {source} > {destination} @{seconds}.{micros:06}"
            );
            match &block.content {
                Content::Message(message) => {
                    out.push_str(if message.chunked { " chunked\n" } else { "\n" });
                    message.transcript(&mut out);
                }
                Content::Datagram(bytes) => {
                    out.push_str(" udp\n");
                    for byte in bytes {
                        let _ = write!(out, "{byte:02x}");
                    }
                    out.push('\n');
                }
                Content::Bytes(_) => panic!("a transcript takes HTTP and datagrams"),
                Content::Fin => out.push_str(" fin\n"),
                Content::Reset => out.push_str(" rst\n"),
                Content::Quiet => out.push_str(" quiet\n"),
            }
            out.push('\n');
        }
        out
    }
}

impl Content {
    pub fn message(&mut self) -> Option<&mut Message> {
        match self {
            Self::Message(message) => Some(message),
            _ => None,
        }
    }
}
