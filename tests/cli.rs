//! The program as scripts and people meet it: exit codes, keys, what is hidden, what is escaped.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Runs the program with a UTF-8 locale, 80 columns and no terminal.
fn informant(arguments: &[&str]) -> Output {
    match command().args(arguments).output() {
        Ok(output) => output,
        Err(error) => panic!("the program does not start: {error}"),
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_informant"));
    command
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "80")
        .env("TERM", "xterm-256color");
    command
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn stdout(output: &Output) -> String {
    match String::from_utf8(output.stdout.clone()) {
        Ok(text) => text,
        Err(error) => panic!("standard output is no UTF-8: {error}"),
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Recordings of independent peers, and the project's own captures; those that are there.
fn captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["captures", "../shared/captures/peers"] {
        let before = found.len();
        collect(&root.join(folder), &mut found);
        if found.len() == before {
            println!("skipped: no captures in {folder}");
        }
    }
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            collect(&path, found);
        } else if [".pcap", ".pcapng", ".pcap.gz", ".pcapng.gz"]
            .iter()
            .any(|end| name.ends_with(end))
        {
            found.push(path);
        }
    }
}

/// Every form of output there is, for a capture with these sessions.
fn all_forms(capture: &str, sessions: usize) -> Vec<Vec<String>> {
    let mut forms: Vec<Vec<String>> = [
        "summary",
        "summary -T json",
        "list",
        "list -T json",
        "list -T ndjson",
        "flow",
        "messages",
        "messages -T json",
        "messages -T ndjson",
    ]
    .iter()
    .map(|form| {
        form.split(' ')
            .map(str::to_owned)
            .chain([capture.to_owned()])
            .collect()
    })
    .collect();
    for session in 1..=sessions.min(8) {
        for form in ["flow", "show", "show -v", "show --raw", "show -T json"] {
            let mut form: Vec<String> = form.split(' ').map(str::to_owned).collect();
            form.extend([capture.to_owned(), session.to_string()]);
            forms.push(form);
        }
    }
    forms
}

fn sessions_of(capture: &str) -> usize {
    stdout(&informant(&["list", "-T", "ndjson", capture]))
        .lines()
        .count()
}

fn run(form: &[String]) -> Output {
    informant(&form.iter().map(String::as_str).collect::<Vec<_>>())
}

fn json(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => panic!("no JSON: {error}: {text}"),
    }
}

fn scratch() -> tempfile::TempDir {
    match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => panic!("no folder for temporary files: {error}"),
    }
}

fn written(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    if let Err(error) = std::fs::write(&path, bytes) {
        panic!("{}: {error}", path.display());
    }
    path.to_string_lossy().into_owned()
}

