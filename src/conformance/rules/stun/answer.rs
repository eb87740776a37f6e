//! What a STUN server answers (RFC 3489 section 8.1; TR-069 Amendment 3 section G.2.2.1).

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use stun::kind::{
    BINDING_CHANGE, CHANGED_ADDRESS, CONNECTION_REQUEST_BINDING, MAPPED_ADDRESS, MESSAGE_INTEGRITY,
    REFLECTED_FROM, SOURCE_ADDRESS, UNKNOWN_ATTRIBUTES, XOR_MAPPED_ADDRESS,
};
use stun::{Class, Form, Message, Value};

use super::local::{Local, Transaction};
use super::watch::Probe;
use crate::conformance::rule::{a3, cite};
use crate::conformance::{Draft, Findings, Rule, Scope};
use crate::session::address::is_private;
use crate::session::{Blame, Datagram, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &SEALED,
    &CHALLENGES,
    &ADDRESSES,
    &OBSERVED,
    &REFLECTED,
    &UNKNOWN,
    &WRONG_SEAL,
];

const SERVER: &[Blame] = &[Blame::StunServer];

const SEALED: Rule = Rule {
    blame: SERVER,
    cites: &[cite("RFC 3489", "8.1"), cite("TR-111", "2.2.1.1")],
    demands: "A request with MESSAGE-INTEGRITY that is accepted is answered with MESSAGE-INTEGRITY.",
    why: "The device has to throw an unsealed answer away. It repeats its BINDING-CHANGE nine times, gives up, and believes the server \
          to be dead, while the server's log shows nine successes.",
    mend_acs: "On the STUN server: seal the answer to a sealed request with the same password.",
    bad: "Binding Request: USERNAME, MESSAGE-INTEGRITY\nBinding Response: MAPPED-ADDRESS",
    good: "Binding Request: USERNAME, MESSAGE-INTEGRITY\nBinding Response: MAPPED-ADDRESS, MESSAGE-INTEGRITY",
    related: &["STUN-018"],
    wireshark: "classicstun.type == 0x0101 && !(classicstun.att.type == 0x0008)",
    ..Rule::must("STUN-019", "stun-response-unsealed", Scope::Exchange)
};

const CHALLENGES: Rule = Rule {
    blame: SERVER,
    cites: &[a3("G.2.2.1"), cite("TR-111", "2.2.2.1")],
    demands: "An ACS that follows bindings by STUN answers each BINDING-CHANGE without MESSAGE-INTEGRITY with 401, before it believes it.",
    why: "Whoever can send a datagram with another device's USERNAME draws that device's Connection Requests away, if one server \
          of the pool does not ask for authentication.",
    mend_acs: "On the STUN server: answer 401 to every request with BINDING-CHANGE and without MESSAGE-INTEGRITY, on all nodes alike.",
    bad: "BINDING-CHANGE, no MESSAGE-INTEGRITY\nBinding Response        from a server that asked others with 401",
    good: "BINDING-CHANGE, no MESSAGE-INTEGRITY\nBinding Error Response: 401",
    related: &["STUN-014"],
    wireshark: "classicstun.type == 0x0111 || udp contains c0:02:00:00",
    ..Rule::heuristic("STUN-030", "binding-change-not-challenged", Scope::Exchange)
};

const ADDRESSES: Rule = Rule {
    blame: SERVER,
    cites: &[cite("RFC 3489", "8.1"), a3("G.2.2.1")],
    demands: "A Binding Response has MAPPED-ADDRESS and SOURCE-ADDRESS, and CHANGED-ADDRESS with the server's first address where it has no second.",
    why: "A client of RFC 3489 knows MAPPED-ADDRESS alone. A server of RFC 5389 that answers with XOR-MAPPED-ADDRESS tells it nothing: \
          the phone shows `STUN failed`, NATDetected stays false and no Connection Request gets through.",
    mend_acs: "On the STUN server: answer requests without the magic cookie as RFC 3489 wants it; most servers have a switch for that.",
    bad: "Binding Response: XOR-MAPPED-ADDRESS, SOFTWARE",
    good: "Binding Response: MAPPED-ADDRESS, SOURCE-ADDRESS, CHANGED-ADDRESS",
    related: &["STUN-003"],
    wireshark: "classicstun.type == 0x0101 && !(classicstun.att.type == 0x0001)",
    ..Rule::must("STUN-031", "stun-response-without-address", Scope::Exchange)
};

const OBSERVED: Rule = Rule {
    blame: SERVER,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 3489", "8.1")],
    demands: "MAPPED-ADDRESS is where the server saw the request come from.",
    why: "A STUN server behind a proxy or a container's port forwarding sees the proxy and tells every device the proxy's address. The \
          devices report it, and the ACS sends its Connection Requests to itself.",
    mend_acs: "Give the STUN server the packets with their own source address: host networking, or transparent forwarding.",
    bad: "192.168.1.20:5060 > 192.168.1.10:3478 Binding Request\nBinding Response: MAPPED-ADDRESS 172.17.0.1:41234",
    good: "192.168.1.20:5060 > 192.168.1.10:3478 Binding Request\nBinding Response: MAPPED-ADDRESS 192.168.1.20:5060",
    related: &["STUN-039"],
    wireshark: "classicstun.att.type == 0x0001",
    ..Rule::heuristic(
        "STUN-032",
        "stun-mapped-address-not-the-source",
        Scope::Exchange,
    )
};

