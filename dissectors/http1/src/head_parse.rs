//! Reads a head: httparse for the plain case, line by line for everything else. Both give the same table.

use std::mem::MaybeUninit;

use crate::Kind;
use crate::anomaly::{Anomalies, AnomalyKind};
use crate::head::{Head, HeaderSpan, Span, position};
use crate::recognise::{
    VERSION_NAME, is_blank, is_control, is_token_byte, split_last_word, split_line_end,
};

/// Reads the head that `raw` is, start line to empty line, or as far as it goes.
///
/// `plain`: it is complete and every line ends in CR LF.
pub(crate) fn parse_head(
    raw: &[u8],
    kind: Kind,
    plain: bool,
    headers_max: usize,
    anomalies: &mut Anomalies,
) -> Head {
    if plain && let Some(head) = parse_plain(raw, kind, headers_max) {
        if kind == Kind::Request && head.start[0].of(raw).iter().any(u8::is_ascii_lowercase) {
            anomalies.add(AnomalyKind::OddMethod, 0);
        }
        return head.with_status(raw);
    }
    Tolerant {
        raw,
        kind,
        headers_max,
        anomalies,
    }
    .parse()
    .with_status(raw)
}

fn parse_plain(raw: &[u8], kind: Kind, headers_max: usize) -> Option<Head> {
    let mut room = [const { MaybeUninit::<httparse::Header<'_>>::uninit() }; PLAIN_HEADERS_MAX];
    let mut table = Head::empty(kind);
    let start_bytes = memchr::memchr(b'\n', raw)?.checked_add(1)?;
    let line = start_bytes.checked_sub(2)?;
    let headers: &[httparse::Header<'_>] = match kind {
        Kind::Request => {
            let mut request = httparse::Request::new(&mut []);
            let status = request.parse_with_uninit_headers(raw, &mut room).ok()?;
            let (method, target) = (request.method?.len(), request.path?.len());
            let at = method.checked_add(1)?;
            let version = line.checked_sub(PLAIN_VERSION_BYTES)?;
            // One space each: otherwise the parts do not add up to the line.
            if !status.is_complete() || at.checked_add(target)?.checked_add(1)? != version {
                return None;
            }
            table.start = [
                Span::new(0, method),
                Span::new(at, at.checked_add(target)?),
                Span::new(version, line),
            ];
            request.headers
        }
        Kind::Response => {
            let mut response = httparse::Response::new(&mut []);
            let config = httparse::ParserConfig::default();
            let status = config
                .parse_response_with_uninit_headers(&mut response, raw, &mut room)
                .ok()?;
            let code = PLAIN_VERSION_BYTES + 1;
            let reason = code + 4;
            if !status.is_complete() || reason > line || !(100..600).contains(&response.code?) {
                return None;
            }
            table.start = [
                Span::new(0, PLAIN_VERSION_BYTES),
                Span::new(code, code + 3),
                Span::new(reason, line),
            ];
            response.headers
        }
    };
    if headers.len() > headers_max {
        return None;
    }
    table.headers.reserve_exact(headers.len());
    for header in headers {
        table.headers.push(plain_header(raw, header)?);
    }
    table.complete = true;
    table.bytes = position(raw.len());
    table.start_bytes = position(start_bytes);
    table.headers_end = position(raw.len().saturating_sub(2));
    Some(table)
}

fn plain_header(raw: &[u8], header: &httparse::Header<'_>) -> Option<HeaderSpan> {
    let start = header
        .name
        .as_ptr()
        .addr()
        .checked_sub(raw.as_ptr().addr())?;
    let end = start.checked_add(header.name.len())?;
    let value = if header.value.is_empty() {
        end.checked_add(1)?
    } else {
        header
            .value
            .as_ptr()
            .addr()
            .checked_sub(raw.as_ptr().addr())?
    };
    Some(HeaderSpan {
        name: Span::new(start, end),
        value: Span::new(value, value.checked_add(header.value.len())?),
        line: position(start),
        folded: false,
    })
}

/// The headers of `raw` from `at` on, as a trailer section holds them (RFC 9112 section 7.1.2).
pub(crate) fn parse_trailers(raw: &[u8], at: usize, anomalies: &mut Anomalies) -> Vec<HeaderSpan> {
    let mut head = Head::empty(Kind::Request);
    let headers_max = usize::MAX;
    Tolerant {
        raw,
        kind: Kind::Request,
        headers_max,
        anomalies,
    }
    .headers(at, &mut head);
    head.headers
}

/// The path for whatever httparse refuses.
struct Tolerant<'a, 'b> {
    raw: &'a [u8],
    kind: Kind,
    headers_max: usize,
    anomalies: &'b mut Anomalies,
}

impl<'a> Tolerant<'a, '_> {
    fn parse(mut self) -> Head {
        let mut head = Head::empty(self.kind);
        let start = self.line(0);
        head.start_bytes = position(start.len());
        let content = self.content(start, 0);
        head.start = match self.kind {
            Kind::Request => self.request_line(content),
            Kind::Response => self.status_line(content),
        };
        self.headers(start.len(), &mut head);
        head.bytes = position(self.raw.len());
        head
    }

    /// The line at `at`, with its end.
    fn line(&self, at: usize) -> &'a [u8] {
        let rest = self.raw.get(at..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end.saturating_add(1));
        rest.get(..end).unwrap_or_default()
    }

    fn content(&mut self, line: &'a [u8], at: usize) -> &'a [u8] {
        let (content, bare) = split_line_end(line);
        if bare {
            self.anomalies
                .add_once(AnomalyKind::BareLineFeed, at.saturating_add(content.len()));
        }
        content
    }

    fn request_line(&mut self, line: &[u8]) -> [Span; 3] {
        let end = trimmed_end(line, line.len());
        let method = line
            .iter()
            .position(|b| is_blank(*b))
            .unwrap_or(end)
            .min(end);
        let (before, last) = split_last_word(line.get(..end).unwrap_or_default());
        let is_version = last
            .get(..VERSION_NAME.len())
            .is_some_and(|name| name.eq_ignore_ascii_case(VERSION_NAME));
        let version = if is_version {
            before.len().max(method)
        } else {
            end
        };
        let target = first_visible(line, method, version);
        let target = Span::new(target, trimmed_end(line, version).max(target));
        let spans = [Span::new(0, method), target, Span::new(version, end)];
        self.check_request_line(line, spans);
        spans
    }

    fn check_request_line(&mut self, line: &[u8], [method, target, version]: [Span; 3]) {
        let bytes = method.of(line);
        if bytes
            .iter()
            .any(|b| !is_token_byte(*b) || b.is_ascii_lowercase())
        {
            self.anomalies.add(AnomalyKind::OddMethod, 0);
        }
        let bytes = target.of(line);
        if bytes.is_empty() || bytes.iter().any(|b| is_blank(*b) || is_control(*b)) {
            self.anomalies
                .add(AnomalyKind::OddTarget, target.start as usize);
        }
        self.check_version(version.of(line), version.start);
        let single = |a: Span, b: Span| {
            a.end.saturating_add(1) == b.start && line.get(a.end as usize) == Some(&b' ')
        };
        if !single(method, target) || !single(target, version) || version.end as usize != line.len()
        {
            self.anomalies
                .add(AnomalyKind::StartLineBlanks, method.end as usize);
        }
    }

    fn status_line(&mut self, line: &[u8]) -> [Span; 3] {
        let version = line.iter().position(|b| is_blank(*b)).unwrap_or(line.len());
        let status = first_visible(line, version, line.len());
        let digits = line
            .iter()
            .skip(status)
            .take_while(|b| !is_blank(**b))
            .count();
        let status = Span::new(status, status.saturating_add(digits));
        let separator = line.get(status.end as usize).is_some_and(|b| is_blank(*b));
        let reason = (status.end as usize)
            .saturating_add(usize::from(separator))
            .min(line.len());
        self.check_version(line.get(..version).unwrap_or_default(), 0);
        let code = status.of(line);
        if !matches!(code, [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']) {
            self.anomalies
                .add(AnomalyKind::OddStatus, status.start as usize);
        }
        if (status.start as usize) != version.saturating_add(1) || line.get(version) == Some(&b'\t')
        {
            self.anomalies.add(AnomalyKind::StartLineBlanks, version);
        }
        if !separator {
            self.anomalies.add(AnomalyKind::MissingReasonPhrase, reason);
        }
        [Span::new(0, version), status, Span::new(reason, line.len())]
    }

    fn check_version(&mut self, version: &[u8], at: u32) {
        if !matches!(version, b"HTTP/1.1" | b"HTTP/1.0") {
            self.anomalies.add(AnomalyKind::OddVersion, at as usize);
        }
    }

    fn headers(&mut self, mut at: usize, head: &mut Head) {
        loop {
            let line = self.line(at);
            head.headers_end = position(at);
            if line.is_empty() {
                break;
            }
            let content = self.content(line, at);
            if line.ends_with(b"\n") && matches!(content, b"" | b"\r") {
                if !content.is_empty() {
                    self.anomalies.add(AnomalyKind::OddLineEnd, at);
                }
                head.complete = true;
                break;
            }
            if !self.header(content, at, head) {
                self.anomalies.add(AnomalyKind::TooManyHeaders, at);
                // Who calls knows where a head is cut.
                head.complete = self.raw.ends_with(b"\n");
                break;
            }
            at = at.saturating_add(line.len());
        }
    }

    /// Takes one line; false: the table is full.
    fn header(&mut self, line: &[u8], at: usize, head: &mut Head) -> bool {
        if line.first().is_some_and(|b| is_blank(*b))
            && let Some(previous) = head.headers.last_mut()
        {
            self.anomalies.add(AnomalyKind::FoldedHeader, at);
            let end = trimmed_end(line, line.len());
            if end > 0 {
                previous.folded = true;
                if previous.value.start == previous.value.end {
                    previous.value.start = position(at.saturating_add(first_visible(line, 0, end)));
                }
                previous.value.end = position(at.saturating_add(end));
            }
            self.check_value(line, at);
            return true;
        }
        if head.headers.len() >= self.headers_max {
            return false;
        }
        head.headers.push(self.header_line(line, at));
        true
    }

    fn header_line(&mut self, line: &[u8], at: usize) -> HeaderSpan {
        let colon = memchr::memchr(b':', line);
        let name = trimmed_end(line, colon.unwrap_or(line.len()));
        let value = colon.map_or(name, |colon| colon.saturating_add(1));
        let end = if colon.is_some() {
            trimmed_end(line, line.len()).max(value)
        } else {
            value
        };
        let value = if colon.is_some() && end > value {
            first_visible(line, value, end)
        } else {
            value
        };
        let bytes = line.get(..name).unwrap_or_default();
        if colon.is_none() {
            self.anomalies.add(AnomalyKind::HeaderWithoutColon, at);
        } else if bytes.is_empty() {
            self.anomalies.add(AnomalyKind::EmptyHeaderName, at);
        } else if bytes.iter().any(|b| !is_token_byte(*b)) {
            self.anomalies.add(AnomalyKind::OddHeaderName, at);
        }
        if colon.is_some_and(|colon| colon > name) {
            self.anomalies
                .add(AnomalyKind::BlankBeforeColon, at.saturating_add(name));
        }
        self.check_value(
            line.get(value..).unwrap_or_default(),
            at.saturating_add(value),
        );
        let span =
            |start: usize, end: usize| Span::new(at.saturating_add(start), at.saturating_add(end));
        HeaderSpan {
            name: span(0, name),
            value: span(value, end),
            line: position(at),
            folded: false,
        }
    }

    fn check_value(&mut self, value: &[u8], at: usize) {
        if let Some(odd) = value.iter().position(|b| is_control(*b)) {
            self.anomalies
                .add(AnomalyKind::OddHeaderValue, at.saturating_add(odd));
        }
    }
}

/// The first position from `start` below `end` that is not blank, or `end`.
fn first_visible(line: &[u8], start: usize, end: usize) -> usize {
    let blanks = line
        .get(start..end)
        .unwrap_or_default()
        .iter()
        .take_while(|b| is_blank(**b))
        .count();
    start.saturating_add(blanks)
}

/// `end` moved down over blanks.
fn trimmed_end(line: &[u8], end: usize) -> usize {
    let before = line.get(..end).unwrap_or_default();
    before
        .iter()
        .rposition(|b| !is_blank(*b))
        .map_or(0, |at| at.saturating_add(1))
}

/// More headers than this go the tolerant way.
const PLAIN_HEADERS_MAX: usize = 48;
/// `HTTP/1.1`
const PLAIN_VERSION_BYTES: usize = 8;
