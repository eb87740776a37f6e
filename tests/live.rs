//! Interfaces: what is heard in network namespaces of the test's own is what the same packets are in a file. Where there are
//! no rights for that, this is said and nothing is tested.
#![cfg(all(feature = "live", target_os = "linux"))]

mod support;

#[path = "live/choosing.rs"]
mod choosing;
#[path = "live/full.rs"]
mod full;
#[path = "live/output.rs"]
mod output;
#[path = "support/random.rs"]
mod random;
#[path = "live/recording.rs"]
mod recording;
#[path = "live/rights.rs"]
mod rights;
#[path = "live/scene.rs"]
mod scene;
#[path = "support/schema.rs"]
mod schema;
#[cfg(feature = "tui")]
#[path = "live/screens.rs"]
mod screens;
#[path = "live/sending.rs"]
mod sending;
#[path = "live/sessions.rs"]
mod sessions;
#[path = "live/several.rs"]
mod several;
#[cfg(feature = "tui")]
#[path = "support/terminal.rs"]
mod terminal;