const REFLECTED: Rule = Rule {
    blame: SERVER,
    cites: &[cite("RFC 3489", "8.1"), cite("TR-111", "2.2.1.2 figure 4")],
    demands: "The answer to a request with RESPONSE-ADDRESS goes there, and has REFLECTED-FROM.",
    why: "With RESPONSE-ADDRESS a device finds out for how long its NAT keeps a binding. A server that answers to where the request \
          came from makes every binding look expired: the device falls back to the shortest period, or gives up keeping it.",
    mend_acs: "On the STUN server: honour RESPONSE-ADDRESS and name the sender in REFLECTED-FROM; a server of RFC 5389 does neither.",
    bad: "10.0.0.2:36001 asks, RESPONSE-ADDRESS 203.0.113.9:40000\nthe answer goes to 10.0.0.2:36001",
    good: "10.0.0.2:36001 asks, RESPONSE-ADDRESS 203.0.113.9:40000\nthe answer goes to 203.0.113.9:40000, with REFLECTED-FROM",
    related: &["STUN-023", "STUN-024"],
    wireshark: "classicstun.att.type == 0x0002 || classicstun.att.type == 0x000b",
    ..Rule::must("STUN-033", "stun-response-address-ignored", Scope::Exchange)
};

const UNKNOWN: Rule = Rule {
    blame: SERVER,
    cites: &[a3("G.2.1.3"), cite("RFC 3489", "11.2")],
    demands: "The server ignores attributes above 0x7FFF that it does not know: it never answers 420 because of 0xC001 or 0xC002.",
    why: "With 420 for CONNECTION-REQUEST-BINDING no request of the device succeeds: it has no mapped address, and Connection Requests \
          by UDP are impossible with this server.",
    mend_acs: "On the STUN server: answer 420 for attributes up to 0x7FFF alone.",
    bad: "Binding Error Response: 420, UNKNOWN-ATTRIBUTES 0xc001",
    good: "Binding Response: MAPPED-ADDRESS, SOURCE-ADDRESS, CHANGED-ADDRESS",
    wireshark: "classicstun.type == 0x0111 && udp contains c0:01",
    ..Rule::must(
        "STUN-035",
        "stun-optional-attribute-refused",
        Scope::Exchange,
    )
};

const WRONG_SEAL: Rule = Rule {
    blame: SERVER,
    cites: &[a3("G.2.2.2.1"), cite("TR-111", "2.2.2.2.1")],
    demands: "A request whose MESSAGE-INTEGRITY is wrong is answered with a Binding Error Response, and its binding is not used.",
    why: "A server that accepts any value authenticates nobody: one datagram with a made-up seal redirects a device's Connection Requests.",
    mend_acs: "On the STUN server: compare MESSAGE-INTEGRITY with the password of USERNAME, and answer 431 where it differs.",
    bad: "Binding Request: USERNAME, MESSAGE-INTEGRITY with another password\nBinding Response: MAPPED-ADDRESS",
    good: "Binding Request: USERNAME, MESSAGE-INTEGRITY with another password\nBinding Error Response: 431",
    related: &["STUN-017"],
    wireshark: "classicstun.att.type == 0x0008",
    ..Rule::must("STUN-046", "stun-wrong-integrity-accepted", Scope::Exchange)
};

/// Looks at the answer to a device's request, before it is taken into account.
pub(super) fn look(
    local: &Local,
    at: usize,
    message: &Message,
    datagram: &Datagram,
    challenging: &mut HashSet<SocketAddr, foldhash::fast::RandomState>,
    findings: &mut Findings,
) {
    let Some(request) = local.transactions.get(at) else {
        return;
    };
    if message.is_truncated() {
        return;
    }
    let breaks = |rule| {
        let draft = Draft::of_datagram(rule, datagram).shown_in(&request.frames);
        match &local.device {
            Some(device) => draft.device(device),
            None => draft,
        }
    };
    if message.class() == Class::ErrorResponse {
        refused(request, message, &breaks, challenging, findings);
        return;
    }
    addresses(request, message, &breaks, findings);
    observed(local, message, &breaks, findings);
    if request.changes && !request.sealed && challenging.contains(&request.server) {
        let said =
            "BINDING-CHANGE without MESSAGE-INTEGRITY is answered as if it had been authenticated";
        findings.add(breaks(&CHALLENGES).because(said));
    }
    if !request.sealed {
        return;
    }
    let seal = message.has(MESSAGE_INTEGRITY);
    if !seal {
        let said = "the request has MESSAGE-INTEGRITY, and its answer has none";
        findings.add(breaks(&SEALED).because(said));
    }
    if request.integrity == Some(false) {
        // What the server seals with the password proves that this is the right one.
        let sure = datagram.verified.integrity.and_then(|one| one.valid) == Some(true);
        let most = if sure {
            Severity::Error
        } else {
            Severity::Warning
        };
        let said =
            "the request's MESSAGE-INTEGRITY does not fit the known password, and it is accepted";
        findings.add(breaks(&WRONG_SEAL).at_most(most).because(said));
    }
}

