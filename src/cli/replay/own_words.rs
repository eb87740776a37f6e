//! Words that the program itself says of a replay: a password that is one of them gives nothing away there.

use crate::conformance::rules;

/// Does this word stand in the rule book, or in what a report says by itself?
pub(super) fn is_one(word: &str) -> bool {
    let said = rules().iter().flat_map(|rule| {
        let texts = [rule.demands, rule.why, rule.mend_cpe, rule.mend_acs];
        texts.into_iter().chain([rule.name])
    });
    let mut words = said.chain([OF_REPORTS]).flat_map(words);
    words.any(|own| own == word)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric())
}

/// What a report says beside the rule book.
const OF_REPORTS: &str = "acs audit came capture code connection cookie could cpe credentials cwmp destroy device differs differences \
     disrupt empty error errors exit expect expected extra failed false finding findings frames header ignored info informant loose \
     message messages missing nothing null order over passed peer place played read reason record recorded refused replay replayed \
     replays request role rule runs scenario send session sessions skipped start step steps stranger text times tolerated tool \
     transport true value values verdict waited wanted warning warnings which word";

#[cfg(test)]
mod tests {
    use super::is_one;

    #[test]
    fn words_of_ours_are_known_and_others_are_not() {
        for word in ["cwmp", "device", "Inform", "passed"] {
            assert!(is_one(word), "{word}");
        }
        for word in ["swordfish", "hunter2", "dev"] {
            assert!(!is_one(word), "{word}");
        }
    }
}
