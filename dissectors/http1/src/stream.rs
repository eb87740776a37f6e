//! One direction of one connection: bytes in, messages out.
//!
//! What comes out does not depend on the pieces in which the bytes come. Bytes that are not kept are counted, not copied.

mod absent;
mod body;
mod finish;
mod seek;

use crate::anomaly::Anomalies;
use crate::chunked::Chunked;
use crate::head::{Head, HeadView, Span};
use crate::head_parse::parse_head;
use crate::inflate::Encodings;
use crate::message::ChunkSpan;
use crate::{Cut, End, Kind, LimitKind, Limits, Message};

/// What a [`Stream`] has to say.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "moved on at once; a box would cost an allocation a message"
)]
pub enum Event {
    /// A head was read whole: [`Stream::head`]. Now is the time for [`Stream::set_request_method`] and [`Stream::keep_body`].
    Head,
    /// The first bytes of the body are at hand: [`Stream::peeked`]. Without [`Stream::keep_body`] the body is dropped.
    Peek,
    /// A message ended. One whose head was cut comes without an [`Event::Head`] before it.
    Message(Message),
    /// Bytes of no message; the first of them are [`Stream::stray`].
    Stray {
        /// Offset in the stream of the first.
        offset: u64,
        /// How many.
        bytes: u64,
    },
    /// The rest of this stream is not HTTP: CONNECT was granted, or the protocol switched.
    Tunnel,
}

/// What is to be kept of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// All of it.
    All,
    /// Nothing: its bytes are counted.
    Nothing,
    /// This many decoded bytes, for a decision at [`Event::Peek`]. A body that ends before comes whole, without that event.
    Peek(usize),
}

/// What the request was that a response answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestMethod {
    /// HEAD: the response has no body.
    Head,
    /// CONNECT: granted, the connection is a tunnel.
    Connect,
    /// Another.
    Other,
    /// Not seen: where the next status line stands in the place of a body, it was HEAD.
    #[default]
    Unknown,
}

/// One direction of one connection.
#[derive(Debug)]
pub struct Stream {
    kind: Kind,
    limits: Limits,
    /// Of the next byte.
    offset: u64,
    state: State,
    /// The open message from its first byte on, or the line in which one may begin.
    raw: Vec<u8>,
    /// A line of chunked framing, until it is known to belong to the body.
    line: Vec<u8>,
    open: Open,
    stray: Stray,
    /// Was there a message before?
    used: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a start line.
    Seek,
    /// In a head; its last line begins there in `raw`.
    Head {
        line: usize,
        plain: bool,
    },
    /// The head was given out, the body not begun.
    HeadGiven,
    /// The body is announced, and may not be there.
    InDoubt,
    Body,
    /// The first bytes of the body were given out.
    PeekGiven,
    /// All of the message is read.
    Whole,
    TunnelFound,
    Tunnel,
}

/// The message being read.
#[derive(Debug)]
struct Open {
    head: Head,
    stream_offset: u64,
    anomalies: Anomalies,
    method: RequestMethod,
    keep: Keep,
    /// A gap or a bound ended keeping.
    stopped: bool,
    cut: Option<Cut>,
    transfer: Transfer,
    /// As the head said.
    length: Option<u64>,
    encodings: Encodings,
    /// What holds should chunked not be applied.
    unchunked: crate::framing::Length,
    /// Bytes of the body seen, without framing.
    body_bytes: u64,
    chunks: Vec<ChunkSpan>,
    /// Where in `raw` the trailer section begins.
    trailer: Option<usize>,
    trailer_end: Option<usize>,
    /// Bytes of a coded body at which decoding its front is tried.
    peek_at: u64,
    peeked: Peeked,
    leading: bool,
}

#[derive(Clone, Copy, Debug)]
enum Transfer {
    None,
    Counted(u64),
    Chunked(Chunked),
    UntilClose,
}

/// The first bytes of a decoded body.
#[derive(Debug)]
enum Peeked {
    Raw(Span),
    Own(Vec<u8>),
}

#[derive(Debug, Default)]
struct Stray {
    offset: u64,
    bytes: u64,
    first: Vec<u8>,
    given: bool,
}

/// What became of a step.
#[expect(clippy::large_enum_variant, reason = "as with Event")]
enum Step {
    Again,
    Event(Event),
    More,
}

impl Stream {
    /// A stream whose next byte has this offset.
    pub fn new(kind: Kind, limits: Limits, stream_offset: u64) -> Self {
        let limits = limits.clamped();
        Self {
            kind,
            limits,
            offset: stream_offset,
            state: State::Seek,
            raw: Vec::new(),
            line: Vec::new(),
            open: Open::new(kind, &limits),
            stray: Stray::default(),
            used: false,
        }
    }

