//! What each key does, screen by screen.

use super::{App, Deed};
use crate::tui::keys::{Key, Motion};
use crate::tui::list::COLUMNS;
use crate::tui::prompt::{FilterLine, Prompt, edit};
use crate::tui::saving::{Choice, Saving};
use crate::tui::view::View;
use crate::tui::{Commands, Form, Ink, Kept, Line, Page, Target, What, Wish, Yank};

/// A key was struck.
pub(super) fn struck(app: &mut App, key: Key, commands: &mut dyn Commands) -> Option<Deed> {
    if key == Key::Ctrl('c') {
        return Some(Deed::Leave);
    }
    if key == Key::Ctrl('z') {
        return suspend(app);
    }
    match std::mem::take(&mut app.prompt) {
        Prompt::None => browse(app, key, commands),
        Prompt::Search(mut editor) => {
            match key {
                Key::Escape => {}
                Key::Enter => {
                    editor.text().clone_into(&mut app.sought);
                    app.seek(false);
                }
                key => {
                    edit(&mut editor, key);
                    app.prompt = Prompt::Search(editor);
                }
            }
            None
        }
        Prompt::Filter(line) => {
            filter(app, line, key, commands);
            None
        }
        Prompt::Yank => yank(app, key),
        Prompt::Columns => {
            columns(app, key);
            None
        }
        Prompt::Save(saving) => {
            save(app, saving, key, commands);
            None
        }
    }
}

/// Whoever listens to interfaces is not stopped: packets would be lost.
fn suspend(app: &mut App) -> Option<Deed> {
    if app.opening.is_live && !app.reading.is_whole {
        app.say("Ctrl-z would have packets be lost: it is without effect while interfaces are listened to");
        return None;
    }
    Some(Deed::Suspend)
}

/// Keys that mean the same on every screen, then those of the screen.
fn browse(app: &mut App, key: Key, commands: &mut dyn Commands) -> Option<Deed> {
    if let Some(motion) = Motion::of(key) {
        app.go(motion);
        return None;
    }
    match key {
        Key::Function(1) | Key::Char('?') if app.shows_help() => app.back(commands),
        Key::Function(1) | Key::Char('?') => app.help(),
        Key::Function(2) | Key::Char('s') => app.prompt = Prompt::Save(Saving::new(kept(app))),
        Key::Function(3) | Key::Char('/') => app.prompt = Prompt::Search(Default::default()),
        Key::Char('n') => app.seek(false),
        Key::Char('N') => app.seek(true),
        Key::Char('y') => app.prompt = Prompt::Yank,
        Key::Char('m') => remarks(app),
        Key::Ctrl('l') => return Some(Deed::Redraw),
        _ if app.views.is_empty() => return on_list(app, key, commands),
        _ => on_page(app, key, commands),
    }
    None
}

fn on_list(app: &mut App, key: Key, commands: &mut dyn Commands) -> Option<Deed> {
    let session = app.list.row().map(|row| row.session);
    let open = |app: &mut App, what: Option<What>, commands: &mut dyn Commands| match what {
        Some(what) => app.open(what, false, commands),
        None => app.say("there is no session here"),
    };
    match key {
        Key::Char('q') if app.waiting.is_none() => return Some(Deed::Leave),
        Key::Escape | Key::Char('q') if app.waiting.is_some() => app.abandon(commands),
        Key::Escape => app.say("q leaves"),
        Key::Enter => open(app, session.map(What::Ladder), commands),
        Key::Char(' ') => {
            app.list.mark();
            app.go(Motion::Down);
        }
        Key::Function(4) | Key::Char('x') => {
            let device = app.list.row().map(|row| row.device.to_string());
            open(app, device.map(What::Story), commands);
        }
        Key::Function(5) => app.list.marked.clear(),
        Key::Function(6) | Key::Char('r') => open(app, session.map(What::Session), commands),
        Key::Function(7) | Key::Char('f') => {
            app.prompt = Prompt::Filter(FilterLine::of(&app.filter.expression));
        }
        Key::Function(8) | Key::Char('c') => open(app, Some(What::Findings(None)), commands),
        Key::Function(9) => app.select("", commands),
        Key::Function(10) | Key::Char('t') => app.prompt = Prompt::Columns,
        Key::Char('d') => difference(app, commands),
        _ => {}
    }
    None
}

