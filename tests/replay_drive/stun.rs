//! STUN on both sides, over loopback: a device is woken through the binding that it keeps.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use informant::replay::action::{WireEvent, WireEventKind};
use informant::replay::binding::{Account, Cpe, Setting as Keeping};
use informant::replay::drive::{self, ANY_BINDING, Doorbell, Seat, StunServer, WakeUrl};
use informant::replay::scenario::{Act, ActionStep, Role, Scenario, Step, Stun, Via};
use informant::session::ReplayVerdict;
use stun::{Builder, Form, kind};
use tokio::net::UdpSocket;

use super::program::{program, run, said_when_listening, text, written};
use super::{Setting, block_on, expect, inform, listener, play, scenario, send};

fn wake() -> Step {
    Step {
        act: Act::Action(ActionStep::ConnectionRequest {
            url: "{{udp_connection_request_address}}".to_owned(),
            via: Via::Udp,
            username: Some("user".to_owned()),
            password: Some("secret".to_owned()),
        }),
        after: None,
    }
}

/// An ACS that serves a session, wakes the device, and serves another.
pub(super) fn acs(copies: u32) -> Scenario {
    let head =
        "HTTP/1.1 200 OK\nContent-Type: text/xml; charset=utf-8\nContent-Length: {{http.length}}";
    let session = || {
        [
            expect("Inform"),
            send(Some("01.xml"), head, Vec::new()),
            expect("empty"),
            send(None, "HTTP/1.1 204 No Content", Vec::new()),
        ]
    };
    let mut steps: Vec<Step> = session().into();
    steps.push(wake());
    steps.extend(session());
    let mut scenario = scenario(Role::Acs, steps);
    let body = super::INFORM_RESPONSE.as_bytes().to_vec();
    scenario.files.insert("01.xml".to_owned(), body);
    scenario.stun = Some(Stun {
        copies,
        copy_after: Duration::from_millis(1),
        ..Stun::default()
    });
    scenario
}

/// A device that tells where it is bound, waits to be woken, and comes again.
pub(super) fn cpe() -> Scenario {
    let head = "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Type: text/xml; charset=utf-8\nSOAPAction:\n\
                Content-Length: {{http.length}}";
    let empty = "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Length: 0";
    let session = |body: &str| {
        [
            send(Some(body), head, Vec::new()),
            expect("InformResponse"),
            send(None, empty, Vec::new()),
            expect("empty"),
        ]
    };
    let mut steps: Vec<Step> = session("01.xml").into();
    steps.push(wake());
    steps.extend(session("02.xml"));
    let mut scenario = scenario(Role::Cpe, steps);
    let told = "<ParameterList xmlns:enc=\"http://schemas.xmlsoap.org/soap/encoding/\" \
                enc:arrayType=\"cwmp:ParameterValueStruct[1]\"><ParameterValueStruct>\
                <Name>Device.ManagementServer.UDPConnectionRequestAddress</Name>\
                <Value>{{udp_connection_request_address}}</Value></ParameterValueStruct></ParameterList>";
    let first = inform().replace("<ParameterList></ParameterList>", told);
    let second = first.replace("1 BOOT", "6 CONNECTION REQUEST");
    for (name, body) in [("01.xml", first), ("02.xml", second)] {
        scenario.files.insert(name.to_owned(), body.into_bytes());
    }
    scenario
}

fn account() -> Option<Account> {
    Some(Account {
        username: "stunuser".to_owned(),
        password: Some("stunpass".to_owned()),
    })
}

async fn loopback() -> StunServer {
    let any = ([127, 0, 0, 1], 0).into();
    StunServer::at(any).await.expect("loopback")
}

async fn doorbell(stun_server: SocketAddr, form: Form) -> Doorbell {
    let account_of_wake = Some(("user".to_owned(), "secret".to_owned()));
    let any = ([127, 0, 0, 1], 0).into();
    let mut doorbell = Doorbell::at(any, account_of_wake).await.expect("loopback");
    let keeping = Keeping {
        stun_server,
        form,
        account: account(),
        keep_alive: Duration::from_secs(30),
    };
    doorbell.keep_binding(Cpe::new(keeping, Box::new(drive::random)), true);
    doorbell
}

fn patient() -> Setting {
    let given = |address: &str| {
        (
            "udp_connection_request_address".to_owned(),
            address.to_owned(),
        )
    };
    Setting {
        timeout: Duration::from_secs(5),
        values: [given(ANY_BINDING)].into(),
        ..Setting::default()
    }
}

