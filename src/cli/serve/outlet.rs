//! Standard output and standard error of a program that serves: whoever has something for people says it and goes on, whether anybody
//! reads or not. What finds no room is left out and counted.

use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::secrets::Secrets;
use super::worker::{AtOnce, Refused, Waiting, Worker};
use crate::cli::exit;
use crate::cli::output::{Sink, complaint};
use crate::report::text;

/// One way out; everybody may have one.
#[derive(Clone)]
pub(super) struct Outlet {
    waiting: Arc<Waiting<String>>,
    left_out: Arc<AtomicU64>,
}

/// Lines on standard error, and their thread.
pub(super) struct Complaints {
    worker: Worker<String>,
    outlet: Outlet,
}

/// The output, and its thread.
pub(super) struct Pages {
    worker: Worker<String>,
    outlet: Outlet,
    complaints: Outlet,
}

impl Outlet {
    /// Shows text; breaks where nobody reads on.
    pub(super) fn show(&self, text: String) -> ControlFlow<()> {
        let lines = lines(&text);
        match self.waiting.push(text.len(), text) {
            Ok(()) => ControlFlow::Continue(()),
            Err(Refused::Full) => {
                self.left_out.fetch_add(lines, Ordering::Relaxed);
                ControlFlow::Continue(())
            }
            Err(Refused::Gone) => ControlFlow::Break(()),
        }
    }

    /// A line, or lines, for standard error.
    pub(super) fn complain(&self, text: &str) {
        // Where standard error is gone, there is nobody to tell.
        let _ = self.show(complaint(text));
    }

    /// Has the reader gone?
    pub(super) fn is_gone(&self) -> bool {
        self.waiting.is_gone()
    }

    fn of(worker: &Worker<String>, left_out: &Arc<AtomicU64>) -> Self {
        Self {
            waiting: Arc::clone(worker.waiting()),
            left_out: Arc::clone(left_out),
        }
    }
}

impl Complaints {
    pub(super) fn begin(secrets: Secrets) -> Self {
        let left_out = Arc::<AtomicU64>::default();
        let missed = Arc::clone(&left_out);
        let worker = Worker::begin(COMPLAINTS_BYTES_MAX, move |waiting: &Waiting<String>| {
            while let Some(text) = waiting.next() {
                let lines = missed.swap(0, Ordering::Relaxed);
                let before = if lines > 0 {
                    complaint(&format!(
                        "{} of this left out: nobody read as fast as they came",
                        counted(lines)
                    ))
                } else {
                    String::new()
                };
                let text = before + &secrets.hidden(&text);
                let written = io::stderr().write_all(text.as_bytes());
                if written.is_err() {
                    break;
                }
            }
            Vec::new()
        });
        let outlet = Outlet::of(&worker, &left_out);
        Self { worker, outlet }
    }

    pub(super) fn outlet(&self) -> &Outlet {
        &self.outlet
    }

    /// Waits until all is said, as long as somebody reads.
    pub(super) async fn end(self) {
        let _ = self.worker.end(STILL_MAX, &mut AtOnce::listen()).await;
    }
}

impl Pages {
    /// What is said about the output goes to `complaints`.
    pub(super) fn begin(sink: Sink, secrets: Secrets, complaints: &Outlet) -> Self {
        let left_out = Arc::<AtomicU64>::default();
        let (missed, complain) = (Arc::clone(&left_out), complaints.clone());
        let worker = Worker::begin(PAGES_BYTES_MAX, move |waiting: &Waiting<String>| {
            let (mut sink, mut codes) = (sink, Vec::new());
            while let Some(text) = waiting.next() {
                // At once: somebody may be reading along through a pipe.
                let written = sink.with(|writer| {
                    writer.write_all(secrets.hidden(&text).as_bytes())?;
                    writer.flush()
                });
                if written.is_break() {
                    break;
                }
                codes.extend(left_out_of(&missed, 0, &complain));
            }
            if let Err(trouble) = sink.finish() {
                complain.complain(&trouble.to_string());
                codes.push(trouble.code());
            }
            codes
        });
        let outlet = Outlet::of(&worker, &left_out);
        Self {
            worker,
            outlet,
            complaints: complaints.clone(),
        }
    }

    pub(super) fn outlet(&self) -> &Outlet {
        &self.outlet
    }

    /// The exit codes, when all is shown that somebody reads.
    pub(super) async fn end(self, at_once: AtOnce) -> Vec<u8> {
        let Self {
            worker,
            outlet,
            complaints,
        } = self;
        let mut at_once = at_once.with_grace(STILL_MAX);
        let codes = worker.end(STILL_MAX, &mut at_once).await;
        let is_given_up = codes.is_err();
        let mut codes = codes.unwrap_or_default();
        let waiting = outlet.waiting.take_back();
        // What is at hand counts too: a part of it at least was not read.
        let unread = waiting.iter().map(|text| lines(text)).sum::<u64>() + u64::from(is_given_up);
        let unread = if outlet.is_gone() { 0 } else { unread };
        codes.extend(left_out_of(&outlet.left_out, unread, &complaints));
        codes
    }
}

/// Says how many lines found no reader, if any did not; the exit code for it.
fn left_out_of(left_out: &AtomicU64, unread: u64, complaints: &Outlet) -> Option<u8> {
    let lines = left_out.swap(0, Ordering::Relaxed).saturating_add(unread);
    (lines > 0).then(|| {
        complaints.complain(&format!(
            "{} of the output left out: nobody read as fast as they came",
            counted(lines)
        ));
        exit::FAILURE
    })
}

fn counted(lines: u64) -> String {
    text::counted(lines, "line", "lines")
}

fn lines(text: &str) -> u64 {
    text.lines().count() as u64
}

/// Of the output that waits for its reader.
const PAGES_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Of standard error.
const COMPLAINTS_BYTES_MAX: usize = 256 * 1024;
/// How long nobody may read, at the end.
const STILL_MAX: Duration = Duration::from_millis(500);
