//! The tables of the file held against the grammar: outermost stand options of any command, in a command's table its own, which are
//! stronger.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use clap::{Arg, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::option;
use super::permission::why_typed;
use crate::cli::flaw::{Flaw, shown};
use crate::cli::later;
use crate::filter::nearest;

/// Reads the tables, and keeps what the called command is given.
pub(super) struct Reader<'g> {
    /// The grammar once more, to try values with.
    trying: Command,
    folder: &'g Path,
    /// The command that is called, by its names.
    called: &'g [String],
    command: &'g Command,
    /// What stands there for it, by the depth of its table.
    found: Vec<Found<'g>>,
}

/// An option of the called command.
struct Found<'g> {
    depth: usize,
    option: &'g Arg,
    words: Vec<OsString>,
    at: usize,
}

impl<'g> Reader<'g> {
    pub fn new(grammar: &'g Command, folder: &'g Path, called: &'g [String]) -> Self {
        let below = |at: &'g Command, name: &String| at.find_subcommand(name);
        let command = called.iter().try_fold(grammar, below);
        Self {
            trying: grammar.clone(),
            folder,
            called,
            command: command.unwrap_or(grammar),
            found: Vec::new(),
        }
    }

    /// Reads the table of a command and those within it, in the order of the text.
    pub fn table(
        &mut self,
        command: &Command,
        names: &[String],
        table: &DeTable<'_>,
    ) -> Result<(), Flaw> {
        let mut rows: Vec<_> = table.iter().collect();
        rows.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in rows {
            let written: &str = key.get_ref().as_ref();
            match (value.get_ref(), command.find_subcommand(written)) {
                (DeValue::Table(inner), Some(below)) => {
                    let names = [names, &[below.get_name().to_owned()]].concat();
                    self.table(below, &names, inner)?;
                }
                (DeValue::Table(_), None) if names.is_empty() && later::is_known(written) => {}
                (DeValue::Table(_), None) => {
                    return Err(Flaw {
                        at: key.span().start,
                        what: no_command(command, names, written),
                    });
                }
                _ => self.option(command, names, written, key.span().start, value)?,
            }
        }
        Ok(())
    }

    fn option(
        &mut self,
        command: &Command,
        names: &[String],
        key: &str,
        at: usize,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), Flaw> {
        let mut takers = Vec::new();
        takers_below(command, names, key, &mut takers);
        if takers.is_empty() {
            let what = no_option(command, names, key);
            return Err(Flaw { at, what });
        }
        if let Some(why) = why_typed(key) {
            let what = format!("`{key}` is given on the command line, never by a file: {why}");
            return Err(Flaw { at, what });
        }
        let is_for_called = self.called.starts_with(names);
        let own = self.command.get_arguments().find(|option| {
            is_for_called && option.get_long() == Some(key) && option::is_for_files(option)
        });
        if let Some(option) = own {
            let words = self.words_for(option, self.called, value)?;
            self.found.push(Found {
                depth: names.len(),
                option,
                words,
                at,
            });
            return Ok(());
        }
        // For another command: one that takes it is enough.
        let mut first = None;
        for (names, option) in takers {
            match self.words_for(option, &names, value) {
                Ok(_) => return Ok(()),
                Err(flaw) => first = first.or(Some(flaw)),
            }
        }
        first.map_or(Ok(()), Err)
    }

