//! What the reading thread hands to those that read connections: segments, and the buffers that their bytes lie in.

use std::net::IpAddr;
use std::sync::Arc;

use crate::pipeline::flow::Packet;
use crate::pipeline::flows::Addressed;
use crate::pipeline::shard::Shard;
use crate::source::{Buffer, Timestamp};

/// Segments for one shard, and the bytes they refer to.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Buffers of the capture that segments lie in.
    buffers: Vec<Buffer>,
    /// Copies of what lies in none of them: put together from fragments, or written in a transcript.
    bytes: Vec<u8>,
    segments: Vec<Stored>,
}

/// A segment whose bytes stand in its batch.
#[derive(Debug, Clone)]
struct Stored {
    source: (IpAddr, u16),
    destination: (IpAddr, u16),
    sequence: u32,
    flags: u8,
    acknowledgment: Option<u32>,
    syn: bool,
    contradicted: bool,
    fin: bool,
    segment_sequence: u32,
    missing: u32,
    lost: u32,
    token: u64,
    time_ns: i64,
    order: u64,
    time: Timestamp,
    place: Place,
}

/// Where the bytes of a segment stand.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// One of the batch's buffers, or [`COPIED`].
    buffer: u32,
    start: u32,
    end: u32,
    /// Bytes before the payload: the header, where the segment can be checked.
    header: u32,
    checkable: bool,
}

impl Batch {
    /// Adds a segment of the frame `order`.
    pub fn push(
        &mut self,
        addressed: &Addressed<'_>,
        buffer: Option<&Buffer>,
        order: u64,
        time: Timestamp,
    ) {
        let segment = &addressed.packet.segment;
        let checkable = !addressed.checked.is_empty();
        // The payload is the end of the segment.
        let whole = if checkable {
            addressed.checked
        } else {
            segment.payload
        };
        let lies = buffer.and_then(|buffer| Some((buffer, place_in(buffer, whole)?)));
        let (buffer, start) = match lies {
            Some((buffer, at)) => (self.keep(buffer), at),
            None => self.copy(whole),
        };
        let place = Place {
            buffer,
            start: start as u32,
            end: (start + whole.len()) as u32,
            header: (whole.len() - segment.payload.len()) as u32,
            checkable,
        };
        self.segments.push(Stored {
            source: addressed.source,
            destination: addressed.destination,
            sequence: addressed.sequence,
            flags: addressed.flags,
            acknowledgment: segment.acknowledgment,
            syn: addressed.packet.syn,
            contradicted: addressed.packet.contradicted,
            fin: segment.fin,
            segment_sequence: segment.sequence,
            missing: segment.missing,
            lost: addressed.packet.lost,
            token: segment.token,
            time_ns: segment.time_ns,
            order,
            time,
            place,
        });
    }

    /// The number of a buffer that segments lie in; they come in its order.
    fn keep(&mut self, buffer: &Buffer) -> u32 {
        let known = self
            .buffers
            .iter()
            .rposition(|one| Arc::ptr_eq(one, buffer));
        known.unwrap_or_else(|| {
            self.buffers.push(Arc::clone(buffer));
            self.buffers.len() - 1
        }) as u32
    }

    fn copy(&mut self, bytes: &[u8]) -> (u32, usize) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        (COPIED, start)
    }

    /// Has every segment read.
    pub fn read_into(&self, shard: &mut Shard, parser: &mut cwmp::Parser) {
        for stored in &self.segments {
            let addressed = self.addressed(stored);
            shard.segment(&addressed, stored.order, stored.time, parser);
        }
    }

    /// Empties it for its next use.
    pub fn clear(&mut self) {
        self.buffers.clear();
        self.bytes.clear();
        self.segments.clear();
    }

    /// What a segment was, with its bytes.
    fn addressed(&self, stored: &Stored) -> Addressed<'_> {
        let place = stored.place;
        let bytes = match self.buffers.get(place.buffer as usize) {
            Some(buffer) => buffer.as_slice(),
            None => &self.bytes,
        };
        let whole = bytes
            .get(place.start as usize..place.end as usize)
            .unwrap_or_default();
        let payload = whole.get(place.header as usize..).unwrap_or_default();
        stored.addressed(payload, if place.checkable { whole } else { &[] })
    }
}

/// Where these bytes stand in the buffer, if they do.
fn place_in(buffer: &Buffer, bytes: &[u8]) -> Option<usize> {
    let at = bytes.as_ptr().addr().checked_sub(buffer.as_ptr().addr())?;
    (at + bytes.len() <= buffer.len()).then_some(at)
}

impl Stored {
    fn addressed<'a>(&self, payload: &'a [u8], checked: &'a [u8]) -> Addressed<'a> {
        Addressed {
            source: self.source,
            destination: self.destination,
            sequence: self.sequence,
            flags: self.flags,
            packet: Packet {
                segment: tcp::Segment {
                    sequence: self.segment_sequence,
                    fin: self.fin,
                    payload,
                    missing: self.missing,
                    acknowledgment: self.acknowledgment,
                    token: self.token,
                    time_ns: self.time_ns,
                },
                syn: self.syn,
                contradicted: self.contradicted,
                lost: self.lost,
                digits: self.time.digits,
            },
            checked,
        }
    }
}

/// The number of no buffer: the bytes are a copy.
const COPIED: u32 = u32::MAX;
