//! Commands that the contract names and that this build is without.

use std::ffi::OsStr;
use std::path::Path;

use super::exit::Trouble;

/// Says so where the first word is such a command, and no file of that name.
pub(super) fn refuse(first: Option<&OsStr>) -> Result<(), Trouble> {
    let word = first.and_then(OsStr::to_str);
    match word.filter(|word| COMMANDS.contains(word) && !Path::new(word).exists()) {
        Some(word) => Err(Trouble::Usage(format!(
            "this build is without the command '{word}': cargo build --features {word} has it"
        ))),
        None => Ok(()),
    }
}

/// Is it such a command?
pub(super) fn is_known(word: &str) -> bool {
    COMMANDS.contains(&word)
}

const COMMANDS: &[&str] = &[
    #[cfg(not(feature = "live"))]
    "live",
    #[cfg(not(feature = "tui"))]
    "tui",
];

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{COMMANDS, refuse};
    use crate::cli::arguments::Arguments;

    #[test]
    fn what_is_there_is_not_refused() {
        for command in Arguments::command().get_subcommands() {
            assert!(!COMMANDS.contains(&command.get_name()));
            assert!(refuse(Some(command.get_name().as_ref())).is_ok());
        }
        for command in COMMANDS {
            assert!(refuse(Some(command.as_ref())).is_err());
        }
        assert!(refuse(Some("phone.pcap".as_ref())).is_ok());
        assert!(refuse(None).is_ok());
    }
}
