//! Informant: a protocol analyzer and session replay tool for TR-069 (CWMP).
//!
//! The rooms, in floor order; arrows point downward only (`tests/house.rs` holds them).

pub mod cli;
pub mod conformance;
pub mod filter;
pub mod model;
pub mod pipeline;
pub mod replay;
pub mod report;
pub mod session;
pub mod source;
#[cfg(feature = "tui")]
pub mod tui;
