//! What ends a run from outside: Ctrl-C, and the signals by which a system ends programs.

use std::future::poll_fn;
use std::task::Poll;

/// Hears whether somebody wants an end: by SIGINT, SIGTERM or, unless whoever began the program turned it off, SIGHUP.
pub struct Interrupt {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Interrupt {
    /// Listens from now on: a signal that comes before it is waited for is not lost, and ends the program no more. A signal that
    /// cannot be heard ends it as ever. Needs the runtime.
    #[must_use]
    pub fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        if !is_hangup_ignored() {
            kinds.push(SignalKind::hangup());
        }
        let heard = kinds.into_iter().filter_map(|kind| signal(kind).ok());
        Self {
            signals: heard.collect(),
        }
    }

    /// Comes back when somebody wants an end.
    pub async fn wanted(&mut self) {
        poll_fn(|context| {
            let came =
                |signal: &mut tokio::signal::unix::Signal| signal.poll_recv(context).is_ready();
            // All are asked, so that each wakes who waits here.
            match self.signals.iter_mut().map(came).filter(|it| *it).count() {
                0 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
    }
}

#[cfg(not(unix))]
impl Interrupt {
    /// Listens as soon as it is waited for.
    #[must_use]
    pub fn listen() -> Self {
        Self {}
    }

    /// Comes back when somebody wants an end, never where that cannot be heard.
    pub async fn wanted(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Begun by `nohup`, a program stays when its terminal goes; to listen for the signal would undo that.
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    static IGNORED: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    // Asked once: as soon as it is listened for, it is ignored no longer.
    *IGNORED.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mut lines = status.lines();
        let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        // Signals count from 1, and SIGHUP is the first.
        mask.is_some_and(|mask| mask & 1 == 1)
    })
}
