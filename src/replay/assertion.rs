//! What a scenario asks of a message, in the grammar of the display filter, and the places that its variables come from.

use std::borrow::Cow;
use std::fmt;

use cwmp::{Arg, Args, Document, Element, EnvelopeRef, Kind, Value};

use crate::filter::{Filter, FilterError};
use crate::session::compare::Said;
use crate::session::{Difference, DifferenceClass, Masking};

/// Something that has to hold of a message: `event contains "1 BOOT"`, `status in [0, 1]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Assertion {
    written: String,
    filter: Filter,
}

/// Why an assertion cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AssertionError {
    /// It is not written as the display filter wants it.
    #[error("{0}")]
    Grammar(FilterError),
    /// It asks for something that a message by itself does not tell.
    #[error(
        "`{0}` is nothing that one message tells: docs/filter.md lists the names of `http` and `cwmp` records"
    )]
    Foreign(String),
}

impl Assertion {
    /// Reads an assertion.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn parse(written: &str) -> Result<Self, AssertionError> {
        let filter = Filter::parse(written).map_err(AssertionError::Grammar)?;
        let mut untold = filter.untold_names().into_iter();
        match untold.next() {
            Some(name) => Err(AssertionError::Foreign(name)),
            None => Ok(Self {
                written: written.trim().to_owned(),
                filter,
            }),
        }
    }

    /// Whether a message is so.
    #[must_use]
    pub fn holds(&self, said: &Said<'_>) -> bool {
        self.filter.said(said)
    }

    /// Whether it asks for what stands in heads, and in no body.
    #[must_use]
    pub fn asks_http(&self) -> bool {
        self.filter.asks_http()
    }

    /// Every value that a message has of what it asks for.
    #[must_use]
    pub fn values(&self, said: &Said<'_>) -> Vec<String> {
        let told = self.filter.told(said, usize::MAX);
        told.into_iter().flat_map(|(_, values)| values).collect()
    }

    /// The difference that it makes where it does not hold, with the values that came.
    #[must_use]
    pub fn difference(&self, said: &Said<'_>) -> Option<Difference> {
        if self.holds(said) {
            return None;
        }
        let told = self.filter.told(said, VALUES_MAX);
        let masking = Masking::default();
        let is_secret = told
            .iter()
            .any(|(name, _)| masking.hides(name.trim_end_matches('"')));
        let values: Vec<String> = told
            .iter()
            .map(|(name, values)| words(name, values))
            .collect();
        Some(Difference {
            class: DifferenceClass::Value,
            step: None,
            message: Some(said.name()),
            place: "assert".to_owned(),
            expected: Some(self.written.clone()),
            actual: Some(values.join(", ")),
            is_secret,
            is_wording: false,
            position: None,
            excerpt: None,
        })
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written)
    }
}

fn words(name: &str, values: &[String]) -> String {
    let cut = |value: &String| -> String {
        let text: String = value.chars().take(VALUE_CHARS_MAX).collect();
        let more = if text.len() < value.len() { "…" } else { "" };
        format!("\"{text}{more}\"")
    };
    match values {
        [] => format!("{name} is absent"),
        values => {
            let values: Vec<String> = values.iter().map(cut).collect();
            format!("{name} is {}", values.join(" and "))
        }
    }
}

/// Where in a message a variable's value stands: `param "Device.X"`, `CommandKey`, `DeviceId.SerialNumber`, `cwmp.id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The value of a parameter.
    Parameter(String),
    /// An argument, or what it holds, by names.
    Argument(Vec<String>),
    /// The ID header.
    Id,
}

/// Why something names no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no place: write `param \"Device.X\"` for a parameter, `CommandKey` or `DeviceId.SerialNumber` for an argument, or `cwmp.id`"
)]
pub struct PlaceError(String);

