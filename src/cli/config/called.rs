//! A command line, taken apart: which command is called, and what it is given. Options may stand before its name, as in
//! `informant --threads 1 check FILE`.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

/// A command line, taken apart.
pub(super) struct Called {
    /// The program and the names of the command.
    pub(super) head: Vec<OsString>,
    /// The command, by its names.
    pub(super) command: Vec<String>,
    /// All that follows.
    pub(super) tail: Vec<OsString>,
}

impl Called {
    /// Options that stand before the names of the command go behind them.
    pub(super) fn of(grammar: &Command, typed: Vec<OsString>) -> Self {
        let mut typed = typed.into_iter().peekable();
        let mut head: Vec<OsString> = typed.next().into_iter().collect();
        let (mut command, mut tail) = (Vec::new(), Vec::new());
        let mut at = grammar;
        while let Some(word) = typed.peek() {
            if is_option(word) {
                let flags = Flags::of(grammar, word);
                if flags.want_the_version() {
                    // No command knows it: it stays before them all.
                    break;
                }
                let words = 1 + usize::from(flags.want_a_value(grammar));
                tail.extend(typed.by_ref().take(words));
            } else if let Some(below) = at.find_subcommand(word) {
                command.push(below.get_name().to_owned());
                head.extend(typed.next());
                at = below;
            } else {
                if word == "help" && at.has_subcommands() {
                    // It takes names alone.
                    tail.clear();
                }
                break;
            }
        }
        tail.extend(typed);
        Self {
            head,
            command,
            tail,
        }
    }
}

/// It is an option, and neither standard input nor the end of all options.
pub(super) fn is_option(word: &OsStr) -> bool {
    word.as_encoded_bytes().starts_with(b"-") && word != "-" && word != "--"
}

/// What an option says of itself.
enum Flags<'w> {
    /// Its long name.
    Name(&'w str),
    /// Letters, and what stands behind one that takes a value.
    Letters(&'w str, Option<&'w str>),
}

impl<'w> Flags<'w> {
    fn of(grammar: &Command, option: &'w OsStr) -> Self {
        let option = option.to_str().unwrap_or_default();
        let letters = option.strip_prefix('-');
        let Some(letters) = letters.filter(|letters| !letters.starts_with('-')) else {
            return Self::Name(option.trim_start_matches('-'));
        };
        let wants = |letter| takes_a_value(grammar, &|known| known.get_short() == Some(letter));
        match letters.char_indices().find(|(_, letter)| wants(*letter)) {
            Some((at, letter)) => {
                let (letters, value) = letters.split_at(at + letter.len_utf8());
                Self::Letters(letters, Some(value))
            }
            None => Self::Letters(letters, None),
        }
    }

    /// The word behind is its value: so it is in any command that knows it.
    fn want_a_value(&self, grammar: &Command) -> bool {
        match self {
            Self::Name(name) => takes_a_value(grammar, &|known| known.get_long() == Some(name)),
            Self::Letters(_, value) => *value == Some(""),
        }
    }

    fn want_the_version(&self) -> bool {
        match self {
            Self::Name(name) => *name == "version",
            Self::Letters(letters, _) => letters.contains('V'),
        }
    }
}

fn takes_a_value(grammar: &Command, is_meant: &dyn Fn(&Arg) -> bool) -> bool {
    let mut known = grammar.get_arguments().filter(|known| is_meant(known));
    known.any(|known| known.get_action().takes_values() && !known.is_require_equals_set())
        || grammar
            .get_subcommands()
            .any(|below| takes_a_value(below, is_meant))
}

pub(super) fn names_a_file(word: &OsStr) -> bool {
    word == "--config" || word.as_encoded_bytes().starts_with(b"--config=")
}
