//! The screens as a state machine: keys, sizes and news in; wishes and deeds out. It draws nothing and waits for nothing.

mod arriving;
mod keys;

use super::help;
use super::keys::{Key, Motion};
use super::list::List;
use super::prompt::Prompt;
use super::view::View;
use super::wish::{Commands, Ticket, What, Wish};

/// How the screens begin.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// What is looked at, safe to print.
    pub title: String,
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether characters beyond ASCII may be used.
    pub unicode: bool,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// Sessions come as they close: who stands at the end of the list stays there.
    pub is_live: bool,
}

/// Something that only the terminal can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Put this text into the clipboard.
    Copy(String),
    /// Draw everything anew.
    Redraw,
    /// Stop, and leave the terminal to others until the program is to go on.
    Suspend,
    /// End.
    Leave,
}

/// All of the state.
#[derive(Debug)]
pub struct App {
    pub(super) opening: Opening,
    pub(super) size: (u16, u16),
    pub(super) list: List,
    /// Pages above the list, the one on top last.
    pub(super) views: Vec<View>,
    pub(super) prompt: Prompt,
    /// Said once, until the next key.
    pub(super) notice: Option<String>,
    pub(super) waiting: Option<Waiting>,
    pub(super) filter: Filter,
    pub(super) reading: Reading,
    /// What is worth knowing of the input.
    pub(super) remarks: Vec<String>,
    /// How many of them have been looked at.
    pub(super) remarks_read: usize,
    /// What was last looked for.
    pub(super) sought: String,
    ticket: Ticket,
    /// Pages made before the rule book had judged want to be made anew.
    is_judged: bool,
}

/// A page that is being made.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub ticket: Ticket,
    pub what: What,
    /// It takes the place of the page of this.
    pub over: Option<What>,
    /// Columns for which it is made.
    pub width: u16,
    /// How much is done, in percent.
    pub share: Option<u8>,
}

/// The display filter.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub expression: String,
    /// It is still at work.
    pub ticket: Option<Ticket>,
    pub share: Option<u8>,
    /// It has seen all that was there, and goes on with what comes.
    pub goes_on: bool,
}

/// How far the capture has been read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub percent: Option<u8>,
    pub is_whole: bool,
    /// What an interface gave so far, in words.
    pub heard: String,
    /// What is wrong with the interfaces now.
    pub links: String,
}

impl App {
    /// Screens that have seen nothing.
    #[must_use]
    pub fn new(opening: Opening) -> Self {
        Self {
            size: opening.size,
            opening,
            list: List::default(),
            views: Vec::new(),
            prompt: Prompt::None,
            notice: None,
            waiting: None,
            filter: Filter::default(),
            reading: Reading::default(),
            remarks: Vec::new(),
            remarks_read: 0,
            sought: String::new(),
            ticket: 0,
            is_judged: false,
        }
    }

    /// The screen has another size.
    pub fn resize(&mut self, size: (u16, u16), commands: &mut dyn Commands) {
        self.size = size;
        let height = self.list_height();
        self.list.go(Motion::Left, height);
        let height = self.page_height();
        if let Some(view) = self.views.last_mut() {
            view.show(view.at, height);
        }
        self.refresh(commands);
    }

    /// Rows that the list has room for.
    pub(super) fn list_height(&self) -> usize {
        usize::from(self.size.1.saturating_sub(4))
    }

    /// Lines that a page has room for.
    pub(super) fn page_height(&self) -> usize {
        usize::from(self.size.1.saturating_sub(3))
    }

    fn next_ticket(&mut self) -> Ticket {
        self.ticket += 1;
        self.ticket
    }

    /// Has a page made, above the one on top or in its place.
    fn open(&mut self, what: What, replaces: bool, commands: &mut dyn Commands) {
        let top = self.views.last().and_then(|view| view.what.clone());
        self.open_over(what, top.filter(|_| replaces), commands);
    }

    /// Has a page made, in the place of the one of this thing.
    fn open_over(&mut self, what: What, over: Option<What>, commands: &mut dyn Commands) {
        self.abandon(commands);
        let ticket = self.next_ticket();
        commands.begin(Wish::Page {
            ticket,
            what: what.clone(),
            width: usize::from(self.size.0),
        });
        self.waiting = Some(Waiting {
            ticket,
            what,
            over,
            width: self.size.0,
            share: None,
        });
    }

    /// Nobody waits any more.
    fn abandon(&mut self, commands: &mut dyn Commands) {
        if let Some(waiting) = self.waiting.take() {
            commands.abandon(waiting.ticket);
        }
    }

