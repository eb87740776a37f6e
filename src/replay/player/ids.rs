//! `cwmp:ID`: fresh in what we ask, the other side's in what we answer (TR-069 Amendment 3 section 3.4.2, Table 4).

use std::borrow::Cow;
use std::collections::BTreeMap;

use cwmp::Kind;

use crate::replay::template;

/// What stands in the place of each `{{cwmp.id}}` of one message.
pub(super) struct Ids {
    /// By the place among the placeholders.
    values: Vec<String>,
    /// Those that are ours.
    pub(super) asked: Vec<String>,
    next: usize,
}

impl Ids {
    /// `template` is a body with its placeholders; `heard` the IDs of the requests that it answers.
    pub(super) fn of(template: &[u8], heard: &[String], mut fresh: impl FnMut() -> String) -> Self {
        let mut ids = Self {
            values: Vec::new(),
            asked: Vec::new(),
            next: 0,
        };
        let places = memchr::memmem::find_iter(template, PLACEHOLDER);
        let places: Vec<usize> = places.take(PLACES_MAX).collect();
        if places.is_empty() {
            return ids;
        }
        let envelopes = Envelopes::of(template);
        let mut by_envelope: BTreeMap<Option<usize>, String> = BTreeMap::new();
        for place in places {
            let envelope = envelopes.at(place);
            let value = by_envelope.entry(envelope).or_insert_with(|| {
                if let Some(nth) = envelopes.answers(envelope) {
                    let echoed = heard.get(nth).or(heard.last());
                    return echoed.cloned().unwrap_or_default();
                }
                let id = fresh();
                ids.asked.push(id.clone());
                id
            });
            ids.values.push(value.clone());
        }
        ids
    }

    /// The next placeholder's value.
    pub(super) fn next(&mut self) -> Cow<'static, [u8]> {
        let value = self.values.get(self.next).or(self.values.last());
        self.next = self.next.saturating_add(1);
        Cow::Owned(template::xml(value.map_or("", String::as_str)).into_bytes())
    }
}

/// Where the envelopes of a template stand, and what they are.
struct Envelopes(Vec<(std::ops::Range<usize>, Kind)>);

impl Envelopes {
    fn of(template: &[u8]) -> Self {
        let document = cwmp::parse(
            template.to_vec(),
            &cwmp::Hints::default(),
            &cwmp::Limits::default(),
        );
        let envelopes = document.envelope_refs().take(PLACES_MAX);
        let places = envelopes.map(|envelope| {
            let element = envelope.element();
            (element.offset()..element.end(), envelope.kind())
        });
        Self(places.collect())
    }

    fn at(&self, offset: usize) -> Option<usize> {
        self.0.iter().position(|(range, _)| range.contains(&offset))
    }

    /// Which request it answers, where it does.
    fn answers(&self, envelope: Option<usize>) -> Option<usize> {
        let envelope = envelope?;
        let is_answer = |kind: &Kind| matches!(kind, Kind::Response | Kind::Fault);
        self.0.get(envelope).filter(|(_, kind)| is_answer(kind))?;
        let before = self.0.iter().take(envelope);
        Some(before.filter(|(_, kind)| is_answer(kind)).count())
    }
}

/// An ID as far as it is kept.
pub(super) fn bounded(id: &str) -> String {
    id.chars().take(ID_CHARACTERS_MAX).collect()
}

const PLACEHOLDER: &[u8] = b"{{cwmp.id}}";
/// Placeholders of one message that get a value of their own.
const PLACES_MAX: usize = 64;
/// An ID that is longer is echoed as far as this: an agent that needs more has none that anybody has seen.
const ID_CHARACTERS_MAX: usize = 1024;
