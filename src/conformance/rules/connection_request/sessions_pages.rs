//! The pages of the rules about the sessions that Connection Requests bring.

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Rule, Scope};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &ANSWER_FIRST,
    &WITHIN_THIRTY_SECONDS,
    &NOT_UNAUTHENTICATED,
    &NOT_AFTER_503,
    &IN_SESSION,
    &ONE_SESSION,
    &UNSEEN_REQUEST,
];

pub(super) const ANSWER_FIRST: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "The device answers a Connection Request before it opens the session.",
    why: "An ACS that waits for the answer with its session code locked gets the Inform first, and either refuses it or treats it as a \
          session that nobody asked for.",
    mend_cpe: "Send 200 or 204 first, then connect.",
    bad: "GET /f81d4fae\nPOST /acs  Inform 6 CONNECTION REQUEST\n200 OK",
    good: "GET /f81d4fae\n200 OK\nPOST /acs  Inform 6 CONNECTION REQUEST",
    related: &["CR-022"],
    wireshark: "http.request.method == \"GET\" || xml.cdata contains \"6 CONNECTION REQUEST\"",
    ..Rule::must("CR-007", "connection-request-answered-first", Scope::Device)
};

pub(super) const WITHIN_THIRTY_SECONDS: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "A device that agrees to a Connection Request connects to its ACS within 30 seconds and informs with 6 CONNECTION REQUEST.",
    why: "The device says yes and does not come, or comes without the event: the ACS waits, times out, and shows a device that \
          answers but cannot be managed.",
    mend_cpe: "Start the session from the handler of the Connection Request, whatever timer or retry is running, and put the event in.",
    bad: "GET /f81d4fae  200 OK\n(no session for 30 s)",
    good: "GET /f81d4fae  200 OK\nPOST /acs  Inform 6 CONNECTION REQUEST",
    related: &["CR-013"],
    wireshark: "http.request.method == \"GET\" || xml.cdata contains \"6 CONNECTION REQUEST\"",
    of_absence: true,
    ..Rule::must("CR-008", "connection-request-brings-session", Scope::Device)
};

pub(super) const NOT_UNAUTHENTICATED: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "A Connection Request that fails authentication brings no session.",
    why: "The device starts its session on any GET and checks the password afterwards, or not at all: whoever finds the port can \
          keep it busy.",
    mend_cpe: "Start the session only after the Digest response was found right.",
    bad: "GET /f81d4fae  401 Unauthorized\nPOST /acs  Inform 6 CONNECTION REQUEST",
    good: "GET /f81d4fae  401 Unauthorized\n(nothing)",
    related: &["CR-004"],
    wireshark: "http.response.code == 401",
    of_absence: true,
    ..Rule::must("CR-009", "no-session-without-authentication", Scope::Device)
};

pub(super) const NOT_AFTER_503: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "A Connection Request that was answered with 503 brings no session.",
    why: "The ACS has noted a refusal and asks again later; the session that comes all the same finds nothing prepared for it, and \
          the later one is one too many.",
    mend_cpe: "Forget the request when 503 is sent; answer 200 if a session is to follow.",
    bad: "GET /f81d4fae  503 Service Unavailable\nPOST /acs  Inform 6 CONNECTION REQUEST",
    good: "GET /f81d4fae  200 OK\nPOST /acs  Inform 6 CONNECTION REQUEST",
    related: &["CR-010", "CR-013"],
    wireshark: "http.response.code == 503",
    of_absence: true,
    ..Rule::must("CR-012", "no-session-after-503", Scope::Device)
};

pub(super) const IN_SESSION: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2.1")],
    demands: "A Connection Request during a session does not end it: the device answers 503, or agrees and opens one new session behind it.",
    why: "The device drops what it is doing (a half-applied configuration, a firmware download) or forgets the request it said \
          yes to; the ACS finds a failed session, or waits for one that never comes.",
    mend_cpe: "Answer 503 while a session is open, or remember the request and open a session as soon as the present one is over.",
    bad: "POST /acs  (session running)\nGET /f81d4fae  200 OK\n(FIN from the device in the middle of the session)",
    good: "POST /acs  (session running)\nGET /f81d4fae  503 Service Unavailable",
    related: &["CR-008", "CR-012"],
    wireshark: "http.request.method == \"GET\"",
    of_absence: true,
    ..Rule::must("CR-013", "connection-request-in-session", Scope::Device)
};

pub(super) const ONE_SESSION: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2.1")],
    demands: "Several Connection Requests before the session begins bring one session.",
    why: "An ACS asks twice when the first answer is slow. A device that queues each request opens one empty session after the other \
          and answers 503 in between.",
    mend_cpe: "Keep one flag, not a queue: the session that begins serves all requests before it.",
    bad: "GET  200 OK\nGET  200 OK\nInform 6 CONNECTION REQUEST ...\nInform 6 CONNECTION REQUEST ...",
    good: "GET  200 OK\nGET  200 OK\nInform 6 CONNECTION REQUEST ...",
    related: &["CR-015"],
    wireshark: "xml.cdata contains \"6 CONNECTION REQUEST\"",
    of_absence: true,
    ..Rule::must(
        "CR-014",
        "connection-requests-bring-one-session",
        Scope::Device,
    )
};

pub(super) const UNSEEN_REQUEST: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "An Inform with 6 CONNECTION REQUEST follows a Connection Request.",
    why: "Most often the request went another way than past this capture (another interface, XMPP). Where the capture is at the device \
          and shows everything, the device invents the event.",
    mend_cpe: "If the capture holds all of the device's traffic: set the event only in the handler of the Connection Request.",
    bad: "(no GET, no UDP Connection Request)\nInform 6 CONNECTION REQUEST",
    good: "GET /f81d4fae  200 OK\nInform 6 CONNECTION REQUEST",
    related: &["CR-009"],
    wireshark: "xml.cdata contains \"6 CONNECTION REQUEST\"",
    of_absence: true,
    ..Rule::heuristic("CR-019", "connection-request-not-captured", Scope::Device)
};
