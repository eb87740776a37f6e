//! A recorded session as a scenario, played back against a real phone or a real ACS; sockets are in `drive.rs` alone.

pub mod action;
pub mod guard;
pub mod scenario;
pub mod template;
