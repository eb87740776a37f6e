//! How often a device keeps its binding alive (TR-069 Amendment 3 section G.2.1.2).

use super::local::{Local, Period, Transaction};
use super::watch::Asked;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Draft, Findings, Rule, Scope};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&TOO_OFTEN, &TOO_SELDOM, &BESIDES, &SLOW];

const TOO_OFTEN: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.2"), cite("TR-111", "2.2.4.1 table 6")],
    demands: "The device sends its keep-alives no more often than STUNMinimumKeepAlivePeriod says.",
    why: "A STUN server sized for a request a minute from each of 50,000 phones falls over when a firmware sends one every five \
          seconds; the first that notice are the phones whose bindings expire.",
    mend_cpe: "Wait at least STUNMinimumKeepAlivePeriod seconds between two Binding Requests of the port for Connection Requests.",
    bad: "12:00:00 Binding Request\n12:00:05 Binding Request        STUNMinimumKeepAlivePeriod 30",
    good: "12:00:00 Binding Request\n12:00:30 Binding Request",
    related: &["STUN-021", "STUN-022"],
    wireshark: "classicstun.type == 0x0001 && frame.time_delta_displayed < 30",
    ..Rule::must("STUN-020", "stun-keep-alive-too-often", Scope::Device)
};

const TOO_SELDOM: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[a3("G.2.1.2"), cite("TR-111", "2.2.4.1 table 6")],
    demands: "Behind a NAT the device sends a keep-alive at least every STUNMaximumKeepAlivePeriod seconds, unless that is -1.",
    why: "Most NATs forget a UDP binding after 30 to 180 seconds. A device that asks every ten minutes can be reached for the first \
          of them; the ACS sees its Connection Requests vanish at random.",
    mend_cpe: "Send a Binding Request whenever STUNMaximumKeepAlivePeriod seconds have passed since the last.",
    bad: "12:00:00 Binding Request\n12:10:00 Binding Request        STUNMaximumKeepAlivePeriod 60",
    good: "12:00:00 Binding Request\n12:01:00 Binding Request",
    related: &["STUN-020", "STUN-044"],
    wireshark: "classicstun.type == 0x0001 && frame.time_delta_displayed > 60",
    of_absence: true,
    ..Rule::must("STUN-021", "stun-keep-alive-too-seldom", Scope::Device)
};

const BESIDES: Rule = Rule {
    cites: &[
        a3("G.2.1.1"),
        a3("G.2.1.3"),
        cite("TR-111", "2.2.4.1 table 6"),
    ],
    demands: "The minimum period does not hold for a request with BINDING-CHANGE, the one that answers a 401, repeats of one \
              transaction, requests from another port, and the first ones from a new address or of a device that has just started.",
    why: "After a change of the mapping a device sends three requests within a second, as it must; counted as keep-alives they would \
          look like a flood.",
    related: &["STUN-020"],
    ..Rule::guard("STUN-022", "stun-requests-beside-the-period", &["STUN-020"])
};

const SLOW: Rule = Rule {
    blame: CPE,
    demands: "Behind a NAT the keep-alives come more often than NATs forget UDP bindings, which is after 30 to 180 seconds.",
    why: "Between two keep-alives four minutes apart the NAT has given the port away: Connection Requests are lost for most of the \
          time, though every single STUN exchange in the log succeeds.",
    mend_cpe: "Lower STUNMaximumKeepAlivePeriod to 30 or 60 seconds, or let the device find out how long its NAT waits.",
    mend_acs: "Set STUNMaximumKeepAlivePeriod to 30 or 60 seconds.",
    bad: "12:00:00 Binding Request\n12:05:00 Binding Request",
    good: "12:00:00 Binding Request\n12:00:30 Binding Request",
    cites: &[a3("G.2.1.2")],
    related: &["STUN-021"],
    wireshark: "classicstun.type == 0x0001 && frame.time_delta_displayed > 180",
    ..Rule::heuristic(
        "STUN-044",
        "stun-period-longer-than-nats-wait",
        Scope::Device,
    )
};

