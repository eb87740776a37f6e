//! A message as fields, and the bytes they make: for replay, which changes some and must leave the others as recorded.
//!
//! Every separator, blank and line end is a field of its own, so that what was read is written again to the byte.

use crate::head::{HeadView, Header};
use crate::message::ChunkSpan;
use crate::{Framing, Message};

/// A message in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The start line.
    pub start: StartLineFields,
    /// The header lines, in their order.
    pub headers: Vec<HeaderField>,
    /// The empty line that ends the head; before it, lines beyond the bound of listed headers.
    pub head_end: Vec<u8>,
    /// The body as framed.
    pub body: BodyFields,
    /// What a cut message holds beyond its last whole part.
    pub rest: Vec<u8>,
}

/// A start line in parts, each followed by what separates it from the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartLineFields {
    /// Method, target, version; or version, status, reason phrase.
    pub parts: [Vec<u8>; 3],
    /// The blanks behind each; the last with the line end.
    pub separators: [Vec<u8>; 3],
}

/// A header line in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderField {
    /// The name.
    pub name: Vec<u8>,
    /// The colon with the blanks around it; empty in a line without one.
    pub separator: Vec<u8>,
    /// The value, folds included.
    pub value: Vec<u8>,
    /// Blanks behind the value, and the line end.
    pub end: Vec<u8>,
}

/// A body as framed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BodyFields {
    /// There is none, or it was not kept.
    #[default]
    None,
    /// Bytes whose end is told elsewhere.
    Plain(Vec<u8>),
    /// Chunks.
    Chunked {
        /// The chunks; of a whole body, the last is the empty one.
        chunks: Vec<ChunkFields>,
        /// The trailer fields.
        trailers: Vec<HeaderField>,
        /// The empty line behind them.
        end: Vec<u8>,
    },
}

/// A chunk in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChunkFields {
    /// The size as text, with any blanks.
    pub size: Vec<u8>,
    /// The extensions, from their first semicolon.
    pub extension: Vec<u8>,
    /// The line end behind the size.
    pub line_end: Vec<u8>,
    /// The data.
    pub data: Vec<u8>,
    /// The line end behind the data; none behind the last chunk.
    pub data_end: Vec<u8>,
}

impl Fields {
    /// A plain request without headers.
    pub fn request(method: &str, target: &str) -> Self {
        Self::plain([method.as_bytes(), target.as_bytes(), b"HTTP/1.1"])
    }

    /// A plain response without headers.
    pub fn response(status: u16, reason: &str) -> Self {
        Self::plain([
            b"HTTP/1.1",
            status.to_string().as_bytes(),
            reason.as_bytes(),
        ])
    }

    fn plain(parts: [&[u8]; 3]) -> Self {
        let separators = [b" ".to_vec(), b" ".to_vec(), LINE_END.to_vec()];
        let start = StartLineFields {
            parts: parts.map(<[u8]>::to_vec),
            separators,
        };
        Self {
            start,
            head_end: LINE_END.to_vec(),
            ..Self::default()
        }
    }

    /// The message's bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (part, separator) in self.start.parts.iter().zip(&self.start.separators) {
            out.extend_from_slice(part);
            out.extend_from_slice(separator);
        }
        self.headers
            .iter()
            .for_each(|header| header.write(&mut out));
        out.extend_from_slice(&self.head_end);
        match &self.body {
            BodyFields::None => {}
            BodyFields::Plain(bytes) => out.extend_from_slice(bytes),
            BodyFields::Chunked {
                chunks,
                trailers,
                end,
            } => {
                chunks.iter().for_each(|chunk| chunk.write(&mut out));
                trailers.iter().for_each(|trailer| trailer.write(&mut out));
                out.extend_from_slice(end);
            }
        }
        out.extend_from_slice(&self.rest);
        out
    }

    /// The first header of this name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&HeaderField> {
        self.headers.iter().find(|header| header.is(name))
    }

    /// Gives the first header of this name a value, keeping its place, case and blanks, or adds one at the end.
    pub fn set_header(&mut self, name: &str, value: &[u8]) {
        match self.headers.iter_mut().find(|header| header.is(name)) {
            Some(header) => header.value = value.to_vec(),
            None => self.headers.push(HeaderField::new(name, value)),
        }
    }

    /// Takes away all headers of this name, in whatever case.
    pub fn remove_header(&mut self, name: &str) {
        self.headers.retain(|header| !header.is(name));
    }

    /// Gives the message a body, as coded by its Content-Encoding: in one chunk where it was chunked, otherwise with its
    /// Content-Length. A body that the end of the connection delimits stays so.
    pub fn set_body(&mut self, bytes: Vec<u8>) {
        self.rest.clear();
        if let BodyFields::Chunked { chunks, end, .. } = &mut self.body {
            *chunks = ChunkFields::whole(bytes);
            *end = LINE_END.to_vec();
            return;
        }
        if self.header("Content-Length").is_some() || self.body == BodyFields::None {
            self.set_header("Content-Length", bytes.len().to_string().as_bytes());
        }
        self.body = BodyFields::Plain(bytes);
    }
}

