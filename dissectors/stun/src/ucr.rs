//! UDP Connection Requests: one datagram that asks a device for a session (TR-111 section 2.2.2.3; TR-069 Amendment 3
//! section G.2.2.3), and the near misses that real servers send.

mod copies;
mod draft;
mod query;
mod recognise;
mod request_line;
mod verify;

use std::borrow::Cow;

use crate::anomaly::{Anomalies, Anomaly, AnomalyKind};
use crate::head::{self, Head, Header};
use crate::span::Span;

pub use copies::Likeness;
pub use draft::Draft;
pub use query::{Name, Parameter, percent_decoded};
pub use recognise::recognise;
pub use request_line::Target;

/// A UDP Connection Request, as far as the capture has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method: GET in well-formed requests.
    pub method: Span,
    /// The request target in its parts.
    pub target: Target,
    /// The version, empty if the request line has none.
    pub version: Span,
    /// The query's parameters in the order of the wire, unknown and repeated ones among them.
    pub parameters: Vec<Parameter>,
    /// The header lines.
    pub headers: Vec<Header>,
    /// What follows the empty line: nothing in well-formed requests.
    pub body: Span,
    /// What was odd.
    pub anomalies: Vec<Anomaly>,
    bytes: Vec<u8>,
    wire_bytes: usize,
}

/// Reads a UDP payload of `wire_bytes` on the wire; `None` if it is no UDP Connection Request at all.
///
/// To fuzz it, take the first two input bytes as what to add to the length of the rest for `wire_bytes`, and assert that
/// every [`Span`] that comes out ends inside the payload and that [`Request::verify`] and [`Request::likeness`] return.
pub fn parse(payload: &[u8], wire_bytes: usize) -> Option<Request> {
    let wire_bytes = wire_bytes.max(payload.len());
    if !recognise(payload, wire_bytes) {
        return None;
    }
    let whole = payload.len() == wire_bytes;
    let mut anomalies = Anomalies::default();
    let head = head::read(payload, whole, &mut anomalies);
    let line = request_line::read(payload, head.first_line, whole, &mut anomalies);
    let query = line.target.query.unwrap_or_default();
    let cut = !whole && query.end == payload.len();
    let parameters = query::read(payload, query, cut, &mut anomalies);
    let mut request = Request {
        method: line.method,
        target: line.target,
        version: line.version,
        parameters,
        headers: head.headers,
        body: head.body,
        anomalies: Vec::new(),
        bytes: payload.to_vec(),
        wire_bytes,
    };
    request.check_values(cut, &mut anomalies);
    request.check_headers(&mut anomalies);
    request.anomalies = anomalies.list;
    request.anomalies.sort_by_key(|anomaly| anomaly.offset);
    Some(request)
}

impl Request {
    /// The UDP payload as far as the capture has it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes of the UDP payload on the wire.
    pub fn wire_bytes(&self) -> usize {
        self.wire_bytes
    }

    /// Whether the capture has less of the payload than there was on the wire.
    pub fn is_truncated(&self) -> bool {
        self.bytes.len() < self.wire_bytes
    }

    /// The bytes of a range.
    pub fn raw(&self, span: Span) -> &[u8] {
        span.of(&self.bytes)
    }

    /// The first parameter of the five by its name.
    pub fn parameter(&self, name: Name) -> Option<&Parameter> {
        let same = |found: &&Parameter| found.kind == Some(name);
        self.parameters.iter().find(same)
    }

    /// A parameter's value as on the wire.
    pub fn raw_value(&self, name: Name) -> Option<&[u8]> {
        Some(self.raw(self.parameter(name)?.value))
    }

    /// A parameter's value with percent-encoding undone and `+` read as a space.
    pub fn value(&self, name: Name) -> Option<Cow<'_, [u8]>> {
        Some(percent_decoded(self.raw_value(name)?, true))
    }

    /// `ts` in seconds since 1970, from milliseconds too ([`AnomalyKind::TimestampMilliseconds`] tells).
    pub fn timestamp_s(&self) -> Option<u64> {
        let number = number(&self.value(Name::Timestamp)?)?;
        Some(if number >= MILLISECONDS_MIN {
            number / 1000
        } else {
            number
        })
    }

    /// `id`, if it is a number of up to 64 bits.
    pub fn id(&self) -> Option<u64> {
        number(&self.value(Name::Id)?)
    }

    /// The first header of a name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let header = Head::find(&self.headers, &self.bytes, name)?;
        Some(self.raw(header.value))
    }

    /// The Host header.
    pub fn host(&self) -> Option<&[u8]> {
        self.header("Host")
    }

    fn check_values(&self, cut: bool, anomalies: &mut Anomalies) {
        let query = self.target.query.unwrap_or(self.target.all);
        for name in Name::ALL {
            let Some(parameter) = self.parameter(name) else {
                if !cut {
                    anomalies.add(AnomalyKind::ParameterMissing, query.start);
                }
                continue;
            };
            if cut && parameter.value.end == self.bytes.len() {
                continue;
            }
            if let Some(odd) = odd_value(name, &percent_decoded(self.raw(parameter.value), true)) {
                anomalies.add(odd, parameter.value.start);
            }
        }
    }

    fn check_headers(&self, anomalies: &mut Anomalies) {
        let named = |name: &'static str| {
            let same = move |found: &&Header| {
                let text = self.raw(found.name);
                text.eq_ignore_ascii_case(name.as_bytes())
            };
            self.headers.iter().filter(same)
        };
        let mut hosts = named("Host");
        if hosts.next().is_none() && !self.is_truncated() {
            anomalies.add(AnomalyKind::HostMissing, self.target.all.start);
        }
        if let Some(again) = hosts.next() {
            anomalies.add(AnomalyKind::HostRepeated, again.name.start);
        }
        if !self.body.is_empty() {
            anomalies.add(AnomalyKind::BodyPresent, self.body.start);
        }
        let body = self.wire_bytes.saturating_sub(self.body.start);
        let announced = |found: &&Header| number(self.raw(found.value)) != u64::try_from(body).ok();
        if let Some(length) = named("Content-Length").find(announced) {
            anomalies.add(AnomalyKind::ContentLengthOdd, length.value.start);
        }
    }
}

fn odd_value(name: Name, value: &[u8]) -> Option<AnomalyKind> {
    if value.is_empty() {
        return Some(AnomalyKind::ParameterEmpty);
    }
    let digits = value.iter().all(u8::is_ascii_digit);
    match name {
        Name::Timestamp if !digits => Some(AnomalyKind::TimestampOdd),
        Name::Timestamp => number(value)
            .is_none_or(|number| number >= MILLISECONDS_MIN)
            .then_some(AnomalyKind::TimestampMilliseconds),
        Name::Id => (!digits).then_some(AnomalyKind::IdOdd),
        Name::Signature if !value.iter().all(u8::is_ascii_hexdigit) => {
            Some(AnomalyKind::SignatureOdd)
        }
        Name::Signature => (value.len() != 40).then_some(AnomalyKind::SignatureLengthOdd),
        Name::Username | Name::Cnonce => None,
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// From here on a timestamp counts milliseconds: as seconds it would be the year 5138, as milliseconds it is 1973.
const MILLISECONDS_MIN: u64 = 100_000_000_000;

#[cfg(test)]
mod tests;
