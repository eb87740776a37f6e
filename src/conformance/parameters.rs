//! The parameters of one message, read once for all rules. Not what they mean.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cwmp::schema::Version;
use cwmp::{Document, Element, ElementId};

use super::fingerprint;
use super::names::{Named, Names, Traits};
use super::right::Right;
use super::seen::{SessionFacts, version_of};
use super::standing::{Standing, Told, base_of};
use crate::model::{self, Base, Found};
use crate::session::Message;

/// Every entry of the ParameterLists of one message.
#[derive(Debug, Default)]
pub struct Parameters<'a> {
    all: Vec<Parameter<'a>>,
    /// Where the entries of each envelope end.
    ends: Vec<usize>,
    /// What is in any of the names.
    traits: Traits,
}

/// What is remembered of parameters from message to message.
#[derive(Debug, Default)]
pub(super) struct Known {
    names: Names,
    /// Entries in which nothing was wrong, with all that stands in them: devices report the same ones day after day.
    right: Right,
    /// Room for the entries of the next message.
    room: Vec<Parameter<'static>>,
}

/// On what it depends whether an entry is right, beside what stands in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    /// What is known of the data model of the session's device.
    pub(super) told: Told,
    /// A number that differs where rules differ: by who speaks, and the version.
    pub(super) number: u64,
}

impl Context {
    /// Of a message of this session.
    pub(super) fn of(message: &Message, facts: Option<&SessionFacts>, told: Told) -> Self {
        let version = facts.map_or_else(|| version_of(message), |facts| facts.version);
        let has_aliases = version >= Some(Version::V1_2);
        let side = message.from as u64;
        Self {
            told,
            number: told.number() << 4 | side << 1 | u64::from(has_aliases),
        }
    }
}

impl Known {
    /// Remembers the entries in which no rule found anything; for a message that every rule has judged to its end.
    pub(super) fn note(&mut self, parameters: &Parameters<'_>) {
        for parameter in &parameters.all {
            let Some(entry) = parameter.entry.filter(|_| !parameter.right) else {
                continue;
            };
            let is_right = !parameter.wrong.load(Ordering::Relaxed);
            parameter.named.note_judged(entry, is_right);
            if is_right {
                self.right.note(entry);
            }
        }
    }

    /// Takes the room of entries that nobody needs any more.
    pub(super) fn take_back(&mut self, parameters: Parameters<'_>) {
        let mut room = parameters.all;
        if (self.room.capacity()..=RESERVED_MAX).contains(&room.capacity()) {
            room.clear();
            // Of nothing, nothing is left but the room.
            self.room = room.into_iter().map_while(|_| None).collect();
        }
    }
}

impl<'a> Parameters<'a> {
    /// None.
    #[must_use]
    pub fn none() -> &'static Parameters<'static> {
        static NONE: Parameters<'static> = Parameters {
            all: Vec::new(),
            ends: Vec::new(),
            traits: Traits::NONE,
        };
        &NONE
    }

    /// Those of a document.
    pub(super) fn of(document: &'a Document, context: Context, known: &mut Known) -> Self {
        let mut parameters = Self {
            all: std::mem::take(&mut known.room),
            ..Self::default()
        };
        for envelope in document.envelope_refs() {
            let message = envelope.message_name().unwrap_or_default();
            let salt = context.number ^ fingerprint(message.as_bytes());
            let mut entries = envelope.parameters().peekable();
            if entries.peek().is_some() {
                let most = document.elements_count() / ELEMENTS_EACH;
                parameters.all.reserve(most.min(RESERVED_MAX));
            }
            let mut ways = Ways::default();
            for read in entries {
                let written = ways.of(read.element());
                let parameter = Parameter::of(read.element(), written, context.told, salt, known);
                parameters.traits = parameters.traits.and(parameter.traits);
                parameters.all.push(parameter);
            }
            parameters.ends.push(parameters.all.len());
        }
        parameters
    }

    /// Those of one envelope.
    #[must_use]
    pub fn of_envelope(&self, index: usize) -> &[Parameter<'a>] {
        let places = self.places_of_envelope(index);
        self.all.get(places).unwrap_or_default()
    }

    /// Where those of one envelope stand among all.
    #[must_use]
    pub fn places_of_envelope(&self, index: usize) -> Range<usize> {
        let start = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before).copied())
            .unwrap_or_default();
        start..self.ends.get(index).copied().unwrap_or(start)
    }

    /// Those of all envelopes.
    #[must_use]
    pub fn all(&self) -> &[Parameter<'a>] {
        &self.all
    }

    /// What is in any of the names.
    #[must_use]
    pub fn traits(&self) -> Traits {
        self.traits
    }
}