impl From<&Message> for Fields {
    fn from(message: &Message) -> Self {
        let (raw, head) = (message.raw.as_slice(), &message.head);
        let mut start = StartLineFields::default();
        let next = [head.start[1].start, head.start[2].start, head.start_bytes];
        for (((span, next), part), separator) in head
            .start
            .iter()
            .zip(next)
            .zip(&mut start.parts)
            .zip(&mut start.separators)
        {
            *part = piece(raw, span.start, span.end);
            *separator = piece(raw, span.end, next);
        }
        let headers = HeadView::new(head, raw)
            .headers()
            .map(|header| HeaderField::from(&header))
            .collect();
        let mut fields = Self {
            start,
            headers,
            head_end: piece(raw, head.headers_end.max(head.start_bytes), head.bytes),
            ..Self::default()
        };
        fields.read_body(message);
        fields
    }
}

impl Fields {
    fn read_body(&mut self, message: &Message) {
        let bytes = message
            .raw
            .get(message.head.bytes as usize..)
            .unwrap_or_default();
        if bytes.is_empty() {
            return;
        }
        if !matches!(message.framing, Framing::Chunked { .. }) {
            self.body = BodyFields::Plain(bytes.to_vec());
            return;
        }
        let raw = message.raw.as_slice();
        let mut chunks: Vec<ChunkFields> = Vec::with_capacity(message.chunks.len());
        let mut at = message.head.bytes;
        for ChunkSpan { data, .. } in &message.chunks {
            add_chunk(
                &mut chunks,
                &piece(raw, at, data.start),
                piece(raw, data.start, data.end),
            );
            at = data.end;
        }
        let (mut trailers, mut end) = (Vec::new(), Vec::new());
        if let Some(trailer) = message.trailer {
            add_chunk(&mut chunks, &piece(raw, at, trailer.start), Vec::new());
            trailers = message.trailers().iter().map(HeaderField::from).collect();
            end = raw.get(trailer.end as usize..).unwrap_or_default().to_vec();
        } else {
            self.rest = raw.get(at as usize..).unwrap_or_default().to_vec();
        }
        self.body = BodyFields::Chunked {
            chunks,
            trailers,
            end,
        };
    }
}

/// Adds a chunk; `framing` is what stands between the data of the one before and its own.
fn add_chunk(chunks: &mut Vec<ChunkFields>, framing: &[u8], data: Vec<u8>) {
    let content = framing.strip_suffix(b"\n").unwrap_or(framing);
    let line = match memchr::memrchr(b'\n', content) {
        Some(before) if !chunks.is_empty() => before.saturating_add(1),
        _ => 0,
    };
    let (before, line) = framing.split_at_checked(line).unwrap_or_default();
    if let Some(previous) = chunks.last_mut() {
        previous.data_end = before.to_vec();
    }
    let (content, _) = crate::recognise::split_line_end(line);
    let size = memchr::memchr(b';', content).unwrap_or(content.len());
    chunks.push(ChunkFields {
        size: line.get(..size).unwrap_or_default().to_vec(),
        extension: line.get(size..content.len()).unwrap_or_default().to_vec(),
        line_end: line.get(content.len()..).unwrap_or_default().to_vec(),
        data,
        data_end: Vec::new(),
    });
}

fn piece(raw: &[u8], start: u32, end: u32) -> Vec<u8> {
    raw.get(start as usize..end as usize)
        .unwrap_or_default()
        .to_vec()
}

impl HeaderField {
    /// A plain header.
    pub fn new(name: &str, value: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            separator: b": ".to_vec(),
            value: value.to_vec(),
            end: LINE_END.to_vec(),
        }
    }

    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    fn write(&self, out: &mut Vec<u8>) {
        for part in [&self.name, &self.separator, &self.value, &self.end] {
            out.extend_from_slice(part);
        }
    }
}

impl From<&Header<'_>> for HeaderField {
    fn from(header: &Header<'_>) -> Self {
        let (value, end) = header.value_in_line();
        Self {
            name: header.name.to_vec(),
            separator: header
                .line
                .get(header.name.len()..value)
                .unwrap_or_default()
                .to_vec(),
            value: header.raw_value.to_vec(),
            end: header.line.get(end..).unwrap_or_default().to_vec(),
        }
    }
}

impl ChunkFields {
    /// `data` as a body of one chunk, with the empty one behind.
    fn whole(data: Vec<u8>) -> Vec<Self> {
        let last = Self {
            size: b"0".to_vec(),
            line_end: LINE_END.to_vec(),
            ..Self::default()
        };
        if data.is_empty() {
            return vec![last];
        }
        let size = format!("{:x}", data.len()).into_bytes();
        let (line_end, data_end) = (LINE_END.to_vec(), LINE_END.to_vec());
        vec![
            Self {
                size,
                extension: Vec::new(),
                line_end,
                data,
                data_end,
            },
            last,
        ]
    }

    fn write(&self, out: &mut Vec<u8>) {
        for part in [
            &self.size,
            &self.extension,
            &self.line_end,
            &self.data,
            &self.data_end,
        ] {
            out.extend_from_slice(part);
        }
    }
}

const LINE_END: &[u8] = b"\r\n";