/// Looks at a request that repeats no other.
pub(super) fn look(local: &mut Local, asked: &Asked<'_>, findings: &mut Findings) {
    let now_ns = asked.time_ns();
    release(local, now_ns.saturating_sub(HELD_NS), findings);
    // STUN-022: these come besides.
    if asked.message.has_binding_change()
        || local.challenged_lately(now_ns)
        || asked.message.has(stun::kind::RESPONSE_ADDRESS)
        || asked.message.has(stun::kind::CHANGE_REQUEST)
    {
        return;
    }
    let last_ns = local.period.last_ns.replace(now_ns);
    let frames = std::mem::replace(&mut local.period.frames, asked.datagram.frames.clone());
    let answered = local
        .transactions
        .back()
        .is_some_and(|last: &Transaction| last.answer.is_some());
    let Some(last_ns) = last_ns else { return };
    if !answered || local.server != asked.datagram.destination || local.lost_since(last_ns) {
        local.period.long = 0;
        local.period.slow = 0;
        return;
    }
    let since_ns = now_ns.saturating_sub(last_ns);
    let draft = |rule| Draft::of_datagram(rule, asked.datagram).shown_in(&frames);
    if since_ns > SLOW_NS && local.is_translated() {
        local.period.slow = local.period.slow.saturating_add(1);
        if local.period.slow >= IN_A_ROW {
            let said = format!("{} between two keep-alives", seconds(since_ns));
            findings.add(draft(&SLOW).because(said));
        }
    } else {
        local.period.slow = 0;
    }
    let Some(known) = asked.known.filter(|known| {
        !known.started_after(last_ns.saturating_sub(FIRST_NS)) && known.session_ns.1 < last_ns
    }) else {
        local.period.long = 0;
        return;
    };
    if let Some(minimum_s) = known.minimum_s.filter(|one| *one > 0) {
        let minimum_ns = minimum_s.saturating_mul(SECOND_NS);
        let slack_ns = (minimum_ns / 20).max(SECOND_NS);
        if since_ns < minimum_ns.saturating_sub(slack_ns) {
            let said = format!(
                "{} after the last keep-alive, and STUNMinimumKeepAlivePeriod is {minimum_s}",
                seconds(since_ns)
            );
            local
                .period
                .hold(now_ns, draft(&TOO_OFTEN).because(said), findings);
        }
    }
    let behind = local.is_translated() || known.nat == Some(true);
    let on = known.enabled != Some(false);
    let maximum_s = known.maximum_s.filter(|one| *one > 0 && behind && on);
    let maximum_ns = maximum_s.unwrap_or(i64::MAX).saturating_mul(SECOND_NS);
    let slack_ns = (maximum_ns / 10).max(2 * SECOND_NS);
    if since_ns <= maximum_ns.saturating_add(slack_ns) {
        local.period.long = 0;
        return;
    }
    // One that the capture lost makes one interval too long.
    local.period.long = local.period.long.saturating_add(1);
    if local.period.long >= IN_A_ROW {
        let maximum_s = maximum_s.unwrap_or_default();
        let said = format!(
            "{} after the last keep-alive, and STUNMaximumKeepAlivePeriod is {maximum_s}",
            seconds(since_ns)
        );
        findings.add(draft(&TOO_SELDOM).at_most(Severity::Warning).because(said));
    }
}

/// A session of the device began: the first requests behind a start come when they come, and before it, too.
pub(super) fn session(local: &mut Local, start_ns: i64, starts: bool, findings: &mut Findings) {
    if starts {
        let since_ns = start_ns.saturating_sub(HELD_NS);
        local.period.held.retain(|(time_ns, _)| *time_ns < since_ns);
    }
    release(local, start_ns, findings);
}

/// Tells what was too early before that time.
pub(super) fn release(local: &mut Local, before_ns: i64, findings: &mut Findings) {
    let due = |(time_ns, _): &mut (i64, Draft)| *time_ns < before_ns;
    for (_, draft) in local.period.held.extract_if(.., due) {
        findings.add(draft);
    }
}

impl Period {
    fn hold(&mut self, time_ns: i64, draft: Draft, findings: &mut Findings) {
        if self.held.len() >= HELD_MAX {
            findings.add(draft);
        } else {
            self.held.push((time_ns, draft));
        }
    }
}

/// A time in words.
pub(super) fn seconds(ns: i64) -> String {
    let tenths = ns / (SECOND_NS / 10);
    if tenths % 10 == 0 || tenths >= 600 {
        format!("{} s", tenths / 10)
    } else {
        format!("{}.{} s", tenths / 10, tenths % 10)
    }
}

pub(super) const SECOND_NS: i64 = 1_000_000_000;
/// The longest that usual NATs keep a UDP binding.
const SLOW_NS: i64 = 180 * SECOND_NS;
/// Nanoseconds from a device's first request to its Inform, when it starts; and requests that wait for that.
const HELD_NS: i64 = 60 * SECOND_NS;
const HELD_MAX: usize = 16;
/// Intervals in a row: a single one may be a request that the capture lost.
const IN_A_ROW: u32 = 2;
/// The first requests behind a start or a change of settings come when they come.
const FIRST_NS: i64 = 10 * SECOND_NS;
