//! Where in a message a finding points, and the line that stands there, secrets masked.

use std::ops::Range;
use std::sync::Arc;

use super::draft::{Draft, Shown};
use crate::session::excerpt::{excerpt, position, position_behind};
use crate::session::{Excerpt, Masking, Message, Part, Position};

/// Makes excerpts. The secrets of the last message are remembered: one message may break many rules.
#[derive(Debug, Default)]
pub(super) struct Excerpts {
    masking: Masking,
    last: Option<(Arc<Message>, Part, Vec<Range<usize>>)>,
    /// The last place in a message.
    reached: Option<(Arc<Message>, Position)>,
}

impl Excerpts {
    pub(super) fn new(masking: Masking) -> Self {
        Self {
            masking,
            last: None,
            reached: None,
        }
    }

    /// The place and, where `shown`, what stands there; nothing where nothing is marked.
    pub(super) fn of(
        &mut self,
        draft: &Draft,
        shown: bool,
    ) -> (Option<Position>, Option<Box<Excerpt>>) {
        let Some((part, start, text, range)) = place(draft) else {
            return (None, None);
        };
        let excerpt = shown.then(|| Box::new(self.excerpt(draft, part, text, start..range.end)));
        (Some(self.position(draft, part, text, start)), excerpt)
    }

    /// The findings of a message mostly come in its order.
    fn position(&mut self, draft: &Draft, part: Part, text: &[u8], start: usize) -> Position {
        let Shown::Message(message) = &draft.shown else {
            return position(part, text, start);
        };
        let reached = self.reached.as_ref().filter(|(reached, place)| {
            Arc::ptr_eq(reached, message) && place.part == part && place.offset <= start as u64
        });
        let place = match reached {
            Some((_, place)) => position_behind(*place, text, start),
            None => position(part, text, start),
        };
        self.reached = Some((Arc::clone(message), place));
        place
    }

    fn excerpt(&mut self, draft: &Draft, part: Part, text: &[u8], mark: Range<usize>) -> Excerpt {
        let hidden = self.hidden(draft, part, text);
        excerpt(part, text, &hidden, mark)
    }

    /// Forgets the last message.
    pub(super) fn forget(&mut self) {
        self.last = None;
        self.reached = None;
    }

    fn hidden(&mut self, draft: &Draft, part: Part, text: &[u8]) -> Vec<Range<usize>> {
        let Shown::Message(message) = &draft.shown else {
            return self.masking.hidden(part, text);
        };
        if let Some((last, of, hidden)) = &self.last
            && Arc::ptr_eq(last, message)
            && *of == part
        {
            return hidden.clone();
        }
        let hidden = self.masking.hidden(part, text);
        self.last = Some((Arc::clone(message), part, hidden.clone()));
        hidden
    }
}

/// What is marked: the part, where the mark begins in it, its text, and the mark.
fn place(draft: &Draft) -> Option<(Part, usize, &[u8], Range<usize>)> {
    let (part, range) = draft.mark.clone()?;
    let text = match (&draft.shown, part) {
        (Shown::Message(message), Part::Body) => message.soap.as_ref()?.text(),
        (Shown::Message(message), Part::Head) => message.http.view().raw(),
        (Shown::Datagram(payload), Part::Datagram) => payload,
        _ => return None,
    };
    Some((part, range.start.min(text.len()), text, range))
}
