//! `informant scenario new`: what it writes, what it says, and when it refuses.

use std::collections::BTreeMap;
use std::path::Path;

use crate::program::{code, informant, scratch, stderr, stdout};

fn story(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("captures").join(name).join("capture.pcapng");
    path.to_string_lossy().into_owned()
}

fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(directory)
        .expect("a scenario is there")
        .flatten();
    entries
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).expect("a file"))
        })
        .collect()
}

fn text(files: &BTreeMap<String, Vec<u8>>) -> String {
    String::from_utf8(files["scenario.toml"].clone()).expect("text")
}

#[test]
fn a_transfer_that_stays_outside_is_told() {
    let folder = scratch();
    let capture = story("firmware-download");
    let said = |role: &str, further: &[&str]| {
        let path = folder
            .path()
            .join("scenario")
            .to_string_lossy()
            .into_owned();
        let new = ["scenario", "new", &capture, "--session", "1", "--as", role];
        let rest = ["--force", "-o", &path];
        let output = informant(&[&new[..], &rest, further].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stderr(&output)
    };
    let words = "the transfer itself is not in the scenario";
    assert!(said("acs", &[]).contains(words));
    for (role, further) in [
        ("acs", &["--transaction"][..]),
        ("acs", &["--until-session", "2"]),
        ("acs", &["-q"]),
        // A phone that is played comes for nothing.
        ("cpe", &[]),
    ] {
        let said = said(role, further);
        assert!(!said.contains(words), "{role} {further:?}: {said}");
    }
}

#[test]
fn a_transaction_is_written_twice_alike_and_lints() {
    let folder = scratch();
    let capture = story("firmware-download");
    let mut written = Vec::new();
    for (directory, threads) in [("one", "1"), ("two", "3")] {
        let directory = folder.path().join(directory);
        let path = directory.to_string_lossy().into_owned();
        let output = informant(&[
            "scenario",
            "new",
            &capture,
            "--session",
            "1",
            "--as",
            "acs",
            "--transaction",
            "--allow",
            "set",
            "--allow",
            "disrupt",
            "--allow",
            "destroy",
            "--threads",
            threads,
            "-o",
            &path,
        ]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert!(stdout(&output).is_empty());
        assert!(
            stderr(&output).contains("needs the class destroy (Download, FactoryReset)"),
            "{}",
            stderr(&output)
        );
        let lint = informant(&["scenario", "lint", &path]);
        assert_eq!(code(&lint), 0, "{}{}", stdout(&lint), stderr(&lint));
        written.push(files(&directory));
    }
    assert!(written[0] == written[1]);
    let toml = text(&written[0]);
    assert!(
        toml.contains("sessions = [1, 2]") && toml.contains("device = \"202BC1-BM632w-000001\""),
        "{toml}"
    );
    assert!(
        toml.contains("allow = [\"set\", \"disrupt\", \"destroy\"]"),
        "{toml}"
    );
    assert_eq!(written[0]["file.1"].len(), 20_000);
}

#[test]
fn what_is_there_is_written_over_only_by_force() {
    let folder = scratch();
    let capture = story("bootstrap-with-provisioning");
    let directory = folder.path().join("it");
    let path = directory.to_string_lossy().into_owned();
    let arguments = [
        "scenario",
        "new",
        &capture,
        "--session",
        "2",
        "--as",
        "cpe",
        "-q",
        "-o",
        &path,
    ];
    let first = informant(&arguments);
    assert_eq!((code(&first), stderr(&first)), (0, String::new()));
    let second = informant(&arguments);
    assert_eq!(code(&second), 2, "{}", stderr(&second));
    assert!(stderr(&second).contains("--force"), "{}", stderr(&second));
    let mut forced = arguments.to_vec();
    forced.extend(["--force", "--allow", "set,disrupt"]);
    assert_eq!(code(&informant(&forced)), 0);
    assert!(text(&files(&directory)).contains("allow = [\"set\", \"disrupt\"]"));
}

#[test]
fn several_sessions_of_a_device_make_one() {
    let folder = scratch();
    let capture = story("bootstrap-with-provisioning");
    let directory = folder.path().join("it");
    let path = directory.to_string_lossy().into_owned();
    let output = informant(&[
        "scenario",
        "new",
        &capture,
        "--session",
        "1",
        "--as",
        "acs",
        "--until-session",
        "3",
        "-o",
        &path,
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let toml = text(&files(&directory));
    assert!(toml.contains("sessions = [1, 2, 3]"), "{toml}");
    assert!(
        !toml.contains("allow ="),
        "nothing is allowed unasked: {toml}"
    );
    assert!(
        toml.contains("M Reboot") && toml.contains("4 VALUE CHANGE"),
        "{toml}"
    );
    assert!(
        stderr(&output).contains("secret acs_password: give it in the environment as ACS_PASSWORD")
    );
}

#[test]
fn what_cannot_be_played_says_why() {
    let folder = scratch();
    let path = folder.path().join("it").to_string_lossy().into_owned();
    let capture = story("fault");
    let refuses = |arguments: &[&str], expected: i32, word: &str| {
        let mut all = vec!["scenario", "new"];
        all.extend(arguments);
        all.extend(["--as", "acs", "-o", &path]);
        let output = informant(&all);
        assert_eq!(
            code(&output),
            expected,
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(word),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(!Path::new(&path).exists(), "nothing is written");
    };
    refuses(&[&capture, "--session", "99"], 2, "there is no session 99");
    refuses(
        &[&capture, "--session", "2", "--until-session", "1"],
        2,
        "later",
    );
    refuses(&[&capture, "--session", "0"], 2, "");
    let bytes = std::fs::read(&capture).expect("a capture");
    let cut = folder.path().join("cut.pcapng");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("a file");
    let cut = cut.to_string_lossy().into_owned();
    let output = informant(&[
        "scenario",
        "new",
        &cut,
        "--session",
        "1",
        "--as",
        "acs",
        "-o",
        &path,
    ]);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
}

#[test]
fn the_binding_of_a_device_is_recorded_without_its_password() {
    let folder = scratch();
    let directory = folder.path().join("woken");
    let path = directory.to_string_lossy().into_owned();
    let capture = story("udp-request-works");
    let output = informant(&[
        "scenario",
        "new",
        &capture,
        "--session",
        "1",
        "--until-session",
        "2",
        "--as",
        "acs",
        "-o",
        &path,
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let toml = text(&files(&directory));
    let stun = "[stun]\nusername = \"{{stun_username}}\"\npassword = \"{{stun_password}}\"\nform = \"rfc3489\"\n\
                challenge = true\nkeep_alive_s = 30\ncopies = 3\n";
    assert!(toml.contains(stun), "{toml}");
    let secret = "stun_password = { secret = true, env = \"STUN_PASSWORD\" }";
    assert!(toml.contains(secret), "{toml}");
}
