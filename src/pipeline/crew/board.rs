//! Who does what next: the shards with what waits for them, and what was made of each round of frames.
//!
//! A round is as many frames as a batch holds. Whoever is free takes the oldest work there is; a shard is worked on by one
//! at a time, round after round.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::batch::Batch;
use crate::pipeline::outbox::Event;
use crate::pipeline::shard::Shard;
use crate::session::Spent;
use crate::source::{Progress, Timestamp};

/// What all threads share.
pub(super) struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

/// A round's end, as the reader saw it.
#[derive(Debug)]
pub(super) struct Mark {
    /// It ends with a tick: with this frame.
    pub tick: Option<(u64, Timestamp)>,
    /// Time of its last frame.
    pub now: Timestamp,
    pub progress: Progress,
    /// What datagrams said meanwhile.
    pub events: Vec<Event>,
}

/// A round, and what has been made of it.
pub(super) struct Round {
    pub mark: Mark,
    /// Events of each shard, by who made them.
    pub made: Vec<(usize, Vec<Event>)>,
    pub watermark_ns: i64,
    /// Shards that are not done with it.
    missing: usize,
}

/// One shard's part of a round.
pub(super) struct Job {
    pub shard: Box<Shard>,
    /// The shard's number.
    pub number: usize,
    pub batch: Batch,
    pub tick: Option<(u64, Timestamp)>,
    /// What is left of messages that this thread made.
    pub leftovers: Vec<Spent>,
    round: u64,
}

/// What to do next.
pub(super) enum Task {
    /// Read a round into these.
    Read(Vec<Batch>),
    Work(Job),
    Collect(Box<Round>),
    Over,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Collector,
    Reader,
    Worker,
}

struct State {
    desks: Vec<Desk>,
    /// Read and not collected yet, the oldest first.
    rounds: VecDeque<Round>,
    /// The number of the oldest.
    first: u64,
    /// Batches to be used again.
    spare: Vec<Batch>,
    /// By who made the messages.
    leftovers: Vec<Vec<Spent>>,
    /// Who waits for a change.
    waiting: usize,
    /// Nobody wants more.
    stopped: bool,
    /// Nothing more will be read.
    read: bool,
    /// A thread has panicked.
    broken: bool,
}

/// A shard, unless somebody works on it, and what waits for it.
struct Desk {
    shard: Option<Box<Shard>>,
    /// With the ticks that end them, from `round` on.
    batches: VecDeque<(Batch, Option<(u64, Timestamp)>)>,
    round: u64,
    /// Who worked on it last has it in the cache.
    last: usize,
}

