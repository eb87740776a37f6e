//! The screens without a capture behind them: many sessions, long lines, small terminals, keys in any order.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Modifier;

use super::keys::Key;
use super::{
    App, Commands, Counts, Deed, Drawn, Form, Ink, Kept, Line, News, Opening, Page, Row, SaveForm,
    Saved, Stop, Target, Ticket, What, Wish, Yank, draw,
};
use crate::session::Outcome;

/// Notes what was wished for, and answers what is asked at once.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    wishes: Vec<Wish>,
    abandoned: Vec<Ticket>,
}

impl Commands for Notes {
    fn begin(&mut self, wish: Wish) {
        self.wishes.push(wish);
    }

    fn abandon(&mut self, ticket: Ticket) {
        self.abandoned.push(ticket);
    }

    fn continuations(&self, expression: &str) -> Vec<String> {
        ["outcome", "oui"]
            .iter()
            .filter(|word| word.starts_with(expression))
            .map(|word| (*word).to_owned())
            .collect()
    }

    fn refusal(&self, form: SaveForm) -> Option<String> {
        let words = "a form that is refused for so many reasons that the row of a terminal holds but half of them";
        (form == SaveForm::Transcript).then(|| words.to_owned())
    }

    fn flaw(&self, expression: &str) -> Option<String> {
        expression
            .contains("==")
            .then(|| "no value\n  rpc ==\n        ^".to_owned())
    }
}

