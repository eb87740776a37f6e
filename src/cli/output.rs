//! Where output goes: standard output, quiet when nobody reads on, or a file that appears when it is whole.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::arguments::Writing;
use super::exit::Trouble;
use crate::report::escape;

/// The output of a command.
pub(super) struct Sink {
    to: To,
    /// The reader has gone: no trouble, but no reason to go on.
    closed: bool,
    failure: Option<io::Error>,
    flushes: bool,
}

enum To {
    Screen(BufWriter<io::Stdout>),
    File {
        file: BufWriter<File>,
        path: PathBuf,
        partial: Option<Partial>,
    },
}

/// A file on its way; it vanishes unless it is kept.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // Renamed away or never made: nothing to remove then.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Sink {
    /// Opens the output; `inputs` must not be overwritten.
    pub(super) fn open(writing: &Writing, inputs: &[PathBuf]) -> Result<Self, Trouble> {
        let to = match &writing.output {
            Some(path) if path.as_os_str() != "-" => file(path, inputs)?,
            _ => To::Screen(BufWriter::new(io::stdout())),
        };
        let flushes = matches!(to, To::Screen(_)) && io::stdout().is_terminal();
        Ok(Self {
            to,
            closed: false,
            failure: None,
            flushes,
        })
    }

    /// Standard output.
    pub(super) fn stdout() -> Self {
        Self {
            to: To::Screen(BufWriter::new(io::stdout())),
            closed: false,
            failure: None,
            flushes: false,
        }
    }

    /// Whether it is a terminal that shows what is written as it comes.
    pub(super) fn is_terminal(&self) -> bool {
        self.flushes
    }

    /// Writes text; breaks where no more can be written.
    pub(super) fn text(&mut self, text: &str) -> ControlFlow<()> {
        self.with(|writer| writer.write_all(text.as_bytes()))
    }

    /// Writes with whatever writes.
    pub(super) fn with(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> ControlFlow<()> {
        if self.closed || self.failure.is_some() {
            return ControlFlow::Break(());
        }
        let flushes = self.flushes;
        let writer = self.writer();
        let written = write(writer).and_then(|()| if flushes { writer.flush() } else { Ok(()) });
        self.note(written)
    }

    /// Writes what is left; a file takes its name now.
    pub(super) fn finish(mut self) -> Result<(), Trouble> {
        if !self.closed && self.failure.is_none() {
            let written = self.writer().flush();
            let _ = self.note(written);
        }
        let path = match &self.to {
            To::Screen(_) => "standard output".to_owned(),
            To::File { path, .. } => path.display().to_string(),
        };
        if let Some(source) = self.failure.take() {
            return Err(Trouble::Output { path, source });
        }
        let To::File {
            file,
            path: name,
            partial,
        } = self.to
        else {
            return Ok(());
        };
        let Some(partial) = partial else {
            return Ok(());
        };
        let kept = file
            .get_ref()
            .sync_all()
            .and_then(|()| std::fs::rename(&partial.0, &name));
        kept.map_err(|source| Trouble::Output { path, source })
    }

    fn writer(&mut self) -> &mut dyn Write {
        match &mut self.to {
            To::Screen(screen) => screen,
            To::File { file, .. } => file,
        }
    }

    fn note(&mut self, written: io::Result<()>) -> ControlFlow<()> {
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                ControlFlow::Break(())
            }
            Err(error) => {
                self.failure = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}

/// A file beside the wanted one, which takes its place at the end; a device or a pipe is written to as it is.
fn file(path: &Path, inputs: &[PathBuf]) -> Result<To, Trouble> {
    let trouble = |source| Trouble::Output {
        path: path.display().to_string(),
        source,
    };
    let existing = std::fs::metadata(path).ok();
    if existing
        .as_ref()
        .is_some_and(|existing| !existing.is_file())
    {
        let file = OpenOptions::new().write(true).open(path).map_err(trouble)?;
        return Ok(To::File {
            file: BufWriter::new(file),
            path: path.to_owned(),
            partial: None,
        });
    }
    // A link stays one: what it points to is replaced.
    let target = if existing.is_some() {
        path.canonicalize().map_err(trouble)?
    } else {
        path.to_owned()
    };
    if inputs
        .iter()
        .any(|input| input.canonicalize().is_ok_and(|input| input == target))
    {
        return Err(Trouble::Usage(format!(
            "{}: is an input, and would be overwritten",
            path.display()
        )));
    }
    let name = target
        .file_name()
        .ok_or_else(|| trouble(io::ErrorKind::InvalidFilename.into()))?;
    let mut partial = std::ffi::OsString::from(".");
    partial.push(name);
    partial.push(format!(".{}.partial", std::process::id()));
    let partial = target.with_file_name(partial);
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&partial)
        .map_err(trouble)?;
    Ok(To::File {
        file: BufWriter::new(file),
        path: target,
        partial: Some(Partial(partial)),
    })
}

/// A line, or lines, on standard error; kept back while something else has the terminal.
pub(super) fn complain(text: &str) {
    if !HELD.keep(text) {
        // Where standard error is gone too, there is nobody to tell.
        let _ = io::stderr().write_all(complaint(text).as_bytes());
    }
}

/// A line, or lines, as they stand on standard error.
pub(super) fn complaint(text: &str) -> String {
    let lines = text.lines();
    lines
        .map(|line| format!("informant: {}\n", escape::text(line)))
        .collect()
}

/// What is to be said on standard error once the terminal is free again.
struct Lines(Mutex<Option<Vec<String>>>);

impl Lines {
    /// False where nothing is kept back.
    fn keep(&self, line: &str) -> bool {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lines) = lines.as_mut() else {
            return false;
        };
        if lines.len() < LINES_MAX {
            lines.push(line.to_owned());
        }
        true
    }

    #[cfg(feature = "tui")]
    fn set(&self, lines: Option<Vec<String>>) -> Option<Vec<String>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut held, lines)
    }
}

/// Keeps back what goes to standard error, until it goes out of scope.
#[cfg(feature = "tui")]
pub(super) struct Held(());

#[cfg(feature = "tui")]
impl Held {
    pub(super) fn begin() -> Self {
        HELD.set(Some(Vec::new()));
        Self(())
    }
}

#[cfg(feature = "tui")]
impl Drop for Held {
    fn drop(&mut self) {
        for line in HELD.set(None).into_iter().flatten() {
            let _ = io::stderr().write_all(complaint(&line).as_bytes());
        }
    }
}

static HELD: Lines = Lines(Mutex::new(None));
/// Lines kept back.
const LINES_MAX: usize = 1000;
