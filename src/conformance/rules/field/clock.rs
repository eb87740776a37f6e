//! A device whose clock was never set.

use crate::conformance::rule::CPE;
use crate::conformance::rules::field::GIVES_UP_AFTER;
use crate::conformance::{Closed, Findings, Rule, Scope, Topic};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&CLOCK];

const CLOCK: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    demands: "The device's clock is right within a day.",
    why: "NTP is not reached or not configured. HTTPS then fails because certificates are not valid yet, scheduled downloads and \
          PeriodicInformTime fall on odd hours, and logs of phone and ACS cannot be laid side by side.",
    mend_cpe: "Set an NTP server that the device reaches (Time.NTPServer1) before the first TLS session; send the Unknown Time \
               0001-01-01T00:00:00Z while the time is not known.",
    mend_acs: "Provision Time.Enable and Time.NTPServer1 in the first session.",
    bad: "<CurrentTime>2000-01-01T00:04:12+00:00</CurrentTime>",
    good: "<CurrentTime>2026-03-02T08:00:00+00:00</CurrentTime>",
    related: &["INF-010"],
    wireshark: "xml.cdata contains \"2000-01-01\" || xml.cdata contains \"1970-01-01\"",
    ..Rule::heuristic("FIELD-016", "clock-never-right", Scope::Device)
};

/// Sessions in a row in which the clock was wrong.
#[derive(Debug, Default)]
pub struct Clock {
    in_a_row: u32,
}

impl Topic for Clock {
    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let Some(time) = current_time(closed) else {
            return;
        };
        let Some(told_s) = seconds(&time) else {
            return;
        };
        let captured_s = closed.session.start.nanoseconds / 1_000_000_000;
        let off_s = told_s.abs_diff(captured_s);
        self.in_a_row = if off_s > OFF_S_MAX {
            self.in_a_row.saturating_add(1)
        } else {
            0
        };
        // A transcript without a time begins in 1970: its clock says nothing.
        if self.in_a_row >= GIVES_UP_AFTER && captured_s > YEAR_2000_S {
            let said = format!(
                "CurrentTime {time} is {} days from the time of the capture",
                off_s / 86_400
            );
            let draft = closed.breaks(&CLOCK).rpc("Inform").because(said);
            let frames = closed
                .facts
                .inform
                .as_ref()
                .map(|inform| inform.provenance.frames());
            findings.add(draft.only_in(&frames.unwrap_or_default()));
        }
    }
}

fn current_time(closed: &Closed<'_>) -> Option<String> {
    let document = closed.facts.inform.as_ref()?.soap.as_ref()?;
    let inform = document.inform()?;
    Some(inform.current_time()?.trim().to_owned())
}

/// Seconds since 1970; `None` for what is no absolute time: relative to the boot, or unknown (TR-069 Amendment 3 section
/// 3.3, data types).
fn seconds(time: &str) -> Option<i64> {
    let year: i16 = time.get(..4)?.parse().ok()?;
    if year < 1000 {
        return None;
    }
    let absolute: Option<jiff::Timestamp> = time.parse().ok();
    let civil: Option<jiff::civil::DateTime> = time.parse().ok();
    absolute.map(jiff::Timestamp::as_second).or_else(|| {
        let zoned = civil?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(zoned.timestamp().as_second())
    })
}

/// Seconds that a clock may be off: a day, so that no time zone matters.
const OFF_S_MAX: u64 = 86_400;
/// 2000-01-01.
const YEAR_2000_S: i64 = 946_684_800;
