//! A scenario: read or refused with its place, linted in any case, and what was read is written and read again the same.
//!
//! The input is `scenario.toml`, then lines of `====` with the files behind them, which are given out by the length of the name.

use std::collections::BTreeMap;

use informant::replay::scenario::{
    Act, Class, Scenario, TOML, classified, lint, parse, sent_message, write,
};

/// The TOML and the files of a scenario.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut parts = text.split("\n====\n");
    let toml = parts.next().unwrap_or_default();
    let bodies: Vec<&str> = parts.collect();
    let file = |name: &str| {
        let body = bodies.get(name.len() % bodies.len().max(1));
        Ok(body.map(|body| body.as_bytes().to_vec()))
    };
    for remark in lint(toml, &["file.1".to_owned(), "other".to_owned()], file) {
        is_told(&remark.what, remark.place);
    }
    match parse(toml, file) {
        Ok(scenario) => is_written(&scenario),
        Err(problem) => is_told(&problem.what, problem.place),
    }
}

fn is_told(what: &str, place: Option<(u32, u32)>) {
    assert!(
        !what.is_empty() && what.len() <= MESSAGE_BYTES_MAX,
        "{what:?}"
    );
    let is_bare = |character: char| character.is_control() && character != '\n';
    assert!(!what.contains(is_bare), "{what:?}");
    assert!(place.is_none_or(|(line, column)| line > 0 && column > 0));
}

fn is_written(scenario: &Scenario) {
    let written = write(scenario);
    assert_eq!(written, write(scenario));
    let files: BTreeMap<String, Vec<u8>> = written.into_iter().collect();
    let toml = std::str::from_utf8(&files[TOML]).expect("TOML is text");
    let again = parse(toml, |name| Ok(files.get(name).cloned()));
    assert_eq!(again.as_ref(), Ok(scenario), "{toml}");
    for step in &scenario.steps {
        if let Act::Send(send) = &step.act {
            assert!(!sent_message(scenario, send).is_empty());
            assert!(classified(scenario, send).class >= Class::Read);
        }
    }
}

/// Bytes of what is wrong: some words of the file may stand in it, cut, and an expression with its marks.
const MESSAGE_BYTES_MAX: usize = 12 << 10;
