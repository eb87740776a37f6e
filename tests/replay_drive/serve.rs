//! The ACS for the bench over loopback: recorded phones, lines that are typed, peers that mean no good.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::process::Stdio;
use std::time::{Duration, Instant};

use informant::replay::audit::Audit;
use informant::replay::bench::{Allowed, Bench, BenchSetting, Order};
use informant::replay::drive::{self, Clock, Seat, Serve, ServeEvent, Served};
use informant::replay::guard::Guard;
use informant::replay::scenario::{Act, Class, Role, Scenario, Variable};
use informant::session::ReplayVerdict;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::hostile::{self, misbehave};
use super::pairs::{maker, scenario_of, told, wakes};
use super::program::{asking, listening, listening_at, program, run, said_until, text, written};
use super::recordings::{captured, every_capture};
use super::{Setting, block_on, inform, listener, play, post};

const ALL: [Class; 3] = [Class::Set, Class::Disrupt, Class::Destroy];

/// Serves for a time, or so many sessions, with these lines.
pub(super) async fn serve(
    listener: TcpListener,
    allowed: &[&str],
    orders: Vec<Order>,
    ends: (Option<u64>, Duration),
) -> (Served, Vec<ServeEvent>) {
    logged(listener, allowed, orders, ends, Audit::nowhere()).await
}

/// The same, with an audit log.
pub(super) async fn logged(
    listener: TcpListener,
    allowed: &[&str],
    orders: Vec<Order>,
    (sessions_max, limit): (Option<u64>, Duration),
    mut audit: Audit,
) -> (Served, Vec<ServeEvent>) {
    let clock = Clock::start();
    let allowed = Allowed::new(allowed.iter().map(|it| (*it).to_owned()).collect());
    let setting = BenchSetting {
        allowed: allowed.clone(),
        account: None,
        silence: Duration::from_millis(800),
        random: Box::new(drive::random),
        wall_clock: Box::new(move |now| clock.wall(now)),
    };
    let mut bench = Bench::new(setting).expect("no account");
    for order in orders {
        bench.enqueue(clock.now(), order);
    }
    let mut events = Vec::new();
    let mut on_event = |event| {
        events.push(event);
        ControlFlow::Continue(())
    };
    let served = drive::serve(Serve {
        listener,
        tls: None,
        bench,
        orders: None,
        classes: ALL.to_vec(),
        allowed,
        account: None,
        audit: &mut audit,
        on_event: &mut on_event,
        sessions_max,
        limit: Some(limit),
        clock,
        interrupt: drive::Interrupt::listen(),
    })
    .await;
    (served, events)
}

/// What the recorded ACS asked, as lines of hand-written XML.
fn asked(cpe: &Scenario) -> Vec<Order> {
    let expected = cpe.steps.iter().filter_map(|step| match &step.act {
        Act::Expect(expect) => Some((expect.message.as_str(), expect.like.as_ref()?)),
        _ => None,
    });
    let requests =
        expected.filter(|(message, _)| !message.ends_with("Response") && *message != "Fault");
    let order = |(message, like): (&str, &String)| {
        let xml = cpe.files.get(like).cloned().unwrap_or_default();
        let order = Order::read("xml file", message, &|_| Ok(xml.clone()));
        order.expect("XML").expect("an order")
    };
    requests.map(order).collect()
}

#[test]
fn recorded_phones_are_served_as_their_own_acs_served_them() {
    let (mut played, mut failed) = (0, String::new());
    for path in every_capture() {
        for recording in captured(&path, 1).each() {
            let Some(cpe) = scenario_of(&recording, Role::Cpe) else {
                continue;
            };
            let refused = cpe.steps.iter().any(|step| match &step.act {
                Act::Expect(expect) => expect.status.is_some_and(|status| status >= 300),
                Act::Send(_) => false,
                _ => true,
            });
            if refused || wakes(&cpe).is_some() {
                continue;
            }
            let device = cpe.identity.device.clone().unwrap_or_default();
            let mut values: BTreeMap<String, String> = BTreeMap::new();
            for (name, variable) in &cpe.vars {
                let is_account = name.contains("password") || name.contains("username");
                if is_account || matches!(variable, Variable::Secret { .. }) {
                    values.insert(name.clone(), format!("the-{name}"));
                }
            }
            values.insert("device.manufacturer".to_owned(), maker(&recording));
            let orders = asked(&cpe);
            let (phone, served) = block_on(async {
                let (listener, address) = listener().await;
                let setting = Setting {
                    guard: Guard::new(&ALL, &ALL, Some(&device)),
                    timeout: Duration::from_secs(5),
                    values,
                    impersonates: true,
                    ..Setting::default()
                };
                let seat = Seat::Cpe {
                    acs: address,
                    tls: None,
                    doorbell: None,
                };
                let enough = (Some(1), Duration::from_secs(20));
                let allowed = [device.as_str()];
                let served = serve(listener, &allowed, orders, enough);
                let ((phone, _), served) = tokio::join!(play(&cpe, seat, address, setting), served);
                (phone.replayed, served)
            });
            played += 1;
            let is_whole = served.0.unasked == 0 && served.0.refused == 0;
            // Another ACS has other methods.
            let mut different = phone.steps.iter().filter(|it| !it.differences.is_empty());
            let is_alike = different.all(|step| step.wanted.contains("GetRPCMethodsResponse"));
            let is_over = matches!(
                phone.verdict,
                ReplayVerdict::Passed | ReplayVerdict::Differs
            );
            let is_alike = is_alike && phone.differences.is_empty();
            if !(is_over && is_alike && is_whole) {
                let number = recording.sessions[0].session.number;
                failed.push_str(&format!("{}#{number} {:?}\n", path.display(), served.0));
                failed.push_str(&told(&phone));
            }
        }
    }
    eprintln!("{played} recorded sessions served");
    assert!(failed.is_empty(), "{failed}");
}

