//! Every operator on values that are known.

use std::net::IpAddr;
use std::sync::Arc;

use informant::filter::{Filter, Seen};
use informant::session::{
    Acs, Cpe, Device, Evidence, Outcome, Rpc, Session, Side, Step, StepKind, Transport, Trigger,
    TriggerKind,
};
use informant::source::{FrameId, Timestamp};

use crate::parsed;

/// 2026-03-14T09:00:00.250 UTC, as `date --utc --date=... +%s%3N` has it, in nanoseconds.
const START_NS: i64 = 1_773_478_800_250_000_000;

fn time(nanoseconds: i64) -> Timestamp {
    Timestamp {
        nanoseconds,
        digits: 6,
    }
}

fn rpc(method: &str, fault_code: Option<&str>) -> Rpc {
    Rpc {
        method: method.to_owned(),
        from: Side::Acs,
        id: Some("7".to_owned()),
        request_frames: vec![FrameId::new(0, 12), FrameId::new(0, 14)],
        request_time: time(START_NS),
        response: fault_code.map(|_| "Fault".to_owned()),
        response_frames: vec![FrameId::new(1, 15)],
        fault_code: fault_code.map(str::to_owned),
        elapsed_ms: Some(12.5),
    }
}

fn session() -> Session {
    let address: Option<IpAddr> = "10.0.0.2".parse().ok();
    Session {
        number: 4,
        start: time(START_NS),
        end: time(START_NS + 1_500_000_000),
        device: Some(Arc::from("001122-Set%2Dtop-00090")),
        cpe: Cpe {
            address,
            manufacturer: Some("Maker".to_owned()),
            oui: Some("001E10".to_owned()),
            product_class: Some("Set-top".to_owned()),
            serial_number: Some("00090".to_owned()),
            software_version: None,
        },
        acs: Acs {
            address,
            port: Some(7547),
            url: Some("http://10.0.0.1:7547/acs".to_owned()),
        },
        transport: Transport::Http,
        namespace: Some("urn:dslforum-org:cwmp-1-0".to_owned()),
        negotiated_version: Some("1.0".to_owned()),
        connections: vec![3, 4],
        events: vec!["1 BOOT".to_owned(), "4 VALUE CHANGE".to_owned()],
        rpcs: vec![rpc("Inform", None), rpc("SetParameterValues", Some("9005"))],
        steps: vec![Step {
            time: time(START_NS),
            from: Side::Cpe,
            kind: StepKind::EmptyRequest,
            frames: vec![FrameId::new(0, 11)],
            connection: 3,
            status: None,
            evidence: Evidence::Complete,
            contested: false,
            hold_requests: None,
            body_bytes: 0,
            detail: None,
        }],
        outcome: Outcome::Faulted,
        gaps: 0,
        dropped: None,
        retry_count: None,
        closed_by_peer: false,
        endings: Vec::new(),
        is_over: false,
        triggered_by: Some(Trigger {
            kind: TriggerKind::Boot,
            frames: vec![FrameId::new(0, 11)],
        }),
        learned: Vec::new(),
    }
}

fn device() -> Device {
    Device {
        device: Arc::from("001122-00090"),
        manufacturer: None,
        oui: Some("001122".to_owned()),
        product_class: None,
        serial_number: Some("00090".to_owned()),
        software_version: Some("10.1.54".to_owned()),
        addresses: ["10.0.0.2", "2001:db8::2"]
            .iter()
            .filter_map(|address| address.parse().ok())
            .collect(),
        acs_urls: vec!["http://a/".to_owned(), "http://b/".to_owned()],
        connection_request_url: None,
        udp_connection_request_address: None,
        nat_detected: None,
        gateway: None,
        dhcp: None,
        bindings: Vec::new(),
        sessions: 3,
        first: time(START_NS),
        last: time(START_NS),
    }
}

