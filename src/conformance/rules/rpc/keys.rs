//! ParameterKey after AddObject and DeleteObject: it takes their argument if they succeed, and else stays.

use cwmp::Document;

use crate::conformance::rule::a3;
use crate::conformance::{
    Exchange, Findings, Parameter, Parameters, Rule, Scope, Seen, Topic, Traits, fingerprint,
};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ADD, &DELETE];

/// AddObject and its ParameterKey.
const ADD: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.6")],
    demands: "ParameterKey takes the argument of AddObject if it succeeds, at once and with Status 1 too, and stays as it is if it fails.",
    why: "The ACS tells by this key whether its last change arrived: with an old one it adds the same object again in each session, \
          until the table is full.",
    mend_cpe: "Set ParameterKey together with the new instance, and not at all with a fault.",
    bad: "AddObject, ParameterKey k2 -> <InstanceNumber>1</InstanceNumber>\nInform: ParameterKey k1",
    good: "AddObject, ParameterKey k2 -> <InstanceNumber>1</InstanceNumber>\nInform: ParameterKey k2",
    related: &["CWMP-DEL-005"],
    wireshark: "xml.tag contains \"AddObject\" || xml.cdata contains \"ManagementServer.ParameterKey\"",
    ..Rule::must("CWMP-ADD-007", "parameter-key-of-add-object", Scope::Device)
};

/// DeleteObject and its ParameterKey.
const DELETE: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.7")],
    demands: "ParameterKey takes the argument of DeleteObject if it succeeds, at once and with Status 1 too, and stays as it is if it \
              fails.",
    why: "The ACS tells by this key whether its last change arrived: with an old one it deletes the same instance again in each \
          session and logs 9005 for ever.",
    mend_cpe: "Set ParameterKey together with the deletion, and not at all with a fault.",
    bad: "DeleteObject, ParameterKey k2 -> <Status>0</Status>\nInform: ParameterKey k1",
    good: "DeleteObject, ParameterKey k2 -> <Status>0</Status>\nInform: ParameterKey k2",
    related: &["CWMP-ADD-007"],
    wireshark: "xml.tag contains \"DeleteObject\" || xml.cdata contains \"ManagementServer.ParameterKey\"",
    ..Rule::must(
        "CWMP-DEL-005",
        "parameter-key-of-delete-object",
        Scope::Device,
    )
};

/// What is known of one device.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The key, by fingerprint, as last read or set.
    key: Option<u64>,
    /// What last should have changed it, or should not.
    by: Option<By>,
}

#[derive(Debug, Clone, Copy)]
struct By {
    deletes: bool,
    session: u32,
    /// The key that a refused request had, by fingerprint.
    refused: Option<u64>,
    /// The key before it, by fingerprint, where that was seen.
    before: Option<u64>,
}

impl Topic for Keys {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() || seen.from() != Side::Cpe {
            return;
        }
        let Some(facts) = seen
            .session
            .filter(|facts| facts.is_whole() && !facts.issue_1)
        else {
            *self = Self::default();
            return;
        };
        let Some(inform) = seen.document().and_then(envelope_inform) else {
            return;
        };
        if !seen.is_whole() {
            *self = Self::default();
            return;
        }
        // A session before this one may have failed unseen; a reset or a file may have brought another key.
        let missed = inform.retry_count().is_some_and(|count| count > 0);
        let resets = |code: &str| {
            let code = code.trim();
            ["0 ", "7 ", "10 ", "M "]
                .iter()
                .any(|reset| code.starts_with(reset))
        };
        if missed || inform.events().iter().any(|event| resets(&event.code)) {
            self.by = None;
        }
        if let Some(key) = key_in(seen.parameters, seen.parameters.all()) {
            let said = |by: &By| self.said(by, key, facts.number);
            if let Some((rule, why, by)) = self.by.as_ref().and_then(said) {
                let most = most(by.session, facts.number);
                findings.add(seen.breaks(rule).at_most(most).because(why));
            }
            self.read(key);
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let Some(facts) = exchange
            .answer
            .session
            .filter(|_| exchange.answer.from() == Side::Cpe)
        else {
            return;
        };
        match exchange.method() {
            "GetParameterValues" if !exchange.is_fault() => {
                if let Some(key) = key_in(exchange.answer.parameters, exchange.answered()) {
                    let said = |by: &By| self.said(by, key, facts.number);
                    if let Some((rule, why, by)) = self.by.as_ref().and_then(said) {
                        let most = most(by.session, facts.number);
                        findings.add(exchange.breaks(rule).at_most(most).because(why));
                    }
                    self.read(key);
                }
            }
            "AddObject" | "DeleteObject" if facts.is_whole() => self.asked(exchange, facts.number),
            // Whoever writes the key besides is judged elsewhere.
            "SetParameterValues" | "FactoryReset" => *self = Self::default(),
            _ => {}
        }
    }
}

impl Keys {
    fn asked(&mut self, exchange: &Exchange<'_>, session: u32) {
        let request = exchange.request();
        let key = request.and_then(|request| request.message()?.child("ParameterKey"));
        let Some(key) = key else {
            *self = Self::default();
            return;
        };
        let key = fingerprint(key.text().trim().as_bytes());
        let deletes = exchange.method() == "DeleteObject";
        if exchange.is_fault() {
            let stays = self.key.filter(|known| *known != key);
            self.by = stays.map(|_| By {
                deletes,
                session,
                refused: Some(key),
                before: self.key,
            });
            return;
        }
        let before = self.key.replace(key);
        self.by = Some(By {
            deletes,
            session,
            refused: None,
            before,
        });
    }

    /// What is wrong with a key that is read.
    fn said(&self, by: &By, key: &str, session: u32) -> Option<(&'static Rule, String, By)> {
        let read = fingerprint(key.trim().as_bytes());
        let expected = self.key?;
        if read == expected || by.refused.is_some_and(|refused| refused != read) {
            return None;
        }
        // In a later session a third key is that of a session which the capture lacks.
        if by.session != session && by.refused.is_none() && by.before != Some(read) {
            return None;
        }
        let (rule, method) = if by.deletes {
            (&DELETE, "DeleteObject")
        } else {
            (&ADD, "AddObject")
        };
        let shown: String = key.trim().chars().take(KEY_SHOWN_MAX).collect();
        let why = if by.refused.is_some() {
            format!("ParameterKey is '{shown}', which a refused {method} brought")
        } else {
            format!("ParameterKey is '{shown}' after {method} brought another one")
        };
        Some((rule, why, *by))
    }

    fn read(&mut self, key: &str) {
        self.key = Some(fingerprint(key.trim().as_bytes()));
        self.by = None;
    }
}

fn envelope_inform(document: &Document) -> Option<cwmp::Inform<'_>> {
    document.inform()
}

/// ParameterKey among some parameters of a message.
fn key_in<'p>(all: &Parameters<'_>, of: &'p [Parameter<'_>]) -> Option<&'p str> {
    let key = Traits::PARAMETER_KEY;
    if !all.traits().has(key) {
        return None;
    }
    of.iter().find(|one| one.has(key))?.value()
}

/// Across sessions one may be missing that set another key.
fn most(one: u32, other: u32) -> Severity {
    if one == other {
        Severity::Error
    } else {
        Severity::Warning
    }
}

/// Characters of a key, which has 32 at most.
const KEY_SHOWN_MAX: usize = 40;
