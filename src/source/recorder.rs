//! Writes packets as they come into a pcapng, or into a ring of them: every write is of whole blocks, so that what stands in a
//! file can be read whenever its writer was killed.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use link::LinkType;

use super::frame::{FrameId, Timestamp};
use super::recorded::Recorded;
use super::written;

/// When a file is full, and how many are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rotation {
    /// Bytes after which the next file begins.
    pub file_bytes_max: Option<u64>,
    /// Time after which the next file begins.
    pub duration_max: Option<Duration>,
    /// Files that are kept: the oldest are removed.
    pub files_max: Option<usize>,
}

/// A recording.
#[derive(Debug)]
pub struct Recorder {
    /// As it was asked for; the files of a ring are numbered behind its stem.
    base: PathBuf,
    path: PathBuf,
    rotation: Option<Rotation>,
    /// It is enough after so many bytes in all.
    bytes_max: Option<u64>,
    interfaces: Vec<(String, LinkType)>,
    snap_bytes: u32,
    filter: Option<String>,
    file: File,
    /// Whole blocks that are not written yet.
    pending: Vec<u8>,
    flushed: Instant,
    began: Instant,
    /// Bytes of this file, written and pending; and of those before it.
    file_bytes: u64,
    bytes_before: u64,
    /// Bytes of it that are written.
    whole_bytes: u64,
    /// Frames in this file.
    frames: u64,
    number: u32,
    recorded: Recorded,
}

impl Recorder {
    /// Makes the first file.
    ///
    /// # Errors
    ///
    /// What the system says where it cannot be made.
    pub fn create(
        path: &Path,
        rotation: Option<Rotation>,
        interfaces: Vec<(String, LinkType)>,
        snap_bytes: u32,
        filter: Option<String>,
        now: Timestamp,
    ) -> io::Result<Self> {
        let first = if rotation.is_some() {
            numbered(path, 1, now)
        } else {
            path.to_owned()
        };
        let mut recorder = Self {
            base: path.to_owned(),
            file: File::create(&first)?,
            path: first,
            rotation,
            bytes_max: None,
            interfaces,
            snap_bytes,
            filter,
            pending: Vec::new(),
            flushed: Instant::now(),
            began: Instant::now(),
            file_bytes: 0,
            bytes_before: 0,
            whole_bytes: 0,
            frames: 0,
            number: 1,
            recorded: Recorded::default(),
        };
        recorder.recorded.begin(recorder.file(), &recorder.path);
        recorder.begin();
        recorder.flush()?;
        Ok(recorder)
    }

    /// Ends after so many bytes.
    #[must_use]
    pub fn ending_after(mut self, bytes_max: Option<u64>) -> Self {
        self.bytes_max = bytes_max;
        self
    }

    /// The file that is written.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its files, for whoever reads them while it goes on.
    #[must_use]
    pub fn recorded(&self) -> Recorded {
        self.recorded.clone()
    }

