//! What becomes of a direction that speaks FTP: its bytes go to the dialogue that both directions share.

use super::{Feed, Frame, Reader, State};
use crate::pipeline::dialogue::{Dialogue, Opens};

impl Feed<'_> {
    /// The first bytes of the stream, which end at `end`, are not HTTP.
    pub(super) fn open_dialogue(&mut self, end: u64) {
        let State::Opening(opening) = &mut self.reader.state else {
            return;
        };
        match Opens::of(opening) {
            Opens::Dialogue(side) => {
                let ends = (self.source, self.destination);
                let dialogue = Dialogue::new(side, ends.0, ends.1, self.limits);
                self.exchange.dialogue = Some(Box::new(dialogue));
                self.join_dialogue(end);
            }
            Opens::MoreBytes => {}
            Opens::No => self.leave(),
        }
    }

    /// Says whether the bytes go on with a dialogue whose beginning was not seen; if so it is there from now on.
    pub(super) fn joins_midway(&mut self, bytes: &[u8]) -> bool {
        let exchange = &mut *self.exchange;
        let side = ftp::recognise_midway(bytes);
        let Some(side) = side.filter(|_| exchange.requests == 0 && exchange.responses == 0) else {
            return false;
        };
        let dialogue = Dialogue::new(side, self.source, self.destination, self.limits);
        exchange.dialogue = Some(Box::new(dialogue));
        true
    }

    /// Says whether both directions are in a dialogue; where the other has found that there is none, this one goes on without.
    pub(super) fn in_dialogue(&mut self, bytes: &[u8]) -> bool {
        if self.exchange.dialogue.is_some()
            && !matches!(self.reader.state, State::Dialogue { .. })
            && (self.reader.is_http() || Reader::begins_message(bytes))
        {
            self.end_dialogue();
        }
        let is_there = self.exchange.dialogue.is_some();
        if !is_there {
            self.leave_dialogue();
        }
        is_there && !self.reader.is_foreign()
    }

    /// The next bytes of a direction of which the other has begun a dialogue, or this one.
    pub(super) fn dialogue_bytes(&mut self, bytes: &[u8], frame: Frame) {
        match &self.reader.state {
            State::Opening(_) => self.join_dialogue(frame.offset),
            State::Searching => self.reader.state = State::Dialogue { midway: true },
            _ => {}
        }
        if let Some(dialogue) = &mut self.exchange.dialogue {
            dialogue.take(self.source, frame, bytes);
        }
        self.tell();
    }

    /// Bytes of a dialogue are missing.
    pub(super) fn dialogue_gap(&mut self, missing: u64) {
        if let Some(dialogue) = &mut self.exchange.dialogue {
            dialogue.gap(self.source, missing);
        }
        self.tell();
    }

    /// The connection is over, and with it the dialogue.
    pub fn end_dialogue(&mut self) {
        if let Some(mut dialogue) = self.exchange.dialogue.take() {
            dialogue.finish();
            let digits = self.exchange.digits;
            dialogue.tell(self.connection, digits, self.outbox);
            dialogue.close(self.connection, self.outbox);
        }
    }

    /// What has been looked at so far, up to `end`, is the first that this direction says.
    fn join_dialogue(&mut self, end: u64) {
        let before = std::mem::replace(&mut self.reader.state, State::Dialogue { midway: false });
        let State::Opening(opening) = before else {
            return;
        };
        let mut rest = opening.as_slice();
        let mut at = end.saturating_sub(rest.len() as u64);
        let carried = std::mem::take(&mut self.reader.carried);
        let ends = carried.iter().skip(1).map(|frame| frame.offset);
        for (frame, next) in carried.iter().zip(ends.chain([end])) {
            let length = usize::try_from(next.saturating_sub(at)).unwrap_or(usize::MAX);
            let (bytes, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            if let Some(dialogue) = self
                .exchange
                .dialogue
                .as_mut()
                .filter(|_| !bytes.is_empty())
            {
                let offset = at;
                dialogue.take(self.source, Frame { offset, ..*frame }, bytes);
            }
            (at, rest) = (next, behind);
        }
        self.tell();
    }

    /// Hands on what the dialogue tells; one that is none, or hidden from here on, is left.
    fn tell(&mut self) {
        let Some(dialogue) = &mut self.exchange.dialogue else {
            return;
        };
        dialogue.tell(self.connection, self.exchange.digits, self.outbox);
        if dialogue.is_closed() {
            self.end_dialogue();
            self.leave_dialogue();
        }
    }

    /// There is no dialogue any more. Where it was joined midway, HTTP may come yet.
    fn leave_dialogue(&mut self) {
        match self.reader.state {
            State::Dialogue { midway: true } => self.reader.state = State::Searching,
            State::Dialogue { midway: false } => self.leave(),
            _ => {}
        }
    }
}
