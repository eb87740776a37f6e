//! A message as it was on the wire, with its body as it was meant.

use std::borrow::Cow;

use crate::anomaly::Anomalies;
use crate::head::{Head, HeadView, Header, Span};
use crate::head_parse::parse_trailers;
use crate::{Anomaly, Kind, LimitKind};

/// One message, or what there is of it.
#[derive(Clone, Debug)]
pub struct Message {
    /// Request or response.
    pub kind: Kind,
    /// Where the parts of the head stand; read through the methods of the message.
    pub head: Head,
    /// The head, and the body as framed on the wire as far as it was kept.
    pub raw: Vec<u8>,
    /// Offset in the stream of the first byte of `raw`.
    pub stream_offset: u64,
    /// Offset in the stream behind its last byte.
    pub stream_end: u64,
    /// How the end of the body was told.
    pub framing: Framing,
    /// Was the body kept? (A message without one has all of it.)
    pub body_kept: bool,
    /// Bytes of the body that were seen, without transfer framing, before content decoding.
    pub body_bytes: u64,
    /// All of the body was seen and, where kept, decoded.
    pub body_complete: bool,
    /// Why it is not all there.
    pub cut: Option<Cut>,
    /// What was odd about it, in the order in which it was met.
    pub anomalies: Vec<Anomaly>,
    /// Further anomalies that the bound left no room for.
    pub anomalies_dropped: u32,
    pub(crate) body: Body,
    pub(crate) chunks: Vec<ChunkSpan>,
    /// Of a kept chunked body that came to its trailer section: where that is.
    pub(crate) trailer: Option<Span>,
    /// The body was coded, and is decoded.
    pub(crate) decoded: bool,
}

/// How the end of a body was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// By its length in bytes.
    ContentLength(u64),
    /// By the last chunk.
    Chunked {
        /// Chunks with data.
        chunks: u64,
        /// Trailer fields behind the last chunk.
        trailers: u32,
    },
    /// By the end of the connection.
    UntilClose,
}

/// Why a message is not all there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Bytes are not in the capture; the body ends before them.
    Gap {
        /// Offset in the stream of the first missing byte.
        stream_offset: u64,
        /// How many; None: unknown.
        missing: Option<u64>,
    },
    /// The stream ended.
    End(End),
    /// A bound was reached; the body ends there.
    Limit(LimitKind),
    /// The framing of the body is broken here; what follows is not known to belong to it.
    Framing {
        /// Offset in the stream of the line that cannot be read.
        stream_offset: u64,
    },
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// By FIN.
    Fin,
    /// By RST.
    Reset,
    /// The capture ends before the connection does.
    Capture,
}

/// Where the decoded body stands.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// In the raw bytes.
    Raw(Span),
    /// Put together or decoded.
    Own(Vec<u8>),
}

/// The data of one chunk in the raw bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkSpan {
    /// Bytes of the body before this chunk.
    pub(crate) before: u32,
    /// Where its data is.
    pub(crate) data: Span,
}

impl Message {
    /// The head with its bytes.
    pub fn view(&self) -> HeadView<'_> {
        HeadView::new(&self.head, &self.raw)
    }

    /// Request or response.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Was the head read to its empty line?
    pub fn head_complete(&self) -> bool {
        self.head.complete
    }

    /// Is [`Self::body`] a decoded form of what was sent?
    pub fn is_coded(&self) -> bool {
        self.decoded
    }

    /// The body without framing and codings, as far as it could be decoded; empty where it was not kept.
    pub fn body(&self) -> &[u8] {
        match &self.body {
            Body::Raw(span) => span.of(&self.raw),
            Body::Own(bytes) => bytes,
        }
    }

    /// The body, to keep, where that takes no copy: where it was put together or decoded. Afterwards [`Self::body`] is
    /// empty.
    pub fn own_body(&mut self) -> Option<Vec<u8>> {
        match &mut self.body {
            Body::Raw(_) => None,
            Body::Own(bytes) => Some(std::mem::take(bytes)),
        }
    }

    /// Drops the bytes of the body, and keeps what is known of it: its length, whether it was whole, its anomalies. Gives back
    /// the room that the message stood in.
    pub fn forget_body(&mut self) -> Vec<u8> {
        let head = self.view().raw().to_vec();
        let room = std::mem::replace(&mut self.raw, head);
        self.body = Body::Own(Vec::new());
        self.chunks = Vec::new();
        self.trailer = None;
        self.body_kept = false;
        room
    }

    /// Offset in the stream of a byte of the body, where no content coding stands between.
    pub fn body_stream_offset(&self, offset: u64) -> Option<u64> {
        let at = u32::try_from(offset).ok()?;
        let in_raw = match &self.body {
            Body::Raw(span) => span.start.checked_add(at).filter(|at| *at <= span.end)?,
            Body::Own(_) if self.decoded => return None,
            Body::Own(_) => {
                let behind = self.chunks.partition_point(|chunk| chunk.before <= at);
                let chunk = self.chunks.get(behind.checked_sub(1)?)?;
                let within = at.checked_sub(chunk.before)?;
                chunk
                    .data
                    .start
                    .checked_add(within)
                    .filter(|at| *at <= chunk.data.end)?
            }
        };
        self.stream_offset.checked_add(u64::from(in_raw))
    }

    /// The fields of the trailer section of a kept chunked body.
    pub fn trailers(&self) -> Vec<Header<'_>> {
        let Some(trailer) = self.trailer else {
            return Vec::new();
        };
        let section = self.raw.get(..trailer.end as usize).unwrap_or_default();
        let spans = parse_trailers(section, trailer.start as usize, &mut Anomalies::default());
        let ends: Vec<u32> = spans
            .iter()
            .skip(1)
            .map(|span| span.line)
            .chain([trailer.end])
            .collect();
        spans
            .into_iter()
            .zip(ends)
            .map(|(span, end)| Header::new(section, span, end))
            .collect()
    }

    /// The method of a request; empty for a response.
    pub fn method(&self) -> &[u8] {
        self.view().method()
    }

    /// The target of a request as it stands there; empty for a response.
    pub fn target(&self) -> &[u8] {
        self.view().target()
    }

    /// The status of a response; 0 for a request, or where none can be read.
    pub fn status(&self) -> u16 {
        self.view().status()
    }

    /// The reason phrase of a response.
    pub fn reason(&self) -> &[u8] {
        self.view().reason()
    }

    /// The version as it stands there: `HTTP/1.1`.
    pub fn version(&self) -> &[u8] {
        self.view().version()
    }

    /// Major and minor version, where they can be read.
    pub fn version_number(&self) -> Option<(u32, u32)> {
        self.view().version_number()
    }

    /// The headers, in wire order and case.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = Header<'_>> {
        self.view().headers()
    }

    /// The names of the headers, in wire order and case.
    pub fn header_names(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.view().header_names()
    }

    /// The value of the first header of this name, in whatever case.
    pub fn header(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        self.view().header(name)
    }

    /// The values of all headers of this name, in whatever case.
    pub fn header_all<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = Cow<'a, [u8]>> + use<'a, 'n> {
        self.view().header_all(name)
    }

    /// Is this an interim response (1xx)?
    pub fn is_interim(&self) -> bool {
        self.view().is_interim()
    }

    /// The media type of the body, without parameters: `text/xml`.
    pub fn content_type(&self) -> Option<Cow<'_, [u8]>> {
        self.view().content_type()
    }

    /// The charset parameter of the Content-Type, without quotes.
    pub fn charset(&self) -> Option<Cow<'_, [u8]>> {
        self.view().charset()
    }
}
