//! A side that takes XML only with, or only without, its declaration.

use crate::conformance::rule::BOTH;
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Blame, Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&REFUSED];

const REFUSED: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: BOTH,
    demands: "A receiver takes XML with an XML declaration and without one.",
    why: "Some parsers of small devices stumble over `<?xml version=...?>`, some servers insist on it. Every message of the one \
          form is refused with 400, 500 or a fault, every message of the other form is taken, and both sides' XML is right.",
    mend_cpe: "Let the parser pass over an XML declaration, and do not ask for one (XML 1.0 section 2.8).",
    mend_acs: "Let the parser pass over an XML declaration, and do not ask for one; until the device is mended, send it the form \
               that it takes.",
    bad: "POST /acs  <?xml version=\"1.0\"?><soap:Envelope ...  ->  500\nPOST /acs  <soap:Envelope ...  ->  200",
    good: "POST /acs  <?xml version=\"1.0\"?><soap:Envelope ...  ->  200\nPOST /acs  <soap:Envelope ...  ->  200",
    related: &["SOAP-001"],
    wireshark: "http.file_data contains \"<?xml\"",
    ..Rule::heuristic("FIELD-007", "xml-declaration-refused", Scope::Device)
};

/// How often messages with and without a declaration were taken and refused, by who received them.
#[derive(Debug, Default)]
pub struct Declaration {
    by_acs: Tally,
    by_cpe: Tally,
    /// The last POST of the device that held an envelope began with a declaration.
    posted: Option<bool>,
}

/// `[without, with]` a declaration.
#[derive(Debug, Default)]
struct Tally {
    taken: [u32; 2],
    refused: [u32; 2],
    told: bool,
}

impl Tally {
    /// Takes note; says whether this shows that the form decides.
    fn note(&mut self, declared: bool, taken: bool) -> bool {
        let counted = if taken {
            &mut self.taken
        } else {
            &mut self.refused
        };
        counted[usize::from(declared)] = counted[usize::from(declared)].saturating_add(1);
        let decides = [0, 1].into_iter().any(|form| {
            self.refused[form] >= OFTEN
                && self.taken[form] == 0
                && self.taken[1 - form] >= OFTEN
                && self.refused[1 - form] == 0
        });
        decides && !std::mem::replace(&mut self.told, true)
    }

    fn refused_form(&self) -> &'static str {
        if self.refused[1] > 0 {
            "every message with an XML declaration was refused, every one without was taken"
        } else {
            "every message without an XML declaration was refused, every one with it was taken"
        }
    }
}

impl Topic for Declaration {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() {
            return;
        }
        if seen.is_request() {
            self.posted = is_declared(seen);
            return;
        }
        let taken = match seen.status() {
            200..=299 => true,
            400 | 415 | 422 | 500 => false,
            _ => return,
        };
        if let Some(declared) = self.posted.take()
            && self.by_acs.note(declared, taken)
        {
            let draft = seen.breaks(&REFUSED).blame(Blame::Acs);
            findings.add(draft.because(self.by_acs.refused_form()));
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let asked = &exchange.asked.message;
        if asked.from != Side::Acs {
            return;
        }
        // Codes that name a method, an argument or a parameter come from a device that has read the message.
        let taken = !matches!(exchange.fault_code(), Some(9001 | 9002)) || !exchange.is_fault();
        let declared = asked
            .soap
            .as_ref()
            .map(|document| begins_with_declaration(document.text()));
        if let Some(declared) = declared
            && self.by_cpe.note(declared, taken)
        {
            let draft = exchange.breaks(&REFUSED).blame(Blame::Cpe);
            findings.add(draft.because(self.by_cpe.refused_form()));
        }
    }
}

fn is_declared(seen: &Seen<'_>) -> Option<bool> {
    let document = seen
        .document()
        .filter(|document| !document.envelopes().is_empty())?;
    Some(begins_with_declaration(document.text()))
}

fn begins_with_declaration(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    text.trim_ascii_start().starts_with(b"<?xml")
}

/// So often that it is no accident.
const OFTEN: u32 = 2;
