//! The walk through two bodies: envelopes, SOAP headers, arguments, lists, faults.

mod fault;
mod items;
mod value;

use cwmp::{Arg, Args, Document, Element, EnvelopeRef, Kind, Value};

use super::found::{Draft, Found};
use super::scalar::Keys;
use super::{CompareRules, Matcher, Said, place, texts};
use crate::session::{DifferenceClass, Masking, Part};

/// Compares the bodies.
pub(super) fn compare(
    expected: &Said<'_>,
    actual: &Said<'_>,
    rules: &CompareRules,
    keys: &mut Keys,
    found: &mut Found,
) {
    let apart = expected.at.zip(actual.at);
    let mut walk = Walk {
        rules,
        keys,
        found,
        message: String::new(),
        path: String::new(),
        globs: rules
            .matchers
            .iter()
            .filter(|(place, _)| place.contains('*'))
            .collect(),
        used: vec![false; rules.matchers.len()],
        apart_ns: apart.map(|(then, now)| {
            i128::from(now.nanoseconds).saturating_sub(i128::from(then.nanoseconds))
        }),
    };
    match (envelopes(expected), envelopes(actual)) {
        (Some(wanted), Some(came)) => walk.bodies(wanted, came),
        (wanted, came)
            if wanted.is_none() && came.is_none() && expected.name() == actual.name() => {}
        (_, came) => walk.other_message(&expected.name(), &actual.name(), came),
    }
    walk.unused_matchers();
}

/// The document of a message that has envelopes.
fn envelopes<'a>(said: &Said<'a>) -> Option<&'a Document> {
    said.soap.filter(|soap| !soap.envelopes().is_empty())
}

/// Where the walk is, and what it knows.
struct Walk<'w> {
    rules: &'w CompareRules,
    keys: &'w mut Keys,
    found: &'w mut Found,
    /// The element in the SOAP body.
    message: String,
    path: String,
    /// Matchers whose place is a pattern.
    globs: Vec<(&'w String, &'w Matcher)>,
    /// Of each matcher, in the order of the map: it had its say.
    used: Vec<bool>,
    /// From the expected message to the actual one.
    apart_ns: Option<i128>,
}

impl<'w> Walk<'w> {
    fn bodies(&mut self, expected: &Document, actual: &Document) {
        let (mut wanted, mut came) = (expected.envelope_refs(), actual.envelope_refs());
        loop {
            match (wanted.next(), came.next()) {
                (Some(expected), Some(actual)) => self.envelopes(&expected, &actual),
                (Some(expected), None) => self.lone_envelope(&expected, DifferenceClass::Missing),
                (None, Some(actual)) => self.lone_envelope(&actual, DifferenceClass::Extra),
                (None, None) => return,
            }
        }
    }

    fn lone_envelope(&mut self, envelope: &EnvelopeRef<'_>, class: DifferenceClass) {
        let name = Some(name_of(envelope));
        let is_extra = class == DifferenceClass::Extra;
        let (expected, actual) = if is_extra { (None, name) } else { (name, None) };
        let mark = is_extra.then(|| start_tag(envelope.element()));
        self.differs(class, expected, actual, mark);
    }

    fn envelopes(&mut self, expected: &EnvelopeRef<'_>, actual: &EnvelopeRef<'_>) {
        self.message = actual.message_name().unwrap_or_default().to_owned();
        self.soap_headers(expected, actual);
        self.namespaces(expected, actual);
        if expected.message_name() != actual.message_name() {
            let class = if expected.kind() == Kind::Fault || actual.kind() == Kind::Fault {
                DifferenceClass::FaultChanged
            } else {
                DifferenceClass::Value
            };
            let element = actual.message().unwrap_or(actual.element());
            let names = [expected, actual].map(name_of);
            let [expected, actual] = names;
            self.differs(
                class,
                Some(expected),
                Some(actual),
                Some(start_tag(element)),
            );
        } else if expected.kind() == Kind::Fault {
            fault::compare(self, expected, actual);
        } else if let (Some(expected), Some(actual)) = (expected.value(), actual.value()) {
            self.values(&expected, &actual);
        }
    }

