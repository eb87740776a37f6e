//! `informant scenario`: recorded sessions made ready to be played, looked at before they are.

mod lint;
mod new;
mod show;

use super::arguments::ScenarioCommand;
use super::exit::Trouble;

pub(super) fn run(command: &ScenarioCommand) -> Result<u8, Trouble> {
    match command {
        ScenarioCommand::Lint(arguments) => lint::run(arguments),
        ScenarioCommand::New(arguments) => new::run(arguments),
        ScenarioCommand::Show(arguments) => show::run(arguments),
    }
}
