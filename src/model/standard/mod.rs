//! The Broadband Forum's data models, built in: TR-098, TR-104, TR-106, TR-143, TR-181, and TR-069's own of Issue 1.
//!
//! `table.txt` is made of their XML files by `tests/model.rs`; NOTICE beside it has their licence.

mod read;

use std::sync::OnceLock;

use super::lookup::Scope;
use super::tree::TOP;
use super::{Document, Model};

/// The root of a device's tree, and which of the models that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Root {
    /// `InternetGatewayDevice.` of TR-098, and of TR-069 Issue 1.
    InternetGatewayDevice1,
    /// `Device.` of TR-106 and TR-181 Issue 1.
    Device1,
    /// `Device.` of TR-181 Issue 2.
    Device2,
    /// `Device.` of a device that has not shown which: what either allows.
    DeviceUnknown,
}

impl Root {
    /// The root of a path; of `Device.`, not known which.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let is_root_of = |known: &Self| {
            let rest = path.strip_prefix(known.name());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let roots = [Self::InternetGatewayDevice1, Self::DeviceUnknown];
        roots.into_iter().find(is_root_of)
    }

    /// Its name, without a dot.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InternetGatewayDevice1 => "InternetGatewayDevice",
            Self::Device1 | Self::Device2 | Self::DeviceUnknown => "Device",
        }
    }

    fn major(self) -> Option<u16> {
        match self {
            Self::InternetGatewayDevice1 | Self::Device1 => Some(1),
            Self::Device2 => Some(2),
            Self::DeviceUnknown => None,
        }
    }
}

/// The standard model of a root, voice services below `Services.` included.
#[must_use]
pub fn standard(root: Root) -> &'static Model {
    static MODELS: OnceLock<[Model; 4]> = OnceLock::new();
    let models = MODELS.get_or_init(|| {
        let whole = read::table(TABLE);
        ROOTS.map(|root| scoped(&whole, root))
    });
    let [gateway, first, second, either] = models;
    match root {
        Root::InternetGatewayDevice1 => gateway,
        Root::Device1 => first,
        Root::Device2 => second,
        Root::DeviceUnknown => either,
    }
}

fn scoped(whole: &Model, root: Root) -> Model {
    let mut model = whole.clone();
    let is_own = |document: &Document| *document.name == *root.name();
    let document = whole.documents().iter().position(is_own);
    model.scope = Some(Scope {
        top: whole.tree.step(TOP, root.name()).unwrap_or(TOP),
        document: document
            .and_then(|at| u16::try_from(at).ok())
            .unwrap_or(u16::MAX),
        major: root.major(),
    });
    model
}

const ROOTS: [Root; 4] = [
    Root::InternetGatewayDevice1,
    Root::Device1,
    Root::Device2,
    Root::DeviceUnknown,
];
/// The licence of what is built in. It asks for being shown with the program.
pub const NOTICE: &str = include_str!("NOTICE");
const TABLE: &str = include_str!("table.txt");
