//! The command line: one file per command. The only room that connects the others, writes to the screen and decides the exit code.

mod arguments;
mod arrows;
pub mod baseline;
mod bindings;
mod cause;
mod check;
mod checking;
mod codes;
mod completions;
mod config;
mod credentials;
mod devices;
mod diff;
mod exit;
mod filter;
mod flaw;
mod flow;
mod key_files;
mod later;
mod list;
#[cfg(feature = "live")]
mod live;
mod man;
mod marks;
mod messages;
mod models;
mod output;
mod places;
mod progress;
mod reading;
mod reorder;
mod replay;
mod rules;
mod scenario;
mod screen;
mod select;
mod serve;
mod show;
mod summary;
mod tally;
mod tls;
mod tui;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;

/// Runs the command that the process was called with.
#[must_use]
pub fn run() -> ExitCode {
    let words = match config::words(std::env::args_os().collect()) {
        Ok(words) => words,
        Err(trouble) => {
            output::complain(&trouble.to_string());
            return trouble.code().into();
        }
    };
    let arguments = match Arguments::try_parse_from(words.all) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Options of such a command are unknown as well: that is not what is wrong.
            let first = std::env::args_os().nth(1);
            if let Err(trouble) = later::refuse(first.as_deref()) {
                output::complain(&trouble.to_string());
                return trouble.code().into();
            }
            // Where help or the complaint cannot be written, there is nobody to tell.
            let _ = error.print();
            return if error.use_stderr() {
                words.hint.iter().for_each(|hint| output::complain(hint));
                exit::USAGE.into()
            } else {
                exit::FINE.into()
            };
        }
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        output::complain(&format!("a defect of informant{place}: please report it"));
    }));
    let code = std::panic::catch_unwind(|| command(arguments)).unwrap_or(exit::DEFECT);
    code.into()
}

fn command(arguments: Arguments) -> u8 {
    let is_implied = arguments.command.is_none();
    let result = match arguments
        .command
        .unwrap_or(Command::Summary(arguments.summary))
    {
        Command::Summary(arguments) => summary::run(&arguments, is_implied),
        Command::List(arguments) => list::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Flow(arguments) => flow::run(&arguments),
        Command::Messages(arguments) => messages::run(&arguments),
        Command::Devices(arguments) => devices::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Tui(arguments) => tui::run(&arguments),
        Command::Baseline(command) => baseline::run(&command),
        Command::Scenario(command) => scenario::run(&command),
        Command::Rules(arguments) => rules::list(&arguments),
        Command::Explain(arguments) => rules::explain(&arguments),
        Command::Filter(arguments) => filter::run(&arguments),
        Command::Replay(command) => replay::run(&command),
        #[cfg(feature = "live")]
        Command::Live(arguments) => live::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Completions(arguments) => completions::run(arguments.shell),
        Command::Man => man::run(),
    };
    result.unwrap_or_else(|trouble| {
        output::complain(&trouble.to_string());
        trouble.code()
    })
}
