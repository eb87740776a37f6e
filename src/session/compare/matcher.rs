//! Matchers: what stands in the place of an expected value.

use std::fmt;
use std::str::FromStr;

use regex::{Regex, RegexBuilder};

use super::scalar::{is_of_type, local_name, nanoseconds, type_of_name, whole_number};

/// What a value has to be.
#[derive(Debug, Clone)]
pub struct Matcher {
    written: String,
    test: Test,
}

/// Why something is no matcher.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the matcher `{written}` {why}")]
pub struct MatcherError {
    /// As it is written.
    pub written: String,
    /// What is wrong with it.
    pub why: String,
}

#[derive(Debug, Clone)]
enum Test {
    Exact(String),
    /// `*` any characters, `?` one, the whole text.
    Glob(Regex),
    /// Found anywhere in the text.
    Regex(Regex),
    Range(Number, Number),
    Type(String),
    OneOf(Vec<String>),
    Any,
    Absent,
    Unordered,
    Subset,
    About(Number, f64),
}

/// A number, or a time in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Number {
    Plain(f64),
    Time(f64),
}

impl Matcher {
    /// Whether this text, with this xsi:type, is as wanted; a list is asked by [`Self::is_unordered`] and
    /// [`Self::is_subset`].
    #[must_use]
    pub fn takes(&self, text: &str, xsi_type: Option<&str>) -> bool {
        match &self.test {
            Test::Exact(wanted) => wanted == text,
            Test::Glob(regex) | Test::Regex(regex) => regex.is_match(text),
            Test::Range(from, to) => {
                number(text).is_some_and(|number| from.reaches(number) && number.reaches(*to))
            }
            Test::Type(name) => is_type(name, text, xsi_type),
            Test::OneOf(wanted) => wanted.iter().any(|wanted| wanted == text),
            Test::Any | Test::Unordered | Test::Subset => true,
            Test::Absent => false,
            Test::About(wanted, tolerance) => {
                number(text).is_some_and(|number| number.is_within(*wanted, *tolerance))
            }
        }
    }

    /// Nothing may stand in its place.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self.test, Test::Absent)
    }

    /// The order of its list says nothing.
    pub(super) fn is_unordered(&self) -> bool {
        matches!(self.test, Test::Unordered | Test::Subset)
    }

    /// What is expected is only some of its list.
    pub(super) fn is_subset(&self) -> bool {
        matches!(self.test, Test::Subset)
    }

    /// It is about a list, and not about a value.
    pub(super) fn is_of_list(&self) -> bool {
        matches!(self.test, Test::Unordered | Test::Subset)
    }

    /// It says what the type has to be, or that anything will do.
    pub(super) fn judges_type(&self) -> bool {
        matches!(self.test, Test::Type(_) | Test::Any)
    }
}

impl FromStr for Matcher {
    type Err = MatcherError;

    fn from_str(written: &str) -> Result<Self, MatcherError> {
        let test = read(written).map_err(|why| MatcherError {
            written: written.to_owned(),
            why,
        })?;
        Ok(Self {
            written: written.to_owned(),
            test,
        })
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written)
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Number {
    fn parts(self) -> (bool, f64) {
        match self {
            Self::Plain(value) => (false, value),
            Self::Time(value) => (true, value),
        }
    }

    /// Not greater than the other, and of the same kind.
    fn reaches(self, other: Self) -> bool {
        let ((is_time, value), (other_is_time, other)) = (self.parts(), other.parts());
        is_time == other_is_time && value <= other
    }

    fn is_within(self, other: Self, tolerance: f64) -> bool {
        let ((is_time, value), (other_is_time, other)) = (self.parts(), other.parts());
        is_time == other_is_time && (value - other).abs() <= tolerance
    }
}

fn read(written: &str) -> Result<Test, String> {
    let (kind, rest) = match written.split_once(':') {
        Some((kind, rest)) => (kind, Some(rest)),
        None => (written, None),
    };
    match (kind, rest) {
        ("any", None) => Ok(Test::Any),
        ("absent", None) => Ok(Test::Absent),
        ("unordered", None) => Ok(Test::Unordered),
        ("subset", None) => Ok(Test::Subset),
        ("exact", Some(text)) => Ok(Test::Exact(text.to_owned())),
        ("glob", Some(glob)) => built(&expression_of(glob)).map(Test::Glob),
        ("regex", Some(source)) => built(source).map(Test::Regex),
        ("range", Some(range)) => read_range(range),
        ("type", Some(name)) if type_of_name(name).is_some() => Ok(Test::Type(name.to_owned())),
        ("type", Some(name)) => Err(format!(
            "names a type that is not known: `{name}`; `xsd:string`, `xsd:int`, `xsd:unsignedInt`, `xsd:boolean`, \
             `xsd:dateTime` and `xsd:base64` are"
        )),
        ("one_of", Some(list)) => Ok(Test::OneOf(list.split('|').map(str::to_owned).collect())),
        ("about", Some(about)) => read_about(about),
        _ => Err(KINDS.to_owned()),
    }
}

fn read_range(range: &str) -> Result<Test, String> {
    let ends = range
        .split_once("..")
        .and_then(|(from, to)| Some((number(from)?, number(to)?)));
    match ends {
        Some((from, to)) if from.reaches(to) => Ok(Test::Range(from, to)),
        Some(_) => Err("runs backwards, or from a number to a time".to_owned()),
        None => Err("is no range of numbers or times, such as `range:1..5`".to_owned()),
    }
}

fn read_about(about: &str) -> Result<Test, String> {
    let parts = about.split_once('±').or_else(|| about.split_once("+-"));
    let read = parts.and_then(|(value, tolerance)| {
        let tolerance = tolerance.trim();
        let seconds = tolerance.strip_suffix('s').unwrap_or(tolerance);
        let tolerance: f64 = seconds.trim().parse().ok()?;
        Some((number(value)?, tolerance))
    });
    match read {
        Some((value, tolerance)) if tolerance >= 0.0 => Ok(Test::About(value, tolerance)),
        _ => Err(
            "wants a value and how far off it may be, such as `about:300±5`, of a time in seconds"
                .to_owned(),
        ),
    }
}

fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    if let Some(time) = nanoseconds(text) {
        return Some(Number::Time(time as f64 / 1e9));
    }
    let whole = whole_number(text).map(|number| number as f64);
    let number = whole.or_else(|| text.parse().ok())?;
    number.is_finite().then_some(Number::Plain(number))
}