/// One entry, with its name and what is known of that at hand.
#[derive(Debug)]
pub struct Parameter<'a> {
    element: Element<'a>,
    name_element: Option<Element<'a>>,
    value_element: Option<Element<'a>>,
    name: Cow<'a, str>,
    /// Shared: a message may list a million.
    named: Arc<Named>,
    /// Of what is known of the name, what most rules ask for: at hand without a look elsewhere.
    key: u64,
    holder: u64,
    traits: Traits,
    value: Option<Cow<'a, str>>,
    /// The type that the value says it is of.
    base: Option<Base>,
    /// The value is right at a glance, or was judged before and was right.
    right: bool,
    /// The fingerprint of name, value and type, and of what else its judgement depends on; of those that are not right at a
    /// glance.
    entry: Option<u64>,
    wrong: AtomicBool,
}

impl<'a> Parameter<'a> {
    fn of(
        element: Element<'a>,
        written: Written<'a>,
        told: Told,
        salt: u64,
        known: &mut Known,
    ) -> Self {
        let (name_element, value_element) = (written.name, written.value);
        let text = name_element.map(|name| name.text()).unwrap_or_default();
        let name = match text {
            Cow::Borrowed(text) => Cow::Borrowed(cwmp::trim(text)),
            Cow::Owned(text) => Cow::Owned(cwmp::trim(&text).to_owned()),
        };
        let named = known.names.of(told, &name);
        let value = value_element.map(|value| value.text());
        let base = written.base;
        let at_a_glance = value
            .as_deref()
            .is_none_or(|value| named.glance.fits(base, value));
        // Whether an alias is right depends on more than the message.
        let may_be_known = !at_a_glance && !named.traits.has(Traits::ALIAS);
        let entry = value.as_deref().filter(|_| may_be_known).map(|value| {
            // Out of the way of what makes the context.
            let kind = base.map_or(0, |base| base as u64 + 1) << 56;
            fingerprint(value.as_bytes()) ^ named.key.rotate_left(1) ^ salt.rotate_left(2) ^ kind
        });
        let was_right = |entry: u64| {
            let judged = named.was_right(entry);
            judged.unwrap_or_else(|| known.right.holds(entry))
        };
        let right = at_a_glance || entry.is_some_and(was_right);
        Self {
            element,
            name_element,
            value_element,
            name,
            key: named.key,
            holder: named.holder,
            traits: named.traits,
            named,
            base,
            right,
            value,
            entry,
            wrong: AtomicBool::new(false),
        }
    }

