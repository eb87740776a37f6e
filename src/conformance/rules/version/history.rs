//! Which versions a device and an ACS have shown before (TR-069 Amendment 3 sections 3.2.1.1, 3.5 and 3.7.2.1).

use std::collections::BTreeMap;
use std::net::SocketAddr;

use cwmp::schema::Version;

use crate::conformance::rule::{ACS, CPE, a3};
use crate::conformance::{Closed, Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Outcome, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&HIGHEST, &FALLBACK, &UNKNOWN_LATER];

/// The highest version that a device has.
const HIGHEST: Rule = Rule {
    blame: CPE,
    versions: "1.1 and later",
    cites: &[a3("3.5")],
    demands: "A device names the highest version that it supports in each Inform.",
    why: "The ACS judges what it may ask by the namespace: a device that says 1.2 one day and 1.1 the next gets another set of tasks each \
          time.",
    mend_cpe: "Take the namespace of the Inform from the firmware's version of CWMP, and go back to 1.0 only behind a failure.",
    bad: "Inform in ...cwmp-1-2\nnext session, same firmware: Inform in ...cwmp-1-1",
    good: "Inform in ...cwmp-1-2\nnext session, same firmware: Inform in ...cwmp-1-2",
    related: &["VER-010"],
    wireshark: "xml contains \"<cwmp:Inform>\"",
    ..Rule::should("VER-003", "highest-version-in-inform", Scope::Session)
};

/// Back to 1.0 behind a failure.
const FALLBACK: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("3.2.1.1")],
    demands: "A device that suspects an ACS of 1.0 behind a failed session may try again with an Inform in 1.0.",
    why: "An ACS that knows 1.0 alone mostly answers a newer Inform with a fault or an HTTP error, and the device cannot know why.",
    related: &["VER-003", "VER-005"],
    wireshark: "xml contains \"cwmp-1-0\"",
    ..Rule::guard("VER-010", "fallback-to-1-0", &["VER-003"])
};

/// A version that the ACS does not know yet.
const UNKNOWN_LATER: Rule = Rule {
    blame: ACS,
    versions: "1.2 and later",
    cites: &[a3("3.7.2.1")],
    demands: "An ACS that meets a later minor version than it knows answers the Inform in a version that it supports.",
    why: "A new firmware with a new namespace would otherwise lock out every device that gets it, and with it the way to take it back.",
    mend_acs: "Accept any urn:dslforum-org:cwmp-1-n in an Inform, and answer in the highest that you have.",
    bad: "Inform in ...cwmp-1-2\nHTTP/1.1 500 (an ACS of 1.1)",
    good: "Inform in ...cwmp-1-2\nInformResponse in ...cwmp-1-1",
    related: &["VER-001"],
    wireshark: "http.response.code == 500",
    ..Rule::should("VER-013", "acs-answers-later-version", Scope::Session)
};

/// The highest version that a device has named since it runs this firmware.
#[derive(Debug, Default)]
pub(super) struct OfDevice {
    highest: Option<Version>,
    firmware: Option<Box<str>>,
    /// An ACS of 1.0 explains that it goes back: one has answered, or may have failed.
    fell_back: bool,
    current: u32,
}

impl Topic for OfDevice {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(session) = seen.session.filter(|_| seen.from() == Side::Cpe) else {
            return;
        };
        let Some(envelope) = seen.envelope().filter(|_| session.number != self.current) else {
            return;
        };
        let Some(inform) = seen.informed_first().filter(|_| seen.is_whole()) else {
            return;
        };
        self.current = session.number;
        let firmware = inform
            .parameter("DeviceInfo.SoftwareVersion")
            .and_then(|one| one.value());
        let firmware =
            firmware.map(|text| text.chars().take(FIRMWARE_CHARACTERS).collect::<String>());
        let Some(version) = envelope.version_hint() else {
            return;
        };
        if self.firmware.as_deref() != firmware.as_deref() || firmware.is_none() {
            self.firmware = firmware.map(String::into_boxed_str);
            self.highest = Some(version);
            return;
        }
        let highest = *self.highest.get_or_insert(version);
        let retried = inform.retry_count != Some(0);
        let excused = version == Version::V1_0 && (self.fell_back || retried);
        if version < highest && !excused {
            let said = format!(
                "the Inform is in {}, one of this firmware was in {} before",
                version.namespace(),
                highest.namespace()
            );
            findings.add(
                seen.breaks_at(&HIGHEST, inform.inform.element())
                    .because(said),
            );
        }
        self.highest = Some(highest.max(version));
    }

    fn closed(&mut self, closed: &Closed<'_>, _findings: &mut Findings) {
        let well = matches!(closed.session.outcome, Outcome::Complete | Outcome::Faulted);
        self.fell_back |= closed.facts.answered_in_1_0 || !well;
    }
}

/// The highest version that each ACS has answered in.
#[derive(Debug, Default)]
pub(super) struct OfCapture {
    answered: BTreeMap<SocketAddr, Version>,
}

impl Topic for OfCapture {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(session) = seen
            .session
            .filter(|_| seen.is_cwmp() && seen.from() == Side::Acs)
        else {
            return;
        };
        let acs = seen.message.provenance.source;
        let response = seen.envelope();
        if let Some(response) = response.filter(|one| one.message_name() == Some("InformResponse"))
        {
            let version = response.version_hint().filter(|_| seen.is_whole());
            if let Some(version) = version
                && (self.answered.len() < ACS_MAX || self.answered.contains_key(&acs))
            {
                let known = self.answered.entry(acs).or_insert(version);
                *known = version.max(*known);
            }
            return;
        }
        let refused = matches!(seen.status(), 400 | 415 | 500 | 501) && response.is_none();
        if refused && !session.accepted && session.is_whole() && session.asked_by_cpe.len() == 1 {
            self.refuses(seen, &format!("the status {}", seen.status()), findings);
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let code = exchange.fault_code();
        if exchange.answer.from() == Side::Acs
            && exchange.method() == "Inform"
            && code.is_some_and(|code| code != 8005)
        {
            self.refuses(&exchange.answer, "a fault", findings);
        }
    }
}

impl OfCapture {
    /// The ACS refuses an Inform; was it in a version later than any it has used?
    fn refuses(&self, seen: &Seen<'_>, how: &str, findings: &mut Findings) {
        let inform = seen.session.and_then(|session| session.inform.as_ref());
        let asked = inform
            .and_then(|inform| inform.soap.as_ref())
            .and_then(|document| document.envelope(0)?.version_hint());
        let known = self.answered.get(&seen.message.provenance.source).copied();
        if let (Some(asked), Some(known), Some(inform)) = (asked, known, inform)
            && asked > known
        {
            let said = format!(
                "{how} answers an Inform in {}; the highest that this ACS has used is {}",
                asked.namespace(),
                known.namespace()
            );
            findings.add(seen.breaks(&UNKNOWN_LATER).shown_by(inform).because(said));
        }
    }
}

/// Characters remembered of a SoftwareVersion.
const FIRMWARE_CHARACTERS: usize = 64;
/// ACSs remembered.
const ACS_MAX: usize = 1024;
