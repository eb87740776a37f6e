//! Files that a program would write over, or write twice.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use super::program::{asking, program, text, written};

/// Refuses, and has written nothing.
fn is_refused(folder: &Path, arguments: &[&str]) {
    let before = names(folder);
    let output = program(folder, arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(said.contains("nothing is written"), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert_eq!(names(folder), before, "{arguments:?}");
    let queue = fs::read_to_string(folder.join("q.txt"));
    assert_eq!(queue.expect("it is there"), "Reboot\n", "{arguments:?}");
}

fn names(folder: &Path) -> Vec<(String, u64)> {
    let mut names: Vec<(String, u64)> = fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|entry| {
            let length = entry.metadata().map_or(0, |it| it.len());
            (entry.file_name().to_string_lossy().into_owned(), length)
        })
        .collect();
    names.sort();
    names
}

#[test]
fn no_file_is_written_that_is_read_or_written_already() {
    let folder = tempfile::tempdir().expect("a folder");
    let (acs, cpe) = asking();
    written(folder.path(), "acs", &acs);
    written(folder.path(), "cpe", &cpe);
    fs::write(folder.path().join("q.txt"), "Reboot\n").expect("written");
    let xml = "<cwmp:GetRPCMethods></cwmp:GetRPCMethods>";
    fs::write(folder.path().join("by-hand.xml"), xml).expect("written");
    fs::write(folder.path().join("xml.txt"), "xml by-hand.xml\n").expect("written");
    std::os::unix::fs::symlink("new.pcapng", folder.path().join("link")).expect("linked");
    fs::hard_link(folder.path().join("q.txt"), folder.path().join("hard")).expect("linked");
    let serve = ["serve", "--listen", "127.0.0.1:0", "-a", "duration:0.1"];
    for options in [
        &["--queue", "q.txt", "-w", "q.txt"][..],
        &["--queue", "q.txt", "-o", "./q.txt"],
        &["--queue", "q.txt", "--audit", "hard"],
        &["--queue", "xml.txt", "-w", "by-hand.xml"],
        &["-w", "new.pcapng", "--audit", "new.pcapng"],
        &["-w", "link", "-o", "new.pcapng"],
        &["-w", "informant-audit.ndjson"],
        &["-w", "/dev/stdout"],
        &[
            "-o",
            "all.txt",
            "-w",
            "/dev/stdout",
            "--audit",
            "/dev/stdout",
        ],
        &["-b", "q.txt", "-w", "q.txt"],
        #[cfg(feature = "tls")]
        &[
            "--tls-self-signed",
            "--keylog-out",
            "link",
            "-w",
            "new.pcapng",
        ],
    ] {
        is_refused(folder.path(), &[&serve[..], options].concat());
    }
    let to = ["--acs-url", "http://127.0.0.1:9/", "--device", "0-1"];
    let roles = [
        &["replay", "acs", "acs", "--listen", "127.0.0.1:0"][..],
        &[&["replay", "cpe", "cpe"], &to[..]].concat(),
    ];
    for role in roles {
        let scenario = format!("{}/scenario.toml", role[2]);
        for options in [
            &["-w", "new.pcapng", "--audit", "link"][..],
            &["-w", &scenario],
            &["-o", &scenario],
            &["--audit", "/dev/stdout"],
        ] {
            is_refused(folder.path(), &[role, options].concat());
        }
    }
}

#[test]
fn nowhere_may_be_named_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let serve = ["serve", "--listen", "127.0.0.1:0", "-a", "duration:0.1"];
    let null = ["-o", "/dev/null", "-w", "/dev/null", "--audit", "/dev/null"];
    let output = program(folder.path(), &[&serve[..], &null].concat()).output();
    let output = output.expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}
