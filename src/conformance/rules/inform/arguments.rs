//! The plain arguments of Inform and InformResponse: their order, MaxEnvelopes, the number of events, the clock.

use super::inform_of;
use crate::conformance::rule::{ACS, CPE, a3, cite};
use crate::conformance::rules::soap::time;
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &ORDER,
    &ONE_ENVELOPE,
    &ONE_ENVELOPE_BACK,
    &EVENTS,
    &ZONE,
    &CLOCK,
];

/// The sequence of the schema.
pub(in crate::conformance::rules) const ORDER: Rule = Rule {
    blame: CPE,
    cites: &[cite("cwmp-1-2.xsd", "Inform"), a3("Table 34")],
    demands: "Inform has DeviceId, Event, MaxEnvelopes, CurrentTime, RetryCount and ParameterList, in this order.",
    why: "An ACS that reads by the schema refuses an Inform in another order as no valid request, with 8003 or HTTP 400, and the device \
          never gets beyond its first message.",
    mend_cpe: "Write the six elements in the order of the schema, each once.",
    bad: "<cwmp:Inform>\n<Event>...</Event>\n<DeviceId>...</DeviceId>\n<MaxEnvelopes>1</MaxEnvelopes>",
    good: "<cwmp:Inform>\n<DeviceId>...</DeviceId>\n<Event>...</Event>\n<MaxEnvelopes>1</MaxEnvelopes>",
    related: &["INF-005"],
    wireshark: "xml.tag contains \":Inform\"",
    ..Rule::must("INF-001", "inform-arguments-in-order", Scope::Message)
};

const ONE_ENVELOPE: Rule = Rule {
    blame: CPE,
    versions: "all but Issue 1",
    cites: &[a3("Table 34"), cite("TR-069 Amendment 2", "Table 34")],
    demands: "MaxEnvelopes of Inform is 1.",
    why: "Since Amendment 1 each HTTP message has one envelope. An old ACS that believes a larger number may send several in one response, \
          of which most devices read the first.",
    mend_cpe: "Always write 1.",
    bad: "<MaxEnvelopes>2</MaxEnvelopes>",
    good: "<MaxEnvelopes>1</MaxEnvelopes>",
    related: &["INF-003"],
    wireshark: "xml.tag contains \"<MaxEnvelopes\"",
    ..Rule::must("INF-002", "inform-max-envelopes-is-one", Scope::Message)
};

const ONE_ENVELOPE_BACK: Rule = Rule {
    blame: ACS,
    versions: "all but Issue 1",
    cites: &[a3("Table 35"), cite("TR-069 Amendment 2", "Table 35")],
    demands: "MaxEnvelopes of InformResponse is 1.",
    why: "0 meant `any number` in Issue 1. A device written for Issue 1 then sends several envelopes at once; one written later may refuse \
          the InformResponse altogether and end the session.",
    mend_acs: "Always answer 1.",
    bad: "<cwmp:InformResponse><MaxEnvelopes>0</MaxEnvelopes></cwmp:InformResponse>",
    good: "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
    related: &["INF-002"],
    wireshark: "xml.tag contains \":InformResponse\"",
    ..Rule::must(
        "INF-003",
        "inform-response-max-envelopes-is-one",
        Scope::Message,
    )
};

/// The schema's bound on events.
pub(in crate::conformance::rules) const EVENTS: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 34"), cite("cwmp-1-2.xsd", "EventList")],
    demands: "Event has at most 64 members.",
    why: "A device that never drops undelivered M events fills the list while the ACS is away; an ACS with an array of 64 then refuses the \
          Inform, nothing is delivered, and the list only grows.",
    mend_cpe: "Keep at most 64 events; discard the oldest M events first and never 0 BOOTSTRAP.",
    bad: "<Event soapenc:arrayType=\"cwmp:EventStruct[70]\">",
    good: "<Event soapenc:arrayType=\"cwmp:EventStruct[64]\">",
    wireshark: "xml.cdata contains \"EventStruct[\"",
    ..Rule::must("INF-008", "at-most-64-events", Scope::Message)
};

