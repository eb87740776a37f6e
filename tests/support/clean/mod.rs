//! Clean CWMP traffic, made up: devices, the ACS they call, and all that both say, without a single breach of what
//! `rules.json` catalogues. The same seed gives the same bytes. This part knows nothing of the analyzer it is to be read
//! by, but for the dissectors that compute what Digest and STUN want computed.

#![allow(dead_code, reason = "each test uses its part")]

pub mod acs;
pub mod arguments;
pub mod conversation;
pub mod datagrams;
pub mod device;
pub mod edits;
pub mod faults;
pub mod http;
pub mod issue1;
pub mod model;
pub mod moment;
pub mod packets;
pub mod plots;
pub mod plots_objects;
pub mod plots_transfers;
pub mod plots_wakeups;
pub mod proof;
pub mod story;
pub mod world;
pub mod xml;

use crate::random::Random;
use model::Root;
use story::{Story, Version};
use world::World;

/// So many stories of one to three devices, `sessions` sessions or a few more in all.
pub fn stories(seed: u64, sessions: usize) -> Vec<Story> {
    let mut random = Random::new(seed);
    let mut told = 0;
    let mut stories = Vec::new();
    while told < sessions {
        let story = several(&mut random, stories.len());
        told += story.sessions;
        stories.push(story);
    }
    stories
}

fn several(random: &mut Random, number: usize) -> Story {
    let devices = if random.chance(250) {
        random.between(2, 3)
    } else {
        1
    };
    let mut stories = (0..devices).map(|at| one(random.next(), number * 3 + at));
    let first = stories.next().expect("there is one");
    stories.fold(first, Story::beside)
}

/// The story of one device.
fn one(seed: u64, number: usize) -> Story {
    let version = Version::ALL[number % Version::ALL.len()];
    let roots = Root::of(version);
    let root = roots[(number / Version::ALL.len()) % roots.len()];
    let mut world = World::varied(seed, number, version, root);
    if version == Version::Issue1 {
        issue1::tell(&mut world);
    } else {
        plots::tell(&mut world);
    }
    world.finish()
}
