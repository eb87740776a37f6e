//! BINDING-CHANGE: when it is due, when it is not, and how it is repeated (TR-069 Amendment 3 section G.2.1.3).

use std::net::SocketAddr;

use stun::{Class, Message};

use super::known::Known;
use super::local::{AGAIN_NS, Answer, Due, Local};
use super::period::{SECOND_NS, seconds};
use super::watch::Asked;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Draft, Findings, Rule, Scope};
use crate::session::{Datagram, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&DUE, &UNCALLED, &REPEATED, &GIVEN_UP, &SAME_ID];

const DUE: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[a3("G.2.1.3"), cite("TR-111", "2.2.1.3")],
    demands: "When the device first learns its mapped address behind a NAT, and whenever that changes, it sends at once a request with BINDING-CHANGE.",
    why: "An ACS that follows bindings by STUN learns of a new one only by BINDING-CHANGE. Without it every Connection Request goes to \
          the port of before until the next periodic Inform, often a day later.",
    mend_cpe: "Compare each MAPPED-ADDRESS with the last; where it differs, send a request with CONNECTION-REQUEST-BINDING and BINDING-CHANGE at once.",
    bad: "Binding Response: MAPPED-ADDRESS 203.0.113.9:40000\nBinding Response: MAPPED-ADDRESS 203.0.113.9:51234\nBinding Request: CONNECTION-REQUEST-BINDING        a minute later",
    good: "Binding Response: MAPPED-ADDRESS 203.0.113.9:40000\nBinding Response: MAPPED-ADDRESS 203.0.113.9:51234\nBinding Request: CONNECTION-REQUEST-BINDING, BINDING-CHANGE        at once",
    related: &["STUN-026", "STUN-039"],
    wireshark: "classicstun.att.type == 0x0001 || udp contains c0:02:00:00",
    of_absence: true,
    ..Rule::must("STUN-025", "binding-change-missing", Scope::Device)
};

const UNCALLED: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.3"), cite("TR-111", "2.2.1.3")],
    demands: "BINDING-CHANGE comes with the first mapping, with each change of it and in the answer to a 401, and in no other request.",
    why: "A server takes each for a change and asks for authentication: with BINDING-CHANGE in every keep-alive the traffic triples, and \
          the ACS's database is written for nothing once a minute and device.",
    mend_cpe: "Send BINDING-CHANGE once for each change, and keep-alives without it.",
    bad: "Binding Request: CONNECTION-REQUEST-BINDING, BINDING-CHANGE        every 30 s",
    good: "Binding Request: CONNECTION-REQUEST-BINDING                        every 30 s",
    related: &["STUN-025"],
    wireshark: "udp contains c0:02:00:00",
    ..Rule::must("STUN-026", "binding-change-without-a-change", Scope::Device)
};

const REPEATED: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[a3("G.2.1.3"), cite("RFC 3489", "9.3")],
    demands: "A request with BINDING-CHANGE that gets no answer is sent again with the same transaction id, nine times at most, within 9.5 seconds.",
    why: "It tells of a change once. Where its datagram is lost and never repeated, the ACS keeps the old address; where each repeat has a \
          new id, the server handles the change several times and the device waits for answers to requests it has forgotten.",
    mend_cpe: "Repeat the same bytes after 100, 300, 700, 1500, 3100, 4700, 6300 and 7900 ms, until an answer comes.",
    bad: "BINDING-CHANGE, transaction 5b0e...\nBINDING-CHANGE, transaction 91c3...        no answer in between",
    good: "BINDING-CHANGE, transaction 5b0e...\nBINDING-CHANGE, transaction 5b0e...        100 ms later",
    related: &["STUN-029", "STUN-043"],
    wireshark: "udp contains c0:02:00:00",
    of_absence: true,
    ..Rule::must("STUN-028", "binding-change-not-repeated", Scope::Device)
};

const GIVEN_UP: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[a3("G.2.1.3"), cite("TR-111", "2.2.1.3")],
    demands: "When all repeats of a BINDING-CHANGE went unanswered, the device sends no other until its mapping changes again.",
    why: "A server that is down gets its whole fleet's changes over and over; when it comes back, it drowns in them.",
    mend_cpe: "After the last repeat go on with plain keep-alives.",
    bad: "9 x BINDING-CHANGE, no answer\n9 x BINDING-CHANGE a minute later, no change in between",
    good: "9 x BINDING-CHANGE, no answer\nBinding Request: CONNECTION-REQUEST-BINDING        a minute later",
    related: &["STUN-028"],
    wireshark: "udp contains c0:02:00:00",
    of_absence: true,
    ..Rule::must("STUN-029", "binding-change-after-failure", Scope::Device)
};

