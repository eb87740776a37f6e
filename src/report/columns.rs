//! Rows in aligned columns that fit the screen. Widths come from the first rows, so that a long table can be written as it grows.

use unicode_width::UnicodeWidthStr;

use super::paint::{Ink, Line, Look, cut_end, cut_middle};

/// One column: its title and what it gives up on a narrow screen.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    title: &'static str,
    cells: Cells,
    /// Which columns become narrow first: the highest; 0 never does.
    gives: u8,
    /// It becomes no narrower than this before every other column gave as much.
    fair: usize,
    /// It never becomes narrower.
    least: usize,
}

impl Column {
    /// A column that is as wide as its content.
    #[must_use]
    pub const fn fixed(title: &'static str, cells: Cells) -> Self {
        Self {
            title,
            cells,
            gives: 0,
            fair: 0,
            least: 0,
        }
    }

    /// A column that gives way: those of the highest order first, all down to what is fair for them, then to the least.
    #[must_use]
    pub const fn giving(
        title: &'static str,
        cells: Cells,
        order: u8,
        fair: usize,
        least: usize,
    ) -> Self {
        Self {
            title,
            cells,
            gives: order,
            fair,
            least,
        }
    }
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
    cut: Vec<bool>,
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
        let wanted = widths.clone();
        shrink(columns, &mut widths, look.width.saturating_sub(indent));
        let cut = wanted
            .iter()
            .zip(&widths)
            .map(|(wanted, width)| wanted > width)
            .collect();
        Self {
            columns: columns.to_vec(),
            widths,
            cut,
            look,
        }
    }

    /// Whether the content of a column has to be cut.
    #[must_use]
    pub fn cuts(&self, at: usize) -> bool {
        self.cut.get(at).copied().unwrap_or(false)
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
    let rounds = [
        |column: &Column| column.fair.max(column.least),
        |column: &Column| column.least,
    ];
    for (floor, &order) in rounds
        .iter()
        .flat_map(|floor| orders.iter().map(move |order| (floor, order)))
    {
        for (column, at) in columns
            .iter()
            .zip(0..)
            .filter(|(column, _)| column.gives == order)
        {
            let over = taken(widths).saturating_sub(room);
            if let Some(width) = widths.get_mut(at) {
                *width = width.saturating_sub(over).max(floor(column).min(*width));
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
        Column::fixed("#", Cells::Number),
        Column::giving("device", Cells::Identifier, 1, 8, 6),
        Column::fixed("faults", Cells::Text),
        Column::giving("RPCs", Cells::Text, 2, 12, 8),
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
            " #  device        RPCs\n 1  001141-A      GetParamete…\n10  001…23456789  Reboot\n"
        );
    }
}
