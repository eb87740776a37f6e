//! `--config FILE` through the program: what is stronger, what is told, where paths begin, and that nothing is waited for.

use crate::program::{code, command, informant, json, scratch, stderr, stdout, written};
use crate::scene::{plain_session, session_capture};

/// A capture, and a file of options beside it.
fn scene(options: &str) -> (tempfile::TempDir, String, String) {
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &session_capture(&plain_session()));
    let file = written(&folder, "options.toml", options.as_bytes());
    (folder, capture, file)
}

#[test]
fn the_command_line_is_stronger_than_the_table_and_that_than_the_top() {
    let (_folder, capture, file) =
        scene("format = \"text\"\n\n[list]\nformat = \"ndjson\"\n\n[summary]\nformat = \"json\"\n");
    let list = stdout(&informant(&["list", &capture, "--config", &file]));
    assert_eq!(json(&list)["record"], "session", "{list}");
    let typed = stdout(&informant(&[
        "--config", &file, "list", &capture, "-T", "json",
    ]));
    assert!(json(&typed).is_array(), "{typed}");
    let devices = stdout(&informant(&["devices", &capture, "--config", &file]));
    assert_eq!(devices, stdout(&informant(&["devices", &capture])));
    let implied = stdout(&informant(&["--config", &file, &capture]));
    assert_eq!(json(&implied)["cwmp"]["sessions"], 1);
    assert_eq!(implied, stdout(&informant(&[&capture, "--config", &file])));
}

#[test]
fn slips_and_permissions_end_with_2() {
    for (options, line, told) in [
        (
            "\ncolour = \"never\"\n",
            2,
            "`colour` is no option: did you mean `color`?",
        ),
        ("[list]\ncolor = \"nver\"\n", 2, "did you mean `never`?"),
        (
            "[check]\nfail-on = 3\n",
            2,
            "one of `error`, `warning`, `info`, `never` is wanted",
        ),
        (
            "[replay.acs]\nallow = [\"set\"]\n",
            2,
            "`allow` is given on the command line, never by a file",
        ),
        ("\"\\u001b[31m\" = 1\n", 1, "is no option"),
    ] {
        let (_folder, capture, file) = scene(options);
        let output = informant(&["list", &capture, "--config", &file]);
        let complaint = stderr(&output);
        assert_eq!(
            (code(&output), stdout(&output).as_str()),
            (2, ""),
            "{complaint}"
        );
        assert!(
            complaint.contains(&format!("{file}:{line}: ")),
            "{complaint}"
        );
        assert!(
            complaint.contains(told) && !complaint.contains('\u{1b}'),
            "{complaint}"
        );
    }
}

#[test]
fn what_the_command_line_lacks_together_with_the_file_is_told_of_both() {
    let (_folder, _, file) = scene("[serve]\ntls-cert = \"cert.pem\"\n");
    let output = informant(&["serve", "--config", &file]);
    let complaint = stderr(&output);
    assert_eq!(code(&output), 2, "{complaint}");
    assert!(complaint.contains("--tls-key"), "{complaint}");
    assert!(
        complaint.contains(&format!("{file} gives --tls-cert as well")),
        "{complaint}"
    );
}

#[test]
fn paths_begin_at_the_folder_of_the_file() {
    let (folder, _, file) = scene("read = \"a.pcap\"\noutput = \"rows.txt\"\n");
    let elsewhere = scratch();
    let run = command()
        .current_dir(elsewhere.path())
        .args(["list", "--config", &file])
        .output();
    let output = run.unwrap_or_else(|error| panic!("the program does not start: {error}"));
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let rows = std::fs::read_to_string(folder.path().join("rows.txt")).unwrap_or_default();
    assert!(rows.contains("202BC1-BM632w-000001"), "{rows}");
}

#[test]
fn what_is_no_file_of_options_is_told_at_once() {
    let (folder, capture, _) = scene("");
    let large = written(&folder, "large.toml", &vec![b'\n'; (1 << 20) + 1]);
    let latin = written(&folder, "latin.toml", b"color = \"gr\xfcn\"");
    let missing = folder
        .path()
        .join("missing.toml")
        .to_string_lossy()
        .into_owned();
    let inside = folder.path().to_string_lossy().into_owned();
    for (file, told) in [
        (large.as_str(), "is larger than 1 MiB"),
        (&latin, "latin.toml:1: this is no text in UTF-8"),
        (&missing, "the options cannot be read"),
        (&inside, "is no file"),
        #[cfg(unix)]
        ("/dev/zero", "is no file"),
    ] {
        let output = informant(&["list", &capture, "--config", file]);
        assert_eq!(code(&output), 2, "{file}: {}", stderr(&output));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
    let twice = informant(&["list", &capture, "--config", &latin, "--config", &latin]);
    assert_eq!(code(&twice), 2);
}
