//! From text to an expression.

mod parser;
mod scanner;

pub(super) use parser::parse;
