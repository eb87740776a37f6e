//! From which port a device asks, and whom: the port for Connection Requests, others beside it, the server (TR-069 Amendment 3
//! sections G.2.1.1 to G.2.1.3).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use stun::Message;
use stun::kind::{CHANGE_REQUEST, RESPONSE_ADDRESS};

use super::known::Known;
use super::local::Local;
use super::period::{SECOND_NS, seconds};
use super::watch::Asked;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Closed, Draft, Findings, Rule, Scope};
use crate::session::address::is_private;
use crate::session::{Datagram, Severity};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &UNMARKED,
    &OTHER_PORT,
    &NEVER_PROBES,
    &PROBE,
    &SERVER,
    &SWITCHED_OFF,
    &MOVED,
];

const UNMARKED: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.3"), cite("TR-111", "2.2.1.3")],
    demands: "Every Binding Request from the port for UDP Connection Requests has CONNECTION-REQUEST-BINDING.",
    why: "The server tells by this attribute alone which port Connection Requests may be sent to. Keep-alives without it keep the NAT \
          open, but the server's entry for the device expires.",
    mend_cpe: "Add CONNECTION-REQUEST-BINDING to keep-alives and to discovery requests of that port as well.",
    bad: "10.0.0.2:36000 Binding Request: CONNECTION-REQUEST-BINDING\n10.0.0.2:36000 Binding Request: (nothing)",
    good: "10.0.0.2:36000 Binding Request: CONNECTION-REQUEST-BINDING\n10.0.0.2:36000 Binding Request: CONNECTION-REQUEST-BINDING",
    related: &["STUN-010"],
    wireshark: "classicstun.type == 0x0001 && !(udp contains \"dslforum.org/TR-111\")",
    ..Rule::must(
        "STUN-009",
        "connection-request-binding-missing",
        Scope::Device,
    )
};

const OTHER_PORT: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[a3("G.2.1.3"), cite("TR-111", "2.2.1.3")],
    demands: "CONNECTION-REQUEST-BINDING comes from the port for UDP Connection Requests and from no other.",
    why: "The ACS sends its Connection Requests to the port that spoke last. Where that is the one of a discovery or of SIP, nobody \
          there understands them.",
    mend_cpe: "Leave CONNECTION-REQUEST-BINDING out of requests from any port on which the device does not listen for Connection Requests.",
    bad: "10.0.0.2:36000 Binding Request: CONNECTION-REQUEST-BINDING\n10.0.0.2:36001 Binding Request: CONNECTION-REQUEST-BINDING",
    good: "10.0.0.2:36000 Binding Request: CONNECTION-REQUEST-BINDING\n10.0.0.2:36001 Binding Request: RESPONSE-ADDRESS",
    related: &["STUN-009", "STUN-024"],
    wireshark: "udp contains \"dslforum.org/TR-111\"",
    ..Rule::must(
        "STUN-010",
        "connection-request-binding-from-two-ports",
        Scope::Device,
    )
};

const NEVER_PROBES: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[a3("G.2.1.2"), cite("TR-111", "2.2.1.2")],
    demands: "Behind a NAT, where the minimum and the maximum period differ, the device finds out how long the NAT keeps a binding: \
              by requests from a second port with RESPONSE-ADDRESS.",
    why: "A device that never asks takes one of the two: with the maximum its binding may be gone between keep-alives, with the minimum it \
          loads the server for nothing.",
    mend_cpe: "Send Binding Requests from a second port with the mapped address of the first as RESPONSE-ADDRESS, after growing pauses.",
    mend_acs: "Or set both periods to the same value, if the NATs are known.",
    bad: "STUNMinimumKeepAlivePeriod 30, STUNMaximumKeepAlivePeriod 300\nkeep-alives every 300 s, and nothing else",
    good: "10.0.0.2:36001 Binding Request: RESPONSE-ADDRESS 203.0.113.9:40000",
    related: &["STUN-021", "STUN-024"],
    wireshark: "classicstun.att.type == 0x0002",
    of_absence: true,
    ..Rule::must("STUN-023", "binding-timeout-never-probed", Scope::Device)
};

