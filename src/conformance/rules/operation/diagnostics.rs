//! Diagnostics: DiagnosticsState as the data models have it, and the event at the end of a test (TR-143, TR-098, TR-106, TR-181).

use super::test_objects::{Spelling, Test, test};
use crate::conformance::rule::{ACS, CPE, cite};
use crate::conformance::{Closed, Exchange, Findings, Gist, Parameters, Rule, Scope, Seen, Topic};
use crate::session::{Evidence, Outcome, Severity, Side};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&WRITTEN, &EVENT, &SPELLED, &CHANGED];

/// What the ACS may write.
const WRITTEN: Rule = Rule {
    blame: ACS,
    cites: &[
        cite("TR-098 Amendment 1", "IPPingDiagnostics"),
        cite("TR-106 Amendment 1", "LAN.IPPingDiagnostics"),
        cite("TR-181 Issue 2", "IP.Diagnostics"),
    ],
    demands: "The ACS writes DiagnosticsState only as Requested, and as Canceled where the data model of the object lists that.",
    why: "Devices answer 9007 to anything else, and the whole SetParameterValues with the parameters of the test is refused with it.",
    mend_acs: "Write Requested to start a test; leave the state alone to end one, or write Canceled where the model knows it.",
    bad: "<Name>InternetGatewayDevice.IPPingDiagnostics.DiagnosticsState</Name><Value>None</Value>",
    good: "<Name>InternetGatewayDevice.IPPingDiagnostics.DiagnosticsState</Name><Value>Requested</Value>",
    related: &["CWMP-DIAG-004"],
    wireshark: "xml contains \"DiagnosticsState\"",
    ..Rule::must("CWMP-DIAG-001", "diagnostics-state-written", Scope::Message)
};

/// The end of a test is announced.
const EVENT: Rule = Rule {
    blame: CPE,
    cites: &[
        cite("TR-143", "DiagnosticsState"),
        cite("TR-098 Amendment 1", "IPPingDiagnostics"),
        cite("TR-181 Issue 2", "IP.Diagnostics"),
    ],
    demands: "When a test that the ACS asked for is complete the device opens a new session with 8 DIAGNOSTICS COMPLETE.",
    why: "The ACS waits for the event to read the results. Without it they are read at the next periodic Inform or never, and a speed test \
          started from the help desk seems to hang.",
    mend_cpe: "Queue 8 DIAGNOSTICS COMPLETE when the state changes from Requested to Complete, Completed or an error, and open a session.",
    bad: "DiagnosticsState is read as Complete\nthe next session: 2 PERIODIC",
    good: "Inform: 8 DIAGNOSTICS COMPLETE\nDiagnosticsState is read as Complete",
    related: &["CWMP-DIAG-001"],
    wireshark: "xml contains \"DiagnosticsState\" || xml contains \"8 DIAGNOSTICS COMPLETE\"",
    of_absence: true,
    ..Rule::must(
        "CWMP-DIAG-002",
        "diagnostics-complete-announced",
        Scope::Device,
    )
};

/// Complete here, Completed there.
const SPELLED: Rule = Rule {
    blame: CPE,
    cites: &[
        cite("TR-098 Amendment 1", "IPPingDiagnostics"),
        cite("TR-143", "DownloadDiagnostics"),
        cite("TR-181 Issue 2", "IP.Diagnostics"),
    ],
    demands: "The end of a test is spelled as the data model of its object has it: Complete for IPPing, TraceRoute and most others, Completed \
              for the tests of TR-143.",
    why: "An ACS that waits for `Complete` never sees the end of a ping that reads `Completed`, and starts the test again or reports a timeout.",
    mend_cpe: "Take the value from the enumeration of the object in the data model that the device announces.",
    bad: "<Name>Device.LAN.IPPingDiagnostics.DiagnosticsState</Name><Value>Completed</Value>",
    good: "<Name>Device.LAN.IPPingDiagnostics.DiagnosticsState</Name><Value>Complete</Value>",
    wireshark: "xml contains \"DiagnosticsState\"",
    ..Rule::must(
        "CWMP-DIAG-003",
        "diagnostics-complete-spelled",
        Scope::Message,
    )
};

