//! Values: what they are by their type, and what of them is volatile.

use cwmp::Arg;
use cwmp::schema::Type;

use super::{SPELLING, Walk, content, start_tag, words_of};
use crate::session::DifferenceClass;
use crate::session::compare::Matcher;
use crate::session::compare::place;
use crate::session::compare::scalar::{Likeness, is_of_type, likeness, local_name, type_of_name};

impl Walk<'_> {
    /// Text against text.
    pub(super) fn scalars(
        &mut self,
        expected: &Arg<'_>,
        actual: &Arg<'_>,
        wanted: &str,
        came: &str,
    ) {
        let kind = kind_of(expected)
            .or_else(|| kind_of(actual))
            .unwrap_or(Type::Text);
        let tolerance = self.rules.time_tolerance;
        match likeness(kind, wanted, came, tolerance, self.apart_ns) {
            Likeness::Same => {}
            Likeness::Spelling => self.found.ignore(SPELLING),
            Likeness::Near => self.pass_over(),
            Likeness::Other => self.other(actual, wanted, came, kind),
        }
    }

    fn other(&mut self, actual: &Arg<'_>, wanted: &str, came: &str, kind: Type) {
        if let Some(placeholder) = self.stands_open(wanted, came) {
            self.found.ignore(&placeholder);
        } else if self.rules.same.get(wanted).is_some_and(|now| now == came) {
            self.found.ignore("values that stand for each other");
        } else if self.is_unset_time(actual.name(), kind, came) {
            self.pass_over();
        } else if let Some(pattern) = self.volatile().filter(|_| is_of_type(kind, came)) {
            self.found.ignore(pattern);
        } else if self.is_fresh_key() && self.keys.stand_for(wanted, came) {
            self.found.ignore("keys made anew");
        } else {
            let mark = content(actual.element());
            let (wanted, came) = (Some(wanted.to_owned()), Some(came.to_owned()));
            self.differs(DifferenceClass::Value, wanted, came, Some(mark));
        }
    }

    /// Counts this place as passed over.
    fn pass_over(&mut self) {
        let place = format!("{}.{}", self.message, self.path);
        self.found.ignore(&place);
    }

    /// The times of a message, where nobody knows when the recorded one was said: any time will do.
    fn is_unset_time(&self, name: &str, kind: Type, came: &str) -> bool {
        let is_of_message = VOLATILE_TIMES.contains(&name) && !self.path.contains('/');
        is_of_message && kind == Type::DateTime && self.apart_ns.is_none() && is_of_type(kind, came)
    }

    /// The pattern of volatile values that means this place.
    fn volatile(&self) -> Option<&'static str> {
        let mut patterns = VOLATILE.into_iter();
        patterns.find(|pattern| place::means(pattern, &self.message, &self.path))
    }

    fn is_fresh_key(&self) -> bool {
        let last = self.path.rsplit('/').next().unwrap_or_default();
        let is_parameter = self.path.ends_with(".ManagementServer.ParameterKey/Value");
        self.rules.fresh_keys && (is_parameter || matches!(last, "CommandKey" | "ParameterKey"))
    }

    /// The expected text, where its placeholders can stand for what came.
    fn stands_open(&self, wanted: &str, came: &str) -> Option<String> {
        if !self.rules.placeholders || !wanted.contains("{{") {
            return None;
        }
        let mut rest = came;
        let mut texts = texts_between(wanted)?.into_iter();
        rest = rest.strip_prefix(texts.next()?)?;
        let last = texts.next_back()?;
        for text in texts {
            rest = rest.get(rest.find(text)?..)?.strip_prefix(text)?;
        }
        rest.ends_with(last).then(|| wanted.to_owned())
    }

    /// A matcher in the place of an expected value.
    pub(super) fn matched(&mut self, matcher: &Matcher, expected: &Arg<'_>, actual: &Arg<'_>) {
        if !matcher.judges_type() {
            self.types(expected, actual);
        }
        let text = words_of(actual);
        if !matcher.takes(&text, actual.xsi_type().as_deref()) {
            let mark = content(actual.element());
            let wanted = Some(matcher.to_string());
            self.differs(DifferenceClass::Value, wanted, Some(text), Some(mark));
        }
    }

    /// Elements and text beside each other: the XML itself is compared.
    pub(super) fn mixed(&mut self, expected: &Arg<'_>, actual: &Arg<'_>) {
        let [wanted, came] = [expected, actual].map(words_of);
        if wanted != came {
            let mark = Some(start_tag(actual.element()));
            self.differs(DifferenceClass::Value, Some(wanted), Some(came), mark);
        }
    }

    /// What two arrays say that they hold; how many is for the items to tell.
    pub(super) fn array_types(&mut self, expected: &Arg<'_>, actual: &Arg<'_>) {
        let [wanted, came] = [expected, actual].map(Arg::array_type);
        let (Some(wanted), Some(came)) = (wanted, came) else {
            return;
        };
        let [wanted, came] = [wanted.item_type(), came.item_type()].map(str::to_owned);
        if local_name(&wanted) != local_name(&came) {
            let mark = Some(start_tag(actual.element()));
            self.within("arrayType", |walk| {
                walk.differs(DifferenceClass::Value, Some(wanted), Some(came), mark);
            });
        }
    }

    /// The types that both tell; one that the schema knows anyway may be left out.
    pub(super) fn types(&mut self, expected: &Arg<'_>, actual: &Arg<'_>) {
        let [wanted, came] = [expected, actual].map(Arg::xsi_type);
        if wanted == came {
            return;
        }
        let local = [&wanted, &came].map(|name| name.as_deref().map(local_name));
        let is_known = expected
            .field()
            .is_some_and(|field| field.base_type() != Some(Type::AnySimple));
        let one_is_silent = wanted.is_none() || came.is_none();
        if local[0] == local[1] || (one_is_silent && is_known) {
            self.found.ignore(SPELLING);
            return;
        }
        let [wanted, came] = [wanted, came].map(|name| name.map(std::borrow::Cow::into_owned));
        let mark = Some(start_tag(actual.element()));
        self.within("xsi:type", |walk| {
            walk.differs(DifferenceClass::Value, wanted, came, mark);
        });
    }
}