fn refused(
    request: &Transaction,
    message: &Message,
    breaks: &dyn Fn(&'static Rule) -> Draft,
    challenging: &mut HashSet<SocketAddr, foldhash::fast::RandomState>,
    findings: &mut Findings,
) {
    let code = message.error_code().map_or(0, |code| code.code());
    if code == 401 && request.changes && challenging.len() < SERVERS_MAX {
        challenging.insert(request.server);
    }
    let Some(unknown) = message
        .attribute(UNKNOWN_ATTRIBUTES)
        .filter(|_| code == 420)
    else {
        return;
    };
    let Value::UnknownAttributes(types) = message.value(unknown) else {
        return;
    };
    let own = |one: &&u16| matches!(**one, CONNECTION_REQUEST_BINDING | BINDING_CHANGE);
    if let Some(own) = types.iter().find(own) {
        let draft = breaks(&UNKNOWN).payload(unknown.offset..unknown.offset + 4);
        findings.add(draft.because(format!("420 names {own:#06x} as an unknown attribute")));
    }
}

fn addresses(
    request: &Transaction,
    message: &Message,
    breaks: &dyn Fn(&'static Rule) -> Draft,
    findings: &mut Findings,
) {
    let modern = request.modern || message.form == Form::Rfc5389;
    if modern {
        if !message.has(MAPPED_ADDRESS) && message.has(XOR_MAPPED_ADDRESS) {
            let said =
                "the answer has XOR-MAPPED-ADDRESS alone, as the request's magic cookie asked for";
            findings.add(breaks(&ADDRESSES).at_most(Severity::Info).because(said));
        }
        return;
    }
    if !message.has(MAPPED_ADDRESS) {
        let instead = if message.mapped_address().is_some() {
            ", but XOR-MAPPED-ADDRESS"
        } else {
            ""
        };
        let said = format!("the answer has no MAPPED-ADDRESS{instead}");
        findings.add(breaks(&ADDRESSES).because(said));
        return;
    }
    if !message.has(SOURCE_ADDRESS) {
        findings.add(breaks(&ADDRESSES).because("the answer has no SOURCE-ADDRESS"));
    }
    if !message.has(CHANGED_ADDRESS) {
        let draft = breaks(&ADDRESSES).at_most(Severity::Warning);
        findings.add(draft.because("the answer has no CHANGED-ADDRESS"));
    }
}

/// STUN-032: of two hosts of one subnet, between which no NAT stands, or of one host.
fn observed(
    local: &Local,
    message: &Message,
    breaks: &dyn Fn(&'static Rule) -> Draft,
    findings: &mut Findings,
) {
    let Some(mapped) = message.address(MAPPED_ADDRESS) else {
        return;
    };
    if mapped != local.address && are_neighbours(local.address.ip(), local.server.ip()) {
        let said = format!(
            "the request came from {}, and MAPPED-ADDRESS is {mapped}",
            local.address
        );
        findings.add(breaks(&OBSERVED).because(said));
    }
}

/// Both have private addresses that differ in the last byte alone.
fn are_neighbours(one: IpAddr, other: IpAddr) -> bool {
    if one.is_loopback() || other.is_loopback() {
        return one.is_loopback() && other.is_loopback();
    }
    match (one, other) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            is_private(one) && is_private(other) && a.octets()[..3] == b.octets()[..3]
        }
        _ => false,
    }
}

/// Looks at the answer to a request whose answer was to go elsewhere.
pub(super) fn of_probe(
    probe: &Probe,
    message: &Message,
    datagram: &Datagram,
    findings: &mut Findings,
) {
    if message.class() == Class::ErrorResponse || message.is_truncated() {
        return;
    }
    let breaks = || Draft::of_datagram(&REFLECTED, datagram).shown_in(&probe.frames);
    if datagram.destination == probe.source {
        let said = format!(
            "RESPONSE-ADDRESS was {}, and the answer went to {}, where the request came from",
            probe.answered_at, probe.source
        );
        findings.add(breaks().because(said));
    } else if !message.has(REFLECTED_FROM) {
        let said = "the answer went to RESPONSE-ADDRESS without REFLECTED-FROM";
        findings.add(breaks().at_most(Severity::Warning).because(said));
    }
}

/// Servers remembered that ask for authentication.
const SERVERS_MAX: usize = 4_096;
