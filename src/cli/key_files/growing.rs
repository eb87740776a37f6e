//! A key log in memory, and in its file what is written behind it while the analysis runs.

use std::fs::File;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tls::{KeyLog, Label, LineReader, Lookup, Secret};

use super::{READ_BYTES, Tally};

/// The log, as far as it was read.
pub(super) struct Growing(Mutex<State>);

struct State {
    log: KeyLog,
    file: File,
    lines: LineReader,
    /// When it was last looked whether there is more.
    looked: Instant,
}

impl Growing {
    /// Reads what is there: of a pipe all that comes.
    pub fn new(file: File, tally: &mut Tally) -> io::Result<Self> {
        let mut state = State {
            log: KeyLog::new(SECRETS_MAX),
            file,
            lines: LineReader::default(),
            looked: Instant::now(),
        };
        state.read(tally)?;
        Ok(Self(Mutex::new(state)))
    }

    /// Secrets that there was no room for.
    pub fn dropped(&self) -> u64 {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.log.dropped()
    }
}

impl State {
    fn read(&mut self, tally: &mut Tally) -> io::Result<()> {
        let mut room = vec![0; READ_BYTES];
        let log = &mut self.log;
        let mut on_line = |number, _: u64, line| match line {
            Ok(line) => {
                tally.secrets += 1;
                log.insert(line);
            }
            Err(fault) => tally.fault(number, fault),
        };
        loop {
            match self.file.read(&mut room) {
                Ok(0) => break,
                Ok(count) => {
                    let bytes = room.get(..count).unwrap_or_default();
                    self.lines.take(bytes, &mut on_line);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // The last line may be whole without its end, or half written: what comes goes on behind its first half.
        let mut pausing = self.lines.clone();
        pausing.finish(&mut on_line);
        Ok(())
    }
}

impl Lookup for Growing {
    fn secret(&self, label: Label, name: &[u8; 32]) -> Option<Secret> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = state.log.secret(label, name);
        if known.is_some() || state.looked.elapsed() < LOOKED_EVERY {
            return known;
        }
        // What is written by then is there, even if more cannot be read; what is no secret was told of once.
        let _ = state.read(&mut Tally::default());
        state.looked = Instant::now();
        state.log.secret(label, name)
    }
}

/// Secrets of one that is no file, and therefore of any size.
const SECRETS_MAX: usize = 512 << 10;
/// Whoever writes a secret does so before the first packet that it opens; to look costs a call of the system.
const LOOKED_EVERY: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_is_written_meanwhile_is_found() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        let line = |digit: &str| format!("CLIENT_RANDOM {} {}\n", digit.repeat(64), "ab".repeat(48));
        let (first, second) = (line("1"), line("2"));
        let (half, rest) = second.split_at(40);
        file.write_all(first.as_bytes()).expect("written");
        file.write_all(half.as_bytes()).expect("written");
        let reader = File::open(file.path()).expect("there");
        let growing = Growing::new(reader, &mut Tally::default()).expect("readable");
        let secret = |digit: u8| growing.secret(Label::ClientRandom, &[digit; 32]);
        assert!(secret(0x11).is_some());
        assert!(secret(0x22).is_none());
        file.write_all(rest.as_bytes()).expect("written");
        let begun = Instant::now();
        while secret(0x22).is_none() {
            assert!(begun.elapsed() < Duration::from_secs(10), "it is written");
        }
    }
}
