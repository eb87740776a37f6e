//! Rows of InformParameter: what the ACS wants in each Inform (TR-181 Issue 2, ManagementServer.InformParameter).

use std::collections::{BTreeMap, BTreeSet};

use cwmp::EnvelopeRef;

use super::{events_of, inform_of};
use crate::conformance::rule::{CPE, cite};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ROW];

const ROW: Rule = Rule {
    blame: CPE,
    versions: "1.4 with Device:2.8 and later",
    cites: &[cite("TR-181 Issue 2", "ManagementServer.InformParameter")],
    demands: "The parameter of each enabled row of InformParameter is in every Inform with one of the row's events, or in every one if the \
              row names no event.",
    why: "The ACS has asked for the parameter to save a session's worth of reading. Without it the ACS works on the last value it knows, \
          or reads after all and the row is for nothing.",
    mend_cpe: "Walk the enabled rows when the Inform is written, and add each parameter that exists and is not yet in the list.",
    bad: "InformParameter.1: Enable 1, ParameterName Device.DeviceInfo.UpTime, EventList (empty)\nInform 2 PERIODIC, without Device.DeviceInfo.UpTime",
    good: "Inform 2 PERIODIC  Device.DeviceInfo.UpTime = 4711",
    related: &["INF-019"],
    wireshark: "xml.cdata contains \"InformParameter.\"",
    of_absence: true,
    ..Rule::must("INF-029", "inform-parameter-row-in-inform", Scope::Device)
};

/// The rows of one device, as far as they are known.
#[derive(Debug, Default)]
pub struct Rows {
    rows: BTreeMap<u32, Row>,
}

#[derive(Debug, Default)]
struct Row {
    enabled: Option<bool>,
    parameter: Option<Box<str>>,
    events: Option<Box<str>>,
    /// The device has told the parameter, so that it is there.
    exists: bool,
}

impl Topic for Rows {
    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        if exchange.answer.from() != Side::Cpe || exchange.is_fault() {
            return;
        }
        match exchange.method() {
            "GetParameterValues" => {
                if let Some(response) = exchange.response() {
                    self.learn(&response);
                    self.prove(&response);
                }
            }
            "SetParameterValues" => {
                if let Some(request) = exchange.request() {
                    self.learn(&request);
                }
            }
            "GetParameterNames" => {
                if let Some(response) = exchange.response() {
                    self.prove(&response);
                }
            }
            // What is gone or made by others is not known.
            "DeleteObject" | "FactoryReset" | "Download" | "ChangeDUState" => self.rows.clear(),
            _ => {}
        }
    }

    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if self.rows.is_empty() {
            return;
        }
        // A change that the capture lacks may have switched a row off.
        if seen.session.is_some_and(|session| session.damaged) {
            self.rows.clear();
        }
        let Some(inform) = inform_of(seen) else {
            return;
        };
        let events = events_of(&inform);
        if events.iter().any(|one| one == "0 BOOTSTRAP") {
            self.rows.clear();
            return;
        }
        if events.iter().all(|one| one == CHANGE) {
            return;
        }
        let listed = inform.parameters().take(LISTED_MAX);
        let listed: BTreeSet<String> = listed.map(|one| one.name().into_owned()).collect();
        for (number, row) in &self.rows {
            let Some(parameter) = row.due(&events).filter(|name| !listed.contains(*name)) else {
                continue;
            };
            let draft = match inform.element().child("ParameterList") {
                Some(list) => seen.breaks_at(&ROW, list),
                None => seen.breaks(&ROW),
            };
            let said = format!("row {number} of InformParameter asks for {parameter}");
            let draft = draft.path(parameter).because(said);
            findings.add(if row.exists {
                draft
            } else {
                draft.at_most(Severity::Warning)
            });
        }
    }
}

impl Rows {
    fn learn(&mut self, envelope: &EnvelopeRef<'_>) {
        if !envelope.document().may_hold(TABLE.as_bytes()) {
            return;
        }
        for parameter in envelope.parameters() {
            let name = parameter.name();
            let Some((number, member)) = name
                .strip_prefix(TABLE)
                .and_then(|rest| rest.split_once('.'))
            else {
                continue;
            };
            let Ok(number) = number.parse() else { continue };
            if self.rows.len() >= ROWS_MAX && !self.rows.contains_key(&number) {
                continue;
            }
            let value = parameter.value().unwrap_or_default();
            let value = value.trim();
            let row: &mut Row = self.rows.entry(number).or_default();
            let text = (value.len() <= TEXT_BYTES_MAX).then(|| value.into());
            match member {
                "Enable" => row.enabled = Some(matches!(value, "1" | "true")),
                "ParameterName" => {
                    row.parameter = text;
                    row.exists = false;
                }
                "EventList" => row.events = text,
                _ => {}
            }
        }
    }

    fn prove(&mut self, response: &EnvelopeRef<'_>) {
        let text = response.document().text();
        for row in self.rows.values_mut() {
            let Some(parameter) = row.parameter.as_deref().filter(|_| !row.exists) else {
                continue;
            };
            let named = format!(">{parameter}<");
            row.exists = memchr::memmem::find(text, named.as_bytes()).is_some()
                && !response.parameters().any(|one| {
                    one.name().starts_with(TABLE) && one.value().as_deref() == Some(parameter)
                });
        }
    }
}

impl Row {
    /// The parameter that an Inform with these events has to have.
    fn due(&self, events: &[String]) -> Option<&str> {
        let parameter = self.parameter.as_deref()?;
        let wanted = self.events.as_deref()?;
        let plain = parameter.starts_with("Device.")
            && !parameter.ends_with('.')
            && !parameter.contains(['*', '[']);
        let mut listed = wanted.split(',').map(str::trim);
        let delivered = |one: &str| one != CHANGE && events.iter().any(|event| event == one);
        let asked = wanted.is_empty() || listed.any(delivered);
        (self.enabled == Some(true) && plain && asked).then_some(parameter)
    }
}

const CHANGE: &str = "4 VALUE CHANGE";
const TABLE: &str = "Device.ManagementServer.InformParameter.";
/// Rows remembered of one device.
const ROWS_MAX: usize = 32;
/// Bytes of a name or a list of events that are kept.
const TEXT_BYTES_MAX: usize = 512;
/// Parameters of one Inform that are looked at.
const LISTED_MAX: usize = 1024;
