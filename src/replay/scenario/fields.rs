//! Tables of a TOML file asked for their keys: whatever is wrong is noted with its place, and reading goes on.
//!
//! It knows what text, numbers and words look like, not what a scenario is.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, shown};
use crate::filter::nearest;

/// A value, and where it stands.
pub(super) type Placed<'v> = &'v Spanned<DeValue<'v>>;

/// What is wrong with a file, and where in it things stand.
pub(super) struct Notes<'t> {
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
    omitted: Cell<bool>,
    /// The byte at which a value begins, by its path: `step[2].send`.
    places: RefCell<BTreeMap<String, usize>>,
}

impl<'t> Notes<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            problems: RefCell::default(),
            omitted: Cell::new(false),
            places: RefCell::default(),
        }
    }

    fn is_full(&self) -> bool {
        self.problems.borrow().len() >= PROBLEMS_MAX
    }

    /// Something is wrong at this byte.
    pub fn note(&self, at: usize, what: impl Into<String>) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < PROBLEMS_MAX {
            problems.push(Problem::at(super::TOML, self.text.as_bytes(), at, what));
        } else {
            self.omitted.set(true);
        }
    }

    /// Where a value stands; what was said first holds.
    pub fn place(&self, path: &str, at: usize) {
        let mut places = self.places.borrow_mut();
        if places.len() < PLACES_MAX {
            places.entry(path.to_owned()).or_insert(at);
        }
    }

    /// What is wrong, in the order of the text, and where things stand.
    pub fn finish(self) -> (Vec<Problem>, BTreeMap<String, usize>) {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.place);
        if self.omitted.get() {
            problems.push(Problem::of_file(
                super::TOML,
                "more is wrong than is told here",
            ));
        }
        (problems, self.places.into_inner())
    }
}

/// A table whose keys are known.
pub(super) struct Fields<'v, 't> {
    notes: &'v Notes<'t>,
    table: &'v DeTable<'v>,
    /// Where it stands: `step[2]`; empty for the whole file.
    path: String,
    /// Its first byte.
    pub at: usize,
}

impl<'v, 't> Fields<'v, 't> {
    /// The whole file.
    pub fn whole(notes: &'v Notes<'t>, table: &'v DeTable<'v>, keys: &[&'static str]) -> Self {
        let fields = Self {
            notes,
            table,
            path: String::new(),
            at: 0,
        };
        fields.know("the file", keys);
        fields
    }

    /// A table that stands at a place of the file; `what` names it in messages.
    pub fn of(
        notes: &'v Notes<'t>,
        value: Placed<'v>,
        path: &str,
        what: &str,
        keys: &[&'static str],
    ) -> Option<Self> {
        let fields = Self::any(notes, value, path, what)?;
        fields.know(what, keys);
        Some(fields)
    }

    /// A table with keys of its own.
    pub fn any(notes: &'v Notes<'t>, value: Placed<'v>, path: &str, what: &str) -> Option<Self> {
        let at = value.span().start;
        notes.place(path, at);
        let Some(table) = value.get_ref().as_table() else {
            let kind = value.get_ref().type_str();
            notes.note(
                at,
                format!("{what} is a table, and this is {}", article(kind)),
            );
            return None;
        };
        let path = path.to_owned();
        Some(Self {
            notes,
            table,
            path,
            at,
        })
    }

    /// Notes keys that are not known.
    pub fn know(&self, what: &str, keys: &[&'static str]) {
        for (key, _) in self.table {
            let written: &str = key.get_ref();
            if !keys.contains(&written) {
                if self.notes.is_full() {
                    // Guesses take time, and nobody would hear of them.
                    self.notes.omitted.set(true);
                    return;
                }
                let hint = suggestion(written, keys);
                let written = shown(written);
                let what = format!("`{written}` is no key of {what}: {hint}");
                self.notes.note(key.span().start, what);
            }
        }
    }

    pub fn notes(&self) -> &'v Notes<'t> {
        self.notes
    }

    pub fn entries(&self) -> impl Iterator<Item = (&'v str, usize, Placed<'v>)> + use<'v> {
        let table = self.table;
        table
            .iter()
            .map(|(key, value)| (&**key.get_ref(), key.span().start, value))
    }

    pub fn value(&self, key: &str) -> Option<Placed<'v>> {
        let value = self.table.get(key)?;
        self.notes.place(&self.path_of(key), value.span().start);
        Some(value)
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether a key looks like one of these.
    pub fn holds_like(&self, keys: &[&'static str]) -> bool {
        let like = |(name, _, _): (&str, usize, Placed<'_>)| nearest(name, keys).is_some();
        self.entries().take(LIKE_MAX).any(like)
    }

    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            return key.to_owned();
        }
        format!("{}.{key}", self.path)
    }

    /// Notes that a key has another kind of value than it wants.
    pub fn wrong(&self, key: &str, value: Placed<'_>, wanted: &str) {
        let kind = article(value.get_ref().type_str());
        let what = format!("`{key}` is {wanted}, and this is {kind}");
        self.notes.note(value.span().start, what);
    }

    /// Notes that a key is missing, unless one that is not known was meant for it.
    pub fn missing(&self, what: &str, key: &'static str, wanted: &str) {
        if self.holds_like(&[key]) {
            return;
        }
        self.notes
            .note(self.at, format!("{what} needs `{key}`: {wanted}"));
    }

    pub fn text(&self, key: &str) -> Option<String> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(key, value, "a text in quotes");
        }
        text
    }

