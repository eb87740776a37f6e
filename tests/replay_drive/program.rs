//! The program itself: exit codes, the plan, the audit log, the capture of a replay.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use informant::replay::scenario::{Class, Role, Scenario, write_directory};

use super::{acs_that_sends, envelope, expect, inform, scenario, send};

pub(crate) fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_informant"));
    command.args(arguments).current_dir(folder);
    command
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments)
        .output()
        .expect("the program runs")
}

pub(crate) fn written(folder: &Path, name: &str, scenario: &Scenario) -> PathBuf {
    let path = folder.join(name);
    write_directory(&path, scenario, false).expect("written");
    path
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn reboots() -> Scenario {
    let mut scenario = acs_that_sends(
        envelope("<cwmp:Reboot><CommandKey>k</CommandKey></cwmp:Reboot>").as_bytes(),
        Vec::new(),
    );
    scenario.safety.allow = vec![Class::Disrupt];
    scenario
}

/// An ACS that asks for the methods, and the phone that answers.
pub(crate) fn asking() -> (Scenario, Scenario) {
    let asks = envelope("<cwmp:GetRPCMethods></cwmp:GetRPCMethods>");
    let mut acs = acs_that_sends(asks.as_bytes(), Vec::new());
    acs.steps[4] = expect("GetRPCMethodsResponse");
    let head = "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Type: text/xml\nContent-Length: {{http.length}}";
    let empty = "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Length: 0";
    let mut cpe = scenario(
        Role::Cpe,
        vec![
            send(Some("01.xml"), head, Vec::new()),
            expect("InformResponse"),
            send(None, empty, Vec::new()),
            expect("GetRPCMethods"),
            send(Some("02.xml"), head, Vec::new()),
            expect("empty"),
        ],
    );
    let methods = "<cwmp:GetRPCMethodsResponse><MethodList soap-enc:arrayType=\"xsd:string[1]\" \
        xmlns:soap-enc=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\
        <string>GetRPCMethods</string></MethodList></cwmp:GetRPCMethodsResponse>";
    cpe.files.insert("01.xml".to_owned(), inform().into_bytes());
    cpe.files
        .insert("02.xml".to_owned(), envelope(methods).into_bytes());
    (acs, cpe)
}

/// The address that an ACS says it listens at.
pub(crate) fn listening(child: &mut Child) -> String {
    listening_at(&said_when_listening(child)).to_owned()
}

/// Where it listens, by what it said.
pub(crate) fn listening_at(said: &str) -> &str {
    let (_, rest) = said.rsplit_once("listening at ").expect("it says so");
    rest.lines().next().expect("an address").trim()
}

/// All that an ACS says until it listens.
pub(crate) fn said_when_listening(child: &mut Child) -> String {
    said_until(child, "listening at ")
}

/// All that it says until a line has this in it.
pub(crate) fn said_until(child: &mut Child, last: &str) -> String {
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut all = String::new();
    loop {
        let mut line = String::new();
        let count = lines.read_line(&mut line).expect("text");
        assert!(count > 0, "no {last:?}: {all}");
        all.push_str(&line);
        if line.contains(last) {
            // What it says later is read too, so that it is never held up.
            std::thread::spawn(move || lines.read_to_string(&mut String::new()));
            return all;
        }
    }
}

#[test]
fn a_dry_run_tells_the_plan_and_sends_no_packet() {
    let folder = tempfile::tempdir().expect("a folder");
    written(folder.path(), "reboot", &reboots());
    let arguments = ["replay", "acs", "reboot", "--dry-run"];
    let output = run(folder.path(), &arguments);
    let page = text(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(6),
        "{page}{}",
        text(&output.stderr)
    );
    assert!(
        page.contains("disrupt") && page.contains("--allow disrupt would"),
        "{page}"
    );
    let output = run(
        folder.path(),
        &[&arguments[..], &["--allow", "disrupt"]].concat(),
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(!folder.path().join("informant-audit.ndjson").exists());

    // In a network namespace of its own, where even loopback is down, the counters of all interfaces stay at zero.
    let program = env!("CARGO_BIN_EXE_informant");
    let script = format!(
        "'{program}' replay acs reboot --dry-run --allow disrupt >/dev/null && cat /proc/net/dev"
    );
    let inside = Command::new("unshare")
        .args(["-n", "sh", "-c", &script])
        .current_dir(folder.path())
        .output();
    match inside {
        Ok(output) if output.status.success() => {
            let counters = text(&output.stdout);
            let packets: u64 = counters
                .lines()
                .filter_map(|line| line.split_once(':'))
                .flat_map(|(_, counters)| counters.split_whitespace())
                .map(|counter| counter.parse::<u64>().expect("a number"))
                .sum();
            assert_eq!(packets, 0, "{counters}");
        }
        _ => eprintln!("skipped: no network namespace can be made here"),
    }
}

/// Signals that end programs. Begun by `nohup`, which these tests may be too, they go on without their terminal.
pub(super) fn ending_signals() -> &'static [&'static str] {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    if ignored.is_some_and(|mask| mask & 1 == 1) {
        eprintln!("skipped for SIGHUP: it is ignored here, as under nohup");
        return &["-INT", "-TERM"];
    }
    &["-INT", "-TERM", "-HUP"]
}

#[test]
fn a_signal_ends_a_replay_and_its_report_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    written(folder.path(), "reboot", &reboots());
    let arguments = ["replay", "acs", "reboot", "--listen", "127.0.0.1:0"];
    let outputs = ["-T", "json", "-o", "all.json"];
    for name in ending_signals() {
        let mut child = program(folder.path(), &[&arguments[..], &outputs].concat())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        listening(&mut child);
        let id = child.id().to_string();
        let sent = Command::new("kill").args([*name, &id]).status();
        assert!(sent.expect("kill runs").success());
        assert_eq!(child.wait().expect("it ends").code(), Some(5), "{name}");
        let report = std::fs::read_to_string(folder.path().join("all.json")).expect("a report");
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        assert_eq!(
            report["replays"][0]["reason"], "it was interrupted",
            "{name}"
        );
        std::fs::remove_file(folder.path().join("all.json")).expect("it is there");
    }
}

