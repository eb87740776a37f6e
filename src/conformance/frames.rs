//! The frames that show a breach, put together only where they are kept: most breaches are known already.

use std::sync::Arc;

use crate::session::Message;
use crate::source::FrameId;

/// Frames of messages, and frames that were listed.
#[derive(Debug, Default)]
pub(super) struct Frames {
    of: Option<Arc<Message>>,
    beside: Option<Arc<Message>>,
    listed: Vec<FrameId>,
    /// Something was added: all are put in order, each once.
    added: bool,
}

impl Frames {
    /// Those of a message.
    pub(super) fn of(message: &Arc<Message>) -> Self {
        Self {
            of: Some(Arc::clone(message)),
            ..Self::default()
        }
    }

    /// These, as they are.
    pub(super) fn listed(listed: Vec<FrameId>) -> Self {
        Self {
            listed,
            ..Self::default()
        }
    }

    /// Adds those of another message.
    pub(super) fn add_of(&mut self, message: &Arc<Message>) {
        self.added = true;
        match &self.beside {
            None => self.beside = Some(Arc::clone(message)),
            Some(_) => self.listed.extend(message.provenance.frames()),
        }
    }

    /// Adds these.
    pub(super) fn add(&mut self, frames: &[FrameId]) {
        self.added = true;
        self.listed.extend_from_slice(frames);
    }

    fn together(&self) -> Vec<FrameId> {
        let messages = [&self.of, &self.beside];
        let messages = messages.into_iter().flatten();
        let carried = messages.flat_map(|message| &message.provenance.carried);
        let mut frames = self.listed.clone();
        frames.extend(carried.map(|carried| carried.frame));
        if self.of.is_some() || self.added {
            frames.sort_unstable();
            frames.dedup();
        }
        frames
    }
}

/// Makes lists of frames. Breaches that the same messages show share one.
#[derive(Debug, Default)]
pub(super) struct SharedFrames {
    made: Vec<(Frames, Arc<[FrameId]>)>,
}

impl SharedFrames {
    /// The list.
    pub(super) fn list(&mut self, frames: Frames) -> Arc<[FrameId]> {
        if !frames.listed.is_empty() || frames.of.is_none() {
            return frames.together().into();
        }
        let same = |one: &Option<Arc<Message>>, other: &Option<Arc<Message>>| {
            one.as_ref().map(Arc::as_ptr) == other.as_ref().map(Arc::as_ptr)
        };
        let is_it =
            |made: &Frames| same(&made.of, &frames.of) && same(&made.beside, &frames.beside);
        let latest = self.made.iter().rev().take(LOOKED_AT_MAX);
        if let Some((_, list)) = latest.into_iter().find(|(made, _)| is_it(made)) {
            return Arc::clone(list);
        }
        let list: Arc<[FrameId]> = frames.together().into();
        self.made.push((frames, Arc::clone(&list)));
        list
    }

    /// Forgets the messages.
    pub(super) fn forget(&mut self) {
        self.made.clear();
    }
}

/// Lists that are compared: a message is shown alone, and with the one it answers.
const LOOKED_AT_MAX: usize = 4;