impl Board {
    pub fn new(shards: Vec<Shard>, threads: usize) -> Self {
        let desk = |(number, shard)| Desk {
            shard: Some(Box::new(shard)),
            batches: VecDeque::new(),
            round: 0,
            last: number % threads.max(1),
        };
        let state = State {
            desks: shards.into_iter().enumerate().map(desk).collect(),
            rounds: VecDeque::new(),
            first: 0,
            spare: Vec::new(),
            leftovers: (0..threads).map(|_| Vec::new()).collect(),
            waiting: 0,
            stopped: false,
            read: false,
            broken: false,
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// What this thread is to do; waits until there is something.
    pub fn next(&self, role: Role, thread: usize) -> Task {
        let mut state = self.lock();
        loop {
            if let Some(task) = state.task(role, thread) {
                // What is collected makes room for the reader, and the last work may be all there was.
                if !matches!(task, Task::Work(_)) || state.read {
                    self.tell(state);
                }
                return task;
            }
            state.waiting += 1;
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// A round was read.
    pub fn hand_out(&self, batches: Vec<Batch>, mark: Mark) {
        let mut state = self.lock();
        let tick = mark.tick;
        let missing = state.desks.len();
        state.rounds.push_back(Round {
            watermark_ns: mark.now.nanoseconds,
            mark,
            made: Vec::with_capacity(missing),
            missing,
        });
        for (desk, batch) in state.desks.iter_mut().zip(batches) {
            desk.batches.push_back((batch, tick));
        }
        self.tell(state);
    }

    /// Nothing more comes from the reader.
    pub fn end(&self) {
        let mut state = self.lock();
        state.read = true;
        self.tell(state);
    }

    /// Nobody wants more: the reader is to end.
    pub fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        self.tell(state);
    }

    /// A shard's part of a round is done.
    pub fn done(&self, job: Job, thread: usize, events: Vec<Event>) {
        let watermark_ns = job.shard.watermark_ns();
        let Job {
            shard,
            number,
            mut batch,
            round,
            ..
        } = job;
        batch.clear();
        let mut state = self.lock();
        state.spare.push(batch);
        if let Some(desk) = state.desks.get_mut(number) {
            desk.shard = Some(shard);
            desk.round = round + 1;
            desk.last = thread;
        }
        let at = round.wrapping_sub(state.first);
        if let Some(round) = state.rounds.get_mut(at as usize) {
            round.missing = round.missing.saturating_sub(1);
            round.watermark_ns = round.watermark_ns.min(watermark_ns);
            if !events.is_empty() {
                round.made.push((thread, events));
            }
        }
        self.tell(state);
    }

    /// Messages go back to the thread that made them, which frees them at least cost.
    pub fn give_back(&self, spent: Vec<Spent>) {
        let mut state = self.lock();
        let mut beyond = Vec::new();
        for (leftovers, spent) in state.leftovers.iter_mut().zip(spent) {
            if leftovers.len() < LEFTOVERS_MAX {
                leftovers.push(spent);
            } else {
                beyond.push(spent);
            }
        }
        drop(state);
        drop(beyond);
    }

    /// All shards, when everything is over.
    pub fn into_shards(self) -> Vec<Shard> {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let shards = state.desks.into_iter().filter_map(|desk| desk.shard);
        shards.map(|shard| *shard).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, state: MutexGuard<'_, State>) {
        let waiting = state.waiting > 0;
        drop(state);
        if waiting {
            self.changed.notify_all();
        }
    }
}

impl State {
    fn task(&mut self, role: Role, thread: usize) -> Option<Task> {
        if self.broken {
            return Some(Task::Over);
        }
        if role == Role::Reader && (self.stopped || self.read) {
            return Some(Task::Over);
        }
        if role == Role::Collector && self.rounds.front().is_some_and(|round| round.missing == 0) {
            self.first += 1;
            return self.rounds.pop_front().map(Box::new).map(Task::Collect);
        }
        if role == Role::Reader && self.rounds.len() < ROUNDS_AHEAD {
            let mut batches = Vec::with_capacity(self.desks.len());
            batches.resize_with(self.desks.len(), || self.spare.pop().unwrap_or_default());
            return Some(Task::Read(batches));
        }
        if let Some(job) = self.job(thread) {
            return Some(Task::Work(job));
        }
        let over = match role {
            Role::Collector => self.read && self.rounds.is_empty(),
            Role::Worker => self.read && self.desks.iter().all(|desk| desk.batches.is_empty()),
            Role::Reader => false,
        };
        over.then_some(Task::Over)
    }

    /// The oldest work that nobody does; of the same round, that of a shard this thread knows.
    fn job(&mut self, thread: usize) -> Option<Job> {
        let waits = |desk: &Desk| desk.shard.is_some() && !desk.batches.is_empty();
        let waiting = self
            .desks
            .iter()
            .enumerate()
            .filter(|(_, desk)| waits(desk));
        let (number, _) = waiting.min_by_key(|(_, desk)| (desk.round, desk.last != thread))?;
        let desk = self.desks.get_mut(number)?;
        let (batch, tick) = desk.batches.pop_front()?;
        let leftovers = self.leftovers.get_mut(thread).map(std::mem::take);
        Some(Job {
            shard: desk.shard.take()?,
            number,
            batch,
            tick,
            leftovers: leftovers.unwrap_or_default(),
            round: desk.round,
        })
    }
}

/// Ends all threads where one panics: nobody waits for it.
pub(super) struct Watch<'a>(pub &'a Board);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().broken = true;
            self.0.changed.notify_all();
        }
    }
}

