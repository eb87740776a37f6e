//! The stories of the vendors' documents under `captures/`: the files are what is told, the analyzer finds what is told and
//! nothing else, and so does tshark; each is played again in both roles. `BLESS=1` writes the files.

#[path = "support/clean/mod.rs"]
mod clean;
#[path = "support/devices/mod.rs"]
mod devices;
#[path = "conformance_clean/judge.rs"]
mod judge;
#[path = "support/packet.rs"]
mod packet;
#[path = "support/pairs.rs"]
mod pairs;
#[path = "support/playing.rs"]
mod playing;
#[path = "support/random.rs"]
mod random;
#[path = "support/recordings.rs"]
mod recordings;
#[path = "support/scene.rs"]
mod scene;
mod support;

#[path = "stories/checked.rs"]
mod checked;
#[path = "stories/counted.rs"]
mod counted;
#[path = "stories/documented.rs"]
mod documented;
#[path = "stories/printed.rs"]
mod printed;
#[path = "stories/replayed.rs"]
mod replayed;

use std::sync::{Once, OnceLock};

use devices::Story;

/// Every one of them, told once; `ONLY` names the folders that are looked at while one is written.
fn all() -> &'static [Story] {
    static TOLD: OnceLock<Vec<Story>> = OnceLock::new();
    TOLD.get_or_init(|| {
        let only = std::env::var("ONLY").unwrap_or_default();
        let told = devices::tell().into_iter();
        told.filter(|story| story.folder.contains(&only)).collect()
    })
}

fn blesses() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value != "0" && !value.is_empty())
}

/// The captures are fresh where blessing is asked for.
fn blessed() {
    static WRITTEN: Once = Once::new();
    if blesses() {
        WRITTEN.call_once(counted::write);
    }
}