const PROBE: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.2"), cite("TR-111", "2.2.1.2 figure 4")],
    demands: "A probe from the second port has the first port's last MAPPED-ADDRESS as RESPONSE-ADDRESS, and neither CONNECTION-REQUEST-BINDING nor BINDING-CHANGE.",
    why: "With CONNECTION-REQUEST-BINDING the server takes the second port for the one to send Connection Requests to. With an address of \
          before, the answer goes to a port that is not the device's any more, and the binding seems to have expired.",
    mend_cpe: "Put RESPONSE-ADDRESS alone into the probe, with the address from the latest answer at the first port.",
    bad: "10.0.0.2:36001 Binding Request: RESPONSE-ADDRESS, CONNECTION-REQUEST-BINDING",
    good: "10.0.0.2:36001 Binding Request: RESPONSE-ADDRESS 203.0.113.9:40000",
    related: &["STUN-010", "STUN-033"],
    wireshark: "classicstun.att.type == 0x0002",
    ..Rule::must("STUN-024", "stun-probe-wrong", Scope::Device)
};

const SERVER: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[
        a3("G.2.1.1"),
        cite("TR-111", "2.2.4.1 table 6 STUNServerAddress"),
    ],
    demands: "The device asks the server of STUNServerAddress and STUNServerPort; where the address is empty, the host of the ACS.",
    why: "A NAT lets Connection Requests in only from where the device sent to. A device that keeps its bindings at the SIP provider's \
          STUN server is reported as reachable, and the ACS's requests end at the NAT.",
    mend_cpe: "Take server and port from ManagementServer, not from the settings for calls.",
    bad: "STUNServerPort 3478\n10.0.0.2:36000 > 198.51.100.1:3479 Binding Request",
    good: "STUNServerPort 3478\n10.0.0.2:36000 > 198.51.100.1:3478 Binding Request",
    related: &["STUN-039"],
    wireshark: "udp contains \"dslforum.org/TR-111\"",
    ..Rule::must("STUN-036", "stun-server-not-the-one-set", Scope::Device)
};

pub(super) const SWITCHED_OFF: Rule = Rule {
    blame: CPE,
    cites: &[a3("G.2.1.1"), cite("TR-111", "2.2.4.1 table 6 STUNEnable")],
    demands: "While STUNEnable is false, the device sends no Binding Requests for Connection Requests, and NATDetected is false.",
    why: "An operator switches STUN off to take load from the server or because it moved; devices that go on keep hammering an address \
          that may be somebody else's by now.",
    mend_cpe: "Stop the keep-alives when STUNEnable turns false, without waiting for a restart, and report NATDetected as false.",
    bad: "SetParameterValues STUNEnable = 0\nBinding Request: CONNECTION-REQUEST-BINDING        a minute later",
    good: "SetParameterValues STUNEnable = 0\n(nothing)",
    related: &["STUN-038"],
    wireshark: "udp contains \"dslforum.org/TR-111\"",
    ..Rule::must("STUN-037", "stun-though-switched-off", Scope::Device)
};

const MOVED: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[a3("G.2.1.1"), cite("TR-111", "2.2.1.1")],
    demands: "A device that gets another local address discovers its binding anew.",
    why: "The binding belongs to the old address. Until the device asks from the new one, Connection Requests go to a host that no longer \
          exists, or to whoever got the old address.",
    mend_cpe: "Start the discovery again when the interface gets another address, and do not wait for the minimum period.",
    bad: "DHCP: 10.0.0.2 becomes 10.0.0.9\nno Binding Request from 10.0.0.9",
    good: "DHCP: 10.0.0.2 becomes 10.0.0.9\n10.0.0.9:36000 Binding Request: CONNECTION-REQUEST-BINDING",
    related: &["STUN-022"],
    wireshark: "dhcp.option.dhcp == 5 || udp contains \"dslforum.org/TR-111\"",
    of_absence: true,
    ..Rule::must(
        "STUN-042",
        "no-discovery-after-a-new-address",
        Scope::Device,
    )
};

/// Another endpoint at the same address.
pub(super) struct Other {
    pub address: SocketAddr,
    pub marked_ns: i64,
    pub first_ns: i64,
}

/// A device that got another address.
#[derive(Debug)]
pub(super) struct Moved {
    pub device: Arc<str>,
    pub to: IpAddr,
    pub time_ns: i64,
    pub frames: Vec<FrameId>,
}

