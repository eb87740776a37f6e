//! Rows in aligned columns that fit the screen. Widths come from the first rows, so that a long table can be written as it grows.

use unicode_width::UnicodeWidthStr;

use super::paint::{Ink, Line, Look, cut_end, cut_middle};

/// One column: its title and what it gives up on a narrow screen.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// It is never narrower, if its content is not.
    pub least: usize,
    /// Which columns become narrow first: the highest; 0 never does.
    pub gives: u8,
    /// How its cells stand.
    pub cells: Cells,
}

/// How the cells of a column stand and are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// At the left, cut at the end.
    Text,
    /// At the left, cut in the middle.
    Identifier,
    /// At the right.
    Number,
}

/// A cell: how it is inked, and text that is already safe to print.
pub type Cell = (Ink, String);

/// The widths that columns got.
#[derive(Debug, Clone)]
pub struct Columns {
    columns: Vec<Column>,
    widths: Vec<usize>,
    look: Look,
}

impl Columns {
    /// Finds widths that suit these rows. A column that is empty in all of them is left out.
    #[must_use]
    pub fn fitting<'a>(
        columns: &[Column],
        rows: impl IntoIterator<Item = &'a Vec<Cell>>,
        indent: usize,
        look: Look,
    ) -> Self {
        let mut widths = vec![0; columns.len()];
        for row in rows {
            for (width, (_, text)) in widths.iter_mut().zip(row) {
                *width = text.width().max(*width);
            }
        }
        for (width, column) in widths.iter_mut().zip(columns) {
            if *width > 0 {
                *width = column.title.width().max(*width);
            }
        }
        shrink(columns, &mut widths, look.width.saturating_sub(indent));
        Self {
            columns: columns.to_vec(),
            widths,
            look,
        }
    }

    /// The headings.
    #[must_use]
    pub fn heading(&self) -> Line {
        let titles: Vec<Cell> = self
            .columns
            .iter()
            .map(|column| (Ink::Dim, column.title.to_owned()))
            .collect();
        self.row(&titles)
    }

    /// One row.
    #[must_use]
    pub fn row(&self, cells: &[Cell]) -> Line {
        let mut line = Line::new();
        let mut start = 0;
        for ((column, &width), (ink, text)) in self.columns.iter().zip(&self.widths).zip(cells) {
            if width == 0 {
                continue;
            }
            let text = match column.cells {
                Cells::Identifier => cut_middle(text, width, self.look),
                Cells::Text | Cells::Number => cut_end(text, width, self.look),
            };
            line.pad_to(start);
            if column.cells == Cells::Number {
                line.pad_to(start + width.saturating_sub(text.width()));
            }
            line.push(*ink, text);
            start += width + GUTTER;
        }
        line
    }
}

/// Takes columns away from those that give first, down to their least.
fn shrink(columns: &[Column], widths: &mut [usize], room: usize) {
    let taken = |widths: &[usize]| -> usize {
        let shown = widths.iter().filter(|&&width| width > 0).count();
        widths.iter().sum::<usize>() + shown.saturating_sub(1) * GUTTER
    };
    let mut orders: Vec<u8> = columns
        .iter()
        .map(|column| column.gives)
        .filter(|&gives| gives > 0)
        .collect();
    orders.sort_unstable_by(|left, right| right.cmp(left));
    orders.dedup();
    for order in orders {
        for (column, at) in columns
            .iter()
            .zip(0..)
            .filter(|(column, _)| column.gives == order)
        {
            let over = taken(widths).saturating_sub(room);
            if let Some(width) = widths.get_mut(at) {
                *width = width.saturating_sub(over).max(column.least.min(*width));
            }
        }
    }
}

const GUTTER: usize = 2;

#[cfg(test)]
mod tests {
    use super::{Cell, Cells, Column, Columns};
    use crate::report::paint::{Ink, Look};

    const COLUMNS: [Column; 4] = [
        Column {
            title: "#",
            least: 1,
            gives: 0,
            cells: Cells::Number,
        },
        Column {
            title: "device",
            least: 6,
            gives: 1,
            cells: Cells::Identifier,
        },
        Column {
            title: "faults",
            least: 6,
            gives: 0,
            cells: Cells::Text,
        },
        Column {
            title: "RPCs",
            least: 8,
            gives: 2,
            cells: Cells::Text,
        },
    ];

    fn printed(width: usize, rows: &[Vec<Cell>]) -> String {
        let look = Look {
            width,
            colour: false,
            unicode: true,
        };
        let columns = Columns::fitting(&COLUMNS, rows, 0, look);
        let mut out = String::new();
        columns.heading().write(look, &mut out);
        rows.iter()
            .for_each(|row| columns.row(row).write(look, &mut out));
        out
    }

    #[test]
    fn rows_fit_and_empty_columns_vanish() {
        let row = |cells: [&str; 4]| -> Vec<Cell> {
            cells
                .iter()
                .map(|text| (Ink::Plain, (*text).to_owned()))
                .collect()
        };
        let rows = [
            row(["1", "001141-A", "", "GetParameterValues"]),
            row(["10", "001141-0123456789", "", "Reboot"]),
        ];
        assert_eq!(
            printed(80, &rows),
            " #  device             RPCs\n 1  001141-A           GetParameterValues\n10  001141-0123456789  Reboot\n"
        );
        assert_eq!(
            printed(30, &rows),
            " #  device            RPCs\n 1  001141-A          GetPara…\n10  00114…0123456789  Reboot\n"
        );
    }
}
