//! Packets of what is heard: they come out of the files in which it is recorded, as long as these are there.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{AROUND, Chosen, Copy, Kept, Shared, Trouble};
use crate::source::{Capture, FrameId, Input, Recorded, SourceError};

/// Where packets are recorded.
pub(in crate::cli::tui) fn recording(shared: &Shared) -> Result<&Recorded, Trouble> {
    shared.recorded.as_ref().ok_or_else(|| {
        Trouble::Usage(
            "packets are kept only where they are recorded: begin with -w FILE (-b bounds it), or save a transcript"
                .to_owned(),
        )
    })
}

/// The packets, out of the recording; how many, in words.
pub(super) fn write(shared: &Shared, sessions: &Kept, path: &Path) -> Result<String, Trouble> {
    let recorded = recording(shared)?;
    let chosen = Chosen::of(shared, sessions)?;
    held(&chosen, sessions)?;
    if let Some(last) = chosen.frames.iter().max() {
        recorded.await_frame(*last);
    }
    let files = chosen.files(recorded);
    let paths: Vec<PathBuf> = recorded.files().into_iter().map(|(_, path)| path).collect();
    let mut copy = Copy::open(path, &paths)?;
    let missing = std::cell::RefCell::new(chosen.frames.clone());
    for (file, path) in files {
        // One that is gone by now holds nothing.
        let Ok(capture) = opened(&path) else { continue };
        copy.packets(capture, &|frame| {
            let id = FrameId::new(file, frame.id.number());
            missing.borrow_mut().remove(&id);
            chosen.holds(id, frame)
        });
    }
    let missing = missing.into_inner();
    if !chosen.frames.is_empty() && missing.len() == chosen.frames.len() {
        return Err(Trouble::Usage(
            "its packets are not in the recording any more: a larger ring (-b) keeps them longer; save a transcript"
                .to_owned(),
        ));
    }
    let words = copy.finish()?;
    Ok(if missing.is_empty() {
        words
    } else {
        format!("{words}; {} are not recorded any more", missing.len())
    })
}

/// Whether it is known of every session which packets it has.
fn held(chosen: &Chosen, sessions: &Kept) -> Result<(), Trouble> {
    let Kept::These(sessions) = sessions else {
        return Ok(());
    };
    let gone: HashSet<u32> = sessions.iter().copied().collect();
    let gone = gone.difference(&chosen.sessions).min();
    gone.map_or(Ok(()), |session| {
        Err(Trouble::Usage(format!(
            "session {session} was too long ago to be held in memory: what -w recorded can be looked at by itself"
        )))
    })
}

impl Chosen {
    /// The files of a recording that may hold any of it.
    fn files(&self, recorded: &Recorded) -> Vec<(u16, PathBuf)> {
        let begun = |path: &PathBuf| Some(opened(path).ok()?.next()?.time.nanoseconds);
        let files = recorded.files();
        let begins: Vec<Option<i64>> = files.iter().map(|(_, path)| begun(path)).collect();
        let from = self.connections.values().map(|(from, _)| *from).min();
        let to = self.connections.values().map(|(_, to)| *to).max();
        let mut chosen = Vec::new();
        for (at, (file, path)) in files.iter().enumerate() {
            let ends = begins.get(at + 1).copied().flatten();
            let is_before = from
                .zip(ends)
                .is_some_and(|(from, end)| end < from - AROUND);
            let begin = begins.get(at).copied().flatten();
            let is_behind = to.zip(begin).is_some_and(|(to, begin)| begin > to + AROUND);
            let may_hold = self.is_all || self.holds_any(*file) || !(is_before || is_behind);
            if may_hold {
                chosen.push((*file, path.clone()));
            }
        }
        chosen
    }

    fn holds_any(&self, file: u16) -> bool {
        self.frames.iter().any(|frame| frame.file() == file)
    }
}

fn opened(path: &Path) -> Result<Capture, SourceError> {
    Capture::open(vec![Input::Path(path.to_owned())])
}
