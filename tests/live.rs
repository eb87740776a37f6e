//! Interfaces: what is heard in network namespaces of the test's own is what the same packets are in a file. Where there are
//! no rights for that, this is said and nothing is tested.
#![cfg(all(feature = "live", target_os = "linux"))]

mod support;

#[path = "live/scene.rs"]
mod scene;

#[path = "support/random.rs"]
mod random;
#[path = "live/recording.rs"]
mod recording;
#[path = "support/schema.rs"]
mod schema;
#[cfg(feature = "tui")]
#[path = "live/screens.rs"]
mod screens;
#[path = "live/sending.rs"]
mod sending;
#[path = "live/sessions.rs"]
mod sessions;
#[cfg(feature = "tui")]
#[path = "support/terminal.rs"]
mod terminal;
