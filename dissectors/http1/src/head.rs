//! A message's head: where its parts stand in the raw bytes.

use std::borrow::Cow;

use crate::Kind;
use crate::recognise::{VERSION_NAME, is_blank};

/// Where the parts of a head stand; read through [`HeadView`], which has the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub(crate) kind: Kind,
    pub(crate) complete: bool,
    /// Bytes of the head, its empty line included.
    pub(crate) bytes: u32,
    /// Bytes of the start line with its line end.
    pub(crate) start_bytes: u32,
    /// Method, target, version; or version, status, reason.
    pub(crate) start: [Span; 3],
    /// Of a response; 0 for a request, or where none can be read.
    pub(crate) status: u16,
    pub(crate) headers: Vec<HeaderSpan>,
    /// Where the lines behind the last listed header begin.
    pub(crate) headers_end: u32,
}

impl Head {
    /// Reads the status, once the parts of the start line are known.
    pub(crate) fn with_status(mut self, raw: &[u8]) -> Self {
        let digits = HeadView::new(&self, raw).part(Kind::Response, 1);
        let status = std::str::from_utf8(digits).ok();
        self.status = status.and_then(|text| text.parse().ok()).unwrap_or(0);
        self
    }

    pub(crate) fn empty(kind: Kind) -> Self {
        Self {
            kind,
            complete: false,
            bytes: 0,
            start_bytes: 0,
            start: [Span::default(); 3],
            status: 0,
            headers: Vec::new(),
            headers_end: 0,
        }
    }
}

/// A piece of the raw bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// Saturates: tables never reach beyond 32 bits, [`crate::Limits`] are clamped.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self {
            start: position(start),
            end: position(end),
        }
    }

    pub(crate) fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    pub(crate) fn of(self, raw: &[u8]) -> &[u8] {
        raw.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

pub(crate) fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// One header: its name, and its value from the first to the last byte that is not blank, folds included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeaderSpan {
    pub(crate) name: Span,
    pub(crate) value: Span,
    /// Where its first line begins.
    pub(crate) line: u32,
    pub(crate) folded: bool,
}

impl HeaderSpan {
    /// Is this its name, in whatever case?
    fn is(&self, raw: &[u8], name: &str) -> bool {
        self.name.len() == name.len() && self.name.of(raw).eq_ignore_ascii_case(name.as_bytes())
    }
}

/// A head together with its bytes.
#[derive(Clone, Copy, Debug)]
pub struct HeadView<'a> {
    head: &'a Head,
    raw: &'a [u8],
}

impl<'a> HeadView<'a> {
    /// `raw` begins with the head.
    pub(crate) fn new(head: &'a Head, raw: &'a [u8]) -> Self {
        Self { head, raw }
    }

    /// Request or response.
    pub fn kind(&self) -> Kind {
        self.head.kind
    }

    /// Was the head read to its empty line?
    pub fn is_complete(&self) -> bool {
        self.head.complete
    }