/// Looks at a request that repeats no other.
pub(super) fn look(local: &Local, asked: &Asked<'_>, findings: &mut Findings) {
    let (message, datagram) = (asked.message, asked.datagram);
    if message.is_truncated() {
        return;
    }
    unmarked(local, asked, findings);
    let Some(known) = asked.known else { return };
    if !message.has_connection_request_binding() {
        return;
    }
    if let Some(off_ns) = known.off_since_ns
        && asked.time_ns().saturating_sub(off_ns) > STOP_NS
        && known.enabled == Some(false)
    {
        let said = format!(
            "a Binding Request {} after the ACS set STUNEnable to false",
            seconds(asked.time_ns().saturating_sub(off_ns))
        );
        let draft = Draft::of_datagram(&SWITCHED_OFF, datagram);
        findings.add(draft.because(said));
        return;
    }
    if asked.time_ns().saturating_sub(known.since_ns) > MOVE_NS {
        server(known, asked, findings);
    }
}

/// STUN-009: from a port that said of itself a moment ago that it is the one, to the same server.
fn unmarked(local: &Local, asked: &Asked<'_>, findings: &mut Findings) {
    if local.requests == 0
        || asked.message.has_connection_request_binding()
        // BINDING-CHANGE alone is told by STUN-008.
        || asked.message.has_binding_change()
        || asked.datagram.destination != local.server
        || asked.message.message_type != 1
    {
        return;
    }
    let since_ns = asked.time_ns().saturating_sub(local.marked_ns);
    if since_ns > MARKED_NS {
        return;
    }
    let what = if asked.message.has(CHANGE_REQUEST) {
        "a request with CHANGE-REQUEST"
    } else {
        "a request"
    };
    let said = format!(
        "{what} without CONNECTION-REQUEST-BINDING, {} after one with it from the same port",
        seconds(since_ns)
    );
    findings.add(Draft::of_datagram(&UNMARKED, asked.datagram).because(said));
}

fn server(known: &Known, asked: &Asked<'_>, findings: &mut Findings) {
    let to = asked.datagram.destination;
    let draft = || Draft::of_datagram(&SERVER, asked.datagram);
    if let Some(port) = known.server_port.filter(|port| *port != to.port()) {
        let said = format!(
            "the request goes to port {}, and STUNServerPort is {port}",
            to.port()
        );
        findings.add(draft().because(said));
        return;
    }
    // A name is not looked up: which addresses it has, the capture does not tell.
    let (address, what) = match known.server_address.as_deref() {
        Some("") => (known.acs, "STUNServerAddress is empty, and the ACS is at"),
        Some(text) => (text.parse().ok(), "STUNServerAddress is"),
        None => return,
    };
    if let Some(address) = address.filter(|address| *address != to.ip()) {
        let said = format!("the request goes to {}, {what} {address}", to.ip());
        findings.add(draft().because(said));
    }
}

/// STUN-010: two ports of one address that both claim to be the one, in turns.
pub(super) fn two(
    local: &mut Local,
    other: &Other,
    known: Option<&Known>,
    datagram: &Datagram,
    findings: &mut Findings,
) {
    let now_ns = datagram.time.nanoseconds;
    // This one came first, the other in between, and now this one again: it was not given up for the other.
    let in_turns = local.first_ns < other.first_ns && local.marked_ns == now_ns;
    let lately = now_ns.saturating_sub(other.marked_ns) < MARKED_NS;
    let both = local.requests > 1 && local.device.is_some();
    if !in_turns || !lately || !both {
        return;
    }
    local.two_ports_told = true;
    let own = known.and_then(|known| known.own) == Some(local.address.ip());
    let sure = own && is_private(local.address.ip());
    let most = if sure {
        Severity::Warning
    } else {
        Severity::Info
    };
    let said = format!(
        "{} and {} both send CONNECTION-REQUEST-BINDING, {} apart",
        local.address,
        other.address,
        seconds(now_ns.saturating_sub(other.marked_ns))
    );
    let draft = Draft::of_datagram(&OTHER_PORT, datagram).at_most(most);
    findings.add(draft.because(said));
}

