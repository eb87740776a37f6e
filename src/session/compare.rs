//! Two messages, or two sessions, laid beside each other: what differs, and what was passed over. Values only: it judges
//! nothing and knows no clock. What a message is held against is another recording, or the file of a scenario.

mod align;
mod found;
mod heads;
mod matcher;
mod place;
mod scalar;
#[cfg(test)]
mod tests;
mod texts;
mod walk;

use std::collections::BTreeMap;
use std::time::Duration;

pub use matcher::{Matcher, MatcherError};
pub use place::means as is_place;

use super::{Difference, Masking, Message, Side};
use crate::source::Timestamp;
use found::Found;
use scalar::Keys;

/// What one side said.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The HTTP message; none where a body stands alone, as in the files of a scenario. Nothing of HTTP is compared then.
    pub http: Option<&'a http1::Message>,
    /// The status, where no HTTP message tells it and one is to be compared.
    pub status: Option<u16>,
    /// The body where it is SOAP; none for a message without a body.
    pub soap: Option<&'a cwmp::Document>,
    /// Who spoke.
    pub from: Side,
    /// When the message was said; times in it are compared as seen from there.
    pub at: Option<Timestamp>,
}

/// How they are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct CompareRules {
    /// Lists whose order says nothing, by name or place: `ParameterList`.
    pub unordered: Vec<String>,
    /// Places that are not compared: `Inform.CurrentTime`, `ParameterList/*.UpTime`, `header SOAPAction`, `Event/*/EventCode`.
    ///
    /// `*` stands for anything but `/`; the name of a message and a dot may stand before; what is in a place belongs to it.
    pub ignore: Vec<String>,
    /// Matchers in the place of expected values, by place.
    pub matchers: BTreeMap<String, Matcher>,
    /// How far two times may lie apart and still be the same.
    pub time_tolerance: Duration,
    /// Expected values and what stands for them now.
    pub same: BTreeMap<String, String>,
    /// A CommandKey or ParameterKey may be another one, as long as it is the same other one each time.
    pub fresh_keys: bool,
    /// `{{name}}` in an expected value stands for any text.
    pub placeholders: bool,
    /// Between two sessions: how much later than recorded a message may come; any time where there is none.
    pub pace_tolerance: Option<Duration>,
    /// How excerpts hide secrets.
    pub masking: Masking,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// What differs, in the order of the message, as far as a bound allows.
    pub differences: Vec<Difference>,
    /// Differences beyond the bound.
    pub omitted: u64,
    /// What differs and was passed over, and how often: `cwmp:ID`, `Inform.CurrentTime`, `spelling`.
    pub ignored: Vec<(String, u32)>,
}

/// Compares a message with what was expected.
#[must_use]
pub fn messages(expected: &Said<'_>, actual: &Said<'_>, rules: &CompareRules) -> Comparison {
    let mut found = Found::default();
    let mut keys = Keys::default();
    pair(expected, actual, rules, &mut keys, &mut found);
    found.finish()
}

/// Compares a session with what was expected: which messages came, in which order, and each of them.
///
/// A challenge (401, 407) and the request that it made come again are left out on both sides.
#[must_use]
pub fn sessions(expected: &[Said<'_>], actual: &[Said<'_>], rules: &CompareRules) -> Comparison {
    align::sessions(expected, actual, rules)
}

/// The differences of two messages go to `found`.
fn pair(
    expected: &Said<'_>,
    actual: &Said<'_>,
    rules: &CompareRules,
    keys: &mut Keys,
    found: &mut Found,
) {
    let begun = found.begin_message(actual.name());
    heads::compare(expected, actual, rules, found);
    walk::compare(expected, actual, rules, keys, found);
    found.locate(begun, actual, rules.masking);
}

impl<'a> Said<'a> {
    /// The element in the SOAP body (joined by ` + ` where there are several envelopes), or what else it is: `empty`.
    #[must_use]
    pub fn name(&self) -> String {
        let Some(soap) = self.soap else {
            let has_body = self.http.is_some_and(|http| http.body_bytes > 0);
            return if has_body { UNDECODABLE } else { "empty" }.to_owned();
        };
        let mut name = String::new();
        for envelope in soap.envelope_refs().take(ENVELOPES_NAMED_MAX) {
            if !name.is_empty() {
                name.push_str(" + ");
            }
            name.push_str(&texts::short(
                envelope.message_name().unwrap_or("empty envelope"),
            ));
        }
        if name.is_empty() {
            UNDECODABLE.clone_into(&mut name);
        }
        name
    }

    /// Its HTTP status, where there is one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let told = self.http.map(http1::Message::status);
        told.filter(|status| *status != 0).or(self.status)
    }
}

impl<'a> From<&'a Message> for Said<'a> {
    fn from(message: &'a Message) -> Self {
        Self {
            http: Some(&message.http),
            status: None,
            soap: message.soap.as_ref(),
            from: message.from,
            at: Some(message.provenance.time),
        }
    }
}

impl Default for CompareRules {
    fn default() -> Self {
        Self {
            unordered: vec!["ParameterList".to_owned()],
            ignore: Vec::new(),
            matchers: BTreeMap::new(),
            time_tolerance: Duration::from_secs(60),
            same: BTreeMap::new(),
            fresh_keys: false,
            placeholders: false,
            pace_tolerance: None,
            masking: Masking::default(),
        }
    }
}

/// A body that holds no envelope.
const UNDECODABLE: &str = "undecodable";
/// Envelopes of one body that its name tells.
const ENVELOPES_NAMED_MAX: usize = 4;
