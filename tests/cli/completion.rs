//! What the shells complete behind `-Y`: the words that `informant filter --complete` gives, and the scripts in the shells
//! themselves where these are at hand.

use std::process::Command;

use crate::program::{code, informant, scratch, stderr, stdout, written};

/// What the text may go on to, for a command.
fn continuations(command: &str, text: &str) -> Vec<String> {
    let output = informant(&["filter", "--complete", command, text]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    stdout(&output).lines().map(str::to_owned).collect()
}

#[test]
fn an_expression_goes_on_as_the_grammar_has_it() {
    for (command, text, expected) in [
        ("list", "serial", &["serial_number"][..]),
        (
            "list",
            "device.s",
            &["device.serial_number", "device.software_version"],
        ),
        ("list", "!(device.o", &["!(device.oui"]),
        ("messages", "statu", &["status"]),
        ("list", "statu", &[]),
        ("flow", "statu", &["status"]),
        ("", "dura", &["duration_ms"]),
        ("messages", "protocol == st", &["protocol == stun"]),
        ("messages", "copy_", &["copy_of", "copy_of_frame_file"]),
        ("messages", "class == e", &["class == error_response"]),
        ("list", "copy_", &[]),
        ("show", "copy_", &["copy_of", "copy_of_frame_file"]),
        ("flow", "copy_", &["copy_of", "copy_of_frame_file"]),
        ("messages", "args.n", &["args.name"]),
        ("list", "rpc g", &["rpc glob"]),
        ("list", "rpc =", &["rpc =="]),
        ("list", "gaps == 1 ", &["gaps == 1 &&", "gaps == 1 ||"]),
        (
            "list",
            "(gaps == 1 ",
            &["(gaps == 1 &&", "(gaps == 1 )", "(gaps == 1 ||"],
        ),
        (
            "list",
            "triggered_by ",
            &["triggered_by &&", "triggered_by ||"],
        ),
        ("list", "outcome == fau", &["outcome == faulted"]),
        ("list", "outcome < ", &[]),
        ("list", "outcome in ", &["outcome in {"]),
        ("list", "rpcs.from in {cpe, a", &["rpcs.from in {cpe, acs"]),
        (
            "list",
            "transport in {http ",
            &["transport in {http ,", "transport in {http }"],
        ),
        (
            "messages",
            "body_complete == ",
            &["body_complete == false", "body_complete == true"],
        ),
        (
            "list",
            "rpc == Inform && retry",
            &["rpc == Inform && retry_count"],
        ),
        ("list", "rpc == ", &[]),
        ("list", "rpc == \"ser", &[]),
        ("list", "rpc ~ /ser", &[]),
        ("list", "gaps == ", &[]),
        ("list", "nonsense == ", &[]),
        (
            "list",
            "findings.",
            &["findings.error", "findings.info", "findings.warning"],
        ),
        ("check", "sev", &["severity"]),
        ("check", "blame == a", &["blame == acs"]),
        ("list", "rpc == a\nb", &[]),
        ("list", "--outp", &[]),
    ] {
        let mut found = continuations(command, text);
        found.sort();
        assert_eq!(found, expected, "{command} {text:?}");
    }
    assert!(continuations("list", "").len() > 40);
    let operators = continuations("list", "outcome ");
    assert!(
        operators.contains(&"outcome ==".to_owned())
            && !operators.contains(&"outcome <".to_owned())
    );
}

/// Whatever is offered can be gone on with: no offer leads into an error.
#[test]
fn every_offer_leads_on() {
    let mut looked_at = 0;
    let mut texts = vec![String::new()];
    for _ in 0..3 {
        let mut next = Vec::new();
        for text in texts.iter().step_by(texts.len() / 6 + 1) {
            for offer in continuations("flow", text) {
                let error = informant::filter::Filter::parse(&offer).err();
                // What stands before a capital in `headers.NAME` is no name yet.
                let fine = error
                    .as_ref()
                    .is_none_or(informant::filter::FilterError::is_incomplete);
                assert!(fine || offer.ends_with('.'), "{offer}: {error:?}");
                next.push(format!("{offer} "));
                looked_at += 1;
            }
        }
        texts = next;
    }
    assert!(looked_at > 100, "{looked_at}");
}

#[test]
fn the_page_lists_names_and_operators() {
    let page = stdout(&informant(&["filter"]));
    for word in [
        "glob",
        "contains",
        "&&",
        "device.serial_number",
        "fault_code",
        "headers.NAME",
        "args.PATH",
        "complete, faulted, rejected, aborted, incomplete",
        "Names of sessions",
        "Names of messages",
    ] {
        assert!(page.contains(word), "{word}");
    }
    assert!(page.contains("finding.severity") && page.contains("Names of findings"));
    assert!(page.contains("cipher_suite"));
    let wide: Vec<&str> = page
        .lines()
        .filter(|line| line.chars().count() > 80)
        .collect();
    assert_eq!(wide, [""; 0]);
    assert!(stdout(&informant(&["help", "filter"])).contains("-Y"));
    assert!(!stdout(&informant(&["help", "filter"])).contains("--complete"));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(&informant(&["completions", shell]));
        let ours = script.matches("--complete").count();
        assert!(ours <= 1, "{shell} offers what is hidden");
    }
}