#[test]
fn two_programs_play_both_sides_and_the_capture_of_it_reads_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let (acs, cpe) = asking();
    written(folder.path(), "acs", &acs);
    written(folder.path(), "cpe", &cpe);
    let mut child = program(
        folder.path(),
        &[
            "replay",
            "acs",
            "acs",
            "--listen",
            "127.0.0.1:0",
            "-T",
            "json",
            "--fail-on",
            "never",
            "-w",
            "acs.pcapng",
        ],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .expect("the program runs");
    let url = listening(&mut child);
    let audit = ["--audit", "cpe.ndjson", "--fail-on", "never"];
    let phone = [
        &[
            "replay",
            "cpe",
            "cpe",
            "--device",
            "001565-T46-1",
            "--acs-url",
            &url,
        ][..],
        &audit,
    ]
    .concat();
    let phone = run(folder.path(), &phone);
    let server = child.wait_with_output().expect("it ends");
    assert_eq!(
        phone.status.code(),
        Some(0),
        "{}{}",
        text(&phone.stdout),
        text(&phone.stderr)
    );
    assert_eq!(server.status.code(), Some(0), "{}", text(&server.stdout));
    let report: serde_json::Value = serde_json::from_slice(&server.stdout).expect("JSON");
    assert_eq!(report["replays"][0]["verdict"], "passed");

    the_log_is_whole(folder.path());
    the_capture_reads_back(folder.path());
}

fn the_log_is_whole(folder: &Path) {
    let log = std::fs::read_to_string(folder.join("informant-audit.ndjson")).expect("the log");
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines[0]["record"], "replay_begin");
    assert_eq!(lines.last().expect("lines")["verdict"], "passed");
    let out = lines.iter().filter(|line| line["direction"] == "out");
    assert_eq!(out.filter(|line| line["permitted"] == true).count(), 3);
}

/// By our own reader, and by tshark with all checksums looked at.
fn the_capture_reads_back(folder: &Path) {
    let list = run(folder, &["list", "-T", "ndjson", "acs.pcapng"]);
    let session: serde_json::Value = serde_json::from_slice(&list.stdout).expect("one session");
    assert_eq!(session["outcome"], "complete");
    assert_eq!(session["device"], "001565-T46-1");
    let tshark = Command::new("tshark")
        .args([
            "-r",
            "acs.pcapng",
            "-o",
            "tcp.check_checksum:TRUE",
            "-o",
            "ip.check_checksum:TRUE",
        ])
        .args([
            "-d",
            "tcp.port==1-65535,http",
            "-T",
            "fields",
            "-e",
            "http.request.method",
            "-e",
            "http.response.code",
        ])
        .args([
            "-e",
            "tcp.checksum.status",
            "-e",
            "tcp.analysis.flags",
            "-e",
            "_ws.malformed",
        ])
        .current_dir(folder)
        .output();
    match tshark {
        Ok(output) if output.status.success() => {
            let rows = text(&output.stdout);
            let posts = rows.lines().filter(|row| row.starts_with("POST")).count();
            assert_eq!(posts, 3, "{rows}");
            let answers = rows.lines().filter(|row| row.starts_with("\t20")).count();
            assert_eq!(answers, 3, "{rows}");
            for row in rows.lines() {
                let columns: Vec<&str> = row.split('\t').collect();
                assert_eq!(columns[2], "1", "a checksum is wrong: {row}");
                assert_eq!((columns[3], columns[4]), ("", ""), "{row}");
            }
        }
        _ => eprintln!("skipped: tshark is absent"),
    }
}

#[test]
fn what_is_wrong_at_the_command_line_is_told_before_a_socket_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let (acs, cpe) = asking();
    written(folder.path(), "acs", &acs);
    written(folder.path(), "cpe", &cpe);
    for (arguments, code, word) in [
        (&["replay", "acs", "cpe"][..], 2, "informant replay cpe"),
        (
            &["replay", "cpe", "cpe", "--acs-url", "http://127.0.0.1:9/"],
            2,
            "--device",
        ),
        (
            &[
                "replay",
                "cpe",
                "cpe",
                "--device",
                "x",
                "--acs-url",
                "http://127.0.0.1:9/",
            ],
            2,
            "OUI",
        ),
        (&["replay", "acs", "absent"], 2, "absent"),
        (
            &["replay", "acs", "acs", "--listen", "0.0.0.0:7547"],
            2,
            "--listen",
        ),
        (&["replay", "acs", "acs", "--speed", "x0"], 2, "as-recorded"),
        (
            &[
                "replay",
                "cpe",
                "cpe",
                "--device",
                "0-1",
                "--acs-url",
                "http://127.0.0.1:1/",
            ],
            5,
            "refused",
        ),
    ] {
        let output = run(folder.path(), arguments);
        let said = text(&output.stderr) + &text(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}