#[test]
fn exit_codes() {
    let folder = scratch();
    let whole = session_capture(&plain_session());
    let capture = written(&folder, "whole.pcap", &whole);
    let cut = written(&folder, "cut.pcap", &whole[..whole.len() - 5]);
    let text = written(&folder, "text.txt", b"this is no capture at all");
    let empty = written(&folder, "empty.pcap", b"");
    let missing = folder
        .path()
        .join("missing.pcap")
        .to_string_lossy()
        .into_owned();
    let into_nowhere = folder
        .path()
        .join("no/such/folder.txt")
        .to_string_lossy()
        .into_owned();
    for (arguments, expected) in [
        (vec![capture.as_str()], 0),
        (vec!["list", &capture], 0),
        (vec!["flow", &capture], 0),
        (vec!["flow", &capture, "1"], 0),
        (vec!["flow", "-r", &capture, "1"], 0),
        (vec!["show", &capture, "1"], 0),
        (vec!["show", "-r", &capture, "1", "--message", "2"], 0),
        (vec!["messages", &capture, "-n", "-q"], 0),
        (vec!["--help"], 0),
        (vec!["--version"], 0),
        (vec!["man"], 0),
        (vec!["completions", "bash"], 0),
        (vec![], 2),
        (vec!["--no-such-flag", &capture], 2),
        (vec!["list", "-T", "xml", &capture], 2),
        (vec!["list", "--max-mem", "3"], 2),
        (vec!["list", "-c", "0", &capture], 2),
        (vec!["show", &capture], 2),
        (vec!["show", &capture, "2"], 2),
        (vec!["show", &capture, "0"], 2),
        (vec!["show", &capture, "1", "--message", "99"], 2),
        (vec!["flow", &capture, "99"], 2),
        (vec!["list", &capture, "-o", &capture], 2),
        (vec!["check", &capture, "--fail-on", "error"], 2),
        (vec![missing.as_str()], 3),
        (vec![text.as_str()], 3),
        (vec![empty.as_str()], 3),
        (vec!["list", &cut], 3),
        (vec!["show", &cut, "99"], 2),
        (vec!["list", &capture, "-o", &into_nowhere], 5),
        (vec!["list", &capture, "-o", "/dev/full"], 5),
        (vec!["list", &cut, "-o", "/dev/full"], 5),
    ] {
        let output = informant(&arguments);
        assert_eq!(
            code(&output),
            expected,
            "{arguments:?}: {}",
            stderr(&output)
        );
        let complains = expected != 0;
        assert_eq!(
            !output.stderr.is_empty(),
            complains,
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
    let rows = stdout(&informant(&["list", "-T", "ndjson", &cut]));
    assert_eq!(rows.lines().count(), 1, "what was whole is printed");
    assert!(
        whole == std::fs::read(&capture).unwrap_or_default(),
        "an input is never written"
    );
}

#[test]
fn every_form_of_input_is_the_same() {
    let folder = scratch();
    let bytes = session_capture(&plain_session());
    let capture = written(&folder, "a.pcap", &bytes);
    let expected = stdout(&informant(&["list", &capture]));
    assert!(expected.contains("202BC1-BM632w-000001"), "{expected}");
    assert_eq!(stdout(&informant(&["list", "-r", &capture])), expected);
    let mut child = match command()
        .args(["list", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    {
        Ok(child) => child,
        Err(error) => panic!("the program does not start: {error}"),
    };
    if let Some(mut input) = child.stdin.take() {
        assert!(input.write_all(&bytes).is_ok());
    }
    assert!(matches!(child.wait_with_output(), Ok(output) if stdout(&output) == expected));
}

#[test]
fn an_output_file_appears_whole_or_not_at_all() {
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &session_capture(&plain_session()));
    let file = folder.path().join("out.txt");
    let path = file.to_string_lossy().into_owned();
    let output = informant(&["list", &capture, "-o", &path]);
    assert_eq!((code(&output), output.stdout.len()), (0, 0));
    assert_eq!(
        std::fs::read(&file).unwrap_or_default(),
        informant(&["list", &capture]).stdout
    );
    let missing = folder
        .path()
        .join("missing.pcap")
        .to_string_lossy()
        .into_owned();
    assert_eq!(code(&informant(&["list", &missing, "-o", &path])), 3);
    let names: BTreeSet<String> = std::fs::read_dir(folder.path())
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        names,
        BTreeSet::from(["a.pcap".to_owned(), "out.txt".to_owned()]),
        "nothing half-written stays"
    );
}

#[test]
fn a_closed_pipe_is_no_trouble() {
    let folder = scratch();
    let sessions: Vec<_> = (0..2000).map(|_| plain_session()).collect();
    let capture = written(&folder, "many.pcap", &sessions_capture(&sessions));
    for form in [
        vec!["messages", "-T", "ndjson"],
        vec!["list"],
        vec!["flow"],
        vec!["messages"],
    ] {
        let spawned = command()
            .args(&form)
            .arg(&capture)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = spawned else {
            panic!("the program does not start")
        };
        if let Some(mut output) = child.stdout.take() {
            let mut first = [0; 64];
            assert!(output.read_exact(&mut first).is_ok(), "{form:?}");
        }
        let Ok(output) = child.wait_with_output() else {
            panic!("the program is lost")
        };
        assert_eq!(
            (code(&output), stderr(&output)),
            (0, String::new()),
            "{form:?}"
        );
    }
}

#[test]
fn colours_only_where_they_are_wanted() {
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &session_capture(&plain_session()));
    for form in ["summary", "list", "flow", "messages"] {
        let plain = stdout(&informant(&[form, &capture]));
        assert!(!plain.contains('\u{1b}'), "{form}: no terminal, no colours");
        assert_eq!(
            plain,
            stdout(&informant(&[form, &capture, "--color", "never"]))
        );
        let coloured = stdout(&informant(&[form, &capture, "--color", "always"]));
        assert!(coloured.contains("\u{1b}["), "{form}");
        assert_eq!(
            without_colours(&coloured),
            plain,
            "{form}: colours change nothing else"
        );
    }
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    out.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

#[test]
fn a_plain_locale_and_a_dumb_terminal_get_ascii() {
    let folder = scratch();
    let mut session = plain_session();
    session.serial = "Grüße".as_bytes().to_vec();
    let capture = written(&folder, "a.pcap", &session_capture(&session));
    for (name, value) in [
        ("LC_ALL", "C"),
        ("LC_ALL", "de_DE.ISO-8859-1"),
        ("TERM", "dumb"),
    ] {
        for form in ["summary", "list", "flow", "messages"] {
            let Ok(output) = command().env(name, value).args([form, &capture]).output() else {
                panic!("no start")
            };
            assert!(output.stdout.is_ascii(), "{form} with {name}={value}");
            assert!(!output.stdout.is_empty());
        }
    }
}

/// The page that scripts depend on has these examples; a key is there, in this order, and no other.
#[test]
fn keys_of_summary_and_list() {
    let Some(capture) = peer("genieacs-sim_genieacs.pcap") else {
        return;
    };
    let summary = json(&stdout(&informant(&["summary", "-T", "json", &capture])));
    assert_keys(
        &summary,
        "files packets tcp http cwmp stun udp_connection_requests http_connection_requests dhcp tls devices findings limits_reached",
    );
    assert_keys(
        &summary["files"][0],
        "path format link_types frames bytes first last truncated",
    );
    assert_keys(
        &summary["packets"],
        "ip tcp udp fragments malformed unsupported_link",
    );
    assert_keys(
        &summary["tcp"],
        "connections gaps retransmissions out_of_order overlap_conflicts",
    );
    assert_keys(&summary["http"], "requests responses");
    assert_keys(
        &summary["cwmp"],
        "sessions messages empty_posts faults undecodable",
    );
    assert_keys(
        &summary["devices"][0],
        "device oui serial_number product_class manufacturer addresses sessions",
    );
    for later in ["stun", "udp_connection_requests", "dhcp", "tls", "findings"] {
        assert!(
            summary[later].is_null(),
            "{later} has not landed: null, never 0"
        );
    }
    assert!(summary["limits_reached"].is_object());
    let rows = stdout(&informant(&["list", "-T", "ndjson", &capture]));
    assert_eq!(rows.lines().count(), 8);
    for row in rows.lines().map(json) {
        assert_keys(&row, SESSION);
        assert_keys(
            &row["cpe"],
            "address manufacturer oui product_class serial_number software_version",
        );
        assert_keys(&row["acs"], "address port url");
        for rpc in row["rpcs"].as_array().into_iter().flatten() {
            assert_keys(
                rpc,
                "method from id request_frames response response_frames fault_code elapsed_ms",
            );
        }
        if !row["triggered_by"].is_null() {
            assert_keys(&row["triggered_by"], "kind frames");
        }
        assert!(row["findings"].is_null());
    }
    let list = json(&stdout(&informant(&["list", "-T", "json", &capture])));
    let lines: Vec<Value> = rows.lines().map(json).collect();
    assert_eq!(
        list,
        Value::Array(lines),
        "json is the list of the ndjson records"
    );
}

#[test]
fn keys_of_messages_and_show() {
    let Some(capture) = peer("genieacs-sim_genieacs.pcap") else {
        return;
    };
    let rows = stdout(&informant(&["messages", "-T", "ndjson", &capture]));
    let mut seen = BTreeSet::new();
    let mut before = String::new();
    for row in rows.lines().map(json) {
        let protocol = row["protocol"].as_str().unwrap_or_default().to_owned();
        let own = match protocol.as_str() {
            "http" => {
                "kind method target status version headers body_bytes body_complete connection role"
            }
            "cwmp" => "message method kind id namespace hold_requests no_more_requests args fault",
            "transfer" => "method direction name bytes result caused_by",
            other => panic!("protocol {other}"),
        };
        assert_keys(&row, &format!("{COMMON} {own}"));
        assert_eq!(row["record"], "message");
        let time = row["time"].as_str().unwrap_or_default().to_owned();
        assert!(before <= time, "in time order: {before}, {time}");
        before = time;
        seen.insert(protocol);
    }
    assert_eq!(seen, ["cwmp", "http", "transfer"].map(str::to_owned).into());
    assert_eq!(
        json(&stdout(&informant(&["messages", "-T", "json", &capture])))
            .as_array()
            .map(Vec::len),
        Some(rows.lines().count())
    );
    let shown = json(&stdout(&informant(&["show", "-T", "json", &capture, "7"])));
    assert_keys(&shown, "session messages");
    assert_keys(&shown["session"], SESSION);
    let of_session: Vec<Value> = rows
        .lines()
        .map(json)
        .filter(|row| {
            row["session"] == 7 && row["role"] != "transfer" && row["protocol"] != "transfer"
        })
        .collect();
    assert_eq!(shown["messages"], Value::Array(of_session));
    let fault = shown["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|message| !message["fault"].is_null());
    let Some(fault) = fault else {
        panic!("session 7 holds a fault")
    };
    assert_keys(
        &fault["fault"],
        "soap_code soap_string code string parameters",
    );
    assert_eq!(fault["fault"]["code"], "9000");
}

#[test]
fn several_files_name_the_file_of_every_frame() {
    let (Some(one), Some(two)) = (
        peer("netcwmp_perlcwmp.pcap"),
        peer("easycwmp_genieacs.pcap"),
    ) else {
        return;
    };
    let rows = stdout(&informant(&["list", "-T", "ndjson", &one, &two]));
    for row in rows.lines().map(json) {
        for rpc in row["rpcs"].as_array().into_iter().flatten() {
            for (frames, files) in [
                ("request_frames", "request_frame_files"),
                ("response_frames", "response_frame_files"),
            ] {
                assert_eq!(
                    rpc[frames].as_array().map(Vec::len),
                    rpc[files].as_array().map(Vec::len)
                );
            }
        }
    }
    let rows = stdout(&informant(&["messages", "-T", "ndjson", &one, &two]));
    let files: BTreeSet<u64> = rows
        .lines()
        .map(json)
        .filter_map(|row| row["frame_files"][0].as_u64())
        .collect();
    assert_eq!(files, BTreeSet::from([1, 2]));
}

#[test]
fn no_secret_is_printed_unless_asked_for() {
    for capture in captures() {
        let bytes = std::fs::read(&capture).unwrap_or_default();
        let capture = capture.to_string_lossy().into_owned();
        let mut secrets = BTreeSet::new();
        for (before, after) in [
            ("Cookie: session=", "\r"),
            ("Cookie: ID=", "\r;"),
            ("Authorization: Basic ", "\r"),
            ("response=\"", "\""),
            (
                ".ConnectionRequestPassword</Name><Value xsi:type=\"xsd:string\">",
                "<",
            ),
        ] {
            secrets.extend(
                texts_between(&bytes, before, after)
                    .into_iter()
                    .filter(|secret| secret.len() > 3),
            );
        }
        if bytes.windows(6).any(|window| window == b"crpass") {
            secrets.insert("crpass".to_owned());
        }
        let mut shown = 0;
        for form in all_forms(&capture, sessions_of(&capture)) {
            let output = run(&form);
            for secret in &secrets {
                assert!(
                    !stdout(&output).contains(secret.as_str()),
                    "{form:?} shows {secret}"
                );
            }
            let mut form = form;
            form.push("--show-secrets".to_owned());
            let open = stdout(&run(&form));
            shown += secrets
                .iter()
                .filter(|secret| open.contains(secret.as_str()))
                .count();
        }
        println!("{capture}: {} secrets", secrets.len());
        let plain = !capture.contains("https");
        assert!(
            secrets.is_empty() || !plain || shown > 0,
            "{capture}: --show-secrets shows them"
        );
    }
}

fn texts_between(bytes: &[u8], before: &str, after: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest
        .windows(before.len())
        .position(|window| window == before.as_bytes())
    {
        rest = &rest[at + before.len()..];
        let end = rest
            .iter()
            .position(|byte| after.as_bytes().contains(byte))
            .unwrap_or(0);
        found.push(String::from_utf8_lossy(&rest[..end]).into_owned());
    }
    found
}

#[test]
fn hostile_text_never_reaches_a_terminal() {
    let folder = scratch();
    let nasty = b"x\x1b[31m\x07\x08\x7f\xc2\x9b2J\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c\xe2\x80\xa8\xff\xfe\r::error::\t\x01".to_vec();
    let session = Hostile {
        text: nasty.clone(),
        serial: nasty,
        vendor: true,
    };
    let bytes = session_capture(&session);
    let capture = written(&folder, "a\u{1b}[31m\u{202e}b.pcap", &bytes);
    let sessions = sessions_of(&capture);
    assert_eq!(sessions, 1);
    for form in all_forms(&capture, sessions) {
        for extra in [None, Some("--show-secrets")] {
            let mut form = form.clone();
            form.extend(extra.map(str::to_owned));
            let output = run(&form);
            assert_eq!(code(&output), 0, "{form:?}: {}", stderr(&output));
            assert_harmless(&stdout(&output), &form);
            assert_harmless(&stderr(&output), &form);
            let lines = stdout(&output);
            if form.contains(&"ndjson".to_owned()) {
                lines.lines().map(json).for_each(drop);
            } else if form.contains(&"json".to_owned()) {
                json(&lines);
            }
        }
    }
    let missing = folder
        .path()
        .join("no\u{1b}[31m\u{202e}.pcap")
        .to_string_lossy()
        .into_owned();
    let output = informant(&["list", &missing]);
    assert_harmless(&stderr(&output), &[missing]);
    let rows = stdout(&informant(&["messages", "-T", "ndjson", &capture]));
    assert!(
        rows.lines().map(json).any(|row| row["lossy"] == true),
        "bytes that are no text are marked"
    );
}

fn assert_harmless(text: &str, form: &[String]) {
    let harmful = |character: &char| {
        (character.is_control() && *character != '\n')
            || ('\u{202a}'..='\u{202e}').contains(character)
            || ('\u{2066}'..='\u{2069}').contains(character)
            || "\u{200e}\u{200f}\u{61c}\u{2028}\u{2029}".contains(*character)
    };
    let found = text.chars().find(harmful);
    assert!(found.is_none(), "{form:?}: {found:?} in {text:?}");
}

#[test]
fn text_fits_the_screen_and_is_the_same_every_time() {
    for capture in captures() {
        let capture = capture.to_string_lossy().into_owned();
        let sessions = sessions_of(&capture);
        for form in all_forms(&capture, sessions) {
            let first = run(&form);
            assert_eq!(code(&first), 0, "{form:?}: {}", stderr(&first));
            assert_eq!(first.stdout, run(&form).stdout, "{form:?}");
            assert_harmless(&stdout(&first), &form);
        }
        for form in ["summary", "list", "flow", "messages"] {
            for columns in ["60", "80", "140"] {
                let Ok(output) = command()
                    .env("COLUMNS", columns)
                    .args([form, &capture])
                    .output()
                else {
                    panic!("no start")
                };
                let room: usize = columns.parse().unwrap_or(80);
                for line in stdout(&output)
                    .lines()
                    .filter(|line| !line.contains("informant ") && !line.contains(&capture))
                {
                    assert!(line.chars().count() <= room, "{form} at {columns}: {line}");
                }
            }
        }
    }
}

#[test]
fn reading_stops_where_it_is_told_to() {
    let Some(capture) = peer("genieacs-sim_genieacs.pcap") else {
        return;
    };
    let summary = json(&stdout(&informant(&[
        "summary", "-T", "json", "-c", "50", &capture,
    ])));
    assert_eq!(summary["files"][0]["frames"], 50);
    assert_eq!(summary["cwmp"]["sessions"], 2);
    let forced = json(&stdout(&informant(&[
        "summary",
        "-T",
        "json",
        "--max-mem",
        "16M",
        "--overlap",
        "last",
        &capture,
    ])));
    assert_eq!(forced["cwmp"]["sessions"], 8);
}

/// Holds what `--help`, completions and the manual page say against each other: they come from one table.
#[test]
fn manual_page_and_completions_know_every_command() {
    let help = stdout(&informant(&["--help"]));
    let man = stdout(&informant(&["man"]));
    for command in [
        "summary",
        "list",
        "show",
        "flow",
        "messages",
        "completions",
        "man",
    ] {
        assert!(
            help.contains(&format!("  {command} ")),
            "{command} in the help"
        );
        assert!(
            man.contains(&format!(".SS {command}")),
            "{command} in the manual page"
        );
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            assert!(
                stdout(&informant(&["completions", shell])).contains(command),
                "{command} for {shell}"
            );
        }
    }
}

const SESSION: &str = "record session start duration_ms device cpe acs transport namespace negotiated_version connections events rpcs outcome gaps retry_count triggered_by findings";
const COMMON: &str = "record protocol time frames from source destination session device anomalies";

fn assert_keys(value: &Value, expected: &str) {
    let mut keys: Vec<&str> = value
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys().map(String::as_str))
        .collect();
    let mut expected: Vec<&str> = expected.split(' ').collect();
    keys.sort_unstable();
    expected.sort_unstable();
    assert_eq!(keys, expected);
}

fn peer(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/captures/peers")
        .join(name);
    if !path.exists() {
        println!("skipped: ../shared is absent");
        return None;
    }
    Some(path.to_string_lossy().into_owned())
}

/// A session whose every field may be hostile.
struct Hostile {
    text: Vec<u8>,
    serial: Vec<u8>,
    vendor: bool,
}

fn plain_session() -> Hostile {
    Hostile {
        text: b"plain".to_vec(),
        serial: b"000001".to_vec(),
        vendor: false,
    }
}

impl Hostile {
    /// What goes over the connection, and whether the device says it.
    fn messages(&self) -> Vec<(bool, Vec<u8>)> {
        let text = &self.text;
        let inform = envelope(
            text,
            &[
                &b"<cwmp:Inform><DeviceId><Manufacturer>"[..],
                text,
                b"</Manufacturer><OUI>202BC1</OUI><ProductClass>BM632w</ProductClass><SerialNumber>",
                &self.serial,
                b"</SerialNumber></DeviceId><Event><EventStruct><EventCode>1 BOOT",
                if self.vendor { text } else { b"" },
                b"</EventCode><CommandKey>",
                text,
                b"</CommandKey></EventStruct></Event><MaxEnvelopes>1</MaxEnvelopes><CurrentTime>",
                text,
                b"</CurrentTime><RetryCount>0</RetryCount><ParameterList><ParameterValueStruct><Name>Device.",
                text,
                b"</Name><Value xsi:type=\"",
                text,
                b"\">",
                text,
                b"</Value></ParameterValueStruct></ParameterList></cwmp:Inform>",
            ]
            .concat(),
        );
        let informed = envelope(
            text,
            b"<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
        );
        let mut messages = vec![
            (true, post(text, &inform)),
            (false, answer(text, &informed)),
            (true, post(text, b"")),
        ];
        if self.vendor {
            let vendor = envelope(
                text,
                &[
                    &b"<cwmp:X_Vendor><Thing>"[..],
                    text,
                    b"</Thing>and <b>mixed</b></cwmp:X_Vendor>",
                ]
                .concat(),
            );
            let fault = envelope(
                text,
                &[
                    &b"<soap:Fault><faultcode>"[..],
                    text,
                    b"</faultcode><faultstring>",
                    text,
                    b"</faultstring><detail><cwmp:Fault><FaultCode>9003",
                    text,
                    b"</FaultCode><FaultString>",
                    text,
                    b"</FaultString><SetParameterValuesFault><ParameterName>",
                    text,
                    b"</ParameterName><FaultCode>9005</FaultCode><FaultString>",
                    text,
                    b"</FaultString></SetParameterValuesFault></cwmp:Fault></detail></soap:Fault>",
                ]
                .concat(),
            );
            messages.extend([(false, answer(text, &vendor)), (true, post(text, &fault))]);
            let download = envelope(
                text,
                &[
                    &b"<cwmp:Download><CommandKey>"[..],
                    text,
                    b"</CommandKey><FileType>1</FileType><URL>http://a:secretword@h/",
                    text,
                    b"</URL><Password>secretword</Password></cwmp:Download>",
                ]
                .concat(),
            );
            messages.extend([
                (false, answer(text, &download)),
                (true, post(text, b"<soap:Envelope not xml at all \x1b")),
            ]);
        }
        messages.push((
            false,
            b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n".to_vec(),
        ));
        messages
    }
}

fn envelope(id: &[u8], body: &[u8]) -> Vec<u8> {
    [
        &b"<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soap:Header><cwmp:ID soap:mustUnderstand=\"1\">"[..],
        id,
        b"</cwmp:ID></soap:Header><soap:Body>",
        body,
        b"</soap:Body></soap:Envelope>",
    ]
    .concat()
}

/// A head cannot hold line ends; everything else of the text goes into it.
fn post(text: &[u8], body: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !b"\r\n".contains(byte))
        .collect();
    let path: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !b" \t".contains(byte))
        .collect();
    let length = format!(
        "\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [
        &b"POST /acs"[..],
        &path,
        b" HTTP/1.1\r\nHost: 10.0.0.1\r\nUser-Agent: ",
        &text,
        length.as_bytes(),
        body,
    ]
    .concat()
}