    pub fn flag(&self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong(key, value, "true or false");
        }
        flag
    }

    /// A table of texts by name.
    pub fn texts_by_name(&self, key: &str, what: &str) -> BTreeMap<String, String> {
        let inner = self
            .value(key)
            .and_then(|value| Self::any(self.notes, value, &self.path_of(key), what));
        let mut texts = BTreeMap::new();
        for (name, _, _) in inner.iter().flat_map(Fields::entries) {
            if let Some(text) = inner.as_ref().and_then(|inner| inner.text(name)) {
                texts.insert(name.to_owned(), text);
            }
        }
        texts
    }

    /// The members of a list, each with its path.
    pub fn list(&self, key: &str, wanted: &str) -> Vec<(String, Placed<'v>)> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(key, value, wanted);
            return Vec::new();
        };
        let path = self.path_of(key);
        let members = list.iter().enumerate();
        members
            .map(|(index, member)| (format!("{path}[{index}]"), member))
            .collect()
    }

    pub fn texts(&self, key: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for (path, member) in self.list(key, "a list of texts: [\"...\", \"...\"]") {
            self.notes.place(&path, member.span().start);
            match member.get_ref().as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong(key, member, "a list of texts"),
            }
        }
        texts
    }

    /// One of a closed set of words.
    pub fn word<T: Copy>(&self, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        let value = self.value(key)?;
        self.word_at(key, value, words)
    }

    pub fn word_at<T: Copy>(
        &self,
        key: &str,
        value: Placed<'_>,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let names: Vec<&'static str> = words.iter().map(|(name, _)| *name).collect();
        let written = value.get_ref().as_str();
        let found = written.and_then(|written| words.iter().find(|(name, _)| *name == written));
        if found.is_none() {
            let wanted = format!("`{key}` is one of {}", listed(&names));
            let meant = written.and_then(|written| nearest(written, &names));
            let hint = meant.map_or_else(String::new, |meant| format!(": did you mean `{meant}`?"));
            self.notes.note(value.span().start, wanted + &hint);
        }
        found.map(|(_, word)| *word)
    }

    /// A whole number within these bounds.
    pub fn number(&self, key: &str, least: u64, most: u64) -> Option<u64> {
        let value = self.value(key)?;
        self.number_at(key, value, least, most)
    }

    pub fn number_at(&self, key: &str, value: Placed<'_>, least: u64, most: u64) -> Option<u64> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let what = format!("`{key}` is a whole number from {least} to {most}");
            self.notes.note(value.span().start, what);
        }
        number
    }

    /// A duration in seconds, with decimals or without.
    pub fn seconds(&self, key: &str) -> Option<Duration> {
        self.duration(key, NANOSECONDS_A_SECOND, "seconds, such as 5 or 0.25")
    }

    /// A duration in milliseconds, with decimals or without.
    pub fn milliseconds(&self, key: &str) -> Option<Duration> {
        let unit = NANOSECONDS_A_SECOND / 1000;
        self.duration(key, unit, "milliseconds, such as 120 or 0.5")
    }

    fn duration(&self, key: &str, unit_ns: u64, wanted: &str) -> Option<Duration> {
        let value = self.value(key)?;
        let nanoseconds = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => decimal(number.as_str(), unit_ns),
            DeValue::Float(number) => decimal(number.as_str(), unit_ns),
            _ => None,
        };
        let duration = nanoseconds
            .map(Duration::from_nanos)
            .filter(|duration| *duration <= DURATION_MAX);
        if duration.is_none() {
            let days = DURATION_MAX.as_secs() / SECONDS_A_DAY;
            let what = format!("`{key}` is a number of {wanted}, at most {days} days");
            self.notes.note(value.span().start, what);
        }
        duration
    }
}

/// What a misspelt word may mean.
fn suggestion(written: &str, known: &[&'static str]) -> String {
    match nearest(written, known) {
        Some(key) => format!("did you mean `{key}`?"),
        None => format!("known here are {}", listed(known)),
    }
}

/// Words as a list: `a`, `b`.
fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// A kind of TOML value with its article.
fn article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {kind}")
}

/// Nanoseconds of a decimal number of units; digits that are less than one are dropped.
fn decimal(text: &str, unit_ns: u64) -> Option<u64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let mut nanoseconds = whole.parse::<u64>().ok()?.checked_mul(unit_ns)?;
    let mut unit_ns = unit_ns;
    for digit in fraction.bytes() {
        unit_ns /= 10;
        let value = u64::from(digit.saturating_sub(b'0'));
        nanoseconds = nanoseconds.checked_add(value.checked_mul(unit_ns)?)?;
    }
    Some(nanoseconds)
}

const NANOSECONDS_A_SECOND: u64 = 1_000_000_000;
const SECONDS_A_DAY: u64 = 86_400;
/// The longest time a scenario may name: nobody waits longer, and sums of them stay small.
pub(super) const DURATION_MAX: Duration = Duration::from_secs(31 * SECONDS_A_DAY);
/// Places that are kept; what stands behind them is told with the place of what holds it.
const PLACES_MAX: usize = 200_000;
/// Keys of a table that are held against a missing one.
const LIKE_MAX: usize = 100;
/// Problems of one file that are told.
const PROBLEMS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn decimals_are_exact() {
        for (text, unit, expected) in [
            ("5", 1_000_000_000, Some(5_000_000_000)),
            ("0.25", 1_000_000_000, Some(250_000_000)),
            ("+0.000000001", 1_000_000_000, Some(1)),
            ("0.0000000019", 1_000_000_000, Some(1)),
            ("120.5", 1_000_000, Some(120_500_000)),
            ("-1", 1_000_000, None),
            ("1e3", 1_000_000, None),
            ("inf", 1_000_000, None),
            ("1.", 1_000_000, None),
            ("99999999999999999999", 1_000_000, None),
            ("9999999999999999999", 1_000_000, None),
        ] {
            assert_eq!(decimal(text, unit), expected, "{text}");
        }
    }
}
