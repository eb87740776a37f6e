//! A thread, and what waits for it: bounded by bytes. Nobody waits to hand something in, and the end has its time.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot, watch};
use tokio::time::Instant;

use crate::cli::exit;
use crate::replay::drive;

/// A thread that works off what it is given.
pub(super) struct Worker<T> {
    waiting: Arc<Waiting<T>>,
    /// The exit codes that it asks for.
    codes: oneshot::Receiver<Vec<u8>>,
}

/// What waits for a thread.
pub(super) struct Waiting<T> {
    state: Mutex<State<T>>,
    came: Condvar,
    taken: Notify,
    bytes_max: usize,
}

struct State<T> {
    items: VecDeque<(usize, T)>,
    /// Of all that waits, and of what the thread is at.
    bytes: usize,
    /// Of what the thread is at.
    bytes_at_hand: usize,
    is_over: bool,
    is_gone: bool,
}

/// Somebody wants an end at once: a signal that comes when the end has begun.
pub(super) struct AtOnce {
    told: watch::Receiver<bool>,
    /// How long whoever is at something may take to leave it whole.
    grace: Duration,
    until: Option<Instant>,
}

/// Why a thread was not waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum GivenUp {
    /// It took nothing for so long.
    #[error("it takes too long")]
    Still,
    /// A signal came once more.
    #[error("it was to end at once")]
    AtOnce,
}

impl AtOnce {
    /// Hears signals from now on.
    pub(super) fn listen() -> Self {
        let (tell, told) = watch::channel(false);
        let mut interrupt = drive::Interrupt::listen();
        tokio::spawn(async move {
            interrupt.wanted().await;
            let _ = tell.send(true);
        });
        Self::of(told)
    }

    fn of(told: watch::Receiver<bool>) -> Self {
        Self {
            told,
            grace: Duration::ZERO,
            until: None,
        }
    }

    /// The same signal, with some time to leave things whole.
    pub(super) fn with_grace(self, grace: Duration) -> Self {
        Self {
            grace,
            until: None,
            ..self
        }
    }

    async fn wanted(&mut self) {
        let wanted = self.told.wait_for(|it| *it).await.is_ok();
        if !wanted {
            // Nobody listens any more.
            std::future::pending::<()>().await;
        }
        let until = self
            .until
            .get_or_insert_with(|| Instant::now() + self.grace);
        tokio::time::sleep_until(*until).await;
    }
}

/// Why something is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// As much waits as may.
    Full,
    /// Nobody works it off any more.
    Gone,
}

impl<T: Send + 'static> Worker<T> {
    /// Begins a thread that ends with [`Waiting::next`], for which at most so many bytes wait.
    pub(super) fn begin(
        bytes_max: usize,
        work: impl FnOnce(&Waiting<T>) -> Vec<u8> + Send + 'static,
    ) -> Self {
        let waiting = Arc::new(Waiting::new(bytes_max));
        let (tell, codes) = oneshot::channel();
        let handed = Arc::clone(&waiting);
        std::thread::spawn(move || {
            let codes = work(&handed);
            handed.lock().is_gone = true;
            // Nobody listens where the end was not waited for.
            let _ = tell.send(codes);
        });
        Self { waiting, codes }
    }

    pub(super) fn waiting(&self) -> &Arc<Waiting<T>> {
        &self.waiting
    }

    /// The thread's exit codes, when it has worked off all there is, or why it is given up.
    pub(super) async fn end(
        mut self,
        still_max: Duration,
        at_once: &mut AtOnce,
    ) -> Result<Vec<u8>, GivenUp> {
        self.waiting.finish();
        loop {
            tokio::select! {
                biased;
                codes = &mut self.codes => return Ok(codes.unwrap_or_else(|_| vec![exit::DEFECT])),
                () = at_once.wanted() => return Err(GivenUp::AtOnce),
                () = self.waiting.taken.notified() => {}
                () = tokio::time::sleep(still_max) => return Err(GivenUp::Still),
            }
        }
    }
}

impl<T> Waiting<T> {
    fn new(bytes_max: usize) -> Self {
        Self {
            state: Mutex::new(State {
                items: VecDeque::new(),
                bytes: 0,
                bytes_at_hand: 0,
                is_over: false,
                is_gone: false,
            }),
            came: Condvar::new(),
            taken: Notify::new(),
            bytes_max,
        }
    }