    /// The words of a value that the option takes.
    fn words_for(
        &mut self,
        option: &Arg,
        names: &[String],
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<OsString>, Flaw> {
        let command = names.join(" ");
        let words = option::words(option, &command, value, self.folder)?;
        let trouble = match option::judge(&mut self.trying, names, &words) {
            Ok(()) => return Ok(words),
            Err(trouble) => trouble,
        };
        let long = option.get_long().unwrap_or_default();
        let flaw = |at| Flaw {
            at,
            what: format!("`{long}` of `{command}`: {trouble}"),
        };
        // Of several values, the line of the wrong one.
        let values = value.get_ref().as_array();
        let each = values.into_iter().flat_map(|values| values.iter());
        for (word, value) in words.iter().zip(each) {
            if option::judge(&mut self.trying, names, std::slice::from_ref(word)).is_err() {
                return Err(flaw(value.span().start));
            }
        }
        Err(flaw(value.span().start))
    }

    /// The words for the called command: what is typed is stronger than its table, and its table than those around it. An option that
    /// contradicts a stronger one is passed over.
    pub fn words(mut self, given: &BTreeSet<String>) -> Result<Vec<(String, OsString)>, Flaw> {
        self.found
            .sort_by_key(|found| std::cmp::Reverse(found.depth));
        let options = self.command.get_arguments();
        let mut stronger: Vec<(usize, &Arg)> = options
            .filter(|option| given.contains(option.get_id().as_str()))
            .map(|option| (TYPED, option))
            .collect();
        let mut said = Vec::new();
        for found in &self.found {
            let is_same = |(_, other): &&(usize, &Arg)| other.get_id() == found.option.get_id();
            if stronger.iter().any(|other| is_same(&other)) {
                continue;
            }
            let contradicted = stronger.iter().find(|(_, other)| {
                !found.words.is_empty() && contradict(self.command, found.option, other)
            });
            let long = found.option.get_long().unwrap_or_default();
            if let Some((depth, other)) = contradicted {
                if *depth == found.depth {
                    let other = other.get_long().unwrap_or_default();
                    return Err(Flaw {
                        at: found.at,
                        what: format!("`{long}` cannot stand beside `{other}`"),
                    });
                }
                continue;
            }
            stronger.push((found.depth, found.option));
            said.extend(
                found
                    .words
                    .iter()
                    .map(|word| (long.to_owned(), word.clone())),
            );
        }
        Ok(said)
    }
}

/// The options of this name, of the command and of those below it.
fn takers_below<'c>(
    command: &'c Command,
    names: &[String],
    key: &str,
    takers: &mut Vec<(Vec<String>, &'c Arg)>,
) {
    let own = options(command).find(|option| option.get_long() == Some(key));
    takers.extend(own.map(|option| (names.to_vec(), option)));
    for below in command.get_subcommands() {
        let names = [names, &[below.get_name().to_owned()]].concat();
        takers_below(below, &names, key, takers);
    }
}

fn options(command: &Command) -> impl Iterator<Item = &Arg> {
    let options = command.get_arguments();
    options.filter(|option| option::is_for_files(option))
}

fn contradict(command: &Command, one: &Arg, other: &Arg) -> bool {
    let holds = |one: &Arg, other: &Arg| {
        let conflicts = command.get_arg_conflicts_with(one);
        conflicts.iter().any(|arg| arg.get_id() == other.get_id())
    };
    holds(one, other) || holds(other, one)
}

/// What to say of a key that no command has.
fn no_option(command: &Command, names: &[String], key: &str) -> String {
    let written = shown(key);
    let place = names.join(" ");
    if command.find_subcommand(key).is_some() {
        let table = [names, &[key.to_owned()]].concat().join(".");
        return format!("`{written}` is a command: its options stand in a table [{table}]");
    }
    let mut known = BTreeSet::new();
    longs_below(command, &mut known);
    let known: Vec<&str> = known.into_iter().collect();
    let hint = match nearest(&key.replace('_', "-"), &known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if names.is_empty() => "`informant COMMAND --help` has those of a command".to_owned(),
        None => format!("`informant {place} --help` has those that it takes"),
    };
    match names {
        [] => format!("`{written}` is no option: {hint}"),
        _ => format!("`{written}` is no option of `{place}`: {hint}"),
    }
}

fn longs_below<'c>(command: &'c Command, known: &mut BTreeSet<&'c str>) {
    let longs = options(command).filter_map(Arg::get_long);
    known.extend(longs.filter(|long| why_typed(long).is_none()));
    for below in command.get_subcommands() {
        longs_below(below, known);
    }
}

/// What to say of a table that no command has.
fn no_command(command: &Command, names: &[String], key: &str) -> String {
    let written = shown(key);
    let commands: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    let mut known = BTreeSet::new();
    longs_below(command, &mut known);
    let hint = match nearest(key, &commands) {
        _ if known.contains(key) => "it is an option, and takes no table".to_owned(),
        Some(meant) => format!("did you mean `{meant}`?"),
        None if commands.is_empty() => "there is none within this one".to_owned(),
        None => format!("there are `{}`", commands.join("`, `")),
    };
    match names {
        [] => format!("`{written}` is no command: {hint}"),
        _ => format!("`{written}` is no command of `{}`: {hint}", names.join(" ")),
    }
}

/// Stronger than any table.
const TYPED: usize = usize::MAX;
