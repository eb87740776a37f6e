//! The same look at many things, as many at a time as there are cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `act` to each of `items`; what fails for one of them fails here.
pub fn beside<T: Sync>(items: &[T], act: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            act(item);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores.min(items.len()))
            .map(|_| scope.spawn(work))
            .collect();
        for worker in workers {
            if let Err(failed) = worker.join() {
                std::panic::resume_unwind(failed);
            }
        }
    });
}