    /// Hands something in, if there is room; where nothing waits, there always is.
    pub(super) fn push(&self, bytes: usize, item: T) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.is_gone {
            return Err(Refused::Gone);
        }
        let with = state.bytes.saturating_add(bytes);
        if state.is_over || (state.bytes > 0 && with > self.bytes_max) {
            return Err(Refused::Full);
        }
        state.bytes = with;
        state.items.push_back((bytes, item));
        self.came.notify_one();
        Ok(())
    }

    /// For the thread: what is next, when it is there; nothing at the end.
    pub(super) fn next(&self) -> Option<T> {
        let mut state = self.lock();
        state.bytes = state.bytes.saturating_sub(state.bytes_at_hand);
        state.bytes_at_hand = 0;
        self.taken.notify_one();
        loop {
            if let Some((bytes, item)) = state.items.pop_front() {
                state.bytes_at_hand = bytes;
                return Some(item);
            }
            if state.is_over {
                return None;
            }
            let came = self.came.wait(state);
            state = came.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Does nobody work it off any more?
    pub(super) fn is_gone(&self) -> bool {
        self.lock().is_gone
    }

    /// Takes back what waits.
    pub(super) fn take_back(&self) -> Vec<T> {
        let items = std::mem::take(&mut self.lock().items);
        items.into_iter().map(|(_, item)| item).collect()
    }

    /// Nothing more comes.
    fn finish(&self) {
        self.lock().is_over = true;
        self.came.notify_one();
    }

    /// What a thread that broke off has left is as whole as before.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::sync::watch;

    use super::{AtOnce, GivenUp, Refused, Waiting, Worker};

    #[test]
    fn what_a_thread_is_at_is_left_where_somebody_wants_an_end_at_once() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().build().expect("a runtime");
        let (hold, held) = mpsc::channel::<()>();
        let begin = |held: mpsc::Receiver<()>| {
            Worker::begin(10, move |waiting: &Waiting<()>| {
                while waiting.next().is_some() {
                    let _ = held.recv();
                }
                vec![1]
            })
        };
        let worker = begin(held);
        assert_eq!(worker.waiting().push(1, ()), Ok(()));
        let (tell, told) = watch::channel(false);
        let mut at_once = AtOnce::of(told);
        let long = Duration::from_secs(3600);
        runtime.block_on(async {
            let ends = worker.end(long, &mut at_once);
            let wants = async { tell.send(true).expect("it listens") };
            let (ended, ()) = tokio::join!(ends, wants);
            assert_eq!(ended, Err(GivenUp::AtOnce));
            // And so is every other that is at something.
            let (_hold, held) = mpsc::channel::<()>();
            let other = begin(held);
            assert_eq!(other.waiting().push(1, ()), Ok(()));
            assert_eq!(other.end(long, &mut at_once).await, Err(GivenUp::AtOnce));
            // Who only has to leave things whole has the time for it.
            let last = Worker::begin(10, |waiting: &Waiting<()>| {
                while waiting.next().is_some() {}
                vec![7]
            });
            let mut at_once = at_once.with_grace(long);
            assert_eq!(last.end(long, &mut at_once).await, Ok(vec![7]));
        });
        drop(hold);
    }

    #[test]
    fn as_many_bytes_wait_as_may_and_what_is_at_hand_counts() {
        let waiting = Waiting::new(10);
        assert_eq!(waiting.push(100, 'a'), Ok(()), "the first finds room");
        assert_eq!(waiting.push(1, 'b'), Err(Refused::Full));
        assert_eq!(waiting.next(), Some('a'));
        assert_eq!(waiting.push(1, 'b'), Err(Refused::Full), "it is at hand");
        waiting.finish();
        assert_eq!(waiting.next(), None);
        assert_eq!(waiting.push(1, 'c'), Err(Refused::Full));

        let waiting = Waiting::new(10);
        for item in ['a', 'b'] {
            assert_eq!(waiting.push(5, item), Ok(()));
        }
        assert_eq!(waiting.push(1, 'c'), Err(Refused::Full));
        assert_eq!(waiting.next(), Some('a'));
        assert_eq!(waiting.next(), Some('b'));
        assert_eq!(waiting.push(5, 'c'), Ok(()));
        assert_eq!(waiting.take_back(), ['c']);
    }
}