const SAME_ID: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 3489", "9.3")],
    demands: "A transaction id comes again only in a repeat of the same request.",
    why: "Servers handle one id once: to the second request with it they send the first one's answer again, or none, and a device \
          whose id never changes cannot tell an old answer from a new one.",
    mend_cpe: "Draw 16 random bytes for each new request; keep them for its repeats alone.",
    bad: "12:00:00 Binding Request 00010203...\n12:01:00 Binding Request 00010203...",
    good: "12:00:00 Binding Request 5b0e7c91...\n12:01:00 Binding Request 91c34d07...",
    related: &["STUN-028"],
    wireshark: "classicstun.type == 0x0001",
    ..Rule::heuristic("STUN-043", "stun-transaction-id-reused", Scope::Device)
};

/// A request whose transaction id was there before.
pub(super) fn again(
    local: &mut Local,
    at: usize,
    hash: u64,
    asked: &Asked<'_>,
    findings: &mut Findings,
) {
    let now_ns = asked.time_ns();
    let Some(transaction) = local.transactions.get_mut(at) else {
        return;
    };
    // The same packet, captured twice.
    if now_ns.saturating_sub(transaction.last_ns) < SAME_PACKET_NS && hash == transaction.hash {
        return;
    }
    let since_ns = now_ns.saturating_sub(transaction.first_ns);
    let other = hash != transaction.hash;
    let repeats_ns = match asked.message.form {
        stun::Form::Rfc5389 => MODERN_REPEATS_NS,
        _ => REPEATS_NS,
    };
    let draft = |rule| Draft::of_datagram(rule, asked.datagram).shown_in(&transaction.frames);
    if other || since_ns > repeats_ns {
        let what = if other {
            "with other content"
        } else {
            "long after it ended"
        };
        let said = format!(
            "the transaction id of {} before comes again {what}",
            seconds(since_ns)
        );
        findings.add(draft(&SAME_ID).payload(4..20).because(said));
        // Whatever this is, it is another request.
        transaction.hash = hash;
        transaction.first_ns = now_ns;
        transaction.last_ns = now_ns;
        transaction.sent = 1;
        transaction.answer = None;
        transaction.sealed = asked.message.has(stun::kind::MESSAGE_INTEGRITY);
        return;
    }
    transaction.last_ns = now_ns;
    transaction.sent = transaction.sent.saturating_add(1);
    if transaction.changes && transaction.sent == SENT_MAX + 1 && transaction.answer.is_none() {
        let said = format!(
            "the request is sent {} times within {}",
            transaction.sent,
            seconds(since_ns)
        );
        findings.add(draft(&REPEATED).because(said));
    }
}

/// Looks at a request that repeats no other.
pub(super) fn look(local: &mut Local, asked: &Asked<'_>, findings: &mut Findings) {
    let now_ns = asked.time_ns();
    let started = local
        .change
        .last_ns
        .is_some_and(|last| asked.known.is_some_and(|known| known.started_after(last)));
    let elsewhere = local.server != asked.datagram.destination;
    if asked.message.has_binding_change() {
        if !started && !elsewhere {
            unanswered(local, asked, findings);
        }
        local.change.due = None;
        local.change.last_ns = Some(now_ns);
        local.change.seen = local.change.seen.saturating_add(1);
        local.change.called_for |= started || elsewhere || local.change.seen == 1;
        return;
    }
    not_repeated(local, asked, findings);
    let Some(due) = &local.change.due else {
        return;
    };
    if local.lost_since(due.since_ns) {
        local.change.due = None;
        return;
    }
    if now_ns.saturating_sub(due.since_ns) <= AGAIN_NS {
        return;
    }
    let said = match due.from {
        Some(from) => format!(
            "the mapped address changed from {from} to {} {} before, and no BINDING-CHANGE followed",
            due.to,
            seconds(now_ns.saturating_sub(due.since_ns))
        ),
        None => format!(
            "the first mapped address is {}, told {} before, and no BINDING-CHANGE followed",
            due.to,
            seconds(now_ns.saturating_sub(due.since_ns))
        ),
    };
    let draft = Draft::of_datagram(&DUE, asked.datagram).shown_in(&due.frames);
    findings.add(draft.at_most(Severity::Warning).because(said));
    local.change.due = None;
}

/// BINDING-CHANGE behind another that nothing answered: STUN-028 within its time, STUN-029 behind it.
fn unanswered(local: &Local, asked: &Asked<'_>, findings: &mut Findings) {
    let now_ns = asked.time_ns();
    let mut before = local.transactions.iter().rev().filter(|one| one.changes);
    let Some(last) = before.next() else { return };
    let both_ways = local.responses > 0;
    if last.answer.is_some() || !both_ways || local.lost_since(last.first_ns) {
        return;
    }
    // The 401 in between may be what the capture lacks.
    let reseals = asked.message.has(stun::kind::MESSAGE_INTEGRITY) && !last.sealed;
    let since_ns = now_ns.saturating_sub(last.first_ns);
    let draft = |rule| Draft::of_datagram(rule, asked.datagram).shown_in(&last.frames);
    if reseals {
        return;
    }
    if since_ns < FAILED_NS {
        let said = format!(
            "BINDING-CHANGE comes again after {} with another transaction id",
            seconds(since_ns)
        );
        findings.add(draft(&REPEATED).payload(4..20).because(said));
        return;
    }
    let changed = local
        .mapped
        .back()
        .is_some_and(|mapped| mapped.since_ns > last.first_ns);
    if !changed && last.sent > 1 {
        let said = format!(
            "the BINDING-CHANGE of {} before failed, and another one comes",
            seconds(since_ns)
        );
        findings.add(draft(&GIVEN_UP).because(said));
    }
}

