//! The transcripts under tests/transcripts: what is read of each.

use informant::pipeline::Options;
use informant::session::{Outcome, TriggerKind};

use crate::support::Analysis;
use crate::{HIDDEN, SHOWN, messages, read, written};

fn sample(name: &str) -> Analysis {
    read(&text(name))
}

fn text(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");
    std::fs::read_to_string(format!("{folder}/{name}.transcript")).expect("a sample is readable")
}

/// Method, response and fault code of each RPC.
fn rpcs(analysis: &Analysis) -> Vec<(&str, Option<&str>, Option<&str>)> {
    let rpcs = analysis.sessions.iter().flat_map(|session| &session.rpcs);
    rpcs.map(|rpc| {
        (
            rpc.method.as_str(),
            rpc.response.as_deref(),
            rpc.fault_code.as_deref(),
        )
    })
    .collect()
}

#[test]
fn a_bootstrap() {
    let analysis = sample("bootstrap");
    assert_eq!(analysis.problems, [""; 0]);
    let [session] = analysis.sessions.as_slice() else {
        panic!("{} sessions", analysis.sessions.len());
    };
    assert_eq!(session.outcome, Outcome::Complete);
    assert_eq!(session.device.as_deref(), Some("001122-Phone-T1"));
    assert_eq!(session.cpe.software_version.as_deref(), Some(r"1.0 \ beta"));
    assert_eq!(session.acs.url.as_deref(), Some("http://10.0.0.1:7547/acs"));
    assert_eq!(session.events, ["0 BOOTSTRAP"]);
    assert!(session.closed_by_peer);
    let trigger = session.triggered_by.as_ref().map(|trigger| trigger.kind);
    assert_eq!(trigger, Some(TriggerKind::Bootstrap));
    assert_eq!(
        rpcs(&analysis),
        [
            ("Inform", Some("InformResponse"), None),
            (
                "GetParameterValues",
                Some("GetParameterValuesResponse"),
                None
            )
        ]
    );
    // Blocks are numbered as frames are.
    let frames: Vec<u64> = session
        .steps
        .iter()
        .flat_map(|step| &step.frames)
        .map(|frame| frame.number())
        .collect();
    assert_eq!(frames, [1, 2, 3, 4, 5, 6]);
    assert_eq!(session.start.nanoseconds, 1_795_209_245_000_000_000);
    assert_eq!((session.start.digits, analysis.messages.len()), (3, 6));
    for message in &analysis.messages {
        assert!(message.http.anomalies.is_empty() && message.http.body_complete);
        let odd = message.soap.as_ref().map(cwmp::Document::anomalies);
        assert!(odd.unwrap_or_default().is_empty());
    }
    let summary = &analysis.summary;
    assert_eq!((summary.tcp.connections, summary.tcp.midstream), (1, 0));
    assert_eq!((summary.packets.ip, summary.packets.tcp), (0, 0));
    assert_eq!((summary.tcp.gaps, summary.http_stray_bytes), (0, 0));
}

#[test]
fn a_fault() {
    let analysis = sample("fault");
    assert_eq!(analysis.problems, [""; 0]);
    assert_eq!(
        rpcs(&analysis),
        [
            ("Inform", Some("InformResponse"), None),
            ("SetParameterValues", Some("Fault"), Some("9003"))
        ]
    );
    let session = &analysis.sessions[0];
    assert_eq!(session.outcome, Outcome::Faulted);
    assert_eq!(
        (session.retry_count, session.closed_by_peer),
        (Some(2), false)
    );
    let told = messages(&analysis, session);
    let asked = told[3];
    assert_eq!(
        (
            asked.provenance.started.nanoseconds % 1_000_000_000,
            asked.provenance.time.nanoseconds % 1_000_000_000
        ),
        (6_500_000, 7_000_000)
    );
    assert!(matches!(
        asked.http.framing,
        http1::Framing::Chunked { chunks: 1, .. }
    ));
    let (hidden, shown) = (
        written(&analysis, session, HIDDEN),
        written(&analysis, session, SHOWN),
    );
    assert!(shown.contains(r"<Value>hush \\o/</Value>") && !hidden.contains("hush"));
    assert!(hidden.contains("<Value>&lt;masked&gt;</Value>"));
    assert!(hidden.contains("@0.007000 since 0.006500 chunked\n"));
}

#[test]
fn a_challenge_that_is_not_answered() {
    let analysis = sample("challenge");
    assert_eq!(analysis.problems, [""; 0]);
    let session = &analysis.sessions[0];
    assert_eq!(
        (session.outcome, session.closed_by_peer),
        (Outcome::Rejected, true)
    );
    let told = messages(&analysis, session);
    assert!(
        told[0].http.body_complete && told[0].http.raw.starts_with(b"POST /acs HTTP/1.1\nHost")
    );
    let odd: Vec<&str> = told[0]
        .http
        .anomalies
        .iter()
        .map(|odd| odd.kind.name())
        .collect();
    assert_eq!(odd, ["bare-line-feed"]);
    assert_eq!(told[1].http.status(), 401);
    assert_eq!(session.start.nanoseconds, 0);
}

#[test]
fn a_datagram() {
    let analysis = sample("datagram");
    assert_eq!(analysis.problems, [""; 0]);
    let files = &analysis.summary.files[0];
    assert_eq!((files.frames, files.bytes), (2, 20));
    assert_eq!(analysis.summary.packets.udp, 1);
    assert_eq!(analysis.summary.tcp.connections, 0);
    let (first, last) = (
        files.first.unwrap_or_default(),
        files.last.unwrap_or_default(),
    );
    assert_eq!(last.milliseconds_since(first), 1_800_000.0);
}

#[test]
fn what_stands_before_a_wrong_line_is_read() {
    let analysis = sample("malformed");
    assert_eq!(
        analysis.problems,
        [
            "it.transcript: line 7: '>' was expected between the two addresses, such as \
             '>> 10.0.0.2:40112 > 10.0.0.1:7547 @0.000': every block before it was read"
        ]
    );
    assert_eq!(analysis.summary.http_requests, 1);
    assert_eq!(analysis.summary.http_responses, 0);
    assert!(analysis.summary.files[0].truncated);
}

#[test]
fn a_bound_on_blocks_is_kept() {
    let options = Options {
        frames_max: Some(2),
        ..Options::default()
    };
    let analysis = crate::read_as(text("bootstrap").as_bytes(), &options);
    assert_eq!(analysis.summary.files[0].frames, 2);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Incomplete);
}
