//! `--keylog FILE` and `--rsa-key FILE`: what is wrong with such a file is told by its line, and never with what stands in it.

mod growing;
mod index;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use growing::Growing;
use index::Index;
use tls::{Label, LineFault, LineReader, Lookup, PrivateKey, Secret};

use super::arguments::KeyFiles;
use super::exit::Trouble;
use super::output::complain;
use crate::pipeline::KeyMaterial;

/// Reads the files that are given, once.
pub(super) fn read(files: &KeyFiles, quiet: bool) -> Result<KeyMaterial, Trouble> {
    if let Some(known) = files.read.get() {
        return Ok(known.clone());
    }
    let mut logs = Vec::new();
    for path in &files.keylog {
        logs.push(key_log(path, quiet)?);
    }
    let mut private = Vec::new();
    for path in &files.rsa_key {
        private.extend(private_keys(path)?);
    }
    let material = KeyMaterial {
        log: Arc::new(Logs(logs)),
        private: private.into(),
    };
    Ok(files.read.get_or_init(|| material).clone())
}

/// Several key logs as one.
struct Logs(Vec<Log>);

/// A key log.
enum Log {
    /// In memory, with what is written behind it meanwhile.
    Small(Growing),
    /// In its file, of which memory holds where each name stands.
    Large(Index),
}

impl Lookup for Logs {
    fn secret(&self, label: Label, name: &[u8; 32]) -> Option<Secret> {
        self.0.iter().find_map(|log| match log {
            Log::Small(log) => log.secret(label, name),
            Log::Large(index) => index.secret(label, name),
        })
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
    fn fault(&mut self, line: u64, fault: LineFault) {
        self.faults += 1;
        if self.first.len() < FAULTS_TOLD {
            self.first.push((line, fault));
        }
    }

    /// Says what is wrong; a file without any secret in it is not the right one.
    fn judge(&self, path: &Path, quiet: bool) -> Result<(), Trouble> {
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
        if self.secrets == 0 && !quiet {
            complain(&format!("{name}: the key log is empty"));
        }
        Ok(())
    }
}

fn key_log(path: &Path, quiet: bool) -> Result<Log, Trouble> {
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
    let log = if about.is_file() && about.len() > MEMORY_BYTES_MAX {
        Log::Large(Index::new(file, &mut tally).map_err(unreadable)?)
    } else {
        Log::Small(Growing::new(file, &mut tally).map_err(unreadable)?)
    };
    tally.judge(path, quiet)?;
    let dropped = match &log {
        Log::Small(log) => log.dropped(),
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

/// Gives every line with its number and its offset.
fn lines(
    mut file: impl Read,
    on_line: &mut dyn FnMut(u64, u64, Result<tls::Line, LineFault>),
) -> io::Result<()> {
    let mut lines = LineReader::default();
    let mut room = vec![0; READ_BYTES];
    loop {
        match file.read(&mut room) {
            Ok(0) => break,
            Ok(count) => lines.take(room.get(..count).unwrap_or_default(), on_line),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    lines.finish(on_line);
    Ok(())
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
/// Lines that hold no secret are told up to so many.
const FAULTS_TOLD: usize = 3;
const READ_BYTES: usize = 256 << 10;
/// No file of a private key is larger.
const PEM_BYTES_MAX: u64 = 1 << 20;
