//! What the screens want done, and what comes back. Wishes are carried out beside the screens: an answer has the ticket of
//! its wish, and one that nobody waits for any more is dropped.

use super::{Counts, Page, Row};

/// Which wish; they count up.
pub type Ticket = u64;

/// Carries out what the screens cannot do themselves.
pub trait Commands {
    /// Takes a wish; what comes of it arrives as [`News`].
    fn begin(&mut self, wish: Wish);

    /// Says that nobody waits for this answer any more.
    fn abandon(&mut self, ticket: Ticket);

    /// The expressions that a display filter may go on to.
    fn continuations(&self, expression: &str) -> Vec<String>;

    /// Why nothing can be saved in this form, whatever its name; safe to print.
    fn refusal(&self, form: SaveForm) -> Option<String>;

    /// What is wrong with a display filter, in lines with carets below it; safe to print.
    fn flaw(&self, expression: &str) -> Option<String>;
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// A page to be made.
    Page {
        /// Stands in the answer.
        ticket: Ticket,
        /// Of what.
        what: What,
        /// Columns of the screen.
        width: usize,
    },
    /// Sessions to be selected by a display filter.
    Select {
        /// Stands in the answer.
        ticket: Ticket,
        /// The filter.
        expression: String,
    },
    /// Sessions to be written to a file.
    Save {
        /// Stands in the answer.
        ticket: Ticket,
        /// Which.
        sessions: Kept,
        /// How.
        form: SaveForm,
        /// Where to.
        path: String,
        /// What is there already may be replaced.
        replace: bool,
    },
}

/// What a page is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The ladder of a session.
    Ladder(u32),
    /// A message of a session, by its place among those that can be shown, from 0.
    Message(u32, usize, Form),
    /// All messages of a session.
    Session(u32),
    /// Two sessions beside each other.
    Difference(u32, u32),
    /// The story of a device.
    Story(String),
    /// What the rule book found: in one session, or in all.
    Findings(Option<u32>),
    /// A rule, by its code.
    Rule(String),
}

/// How a message is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Head, and arguments as a tree.
    Tree,
    /// Head, and XML with an element a line.
    Markup,
    /// As it was sent.
    Sent,
}

impl Form {
    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Tree => Self::Markup,
            Self::Markup => Self::Sent,
            Self::Sent => Self::Tree,
        }
    }
}

/// Which sessions are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// These.
    These(Vec<u32>),
    /// All of the capture.
    All,
}

/// How they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveForm {
    /// Their packets.
    Pcapng,
    /// One session as a readable text that is read back as a capture.
    Transcript,
    /// One session as a scenario that plays the ACS.
    ScenarioAcs,
    /// One session as a scenario that plays the phone.
    ScenarioCpe,
}

/// What arrives.
#[derive(Debug)]
pub enum News {
    /// Sessions of the capture, about in the order of their numbers.
    Rows(Vec<Row>),
    /// How much of the capture has been read, in percent, where that is known.
    Progress(Option<u8>),
    /// What an interface gave so far, in words.
    Heard(String),
    /// What is wrong with the interfaces now, safe to print; nothing where all are up.
    Links(String),
    /// The capture is read; no row is to come.
    Whole,
    /// How much the rule book found, by session; all others have nothing.
    Judged(Vec<(u32, Counts)>),
    /// How much it has found so far in these sessions.
    Found(Vec<(u32, Counts)>),
    /// A page is ready, or why there is none.
    Page(Ticket, Result<Page, String>),
    /// How much of an answer is done, in percent.
    Share(Ticket, u8),
    /// Sessions that the filter selects, more of them.
    Selected(Ticket, Vec<u32>),
    /// Sessions that it selected, and does not any more.
    Deselected(Ticket, Vec<u32>),
    /// The filter has seen every session so far, and goes on.
    SelectedSoFar(Ticket),
    /// The filter has seen every session; or why it has not.
    SelectedAll(Ticket, Result<(), String>),
    /// What became of a file.
    Saved(Ticket, Saved),
    /// Something worth knowing, safe to print.
    Remark(String),
}

/// What became of a file that was to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It is there; what was written, in words.
    Written(String),
    /// Something of that name is there already.
    Exists,
    /// It could not be written.
    Failed(String),
}
