//! The pages of the rules about the datagram itself.

use crate::conformance::rule::{ACS, a3, cite};
use crate::conformance::{Rule, Scope};
use crate::session::{Cite, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &COMPLETE, &METHOD, &ABSOLUTE, &PATH, &ARGUMENTS, &TIMESTAMP, &ID, &BODY, &HOST, &CLOCK, &EXTRA,
];

/// Where the form of a UDP Connection Request stands.
pub(super) const FORM: &[Cite] = &[a3("G.2.2.3"), cite("TR-111", "2.2.2.3")];

const SHOWS: &str = "udp contains \"GET http\" && udp contains \"sig=\"";

pub(super) const COMPLETE: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "A UDP Connection Request is one datagram with a complete HTTP/1.1 GET: a request line, header lines, each ended by CR LF, and an empty line.",
    why: "A device hands the datagram to the parser of its HTTP server. That one waits for the empty line, which never comes, or answers \
          400 inside; on the wire nothing is to be seen but silence.",
    mend_acs: "Write `GET URI HTTP/1.1`, CR LF, `Host: ...`, CR LF, CR LF into one datagram.",
    bad: "GET http://203.0.113.9:40000?ts=...&sig=... HTTP/1.1\\n\nHost: 203.0.113.9:40000\\n\n\\n",
    good: "GET http://203.0.113.9:40000?ts=...&sig=... HTTP/1.1\\r\\n\nHost: 203.0.113.9:40000\\r\\n\n\\r\\n",
    related: &["UCR-021", "UCR-020"],
    wireshark: "udp contains \"GET http\" && !(udp contains 0d:0a:0d:0a)",
    ..Rule::must("UCR-001", "udp-request-incomplete", Scope::Message)
};

pub(super) const METHOD: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "The method is GET, in capital letters.",
    why: "Devices compare the first bytes with `GET ` and drop everything else, as they do with what strangers send to the port.",
    mend_acs: "Send GET.",
    bad: "POST http://203.0.113.9:40000?ts=...&sig=... HTTP/1.1",
    good: "GET http://203.0.113.9:40000?ts=...&sig=... HTTP/1.1",
    related: &["UCR-019"],
    wireshark: "udp contains \"sig=\" && !(udp contains \"GET http\")",
    ..Rule::must("UCR-002", "udp-request-method", Scope::Message)
};

pub(super) const ABSOLUTE: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "The request line names an absolute URI with the scheme http: http://authority?query, and no fragment.",
    why: "The device's parser looks for `http://` before it looks for the arguments; a target that begins with `/` has none for it, and \
          the request is dropped.",
    mend_acs: "Write http:// and the authority before the question mark.",
    bad: "GET /?ts=1120673700&id=1234&un=...&cn=...&sig=... HTTP/1.1",
    good: "GET http://203.0.113.9:40000?ts=1120673700&id=1234&un=...&cn=...&sig=... HTTP/1.1",
    related: &["UCR-004", "UCR-005"],
    wireshark: "udp contains \"GET /\" && udp contains \"sig=\"",
    ..Rule::must("UCR-003", "udp-request-uri-absolute", Scope::Message)
};

pub(super) const PATH: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "The path is empty: the question mark stands right behind the authority.",
    why: "URI libraries put a `/` in by themselves. Devices that look for `?` behind the port, as the text has it, find another letter and \
          drop the request; others take it, so that it works with one model of phone and not with the next.",
    mend_acs: "Put the URI together from text instead of through a library, and leave the path out.",
    bad: "GET http://203.0.113.9:40000/?ts=1120673700&... HTTP/1.1",
    good: "GET http://203.0.113.9:40000?ts=1120673700&... HTTP/1.1",
    related: &["UCR-003"],
    wireshark: "udp contains \"/?ts=\"",
    ..Rule::must("UCR-004", "udp-request-path-empty", Scope::Message)
};

pub(super) const ARGUMENTS: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "The query has ts, id, un, cn and sig, each once and under these names, encoded as application/x-www-form-urlencoded.",
    why: "A device that misses one of the five cannot compute the signature, and one that finds `un` cut off at a blank compares another \
          name; both drop the request without a word.",
    mend_acs: "Send all five arguments in lower case, and percent-encode each value before it goes into the URI.",
    bad: "?ts=1120673700&id=1234&un=phone 7&cn=XTGRWIPC",
    good: "?ts=1120673700&id=1234&un=phone%207&cn=XTGRWIPC&sig=3545F7B5820D76A3DF45A3A509DA8D8C38F13512",
    related: &["UCR-007", "UCR-025"],
    wireshark: SHOWS,
    ..Rule::must("UCR-006", "udp-request-arguments", Scope::Message)
};

