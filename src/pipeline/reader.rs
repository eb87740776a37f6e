//! Reads the ordered bytes of one direction as HTTP messages with SOAP bodies, or finds that they are none.

mod control;
mod message;
mod sealed;

use std::collections::VecDeque;
use std::net::SocketAddr;

use http1::{End, Event, Handshake, Keep, Kind, Recognised, RequestMethod};
use tcp::GapCause;

use super::dialogue::Opens;
use super::exchange::Exchange;
use super::flow::Read;
use super::keys::Keyring;
use super::limits::Limits;
use super::outbox::{Arrival, Bodies, Outbox};
use super::overlaps::Overlaps;
use super::piece::Piece;
use crate::session::{Parting, Sighting};
use crate::source::{FrameId, Timestamp};

/// The state of one direction.
#[derive(Debug, Default)]
pub(super) struct Reader {
    state: State,
    /// SYN was seen.
    begun: bool,
    /// Its bytes are records of TLS; what it reads comes out of them.
    sealed: bool,
    /// Which of the tunnels of its connection it is in.
    tunnels: u8,
    carried: VecDeque<Frame>,
    overlaps: Overlaps,
    /// Since the last message, bytes were lost because of the snap length.
    snapped: bool,
    /// The bytes read last, where their message is gone: a segment that repeats them is held against them.
    last: Option<Piece>,
}

#[derive(Debug, Default)]
enum State {
    /// The first bytes, as long as they do not tell what they are.
    Opening(Vec<u8>),
    /// The beginning was not seen: the next segment that begins a message is waited for.
    #[default]
    Searching,
    Http(Box<http1::Stream>),
    /// HTTP, and no byte of a message at hand: on a server most connections are in this state most of the time.
    Between(Kind),
    /// A side of FTP's control connection; the exchange has what both say.
    Dialogue {
        /// Its beginning was not seen: HTTP may come yet.
        midway: bool,
    },
    Foreign,
}

/// From `offset` on, a frame carried the bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub offset: u64,
    pub frame: FrameId,
    pub time_ns: i64,
}

impl Reader {
    /// Bytes of the message that is open.
    fn held(&self, offset: u64, length: usize) -> Option<&[u8]> {
        match &self.state {
            State::Http(stream) => stream.held(offset, length),
            _ => None,
        }
    }

    /// The stream is seen from its first byte on.
    pub fn begin(&mut self) {
        self.begun = true;
        if matches!(self.state, State::Searching) {
            self.state = State::Opening(Vec::new());
        }
    }

    /// These bytes begin a message.
    pub fn begins_message(bytes: &[u8]) -> bool {
        let message = behind_handshake(bytes);
        matches!(http1::recognise(message), Recognised::Message(_))
            || tls::recognise(message) == tls::Recognised::Hello
    }

    pub fn is_foreign(&self) -> bool {
        matches!(self.state, State::Foreign)
    }

    pub fn is_http(&self) -> bool {
        matches!(self.state, State::Http(_) | State::Between(_))
    }

    /// It has begun, or its first bytes may be those of HTTP.
    pub fn may_be_http(&self) -> bool {
        self.is_http() || matches!(self.state, State::Opening(_))
    }

    /// Time of the first byte of a message that is not whole yet.
    pub fn open_since_ns(&self) -> Option<i64> {
        match &self.state {
            State::Http(stream) if stream.is_between_messages() => None,
            // The first may be the last of the message before.
            State::Http(_) | State::Opening(_) => {
                let first = self.carried.iter().take(2);
                first.map(|frame| frame.time_ns).min()
            }
            State::Searching | State::Between(_) | State::Dialogue { .. } | State::Foreign => None,
        }
    }

    pub fn held_bytes(&self) -> usize {
        let bytes = match &self.state {
            State::Opening(bytes) => bytes.len(),
            State::Http(stream) => stream.buffered_bytes() + size_of::<http1::Stream>(),
            State::Searching | State::Between(_) | State::Dialogue { .. } | State::Foreign => 0,
        };
        bytes + self.carried.len() * size_of::<Frame>() + self.overlaps.held_bytes()
    }
}

