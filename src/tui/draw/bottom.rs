//! The two rows at the bottom: what is going on, and what the keys mean or what is being typed.

use super::list::ellipsis;
use super::{Canvas, columns_of, cut_end, cut_start};
use crate::report::paint::wrapped;
use crate::tui::App;
use crate::tui::editor::Editor;
use crate::tui::line::{Ink, Line};
use crate::tui::list::TITLES;
use crate::tui::prompt::{FilterLine, Prompt};
use crate::tui::saving::Saving;
use crate::tui::wish::{Form, What};

/// Draws them; the column of the cursor where something is typed.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>) -> Option<u16> {
    let height = canvas.height();
    if height < 3 {
        return None;
    }
    status(app, canvas);
    match &app.prompt {
        Prompt::None => {
            let words = fitting(&keys(app), canvas.width());
            canvas.bar(height - 1, &Line::of(Ink::Plain, words));
            None
        }
        Prompt::Search(editor) => Some(typed(app, "look for: ", editor, canvas)),
        Prompt::Filter(line) => {
            told(&told_of_filter(line, canvas.width()), Ink::Warning, canvas);
            Some(typed(app, "filter: ", &line.editor, canvas))
        }
        Prompt::Yank => {
            let words = ["copy: v value", "p path", "f filter", "Esc nothing"];
            asked(&words.map(str::to_owned), canvas);
            None
        }
        Prompt::Columns => {
            asked(&columns(app), canvas);
            None
        }
        Prompt::Save(saving) => save(app, saving, canvas),
    }
}

/// The row above the keys. What is said but once takes as many rows as it needs; everything else is cut.
fn status(app: &App, canvas: &mut Canvas<'_>) {
    let (ink, words) = status_of(app);
    let mut room = canvas.width();
    let links = match app.reading.links.as_str() {
        "" => String::new(),
        links => cut_end(&format!("{links}  "), room, ellipsis(app)),
    };
    room -= columns_of(&links).min(room);
    if app.notice.is_some() && columns_of(&words) > room {
        let rows = wrapped(&words, canvas.width());
        return told(&rows, ink, canvas);
    }
    let mut status = Line::of(Ink::Fault, links);
    status.push(ink, cut_end(&words, room, ellipsis(app)));
    canvas.line(canvas.height() - 2, &status, 0, false);
}

/// What is going on, the most pressing first.
fn status_of(app: &App) -> (Ink, String) {
    if let Some(notice) = &app.notice {
        return (Ink::Warning, notice.clone());
    }
    if let Some(waiting) = &app.waiting {
        let share = waiting
            .share
            .map_or_else(String::new, |share| format!(" {share}%"));
        return (Ink::Dim, format!("reading{share}: Esc ends it"));
    }
    if !app.filter.expression.is_empty() && app.views.is_empty() {
        let share = match (app.filter.ticket, app.filter.share) {
            (Some(_), Some(share)) => format!(" ({share}%)"),
            (Some(_), None) if !app.filter.goes_on => " (reading)".to_owned(),
            (_, None) | (None, _) => String::new(),
        };
        return (
            Ink::Bold,
            format!("filter{share}: {}", app.filter.expression),
        );
    }
    if !app.list.marked.is_empty() && app.views.is_empty() {
        let marked: Vec<String> = app.list.marked.iter().map(u32::to_string).collect();
        return (Ink::Dim, format!("marked: {}", marked.join(", ")));
    }
    let unread = app.remarks.len() > app.remarks_read;
    if !app.reading.heard.is_empty() && !unread && app.views.is_empty() {
        return (Ink::Dim, app.reading.heard.clone());
    }
    if unread {
        let count = app.remarks.len();
        let word = if count == 1 { "remark" } else { "remarks" };
        return (
            Ink::Dim,
            format!("{count} {word} on the input: m shows them"),
        );
    }
    let date = app.list.row().filter(|_| app.views.is_empty());
    (
        Ink::Dim,
        date.map_or_else(String::new, |row| format!("{} UTC", row.date)),
    )
}

/// What the function keys mean here, the way out last.
fn keys(app: &App) -> Vec<&'static str> {
    let Some(view) = app.views.last() else {
        return vec![
            "F1 help",
            "F2 save",
            "F3 find",
            "F4 story",
            "F6 messages",
            "F7 filter",
            "F8 findings",
            "q leave",
        ];
    };
    match &view.what {
        None => vec!["j down", "k up", "q back"],
        Some(What::Ladder(_)) => vec![
            "F1 help",
            "F2 save",
            "Enter message",
            "F6 messages",
            "F8 findings",
            "F4 story",
            "q back",
        ],
        Some(What::Message(_, _, form)) => vec![
            "F1 help",
            match form {
                Form::Tree => "Tab XML",
                Form::Markup => "Tab as sent",
                Form::Sent => "Tab tree",
            },
            "] [ next, previous",
            "y copy",
            "F8 findings",
            "q back",
        ],
        Some(What::Findings(_)) => vec![
            "F1 help",
            "Enter rule, ladder",
            "F3 find",
            "y copy",
            "q back",
        ],
        Some(_) => vec!["F1 help", "F3 find", "y copy", "q back"],
    }
}

