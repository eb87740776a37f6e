//! A scenario read from its TOML; what is wrong with it is told by file, line and column.

use toml::Spanned;
use toml::de::DeTable;

use super::problem::Problem;

/// Whether the text is TOML.
///
/// # Errors
///
/// Where it is not.
pub fn well_formed(text: &str) -> Result<(), Problem> {
    table(text).map(drop)
}

/// The TOML as a table that knows where its values stand.
fn table(text: &str) -> Result<Spanned<DeTable<'_>>, Problem> {
    DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let what = format!("this is no TOML: {}", error.message());
        Problem::at(super::TOML, text.as_bytes(), at, what)
    })
}
