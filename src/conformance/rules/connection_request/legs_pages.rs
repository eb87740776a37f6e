//! The pages of the rules about what ACS and device say to each other over a Connection Request.

use crate::conformance::rule::{ACS, BOTH, CPE, a3};
use crate::conformance::{Rule, Scope};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &VERSION,
    &TARGET,
    &NO_DIGEST,
    &SUCCESS_STATUS,
    &BODY_IN_ANSWER,
    &REFUSED_OTHERWISE,
    &RETRY_AFTER,
    &AGAIN_TOO_SOON,
    &ACCEPTED_FROM_ANYWHERE,
    &CHALLENGE_PLAIN,
    &BODY_IN_GET,
    &SLOW,
    &RATE,
];

pub(super) const VERSION: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.2.2")],
    demands: "A Connection Request is an HTTP 1.1 GET.",
    why: "The small server in a phone often knows nothing but `GET path HTTP/1.1`; it answers anything else with 400 or 405, or \
          closes, and the phone never comes.",
    mend_acs: "Send GET with HTTP/1.1, with a Host header field and without a body.",
    bad: "POST /f81d4fae HTTP/1.0",
    good: "GET /f81d4fae HTTP/1.1\nHost: 10.0.0.2:7547",
    related: &["CR-003", "CR-018"],
    wireshark: "http.request.version == \"HTTP/1.0\"",
    ..Rule::must(
        "CR-001",
        "connection-request-is-http-1-1-get",
        Scope::Message,
    )
};

pub(super) const TARGET: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.2.2")],
    demands: "A Connection Request asks for the very path of the ConnectionRequestURL last reported.",
    why: "The path is the device's secret against strangers. An ACS that leaves it out, or still has that of an earlier Inform, is \
          answered with 404 or 401 although user and password are right.",
    mend_acs: "Take ConnectionRequestURL from the last Inform, byte for byte, and replace it whenever an Inform brings another.",
    bad: "ConnectionRequestURL http://10.0.0.2:7547/f81d4fae\nGET / HTTP/1.1",
    good: "ConnectionRequestURL http://10.0.0.2:7547/f81d4fae\nGET /f81d4fae HTTP/1.1",
    related: &["CR-021", "FIELD-014"],
    wireshark: "http.request.method == \"GET\" && http.authorization",
    ..Rule::must("CR-003", "connection-request-target", Scope::Message)
};

pub(super) const NO_DIGEST: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2"), a3("3.4.5")],
    demands: "A device serves a Connection Request only with Digest credentials.",
    why: "Without them anybody who finds the port makes the phone open sessions; with Basic the password crosses the network in \
          clear text. Port 7547 is scanned from the Internet all day.",
    mend_cpe: "Answer a GET without Authorization with 401 and a Digest challenge; refuse Basic.",
    bad: "GET /f81d4fae HTTP/1.1\n\nHTTP/1.1 200 OK",
    good: "GET /f81d4fae HTTP/1.1\n\nHTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest realm=\"phone\", nonce=\"...\", qop=\"auth\"",
    related: &["CR-017"],
    wireshark: "http.www_authenticate contains \"Basic\"",
    ..Rule::must("CR-004", "connection-request-needs-digest", Scope::Exchange)
};

pub(super) const SUCCESS_STATUS: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "A Connection Request that is agreed to is answered with 200 or 204.",
    why: "An ACS waits for 200 or 204 and takes 201 or 202 for a failure: it reports the phone as unreachable, or asks again and \
          again, while the phone comes each time.",
    mend_cpe: "Answer 200 or 204 with an empty body.",
    bad: "HTTP/1.1 202 Accepted",
    good: "HTTP/1.1 204 No Content",
    related: &["CR-006", "CR-010"],
    wireshark: "http.response.code >= 201 && http.response.code < 300 && http.response.code != 204",
    ..Rule::must(
        "CR-005",
        "connection-request-success-status",
        Scope::Exchange,
    )
};

pub(super) const BODY_IN_ANSWER: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "The answer that agrees to a Connection Request has an empty body.",
    why: "The device's web server adds its page. It works with most ACSs; some read the body as an error text, or keep the \
          connection open until all of it has come.",
    mend_cpe: "Send Content-Length: 0 with 200, or 204.",
    bad: "HTTP/1.1 200 OK\nContent-Length: 20\n\n<html>Welcome</html>",
    good: "HTTP/1.1 200 OK\nContent-Length: 0",
    related: &["CR-005"],
    wireshark: "http.response.code == 200 && http.content_length > 0",
    ..Rule::must(
        "CR-006",
        "connection-request-answer-is-empty",
        Scope::Exchange,
    )
};

pub(super) const REFUSED_OTHERWISE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "A device that cannot come now, or was asked too often, answers 503.",
    why: "503 tells the ACS to try later. Any other status reads as \"wrong password\" or \"broken\", and the ACS gives the device up or \
          an operator changes credentials that were right.",
    mend_cpe: "Answer 503 without Retry-After while busy or over the rate limit.",
    bad: "GET /f81d4fae HTTP/1.1\nAuthorization: Digest ...\n\nHTTP/1.1 403 Forbidden",
    good: "GET /f81d4fae HTTP/1.1\nAuthorization: Digest ...\n\nHTTP/1.1 503 Service Unavailable",
    related: &["CR-011", "CR-016"],
    wireshark: "http.response.code == 403 || http.response.code >= 500",
    ..Rule::must(
        "CR-010",
        "connection-request-refused-with-503",
        Scope::Exchange,
    )
};

