//! The pages of `kept`.

use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Rule, Scope};

/// Events whose call was not answered come again.
pub(super) const COMES_AGAIN: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.5"), a3("Table 7")],
    demands: "7, 10, 11 and 12 and the M events of their operations are delivered by the response to their call; without it they come again in \
              the next session.",
    why: "One dropped connection between InformResponse and TransferCompleteResponse, and the ACS never learns how the update ended: the \
          phone runs the new firmware while the job stands at `in progress`.",
    mend_cpe: "Clear these events when the response to their call has come, not when InformResponse has.",
    bad: "Inform with 7 TRANSFER COMPLETE, M Download; InformResponse; the connection breaks\nnext Inform: 2 PERIODIC",
    good: "Inform with 7 TRANSFER COMPLETE, M Download; InformResponse; the connection breaks\nnext Inform: 7 TRANSFER COMPLETE, M Download",
    related: &["SESS-039", "CWMP-TC-009", "EVT-015"],
    wireshark: "xml contains \"7 TRANSFER COMPLETE\" || xml contains \"TransferComplete\"",
    of_absence: true,
    ..Rule::must("EVT-014", "event-kept-until-call-answered", Scope::Device)
};

/// A Connection Request is not told twice.
pub(super) const KNOCK_RETRIED: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 7")],
    demands: "6 CONNECTION REQUEST is in one Inform only; a retry has it no more, unless the ACS has knocked again.",
    why: "An ACS that repeats its Connection Request until it is heard takes a late retry for the answer to a new one, and closes the wrong \
          job.",
    mend_cpe: "Clear 6 CONNECTION REQUEST when the Inform has gone out, whatever becomes of the session.",
    bad: "Inform with 6 CONNECTION REQUEST, 503\n7 s later: Inform with RetryCount 1 and 6 CONNECTION REQUEST",
    good: "Inform with 6 CONNECTION REQUEST, 503\n7 s later: Inform with RetryCount 1 and the other events",
    related: &["SESS-039", "CR-019"],
    wireshark: "xml contains \"6 CONNECTION REQUEST\"",
    of_absence: true,
    ..Rule::must(
        "EVT-016",
        "connection-request-event-not-retried",
        Scope::Device,
    )
};

/// A bootstrap is told until it is heard.
pub(super) const BOOTSTRAP_KEPT: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 7"), a3("3.7.1.5")],
    demands: "0 BOOTSTRAP is in each Inform until an InformResponse has come, beyond restarts too.",
    why: "The ACS provisions new devices on 0 BOOTSTRAP. Where the first one meets an ACS that is overloaded and the second is 1 BOOT, the \
          phone is never provisioned, and only a factory reset helps.",
    mend_cpe: "Store that the ACS has not answered yet, and give 0 BOOTSTRAP until InformResponse is there.",
    bad: "Inform with 0 BOOTSTRAP, 503 Service Unavailable\nnext Inform: 1 BOOT",
    good: "Inform with 0 BOOTSTRAP, 503 Service Unavailable\nnext Inform: 0 BOOTSTRAP, 1 BOOT",
    related: &["SESS-039", "EVT-026"],
    wireshark: "xml contains \"0 BOOTSTRAP\"",
    of_absence: true,
    ..Rule::must("EVT-018", "bootstrap-until-delivered", Scope::Device)
};

/// A bootstrap that never ends.
pub(super) const BOOTSTRAP_AGAIN: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.5"), a3("Table 7")],
    demands: "0 BOOTSTRAP comes no more when it has been delivered, until the device is reset or its ACS URL changes.",
    why: "The device does not store that its ACS knows it, or does not take the InformResponse for one: the ACS provisions it anew in each \
          session, and what the user has set is lost each time.",
    mend_cpe: "Store the ACS URL for which 0 BOOTSTRAP was delivered, and compare it at each start.",
    bad: "Inform with 0 BOOTSTRAP; InformResponse; the session goes on\nnext Inform: 0 BOOTSTRAP",
    good: "Inform with 0 BOOTSTRAP; InformResponse; the session goes on\nnext Inform: 2 PERIODIC",
    related: &["EVT-013", "EVT-018"],
    wireshark: "xml contains \"0 BOOTSTRAP\"",
    ..Rule::heuristic("EVT-026", "bootstrap-again-and-again", Scope::Device)
};

/// What arises between the attempts is told too.
pub(super) const JOINS_RETRY: Rule = Rule {
    blame: CPE,
    versions: "1.0 (Amendment 1) and later",
    cites: &[a3("Table 34"), cite("TR-069 Amendment 2", "Table 34")],
    demands: "What happens while a failed session waits for its retry is told in the Inform of that retry.",
    why: "The device agreed to the Connection Request of the ACS, and its Inform does not say so: the ACS goes on waiting for the session \
          that it has just had, and reports the phone as not reachable.",
    mend_cpe: "Build the list of events anew for each attempt: those that are undelivered, and those that came since.",
    bad: "Inform 503\nGET /f81d4fae  200 OK\nInform with RetryCount 1: 2 PERIODIC",
    good: "Inform 503\nGET /f81d4fae  200 OK\nInform with RetryCount 1: 2 PERIODIC, 6 CONNECTION REQUEST",
    related: &["CR-008", "SESS-039"],
    wireshark: "xml contains \"<RetryCount>\" || http.request.method == \"GET\"",
    of_absence: true,
    ..Rule::must("EVT-027", "new-event-joins-retry", Scope::Device)
};
