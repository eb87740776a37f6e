//! What the terminal can show.

use std::io::IsTerminal;

use super::arguments::{When, Writing};
use crate::report::paint::Look;

/// What the place that this output goes to can show.
pub(super) fn look(writing: &Writing) -> Look {
    look_at(writing.output.is_none(), writing.color)
}

/// Columns of standard output.
pub(super) fn width() -> usize {
    look_at(true, When::Never).width
}

fn look_at(stdout: bool, color: When) -> Look {
    let terminal = stdout && std::io::stdout().is_terminal();
    let columns = if terminal { terminal_width() } else { None };
    look_of(terminal, columns, color, |name| std::env::var(name).ok())
}

fn look_of(
    terminal: bool,
    columns: Option<usize>,
    color: When,
    variable: impl Fn(&str) -> Option<String>,
) -> Look {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let dumb = set("TERM").is_some_and(|term| term == "dumb");
    let colour = match color {
        When::Always => true,
        When::Never => false,
        // https://no-color.org: any value but the empty one.
        When::Auto => terminal && !dumb && set("NO_COLOR").is_none(),
    };
    // POSIX: LC_ALL over LC_CTYPE over LANG.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let locale = locale.unwrap_or_default().to_ascii_lowercase();
    let unicode = !dumb && (locale.contains("utf-8") || locale.contains("utf8"));
    let width = columns.or_else(|| set("COLUMNS").and_then(|columns| columns.parse().ok()));
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

#[cfg(test)]
mod tests {
    use super::{When, look_of};

    fn look(
        terminal: bool,
        columns: Option<usize>,
        color: When,
        set: &[(&str, &str)],
    ) -> (usize, bool, bool) {
        let variable = |name: &str| {
            set.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let look = look_of(terminal, columns, color, variable);
        (look.width, look.colour, look.unicode)
    }

    #[test]
    fn colours() {
        assert!(look(true, None, When::Auto, &[]).1);
        assert!(look(true, None, When::Auto, &[("NO_COLOR", "")]).1);
        assert!(!look(true, None, When::Auto, &[("NO_COLOR", "1")]).1);
        assert!(!look(true, None, When::Auto, &[("TERM", "dumb")]).1);
        assert!(!look(false, None, When::Auto, &[]).1);
        assert!(look(false, None, When::Always, &[("NO_COLOR", "1")]).1);
        assert!(!look(true, None, When::Never, &[]).1);
    }

    #[test]
    fn width_and_letters() {
        assert_eq!(
            look(true, Some(132), When::Auto, &[("COLUMNS", "90")]).0,
            132
        );
        assert_eq!(look(false, None, When::Auto, &[("COLUMNS", "90")]).0, 90);
        assert_eq!(look(false, None, When::Auto, &[("COLUMNS", "x")]).0, 80);
        assert_eq!(look(false, None, When::Auto, &[("COLUMNS", "3")]).0, 40);
        assert!(look(false, None, When::Auto, &[("LANG", "de_DE.UTF-8")]).2);
        assert!(
            look(
                false,
                None,
                When::Auto,
                &[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]
            )
            .2
        );
        assert!(
            !look(
                false,
                None,
                When::Auto,
                &[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]
            )
            .2
        );
        assert!(!look(false, None, When::Auto, &[]).2);
        assert!(
            !look(
                false,
                None,
                When::Auto,
                &[("LANG", "C.UTF-8"), ("TERM", "dumb")]
            )
            .2
        );
    }
}
