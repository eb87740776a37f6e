//! What two messages are in HTTP: status, the headers that matter, framing, and whether the connection goes on.

use std::borrow::Cow;

use http1::{Framing, Kind, Message};

use super::found::{Draft, Found};
use super::{CompareRules, Matcher, Said, place};
use crate::session::excerpt::header_line;
use crate::session::{DifferenceClass, Part};

/// Compares the heads, as far as both sides have one.
pub(super) fn compare(
    expected: &Said<'_>,
    actual: &Said<'_>,
    rules: &CompareRules,
    found: &mut Found,
) {
    let mut heads = Heads {
        rules,
        found,
        http: actual.http,
    };
    if let (Some(wanted), Some(came)) = (expected.status(), actual.status()) {
        heads.texts(
            "http status",
            Some(&wanted.to_string()),
            Some(&came.to_string()),
        );
    }
    if let (Some(expected), Some(actual)) = (expected.http, actual.http) {
        heads.start_lines(expected, actual);
        heads.headers(expected, actual);
        heads.framing(expected, actual);
        heads.volatile(expected, actual);
    }
}

struct Heads<'w, 'a> {
    rules: &'w CompareRules,
    found: &'w mut Found,
    http: Option<&'a Message>,
}

impl Heads<'_, '_> {
    fn start_lines(&mut self, expected: &Message, actual: &Message) {
        if expected.kind() == Kind::Request && actual.kind() == Kind::Request {
            let methods = [expected, actual].map(|message| text(message.method()));
            self.texts("http method", Some(&methods[0]), Some(&methods[1]));
        }
        let versions = [expected, actual].map(|message| text(message.version()));
        self.texts("http version", Some(&versions[0]), Some(&versions[1]));
    }

    fn headers(&mut self, expected: &Message, actual: &Message) {
        for name in ["Content-Type", "SOAPAction", "Content-Encoding"] {
            let [wanted, came] = [expected, actual].map(|message| header(message, name));
            let place = format!("header {name}");
            if self.matched(&place, came.as_deref()) {
                continue;
            }
            let is_same = match (&wanted, &came) {
                (Some(wanted), Some(came)) => wanted == came || is_like(name, wanted, came),
                (wanted, came) => wanted == came,
            };
            if !is_same {
                self.differs(&place, wanted.as_deref(), came.as_deref());
            } else if wanted != came {
                self.found.ignore("spelling");
            }
        }
        let [wanted, came] = [expected, actual].map(goes_on);
        self.texts("header Connection", Some(wanted), Some(came));
    }

    /// How the end of the body is told; of a message without a body that says nothing.
    fn framing(&mut self, expected: &Message, actual: &Message) {
        if expected.body_bytes == 0 || actual.body_bytes == 0 {
            return;
        }
        let [wanted, came] = [expected, actual].map(|message| framing(message.framing));
        self.texts("http framing", Some(wanted), Some(came));
    }

    fn volatile(&mut self, expected: &Message, actual: &Message) {
        for name in VOLATILE {
            if expected.header(name) != actual.header(name) {
                self.found.ignore(&format!("header {name}"));
            }
        }
    }

    fn texts(&mut self, place: &str, expected: Option<&str>, actual: Option<&str>) {
        if !self.matched(place, actual) && expected != actual {
            self.differs(place, expected, actual);
        }
    }

    /// Whether a matcher stands for this place; what it does not take is told.
    fn matched(&mut self, place: &str, actual: Option<&str>) -> bool {
        let Some(matcher) = self.rules.matchers.get(place) else {
            return false;
        };
        if !fits(matcher, actual) {
            self.differs(place, Some(&matcher.to_string()), actual);
        }
        true
    }

    fn differs(&mut self, place: &str, expected: Option<&str>, actual: Option<&str>) {
        let mut ignore = self.rules.ignore.iter();
        if let Some(pattern) =
            ignore.find(|pattern| place::means(pattern, self.found.message(), place))
        {
            self.found.ignore(pattern);
            return;
        }
        let mark = self.http.map(|http| {
            let name = place.strip_prefix("header ").unwrap_or_default();
            header_line(http.view().raw(), name)
        });
        self.found.add(Draft {
            class: DifferenceClass::Transport,
            place: place.to_owned(),
            expected: expected.map(str::to_owned),
            actual: actual.map(str::to_owned),
            mark: mark.map(|range| (Part::Head, range)),
        });
    }
}

fn fits(matcher: &Matcher, actual: Option<&str>) -> bool {
    match actual {
        Some(text) => matcher.takes(text, None),
        None => matcher.is_absent(),
    }
}

fn header(message: &Message, name: &str) -> Option<String> {
    message.header(name).map(|value| text(&value).into_owned())
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Media types and codings: case and blanks say nothing there, nor do quotes (RFC 9110 section 8.3.1). A SOAPAction is a
/// quoted URI, empty or not: `""` and nothing differ (SOAP 1.1 section 6.1.1).
fn is_like(name: &str, expected: &str, actual: &str) -> bool {
    let plain = |value: &str| -> String {
        let letters = value.chars().filter(|c| !c.is_whitespace() && *c != '"');
        letters.flat_map(char::to_lowercase).collect()
    };
    name != "SOAPAction" && plain(expected) == plain(actual)
}

/// Whether the connection may be used again (RFC 9112 section 9.3).
fn goes_on(message: &Message) -> &'static str {
    let says = |token: &str| {
        message.header_all("Connection").any(|value| {
            let mut tokens = value.split(|byte| *byte == b',');
            tokens.any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
        })
    };
    let is_new = message
        .version_number()
        .is_none_or(|version| version >= (1, 1));
    if says("close") || !(is_new || says("keep-alive")) {
        "close"
    } else {
        "keep-alive"
    }
}

fn framing(framing: Framing) -> &'static str {
    match framing {
        Framing::None => "no body",
        Framing::ContentLength(_) => "Content-Length",
        Framing::Chunked { .. } => "Transfer-Encoding: chunked",
        Framing::UntilClose => "until the connection closes",
    }
}

/// Headers whose values are made anew: cookies, credentials, times.
const VOLATILE: [&str; 8] = [
    "Date",
    "Expires",
    "Cookie",
    "Set-Cookie",
    "Authorization",
    "WWW-Authenticate",
    "Proxy-Authorization",
    "Proxy-Authenticate",
];
