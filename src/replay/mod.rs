//! A recorded session as a scenario, played back against a real phone or a real ACS; sockets are in `drive.rs` alone.

pub mod action;
pub mod assertion;
pub mod audit;
pub mod bench;
pub mod binding;
pub mod drive;
pub mod guard;
pub mod plan;
pub mod player;
pub mod record;
pub mod scenario;
pub mod template;