    /// What was made, or is being made, for another width is made anew.
    fn refresh(&mut self, commands: &mut dyn Commands) {
        let width = self.size.0;
        if let Some(waiting) = &self.waiting {
            if waiting.width != width {
                let (what, over) = (waiting.what.clone(), waiting.over.clone());
                self.open_over(what, over, commands);
            }
            return;
        }
        let stale = self.views.last().filter(|view| view.width != width);
        if let Some(what) = stale.and_then(|view| view.what.clone()) {
            self.open_over(what.clone(), Some(what), commands);
        }
    }

    /// One page back.
    fn back(&mut self, commands: &mut dyn Commands) {
        let waits = self.waiting.as_ref();
        let waits_above = waits.is_some_and(|waiting| waiting.over.is_none());
        self.abandon(commands);
        if waits_above {
            return;
        }
        self.views.pop();
        self.refresh(commands);
    }

    /// The page that says what the keys mean here.
    fn help(&mut self) {
        let topic = self.views.last().map(|view| view.what.as_ref());
        let page = help::page(topic);
        let view = View::new(None, page, self.size.0, self.page_height());
        self.views.push(view);
    }

    /// Whether the page on top is one of [`App::help`].
    fn shows_help(&self) -> bool {
        let top = self.views.last();
        top.is_some_and(|view| view.what.is_none() && help::is_of(&view.page))
    }

    /// Something to be said until the next key.
    fn say(&mut self, words: impl Into<String>) {
        self.notice = Some(words.into());
    }

    /// Shows sessions that a filter selects; all without one.
    fn select(&mut self, expression: &str, commands: &mut dyn Commands) {
        let height = self.list_height();
        let under = self.list.row().map(|row| row.session);
        if let Some(ticket) = self.filter.ticket.take() {
            commands.abandon(ticket);
        }
        self.filter.expression = expression.trim().to_owned();
        self.filter.share = None;
        self.filter.goes_on = false;
        if self.filter.expression.is_empty() {
            self.list.rows.select_all();
            self.list.go_to(under, height);
            return;
        }
        self.list.rows.select_none();
        self.list.go_to(None, height);
        let ticket = self.next_ticket();
        self.filter.ticket = Some(ticket);
        commands.begin(Wish::Select {
            ticket,
            expression: self.filter.expression.clone(),
        });
    }

    /// Begins with what this filter selects.
    pub fn filter_by(&mut self, expression: &str, commands: &mut dyn Commands) {
        self.select(expression, commands);
    }

    /// Looks on for what was looked for last.
    fn seek(&mut self, backwards: bool) {
        if self.sought.is_empty() {
            self.say("nothing is looked for: / asks for a text");
            return;
        }
        let lower = self.sought.to_lowercase();
        let height = self.page_height();
        let list_height = self.list_height();
        let found = match self.views.last_mut() {
            Some(view) => {
                let found = view.find(&lower, backwards);
                found.inspect(|line| view.show(*line, height))
            }
            None => {
                let found = self.list.find(&lower, backwards);
                found.inspect(|place| {
                    self.list.at = *place;
                    self.list.go(Motion::Left, list_height);
                })
            }
        };
        if found.is_none() {
            let words = format!("{} is nowhere here", self.sought);
            self.say(words);
        }
    }

    /// What a key that moves does.
    fn go(&mut self, motion: Motion) {
        let (list, page) = (self.list_height(), self.page_height());
        match self.views.last_mut() {
            Some(view) => view.go(motion, page),
            None => self.list.go(motion, list),
        }
    }

    /// Columns and rows of the screen.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Whether no news is to come, where the rule book judges.
    #[cfg(test)]
    pub(crate) fn is_at_rest(&self) -> bool {
        let saves = matches!(&self.prompt, Prompt::Save(saving) if saving.ticket.is_some());
        let reads = !self.reading.is_whole || !self.is_judged;
        !reads && !saves && self.waiting.is_none() && self.filter.ticket.is_none()
    }

    /// A text was pasted: where something is typed it is as if it were struck, elsewhere it is nothing.
    pub fn paste(&mut self, text: &str, commands: &mut dyn Commands) {
        for character in text.chars().filter(|character| !character.is_control()) {
            let types = match &self.prompt {
                Prompt::Search(_) | Prompt::Filter(_) => true,
                Prompt::Save(saving) => saving.form.is_some() && !saving.asks,
                Prompt::None | Prompt::Yank | Prompt::Columns => false,
            };
            if types {
                keys::struck(self, Key::Char(character), commands);
            }
        }
    }

    /// A key was struck.
    pub fn key(&mut self, key: Key, commands: &mut dyn Commands) -> Option<Deed> {
        self.notice = None;
        keys::struck(self, key, commands)
    }
}
