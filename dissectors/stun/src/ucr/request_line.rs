//! The request line and its target in parts.

use crate::anomaly::{Anomalies, AnomalyKind};
use crate::span::Span;

/// A request target in its parts, each as on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// All of it.
    pub all: Span,
    /// The scheme without `://`.
    pub scheme: Option<Span>,
    /// Host and port.
    pub authority: Option<Span>,
    /// The path; empty in well-formed requests (TR-111 section 2.2.2.3).
    pub path: Span,
    /// What is behind the question mark.
    pub query: Option<Span>,
    /// What is behind the number sign.
    pub fragment: Option<Span>,
}

impl Target {
    /// The host, without the brackets of an IPv6 address, and the port if there is one.
    pub fn host_and_port<'a>(&self, bytes: &'a [u8]) -> Option<(&'a str, Option<u16>)> {
        host_and_port(std::str::from_utf8(self.authority?.of(bytes)).ok()?)
    }
}

fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(inside) => {
            let (host, behind) = inside.split_once(']')?;
            (host, behind.strip_prefix(':'))
        }
        None => match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = match port {
        Some(port) => Some(port.parse().ok()?),
        None => None,
    };
    (!host.is_empty()).then_some((host, port))
}

/// The parts of a request line.
pub(super) struct RequestLine {
    pub(super) method: Span,
    pub(super) target: Target,
    pub(super) version: Span,
}

/// Reads a request line; `whole` says that the capture did not cut the datagram.
pub(super) fn read(
    bytes: &[u8],
    line: Span,
    whole: bool,
    anomalies: &mut Anomalies,
) -> RequestLine {
    let text = line.of(bytes);
    let first = memchr::memchr(b' ', text).unwrap_or(text.len());
    let method = Span::new(line.start, line.start.saturating_add(first));
    let rest = Span::new(method.end, line.end);
    let version = version(bytes, rest);
    let target = Span::new(rest.start, version.start).trimmed(bytes);
    let cut = !whole && line.end == bytes.len();
    if method.of(bytes) != b"GET" {
        anomalies.add(AnomalyKind::MethodOdd, method.start);
    }
    if version.of(bytes) != b"HTTP/1.1" && !cut {
        anomalies.add(AnomalyKind::VersionOdd, version.start);
    }
    let blanks = Span::new(
        method.end.saturating_add(1),
        version.start.saturating_sub(1),
    );
    if !version.is_empty() && !cut && (blanks != target || version.end != line.end) {
        anomalies.add(AnomalyKind::RequestLineOdd, method.end);
    }
    let target = parts(bytes, target);
    check(bytes, &target, anomalies);
    RequestLine {
        method,
        target,
        version,
    }
}

/// The last word, if it begins as a version does: a query may hold blanks that somebody forgot to encode.
fn version(bytes: &[u8], rest: Span) -> Span {
    let rest = rest.trimmed(bytes);
    let text = rest.of(bytes);
    let blank = memchr::memrchr(b' ', text).map_or(0, |at| at.saturating_add(1));
    let word = Span::new(rest.start.saturating_add(blank), rest.end);
    let begins = word.of(bytes).get(..5).unwrap_or_default();
    if begins.eq_ignore_ascii_case(b"HTTP/") {
        return word;
    }
    Span::new(rest.end, rest.end)
}

fn parts(bytes: &[u8], all: Span) -> Target {
    let find = |from: Span, byte: u8| {
        let found = memchr::memchr(byte, from.of(bytes));
        found.map(|at| from.start.saturating_add(at))
    };
    let split = |from: Span, byte: u8| match find(from, byte) {
        Some(at) => (
            Span::new(from.start, at),
            Some(Span::new(at.saturating_add(1), from.end)),
        ),
        None => (from, None),
    };
    let (rest, fragment) = split(all, b'#');
    let (rest, query) = split(rest, b'?');
    let scheme = memchr::memmem::find(rest.of(bytes), b"://");
    let scheme = scheme.map(|at| Span::new(rest.start, rest.start.saturating_add(at)));
    let rest = match scheme {
        Some(scheme) => Span::new(scheme.end.saturating_add(3), rest.end),
        None => rest,
    };
    let slash = find(rest, b'/').unwrap_or(rest.end);
    let authority = Span::new(rest.start, slash);
    Target {
        all,
        scheme,
        authority: (scheme.is_some() || !authority.is_empty()).then_some(authority),
        path: Span::new(slash, rest.end),
        query,
        fragment,
    }
}

fn check(bytes: &[u8], target: &Target, anomalies: &mut Anomalies) {
    match target.scheme {
        None => anomalies.add(AnomalyKind::TargetNotAbsolute, target.all.start),
        Some(scheme) if !scheme.of(bytes).eq_ignore_ascii_case(b"http") => {
            anomalies.add(AnomalyKind::SchemeOdd, scheme.start);
        }
        Some(_) => (),
    }
    if let Some(authority) = target.authority
        && target.host_and_port(bytes).is_none()
    {
        anomalies.add(AnomalyKind::AuthorityOdd, authority.start);
    }
    if !target.path.is_empty() {
        anomalies.add(AnomalyKind::PathNotEmpty, target.path.start);
    }
    if let Some(fragment) = target.fragment {
        anomalies.add(AnomalyKind::FragmentPresent, fragment.start);
    }
}
