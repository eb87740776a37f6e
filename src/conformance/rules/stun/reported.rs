//! What a device reports of its binding, held against what its STUN server told it (TR-069 Amendment 3 section G.2.1.3).
//!
//! A capture beyond the NAT sees the device at its mapped address, as the server does: there nothing tells whether a NAT is
//! there, and only what differs from the server's answer can be wrong.

use std::net::SocketAddr;
use std::sync::Arc;

use super::known::{Known, boolean, own_name, reported_address};
use super::local::{Local, Mapped};
use super::period::SECOND_NS;
use super::ports::SWITCHED_OFF;
use crate::conformance::rule::{ACS, CPE, a3, cite};
use crate::conformance::{Closed, Draft, Findings, Rule, Scope};
use crate::session::address::{is_private, url_address};
use crate::session::{Learned, LearnedBy, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&REJECTED, &NAT, &ADDRESS, &SHARED_NAME, &NO_NAT];

const REJECTED: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[a3("G.2.1.1"), cite("TR-111", "2.2.1.1")],
    demands: "An answer to a request with MESSAGE-INTEGRITY that has none, or a wrong one, is thrown away with all it says.",
    why: "Anybody can send such an answer. A device that believes it reports the address it was told, and its Connection Requests go to \
          whoever made it up.",
    mend_cpe: "Check MESSAGE-INTEGRITY of the answer to a sealed request before reading MAPPED-ADDRESS.",
    bad: "Binding Response without MESSAGE-INTEGRITY: MAPPED-ADDRESS 203.0.113.66:1000\nInform: UDPConnectionRequestAddress = 203.0.113.66:1000",
    good: "Binding Response without MESSAGE-INTEGRITY: MAPPED-ADDRESS 203.0.113.66:1000\nInform: UDPConnectionRequestAddress = 203.0.113.9:40000",
    related: &["STUN-019"],
    wireshark: "classicstun.type == 0x0101 && !(classicstun.att.type == 0x0008)",
    of_absence: true,
    ..Rule::must(
        "STUN-018",
        "unproven-mapped-address-believed",
        Scope::Device,
    )
};

const NAT: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.1"), a3("G.2.1.3"), cite("TR-111", "2.2.1.3")],
    demands: "NATDetected is true where the MAPPED-ADDRESS differs from the device's own address.",
    why: "With NATDetected false the ACS sends Connection Requests by TCP to the address in ConnectionRequestURL, which is a private one: \
          every request runs into a timeout, though the binding for UDP is open.",
    mend_cpe: "Compare MAPPED-ADDRESS with the address and port of the socket, and set NATDetected by that.",
    bad: "10.0.0.2:36000, MAPPED-ADDRESS 203.0.113.9:40000\nInform: NATDetected = 0",
    good: "10.0.0.2:36000, MAPPED-ADDRESS 203.0.113.9:40000\nInform: NATDetected = 1",
    related: &["STUN-039", "STUN-049"],
    wireshark: "classicstun.att.type == 0x0001 || xml contains \"NATDetected\"",
    ..Rule::must("STUN-038", "nat-not-reported", Scope::Device)
};

const ADDRESS: Rule = Rule {
    blame: CPE,
    cites: &[
        a3("G.2.1.3"),
        cite("TR-111", "2.2.4.1 table 6 UDPConnectionRequestAddress"),
    ],
    demands: "UDPConnectionRequestAddress is the MAPPED-ADDRESS of the last answer at the port for Connection Requests.",
    why: "It is where the ACS sends its UDP Connection Requests. A private address, or one of before, never reaches the device, and \
          nothing anywhere reports an error.",
    mend_cpe: "Set UDPConnectionRequestAddress from MAPPED-ADDRESS, host and port, whenever that changes.",
    bad: "Binding Response: MAPPED-ADDRESS 203.0.113.9:40000\nInform: UDPConnectionRequestAddress = 10.0.0.2:36000",
    good: "Binding Response: MAPPED-ADDRESS 203.0.113.9:40000\nInform: UDPConnectionRequestAddress = 203.0.113.9:40000",
    related: &["STUN-038", "STUN-048"],
    wireshark: "classicstun.att.type == 0x0001 || xml contains \"UDPConnectionRequestAddress\"",
    ..Rule::must("STUN-039", "udp-address-not-the-mapped-one", Scope::Device)
};

