//! A page: its title, and the lines that are on the screen.

use super::Canvas;
use super::list::ends;
use crate::tui::App;
use crate::tui::view::View;

/// Draws it; how many lines were laid out.
pub(super) fn draw(app: &App, view: &View, canvas: &mut Canvas<'_>) -> usize {
    let count = view.page.lines.len();
    let place = format!("line {} of {count}", (view.at + 1).min(count));
    let left = format!("informant  {}", view.page.title);
    canvas.bar(0, &ends(&left, &place, canvas.width(), app));
    let height = app.page_height();
    let lines = view.page.lines.iter().enumerate().skip(view.top);
    let mut laid_out = 0;
    for (number, line) in lines.take(height) {
        let row = number - view.top + 1;
        canvas.line(row, line, view.left, number == view.at);
        laid_out += 1;
    }
    laid_out
}