/// Runs a script in a shell, with the program in its path; `None`, visibly, where there is no such shell.
fn in_shell(shell: &str, arguments: &[&str], script: &str) -> Option<String> {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_informant"));
    let folder = program.parent().map(|folder| folder.display().to_string());
    let path = format!(
        "{}:/usr/local/bin:/usr/bin:/bin",
        folder.unwrap_or_default()
    );
    let mut command = Command::new(shell);
    command
        .env_clear()
        .env("PATH", path)
        .env("LC_ALL", "C.UTF-8")
        .env("HOME", "/nonexistent");
    match command.args(arguments).arg(script).output() {
        Ok(output) => {
            assert_eq!(stderr(&output), "", "{shell}");
            Some(stdout(&output))
        }
        Err(_) => {
            println!("skipped: {shell} is absent");
            None
        }
    }
}

/// The script that `informant completions` writes, in a file.
fn script_of(shell: &str, folder: &tempfile::TempDir) -> String {
    let script = stdout(&informant(&["completions", shell]));
    written(folder, &format!("{shell}.script"), script.as_bytes())
}

/// As bash calls it: the words as typed with an open quote, the word without it, the word before.
#[test]
fn bash_completes_expressions() {
    let folder = scratch();
    let script = script_of("bash", &folder);
    for (words, word, before, expected) in [
        (
            r#"list -Y "'device.s""#,
            "device.s",
            "-Y",
            "<device.serial_number><device.software_version>",
        ),
        (
            r#"list -Y "'rpc == Inform && serial""#,
            "rpc == Inform && serial",
            "-Y",
            "<rpc == Inform && serial_number ><rpc == Inform && serial_number ...>",
        ),
        (
            r#"list -Y '"outcome == fau'"#,
            "outcome == fau",
            "-Y",
            "<outcome == faulted ><outcome == faulted ...>",
        ),
        (
            r#"messages --filter = "'statu""#,
            "statu",
            "=",
            "<status ><status ...>",
        ),
        (r#"list -Y serial"#, "serial", "-Y", "<serial_number>"),
        (r#"--threads 1 -q check -Y bla"#, "bla", "-Y", "<blame>"),
        (r#"list -Y "'rpc == ""#, "rpc == ", "-Y", ""),
        (r#"messages -Y "'args.PA""#, "args.PA", "-Y", ""),
        (r#"list --outp"#, "--outp", "list", "<--output>"),
        (r#"comple"#, "comple", "informant", "<completions>"),
    ] {
        let call = format!(
            "source '{script}'
             COMP_WORDS=(informant {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
             _informant_or_filter informant '{word}' '{before}'
             [[ ${{#COMPREPLY[@]}} -eq 0 ]] || printf '<%s>' \"${{COMPREPLY[@]}}\""
        );
        let Some(found) = in_shell("bash", &["--norc", "-c"], &call) else {
            return;
        };
        assert_eq!(found, expected, "{words}");
    }
    // Outside quotes nothing is offered that the shell would read as more than a word.
    let call = format!(
        "source '{script}'; COMP_WORDS=(informant list -Y ''); COMP_CWORD=3
         _informant_or_filter informant '' -Y; printf '%s\\n' \"${{COMPREPLY[@]}}\"; complete -p informant"
    );
    if let Some(found) = in_shell("bash", &["--norc", "-c"], &call) {
        let (names, registered) = found.split_once("\ncomplete ").unwrap_or_default();
        assert!(
            names.lines().count() > 40 && !names.contains(' '),
            "{names}"
        );
        assert!(
            registered.contains("-F _informant_or_filter"),
            "{registered}"
        );
    }
}

#[test]
fn fish_completes_expressions() {
    let folder = scratch();
    let script = script_of("fish", &folder);
    for (line, expected) in [
        (
            "informant list -Y 'rpc == Inform && device.s",
            "rpc == Inform && device.serial_number\nrpc == Inform && device.software_version\n",
        ),
        ("informant show -Y statu", "status\n"),
        ("informant -q messages -Y statu", "status\n"),
        (
            "informant list --filter='outcome == fau",
            "--filter=outcome == faulted\n",
        ),
    ] {
        let call = format!("source '{script}'; complete -C \"{line}\"");
        match in_shell("fish", &["--no-config", "-c"], &call) {
            Some(found) => assert_eq!(found, expected, "{line}"),
            None => return,
        }
    }
}

/// zsh completes only at a terminal: here, that it reads the script, and what the function would offer.
#[test]
fn zsh_reads_its_script() {
    let folder = scratch();
    let script = script_of("zsh", &folder);
    let text = stdout(&informant(&["completions", "zsh"]));
    assert!(text.starts_with("#compdef informant\n"));
    assert!(!text.contains(":EXPRESSION:_default"));
    let call = format!(
        "compdef() {{ : }}; source '{script}'
         _call_program() {{ shift; eval \"$@\" }}; compadd() {{ print -rl -- $expressions }}
         typeset -A compstate; compstate[quoting]=single
         words=(informant messages -Y \"'rpc == \\\"a\\\" && statu\"); PREFIX='rpc == \"a\" && statu'; _informant_filter"
    );
    if let Some(found) = in_shell("zsh", &["-f", "-c"], &call) {
        assert_eq!(found, "rpc == \"a\" && status\n");
    }
}
