//! Reboot and FactoryReset: what they promise shows in the next Inform (TR-069 Amendment 3 sections A.3.2.9 and A.4.1.6).

use super::messages::FR_ANSWER;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{
    Closed, Draft, Exchange, Findings, Gist, Parameters, Rule, Scope, Seen, Topic, is_whole,
};
use crate::session::{Evidence, Message, Outcome, Severity, Side};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&AFTER_REBOOT, &AFTER_RESET];

/// The boot that was asked for is announced.
const AFTER_REBOOT: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.3.2.9"), a3("3.7.1.5"), a3("3.7.1.4")],
    demands: "After RebootResponse and the end of the session the device starts once: its next Inform has 1 BOOT once and M Reboot with the \
              CommandKey of each Reboot.",
    why: "Without M Reboot the ACS cannot tell its own reboot from a crash or a pulled plug: the job stays open, and some send Reboot again \
          in each session until the phone is found rebooting all day.",
    mend_cpe: "Store the CommandKey before restarting, and put 1 BOOT and M Reboot with it into the first Inform.",
    bad: "<cwmp:Reboot><CommandKey>rb-1</CommandKey>... <cwmp:RebootResponse/>\nthe next Inform: 1 BOOT",
    good: "<cwmp:Reboot><CommandKey>rb-1</CommandKey>... <cwmp:RebootResponse/>\nthe next Inform: 1 BOOT, M Reboot (rb-1)",
    related: &["SESS-031", "CWMP-FR-001"],
    wireshark: "xml contains \"Reboot\"",
    of_absence: true,
    ..Rule::must("CWMP-RBT-001", "reboot-announced", Scope::Device)
};

/// A reset device is a new one.
const AFTER_RESET: Rule = Rule {
    blame: CPE,
    cites: &[
        a3("A.4.1.6"),
        a3("Table 7"),
        cite("TR-106 Amendment 1", "ManagementServer.ParameterKey"),
    ],
    demands: "After FactoryResetResponse and the end of the session the next Inform has 0 BOOTSTRAP, an empty ParameterKey and no M event of \
              before.",
    why: "0 BOOTSTRAP is what makes an ACS provision the device from scratch. Without it, or with the old ParameterKey, the ACS believes that \
          its settings are still there, and the phone stays without accounts.",
    mend_cpe: "Clear ParameterKey, the queue of events and the flag that the ACS is known, together with the settings.",
    bad: "<cwmp:FactoryResetResponse/>\nthe next Inform: 0 BOOTSTRAP, 1 BOOT; ParameterKey is `prov-17`",
    good: "<cwmp:FactoryResetResponse/>\nthe next Inform: 0 BOOTSTRAP, 1 BOOT; ParameterKey is empty",
    related: &["CWMP-FR-002", "CWMP-RBT-001"],
    wireshark: "xml contains \"FactoryReset\" || xml contains \"0 BOOTSTRAP\"",
    of_absence: true,
    ..Rule::must("CWMP-FR-001", "factory-reset-forgets", Scope::Device)
};

/// Reboots and resets of a device that have been answered.
#[derive(Debug, Default)]
pub struct Restarts {
    ordered: Vec<Ordered>,
    /// The session before.
    last: Option<Last>,
}

/// A Reboot or FactoryReset that was not refused.
#[derive(Debug)]
struct Ordered {
    reset: bool,
    key: Box<str>,
    /// The session that asked for it; later the last one in which it had not happened yet.
    session: u32,
    /// Sessions that it was waited for.
    waited: u8,
    /// What was to be said of it has been said.
    told: bool,
    issue_1: bool,
    frames: Vec<FrameId>,
}

/// How a session ended.
#[derive(Debug)]
struct Last {
    number: u32,
    well: bool,
    whole: bool,
    /// A peer closed its connection.
    closed: bool,
    /// The device was first to do so.
    by_device: bool,
    /// Where the device posted to.
    acs: Option<String>,
}

