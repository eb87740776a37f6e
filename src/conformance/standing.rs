//! What data models say of the names of one device: its root, its version, and of each parameter its type and limits.
//! Rules that look at names and values share this; it judges nothing.

use std::borrow::Cow;

use cwmp::Inform;

use super::Seen;
use crate::model::{
    Access, Base, Facts, Found, Misfit, Model, Parameter, Reference, Root, Version, standard,
};
use crate::session::Masking;

/// The data model that a device says it has, in its Inform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The root of its names; of `Device.`, not which.
    pub root: Root,
    /// The version that DeviceSummary or RootDataModelVersion tells.
    pub version: Option<Version>,
    /// AliasBasedAddressing, where the Inform has it.
    pub aliases: Option<bool>,
}

impl Claim {
    /// What an Inform tells.
    pub(super) fn of(inform: &Inform<'_>) -> Option<Self> {
        let mut claim: Option<Self> = None;
        for parameter in inform.parameters().take(PARAMETERS_MAX) {
            let name = parameter.name();
            let Some((root, rest)) = name.split_once('.') else {
                continue;
            };
            let Some(root) = Root::of_path(root) else {
                continue;
            };
            let claim = claim.get_or_insert(Self {
                root,
                version: None,
                aliases: None,
            });
            if claim.root != root {
                continue;
            }
            let value = || parameter.value().unwrap_or_default();
            match rest {
                "DeviceSummary" if claim.version.is_none() => {
                    claim.version = summary_version(&value(), root.name());
                }
                "RootDataModelVersion" if claim.version.is_none() => {
                    claim.version = Version::parse(&value());
                }
                "ManagementServer.AliasBasedAddressing" => {
                    claim.aliases = Some(matches!(value().trim(), "1" | "true"));
                }
                _ => {}
            }
        }
        claim
    }
}

/// What is known of the data model of a session's device, whatever the path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// What the device says.
    pub(super) claim: Option<Claim>,
    /// What the user gives.
    pub(super) given: Option<&'static Model>,
}

impl Told {
    /// A number that differs where the device's words differ.
    pub(super) fn number(&self) -> u64 {
        let Some(claim) = self.claim else {
            return 1;
        };
        let version = claim.version.map_or(0, |version| {
            (u64::from(version.major) << 16 | u64::from(version.minor)) + 1
        });
        let aliases = claim.aliases.map_or(2, u64::from);
        let root = u64::from(claim.root == Root::InternetGatewayDevice1);
        (version << 8 | aliases << 2 | root << 1) << 1
    }
}

/// What the session's Inform tells, and what the user gives.
pub(super) fn told(seen: &Seen<'_>) -> Told {
    Told {
        claim: seen.session.and_then(|session| session.claim),
        given: seen.setting.data_model,
    }
}

/// The data model by which a path is judged: what the user gives first, then the standard model of the path's root.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    given: Option<&'static Model>,
    root: Root,
    /// The version that the device claims.
    claimed: Option<Version>,
    /// The same, where all its names and values are known here.
    version: Option<Version>,
}

impl Standing {
    /// Of a path, as far as it begins at a root.
    pub(super) fn of(told: Told, path: &str) -> Option<Self> {
        Some(Self::of_root(told, Root::of_path(path)?))
    }

    /// Of a root, of `Device.` not known which.
    pub(super) fn of_root(told: Told, root: Root) -> Self {
        let claimed = told.claim.filter(|claim| claim.root == root);
        let claimed = claimed.and_then(|claim| claim.version);
        let root = match (root, claimed) {
            (Root::DeviceUnknown, Some(version)) if version.major == 1 => Root::Device1,
            (Root::DeviceUnknown, Some(version)) if version.major == 2 => Root::Device2,
            _ => root,
        };
        let newest = newest(root, told.given);
        let version = claimed.filter(|told| newest.is_some_and(|newest| *told <= newest));
        Self {
            given: told.given,
            root,
            claimed,
            version,
        }
    }

    /// The version that the device claims.
    pub(super) fn claimed(&self) -> Option<Version> {
        self.claimed
    }

    /// The version that the device claims, where all its names and values are known here.
    pub(super) fn version(&self) -> Option<Version> {
        self.version
    }

    /// The device claims a version with names and values that are not known here.
    pub(super) fn is_newer_than_known(&self) -> bool {
        self.claimed.is_some() && self.version.is_none()
    }

