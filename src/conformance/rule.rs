//! What a rule is: its code, what it demands, who says so, and the texts of its page. How it is checked stands beside it, in its topic.

use crate::session::{Blame, Cite, Obligation, Severity};

/// One rule of the rule book. A rule is a const, made with [`Rule::must`] and its like and completed by struct update.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its code, never used for anything else (`HTTP-004`).
    pub code: &'static str,
    /// Its name: lower case words with hyphens, what is wrong or what is demanded (`soap-action-on-response`).
    pub name: &'static str,
    /// What the specification says of it.
    pub obligation: Obligation,
    /// How much a breach matters, where that does not follow from the obligation.
    pub severity: Option<Severity>,
    /// Who can break it.
    pub blame: &'static [Blame],
    /// How much traffic it looks at.
    pub scope: Scope,
    /// The versions of CWMP it holds for, in words (`all`, `1.1 and later`, `1.0 (Issue 1)`).
    pub versions: &'static str,
    /// What says so.
    pub cites: &'static [Cite],
    /// What is demanded, one sentence.
    pub demands: &'static str,
    /// Why it matters: what happens in the field where it is broken.
    pub why: &'static str,
    /// What to change on the device; empty where nothing is to be changed there.
    pub mend_cpe: &'static str,
    /// What to change on the ACS, or whoever else is blamed; empty where nothing is to be changed there.
    pub mend_acs: &'static str,
    /// A breach, a few lines of traffic.
    pub bad: &'static str,
    /// The same as it should be.
    pub good: &'static str,
    /// Codes of rules that a reader of this one wants to know of.
    pub related: &'static [&'static str],
    /// A Wireshark display filter that shows candidates in any capture.
    pub wireshark: &'static str,
    /// For a rule that only forgives: the codes that it keeps quiet or softens. Such a rule never makes a finding.
    pub guards: &'static [&'static str],
    /// It rests on what did not come, or not in between: one packet that the capture dropped anywhere may be its whole cause, so
    /// that it makes no more than a remark of a capture with gaps.
    pub of_absence: bool,
}

impl Rule {
    /// A MUST or MUST NOT: a breach is an error.
    #[must_use]
    pub const fn must(code: &'static str, name: &'static str, scope: Scope) -> Self {
        Self {
            code,
            name,
            obligation: Obligation::Must,
            severity: None,
            blame: &[Blame::Cpe],
            scope,
            versions: "all",
            cites: &[],
            demands: "",
            why: "",
            mend_cpe: "",
            mend_acs: "",
            bad: "",
            good: "",
            related: &[],
            wireshark: "",
            guards: &[],
            of_absence: false,
        }
    }

    /// A SHOULD: a breach is a warning.
    #[must_use]
    pub const fn should(code: &'static str, name: &'static str, scope: Scope) -> Self {
        Self {
            obligation: Obligation::Should,
            ..Self::must(code, name, scope)
        }
    }

    /// A MAY: worth a remark.
    #[must_use]
    pub const fn may(code: &'static str, name: &'static str, scope: Scope) -> Self {
        Self {
            obligation: Obligation::May,
            ..Self::must(code, name, scope)
        }
    }

    /// Experience, not text: worth a remark.
    #[must_use]
    pub const fn heuristic(code: &'static str, name: &'static str, scope: Scope) -> Self {
        Self {
            obligation: Obligation::Heuristic,
            ..Self::must(code, name, scope)
        }
    }

    /// A rule that only forgives.
    #[must_use]
    pub const fn guard(
        code: &'static str,
        name: &'static str,
        guards: &'static [&'static str],
    ) -> Self {
        Self {
            guards,
            ..Self::heuristic(code, name, Scope::Message)
        }
    }

    /// How much a breach matters, unless its circumstances soften it.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match (self.severity, self.obligation) {
            (Some(severity), _) => severity,
            (None, Obligation::Must) => Severity::Error,
            (None, Obligation::Should) => Severity::Warning,
            (None, Obligation::May | Obligation::Heuristic) => Severity::Info,
        }
    }

    /// The family: the code without its number (`HTTP`, `CWMP-DL`).
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.code
            .rsplit_once('-')
            .map_or(self.code, |(family, _)| family)
    }

    /// It matters which method is called. What is said of the carrying of messages, or of the envelope around a method, is the
    /// same breach with every method.
    pub(super) fn is_of_a_method(&self) -> bool {
        match self.family() {
            "HTTP" | "AUTH" | "SEC" | "SESS" | "VER" => false,
            "FIELD" => !OF_TLS.contains(&self.code),
            "SOAP" => !OF_THE_ENVELOPE.contains(&self.code),
            _ => true,
        }
    }
}

/// Rules of the family FIELD on what is agreed before the first message.
const OF_TLS: [&str; 4] = ["FIELD-022", "FIELD-023", "FIELD-024", "FIELD-025"];
/// Rules on the document, the envelope and its header.
const OF_THE_ENVELOPE: [&str; 19] = [
    "SOAP-001", "SOAP-002", "SOAP-003", "SOAP-004", "SOAP-005", "SOAP-006", "SOAP-018", "SOAP-019",
    "SOAP-020", "SOAP-021", "SOAP-022", "SOAP-023", "SOAP-024", "SOAP-025", "SOAP-038", "SOAP-039",
    "SOAP-040", "SOAP-041", "SOAP-046",
];

/// How much traffic a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One message or datagram.
    Message,
    /// A request and its answer.
    Exchange,
    /// One session.
    Session,
    /// What one device does over several sessions, or what several devices have in common.
    Device,
}

impl Scope {
    /// As the JSON writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Exchange => "exchange",
            Self::Session => "session",
            Self::Device => "device",
        }
    }
}

/// A row of the catalogue that no traffic can decide.
#[derive(Debug, Clone, Copy)]
pub struct Undecidable {
    /// Its code.
    pub code: &'static str,
    /// What it demands, one sentence.
    pub demands: &'static str,
    /// Why no capture shows whether it is kept.
    pub reason: &'static str,
}

/// A citation of TR-069 Amendment 3.
#[must_use]
pub(super) const fn a3(section: &'static str) -> Cite {
    Cite {
        document: "TR-069 Amendment 3",
        section,
    }
}

/// A citation of any document.
#[must_use]
pub(super) const fn cite(document: &'static str, section: &'static str) -> Cite {
    Cite { document, section }
}

/// The device alone can break it.
pub(super) const CPE: &[Blame] = &[Blame::Cpe];
/// The ACS alone can break it.
pub(super) const ACS: &[Blame] = &[Blame::Acs];
/// Either side can break it.
pub(super) const BOTH: &[Blame] = &[Blame::Cpe, Blame::Acs];
