//! M events and the requests that they stand for.

use super::ledger::{Ledger, Next, Operation, Told};
use super::table::{BOOT, BOOTSTRAP, Kind};
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&OTHER_KEY, &NOT_ASKED, &AGAIN, &DISCARDED, &EACH_REBOOT];

/// The key is that of the request.
const OTHER_KEY: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 37")],
    demands: "The CommandKey of an M event is that of the request which it answers.",
    why: "The ACS finds its job by the key. With an empty or another one the job stays open until it times out, and the next run downloads \
          the same firmware again.",
    mend_cpe: "Store the CommandKey with the operation, beyond a restart, and copy it unchanged.",
    bad: "<cwmp:Reboot><CommandKey>k1</CommandKey>\n<EventCode>M Reboot</EventCode><CommandKey></CommandKey>",
    good: "<cwmp:Reboot><CommandKey>k1</CommandKey>\n<EventCode>M Reboot</EventCode><CommandKey>k1</CommandKey>",
    related: &["EVT-006", "EVT-012"],
    wireshark: "xml contains \"<CommandKey>\"",
    of_absence: true,
    ..Rule::must("EVT-007", "m-event-key-of-request", Scope::Device)
};

/// Nobody asked for it.
const NOT_ASKED: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[a3("Table 7")],
    demands: "An M event stands for a request of the ACS.",
    why: "An ACS that believes it closes a job that never ran, or writes a reboot of its own into the log while the phone restarts by \
          itself: the real fault stays hidden.",
    mend_cpe: "Give M events for requests of the ACS only; a restart of the device's own is 1 BOOT alone.",
    bad: "(no Reboot)\n<EventCode>1 BOOT</EventCode>\n<EventCode>M Reboot</EventCode><CommandKey></CommandKey>",
    good: "(no Reboot)\n<EventCode>1 BOOT</EventCode>",
    related: &["EVT-007", "EVT-013"],
    wireshark: "xml contains \"<EventCode>M \"",
    of_absence: true,
    ..Rule::heuristic("EVT-012", "m-event-was-asked-for", Scope::Device)
};

/// What arrived does not come again.
const AGAIN: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.5")],
    demands: "An event that was delivered is not announced again.",
    why: "The ACS counts a second reboot or transfer that never was; where a rule of the ACS hangs on the event, it runs in every session.",
    mend_cpe: "Delete the event from the stored list when the response that delivers it has come.",
    bad: "Inform with 1 BOOT, M Reboot (k1); InformResponse; the session goes on\nnext Inform: 1 BOOT, M Reboot (k1)",
    good: "Inform with 1 BOOT, M Reboot (k1); InformResponse; the session goes on\nnext Inform: 2 PERIODIC",
    related: &["EVT-012", "EVT-026"],
    wireshark: "xml contains \"<EventCode>M \"",
    of_absence: true,
    ..Rule::must("EVT-013", "delivered-event-not-repeated", Scope::Device)
};

/// A bootstrap forgets what was not delivered.
const DISCARDED: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[a3("Table 7"), a3("3.7.1.5")],
    demands: "0 BOOTSTRAP discards the events that were not delivered before it.",
    why: "A new ACS gets news of jobs that another one gave: it finds no such key, refuses the TransferComplete, and the device comes \
          back with it again and again.",
    mend_cpe: "Empty the stored list of events when 0 BOOTSTRAP arises.",
    bad: "Inform with 7 TRANSFER COMPLETE, M Download (d1) fails\n(factory reset)\nInform with 0 BOOTSTRAP, 7 TRANSFER COMPLETE, M Download (d1)",
    good: "Inform with 7 TRANSFER COMPLETE, M Download (d1) fails\n(factory reset)\nInform with 0 BOOTSTRAP, 1 BOOT",
    related: &["EVT-018", "CWMP-FR-001"],
    wireshark: "xml contains \"0 BOOTSTRAP\"",
    ..Rule::heuristic("EVT-017", "bootstrap-discards-older-events", Scope::Device)
};

/// Several Reboots make one boot.
const EACH_REBOOT: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.3.2.9")],
    demands: "Several Reboots in one session make one boot: the next Inform has 1 BOOT once and an M Reboot for each request.",
    why: "An ACS with two jobs that both ask for a reboot waits for two M Reboot, even where both have one key: with one of them the second \
          job reboots the phone again.",
    mend_cpe: "Keep one M Reboot for each request that was answered, and restart once when the session has ended.",
    bad: "<cwmp:Reboot>... r1, <cwmp:Reboot>... r1\nnext Inform: 1 BOOT, M Reboot (r1)",
    good: "<cwmp:Reboot>... r1, <cwmp:Reboot>... r1\nnext Inform: 1 BOOT, M Reboot (r1), M Reboot (r1)",
    related: &["CWMP-RBT-001"],
    wireshark: "xml contains \"Reboot\"",
    of_absence: true,
    ..Rule::must("EVT-019", "one-boot-each-reboot-told", Scope::Device)
};