fn datagrams(events: &[WireEvent]) -> Vec<(SocketAddr, SocketAddr, &[u8])> {
    let datagrams = events.iter().filter_map(|event| match &event.kind {
        WireEventKind::Datagram(bytes) => Some((event.source, event.destination, &bytes[..])),
        _ => None,
    });
    datagrams.collect()
}

#[test]
fn a_device_is_woken_through_its_binding() {
    for (form, challenges) in [
        (Form::Rfc3489, false),
        (Form::Rfc3489, true),
        (Form::Rfc5389, true),
    ] {
        block_on(async {
            let (listener, address) = listener().await;
            let mut stun = loopback().await;
            stun.begin(account(), challenges);
            let [primary, _] = stun.addresses();
            let doorbell = doorbell(primary, form).await;
            let bound = doorbell.udp_address().expect("an address");
            let acs_seat = Seat::Acs {
                listener,
                tls: None,
                wake: None,
                files: None,
                stun: Some(stun),
            };
            let cpe_seat = Seat::Cpe {
                acs: address,
                tls: None,
                doorbell: Some(doorbell),
            };
            let (acs, cpe) = (acs(5), cpe());
            let ((woke, events), (woken, theirs)) = tokio::join!(
                play(&acs, acs_seat, address, patient()),
                play(&cpe, cpe_seat, address, patient())
            );
            for played in [&woke, &woken] {
                let replayed = &played.replayed;
                assert_eq!(replayed.verdict, ReplayVerdict::Passed, "{replayed:#?}");
                assert_eq!(played.notes, [""; 0]);
            }
            let all = datagrams(&events);
            let wakes: Vec<_> = all
                .iter()
                .filter(|(_, _, bytes)| bytes[0] == b'G')
                .collect();
            assert_eq!(wakes.len(), 5, "as many copies as the scenario has");
            assert!(wakes.iter().all(|it| **it == (primary, bound, wakes[0].2)));
            let asked = all.iter().filter(|(from, ..)| *from == bound);
            assert_eq!(asked.count(), if challenges { 3 } else { 2 });
            assert!(datagrams(&theirs).len() >= 2);
            let informs = theirs.iter().any(|event| match &event.kind {
                WireEventKind::Bytes(bytes) => {
                    String::from_utf8_lossy(bytes).contains(&format!("<Value>{bound}</Value>"))
                }
                _ => false,
            });
            assert!(informs, "the Inform tells the mapped address");
        });
    }
}

#[test]
fn a_binding_of_nobody_who_informed_is_not_used_unless_it_is_proven() {
    for is_proven in [false, true] {
        block_on(async {
            let (listener, address) = listener().await;
            let mut stun = loopback().await;
            stun.begin(account(), is_proven);
            let [primary, _] = stun.addresses();
            let mut acs = acs(1);
            acs.steps.drain(..4);
            let seat = Seat::Acs {
                listener,
                tls: None,
                wake: None,
                files: None,
                stun: Some(stun),
            };
            let impatient = Setting {
                timeout: Duration::from_millis(400),
                ..patient()
            };
            let phone = UdpSocket::bind("127.0.0.1:0").await.expect("loopback");
            let mut request = Builder::new(1, [9; 16])
                .attribute(kind::USERNAME, b"stunuser")
                .connection_request_binding()
                .binding_change();
            if is_proven {
                request = request.integrity(Form::Rfc3489, b"stunpass");
            }
            let request = request.finish().expect("short");
            let asks = async {
                phone.send_to(&request, primary).await.expect("loopback");
                let mut room = [0; 1000];
                let (count, from) = phone.recv_from(&mut room).await.expect("an answer");
                let answer = stun::parse(&room[..count], count).expect("STUN");
                assert_eq!((from, answer.class()), (primary, stun::Class::Response));
            };
            let ((played, events), ()) = tokio::join!(play(&acs, seat, address, impatient), asks);
            let woke = datagrams(&events)
                .iter()
                .any(|(_, _, bytes)| bytes[0] == b'G');
            assert_eq!(woke, is_proven);
            let verdict = &played.replayed.verdict;
            assert!(
                matches!(verdict, ReplayVerdict::PeerFailed(_)),
                "{verdict:?}"
            );
        });
    }
}

#[test]
fn a_silent_stun_server_ends_the_run_that_needs_it() {
    block_on(async {
        let (_listener, address) = listener().await;
        let silent = UdpSocket::bind("127.0.0.1:0").await.expect("loopback");
        let stun_server = silent.local_addr().expect("an address");
        let seat = Seat::Cpe {
            acs: address,
            tls: None,
            doorbell: Some(doorbell(stun_server, Form::Rfc3489).await),
        };
        // Nine times, then 1.6 s: the run's own limit is shorter here.
        let hurried = Setting {
            limit: Duration::from_millis(250),
            ..patient()
        };
        let (played, events) = play(&cpe(), seat, address, hurried).await;
        let verdict = &played.replayed.verdict;
        assert!(
            matches!(verdict, ReplayVerdict::PeerFailed(_)),
            "{verdict:?}"
        );
        let all = datagrams(&events);
        assert!(
            all.len() >= 2 && all.len() == events.len(),
            "it never informed"
        );
        assert!(
            all.iter()
                .all(|(_, to, bytes)| *to == stun_server && *bytes == all[0].2)
        );
    });
}

