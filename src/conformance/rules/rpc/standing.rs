//! What the standard data models say of a parameter of one device: its root, its version, its type, its limits.

use std::borrow::Cow;

use crate::conformance::Seen;
use crate::model::{Base, Facts, Misfit, Parameter, Reference, Root, Version, standard};

/// The data model that a device says it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    root: Root,
    /// Its version, where the device tells one that is known here.
    version: Option<Version>,
}

impl Standing {
    /// Of a path, with the version that the session's device tells.
    pub(super) fn of(told: Option<(Root, Version)>, path: &str) -> Option<Self> {
        let root = Root::of_path(path)?;
        let told = told
            .filter(|(of, _)| *of == root)
            .map(|(_, version)| version);
        let root = match (root, told) {
            (Root::DeviceUnknown, Some(version)) if version.major == 1 => Root::Device1,
            (Root::DeviceUnknown, Some(version)) if version.major == 2 => Root::Device2,
            _ => root,
        };
        let newest = standard(root).newest_version();
        let version = told.filter(|told| newest.is_some_and(|newest| *told <= newest));
        Some(Self { root, version })
    }

    /// The parameter, where the model has it.
    pub(super) fn parameter(&self, path: &str) -> Option<Parameter<'static>> {
        standard(self.root).parameter(path)
    }

    /// How a value fits no version of the model; other than by its type only where the device's version is known.
    pub(super) fn misfit(&self, parameter: &Parameter<'_>, value: &str) -> Option<Misfit> {
        let misfit = parameter.misfit(value)?;
        if matches!(misfit, Misfit::Type(_)) {
            return Some(misfit);
        }
        let version = self.version?;
        parameter.at(version).syntax.misfit(value)?;
        Some(misfit)
    }
}

/// The root and version of the data model, as the session's device tells.
pub(super) fn told_version(seen: &Seen<'_>) -> Option<(Root, Version)> {
    seen.session?.told_model
}

/// The type of the values of a parameter on the wire: of a list, a string.
fn type_of(facts: &Facts) -> Base {
    if facts.syntax.list.is_some() {
        Base::String
    } else {
        facts.syntax.base
    }
}

/// The type that the model gives, where `xsi:type` names another and no version of the model agrees with it.
pub(super) fn other_type(parameter: &Parameter<'_>, xsi_type: &str) -> Option<(Base, Base)> {
    let told = base_named(xsi_type)?;
    let expected = type_of(parameter.newest());
    let differs = |facts: &Facts| {
        let base = type_of(facts);
        base != Base::Unknown && base != told
    };
    parameter.always(differs).then_some((expected, told))
}

/// The type of `xsd:boolean` and its like, whatever the prefix.
pub(super) fn base_named(xsi_type: &str) -> Option<Base> {
    let name = xsi_type.trim();
    let local = name.rsplit(':').next().unwrap_or(name);
    match local {
        "base64Binary" => Some(Base::Base64),
        local => Base::of_name(local).filter(|base| *base != Base::Unknown),
    }
}

/// Both are whole numbers.
pub(super) fn same_family(one: Base, other: Base) -> bool {
    one.bounds().is_some() && other.bounds().is_some()
}

/// Every version says that the value is the path of something; with it, whether every one calls that reference strong.
pub(super) fn is_path(parameter: &Parameter<'_>) -> Option<bool> {
    let path = |facts: &Facts| matches!(facts.syntax.reference, Some(Reference::Path { .. }));
    let strong = |facts: &Facts| {
        matches!(
            facts.syntax.reference,
            Some(Reference::Path { strong: true, .. })
        )
    };
    parameter.always(path).then(|| parameter.always(strong))
}

/// A misfit in words, behind "the value"; it names no value.
pub(super) fn words(misfit: &Misfit) -> Cow<'static, str> {
    match misfit {
        Misfit::Type(base) => format!("is no {}", base.name()).into(),
        Misfit::TooShort { length, min } => {
            format!("has {length} characters, and {min} are the least").into()
        }
        Misfit::TooLong { length, max } => {
            format!("has {length} characters, and {max} are the most").into()
        }
        Misfit::OutOfRange(_) => "is outside the range".into(),
        Misfit::NotEnumerated { meant: Some(meant) } => {
            format!("is none of those listed, where {meant} is").into()
        }
        Misfit::NotEnumerated { meant: None } => "is none of those listed".into(),
        Misfit::Items { count, .. } => {
            format!("has {count} items, which is too few or too many").into()
        }
    }
}