const SHARED_NAME: Rule = Rule {
    blame: ACS,
    cites: &[a3("G.2.2.1"), cite("TR-111", "2.2.2.2.1")],
    demands: "An ACS that follows bindings by STUN gives each device a STUNUsername of its own.",
    why: "By USERNAME the server tells whose binding it sees. With one name for all, each keep-alive overwrites the last device's \
          address, and Connection Requests wake whichever phone spoke last.",
    mend_acs: "Derive STUNUsername from the device's identity, OUI and serial number for instance.",
    bad: "SetParameterValues to 001122-S1: STUNUsername = stun\nSetParameterValues to 001122-S2: STUNUsername = stun",
    good: "SetParameterValues to 001122-S1: STUNUsername = 001122-S1\nSetParameterValues to 001122-S2: STUNUsername = 001122-S2",
    related: &["STUN-011"],
    wireshark: "xml contains \"STUNUsername\"",
    ..Rule::must("STUN-041", "stun-username-shared", Scope::Device)
};

const NO_NAT: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.3"), cite("TR-111", "2.2.1.3")],
    demands: "Where no NAT translates, NATDetected is false and UDPConnectionRequestAddress is the socket on which the device listens.",
    why: "With NATDetected true the ACS avoids Connection Requests by TCP, which would work; with another address in \
          UDPConnectionRequestAddress those by UDP do not work either.",
    mend_cpe: "Clear NATDetected when MAPPED-ADDRESS is the socket's own address, and report that address.",
    bad: "10.0.0.2:36000, MAPPED-ADDRESS 10.0.0.2:36000\nInform: NATDetected = 1",
    good: "10.0.0.2:36000, MAPPED-ADDRESS 10.0.0.2:36000\nInform: NATDetected = 0, UDPConnectionRequestAddress = 10.0.0.2:36000",
    related: &["STUN-038"],
    wireshark: "classicstun.att.type == 0x0001 || xml contains \"NATDetected\"",
    ..Rule::must("STUN-049", "nat-reported-without-one", Scope::Device)
};

/// The address that a session told last.
pub(super) fn address_told(closed: &Closed<'_>) -> Option<SocketAddr> {
    let mut told = reported(closed).filter_map(|learned| {
        let named = own_name(learned) == Some("UDPConnectionRequestAddress");
        named.then(|| reported_address(&learned.value)).flatten()
    });
    let first = told.next();
    told.last().or(first)
}

/// Looks at what a session told, with the endpoint of its device; before it is taken into account. `elsewhere` says that the
/// address told is another endpoint that uses STUN: seen from outside, each binding of a device is one.
pub(super) fn look(
    closed: &Closed<'_>,
    local: &Local,
    known: &Known,
    elsewhere: bool,
    findings: &mut Findings,
) {
    if off(closed, known, findings) {
        return;
    }
    let start_ns = closed.session.start.nanoseconds;
    // Values are frozen within a session: what counts is the last answer before it.
    let own =
        own_address(closed, known) == Some(local.address.ip()) && is_private(local.address.ip());
    for learned in reported(closed) {
        match own_name(learned) {
            Some("UDPConnectionRequestAddress") => {
                if let Some(told) = reported_address(&learned.value).filter(|_| !elsewhere) {
                    address(closed, local, learned, told, own, start_ns, findings);
                }
            }
            Some("NATDetected") => {
                if let Some(said) = boolean(&learned.value) {
                    nat(closed, local, learned, said, own, start_ns, findings);
                }
            }
            _ => {}
        }
    }
}

/// The same for a device that no STUN is known of.
pub(super) fn look_alone(closed: &Closed<'_>, known: &Known, findings: &mut Findings) {
    off(closed, known, findings);
}

/// STUN-037: what is reported while STUN is switched off; true where it is.
fn off(closed: &Closed<'_>, known: &Known, findings: &mut Findings) -> bool {
    let Some(off_ns) = known.off_since_ns.filter(|_| known.enabled == Some(false)) else {
        return false;
    };
    let later = closed.session.start.nanoseconds.saturating_sub(off_ns) > SETTLE_NS;
    let turned_on = closed
        .session
        .learned
        .iter()
        .any(|one| own_name(one) == Some("STUNEnable") && boolean(&one.value) != Some(false));
    let reset = closed
        .session
        .events
        .iter()
        .any(|event| event.trim().starts_with("0 "));
    if !later || turned_on || reset {
        return true;
    }
    for learned in reported(closed) {
        if own_name(learned) == Some("NATDetected") && boolean(&learned.value) == Some(true) {
            let said = "NATDetected is true, and the ACS has set STUNEnable to false";
            findings.add(about(closed, &SWITCHED_OFF, learned).because(said));
        }
    }
    true
}

