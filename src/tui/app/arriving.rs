//! What arrives from beside the screens.

use super::App;
use crate::tui::keys::Motion;
use crate::tui::prompt::Prompt;
use crate::tui::rows::Rows;
use crate::tui::view::View;
use crate::tui::{Commands, News, Page, Saved, Ticket, What};

impl App {
    /// Takes what has arrived.
    pub fn news(&mut self, news: News, commands: &mut dyn Commands) {
        match news {
            News::Rows(rows) => {
                let follows = self.follows();
                self.list.push(rows);
                self.follow(follows);
            }
            News::Progress(percent) => self.reading.percent = percent,
            News::Heard(words) => self.reading.heard = words,
            News::Links(words) => self.reading.links = words,
            News::Whole => {
                self.reading.percent = None;
                self.reading.is_whole = true;
            }
            News::Found(counts) => self.list.rows.found(&counts),
            News::Judged(counts) => {
                self.list.rows.judge(&counts);
                self.is_judged = true;
                self.show_findings(commands);
            }
            News::Page(ticket, page) => self.page(ticket, page),
            News::Share(ticket, percent) => self.share(ticket, percent),
            News::Selected(ticket, sessions) => {
                self.change_selected(ticket, &sessions, Rows::select);
            }
            News::Deselected(ticket, sessions) => {
                self.change_selected(ticket, &sessions, Rows::deselect);
            }
            News::SelectedSoFar(ticket) => {
                if self.filter.ticket == Some(ticket) {
                    self.filter.goes_on = true;
                    self.filter.share = None;
                }
            }
            News::SelectedAll(ticket, outcome) => self.selected_all(ticket, outcome),
            News::Saved(ticket, saved) => self.saved(ticket, saved),
            News::Remark(words) => {
                if self.remarks.len() < REMARKS_MAX {
                    self.remarks.push(words);
                }
            }
        }
    }

    /// The filter has changed its mind of these sessions; the cursor stays where it was.
    fn change_selected(&mut self, ticket: Ticket, sessions: &[u32], change: fn(&mut Rows, &[u32])) {
        if self.filter.ticket != Some(ticket) || sessions.is_empty() {
            return;
        }
        let follows = self.follows();
        let under = self.list.row().map(|row| row.session);
        change(&mut self.list.rows, sessions);
        let height = self.list_height();
        if under.is_some() {
            self.list.go_to(under, height);
        }
        self.follow(follows);
    }

    /// Whoever stands at the end of a list that grows stays there.
    fn follows(&self) -> bool {
        self.opening.is_live && self.list.at + 1 >= self.list.rows.len()
    }

    fn follow(&mut self, follows: bool) {
        if follows {
            let height = self.list_height();
            self.list.go(Motion::Last, height);
        }
    }

    /// A page that shows findings, made before they were known.
    fn show_findings(&mut self, commands: &mut dyn Commands) {
        let Some(what) = self.views.last().and_then(|view| view.what.clone()) else {
            return;
        };
        let shows = matches!(
            what,
            What::Ladder(_) | What::Message(..) | What::Session(_) | What::Findings(_)
        );
        if shows && self.waiting.is_none() {
            self.open(what, true, commands);
        }
    }

    fn page(&mut self, ticket: Ticket, page: Result<Page, String>) {
        let Some(waiting) = self.waiting.take_if(|waiting| waiting.ticket == ticket) else {
            return;
        };
        let page = match page {
            Ok(page) => page,
            Err(why) => return self.say(why),
        };
        let height = self.page_height();
        let width = waiting.width;
        let mut views = self.views.iter_mut().rev();
        let over = views.find(|view| waiting.over.is_some() && view.what == waiting.over);
        if let Some(view) = over {
            view.renew(waiting.what, page, width, height);
            return;
        }
        let view = View::new(Some(waiting.what), page, width, height);
        self.views.push(view);
        if self.views.len() > VIEWS_MAX {
            self.views.remove(0);
        }
    }

    fn share(&mut self, ticket: Ticket, percent: u8) {
        if let Some(waiting) = self.waiting.as_mut().filter(|one| one.ticket == ticket) {
            waiting.share = Some(percent);
        } else if self.filter.ticket == Some(ticket) {
            self.filter.share = Some(percent);
        }
    }

    fn selected_all(&mut self, ticket: Ticket, outcome: Result<(), String>) {
        if self.filter.ticket != Some(ticket) {
            return;
        }
        self.filter.ticket = None;
        match outcome {
            Ok(()) if self.list.rows.len() == 0 => {
                let words = format!(
                    "the filter selects none of {} sessions",
                    self.list.rows.all()
                );
                self.say(words);
            }
            Ok(()) => {}
            Err(why) => self.say(why),
        }
    }

    fn saved(&mut self, ticket: Ticket, saved: Saved) {
        let Prompt::Save(saving) = &mut self.prompt else {
            // The dialog was left; what became of the file is worth a word all the same.
            if let Saved::Written(words) | Saved::Failed(words) = saved {
                self.say(words);
            }
            return;
        };
        if saving.ticket != Some(ticket) {
            return;
        }
        saving.ticket = None;
        match saved {
            Saved::Exists => saving.asks = true,
            Saved::Written(words) => {
                self.prompt = Prompt::None;
                self.say(words);
            }
            Saved::Failed(words) => {
                saving.asks = false;
                self.say(words);
            }
        }
    }
}

/// Remarks kept.
const REMARKS_MAX: usize = 1000;
/// Pages above each other.
const VIEWS_MAX: usize = 32;
