//! The periodic Inform keeps its interval (TR-069 Amendment 3 section 3.2.1).

use super::told;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Closed, Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Outcome, Side};
use crate::source::{FrameId, Timestamp};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&INTERVAL];

/// PeriodicInformInterval.
const INTERVAL: Rule = Rule {
    blame: CPE,
    cites: &[
        a3("3.2.1"),
        cite(
            "TR-181 Issue 2",
            "Device.ManagementServer.PeriodicInformInterval",
        ),
    ],
    demands: "Informs with `2 PERIODIC` come at the distance that PeriodicInformInterval says.",
    why: "The interval is how an ACS spreads its load and finds out that a device is gone: one that comes three times as often costs \
          three times as much, and one that comes late is taken for dead.",
    mend_cpe: "Take PeriodicInformInterval in seconds, and count from PeriodicInformTime, not from the end of the last session.",
    bad: "PeriodicInformInterval 300\n0 s: Inform with 2 PERIODIC\n100 s: Inform with 2 PERIODIC",
    good: "PeriodicInformInterval 300\n0 s: Inform with 2 PERIODIC\n300 s: Inform with 2 PERIODIC",
    wireshark: "xml contains \"2 PERIODIC\"",
    ..Rule::must("SESS-030", "periodic-interval-kept", Scope::Device)
};

/// What sets a device's clock, and when it rang last.
#[derive(Debug, Default)]
pub(super) struct Periodic {
    interval_s: Option<u32>,
    enabled: bool,
    /// The first attempt of the last periodic Inform, since which nothing has disturbed the clock.
    last: Option<Box<(Timestamp, Vec<FrameId>)>>,
    /// The session whose Inform was seen last.
    current: u32,
    /// When a session before it was still under way.
    busy_until: Timestamp,
}

impl Topic for Periodic {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(session) = seen.session else {
            return;
        };
        if session.damaged {
            // What is missing may have set another interval.
            self.interval_s = None;
        }
        if seen.from() != Side::Cpe {
            return;
        }
        let Some(inform) = seen.informed_first() else {
            return;
        };
        if session.number == self.current {
            return;
        }
        self.current = session.number;
        let has = |starts: &str| {
            let mut events = inform.events.iter();
            events.any(|event| event.code.trim().starts_with(starts))
        };
        if has("0 ") || has("1 ") || !seen.is_whole() {
            self.last = None;
            self.interval_s = None;
        } else if has("2 ") {
            let first = inform.retry_count == Some(0) && session.from_its_start;
            self.rings(seen, first, findings);
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        if exchange.method() == "Reboot" && !exchange.is_fault() {
            // The clock starts anew, whether the capture holds the Inform with 1 BOOT or not.
            self.last = None;
        }
        told::each(exchange, "PeriodicInform", |name, value, set| {
            self.learn(name, value, set);
        });
    }

    fn closed(&mut self, closed: &Closed<'_>, _findings: &mut Findings) {
        let session = closed.session;
        self.busy_until = self.busy_until.max(session.end);
        // What was not delivered comes again, whatever the clock says.
        let delivered = matches!(session.outcome, Outcome::Complete | Outcome::Faulted);
        if !delivered || !closed.facts.is_whole() {
            self.last = None;
        }
        // What is missing may have set another interval.
        if session.gaps > 0 || closed.facts.damaged {
            self.interval_s = None;
        }
    }
}

impl Periodic {
    fn rings(&mut self, seen: &Seen<'_>, first: bool, findings: &mut Findings) {
        let now = seen.message.provenance.started;
        let last = self.last.take();
        if !first {
            return;
        }
        if let (Some(last), Some(interval_s), true) = (last, self.interval_s, self.enabled) {
            let (then, frames) = *last;
            let distance_s = now.milliseconds_since(then) / 1000.0;
            let interval_s = f64::from(interval_s);
            // It may have been due while another session ran.
            let busy_s = self.busy_until.milliseconds_since(then) / 1000.0;
            let waited = busy_s >= interval_s * (1.0 - TOLERANCE) && distance_s > interval_s;
            // Where the clock of the capture was set back, no time has a length.
            if is_off(distance_s, interval_s) && !waited && distance_s >= 0.0 {
                let said = format!(
                    "PERIODIC comes {distance_s:.0} s after the last, the interval is {interval_s:.0} s"
                );
                findings.add(seen.breaks(&INTERVAL).shown_in(&frames).because(said));
            }
        }
        self.last = Some(Box::new((now, seen.message.provenance.frames())));
    }

    fn learn(&mut self, name: &str, value: &str, set: bool) {
        let changes = match name {
            "PeriodicInformInterval" => {
                let interval_s = value.parse().ok().filter(|seconds| *seconds > 0);
                std::mem::replace(&mut self.interval_s, interval_s) != interval_s
            }
            "PeriodicInformEnable" => {
                let enabled = matches!(value, "1" | "true");
                std::mem::replace(&mut self.enabled, enabled) != enabled
            }
            "PeriodicInformTime" => set,
            _ => false,
        };
        if changes {
            self.last = None;
        }
    }
}

/// Neither the interval nor several of it: periods that the capture lacks do not count.
fn is_off(distance_s: f64, interval_s: f64) -> bool {
    let slack_s = (interval_s * TOLERANCE).max(SLACK_S);
    let periods = (distance_s / interval_s).round().max(1.0);
    (distance_s - periods * interval_s).abs() > slack_s
}

/// How far a period may be off, as a part of it; and in seconds at least.
const TOLERANCE: f64 = 0.05;
const SLACK_S: f64 = 10.0;