/// A test that runs is left alone.
const CHANGED: Rule = Rule {
    blame: ACS,
    cites: &[cite("TR-098 Amendment 1", "IPPingDiagnostics")],
    demands: "The parameters of a test are set before or together with Requested, not while it runs.",
    why: "The device must stop the test and go back to None: its results never come, and no 8 DIAGNOSTICS COMPLETE either.",
    mend_acs: "Set the parameters and Requested in one SetParameterValues, or write Requested again behind the change.",
    bad: "<Name>...IPPingDiagnostics.DiagnosticsState</Name><Value>Requested</Value>\na later <cwmp:SetParameterValues>: ...IPPingDiagnostics.Host",
    good: "one <cwmp:SetParameterValues>: ...IPPingDiagnostics.Host and ...DiagnosticsState Requested",
    related: &["CWMP-DIAG-001"],
    wireshark: "xml contains \"Diagnostic\"",
    ..Rule::heuristic("CWMP-DIAG-004", "test-changed-while-it-runs", Scope::Device)
};

/// The tests of a device.
#[derive(Debug, Default)]
pub struct Diagnostics {
    running: Vec<Running>,
    /// Its data model is one that the table of tests knows.
    model_known: bool,
    /// The latest session whose Inform was read.
    read: u32,
}

/// A test that was asked for, and whose end has not been announced.
#[derive(Debug)]
struct Running {
    /// Path of the object, with its dot.
    object: Box<str>,
    /// The session that read its end.
    done: Option<u32>,
    unsure: bool,
    issue_1: bool,
    frames: Vec<FrameId>,
}

impl Topic for Diagnostics {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() || !seen.is_whole() {
            return;
        }
        for (at, envelope) in seen.envelopes().enumerate() {
            match envelope.message_name() {
                Some("Inform") if seen.from() == Side::Cpe => self.informed(seen),
                Some("GetParameterValuesResponse" | "SetParameterValues") => {}
                _ => continue,
            }
            for parameter in seen.states(at) {
                let name = parameter.name();
                let Some(test) = test(name) else {
                    continue;
                };
                let (Some(value), Some(element)) = (parameter.value(), parameter.value_element())
                else {
                    continue;
                };
                let value = value.trim();
                if envelope.message_name() == Some("SetParameterValues") {
                    written(seen, test, name, value, element, findings);
                } else {
                    self.told(seen, test, name, value, element, findings);
                }
            }
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if exchange.is_fault() {
            return;
        }
        match exchange.method() {
            "SetParameterValues" => self.set(exchange, findings),
            "GetParameterValues" if !self.running.is_empty() => self.got(exchange),
            _ => {}
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        if self.running.is_empty() {
            return;
        }
        let session = closed.session;
        let well = matches!(session.outcome, Outcome::Complete | Outcome::Faulted);
        let whole = closed.facts.is_whole()
            && session.gaps == 0
            && session
                .steps
                .iter()
                .all(|step| step.evidence == Evidence::Complete);
        for test in &mut self.running {
            // An event 8 may have been announced there.
            test.unsure |= !whole;
        }
        if !well {
            return;
        }
        self.running.retain(|test| {
            let Some(done) = test.done.filter(|done| *done < session.number) else {
                return true;
            };
            if !test.unsure {
                let mut draft = closed.breaks(&EVENT).shown_in(&test.frames);
                draft.issue_1 |= test.issue_1;
                findings.add(draft.path(&test.object).because(format!(
                    "session {done} read the test as complete, and no Inform up to session {} has 8 DIAGNOSTICS COMPLETE",
                    session.number
                )));
            }
            false
        });
    }
}

impl Diagnostics {
    fn informed(&mut self, seen: &Seen<'_>) {
        let Some((inform, number)) = seen.informed().zip(seen.message.session) else {
            return;
        };
        if number <= self.read {
            return;
        }
        self.read = number;
        if inform.has_any(&["8 DIAGNOSTICS COMPLETE", "0 BOOTSTRAP", "1 BOOT"]) {
            self.running.clear();
        }
        if self.model_known {
            return;
        }
        let told = |name| {
            let parameter = inform.parameter(name);
            parameter.and_then(|parameter| parameter.value())
        };
        let root_1 = inform
            .parameter_at(".DeviceSummary")
            .and_then(|parameter| parameter.value());
        let by_summary = root_1.is_some_and(|summary| {
            summary.starts_with("InternetGatewayDevice:1.") || summary.starts_with("Device:1.")
        });
        let by_version = told("RootDataModelVersion").is_some_and(|version| {
            let minor = version.trim().strip_prefix("2.");
            minor
                .and_then(|minor| minor.split('.').next()?.parse::<u32>().ok())
                .is_some_and(|minor| minor <= TR_181_MINOR)
        });
        self.model_known = by_summary || by_version;
    }

