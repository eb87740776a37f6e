//! Codes and families of rules as the user writes them: looked up, and guessed where they are misspelt.

use super::exit::Trouble;
use crate::conformance::{self, Selection};

/// What `--select` and `--ignore` ask for.
pub(super) fn selection(select: &[String], ignore: &[String]) -> Result<Selection, Trouble> {
    let known = |words: &[String]| {
        let words = words.iter().map(|word| word.trim());
        words
            .filter(|word| !word.is_empty())
            .map(known)
            .collect::<Result<Vec<String>, Trouble>>()
    };
    let selection = Selection {
        select: known(select)?,
        ignore: known(ignore)?,
    };
    // A variable that was not set: all rules would be checked, and none was meant.
    if !select.is_empty() && selection.select.is_empty() {
        let words = "--select names no rule and no family: informant rules lists them";
        return Err(Trouble::Usage(words.to_owned()));
    }
    Ok(selection)
}

/// A code, a family or a rule's name, as a code or a family.
pub(super) fn known(word: &str) -> Result<String, Trouble> {
    let upper = word.to_ascii_uppercase();
    let mut rules = conformance::rules().iter();
    if let Some(rule) = rules.find(|rule| rule.name == word || is_or_holds(&upper, rule.code)) {
        let is_name = rule.name == word;
        return Ok(if is_name { rule.code.to_owned() } else { upper });
    }
    let undecidable = conformance::undecidable();
    if undecidable.iter().any(|row| is_or_holds(&upper, row.code)) {
        return Err(Trouble::Usage(format!(
            "no traffic decides {upper}: informant explain {upper} says why"
        )));
    }
    Err(unknown(word))
}

/// What to say of a word that is no code.
pub(super) fn unknown(word: &str) -> Trouble {
    let guess = nearest(word).map_or_else(
        || "informant rules lists them".to_owned(),
        |code| format!("did you mean {code}?"),
    );
    let written: String = word.chars().take(WORD_CHARACTERS_MAX).collect();
    Trouble::Usage(format!("'{written}' is no rule and no family: {guess}"))
}

/// The word is this code, or a family that holds it.
pub(super) fn is_or_holds(word: &str, code: &str) -> bool {
    code.strip_prefix(word)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The code, the family or the name that is nearest, if it is near.
fn nearest(word: &str) -> Option<String> {
    if word.len() > GUESSED_BYTES_MAX {
        return None;
    }
    let (upper, lower) = (word.to_ascii_uppercase(), word.to_ascii_lowercase());
    let far = (word.chars().count() / 3).max(1);
    let rules = conformance::rules().iter();
    let of_rules = rules.flat_map(|rule| [rule.code, rule.family(), rule.name]);
    let rows = conformance::undecidable().into_iter().map(|row| row.code);
    of_rules
        .chain(rows)
        .map(|known| {
            let written = if known.starts_with(|first: char| first.is_ascii_uppercase()) {
                &upper
            } else {
                &lower
            };
            (strsim::damerau_levenshtein(written, known), known)
        })
        .filter(|(distance, _)| *distance <= far)
        .min()
        .map(|(_, known)| known.to_owned())
}

/// Characters of a word that a message repeats.
const WORD_CHARACTERS_MAX: usize = 64;
/// Longer words are not guessed at: the distance costs the product of the lengths.
const GUESSED_BYTES_MAX: usize = 64;
