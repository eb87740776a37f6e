//! Help for every screen: what its keys mean.

use super::line::{Ink, Line};
use super::{Page, What};

/// The page for a screen: the list where there is no page, else the page of this thing, or of help itself.
pub(super) fn page(topic: Option<Option<&What>>) -> Page {
    let (title, own) = match topic {
        None => ("the list of sessions", LIST),
        Some(Some(What::Ladder(_))) => ("the ladder of a session", LADDER),
        Some(Some(What::Message(..))) => ("a message", MESSAGE),
        Some(Some(What::Session(_))) => ("all messages of a session", OTHER),
        Some(Some(What::Difference(..))) => ("two sessions beside each other", OTHER),
        Some(Some(What::Story(_))) => ("the story of a device", OTHER),
        Some(Some(What::Findings(_))) => ("what breaks the rules", FINDINGS),
        Some(Some(What::Rule(_))) => ("a rule", OTHER),
        Some(None) => ("remarks", OTHER),
    };
    let mut page = Page {
        title: format!("{TITLE}{title}"),
        ..Page::default()
    };
    for keys in [own, EVERYWHERE, TYPING] {
        for (key, meaning) in keys {
            let mut line = Line::default();
            if key.is_empty() {
                line.push(Ink::Bold, *meaning);
            } else {
                line.push(Ink::Plain, format!("  {key:<18}"));
                line.push(Ink::Plain, *meaning);
            }
            page.lines.push(line);
        }
        page.lines.push(Line::default());
    }
    page
}

/// Whether it is one of these.
pub(super) fn is_of(page: &Page) -> bool {
    page.title.starts_with(TITLE)
}

/// How their titles begin.
const TITLE: &str = "help: ";

/// A key and what it does; a heading where there is no key.
type Keys = &'static [(&'static str, &'static str)];

const LIST: Keys = &[
    ("", "The list of sessions"),
    ("Enter", "the session's ladder"),
    ("Space", "marks the session, for d and F2"),
    ("d", "the two marked sessions beside each other"),
    (
        "F2 s",
        "saves the marked sessions, or the one under the cursor",
    ),
    ("F4 x", "the story of the session's device"),
    ("F5", "takes all marks away"),
    ("F6 r", "all messages of the session"),
    ("F7 f", "a display filter; Tab completes it"),
    ("F8 c", "what breaks the rules, in all sessions"),
    ("F9", "takes the filter away"),
    ("F10 t", "shows and hides columns"),
    ("q", "leaves"),
];
const LADDER: Keys = &[
    ("", "The ladder of a session"),
    (
        "j k, arrows",
        "to the next arrow or finding, to the one before",
    ),
    ("Enter", "the message of an arrow; the rule of a finding"),
    ("F6 r", "all messages of the session"),
    ("F8 c", "what breaks the rules in it"),
    ("F4 x", "the story of its device"),
    ("d", "the two marked sessions beside each other"),
    ("F2 s", "saves the session"),
];
const MESSAGE: Keys = &[
    ("", "A message"),
    ("Tab t", "tree of parameters, XML, as it was sent"),
    ("F6 r", "as it was sent, and back"),
    ("] [", "the next message of the session, the one before"),
    ("h l, arrows", "sideways, where lines are long"),
    ("Enter", "the rule of a finding"),
    ("F8 c", "what breaks the rules in its session"),
    ("F2 s", "saves the session"),
];
const FINDINGS: Keys = &[
    ("", "What breaks the rules"),
    (
        "j k, arrows",
        "to the next finding or its place, to the one before",
    ),
    (
        "Enter",
        "the rule of a finding; of its place the session's ladder",
    ),
];
const OTHER: Keys = &[
    ("", "This page"),
    ("h l, arrows", "sideways, where lines are long"),
];
const EVERYWHERE: Keys = &[
    ("", "Everywhere"),
    ("j k, arrows", "down, up"),
    ("Ctrl-d Ctrl-u", "half a page down, up"),
    ("PgDn PgUp", "a page down, up; also Ctrl-f, Ctrl-b"),
    ("g G, Home End", "to the beginning, to the end"),
    ("F3 /", "looks for a text"),
    ("n N", "to the next place that has it, to the one before"),
    (
        "y v, y p, y f",
        "copies the value, its path, a filter for it",
    ),
    ("m", "remarks on the input"),
    ("q Esc", "back; ends what is being waited for"),
    ("F1 ?", "this help, and back"),
    ("Ctrl-l", "draws the screen anew"),
    ("Ctrl-z", "leaves the terminal to the shell, until fg"),
    ("Ctrl-c", "leaves at once"),
];
const TYPING: Keys = &[
    ("", "While typing"),
    ("Enter", "done"),
    ("Esc", "not at all"),
    ("Tab", "completes a filter"),
    ("Ctrl-u Ctrl-w", "erases the line, the word"),
];
