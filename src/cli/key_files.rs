//! `--keylog FILE` and `--rsa-key FILE`: what is wrong with such a file is told by its line, and never with what stands in it.

mod index;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use index::Index;
use tls::{KeyLog, Label, LineFault, LineReader, Lookup, PrivateKey, Secret};

use super::arguments::KeyFiles;
use super::exit::Trouble;
use super::output::complain;
use crate::pipeline::KeyMaterial;

/// Reads the files that are given, once; where it `grows`, what is added to a key log later counts too.
pub(super) fn read(files: &KeyFiles, grows: bool, quiet: bool) -> Result<KeyMaterial, Trouble> {
    if let Some(known) = files.read.get() {
        return Ok(known.clone());
    }
    let mut logs = Vec::new();
    for path in &files.keylog {
        logs.push(key_log(path, grows, quiet)?);
    }
    let mut private = Vec::new();
    for path in &files.rsa_key {
        private.extend(private_keys(path)?);
    }
    let material = KeyMaterial {
        log: Arc::new(Logs(logs)),
        private: private.into(),
        grows: grows && !files.keylog.is_empty(),
    };
    Ok(files.read.get_or_init(|| material).clone())
}

/// Several key logs as one.
struct Logs(Vec<Log>);

/// A key log.
enum Log {
    /// In memory.
    Small(KeyLog),
    /// In memory, with the file that more may come from.
    Growing(Box<Mutex<Growing>>),
    /// In its file, of which memory holds where each name stands.
    Large(Index),
}

impl Lookup for Logs {
    fn secret(&self, label: Label, name: &[u8; 32]) -> Option<Secret> {
        self.0.iter().find_map(|log| match log {
            Log::Small(log) => log.secret(label, name),
            Log::Growing(log) => {
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                log.secret(label, name)
            }
            Log::Large(index) => index.secret(label, name),
        })
    }
}

/// A key log to which somebody adds lines.
struct Growing {
    file: File,
    lines: LineReader,
    log: KeyLog,
}

impl Growing {
    /// Looks into the file again where the log has nothing. A line that is not whole yet waits for its end.
    fn secret(&mut self, label: Label, name: &[u8; 32]) -> Option<Secret> {
        let known = self.log.secret(label, name);
        if known.is_some() {
            return known;
        }
        let (lines, log) = (&mut self.lines, &mut self.log);
        let more = pour(&mut self.file, lines, &mut |_, _, line| {
            line.into_iter().for_each(|line| log.insert(line));
        });
        more.ok().and_then(|()| self.log.secret(label, name))
    }
}

/// What lines of a file came to.
#[derive(Debug, Default)]
struct Tally {
    secrets: u64,
    faults: u64,
    /// Line number and fault of the first few.
    first: Vec<(u64, LineFault)>,
}

impl Tally {
    fn keep(&mut self, number: u64, line: Result<tls::Line, LineFault>, log: &mut KeyLog) {
        match line {
            Ok(line) => {
                self.secrets += 1;
                log.insert(line);
            }
            Err(fault) => self.fault(number, fault),
        }
    }

    fn fault(&mut self, line: u64, fault: LineFault) {
        self.faults += 1;
        if self.first.len() < FAULTS_TOLD {
            self.first.push((line, fault));
        }
    }

    /// Says what is wrong; a file without any secret in it is not the right one.
    fn judge(&self, path: &Path, grows: bool, quiet: bool) -> Result<(), Trouble> {
        let name = path.display();
        if let ([(line, fault), ..], 0) = (self.first.as_slice(), self.secrets) {
            return Err(Trouble::Usage(format!(
                "{name}:{line}: the line {}: this is no key log (docs/tls.md has an example)",
                fault.text()
            )));
        }
        for (line, fault) in &self.first {
            complain(&format!("{name}:{line}: the line {}", fault.text()));
        }
        let more = self.faults.saturating_sub(self.first.len() as u64);
        if more > 0 {
            complain(&format!("{name}: so are {more} more lines"));
        }
        if self.secrets == 0 && !grows && !quiet {
            complain(&format!("{name}: the key log is empty"));
        }
        Ok(())
    }
}

