//! `--config FILE`: options that stand in a file in TOML, put before the words of the command line as if they had been typed.
//! Which options there are, and what they take, only the grammar knows; nothing is read unless it is named.

mod called;
mod file;
mod option;
mod permission;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory};

use super::arguments::Arguments;
use super::exit::Trouble;
use super::flaw::{self, Flaw};
use called::{Called, is_option, names_a_file};
use file::Reader;

/// The words to be understood.
pub(super) struct Words {
    /// Those of the command line, with those of the file before them.
    pub all: Vec<OsString>,
    /// What to say beside a complaint about them: part of them nobody typed.
    pub hint: Option<String>,
}

/// The words of the command line with those of the file that it names.
///
/// # Errors
///
/// What is wrong with the file; what is wrong with the command line is left for those who understand it.
pub(super) fn words(typed: Vec<OsString>) -> Result<Words, Trouble> {
    let mut hint = None;
    // Behind one name there may be another.
    let is_in_order = !typed.iter().skip(1).take(2).any(|word| is_option(word));
    if is_in_order && !typed.iter().any(|word| names_a_file(word)) {
        return Ok(Words { all: typed, hint });
    }
    let called = Called::of(&Arguments::command(), typed);
    let mut all = called.head.clone();
    if let Some((path, given)) = called.named() {
        let added = added(&path, &called.command, &given)?;
        let options: BTreeSet<_> = added.iter().map(|(option, _)| option.as_str()).collect();
        let options: Vec<&str> = options.into_iter().collect();
        hint = (!options.is_empty()).then(|| {
            let path = path.display();
            format!("{path} gives --{} as well", options.join(", --"))
        });
        all.extend(added.into_iter().map(|(_, word)| word));
    }
    all.extend(called.tail);
    Ok(Words { all, hint })
}

impl Called {
    /// The file, and what else the command line gives by itself.
    fn named(&self) -> Option<(PathBuf, BTreeSet<String>)> {
        let words = self.head.iter().chain(&self.tail);
        // Help is no error that could be passed over: then no file is needed.
        let lenient = Arguments::command().ignore_errors(true);
        let matches = lenient.try_get_matches_from(words).ok()?;
        let path = matches.get_one::<PathBuf>("config").cloned();
        let mut matches = &matches;
        for name in &self.command {
            matches = matches.subcommand_matches(name)?;
        }
        let path = path.or_else(|| matches.get_one("config").cloned());
        Some((path?, typed_options(matches)))
    }
}

fn typed_options(matches: &ArgMatches) -> BTreeSet<String> {
    let typed = matches
        .ids()
        .map(clap::Id::as_str)
        .filter(|id| matches.value_source(id) == Some(ValueSource::CommandLine));
    typed.map(str::to_owned).collect()
}

/// The words that a file adds for this command, each with the option that it is of.
fn added(
    path: &Path,
    command: &[String],
    given: &BTreeSet<String>,
) -> Result<Vec<(String, OsString)>, Trouble> {
    let name = path.display();
    let bytes = contents(path).map_err(|what| Trouble::Usage(format!("{name}: {what}")))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    parse(&bytes, folder, command, given).map_err(|flaw| {
        let line = flaw.line(&bytes);
        Trouble::Usage(format!("{name}:{line}: {}", flaw.what))
    })
}

/// Only a file: a pipe may never end, or never begin.
fn contents(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("the options cannot be read: {error}");
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err("is no file: options stand in one".to_owned());
    }
    let bytes = flaw::contents(path, FILE_BYTES_MAX).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err("is larger than 1 MiB, and hardly the right file".to_owned());
    }
    Ok(bytes)
}

fn parse(
    bytes: &[u8],
    folder: &Path,
    command: &[String],
    given: &BTreeSet<String>,
) -> Result<Vec<(String, OsString)>, Flaw> {
    let text = std::str::from_utf8(bytes).map_err(|error| Flaw {
        at: error.valid_up_to(),
        what: "this is no text in UTF-8".to_owned(),
    })?;
    let table = flaw::table(text)?;
    let grammar = Arguments::command();
    // Without a command it is a summary.
    let implied = ["summary".to_owned()];
    let command = if command.is_empty() {
        &implied
    } else {
        command
    };
    let mut reader = Reader::new(&grammar, folder, command);
    reader.table(&grammar, &[], table.get_ref())?;
    reader.words(given)
}

const FILE_BYTES_MAX: u64 = 1 << 20;

#[cfg(test)]
mod tests;