#[test]
fn what_holds_of_a_session_and_what_does_not() {
    let session = session();
    for expression in [
        // Text is compared exactly, numbers as numbers.
        "rpc == Inform",
        "rpc == \"SetParameterValues\"",
        "fault_code == 9005",
        "fault_code == \"9005\"",
        "fault_code != 9006",
        "fault_code >= 9000 && fault_code < 9006",
        "fault_code == 9005.0",
        "serial_number == 90",
        "serial_number == 00090",
        "device.serial_number glob \"000*\"",
        "oui == 001E10",
        "negotiated_version >= 1",
        "acs.port == 7547 && acs.port == \"7547\" && acs.port != 80",
        "cpe.address == 10.0.0.2",
        "session == 4 && session <= 4 && session >= 4",
        "connections == 2",
        "gaps == 0",
        // Times and durations.
        "start == 2026-03-14T09:00:00.25Z",
        "start >= \"2026-03-14T09:00:00Z\"",
        "start > 2026-03-14",
        "start < 2026-03-14T10:00:00.3+01:00",
        "start in {2026-03-14..2026-03-15}",
        "start ~ /T09:00:00\\.250000Z$/",
        "duration_ms > 500 && duration_ms == 1500 && duration_ms == 1.5s && duration_ms < 1min",
        "duration_ms <= 0.1h && duration_ms < 1d && duration_ms > 1499.9ms",
        "rpcs.elapsed_ms == 12.5",
        // Several values: any one will do.
        "events == \"1 BOOT\" && events == \"4 VALUE CHANGE\" && events != \"1 BOOT\"",
        "frames == 11",
        "rpcs.request_frames in {13..20} && rpcs.response_frame_files == 2",
        // Patterns and parts.
        "acs.url ~ /^HTTP:.*acs$/i",
        "acs.url contains 7547",
        "acs.url glob http://*/acs",
        "cpe.product_class glob \"Set[!_]to[a-p]\"",
        "manufacturer glob \"M?k[^a]r\"",
        "rpc glob \"*Parameter*\"",
        // Sets.
        "rpc in {Reboot, Inform}",
        "fault_code in {9000..9019}",
        "outcome in {complete, faulted}",
        "triggered_by.kind == boot",
        // Existence.
        "rpcs && cpe && acs && triggered_by && fault_code && device.oui",
        "!retry_count && !software_version",
        "not retry_count and not (rpc == Reboot)",
        "record == session",
    ] {
        assert!(parsed(expression).session(&session), "{expression} holds");
        let negated = format!("!({expression})");
        assert!(
            !parsed(&negated).session(&session),
            "{negated} does not hold"
        );
    }
    for expression in [
        "rpc == inform",
        "rpc == \"Inform \"",
        "fault_code == \"09005\"",
        "serial_number == \"90\"",
        "serial_number == 0090",
        // Not a number with an exponent.
        "oui == 01E10",
        "oui > 5",
        "retry_count == 0",
        "retry_count != 0",
        "acs.url glob http",
        "acs.url glob \"*[x-z]\"",
        "duration_ms > 1.5s",
        "start < 2026-03-14T09:00:00Z",
        "events == \"0 BOOTSTRAP\"",
        "events contains \"boot\"",
        "outcome == complete",
        "frames == 12",
        // Of other records, and of features to come.
        "status == 200",
        "status != 200",
        "headers.Host",
        "finding.severity >= info",
        "findings",
        "transaction_id != 1",
        // Only its messages know.
        "parameter ~ /./",
    ] {
        assert!(!parsed(expression).session(&session), "{expression}");
    }
}

#[test]
fn what_holds_of_a_device() {
    let device = device();
    for (expression, expected) in [
        ("addresses == 2001:db8::2", true),
        ("addresses == 10.0.0.3", false),
        ("device == 001122-00090 && serial_number == \"00090\"", true),
        ("sessions >= 3", true),
        ("acs.url == http://b/", true),
        ("manufacturer", false),
        ("software_version glob 10.1.*", true),
        ("record == device", true),
        ("outcome == complete", false),
        ("cpe.serial_number", false),
    ] {
        assert_eq!(parsed(expression).device(&device), expected, "{expression}");
    }
}

#[test]
fn a_session_is_whole_where_no_message_is_needed() {
    let session = session();
    let filter = parsed("rpc == Inform");
    assert!(Seen::new(&filter).is_whole(&session));
    assert!(Seen::new(&filter).session(&session));
    let filter = parsed("rpc == Inform && !parameter");
    let mut seen = Seen::new(&filter);
    assert!(!seen.is_whole(&session));
    assert!(seen.session(&session));
}

/// Each takes an exponential or quadratic matcher hours; here the length of the text decides.
#[test]
fn hostile_patterns_take_linear_time() {
    let mut session = session();
    session.namespace = Some("a".repeat(1 << 20));
    for expression in [
        "namespace ~ /(a*)*b/",
        "namespace ~ /(a|a)*(a|aa)*$b/",
        "namespace glob \"*a*a*a*a*a*a*a*a*a*a*a*b\"",
        "namespace glob \"*************b\"",
        "namespace contains \"aaaaaaaaaaaaaaab\"",
    ] {
        let filter: Filter = parsed(expression);
        let started = std::time::Instant::now();
        assert!(!filter.session(&session), "{expression}");
        let took = started.elapsed();
        assert!(took.as_secs() < 10, "{expression} took {took:?}");
    }
}
