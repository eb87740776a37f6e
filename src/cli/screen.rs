//! What the terminal can show.

use std::io::IsTerminal;

use super::arguments::{When, Writing};
use crate::report::paint::Look;

/// What the place that this output goes to can show.
pub(super) fn look(writing: &Writing) -> Look {
    let terminal = writing.output.is_none() && std::io::stdout().is_terminal();
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let dumb = set("TERM").is_some_and(|term| term == "dumb");
    let colour = match writing.color {
        When::Always => true,
        When::Never => false,
        // https://no-color.org: any value but the empty one.
        When::Auto => terminal && !dumb && set("NO_COLOR").is_none(),
    };
    // POSIX: LC_ALL over LC_CTYPE over LANG.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(set)
        .unwrap_or_default()
        .to_ascii_lowercase();
    let unicode = !dumb && (locale.contains("utf-8") || locale.contains("utf8"));
    let columns = || set("COLUMNS").and_then(|columns| columns.parse().ok());
    let width = if terminal {
        terminal_width().or_else(columns)
    } else {
        columns()
    };
    Look {
        width: width.unwrap_or(WIDTH).clamp(WIDTH_MIN, WIDTH_MAX),
        colour,
        unicode,
    }
}

fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size()
        .map(|(width, _)| usize::from(width.0))
        .filter(|&width| width > 0)
}

/// Columns where nobody says how many there are.
const WIDTH: usize = 80;
const WIDTH_MIN: usize = 40;
const WIDTH_MAX: usize = 1000;
