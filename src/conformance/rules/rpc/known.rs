//! What a session shows of names - which exist, which do not, which can be written - and what is answered later all the same.

use std::collections::HashMap;

use cwmp::EnvelopeRef;

use super::asked::{object_of, only_path, values as asked};
use super::values::REFERENCE;
use crate::conformance::rule::{a3, cite};
use crate::conformance::standing::{Standing, is_path, told};
use crate::conformance::{Exchange, Findings, Rule, Scope, Topic, fingerprint};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ABSENT, &EMPTY_OBJECT, &NOT_WRITABLE, &OTHER_CASE];

/// One name that does not exist fails the whole request, with 9005.
const ABSENT: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.2"), a3("A.5")],
    demands: "GetParameterValues with a name that does not exist is answered with 9005 as a whole, not with the \
          values of the other names.",
    why: "The ACS cannot tell a parameter that is missing from one that is empty; it goes on as if its list had \
          been answered in full.",
    mend_cpe: "Look up all names first; answer 9005 if one of them does not exist.",
    bad: "GetParameterValues Device.Nothing -> 9005, then\nGetParameterValues Device.DeviceInfo.UpTime, \
          Device.Nothing -> one value",
    good: "GetParameterValues Device.DeviceInfo.UpTime, Device.Nothing ->\n<FaultCode>9005</FaultCode>",
    related: &["CWMP-GPV-003", "FLT-016"],
    wireshark: "xml.cdata == \"9005\"",
    ..Rule::must(
        "CWMP-GPV-006",
        "unknown-name-fails-the-request",
        Scope::Session,
    )
};

/// An object without parameters is no unknown name.
const EMPTY_OBJECT: Rule = Rule {
    versions: "all but Issue 1",
    severity: Some(Severity::Warning),
    cites: &[a3("A.3.2.2")],
    demands: "GetParameterValues of an object that exists and has nothing below it is answered with an empty list.",
    why: "An ACS that reads an empty table of port mappings or hosts gets 9005 and takes the table for \
          unsupported; it never offers to add the first row.",
    mend_cpe: "Answer an empty ParameterList; 9005 is for paths that do not exist.",
    bad: "GetParameterNames -> Device.NAT.PortMapping.\nGetParameterValues Device.NAT.PortMapping. -> 9005",
    good: "GetParameterValues Device.NAT.PortMapping. ->\n\
          <ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[0]\"/>",
    related: &["CWMP-GPV-006"],
    wireshark: "xml.cdata == \"9005\"",
    ..Rule::heuristic("CWMP-GPV-011", "empty-object-is-no-fault", Scope::Session)
};

/// What is not writable is not written.
const NOT_WRITABLE: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.1"), a3("A.3.2.3"), a3("A.5")],
    demands: "A parameter that GetParameterNames calls not writable is not set with success; it is refused with 9003 \
          and SetParameterValuesFault 9008.",
    why: "Either the list or the answer is untrue: the ACS hides a setting that works, or believes in one that was \
          dropped.",
    mend_cpe: "Let Writable and SetParameterValues ask the same table; answer 9008 for what cannot be written.",
    bad: "Device.DeviceInfo.SerialNumber Writable=0\nSetParameterValues Device.DeviceInfo.SerialNumber -> \
          <Status>0</Status>",
    good: "SetParameterValues Device.DeviceInfo.SerialNumber ->\n\
          <SetParameterValuesFault>...<FaultCode>9008</FaultCode>",
    wireshark: "xml.cdata == \"9008\"",
    ..Rule::must("CWMP-SPV-010", "not-writable-and-written", Scope::Session)
};

/// Names differ by their case.
const OTHER_CASE: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.1"), cite("TR-106 Amendment 1", "2.1")],
    demands: "The device tells names apart by upper and lower case: one that it lists in another spelling does not \
          exist.",
    why: "A misspelt template works on this device and fails with 9005 on every other; the ACS files the value \
          under a name that nobody else uses.",
    mend_cpe: "Compare names byte by byte; answer 9005 to another spelling.",
    bad: "GetParameterNames -> Device.ManagementServer.URL\nSetParameterValues Device.managementserver.Url -> \
          <Status>0</Status>",
    good: "SetParameterValues Device.managementserver.Url ->\n\
          <SetParameterValuesFault>...<FaultCode>9005</FaultCode>",
    wireshark: "xml.tag contains \"GetParameterNamesResponse\"",
    ..Rule::must("CWMP-SPV-017", "name-in-another-case", Scope::Session)
};

