//! The datagram itself: its HTTP, its URI, its arguments. What it means to its device stands elsewhere.

use std::ops::Range;

use stun::ucr::{Name, Request};
use stun::{Anomaly, AnomalyKind};

use super::form_pages::{
    ABSOLUTE, ARGUMENTS, BODY, CLOCK, COMPLETE, EXTRA, HOST, ID, METHOD, PATH, TIMESTAMP,
};
use super::signed::SIGNATURE;
use super::way_pages::AUTHORITY;
use crate::conformance::{Draft, Findings, Rule};
use crate::session::{Datagram, Evidence, Severity};

/// Looks at the first copy of a request.
pub(super) fn look(datagram: &Datagram, request: &Request, findings: &mut Findings) {
    if datagram.copy_of.is_some() || datagram.evidence() != Evidence::Complete {
        return;
    }
    for anomaly in &request.anomalies {
        if let Some(draft) = judged(datagram, request, anomaly) {
            findings.add(draft);
        }
    }
    missing(datagram, request, findings);
    clock(datagram, request, findings);
}

fn judged(datagram: &Datagram, request: &Request, anomaly: &Anomaly) -> Option<Draft> {
    use AnomalyKind as Kind;
    let at = place(request, anomaly);
    let breaks = |rule: &'static Rule, said: &str| {
        let draft = Draft::of_datagram(rule, datagram).payload(at.clone());
        Some(draft.because(said))
    };
    let value = || text(request, at.clone());
    match anomaly.kind {
        Kind::BareLineFeed => breaks(&COMPLETE, "a line ends in a line feed alone"),
        Kind::FinalLineMissing => breaks(&COMPLETE, "the head has no empty line at its end"),
        Kind::VersionOdd => {
            let version = text(request, request.version.start..request.version.end);
            breaks(&COMPLETE, &format!("the version is {version}"))
        }
        Kind::RequestLineOdd => breaks(
            &COMPLETE,
            "the parts of the request line are not separated by one blank each",
        ),
        Kind::HeaderOdd | Kind::HeaderIndented => {
            breaks(&COMPLETE, "a header line has no name and colon")
                .map(|draft| draft.at_most(Severity::Warning))
        }
        Kind::MethodOdd => breaks(&METHOD, &format!("the method is {}", value())),
        Kind::TargetNotAbsolute => breaks(&ABSOLUTE, "the target is no absolute URI"),
        Kind::SchemeOdd => breaks(&ABSOLUTE, &format!("the scheme is {}", value())),
        Kind::FragmentPresent => breaks(&ABSOLUTE, "a fragment stands behind the query"),
        Kind::AuthorityOdd => breaks(&AUTHORITY, "the authority is no host with a port"),
        // Without an authority a path is all there can be.
        Kind::PathNotEmpty => request
            .target
            .scheme
            .and_then(|_| breaks(&PATH, &format!("the path is {}", value()))),
        Kind::ParameterCaseOdd => breaks(&ARGUMENTS, &format!("the name is {}", value())),
        Kind::PercentOdd => breaks(
            &ARGUMENTS,
            "a percent sign is not followed by two hexadecimal digits",
        ),
        Kind::QueryByteOdd => breaks(&ARGUMENTS, "a value holds bytes that are not encoded"),
        Kind::ParameterRepeated => Some(repeated(datagram, request, anomaly)),
        Kind::ParameterUnknown => breaks(&EXTRA, &format!("{} is none of the five", value())),
        Kind::ParametersTooMany => breaks(&EXTRA, "the query has more than 32 arguments"),
        Kind::ParameterEmpty => empty(datagram, request, anomaly),
        Kind::TimestampOdd => breaks(&TIMESTAMP, &format!("ts is {}, no number", value())),
        Kind::TimestampMilliseconds => breaks(
            &TIMESTAMP,
            &format!("ts is {}, no number of seconds", value()),
        ),
        Kind::IdOdd => breaks(&ID, &format!("id is {}", value())),
        Kind::SignatureOdd => breaks(&SIGNATURE, "sig holds other than hexadecimal digits"),
        Kind::SignatureLengthOdd => breaks(&SIGNATURE, &digits(at.len())),
        Kind::BodyPresent => Some(body(datagram, request)),
        Kind::ContentLengthOdd => breaks(&BODY, &format!("Content-Length is {}", value()))
            .filter(|_| request.body.is_empty()),
        Kind::HostMissing => breaks(&HOST, "there is no Host"),
        Kind::HostRepeated => {
            breaks(&HOST, "there are several Host").map(|draft| draft.at_most(Severity::Warning))
        }
        _ => None,
    }
}

