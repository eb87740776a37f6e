//! Arguments, members and items: which came, which did not, and in which order.

use std::borrow::Cow;
use std::collections::HashMap;

use cwmp::schema::Shape;
use cwmp::{Arg, Args, Value};

use super::{Walk, content, whole, words_of};
use crate::session::DifferenceClass;
use crate::session::compare::{CompareRules, place};

impl<'w> Walk<'w> {
    /// Compares what two messages or elements hold.
    pub(super) fn values(&mut self, expected: &Value<'_>, actual: &Value<'_>) {
        let is_list = is_array(expected) || is_array(actual);
        let expected = Items::of(members(expected), is_list);
        let actual = Items::of(members(actual), is_list);
        self.items(&expected, &actual);
    }

    fn items(&mut self, expected: &Items<'_>, actual: &Items<'_>) {
        let matcher = self.matcher().filter(|matcher| matcher.is_of_list());
        let is_subset = matcher.is_some_and(super::Matcher::is_subset);
        let paired = Pairs::of(expected, actual);
        for (at, arg) in actual.args.iter().enumerate() {
            let partner = paired.of_actual.get(at).copied().flatten();
            let segment = actual.segment(at);
            match partner.and_then(|at| expected.args.get(at)) {
                Some(wanted) => self.within(&segment, |walk| walk.args(wanted, arg)),
                None if is_subset => {}
                None => self.within(&segment, |walk| walk.extra(arg)),
            }
        }
        for at in paired.missing {
            if let Some(wanted) = expected.args.get(at) {
                let segment = expected.segment(at);
                self.within(&segment, |walk| walk.missing(wanted));
            }
        }
        let order = paired.of_actual;
        if let Some((wanted, came)) = first_out_of_order(&order) {
            let is_unordered = matcher.is_some_and(super::Matcher::is_unordered)
                || is_unordered(self.rules, &self.message, &self.path);
            self.order(expected, actual, (wanted, came), is_unordered);
        }
    }

    fn order(
        &mut self,
        expected: &Items<'_>,
        actual: &Items<'_>,
        (wanted, came): (usize, usize),
        is_unordered: bool,
    ) {
        if is_unordered {
            let list = last_segment(&self.path).to_owned();
            self.found.ignore(&format!("order of {list}"));
            return;
        }
        let mark = actual.args.get(came).map(|arg| whole(arg.element()));
        let (wanted, came) = (expected.label(wanted), actual.label(came));
        self.differs(DifferenceClass::Order, Some(wanted), Some(came), mark);
    }

    /// One that came and was not expected; a matcher may want it.
    fn extra(&mut self, arg: &Arg<'_>) {
        if let Some((matcher, value)) = self.matcher_within(arg) {
            let text = words_of(&value);
            if matcher.is_absent() || !matcher.takes(&text, value.xsi_type().as_deref()) {
                let class = if matcher.is_absent() {
                    DifferenceClass::Extra
                } else {
                    DifferenceClass::Value
                };
                let mark = Some(whole(arg.element()));
                self.differs(class, Some(matcher.to_string()), Some(text), mark);
            }
            return;
        }
        let value = arg
            .element()
            .child("Value")
            .filter(|_| !arg.element().is_leaf());
        let came = value.map_or_else(|| words_of(arg), |value| value.text().into_owned());
        let mark = Some(whole(arg.element()));
        self.differs(DifferenceClass::Extra, None, Some(came), mark);
    }

    fn missing(&mut self, arg: &Arg<'_>) {
        if let Some((matcher, _)) = self.matcher_within(arg) {
            if !matcher.is_absent() {
                let wanted = Some(matcher.to_string());
                self.differs(DifferenceClass::Missing, wanted, None, None);
            }
            return;
        }
        let value = arg
            .element()
            .child("Value")
            .filter(|_| !arg.element().is_leaf());
        let wanted = value.map_or_else(|| words_of(arg), |value| value.text().into_owned());
        self.differs(DifferenceClass::Missing, Some(wanted), None, None);
    }

    /// The matcher for an item or for the value in it, and the argument that it is about.
    fn matcher_within<'a>(&mut self, arg: &Arg<'a>) -> Option<(&'w super::Matcher, Arg<'a>)> {
        let value = match arg.value() {
            Value::Struct(members) => members.named("Value"),
            _ => None,
        };
        if let Some(matcher) = self.matcher().filter(|matcher| !matcher.is_of_list()) {
            return Some((matcher, value.unwrap_or(*arg)));
        }
        let value = value?;
        let mut found = None;
        self.within("Value", |walk| found = walk.matcher());
        found.map(|matcher| (matcher, value))
    }

    /// Two that stand for each other.
    fn args(&mut self, expected: &Arg<'_>, actual: &Arg<'_>) {
        if let Some(matcher) = self.matcher().filter(|matcher| !matcher.is_of_list()) {
            let is_item = actual.element().child("Value").is_some() && !actual.element().is_leaf();
            if matcher.is_absent() {
                let (wanted, came) = (Some(matcher.to_string()), Some(words_of(actual)));
                let mark = Some(whole(actual.element()));
                self.differs(DifferenceClass::Extra, wanted, came, mark);
                return;
            }
            if !is_item {
                self.matched(matcher, expected, actual);
                return;
            }
        }
        self.types(expected, actual);
        self.array_types(expected, actual);
        match (expected.value(), actual.value()) {
            (Value::Scalar(wanted), Value::Scalar(came)) => {
                self.scalars(expected, actual, &wanted, &came);
            }
            (Value::Mixed(_), _) | (_, Value::Mixed(_)) => self.mixed(expected, actual),
            (Value::Scalar(text), _) | (_, Value::Scalar(text)) if !text.trim().is_empty() => {
                let (wanted, came) = (words_of(expected), words_of(actual));
                let mark = Some(content(actual.element()));
                self.differs(DifferenceClass::Value, Some(wanted), Some(came), mark);
            }
            (wanted, came) => self.values(&wanted, &came),
        }
    }
}