/// A time of day says its zone.
pub(in crate::conformance::rules) const ZONE: Rule = Rule {
    blame: CPE,
    versions: "all but Issue 1",
    cites: &[a3("Table 34"), a3("Table 9")],
    demands: "CurrentTime is the local time with its offset from UTC.",
    why: "Without an offset the ACS takes its own zone or UTC: jobs are planned hours off, and the clocks of devices in other zones look \
          wrong although they are right.",
    mend_cpe: "Append the offset in force, `+01:00` or `Z`; send 0001-01-01T00:00:00Z while the time is not known.",
    bad: "<CurrentTime>2012-02-07T16:59:40</CurrentTime>",
    good: "<CurrentTime>2012-02-07T16:59:40+01:00</CurrentTime>",
    related: &["INF-011"],
    wireshark: "xml.tag contains \"<CurrentTime\"",
    ..Rule::must("INF-010", "current-time-with-offset", Scope::Message)
};

const CLOCK: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 34")],
    demands: "CurrentTime is within a day of the time of the capture.",
    why: "The device has no time yet, or from the wrong server: HTTPS fails for certificates that seem not valid yet, and its logs fit no \
          other. Harmless right after a start; the capture's own clock may be the one that is wrong.",
    mend_cpe: "Set the clock by NTP before the first session, or send the Unknown Time 0001-01-01T00:00:00Z until it is known.",
    bad: "<CurrentTime>1970-01-01T00:01:00Z</CurrentTime>",
    good: "<CurrentTime>0001-01-01T00:00:00Z</CurrentTime>",
    related: &["INF-010", "FIELD-016"],
    wireshark: "xml.cdata contains \"1970-01-01\"",
    ..Rule::heuristic("INF-011", "current-time-far-off", Scope::Message)
};

/// Looks at an Inform or its answer.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if seen.from() == Side::Acs {
        answer(seen, findings);
        return;
    }
    let Some(inform) = inform_of(seen) else {
        return;
    };
    max_envelopes(seen, inform.element(), &ONE_ENVELOPE, findings);
    clock(seen, inform.element(), findings);
}

fn answer(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || !seen.is_whole() {
        return;
    }
    for envelope in seen.envelopes() {
        if envelope.message_name() == Some("InformResponse")
            && let Some(message) = envelope.message()
        {
            max_envelopes(seen, message, &ONE_ENVELOPE_BACK, findings);
        }
    }
}

/// What is no number is the schema's.
fn max_envelopes(
    seen: &Seen<'_>,
    message: cwmp::Element<'_>,
    rule: &'static Rule,
    findings: &mut Findings,
) {
    let Some(element) = message.child("MaxEnvelopes") else {
        return;
    };
    let number: Option<u32> = element.text().trim().parse().ok();
    if let Some(number) = number.filter(|number| *number != 1) {
        let draft = seen.breaks_at(rule, element);
        findings.add(draft.because(format!("MaxEnvelopes is {number}")));
    }
}

fn clock(seen: &Seen<'_>, inform: cwmp::Element<'_>, findings: &mut Findings) {
    let captured_s = seen.message.provenance.time.nanoseconds / 1_000_000_000;
    let Some(element) = inform.child("CurrentTime") else {
        return;
    };
    // A transcript without a time begins in 1970: its clock says nothing.
    if captured_s < YEAR_2000_S {
        return;
    }
    let text = element.text();
    let stamp = time::read(text.trim().as_bytes());
    let epoch = time::read(b"1970-01-01T00:00:00Z").map_or(0, |stamp| stamp.seconds());
    let Some(stamp) = stamp.filter(time::Stamp::is_absolute) else {
        return;
    };
    let off_s = (stamp.seconds() - epoch).abs_diff(captured_s);
    if off_s > DAY_S {
        let said = format!(
            "CurrentTime {} is {} days from the time of the capture",
            text.trim(),
            off_s / DAY_S
        );
        findings.add(seen.breaks_at(&CLOCK, element).because(said));
    }
}

const DAY_S: u64 = 86_400;
/// 2000-01-01.
const YEAR_2000_S: i64 = 946_684_800;
