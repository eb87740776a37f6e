//! A progress bar on standard error, once the work has taken a while.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::source::Progress;

/// Shows how far reading has come.
pub(super) struct Bar {
    started: Instant,
    wanted: bool,
    bar: Option<ProgressBar>,
}

impl Bar {
    /// A bar that appears when the work takes longer than a second and standard error is a terminal.
    pub(super) fn new(wanted: bool) -> Self {
        Self {
            started: Instant::now(),
            wanted: wanted && std::io::stderr().is_terminal(),
            bar: None,
        }
    }

    /// So much has been read.
    pub(super) fn set(&mut self, progress: Progress) {
        if !self.wanted {
            return;
        }
        if self.bar.is_none() && self.started.elapsed() > PATIENCE {
            self.bar = Some(bar(progress));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(progress.read_bytes);
        }
    }

    /// Removes it from the screen.
    pub(super) fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn bar(progress: Progress) -> ProgressBar {
    let (bar, template) = match progress.total_bytes {
        Some(total) => (
            ProgressBar::new(total),
            "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        ),
        None => (
            ProgressBar::no_length(),
            "{spinner} {bytes} read, {bytes_per_sec}",
        ),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(5));
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

/// Shorter work needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
