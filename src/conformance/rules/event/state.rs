//! Events that depend on what the device was set to: diagnostics, standby, notification.

use std::collections::{BTreeMap, BTreeSet};

use super::ledger::{ended_well, events, is_seen_whole};
use super::table::{BOOT, BOOTSTRAP};
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{
    Closed, Draft, Exchange, Findings, Parameters, Rule, Scope, Seen, Topic, fingerprint, is_whole,
};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&NO_TEST, &NO_WAKEUP, &PASSIVE];

/// A test that nobody started.
const NO_TEST: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[a3("Table 7"), cite("TR-098 Amendment 1", "2.4.4")],
    demands: "8 DIAGNOSTICS COMPLETE tells the end of a test that the ACS started by a DiagnosticsState.",
    why: "The ACS reads the results of a test that it did not ask for, and writes old figures into the ticket of the user.",
    mend_cpe: "Give the event only when DiagnosticsState was set to Requested by the ACS, and the test has run to its end.",
    bad: "(no DiagnosticsState was set)\n<EventCode>8 DIAGNOSTICS COMPLETE</EventCode>",
    good: "SetParameterValues ...IPPingDiagnostics.DiagnosticsState = Requested\n<EventCode>8 DIAGNOSTICS COMPLETE</EventCode>",
    related: &["CWMP-DIAG-001"],
    wireshark: "xml contains \"8 DIAGNOSTICS\" || xml contains \"DiagnosticsState\"",
    of_absence: true,
    ..Rule::heuristic("EVT-020", "diagnostics-were-asked-for", Scope::Device)
};

/// Standby that is not to be told.
const NO_WAKEUP: Rule = Rule {
    blame: CPE,
    versions: "1.4 and later",
    cites: &[
        cite("TR-181 Issue 2", "StandbyPolicy"),
        cite("TR-069 Amendment 5", "Annex L"),
    ],
    demands: "13 WAKEUP is not sent for a reason whose limit in StandbyPolicy is -1.",
    why: "The ACS has turned these calls off since thousands of devices wake at the same hour; they come all the same, and load it just then.",
    mend_cpe: "Read CRUnawarenessMaxDuration, MaxMissedPeriodic and NotifyMissedScheduled when the device wakes.",
    bad: "CRUnawarenessMaxDuration = -1, MaxMissedPeriodic = -1, NotifyMissedScheduled = false\n<EventCode>13 WAKEUP</EventCode>",
    good: "CRUnawarenessMaxDuration = 3600\n<EventCode>13 WAKEUP</EventCode>",
    related: &["EVT-002"],
    wireshark: "xml contains \"13 WAKEUP\" || xml contains \"StandbyPolicy\"",
    ..Rule::heuristic("EVT-023", "wakeup-turned-off", Scope::Device)
};

/// Passive notification waits for another session.
const PASSIVE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.5"), a3("A.3.2.4")],
    demands: "A session for 4 VALUE CHANGE alone needs a parameter with active notification that has changed; those with passive notification \
              wait for the next session.",
    why: "A counter with passive notification that opens a session whenever it counts has each device call every few seconds, and the ACS \
          is busy with nothing else.",
    mend_cpe: "Open a session for active notification only, and add passive changes to whatever session comes next.",
    bad: "GetParameterAttributesResponse: Stats.BytesSent, Notification 1\nInform with 4 VALUE CHANGE: Stats.BytesSent",
    good: "GetParameterAttributesResponse: Stats.BytesSent, Notification 1\nInform with 2 PERIODIC, 4 VALUE CHANGE: Stats.BytesSent",
    related: &["SESS-029"],
    wireshark: "xml contains \"4 VALUE CHANGE\"",
    ..Rule::heuristic("EVT-028", "passive-change-starts-no-session", Scope::Device)
};

/// What a device was set to.
#[derive(Debug, Default)]
pub struct State {
    /// The capture holds each session since 0 BOOTSTRAP or 1 BOOT.
    complete: bool,
    /// Something like a test was set.
    tested: bool,
    /// By the place in `POLICY`: the limit is known, and turned off.
    off: [bool; 3],
    /// By the hash of a parameter's name: whether its notification is active.
    notified: BTreeMap<u64, bool>,
    /// Names and values of the last Inform, where it had no 4 VALUE CHANGE: hashes.
    routine: Option<BTreeSet<u64>>,
}

