//! Active notification: a value that changed by itself between two reads was told of in between.
//!
//! Much may excuse a device: whatever the ACS writes, a restart, a file, a session that the capture lacks. Any of them makes it
//! forget what was read.

use std::collections::HashMap;

use super::asked::is_indirect;
use crate::conformance::rule::a3;
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, Topic, fingerprint};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&TOLD];

/// A change is told.
const TOLD: Rule = Rule {
    severity: Some(Severity::Warning),
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.4"), a3("3.2.1")],
    demands: "A change of a parameter with active notification that the ACS did not make is told in an Inform with 4 VALUE CHANGE and \
              the parameter.",
    why: "The ACS acts on what it was told last: a telephone that lost its registration or a line with a new address counts as healthy \
          until somebody complains.",
    mend_cpe: "Compare the values of these parameters whenever they may have changed, and keep the change until an Inform that tells \
               of it was answered.",
    bad: "Notification 2, ProvisioningCode = a\nProvisioningCode = b\nInform: 2 PERIODIC",
    good: "Notification 2, ProvisioningCode = a\nProvisioningCode = b\nInform: 4 VALUE CHANGE, ProvisioningCode = b",
    related: &["CWMP-SPA-004"],
    wireshark: "xml.cdata == \"4 VALUE CHANGE\"",
    of_absence: true,
    ..Rule::must("CWMP-SPA-007", "active-change-not-told", Scope::Device)
};

/// What is watched on one device.
#[derive(Debug, Default)]
pub(super) struct Active {
    #[expect(
        clippy::box_collection,
        reason = "most devices have none, and a map is six words large"
    )]
    watched: Option<Box<HashMap<u64, Watched, foldhash::fast::RandomState>>>,
}

/// A parameter with active notification.
#[derive(Debug)]
struct Watched {
    name: String,
    /// Its value as last read or told, by fingerprint, and the session.
    read: Option<(u64, u32)>,
    /// It has changed, and nothing has told: the session in which that was read.
    untold: Option<u32>,
}

impl Topic for Active {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if self.watched.is_none() || !seen.is_cwmp() || seen.from() != Side::Cpe {
            return;
        }
        let Some(facts) = seen
            .session
            .filter(|facts| facts.is_whole() && !facts.issue_1 && seen.is_whole())
        else {
            self.watched = None;
            return;
        };
        let Some(inform) = seen.envelope().and_then(|envelope| envelope.inform()) else {
            return;
        };
        let excuses = |code: &str| {
            ["0 ", "1 ", "7 ", "10 ", "M "]
                .iter()
                .any(|code_of| code.trim().starts_with(code_of))
        };
        let events = inform.events();
        let missed = inform.retry_count().is_none_or(|count| count > 0);
        if missed || events.iter().any(|event| excuses(&event.code)) {
            self.watched = None;
            return;
        }
        let Some(watched) = &mut self.watched else {
            return;
        };
        let tells = events
            .iter()
            .any(|event| event.code.trim() == "4 VALUE CHANGE");
        for parameter in inform.parameters().take(READ_MAX) {
            let name = parameter.name();
            if let (Some(one), Some(value)) = (
                watched.get_mut(&fingerprint(name.as_bytes())),
                parameter.value(),
            ) {
                // Its value is told here, be it by this event or not: from now on it is compared with this one.
                if tells || one.untold.is_none() {
                    one.untold = None;
                    one.read = Some((fingerprint(value.as_bytes()), facts.number));
                }
            }
        }
        // The session in which it was read may have come before the device noticed; the one behind it may not.
        let is_untold =
            |one: &&mut Watched| one.untold.is_some_and(|session| session != facts.number);
        let mut untold: Vec<&mut Watched> = watched.values_mut().filter(is_untold).collect();
        untold.sort_by(|one, other| one.name.cmp(&other.name));
        for one in untold {
            one.untold = None;
            let name = &one.name;
            let draft = seen.breaks(&TOLD).path(name).at_most(Severity::Warning);
            let why =
                format!("{name} has active notification and changed, and no Inform told of it");
            findings.add(draft.because(why));
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _: &mut Findings) {
        if exchange.answer.from() != Side::Cpe || exchange.is_fault() {
            return;
        }
        let Some(facts) = exchange.answer.session.filter(|facts| facts.is_whole()) else {
            self.watched = None;
            return;
        };
        match exchange.method() {
            "SetParameterAttributes" => self.attributes(exchange, true),
            "GetParameterAttributes" => self.attributes(exchange, false),
            "GetParameterValues" => self.read(exchange, facts.number),
            "GetParameterNames" | "GetRPCMethods" => {}
            // What else the ACS asks for may change any value.
            _ => {
                for one in self
                    .watched
                    .iter_mut()
                    .flat_map(|watched| watched.values_mut())
                {
                    one.read = None;
                    one.untold = None;
                }
            }
        }
    }
}

impl Active {
    fn attributes(&mut self, exchange: &Exchange<'_>, sets: bool) {
        let envelope = if sets {
            exchange.request()
        } else {
            exchange.response()
        };
        for parameter in envelope
            .iter()
            .flat_map(cwmp::EnvelopeRef::parameters)
            .take(READ_MAX)
        {
            let element = parameter.element();
            let text = |name: &str| {
                element
                    .child(name)
                    .map(|child| child.text().trim().to_owned())
            };
            let unchanged =
                sets && !matches!(text("NotificationChange").as_deref(), Some("1" | "true"));
            if unchanged {
                continue;
            }
            let name = parameter.name();
            if name.is_empty() || name.ends_with('.') {
                // What it covers is not known.
                self.watched = None;
                continue;
            }
            let key = fingerprint(name.as_bytes());
            if text("Notification").as_deref() != Some("2") || is_indirect(&name) {
                if let Some(watched) = &mut self.watched {
                    watched.remove(&key);
                }
                continue;
            }
            let watched = self.watched.get_or_insert_default();
            if watched.len() < WATCHED_MAX
                && !watched.contains_key(&key)
                && name.len() <= super::asked::PATH_MAX
            {
                let one = Watched {
                    name: name.into_owned(),
                    read: None,
                    untold: None,
                };
                watched.insert(key, one);
            }
        }
    }

    fn read(&mut self, exchange: &Exchange<'_>, session: u32) {
        let Some(watched) = self.watched.as_mut().filter(|watched| !watched.is_empty()) else {
            return;
        };
        let response = exchange.response();
        for parameter in response.iter().flat_map(cwmp::EnvelopeRef::parameters) {
            let (Some(one), Some(value)) = (
                watched.get_mut(&fingerprint(parameter.name().as_bytes())),
                parameter.value(),
            ) else {
                continue;
            };
            let value = fingerprint(value.as_bytes());
            if let Some((before, since)) = one.read
                && before != value
                && since != session
            {
                one.untold = Some(session);
            }
            one.read = Some((value, session));
        }
    }
}

/// Parameters watched on one device.
const WATCHED_MAX: usize = 32;
/// Parameters looked at in one message.
const READ_MAX: usize = 1_024;