/// Names of one session.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Listed by GetParameterNames, by the name in lower case.
    listed: HashMap<u64, Listed, foldhash::fast::RandomState>,
    /// Not all that was listed is kept.
    is_full: bool,
    /// Asked for alone and answered with 9005.
    absent: Vec<u64>,
    /// How often something was changed; what was listed before may be gone.
    changes: u32,
    /// Instances that were deleted, in order: what comes under the same number is another one.
    deleted: Vec<String>,
}

/// One listed name.
#[derive(Debug, Clone, Copy)]
struct Listed {
    name: u64,
    writable: Option<bool>,
    /// Two names differ in nothing but case.
    ambiguous: bool,
    changes: u32,
    /// Instances deleted before that.
    deletions: usize,
}

impl Topic for Known {
    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let seen = &exchange.answer;
        let damaged = seen.session.is_none_or(|facts| facts.damaged);
        if seen.from() != Side::Cpe || seen.is_issue_1() || damaged {
            return;
        }
        match exchange.method() {
            "GetParameterNames" => self.names(exchange),
            "GetParameterValues" => self.values(exchange, findings),
            "SetParameterValues" => self.set(exchange, findings),
            "AddObject" | "DeleteObject" if !exchange.is_fault() => {
                self.changes = self.changes.saturating_add(1);
                self.absent.clear();
                let deleted = exchange
                    .request()
                    .filter(|_| exchange.method() == "DeleteObject");
                if let Some(path) = deleted.as_ref().and_then(only_path) {
                    self.deleted(path);
                }
            }
            _ => {}
        }
    }
}

/// How many parameters of each object a request sets.
fn holders_of(request: &EnvelopeRef<'_>) -> HashMap<u64, u32, foldhash::fast::RandomState> {
    let mut holders = HashMap::default();
    for one in request.parameters().take(ASKED_MAX) {
        let name = one.name();
        *holders
            .entry(fingerprint(object_of(&name).as_bytes()))
            .or_default() += 1;
    }
    holders
}

impl Known {
    fn deleted(&mut self, path: String) {
        if self.deleted.len() >= DELETED_MAX || path.len() > NAME_MAX {
            // Too much happened to tell what still holds.
            self.listed.clear();
            self.deleted.clear();
            self.is_full = true;
            return;
        }
        self.deleted.push(path);
    }

    /// What was listed under this name has been deleted since.
    fn is_another(&self, listed: &Listed, name: &str) -> bool {
        let since = self.deleted.get(listed.deletions..).unwrap_or_default();
        since.iter().any(|path| name.starts_with(path.as_str()))
    }

    fn names(&mut self, exchange: &Exchange<'_>) {
        if exchange.is_fault() {
            let path = exchange
                .request()
                .and_then(|request| request.message()?.child("ParameterPath"));
            if let Some(path) = path.filter(|_| exchange.fault_code() == Some(9005)) {
                self.is_absent(path.text().trim());
            }
            return;
        }
        let Some(response) = exchange.response() else {
            return;
        };
        let mut lower = String::new();
        for entry in response.parameters() {
            let name = entry.name();
            let writable = entry.element().child("Writable");
            let writable = writable.and_then(|value| match value.text().trim() {
                "1" | "true" => Some(true),
                "0" | "false" => Some(false),
                _ => None,
            });
            lower.clear();
            lower.push_str(&name);
            lower.make_ascii_lowercase();
            let key = fingerprint(lower.as_bytes());
            let listed = Listed {
                name: fingerprint(name.as_bytes()),
                writable,
                ambiguous: false,
                changes: self.changes,
                deletions: self.deleted.len(),
            };
            let full = self.listed.len() >= NAMES_MAX;
            match self.listed.get_mut(&key) {
                Some(known) if known.name == listed.name => *known = listed,
                Some(known) => known.ambiguous = true,
                None if full => self.is_full = true,
                None => {
                    self.listed.insert(key, listed);
                }
            }
        }
    }

