//! A thread, and what waits for it: bounded by bytes. Nobody waits to hand something in, and the end has its time.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

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

    /// The thread's exit codes, when it has worked off all there is. Nothing where it is given up: it took nothing for so long, or
    /// somebody wants an end once more.
    pub(super) async fn end(mut self, still_max: Duration) -> Option<Vec<u8>> {
        self.waiting.finish();
        let again = drive::interrupted();
        tokio::pin!(again);
        loop {
            tokio::select! {
                biased;
                codes = &mut self.codes => return Some(codes.unwrap_or_else(|_| vec![exit::DEFECT])),
                () = self.waiting.taken.notified() => {}
                () = &mut again => return None,
                () = tokio::time::sleep(still_max) => return None,
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
    use super::{Refused, Waiting};

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