fn address(
    closed: &Closed<'_>,
    local: &Local,
    learned: &Learned,
    told: SocketAddr,
    own: bool,
    start_ns: i64,
    findings: &mut Findings,
) {
    if let Some((rejected, at_ns, frames)) = &local.rejected
        && told == *rejected
        && *at_ns < start_ns
        && !local.mapped.iter().any(|mapped| mapped.address == told)
        && !local.mapped.is_empty()
    {
        let said = format!(
            "UDPConnectionRequestAddress is {told}, which only an answer without a valid MESSAGE-INTEGRITY said"
        );
        findings.add(
            about(closed, &REJECTED, learned)
                .shown_in(frames)
                .because(said),
        );
        return;
    }
    let Some(mapped) = in_force(local, start_ns).filter(|mapped| mapped.address != told) else {
        return;
    };
    let translated = mapped.address != local.address;
    if !translated && own {
        let said = format!(
            "UDPConnectionRequestAddress is {told}, and the device sends from {} without a NAT",
            local.address
        );
        findings.add(
            about(closed, &NO_NAT, learned)
                .shown_in(&mapped.frames)
                .because(said),
        );
        return;
    }
    let said = format!(
        "UDPConnectionRequestAddress is {told}, and the last MAPPED-ADDRESS was {}",
        mapped.address
    );
    let draft = about(closed, &ADDRESS, learned).shown_in(&mapped.frames);
    let most = if own {
        Severity::Error
    } else {
        Severity::Warning
    };
    findings.add(draft.at_most(most).because(said));
}

fn nat(
    closed: &Closed<'_>,
    local: &Local,
    learned: &Learned,
    said: bool,
    own: bool,
    start_ns: i64,
    findings: &mut Findings,
) {
    let Some(mapped) = in_force(local, start_ns) else {
        return;
    };
    let translated = mapped.address != local.address;
    let rule = match (translated, said) {
        (true, false) => &NAT,
        // Beyond the NAT both addresses are the same.
        (false, true) if own => &NO_NAT,
        _ => return,
    };
    let most = if own {
        Severity::Error
    } else {
        Severity::Warning
    };
    let said = format!(
        "NATDetected is {said}, the device sends from {}, and MAPPED-ADDRESS was {}",
        local.address, mapped.address
    );
    let draft = about(closed, rule, learned).shown_in(&mapped.frames);
    findings.add(draft.at_most(most).because(said));
}

/// The mapping that the last answer before the session told, if nothing changed just then.
fn in_force(local: &Local, start_ns: i64) -> Option<&Mapped> {
    let settled_ns = start_ns.saturating_sub(SETTLE_NS);
    let mut back = local.mapped.iter().rev();
    let found = back.find(|mapped| mapped.since_ns < start_ns)?;
    let told_at_ns = found.since_ns;
    // The answer to the last request may have told of another, and be missing from the capture.
    let mut asked = local.transactions.iter().rev();
    let last = asked.find(|one| one.first_ns < start_ns);
    if last.is_some_and(|last| last.answer.is_none()) {
        return None;
    }
    (told_at_ns < settled_ns && !local.lost_since(found.since_ns)).then_some(found)
}

/// What the device takes for its own address: the host of its ConnectionRequestURL.
fn own_address(closed: &Closed<'_>, known: &Known) -> Option<std::net::IpAddr> {
    let url = reported(closed).find(|one| own_name(one) == Some("ConnectionRequestURL"));
    let own = url.and_then(|url| url_address(&url.value));
    own.or(known.own)
}

fn reported<'a>(closed: &Closed<'a>) -> impl Iterator<Item = &'a Learned> + use<'a> {
    let learned = closed.session.learned.iter();
    learned.filter(|one| one.how != LearnedBy::Set)
}

/// The beginning of a finding about a value that a session told.
pub(super) fn about(closed: &Closed<'_>, rule: &'static Rule, learned: &Learned) -> Draft {
    let draft = closed.breaks(rule).only_in(&learned.frames);
    draft.path(&learned.name)
}

/// STUNUsername as the ACS set it in a session, unless it is empty.
pub(super) fn user_name_set<'a>(closed: &Closed<'a>) -> Option<&'a Learned> {
    let mut learned = closed.session.learned.iter().rev();
    learned.find(|one| {
        one.how == LearnedBy::Set && own_name(one) == Some("STUNUsername") && !one.value.is_empty()
    })
}

/// STUN-041: the name was another device's before.
pub(super) fn shared_name(
    closed: &Closed<'_>,
    other: &Arc<str>,
    name: &Learned,
    challenged: bool,
    findings: &mut Findings,
) {
    let most = if challenged {
        Severity::Error
    } else {
        Severity::Info
    };
    let said = format!("STUNUsername {} is that of {other} too", name.value);
    let draft = about(closed, &SHARED_NAME, name).rpc("SetParameterValues");
    findings.add(draft.at_most(most).because(said));
}

/// Nanoseconds for a device to take an answer in before it begins a session.
const SETTLE_NS: i64 = 2 * SECOND_NS;