/// One session of a phone that has nothing to say; the status of its end.
pub(super) async fn phone(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let mut answer = String::new();
    // Those in whose midst it comes are all the same device.
    let inform = inform().replace("<SerialNumber>1<", "<SerialNumber>9<");
    for body in [inform, String::new()] {
        stream.write_all(&post(&body)).await.expect("it reads");
        let mut room = vec![0; 8192];
        let count = stream.read(&mut room).await.expect("it answers");
        answer = text(&room[..count]);
    }
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn peers_that_mean_no_good_disturb_nobody() {
    let began = Instant::now();
    let (served, events, status) = block_on(async {
        let (listener, address) = listener().await;
        let serving = serve(listener, &[], Vec::new(), (None, Duration::from_secs(4)));
        let others = async {
            let all: Vec<_> = hostile::all()
                .into_iter()
                .map(|malice| tokio::spawn(misbehave(address, malice)))
                .collect();
            // In their midst, and while most of them still hold on.
            let status = phone(address).await;
            tokio::task::yield_now().await;
            let again = phone(address).await;
            assert_eq!(status, again);
            (status, all)
        };
        let ((served, events), (status, all)) = tokio::join!(serving, others);
        all.iter().for_each(tokio::task::JoinHandle::abort);
        (served, events, status)
    });
    assert_eq!(status, "204");
    assert!(served.failure.is_none(), "{served:?}");
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
    let ended = |event: &&ServeEvent| matches!(event, ServeEvent::Session { .. });
    assert!(events.iter().filter(ended).count() >= 2);
}

#[test]
fn lines_are_typed_while_a_phone_is_there_and_the_capture_of_it_has_no_finding_about_us() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, cpe) = asking();
    written(folder.path(), "cpe", &cpe);
    let mut child = program(
        folder.path(),
        &[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--device",
            "001565-T46-?",
            "--queue",
            "-",
            "-c",
            "1",
            "-T",
            "ndjson",
            "--fail-on",
            "never",
            "-w",
            "serve.pcapng",
        ],
    )
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .expect("the program runs");
    let mut input = child.stdin.take().expect("a pipe");
    let lines = b"# a comment\nGetRPCMethods\nGetRPCMethod\n";
    input.write_all(lines).expect("it reads");
    // Then it has read the lines before it too.
    let said = said_until(&mut child, "standard input:3");
    let url = listening_at(&said);
    let phone = run(
        folder.path(),
        &[
            "replay",
            "cpe",
            "cpe",
            "--device",
            "001565-T46-1",
            "--acs-url",
            url,
            "--audit",
            "cpe.ndjson",
            "--fail-on",
            "never",
        ],
    );
    let output = child.wait_with_output().expect("it ends");
    drop(input);
    assert_eq!(
        phone.status.code(),
        Some(0),
        "{}{}",
        text(&phone.stdout),
        text(&phone.stderr)
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let lines = text(&output.stdout);
    let mut records = lines.lines().map(|line| {
        let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
        record
    });
    let answer = records.next().expect("an answer");
    assert_eq!(answer["record"], "answer");
    assert_eq!(answer["place"], "standard input:2");
    assert_eq!(answer["asked"], "GetRPCMethods");
    assert_eq!(answer["args"][0]["items"][0]["value"], "GetRPCMethods");
    let session = records.next().expect("its session");
    assert_eq!(session["record"], "session");
    assert_eq!(session["rpcs"][1]["method"], "GetRPCMethods");
    let check = run(
        folder.path(),
        &[
            "check",
            "-T",
            "ndjson",
            "--ignore",
            "AUTH-001",
            "serve.pcapng",
        ],
    );
    let findings = text(&check.stdout);
    assert!(
        findings.contains("\"blame\":\"cpe\"") && !findings.contains("\"blame\":\"acs\""),
        "{findings}"
    );
    // The frames that are told are those of the file.
    let list = run(folder.path(), &["list", "-T", "ndjson", "serve.pcapng"]);
    let listed: serde_json::Value = serde_json::from_slice(&list.stdout).expect("one session");
    assert_eq!(listed["rpcs"], session["rpcs"]);
}

