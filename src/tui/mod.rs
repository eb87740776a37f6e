//! The terminal screens: a state machine without input or output, what it draws, and the terminal around it. It reads no
//! capture: what it shows comes as [`News`], and what it wants done goes to [`Commands`].

mod app;
mod draw;
mod editor;
mod help;
mod keys;
mod line;
mod list;
mod page;
mod prompt;
mod rows;
mod saving;
pub mod terminal;
#[cfg(test)]
pub(crate) mod tests;
mod view;
mod wish;

pub use app::{App, Deed, Opening};
pub use draw::{Drawn, draw};
pub use line::{Ink, Line};
pub use page::{Page, Stop, Target, Yank};
pub use rows::{Counts, Row};
pub use wish::{Commands, Form, Kept, News, SaveForm, Saved, Ticket, What, Wish};