/// Judges the M events of a session that closed.
pub(super) fn judge(ledger: &Ledger, next: &Next<'_>, findings: &mut Findings) {
    let told = next.told();
    if next.has(BOOTSTRAP) {
        discarded(ledger, next, &told, findings);
        return;
    }
    each_reboot(ledger, next, &told, findings);
    if told.is_empty() {
        return;
    }
    let mut free: Vec<Option<&Operation>> = ledger.operations.iter().map(Some).collect();
    let mut left: Vec<&Told> = Vec::new();
    for one in &told {
        let fits = |place: &&mut Option<&Operation>| {
            place.is_some_and(|asked| asked.kind == one.kind && asked.key == one.key)
        };
        match free.iter_mut().find(fits) {
            Some(place) => *place = None,
            None => left.push(one),
        }
    }
    for one in left.into_iter().take(TOLD_MAX) {
        unmatched(ledger, next, one, &free, findings);
    }
}

/// No request is open that this M event could stand for.
fn unmatched(
    ledger: &Ledger,
    next: &Next<'_>,
    told: &Told,
    free: &[Option<&Operation>],
    findings: &mut Findings,
) {
    let method = told.kind.method();
    let mut before = ledger.delivered.iter().rev();
    let before = before.find(|one| one.kind == told.kind && one.key == told.key);
    if let Some(before) = before {
        let calls = &next.closed.session.rpcs;
        let reported = |call| calls.iter().any(|rpc| rpc.method == call);
        if told.kind.call().is_some_and(reported) {
            // The report comes again too, which is a breach of its own (CWMP-TC-006).
            return;
        }
        // Without the beginning, an older request may have had the same key.
        if ledger.complete || !told.key.is_empty() {
            let draft = next.breaks(&AGAIN).rpc(method).because(format!(
                "M {method} ({}) was delivered in session {}, and comes again",
                told.key, before.session
            ));
            findings.add(if ledger.complete {
                draft
            } else {
                draft.at_most(Severity::Warning)
            });
        }
        return;
    }
    if !ledger.complete {
        return;
    }
    let mut open = free.iter().flatten();
    let open = open.find(|asked| asked.kind == told.kind && asked.open);
    let draft = match open {
        Some(asked) => next
            .breaks(&OTHER_KEY)
            .shown_in(&asked.frames)
            .because(format!(
                "M {method} has the CommandKey '{}', the {method} in session {} had '{}'",
                told.key, asked.session, asked.key
            )),
        None => next.breaks(&NOT_ASKED).because(format!(
            "no {method} with the CommandKey '{}' was asked for since 0 BOOTSTRAP",
            told.key
        )),
    };
    findings.add(draft.rpc(method));
}

fn discarded(ledger: &Ledger, next: &Next<'_>, told: &[Told], findings: &mut Findings) {
    for one in told.iter().take(TOLD_MAX) {
        let mut older = ledger.undelivered.iter();
        let older = older.find(|older| older.kind == one.kind && older.key == one.key);
        let Some(older) = older else {
            continue;
        };
        let asked_anew = ledger.operations.iter().any(|asked| {
            asked.kind == one.kind && asked.key == one.key && asked.session >= older.session
        });
        if !asked_anew {
            let method = one.kind.method();
            let draft = next.breaks(&DISCARDED).rpc(method);
            findings.add(draft.because(format!(
                "M {method} ({}) was announced and not delivered in session {}, and comes with 0 BOOTSTRAP",
                one.key, older.session
            )));
        }
    }
}

fn each_reboot(ledger: &Ledger, next: &Next<'_>, told: &[Told], findings: &mut Findings) {
    let Some(last) = ledger.last.as_ref().filter(|last| last.ended_well) else {
        return;
    };
    let mut asked = ledger.of_session(last.number, Kind::Reboot);
    let Some(first) = asked.next() else {
        return;
    };
    let asked = asked.count() + 1;
    let same_acs = last.acs == next.closed.session.acs.url;
    if asked < 2 || !last.whole || !same_acs || next.is_full() || next.closed.facts.issue_1 {
        return;
    }
    let of_reboot = told.iter().filter(|one| one.kind == Kind::Reboot).count();
    let boots = next.events.iter().filter(|(code, _)| code == BOOT).count();
    if of_reboot >= asked && boots == 1 {
        return;
    }
    let draft = next.breaks(&EACH_REBOOT).shown_in(&first.frames);
    findings.add(draft.rpc("Reboot").because(format!(
        "{asked} Reboots were answered in session {}, and the Inform behind it has 1 BOOT {boots} times and M Reboot {of_reboot} times",
        last.number
    )));
}

/// Findings about one Inform.
const TOLD_MAX: usize = 4;