    /// Its element, such as a ParameterValueStruct.
    #[must_use]
    pub fn element(&self) -> Element<'a> {
        self.element
    }

    /// The Name element.
    #[must_use]
    pub fn name_element(&self) -> Option<Element<'a>> {
        self.name_element
    }

    /// Full path, blanks around it removed; empty where there is no Name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The fingerprint of its name.
    #[must_use]
    pub fn key(&self) -> u64 {
        self.key
    }

    /// The fingerprint of the path above it, with its dot.
    #[must_use]
    pub fn holder(&self) -> u64 {
        self.holder
    }

    /// What is in its name.
    #[must_use]
    pub fn has(&self, traits: Traits) -> bool {
        self.traits.has(traits)
    }

    /// Nothing was wrong in its name in a list of this kind, one bit, of a device that says the same of its data model.
    pub(super) fn is_name_right(&self, list: u8) -> bool {
        self.named.is_right(list)
    }

    /// Nothing is wrong in its name in a list of this kind.
    pub(super) fn note_name_right(&self, list: u8) {
        self.named.note_right(list);
    }

    /// It is a plain setting, or one of which no data model says so; `None` where it reads otherwise than it is set, or may.
    #[must_use]
    pub fn plain(&self) -> Option<bool> {
        self.named.plain
    }

    /// What the data model says of its name.
    #[must_use]
    pub fn found(&self) -> Found<'static> {
        self.named.found
    }

    /// The data model by which it is judged, as far as it begins at a root.
    pub(super) fn standing(&self) -> Option<Standing> {
        self.named.standing
    }

    /// The parameter of the data model, where that has it.
    pub(super) fn known(&self) -> Option<(Standing, model::Parameter<'static>)> {
        let standing = self.named.standing?;
        let known = match self.named.found {
            Found::Parameter(known) => Some(known),
            _ => standing.given_alone(&self.name),
        };
        Some((standing, known?))
    }

    /// The Value element.
    #[must_use]
    pub fn value_element(&self) -> Option<Element<'a>> {
        self.value_element
    }

    /// The value; `None` where there is no Value.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// The type that the value says it is of, where that is one of the data model's.
    #[must_use]
    pub fn base(&self) -> Option<Base> {
        self.base
    }

    /// Its value is right at a glance, or was judged in a message like this one, and nothing was wrong in it.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.right
    }

    /// Something is wrong in its value, or that was not judged.
    pub fn note_wrong(&self) {
        self.wrong.store(true, Ordering::Relaxed);
    }
}

/// Elements of one entry as it should be.
const ELEMENTS_EACH: usize = 3;
/// Ways remembered: a list has one for each type.
const WAYS_MAX: usize = 8;
/// Entries for which room is made before they are read.
const RESERVED_MAX: usize = 4_096;

/// Name and Value of an entry, and the type that the value says it is of.
#[derive(Debug, Clone, Copy)]
struct Written<'a> {
    name: Option<Element<'a>>,
    value: Option<Element<'a>>,
    base: Option<Base>,
}

impl<'a> Written<'a> {
    fn of(entry: Element<'a>) -> Self {
        let (name, value) = members(entry);
        let declared = value.and_then(|value| value.xsi_type());
        Self {
            name,
            value,
            base: declared.and_then(|declared| base_of(&declared)),
        }
    }
}

/// The ways in which the entries of one list are written: looked at once for all that are written alike.
#[derive(Debug, Default)]
struct Ways {
    /// A Name and a Value behind it, with the type of that.
    known: [Option<(ElementId, Option<Base>)>; WAYS_MAX],
    next: usize,
}

impl Ways {
    fn of<'a>(&mut self, entry: Element<'a>) -> Written<'a> {
        let Some(model) = entry.like() else {
            return Written::of(entry);
        };
        let model = model.id();
        let mut members = entry.children();
        let (first, second) = (members.next(), members.next());
        let mut known = self.known.iter().flatten();
        if let Some((_, base)) = known.find(|(known, _)| *known == model) {
            return Written {
                name: first,
                value: second,
                base: *base,
            };
        }
        let written = Written::of(entry);
        let id = |element: Option<Element<'_>>| element.map(|element| element.id());
        if (id(first), id(second)) == (id(written.name), id(written.value))
            && let Some(place) = self.known.get_mut(self.next)
        {
            *place = Some((model, written.base));
            self.next = (self.next + 1) % WAYS_MAX;
        }
        written
    }
}

/// Name and Value of an entry: almost always its first two members.
fn members<'a>(entry: Element<'a>) -> (Option<Element<'a>>, Option<Element<'a>>) {
    let mut members = entry.children();
    let (first, second) = (members.next(), members.next());
    let name = first
        .filter(|first| first.is_named("Name"))
        .or_else(|| entry.child("Name"));
    let value = second
        .filter(|second| {
            second.is_named("Value") && !first.is_some_and(|first| first.is_named("Value"))
        })
        .or_else(|| entry.child("Value"));
    (name, value)
}
