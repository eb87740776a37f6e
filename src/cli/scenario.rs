//! `informant scenario`: recorded sessions made ready to be played, looked at before they are.

mod lint;
mod new;
mod show;

use super::arguments::ScenarioCommand;
#[cfg(feature = "tui")]
use super::arguments::ScenarioNewArguments;
use super::exit::Trouble;

pub(super) fn run(command: &ScenarioCommand) -> Result<u8, Trouble> {
    match command {
        ScenarioCommand::Lint(arguments) => lint::run(arguments),
        ScenarioCommand::New(arguments) => new::run(arguments),
        ScenarioCommand::Show(arguments) => show::run(arguments),
    }
}

#[cfg(all(feature = "tui", feature = "live"))]
pub(in crate::cli) use new::of_outputs;

/// `informant scenario new`, for whoever asks in another way.
#[cfg(feature = "tui")]
pub(super) fn record(arguments: &ScenarioNewArguments) -> Result<u8, Trouble> {
    new::run(arguments)
}