/// Rounds that may be read before the oldest is collected.
const ROUNDS_AHEAD: usize = 6;
/// What is left of so many rounds may wait for one thread.
const LEFTOVERS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::options::Options;

    fn mark() -> Mark {
        Mark {
            tick: None,
            now: Timestamp::default(),
            progress: Progress::default(),
            events: Vec::new(),
        }
    }

    /// Does all the work there is, and counts it.
    fn work(board: &Board) -> usize {
        let mut jobs = 0;
        let mut state = board.lock();
        while let Some(job) = state.job(1) {
            drop(state);
            board.done(job, 1, Vec::new());
            jobs += 1;
            state = board.lock();
        }
        jobs
    }

    /// Returns when another thread waits.
    fn await_waiting(board: &Board) {
        while board.lock().waiting == 0 {
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_is_collected_makes_room_for_the_reader() {
        let board = Board::new(Shard::all(&Options::default(), &Default::default()), 2);
        for _ in 0..ROUNDS_AHEAD {
            let Task::Read(batches) = board.next(Role::Reader, 1) else {
                panic!("there is room");
            };
            board.hand_out(batches, mark());
        }
        let reader_may_read = || matches!(board.lock().task(Role::Reader, 1), Some(Task::Read(_)));
        assert!(work(&board) == ROUNDS_AHEAD * crate::pipeline::shard::SHARDS);
        assert!(!reader_may_read());
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| matches!(board.next(Role::Reader, 1), Task::Read(_)));
            await_waiting(&board);
            assert!(matches!(board.next(Role::Collector, 0), Task::Collect(_)));
            assert!(reader.join().unwrap_or(false), "it waits no longer");
        });
    }

    #[test]
    fn nobody_waits_any_longer_where_the_reader_ends() {
        let board = Board::new(Shard::all(&Options::default(), &Default::default()), 2);
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| matches!(board.next(Role::Worker, 1), Task::Over));
            await_waiting(&board);
            board.end();
            assert!(worker.join().unwrap_or(false));
            assert!(matches!(board.next(Role::Collector, 0), Task::Over));
        });
    }

    #[test]
    fn the_reader_ends_where_nobody_wants_more() {
        let board = Board::new(Shard::all(&Options::default(), &Default::default()), 2);
        for _ in 0..ROUNDS_AHEAD {
            let Task::Read(batches) = board.next(Role::Reader, 1) else {
                panic!("there is room");
            };
            board.hand_out(batches, mark());
        }
        work(&board);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| matches!(board.next(Role::Reader, 1), Task::Over));
            await_waiting(&board);
            board.stop();
            assert!(reader.join().unwrap_or(false));
        });
    }

    #[test]
    fn who_waits_for_a_shard_ends_where_its_worker_panics() {
        let board = Board::new(Shard::all(&Options::default(), &Default::default()), 2);
        let Task::Read(batches) = board.next(Role::Reader, 0) else {
            panic!("there is room");
        };
        board.hand_out(batches, mark());
        board.end();
        let Task::Work(lost) = board.next(Role::Worker, 1) else {
            panic!("there is work");
        };
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                let _watch = Watch(&board);
                let _lost = lost;
                await_waiting(&board);
                std::panic::resume_unwind(Box::new(()));
            });
            // All other work is done; the collector waits for what the other took.
            let ended = loop {
                match board.next(Role::Collector, 0) {
                    Task::Work(job) => board.done(job, 0, Vec::new()),
                    Task::Over => break true,
                    Task::Read(_) | Task::Collect(_) => break false,
                }
            };
            assert!(worker.join().is_err());
            assert!(ended, "a shard is missing for ever");
        });
    }

    #[test]
    fn a_thread_that_panics_ends_the_others() {
        let board = Board::new(Shard::all(&Options::default(), &Default::default()), 2);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                let _watch = Watch(&board);
                std::panic::resume_unwind(Box::new(()));
            });
            assert!(matches!(board.next(Role::Collector, 0), Task::Over));
            assert!(other.join().is_err());
        });
    }
}