    /// A state that the device tells.
    fn told(
        &self,
        seen: &Seen<'_>,
        test: &Test,
        name: &str,
        value: &str,
        element: cwmp::Element<'_>,
        findings: &mut Findings,
    ) {
        let wrong = match (test.spelling, value) {
            (Spelling::Complete, "Completed") => "Complete",
            (Spelling::Completed, "Complete") => "Completed",
            _ => return,
        };
        let draft = seen.breaks_at(&SPELLED, element).path(name);
        let draft = draft.because(format!(
            "the state is {value}, and the data model of {} spells it {wrong}",
            test.path
        ));
        findings.add(if self.model_known {
            draft
        } else {
            draft.at_most(Severity::Warning)
        });
    }

    /// The ACS set something, and the device took it.
    fn set(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let Some(request) = exchange.request() else {
            return;
        };
        let document = exchange.asked.message.soap.as_ref();
        let names_state = document.is_some_and(|document| document.may_hold(STATE.as_bytes()));
        if !names_state && self.running.is_empty() {
            return;
        }
        let mut requested: Vec<Box<str>> = Vec::new();
        if names_state {
            for parameter in request.parameters() {
                let name = parameter.name();
                let Some(object) = name.strip_suffix("DiagnosticsState") else {
                    continue;
                };
                let value = parameter.value().unwrap_or_default();
                self.running.retain(|test| *test.object != *object);
                let is_kept = requested.len() < RUNNING_MAX && object.len() <= NAME_BYTES_MAX;
                if value.trim() == "Requested" && is_kept {
                    requested.push(object.into());
                }
            }
        }
        self.changed(exchange, &request, findings);
        for object in requested {
            if self.running.len() >= RUNNING_MAX {
                self.running.remove(0);
            }
            let mut frames = exchange.asked.message.provenance.frames();
            frames.truncate(FRAMES_KEPT);
            self.running.push(Running {
                object,
                done: None,
                unsure: false,
                issue_1: exchange.answer.is_issue_1(),
                frames,
            });
        }
    }

    /// Parameters of a test that runs, without Requested beside them.
    fn changed(
        &mut self,
        exchange: &Exchange<'_>,
        request: &cwmp::EnvelopeRef<'_>,
        findings: &mut Findings,
    ) {
        if self.running.is_empty() {
            return;
        }
        let seen = Seen {
            message: &exchange.asked.message,
            parameters: Parameters::none(),
            gist: Gist::none(),
            ..exchange.answer
        };
        for parameter in request.parameters() {
            let name = parameter.name();
            let at = self
                .running
                .iter()
                .position(|test| name.starts_with(&*test.object));
            let Some(at) = at else {
                continue;
            };
            let test = self.running.remove(at);
            if test.done.is_none() {
                let draft = seen.breaks_at(&CHANGED, parameter.element()).path(&name);
                findings.add(draft.shown_in(&test.frames).because(format!(
                    "the test {} was asked for, its end is not announced, and {name} is set",
                    test.object.trim_end_matches('.')
                )));
            }
        }
    }

    /// The device answered GetParameterValues.
    fn got(&mut self, exchange: &Exchange<'_>) {
        let session = exchange.answer.message.session.unwrap_or(0);
        for parameter in exchange.answered() {
            let Some(object) = parameter.name().strip_suffix(STATE) else {
                continue;
            };
            let value = parameter.value().unwrap_or_default();
            let value = value.trim();
            let over = matches!(value, "Complete" | "Completed") || value.starts_with("Error_");
            if over {
                let mut tests = self.running.iter_mut();
                if let Some(test) = tests.find(|test| *test.object == *object) {
                    test.done.get_or_insert(session);
                }
            } else if value != "Requested" {
                self.running.retain(|test| *test.object != *object);
            }
        }
    }
}

/// A state that the ACS writes.
fn written(
    seen: &Seen<'_>,
    test: &Test,
    name: &str,
    value: &str,
    element: cwmp::Element<'_>,
    findings: &mut Findings,
) {
    let allowed = match value {
        "Requested" => true,
        "Canceled" => test.canceled,
        "None" => test.none,
        _ => false,
    };
    if !allowed && seen.from() == Side::Acs {
        let draft = seen.breaks_at(&WRITTEN, element).path(name);
        let shown: String = value.chars().take(VALUE_CHARACTERS).collect();
        findings.add(draft.because(format!("DiagnosticsState is set to '{shown}'")));
    }
}

/// What a message about tests holds.
const STATE: &str = "DiagnosticsState";
/// Tests followed of one device at once.
const RUNNING_MAX: usize = 8;
/// The longest name of a parameter (TR-069 Amendment 3 Table 11).
const NAME_BYTES_MAX: usize = 256;
const FRAMES_KEPT: usize = 4;
/// Of a value that no model knows.
const VALUE_CHARACTERS: usize = 64;
/// The latest version of TR-181 that the table of tests was made from.
const TR_181_MINOR: u32 = 17;
