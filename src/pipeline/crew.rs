//! Several threads: one reads frames, some read connections, the caller's collects. What comes out is what one thread
//! alone would give out, byte for byte: batches have the same bounds, shards the same connections, and events are put in
//! the order of their frames.

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::collector::Collector;
use super::flow::Packet;
use super::flows::{Addressed, shard};
use super::intake::Intake;
use super::options::Options;
use super::outbox::{Arrival, Event, Fingerprints};
use super::shard::{Closing, SHARDS, Shard};
use crate::session::{Output, Spent, Summary};
use crate::source::{Buffer, Capture, Progress, Timestamp};

/// Runs the analysis on `options.threads` workers.
pub(super) fn analyse(
    capture: &mut Capture,
    options: &Options,
    deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
    progress: &mut dyn FnMut(Progress),
) -> Summary {
    let workers = options.threads.min(SHARDS);
    let stopped = AtomicBool::new(false);
    let fingerprints = Fingerprints::default();
    thread::scope(|scope| {
        let (mut inboxes, mut outboxes) = (Vec::new(), Vec::<Outlet>::new());
        for worker in 0..workers {
            let (inbox, batches) = sync_channel(BATCHES_AHEAD);
            let (results, outbox) = sync_channel(BATCHES_AHEAD);
            let (used, spare) = sync_channel(BATCHES_AHEAD * 2);
            let (spent, leftovers) = sync_channel(BATCHES_AHEAD * 2);
            let desk = Desk {
                batches,
                results,
                used,
                leftovers,
            };
            let fingerprints = fingerprints.clone();
            scope.spawn(move || work(worker, workers, options, fingerprints, &desk));
            inboxes.push(Inbox {
                batches: inbox,
                spare,
                filling: Batch::default(),
            });
            outboxes.push(Outlet {
                results: outbox,
                spent,
            });
        }
        let (marks_in, marks) = sync_channel(BATCHES_AHEAD * 2);
        let halt = &stopped;
        let reader = scope.spawn(move || read(capture, options, inboxes, &marks_in, halt));
        let mut collector = Collector::new(options);
        while let Ok(mark) = marks.recv() {
            let reached = mark.progress;
            let flow = collect(&mut collector, mark, &outboxes, deliver);
            progress(reached);
            if flow.is_break() {
                // What is under way is still taken, so that nobody waits for room in a channel.
                stopped.store(true, Ordering::Relaxed);
            }
        }
        // The mark channel is closed by the reader's return, so neither can be waited for in vain.
        drop(marks);
        let intake = reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let closings = closings(&outboxes);
        collector.finish(closings, intake, deliver)
    })
}

