//! Pages for the screens, written by the same renderers as the text forms.

mod difference;
mod findings;
mod ladder;
mod markup;
mod message;

use std::collections::HashMap;
use std::sync::Arc;

use super::desk::Wanted;
use super::opened::{self, Opened};
use super::shared::{Judged, Shared};
use crate::cli::rules;
use crate::report::paint::{Look, inked};
use crate::report::{Choice, Teller, escape, text};
use crate::session::Finding;
use crate::tui::{Line, Page, What};

/// Makes pages; the session opened last is kept.
pub(super) struct Pages {
    shared: Arc<Shared>,
    opened: Option<Opened>,
}

impl Pages {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            opened: None,
        }
    }

    /// The page of a thing.
    ///
    /// # Errors
    ///
    /// Where there is no such thing, or the capture cannot be read.
    pub(super) fn page(
        &mut self,
        what: &What,
        width: usize,
        wanted: &Wanted,
    ) -> Result<Page, String> {
        let look = self.shared.look(width);
        match what {
            What::Ladder(session) => self.of_session(*session, look, wanted, ladder::page),
            What::Session(session) => self.of_session(*session, look, wanted, message::all),
            What::Message(session, at, form) => {
                let (at, form) = (*at, *form);
                self.opened(*session, wanted)?;
                let judged = self.shared.judged(Some(*session));
                let opened = self.opened.as_ref().ok_or("nothing is opened")?;
                let scene = Scene::of(&self.shared, opened, judged.as_deref(), look);
                message::page(&scene, at, form)
            }
            What::Difference(first, second) => {
                difference::page(&self.shared, wanted, *first, *second, look)
            }
            What::Story(device) => self.story(device, look, wanted),
            What::Findings(session) => {
                let judged = self.shared.await_judged(*session, &|| wanted.is_still());
                let judged = judged.ok_or("nobody looks for findings: --check=never")?;
                Ok(findings::page(&self.shared, &judged, *session, look))
            }
            What::Rule(code) => {
                let page = rules::page(code, look).map_err(|trouble| trouble.to_string())?;
                Ok(plain(format!("rule {code}"), &page))
            }
        }
    }

    fn of_session(
        &mut self,
        session: u32,
        look: Look,
        wanted: &Wanted,
        page: fn(&Scene<'_>) -> Page,
    ) -> Result<Page, String> {
        self.opened(session, wanted)?;
        let judged = self.shared.judged(Some(session));
        let opened = self.opened.as_ref().ok_or("nothing is opened")?;
        Ok(page(&Scene::of(
            &self.shared,
            opened,
            judged.as_deref(),
            look,
        )))
    }

    /// Reads the session, unless it is the one that is kept.
    fn opened(&mut self, session: u32, wanted: &Wanted) -> Result<(), String> {
        let kept = self.opened.as_ref().map(|opened| opened.session.number);
        if kept != Some(session) {
            self.opened = None;
            self.opened = Some(opened::open(&self.shared, wanted, session)?);
        }
        Ok(())
    }

    fn story(&self, device: &str, look: Look, wanted: &Wanted) -> Result<Page, String> {
        let mut teller = Teller::new(device, self.shared.masking());
        let options = self.shared.options(false, true).learning();
        let read = self.shared.read(
            &options,
            &mut |output| {
                teller.take(&output);
                if wanted.is_still() {
                    std::ops::ControlFlow::Continue(())
                } else {
                    std::ops::ControlFlow::Break(())
                }
            },
            &mut |_| {},
        );
        let summary = read.map_err(|trouble| trouble.to_string())?;
        let device = match teller.choose(&summary.devices) {
            Choice::One(device) => device,
            _ => {
                return Err(format!(
                    "the capture tells no story of {}",
                    escape::text(device)
                ));
            }
        };
        let story = teller.tell(device, &summary.devices);
        let page = text::story(device, &story, self.shared.several_files(), look);
        let title = format!("device {}", escape::text(&device.device));
        Ok(plain(title, &page))
    }
}

/// A session on its way to a page.
struct Scene<'a> {
    shared: &'a Shared,
    opened: &'a Opened,
    findings: Vec<&'a Finding>,
    is_judged: bool,
    look: Look,
}

impl<'a> Scene<'a> {
    fn of(shared: &'a Shared, opened: &'a Opened, judged: Option<&'a Judged>, look: Look) -> Self {
        let number = opened.session.number;
        let findings = judged.map(|judged| judged.marks.of(number));
        Self {
            shared,
            opened,
            findings: findings.unwrap_or_default(),
            is_judged: judged.is_some(),
            look,
        }
    }

    fn show(&self, detail: text::Detail) -> text::Show {
        text::Show {
            look: self.look,
            masking: self.shared.masking(),
            several_files: self.shared.several_files(),
            detail,
        }
    }

    fn title(&self) -> String {
        let session = &self.opened.session;
        let device = session.device.as_deref().unwrap_or("unknown device");
        format!("session {}  {}", session.number, escape::text(device))
    }
}

/// A text form as lines.
fn lines(text: &str) -> Vec<Line> {
    let lines = inked(text).into_iter();
    lines
        .map(|parts| {
            let mut line = Line::default();
            for (ink, text) in parts {
                line.push(ink, text);
            }
            line
        })
        .collect()
}

/// A text form as a page that leads nowhere.
fn plain(title: String, text: &str) -> Page {
    Page {
        title,
        lines: lines(text),
        ..Page::default()
    }
}

/// The lines at which these bytes of a text stand; they ascend.
fn lines_of(text: &str, places: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let (mut line, mut done) = (0, 0);
    let mut found = Vec::new();
    for place in places {
        let between = text.get(done..place).unwrap_or_default();
        line += between.matches('\n').count();
        done = place.max(done);
        found.push(line);
    }
    found
}

/// The places of a session's items by where they stand in the capture; those that share a place, in their order.
type Places<K> = HashMap<K, std::collections::VecDeque<usize>>;
