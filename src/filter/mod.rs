//! The display filter (`-Y`): a parsed expression over sessions, messages, transfers and devices; nothing else.
//!
//! ```text
//! device.serial_number glob "0011*" && rpc == SetParameterValues && fault_code in {9005, 9007}
//! protocol == cwmp and (parameter ~ /Voice/ or fault)
//! start >= 2026-03-14T09:00:00Z && duration_ms > 1.5s && !(outcome == complete)
//! ```
//!
//! An expression joins tests with `&&`, `||` and `!` (or `and`, `or`, `not`), `!` first, then `&&`, then `||`. A test is
//! a name alone (there is a value) or a name, an operator and what it is held against: `==` `!=` `<` `<=` `>` `>=`,
//! `~` (regular expression, found anywhere), `glob` (the whole text; `*`, `?`, `[...]`), `contains`, `in { , }` with
//! ranges such as `9000..9019`. Names are the keys of the JSON records, joined by dots; [`NAMES`] lists them.
//!
//! A record is selected by what it holds itself. A name that it does not have makes its test false; one that it has
//! several times (`events`, `frames`) makes it true if any value does, `!=` included: `!(events == "1 BOOT")` is what
//! says that none is. Text is compared exactly, secrets and all: what is hidden is for the outputs to say.

mod complete;
mod error;
mod expression;
mod grammar;
mod names;
mod operand;
mod pattern;
mod record_kind;
mod seen;
mod select;
mod table;
mod values;

pub use complete::continuations;
pub use error::FilterError;
pub use names::{Holds, Name, completions, nearest};
pub use record_kind::{RecordKind, RecordKinds};
pub use seen::Seen;
pub use select::Filter;
pub use table::NAMES;