impl Topic for State {
    fn message(&mut self, seen: &Seen<'_>, _findings: &mut Findings) {
        if seen.from() != Side::Acs || self.tested {
            return;
        }
        for envelope in seen.envelopes() {
            self.tested |= envelope.method() == Some("SetParameterValues")
                && envelope
                    .parameters()
                    .any(|parameter| parameter.name().contains("Diag"));
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        if exchange.is_fault() || exchange.asked.message.from != Side::Acs {
            return;
        }
        match exchange.method() {
            "SetParameterValues" => self.policies(exchange.request()),
            "GetParameterValues" => self.policies(exchange.response()),
            "GetParameterAttributes" => self.attributes(exchange),
            "SetParameterAttributes" => self.set_attributes(exchange),
            // Another configuration may have other values.
            "Download" => *self = Self::default(),
            _ => {}
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let whole = is_seen_whole(closed);
        let inform = closed.facts.inform.as_ref();
        let Some(inform) = inform.filter(|inform| whole && is_whole(inform)) else {
            self.complete = false;
            self.routine = None;
            return;
        };
        let events = events(closed);
        let has = |code: &str| events.iter().any(|(one, _)| one == code);
        let restarts = has(BOOTSTRAP) || has(BOOT);
        let seen = Seen {
            message: inform,
            session: Some(closed.facts),
            setting: closed.setting,
            replay: false,
            parameters: Parameters::none(),
            authorization: None,
        };
        if restarts {
            // What was set in this very session stands.
            self.complete = true;
        } else if has("8 DIAGNOSTICS COMPLETE") && self.complete && !self.tested {
            let said = "no parameter of a test was set since the device started";
            findings.add(place(&seen, &NO_TEST).because(said));
        }
        if has("13 WAKEUP") && self.off == [true; 3] {
            let said = "every limit of StandbyPolicy is turned off";
            findings.add(place(&seen, &NO_WAKEUP).because(said));
        }
        if has(BOOTSTRAP) {
            self.off = [false; 3];
            self.notified.clear();
        }
        let only_change = matches!(&events[..], [(code, _)] if code == "4 VALUE CHANGE");
        if only_change && closed.session.retry_count == Some(0) {
            self.passive(&seen, findings);
        }
        self.routine = None;
        if !self.notified.is_empty() && !has("4 VALUE CHANGE") && ended_well(closed) {
            let told = told(&seen).take(ROUTINE_MAX);
            self.routine = Some(told.map(|(_, both, _)| both).collect());
        }
    }
}

impl State {
    fn policies(&mut self, envelope: Option<cwmp::EnvelopeRef<'_>>) {
        let Some(envelope) = envelope else {
            return;
        };
        if !envelope.document().may_hold(b".StandbyPolicy.") {
            return;
        }
        for parameter in envelope.parameters() {
            let name = parameter.name();
            let Some((_, name)) = name.rsplit_once(".StandbyPolicy.") else {
                continue;
            };
            let value = parameter.value().unwrap_or_default();
            for (at, (policy, off)) in POLICY.iter().enumerate() {
                if *policy == name
                    && let Some(known) = self.off.get_mut(at)
                {
                    *known = off.contains(&value.trim());
                }
            }
        }
    }

    fn attributes(&mut self, exchange: &Exchange<'_>) {
        let message = exchange.response().and_then(|response| response.message());
        let list = message.and_then(|message| message.child("ParameterList"));
        for entry in list.into_iter().flat_map(|list| list.children()) {
            self.learn(entry);
        }
    }

    fn set_attributes(&mut self, exchange: &Exchange<'_>) {
        let message = exchange.request().and_then(|request| request.message());
        let list = message.and_then(|message| message.child("ParameterList"));
        for entry in list.into_iter().flat_map(|list| list.children()) {
            let name = entry.child("Name").map(|name| name.text());
            if name.is_none_or(|name| name.trim().is_empty() || name.trim().ends_with('.')) {
                // All below it have others now.
                self.notified.clear();
                return;
            }
            let change = entry.child("NotificationChange").map(|one| one.text());
            if change.is_some_and(|change| matches!(change.trim(), "1" | "true")) {
                self.learn(entry);
            }
        }
    }

    /// Name and Notification of one parameter.
    fn learn(&mut self, entry: cwmp::Element<'_>) {
        let text = |name| entry.child(name).map(|child| child.text());
        let (Some(name), Some(notification)) = (text("Name"), text("Notification")) else {
            return;
        };
        let active = !matches!(notification.trim(), "0" | "1");
        let name = fingerprint(name.trim().as_bytes());
        if self.notified.len() < NOTIFIED_MAX || self.notified.contains_key(&name) {
            self.notified.insert(name, active);
        }
    }

    /// Nothing else has changed than what is to be told passively.
    fn passive(&self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(routine) = &self.routine else {
            return;
        };
        let mut first = None;
        for (name, both, path) in told(seen) {
            if routine.contains(&both) {
                continue;
            }
            if self.notified.get(&name) != Some(&false) {
                return;
            }
            first.get_or_insert(path);
        }
        if let Some(path) = first {
            let said = format!("{path} has changed, and its notification is not active");
            findings.add(place(seen, &PASSIVE).path(&path).because(said));
        }
    }
}

/// The parameters of an Inform: the hash of the name, that of name and value, the name.
fn told<'s>(seen: &Seen<'s>) -> impl Iterator<Item = (u64, u64, String)> + use<'s> {
    let inform = seen.inform();
    let parameters = inform.into_iter().flat_map(|inform| inform.parameters());
    parameters.map(|parameter| {
        let name = parameter.name().trim().to_owned();
        let value = parameter.value().unwrap_or_default();
        let key = fingerprint(name.as_bytes());
        // Turned, so that a value that is its own name has another number than none.
        let both = key.rotate_left(1) ^ fingerprint(value.trim().as_bytes());
        (key, both, name)
    })
}

/// The beginning of a finding about an Inform.
fn place(seen: &Seen<'_>, rule: &'static Rule) -> Draft {
    let inform = seen.inform();
    match inform.and_then(|inform| inform.element().child("Event")) {
        Some(list) => seen.breaks_at(rule, list),
        None => seen.breaks(rule),
    }
}

/// Limits of StandbyPolicy, and what turns each off.
const POLICY: [(&str, &[&str]); 3] = [
    ("CRUnawarenessMaxDuration", &["-1"]),
    ("MaxMissedPeriodic", &["-1"]),
    ("NotifyMissedScheduled", &["0", "false"]),
];
/// Parameters whose notification is remembered.
const NOTIFIED_MAX: usize = 256;
/// Parameters of an Inform that are remembered.
const ROUTINE_MAX: usize = 64;