#[test]
fn a_flood_neither_holds_up_the_run_nor_is_answered_without_end() {
    block_on(async {
        let (listener, address) = listener().await;
        let stun = loopback().await;
        let [primary, _] = stun.addresses();
        let acs_seat = Seat::Acs {
            listener,
            tls: None,
            wake: None,
            files: None,
            stun: Some(stun),
        };
        let mut acs = acs(1);
        acs.steps.truncate(4);
        let mut cpe = cpe();
        cpe.steps.truncate(4);
        let cpe_seat = Seat::Cpe {
            acs: address,
            tls: None,
            doorbell: None,
        };
        let stranger = UdpSocket::bind("127.0.0.1:0").await.expect("loopback");
        let elsewhere = UdpSocket::bind("127.0.0.2:0").await.expect("loopback");
        let target = elsewhere.local_addr().expect("an address");
        let probe = Builder::new(1, [3; 16]).address(kind::RESPONSE_ADDRESS, target);
        let probe = probe.finish().expect("short");
        let request = Builder::new(1, [5; 16]).connection_request_binding();
        let request = request.finish().expect("short");
        let huge = vec![0; 9000];
        let flood = async {
            for _ in 0..2000 {
                for bytes in [&request, &probe, &huge] {
                    let _ = stranger.try_send_to(bytes, primary);
                }
                tokio::task::yield_now().await;
            }
        };
        let ((served, events), (came, _), ()) = tokio::join!(
            play(&acs, acs_seat, address, patient()),
            play(&cpe, cpe_seat, address, patient()),
            flood
        );
        assert_eq!(
            came.replayed.verdict,
            ReplayVerdict::Passed,
            "{:#?}",
            came.replayed
        );
        assert_eq!(served.replayed.verdict, ReplayVerdict::Passed);
        let all = datagrams(&events);
        assert!(!all.is_empty() && all.len() < 1000, "{}", all.len());
        assert!(
            all.iter()
                .all(|(from, to, _)| *from != target && *to != target)
        );
        assert!(served.notes.iter().any(|note| note.contains("passed over")));
        let mut room = [0; 100];
        assert!(elsewhere.try_recv(&mut room).is_err());
    });
}

#[test]
fn a_named_host_is_woken_at_its_binding_before_it_informs() {
    block_on(async {
        let (listener, address) = listener().await;
        let stun = loopback().await;
        let [primary, _] = stun.addresses();
        let doorbell = doorbell(primary, Form::Rfc3489).await;
        let acs_seat = Seat::Acs {
            listener,
            tls: None,
            wake: Some(WakeUrl::read("http://127.0.0.1:9/").expect("a URL")),
            files: None,
            stun: Some(stun),
        };
        let cpe_seat = Seat::Cpe {
            acs: address,
            tls: None,
            doorbell: Some(doorbell),
        };
        let (mut acs, mut cpe) = (acs(3), cpe());
        acs.steps.drain(..4);
        cpe.steps.drain(..4);
        let ((woke, _), (woken, _)) = tokio::join!(
            play(&acs, acs_seat, address, patient()),
            play(&cpe, cpe_seat, address, patient())
        );
        assert_eq!(
            woke.replayed.verdict,
            ReplayVerdict::Passed,
            "{:#?}",
            woke.replayed
        );
        assert_eq!(woken.replayed.verdict, ReplayVerdict::Passed);
    });
}

