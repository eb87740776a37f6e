//! `informant scenario`: recorded sessions made ready to be played, looked at before they are.

use std::path::Path;

use super::arguments::{ScenarioCommand, ScenarioLintArguments};
use super::exit::{self, Trouble};
use super::output::Sink;
use crate::replay::scenario::{self, Problem};

pub(super) fn run(command: &ScenarioCommand) -> Result<u8, Trouble> {
    match command {
        ScenarioCommand::Lint(arguments) => lint(arguments),
    }
}

fn lint(arguments: &ScenarioLintArguments) -> Result<u8, Trouble> {
    let mut codes = Vec::new();
    let mut sink = Sink::open(&arguments.writing, &[])?;
    for path in &arguments.scenarios {
        if let Err(problem) = read(path) {
            codes.push(exit::USAGE);
            let _ = sink.text(&format!("{}: {problem}\n", path.display()));
        }
    }
    sink.finish()?;
    Ok(exit::first_of(&codes))
}

fn read(path: &Path) -> Result<(), Problem> {
    let trouble = |error: std::io::Error| {
        Problem::of_file(scenario::TOML, format!("cannot be read: {error}"))
    };
    let text = std::fs::read_to_string(path.join(scenario::TOML)).map_err(trouble)?;
    scenario::well_formed(&text)
}