/// What stands in an element, with what it is told apart by.
struct Items<'a> {
    args: Vec<Arg<'a>>,
    keys: Vec<Cow<'a, str>>,
    sort: Sort,
}

/// How items are told apart, and called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// By the names of their elements.
    Members,
    /// By the Name that each holds, as parameters are.
    Named,
    /// By number; what they hold is enough to know one again.
    Numbered,
}

impl<'a> Items<'a> {
    fn of(args: Vec<Arg<'a>>, is_list: bool) -> Self {
        let is_named = |arg: &Arg<'a>| name_within(arg).is_some();
        let sort = if args.first().is_some_and(is_named) {
            Sort::Named
        } else if is_list {
            Sort::Numbered
        } else {
            Sort::Members
        };
        let key = |arg: &Arg<'a>| match sort {
            Sort::Members => Cow::Borrowed(arg.name()),
            Sort::Named => name_within(arg).unwrap_or_default(),
            Sort::Numbered => content_key(arg),
        };
        let keys = args.iter().map(key).collect();
        Self { args, keys, sort }
    }

    fn key(&self, at: usize) -> &str {
        self.keys.get(at).map_or("", AsRef::as_ref)
    }

    /// The step of a place that leads to it.
    fn segment(&self, at: usize) -> Cow<'_, str> {
        let key = self.key(at);
        if self.sort == Sort::Numbered || key.is_empty() {
            return Cow::Owned(at.saturating_add(1).to_string());
        }
        Cow::Borrowed(key)
    }

    /// What it is called where its order is told.
    fn label(&self, at: usize) -> String {
        let key = self.key(at);
        if key.is_empty() {
            format!("item {}", at.saturating_add(1))
        } else {
            key.to_owned()
        }
    }
}

/// Which item stands for which.
struct Pairs {
    /// Of each that came, the one that was expected.
    of_actual: Vec<Option<usize>>,
    /// Those that did not come, in order.
    missing: Vec<usize>,
}

impl Pairs {
    /// Equal keys, the first with the first; then, where both lists are told by number, what is left at the same number.
    fn of(expected: &Items<'_>, actual: &Items<'_>) -> Self {
        let mut known: HashMap<&str, Vec<usize>> = HashMap::with_capacity(expected.keys.len());
        for (at, key) in expected.keys.iter().enumerate().rev() {
            known.entry(key).or_default().push(at);
        }
        let mut take = |key: &str| known.get_mut(key).and_then(Vec::pop);
        let mut of_actual: Vec<Option<usize>> = actual.keys.iter().map(|key| take(key)).collect();
        let mut missing: Vec<usize> = known.into_values().flatten().collect();
        missing.sort_unstable();
        if expected.sort == Sort::Numbered && actual.sort == Sort::Numbered {
            missing.retain(|at| match of_actual.get_mut(*at) {
                Some(partner) if partner.is_none() => {
                    *partner = Some(*at);
                    false
                }
                _ => true,
            });
        }
        Self { of_actual, missing }
    }
}

/// The first place where another stands than should: which should, and where it is that came.
fn first_out_of_order(of_actual: &[Option<usize>]) -> Option<(usize, usize)> {
    let came = of_actual
        .iter()
        .enumerate()
        .filter_map(|(at, partner)| Some((at, (*partner)?)));
    let mut wanted: Vec<usize> = came.clone().map(|(_, partner)| partner).collect();
    if wanted.is_sorted() {
        return None;
    }
    wanted.sort_unstable();
    let mut both = wanted.into_iter().zip(came);
    both.find_map(|(wanted, (at, partner))| (wanted != partner).then_some((wanted, at)))
}

fn is_array(value: &Value<'_>) -> bool {
    matches!(value, Value::Array(_))
}

fn members<'a>(value: &Value<'a>) -> Vec<Arg<'a>> {
    match value {
        Value::Struct(args) | Value::Array(args) => Args::clone(args).collect(),
        Value::Scalar(_) | Value::Mixed(_) => Vec::new(),
    }
}

/// The Name of a parameter, or the ParameterName of what is said of one.
fn name_within<'a>(arg: &Arg<'a>) -> Option<Cow<'a, str>> {
    if arg.element().is_leaf() {
        return None;
    }
    let element = arg.element();
    let name = element
        .child("Name")
        .or_else(|| element.child("ParameterName"))?;
    let is_scalar = arg
        .field()
        .is_none_or(|field| !matches!(field.shape, Shape::Array(_)));
    is_scalar.then(|| trimmed(name.text()))
}

/// What an item of a numbered list is known by: its text, or its EventCode.
fn content_key<'a>(arg: &Arg<'a>) -> Cow<'a, str> {
    let element = arg.element();
    if element.is_leaf() {
        return trimmed(element.text());
    }
    let code = element.child("EventCode");
    code.map(|code| trimmed(code.text())).unwrap_or_default()
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

fn is_unordered(rules: &CompareRules, message: &str, path: &str) -> bool {
    let list = last_segment(path);
    let mut patterns = rules.unordered.iter();
    patterns.any(|pattern| pattern == list || place::is(pattern, message, path))
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
