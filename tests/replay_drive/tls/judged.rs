//! What HTTPS changes beside the wire: what the rule book says, resumed sessions, and how connections end.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use informant::replay::drive::tls::{
    Calling, CallingSetting, Certificates, Identity, Listening, ListeningSetting, Opening,
    self_signed,
};
use informant::session::ReplayVerdict;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::{Setting, acs_that_sends, block_on, envelope, inform, listener, play, post};
use super::{Bench, libraries, listening, program, run, text, written};
use informant::replay::drive::Seat;
use informant::replay::scenario::{Act, ActionStep, Scenario, Step, Via};

const CERTIFICATE: [&str; 4] = ["--tls-cert", "acs.pem", "--tls-key", "acs.key"];

/// The codes of what is found about the other side.
fn codes(stdout: &[u8]) -> BTreeSet<String> {
    let report: Value = serde_json::from_slice(stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("a list");
    let codes = findings.iter().map(|finding| finding["code"].as_str());
    codes.map(|code| code.expect("a code").to_owned()).collect()
}

#[test]
fn nobody_is_accused_of_what_tls_hides() {
    let bench = Bench::new();
    let judge = |ours: &[&str], theirs: &[&str]| {
        let acs = bench.acs(&[ours, &["-w", "replay.pcapng"]].concat());
        let phone = bench.phone(&acs.url, theirs);
        let acs = acs.end();
        for output in [&acs, &phone] {
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
        }
        [codes(&acs.stdout), codes(&phone.stdout)]
    };
    let [about_cpe, about_acs] = judge(&[], &[]);
    // Whoever authenticates nobody in clear breaks a rule; by certificates is another matter.
    assert!(about_acs.contains("AUTH-001"), "{about_acs:?}");
    for library in libraries() {
        let ours = [&CERTIFICATE[..], library].concat();
        let theirs = [&["--tls-ca", "issuer.pem"][..], library].concat();
        let [of_cpe, of_acs] = judge(&ours, &theirs);
        assert_eq!(of_cpe, about_cpe, "{library:?}");
        assert!(
            !of_acs.contains("AUTH-001") && of_acs.is_subset(&about_acs),
            "{of_acs:?}"
        );
        // The capture is of what was said inside.
        let list = run(bench.path(), &["list", "-T", "ndjson", "replay.pcapng"]);
        let session: Value = serde_json::from_slice(&list.stdout).expect("one session");
        assert_eq!(session["outcome"], "complete");
    }
}

#[test]
fn sessions_are_resumed() {
    let bench = Bench::new();
    for library in libraries() {
        for asks in [&[][..], &["--tls-client-ca", "issuer.pem"]] {
            let mut acs = bench.acs(&[&CERTIFICATE, asks, library].concat());
            let client = Command::new("openssl")
                .args(["s_client", "-connect", &format!("127.0.0.1:{}", acs.port())])
                .args(["-tls1_2", "-reconnect", "-CAfile", "issuer.pem"])
                .args(["-cert", "phone.pem", "-key", "phone.key"])
                .current_dir(bench.path())
                .stdin(Stdio::null())
                .output();
            let _ = acs.child.kill();
            let _ = acs.child.wait();
            let Ok(client) = client else {
                eprintln!("skipped: openssl is absent");
                return;
            };
            let said = text(&client.stdout) + &text(&client.stderr);
            let reused = said.matches("Reused, TLSv1.2").count();
            assert_eq!(reused, 5, "{library:?} {asks:?}: {said}");
        }
    }
}

/// Both ends in one process, trusting each other.
fn ends(legacy: bool, host: &str) -> (Listening, Calling) {
    let made = || {
        self_signed([127, 0, 0, 1].into(), &["localhost".to_owned()], legacy)
            .expect("a certificate")
    };
    let identity: Identity = made().identity;
    let authorities: Certificates = identity.chain.clone();
    let listening = Listening::new(&ListeningSetting {
        identity,
        authorities: None,
        key_log: None,
        legacy,
        handshake_max: Duration::from_secs(15),
    });
    let calling = Calling::new(&CallingSetting {
        host: host.to_owned(),
        authorities: Some(authorities),
        insecure: false,
        identity: None,
        key_log: None,
        legacy,
        handshake_max: Duration::from_secs(15),
    });
    (listening.expect("TLS"), calling.expect("TLS"))
}

#[test]
fn a_certificate_is_for_its_names_and_no_other() {
    for legacy in [false, true].into_iter().take(libraries().len()) {
        for (host, fits) in [
            ("localhost", true),
            ("127.0.0.1", true),
            ("elsewhere.example", false),
            ("127.0.0.2", false),
            ("::1", false),
        ] {
            let called = block_on(async {
                let (listener, address) = listener().await;
                let (listening, calling) = ends(legacy, host);
                let served = tokio::spawn(async move {
                    let (stream, _) = listener.accept().await.expect("a phone");
                    listening
                        .handshake(stream, Opening::default())
                        .await
                        .is_ok()
                });
                let stream = TcpStream::connect(address).await.expect("it listens");
                let called = calling.handshake(stream, Opening::default()).await;
                let called = called.map(|stream| stream.secured().cloned());
                assert!(served.await.is_ok());
                called
            });
            match called {
                Ok(secured) => assert!(fits && secured.is_some_and(|it| it.verified), "{host}"),
                Err(why) => {
                    assert!(
                        !fits && why.contains(&format!("is not for {host}")),
                        "{host}: {why}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_end_without_close_notify_is_an_end_like_any_other() {
    let body = envelope("<cwmp:GetRPCMethods></cwmp:GetRPCMethods>");
    let scenario = acs_that_sends(body.as_bytes(), Vec::new());
    for legacy in [false, true].into_iter().take(libraries().len()) {
        let replayed = block_on(async {
            let (listener, address) = listener().await;
            let (listening, calling) = ends(legacy, "localhost");
            let phone = tokio::spawn(async move {
                let stream = TcpStream::connect(address).await.expect("it listens");
                let stream = calling.handshake(stream, Opening::default()).await;
                let mut stream = stream.unwrap_or_else(|why| panic!("{why}"));
                stream
                    .write_all(&post(&inform()))
                    .await
                    .expect("it is heard");
                stream.flush().await.expect("it is heard");
                let mut room = [0; 4096];
                assert!(stream.read(&mut room).await.expect("an answer") > 0);
                // And away, without a word.
            });
            let seat = Seat::Acs {
                listener,
                tls: Some(listening),
                wake: None,
                files: None,
                stun: None,
            };
            let (played, _) = play(&scenario, seat, address, Setting::default()).await;
            phone.await.expect("it went well");
            played.replayed
        });
        let ReplayVerdict::PeerFailed(why) = &replayed.verdict else {
            panic!("{:?}", replayed.verdict);
        };
        assert!(why.ends_with("the device closed its connection"), "{why}");
    }
}

/// A phone that comes, is woken, and comes again.
fn woken() -> Scenario {
    let (_, mut cpe) = super::asking();
    let url = "{{connection_request_url}}";
    let parameter = format!(
        "<ParameterList><ParameterValueStruct><Name>Device.ManagementServer.ConnectionRequestURL</Name>\
         <Value>{url}</Value></ParameterValueStruct></ParameterList>"
    );
    let inform = inform().replace("<ParameterList></ParameterList>", &parameter);
    let woken = inform.replace("1 BOOT", "6 CONNECTION REQUEST");
    cpe.files.insert("01.xml".to_owned(), inform.into_bytes());
    cpe.files.insert("03.xml".to_owned(), woken.into_bytes());
    // The first session ends behind the empty POST.
    cpe.steps.truncate(4);
    if let Act::Expect(expect) = &mut cpe.steps[3].act {
        "empty".clone_into(&mut expect.message);
        expect.status = Some(204);
    }
    let mut again = cpe.steps.clone();
    if let Act::Send(send) = &mut again[0].act {
        send.file = Some("03.xml".to_owned());
    }
    cpe.steps.push(Step {
        act: Act::Action(ActionStep::ConnectionRequest {
            url: url.to_owned(),
            via: Via::Http,
            username: None,
            password: None,
        }),
        after: None,
    });
    cpe.steps.extend(again);
    cpe
}

#[test]
fn a_session_behind_a_connection_request_is_served_over_https_too() {
    let bench = Bench::new();
    written(bench.path(), "woken", &woken());
    std::fs::write(bench.path().join("q.txt"), "connection-request\n").expect("written");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--queue", "q.txt"];
    let until = ["-c", "2", "-a", "duration:20", "-T", "ndjson"];
    let rest = ["--fail-on", "never", "--audit", "acs.ndjson"];
    let mut child = program(
        bench.path(),
        &[&serve[..], &until, &rest, &CERTIFICATE].concat(),
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .expect("the program runs");
    let url = listening(&mut child);
    let phone = [
        &["replay", "cpe", "woken", "--device", "001565-T46-1"][..],
        &["--acs-url", &url, "--tls-ca", "issuer.pem"],
        &["--timeout", "10", "--fail-on", "never"],
    ];
    let phone = run(bench.path(), &phone.concat());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(phone.status.code(), Some(0), "{}", text(&phone.stdout));
    let lines = text(&output.stdout);
    let records = lines.lines().map(serde_json::from_str);
    let records: Vec<Value> = records.map(|record| record.expect("JSON")).collect();
    let sessions = records.iter().filter(|it| it["record"] == "session");
    let told: Vec<[&Value; 2]> = sessions
        .map(|it| [&it["transport"], &it["triggered_by"]["kind"]])
        .collect();
    assert_eq!(told.len(), 2, "{lines}");
    assert_eq!(told[1], ["https", "http_connection_request"], "{lines}");
    assert_eq!(told[0][0], "https", "{lines}");
    // Nobody is told that the phone authenticates nobody in clear.
    assert!(!lines.contains("\"AUTH-001\""), "{lines}");
}