pub(super) const TIMESTAMP: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "ts is a decimal number: seconds since 1970, UTC.",
    why: "Milliseconds are the usual mistake. They overflow the 32 bits of many devices, or are a thousand times later than any request that \
          another, correct ACS sends afterwards, which the device then ignores for 50,000 years.",
    mend_acs: "Divide by 1000: `ts` has ten digits until the year 2286.",
    bad: "ts=1120673700123",
    good: "ts=1120673700",
    related: &["UCR-014", "UCR-023"],
    wireshark: SHOWS,
    ..Rule::must("UCR-008", "udp-request-timestamp", Scope::Message)
};

pub(super) const ID: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "id is an unsigned decimal number.",
    why: "Devices read it with a function for numbers: a UUID becomes the number before its first letter, or 0, and two requests may \
          then look like one.",
    mend_acs: "Count, or draw a random number of 32 bits.",
    bad: "id=6f9619ff-8b86-d011-b42d-00c04fc964ff",
    good: "id=1234",
    related: &["UCR-013"],
    wireshark: SHOWS,
    ..Rule::must("UCR-009", "udp-request-id", Scope::Message)
};

pub(super) const BODY: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "Nothing follows the empty line, and Content-Length, if it is there, is 0.",
    why: "Devices ignore a body at best. One that waits for the announced bytes on a datagram socket waits until the next request, and \
          reads that as the rest of this one.",
    mend_acs: "Send the head alone, without Content-Length.",
    bad: "GET http://...?ts=... HTTP/1.1\nHost: 203.0.113.9:40000\nContent-Length: 5\n\nhello",
    good: "GET http://...?ts=... HTTP/1.1\nHost: 203.0.113.9:40000\n",
    related: &["UCR-001"],
    wireshark: "udp contains \"GET http\" && udp contains \"Content-Length\"",
    ..Rule::must("UCR-020", "udp-request-body", Scope::Message)
};

pub(super) const HOST: Rule = Rule {
    blame: ACS,
    cites: &[
        a3("G.2.2.3"),
        cite("TR-111", "2.2.2.3"),
        cite("RFC 2616", "14.23"),
    ],
    demands: "The request has one Host header, as every request of HTTP/1.1.",
    why: "The HTTP server inside the device answers 400 to a request of HTTP/1.1 without Host, which nobody sees: over UDP it only \
          looks as if the request had been lost.",
    mend_acs: "Send `Host:` with the authority of the URI.",
    bad: "GET http://203.0.113.9:40000?ts=... HTTP/1.1\n",
    good: "GET http://203.0.113.9:40000?ts=... HTTP/1.1\nHost: 203.0.113.9:40000\n",
    related: &["UCR-001"],
    wireshark: "udp contains \"GET http\" && !(udp contains \"Host:\")",
    ..Rule::must("UCR-021", "udp-request-host", Scope::Message)
};

pub(super) const CLOCK: Rule = Rule {
    blame: ACS,
    cites: &[a3("G.2.1.4"), cite("TR-111", "2.2.1.4")],
    demands: "ts is near the time at which the request is sent: a device may refuse what lies outside a window of its own.",
    why: "With a clock that is wrong by an hour, phones that know the time by NTP drop every request as a replay, while those without a \
          clock come. The capture's clock may be the wrong one, too.",
    mend_acs: "Synchronise the clock of the machine that signs the requests, and take UTC.",
    bad: "captured at 12:00:00 UTC, ts is 11:00:00 UTC",
    good: "captured at 12:00:00 UTC, ts is 12:00:00 UTC",
    related: &["UCR-008", "UCR-014"],
    wireshark: SHOWS,
    ..Rule::heuristic("UCR-023", "udp-request-clock", Scope::Message)
};

pub(super) const EXTRA: Rule = Rule {
    blame: ACS,
    severity: Some(Severity::Info),
    cites: FORM,
    demands: "The query has the five arguments and no other; their order is free.",
    why: "Devices that count arguments, or read them by their place, drop the request; those that read them by name take it.",
    mend_acs: "Leave out whatever is none of ts, id, un, cn and sig, and send each once.",
    bad: "?ts=...&id=...&un=...&cn=...&tenant=7&sig=...",
    good: "?ts=...&id=...&un=...&cn=...&sig=...",
    related: &["UCR-006"],
    wireshark: SHOWS,
    ..Rule::heuristic("UCR-025", "udp-request-more-arguments", Scope::Message)
};
