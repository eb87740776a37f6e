//! Carries out what the screens wish for, each kind on a thread of its own, the latest wish of a kind alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};

use super::pages::Pages;
use super::shared::Shared;
use super::{loader, save, selecting};
use crate::cli::select;
use crate::filter::{Filter, continuations};
use crate::tui::{Commands, News, SaveForm, Ticket, What, Wish};

/// The threads behind the screens.
pub(super) struct Desk {
    shared: Arc<Shared>,
    pages: Lane<(What, usize)>,
    selecting: Lane<String>,
}

impl Desk {
    pub(super) fn open(shared: &Arc<Shared>) -> Self {
        let (of_pages, of_selecting) = (Arc::clone(shared), Arc::clone(shared));
        Self {
            shared: Arc::clone(shared),
            pages: Lane::open(shared, || {
                let mut pages = Pages::new(Arc::clone(&of_pages));
                move |wanted: &Wanted, (what, width): (What, usize)| {
                    let page = pages.page(&what, width, wanted);
                    let _ = of_pages.tell(News::Page(wanted.ticket, page));
                }
            }),
            selecting: Lane::open(shared, || {
                move |wanted: &Wanted, expression: String| {
                    let outcome = selecting::select(&of_selecting, wanted, &expression);
                    let _ = of_selecting.tell(News::SelectedAll(wanted.ticket, outcome));
                }
            }),
        }
    }

    /// Begins to read the capture.
    pub(super) fn load(&self) {
        let shared = Arc::clone(&self.shared);
        std::thread::spawn(move || {
            let _alarm = Alarm(Arc::clone(&shared));
            // Where the screens have ended, nobody needs it.
            let _ = loader::load(&shared);
        });
    }
}

impl Commands for Desk {
    fn begin(&mut self, wish: Wish) {
        match wish {
            Wish::Page {
                ticket,
                what,
                width,
            } => self.pages.begin(ticket, (what, width)),
            Wish::Select { ticket, expression } => self.selecting.begin(ticket, expression),
            Wish::Save {
                ticket,
                sessions,
                form,
                path,
                replace,
            } => {
                let shared = Arc::clone(&self.shared);
                std::thread::spawn(move || {
                    let _alarm = Alarm(Arc::clone(&shared));
                    let saved = save::save(&shared, &sessions, form, path.as_ref(), replace);
                    let _ = shared.tell(News::Saved(ticket, saved));
                });
            }
        }
    }

    fn abandon(&mut self, ticket: Ticket) {
        self.pages.abandon(ticket);
        self.selecting.abandon(ticket);
    }

    fn continuations(&self, expression: &str) -> Vec<String> {
        continuations(expression, select::SESSIONS)
    }

    fn refusal(&self, form: SaveForm) -> Option<String> {
        save::refusal(&self.shared, form).map(|trouble| trouble.to_string())
    }

    fn flaw(&self, expression: &str) -> Option<String> {
        match Filter::parse(expression) {
            Err(error) => Some(error.to_string()),
            Ok(filter) => {
                let foreign = filter.foreign_names(select::SESSIONS);
                let name = foreign.first()?;
                Some(format!("`{name}` is no name of sessions, and matches none"))
            }
        }
    }
}

/// Wishes of one kind, one after the other; whoever is overtaken by a later one is left out, or ends early.
struct Lane<T> {
    wishes: Sender<(Ticket, T)>,
    latest: Arc<AtomicU64>,
}

impl<T: Send + 'static> Lane<T> {
    /// Whoever carries the wishes out is made on the thread that does it.
    fn open<F: FnMut(&Wanted, T)>(
        shared: &Arc<Shared>,
        make: impl FnOnce() -> F + Send + 'static,
    ) -> Self {
        let (wishes, taken) = channel::<(Ticket, T)>();
        let latest = Arc::new(AtomicU64::new(0));
        let (shared, of_thread) = (Arc::clone(shared), Arc::clone(&latest));
        std::thread::spawn(move || {
            let _alarm = Alarm(shared);
            let mut carry_out = make();
            for (ticket, wish) in taken {
                let wanted = Wanted {
                    ticket,
                    latest: Arc::clone(&of_thread),
                };
                if wanted.is_still() {
                    carry_out(&wanted, wish);
                }
            }
        });
        Self { wishes, latest }
    }

    fn begin(&self, ticket: Ticket, wish: T) {
        self.latest.store(ticket, Ordering::Relaxed);
        // A thread that is gone has said so itself.
        let _ = self.wishes.send((ticket, wish));
    }

    fn abandon(&self, ticket: Ticket) {
        let _ = self
            .latest
            .compare_exchange(ticket, 0, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// A wish that may cease to be one while it is carried out.
pub(super) struct Wanted {
    pub ticket: Ticket,
    latest: Arc<AtomicU64>,
}

impl Wanted {
    /// One that does not cease.
    #[cfg(any(feature = "live", test))]
    pub(super) fn always() -> Self {
        Self {
            ticket: 0,
            latest: Arc::default(),
        }
    }

    /// Whether anybody waits for it.
    pub(super) fn is_still(&self) -> bool {
        self.latest.load(Ordering::Relaxed) == self.ticket
    }
}

/// A thread that a defect ends takes the screens with it: they would wait for nothing.
pub(super) struct Alarm(pub Arc<Shared>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.give_up();
        }
    }
}