fn on_page(app: &mut App, key: Key, commands: &mut dyn Commands) {
    let Some(view) = app.views.last() else {
        return;
    };
    let what = view.what.clone();
    let target = view.stop().and_then(|stop| stop.target.clone());
    match (key, what) {
        (Key::Escape | Key::Char('q') | Key::Backspace, _) => app.back(commands),
        (Key::Enter, _) => match target {
            Some(Target::Message { session, at }) => {
                app.open(What::Message(session, at, Form::Tree), false, commands);
            }
            Some(Target::Rule(code)) => app.open(What::Rule(code), false, commands),
            Some(Target::Session(session)) => app.open(What::Ladder(session), false, commands),
            None => app.say("nothing lies behind this line"),
        },
        (Key::Tab | Key::Char('t'), Some(What::Message(session, at, form))) => {
            app.open(What::Message(session, at, form.next()), true, commands);
        }
        (Key::Function(6) | Key::Char('r'), Some(What::Message(session, at, form))) => {
            let form = if form == Form::Sent {
                Form::Tree
            } else {
                Form::Sent
            };
            app.open(What::Message(session, at, form), true, commands);
        }
        (Key::Char(']'), Some(What::Message(session, at, form))) => {
            app.open(What::Message(session, at + 1, form), true, commands);
        }
        (Key::Char('['), Some(What::Message(session, at, form))) if at > 0 => {
            app.open(What::Message(session, at - 1, form), true, commands);
        }
        (Key::Function(6) | Key::Char('r'), Some(What::Ladder(session))) => {
            app.open(What::Session(session), false, commands);
        }
        (Key::Function(8) | Key::Char('c' | 'e'), Some(what)) => {
            if let Some(session) = session_of(&what) {
                app.open(What::Findings(Some(session)), false, commands);
            }
        }
        (Key::Function(4) | Key::Char('x'), Some(what)) => story(app, &what, commands),
        (Key::Char('d'), Some(What::Ladder(_))) => difference(app, commands),
        _ => {}
    }
}

/// The session that a page is of.
fn session_of(what: &What) -> Option<u32> {
    match what {
        What::Ladder(session) | What::Message(session, ..) | What::Session(session) => {
            Some(*session)
        }
        What::Findings(session) => *session,
        What::Difference(..) | What::Story(_) | What::Rule(_) => None,
    }
}

fn story(app: &mut App, what: &What, commands: &mut dyn Commands) {
    let row = session_of(what).and_then(|session| app.list.rows.of_session(session));
    match row.map(|row| row.device.to_string()) {
        Some(device) => app.open(What::Story(device), false, commands),
        None => app.say("no device is known here"),
    }
}

/// The two marked sessions; with one marked, that one and the one under the cursor.
fn difference(app: &mut App, commands: &mut dyn Commands) {
    let under = app.list.row().map(|row| row.session);
    let pair = match (app.list.marked.as_slice(), under) {
        ([.., first, second], _) => Some((*first, *second)),
        ([one], Some(under)) if *one != under => Some((*one, under)),
        ([one], _) => return app.say(format!("only {one} is marked: the space bar marks another")),
        _ => None,
    };
    match pair {
        Some((first, second)) => app.open(What::Difference(first, second), false, commands),
        None => app.say("mark two sessions with the space bar first"),
    }
}

/// What is worth knowing of the input, on a page.
fn remarks(app: &mut App) {
    if app.remarks.is_empty() {
        return app.say("there are no remarks on the input");
    }
    app.remarks_read = app.remarks.len();
    let page = Page {
        title: "remarks".to_owned(),
        lines: app
            .remarks
            .iter()
            .map(|words| Line::of(Ink::Plain, words.clone()))
            .collect(),
        ..Page::default()
    };
    let view = View::new(None, page, app.size.0, app.page_height());
    app.views.push(view);
}

