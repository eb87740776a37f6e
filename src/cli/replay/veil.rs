//! Hides the secrets that a replay was given wherever its report would show them: a peer may say them again anywhere.
//!
//! Values are hidden before they are laid out, and what was laid out is looked through once more. A password that is a word of
//! ours is hidden in values alone: our own words say nothing of it.

use std::borrow::Cow;

use super::own_words;
use super::scene::Scene;
use crate::replay::scenario::Variable;
use crate::session::{Difference, Excerpt, Finding, KnownSecrets, MASKED, ReplayVerdict, Replayed};

/// The values of the secret variables of all scenarios, or those of a queue; none where secrets are shown.
#[derive(Default)]
pub(in crate::cli) struct Veil {
    /// In what the peer said.
    values: KnownSecrets,
    /// In what is said of it.
    words: KnownSecrets,
}

impl Veil {
    pub(super) fn of(scenes: &[Scene], show_secrets: bool) -> Self {
        let values = scenes.iter().flat_map(|scene| {
            let vars = scene.scenario.vars.iter();
            let secret = vars.filter(|(_, variable)| matches!(variable, Variable::Secret { .. }));
            secret.filter_map(|(name, _)| scene.values.get(name).cloned())
        });
        if show_secrets {
            return Self::default();
        }
        Self::over(values)
    }

    /// Hides these values.
    pub(in crate::cli) fn over(values: impl IntoIterator<Item = String>) -> Self {
        let values: Vec<String> = values.into_iter().collect();
        let words = values.iter().filter(|value| !own_words::is_one(value));
        let words: Vec<String> = words.cloned().collect();
        let known = |values| KnownSecrets::new(values, SECRET_BYTES_MIN).sparing_names();
        Self {
            words: known(words),
            values: known(values),
        }
    }

    /// What it hides.
    pub(in crate::cli) fn hidden(&self) -> &[String] {
        self.values.values()
    }

    /// Text of what a device said, or a value.
    pub(in crate::cli) fn said<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.values.masked(text, MASKED)
    }

    /// Text for people, in which our own words stand.
    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.words.masked(text, MASKED)
    }

    /// Text within which a `<` would be markup.
    pub(super) fn markup<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.words.masked(text, MASKED_IN_MARKUP)
    }

    /// JSON.
    pub(super) fn bytes<'t>(&self, json: &'t [u8]) -> Cow<'t, [u8]> {
        match std::str::from_utf8(json).map(|text| self.text(text)) {
            Ok(Cow::Owned(shown)) => Cow::Owned(shown.into_bytes()),
            _ => Cow::Borrowed(json),
        }
    }

    pub(super) fn replayed(&self, replayed: &mut Replayed) {
        let of_steps = replayed.steps.iter_mut().flat_map(|step| {
            self.hide(&mut step.wanted);
            self.hide_any(&mut step.came);
            &mut step.differences
        });
        of_steps
            .chain(&mut replayed.differences)
            .for_each(|difference| self.difference(difference));
        for (place, _) in &mut replayed.ignored {
            self.hide(place);
        }
        match &mut replayed.verdict {
            ReplayVerdict::PeerFailed(why) | ReplayVerdict::Refused(why) => self.hide(why),
            ReplayVerdict::Passed | ReplayVerdict::Differs => {}
        }
    }

    pub(in crate::cli) fn findings(&self, findings: &mut [Finding]) {
        for finding in findings {
            self.hide(&mut finding.message);
            self.hide_any(&mut finding.path);
            self.excerpt(&mut finding.excerpt);
        }
    }

    fn difference(&self, difference: &mut Difference) {
        self.hide(&mut difference.place);
        self.hide_any(&mut difference.message);
        for value in [&mut difference.expected, &mut difference.actual] {
            if difference.is_wording {
                self.hide_any(value);
            } else if let Some(value) = value
                && let Cow::Owned(shown) = self.values.masked(value, MASKED)
            {
                *value = shown;
            }
        }
        self.excerpt(&mut difference.excerpt);
    }

    fn excerpt(&self, excerpt: &mut Option<Box<Excerpt>>) {
        if let Some(excerpt) = excerpt {
            let cut = [excerpt.cut_left, excerpt.cut_right];
            let shown = self
                .values
                .masked_window(&excerpt.text, &excerpt.marked, cut);
            (excerpt.text, excerpt.marked) = shown;
        }
    }

    fn hide(&self, text: &mut String) {
        if let Cow::Owned(shown) = self.text(text) {
            *text = shown;
        }
    }

    fn hide_any(&self, text: &mut Option<String>) {
        text.iter_mut().for_each(|text| self.hide(text));
    }
}

/// A shorter one stands in any text by chance, and is soon guessed.
const SECRET_BYTES_MIN: usize = 4;
const MASKED_IN_MARKUP: &str = "&lt;masked&gt;";

#[cfg(test)]
mod tests {
    use super::Veil;
    use crate::session::MASKED;

    #[test]
    fn a_password_that_is_a_word_of_ours_leaves_our_words() {
        let veil = Veil::over(vec!["device".to_owned(), "swordfish".to_owned()]);
        assert_eq!(
            veil.text("the device says device"),
            "the device says device"
        );
        assert_eq!(
            veil.values.masked("<Value>device</Value>", MASKED),
            "<Value><masked></Value>"
        );
        assert_eq!(veil.text("it says swordfish"), "it says <masked>");
        let cwmp = Veil::over(vec!["cwmp".to_owned()]);
        assert_eq!(
            cwmp.text("passed over: cwmp:ID 11 times"),
            "passed over: cwmp:ID 11 times"
        );
    }
}