pub(super) const RETRY_AFTER: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "A 503 to a Connection Request has no Retry-After.",
    why: "An HTTP library in the ACS may obey it and hold the next Connection Request back for longer than the operator expects.",
    mend_cpe: "Leave Retry-After out.",
    bad: "HTTP/1.1 503 Service Unavailable\nRetry-After: 3600",
    good: "HTTP/1.1 503 Service Unavailable\nContent-Length: 0",
    related: &["CR-010"],
    wireshark: "http.response.code == 503 && http.response.line contains \"Retry-After\"",
    ..Rule::should(
        "CR-011",
        "connection-request-503-without-retry-after",
        Scope::Message,
    )
};

pub(super) const AGAIN_TOO_SOON: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.2.2")],
    demands: "An ACS waits 30 seconds for the session before it sends another Connection Request.",
    why: "The device has 30 seconds. Asking again in between fills its rate limit, so that it answers 503 to the request that \
          matters, or opens a second session for nothing.",
    mend_acs: "Wait 30 seconds after 200 or 204 before the next attempt.",
    bad: "08:00:00 GET ... 200 OK\n08:00:05 GET ... 200 OK",
    good: "08:00:00 GET ... 200 OK\n08:00:31 GET ... 200 OK",
    related: &["CR-014", "CR-023"],
    wireshark: "http.request.method == \"GET\" && http.authorization",
    ..Rule::heuristic("CR-015", "connection-request-again-too-soon", Scope::Device)
};

pub(super) const ACCEPTED_FROM_ANYWHERE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "A device serves a Connection Request with right credentials whatever address it comes from.",
    why: "An ACS has many nodes, and its address changes. A device that serves only the address of its ACS URL answers one node \
          and refuses the next: Connection Requests work now and then.",
    mend_cpe: "Decide by the credentials, not by the source address.",
    bad: "from 198.51.100.1: 200 OK\nfrom 198.51.100.2, same credentials: 403 Forbidden",
    good: "from 198.51.100.1: 200 OK\nfrom 198.51.100.2, same credentials: 200 OK",
    related: &["CR-010"],
    wireshark: "http.response.code == 403",
    ..Rule::must(
        "CR-016",
        "connection-request-from-any-address",
        Scope::Device,
    )
};

pub(super) const CHALLENGE_PLAIN: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.5")],
    demands: "The device's Digest challenge offers qop auth and MD5.",
    why: "Without qop the answer has no client nonce and can be replayed; with another algorithm than MD5 most ACSs cannot answer.",
    mend_cpe: "Send qop=\"auth\" and algorithm=MD5, or leave algorithm out.",
    bad: "WWW-Authenticate: Digest realm=\"phone\", nonce=\"5ccc069c\"",
    good: "WWW-Authenticate: Digest realm=\"phone\", nonce=\"5ccc069c\", qop=\"auth\", algorithm=MD5",
    related: &["CR-004"],
    wireshark: "http.www_authenticate",
    ..Rule::heuristic(
        "CR-017",
        "connection-request-challenge-without-qop",
        Scope::Message,
    )
};

pub(super) const BODY_IN_GET: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.2.2")],
    demands: "A Connection Request carries no data, and a device ignores what comes all the same.",
    why: "A GET with a body confuses the small server in the device: what is left over is read as the next request, and the \
          connection ends with 400.",
    mend_acs: "Send the GET without Content-Length and body.",
    mend_cpe: "Read a body and forget it.",
    bad: "GET /f81d4fae HTTP/1.1\nContent-Length: 2\n\n{}",
    good: "GET /f81d4fae HTTP/1.1\nHost: 10.0.0.2:7547",
    related: &["CR-001"],
    wireshark: "http.request.method == \"GET\" && http.content_length > 0",
    ..Rule::should("CR-018", "connection-request-without-body", Scope::Exchange)
};

pub(super) const SLOW: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "The device answers a Connection Request at once, before it opens the session.",
    why: "The device answers only when the session is over, or looks something up first. The ACS runs into its timeout and reports \
          the device as unreachable while its session is running.",
    mend_cpe: "Send the answer as soon as the credentials are right.",
    bad: "08:00:00 GET ...\n08:00:40 200 OK",
    good: "08:00:00 GET ...\n08:00:00 200 OK",
    related: &["CR-007"],
    wireshark: "http.time > 5",
    ..Rule::heuristic(
        "CR-022",
        "connection-request-answer-is-slow",
        Scope::Exchange,
    )
};

pub(super) const RATE: Rule = Rule {
    severity: Some(Severity::Info),
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "A device limits how many Connection Requests it agrees to in a time.",
    why: "Without a limit whoever knows the credentials keeps the device in sessions, and calls suffer.",
    mend_cpe: "Agree to a few in a minute and answer 503 to more.",
    bad: "11 times within a minute: GET ... 200 OK",
    good: "GET ... 200 OK\n(some times)\nGET ... 503 Service Unavailable",
    related: &["CR-015"],
    wireshark: "http.request.method == \"GET\" && http.authorization",
    ..Rule::should("CR-023", "connection-request-rate-limit", Scope::Device)
};
