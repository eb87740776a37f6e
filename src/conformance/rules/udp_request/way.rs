//! Where a request goes and comes from, against what STUN and the device's sessions have shown.

use std::net::{IpAddr, SocketAddr};

use super::asked::{Place, Told};
use super::way_pages::{AUTHORITY, CURRENT, LISTENS, SEVERAL, SOURCE};
use crate::conformance::Findings;
use crate::session::{Evidence, Reason, Severity};

/// Looks at a request of which all is known.
pub(super) fn look(told: &Told<'_>, findings: &mut Findings) {
    authority(told, findings);
    several(told, findings);
    source(told, findings);
    listens(told, findings);
    current(told, findings);
}

/// UCR-005. Behind a NAT the destination is not the one that the ACS sent to.
fn authority(told: &Told<'_>, findings: &mut Findings) {
    let request = &told.asked.request;
    let Some((host, port)) = request.target.host_and_port(request.bytes()) else {
        return;
    };
    if request.is_truncated() {
        return;
    }
    let to = told.result.destination;
    let place = told.place();
    let reported = told.known.reported_at(told.asked.time_ns);
    let sent_there = match place {
        Place::Behind => false,
        Place::Direct | Place::Outside => true,
        Place::Unknown => reported.contains(&to),
    };
    let mut right = reported;
    right.push(to);
    right.extend(told.asked.way.as_ref().and_then(|way| way.mapped));
    let named = told.known.reported.now.iter();
    let named = named.chain(&told.known.reported.before);
    let mut named = named.map(String::as_str);
    let authority = request.target.authority.map(|span| request.raw(span));
    let authority = String::from_utf8_lossy(authority.unwrap_or_default());
    // A device that reports a URL breaks STUN-048; an ACS that reads the authority out of it does what it can.
    let fits = |name: &str| {
        let in_url = || {
            name.to_ascii_lowercase()
                .contains(&authority.to_ascii_lowercase())
        };
        name.eq_ignore_ascii_case(&authority) || name.contains('/') && in_url()
    };
    if !authority.is_empty() && named.any(fits) {
        return;
    }
    let meant = port.unwrap_or(80);
    let fits = match host.parse::<IpAddr>() {
        Ok(ip) => right.contains(&SocketAddr::new(ip, meant)),
        // Which address a name has, the capture need not show.
        Err(_) => right.iter().any(|one| one.port() == meant),
    };
    let sure = sent_there || place == Place::Behind && right.len() > 1;
    if fits || !sure {
        return;
    }
    let most = if sent_there {
        Severity::Error
    } else {
        Severity::Warning
    };
    let said = if sent_there {
        format!("the authority is {authority}, and the request goes to {to}")
    } else {
        let expected = right.first().copied().unwrap_or(to);
        format!("the authority is {authority}, and the device is reached at {expected}")
    };
    let draft = told.breaks(&AUTHORITY).at_most(most);
    let span = request.target.authority.unwrap_or_default();
    findings.add(draft.payload(span.start..span.end).because(said));
}

/// UCR-015. Before the capture, copies may have been lost.
fn several(told: &Told<'_>, findings: &mut Findings) {
    let ends =
        told.result.reasons.iter().any(
            |reason| matches!(reason, Reason::CaptureEnds { after_ms } if *after_ms < COPIES_MS),
        );
    if told.copies() != 1 || told.asked.differs || ends {
        return;
    }
    let most = if told.place() == Place::Outside {
        Severity::Warning
    } else {
        Severity::Info
    };
    let said = "the request comes once";
    findings.add(told.breaks(&SEVERAL).at_most(most).because(said));
}

/// UCR-016. Without a NAT it does no harm; and what has the port of STUN may be a server whose answers the capture lacks.
fn source(told: &Told<'_>, findings: &mut Findings) {
    let Some(way) = &told.asked.way else { return };
    let from = told.result.source;
    if way.servers.is_empty() || way.servers.contains(&from) {
        return;
    }
    let natted = told.known.nat.unwrap_or(true) || told.place() == Place::Behind;
    let own_port = way
        .servers
        .iter()
        .all(|server| server.port() != from.port());
    let most = if natted && own_port {
        Severity::Error
    } else {
        Severity::Warning
    };
    let server = way.servers.last().copied().unwrap_or(from);
    let said = format!("the request comes from {from}, and the STUN server is {server}");
    findings.add(told.breaks(&SOURCE).at_most(most).because(said));
}

/// UCR-022: the device itself says so, not a NAT that has its address, and it is not just starting.
fn listens(told: &Told<'_>, findings: &mut Findings) {
    let to = told.result.destination;
    let closed = told.result.reasons.iter().any(
        |reason| matches!(reason, Reason::Unreachable { says, by } if *says == PORT && *by == to.ip()),
    );
    let own = told.known.own == Some(to.ip());
    if !closed || !own {
        return;
    }
    let time_ns = told.asked.time_ns;
    let bound = told.asked.way.as_ref().is_some_and(|way| way.local == to);
    let reported = told.known.reported_at(time_ns);
    let starts = told
        .known
        .started_within(time_ns.saturating_sub(START_NS), i64::MAX);
    if starts || reported.is_empty() || !(bound || reported.contains(&to)) {
        return;
    }
    let said = format!(
        "the device says that nothing listens at {to}, where it can be reached by its own word"
    );
    findings.add(told.breaks(&LISTENS).because(said));
}

/// UCR-026: it goes to where the device was seen before, and is not any more.
fn current(told: &Told<'_>, findings: &mut Findings) {
    let known = told.known;
    let (to, from) = (told.result.destination, told.result.source);
    let time_ns = told.asked.time_ns;
    let settled_ns = time_ns.saturating_sub(SETTLE_NS);
    if known.reported_at(time_ns).contains(&to) {
        return;
    }
    let before = || {
        let all = known.sources.iter();
        all.filter(|source| source.server == from && source.first_ns <= time_ns)
    };
    let Some(now) = before().max_by_key(|source| source.first_ns) else {
        return;
    };
    let changed = before().filter_map(|source| Some((source.changed_ns?, source.address)));
    let changed = changed.max().map(|(_, address)| address);
    let old = before().rev().find(|source| source.address == to);
    let Some(old) = old.filter(|old| old.last_ns < settled_ns) else {
        return;
    };
    // What came last by BINDING-CHANGE, or marked by CONNECTION-REQUEST-BINDING, is right.
    if now.address == to || changed == Some(to) || now.first_ns > settled_ns {
        return;
    }
    let said = format!(
        "the request goes to {to}, where the device was last seen {} s before, and it is at {} now",
        time_ns.saturating_sub(old.last_ns) / 1_000_000_000,
        now.address
    );
    findings.add(told.breaks(&CURRENT).because(said));
}

/// Whether all copies were captured whole.
pub(super) fn is_whole(told: &Told<'_>) -> bool {
    let mut steps = told.result.steps.iter();
    steps.all(|step| step.evidence == Evidence::Complete)
}

/// As ICMP has it.
const PORT: &str = "port unreachable";
/// Milliseconds within which further copies come.
const COPIES_MS: i64 = 5_000;
/// Nanoseconds that a device takes to start, and an ACS to take over a new address.
const START_NS: i64 = 120_000_000_000;
const SETTLE_NS: i64 = 5_000_000_000;
