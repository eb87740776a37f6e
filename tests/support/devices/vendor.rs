//! What a vendor's document says of its device, and the stories that it describes.

use super::world::World;
use crate::clean::model::{Described, Root};
use crate::clean::story::Version;
use crate::clean::xml::Style;

/// A device of this vendor, and what its document promises.
pub struct Vendor {
    /// The name of its profile, and the beginning of its folders.
    pub key: &'static str,
    pub name: &'static str,
    /// The document, as docs/profiles.md names it.
    pub document: &'static str,
    pub manufacturer: &'static str,
    pub oui: &'static str,
    pub product_class: &'static str,
    pub serial_number: &'static str,
    pub mac: [u8; 6],
    pub version: Version,
    pub root: Root,
    /// The firmware that runs, of those that the document speaks of.
    pub software: &'static str,
    /// The one that it is upgraded to.
    pub newer: &'static str,
    pub described: Described,
    pub user_agent: &'static str,
    pub style: Style,
    /// How it writes true and false.
    pub booleans: (&'static str, &'static str),
    /// How it writes file types, where it has the file at all.
    pub types: FileTypes,
    /// How long it is away when it starts again.
    pub restart_s: usize,
    pub plots: &'static [Plot],
    /// For docs/devices.md: what is promised, and which rules and entries of the profile hold it to that.
    pub promises: &'static [(&'static str, &'static str)],
}

impl Vendor {
    /// The profile that `check` has to be told of: that of a document which names no vendor is never chosen by itself.
    pub fn told_profile(&self) -> Option<&'static str> {
        (self.key == "access-point").then_some(self.key)
    }

    /// What its device is called.
    pub fn device(&self) -> &'static str {
        match self.told_profile() {
            Some(_) => "the access point",
            None => "the phone",
        }
    }
}

/// What is written in FileType.
pub struct FileTypes {
    pub firmware: &'static str,
    pub configuration: &'static str,
    pub backup: &'static str,
    pub log: &'static str,
}

/// A story before it is told.
pub struct Plot {
    /// The end of its folder's name.
    pub name: &'static str,
    pub title: &'static str,
    /// What the document says of it.
    pub says: &'static str,
    /// Where it says so.
    pub place: &'static str,
    pub breach: Breach,
    /// Findings of the whole story that the document foretells.
    pub foretold: &'static [&'static str],
    pub tell: fn(&mut World),
}

/// What the broken variant does otherwise.
pub struct Breach {
    pub why: &'static str,
    /// What is to be found, each a code and whose it is; nothing else.
    pub found: &'static [(&'static str, &'static str)],
}