fn answer(text: &[u8], body: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !b"\r\n".contains(byte))
        .collect();
    let length = format!(
        "\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [
        &b"HTTP/1.1 200 OK"[..],
        &text,
        b"\r\nServer: ",
        &text,
        length.as_bytes(),
        body,
    ]
    .concat()
}

fn session_capture(session: &Hostile) -> Vec<u8> {
    sessions_capture(std::slice::from_ref(session))
}

/// A pcap of sessions one after the other, each on its own connection.
fn sessions_capture(sessions: &[Hostile]) -> Vec<u8> {
    let mut capture = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 0x0004_0000, 1] {
        capture.extend_from_slice(&word.to_le_bytes());
    }
    let mut time_us = 1_700_000_000_000_000_u64;
    for (session, port) in sessions.iter().zip(20_000_u16..) {
        let mut sent = [1_u32, 1];
        let mut segment = |from_cpe: bool, flags: u8, payload: &[u8]| {
            let (own, other) = if from_cpe { (0, 1) } else { (1, 0) };
            let frame = frame(from_cpe, port, sent[own], sent[other], flags, payload);
            time_us += 1000;
            for word in [
                (time_us / 1_000_000) as u32,
                (time_us % 1_000_000) as u32,
                frame.len() as u32,
                frame.len() as u32,
            ] {
                capture.extend_from_slice(&word.to_le_bytes());
            }
            capture.extend_from_slice(&frame);
            let syn_or_fin = u32::from(flags & 3 != 0);
            sent[own] = sent[own].wrapping_add(payload.len() as u32 + syn_or_fin);
        };
        segment(true, 2, b"");
        segment(false, 0x12, b"");
        segment(true, 0x10, b"");
        for (from_cpe, message) in session.messages() {
            for part in message.chunks(1400) {
                segment(from_cpe, 0x18, part);
            }
        }
        segment(true, 0x11, b"");
        segment(false, 0x11, b"");
    }
    capture
}

/// Ethernet, IPv4, TCP; checksums are left out, as offload leaves them out.
fn frame(
    from_cpe: bool,
    port: u16,
    sequence: u32,
    acknowledgment: u32,
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    let (cpe, acs) = ([10, 0, 0, 2], [10, 0, 0, 1]);
    let (source, destination) = if from_cpe { (cpe, acs) } else { (acs, cpe) };
    let (source_port, destination_port) = if from_cpe { (port, 7547) } else { (7547, port) };
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    frame.extend_from_slice(&((40 + payload.len()) as u16).to_be_bytes());
    frame.extend_from_slice(&[0, 0, 0x40, 0, 64, 6, 0, 0]);
    frame.extend_from_slice(&source);
    frame.extend_from_slice(&destination);
    frame.extend_from_slice(&u16::to_be_bytes(source_port));
    frame.extend_from_slice(&u16::to_be_bytes(destination_port));
    frame.extend_from_slice(&sequence.to_be_bytes());
    frame.extend_from_slice(&acknowledgment.to_be_bytes());
    frame.extend_from_slice(&[0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    frame.extend_from_slice(payload);
    frame
}