/// Segments for one worker, and the bytes they refer to.
#[derive(Debug, Default)]
struct Batch {
    /// Buffers of the capture that segments lie in.
    buffers: Vec<Buffer>,
    /// Copies of what lies in none of them: put together from fragments, or written in a transcript.
    bytes: Vec<u8>,
    segments: Vec<Stored>,
    /// It ends with a tick: with this frame.
    tick: Option<(u64, Timestamp)>,
    /// The last batch: time of the last frame.
    last: Option<Timestamp>,
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

/// What a worker made of a batch.
enum Result {
    Batch {
        events: Vec<Event>,
        watermark_ns: i64,
    },
    Last(Vec<(usize, Closing)>),
}

/// The reader's side of one worker.
struct Inbox {
    batches: SyncSender<Batch>,
    spare: Receiver<Batch>,
    filling: Batch,
}

/// The worker's own side.
struct Desk {
    batches: Receiver<Batch>,
    results: SyncSender<Result>,
    used: SyncSender<Batch>,
    leftovers: Receiver<Spent>,
}

/// The collector's side of one worker.
struct Outlet {
    results: Receiver<Result>,
    /// Messages go back to the thread that made them, which frees them at least cost.
    spent: SyncSender<Spent>,
}

/// The end of a batch, as the reader saw it.
struct Mark {
    tick: Option<(u64, Timestamp)>,
    now: Timestamp,
    progress: Progress,
    /// What datagrams said meanwhile.
    events: Vec<Event>,
}

/// Reads frames and deals their segments out.
fn read(
    capture: &mut Capture,
    options: &Options,
    mut inboxes: Vec<Inbox>,
    marks: &SyncSender<Mark>,
    stopped: &AtomicBool,
) -> Intake {
    let mut intake = Intake::new(options);
    let mut now = Timestamp::default();
    let mut open = false;
    while options.frames_max.is_none_or(|max| intake.frames < max)
        && !stopped.load(Ordering::Relaxed)
    {
        let Some(frame) = capture.next() else { break };
        now = frame.time;
        open = true;
        let order = intake.frames;
        let workers = inboxes.len();
        let taken = intake.frame(&frame, &mut |addressed| {
            let at = shard(addressed.source.0, addressed.destination.0, SHARDS) % workers;
            if let Some(inbox) = inboxes.get_mut(at) {
                inbox.filling.push(addressed, frame.buffer, order, now);
            }
        });
        if taken.boundary {
            let tick = taken.tick.then_some((order, now));
            if !hand_out(&mut inboxes, tick, None)
                || marks
                    .send(Mark {
                        tick,
                        now,
                        progress: capture.progress(),
                        events: std::mem::take(&mut intake.events),
                    })
                    .is_err()
            {
                return intake;
            }
            open = false;
        }
    }
    if open && hand_out(&mut inboxes, None, None) {
        let _ = marks.send(Mark {
            tick: None,
            now,
            progress: capture.progress(),
            events: std::mem::take(&mut intake.events),
        });
    }
    hand_out(&mut inboxes, None, Some(now));
    intake
}

/// Sends what has been filled to every worker, empty or not; false where one is gone.
fn hand_out(
    inboxes: &mut [Inbox],
    tick: Option<(u64, Timestamp)>,
    last: Option<Timestamp>,
) -> bool {
    inboxes.iter_mut().all(|inbox| {
        let next = inbox.spare.try_recv().unwrap_or_default();
        let mut batch = std::mem::replace(&mut inbox.filling, next);
        (batch.tick, batch.last) = (tick, last);
        inbox.batches.send(batch).is_ok()
    })
}

/// Reads the connections of one worker's shards.
fn work(worker: usize, workers: usize, options: &Options, fingerprints: Fingerprints, desk: &Desk) {
    let mut shards: Vec<(usize, Shard)> = (worker..SHARDS)
        .step_by(workers)
        .map(|at| (at, Shard::new(options, fingerprints.clone())))
        .collect();
    let mut parser = cwmp::Parser::default();
    while let Ok(mut batch) = desk.batches.recv() {
        desk.leftovers.try_iter().for_each(drop);
        if let Some(now) = batch.last {
            let closings = shards
                .into_iter()
                .map(|(at, shard)| (at, shard.finish(now)))
                .collect();
            let _ = desk.results.send(Result::Last(closings));
            return;
        }
        let mut events = Vec::new();
        for stored in &batch.segments {
            let addressed = batch.addressed(stored);
            let at = shard(stored.source.0, stored.destination.0, SHARDS);
            if let Some((_, shard)) = shards.get_mut(at / workers) {
                shard.segment(&addressed, stored.order, stored.time, &mut parser);
                events.append(&mut shard.outbox.events);
            }
        }
        if let Some((order, time)) = batch.tick {
            for (number, shard) in &mut shards {
                shard.tick(*number, order, time, &mut parser);
                events.append(&mut shard.outbox.events);
            }
        }
        let watermark_ns = shards
            .iter()
            .map(|(_, shard)| shard.watermark_ns())
            .min()
            .unwrap_or(i64::MAX);
        if desk
            .results
            .send(Result::Batch {
                events,
                watermark_ns,
            })
            .is_err()
        {
            return;
        }
        batch.clear();
        let _ = desk.used.try_send(batch);
    }
}

/// Puts the events of one batch in the order of their frames.
fn collect(
    collector: &mut Collector,
    mark: Mark,
    outboxes: &[Outlet],
    deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let nobody = outboxes.len();
    let mut all: Vec<(usize, Event)> = Vec::new();
    all.extend(mark.events.into_iter().map(|event| (nobody, event)));
    let mut watermark_ns = mark.now.nanoseconds;
    for (worker, outbox) in outboxes.iter().enumerate() {
        if let Ok(Result::Batch {
            events,
            watermark_ns: one,
        }) = outbox.results.recv()
        {
            all.extend(events.into_iter().map(|event| (worker, event)));
            watermark_ns = watermark_ns.min(one);
        }
    }
    // Each frame's events come from one worker, in order: a stable sort keeps that.
    all.sort_by_key(|(_, event)| (event.order, event.rank));
    let mut spent: Vec<Spent> = outboxes.iter().map(|_| Spent::default()).collect();
    for (worker, event) in all {
        collector.event(event);
        if let Some(spent) = spent.get_mut(worker) {
            spent.append(collector.spent());
        }
    }
    for (outbox, spent) in outboxes.iter().zip(spent) {
        let _ = outbox.spent.try_send(spent);
    }
    if let Some((order, time)) = mark.tick {
        collector.event(Event {
            order,
            rank: u8::MAX,
            time,
            what: Arrival::Tick,
        });
    }
    collector.boundary(watermark_ns, deliver)
}

/// The last words of every shard, in the order of shards.
fn closings(outboxes: &[Outlet]) -> Vec<Closing> {
    let mut closings = Vec::new();
    for outbox in outboxes {
        while let Ok(result) = outbox.results.recv() {
            if let Result::Last(last) = result {
                closings.extend(last);
                break;
            }
        }
    }
    closings.sort_by_key(|(at, _)| *at);
    closings.into_iter().map(|(_, closing)| closing).collect()
}

impl Batch {
    fn push(
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

    fn clear(&mut self) {
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
/// Batches that may wait for a worker or for the collector.
const BATCHES_AHEAD: usize = 4;
