//! A control connection of FTP: ordered bytes of both sides in, what they tell out, each line with its frames.
//!
//! It does not follow data connections: what is told of these is [`super::flow::Flow::one_way`].

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;

use super::limits::Limits;
use super::outbox::{Arrival, Outbox};
use super::reader::Frame;
use crate::session::{FtpTold, Stretch, Told};
use crate::source::Timestamp;

/// What both sides of a control connection have said.
#[derive(Debug)]
pub(super) struct Dialogue {
    control: ftp::Control,
    client: SocketAddr,
    server: SocketAddr,
    said: [Said; 2],
    /// Of each side.
    frames_max: usize,
    /// It has told something.
    told: bool,
}

/// Where the lines of one side stand.
#[derive(Debug, Default)]
struct Said {
    /// The offset in the stream of the first byte that was read.
    base: Option<u64>,
    frames: VecDeque<Frame>,
    /// Of what stands before this offset in the stream the frames are forgotten.
    forgotten: u64,
}

/// What the first bytes of a direction may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opens {
    /// The voice of this side.
    Dialogue(ftp::Side),
    MoreBytes,
    No,
}

impl Opens {
    /// Looks at the first bytes of a direction.
    pub fn of(bytes: &[u8]) -> Self {
        let mut opens = Self::No;
        for side in [ftp::Side::Server, ftp::Side::Client] {
            match ftp::recognise(side, bytes) {
                ftp::Recognised::Yes | ftp::Recognised::Perhaps => return Self::Dialogue(side),
                ftp::Recognised::MoreBytes => opens = Self::MoreBytes,
                ftp::Recognised::No => {}
            }
        }
        opens
    }
}

impl Dialogue {
    /// A dialogue of which nothing was read; one of them `speaks` first as `side`.
    pub fn new(side: ftp::Side, speaks: SocketAddr, listens: SocketAddr, limits: &Limits) -> Self {
        let (client, server) = match side {
            ftp::Side::Client => (speaks, listens),
            ftp::Side::Server => (listens, speaks),
        };
        Self {
            control: ftp::Control::new(limits.ftp),
            client,
            server,
            said: [Said::default(), Said::default()],
            frames_max: limits.frames_a_dialogue_max.max(1),
            told: false,
        }
    }

    /// Nothing more is to be learned from it.
    pub fn is_closed(&self) -> bool {
        self.control.is_closed()
    }

    /// The next bytes of one side, which begin at the frame's offset.
    pub fn take(&mut self, source: SocketAddr, frame: Frame, bytes: &[u8]) {
        let side = self.side(source);
        let said = &mut self.said[side as usize];
        said.base.get_or_insert(frame.offset);
        said.frames.push_back(frame);
        if said.frames.len() > self.frames_max {
            said.frames.pop_front();
            said.forgotten = said.frames.front().map_or(0, |first| first.offset);
        }
        self.control.push(side, bytes);
    }

    /// Bytes of one side that the capture lacks.
    pub fn gap(&mut self, source: SocketAddr, missing: u64) {
        self.control.gap(self.side(source), missing);
    }

    /// The connection is over.
    pub fn finish(&mut self) {
        self.control.finish();
    }

    /// Hands on what it has told since, as long as it is known to be FTP.
    pub fn tell(&mut self, connection: u64, digits: u8, outbox: &mut Outbox) {
        while let Some(event) = self.control.next_event() {
            let command = match &event.kind {
                ftp::EventKind::TransferBegan { transfer, .. }
                | ftp::EventKind::TransferEnded { transfer, .. } => Some(&transfer.command),
                ftp::EventKind::Login { .. }
                | ftp::EventKind::PathRefused { .. }
                | ftp::EventKind::DataEndpoint(_) => None,
                _ => continue,
            };
            if !self.control.is_settled() {
                continue;
            }
            let client = &self.said[ftp::Side::Client as usize];
            let speaker = &self.said[event.side as usize];
            let lost = command.is_some_and(|span| client.has_forgotten(span));
            if lost || speaker.has_forgotten(&event.span) {
                outbox.reached("frames_a_dialogue_max");
            }
            let command = command.map(|span| client.stretch(span, digits));
            let line = speaker.stretch(&event.span, digits);
            self.push(
                connection,
                Told::Event {
                    kind: event.kind,
                    line,
                    command,
                },
                outbox,
            );
        }
    }

    /// Says that nothing more comes.
    pub fn close(&mut self, connection: u64, outbox: &mut Outbox) {
        if self.told {
            self.push(connection, Told::Closed, outbox);
        }
    }

    /// What it costs.
    pub fn held_bytes(&self) -> usize {
        let frames = |said: &Said| said.frames.len() * size_of::<Frame>();
        self.control.held_bytes() + self.said.iter().map(frames).sum::<usize>()
    }

    fn push(&mut self, connection: u64, told: Told, outbox: &mut Outbox) {
        self.told = true;
        outbox.push(Arrival::Ftp(Box::new(FtpTold {
            connection,
            client: self.client,
            server: self.server,
            told,
        })));
    }

    fn side(&self, source: SocketAddr) -> ftp::Side {
        if source == self.server {
            ftp::Side::Server
        } else {
            ftp::Side::Client
        }
    }
}

impl Said {
    /// The frames of a line are not all remembered.
    fn has_forgotten(&self, span: &Range<u64>) -> bool {
        self.base.unwrap_or_default() + span.start < self.forgotten
    }

    /// The frames of a line, as far as they are remembered.
    fn stretch(&self, span: &Range<u64>, digits: u8) -> Stretch {
        let base = self.base.unwrap_or_default();
        let (start, end) = (base + span.start, base + span.end);
        let behind = self
            .frames
            .partition_point(|frame| frame.offset < end.max(start + 1));
        let first = self
            .frames
            .partition_point(|frame| frame.offset <= start)
            .saturating_sub(1);
        let carried = || {
            let within = behind.saturating_sub(first);
            self.frames.iter().skip(first).take(within)
        };
        Stretch {
            frames: carried().map(|frame| frame.frame).collect(),
            time: Timestamp {
                nanoseconds: carried()
                    .map(|frame| frame.time_ns)
                    .max()
                    .unwrap_or_default(),
                digits,
            },
        }
    }
}