/// What an anomaly is about, as a range of the payload.
fn place(request: &Request, anomaly: &Anomaly) -> Range<usize> {
    let at = anomaly.offset;
    let target = &request.target;
    let parts = [Some(request.method), target.scheme, Some(target.path)];
    let parts = parts.into_iter().flatten();
    let names = request.parameters.iter().map(|one| one.name);
    let values = request.parameters.iter().map(|one| one.value);
    let headers = request.headers.iter().map(|one| one.value);
    let mut all = parts.chain(names).chain(values).chain(headers);
    let found = all.find(|span| span.start == at && !span.is_empty());
    found.map_or(at..at.saturating_add(1), |span| span.start..span.end)
}

/// Wire text of a range, as far as a sentence bears it.
fn text(request: &Request, range: Range<usize>) -> String {
    let end = range.end.min(range.start.saturating_add(SAID_MAX));
    let bytes = request.bytes().get(range.start..end).unwrap_or_default();
    if bytes.is_empty() {
        return "missing".to_owned();
    }
    String::from_utf8_lossy(bytes).into_owned()
}

/// An argument that stands there again: with another value nobody knows which one counts.
fn repeated(datagram: &Datagram, request: &Request, anomaly: &Anomaly) -> Draft {
    let again = request
        .parameters
        .iter()
        .find(|one| one.name.start == anomaly.offset);
    let kind = again.and_then(|again| again.kind);
    let first = kind.and_then(|kind| request.raw_value(kind));
    let same = first == again.map(|again| request.raw(again.value));
    let name = kind.map_or("", Name::as_str);
    let (rule, said) = if same {
        (&EXTRA, format!("{name} stands there twice"))
    } else {
        (
            &ARGUMENTS,
            format!("{name} stands there twice, with two values"),
        )
    };
    let draft = Draft::of_datagram(rule, datagram).payload(place(request, anomaly));
    draft.because(said)
}

/// An argument without a value: ConnectionRequestUsername may be empty, and so may a random text that is a poor one.
fn empty(datagram: &Datagram, request: &Request, anomaly: &Anomaly) -> Option<Draft> {
    let parameter = request
        .parameters
        .iter()
        .find(|one| one.value.start == anomaly.offset)?;
    let (rule, said) = match parameter.kind? {
        Name::Timestamp => (&TIMESTAMP, "ts is empty"),
        Name::Id => (&ID, "id is empty"),
        Name::Signature => (&SIGNATURE, "sig is empty"),
        Name::Username | Name::Cnonce => return None,
    };
    let name = parameter.name;
    let draft = Draft::of_datagram(rule, datagram).payload(name.start..name.end);
    Some(draft.because(said))
}

fn missing(datagram: &Datagram, request: &Request, findings: &mut Findings) {
    let absent = Name::ALL.into_iter();
    let absent: Vec<&str> = absent
        .filter(|name| request.parameter(*name).is_none())
        .map(Name::as_str)
        .collect();
    if absent.is_empty() {
        return;
    }
    let query = request.target.query.unwrap_or(request.target.all);
    let said = format!("the query lacks {}", absent.join(" and "));
    let draft = Draft::of_datagram(&ARGUMENTS, datagram).payload(query.start..query.end);
    findings.add(draft.because(said));
}

fn digits(count: usize) -> String {
    let whose = match count {
        32 => ", as many as HMAC-MD5 has",
        64 => ", as many as HMAC-SHA256 has",
        128 => ", as many as HMAC-SHA512 has",
        _ => "",
    };
    format!("sig has {count} digits{whose}")
}

fn body(datagram: &Datagram, request: &Request) -> Draft {
    let span = request.body;
    let draft = Draft::of_datagram(&BODY, datagram).payload(span.start..span.end);
    let bytes = request.raw(span);
    if bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
        let said = "line ends follow the empty line";
        return draft.at_most(Severity::Warning).because(said);
    }
    draft.because(format!("{} bytes follow the empty line", bytes.len()))
}

/// UCR-023; of what is no number of seconds UCR-008 tells.
fn clock(datagram: &Datagram, request: &Request, findings: &mut Findings) {
    let odd = |anomaly: &Anomaly| anomaly.kind == AnomalyKind::TimestampMilliseconds;
    if request.anomalies.iter().any(odd) {
        return;
    }
    let Some(apart_s) = off_by_s(request, datagram.time.nanoseconds) else {
        return;
    };
    if apart_s.abs() <= WINDOW_S {
        return;
    }
    let which = if apart_s > 0 { "after" } else { "before" };
    let said = format!(
        "ts is {} s {which} the capture's clock",
        apart_s.unsigned_abs()
    );
    findings.add(Draft::of_datagram(&CLOCK, datagram).because(said));
}

/// Seconds that `ts` is later than this time.
pub(super) fn off_by_s(request: &Request, time_ns: i64) -> Option<i64> {
    let ts_s = i64::try_from(request.timestamp_s()?).ok()?;
    Some(ts_s.saturating_sub(time_ns / 1_000_000_000))
}

/// Bytes of the wire that a sentence shows.
const SAID_MAX: usize = 64;
/// Seconds that clocks may well be apart.
const WINDOW_S: i64 = 300;
