//! ParameterKey: the Inform shows the one that the ACS gave last (TR-069 Amendment 3 section A.3.2.1).

use std::net::SocketAddr;

use super::informed_of;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Severity, Side};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&LAST_KEY];

const LAST_KEY: Rule = Rule {
    blame: CPE,
    cites: &[
        a3("A.3.2.1"),
        cite("TR-181 Issue 2", "ManagementServer.ParameterKey"),
    ],
    demands: "ParameterKey in the Inform is the ParameterKey argument of the last SetParameterValues, AddObject or DeleteObject that was not \
              refused; after a factory reset it is empty.",
    why: "By this key the ACS sees whether the device still has the settings it was given. With a stale key an ACS writes the whole \
          configuration again in each session.",
    mend_cpe: "Store the key together with the values when the request is carried out, also when Status is 1.",
    bad: "SetParameterValues ... <ParameterKey>prov-18</ParameterKey>\nthe next Inform: ParameterKey = prov-17",
    good: "SetParameterValues ... <ParameterKey>prov-18</ParameterKey>\nthe next Inform: ParameterKey = prov-18",
    related: &["CWMP-FR-001", "CWMP-SPV-007"],
    wireshark: "xml.cdata contains \"ManagementServer.ParameterKey\"",
    of_absence: true,
    ..Rule::must("INF-022", "parameter-key-is-the-last", Scope::Device)
};

/// The key of one device.
#[derive(Debug, Default)]
pub struct Key {
    /// The one that the last Inform showed.
    shown: Option<Box<str>>,
    due: Option<Box<Due>>,
    /// A request that sets a key was sent and not answered, or bytes are missing: nobody knows which key holds.
    unsure: bool,
    asked: bool,
}

/// The key that the next Inform has to show.
#[derive(Debug)]
struct Due {
    key: String,
    method: &'static str,
    acs: SocketAddr,
    frames: Vec<FrameId>,
}

impl Topic for Key {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() {
            return;
        }
        self.unsure |= seen.session.is_some_and(|session| session.damaged);
        if seen.from() == Side::Acs {
            let mut names = seen.envelopes().filter_map(|one| one.message_name());
            self.asked |= names.any(|name| method(name).is_some());
            return;
        }
        let Some(inform) = informed_of(seen) else {
            return;
        };
        let unsure = std::mem::take(&mut self.unsure) | std::mem::take(&mut self.asked);
        let due = self.due.take();
        let Some(parameter) = inform.parameter("ManagementServer.ParameterKey") else {
            return;
        };
        let value = parameter.value().unwrap_or_default();
        let value = value.trim();
        let before = self
            .shown
            .replace(value.chars().take(KEY_CHARACTERS).collect());
        let reset = inform.has("0 BOOTSTRAP");
        let Some(due) = due.filter(|due| !unsure && !reset && due.key != value) else {
            return;
        };
        if due.acs != seen.message.provenance.destination {
            return;
        }
        let element = parameter.value_element().unwrap_or(parameter.element());
        let said = format!(
            "ParameterKey is '{value}', {} gave '{}'",
            due.method, due.key
        );
        let draft = seen.breaks_at(&LAST_KEY, element).shown_in(&due.frames);
        let draft = draft.path(parameter.name()).because(said);
        // A third key is one that a session gave which the capture lacks.
        findings.add(if before.is_some_and(|before| *before == *value) {
            draft
        } else {
            draft.at_most(Severity::Info)
        });
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        let Some(method) = method(exchange.method()) else {
            return;
        };
        self.asked = false;
        if exchange.is_fault() || exchange.answer.from() != Side::Cpe {
            return;
        }
        let key = exchange
            .request()
            .and_then(|request| request.message())
            .and_then(|message| message.child("ParameterKey"));
        let Some(key) = key else {
            self.unsure = true;
            return;
        };
        let key = key.text().trim().to_owned();
        if key.chars().count() > KEY_CHARACTERS {
            self.unsure = true;
            return;
        }
        let mut frames = exchange.asked.message.provenance.frames();
        frames.truncate(FRAMES_KEPT);
        self.due = Some(Box::new(Due {
            key,
            method,
            acs: exchange.answer.message.provenance.destination,
            frames,
        }));
    }
}

/// The methods that give a key.
fn method(name: &str) -> Option<&'static str> {
    let methods = ["SetParameterValues", "AddObject", "DeleteObject"];
    methods.into_iter().find(|method| *method == name)
}

/// A ParameterKey has at most 32 characters.
const KEY_CHARACTERS: usize = 32;
const FRAMES_KEPT: usize = 4;
