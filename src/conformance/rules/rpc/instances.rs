//! Instances of one device over its sessions: their numbers stay, over reboots too, and are not given away again early.

use super::asked::{self, PATH_MAX, instance};
use super::tree_pages::TAKEN;
use crate::conformance::rule::a3;
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, Topic, fingerprint};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&REUSED, &REBOOT];

/// Numbers of deleted instances rest for a while.
const REUSED: Rule = Rule {
    cites: &[a3("A.3.2.6")],
    demands: "The number of a deleted instance is not given to a new one soon.",
    why: "What still refers to the old instance, in the ACS or in another session under way, now means the new one: an old write \
          that comes late changes the wrong account.",
    mend_cpe: "Count on from the highest number ever given, and come back to free ones at the end of the range.",
    bad: "DeleteObject Device.NAT.PortMapping.2. -> Status 0\nAddObject -> <InstanceNumber>2</InstanceNumber>",
    good: "DeleteObject Device.NAT.PortMapping.2. -> Status 0\nAddObject -> <InstanceNumber>3</InstanceNumber>",
    related: &["CWMP-ADD-003"],
    wireshark: "xml.tag contains \"InstanceNumber\"",
    ..Rule::should("CWMP-ADD-004", "instance-number-reused", Scope::Device)
};

/// Instances survive a reboot.
const REBOOT: Rule = Rule {
    severity: Some(Severity::Warning),
    cites: &[a3("A.3.2.6")],
    demands: "Instances that an ACS added are there after a reboot, under the same numbers.",
    why: "After a power cut the ACS writes to a number that is gone, or that is now another's: port mappings vanish and accounts \
          change places, and the log shows 9005 alone.",
    mend_cpe: "Store the number with the instance, and do not count anew when the device starts.",
    bad: "AddObject -> 3\n1 BOOT\nDevice.NAT.PortMapping.1.",
    good: "AddObject -> 3\n1 BOOT\nDevice.NAT.PortMapping.3.",
    related: &["CWMP-ADD-003"],
    wireshark: "xml.tag contains \"InstanceNumber\" || xml.tag contains \"GetParameterNamesResponse\"",
    ..Rule::must("CWMP-ADD-010", "instances-survive-reboots", Scope::Device)
};

/// What is known of one device.
#[derive(Debug, Default)]
pub(super) struct Instances {
    /// Instances that AddObject made.
    added: Vec<Added>,
    /// Deleted instances, by fingerprint of their paths.
    deleted: Vec<u64>,
}

#[derive(Debug)]
struct Added {
    path: String,
    session: u32,
    /// The device has started since.
    booted: bool,
}

impl Topic for Instances {
    fn message(&mut self, seen: &Seen<'_>, _: &mut Findings) {
        if !seen.is_cwmp()
            || seen.from() != Side::Cpe
            || self.added.is_empty() && self.deleted.is_empty()
        {
            return;
        }
        // A session of which something is missing may have deleted what was added.
        if seen.session.is_none_or(|facts| !facts.is_whole()) {
            self.added.clear();
        }
        let Some(inform) = seen.envelope().and_then(|envelope| envelope.inform()) else {
            return;
        };
        for event in inform.events() {
            let code = event.code.trim();
            if code.starts_with("0 ") {
                self.added.clear();
                self.deleted.clear();
            } else if code.starts_with("1 ") {
                self.added.iter_mut().for_each(|added| added.booted = true);
            } else if ["7 ", "10 ", "M "]
                .iter()
                .any(|file| code.starts_with(file))
            {
                // A file may have brought another configuration.
                self.added.clear();
            }
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let method = exchange.method();
        let wanted = matches!(
            method,
            "AddObject" | "DeleteObject" | "GetParameterNames" | "FactoryReset"
        );
        if !wanted || exchange.answer.from() != Side::Cpe || exchange.is_fault() {
            return;
        }
        let (Some(request), Some(response)) = (exchange.request(), exchange.response()) else {
            return;
        };
        let Some(facts) = exchange.answer.session else {
            return;
        };
        match method {
            "AddObject" => {
                if let Some(path) = asked::added(&request, &response) {
                    self.add(exchange, path, facts.number, findings);
                }
            }
            "DeleteObject" => {
                let path = asked::only_path(&request).unwrap_or_default();
                self.added.retain(|added| !added.path.starts_with(&path));
                if instance(&path).is_some() && path.len() <= PATH_MAX {
                    if self.deleted.len() >= DELETED_MAX {
                        self.deleted.remove(0);
                    }
                    self.deleted.push(fingerprint(path.as_bytes()));
                }
            }
            "GetParameterNames"
                if facts.is_whole()
                    && self.added.iter().any(|added| added.session != facts.number) =>
            {
                self.listed(exchange, findings);
            }
            "FactoryReset" => *self = Self::default(),
            _ => {}
        }
    }
}

impl Instances {
    fn add(
        &mut self,
        exchange: &Exchange<'_>,
        path: String,
        session: u32,
        findings: &mut Findings,
    ) {
        let key = fingerprint(path.as_bytes());
        if self.deleted.contains(&key) {
            self.deleted.retain(|gone| *gone != key);
            let draft = exchange.breaks(&REUSED).path(&path);
            findings
                .add(draft.because(format!("{path} was deleted, and AddObject makes it again")));
        }
        if self.added.len() >= ADDED_MAX {
            self.added.remove(0);
        }
        self.added.push(Added {
            path,
            session,
            booted: false,
        });
    }

    /// A table is listed, and lacks an instance that was added in an earlier session.
    fn listed(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let (Some(request), Some(response)) = (exchange.request(), exchange.response()) else {
            return;
        };
        let Some(asked) = asked::level(&request).filter(|asked| asked.next_level) else {
            return;
        };
        let number = |added: &Added| {
            let (table, number) = instance(&added.path)?;
            (table == asked.path).then_some(number)
        };
        if !self.added.iter().any(|added| number(added).is_some()) {
            return;
        }
        let now = super::shown::numbers(&response, &asked.path);
        if now.len() >= super::shown::NUMBERS_MAX {
            return;
        }
        self.added.retain(|added| {
            let gone = number(added).is_some_and(|number| !now.contains(&number));
            if gone {
                let path = &added.path;
                let (rule, why) = if added.booted {
                    (
                        &REBOOT,
                        format!("{path} is not listed after 1 BOOT, and nobody deleted it"),
                    )
                } else {
                    (
                        &TAKEN,
                        format!("{path} is not listed any more, and nobody deleted it"),
                    )
                };
                // A user, or a session that the capture lacks, may have deleted it.
                let draft = exchange.breaks(rule).path(path).at_most(Severity::Warning);
                findings.add(draft.because(why));
            }
            !gone
        });
    }
}

/// Instances remembered of one device.
const ADDED_MAX: usize = 8;
/// Deleted instances remembered of one device.
const DELETED_MAX: usize = 16;
