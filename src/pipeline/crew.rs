//! Several threads: one reads frames, the caller's collects, and both read connections whenever they have nothing else to
//! do, as any others do. What comes out is what one thread alone would give out, byte for byte: rounds have the same
//! bounds, shards the same connections, and events are put in the order of their frames.

mod batch;
mod board;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;

use batch::Batch;
use board::{Board, Job, Mark, Role, Round, Task, Watch};

use super::collector::Collector;
use super::flows::shard;
use super::intake::Intake;
use super::keys::Found;
use super::options::Options;
use super::outbox::{Arrival, Event};
use super::shard::{SHARDS, Shard};
use crate::session::{Output, Spent, Summary};
use crate::source::{Frames, Next, Progress, Timestamp};

/// Runs the analysis on `options.threads` threads, the caller's among them.
pub(super) fn analyse(
    capture: &mut impl Frames,
    options: &Options,
    deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
    progress: &mut dyn FnMut(Progress),
) -> Summary {
    let threads = options.threads.clamp(THREADS_MIN, SHARDS + THREADS_MIN);
    let found = Arc::<Found>::default();
    let board = Board::new(Shard::all(options, &found), threads);
    let mut collector = Collector::new(options);
    let mut now = Timestamp::default();
    let intake = thread::scope(|scope| {
        let _watch = Watch(&board);
        let shared = &board;
        for worker in THREADS_MIN..threads {
            scope.spawn(move || work_on(shared, worker));
        }
        let reader = scope.spawn(move || read_all(capture, options, found, shared));
        let mut parser = cwmp::Parser::default();
        loop {
            match board.next(Role::Collector, COLLECTOR) {
                Task::Collect(round) => {
                    let reached = round.mark.progress;
                    now = round.mark.now;
                    if collect(&mut collector, *round, shared, threads, deliver).is_break() {
                        // What is under way is still taken.
                        board.stop();
                    }
                    progress(reached);
                }
                Task::Work(job) => work(shared, job, COLLECTOR, &mut parser),
                Task::Read(_) | Task::Over => break,
            }
        }
        reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    let shards = board.into_shards().into_iter();
    let closings = shards.map(|shard| shard.finish(now)).collect();
    collector.finish(closings, intake, deliver)
}

/// Reads the capture to its end, and works while there is no room for more.
fn read_all(
    capture: &mut impl Frames,
    options: &Options,
    found: Arc<Found>,
    board: &Board,
) -> Intake {
    let _watch = Watch(board);
    let mut intake = Intake::new(options, found);
    let mut parser = cwmp::Parser::default();
    loop {
        match board.next(Role::Reader, READER) {
            Task::Read(mut batches) => match read(capture, options, &mut intake, &mut batches) {
                Some(mark) => board.hand_out(batches, mark),
                None => break,
            },
            Task::Work(job) => work(board, job, READER, &mut parser),
            Task::Collect(_) | Task::Over => break,
        }
    }
    board.end();
    work_on(board, READER);
    intake
}

/// Reads one round of frames and deals their segments out; `None` where there are no more.
fn read(
    capture: &mut impl Frames,
    options: &Options,
    intake: &mut Intake,
    batches: &mut [Batch],
) -> Option<Mark> {
    let mut now = None;
    let mut tick = None;
    while options.frames_max.is_none_or(|max| intake.frames < max) {
        let order = intake.frames;
        let (time, taken) = match capture.next() {
            Next::End => break,
            Next::Tick(time) => (time, intake.tick(time)),
            Next::Frame(frame) => {
                let time = frame.time;
                let taken = intake.frame(&frame, &mut |addressed| {
                    let at = shard(addressed.source.0, addressed.destination.0, SHARDS);
                    if let Some(batch) = batches.get_mut(at) {
                        batch.push(addressed, frame.buffer, order, time);
                    }
                });
                (time, taken)
            }
        };
        now = Some(time);
        if taken.boundary {
            tick = taken.tick.then_some((order, time));
            break;
        }
    }
    now.map(|now| Mark {
        tick,
        now,
        progress: capture.progress(),
        events: std::mem::take(&mut intake.events),
    })
}

/// Reads connections until there is nothing more to read.
fn work_on(board: &Board, thread: usize) {
    let _watch = Watch(board);
    let mut parser = cwmp::Parser::default();
    while let Task::Work(job) = board.next(Role::Worker, thread) {
        work(board, job, thread, &mut parser);
    }
}

/// Reads one shard's part of a round.
fn work(board: &Board, mut job: Job, thread: usize, parser: &mut cwmp::Parser) {
    job.leftovers.clear();
    job.batch.read_into(&mut job.shard, parser);
    if let Some((order, time)) = job.tick {
        job.shard.tick(job.number, order, time, parser);
    }
    let events = std::mem::take(&mut job.shard.outbox.events);
    board.done(job, thread, events);
}

/// Puts the events of one round in the order of their frames.
fn collect(
    collector: &mut Collector,
    round: Round,
    board: &Board,
    threads: usize,
    deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Round {
        mark,
        made,
        watermark_ns,
        ..
    } = round;
    let mut all: Vec<(usize, Event)> = Vec::new();
    all.extend(mark.events.into_iter().map(|event| (COLLECTOR, event)));
    for (thread, events) in made {
        all.extend(events.into_iter().map(|event| (thread, event)));
    }
    // Each frame's events come from one shard, in order: a stable sort keeps that.
    all.sort_by_key(|(_, event)| (event.order, event.rank));
    let mut spent: Vec<Spent> = Vec::new();
    spent.resize_with(threads, Spent::default);
    for (thread, event) in all {
        collector.event(event);
        if let Some(spent) = spent.get_mut(thread) {
            spent.append(collector.spent());
        }
    }
    if let Some(own) = spent.get_mut(COLLECTOR) {
        own.clear();
    }
    board.give_back(spent);
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

/// The thread that collects, and the one that reads frames; without both there is nothing to share.
const COLLECTOR: usize = 0;
const READER: usize = 1;
const THREADS_MIN: usize = 2;
