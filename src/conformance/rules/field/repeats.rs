//! The same value set in every session.

use cwmp::{EnvelopeRef, Kind};

use crate::conformance::rule::ACS;
use crate::conformance::rules::field::GIVES_UP_AFTER;
use crate::conformance::{Exchange, Findings, Rule, Scope, Topic, fingerprint};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&SAME_VALUE];

const SAME_VALUE: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: ACS,
    demands: "An ACS sets a value once, and again only when it has changed.",
    why: "The ACS does not see that its value has arrived (the device reads it back in another spelling, masks it or keeps it \
          elsewhere) and sets it in every session. Flash memory wears, phones that restart a line on every write drop calls, and \
          with active notification the write sets off the next session: a loop.",
    mend_acs: "Compare by value, not by text (1 and true are the same), leave hidden parameters such as passwords out of the \
               comparison, and stop after some attempts.",
    mend_cpe: "Return a value as it was set; do not restart a service for a write that changes nothing.",
    bad: "session 1: Set  Device.Time.NTPServer1 = ntp.example.net\nsession 2: Set  Device.Time.NTPServer1 = ntp.example.net\nsession 3: ...",
    good: "session 1: Set  Device.Time.NTPServer1 = ntp.example.net\nsession 2: (nothing to set)",
    related: &["CWMP-SPV-005"],
    wireshark: "xml.tag contains \"SetParameterValues\"",
    ..Rule::heuristic("FIELD-018", "same-value-in-every-session", Scope::Device)
};

/// What was set, by fingerprints of name and value, with the session and how often in a row.
#[derive(Debug, Default)]
pub struct Repeats {
    set: Vec<Set>,
    /// Sessions of this device in which something was set: the present one and how many.
    session: u32,
    sessions: u32,
}

#[derive(Debug)]
struct Set {
    name: u64,
    value: u64,
    /// Which of the sessions with a set it was last.
    at: u32,
    in_a_row: u32,
}

impl Topic for Repeats {
    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if exchange.is_fault() {
            return;
        }
        match exchange.method() {
            "SetParameterValues" => {}
            "FactoryReset" | "Inform" if undoes(exchange) => return self.set.clear(),
            "Inform" => return self.report(exchange.request()),
            "GetParameterValues" => return self.report(exchange.response()),
            _ => return,
        }
        let (Some(session), Some(request)) = (exchange.answer.message.session, exchange.request())
        else {
            return;
        };
        if request.kind() != Kind::Request {
            return;
        }
        // What a gap hides may have set the device back to what it was at the factory.
        if exchange
            .answer
            .session
            .is_some_and(|facts| !facts.is_whole())
        {
            self.set.clear();
        }
        if session != self.session {
            self.session = session;
            self.sessions = self.sessions.saturating_add(1);
            let now = self.sessions;
            self.set.retain(|set| set.at.saturating_add(1) >= now);
        }
        for parameter in request.parameters().take(NAMES_MAX) {
            let (name, value) = (parameter.name(), parameter.value().unwrap_or_default());
            // A test is started by setting the same again, and what it is to do with it.
            if name.contains("Diagnostics") || name.contains(".X_") {
                continue;
            }
            let set = (fingerprint(name.as_bytes()), meaning(&value));
            if self.note(set) == GIVES_UP_AFTER {
                let said = format!("the same value is set in {GIVES_UP_AFTER} sessions in a row");
                findings.add(exchange.breaks(&SAME_VALUE).path(name.trim()).because(said));
            }
        }
    }
}

impl Repeats {
    /// What reads otherwise than it was set has to be set again.
    fn report(&mut self, envelope: Option<EnvelopeRef<'_>>) {
        if self.set.is_empty() {
            return;
        }
        for parameter in envelope.iter().flat_map(EnvelopeRef::parameters) {
            let name = fingerprint(parameter.name().as_bytes());
            if self.set.iter().any(|set| set.name == name)
                && let Some(value) = parameter.value()
                // Nothing, or asterisks, is what a password reads as.
                && value.bytes().any(|byte| byte != b'*')
            {
                self.forget_other(name, meaning(&value));
            }
        }
    }

    fn forget_other(&mut self, name: u64, value: u64) {
        self.set
            .retain(|set| set.name != name || set.value == value);
    }

    /// How many sessions in a row this was set.
    fn note(&mut self, (name, value): (u64, u64)) -> u32 {
        let now = self.sessions;
        // In between it had another value.
        self.forget_other(name, value);
        if let Some(set) = self.set.iter_mut().find(|set| set.name == name) {
            set.in_a_row = set.in_a_row.saturating_add(u32::from(set.at != now));
            // Twice in one session counts once.
            let again = set.at == now;
            set.at = now;
            return if again { 0 } else { set.in_a_row };
        }
        if self.set.len() < NAMES_MAX {
            self.set.push(Set {
                name,
                value,
                at: now,
                in_a_row: 1,
            });
        }
        1
    }
}

/// A fingerprint of a value, the same for both spellings of a boolean.
fn meaning(value: &str) -> u64 {
    let plain = match value.trim() {
        "true" => "1",
        "false" => "0",
        plain => plain,
    };
    fingerprint(plain.as_bytes())
}

/// The device is as it left the factory: nothing of what was set holds any more (TR-069 Amendment 3 section 3.7.1.5).
fn undoes(exchange: &Exchange<'_>) -> bool {
    if exchange.method() == "FactoryReset" {
        return true;
    }
    let request = exchange.request();
    let inform = request.as_ref().and_then(EnvelopeRef::inform);
    let mut events = inform.iter().flat_map(cwmp::Inform::events);
    events.any(|event| event.code.trim() == "0 BOOTSTRAP")
}

/// Values remembered of one device, and looked at in one request.
const NAMES_MAX: usize = 64;
