//! The ParameterKey, from SetParameterValues to where it is read.

use super::continuity::Continuity;
use crate::conformance::rule::a3;
use crate::conformance::{
    Closed, Draft, Exchange, Findings, Rule, Scope, Seen, Topic, Traits, fingerprint,
};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&KEY];

/// The ParameterKey becomes the argument if and only if the values were set.
const KEY: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.1")],
    demands: "ParameterKey has the argument of SetParameterValues from its success on, and keeps its value where the \
          request fails.",
    why: "The ACS tells by the key whether a device has its configuration: with the old one it provisions again \
          with every session, with a key that came without its values it never does.",
    mend_cpe: "Store the key in the same transaction as the values, and report it in the next answer and Inform.",
    bad: "SetParameterValues ParameterKey=v2 -> <Status>0</Status>\n\
          Inform: Device.ManagementServer.ParameterKey = v1",
    good: "SetParameterValues ParameterKey=v2 -> <Status>0</Status>\n\
          Inform: Device.ManagementServer.ParameterKey = v2",
    wireshark: "xml.cdata contains \"ManagementServer.ParameterKey\"",
    ..Rule::must(
        "CWMP-SPV-007",
        "parameter-key-follows-success",
        Scope::Device,
    )
};

/// The key of one device.
#[derive(Debug, Default)]
pub(super) struct Key {
    continuity: Continuity,
    /// What it was last seen to be, before anything of the below.
    known: Option<u64>,
    expected: Option<Expected>,
}

/// What the key has to be.
#[derive(Debug, Clone, Copy)]
struct Expected {
    key: u64,
    /// The other that it may be by mistake: the one before, or that of the request that failed.
    other: Option<u64>,
    /// The request failed.
    refused: bool,
    session: u32,
}

impl Topic for Key {
    fn message(&mut self, seen: &Seen<'_>, _findings: &mut Findings) {
        if !self.continuity.message(seen) {
            self.forget();
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if !self.continuity.exchange(exchange) {
            self.forget();
        }
        let facts = exchange.answer.session;
        let Some(facts) = facts.filter(|facts| facts.is_whole() && !facts.issue_1) else {
            self.forget();
            return;
        };
        let session = facts.number;
        match exchange.method() {
            "Inform" => self.inform(exchange, session, findings),
            "SetParameterValues" => self.set(exchange, session),
            "AddObject" | "DeleteObject" if !exchange.is_fault() => {
                self.forget();
                self.known = argument(exchange);
            }
            "FactoryReset" => self.forget(),
            "GetParameterValues"
                if self.expected.is_some() && exchange.answer.from() == Side::Cpe =>
            {
                self.read(exchange, session, findings);
            }
            _ => {}
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, _findings: &mut Findings) {
        if !closed.facts.is_whole() || closed.session.gaps > 0 {
            self.forget();
        }
    }
}

impl Key {
    fn forget(&mut self) {
        self.known = None;
        self.expected = None;
    }

    fn inform(&mut self, exchange: &Exchange<'_>, session: u32, findings: &mut Findings) {
        let Some(inform) = exchange.request().and_then(|request| request.inform()) else {
            return;
        };
        let reset = inform
            .events()
            .iter()
            .any(|event| event.code.starts_with("0 "));
        if reset || inform.retry_count().is_some_and(|count| count > 0) {
            self.forget();
        }
        let mut parameters = inform.parameters().take(PARAMETERS_MAX);
        let key = parameters.find(|parameter| parameter.name().ends_with(NAME));
        let Some(key) = key else {
            return;
        };
        let value = key.value().unwrap_or_default();
        let draft = Draft::of_message(&KEY, &exchange.asked.message, exchange.answer.session);
        let draft = draft.body(key.element().offset()..key.element().content_offset());
        self.compare(draft.path(&key.name()), value.trim(), session, findings);
        self.known = Some(fingerprint(value.trim().as_bytes()));
        self.expected = None;
    }

    fn read(&mut self, exchange: &Exchange<'_>, session: u32, findings: &mut Findings) {
        if !exchange
            .answer
            .parameters
            .traits()
            .has(Traits::PARAMETER_KEY)
        {
            return;
        }
        let mut parameters = exchange.answered().iter();
        let Some(key) = parameters.find(|parameter| parameter.has(Traits::PARAMETER_KEY)) else {
            return;
        };
        let value = key.value().unwrap_or_default();
        if self.expected.is_some() {
            let draft = exchange.breaks(&KEY).path(key.name());
            let draft = draft.body(key.element().offset()..key.element().content_offset());
            self.compare(draft, value.trim(), session, findings);
        }
        self.known = Some(fingerprint(value.trim().as_bytes()));
        self.expected = None;
    }

    /// Sessions that the capture does not hold, with another ACS perhaps, may have set a third key.
    fn compare(&self, draft: Draft, value: &str, session: u32, findings: &mut Findings) {
        let Some(expected) = self.expected else {
            return;
        };
        let key = fingerprint(value.as_bytes());
        if key == expected.key {
            return;
        }
        let same = session == expected.session;
        let most = if same || expected.other == Some(key) {
            Severity::Error
        } else {
            Severity::Warning
        };
        let because = if expected.refused {
            format!(
                "ParameterKey is '{value}' after a SetParameterValues that failed, and was another before"
            )
        } else {
            format!(
                "ParameterKey is '{value}', which is not what a SetParameterValues with success set"
            )
        };
        findings.add(draft.at_most(most).because(because));
    }

    fn set(&mut self, exchange: &Exchange<'_>, session: u32) {
        let Some(key) = argument(exchange) else {
            self.forget();
            return;
        };
        let before = self.expected.map(|expected| expected.key).or(self.known);
        self.expected = if exchange.is_fault() {
            before.map(|before| Expected {
                key: before,
                other: Some(key),
                refused: true,
                session,
            })
        } else {
            Some(Expected {
                key,
                other: before,
                refused: false,
                session,
            })
        };
    }
}

/// The argument ParameterKey.
fn argument(exchange: &Exchange<'_>) -> Option<u64> {
    let request = exchange.request()?;
    let key = request.message()?.child("ParameterKey")?;
    let text = key.text();
    let text = text.trim();
    (text.len() <= KEY_MAX).then(|| fingerprint(text.as_bytes()))
}

const NAME: &str = ".ManagementServer.ParameterKey";
/// A longer key than this is an error of the ACS, and whatever becomes of it is no finding here.
const KEY_MAX: usize = 32;
/// Parameters of an Inform that are looked at.
const PARAMETERS_MAX: usize = 256;