fn key_log(path: &Path, grows: bool, quiet: bool) -> Result<Log, Trouble> {
    let unreadable = |error: io::Error| {
        Trouble::Usage(format!(
            "{}: the key log cannot be read: {error}",
            path.display()
        ))
    };
    let file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if about.is_dir() {
        let error = io::Error::from(io::ErrorKind::IsADirectory);
        return Err(unreadable(error));
    }
    let mut tally = Tally::default();
    let log = if grows && about.is_file() {
        let log = growing(file, &mut tally).map_err(unreadable)?;
        Log::Growing(Box::new(Mutex::new(log)))
    } else if about.is_file() && about.len() > MEMORY_BYTES_MAX {
        Log::Large(Index::new(file, &mut tally).map_err(unreadable)?)
    } else {
        Log::Small(small(file, &mut tally).map_err(unreadable)?)
    };
    tally.judge(path, grows, quiet)?;
    let dropped = match &log {
        Log::Small(log) => log.dropped(),
        Log::Growing(_) => 0,
        Log::Large(index) => index.left_out(),
    };
    if dropped > 0 {
        complain(&format!(
            "{}: the key log is too large: {dropped} secrets of it are not used",
            path.display()
        ));
    }
    Ok(log)
}

fn small(file: File, tally: &mut Tally) -> io::Result<KeyLog> {
    let mut log = KeyLog::new(SECRETS_MAX);
    lines(file, &mut |number, _, line| {
        tally.keep(number, line, &mut log);
    })?;
    Ok(log)
}

fn growing(mut file: File, tally: &mut Tally) -> io::Result<Growing> {
    let mut log = KeyLog::new(SECRETS_MAX);
    let mut lines = LineReader::default();
    pour(&mut file, &mut lines, &mut |number, _, line| {
        tally.keep(number, line, &mut log);
    })?;
    Ok(Growing { file, lines, log })
}

/// Gives every line with its number and its offset.
fn lines(
    mut file: impl Read,
    on_line: &mut dyn FnMut(u64, u64, Result<tls::Line, LineFault>),
) -> io::Result<()> {
    let mut lines = LineReader::default();
    pour(&mut file, &mut lines, on_line)?;
    lines.finish(on_line);
    Ok(())
}

/// Reads on to the present end.
fn pour(
    file: &mut impl Read,
    lines: &mut LineReader,
    on_line: &mut dyn FnMut(u64, u64, Result<tls::Line, LineFault>),
) -> io::Result<()> {
    let mut room = vec![0; READ_BYTES];
    loop {
        match file.read(&mut room) {
            Ok(0) => return Ok(()),
            Ok(count) => lines.take(room.get(..count).unwrap_or_default(), on_line),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn private_keys(path: &Path) -> Result<Vec<PrivateKey>, Trouble> {
    let name = path.display();
    let wrong = |what: &dyn std::fmt::Display| Trouble::Usage(format!("{name}: {what}"));
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(PEM_BYTES_MAX).read_to_end(&mut text))
        .map_err(|error| wrong(&format!("the private key cannot be read: {error}")))?;
    let mut keys = Vec::new();
    let mut faults = Vec::new();
    for key in PrivateKey::read_pem(&String::from_utf8_lossy(&text)) {
        match key {
            Ok(key) => keys.push(key),
            Err(fault) => faults.push(fault),
        }
    }
    match faults.first() {
        Some(fault) if keys.is_empty() => Err(wrong(&fault.text())),
        Some(fault) => {
            complain(&format!("{name}: {}", fault.text()));
            Ok(keys)
        }
        None => Ok(keys),
    }
}

/// A log up to this size is kept in memory, about as it is.
const MEMORY_BYTES_MAX: u64 = 32 << 20;
/// Secrets of one that is no file, and therefore of any size.
const SECRETS_MAX: usize = 512 << 10;
/// Lines that hold no secret are told up to so many.
const FAULTS_TOLD: usize = 3;
const READ_BYTES: usize = 256 << 10;
/// No file of a private key is larger.
const PEM_BYTES_MAX: u64 = 1 << 20;