impl Place {
    /// Reads a place.
    ///
    /// # Errors
    ///
    /// Where it names none.
    pub fn parse(written: &str) -> Result<Self, PlaceError> {
        let none = || PlaceError(written.to_owned());
        let text = written.trim();
        if let Some(rest) = text.strip_prefix("param") {
            let rest = rest.trim_start();
            let name = quoted(rest, '"').or_else(|| quoted(rest, '\''));
            if let Some(name) = name.filter(|name| !name.trim().is_empty()) {
                return Ok(Self::Parameter(name.trim().to_owned()));
            }
        }
        if text == "cwmp.id" {
            return Ok(Self::Id);
        }
        let text = text.strip_prefix("args.").unwrap_or(text);
        let parts: Vec<&str> = text.split(['.', '/']).collect();
        let is_name = |part: &&str| {
            let mut letters = part.chars();
            letters
                .next()
                .is_some_and(|first| first.is_alphabetic() || first == '_')
                && letters.all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'))
        };
        if parts.iter().all(is_name) {
            return Ok(Self::Argument(
                parts.into_iter().map(str::to_owned).collect(),
            ));
        }
        Err(none())
    }

    /// What stands there; the first, where there are several.
    #[must_use]
    pub fn value(&self, document: &Document) -> Option<String> {
        document
            .envelope_refs()
            .find_map(|envelope| self.value_in(&envelope))
    }

    fn value_in(&self, envelope: &EnvelopeRef<'_>) -> Option<String> {
        match self {
            Self::Parameter(wanted) => {
                let mut parameters = envelope.parameters();
                let named = parameters.find(|parameter| parameter.name() == wanted.as_str());
                named?.value().map(Cow::into_owned)
            }
            Self::Id => envelope.id().map(Cow::into_owned),
            Self::Argument(names) if envelope.kind() == Kind::Fault => {
                let name = names.last()?;
                let mut parts = envelope.message()?.descendants();
                parts.find(|part| part.is_named(name)).map(text_of)
            }
            Self::Argument(names) => argument(envelope.args(), names),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name) => write!(formatter, "param \"{name}\""),
            Self::Argument(names) => formatter.write_str(&names.join(".")),
            Self::Id => formatter.write_str("cwmp.id"),
        }
    }
}

/// Text between two quotes, which does not hold them.
fn quoted(text: &str, quote: char) -> Option<&str> {
    let inside = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inside.contains(quote)).then_some(inside)
}

fn argument(args: Args<'_>, names: &[String]) -> Option<String> {
    let (first, rest) = names.split_first()?;
    let mut named = args.filter(|arg| arg.name() == first);
    named.find_map(|arg: Arg<'_>| match arg.value() {
        Value::Scalar(text) => rest.is_empty().then(|| text.into_owned()),
        Value::Struct(inner) | Value::Array(inner) => argument(inner, rest),
        Value::Mixed(_) => None,
    })
}

fn text_of(element: Element<'_>) -> String {
    element.text().trim().to_owned()
}

