//! A response whose request nobody saw: is the body that its head announces there at all?
//!
//! It answered HEAD where the next status line stands in the place of the body (RFC 9110 section 9.3.2): in a capture of one
//! side only that line can tell. Nothing is decided here for a response whose request is known.

use super::{Event, State, Step, Stream, Transfer};
use crate::framing::Length;
use crate::head::HeadView;
use crate::recognise::{PLAIN_STATUS_BYTES, begins_plain_status};
use crate::{Kind, RequestMethod};

impl Stream {
    /// Is the body to be looked at before it is believed? Not where it is shorter than a status line, nor where HTTP
    /// messages are what it holds (RFC 9112 section 10).
    pub(super) fn is_in_doubt(&self) -> bool {
        let long = PLAIN_STATUS_BYTES as u64;
        let open = match (self.open.transfer, self.open.unchunked) {
            (Transfer::Counted(bytes), _) => bytes >= long,
            (Transfer::UntilClose, _) | (Transfer::Chunked(_), Length::UntilClose) => true,
            _ => false,
        };
        let kind = || HeadView::new(&self.open.head, &self.raw).content_type();
        open && self.kind == Kind::Response
            && self.open.method == RequestMethod::Unknown
            && !kind().is_some_and(|kind| kind.to_ascii_lowercase().ends_with(b"/http"))
    }

    /// Looks at the first bytes in the place of the body, and takes none of them that may belong to it.
    pub(super) fn read_in_doubt(&mut self, input: &mut &[u8]) -> Step {
        if input.is_empty() {
            return Step::More;
        }
        let before = *input;
        let held = self.line.len();
        let bytes = self.advance(input, PLAIN_STATUS_BYTES.saturating_sub(held));
        self.line.extend_from_slice(bytes);
        match begins_plain_status(&self.line) {
            None => Step::More,
            Some(true) => self.answered_head(),
            Some(false) => {
                self.offset = self.offset.saturating_sub(bytes.len() as u64);
                self.line.truncate(held);
                *input = before;
                self.believe_body();
                Step::Again
            }
        }
    }

    /// The body is there. What was held of it begins as a status line does, so it is no chunk.
    pub(super) fn believe_body(&mut self) {
        self.state = State::Body;
        let held = std::mem::take(&mut self.line);
        let bytes = held.len() as u64;
        if bytes == 0 {
            return;
        }
        if matches!(self.open.transfer, Transfer::Chunked(_)) {
            self.offset = self.offset.saturating_sub(bytes);
            self.not_chunked();
            self.offset = self.offset.saturating_add(bytes);
        }
        if let Transfer::Counted(left) = &mut self.open.transfer {
            *left = left.saturating_sub(bytes);
        }
        self.open.body_bytes = self.open.body_bytes.saturating_add(bytes);
        self.keep_wire(&held);
    }

    /// A status line stands where the body should: there is none.
    fn answered_head(&mut self) -> Step {
        self.set_length(Length::None);
        let line = std::mem::take(&mut self.line);
        let message = self.finish_before(line.len(), None);
        self.raw = line;
        Step::Event(Event::Message(message))
    }
}
