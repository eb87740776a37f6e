//! `cwmp:ID`: echoed by answers, different from request to request.

use std::hash::{Hash, Hasher};

use cwmp::{EnvelopeRef, Kind};

use crate::conformance::rule::{BOTH, a3};
use crate::conformance::{
    Exchange, Findings, Rule, Scope, Seen, Topic, fingerprint, fingerprint_of_parts,
};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ECHO, &UNASKED, &REUSED];

/// An answer repeats the ID of its request.
const ECHO: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "The response or fault to a request with an ID carries the same ID, character by character.",
    why: "Strict peers match answers by the ID alone: they drop the answer, wait for another, and the \
          session times out.",
    mend_cpe: "Copy the ID of the request into the answer as it is.",
    mend_acs: "Copy the ID of the request into the answer as it is; do not generate one.",
    bad: "request  <cwmp:ID soap:mustUnderstand=\"1\">42</cwmp:ID>\nresponse <cwmp:ID \
          soap:mustUnderstand=\"1\">1</cwmp:ID>",
    good: "request  <cwmp:ID soap:mustUnderstand=\"1\">42</cwmp:ID>\nresponse <cwmp:ID \
          soap:mustUnderstand=\"1\">42</cwmp:ID>",
    related: &["SOAP-021"],
    wireshark: "xml.tag contains \":ID\"",
    ..Rule::must("SOAP-020", "id-echoed", Scope::Exchange)
};

/// An answer has an ID although its request had none.
const UNASKED: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "An answer has an ID only where its request had one.",
    why: "A peer that sent no ID does not look for one: it does no harm, and shows that the answer was not \
          built from the request.",
    mend_cpe: "Leave the ID out where the request has none.",
    mend_acs: "Leave the ID out where the request has none.",
    bad: "request  (no ID)\nresponse <cwmp:ID soap:mustUnderstand=\"1\">1</cwmp:ID>",
    good: "request  (no ID)\nresponse (no ID)",
    related: &["SOAP-020"],
    wireshark: "xml.tag contains \":ID\"",
    ..Rule::heuristic("SOAP-021", "id-in-answer-alone", Scope::Exchange)
};

/// Requests of one side have IDs of their own.
const REUSED: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "Requests of one sender in one session have different IDs.",
    why: "With the same ID on every request nobody can tell from a log which answer belongs to which; a peer \
          that answers late is matched to the wrong one.",
    mend_cpe: "Count the IDs up.",
    mend_acs: "Count the IDs up; a template with a fixed ID needs a variable there.",
    bad: "<cwmp:ID soap:mustUnderstand=\"1\">1</cwmp:ID> GetParameterValues\n<cwmp:ID \
          soap:mustUnderstand=\"1\">1</cwmp:ID> Reboot",
    good: "<cwmp:ID soap:mustUnderstand=\"1\">1</cwmp:ID> GetParameterValues\n<cwmp:ID \
          soap:mustUnderstand=\"1\">2</cwmp:ID> Reboot",
    wireshark: "xml.tag contains \":ID\"",
    ..Rule::heuristic("SOAP-022", "id-used-again", Scope::Session)
};

/// Looks at an answer's ID.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    let Some(response) = exchange.response() else {
        return;
    };
    // With several requests open at once, what answers which is a guess.
    let waiting = exchange
        .answer
        .session
        .is_some_and(|facts| !facts.asked_by_acs.is_empty() || !facts.asked_by_cpe.is_empty());
    if waiting {
        return;
    }
    let draft = |rule| {
        let id = response.header().and_then(|header| header.child("ID"));
        let at = id.unwrap_or_else(|| response.element());
        exchange.breaks(rule).body(at.offset()..at.content_offset())
    };
    match (exchange.asked.id.as_deref(), response.id().as_deref()) {
        (Some(asked), Some(answered)) if asked == answered => {}
        (Some(asked), Some(answered)) if asked.trim() == answered.trim() => findings.add(
            draft(&ECHO)
                .at_most(Severity::Warning)
                .because("the ID of the answer differs by blanks"),
        ),
        (Some(asked), Some(answered)) => findings.add(draft(&ECHO).because(format!(
            "the request has ID '{}', the answer has '{}'",
            short(asked),
            short(answered)
        ))),
        (Some(asked), None) => findings.add(draft(&ECHO).because(format!(
            "the request has ID '{}', the answer has none",
            short(asked)
        ))),
        (None, Some(_)) => {
            findings.add(draft(&UNASKED).because("the answer has an ID, the request has none"));
        }
        (None, None) => {}
    }
}

fn short(id: &str) -> String {
    id.chars().take(ID_SHOWN_MAX).collect()
}

/// The IDs that requests of a session had.
#[derive(Debug, Default)]
pub(super) struct Identifiers {
    of_cpe: Vec<(u64, u64)>,
    of_acs: Vec<(u64, u64)>,
    told_of_cpe: bool,
    told_of_acs: bool,
    retry_expected: bool,
}

impl Topic for Identifiers {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() || !seen.is_whole() {
            return;
        }
        // What is sent again after a challenge, a redirect or fault 8005 is the same request with the same ID.
        let again = seen.replay || (seen.from() == Side::Cpe && self.retry_expected);
        if seen.is_request() {
            self.retry_expected = false;
        }
        for envelope in seen.envelopes() {
            match envelope.kind() {
                Kind::Request if !again => self.request(seen, &envelope, findings),
                Kind::Fault => {
                    let code = envelope.fault().and_then(|fault| fault.code_number());
                    self.retry_expected |= code == Some(RETRY);
                }
                _ => {}
            }
        }
    }
}

impl Identifiers {
    fn request(&mut self, seen: &Seen<'_>, envelope: &EnvelopeRef<'_>, findings: &mut Findings) {
        let (met, told) = match seen.from() {
            Side::Cpe => (&mut self.of_cpe, &mut self.told_of_cpe),
            Side::Acs => (&mut self.of_acs, &mut self.told_of_acs),
            Side::Other => return,
        };
        let Some(id) = envelope.id() else {
            return;
        };
        let key = fingerprint(id.as_bytes());
        let content = envelope.message().map(|message| message.content());
        let mut state = fingerprint_of_parts();
        (envelope.message_name(), content).hash(&mut state);
        let content = state.finish();
        let before = met.iter().find(|(met, _)| *met == key);
        match before {
            // The same message is one that was sent again.
            Some((_, same)) if *same == content => {}
            Some(_) if !*told => {
                *told = true;
                let header = envelope.header().and_then(|header| header.child("ID"));
                let at = header.unwrap_or_else(|| envelope.element());
                let draft = seen.breaks_at(&REUSED, at);
                findings.add(draft.because(format!(
                    "an earlier request of the session has ID '{}' too",
                    short(&id)
                )));
            }
            Some(_) => {}
            None if met.len() < IDS_MAX => met.push((key, content)),
            None => {}
        }
    }
}

/// Fault code of an ACS that wants the request again.
const RETRY: u32 = 8005;
/// IDs kept of one side in one session.
const IDS_MAX: usize = 256;
/// Characters of an ID that are told.
const ID_SHOWN_MAX: usize = 40;