    /// The bytes of the head, its empty line included.
    pub fn raw(&self) -> &'a [u8] {
        self.raw.get(..self.head.bytes as usize).unwrap_or(self.raw)
    }

    fn part(&self, kind: Kind, index: usize) -> &'a [u8] {
        let span = self
            .head
            .start
            .get(index)
            .filter(|_| self.head.kind == kind);
        span.map_or(&[], |span| span.of(self.raw))
    }

    /// The method of a request; empty for a response.
    pub fn method(&self) -> &'a [u8] {
        self.part(Kind::Request, 0)
    }

    /// The target of a request as it stands there; empty for a response.
    pub fn target(&self) -> &'a [u8] {
        self.part(Kind::Request, 1)
    }

    /// The status of a response; 0 for a request, or where none can be read.
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// The reason phrase of a response; empty for a request, or where there is none.
    pub fn reason(&self) -> &'a [u8] {
        self.part(Kind::Response, 2)
    }

    /// The version as it stands there: `HTTP/1.1`.
    pub fn version(&self) -> &'a [u8] {
        match self.head.kind {
            Kind::Request => self.part(Kind::Request, 2),
            Kind::Response => self.part(Kind::Response, 0),
        }
    }

    /// Major and minor version, where they can be read.
    pub fn version_number(&self) -> Option<(u32, u32)> {
        let version = self.version();
        if version == b"HTTP/1.1" {
            return Some((1, 1));
        }
        let text = std::str::from_utf8(version.get(VERSION_NAME.len()..)?).ok()?;
        let (major, minor) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        Some((major.parse().ok()?, minor.parse().ok()?))
    }

    /// Is this an interim response (1xx)?
    pub fn is_interim(&self) -> bool {
        (100..200).contains(&self.status())
    }

    /// The headers, in wire order and case.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = Header<'a>> + use<'a> {
        let (head, raw) = (self.head, self.raw);
        head.headers.iter().enumerate().map(move |(index, span)| {
            let next = index.saturating_add(1);
            let end = head
                .headers
                .get(next)
                .map_or(head.headers_end, |next| next.line);
            Header::new(raw, *span, end)
        })
    }

    /// The names of the headers, in wire order and case.
    pub fn header_names(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        let (head, raw) = (self.head, self.raw);
        head.headers.iter().map(move |span| span.name.of(raw))
    }

    /// The value of the first header of this name, in whatever case.
    pub fn header(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        let raw = self.raw;
        let span = self.head.headers.iter().find(|span| span.is(raw, name))?;
        Some(unfolded(span.value.of(raw), span.folded))
    }

    /// The values of all headers of this name, in whatever case.
    pub fn header_all<'n>(
        &self,
        name: &'n str,
    ) -> impl Iterator<Item = Cow<'a, [u8]>> + use<'a, 'n> {
        let (head, raw) = (self.head, self.raw);
        head.headers
            .iter()
            .filter(move |span| span.is(raw, name))
            .map(move |span| unfolded(span.value.of(raw), span.folded))
    }

    /// The media type of the body, without parameters: `text/xml`.
    pub fn content_type(&self) -> Option<Cow<'a, [u8]>> {
        let value = self.header("Content-Type")?;
        let end = memchr::memchr(b';', &value).unwrap_or(value.len());
        Some(part_of(value, end))
    }

    /// The charset parameter of the Content-Type, without quotes.
    pub fn charset(&self) -> Option<Cow<'a, [u8]>> {
        match self.header("Content-Type")? {
            Cow::Borrowed(value) => charset_of(value),
            Cow::Owned(value) => charset_of(&value).map(|charset| Cow::Owned(charset.into_owned())),
        }
    }
}

fn charset_of(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    value.split(|b| *b == b';').skip(1).find_map(|parameter| {
        let mut parts = parameter.splitn(2, |b| *b == b'=');
        let name = parts.next()?.trim_ascii();
        let charset = parts.next()?.trim_ascii();
        let quote = |b: &u8| matches!(b, b'"' | b'\'');
        let bare = || {
            if charset.iter().any(quote) {
                let bytes = charset.iter().copied().filter(|b| !quote(b));
                return Cow::Owned(bytes.collect());
            }
            Cow::Borrowed(charset)
        };
        name.eq_ignore_ascii_case(b"charset").then(bare)
    })
}

fn part_of(value: Cow<'_, [u8]>, end: usize) -> Cow<'_, [u8]> {
    match value {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(..end).unwrap_or(bytes).trim_ascii()),
        Cow::Owned(bytes) => Cow::Owned(bytes.get(..end).unwrap_or(&bytes).trim_ascii().to_vec()),
    }
}

/// One header of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name as on the wire, without blanks; of a line without a colon, all of it.
    pub name: &'a [u8],
    /// The value without blanks around it, folds replaced by a space (RFC 9112 section 5.2).
    pub value: Cow<'a, [u8]>,
    /// The value as on the wire, folds included.
    pub raw_value: &'a [u8],
    /// Its line or lines, line ends included.
    pub line: &'a [u8],
    /// Where its line begins, in bytes from the start of the message.
    pub offset: u64,
    value_start: u32,
}

impl<'a> Header<'a> {
    /// `end`: where the next line begins.
    pub(crate) fn new(raw: &'a [u8], span: HeaderSpan, end: u32) -> Self {
        let raw_value = span.value.of(raw);
        Self {
            name: span.name.of(raw),
            value: unfolded(raw_value, span.folded),
            raw_value,
            line: Span {
                start: span.line,
                end,
            }
            .of(raw),
            offset: u64::from(span.line),
            value_start: span.value.start.saturating_sub(span.line),
        }
    }

    /// Where in its line the value begins and ends.
    pub(crate) fn value_in_line(&self) -> (usize, usize) {
        let start = self.value_start as usize;
        (start, start.saturating_add(self.raw_value.len()))
    }
}

fn unfolded(value: &[u8], folded: bool) -> Cow<'_, [u8]> {
    if !folded {
        return Cow::Borrowed(value);
    }
    let mut text = Vec::with_capacity(value.len());
    for line in value.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let start = line
            .iter()
            .position(|b| !is_blank(*b))
            .unwrap_or(line.len());
        let end = line
            .iter()
            .rposition(|b| !is_blank(*b))
            .map_or(start, |at| at.saturating_add(1));
        if !text.is_empty() {
            text.push(b' ');
        }
        text.extend_from_slice(line.get(start..end).unwrap_or_default());
    }
    Cow::Owned(text)
}
