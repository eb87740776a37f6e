//! The dialog that saves sessions: which form, where to, and whether what is there may be replaced.

use super::editor::Editor;
use super::keys::Key;
use super::prompt::edit;
use super::{Kept, SaveForm, Ticket};

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Saving {
    /// What is to be saved.
    pub sessions: Kept,
    /// In which form, once that is said.
    pub form: Option<SaveForm>,
    /// Where to.
    pub path: Editor,
    /// Something is there already: may it be replaced?
    pub asks: bool,
    /// It is being written.
    pub ticket: Option<Ticket>,
}

/// What a key came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// The dialog goes on.
    Open,
    /// Nothing is saved.
    Closed,
    /// To be written now; true where what is there may be replaced.
    Write(bool),
}

impl Saving {
    pub(super) fn new(sessions: Kept) -> Self {
        Self {
            sessions,
            form: None,
            path: Editor::default(),
            asks: false,
            ticket: None,
        }
    }

    /// The forms that there are for so many sessions, with their keys.
    pub(super) fn forms(&self) -> &'static [(char, &'static str, SaveForm)] {
        match &self.sessions {
            Kept::These(sessions) if sessions.len() == 1 => &FORMS,
            _ => FORMS.get(..1).unwrap_or_default(),
        }
    }

    /// What is to be saved, in words.
    pub(super) fn words(&self) -> String {
        match &self.sessions {
            Kept::All => "all sessions".to_owned(),
            Kept::These(sessions) => match sessions.as_slice() {
                [one] => format!("session {one}"),
                several => format!("{} sessions", several.len()),
            },
        }
    }

    pub(super) fn key(&mut self, key: Key) -> Choice {
        if key == Key::Escape {
            return Choice::Closed;
        }
        if self.ticket.is_some() {
            return Choice::Open;
        }
        if self.asks {
            return match key {
                Key::Char('y' | 'Y') => Choice::Write(true),
                Key::Char('n' | 'N') => {
                    self.asks = false;
                    Choice::Open
                }
                _ => Choice::Open,
            };
        }
        if self.form.is_none() {
            self.choose(key);
            return Choice::Open;
        }
        match key {
            Key::Enter if !self.path.text().trim().is_empty() => Choice::Write(false),
            key => {
                edit(&mut self.path, key);
                Choice::Open
            }
        }
    }

    fn choose(&mut self, key: Key) {
        let mut forms = self.forms().iter();
        let Some((_, _, form)) = forms.find(|(letter, _, _)| key == Key::Char(*letter)) else {
            return;
        };
        self.form = Some(*form);
        let name = match &self.sessions {
            Kept::These(sessions) if sessions.len() == 1 => {
                format!("session-{}", sessions.first().copied().unwrap_or_default())
            }
            _ => "sessions".to_owned(),
        };
        self.path = Editor::of(&match form {
            SaveForm::Pcapng => format!("{name}.pcapng"),
            SaveForm::Transcript => format!("{name}.transcript"),
            SaveForm::ScenarioAcs => format!("{name}-acs"),
            SaveForm::ScenarioCpe => format!("{name}-cpe"),
        });
    }
}

const FORMS: [(char, &str, SaveForm); 4] = [
    ('p', "pcapng", SaveForm::Pcapng),
    ('t', "transcript", SaveForm::Transcript),
    ('a', "acs scenario", SaveForm::ScenarioAcs),
    ('c', "cpe scenario", SaveForm::ScenarioCpe),
];
