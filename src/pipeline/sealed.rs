//! The TLS of one connection: ordered bytes of both sides in, what they hold out, each piece with the frames that carried it.
//!
//! It does not know what is said inside.

mod story;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;

use tls::Connection;

use super::keys::{Keyring, knows};
use super::limits::Limits;
use super::reader::Frame;
use crate::session::TlsSeen;
use crate::source::Timestamp;
use story::Story;
pub(super) use story::{Opened, What};

/// A connection under TLS.
#[derive(Debug)]
pub(super) struct Sealed {
    connection: Connection,
    story: Story,
    vain_bytes_max: u64,
    frames_max: usize,
}

/// What whoever reads it is after.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wants {
    /// Certificates are read.
    pub certificates: bool,
    /// Secrets may come behind what they open.
    pub late_secrets: bool,
}

/// Where the bytes of one side stand.
#[derive(Debug, Default)]
pub(super) struct Carrier {
    frames: VecDeque<Frame>,
    /// The offset behind the last byte.
    end: u64,
    /// The offset of the next plain byte among those that came out.
    plain: u64,
    /// The first record that may hold data of the application.
    data_from: Option<u64>,
    /// Since the last plain byte it was told that some are missing.
    broken: bool,
}

impl Sealed {
    /// A connection between these of which nothing was read.
    pub fn new(endpoints: [SocketAddr; 2], limits: &Limits, wants: Wants) -> Self {
        let mut bounds = limits.tls;
        if !wants.certificates {
            bounds.certificates_max = 0;
        }
        if wants.late_secrets {
            bounds.late_secret_bytes_max = limits.tls_late_bytes_max;
        }
        Self {
            connection: Connection::new(bounds),
            story: Story::new(endpoints),
            vain_bytes_max: limits.tls_vain_bytes_max,
            frames_max: limits.frames_a_message_max,
        }
    }

    /// The next bytes of one side, which these frames carried; false where not all frames are remembered.
    pub fn take(
        &mut self,
        side: usize,
        frames: impl IntoIterator<Item = Frame>,
        at: Place<'_>,
        keyring: &mut Keyring,
    ) -> bool {
        let mut whole = true;
        for frame in frames {
            whole &= self.story.carry(side, frame, self.frames_max);
        }
        let carrier = self.story.carrier(side);
        carrier.end = at.offset + at.bytes.len() as u64;
        self.story.acknowledgment = at.acknowledgment;
        self.work(at.order, keyring, |connection, keys, hear| {
            connection.take(story::direction(side), at.offset, at.bytes, keys, hear);
        });
        whole
    }

    /// Bytes of one side that the capture lacks.
    pub fn gap(
        &mut self,
        side: usize,
        offset: u64,
        missing: u64,
        order: u64,
        keyring: &mut Keyring,
    ) {
        self.story.miss();
        self.story.carrier(side).end = offset.saturating_add(missing);
        self.work(order, keyring, |connection, keys, hear| {
            connection.gap(story::direction(side), offset, missing, keys, hear);
        });
    }

    /// One side has ended.
    pub fn close(&mut self, side: usize, order: u64, keyring: &mut Keyring) {
        self.work(order, keyring, |connection, keys, hear| {
            connection.close(story::direction(side), keys, hear);
        });
    }

    /// FIN of one side, behind all that came out so far.
    pub fn fin(&mut self, side: usize, token: u64, time_ns: i64) {
        self.story.push(side, What::Fin { token, time_ns });
    }

    fn work(
        &mut self,
        order: u64,
        keyring: &mut Keyring,
        work: impl FnOnce(&mut Connection, &mut tls::Keys<'_>, &mut dyn FnMut(tls::Event<'_>)),
    ) {
        let (connection, story) = (&mut self.connection, &mut self.story);
        keyring.lend(order, |keys| {
            work(connection, keys, &mut |event| story.hear(event));
            if let Some(random) = story.unnamed.take() {
                // Of TLS 1.3 one secret may be there and another not.
                story.hopeless |= !knows(keys, &random);
            }
        });
    }

    /// Nothing of it can be read, now or later.
    pub fn is_hopeless(&self) -> bool {
        self.story.hopeless || self.story.vain_bytes > self.vain_bytes_max
    }

    /// It is given up although records of it were read: too much in a row was not.
    pub fn is_beyond(&self) -> bool {
        !self.story.hopeless && self.story.vain_bytes > self.vain_bytes_max
    }

    /// What came out, and the plain bytes that its ranges mean.
    pub fn take_opened(&mut self) -> (Vec<Opened>, Vec<u8>) {
        self.story.take_opened()
    }

    /// Takes both back, so that their room is used again, and forgets the frames of what was worked through.
    pub fn recycle(&mut self, mut opened: Vec<Opened>, mut plain: Vec<u8>) {
        opened.clear();
        plain.clear();
        for side in 0..2 {
            let front = self.connection.worked_through(story::direction(side));
            let frames = &mut self.story.carrier(side).frames;
            while frames.get(1).is_some_and(|second| second.offset <= front) {
                frames.pop_front();
            }
        }
        self.story.recycle(opened, plain);
    }

    /// The frames of a record whose plain bytes, so many, go on from `plain` in what came out: by offsets there.
    pub fn frames(
        &self,
        side: usize,
        record: Range<u64>,
        plain: u64,
        bytes: usize,
    ) -> impl Iterator<Item = Frame> {
        let frames = self.story.frames(side);
        let behind = frames.partition_point(|frame| frame.offset < record.end);
        let first = frames
            .partition_point(|frame| frame.offset <= record.start)
            .saturating_sub(1);
        let last = (bytes as u64).saturating_sub(1);
        let start = record.start + RECORD_HEAD_BYTES;
        frames
            .range(first.min(behind)..behind)
            .map(move |frame| Frame {
                offset: plain + frame.offset.saturating_sub(start).min(last),
                ..*frame
            })
    }

    /// What is known of its TLS.
    pub fn connection(&self) -> std::sync::Arc<crate::session::TlsConnection> {
        self.story.connection()
    }

    /// What there is to tell, once, when it is known whether data can be read, or nothing more comes.
    pub fn tell(&mut self, over: bool, time: Timestamp) -> Option<TlsSeen> {
        self.story.tell(over, time)
    }

    /// Time of the first byte that was not worked through.
    pub fn open_since_ns(&self) -> Option<i64> {
        let since = |side: usize| {
            let (frames, end) = self.story.open(side);
            let waits = self.connection.worked_through(story::direction(side)) < end;
            frames.front().filter(|_| waits).map(|frame| frame.time_ns)
        };
        [since(0), since(1)].into_iter().flatten().min()
    }

    /// What it costs.
    pub fn held_bytes(&self) -> usize {
        self.connection.held_bytes() + self.story.held_bytes() + size_of::<Self>()
    }
}

/// Bytes of one side, and where they stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub offset: u64,
    pub bytes: &'a [u8],
    /// What the packet that brought them acknowledges.
    pub acknowledgment: Option<u32>,
    /// The frame that is being worked on.
    pub order: u64,
}

/// Type, version and length (RFC 8446 section 5.1).
const RECORD_HEAD_BYTES: u64 = 5;
