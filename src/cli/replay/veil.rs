//! Hides the secrets that a replay was given wherever its report would show them: a peer may say them again anywhere.
//!
//! Values are hidden before they are laid out, and what was laid out is looked through once more.

use std::borrow::Cow;

use super::scene::Scene;
use crate::replay::scenario::Variable;
use crate::session::{Difference, Excerpt, Finding, KnownSecrets, MASKED, ReplayVerdict, Replayed};

/// The values of the secret variables of all scenarios, or those of a queue; none where secrets are shown.
#[derive(Default)]
pub(in crate::cli) struct Veil {
    known: KnownSecrets,
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
        Self {
            known: KnownSecrets::new(values, SECRET_BYTES_MIN),
        }
    }

    /// What it hides.
    pub(in crate::cli) fn values(&self) -> &[String] {
        self.known.values()
    }

    /// Text for people, or a value.
    pub(in crate::cli) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.known.masked(text, MASKED)
    }

    /// Text within which a `<` would be markup.
    pub(super) fn markup<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.known.masked(text, MASKED_IN_MARKUP)
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
        let texts = [
            &mut difference.message,
            &mut difference.expected,
            &mut difference.actual,
        ];
        texts.into_iter().for_each(|text| self.hide_any(text));
        self.excerpt(&mut difference.excerpt);
    }

    fn excerpt(&self, excerpt: &mut Option<Box<Excerpt>>) {
        if let Some(excerpt) = excerpt {
            let cut = [excerpt.cut_left, excerpt.cut_right];
            let shown = self
                .known
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
