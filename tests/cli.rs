//! The program as scripts and people meet it: exit codes, keys, what is hidden, what is escaped.

#[path = "cli/baseline.rs"]
mod baseline;
#[path = "support/beside.rs"]
mod beside;
#[path = "cli/check.rs"]
mod check;
#[path = "cli/completion.rs"]
mod completion;
#[path = "cli/config.rs"]
mod config;
#[path = "cli/credentials.rs"]
mod credentials;
#[path = "cli/data_model.rs"]
mod data_model;
#[path = "cli/datagrams.rs"]
mod datagram_records;
#[path = "support/datagrams.rs"]
mod datagrams;
#[path = "cli/diff.rs"]
mod diff;
#[path = "support/fixture.rs"]
mod fixture;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/profile.rs"]
mod profile;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/proofs.rs"]
mod proofs;
#[path = "cli/record.rs"]
mod record;
#[path = "cli/safety.rs"]
mod safety;
#[path = "cli/scene.rs"]
mod scene;
#[path = "cli/selection.rs"]
mod selection;
#[path = "cli/waking.rs"]
mod waking;
#[path = "support/wire.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod wire;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::process::Stdio;

use program::{code, command, informant, json, peer, scratch, stderr, stdout, written};
use scene::{plain_session, session_capture, sessions_capture};

/// Runs the program and holds it to its exit code; what is not fine is told on standard error, what is fine is not.
fn assert_code(arguments: &[&str], expected: i32) {
    let output = informant(arguments);
    let complaint = stderr(&output);
    assert_eq!(code(&output), expected, "{arguments:?}: {complaint}");
    assert_eq!(
        complaint.is_empty(),
        expected == 0,
        "{arguments:?}: {complaint}"
    );
}

#[test]
fn fine_and_wrong_usage() {
    let folder = scratch();
    let whole = session_capture(&plain_session());
    let capture = written(&folder, "whole.pcap", &whole);
    for form in [
        "* ",
        "list *",
        "flow *",
        "flow * 1",
        "flow -r * 1",
        "show * 1",
        "show -r * 1 --message 2",
        "messages * -n -q",
        "devices *",
        "devices * 1",
        "devices -r * 1 -T json",
        "--help",
        "--version",
        "man",
        "completions bash",
        "filter",
        "help filter",
        "list --check *",
        "summary --check=never *",
        "rules",
        "rules http -T json",
        "explain HTTP-004 soap-action-on-response",
        "explain HTTP",
    ] {
        assert_code(
            &form
                .split_whitespace()
                .map(|word| if word == "*" { capture.as_str() } else { word })
                .collect::<Vec<_>>(),
            0,
        );
    }
    for form in [
        "",
        "--no-such-flag *",
        "list",
        "list -T xml *",
        "list --max-mem 3 *",
        "list -c 0 *",
        "show *",
        "show * 2",
        "show * 0",
        "show * 1 --message 99",
        "show * 1 --raw -T json",
        "flow * 99",
        "flow -r * x",
        "list * -o *",
        "check * --fail-on fatal",
        "check * --select HTTP-04",
        "check * --ignore HTTP,FOO",
        "check * --baseline nowhere.toml",
        "check * --today tomorrow",
        "check",
        "check * -Y severity>=bad",
        "devices * nowhere",
        "devices * 1 -Y sessions",
        "rules FOO",
        "explain",
        "explain HTTP-04",
        "list * --check=never -Y findings.error",
        "diff *",
        "diff * -",
        "diff nowhere# *",
        "baseline create *",
        "baseline update * -b nowhere.toml",
        "baseline",
        "scenario new * --session 1",
        "replay acs x --dry-run",
        "serve --queue nowhere",
        "tui *",
        "completions cobol",
        "filter rpc",
        "summary * -Y rpc==",
        "* -Y outcome==compleet",
        "flow * -Y (rpc",
        "flow * 1 -Y rpc=Inform",
        "show * 1 -Y parametre",
        "messages * -Y body_bytes>many",
    ] {
        assert_code(
            &form
                .split_whitespace()
                .map(|word| if word == "*" { capture.as_str() } else { word })
                .collect::<Vec<_>>(),
            2,
        );
    }
    assert!(
        whole == std::fs::read(&capture).unwrap_or_default(),
        "an input is never written"
    );
}