fn filter(app: &mut App, mut line: FilterLine, key: Key, commands: &mut dyn Commands) {
    match key {
        Key::Escape => return,
        Key::Enter => {
            let expression = line.editor.text().trim().to_owned();
            let flaw = Some(&expression)
                .filter(|expression| !expression.is_empty())
                .and_then(|expression| commands.flaw(expression));
            let Some(flaw) = flaw else {
                return app.select(&expression, commands);
            };
            line.offers.clear();
            line.flaw = flaw.lines().map(str::to_owned).collect();
        }
        Key::Tab => {
            let expressions = commands.continuations(line.editor.halves().0);
            line.complete(expressions);
        }
        key => {
            if edit(&mut line.editor, key) {
                line.offers.clear();
                line.flaw.clear();
            }
        }
    }
    app.prompt = Prompt::Filter(line);
}

/// What is saved from here: the page's session, what is marked, what is filtered, or the one under the cursor.
fn kept(app: &App) -> Kept {
    let of_page = app.views.last().and_then(|view| view.what.as_ref());
    if let Some(session) = of_page.and_then(session_of) {
        return Kept::These(vec![session]);
    }
    if !app.list.marked.is_empty() {
        return Kept::These(app.list.marked.clone());
    }
    let under = app.list.row().map(|row| row.session);
    under.map_or(Kept::All, |session| Kept::These(vec![session]))
}

fn save(app: &mut App, mut saving: Saving, key: Key, commands: &mut dyn Commands) {
    let was_chosen = saving.form.is_some();
    match saving.key(key) {
        Choice::Closed => return,
        Choice::Open => {
            let chosen = saving.form.filter(|_| !was_chosen);
            if let Some(why) = chosen.and_then(|form| commands.refusal(form)) {
                return app.say(why);
            }
        }
        Choice::Write(replace) => {
            if let Some(form) = saving.form {
                let ticket = app.next_ticket();
                saving.ticket = Some(ticket);
                commands.begin(Wish::Save {
                    ticket,
                    sessions: saving.sessions.clone(),
                    form,
                    path: saving.path.text().trim().to_owned(),
                    replace,
                });
            }
        }
    }
    app.prompt = Prompt::Save(saving);
}

/// A digit shows or hides a column.
fn columns(app: &mut App, key: Key) {
    let Key::Char(digit) = key else {
        return;
    };
    let place = digit.to_digit(10).and_then(|digit| digit.checked_sub(1));
    let place = place
        .map(|place| place as usize)
        .filter(|place| *place < COLUMNS);
    if let Some(hidden) = place.and_then(|place| app.list.hidden.get_mut(place)) {
        *hidden = !*hidden;
        app.prompt = Prompt::Columns;
    }
}

/// What can be copied where the cursor stands.
pub(in crate::tui) fn yankable(app: &App) -> Yank {
    match app.views.last() {
        Some(view) => {
            let stop = view.page.stop_of(view.at);
            let line = view.page.whole_line(view.at);
            let line = line.map(|line| line.trim().to_owned());
            let yank = stop.map(|stop| stop.yank.clone()).unwrap_or_default();
            Yank {
                value: yank.value.or(line),
                ..yank
            }
        }
        None => app.list.row().map_or_else(Yank::default, |row| Yank {
            value: Some(row.device.to_string()),
            path: Some(row.session.to_string()),
            filter: Some(format!("device == \"{}\"", row.device)),
        }),
    }
}

fn yank(app: &mut App, key: Key) -> Option<Deed> {
    let yank = yankable(app);
    let (what, text) = match key {
        Key::Char('v' | 'y') => ("value", yank.value),
        Key::Char('p') => ("path", yank.path),
        Key::Char('f') => ("filter", yank.filter),
        _ => return None,
    };
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        app.say(format!("there is no {what} in this line"));
        return None;
    };
    if text.len() > COPY_BYTES_MAX {
        app.say(format!(
            "this {what} is too long to be copied: {} bytes",
            text.len()
        ));
        return None;
    }
    app.say(format!("copied: {text}"));
    Some(Deed::Copy(text))
}

/// Terminals take about so many bytes into the clipboard.
const COPY_BYTES_MAX: usize = 64 << 10;
