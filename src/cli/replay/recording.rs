//! What went over the wire in all runs, as one capture: what `-w` writes, and what the rule book reads.

use std::fs::File;
use std::io::{self, BufWriter, Cursor, Write};
use std::path::Path;

use super::patient;
use crate::cli::arguments::Playing;
use crate::cli::exit::{self, Trouble};
use crate::cli::output::complain;
use crate::replay::action::{WireEvent, WireEventKind};
use crate::replay::drive::Clock;
use crate::source::{Capture, SourceError, Synthesis};

/// The file of `-w`, where one is wanted.
pub(in crate::cli) struct Written {
    file: Option<BufWriter<Box<dyn Write + Send>>>,
    path: String,
    failed: bool,
    complain: Complain,
}

/// Where lines for people go.
pub(in crate::cli) type Complain = Box<dyn Fn(&str) + Send>;

/// How the file is opened; what is to be said meanwhile can be.
type Open = fn(&Path, &dyn Fn(&str)) -> io::Result<Box<dyn Write + Send>>;

impl Written {
    /// Written beside the run: a pipe may keep whoever writes waiting.
    pub(in crate::cli) fn at(
        path: Option<&Path>,
        quiet: bool,
        complain: Complain,
    ) -> Result<Self, Trouble> {
        Self::opened(path, quiet, complain, |path, _| {
            Ok(Box::new(File::create(path)?))
        })
    }

    /// Written by the run itself.
    fn of_run(path: Option<&Path>, quiet: bool, complain: Complain) -> Result<Self, Trouble> {
        Self::opened(path, quiet, complain, |path, complain| {
            patient::open(path, |path| File::create(path), complain)
        })
    }

    fn opened(
        path: Option<&Path>,
        quiet: bool,
        complain: Complain,
        open: Open,
    ) -> Result<Self, Trouble> {
        let name = path
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        let file = path.map(|path| open(path, &*complain));
        let file = file.transpose().map_err(|source| Trouble::Output {
            path: name.clone(),
            source,
        })?;
        if file.is_some() && !quiet {
            complain(&format!(
                "{name}: packets are never masked, secrets stand in them"
            ));
        }
        let mut written = Self {
            file: file.map(BufWriter::new),
            path: name,
            failed: false,
            complain,
        };
        written.append(&Synthesis::header());
        written.flush();
        Ok(written)
    }

    pub(in crate::cli) fn append(&mut self, blocks: &[u8]) {
        let written = match &mut self.file {
            Some(file) if !self.failed => file.write_all(blocks),
            _ => Ok(()),
        };
        self.check(written);
    }

    /// Whoever reads the file finds all that there is by now.
    pub(in crate::cli) fn flush(&mut self) {
        let flushed = self.file.as_mut().map_or(Ok(()), BufWriter::flush);
        self.check(flushed);
    }

    fn check(&mut self, written: io::Result<()>) {
        if let Err(source) = written {
            let path = self.path.clone();
            (self.complain)(&Trouble::Output { path, source }.to_string());
            self.failed = true;
        }
    }

    /// What was written could not all be.
    pub(in crate::cli) fn failure(&self) -> Option<(u8, String)> {
        self.failed
            .then(|| (exit::FAILURE, format!("{} cannot be written", self.path)))
    }
}

/// What went over the wire as packets, behind those that there are.
pub(in crate::cli) fn packets(
    synthesis: &mut Synthesis,
    clock: &Clock,
    event: &WireEvent,
) -> Vec<u8> {
    let time = clock.wall(event.time);
    let (from, to) = (event.source, event.destination);
    let mut blocks = Vec::new();
    let out = &mut blocks;
    match &event.kind {
        WireEventKind::Open => synthesis.open(time, from, to, out),
        WireEventKind::Bytes(bytes) => synthesis.bytes(time, from, to, bytes, out),
        WireEventKind::End { reset } => synthesis.end(time, from, to, *reset, out),
        WireEventKind::Datagram(bytes) => synthesis.datagram(time, from, to, bytes, out),
    }
    blocks
}

/// Packets of all runs, numbered as in the file of `-w`, whether there is one or not.
pub(super) struct Recording {
    synthesis: Synthesis,
    written: Written,
    /// For the rule book.
    kept: Vec<u8>,
    /// A bound left no room for what came later.
    is_cut: bool,
}

impl Recording {
    pub(super) fn open(playing: &Playing) -> Result<Self, Trouble> {
        Ok(Self {
            synthesis: Synthesis::default(),
            written: Written::of_run(
                playing.write.as_deref(),
                playing.writing.quiet,
                Box::new(complain),
            )?,
            kept: Synthesis::header(),
            is_cut: false,
        })
    }

    /// Writes down what went over the wire.
    pub(super) fn note(&mut self, clock: &Clock, event: &WireEvent) {
        let blocks = packets(&mut self.synthesis, clock, event);
        self.written.append(&blocks);
        self.is_cut |= self.kept.len().saturating_add(blocks.len()) > KEPT_BYTES_MAX;
        if !self.is_cut {
            self.kept.extend_from_slice(&blocks);
        }
    }

    /// Frames so far.
    pub(super) fn frames(&self) -> u64 {
        self.synthesis.frames()
    }

    /// The file of `-w`.
    pub(super) fn written(&mut self) -> &mut Written {
        &mut self.written
    }

    /// All of it was not kept for the rule book.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// What the rule book reads.
    pub(super) fn capture(self) -> Result<Capture, SourceError> {
        Capture::from_reader("replay.pcapng", Cursor::new(self.kept))
    }
}

/// Packets that are held for the rule book: those of some thousand sessions.
const KEPT_BYTES_MAX: usize = 256 << 20;