/// As many as there is room for: where it is narrow they stand closer together, and those before the last are left out.
fn fitting(hints: &[&str], width: usize) -> String {
    let wide = hints.join("  ");
    if columns_of(&wide) < width {
        return wide;
    }
    let (last, mut others) = hints.split_last().unwrap_or((&"", &[]));
    loop {
        let words = format!("{} {last}", others.join(" "));
        match others.split_last() {
            Some((_, fewer)) if columns_of(&words) > width => others = fewer,
            _ => return words.trim_start().to_owned(),
        }
    }
}

/// Words in rows of this width, blanks between them.
fn filled(words: &[String], blanks: &str, width: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in words {
        match rows.last_mut() {
            Some(row) if columns_of(row) + columns_of(word) + blanks.len() <= width => {
                row.push_str(blanks);
                row.push_str(word);
            }
            _ => rows.push(word.clone()),
        }
    }
    rows
}

/// A question that a key answers, in as many rows as it needs.
fn asked(words: &[String], canvas: &mut Canvas<'_>) {
    let mut rows = filled(words, "  ", canvas.width());
    if rows.len() > 1 {
        rows = filled(words, " ", canvas.width());
    }
    let last = canvas.height().saturating_sub(1);
    for (up, words) in rows.iter().rev().take(last).enumerate() {
        blank(last - up, canvas);
        canvas.bar(last - up, &Line::of(Ink::Plain, words.clone()));
    }
}

/// A line that is being typed; the column of its cursor. A long one shows what is around the cursor.
fn typed(app: &App, label: &str, editor: &Editor, canvas: &mut Canvas<'_>) -> u16 {
    let (before, behind) = editor.halves();
    let room = canvas.width().saturating_sub(columns_of(label) + 1);
    let before = cut_start(before, room, ellipsis(app));
    let column = columns_of(label) + columns_of(&before);
    let mut line = Line::of(Ink::Bold, label);
    line.push(Ink::Plain, format!("{before}{behind}"));
    blank(canvas.height() - 1, canvas);
    canvas.line(canvas.height() - 1, &line, 0, false);
    column as u16
}

/// What is wrong with the filter, or how it may go on.
fn told_of_filter(line: &FilterLine, width: usize) -> Vec<String> {
    if !line.flaw.is_empty() {
        return line.flaw.clone();
    }
    let mut rows = filled(&line.offers, "  ", width);
    if rows.len() > OFFERED_ROWS_MAX {
        rows.truncate(OFFERED_ROWS_MAX);
        rows.push("and more".to_owned());
    }
    rows
}

/// Lines above the last row.
fn told(lines: &[String], ink: Ink, canvas: &mut Canvas<'_>) {
    let last = canvas.height().saturating_sub(1);
    let shown = lines.len().min(last.saturating_sub(1));
    for (at, text) in lines.iter().take(shown).enumerate() {
        let row = last - shown + at;
        blank(row, canvas);
        canvas.line(row, &Line::of(ink, text.clone()), 0, false);
    }
}

fn blank(row: usize, canvas: &mut Canvas<'_>) {
    let blanks = " ".repeat(canvas.width());
    canvas.line(row, &Line::of(Ink::Plain, blanks), 0, false);
}

/// Which columns are shown.
fn columns(app: &App) -> Vec<String> {
    let titles = TITLES.iter().zip(app.list.hidden).enumerate();
    let mut words: Vec<String> = titles
        .map(|(number, (title, hidden))| {
            let mark = if hidden { '-' } else { '+' };
            format!("{}{mark}{title}", number + 1)
        })
        .collect();
    words.push("Esc".to_owned());
    words
}

fn save(app: &App, saving: &Saving, canvas: &mut Canvas<'_>) -> Option<u16> {
    let row = canvas.height() - 1;
    let what = saving.words();
    if saving.ticket.is_some() {
        canvas.bar(row, &Line::of(Ink::Plain, format!("saving {what}")));
        return None;
    }
    if saving.asks {
        let words = format!("{} is there: replace it? y n", saving.path.text());
        canvas.bar(row, &Line::of(Ink::Warning, words));
        return None;
    }
    if saving.form.is_none() {
        let forms = saving.forms().iter();
        let mut words: Vec<String> = forms
            .map(|(key, name, _)| format!("{key} {name}"))
            .collect();
        words.push("Esc".to_owned());
        if let Some(first) = words.first_mut() {
            first.insert_str(0, &format!("save {what}: "));
        }
        asked(&words, canvas);
        return None;
    }
    Some(typed(
        app,
        &format!("save {what} as: "),
        &saving.path,
        canvas,
    ))
}

/// Rows of what may follow in a filter.
const OFFERED_ROWS_MAX: usize = 8;
