//! The stories of `captures/<vendor>-*`: each vendor's device does what its document describes, against an ACS that behaves,
//! once as it should be and once with a breach. What both say comes from `clean`; the same calls give the same bytes.
//! This part knows nothing of the analyzer that is to read them.

pub mod aastra;
pub mod access_point;
pub mod capture;
pub mod diagnostics;
pub mod files;
pub mod gateway;
pub mod grandstream;
pub mod notes;
pub mod plots;
pub mod snom;
pub mod trees;
pub mod truth;
pub mod vendor;
pub mod world;
pub mod yealink;

use crate::clean::story::Story as Conversation;
use truth::Truth;
use vendor::{Plot, Vendor};
use world::World;

/// Every vendor, in the order of the shared documents.
pub const VENDORS: &[&Vendor] = &[
    &yealink::YEALINK,
    &grandstream::GRANDSTREAM,
    &snom::SNOM,
    &access_point::ACCESS_POINT,
    &aastra::AASTRA,
];

/// What a vendor's device does, told twice.
pub struct Story {
    pub vendor: &'static Vendor,
    pub plot: &'static Plot,
    /// Its place under `captures/`.
    pub folder: String,
    pub whole: Telling,
    pub broken: Telling,
}

/// One of the two.
pub struct Telling {
    pub pcapng: Vec<u8>,
    pub truth: Truth,
    /// First frame, last frame, and what happens in them.
    pub marks: Vec<(u64, u64, String)>,
    pub conversation: Conversation,
}

/// Tells them all.
pub fn tell() -> Vec<Story> {
    let vendors = VENDORS.iter().enumerate();
    let told = vendors.flat_map(|(at, vendor)| {
        let plots = vendor.plots.iter().enumerate();
        plots.map(move |(number, plot)| Story::told(vendor, plot, at * PLOTS_MAX + number))
    });
    told.collect()
}

impl Story {
    fn told(vendor: &'static Vendor, plot: &'static Plot, number: usize) -> Self {
        let tell = |is_broken| {
            let mut world = World::new(vendor, number, is_broken);
            (plot.tell)(&mut world);
            world.finish()
        };
        Self {
            vendor,
            plot,
            folder: format!("{}-{}", vendor.key, plot.name),
            whole: tell(false),
            broken: tell(true),
        }
    }

    /// Its files, but for the expected outputs.
    pub fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("capture.pcapng", self.whole.pcapng.clone()),
            ("broken.pcapng", self.broken.pcapng.clone()),
            ("truth.json", truth::file(self).into_bytes()),
            ("NOTES.md", notes::notes(self).into_bytes()),
            (
                "credentials.toml",
                notes::credentials(&self.whole.conversation).into_bytes(),
            ),
        ]
    }
}

/// A vendor has fewer stories; their numbers stay where another gets one more.
const PLOTS_MAX: usize = 32;