#[test]
fn two_programs_keep_a_binding_and_the_captures_of_it_read_well() {
    let folder = tempfile::tempdir().expect("a folder");
    written(folder.path(), "acs", &acs(3));
    written(folder.path(), "cpe", &cpe());
    let listen = ["replay", "acs", "acs", "--listen", "127.0.0.1:0"];
    let more = [
        "--stun",
        "127.0.0.1:0",
        "-w",
        "acs.pcapng",
        "--timeout",
        "20",
    ];
    let mut child = program(folder.path(), &[&listen[..], &more[..]].concat());
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("the program runs");
    let said = said_when_listening(&mut child);
    let place = |before: &str| {
        let (_, rest) = said.split_once(before).expect("it says where");
        let end = rest.find([',', '\n']).unwrap_or(rest.len());
        rest[..end].to_owned()
    };
    let (url, stun) = (place("listening at "), place("STUN at "));
    let call = ["replay", "cpe", "cpe", "--acs-url", &url, "--stun", &stun];
    let who = [
        "--device",
        "001565-T46-1",
        "-w",
        "cpe.pcapng",
        "--timeout",
        "20",
    ];
    let came = run(folder.path(), &[&call[..], &who[..]].concat());
    let served = child.wait_with_output().expect("it ends");
    assert!(
        text(&came.stdout).contains("passed"),
        "{}{}",
        text(&came.stdout),
        text(&came.stderr)
    );
    assert!(
        text(&served.stdout).contains("passed"),
        "{}",
        text(&served.stdout)
    );
    let audit = std::fs::read_to_string(folder.path().join("informant-audit.ndjson"));
    let audit = audit.expect("both write it");
    for word in [
        "a Binding Request",
        "a Binding Response",
        "a UDP Connection Request",
    ] {
        assert!(audit.contains(word), "{word}: {audit}");
    }
    for name in ["acs.pcapng", "cpe.pcapng"] {
        let check = ["check", name, "--select", "STUN,UCR", "-T", "json"];
        let output = run(folder.path(), &check);
        let page: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let findings = page["findings"].as_array().expect("a list");
        let bad = findings.iter().filter(|it| it["severity"] != "info");
        assert_eq!(
            bad.collect::<Vec<_>>(),
            [&serde_json::Value::Null; 0],
            "{name}"
        );
        let summary = run(folder.path(), &["summary", name, "-T", "json"]);
        let summary: serde_json::Value = serde_json::from_slice(&summary.stdout).expect("JSON");
        assert_eq!(summary["stun"]["messages"], 4, "{name}: {summary}");
        // The device may be done before the last copy comes.
        let copies = summary["udp_connection_requests"].as_u64();
        let least = if name == "acs.pcapng" { 3 } else { 1 };
        assert!(
            copies.is_some_and(|copies| (least..=3).contains(&copies)),
            "{name}: {summary}"
        );
        malformed(folder.path(), name, &stun);
    }
}

/// What another program cannot read.
fn malformed(folder: &Path, name: &str, stun: &str) {
    let port = stun.rsplit(':').next().unwrap_or_default();
    let decode = format!("udp.port=={port},stun");
    let fields = [
        "-T",
        "fields",
        "-e",
        "_ws.malformed",
        "-e",
        "classicstun.type",
        "-e",
        "stun.type",
    ];
    let arguments = ["-r", name, "-d", &decode, "-Y", "udp"];
    let mut tshark = Command::new("tshark");
    tshark.args(arguments).args(fields);
    match tshark.current_dir(folder).output() {
        Ok(output) if output.status.success() => {
            let page = text(&output.stdout);
            assert!(page.contains("0x0001") && page.contains("0x0101"), "{page}");
            let bent = page.lines().filter(|line| line.contains("alformed"));
            assert_eq!(bent.collect::<Vec<_>>(), [""; 0]);
        }
        _ => eprintln!("skipped: there is no tshark here"),
    }
}

#[test]
fn other_programs_find_their_binding() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut waits = acs(1);
    waits.steps.truncate(4);
    written(folder.path(), "acs", &waits);
    let listen = ["replay", "acs", "acs", "--listen", "127.0.0.1:0"];
    let more = ["--stun", "127.0.0.1:0", "--timeout", "20"];
    let mut child = program(folder.path(), &[&listen[..], &more[..]].concat());
    let child = child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("the program runs");
    let said = said_when_listening(&mut child);
    let (_, stun) = said.split_once("STUN at ").expect("it says where");
    let stun = stun.split(',').next().unwrap_or_default();
    let port = stun.rsplit(':').next().unwrap_or_default();
    let asked = [
        // RFC 5389 and RFC 5780, of coturn.
        (
            "turnutils_stunclient",
            vec!["-p", port, "127.0.0.1"],
            "reflexive addr: 127.0.0.1:",
        ),
        // RFC 3489, of Vovida: that it is answered at all; -v shows the addresses.
        ("stun", vec![stun, "1", "-v"], "MappedAddress = 127.0.0.1:"),
    ];
    for (other, arguments, wanted) in asked {
        // One of them waits for ever for what only a STUN server with two hosts answers.
        let asks = Command::new("timeout")
            .args(["3", other])
            .args(arguments)
            .output();
        match asks {
            Ok(output) if output.status.code() != Some(127) => {
                let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
                assert!(all.contains(wanted), "{other}: {all}");
            }
            _ => eprintln!("skipped: there is no {other} here"),
        }
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}