impl Topic for Restarts {
    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        let reset = match exchange.method() {
            "Reboot" => false,
            "FactoryReset" => true,
            _ => return,
        };
        let session = exchange.answer.message.session;
        let (Some(session), Some(request)) = (session, exchange.request()) else {
            return;
        };
        if exchange.is_fault()
            || exchange.asked.message.from != Side::Acs
            || self.ordered.len() >= ORDERED_MAX
        {
            return;
        }
        let key = request
            .message()
            .and_then(|message| message.child("CommandKey"));
        let mut frames = exchange.asked.message.provenance.frames();
        frames.truncate(FRAMES_KEPT);
        self.ordered.push(Ordered {
            reset,
            key: key
                .map(|key| key.text().chars().take(KEY_CHARACTERS).collect::<String>())
                .unwrap_or_default()
                .into(),
            session,
            waited: 0,
            told: false,
            issue_1: exchange.answer.is_issue_1(),
            frames,
        });
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let number = closed.session.number;
        let (ordered, mut earlier) = std::mem::take(&mut self.ordered)
            .into_iter()
            .partition::<Vec<_>, _>(|one| one.session >= number);
        self.ordered = ordered;
        if let Some(last) = &self.last
            && earlier.iter().all(|one| one.session == last.number)
            && !earlier.is_empty()
        {
            let told = judge(&earlier, last, closed, findings);
            if last.well && !closed.facts.events().iter().any(|(code, _)| is_start(code)) {
                self.wait(&mut earlier, number, told);
            }
        }
        self.last = Some(Last::of(closed));
    }
}

impl Restarts {
    /// The device has not started yet: a phone may wait for the end of a call.
    fn wait(&mut self, earlier: &mut Vec<Ordered>, session: u32, told: bool) {
        for one in earlier.iter_mut() {
            one.session = session;
            one.waited = one.waited.saturating_add(1);
            one.told |= told;
        }
        earlier.retain(|one| one.waited <= WAITED_MAX);
        self.ordered.append(earlier);
    }
}

/// The event of a device that has started.
fn is_start(code: &str) -> bool {
    matches!(code.trim(), "0 BOOTSTRAP" | "1 BOOT")
}

impl Last {
    fn of(closed: &Closed<'_>) -> Self {
        let session = closed.session;
        let by = session.endings.first().map(|ending| ending.by);
        Self {
            number: session.number,
            well: matches!(session.outcome, Outcome::Complete | Outcome::Faulted),
            whole: closed.facts.is_whole()
                && session.gaps == 0
                && session
                    .steps
                    .iter()
                    .all(|step| step.evidence == Evidence::Complete),
            closed: session.closed_by_peer,
            by_device: by == Some(Side::Cpe) && session.closed_by_peer,
            acs: session.acs.url.clone(),
        }
    }
}

/// The session behind an order has closed: its Inform tells what became of it. Whether something was told.
fn judge(ordered: &[Ordered], last: &Last, closed: &Closed<'_>, findings: &mut Findings) -> bool {
    let Some(message) = &closed.facts.inform else {
        return false;
    };
    if !last.whole || !is_whole(message) || last.acs != closed.session.acs.url {
        return false;
    }
    let events = closed.facts.events();
    let next = Next {
        seen: Seen {
            message,
            session: Some(closed.facts),
            setting: closed.setting,
            replay: false,
            parameters: Parameters::none(),
            gist: Gist::none(),
        },
        bootstrap: has(&events, "0 BOOTSTRAP"),
        events,
    };
    let reset = ordered.iter().find(|one| one.reset);
    match (reset, last.well) {
        (Some(reset), true) => return next.after_reset(reset, ordered, findings),
        (Some(reset), false) => next.cut_short(reset, last, findings),
        (None, true) => next.after_reboot(ordered, findings),
        (None, false) => {}
    }
    false
}

fn has(events: &[(String, String)], code: &str) -> bool {
    events.iter().any(|(one, _)| one.trim() == code)
}

/// The session behind.
struct Next<'n> {
    seen: Seen<'n>,
    events: Vec<(String, String)>,
    bootstrap: bool,
}

