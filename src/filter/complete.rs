//! How an expression may go on, for the completion of a shell. The grammar itself decides: nothing here knows it twice.

use super::names::Holds;
use super::table::NAMES;
use super::{Filter, RecordKinds};

/// The expressions that this text may go on to with one more word or sign, of records of these kinds.
///
/// Offered are names, operators, the words of a closed set, and what joins tests; nothing within quotes
/// and nothing where any text may stand.
#[must_use]
pub fn continuations(text: &str, kinds: RecordKinds) -> Vec<String> {
    let before = text.trim_end_matches(is_of_word);
    let before = if before.len() == text.len() {
        text.trim_end_matches(is_of_sign)
    } else {
        before
    };
    let begun = text.get(before.len()..).unwrap_or_default();
    let candidates = if may_go_on(before, NEGATION) {
        names(kinds)
    } else if may_go_on(before, JOINERS[0]) {
        let behind = |sign: &&&str| may_go_on(before, sign);
        let operators = OPERATORS.iter().filter(behind).copied();
        operators.chain(JOINERS).collect()
    } else {
        words(before)
    };
    let fitting = candidates.iter().filter(|word| word.starts_with(begun));
    fitting.map(|word| format!("{before}{word}")).collect()
}

fn names(kinds: RecordKinds) -> Vec<&'static str> {
    let fitting = NAMES.iter().filter(|name| name.kinds.meets(kinds));
    let mut names: Vec<&'static str> = fitting.map(super::Name::typed).collect();
    names.sort_unstable();
    names
}

/// The words that may stand here, if not every word may.
fn words(before: &str) -> Vec<&'static str> {
    if may_go_on(before, NO_WORD) {
        return Vec::new();
    }
    let sets = NAMES.iter().filter_map(|name| match name.holds {
        Holds::Words(words) | Holds::Scale(words) => Some(words),
        _ => None,
    });
    let sets = sets.flatten().copied();
    let mut words: Vec<&'static str> = sets.chain(BOOLEANS).chain(SET).collect();
    words.sort_unstable();
    words.dedup();
    words.retain(|word| may_go_on(before, word));
    words
}

/// Whether this text is an expression, or the beginning of one, with the word behind it.
fn may_go_on(before: &str, word: &str) -> bool {
    match Filter::parse(&format!("{before}{word}")) {
        Ok(_) => true,
        Err(error) => error.is_incomplete(),
    }
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | '-')
}

fn is_of_sign(character: char) -> bool {
    matches!(character, '=' | '!' | '<' | '>' | '&' | '|')
}

/// Stands wherever a name may stand, and nowhere else.
const NEGATION: &str = "!";
/// They stand wherever a test has ended.
const JOINERS: [&str; 2] = ["&&", "||"];
const OPERATORS: [&str; 11] = [
    "==", "!=", "<", "<=", ">", ">=", "~", "glob", "contains", "in", ")",
];
/// The signs of a set.
const SET: [&str; 3] = ["{", ",", "}"];
const BOOLEANS: [&str; 2] = ["false", "true"];
/// A word of no closed set, no number and no time.
const NO_WORD: &str = "no-such-word";
