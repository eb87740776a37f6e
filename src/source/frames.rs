//! What every source of frames gives, whether it ends or not.

use super::capture::{Capture, Progress};
use super::frame::{FileFacts, Frame, Timestamp};

/// What a source has next.
#[derive(Debug, Clone, Copy)]
pub enum Next<'a> {
    /// A frame, lent until the next call.
    Frame(Frame<'a>),
    /// There is no frame, and it is now so late: what waits for time to pass may end.
    Tick(Timestamp),
    /// There is no more.
    End,
}

/// Frames, one after another.
pub trait Frames: Send {
    /// What comes next; waits for a while where nothing does.
    fn next(&mut self) -> Next<'_>;
    /// What is known of each input so far.
    fn facts(&self) -> &[FileFacts];
    /// How far reading has come.
    fn progress(&self) -> Progress;
}

impl Frames for Capture {
    #[inline]
    fn next(&mut self) -> Next<'_> {
        Self::next(self).map_or(Next::End, Next::Frame)
    }

    fn facts(&self) -> &[FileFacts] {
        Self::facts(self)
    }

    fn progress(&self) -> Progress {
        Self::progress(self)
    }
}