/// The screen as text, blanks at the ends of lines cut; below it which line has the cursor, and what is underlined.
pub(crate) fn drawn(app: &App) -> String {
    let (width, height) = app.size();
    let (screen, _) = painted(app, (width, height));
    let buffer = screen.backend().buffer();
    let mut text = String::new();
    let mut below = String::new();
    for y in 0..height {
        let mut row = String::new();
        let mut underlined = String::new();
        for x in 0..width {
            let cell = &buffer[(x, y)];
            row.push_str(cell.symbol());
            if cell.modifier.contains(Modifier::UNDERLINED) {
                underlined.push_str(cell.symbol());
            }
        }
        let is_reversed = buffer[(0, y)].modifier.contains(Modifier::REVERSED);
        if is_reversed && y > 0 && y + 1 < height {
            below.push_str(&format!("cursor in row {}\n", y + 1));
        }
        if !underlined.is_empty() {
            below.push_str(&format!("underlined in row {}: {underlined}\n", y + 1));
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    format!("{text}---\n{below}")
}

/// How many rows were laid out for the screen.
pub(crate) fn rows_painted(app: &App) -> usize {
    painted(app, app.size()).1.rows
}

fn painted(app: &App, (width, height): (u16, u16)) -> (Terminal<TestBackend>, Drawn) {
    let backend = TestBackend::new(width, height);
    let mut terminal = Terminal::new(backend).expect("memory can be drawn on");
    let mut came_of_it = Drawn::default();
    let frame = terminal.draw(|frame| came_of_it = draw(app, frame));
    frame.expect("memory can be drawn on");
    (terminal, came_of_it)
}

fn app(size: (u16, u16)) -> App {
    App::new(Opening {
        title: "made.pcapng".to_owned(),
        colour: true,
        unicode: true,
        size,
        is_live: false,
    })
}

fn row(session: u32) -> Row {
    Row {
        session,
        date: "2026-03-14".into(),
        clock: "09:00:00.000".into(),
        device: format!("00D09E-X3-{session:08}").into(),
        events: "2 PERIODIC".into(),
        methods: "Inform, GetParameterValues".into(),
        methods_short: "GPV".into(),
        outcome: Outcome::Complete,
        faults: "".into(),
        took: "12 ms".into(),
        is_torn: false,
        counts: None,
    }
}

pub(crate) fn with_sessions(count: u32, size: (u16, u16)) -> (App, Notes) {
    let (mut app, mut notes) = (app(size), Notes::default());
    let numbers: Vec<u32> = (1..=count).collect();
    for part in numbers.chunks(256) {
        let rows = part.iter().map(|number| row(*number)).collect();
        app.news(News::Rows(rows), &mut notes);
    }
    app.news(News::Whole, &mut notes);
    (app, notes)
}

fn strike(app: &mut App, notes: &mut Notes, keys: &[Key]) -> Option<Deed> {
    let mut deed = None;
    for key in keys {
        deed = app.key(*key, notes);
    }
    deed
}

fn type_text(app: &mut App, notes: &mut Notes, text: &str) {
    for character in text.chars() {
        app.key(Key::Char(character), notes);
    }
}

fn page(count: usize) -> Page {
    Page {
        title: "session 1".to_owned(),
        lines: (0..count)
            .map(|number| Line::of(Ink::Plain, format!("line {number}")))
            .collect(),
        stops: (0..count)
            .step_by(3)
            .map(|line| Stop {
                line,
                target: Some(Target::Message {
                    session: 1,
                    at: line,
                }),
                yank: Yank {
                    value: Some(format!("value {line}")),
                    path: Some("Device.X".to_owned()),
                    filter: None,
                },
            })
            .collect(),
        jumps: true,
        first: 0,
    }
}

/// The last wish for a page is answered.
fn answer(app: &mut App, notes: &mut Notes, page: Page) {
    let ticket = match notes.wishes.last() {
        Some(Wish::Page { ticket, .. }) => *ticket,
        other => panic!("no page was wished for: {other:?}"),
    };
    app.news(News::Page(ticket, Ok(page)), notes);
}

#[test]
fn sessions_that_close_late_take_their_place_and_the_cursor_stays() {
    let (mut app, mut notes) = (app((80, 24)), Notes::default());
    app.news(News::Rows(vec![row(2), row(5)]), &mut notes);
    strike(&mut app, &mut notes, &[Key::Down]);
    app.news(News::Rows(vec![row(1), row(4), row(3)]), &mut notes);
    assert_eq!(app.list.row().map(|row| row.session), Some(5));
    let numbers: Vec<u32> = (0..5)
        .filter_map(|at| app.list.rows.at(at).map(|row| row.session))
        .collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let counts = Counts {
        errors: 2,
        warnings: 1,
    };
    app.news(News::Judged(vec![(4, counts)]), &mut notes);
    assert!(drawn(&app).contains("2E 1W"));
}

#[test]
fn what_is_selected_before_it_has_a_row_is_shown_when_it_has() {
    let (mut app, mut notes) = (app((80, 24)), Notes::default());
    app.filter_by("outcome", &mut notes);
    let Some(Wish::Select { ticket, .. }) = notes.wishes.last().cloned() else {
        panic!("nothing is selected: {:?}", notes.wishes);
    };
    app.news(News::Selected(ticket, vec![2, 3]), &mut notes);
    app.news(News::Rows(vec![row(1), row(2), row(3)]), &mut notes);
    assert!(drawn(&app).contains("2 of 3 sessions"));
}

#[test]
fn any_size_and_any_key_leaves_it_standing() {
    let (mut app, mut notes) = with_sessions(30, (80, 24));
    let header = format!("   X-Long: {}", "ü中x".repeat(2000));
    let mut long = page(40);
    long.lines.insert(1, Line::of(Ink::Plain, header));
    let keys = [
        Key::Enter,
        Key::Char('l'),
        Key::Char('?'),
        Key::Escape,
        Key::Char('f'),
        Key::Tab,
        Key::Char('o'),
        Key::Enter,
        Key::Escape,
        Key::Char('s'),
        Key::Char('t'),
        Key::Left,
        Key::Escape,
        Key::Char('t'),
        Key::Char('3'),
        Key::Char('9'),
        Key::Char('/'),
        Key::Char('i'),
        Key::Enter,
        Key::Char('y'),
        Key::Char('p'),
        Key::Function(9),
    ];
    let mut keys = keys.iter().cycle();
    for width in (1..=300).step_by(13).chain([80]) {
        for height in [1, 2, 3, 4, 5, 24, 100] {
            app.resize((width, height), &mut notes);
            if let Some(key) = keys.next() {
                app.key(*key, &mut notes);
            }
            if let Some(Wish::Page { ticket, .. }) = notes.wishes.last() {
                app.news(News::Page(*ticket, Ok(long.clone())), &mut notes);
            }
            drawn(&app);
        }
    }
}

#[test]
fn a_long_header_is_seen_to_its_end() {
    let (mut app, mut notes) = with_sessions(1, (80, 24));
    strike(&mut app, &mut notes, &[Key::Enter]);
    let header = format!("X-Long: {}END", "x".repeat(4096));
    let lines = vec![Line::of(Ink::Plain, header)];
    let page = Page {
        lines,
        ..Page::default()
    };
    answer(&mut app, &mut notes, page);
    assert!(!drawn(&app).contains("END"));
    strike(&mut app, &mut notes, &[Key::Char('l'); 300]);
    assert!(drawn(&app).contains("END"));
}

#[test]
fn a_ladder_goes_from_arrow_to_arrow_and_leads_on() {
    let (mut app, mut notes) = with_sessions(3, (80, 24));
    strike(&mut app, &mut notes, &[Key::Char('j'), Key::Enter]);
    assert!(drawn(&app).contains("reading: Esc ends it"));
    answer(&mut app, &mut notes, page(60));
    strike(
        &mut app,
        &mut notes,
        &[Key::Char('j'), Key::Char('j'), Key::Enter],
    );
    let wished = notes.wishes.last().cloned();
    let what = What::Message(1, 6, Form::Tree);
    assert!(matches!(wished, Some(Wish::Page { what: told, .. }) if told == what));
    answer(&mut app, &mut notes, page(5));
    strike(&mut app, &mut notes, &[Key::Tab]);
    let what = What::Message(1, 6, Form::Markup);
    let wished = notes.wishes.last().cloned();
    assert!(matches!(wished, Some(Wish::Page { what: told, .. }) if told == what));
    // What nobody waits for any more is no page.
    strike(&mut app, &mut notes, &[Key::Escape]);
    answer(&mut app, &mut notes, page(5));
    assert_eq!(notes.abandoned.len(), 1);
    assert_eq!(app.views.len(), 1, "back on the ladder");
    strike(&mut app, &mut notes, &[Key::Char('q')]);
    assert!(app.views.is_empty());
    let deed = strike(&mut app, &mut notes, &[Key::Char('q')]);
    assert_eq!(deed, Some(Deed::Leave));
}

#[test]
fn a_page_is_made_anew_for_another_width_and_keeps_its_place() {
    let (mut app, mut notes) = with_sessions(1, (80, 24));
    strike(&mut app, &mut notes, &[Key::Enter]);
    answer(&mut app, &mut notes, page(60));
    strike(&mut app, &mut notes, &[Key::Char('j'); 4]);
    app.resize((100, 30), &mut notes);
    assert!(matches!(
        notes.wishes.last(),
        Some(Wish::Page { width: 100, .. })
    ));
    answer(&mut app, &mut notes, page(60));
    assert_eq!(app.views.len(), 1);
    assert!(drawn(&app).contains("line 13 of 60"));
    let wishes = notes.wishes.len();
    app.resize((100, 20), &mut notes);
    assert_eq!(notes.wishes.len(), wishes, "its height changes nothing");
    app.news(News::Judged(Vec::new()), &mut notes);
    assert_eq!(notes.wishes.len(), wishes + 1, "findings come into it");
}

#[test]
fn a_filter_is_completed_refused_applied_and_taken_away() {
    let (mut app, mut notes) = with_sessions(9, (80, 24));
    strike(&mut app, &mut notes, &[Key::Function(7)]);
    type_text(&mut app, &mut notes, "ou");
    strike(&mut app, &mut notes, &[Key::Tab]);
    assert!(drawn(&app).contains("outcome  oui"));
    type_text(&mut app, &mut notes, " ==");
    strike(&mut app, &mut notes, &[Key::Enter]);
    assert!(drawn(&app).contains("        ^"), "{}", drawn(&app));
    strike(&mut app, &mut notes, &[Key::Ctrl('u')]);
    type_text(&mut app, &mut notes, "outcome");
    strike(&mut app, &mut notes, &[Key::Enter]);
    let Some(Wish::Select { ticket, expression }) = notes.wishes.last().cloned() else {
        panic!("nothing is selected: {:?}", notes.wishes);
    };
    assert_eq!(expression, "outcome");
    app.news(News::Selected(ticket, vec![7, 3, 99]), &mut notes);
    app.news(News::SelectedAll(ticket, Ok(())), &mut notes);
    assert!(drawn(&app).contains("2 of 9 sessions"));
    assert!(drawn(&app).contains("filter: outcome"));
    strike(&mut app, &mut notes, &[Key::Char('j'), Key::Function(9)]);
    assert_eq!(app.list.row().map(|row| row.session), Some(7));
    assert!(drawn(&app).contains("9 sessions"));
}

#[test]
fn a_text_is_looked_for_forwards_backwards_and_around() {
    let (mut app, mut notes) = with_sessions(30, (80, 24));
    strike(&mut app, &mut notes, &[Key::Char('/')]);
    type_text(&mut app, &mut notes, "x3-0000002");
    strike(&mut app, &mut notes, &[Key::Enter]);
    assert_eq!(app.list.row().map(|row| row.session), Some(20));
    strike(&mut app, &mut notes, &[Key::Char('n')]);
    assert_eq!(app.list.row().map(|row| row.session), Some(21));
    strike(&mut app, &mut notes, &[Key::Char('N'), Key::Char('N')]);
    assert_eq!(app.list.row().map(|row| row.session), Some(29));
    strike(&mut app, &mut notes, &[Key::Function(3)]);
    type_text(&mut app, &mut notes, "nowhere");
    strike(&mut app, &mut notes, &[Key::Enter]);
    assert!(drawn(&app).contains("nowhere is nowhere here"));
}

#[test]
fn nothing_is_replaced_unasked() {
    let (mut app, mut notes) = with_sessions(5, (80, 24));
    strike(
        &mut app,
        &mut notes,
        &[Key::Function(2), Key::Char('p'), Key::Enter],
    );
    let wish = |notes: &Notes| match notes.wishes.last() {
        Some(Wish::Save {
            ticket,
            sessions,
            form,
            path,
            replace,
        }) => (*ticket, sessions.clone(), *form, path.clone(), *replace),
        other => panic!("nothing is saved: {other:?}"),
    };
    let (ticket, sessions, form, path, replace) = wish(&notes);
    assert_eq!(sessions, Kept::These(vec![1]));
    assert_eq!(
        (form, path.as_str(), replace),
        (SaveForm::Pcapng, "session-1.pcapng", false)
    );
    app.news(News::Saved(ticket, Saved::Exists), &mut notes);
    assert!(drawn(&app).contains("session-1.pcapng is there: replace it? y n"));
    strike(&mut app, &mut notes, &[Key::Char('y')]);
    let (ticket, .., replace) = wish(&notes);
    assert!(replace);
    let written = Saved::Written("session-1.pcapng: 12 packets".to_owned());
    app.news(News::Saved(ticket, written), &mut notes);
    assert!(drawn(&app).contains("session-1.pcapng: 12 packets"));
    // Several sessions are packets and nothing else.
    strike(
        &mut app,
        &mut notes,
        &[Key::Char(' '), Key::Char(' '), Key::Function(2)],
    );
    assert!(drawn(&app).contains("save 2 sessions: p pcapng  Esc"));
}

#[test]
fn what_cannot_be_saved_is_told_whole_before_a_name_is_asked_for() {
    let (mut app, mut notes) = with_sessions(5, (60, 15));
    strike(&mut app, &mut notes, &[Key::Function(2)]);
    let asked = drawn(&app);
    assert!(
        asked.contains("c cpe scenario") && asked.contains("Esc"),
        "{asked}"
    );
    strike(&mut app, &mut notes, &[Key::Char('t')]);
    let screen = drawn(&app);
    assert!(
        screen.contains("for so many reasons that the row of a\n"),
        "{screen}"
    );
    assert!(
        screen.contains("terminal holds but half of them\n"),
        "{screen}"
    );
    assert!(screen.contains("F1 help F2 save"), "{screen}");
    assert!(notes.wishes.is_empty());
}

#[test]
fn the_way_out_is_told_however_narrow_it_is() {
    for width in [20, 40, 60, 80, 200] {
        let (mut app, mut notes) = with_sessions(5, (width, 15));
        assert!(drawn(&app).contains("q leave"), "{width}");
        strike(&mut app, &mut notes, &[Key::Enter]);
        answer(&mut app, &mut notes, page(9));
        assert!(drawn(&app).contains("q back"), "{width}");
    }
}

#[test]
fn help_is_left_by_the_key_that_opened_it() {
    let (mut app, mut notes) = with_sessions(5, (80, 24));
    strike(&mut app, &mut notes, &[Key::Function(1)]);
    assert!(drawn(&app).contains("help: the list of sessions"));
    strike(&mut app, &mut notes, &[Key::Function(1)]);
    assert!(!drawn(&app).contains("help: "));
    strike(
        &mut app,
        &mut notes,
        &[Key::Char(' '), Key::Char('k'), Key::Char('d')],
    );
    assert!(drawn(&app).contains("only 1 is marked: the space bar marks another"));
    app.news(News::Remark("odd".to_owned()), &mut notes);
    strike(&mut app, &mut notes, &[Key::Char('m'), Key::Char('?')]);
    assert!(drawn(&app).contains("help: remarks"));
    strike(&mut app, &mut notes, &[Key::Char('?')]);
    assert!(drawn(&app).contains("odd"));
}

#[test]
fn remarks_are_announced_until_they_are_read() {
    let (mut app, mut notes) = with_sessions(5, (80, 24));
    app.news(News::Remark("odd".to_owned()), &mut notes);
    assert!(drawn(&app).contains("1 remark on the input"));
    strike(&mut app, &mut notes, &[Key::Char('m'), Key::Char('q')]);
    assert!(!drawn(&app).contains("on the input"));
    app.news(News::Remark("odder".to_owned()), &mut notes);
    assert!(drawn(&app).contains("2 remarks on the input"));
}

#[test]
fn what_is_copied_is_said() {
    let (mut app, mut notes) = with_sessions(3, (80, 24));
    let deed = strike(&mut app, &mut notes, &[Key::Char('y'), Key::Char('f')]);
    let filter = "device == \"00D09E-X3-00000001\"".to_owned();
    assert_eq!(deed, Some(Deed::Copy(filter)));
    assert!(drawn(&app).contains("copied: device =="));
    strike(&mut app, &mut notes, &[Key::Enter]);
    answer(&mut app, &mut notes, page(9));
    let deed = strike(&mut app, &mut notes, &[Key::Char('y'), Key::Char('v')]);
    assert_eq!(deed, Some(Deed::Copy("value 0".to_owned())));
    let deed = strike(&mut app, &mut notes, &[Key::Char('y'), Key::Char('f')]);
    assert_eq!(deed, None);
    assert!(drawn(&app).contains("there is no filter in this line"));
}

#[test]
fn what_moves_the_cursor_never_reaches_the_screen() {
    let (mut app, mut notes) = with_sessions(1, (80, 24));
    strike(&mut app, &mut notes, &[Key::Enter]);
    let wild = "a\u{1b}[2Jb\u{202e}c\u{9b}d\u{200f}e";
    let page = Page {
        lines: vec![Line::of(Ink::Plain, wild)],
        ..Page::default()
    };
    answer(&mut app, &mut notes, page);
    assert!(drawn(&app).contains("a[2Jbcde"));
    app.paste("x\u{1b}\n", &mut notes);
    strike(&mut app, &mut notes, &[Key::Char('/')]);
    app.paste("li\u{1b}ne\n", &mut notes);
    assert!(drawn(&app).contains("look for: line"));
}
