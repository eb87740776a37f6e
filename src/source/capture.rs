//! One or several files as one capture, in time order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::capture_file::{CaptureFile, Kept, Secret};
use super::error::{FILES_MAX, SourceError};
use super::frame::{FileFacts, FileFormat, Frame, Timestamp};
use super::input::{self, Input, Unpacked};
use super::marks::{Mark, Marks};
use super::window::Window;

/// A capture that is being read.
///
/// Frames of several files come in time order; each file keeps its own order, even where its clock ran back, and at
/// equal times the file named first comes first. A single file is passed through as it lies.
#[derive(Default)]
pub struct Capture {
    /// In the order given; none where an input cannot be opened.
    files: Vec<Option<CaptureFile>>,
    facts: Vec<FileFacts>,
    kept: Kept,
    merge: Merge,
    read_bytes: Vec<Arc<AtomicU64>>,
    total_bytes: Option<u64>,
    /// Bytes of files that were looked through for secrets.
    looked_through_bytes: u64,
    /// The first input, where it lies on the disk as it is.
    plain: Option<PathBuf>,
    marks: Marks,
}

/// How far reading has come, in bytes as they lie on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub read_bytes: u64,
    /// Bytes there are; none where an input is no file.
    pub total_bytes: Option<u64>,
}

impl Capture {
    /// Opens all inputs and looks at their first bytes.
    ///
    /// An input that cannot be opened, is empty or is no capture keeps its number and gives no frames; it is told in
    /// [`Capture::problems`], as is a file that breaks later.
    ///
    /// # Errors
    ///
    /// Where no input can be read, all of them named.
    pub fn open(inputs: Vec<Input>) -> Result<Self, SourceError> {
        if let Some(input) = inputs.get(FILES_MAX) {
            return Err(SourceError::TooMany { path: input.name() });
        }
        let mut capture = Self {
            total_bytes: Some(0),
            ..Self::default()
        };
        let window_bytes =
            (WINDOW_BYTES_ALL / inputs.len().max(1)).clamp(WINDOW_BYTES_MIN, WINDOW_BYTES);
        let mut errors = Vec::new();
        for input in &inputs {
            if let Err(error) = capture.add(input.name(), input::open(input), window_bytes) {
                errors.push(error);
                capture.pass_over(input.name());
            }
        }
        if errors.len() < inputs.len() || errors.is_empty() {
            capture.kept.problems.splice(0..0, errors);
            return Ok(capture);
        }
        Err(match errors.len() {
            1 => errors.remove(0),
            _ => SourceError::Several(errors),
        })
    }

    /// Reads from anything that gives bytes, under a name for messages.
    ///
    /// # Errors
    ///
    /// As [`Capture::open`].
    pub fn from_reader(
        name: &str,
        reader: impl Read + Send + 'static,
    ) -> Result<Self, SourceError> {
        let mut capture = Self::default();
        capture.add(
            name.to_owned(),
            input::unpack(Box::new(reader), None),
            WINDOW_BYTES,
        )?;
        Ok(capture)
    }

    fn add(
        &mut self,
        path: String,
        opened: io::Result<Unpacked>,
        window_bytes: usize,
    ) -> Result<(), SourceError> {
        let opened = opened.map_err(|source| SourceError::Open {
            path: path.clone(),
            source,
        })?;
        let window = Window::new(opened.reader, window_bytes);
        let mut facts = FileFacts {
            path,
            compression: opened.compression,
            ..FileFacts::default()
        };
        let number = u16::try_from(self.files.len()).unwrap_or(u16::MAX);
        let file = CaptureFile::open(number, window, &mut facts, &mut self.kept)?;
        if self.files.is_empty() {
            self.plain.clone_from(&opened.again);
        }
        if let (Some(again), Some(bytes)) = (opened.again, opened.total_bytes)
            && facts.format == Some(FileFormat::Pcapng)
            && self.looked_through_bytes.saturating_add(bytes) <= LOOKED_THROUGH_BYTES_MAX
        {
            self.looked_through_bytes += bytes;
            self.kept.look_through(number, &facts.path, &again);
        }
        self.files.push(Some(file));
        self.facts.push(facts);
        self.read_bytes.push(opened.read_bytes);
        self.total_bytes = self
            .total_bytes
            .zip(opened.total_bytes)
            .map(|(all, bytes)| all + bytes);
        Ok(())
    }

    /// Counts the frames of its only input from behind so many: they are part of a file that is written as it grows.
    #[must_use]
    pub fn counting_behind(mut self, frames: u64) -> Self {
        if let [Some(file)] = self.files.as_mut_slice() {
            file.count_behind(frames);
        }
        self
    }

    /// Keeps the place of an input that cannot be read: the files behind it have their numbers by the order given.
    fn pass_over(&mut self, path: String) {
        self.files.push(None);
        self.facts.push(FileFacts {
            path,
            ..FileFacts::default()
        });
    }