#[test]
fn trouble_with_input_and_output() {
    let folder = scratch();
    let whole = session_capture(&plain_session());
    let capture = written(&folder, "whole.pcap", &whole);
    let cut = written(&folder, "cut.pcap", &whole[..whole.len() - 5]);
    let text = written(&folder, "text.txt", b"this is no capture at all");
    let empty = written(&folder, "empty.pcap", b"");
    let inside = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    for (arguments, expected) in [
        (vec![inside("missing.pcap").as_str()], 3),
        (vec![text.as_str()], 3),
        (vec![empty.as_str()], 3),
        (vec!["list", &cut], 3),
        (vec!["show", &cut, "99"], 2),
        (
            vec!["list", &capture, "-o", &inside("no/such/folder.txt")],
            5,
        ),
        (vec!["list", &capture, "-o", "/dev/full"], 5),
        (vec!["list", &cut, "-o", "/dev/full"], 5),
    ] {
        assert_code(&arguments, expected);
    }
    let rows = stdout(&informant(&["list", "-T", "ndjson", &cut]));
    assert_eq!(rows.lines().count(), 1, "what was whole is printed");
}

#[test]
fn what_can_be_read_is_shown_beside_what_cannot() {
    let folder = scratch();
    let capture = written(&folder, "whole.pcap", &session_capture(&plain_session()));
    let text = written(&folder, "text.txt", b"this is no capture at all");
    let empty = written(&folder, "empty.pcap", b"");
    let missing = folder
        .path()
        .join("missing.pcap")
        .to_string_lossy()
        .into_owned();
    for other in [&text, &empty, &missing] {
        for order in [[&capture, other], [other, &capture]] {
            let output = informant(&["list", "-T", "ndjson", order[0], order[1]]);
            assert_eq!(code(&output), 3, "{order:?}");
            assert!(
                stderr(&output).contains(other.as_str()),
                "{}",
                stderr(&output)
            );
            let row = json(&stdout(&output));
            let number = if order[0] == &capture { 1 } else { 2 };
            let files = &row["rpcs"][0]["request_frame_files"];
            assert_eq!(files[0], number, "a file keeps the number it was given by");
        }
    }
    let summary = json(&stdout(&informant(&[
        "summary", "-T", "json", &missing, &capture,
    ])));
    let files = &summary["files"];
    assert_eq!(
        (&files[0]["path"], &files[0]["frames"]),
        (&missing.as_str().into(), &0.into())
    );
    assert!(files[0]["format"].is_null());
    assert_eq!(
        (&files[1]["path"], &files[1]["format"]),
        (&capture.as_str().into(), &"pcap".into())
    );
    assert_code(&["list", &text, &missing], 3);
}

#[cfg(unix)]
#[test]
fn a_file_name_that_is_no_text_is_told_byte_by_byte() {
    use std::os::unix::ffi::OsStrExt;
    let folder = scratch();
    let name = std::ffi::OsStr::from_bytes(b"gr\xfcn.pcap");
    let bytes = session_capture(&plain_session());
    if let Err(error) = std::fs::write(folder.path().join(name), bytes) {
        println!("skipped: this file system takes no such name: {error}");
        return;
    }
    let run = |format: &str| {
        let output = command()
            .current_dir(folder.path())
            .args(["summary", "-T", format])
            .arg(name)
            .output();
        stdout(&output.unwrap_or_else(|error| panic!("the program does not start: {error}")))
    };
    let file = &json(&run("json"))["files"][0];
    assert_eq!(file["path"], "gr\\xfcn.pcap");
    assert_eq!(file["lossy"], true);
    let text = run("text");
    assert!(text.contains("informant list $'gr\\xfcn.pcap'"), "{text}");
    assert!(!text.contains('\u{fffd}'), "{text}");
}

#[test]
fn every_form_of_input_is_the_same() {
    let folder = scratch();
    let bytes = session_capture(&plain_session());
    let capture = written(&folder, "a.pcap", &bytes);
    let expected = stdout(&informant(&["list", &capture]));
    assert!(expected.contains("202BC1-BM632w-000001"), "{expected}");
    assert_eq!(stdout(&informant(&["list", "-r", &capture])), expected);
    // A pipe cannot be read twice, as findings beside sessions take it.
    let expected = stdout(&informant(&["list", "--check=never", &capture]));
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
        "filter",
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