/// Values that are told of a name where an assertion does not hold.
const VALUES_MAX: usize = 5;
/// Characters of one of them.
const VALUE_CHARS_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use cwmp::{Hints, Limits};

    use super::{Assertion, Place};
    use crate::session::Side;
    use crate::session::compare::Said;

    const INFORM: &str = r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"
        xmlns:cwmp="urn:dslforum-org:cwmp-1-0"><e:Header><cwmp:ID>7</cwmp:ID></e:Header><e:Body><cwmp:Inform>
        <DeviceId><Manufacturer>Acme</Manufacturer><OUI>001565</OUI><ProductClass>T1</ProductClass>
        <SerialNumber>42</SerialNumber></DeviceId>
        <Event><EventStruct><EventCode>1 BOOT</EventCode><CommandKey></CommandKey></EventStruct>
        <EventStruct><EventCode>M Download</EventCode><CommandKey>fw</CommandKey></EventStruct></Event>
        <RetryCount>3</RetryCount><ParameterList><ParameterValueStruct>
        <Name>Device.DeviceInfo.SoftwareVersion</Name><Value>2.1</Value></ParameterValueStruct><ParameterValueStruct>
        <Name>Device.X.Password</Name><Value>geheim</Value></ParameterValueStruct></ParameterList>
        </cwmp:Inform></e:Body></e:Envelope>"#;
    const RESPONSE: &str = r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"
        xmlns:cwmp="urn:dslforum-org:cwmp-1-0"><e:Body><cwmp:SetParameterValuesResponse><Status>9</Status>
        </cwmp:SetParameterValuesResponse></e:Body></e:Envelope>"#;

    fn document(text: &str) -> cwmp::Document {
        cwmp::parse(text.into(), &Hints::default(), &Limits::default())
    }

    fn holds(assertion: &str, text: &str) -> bool {
        let document = document(text);
        let said = Said {
            http: None,
            status: Some(200),
            soap: Some(&document),
            from: Side::Cpe,
            at: None,
        };
        Assertion::parse(assertion).is_ok_and(|assertion| {
            assert_eq!(
                assertion.difference(&said).is_none(),
                assertion.holds(&said)
            );
            assertion.holds(&said)
        })
    }

    #[test]
    fn a_message_is_asked() {
        for (assertion, text, expected) in [
            (r#"event contains "1 BOOT""#, INFORM, true),
            (
                r#"event == "M Download" && event == "1 BOOT""#,
                INFORM,
                true,
            ),
            (r#"event contains "2 PERIODIC""#, INFORM, false),
            (
                r#"param "Device.DeviceInfo.SoftwareVersion" matches /^2\./"#,
                INFORM,
                true,
            ),
            (
                r#"param "Device.DeviceInfo.SoftwareVersion" ~ /^3/"#,
                INFORM,
                false,
            ),
            (
                r#"param "Device.DeviceInfo.SoftwareVersion" == "2.1""#,
                INFORM,
                true,
            ),
            (r#"param "Device.Nothing""#, INFORM, false),
            ("message == Inform && from == cpe && id == 7", INFORM, true),
            (
                "oui == 001565 && serial_number == 42 && retry_count >= 3",
                INFORM,
                true,
            ),
            ("status in [0, 1]", RESPONSE, false),
            ("status in [0, 9]", RESPONSE, true),
            ("status == 200", RESPONSE, false),
            ("fault", RESPONSE, false),
        ] {
            assert_eq!(holds(assertion, text), expected, "{assertion}");
        }
    }

    #[test]
    fn what_did_not_hold_is_told() {
        let document = document(INFORM);
        let said = Said {
            http: None,
            status: None,
            soap: Some(&document),
            from: Side::Cpe,
            at: None,
        };
        let told = |assertion: &str| {
            let difference = Assertion::parse(assertion).ok()?.difference(&said)?;
            Some((difference.actual?, difference.is_secret))
        };
        assert_eq!(
            told(r#"event == "2 PERIODIC""#),
            Some((r#"event is "1 BOOT" and "M Download""#.to_owned(), false))
        );
        assert_eq!(
            told(r#"param "Device.X.Password" == "x""#),
            Some((r#"param "Device.X.Password" is "geheim""#.to_owned(), true))
        );
        assert_eq!(
            told("status == 1"),
            Some(("status is absent".to_owned(), false))
        );
    }

    #[test]
    fn what_no_message_tells_is_refused() {
        for bad in [
            "outcome == complete",
            "frames == 1",
            "time > 2026-01-01",
            "status in",
            "",
            "findings",
        ] {
            assert!(Assertion::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn places_have_values() {
        let inform = document(INFORM);
        for (place, value) in [
            (r#"param "Device.DeviceInfo.SoftwareVersion""#, Some("2.1")),
            ("DeviceId.SerialNumber", Some("42")),
            ("Event.EventStruct.EventCode", Some("1 BOOT")),
            ("RetryCount", Some("3")),
            ("cwmp.id", Some("7")),
            ("CommandKey", None),
            (r#"param "Device.Nothing""#, None),
        ] {
            let read = Place::parse(place);
            let found = read.as_ref().ok().and_then(|place| place.value(&inform));
            assert_eq!(found.as_deref(), value, "{place}");
            assert_eq!(read.map(|place| place.to_string()).as_deref(), Ok(place));
        }
        for bad in [
            "",
            "param \"\"",
            "param Device.X",
            "a..b",
            "1",
            "param \"a\" b",
        ] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
    }
}