fn is_type(name: &str, text: &str, xsi_type: Option<&str>) -> bool {
    let told = xsi_type.is_none_or(|told| local_name(told) == local_name(name));
    told && type_of_name(name).is_some_and(|kind| is_of_type(kind, text))
}

fn expression_of(glob: &str) -> String {
    let mut expression = String::from(r"\A(?s:");
    for character in glob.chars() {
        match character {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            _ => expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push_str(r")\z");
    expression
}

fn built(source: &str) -> Result<Regex, String> {
    RegexBuilder::new(source)
        .size_limit(COMPILED_BYTES_MAX)
        .build()
        .map_err(|error| {
            let error = error.to_string();
            let last = error.lines().last().unwrap_or_default();
            let why = last.trim_start_matches("error: ");
            format!("holds a pattern that cannot be read: {why}")
        })
}

/// Bytes of a compiled pattern.
const COMPILED_BYTES_MAX: usize = 512 << 10;

const KINDS: &str = "is none: `exact:TEXT`, `glob:a*`, `regex:^a`, `range:1..5`, `type:xsd:int`, `one_of:a|b`, \
    `about:300±5`, `any`, `absent`, and for lists `unordered` and `subset` are";

#[cfg(test)]
mod tests {
    use super::Matcher;

    fn takes(matcher: &str, text: &str) -> bool {
        matcher
            .parse::<Matcher>()
            .is_ok_and(|matcher| matcher.takes(text, None))
    }

    #[test]
    fn each_kind() {
        for (matcher, right, wrong) in [
            ("exact:a:b", "a:b", "a"),
            ("exact:", "", " "),
            ("glob:2.?.*", "2.1.7", "12.1.7"),
            ("regex:^2\\.", "2.1", "12.1"),
            ("range:1..5", "5", "6"),
            ("range:-1.5..1", "0.5", "-2"),
            (
                "range:2026-01-01T00:00:00Z..2026-12-31T00:00:00Z",
                "2026-05-01T00:00:00Z",
                "5",
            ),
            ("type:xsd:unsignedInt", "7", "-7"),
            ("type:xsd:boolean", "true", "yes"),
            ("type:xsd:dateTime", "2026-05-01T00:00:00Z", "today"),
            ("one_of:a|b", "b", "c"),
            ("about:300±5", "305", "306"),
            (
                "about:2026-01-01T00:00:00Z+-60s",
                "2026-01-01T00:00:59Z",
                "2026-01-01T00:01:01Z",
            ),
        ] {
            assert!(takes(matcher, right), "{matcher} {right}");
            assert!(!takes(matcher, wrong), "{matcher} {wrong}");
        }
        assert!(takes("any", "") && !takes("absent", ""));
    }

    #[test]
    fn what_is_none_is_told() {
        for bad in [
            "",
            "exactly",
            "globe:x",
            "regex:(",
            "range:5..1",
            "range:a..b",
            "range:1",
            "type:xsd:thing",
            "about:3",
            "about:3±-1",
            "any:thing",
            "one_of",
        ] {
            let error = bad.parse::<Matcher>();
            assert!(error.is_err_and(|error| error.written == bad), "{bad}");
        }
    }

    #[test]
    fn a_type_told_otherwise_is_another() {
        let matcher: Result<Matcher, _> = "type:xsd:int".parse();
        assert!(
            matcher
                .clone()
                .is_ok_and(|matcher| matcher.takes("1", Some("xs:int")))
        );
        assert!(matcher.is_ok_and(|matcher| !matcher.takes("1", Some("xsd:string"))));
    }
}