/// By its `xsi:type`, else by the schema.
fn kind_of(arg: &Arg<'_>) -> Option<Type> {
    let told = arg.xsi_type().and_then(|name| type_of_name(&name));
    let known = arg.field().and_then(cwmp::schema::Field::base_type);
    known.filter(|known| *known != Type::AnySimple).or(told)
}

/// The texts around the placeholders: one more than there are of these; `None` where there is none.
fn texts_between(template: &str) -> Option<Vec<&str>> {
    let mut texts = Vec::new();
    let (mut begun, mut at) = (0, 0);
    while let Some(open) = template.get(at..).and_then(|rest| rest.find("{{")) {
        let open = at + open;
        let inside = template.get(open + 2..).unwrap_or_default();
        let end = inside.find("}}").unwrap_or(inside.len());
        let name = inside.get(..end).unwrap_or_default();
        let is_name = !name.is_empty()
            && end < inside.len()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
        if is_name {
            texts.push(template.get(begun..open).unwrap_or_default());
            begun = open + 2 + end + 2;
            at = begun;
        } else {
            at = open + 2;
        }
    }
    let is_template = !texts.is_empty();
    texts.push(template.get(begun..).unwrap_or_default());
    is_template.then_some(texts)
}

/// Arguments that tell when something was: in an Inform, a TransferComplete or its kin.
const VOLATILE_TIMES: [&str; 3] = ["CurrentTime", "StartTime", "CompleteTime"];

/// Parameters that another moment gives another value, whatever the device does: counters of time and traffic
/// (TR-106 section 3.2: Stats objects), what is free and busy, the clock, and how long a lease still lasts.
const VOLATILE: [&str; 9] = [
    "ParameterList/*.UpTime",
    "ParameterList/*.Uptime",
    "ParameterList/*.Stats.*",
    "ParameterList/*.DeviceInfo.MemoryStatus.Free",
    "ParameterList/*.DeviceInfo.ProcessStatus.*",
    "ParameterList/*.TemperatureStatus.*.Value",
    "ParameterList/*.Time.CurrentLocalTime",
    "ParameterList/*.LastChange",
    "ParameterList/*.LeaseTimeRemaining",
];