    /// As much is written as was asked for.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let bytes = self.bytes_before + self.file_bytes;
        self.bytes_max.is_some_and(|max| bytes >= max)
    }

    /// Writes a packet of an interface, counted from 0; which frame of which file it is. What is written goes to the disk at
    /// least once a second.
    pub(super) fn write(
        &mut self,
        interface: usize,
        time: Timestamp,
        original_bytes: u32,
        bytes: &[u8],
        dropped: impl Fn() -> Vec<u64>,
    ) -> io::Result<FrameId> {
        if self.frames > 0 && self.is_due() {
            self.next(time, &dropped())?;
        }
        let before = self.pending.len();
        let interface = u32::try_from(interface).unwrap_or(u32::MAX);
        written::packet(interface, time, original_bytes, bytes, &mut self.pending);
        self.file_bytes += (self.pending.len() - before) as u64;
        self.frames += 1;
        if self.pending.len() >= PENDING_BYTES || self.flushed.elapsed() >= FLUSHED_EVERY {
            self.flush()?;
        }
        Ok(FrameId::new(self.file(), self.frames))
    }

    /// The file that is written, as frames name it.
    fn file(&self) -> u16 {
        ((self.number - 1) & u32::from(u16::MAX)) as u16
    }

    /// What is pending goes to the disk.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.flushed = Instant::now();
        if self.pending.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.file.write_all(&self.pending) {
            self.end_behind_whole_blocks();
            return Err(error);
        }
        self.whole_bytes += self.pending.len() as u64;
        self.pending.clear();
        self.recorded.written(self.frames);
        Ok(())
    }

    /// A block of which only a part found room is of use to nobody: the file ends before it, where the system lets it, and
    /// whatever is written once more begins there.
    fn end_behind_whole_blocks(&mut self) {
        let reached = self.file.stream_position().unwrap_or(self.whole_bytes);
        let room = reached.saturating_sub(self.whole_bytes);
        let whole = written::whole_blocks(&self.pending, room);
        self.pending.drain(..whole);
        self.whole_bytes += whole as u64;
        let _ = self.file.set_len(self.whole_bytes);
        let _ = self.file.seek(SeekFrom::Start(self.whole_bytes));
    }

    /// Ends the file with what was dropped at each interface.
    pub(super) fn close(&mut self, now: Timestamp, dropped: Vec<u64>) -> io::Result<()> {
        for (at, dropped) in (0..).zip(dropped) {
            written::statistics(at, now, self.frames, dropped, &mut self.pending);
        }
        self.flush()
    }

    fn is_due(&self) -> bool {
        let Some(rotation) = self.rotation else {
            return false;
        };
        let full = |max| self.file_bytes >= max;
        let late = |max| self.began.elapsed() >= max;
        rotation.file_bytes_max.is_some_and(full) || rotation.duration_max.is_some_and(late)
    }

    /// Goes on in the next file.
    fn next(&mut self, now: Timestamp, dropped: &[u64]) -> io::Result<()> {
        self.close(now, dropped.to_vec())?;
        self.number = self.number.wrapping_add(1).max(1);
        let path = numbered(&self.base, self.number, now);
        self.file = File::create(&path)?;
        self.path = path;
        self.recorded.begin(self.file(), &self.path);
        let files_max = self.rotation.and_then(|rotation| rotation.files_max);
        for oldest in self.recorded.beyond(files_max) {
            // Somebody else may have moved it away.
            let _ = std::fs::remove_file(oldest);
        }
        self.bytes_before += self.file_bytes;
        (self.file_bytes, self.whole_bytes, self.frames) = (0, 0, 0);
        self.began = Instant::now();
        self.begin();
        self.flush()
    }

    /// The beginning of a file: section and interfaces.
    fn begin(&mut self) {
        written::section(Some(COMMENT), &mut self.pending);
        let filter = self.filter.as_deref().map(|filter| {
            // Zero: as libpcap writes it.
            [&[0], filter.as_bytes()].concat()
        });
        for (name, link_type) in &self.interfaces {
            let mut options = vec![(written::OPTION_NAME, name.as_bytes())];
            options.extend(
                filter
                    .iter()
                    .map(|filter| (written::OPTION_FILTER, filter.as_slice())),
            );
            written::interface(link_type.0, self.snap_bytes, &options, &mut self.pending);
        }
        self.file_bytes = self.pending.len() as u64;
    }
}

/// The name of a file of a ring, as dumpcap makes it: `out_00001_20261123140506.pcapng`.
fn numbered(base: &Path, number: u32, now: Timestamp) -> PathBuf {
    let stem = base.file_stem().unwrap_or_default().to_string_lossy();
    let extension = base.extension().unwrap_or_default().to_string_lossy();
    let time = jiff::Timestamp::from_nanosecond(now.nanoseconds.into()).unwrap_or_default();
    let time = time.strftime("%Y%m%d%H%M%S");
    let dot = if extension.is_empty() { "" } else { "." };
    base.with_file_name(format!("{stem}_{number:05}_{time}{dot}{extension}"))
}

