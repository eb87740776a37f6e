//! Files of options: what they come to, and what is told of their slips.

use std::ffi::OsString;
use std::path::Path;

use clap::{Command, CommandFactory};

use super::permission::TYPED;
use super::{Called, option, parse};
use crate::cli::arguments::Arguments;

fn split(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

/// The words that a file comes to, or the line and what is wrong in it.
fn read(text: &str, line: &str) -> Result<Vec<String>, (usize, String)> {
    let line = format!("informant --config f.toml {line}");
    let called = Called::of(&Arguments::command(), split(&line));
    let (_, given) = called.named().expect("the file is named");
    let words = parse(text.as_bytes(), Path::new("/lab"), &called.command, &given);
    match words {
        Ok(words) => Ok(words
            .into_iter()
            .map(|(_, word)| word.to_string_lossy().into_owned())
            .collect()),
        Err(flaw) => Err((flaw.line(text.as_bytes()), flaw.what)),
    }
}

fn words(text: &str, line: &str) -> String {
    read(text, line).expect("nothing is wrong").join(" ")
}

#[test]
fn keys_become_words() {
    for (text, line, expected) in [
        ("color = \"never\"", "list a", "--color=never"),
        ("color = \"never\"", "a", "--color=never"),
        ("color = \"never\"", "man", ""),
        ("show-secrets = true\nquiet = false", "a", "--show-secrets"),
        ("threads = 0x2", "list a", "--threads=2"),
        (
            "[replay]\nspeed = \"x2\"\ntimeout = 2.5",
            "replay acs d",
            "--speed=x2 --timeout=2.5",
        ),
        (
            "[check]\ntoday = 2027-03-31",
            "check a",
            "--today=2027-03-31",
        ),
        (
            "keylog = [\"k\", \"/k\"]",
            "list a",
            "--keylog=/lab/k --keylog=/k",
        ),
        ("keylog = \"k\"", "list a", "--keylog=/lab/k"),
        ("read = \"-\"", "list", "--read=-"),
        ("[list]\ncheck = true", "list a", "--check"),
        ("[list]\ncheck = \"never\"", "list a", "--check=never"),
        (
            "select = [\"HTTP\", \"TLS-001,TLS-002\"]",
            "check a",
            "--select=HTTP --select=TLS-001,TLS-002",
        ),
        (
            "[serve]\nlisten = \"127.0.0.1:0\"\n[live]\ninterface = []",
            "list a",
            "",
        ),
    ] {
        assert_eq!(words(text, line), expected, "{text} for {line}");
    }
}

#[test]
fn the_nearer_is_the_stronger() {
    let text = "color = \"always\"\nfail-on = \"info\"\n\
                [check]\nfail-on = \"warning\"\n\
                [replay]\nfail-on = \"never\"\ncolor = \"auto\"\n\
                [replay.acs]\nfail-on = \"error\"\n";
    for (line, expected) in [
        ("check a", "--fail-on=warning --color=always"),
        ("check a --color never", "--fail-on=warning"),
        ("check --fail-on=info a --color never", ""),
        ("replay acs d", "--fail-on=error --color=auto"),
        ("replay cpe --acs-url u d", "--color=auto --fail-on=never"),
        ("serve", "--color=always --fail-on=info"),
        ("list a", "--color=always"),
        ("summary a", "--color=always"),
    ] {
        let mut expected: Vec<&str> = expected.split_whitespace().collect();
        let mut found = read(text, line).expect("nothing is wrong");
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{line}");
    }
    assert_eq!(words("quiet = true\n[list]\nquiet = false", "list a"), "");
    assert_eq!(words("[summary]\nquiet = true", "a"), "--quiet");
}

#[test]
fn what_contradicts_a_stronger_one_is_passed_over() {
    for (line, expected) in [
        ("diff a b", "--ordered"),
        ("diff a b --unordered EventList", ""),
        ("show a 1", "--format=json"),
        ("show a 1 --raw", ""),
    ] {
        let text = "[diff]\nordered = true\n[show]\nformat = \"json\"\n";
        assert_eq!(words(text, line), expected, "{line}");
    }
    assert_eq!(
        words("format = \"json\"\n[show]\nraw = true", "show a 1"),
        "--raw"
    );
    assert_eq!(
        read("[diff]\nunordered = \"A\"\nordered = true", "diff a b"),
        Err((3, "`ordered` cannot stand beside `unordered`".to_owned()))
    );
}

#[test]
fn slips_are_told_with_line_and_remedy() {
    for (text, line, told) in SLIPS {
        if text.contains("[live]") && !cfg!(feature = "live") {
            continue;
        }
        let (at, what) = read(text, "list a").expect_err(text);
        assert!(what.contains(told), "{text}: {what}");
        assert_eq!(at, *line, "{text}: {what}");
    }
}

#[test]
fn what_permits_has_to_be_typed() {
    for (text, line) in [
        ("allow = [\"set\"]", "replay acs d"),
        ("[replay.acs]\nallow = \"destroy\"", "list a"),
        ("[serve]\ndevice = [\"1-2\"]", "serve"),
        ("[replay.cpe]\ntls-insecure = true", "replay cpe d"),
        ("[replay]\nimpersonate-recorded = false", "replay cpe d"),
        ("[scenario.new]\nforce = true", "scenario new a"),
    ] {
        let (_, what) = read(text, line).expect_err(text);
        assert!(
            what.contains("on the command line, never by a file"),
            "{what}"
        );
    }
}

#[test]
fn the_example_of_the_page_is_right() {
    let page = include_str!("../../../docs/config.md");
    let example = page.split("```toml\n").nth(1).expect("there is an example");
    let example = example.split("```").next().unwrap_or_default();
    for (line, expected) in [
        (
            "check a",
            "--fail-on=warning --select=HTTP --select=CWMP-SPV --color=never --show-secrets \
             --keylog=/lab/keys.log --keylog=/var/log/acs.keys --max-mem=1G",
        ),
        ("rules -T json", "--color=never --show-secrets"),
        (
            "replay acs d --color=auto",
            "--listen=192.0.2.1:7547 --speed=as-recorded --show-secrets",
        ),
    ] {
        assert_eq!(words(example, line), expected);
    }
}

/// Every option there is can be given, or is one that has to be typed; and there are no others of those.
#[test]
fn the_grammar_has_no_option_that_is_not_understood() {
    fn walk(command: &Command, typed: &mut Vec<String>) {
        for argument in command.get_arguments() {
            let Some(long) = argument.get_long().filter(|_| !argument.is_hide_set()) else {
                continue;
            };
            assert!(option::is_for_files(argument), "--{long}");
            assert!(
                argument
                    .get_num_args()
                    .is_none_or(|count| count.max_values() <= 1),
                "--{long}"
            );
            typed.extend(
                TYPED
                    .iter()
                    .filter(|(name, _)| *name == long)
                    .map(|(name, _)| (*name).to_owned()),
            );
        }
        command
            .get_subcommands()
            .for_each(|below| walk(below, typed));
    }
    let mut typed = Vec::new();
    walk(&Arguments::command(), &mut typed);
    for (name, _) in TYPED {
        assert!(typed.iter().any(|found| found == name), "--{name}");
    }
}

#[test]
fn the_file_may_be_named_anywhere() {
    for line in [
        "informant --config f.toml replay acs d",
        "informant replay --config f.toml acs d",
        "informant --config=f.toml replay acs d",
        "informant replay acs d --config f.toml",
        "informant replay acs --speed max --config f.toml d",
    ] {
        let called = Called::of(&Arguments::command(), split(line));
        assert_eq!(called.command, ["replay", "acs"], "{line}");
        let (path, given) = called.named().expect(line);
        assert_eq!(path, Path::new("f.toml"));
        assert_eq!(given.contains("speed"), line.contains("speed"));
    }
    for line in [
        "informant list a -- --config f",
        "informant list --help --config f",
    ] {
        let called = Called::of(&Arguments::command(), split(line));
        assert!(called.named().is_none(), "{line}");
    }
}

#[test]
fn options_may_stand_before_the_command() {
    for (line, expected) in [
        ("--threads 1 check a", "check --threads 1 a"),
        ("--threads=1 -q check a", "check --threads=1 -q a"),
        ("-qT json list a", "list -qT json a"),
        ("-Tjson -q list a", "list -Tjson -q a"),
        ("-v --speed max replay acs d", "replay acs -v --speed max d"),
        ("-v replay --speed max acs d", "replay acs -v --speed max d"),
        ("replay --speed max acs d", "replay acs --speed max d"),
        ("list -q acs", "list -q acs"),
        ("--version list", "--version list"),
        ("-qV list", "-qV list"),
        ("-TV list", "list -TV"),
        ("-q help list", "help list"),
        ("-q replay help acs", "replay help acs"),
        ("-q list help", "list -q help"),
        ("-r V list", "list -r V"),
        // A value that is the name of a command, and a file of that name.
        ("-r list show 1", "show -r list 1"),
        ("-r list", "-r list"),
        ("-q a list", "-q a list"),
        ("--check list", "list --check"),
        ("-q -- list", "-q -- list"),
        ("- list", "- list"),
        ("--no-such-option list a", "list --no-such-option a"),
    ] {
        let typed = split(&format!("informant {line}"));
        let called = Called::of(&Arguments::command(), typed);
        let words: Vec<OsString> = called.head.into_iter().chain(called.tail).collect();
        assert_eq!(words, split(&format!("informant {expected}")), "{line}");
    }
}

/// A file, the line of its slip, and what is told of it.
const SLIPS: &[(&str, usize, &str)] = &[
    (
        "\ncolour = \"never\"",
        2,
        "`colour` is no option: did you mean `color`?",
    ),
    (
        "show_secrets = true",
        1,
        "`show_secrets` is no option: did you mean `show-secrets`?",
    ),
    (
        "[check]\nfailon = \"error\"",
        2,
        "`failon` is no option of `check`: did you mean `fail-on`?",
    ),
    (
        "[list]\nspeed = \"max\"",
        2,
        "`speed` is no option of `list`: ",
    ),
    (
        "[replay.acs]\nacs-url = \"u\"",
        2,
        "`acs-url` is no option of `replay acs`: ",
    ),
    (
        "[chekc]\nquiet = true",
        1,
        "`chekc` is no command: did you mean `check`?",
    ),
    (
        "[replay.asc]\n",
        1,
        "`asc` is no command of `replay`: did you mean `acs`?",
    ),
    (
        "[color]\n",
        1,
        "`color` is no command: it is an option, and takes no table",
    ),
    (
        "scenario = \"x\"",
        1,
        "its options stand in a table [scenario]",
    ),
    (
        "color = \"nver\"",
        1,
        "one of `auto`, `always`, `never` is wanted: did you mean `never`?",
    ),
    (
        "threads = 0",
        1,
        "`threads` of `list`: 0 is not in 1..=65535",
    ),
    ("threads = \"two\"", 1, "`threads` of `list`: "),
    ("threads = [1, 2]", 1, "`threads` of `list` takes one value"),
    (
        "threads = true",
        1,
        "`threads` of `list` is a text in quotes or a number",
    ),
    ("quiet = \"yes\"", 1, "`quiet` of `list` is true or false"),
    (
        "keylog = 7",
        1,
        "`keylog` of `list` is a path: a text in quotes",
    ),
    (
        "max-mem = \"1\"",
        1,
        "`max-mem` of `list`: at least 16M is needed",
    ),
    (
        "[live]\nring = [\n\"files:3\",\n\"files:0\"]",
        4,
        "`ring` of `live`: files: a number from 1 is wanted",
    ),
    (
        "[serve]\nformat = \"json\"",
        2,
        "one of `text`, `ndjson` is wanted",
    ),
    ("filter = [\"x\"]", 1, "`filter` of `list` takes one value"),
    ("output = \"\"", 1, "`output` of `list`: a value is missing"),
    ("help = true", 1, "`help` is no option: "),
    ("files = \"a\"", 1, "`files` is no option: "),
    (
        "config = \"g.toml\"",
        1,
        "`config` is given on the command line, never by a file: ",
    ),
    ("color = never", 1, "this is no TOML"),
    ("quiet = true\nquiet = true", 2, "duplicate key"),
];
