//! Kinds of breach: each is one row of the rule book broken once, in a story that is clean but for it.

mod events;
mod faults;
mod http;
mod inform;
mod operations;
mod sessions;
mod soap;
mod transfers;
mod waking;

use crate::clean::model::Root;
use crate::clean::story::{Story, Version};
use crate::clean::world::World;

/// A way of breaking a rule.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The rule that it breaks.
    pub code: &'static str,
    /// What is done, in a few words.
    pub breach: &'static str,
    /// Who is guilty: `cpe`, `acs`, ...
    pub blame: &'static str,
    /// The story in which it is done.
    pub story: fn(&mut World),
    /// What is done; false where the story has nothing to do it to.
    pub edit: fn(&mut Story) -> bool,
    /// The versions in which it is a breach.
    pub versions: (Version, Version),
    /// The data model that the story needs.
    pub root: Option<Root>,
    /// Rules that the same deed breaks as well, each with the reason.
    pub also: &'static [(&'static str, &'static str)],
}

impl Kind {
    const fn from(mut self, version: Version) -> Self {
        self.versions.0 = version;
        self
    }

    const fn to(mut self, version: Version) -> Self {
        self.versions.1 = version;
        self
    }

    const fn on(mut self, root: Root) -> Self {
        self.root = Some(root);
        self
    }

    const fn also(mut self, also: &'static [(&'static str, &'static str)]) -> Self {
        self.also = also;
        self
    }

    /// The versions it is tried in, each with a data model.
    pub fn tries(&self) -> Vec<(Version, Root)> {
        let versions = Version::ALL.into_iter();
        let versions =
            versions.filter(|version| (self.versions.0..=self.versions.1).contains(version));
        let tries = versions.filter_map(|version| {
            let roots = Root::of(version);
            let usual = roots[usize::from(version == Version::V1_3) % roots.len()];
            let root = self.root.unwrap_or(usual);
            roots.contains(&root).then_some((version, root))
        });
        tries.collect()
    }
}

const fn kind(
    code: &'static str,
    blame: &'static str,
    breach: &'static str,
    story: fn(&mut World),
    edit: fn(&mut Story) -> bool,
) -> Kind {
    Kind {
        code,
        breach,
        blame,
        story,
        edit,
        versions: (Version::V1_0, Version::V1_4),
        root: None,
        also: &[],
    }
}

/// A breach of the device.
const fn cpe(
    code: &'static str,
    breach: &'static str,
    story: fn(&mut World),
    edit: fn(&mut Story) -> bool,
) -> Kind {
    kind(code, "cpe", breach, story, edit)
}

/// A breach of the ACS.
const fn acs(
    code: &'static str,
    breach: &'static str,
    story: fn(&mut World),
    edit: fn(&mut Story) -> bool,
) -> Kind {
    kind(code, "acs", breach, story, edit)
}

/// The story is the breach.
fn as_told(_: &mut Story) -> bool {
    true
}

/// All kinds.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    [
        http::KINDS,
        sessions::KINDS,
        soap::KINDS,
        faults::KINDS,
        inform::KINDS,
        events::KINDS,
        operations::KINDS,
        transfers::KINDS,
        waking::KINDS,
    ]
    .into_iter()
    .flatten()
}
