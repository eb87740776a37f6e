//! A key with its value as words of the command line: what an option takes, the grammar knows.

use std::any::TypeId;
use std::error::Error as _;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};
use toml::Spanned;
use toml::de::DeValue;

use crate::cli::flaw::Flaw;

/// May a file know it? Neither what has no long name nor what only asks for help.
pub(super) fn is_for_files(option: &Arg) -> bool {
    let is_kind = matches!(
        option.get_action(),
        ArgAction::Set | ArgAction::Append | ArgAction::SetTrue
    );
    is_kind && option.get_long().is_some() && !option.is_hide_set()
}

/// The words that say the same, as the option of a command takes them.
pub(super) fn words(
    option: &Arg,
    command: &str,
    value: &Spanned<DeValue<'_>>,
    folder: &Path,
) -> Result<Vec<OsString>, Flaw> {
    let long = option.get_long().unwrap_or_default();
    let flag = OsString::from(format!("--{long}"));
    let may_stand_alone = match option.get_num_args() {
        Some(count) => count.min_values() == 0,
        None => !option.get_action().takes_values(),
    };
    let joined = |value: &Spanned<DeValue<'_>>| {
        let mut word = flag.clone();
        word.push("=");
        word.push(self::value(option, command, value, folder)?);
        Ok(word)
    };
    match value.get_ref() {
        DeValue::Boolean(is_on) if may_stand_alone => {
            Ok(is_on.then_some(flag).into_iter().collect())
        }
        _ if !option.get_action().takes_values() => Err(Flaw::of(
            value,
            format!("`{long}` of `{command}` is true or false"),
        )),
        DeValue::Array(values) if matches!(option.get_action(), ArgAction::Append) => {
            values.iter().map(joined).collect()
        }
        DeValue::Array(_) => Err(Flaw::of(
            value,
            format!("`{long}` of `{command}` takes one value"),
        )),
        _ => Ok(vec![joined(value)?]),
    }
}

/// One value as text; a path that is not absolute begins at the folder of the file.
fn value(
    option: &Arg,
    command: &str,
    value: &Spanned<DeValue<'_>>,
    folder: &Path,
) -> Result<OsString, Flaw> {
    let long = option.get_long().unwrap_or_default();
    let is_path = option.get_value_parser().type_id() == TypeId::of::<PathBuf>();
    let text = match value.get_ref() {
        DeValue::String(text) if is_path && !["", "-"].contains(&text.as_ref()) => {
            return Ok(folder.join(text.as_ref()).into());
        }
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) if !is_path => {
            i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| number.as_str().to_owned(), |number| number.to_string())
        }
        DeValue::Float(number) if !is_path => number.as_str().to_owned(),
        DeValue::Datetime(time) if !is_path => time.to_string(),
        _ => {
            let wanted = if is_path {
                "is a path: a text in quotes"
            } else {
                "is a text in quotes or a number"
            };
            return Err(Flaw::of(value, format!("`{long}` of `{command}` {wanted}")));
        }
    };
    Ok(text.into())
}

/// Holds words to what the command takes; nothing else that it may want is missed. What is wrong is told without the value,
/// which may be a secret.
pub(super) fn judge(
    grammar: &mut Command,
    command: &[String],
    words: &[OsString],
) -> Result<(), String> {
    let names = command.iter().map(OsString::from);
    let line = std::iter::once("informant".into())
        .chain(names)
        .chain(words.iter().cloned());
    match grammar.try_get_matches_from_mut(line) {
        Err(error) => wrong_value(&error).map_or(Ok(()), Err),
        Ok(_) => Ok(()),
    }
}

fn wrong_value(error: &clap::Error) -> Option<String> {
    match error.kind() {
        ErrorKind::ValueValidation => error.source().map(ToString::to_string),
        ErrorKind::InvalidValue
        | ErrorKind::NoEquals
        | ErrorKind::InvalidUtf8
        | ErrorKind::TooFewValues
        | ErrorKind::TooManyValues
        | ErrorKind::WrongNumberOfValues => Some(match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(known)) if !known.is_empty() => one_of(error, known),
            _ => "a value is missing".to_owned(),
        }),
        _ => None,
    }
}

fn one_of(error: &clap::Error, known: &[String]) -> String {
    let known = format!("one of `{}` is wanted", known.join("`, `"));
    match error.get(ContextKind::SuggestedValue) {
        Some(ContextValue::String(meant)) => format!("{known}: did you mean `{meant}`?"),
        _ => known,
    }
}
