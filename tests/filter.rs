//! The display filter: its grammar, its errors as they are shown, and what it selects of real captures, held against the
//! JSON that the binary prints of the same capture.

#[path = "support/datagrams.rs"]
mod datagrams;
#[path = "filter/errors.rs"]
mod errors;
#[path = "filter/grammar.rs"]
mod grammar;
#[path = "filter/json.rs"]
mod json;
#[path = "filter/operators.rs"]
mod operators;
#[path = "filter/oracle.rs"]
mod oracle;
#[path = "filter/page.rs"]
mod page;
mod support;

use informant::filter::Filter;

fn parsed(expression: &str) -> Filter {
    match Filter::parse(expression) {
        Ok(filter) => filter,
        Err(error) => panic!("{error}"),
    }
}
