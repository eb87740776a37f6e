//! Methods, events and fault codes that are younger than what the other side speaks (TR-069 Amendment 3 section 3.7.2.1 and
//! annex A).

use cwmp::schema::{self, Version};
use cwmp::{EnvelopeRef, Kind};

use crate::conformance::rule::{BOTH, a3};
use crate::conformance::{Findings, Rule, Scope, Seen, SessionFacts};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&IN_1_0, &OF_LATER];

/// A 1.0 session has what 1.0 has.
const IN_1_0: Rule = Rule {
    blame: BOTH,
    versions: "1.0",
    cites: &[a3("3.7.2.1"), a3("Annex A")],
    demands: "In a session in the namespace of 1.0 neither side uses a method, event or fault code that 1.0 does not have.",
    why: "The other side has said that it knows 1.0 and no more: it answers the method with fault 9000 or 8000, ignores the event, and \
          takes the code for any failure.",
    mend_cpe: "Where you speak 1.0, or InformResponse was in 1.0, leave out 10 AUTONOMOUS TRANSFER COMPLETE and all that came later.",
    mend_acs: "Ask a 1.0 device with the methods of 1.0: Download in place of ScheduleDownload, GetQueuedTransfers in place of \
               GetAllQueuedTransfers.",
    bad: "xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\" ... <cwmp:ScheduleDownload>",
    good: "xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\" ... <cwmp:Download>",
    related: &["VER-014"],
    wireshark: "xml contains \"cwmp-1-0\" && xml contains \"ScheduleDownload\"",
    ..Rule::must("VER-006", "nothing-younger-in-1-0", Scope::Session)
};

/// What the other side may not know.
const OF_LATER: Rule = Rule {
    blame: BOTH,
    versions: "1.1 and later",
    cites: &[a3("3.5"), a3("3.7.2.1")],
    demands: "A method, event or fault code that is younger than the version of the other side's namespace may not be understood.",
    why: "Nothing is forbidden here, but the method mostly comes back as fault 9000 or 8000, and an unknown event is ignored: a task \
          that fails on one model alone often has this cause.",
    mend_cpe: "Expect no answer to events that the ACS's version lacks.",
    mend_acs: "Look at the namespace of the Inform, or ask with GetRPCMethods, before you use a newer method.",
    bad: "Inform in ...cwmp-1-1\n<cwmp:ScheduleDownload> in ...cwmp-1-2",
    good: "Inform in ...cwmp-1-2\n<cwmp:ScheduleDownload> in ...cwmp-1-2",
    related: &["VER-006"],
    wireshark: "xml contains \"cwmp-1-1\"",
    ..Rule::heuristic("VER-014", "younger-than-peer", Scope::Session)
};

/// Looks at one message.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let Some(session) = seen.session.filter(|_| seen.is_cwmp()) else {
        return;
    };
    for envelope in seen.envelopes() {
        if matches!(envelope.kind(), Kind::Response | Kind::Empty) {
            continue;
        }
        let Some((rule, peer)) = judged_by(seen, session, &envelope) else {
            continue;
        };
        let Some((name, since)) = youngest(&envelope) else {
            continue;
        };
        if since > peer && (rule.code == IN_1_0.code || in_namespace_of(since) > peer) {
            let place = envelope.message().unwrap_or(envelope.element());
            let said = format!(
                "{name} is of {}, the other side speaks {}",
                since.name(),
                peer.name()
            );
            findings.add(seen.breaks_at(rule, place).because(said));
        }
    }
}

/// What the other side speaks, and what it makes of what is younger.
fn judged_by(
    seen: &Seen<'_>,
    session: &SessionFacts,
    envelope: &EnvelopeRef<'_>,
) -> Option<(&'static Rule, Version)> {
    let inform = session
        .inform
        .as_ref()
        .and_then(|inform| inform.soap.as_ref());
    let informed = inform.and_then(|document| document.envelope(0)?.version_hint())?;
    if informed == Version::V1_0 || session.answered_in_1_0 {
        // An Inform in a later version may come before it is known that the ACS speaks 1.0.
        return Some((&IN_1_0, Version::V1_0));
    }
    let peer = match seen.from() {
        Side::Acs => informed,
        Side::Cpe if envelope.message_name() != Some("Inform") => session.answered_in?,
        _ => return None,
    };
    Some((&OF_LATER, peer))
}

/// The least version whose namespace tells this one: 1.3 and 1.4 kept that of 1.2.
fn in_namespace_of(version: Version) -> Version {
    version.min(Version::V1_2)
}

/// What of a message came latest, by name.
fn youngest(envelope: &EnvelopeRef<'_>) -> Option<(String, Version)> {
    match envelope.kind() {
        Kind::Request => {
            if let Some(inform) = envelope.inform() {
                let events = inform.events().into_iter();
                let of_table = events.filter_map(|event| {
                    let code = event.code.trim();
                    let (_, since) = EVENTS.iter().find(|(one, _)| *one == code)?;
                    Some((code.to_owned(), *since))
                });
                return of_table.max_by_key(|(_, since)| *since);
            }
            let done = envelope.transfer_complete();
            let code = done.and_then(|done| of_code(done.fault_code.trim().parse().ok()?));
            let method = schema::method(envelope.method()?)?;
            code.or(Some((method.name.to_owned(), method.since)))
        }
        Kind::Fault => of_code(envelope.fault()?.code_number()?),
        Kind::Response | Kind::Empty => None,
    }
}

fn of_code(code: u32) -> Option<(String, Version)> {
    let (_, since) = CODES.iter().find(|(codes, _)| codes.contains(&code))?;
    Some((format!("fault code {code}"), *since))
}

/// Events that 1.0 does not have (TR-069 Amendment 2 and 3 table 7, Amendment 5 annex L).
const EVENTS: [(&str, Version); 7] = [
    ("10 AUTONOMOUS TRANSFER COMPLETE", Version::V1_1),
    ("11 DU STATE CHANGE COMPLETE", Version::V1_2),
    ("12 AUTONOMOUS DU STATE CHANGE COMPLETE", Version::V1_2),
    ("M ScheduleDownload", Version::V1_2),
    ("M ChangeDUState", Version::V1_2),
    ("13 WAKEUP", Version::V1_4),
    ("14 HEARTBEAT", Version::V1_4),
];
/// Fault codes that 1.0 does not have (TR-069 Amendment 2 and 3 tables 84 and 85, cwmp-1-4.xsd).
const CODES: [(std::ops::RangeInclusive<u32>, Version); 3] = [
    (9014..=9019, Version::V1_1),
    (9020..=9032, Version::V1_2),
    (8006..=8006, Version::V1_4),
];
