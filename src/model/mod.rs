//! What a device is supposed to have: data models, and what vendors' documents say. No verdicts, no traffic, no files.
//!
//! [`standard`] gives the Broadband Forum's own models, built in. Whoever opens files hands in bytes for the others.

mod builder;
mod facts;
mod fit;
mod load;
mod lookup;
mod nearest;
mod path;
pub mod profile;
mod standard;
mod syntax;
mod tree;
mod version;

pub use facts::{
    Access, ActiveNotification, DefaultKind, DefaultValue, Facts, ForcedInform, Mapping,
    Notification, ObjectAccess, ObjectFacts, Status, ValuePart,
};
pub use fit::Misfit;
pub use load::{Format, LoadError, Problem, load};
pub use lookup::{Found, Model, Object, Parameter, Place};
pub use path::is_vendor_path;
pub use standard::{NOTICE, Root, standard};
pub use syntax::{Base, Enumerated, List, Range, Reference, Size, Syntax, Target};
pub use tree::{Document, Edition};
pub use version::{Since, Version};
