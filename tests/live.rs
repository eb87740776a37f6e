//! Interfaces: what is heard in network namespaces of the test's own is what the same packets are in a file. Where there are
//! no rights for that, this is said and nothing is tested.
#![cfg(all(feature = "live", target_os = "linux"))]

mod support;

#[path = "live/scene.rs"]
mod scene;

#[path = "live/recording.rs"]
mod recording;
#[path = "support/schema.rs"]
mod schema;
#[path = "live/sending.rs"]
mod sending;
#[path = "live/sessions.rs"]
mod sessions;
