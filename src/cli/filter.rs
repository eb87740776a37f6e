//! `informant filter`: how `-Y` is written, and every name; behind the completion scripts, how an expression may go on.

use std::ffi::OsString;
use std::fmt::Write as _;

use super::arguments::FilterArguments;
use super::exit::{FINE, Trouble};
use super::output::Sink;
use super::screen;
use super::select::{
    ALL_MESSAGES, DEVICES, FINDINGS, LOOSE, LOOSE_DATAGRAMS, MESSAGES, SESSIONS, SPOKEN, WAKING,
};
use crate::filter::{NAMES, Name, RecordKinds, continuations};
use crate::report::paint::wrapped;

pub(super) fn run(arguments: &FilterArguments) -> Result<u8, Trouble> {
    let text = match arguments.complete.as_deref() {
        Some([command, word]) => completed(command, word),
        _ => page(screen::width()),
    };
    let mut sink = Sink::stdout();
    let _ = sink.text(&text);
    sink.finish().map(|()| FINE)
}

/// One expression a line that the word may go on to; none of what no shell can be given in one line.
fn completed(command: &OsString, word: &OsString) -> String {
    let Some(word) = word.to_str().filter(|word| !word.contains('\n')) else {
        return String::new();
    };
    let kinds = kinds_of(command.to_str().unwrap_or_default());
    let lines = continuations(word, kinds).into_iter();
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// The records that a command shows; without a command it is `summary`.
fn kinds_of(command: &str) -> RecordKinds {
    match command {
        "messages" => ALL_MESSAGES,
        "devices" => DEVICES,
        "check" => FINDINGS,
        "show" => SPOKEN.and(WAKING),
        "flow" => SESSIONS.and(MESSAGES).and(LOOSE).and(LOOSE_DATAGRAMS),
        _ => SESSIONS,
    }
}

/// The whole page: grammar, then the names of each sort of records.
fn page(width: usize) -> String {
    let mut page = GRAMMAR.to_owned();
    for (title, kinds) in [
        ("Names of sessions: list, summary, flow, diff", SESSIONS),
        (
            "Names of messages and transfers: messages, show, flow FILE SESSION",
            ALL_MESSAGES,
        ),
        ("Names of devices: devices", DEVICES),
        ("Names of findings: check", FINDINGS),
    ] {
        let of_these = |name: &&Name| name.kinds.meets(kinds);
        let _ = write!(page, "\n{title}\n\n");
        for name in NAMES.iter().filter(of_these) {
            entry(name, width, &mut page);
        }
    }
    page
}

/// A name, and beside it or below what it holds.
fn entry(name: &Name, width: usize, page: &mut String) {
    let holds = name.holds.describe().replace('`', "");
    let text = format!("{holds} - {}", name.meaning);
    let room = width.saturating_sub(NAME_COLUMNS).max(MEANING_COLUMNS_MIN);
    let is_long = name.name.len() + 4 > NAME_COLUMNS;
    if is_long {
        let _ = writeln!(page, "  {}", name.name);
    }
    for (at, line) in wrapped(&text, room).iter().enumerate() {
        let before = if at == 0 && !is_long { name.name } else { "" };
        let _ = writeln!(page, "  {before:<0$}{line}", NAME_COLUMNS - 2);
    }
}

/// Columns in front of what a name holds; a longer name has a line of its own.
const NAME_COLUMNS: usize = 29;
const MEANING_COLUMNS_MIN: usize = 20;
const GRAMMAR: &str = r#"-Y EXPRESSION selects the records of a command by what they hold. Names are
the keys of the JSON records; a record that has no such name does not pass.

  NAME                  there is a value
  NAME == VALUE         also != < <= > >=; exact, in this case
  NAME ~ /PATTERN/      a regular expression finds it; /PATTERN/i in any case
  NAME glob "A*"        the whole text: * any, ? one, [a-z] one of these
  NAME contains VALUE   the text is a part of it
  NAME in {A, B, 1..9}  one of these; both ends of a range belong to it
  ! && || ( )           not, and, or: ! binds most, || least

A value is a word, a number or a "string"; a duration may have a unit (1.5s), a
time may be a day (2026-03-14). Where a record has several values, one that
passes is enough, for != too: !(events == "1 BOOT") says that none is.

  device.serial_number glob "0011*" && rpc == SetParameterValues
  outcome != complete || fault_code in {9005, 9007}
  protocol == cwmp && (parameter ~ /Voice/ || fault)
"#;