    /// What is known of a path.
    pub(super) fn find(&self, path: &str) -> Found<'static> {
        if let Some(given) = self.given {
            match given.find(path) {
                Found::Parameter(parameter) if says_something(&parameter) => {
                    return Found::Parameter(parameter);
                }
                found @ (Found::Parameter(_) | Found::Object(_)) => {
                    return match standard(self.root).find(path) {
                        Found::Vendor | Found::Service | Found::Unknown { .. } => found,
                        better => better,
                    };
                }
                _ => {}
            }
        }
        standard(self.root).find(path)
    }

    /// The parameter, where a model has it.
    pub(super) fn parameter(&self, path: &str) -> Option<Parameter<'static>> {
        let given = self.given.and_then(|given| given.parameter(path));
        if let Some(given) = given.filter(says_something) {
            return Some(given);
        }
        standard(self.root).parameter(path).or(given)
    }

    /// The parameter, where the user gives little more than its name and the standard model does not have it.
    pub(super) fn given_alone(&self, path: &str) -> Option<Parameter<'static>> {
        self.given?;
        self.parameter(path)
    }

    /// The known path that was probably meant.
    pub(super) fn nearest(&self, path: &str) -> Option<String> {
        let given = self.given.and_then(|given| given.nearest(path));
        given.or_else(|| standard(self.root).nearest(path))
    }

    /// What is told of a parameter comes from the user.
    pub(super) fn is_given(&self, parameter: &Parameter<'_>) -> bool {
        self.given.is_some_and(|given| parameter.is_of(given))
    }

    /// The ACS reads it as nothing, in every version or in that of the device. A file of the user's that does not say so does not
    /// deny it: most formats cannot say it.
    pub(super) fn is_hidden(&self, parameter: &Parameter<'_>, path: &str) -> bool {
        let hidden = |parameter: &Parameter<'_>| {
            let now = self.version;
            parameter.is_hidden() || now.is_some_and(|now| parameter.at(now).hidden)
        };
        hidden(parameter)
            || self
                .overridden(parameter, path)
                .as_ref()
                .is_some_and(hidden)
    }

    /// Its value may be a secret: any version of the model says so, or its name does.
    pub(super) fn is_secret(&self, parameter: &Parameter<'_>, path: &str) -> bool {
        parameter.may_be_secret()
            || Masking::default().hides(path)
            || self
                .overridden(parameter, path)
                .is_some_and(|standard| standard.may_be_secret())
    }

    /// The ACS cannot set it: what the user's file says of that comes first.
    pub(super) fn is_read_only(&self, parameter: &Parameter<'_>, path: &str) -> bool {
        let given = self.given.and_then(|given| given.parameter(path));
        let given = given.filter(|given| given.newest().access != Access::Unknown);
        given.as_ref().unwrap_or(parameter).is_read_only()
    }

    /// What the standard model says of a parameter of which the user's file is heard instead.
    fn overridden(&self, parameter: &Parameter<'_>, path: &str) -> Option<Parameter<'static>> {
        let given = self.is_given(parameter);
        given.then(|| standard(self.root).parameter(path)).flatten()
    }

    /// How a value fits no version of the model; other than by its type only where the device's version is known.
    pub(super) fn misfit(&self, parameter: &Parameter<'_>, value: &str) -> Option<Misfit> {
        let misfit = parameter.misfit(value)?;
        if matches!(misfit, Misfit::Type(_)) || self.is_given(parameter) {
            return Some(misfit);
        }
        let version = self.version?;
        parameter.at(version).syntax.misfit(value)?;
        Some(misfit)
    }
}

/// The newest version of a root's model at hand.
fn newest(root: Root, given: Option<&'static Model>) -> Option<Version> {
    let documents = given.into_iter().flat_map(Model::documents);
    let own = documents.filter(|document| *document.name == *root.name());
    let given = own.filter_map(|document| document.versions.last().copied());
    standard(root)
        .newest_version()
        .into_iter()
        .chain(given)
        .max()
}

/// Whether a document says more of a parameter than its name, and does not call it unsupported.
fn says_something(parameter: &Parameter<'_>) -> bool {
    let facts = parameter.newest();
    let unsupported = facts
        .mapping
        .as_ref()
        .is_some_and(|mapping| !mapping.supported);
    facts.syntax.base != Base::Unknown && !unsupported
}

/// `InternetGatewayDevice:1.4[](Baseline:1), ...` gives 1.4.
fn summary_version(summary: &str, root: &str) -> Option<Version> {
    let rest = summary.trim().strip_prefix(root)?.strip_prefix(':')?;
    let end = rest.find(|one: char| !one.is_ascii_digit() && one != '.');
    Version::parse(rest.get(..end.unwrap_or(rest.len()))?)
}

/// The type of the values of a parameter on the wire: of a list, a string.
pub(super) fn type_of(facts: &Facts) -> Base {
    if facts.syntax.list.is_some() {
        Base::String
    } else {
        facts.syntax.base
    }
}

/// The type that the model gives, where `xsi:type` names another and no version of the model agrees with it.
pub(super) fn other_type(parameter: &Parameter<'_>, told: Option<Base>) -> Option<(Base, Base)> {
    let told = told?;
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

/// The type that an `xsi:type` attribute names.
pub(super) fn base_of(declared: &cwmp::Attribute<'_>) -> Option<Base> {
    let raw = declared.raw_value();
    let local = raw.split(|byte| *byte == b':').next_back()?;
    match local {
        b"string" => Some(Base::String),
        b"boolean" => Some(Base::Boolean),
        b"unsignedInt" => Some(Base::UnsignedInt),
        b"int" => Some(Base::Int),
        b"unsignedLong" => Some(Base::UnsignedLong),
        b"dateTime" => Some(Base::DateTime),
        _ => base_named(&declared.value()),
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

/// A path, or one of several, with a dot at its end.
pub(super) fn has_dot_at_end(value: &str) -> bool {
    let mut items = value.split(',').map(str::trim);
    items.any(|item| item.len() > 1 && item.ends_with('.') && Root::of_path(item).is_some())
}

/// A misfit in words, behind "the value"; it names no value.
pub(super) fn words(misfit: &Misfit, parameter: &Parameter<'_>) -> Cow<'static, str> {
    // A length is that of what the text stands for.
    let syntax = &parameter.newest().syntax;
    let is_binary = matches!(syntax.base, Base::Base64 | Base::HexBinary);
    let unit = match is_binary && syntax.list.is_none() {
        true => "bytes",
        false => "characters",
    };
    match misfit {
        Misfit::Type(base) => format!("is no {}", base.name()).into(),
        Misfit::TooShort { length, min } => {
            format!("has {length} {unit}, and {min} are the least").into()
        }
        Misfit::TooLong { length, max } => {
            format!("has {length} {unit}, and {max} are the most").into()
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

/// Parameters of an Inform that are looked at; a device reports about ten.
const PARAMETERS_MAX: usize = 64;
