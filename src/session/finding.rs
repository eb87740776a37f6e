//! A finding: a specification was broken, by whom, where, and how sure that is. Made by rules; only the value is here.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::{Evidence, wireshark};
use crate::source::{FrameId, Timestamp};

/// One breach by one side of one device, with every place where it was seen.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule's code in the rule book (`HTTP-004`).
    pub code: &'static str,
    /// The rule's name (`soap-action-on-response`).
    pub name: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What the specification says of it.
    pub obligation: Obligation,
    /// Who has to change something.
    pub blame: Blame,
    /// What was seen at the first occurrence, one sentence. Text of the wire stands in it as it came, secrets masked: whoever
    /// prints it escapes it.
    pub message: String,
    /// The device concerned, where known.
    pub device: Option<Arc<str>>,
    /// The method concerned, where there is one.
    pub rpc: Option<String>,
    /// The parameter or object concerned, where there is one, with `{i}` for instance numbers.
    pub path: Option<String>,
    /// Where in the message of the first occurrence.
    pub position: Option<Position>,
    /// What stands there.
    pub excerpt: Option<Box<Excerpt>>,
    /// How often it was seen.
    pub count: u64,
    /// Of these, how many a baseline accepts.
    pub accepted: u64,
    /// Where, the earliest first, as far as a bound allows; never empty.
    pub occurrences: Vec<Occurrence>,
    /// Whether the capture holds all that the finding rests on, at every occurrence.
    pub evidence: Evidence,
    /// What says so.
    pub cites: &'static [Cite],
    /// The device's own document that announces the behaviour.
    pub foretold_by: Option<&'static str>,
    /// The setting of the device that would mend it, by the device's own document.
    pub setting: Option<String>,
}

impl Finding {
    /// The session of the first occurrence.
    #[must_use]
    pub fn session(&self) -> Option<u32> {
        self.occurrences.first()?.session
    }

    /// A Wireshark display filter for the frames of the first occurrence: those of one file, the first.
    #[must_use]
    pub fn wireshark(&self) -> Option<String> {
        wireshark::filter(self.frames())
    }

    /// Occurrences that are counted and not kept.
    #[must_use]
    pub fn occurrences_omitted(&self) -> u64 {
        self.count.saturating_sub(self.occurrences.len() as u64)
    }

    /// The frames of the first occurrence.
    #[must_use]
    pub fn frames(&self) -> &[FrameId] {
        self.occurrences
            .first()
            .map_or(&[], |occurrence| &occurrence.frames)
    }
}

/// One place where a breach was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The session.
    pub session: Option<u32>,
    /// The frames that show it.
    pub frames: Arc<[FrameId]>,
    /// When.
    pub time: Timestamp,
}

impl Finding {
    /// What is wrong in these frames of a session. The message tells of the first place: what is seen again elsewhere says which
    /// that is.
    #[must_use]
    pub fn message_in(&self, session: Option<u32>, frames: &[FrameId]) -> Cow<'_, str> {
        let Some(first) = self.occurrences.first() else {
            return Cow::Borrowed(&self.message);
        };
        let is_here = first.session == session
            && first.frames.last().is_none_or(|last| frames.contains(last));
        match first.session {
            _ if is_here => Cow::Borrowed(&self.message),
            Some(number) if Some(number) != session => {
                Cow::Owned(format!("as in session {number}: {}", self.message))
            }
            _ => Cow::Owned(format!("as before: {}", self.message)),
        }
    }
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be mended; may work all the same.
    Warning,
    /// A requirement is broken.
    Error,
}

impl Severity {
    /// As the JSON writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What the specification says (RFC 2119).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obligation {
    /// MUST, MUST NOT, SHALL; or the schema.
    Must,
    /// SHOULD, RECOMMENDED.
    Should,
    /// MAY.
    May,
    /// Nothing: experience says so.
    Heuristic,
}

impl Obligation {
    /// As the JSON writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
            Self::Heuristic => "heuristic",
        }
    }
}

/// Who has to change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Blame {
    /// The device.
    Cpe,
    /// The ACS.
    Acs,
    /// The gateway of TR-111 part I.
    Gateway,
    /// The STUN server.
    StunServer,
    /// The DHCP server.
    DhcpServer,
    /// The capture does not tell.
    Undetermined,
}

impl Blame {
    /// Everybody.
    pub const ALL: [Self; 6] = [
        Self::Cpe,
        Self::Acs,
        Self::Gateway,
        Self::StunServer,
        Self::DhcpServer,
        Self::Undetermined,
    ];

    /// As text for people has it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::StunServer => "STUN server",
            Self::DhcpServer => "DHCP server",
            side => side.name(),
        }
    }

    /// As the JSON writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpe => "cpe",
            Self::Acs => "acs",
            Self::Gateway => "gateway",
            Self::StunServer => "stun_server",
            Self::DhcpServer => "dhcp_server",
            Self::Undetermined => "undetermined",
        }
    }
}

/// What says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cite {
    /// The document, with its amendment (`TR-069 Amendment 3`).
    pub document: &'static str,
    /// The section, table or annex.
    pub section: &'static str,
}

/// A place in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Which part is counted.
    pub part: Part,
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    /// Bytes from the start of the part.
    pub offset: u64,
}

/// A part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Start line and header fields.
    Head,
    /// The body, decoded.
    Body,
    /// The payload of a datagram.
    Datagram,
}

impl Part {
    /// As the JSON writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Body => "body",
            Self::Datagram => "datagram",
        }
    }
}

/// One line of a message, or a window of it, with what is meant marked in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, secrets masked; to be escaped by whoever prints it.
    pub text: String,
    /// Bytes of it that are meant.
    pub marked: Range<usize>,
    /// The line goes on to the left.
    pub cut_left: bool,
    /// The line goes on to the right.
    pub cut_right: bool,
}
