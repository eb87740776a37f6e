//! The head of an HTTP-like datagram: a first line, header lines, an empty line, and what follows.

use crate::anomaly::{Anomalies, AnomalyKind};
use crate::span::Span;

/// A header line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// Its name, without blanks around it.
    pub name: Span,
    /// Its value, without blanks around it.
    pub value: Span,
}

/// A head, taken apart.
#[derive(Debug)]
pub(crate) struct Head {
    /// The first line without its end.
    pub(crate) first_line: Span,
    pub(crate) headers: Vec<Header>,
    /// What is behind the empty line; nothing if there is none.
    pub(crate) body: Span,
}

impl Head {
    /// The first header of a name, in whatever case.
    pub(crate) fn find<'a>(headers: &'a [Header], bytes: &[u8], name: &str) -> Option<&'a Header> {
        headers
            .iter()
            .find(|header| header.name.of(bytes).eq_ignore_ascii_case(name.as_bytes()))
    }
}

/// Reads a head; `whole` says that the capture did not cut it.
pub(crate) fn read(bytes: &[u8], whole: bool, anomalies: &mut Anomalies) -> Head {
    let mut headers = Vec::new();
    let mut first_line = None;
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(b'\n', rest)) {
        let feed = at.saturating_add(found);
        let line = line(bytes, at, feed, anomalies);
        at = feed.saturating_add(1);
        if first_line.is_none() {
            first_line = Some(line);
        } else if line.trimmed(bytes).is_empty() {
            let body = Span::new(at, bytes.len());
            let first_line = first_line.unwrap_or_default();
            return Head {
                first_line,
                headers,
                body,
            };
        } else {
            header(bytes, line, &mut headers, anomalies);
        }
    }
    let rest = Span::new(at, bytes.len());
    // Where the capture ends in a line, nothing is odd about that line.
    let mut unsure = Anomalies::default();
    match first_line {
        None => first_line = Some(rest),
        Some(_) if rest.is_empty() => (),
        Some(_) if whole => header(bytes, rest, &mut headers, anomalies),
        Some(_) => header(bytes, rest, &mut headers, &mut unsure),
    }
    if whole {
        anomalies.add(AnomalyKind::FinalLineMissing, bytes.len());
    }
    Head {
        first_line: first_line.unwrap_or_default(),
        headers,
        body: Span::new(bytes.len(), bytes.len()),
    }
}

/// A line without its end.
fn line(bytes: &[u8], start: usize, feed: usize, anomalies: &mut Anomalies) -> Span {
    let line = Span::new(start, feed);
    if line.of(bytes).ends_with(b"\r") {
        return Span::new(start, feed.saturating_sub(1));
    }
    anomalies.add_once(AnomalyKind::BareLineFeed, feed);
    line
}

fn header(bytes: &[u8], line: Span, headers: &mut Vec<Header>, anomalies: &mut Anomalies) {
    let text = line.of(bytes);
    if text.first().is_some_and(u8::is_ascii_whitespace) {
        anomalies.add_once(AnomalyKind::HeaderIndented, line.start);
    }
    let colon = memchr::memchr(b':', text).map(|found| line.start.saturating_add(found));
    let Some(colon) = colon else {
        anomalies.add_once(AnomalyKind::HeaderOdd, line.start);
        return;
    };
    let name = Span::new(line.start, colon).trimmed(bytes);
    let value = Span::new(colon.saturating_add(1), line.end).trimmed(bytes);
    if name.is_empty() {
        anomalies.add_once(AnomalyKind::HeaderOdd, line.start);
    }
    if headers.len() < HEADERS_MAX {
        headers.push(Header { name, value });
    } else {
        anomalies.add_once(AnomalyKind::HeadersTooMany, line.start);
    }
}

/// Header lines kept: real datagrams have one to four.
const HEADERS_MAX: usize = 32;
