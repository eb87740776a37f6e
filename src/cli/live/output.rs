//! Where rows and records go while it runs: standard output, or a file that grows; SIGHUP begins the file anew under its name.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::arguments::Writing;
use crate::cli::exit::{self, Trouble};
use crate::cli::output::complain;

/// The output, written out after each record.
pub(super) struct Stream {
    to: To,
    reopen: Arc<AtomicBool>,
    /// Nobody reads on.
    closed: bool,
    failure: Option<io::Error>,
}

enum To {
    Screen(io::Stdout),
    File { file: File, path: PathBuf },
}

impl Stream {
    /// Opens the output; what stood in a file before stays, as after a rotation.
    pub(super) fn open(writing: &Writing, reopen: Arc<AtomicBool>) -> Result<Self, Trouble> {
        let to = match &writing.output {
            Some(path) if path.as_os_str() != "-" => To::File {
                file: append(path).map_err(|source| Trouble::Output {
                    path: path.display().to_string(),
                    source,
                })?,
                path: path.clone(),
            },
            _ => To::Screen(io::stdout()),
        };
        Ok(Self {
            to,
            reopen,
            closed: false,
            failure: None,
        })
    }

    /// Whether it can still be written.
    pub(super) fn flow(&self) -> ControlFlow<()> {
        if self.closed || self.failure.is_some() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    pub(super) fn write(&mut self, text: &str) {
        if self.flow().is_break() || text.is_empty() {
            return;
        }
        let written = match &mut self.to {
            To::Screen(screen) => {
                let mut screen = screen.lock();
                screen
                    .write_all(text.as_bytes())
                    .and_then(|()| screen.flush())
            }
            To::File { file, .. } => put(file, text),
        };
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.closed = true,
            Err(error) => self.failure = Some(error),
        }
    }

    /// The file was moved away: its name is written anew.
    pub(super) fn rotate(&mut self) {
        if !self.reopen.swap(false, Ordering::Relaxed) {
            return;
        }
        if let To::File { file, path } = &mut self.to {
            match append(path) {
                Ok(fresh) => *file = fresh,
                Err(error) => complain(&format!(
                    "{}: cannot be opened again: {error}: what comes goes where it went before",
                    path.display()
                )),
            }
        }
    }

    /// The exit code that the output asks for.
    pub(super) fn finish(self) -> Option<u8> {
        let error = self.failure?;
        let path = match &self.to {
            To::Screen(_) => "standard output".to_owned(),
            To::File { path, .. } => path.display().to_string(),
        };
        complain(&format!("{path}: cannot be written: {error}"));
        Some(exit::FAILURE)
    }
}

/// Writes all of it, or nothing where the system lets it: a record of which a part found room could not be read.
fn put(file: &mut File, text: &str) -> io::Result<()> {
    let bytes = |file: &File| file.metadata().map_or(0, |facts| facts.len());
    let before = bytes(file);
    let written = file.write_all(text.as_bytes());
    if written.is_err() && bytes(file) > before {
        let _ = file.set_len(before);
    }
    written
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}