/// Takes the bytes of one direction from the reassembler.
pub(super) struct Feed<'a> {
    pub reader: &'a mut Reader,
    /// Which of both it is.
    pub side: usize,
    /// What the packet acknowledges that brings what comes.
    pub acknowledgment: Option<u32>,
    /// The sequence number of the direction's first byte.
    pub first_sequence: Option<u32>,
    /// How far the other side has been read: what acknowledges more is held.
    pub other: Read<'a>,
    pub held: &'a mut VecDeque<Held>,
    pub exchange: &'a mut Exchange,
    pub connection: u64,
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub limits: &'a Limits,
    pub outbox: &'a mut Outbox,
    pub keyring: &'a mut Keyring,
    pub parser: &'a mut cwmp::Parser,
}

/// Something of a direction that waits for its turn.
#[derive(Debug)]
pub(super) struct Held {
    pub offset: u64,
    pub time_ns: i64,
    /// What the packet that brought it acknowledged.
    pub acknowledgment: Option<u32>,
    token: u64,
    what: Given,
}

/// What a reassembler gives out.
#[derive(Debug)]
enum Given {
    Bytes(Vec<u8>),
    Gap(u64, GapCause),
    Fin,
}

impl Held {
    /// What it costs.
    pub fn bytes(&self) -> usize {
        let bytes = if let Given::Bytes(bytes) = &self.what {
            bytes.len()
        } else {
            0
        };
        bytes + size_of::<Self>()
    }
}

impl tcp::Sink for Feed<'_> {
    fn waited(&mut self, acknowledgment: Option<u32>) {
        self.acknowledgment = acknowledgment;
    }

    fn bytes(&mut self, offset: u64, bytes: &[u8], token: u64, time_ns: i64) {
        if self.must_hold() && !self.begins_foreign(bytes) {
            self.hold(offset, token, time_ns, Given::Bytes(bytes.to_vec()));
        } else {
            self.take_bytes(offset, bytes, token, time_ns);
        }
    }

    fn gap(&mut self, offset: u64, missing: u64, cause: GapCause) {
        if self.must_hold() {
            let time_ns = self.outbox.time_ns();
            self.hold(offset, 0, time_ns, Given::Gap(missing, cause));
        } else {
            self.take_gap(offset, missing, cause);
        }
    }

    fn fin(&mut self, offset: u64, token: u64, time_ns: i64) {
        if self.must_hold() {
            self.hold(offset, token, time_ns, Given::Fin);
        } else {
            self.take_fin(token, time_ns);
        }
    }

    fn conflict(&mut self, conflict: &tcp::Conflict<'_>) {
        let max = self.limits.overlaps_a_message_max;
        // Records tell themselves which version is genuine.
        let kept = !self.reader.is_foreign() && !self.reader.sealed;
        if kept && !self.reader.overlaps.note(conflict, max) {
            self.outbox.reached("overlaps_a_message_max");
        }
    }

    fn differs(&self, offset: u64, again: &[u8]) -> bool {
        let last = self.reader.last.filter(|_| !self.reader.sealed);
        last.is_some_and(|piece| piece.differs(offset, again, self.outbox))
    }

    fn remembered(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let plain = !self.reader.sealed;
        plain.then(|| self.reader.held(offset, length)).flatten()
    }
}

