//! The pages of the rules about what a device does with a request.

use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Rule, Scope};
use crate::session::Cite;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&SILENT, &COMES, &IGNORES, &ONCE, &FORGETS];

const HANDLING: &[Cite] = &[a3("G.2.1.4"), cite("TR-111", "2.2.1.4")];

const SHOWS: &str = "(udp contains \"GET http\" && udp contains \"sig=\") || xml.cdata contains \"6 CONNECTION REQUEST\"";

pub(super) const SILENT: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.2.3"), a3("G.2.1.4"), cite("TR-111", "2.2.2.3")],
    demands: "The device sends no answer to a UDP Connection Request.",
    why: "Whoever can send a datagram with a false sender makes the phone send its 401 or 200 to a third party; and an ACS that reads \
          STUN on that socket takes the text for a broken message.",
    mend_cpe: "Read the datagram with the HTTP parser, and throw away what the HTTP server wants to answer.",
    bad: "198.51.100.1:3478 > 10.0.0.2:36000 GET http://...?ts=...\n10.0.0.2:36000 > 198.51.100.1:3478 HTTP/1.1 200 OK",
    good: "198.51.100.1:3478 > 10.0.0.2:36000 GET http://...?ts=...\n(a session)",
    related: &["UCR-018", "UCR-022"],
    wireshark: "udp contains \"HTTP/1.1 \" && !ssdp",
    ..Rule::must("UCR-017", "udp-request-answered", Scope::Device)
};

pub(super) const COMES: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.4"), a3("3.2.2"), cite("TR-111", "2.2.1.4")],
    demands: "A valid UDP Connection Request brings one session with 6 CONNECTION REQUEST within 30 seconds; one that comes during a session, behind that session.",
    why: "The request arrives and nothing happens: the phone keeps its binding alive but does not listen, compares the signature with the \
          wrong password, or came for another reason a moment before and forgot the event. The ACS shows a device that it cannot reach.",
    mend_cpe: "Look at the log of the STUN client: does the datagram arrive at the HTTP parser, with which password is the signature compared? Start a session with the event for each valid request.",
    bad: "GET http://...?ts=...&sig=...\n(no session for 30 s)",
    good: "GET http://...?ts=...&sig=...\nPOST /acs  Inform 6 CONNECTION REQUEST",
    related: &["UCR-022", "UCR-019", "CR-008"],
    wireshark: SHOWS,
    of_absence: true,
    ..Rule::must("UCR-018", "udp-request-brings-session", Scope::Device)
};

pub(super) const IGNORES: Rule = Rule {
    blame: CPE,
    cites: HANDLING,
    demands: "The device ignores a request that is not valid: with a wrong signature or user name, a ts that is not later than that of the last one it took, the same id, or another method than GET.",
    why: "The port is open to everybody on the Internet through the binding. A device that comes for any datagram, or twice for one that was \
          recorded, can be kept busy and sent to its ACS by a stranger at will.",
    mend_cpe: "Compare ts, id, un and sig before anything else is done, and drop what does not fit without a trace.",
    bad: "GET http://...?...&sig=0000000000000000000000000000000000000000\nPOST /acs  Inform 6 CONNECTION REQUEST",
    good: "GET http://...?...&sig=0000000000000000000000000000000000000000\n(nothing)",
    related: &["UCR-011", "UCR-014", "CR-009"],
    wireshark: SHOWS,
    of_absence: true,
    ..Rule::must("UCR-019", "udp-request-invalid-taken", Scope::Device)
};

pub(super) const ONCE: Rule = Rule {
    blame: CPE,
    cites: HANDLING,
    demands: "All copies of one request bring one session.",
    why: "The ACS sends each request three times. A device that takes each for a new one opens three sessions in a row, and the ACS finds \
          two of them with nothing to do, or refuses them.",
    mend_cpe: "Remember ts and id of the last request that was taken, and drop what has the same.",
    bad: "GET http://...?ts=1120673700&id=1234...\nthe same\nPOST /acs  Inform 6 CONNECTION REQUEST ...\nPOST /acs  Inform 6 CONNECTION REQUEST ...",
    good: "GET http://...?ts=1120673700&id=1234...\nthe same\nPOST /acs  Inform 6 CONNECTION REQUEST ...",
    related: &["UCR-012", "UCR-019", "CR-014"],
    wireshark: SHOWS,
    of_absence: true,
    ..Rule::must("UCR-024", "udp-request-one-session", Scope::Device)
};

pub(super) const FORGETS: Rule = Rule {
    blame: CPE,
    cites: HANDLING,
    demands: "A request that the device rejects leaves no trace: a valid one with a smaller ts is served afterwards.",
    why: "A device that notes ts before it compares the signature can be shut off by one forged datagram with a ts of the year 2100: from \
          then on every true request is too old for it, until it is restarted.",
    mend_cpe: "Store ts and id after the signature was found right, not before.",
    bad: "GET ...?ts=4102444800&...&sig=(wrong)\nGET ...?ts=1120673700&...&sig=(right)\n(no session)",
    good: "GET ...?ts=4102444800&...&sig=(wrong)\nGET ...?ts=1120673700&...&sig=(right)\nPOST /acs  Inform 6 CONNECTION REQUEST",
    related: &["UCR-018", "UCR-019"],
    wireshark: SHOWS,
    of_absence: true,
    ..Rule::must("UCR-027", "udp-request-rejected-remembered", Scope::Device)
};
