//! What went over the wire in all runs, as one capture: what `-w` writes, and what the rule book reads.

use std::fs::File;
use std::io::{BufWriter, Cursor, Write as _};

use crate::cli::arguments::Playing;
use crate::cli::exit::{self, Trouble};
use crate::cli::output::complain;
use crate::replay::action::{WireEvent, WireEventKind};
use crate::replay::drive::Clock;
use crate::source::{Capture, SourceError, Synthesis};

/// Packets of all runs, numbered as in the file of `-w`, whether there is one or not.
pub(super) struct Recording {
    synthesis: Synthesis,
    file: Option<BufWriter<File>>,
    path: String,
    failed: bool,
    /// For the rule book.
    kept: Vec<u8>,
    /// A bound left no room for what came later.
    is_cut: bool,
}

impl Recording {
    pub(super) fn open(playing: &Playing) -> Result<Self, Trouble> {
        let path = playing.write.as_ref();
        let name = path
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        let file = path.map(File::create).transpose();
        let file = file.map_err(|source| Trouble::Output {
            path: name.clone(),
            source,
        })?;
        if file.is_some() && !playing.writing.quiet {
            complain(&format!(
                "{name}: packets are never masked, secrets stand in them"
            ));
        }
        let mut recording = Self {
            synthesis: Synthesis::default(),
            file: file.map(BufWriter::new),
            path: name,
            failed: false,
            kept: Vec::new(),
            is_cut: false,
        };
        recording.append(&Synthesis::header());
        recording.flush();
        Ok(recording)
    }

    /// Writes down what went over the wire.
    pub(super) fn note(&mut self, clock: &Clock, event: &WireEvent) {
        let time = clock.wall(event.time);
        let (from, to) = (event.source, event.destination);
        let mut out = Vec::new();
        let (synthesis, blocks) = (&mut self.synthesis, &mut out);
        match &event.kind {
            WireEventKind::Open => synthesis.open(time, from, to, blocks),
            WireEventKind::Bytes(bytes) => synthesis.bytes(time, from, to, bytes, blocks),
            WireEventKind::End { reset } => synthesis.end(time, from, to, *reset, blocks),
            WireEventKind::Datagram(bytes) => synthesis.datagram(time, from, to, bytes, blocks),
        }
        self.append(&out);
    }

    /// Frames so far.
    pub(super) fn frames(&self) -> u64 {
        self.synthesis.frames()
    }

    /// Whoever reads the file finds all that there is by now.
    pub(super) fn flush(&mut self) {
        let flushed = self.file.as_mut().map_or(Ok(()), BufWriter::flush);
        self.check(flushed);
    }

    fn append(&mut self, blocks: &[u8]) {
        let written = match &mut self.file {
            Some(file) if !self.failed => file.write_all(blocks),
            _ => Ok(()),
        };
        self.check(written);
        self.is_cut |= self.kept.len().saturating_add(blocks.len()) > KEPT_BYTES_MAX;
        if !self.is_cut {
            self.kept.extend_from_slice(blocks);
        }
    }

    fn check(&mut self, written: std::io::Result<()>) {
        if let Err(source) = written {
            let path = self.path.clone();
            complain(&Trouble::Output { path, source }.to_string());
            self.failed = true;
        }
    }

    /// What was written could not all be.
    pub(super) fn failure(&self) -> Option<(u8, String)> {
        self.failed
            .then(|| (exit::FAILURE, format!("{} cannot be written", self.path)))
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