    /// The next frame, lent until the next call; none at the end.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator cannot lend from itself"
    )]
    #[inline]
    pub fn next(&mut self) -> Option<Frame<'_>> {
        let file = if let ([Some(file)], [facts]) =
            (self.files.as_mut_slice(), self.facts.as_mut_slice())
        {
            let has_more = file.advance(facts, &mut self.kept);
            self.marks.pass(file, &self.kept);
            has_more.then_some(0)
        } else {
            self.merge
                .next(&mut self.files, &mut self.facts, &mut self.kept)
        };
        self.files.get(file?)?.as_ref()?.frame(&self.kept.secrets)
    }

    /// The frame that [`Capture::next`] gave last.
    #[must_use]
    pub fn current(&self) -> Option<Frame<'_>> {
        let file = match self.files.as_slice() {
            [_] => 0,
            _ => self.merge.lent?,
        };
        self.files.get(file)?.as_ref()?.frame(&self.kept.secrets)
    }

    /// Passes over the frames before this time, and over the first that is not before it.
    #[must_use]
    pub fn from_behind(mut self, begin: Timestamp) -> Self {
        while self
            .next()
            .is_some_and(|frame| frame.time.nanoseconds < begin.nanoseconds)
        {}
        self
    }

    /// Notes places from which it can be read again without what stands before them, where it is one plain file.
    #[must_use]
    pub fn marking(mut self) -> Self {
        if self.plain.is_some() && self.files.len() == 1 {
            self.marks.begin();
        }
        self
    }

    /// The places noted so far, in their order.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        self.marks.as_slice()
    }

    /// Goes on from the last of these marks of the same file before which no frame is as late as this; from its beginning where
    /// there is none, or the file cannot be read from there.
    #[must_use]
    pub fn from_mark_before(mut self, marks: &[Mark], time: Timestamp) -> Self {
        let before = marks.partition_point(|mark| mark.is_before(time));
        let mark = before.checked_sub(1).and_then(|at| marks.get(at));
        let Some((mark, path)) = mark.zip(self.plain.clone()) else {
            return self;
        };
        // What packets are read by stands before the first of them.
        if self.next().is_none() {
            return self;
        }
        let ([Some(file)], [read_bytes]) = (self.files.as_mut_slice(), self.read_bytes.as_slice())
        else {
            return self;
        };
        if let Ok(reader) = input::plain_from(&path, mark.offset(), read_bytes) {
            let window = Window::from(reader, WINDOW_BYTES, mark.offset());
            file.go_to(mark, window, &self.kept);
        }
        self
    }

    /// What is known of each input so far, in the order given.
    #[must_use]
    pub fn facts(&self) -> &[FileFacts] {
        &self.facts
    }

    /// Damage met so far; what was whole before it has been given.
    #[must_use]
    pub fn problems(&self) -> &[SourceError] {
        &self.kept.problems
    }

    /// Decryption secrets met so far, in the order met.
    #[must_use]
    pub fn secrets(&self) -> &[Secret] {
        &self.kept.secrets
    }

    /// How far reading has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let read_bytes = self
            .read_bytes
            .iter()
            .map(|bytes| bytes.load(Ordering::Relaxed))
            .sum();
        Progress {
            read_bytes,
            total_bytes: self.total_bytes,
        }
    }
}

/// The files by the time of the frame each stands at.
#[derive(Default)]
struct Merge {
    heads: BinaryHeap<Reverse<(i64, usize)>>,
    /// The file whose frame is lent: it goes on only when the next frame is asked for.
    lent: Option<usize>,
    begun: bool,
}

impl Merge {
    fn next(
        &mut self,
        files: &mut [Option<CaptureFile>],
        facts: &mut [FileFacts],
        kept: &mut Kept,
    ) -> Option<usize> {
        let behind = if self.begun {
            self.lent.map_or(0..0, |file| file..file + 1)
        } else {
            0..files.len()
        };
        self.begun = true;
        for at in behind {
            if let (Some(Some(file)), Some(facts)) = (files.get_mut(at), facts.get_mut(at))
                && file.advance(facts, kept)
            {
                self.heads.push(Reverse((file.time().nanoseconds, at)));
            }
        }
        self.lent = self.heads.pop().map(|Reverse((_, file))| file);
        self.lent
    }
}

/// Read ahead of one file; measured best between 256 and 512 KiB.
const WINDOW_BYTES: usize = 256 << 10;
const WINDOW_BYTES_MIN: usize = 16 << 10;
/// Of files that are looked through for secrets before they are read: this takes some hundredths of a second.
const LOOKED_THROUGH_BYTES_MAX: u64 = 256 << 20;
/// Read ahead of all files together.
const WINDOW_BYTES_ALL: usize = 64 << 20;
