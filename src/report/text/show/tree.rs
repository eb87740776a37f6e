//! Arguments of an RPC as a tree; items that are alike as a table.

use unicode_width::UnicodeWidthStr;

use super::{Show, figures, indented, line_end};
use crate::report::arguments::{Argument, Content};
use crate::report::escape;
use crate::report::paint::{Ink, Line};

impl Show {
    /// Arguments, each with its members or items below it.
    pub(super) fn tree(&self, arguments: &[Argument], depth: usize, out: &mut String) {
        let scalars = arguments
            .iter()
            .filter(|argument| matches!(argument.content, Content::Value(_)));
        let widest = scalars
            .map(|argument| escape::text(&argument.name).width())
            .max()
            .unwrap_or(0);
        for argument in arguments {
            let name = escape::text(&argument.name);
            let mut line = indented(depth);
            match &argument.content {
                Content::Value(value) => {
                    line.push(Ink::Dim, name)
                        .pad_to(line_end(depth, widest) + 2);
                    line.append(value_of(value)).append(type_of(argument));
                    line.write(self.look, out);
                }
                Content::Members(members) => {
                    line.push(Ink::Dim, name).write(self.look, out);
                    self.tree(members, depth + 1, out);
                }
                Content::Items(items) => {
                    line.push(Ink::Dim, name).push(
                        Ink::Dim,
                        format!(
                            "  {}",
                            figures::counted(items.len() as u64, "item", "items")
                        ),
                    );
                    line.write(self.look, out);
                    self.items(items, depth + 1, out);
                }
            }
        }
    }

    /// Items that are structs of the same scalars make a table; others are drawn one by one.
    fn items(&self, items: &[Argument], depth: usize, out: &mut String) {
        let Some(rows) = rows(items) else {
            return self.tree(items, depth, out);
        };
        let titles: Vec<&str> = rows
            .first()
            .into_iter()
            .flatten()
            .map(|(_, argument)| argument.name.as_str())
            .collect();
        let titled = titles.len() > 1 && titles != ["Name", "Value"];
        let mut widths: Vec<usize> = titles
            .iter()
            .map(|title| if titled { title.width() } else { 0 })
            .collect();
        for (width, text) in rows.iter().flat_map(|row| widths_of(row)) {
            if let Some(widest) = widths.get_mut(width) {
                *widest = text.min(COLUMN_MAX).max(*widest);
            }
        }
        if titled {
            let mut line = indented(depth);
            for (title, width) in titles.iter().zip(&widths) {
                let start = line.width();
                line.push(Ink::Dim, escape::text(title).into_owned())
                    .pad_to(start + width + GUTTER);
            }
            line.write(self.look, out);
        }
        for row in &rows {
            let mut line = indented(depth);
            for ((text, argument), width) in row.iter().zip(&widths) {
                let start = line.width();
                line.append(value_of(text));
                if row
                    .last()
                    .is_some_and(|(_, last)| std::ptr::eq(*last, *argument))
                {
                    line.append(type_of(argument));
                } else {
                    line.push(Ink::Plain, " ".repeat(GUTTER))
                        .pad_to(start + width + GUTTER);
                }
            }
            line.write(self.look, out);
        }
    }
}

/// The cells of items that are structs of scalars alone, all with the same members.
fn rows(items: &[Argument]) -> Option<Vec<Vec<(String, &Argument)>>> {
    let mut rows: Vec<Vec<(String, &Argument)>> = Vec::new();
    for item in items {
        let Content::Members(members) = &item.content else {
            return None;
        };
        let mut row = Vec::new();
        for member in members {
            let Content::Value(value) = &member.content else {
                return None;
            };
            row.push((escape::text(value).into_owned(), member));
        }
        let same = |first: &Vec<(String, &Argument)>| {
            first.len() == row.len()
                && first
                    .iter()
                    .zip(&row)
                    .all(|((_, left), (_, right))| left.name == right.name)
        };
        if !rows.first().is_none_or(same) {
            return None;
        }
        rows.push(row);
    }
    Some(rows)
}

/// Which column, and how wide its text is.
fn widths_of(row: &[(String, &Argument)]) -> impl Iterator<Item = (usize, usize)> {
    row.iter().map(|(text, _)| text.width()).enumerate()
}

/// A value that is safe to print; an empty one is told from none.
fn value_of(value: &str) -> Line {
    match value {
        "" => Line::of(Ink::Dim, "\"\""),
        _ => Line::of(Ink::Plain, escape::text(value)),
    }
}

fn type_of(argument: &Argument) -> Line {
    let mut line = Line::new();
    if let Some(xsi_type) = &argument.xsi_type {
        line.push(Ink::Dim, format!("  {}", escape::text(xsi_type)));
    }
    line
}

/// Between columns.
const GUTTER: usize = 2;
/// Columns of a table in `show` are padded no further; what is longer is shown whole and moves the rest.
const COLUMN_MAX: usize = 72;
