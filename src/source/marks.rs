//! Places in a file from which it can be read again as if everything before them had been read, noted while it is read.

use super::capture_file::{CaptureFile, Kept};
use super::frame::Timestamp;

/// Such a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub(super) offset: u64,
    /// Frames before it.
    pub(super) number: u64,
    /// Time of the frame before it.
    pub(super) time: Timestamp,
    /// The latest time of all frames before it.
    pub(super) latest_ns: i64,
    /// What packets are read by there.
    pub(super) shape: (u32, usize),
    /// Decryption secrets met before it.
    pub(super) secrets: usize,
}

impl Mark {
    /// Every frame before it is earlier than this.
    pub(super) fn is_before(&self, time: Timestamp) -> bool {
        self.latest_ns < time.nanoseconds
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }
}

/// The marks of a file.
pub(super) struct Marks {
    marks: Vec<Mark>,
    /// Where the next one is due.
    due: u64,
    /// Bytes from one to the next.
    distance: u64,
    latest_ns: i64,
}

impl Default for Marks {
    /// None are wanted.
    fn default() -> Self {
        Self {
            marks: Vec::new(),
            due: u64::MAX,
            distance: DISTANCE_BYTES,
            latest_ns: i64::MIN,
        }
    }
}

impl Marks {
    /// They are wanted.
    pub(super) fn begin(&mut self) {
        self.due = self.distance;
    }

    pub(super) fn as_slice(&self) -> &[Mark] {
        &self.marks
    }

    /// The file has advanced to another frame, or to its end.
    #[inline]
    pub(super) fn pass(&mut self, file: &CaptureFile, kept: &Kept) {
        if self.due == u64::MAX {
            return;
        }
        self.latest_ns = self.latest_ns.max(file.time().nanoseconds);
        if file.offset() >= self.due {
            self.note(file, kept);
        }
    }

    #[cold]
    fn note(&mut self, file: &CaptureFile, kept: &Kept) {
        self.due = file.offset().saturating_add(self.distance);
        let Some(mark) = file.mark(kept) else {
            return;
        };
        self.marks.push(Mark {
            latest_ns: self.latest_ns,
            ..mark
        });
        if self.marks.len() >= MARKS_MAX {
            let mut keeps = false;
            self.marks.retain(|_| {
                keeps = !keeps;
                keeps
            });
            self.distance = self.distance.saturating_mul(2);
        }
    }
}

/// A thousandth of a second's reading.
const DISTANCE_BYTES: u64 = 1 << 20;
/// Where there are more, every other is left out, and they are farther apart from then on.
const MARKS_MAX: usize = 1 << 14;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use link::LinkType;

    use super::*;
    use crate::source::{Capture, Content, Extract, Frame, FrameId, Input};

    /// Frames of 10,000 bytes, one a second; some come late.
    fn written(path: &Path, frames: u64) {
        let mut out = Extract::header();
        let mut extract = Extract::default();
        for number in 1..=frames {
            let late = if number % 10 == 0 { 5 } else { 0 };
            let bytes = vec![number as u8; 10_000];
            let frame = Frame {
                id: FrameId::new(0, number),
                time: at(number as i64 - late),
                content: Content::Packet {
                    link_type: LinkType::ETHERNET,
                    original_length: 10_000,
                },
                bytes: &bytes,
                buffer: None,
                secrets: &[],
            };
            extract.frame(&frame, &mut out);
        }
        std::fs::write(path, out).expect("a folder of the test");
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp {
            nanoseconds: seconds * 1_000_000_000,
            digits: 9,
        }
    }

    fn open(path: &Path) -> Capture {
        Capture::open(vec![Input::Path(path.to_owned())]).expect("readable")
    }

    fn rest(mut capture: Capture) -> Vec<(u64, i64, u8)> {
        let mut frames = Vec::new();
        while let Some(frame) = capture.next() {
            let first = frame.bytes.first().copied().unwrap_or_default();
            frames.push((frame.id.number(), frame.time.nanoseconds, first));
        }
        frames
    }

    #[test]
    fn from_a_mark_the_same_frames_come() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("one.pcapng");
        written(&path, 500);
        let mut whole = open(&path).marking();
        while whole.next().is_some() {}
        let marks = whole.marks().to_vec();
        assert_eq!(marks.len(), 4, "{marks:?}");
        for seconds in [0, 1, 90, 250, 251, 252, 499, 600] {
            let scanned = rest(open(&path).from_behind(at(seconds)));
            let marked = open(&path).from_mark_before(&marks, at(seconds));
            assert_eq!(rest(marked.from_behind(at(seconds))), scanned, "{seconds}");
        }
        let marked = open(&path).from_mark_before(&marks, at(450));
        let first = rest(marked).first().map(|(number, ..)| *number);
        assert!(first > Some(400), "{first:?}");
    }

    #[test]
    fn marks_are_of_one_plain_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("one.pcapng");
        written(&path, 300);
        let two = vec![Input::Path(path.clone()), Input::Path(path)];
        let mut two = Capture::open(two).expect("readable").marking();
        while two.next().is_some() {}
        assert!(two.marks().is_empty());
    }
}