    fn is_absent(&mut self, name: &str) {
        if !name.is_empty() && name.len() <= NAME_MAX && self.absent.len() < ABSENT_MAX {
            self.absent.push(fingerprint(name.as_bytes()));
        }
    }

    /// What was listed of this name in any case, with whether it is this very name.
    fn listed(&self, name: &str) -> Option<(Listed, bool)> {
        if self.listed.is_empty() {
            return None;
        }
        let known = self
            .listed
            .get(&fingerprint(name.to_ascii_lowercase().as_bytes()))?;
        Some((*known, known.name == fingerprint(name.as_bytes())))
    }

    fn values(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let request = exchange.request();
        let Some(request) = request else {
            return;
        };
        let fails = exchange.is_fault();
        if !fails || exchange.fault_code() == Some(9005) {
            self.values_by_list(exchange, &request, fails, findings);
        }
        if !self.absent.is_empty() {
            self.values_of_absent(exchange, &request, findings);
        }
        let names: Vec<String> = asked(&request).take(2).collect();
        if let ([name], Some(9005)) = (names.as_slice(), exchange.fault_code()) {
            self.is_absent(name);
        }
    }

    /// Objects that exist and are answered with 9005, and names in another case that are answered.
    fn values_by_list(
        &self,
        exchange: &Exchange<'_>,
        request: &EnvelopeRef<'_>,
        fails: bool,
        findings: &mut Findings,
    ) {
        if self.listed.is_empty() {
            return;
        }
        let mut objects = None;
        for name in asked(request).take(ASKED_MAX) {
            let listed = self.listed(&name);
            if fails {
                let fresh = listed.filter(|(known, same)| {
                    *same
                        && !known.ambiguous
                        && known.changes == self.changes
                        && name.ends_with('.')
                });
                if fresh.is_none() {
                    return;
                }
                objects = Some(name);
            } else if self.is_in_other_case(listed) {
                let draft = exchange.breaks(&OTHER_CASE).path(&name);
                findings.add(draft.because(format!(
                    "{name} is listed in another spelling, and is answered"
                )));
                return;
            }
        }
        if let Some(name) = objects {
            let draft = exchange.breaks(&EMPTY_OBJECT).path(&name);
            let draft = match steady(&name) {
                Severity::Error => draft,
                _ => draft.at_most(Severity::Info),
            };
            findings.add(draft.because(format!("{name} was listed, and is answered with 9005")));
        }
    }

    fn is_in_other_case(&self, listed: Option<(Listed, bool)>) -> bool {
        listed.is_some_and(|(known, same)| !same && !known.ambiguous && !self.is_full)
    }

    /// A name that was shown not to exist.
    fn values_of_absent(
        &self,
        exchange: &Exchange<'_>,
        request: &EnvelopeRef<'_>,
        findings: &mut Findings,
    ) {
        let is_absent = |name: &String| self.absent.contains(&fingerprint(name.as_bytes()));
        let Some(name) = asked(request).take(ASKED_MAX).find(is_absent) else {
            return;
        };
        let draft = exchange.breaks(&ABSENT).path(&name);
        if !exchange.is_fault() {
            let response = exchange.response();
            let found = response.is_some_and(|response| {
                response.parameters().any(|parameter| {
                    let one = parameter.name();
                    one == name || name.ends_with('.') && one.starts_with(name.as_str())
                })
            });
            if !found {
                let draft = draft.at_most(steady(&name));
                findings.add(draft.because(format!(
                    "{name} does not exist, and the other names are answered"
                )));
            }
            return;
        }
        let several = asked(request).nth(1).is_some();
        let clean = || super::super::soap::is_clean(request, exchange.answer.version());
        let wrong = exchange.fault_code().filter(|code| match code {
            9003 => several && clean(),
            9000 | 9006..=9019 => true,
            _ => false,
        });
        if let Some(code) = wrong {
            findings.add(draft.because(format!("{name} does not exist, and the code is {code}")));
        }
    }