const COMMENT: &str = "Recorded by informant.";
/// Written at once when so much has come together.
const PENDING_BYTES: usize = 256 << 10;
/// Nothing waits longer for the disk.
const FLUSHED_EVERY: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::source::{Capture, Content, Input};

    fn recorder(path: &Path, rotation: Option<Rotation>) -> Recorder {
        let interfaces = vec![("eth0".to_owned(), LinkType::ETHERNET)];
        let now = at(1);
        Recorder::create(
            path,
            rotation,
            interfaces,
            65_535,
            Some("tcp".to_owned()),
            now,
        )
        .expect("a folder of the test")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp {
            nanoseconds: seconds * 1_000_000_000 + 5,
            digits: 9,
        }
    }

    fn packets(path: &Path) -> Vec<(i64, u32, Vec<u8>)> {
        let mut capture = Capture::open(vec![Input::Path(path.to_owned())]).expect("readable");
        let mut all = Vec::new();
        while let Some(frame) = capture.next() {
            let Content::Packet {
                original_length, ..
            } = frame.content
            else {
                panic!("a packet");
            };
            all.push((
                frame.time.nanoseconds,
                original_length,
                frame.bytes.to_vec(),
            ));
        }
        assert!(capture.problems().is_empty());
        all
    }

    #[test]
    fn what_is_written_is_read_back_also_before_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.pcapng");
        let mut recorder = recorder(&path, None);
        let mut expected = Vec::new();
        for number in 0..5_u8 {
            let bytes = vec![number; usize::from(number) + 1];
            let id = recorder
                .write(0, at(number.into()), 99, &bytes, Vec::new)
                .expect("written");
            assert_eq!(id.number(), u64::from(number) + 1);
            expected.push((at(number.into()).nanoseconds, 99, bytes));
        }
        recorder.flush().expect("written");
        assert_eq!(packets(&path), expected);
        recorder.close(at(9), vec![7]).expect("written");
        assert_eq!(packets(&path), expected);
    }

    #[test]
    fn a_ring_keeps_the_newest_files_each_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let rotation = Rotation {
            file_bytes_max: Some(1000),
            duration_max: None,
            files_max: Some(3),
        };
        let mut recorder = recorder(&folder.path().join("ring.pcapng"), Some(rotation));
        let mut ids = Vec::new();
        for number in 0..40_u8 {
            let written = recorder.write(0, at(number.into()), 300, &[number; 300], || vec![1]);
            ids.push(written.expect("written"));
        }
        recorder.close(at(50), vec![1]).expect("written");
        let mut names: Vec<PathBuf> = std::fs::read_dir(folder.path())
            .expect("the folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        names.sort();
        assert_eq!(names.len(), 3);
        let last: Vec<u8> = names
            .iter()
            .flat_map(|name| packets(name))
            .map(|(_, _, bytes)| bytes[0])
            .collect();
        let expected: Vec<u8> = (40 - last.len() as u8..40).collect();
        assert_eq!(last, expected, "the newest, none missing");
        let files = ids.last().expect("forty").file();
        assert!(
            names[2]
                .to_string_lossy()
                .contains(&format!("_{:05}_", files + 1))
        );
    }

    #[test]
    fn every_write_is_of_whole_blocks() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.pcapng");
        let mut recorder = recorder(&path, None);
        for number in 0..2000_u16 {
            let written = recorder.write(0, at(number.into()), 700, &[3; 700], Vec::new);
            written.expect("written");
            if number % 97 == 0 {
                let mut bytes = Vec::new();
                let mut file = File::open(&path).expect("there");
                file.read_to_end(&mut bytes).expect("readable");
                packets(&path);
            }
        }
    }
}
