//! A key log that is too large for memory: where each name stands in the file, in eight bytes a line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

use tls::{Label, Lookup, Secret, read_line};

use super::{Tally, lines};

/// The file, and its lines by name.
pub(super) struct Index {
    file: Mutex<BufReader<File>>,
    /// The upper bits tell names apart, mostly; the lower are the offset of the line.
    places: Vec<u64>,
    left_out: u64,
}

impl Index {
    /// Reads the file once.
    pub fn new(mut file: File, tally: &mut Tally) -> io::Result<Self> {
        let mut places = Vec::new();
        let mut left_out = 0;
        lines(&mut file, &mut |number, offset, line| match line {
            Ok(line) if places.len() < LINES_MAX && offset <= OFFSET_MASK => {
                tally.secrets += 1;
                places.push(mark(&line.name) | offset);
            }
            Ok(_) => left_out += 1,
            Err(fault) => tally.fault(number, fault),
        })?;
        places.sort_unstable();
        places.shrink_to_fit();
        Ok(Self {
            file: Mutex::new(BufReader::with_capacity(LINE_BYTES_MAX, file)),
            places,
            left_out,
        })
    }

    /// Secrets that it has no room for.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    fn line(&self, offset: u64) -> io::Result<Vec<u8>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        let mut line = Vec::new();
        (&mut *file)
            .take(LINE_BYTES_MAX as u64)
            .read_until(b'\n', &mut line)?;
        Ok(line)
    }
}

impl Lookup for Index {
    /// The last that the file has, as with a log in memory. One that can no longer be read, or was changed since, has none.
    fn secret(&self, label: Label, name: &[u8; 32]) -> Option<Secret> {
        let mark = mark(name);
        let from = self.places.partition_point(|place| *place < mark);
        let to = self
            .places
            .partition_point(|place| *place <= mark | OFFSET_MASK);
        let found = self.places.get(from..to).unwrap_or_default();
        found.iter().rev().find_map(|place| {
            let line = self.line(place & OFFSET_MASK).ok()?;
            let line = read_line(&line)?.ok()?;
            (line.label == label && line.name == *name).then_some(line.secret)
        })
    }
}

/// Of the bytes of a name those that tell most: the first four of a random may be a time, and the last ones may be none.
fn mark(name: &[u8; 32]) -> u64 {
    let [_, _, _, _, one, two, three, ..] = *name;
    u64::from_be_bytes([one, two, three, 0, 0, 0, 0, 0])
}

/// A file of a terabyte.
const OFFSET_MASK: u64 = (1 << 40) - 1;
/// In 128 MiB.
const LINES_MAX: usize = 16 << 20;
/// As long as a line can be.
const LINE_BYTES_MAX: usize = 4096;