/// A request from another port of a device's address, with the answer sent to the first port.
pub(super) fn probe(
    local: &Local,
    message: &Message,
    datagram: &Datagram,
    answered_at: SocketAddr,
    findings: &mut Findings,
) {
    let at = message
        .attribute(RESPONSE_ADDRESS)
        .map_or(0, |one| one.offset);
    let breaks = || {
        let draft = Draft::of_datagram(&PROBE, datagram).payload(at..at + 12);
        match &local.device {
            Some(device) => draft.device(device),
            None => draft,
        }
    };
    for (has, name) in [
        (
            message.has_connection_request_binding(),
            "CONNECTION-REQUEST-BINDING",
        ),
        (message.has_binding_change(), "BINDING-CHANGE"),
    ] {
        if has {
            let said = format!(
                "the probe of {} from {} has {name}",
                local.address, datagram.source
            );
            findings.add(breaks().because(said));
        }
    }
    let Some(mapped) = local.mapped.back() else {
        return;
    };
    let since_ns = datagram.time.nanoseconds.saturating_sub(mapped.since_ns);
    if mapped.address != answered_at && answered_at != local.address && since_ns > STOP_NS {
        let said = format!(
            "RESPONSE-ADDRESS is {answered_at}, and the last MAPPED-ADDRESS was {}",
            mapped.address
        );
        findings.add(breaks().at_most(Severity::Warning).because(said));
    }
}

/// STUN-023, at the end of the capture.
pub(super) fn never_probed(local: &Local, known: Option<&Known>, findings: &mut Findings) {
    let Some(known) = known else { return };
    let (Some(minimum_s), Some(maximum_s)) = (known.minimum_s, known.maximum_s) else {
        return;
    };
    // What it found out before the capture began, it need not find out again.
    let started_ns = known.started_ns.unwrap_or(i64::MAX);
    let begins = local.first_ns.max(known.since_ns);
    let watched_ns = local.last_ns.saturating_sub(begins);
    let long = watched_ns > maximum_s.saturating_mul(PERIODS * SECOND_NS);
    let differ = minimum_s != maximum_s && maximum_s > 0;
    let seen = local.requests >= 5 && local.responses >= 3 && started_ns <= local.first_ns;
    if !(differ && long && seen && local.is_translated() && local.probes == 0) {
        return;
    }
    let Some(last) = local.transactions.back() else {
        return;
    };
    let time = crate::source::Timestamp {
        nanoseconds: last.first_ns,
        ..crate::source::Timestamp::default()
    };
    let said = format!(
        "no request with RESPONSE-ADDRESS in {}, and the periods are {minimum_s} and {maximum_s}",
        seconds(watched_ns)
    );
    let mut draft = Draft::of_frames(&NEVER_PROBES, &last.frames, time).because(said);
    if let Some(device) = &local.device {
        draft = draft.device(device);
    }
    findings.add(draft);
}

/// STUN-042: a session from the new address long after it was given, and no Binding Request from there; false once that is told.
pub(super) fn still_waits(
    moved: &Moved,
    closed: &Closed<'_>,
    known: Option<&Known>,
    findings: &mut Findings,
) -> bool {
    let session = closed.session;
    if session.device.as_ref() != Some(&moved.device) || session.cpe.address != Some(moved.to) {
        return true;
    }
    let Some(known) = known.filter(|known| known.enabled != Some(false)) else {
        return true;
    };
    let Some(maximum_s) = known.maximum_s.filter(|one| *one > 0) else {
        return true;
    };
    let since_ns = session.start.nanoseconds.saturating_sub(moved.time_ns);
    let due_ns = maximum_s.saturating_mul(SECOND_NS);
    if since_ns <= due_ns.saturating_add(due_ns / 10).saturating_add(MOVE_NS) {
        return true;
    }
    let said = format!(
        "no Binding Request from {} in {} since DHCP gave it, and STUNMaximumKeepAlivePeriod is {maximum_s}",
        moved.to,
        seconds(since_ns)
    );
    findings.add(closed.breaks(&MOVED).shown_in(&moved.frames).because(said));
    false
}

/// A binding that said this long ago that it is for Connection Requests still is.
const MARKED_NS: i64 = 120 * SECOND_NS;
/// Nanoseconds for a device to stop.
const STOP_NS: i64 = 10 * SECOND_NS;
/// Nanoseconds for a device to move to another server or address.
const MOVE_NS: i64 = 60 * SECOND_NS;
/// Longest periods of quiet that a device is watched for.
const PERIODS: i64 = 5;