impl Next<'_> {
    fn breaks(&self, rule: &'static Rule, ordered: &Ordered) -> Draft {
        let message: &Message = self.seen.message;
        let inform = message.soap.as_ref().and_then(cwmp::Document::inform);
        let list = inform.and_then(|inform| inform.element().child("Event"));
        let draft = match list {
            Some(list) => self.seen.breaks_at(rule, list),
            None => self.seen.breaks(rule),
        };
        let mut draft = draft.shown_in(&ordered.frames).rpc(if ordered.reset {
            "FactoryReset"
        } else {
            "Reboot"
        });
        draft.issue_1 |= ordered.issue_1;
        draft
    }

    fn after_reboot(&self, ordered: &[Ordered], findings: &mut Findings) {
        if self.bootstrap || self.events.len() >= EVENTS_MAX {
            return;
        }
        let boots = self
            .events
            .iter()
            .filter(|(code, _)| code.trim() == "1 BOOT");
        let boots = boots.count();
        if boots == 0 {
            // SESS-031 tells that.
            return;
        }
        let announced = |one: &Ordered| {
            let mut events = self.events.iter();
            events.any(|(code, key)| code.trim() == "M Reboot" && key.trim() == one.key.trim())
        };
        let missing = ordered.iter().find(|one| !announced(one));
        let (order, said) = match (missing, ordered.first()) {
            (Some(missing), _) => (
                missing,
                format!("has no M Reboot with the CommandKey '{}'", missing.key),
            ),
            (None, Some(first)) if boots != 1 => (first, format!("has 1 BOOT {boots} times")),
            _ => return,
        };
        let draft = self.breaks(&AFTER_REBOOT, order);
        findings.add(draft.because(format!("the Inform behind the Reboot {said}")));
    }

    /// Whether it has no `0 BOOTSTRAP`, and this was told.
    fn after_reset(&self, reset: &Ordered, ordered: &[Ordered], findings: &mut Findings) -> bool {
        if !self.bootstrap {
            if !reset.told {
                let draft = self.breaks(&AFTER_RESET, reset);
                findings
                    .add(draft.because("the Inform behind the FactoryReset has no 0 BOOTSTRAP"));
            }
            return true;
        }
        self.after_bootstrap(reset, ordered, findings);
        false
    }

    fn after_bootstrap(&self, reset: &Ordered, ordered: &[Ordered], findings: &mut Findings) {
        let rebooted = ordered.iter().any(|one| !one.reset);
        let old = self.events.iter().find(|(code, _)| {
            let code = code.trim();
            code.starts_with("M ") && !(rebooted && code == "M Reboot")
        });
        if let Some((code, _)) = old {
            let draft = self.breaks(&AFTER_RESET, reset);
            findings.add(draft.because(format!(
                "the Inform behind the FactoryReset has {code}, which is older than the reset"
            )));
            return;
        }
        let inform = self.seen.inform();
        let parameter = inform.and_then(|inform| inform.parameter("ManagementServer.ParameterKey"));
        let value = parameter.and_then(|parameter| parameter.value());
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            let draft = self.breaks(&AFTER_RESET, reset);
            let name = parameter.map(|parameter| parameter.name().into_owned());
            findings.add(draft.path(&name.unwrap_or_default()).because(format!(
                "ParameterKey is {value} in the Inform behind the FactoryReset"
            )));
        }
    }

    fn cut_short(&self, reset: &Ordered, last: &Last, findings: &mut Findings) {
        if !self.bootstrap || !last.closed {
            return;
        }
        let draft = self.breaks(&FR_ANSWER, reset).because(format!(
            "session {} did not end successfully, and the device comes back reset",
            last.number
        ));
        findings.add(if last.by_device {
            draft
        } else {
            draft.at_most(Severity::Warning)
        });
    }
}

/// Reboots that one session asks for.
const ORDERED_MAX: usize = 16;
const FRAMES_KEPT: usize = 4;
/// Sessions that a restart is waited for.
const WAITED_MAX: u8 = 4;
/// A CommandKey has at most 32 characters.
const KEY_CHARACTERS: usize = 64;
/// A full list leaves the oldest M events out (TR-069 Amendment 3 section A.3.3.1).
const EVENTS_MAX: usize = 64;