    /// Another message altogether, or none.
    fn other_message(&mut self, expected: &str, actual: &str, came: Option<&Document>) {
        let element = came.and_then(|document| document.envelope(0)?.message());
        let is_fault = expected == "Fault" || actual == "Fault";
        let class = if is_fault {
            DifferenceClass::FaultChanged
        } else {
            DifferenceClass::Value
        };
        let (expected, actual) = (expected.to_owned(), actual.to_owned());
        self.differs(class, Some(expected), Some(actual), element.map(start_tag));
    }

    fn soap_headers(&mut self, expected: &EnvelopeRef<'_>, actual: &EnvelopeRef<'_>) {
        for name in cwmp::schema::HEADERS {
            let [wanted, came] = [expected, actual].map(|envelope| {
                let header = envelope.header()?.child(name)?;
                Some((header, header.text().trim().to_owned()))
            });
            let texts = (
                wanted.as_ref().map(|(_, text)| text),
                came.as_ref().map(|(_, text)| text),
            );
            if texts.0 == texts.1 {
                continue;
            }
            self.within(&format!("cwmp:{name}"), |walk| {
                if name == "ID" && texts.0.is_some() && texts.1.is_some() {
                    walk.found.ignore("cwmp:ID");
                } else if is_same_header(name, texts.0, texts.1) {
                    walk.found.ignore(SPELLING);
                } else {
                    let class = class_of(texts.0.is_some(), texts.1.is_some());
                    let mark = came.as_ref().map(|(element, _)| whole(*element));
                    walk.differs(class, texts.0.cloned(), texts.1.cloned(), mark);
                }
            });
        }
    }

    /// The envelope's namespace, and CWMP's: its version.
    fn namespaces(&mut self, expected: &EnvelopeRef<'_>, actual: &EnvelopeRef<'_>) {
        let soap = [expected, actual].map(EnvelopeRef::soap_namespace);
        let cwmp = [expected, actual].map(EnvelopeRef::cwmp_namespace);
        let message = actual.message().unwrap_or(actual.element());
        for (name, [wanted, came], element) in [
            ("namespace soap", soap, actual.element()),
            ("namespace cwmp", cwmp, message),
        ] {
            if wanted != came {
                let [wanted, came] = [wanted, came].map(|uri| uri.map(str::to_owned));
                self.within(name, |walk| {
                    walk.differs(
                        DifferenceClass::Value,
                        wanted,
                        came,
                        Some(start_tag(element)),
                    );
                });
            }
        }
    }

    /// Does something one step further in.
    fn within(&mut self, segment: &str, act: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if !self.path.is_empty() {
            self.path.push('/');
        }
        self.path.push_str(cut(segment));
        act(self);
        self.path.truncate(length);
    }

    /// The matcher for where the walk is, and for a parameter that of its value.
    fn matcher(&mut self) -> Option<&'w Matcher> {
        if self.rules.matchers.is_empty() {
            return None;
        }
        let (key, matcher) = self.matcher_here()?;
        self.use_matcher(key);
        Some(matcher)
    }

    fn matcher_here(&self) -> Option<(&'w String, &'w Matcher)> {
        let matchers = &self.rules.matchers;
        let item = self.path.strip_suffix("/Value");
        for at in [Some(self.path.as_str()), item].into_iter().flatten() {
            let with_message = || matchers.get_key_value(&format!("{}.{at}", self.message));
            let known = matchers.get_key_value(at).or_else(with_message);
            if known.is_some() {
                return known;
            }
        }
        let is_here = |pattern: &str| {
            let at = |path: &str| place::is(pattern, &self.message, path);
            at(&self.path) || item.is_some_and(at)
        };
        let found = self.globs.iter().find(|(pattern, _)| is_here(pattern));
        found.copied()
    }

    fn use_matcher(&mut self, key: &str) {
        let at = self.rules.matchers.keys().position(|known| known == key);
        if let Some(used) = at.and_then(|at| self.used.get_mut(at)) {
            *used = true;
        }
    }

    /// A matcher whose place did not come says so, unless nothing was to come.
    fn unused_matchers(&mut self) {
        let rules = self.rules;
        let used = std::mem::take(&mut self.used);
        for ((key, matcher), used) in rules.matchers.iter().zip(used) {
            let is_head = key.starts_with("header ") || key.starts_with("http ");
            if used || is_head || matcher.is_absent() || matcher.is_of_list() {
                continue;
            }
            self.within(key, |walk| {
                walk.differs(
                    DifferenceClass::Missing,
                    Some(matcher.to_string()),
                    None,
                    None,
                );
            });
        }
    }

    /// Notes a difference here, unless this place is not compared.
    fn differs(
        &mut self,
        class: DifferenceClass,
        expected: Option<String>,
        actual: Option<String>,
        mark: Option<std::ops::Range<usize>>,
    ) {
        let mut patterns = self.rules.ignore.iter();
        let ignored = patterns.find(|pattern| place::means(pattern, &self.message, &self.path));
        if let Some(pattern) = ignored {
            self.found.ignore(pattern);
            return;
        }
        self.found.add(Draft {
            class,
            place: self.path.clone(),
            expected,
            actual,
            mark: mark.map(|range| (Part::Body, range)),
        });
    }
}

