//! Traffic without a breach is found without one; traffic with one breach, or with lost frames, is judged by it alone.

#[path = "support/clean/mod.rs"]
mod clean;
#[path = "support/random.rs"]
mod random;
mod support;

use std::ops::ControlFlow;

use informant::pipeline::Options;
use informant::source::{Capture, Input};

#[test]
fn probe() {
    let stories = clean::stories(7, 1_000);
    std::fs::create_dir_all("/tmp/mutation_probe").unwrap();
    for (at, story) in stories.iter().enumerate() {
        std::fs::write(format!("/tmp/mutation_probe/{at:03}.transcript"), story.transcript()).unwrap();
    }
    let _ = (ControlFlow::<()>::Continue(()), Options::default());
    let _: fn(Vec<Input>) -> _ = Capture::open;
    eprintln!("{} stories", stories.len());
}