    fn set(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let (Some(request), Some(response)) = (exchange.request(), exchange.response()) else {
            return;
        };
        if let Some(fault) = response.fault() {
            for entry in fault.parameters.iter().take(ENTRIES_MAX) {
                let name = entry.name.trim();
                let code = entry.code.trim();
                let listed = self.listed(name);
                let fixed =
                    listed.is_some_and(|(known, same)| same && known.writable == Some(false));
                if fixed && matches!(code, "9005" | "9006" | "9007") {
                    let draft = exchange
                        .breaks(&NOT_WRITABLE)
                        .path(name)
                        .at_most(Severity::Warning);
                    findings.add(draft.because(format!(
                        "{name} is not writable, and is refused with {code}"
                    )));
                }
            }
            return;
        }
        let told = told(&exchange.answer);
        let mut holders = None;
        for parameter in request.parameters().take(ASKED_MAX) {
            let name = parameter.name();
            let listed = self.listed(&name);
            let standing = Standing::of(told, &name);
            let known = standing.and_then(|standing| standing.parameter(&name));
            // What the device itself lists as writable may be set; that the data model does not, DM-014 tells.
            let is_offered =
                listed.is_some_and(|(known, same)| same && known.writable == Some(true));
            let is_read_only = || {
                let (standing, known) = standing.zip(known.as_ref())?;
                Some(standing.is_read_only(known, &name))
            };
            let draft = |rule| exchange.breaks(rule).path(&name);
            if let Some((listed, true)) = listed
                && listed.writable == Some(false)
                && !self.is_another(&listed, &name)
            {
                // What was set since, or is set beside it, may have made it writable, as AddressingType does ExternalIPAddress.
                let holder = fingerprint(object_of(&name).as_bytes());
                let fresh = listed.changes == self.changes;
                let holders = holders.get_or_insert_with(|| holders_of(&request));
                let is_alone = holders.get(&holder) == Some(&1);
                let draft = draft(&NOT_WRITABLE);
                let draft = match fresh && is_alone {
                    true => draft,
                    false => draft.at_most(Severity::Warning),
                };
                findings
                    .add(draft.because(format!("{name} was listed as not writable, and is set")));
            } else if !is_offered && is_read_only() == Some(true) {
                let draft = draft(&NOT_WRITABLE).at_most(Severity::Warning);
                findings.add(
                    draft.because(format!("{name} is read-only in the data model, and is set")),
                );
            } else if self.is_in_other_case(listed) {
                findings.add(
                    draft(&OTHER_CASE)
                        .because(format!("{name} is listed in another spelling, and is set")),
                );
            }
            if !self.absent.is_empty()
                && known.and_then(|known| is_path(&known)) == Some(true)
                && let Some(value) = parameter.value()
                && let Some(path) = value
                    .split(',')
                    .map(str::trim)
                    .find(|path| self.refers_to_nothing(path))
            {
                findings.add(draft(&REFERENCE).because(format!(
                    "{name} refers to {path}, which does not exist, and is set"
                )));
            }
        }
        self.changes = self.changes.saturating_add(1);
        self.absent.clear();
    }

    fn refers_to_nothing(&self, path: &str) -> bool {
        let path = path.trim_end_matches('.');
        if path.is_empty() || path.contains('[') {
            return false;
        }
        let object = format!("{path}.");
        [path, &object]
            .iter()
            .any(|name| self.absent.contains(&fingerprint(name.as_bytes())))
    }
}

/// How sure it is that something is there, or not, a moment later: rows of tables come and go by themselves.
fn steady(path: &str) -> Severity {
    let row = |node: &str| node.bytes().all(|byte| byte.is_ascii_digit());
    if path.split('.').any(|node| !node.is_empty() && row(node)) {
        Severity::Warning
    } else {
        Severity::Error
    }
}

/// Names kept of one session.
const NAMES_MAX: usize = 8_192;
/// Names that do not exist.
const ABSENT_MAX: usize = 64;
/// A longer name may rightly be refused otherwise.
const NAME_MAX: usize = 256;
/// Names of one request that are looked at.
const ASKED_MAX: usize = 4_096;
/// Deleted instances of one session that are kept.
const DELETED_MAX: usize = 64;
/// Entries of a fault that are looked at.
const ENTRIES_MAX: usize = 64;