impl Feed<'_> {
    /// What was held, now that its turn has come.
    pub fn pass(&mut self, held: Held) {
        self.acknowledgment = held.acknowledgment;
        match held.what {
            Given::Bytes(bytes) => self.take_bytes(held.offset, &bytes, held.token, held.time_ns),
            Given::Gap(missing, cause) => self.take_gap(held.offset, missing, cause),
            Given::Fin => self.take_fin(held.token, held.time_ns),
        }
    }

    fn must_hold(&self) -> bool {
        let early = || {
            self.acknowledgment
                .is_some_and(|acknowledgment| self.other.is_before(acknowledgment))
        };
        !self.reader.is_foreign() && (!self.held.is_empty() || early())
    }

    /// The direction begins with these bytes, and they are neither HTTP nor TLS nor FTP, whatever the other side said.
    fn begins_foreign(&self, bytes: &[u8]) -> bool {
        self.held.is_empty()
            && matches!(&self.reader.state, State::Opening(opening) if opening.is_empty())
            && http1::handshake(bytes) == Handshake::No
            && http1::recognise(bytes) == Recognised::No
            && !may_be_tls(bytes)
            && self.exchange.dialogue.is_none()
            && Opens::of(bytes) == Opens::No
    }

    fn hold(&mut self, offset: u64, token: u64, time_ns: i64, what: Given) {
        let acknowledgment = self.acknowledgment;
        self.held.push_back(Held {
            offset,
            time_ns,
            acknowledgment,
            token,
            what,
        });
    }

    fn take_bytes(&mut self, offset: u64, bytes: &[u8], token: u64, time_ns: i64) {
        let frame = Frame {
            offset,
            frame: FrameId::from_token(token),
            time_ns,
        };
        if self.goes_sealed(bytes, frame) {
            return;
        }
        if self.reader.tunnels < self.exchange.tunnels {
            self.enter_tunnel();
        }
        if self.in_dialogue(bytes) {
            return self.dialogue_bytes(bytes, frame);
        }
        let searches = matches!(self.reader.state, State::Searching);
        if searches && !Reader::begins_message(bytes) && self.joins_midway(bytes) {
            return self.dialogue_bytes(bytes, frame);
        }
        if !self.take_plain(bytes, std::iter::once(frame)) {
            return;
        }
        // As long as the message is held, what repeats them is held against itself.
        let held = self.reader.held(offset, bytes.len()).is_some();
        self.reader.last = (!held).then(|| Piece::new(offset, bytes, self.outbox));
    }

    /// Bytes as they were said, from the offset of the first of their frames on; false where nobody wants them.
    fn take_plain(&mut self, mut bytes: &[u8], frames: impl Iterator<Item = Frame>) -> bool {
        let mut frames = frames.peekable();
        let Some(mut offset) = frames.peek().map(|first| first.offset) else {
            return false;
        };
        match &mut self.reader.state {
            State::Foreign => return false,
            State::Searching => {
                let message = behind_handshake(bytes);
                let Recognised::Message(kind) = http1::recognise(message) else {
                    let end = offset + bytes.len() as u64;
                    self.reader.overlaps.forget_before(end);
                    return false;
                };
                offset += (bytes.len() - message.len()) as u64;
                bytes = message;
                self.start(kind, offset);
            }
            State::Between(kind) => {
                let stream = http1::Stream::resume(*kind, self.limits.http, offset);
                self.reader.state = State::Http(Box::new(stream));
            }
            State::Opening(_) | State::Http(_) | State::Dialogue { .. } => {}
        }
        for frame in frames {
            let offset = frame.offset.max(offset);
            self.remember(Frame { offset, ..frame });
        }
        if let State::Opening(opening) = &mut self.reader.state {
            opening.extend_from_slice(bytes);
            self.open(offset + bytes.len() as u64);
        } else {
            self.read(bytes);
        }
        true
    }

    fn take_gap(&mut self, offset: u64, missing: u64, cause: GapCause) {
        self.reader.snapped |= cause == GapCause::SnapLength;
        if !self.sealed_gap(offset, missing) {
            self.gap_of(Some(missing));
        }
    }

    /// Bytes that were said are missing, so many where that is known.
    fn gap_of(&mut self, missing: Option<u64>) {
        self.exchange.broken = true;
        self.exchange.methods.clear();
        let tunnelled = self.is_tunnelled();
        match &mut self.reader.state {
            State::Http(stream) => {
                self.outbox.push(Arrival::Gap(self.connection));
                let event = stream.gap(missing);
                self.take(event);
                // What the gap leaves of the message may be whole already.
                self.read(&[]);
            }
            State::Opening(_) if tunnelled => self.leave(),
            State::Opening(_) => {
                self.reader.state = State::Searching;
                self.reader.carried.clear();
                self.outbox.push(Arrival::Gap(self.connection));
            }
            State::Between(_) => self.outbox.push(Arrival::Gap(self.connection)),
            State::Dialogue { .. } => self.dialogue_gap(missing.unwrap_or(1)),
            State::Searching => self.lose_answer(),
            State::Foreign => {}
        }
    }

    /// What is missing where the other side has spoken HTTP may be its answer.
    fn lose_answer(&mut self) {
        if self.exchange.requests > 0 {
            self.outbox.push(Arrival::Gap(self.connection));
        }
    }

    /// The direction ends here.
    pub fn end(&mut self, how: End) {
        if let State::Http(stream) = &mut self.reader.state {
            let event = stream.end(how);
            self.take(event);
        }
    }

    /// FIN: who sent it asks nothing more, or answers nothing more; the other goes on until it says so too.
    fn finish(&mut self, token: u64, time_ns: i64) {
        self.end(End::Fin);
        // A server that was asked may end without a word.
        if self.reader.is_http() || self.exchange.requests > 0 {
            let parting = Parting {
                connection: self.connection,
                by: self.source,
                reset: false,
                seen: Sighting {
                    frame: FrameId::from_token(token),
                    time: Timestamp {
                        nanoseconds: time_ns,
                        digits: self.exchange.digits,
                    },
                },
            };
            self.outbox.push(Arrival::Leaving(Box::new(parting)));
        }
    }

    fn start(&mut self, kind: Kind, offset: u64) {
        self.reader.state =
            State::Http(Box::new(http1::Stream::new(kind, self.limits.http, offset)));
    }

    /// Looks at the first bytes of the stream, which end at `end`.
    fn open(&mut self, end: u64) {
        if self.is_tunnelled() {
            return self.open_tunnelled(end);
        }
        let State::Opening(opening) = &mut self.reader.state else {
            return;
        };
        match http1::handshake(opening) {
            Handshake::Whole(bytes) => drop(opening.drain(..bytes)),
            Handshake::NeedMore => return,
            Handshake::No => {}
        }
        match http1::recognise(opening) {
            Recognised::Message(kind) => {
                let bytes = std::mem::take(opening);
                self.start(kind, end.saturating_sub(bytes.len() as u64));
                self.read(&bytes);
            }
            Recognised::NeedMore => {}
            Recognised::No if self.exchange.sealed.is_some() => self.leave(),
            Recognised::No => match tls::recognise(opening) {
                tls::Recognised::Hello => self.seal(end),
                tls::Recognised::NeedMore => {}
                tls::Recognised::Later | tls::Recognised::No => self.open_dialogue(end),
            },
        }
    }

    /// The rest of this direction is not HTTP; what was begun is given out as cut.
    fn leave(&mut self) {
        self.end(End::Capture);
        self.reader.state = State::Foreign;
        self.reader.carried = VecDeque::new();
        self.reader.overlaps = Overlaps::default();
    }

    fn read(&mut self, bytes: &[u8]) {
        let mut input = bytes;
        while let State::Http(stream) = &mut self.reader.state {
            let Some(event) = stream.next(&mut input) else {
                if stream.is_between_messages() {
                    self.rest();
                }
                return;
            };
            self.take(Some(event));
        }
    }

    /// Keeps nothing that the next message does not need.
    fn rest(&mut self) {
        if let State::Http(stream) = &self.reader.state {
            self.reader.state = State::Between(stream.kind());
        }
        if self.reader.carried.capacity() > CARRIED_KEPT_MAX {
            self.reader.carried.shrink_to(CARRIED_KEPT_MAX);
        }
    }

    fn take(&mut self, event: Option<Event>) {
        match event {
            Some(Event::Head) => self.head(),
            Some(Event::Peek) => self.peek(),
            Some(Event::Message(message)) => self.message(message),
            Some(Event::Tunnel) => {
                self.exchange.tunnels = self.exchange.tunnels.saturating_add(1);
                self.enter_tunnel();
            }
            Some(Event::Stray { bytes, .. }) => self.outbox.stray_bytes += bytes,
            None => {}
        }
    }

    /// A head is whole: what the other direction knows of it matters to where its body ends.
    fn head(&mut self) {
        let State::Http(stream) = &mut self.reader.state else {
            return;
        };
        let Some(head) = stream.head() else { return };
        match head.kind() {
            Kind::Request => {
                self.exchange.requests += 1;
                let method = match head.method() {
                    b"HEAD" => RequestMethod::Head,
                    b"CONNECT" => RequestMethod::Connect,
                    _ => RequestMethod::Other,
                };
                let waiting_max = self.limits.assemble.requests_waiting_max;
                self.exchange.ask(method, waiting_max);
            }
            Kind::Response => {
                let success = (200..=299).contains(&head.status());
                let method = self.exchange.question();
                self.exchange.granted = success && method == RequestMethod::Connect;
                stream.set_request_method(method);
            }
        }
        stream.set_limits(self.outbox.allowance.bounds(self.limits.http));
        stream.keep_body(Keep::Peek(self.limits.peek_bytes_max));
    }

    /// The first bytes of a body are at hand: SOAP is kept, and so is what an error says; all else is only counted.
    fn peek(&mut self) {
        let State::Http(stream) = &mut self.reader.state else {
            return;
        };
        let keep = match cwmp::looks_like_soap(stream.peeked()) {
            Some(soap) => soap || stream.head().is_some_and(|head| head.status() >= 300),
            None => stream.head().is_some_and(|head| announces_xml(&head)),
        };
        let wanted = stream
            .head()
            .and_then(|head| announced_bytes(&head))
            .is_some_and(|bytes| bytes <= self.limits.other_body_bytes_max);
        let kept = keep || wanted;
        // A message whose bytes are wanted takes its room with it.
        if kept && self.outbox.bodies != Bodies::Raw {
            stream.keep_in(self.parser.room());
        }
        stream.keep_body(if kept { Keep::All } else { Keep::Nothing });
    }

    fn remember(&mut self, frame: Frame) {
        if self.reader.carried.len() >= self.limits.frames_a_message_max {
            self.outbox.reached("frames_a_message_max");
            self.reader.carried.pop_back();
        }
        self.reader.carried.push_back(frame);
    }
}

/// These bytes begin TLS, or may turn out to.
fn may_be_tls(bytes: &[u8]) -> bool {
    use tls::Recognised;
    matches!(
        tls::recognise(behind_handshake(bytes)),
        Recognised::Hello | Recognised::NeedMore
    )
}

/// What stands behind a handshake with a proxy, or what a proxy says of who asks.
fn behind_handshake(bytes: &[u8]) -> &[u8] {
    match http1::handshake(bytes) {
        Handshake::Whole(length) => bytes.get(length..).unwrap_or_default(),
        Handshake::NeedMore | Handshake::No => bytes,
    }
}

/// The length that the head announces, where it is a plain one.
fn announced_bytes(head: &http1::HeadView<'_>) -> Option<u64> {
    let length = head.header("Content-Length")?;
    std::str::from_utf8(&length).ok()?.trim().parse().ok()
}

/// The head says that the body is XML.
fn announces_xml(head: &http1::HeadView<'_>) -> bool {
    head.header("SOAPAction").is_some()
        || head.content_type().is_some_and(|kind| {
            kind.to_ascii_lowercase()
                .windows(3)
                .any(|part| part == b"xml")
        })
}

/// Places for frames kept between two messages.
const CARRIED_KEPT_MAX: usize = 16;