/// STUN-028: BINDING-CHANGE went unanswered, was sent once only, and the server answers nothing else either.
fn not_repeated(local: &Local, asked: &Asked<'_>, findings: &mut Findings) {
    let mut back = local.transactions.iter().rev();
    let (Some(last), Some(change)) = (back.next(), back.next()) else {
        return;
    };
    // The server's silence to a second request tells that the first answer was not lost by the capture alone.
    let silent = last.answer.is_none() && !last.changes;
    let once = change.changes && change.sent == 1 && change.answer.is_none();
    let over = last.first_ns.saturating_sub(change.first_ns) > FAILED_NS;
    if silent && once && over && local.responses > 0 && !local.lost_since(change.first_ns) {
        let draft = Draft::of_datagram(&REPEATED, asked.datagram).shown_in(&change.frames);
        findings.add(draft.because("BINDING-CHANGE got no answer and was sent once only"));
    }
}

/// Looks at an answer before it is taken into account.
pub(super) fn answered(
    local: &mut Local,
    at: usize,
    message: &Message,
    datagram: &Datagram,
    known: Option<&Known>,
    findings: &mut Findings,
) {
    let Some(transaction) = local.transactions.get(at) else {
        return;
    };
    if message.class() == Class::ErrorResponse || datagram.source != local.server {
        return;
    }
    let Some(mapped) = message.mapped_address() else {
        return;
    };
    let first_answer = transaction.answer != Some(Answer::Granted);
    let changes = transaction.changes;
    let frames = transaction.frames.clone();
    let before = local.mapped_now();
    let moved = before.filter(|before| *before != mapped);
    if changes && first_answer {
        called_for(local, moved.is_some(), datagram, &frames, findings);
        return;
    }
    let first = before.is_none() && first_mapping(local, mapped, known);
    if moved.is_some() || first {
        local.change.called_for = true;
        local.change.due.get_or_insert(Due {
            since_ns: datagram.time.nanoseconds,
            from: moved,
            to: mapped,
            frames: datagram.frames.clone(),
        });
    }
}

/// The first mapping of a device that the capture saw start a moment before, behind a NAT.
fn first_mapping(local: &Local, mapped: SocketAddr, known: Option<&Known>) -> bool {
    let started = known.and_then(|known| known.started_ns);
    let lately = started.is_some_and(|started| {
        let since_ns = local.first_ns.saturating_sub(started);
        (0..START_NS).contains(&since_ns)
    });
    lately && mapped != local.address && local.change.seen == 0
}

/// STUN-026, judged when the answer shows that nothing has changed.
fn called_for(
    local: &mut Local,
    moved: bool,
    datagram: &Datagram,
    request: &[crate::source::FrameId],
    findings: &mut Findings,
) {
    let called_for = std::mem::take(&mut local.change.called_for);
    if called_for || moved || local.unseen_ns.is_some() {
        local.change.uncalled = 0;
        return;
    }
    local.change.uncalled = local.change.uncalled.saturating_add(1);
    // One that nothing explains may tell of two changes whose answers the capture lacks.
    if local.change.uncalled < 2 {
        return;
    }
    let mapped = local.mapped_now();
    let place = mapped.map_or_else(String::new, |mapped| format!(" at {mapped}"));
    let said = format!(
        "the binding stands{place}, as the answer shows, and the request has BINDING-CHANGE again"
    );
    let draft = Draft::of_datagram(&UNCALLED, datagram);
    let mut draft = draft.only_in(request).because(said);
    if let Some(device) = &local.device {
        draft = draft.device(device);
    }
    findings.add(draft);
}

/// Sends of one request (RFC 3489 section 9.3).
const SENT_MAX: u32 = 9;
/// Nanoseconds after which it has failed.
const FAILED_NS: i64 = 9_500_000_000;
/// Nanoseconds after which nothing is a repeat of it any more.
const REPEATS_NS: i64 = 15 * SECOND_NS;
/// The same in RFC 5389, whose last request comes 31.5 s behind the first (section 7.2.1).
const MODERN_REPEATS_NS: i64 = 40 * SECOND_NS;
/// Nanoseconds between the two sights of one packet on two interfaces.
const SAME_PACKET_NS: i64 = 5_000_000;
/// Nanoseconds behind a start within which a binding is its first.
const START_NS: i64 = 300 * SECOND_NS;
