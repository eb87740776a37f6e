//! The files of a recording that goes on, for threads that read them meanwhile: which there are, and how much of the last one
//! has reached the disk. It opens none of them.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::frame::FrameId;

/// The files of a recording, as they are now.
#[derive(Debug, Clone, Default)]
pub struct Recorded(Arc<(Mutex<Files>, Condvar)>);

#[derive(Debug, Default)]
struct Files {
    /// As frames name them; the last one is written.
    kept: VecDeque<(u16, PathBuf)>,
    /// Frames of the last one that are on the disk.
    frames: u64,
}

impl Recorded {
    /// Those that are kept, the oldest first, each with the number by which frames name it.
    #[must_use]
    pub fn files(&self) -> Vec<(u16, PathBuf)> {
        self.locked().kept.iter().cloned().collect()
    }

    /// Waits until this frame is on the disk, but not for long: whoever records may have ended.
    pub fn await_frame(&self, frame: FrameId) {
        let is_pending = |files: &mut Files| {
            let last = files.kept.back().map(|(file, _)| *file);
            last == Some(frame.file()) && frame.number() > files.frames
        };
        let waited = self
            .0
            .1
            .wait_timeout_while(self.locked(), PATIENCE, is_pending);
        drop(waited);
    }

    /// A recording in these files, of which nothing is pending.
    #[cfg(all(test, feature = "tui"))]
    pub(crate) fn of(paths: &[PathBuf]) -> Self {
        let recorded = Self::default();
        for (file, path) in (0..).zip(paths) {
            recorded.begin(file, path);
        }
        recorded.written(u64::MAX);
        recorded
    }

    /// The next file begins.
    pub(super) fn begin(&self, file: u16, path: &Path) {
        let mut files = self.locked();
        // Numbers begin anew one day: a frame is of the newest.
        files.kept.retain(|(known, _)| *known != file);
        files.kept.push_back((file, path.to_owned()));
        files.frames = 0;
        drop(files);
        self.0.1.notify_all();
    }

    /// So many frames of the last file are on the disk.
    pub(super) fn written(&self, frames: u64) {
        self.locked().frames = frames;
        self.0.1.notify_all();
    }

    /// The oldest that are too many; they are none of it any more.
    pub(super) fn beyond(&self, files_max: Option<usize>) -> Vec<PathBuf> {
        let mut files = self.locked();
        let count = files.kept.len();
        let beyond = files_max.map_or(0, |max| count.saturating_sub(max.max(1)));
        files.kept.drain(..beyond).map(|(_, path)| path).collect()
    }

    fn locked(&self) -> MutexGuard<'_, Files> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is pending goes to the disk within half a second.
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_waited_for_until_it_is_on_the_disk() {
        let recorded = Recorded::default();
        recorded.begin(0, Path::new("one"));
        recorded.begin(1, Path::new("two"));
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| recorded.await_frame(FrameId::new(1, 7)));
            recorded.written(7);
            waits.join().expect("it ends");
        });
        // Those of files before are there already.
        recorded.await_frame(FrameId::new(0, 9));
        let names: Vec<u16> = recorded.files().into_iter().map(|(file, _)| file).collect();
        assert_eq!(names, [0, 1]);
        assert_eq!(recorded.beyond(Some(1)), [PathBuf::from("one")]);
        assert_eq!(recorded.files(), [(1, PathBuf::from("two"))]);
        assert!(recorded.beyond(None).is_empty());
    }
}