#[test]
fn what_is_refused_is_told_and_the_next_session_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("q.txt"), "Reboot\nGetRPCMethods\n").expect("written");
    let (_, mut cpe) = asking();
    written(folder.path(), "cpe", &cpe);
    // The first session ends behind the empty POST.
    cpe.steps.truncate(4);
    if let Act::Expect(expect) = &mut cpe.steps[3].act {
        "empty".clone_into(&mut expect.message);
        expect.status = Some(204);
    }
    written(folder.path(), "first", &cpe);
    let mut child = program(
        folder.path(),
        &[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--queue",
            "q.txt",
            "-c",
            "2",
            "--fail-on",
            "never",
        ],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .expect("the program runs");
    let url = listening(&mut child);
    let phone = run(
        folder.path(),
        &[
            "replay",
            "cpe",
            "first",
            "cpe",
            "--device",
            "001565-T46-1",
            "--acs-url",
            &url,
            "--audit",
            "cpe.ndjson",
            "--fail-on",
            "never",
        ],
    );
    let output = child.wait_with_output().expect("it ends");
    let shown = text(&output.stdout);
    assert_eq!(
        phone.status.code(),
        Some(0),
        "{}{shown}",
        text(&phone.stdout)
    );
    assert_eq!(output.status.code(), Some(6), "{shown}");
    assert!(
        shown.contains("001565-T46-1: GetRPCMethods (q.txt:2)\n  GetRPCMethods\n"),
        "{shown}"
    );
    assert!(
        !shown.contains(": Reboot (") && shown.contains("session 2"),
        "{shown}"
    );
    let log =
        std::fs::read_to_string(folder.path().join("informant-audit.ndjson")).expect("the log");
    let refused = log
        .lines()
        .filter(|line| line.contains("\"permitted\":false"));
    let refused: Vec<&str> = refused.collect();
    assert!(refused.len() == 1 && refused[0].contains("Reboot"), "{log}");
}

#[test]
fn what_is_wrong_is_told_before_a_socket_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let queue = "GetRPCMethods\nGetParameterValue x\n\nfor 001565-1: Reboot\nxml no.xml\n";
    std::fs::write(folder.path().join("q.txt"), queue).expect("written");
    let long = format!("#{}\n", "x".repeat(1022)).repeat(8193);
    std::fs::write(folder.path().join("long.txt"), long).expect("written");
    let secret = "SetParameterValues Device.X.Password:int=hush\n";
    std::fs::write(folder.path().join("secret.txt"), secret).expect("written");
    let busy = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
    let taken = busy.local_addr().expect("an address").to_string();
    for (arguments, code, words) in [
        (
            &["--queue", "q.txt", "--device", "001565-2"][..],
            2,
            &[
                "q.txt:2:1: `GetParameterValue`",
                "GetParameterValues?",
                "q.txt:4:1: 001565-1 is not served",
                "q.txt:5:5: no.xml",
            ][..],
        ),
        (&["--queue", "absent"], 2, &["absent"]),
        (
            &["--queue", "long.txt"],
            2,
            &["long.txt:8193: the file is longer than 8 MiB"],
        ),
        (
            &["--queue", "secret.txt"],
            2,
            &["secret.txt:1:42: this value is no int"],
        ),
        (&["--device", "x"], 2, &["--device x"]),
        (
            &["--user", "u"],
            2,
            &["INFORMANT_PASSWORD", "--password-file"],
        ),
        (
            &["--connection-request-user", "u"],
            2,
            &["INFORMANT_CONNECTION_REQUEST_PASSWORD"],
        ),
        (&["-a", "sessions:2"], 2, &["duration:SECONDS"]),
        (&["--listen", &taken], 5, &["cannot listen"]),
        (
            &["--listen", "127.0.0.1:0", "-a", "duration:0.1", "-q"],
            0,
            &[],
        ),
    ] {
        let output = run(folder.path(), &[&["serve"], arguments].concat());
        let said = text(&output.stderr) + &text(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(!said.contains("hush"), "{arguments:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{arguments:?}: {said}");
        }
    }
}