/// A step of a place: a name may be as long as the body, and all that stands in it would have it in its place.
fn cut(segment: &str) -> &str {
    let mut end = segment.len().min(SEGMENT_BYTES_MAX);
    while !segment.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    segment.get(..end).unwrap_or_default()
}

/// What a message is called in a difference: a fault with its code.
fn name_of(envelope: &EnvelopeRef<'_>) -> String {
    let name = envelope.message_name().unwrap_or("empty envelope");
    match envelope.fault().and_then(|fault| fault.code) {
        Some(code) => format!("{name} {}", code.trim()),
        None => name.to_owned(),
    }
}

fn class_of(is_expected: bool, came: bool) -> DifferenceClass {
    match (is_expected, came) {
        (true, false) => DifferenceClass::Missing,
        (false, true) => DifferenceClass::Extra,
        _ => DifferenceClass::Value,
    }
}

/// HoldRequests and NoMoreRequests are false where they are absent (TR-069 Amendment 3 section 3.4.2, Table 4).
fn is_same_header(name: &str, expected: Option<&String>, actual: Option<&String>) -> bool {
    let is_flag = matches!(name, "HoldRequests" | "NoMoreRequests");
    let truth =
        |text: Option<&String>| text.map_or(Some(false), |text| super::scalar::boolean(text));
    is_flag && truth(expected).is_some() && truth(expected) == truth(actual)
}

/// `EventCode: 1 BOOT, CommandKey:`, without secrets and without the name that it is told apart by.
fn members_of(args: Args<'_>) -> String {
    let is_told = |arg: &Arg<'_>| {
        let is_name = matches!(arg.name(), "Name" | "ParameterName");
        !is_name && arg.element().is_leaf() && !Masking::default().hides(arg.name())
    };
    let told = args.clone().filter(is_told).take(MEMBERS_TOLD_MAX);
    let told: Vec<String> = told
        .map(|arg| {
            let text = arg.element().text();
            format!("{}: {}", texts::short(arg.name()), texts::short(&text))
                .trim_end()
                .to_owned()
        })
        .collect();
    if told.is_empty() {
        return elements(args.count());
    }
    told.join(", ")
}

fn elements(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "1 element".to_owned(),
        count => format!("{count} elements"),
    }
}

fn start_tag(element: Element<'_>) -> std::ops::Range<usize> {
    element.offset()..element.content_offset().max(element.offset())
}

fn content(element: Element<'_>) -> std::ops::Range<usize> {
    let start = element.content_offset();
    start..start.saturating_add(element.content().len())
}

fn whole(element: Element<'_>) -> std::ops::Range<usize> {
    element.offset()..element.end()
}

/// The text of an argument, or what else it holds in a few words.
fn words_of(arg: &Arg<'_>) -> String {
    match arg.value() {
        Value::Scalar(text) => text.into_owned(),
        Value::Struct(args) => members_of(args),
        Value::Array(args) => elements(args.count()),
        Value::Mixed(element) => String::from_utf8_lossy(element.content()).trim().to_owned(),
    }
}

/// Bytes of one step of a place.
const SEGMENT_BYTES_MAX: usize = 1_024;
/// Members that are told of a structure.
const MEMBERS_TOLD_MAX: usize = 4;
/// What is counted where the same value is spelt in another way.
const SPELLING: &str = "spelling";