    /// The same, where messages came before: one that [`Stream::is_between_messages`] need not be kept.
    pub fn resume(kind: Kind, limits: Limits, stream_offset: u64) -> Self {
        Self {
            used: true,
            ..Self::new(kind, limits, stream_offset)
        }
    }

    /// Takes bytes at the front of `input`, which continues the stream, and gives the next event.
    ///
    /// To be called until it gives None: then `input` is used up. Bytes are copied only into messages that are kept.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Event> {
        loop {
            let step = match self.state {
                State::Seek => self.seek(input),
                State::Head { line, plain } => self.read_head(input, line, plain),
                State::HeadGiven => self.begin_body(),
                State::PeekGiven => self.resume_body(),
                State::InDoubt => self.read_in_doubt(input),
                State::Body => self.read_body(input),
                State::Whole => Step::Event(Event::Message(self.finish(None))),
                State::TunnelFound => self.enter_tunnel(),
                State::Tunnel => {
                    self.advance(input, usize::MAX);
                    Step::More
                }
            };
            match step {
                Step::Again => {}
                Step::Event(event) => return Some(event),
                Step::More => return None,
            }
        }
    }

    /// Other bounds, from here on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits.clamped();
    }

    /// Says which request the response answers whose head was given last.
    pub fn set_request_method(&mut self, method: RequestMethod) {
        self.open.method = method;
    }

    /// Says what to keep of the body whose head, or first bytes, were given last.
    pub fn keep_body(&mut self, keep: Keep) {
        self.open.keep = keep;
    }

    /// Keeps the open message in the room that an earlier one left, so that it need not grow.
    pub fn keep_in(&mut self, mut room: Vec<u8>) {
        if room.capacity() > self.raw.capacity() {
            room.clear();
            room.extend_from_slice(&self.raw);
            self.raw = room;
        }
    }

    /// The first decoded bytes of the body, at [`Event::Peek`].
    pub fn peeked(&self) -> &[u8] {
        match &self.open.peeked {
            Peeked::Raw(span) => span.of(&self.raw),
            Peeked::Own(bytes) => bytes,
        }
    }

    /// The first bytes (1 KiB at most) of those that [`Event::Stray`] told of last.
    pub fn stray(&self) -> &[u8] {
        &self.stray.first
    }

    /// The rest of this stream is not HTTP, as the caller knows: of a request stream whose CONNECT or upgrade was granted.
    pub fn tunnel(&mut self) {
        self.state = State::Tunnel;
        self.raw = Vec::new();
        self.line = Vec::new();
        self.open = Open::new(self.kind, &self.limits);
    }

    /// Bytes are not in the capture at this point; None: unknown how many.
    ///
    /// Data of known length is counted over them, its end stays known; of an open head or chunk line nothing more is known.
    /// What comes before the gap is all that is kept.
    pub fn gap(&mut self, missing: Option<u64>) -> Option<Event> {
        if missing == Some(0) {
            return None;
        }
        let at = self.offset;
        let event = self.over_gap(
            Cut::Gap {
                stream_offset: at,
                missing,
            },
            missing,
        );
        self.offset = at.saturating_add(missing.unwrap_or(0));
        event
    }

    /// The stream ends here.
    ///
    /// FIN completes a body that only the end of the connection delimits; anything else that is open is given out as cut.
    pub fn end(&mut self, how: End) -> Option<Event> {
        self.settle();
        match self.state {
            State::Seek | State::Head { .. } => self.cut_head(Cut::End(how)),
            State::HeadGiven | State::InDoubt | State::Body | State::PeekGiven => {
                Some(Event::Message(self.end_body(how)))
            }
            State::Whole => Some(Event::Message(self.finish(None))),
            State::TunnelFound => {
                self.state = State::Tunnel;
                Some(Event::Tunnel)
            }
            State::Tunnel => None,
        }
    }

    /// What stands between a head and its body is passed: no more bytes come to decide by.
    fn settle(&mut self) {
        match self.state {
            State::HeadGiven => drop(self.begin_body()),
            State::PeekGiven => drop(self.resume_body()),
            _ => {}
        }
        if self.state == State::InDoubt {
            self.believe_body();
        }
    }

    /// Offset in the stream of the next byte.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// No byte of a message is at hand: the last one ended, the next has not begun.
    pub fn is_between_messages(&self) -> bool {
        self.state == State::Seek && self.raw.is_empty() && self.stray.bytes == 0
    }

    /// What it reads: requests or responses.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Bytes of the open message that were read before, from this stream offset on, as far as all of them are still held.
    pub fn held(&self, offset: u64, length: usize) -> Option<&[u8]> {
        if self.state == State::Seek {
            return None;
        }
        let start = usize::try_from(offset.checked_sub(self.open.stream_offset)?).ok()?;
        self.raw.get(start..start.checked_add(length)?)
    }

    /// Bytes held for the message that is open.
    pub fn buffered_bytes(&self) -> usize {
        let chunks = self
            .open
            .chunks
            .capacity()
            .saturating_mul(size_of::<ChunkSpan>());
        // Of a long message only what has come is in memory, whatever room is reserved.
        let raw = self
            .raw
            .capacity()
            .min(ROOM_COUNTED_MAX)
            .max(self.raw.len());
        raw.saturating_add(self.line.capacity())
            .saturating_add(chunks)
    }

    /// The head of the message whose body is being read.
    pub fn head(&self) -> Option<HeadView<'_>> {
        let given = matches!(
            self.state,
            State::HeadGiven | State::InDoubt | State::Body | State::PeekGiven | State::Whole
        );
        given.then(|| HeadView::new(&self.open.head, &self.raw))
    }

    /// Takes up to `bytes` bytes off the front of `input`.
    fn advance<'a>(&mut self, input: &mut &'a [u8], bytes: usize) -> &'a [u8] {
        let (front, rest) = input.split_at_checked(bytes).unwrap_or((input, &[]));
        *input = rest;
        self.offset = self.offset.saturating_add(front.len() as u64);
        front
    }

    /// Looks for the empty line; `line` is where the last line of `raw` begins.
    fn read_head(&mut self, input: &mut &[u8], mut line: usize, mut plain: bool) -> Step {
        let room = self.limits.head_bytes_max.saturating_sub(self.raw.len());
        let window = input.get(..room).unwrap_or(input);
        // Of the line at hand, as many bytes are in `raw` already.
        let mut before = self.raw.len().saturating_sub(line);
        let mut at = 0_usize;
        for end in memchr::memchr_iter(b'\n', window) {
            let previous = end.checked_sub(1).and_then(|previous| window.get(previous));
            let carriage = previous.or(self.raw.last()) == Some(&b'\r');
            let bytes = before.saturating_add(end.saturating_sub(at));
            (at, before, plain) = (end.saturating_add(1), 0, plain && carriage);
            if bytes <= 2 && self.ends_head(window, end, bytes) {
                let head = self.advance(input, at);
                self.raw.extend_from_slice(head);
                return self.head_read(plain);
            }
        }
        if at > 0 {
            line = self.raw.len().saturating_add(at);
        }
        let bytes = self.advance(input, window.len());
        self.raw.extend_from_slice(bytes);
        self.state = State::Head { line, plain };
        if self.raw.len() < self.limits.head_bytes_max {
            return Step::More;
        }
        self.cut_head(Cut::Limit(LimitKind::HeadBytes))
            .map_or(Step::Again, Step::Event)
    }

    /// Is the line of this many bytes before the LF at `end` empty? A second CR does not make it a header.
    fn ends_head(&self, window: &[u8], end: usize, bytes: usize) -> bool {
        let from = end.saturating_sub(bytes);
        let here = window.get(from..end).unwrap_or_default();
        let before = self.raw.iter().rev().take(bytes.saturating_sub(here.len()));
        here.iter().chain(before).all(|b| *b == b'\r')
    }

    fn head_read(&mut self, plain: bool) -> Step {
        let open = &mut self.open;
        open.head = parse_head(
            &self.raw,
            self.kind,
            plain,
            self.limits.headers_max,
            &mut open.anomalies,
        );
        self.state = State::HeadGiven;
        Step::Event(Event::Head)
    }

    fn enter_tunnel(&mut self) -> Step {
        self.state = State::Tunnel;
        Step::Event(Event::Tunnel)
    }
}

impl Open {
    fn new(kind: Kind, limits: &Limits) -> Self {
        Self {
            head: Head::empty(kind),
            stream_offset: 0,
            anomalies: Anomalies::new(limits.anomalies_max),
            method: RequestMethod::Unknown,
            keep: Keep::Peek(PEEK_BYTES),
            stopped: false,
            cut: None,
            transfer: Transfer::None,
            length: None,
            encodings: Encodings::default(),
            unchunked: crate::framing::Length::None,
            body_bytes: 0,
            chunks: Vec::new(),
            trailer: None,
            trailer_end: None,
            peek_at: PEEK_CODED_BYTES,
            peeked: Peeked::Raw(Span::default()),
            leading: false,
        }
    }
}

/// Decoded bytes that are peeked at unless the caller says otherwise.
const PEEK_BYTES: usize = 1024;
/// Coded bytes at which the front of a coded body is decoded first; then at twice as many, and so on.
const PEEK_CODED_BYTES: u64 = 512;
/// Bytes of room up to which it counts as held before it is filled.
const ROOM_COUNTED_MAX: usize = 64 << 10;
