//! How names are written, and whether a data model has them.

use std::borrow::Cow;

use cwmp::schema::Version as Protocol;

use super::pages::{LENGTH, MIXED, NODE, READ_ONLY, SERVICE_PLACE, UNKNOWN, VENDOR, VENDOR_OBJECT};
use super::walk::{Entry, Source, Telling};
use crate::conformance::standing::{Standing, Told};
use crate::conformance::{Rule, Seen};
use crate::model::{Found, Object, Place, Since, Version, standard};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &NODE,
    &LENGTH,
    &VENDOR,
    &VENDOR_OBJECT,
    &UNKNOWN,
    &READ_ONLY,
    &SERVICE_PLACE,
];

/// Looks at the name of one entry that a device lists.
pub(super) fn look(entry: &Entry<'_>, found: Found<'_>, telling: &mut Telling<'_, '_>) {
    let name = entry.name;
    if is_long(name) {
        telling.tell(
            &LENGTH,
            entry.at_name(),
            shortened(name),
            Severity::Error,
            || format!("the path has {} characters", name.chars().count()),
        );
        return;
    }
    let other_root = entry
        .told
        .claim
        .is_some_and(|claim| claim.root != entry.root);
    // Of an Inform, INF-018 says so.
    if other_root && telling.source != Source::Inform {
        telling.tell(&MIXED, entry.at_name(), name, Severity::Error, || {
            format!("{name} stands in a session whose Inform has names of another root")
        });
    }
    if let Some(odd) = odd_node(name) {
        let most = odd.severity(telling.seen, entry.told, &entry.standing);
        if let Some(most) = most {
            telling.tell(&NODE, entry.at_name(), name, most, || odd.words(name));
            return;
        }
    }
    match found {
        Found::Parameter(known) => {
            if telling.source == Source::Names
                && entry.standing.is_read_only(&known, name)
                && is_writable(entry)
            {
                telling.tell(&READ_ONLY, entry.at_name(), name, Severity::Error, || {
                    format!("{name} is listed as writable, and is read-only in the data model")
                });
            }
            let own = known
                .document()
                .is_some_and(|document| *document.name == *entry.root.name());
            // DeviceSummary is what names the version.
            let own = own && known.name() != "DeviceSummary";
            if own && entry.is_too_young(known.since()) {
                too_young(entry, known.since(), telling);
            }
        }
        Found::Object(object) => {
            let forbidden = || forbids(&object);
            if telling.source == Source::Names
                && let Some(what) = forbidden().filter(|_| is_writable(entry))
            {
                telling.tell(&READ_ONLY, entry.at_name(), name, Severity::Error, || {
                    format!("{name} is listed as writable, and {what} in the data model")
                });
            }
        }
        Found::Vendor => {
            if let Some((prefix, why)) = wrong_vendor(name) {
                telling.tell_group(&VENDOR, entry, prefix, || why.words(prefix));
            }
        }
        Found::Service => misplaced(entry, telling),
        Found::Unknown { .. } => {
            if !misplaced_service(entry, telling) {
                unknown(entry, telling);
            }
        }
    }
}

impl Entry<'_> {
    fn is_too_young(&self, since: Since) -> bool {
        let claimed = self.standing.claimed();
        claimed.is_some_and(|version| since.surely_after(version))
    }
}

/// Longer than 256 characters.
pub(super) fn is_long(name: &str) -> bool {
    name.len() > PATH_MAX && name.chars().count() > PATH_MAX
}

/// A long name, cut.
pub(super) fn shortened(name: &str) -> &str {
    let end = name.char_indices().nth(PATH_SHOWN);
    end.map_or(name, |(end, _)| name.get(..end).unwrap_or(name))
}

/// A node that is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd<'n> {
    /// An instance number that is 0.
    Zero,
    /// An alias in brackets.
    Alias(&'n str),
    /// Characters that no name has.
    Characters(&'n str),
}

/// The first node that is neither a name nor an instance number.
pub(super) fn odd_node(name: &str) -> Option<Odd<'_>> {
    let path = name.strip_suffix('.').unwrap_or(name);
    path.split('.').find_map(odd)
}

fn odd(node: &str) -> Option<Odd<'_>> {
    let bytes = node.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    match bytes {
        [b'0'..=b'9', ..] if bytes.iter().all(u8::is_ascii_digit) => {
            let zero = bytes.iter().all(|byte| *byte == b'0');
            zero.then_some(Odd::Zero)
        }
        [b'[', .., b']'] => Some(Odd::Alias(node)),
        [b'A'..=b'Z' | b'a'..=b'z' | b'_', rest @ ..] if rest.iter().all(plain) => None,
        _ => {
            let mut letters = node.chars();
            let first = letters.next();
            let first = first.is_some_and(|first| first.is_alphabetic() || first == '_');
            let fits = |one: char| one.is_alphanumeric() || matches!(one, '_' | '-');
            (!first || !letters.all(fits)).then_some(Odd::Characters(node))
        }
    }
}

impl Odd<'_> {
    /// How much it matters: characters are settled since TR-106 Amendment 7, aliases have to be switched on.
    pub(super) fn severity(
        self,
        seen: &Seen<'_>,
        told: Told,
        standing: &Standing,
    ) -> Option<Severity> {
        Some(match self {
            Self::Zero => Severity::Error,
            Self::Alias(_) => match told.claim.and_then(|claim| claim.aliases) {
                Some(true) => return None,
                _ if seen.version() < Protocol::V1_2 => Severity::Error,
                _ => Severity::Warning,
            },
            Self::Characters(_) => match standing.claimed() {
                Some(version) if settles_characters(version) => Severity::Error,
                _ => Severity::Info,
            },
        })
    }

    pub(super) fn words(self, name: &str) -> String {
        match self {
            Self::Zero => format!("{name} has the instance number 0"),
            Self::Alias(node) => {
                format!("{name} names an instance {node}, and alias-based addressing is not on")
            }
            Self::Characters("") => format!("{name} has an empty node"),
            Self::Characters(node) => format!("{name} has the node {node}"),
        }
    }
}

/// Models of these versions rest on TR-106 Amendment 7, which says what characters a name has.
fn settles_characters(version: Version) -> bool {
    match version.major {
        1 => version.minor >= 14,
        _ => version >= Version::new(2, 7),
    }
}

/// What is wrong with the vendor's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WrongVendor {
    LowerCase,
    NoName,
    OtherCharacters,
}

impl WrongVendor {
    pub(super) fn words(self, prefix: &str) -> String {
        let what = match self {
            Self::LowerCase => "the vendor is not in upper case",
            Self::NoName => "no name follows the vendor",
            Self::OtherCharacters => "the vendor is neither an OUI nor a domain",
        };
        format!("in {prefix} {what}")
    }
}

/// The path up to a vendor that is none. Only the outermost counts: inside a vendor's object no prefix is needed.
pub(super) fn wrong_vendor(name: &str) -> Option<(&str, WrongVendor)> {
    let at = if name.starts_with("X_") {
        0
    } else {
        name.find(".X_")? + 1
    };
    let behind = name.get(at..)?;
    let node = behind.split('.').next()?;
    let why = vendor_form(node)?;
    let rest = node.get(2..)?;
    let vendor = rest.find('_').map_or(rest.len(), |end| end + 1);
    Some((name.get(..at + 2 + vendor)?, why))
}

/// What is wrong with `X_VENDOR_Name`.
pub(super) fn vendor_form(word: &str) -> Option<WrongVendor> {
    let rest = word.strip_prefix("X_")?;
    let (vendor, name) = rest.split_once('_').unwrap_or((rest, ""));
    let other = |one: char| !one.is_ascii_alphanumeric() && one != '-';
    if vendor.is_empty() || vendor.contains(other) {
        return Some(WrongVendor::OtherCharacters);
    }
    if vendor.contains(|one: char| one.is_ascii_lowercase()) {
        return Some(WrongVendor::LowerCase);
    }
    name.is_empty().then_some(WrongVendor::NoName)
}

fn is_writable(entry: &Entry<'_>) -> bool {
    let writable = entry.parameter.element().child("Writable");
    writable.is_some_and(|writable| matches!(writable.text().trim(), "1" | "true"))
}

/// What the data model forbids that Writable promises.
fn forbids(object: &Object<'_>) -> Option<&'static str> {
    match object.place() {
        Place::Table if object.forbids_add() => Some("takes no AddObject"),
        Place::Row if object.forbids_delete() => Some("takes no DeleteObject"),
        Place::Single => Some("is there once"),
        _ => None,
    }
}

/// A service that no document describes may still be the one of TR-104.
fn misplaced(entry: &Entry<'_>, telling: &mut Telling<'_, '_>) {
    misplaced_service(entry, telling);
}

/// VoiceService elsewhere than below Services.
fn misplaced_service(entry: &Entry<'_>, telling: &mut Telling<'_, '_>) -> bool {
    let name = entry.name;
    let Some(at) = name.find(".VoiceService.") else {
        return false;
    };
    let above = name.get(..at).unwrap_or_default();
    if above.strip_suffix(".Services") == Some(entry.root.name()) {
        return false;
    }
    let group = name.get(..at + ".VoiceService.".len()).unwrap_or(name);
    telling.tell_group(&SERVICE_PLACE, entry, group, || {
        format!("{group} stands below {above}")
    });
    true
}

/// A name that no version of the model has.
#[cold]
fn unknown(entry: &Entry<'_>, telling: &mut Telling<'_, '_>) {
    let name = entry.name;
    let meant = || entry.standing.nearest(name);
    // A model newer than those at hand has names of its own; a slip of the keys remains one.
    if entry.standing.is_newer_than_known()
        && !(telling.may_look_for_another() && meant().is_some())
    {
        return;
    }
    let objects = name.match_indices('.').map(|(dot, _)| name.get(..=dot));
    let group = objects.flatten().find(|path| {
        let found = entry.standing.find(path);
        matches!(found, Found::Unknown { .. })
    });
    let group = group.unwrap_or(name);
    telling.tell_group(&UNKNOWN, entry, group, || {
        let root: Cow<'_, str> = match entry.standing.claimed() {
            Some(version) => format!("{}:{}", entry.root.name(), version.major).into(),
            None => entry.root.name().into(),
        };
        let other = standard(entry.root).find(group);
        if matches!(other, Found::Parameter(_) | Found::Object(_)) {
            return format!("{group} is in no version of {root}, only in another of that name");
        }
        match meant() {
            Some(meant) => format!("{group} is in no version of {root}, and {meant} may be meant"),
            None => format!("{group} is in no version of {root}"),
        }
    });
}

/// A name that came into the model after the version that the device claims.
#[cold]
fn too_young(entry: &Entry<'_>, since: Since, telling: &mut Telling<'_, '_>) {
    let name = entry.name;
    let Some(claimed) = entry.standing.claimed() else {
        return;
    };
    let objects = name.match_indices('.').map(|(dot, _)| name.get(..=dot));
    let young = objects.flatten().find(|path| {
        let found = entry.standing.find(path);
        matches!(found, Found::Object(object) if entry.is_too_young(object.since()))
    });
    let group = young.unwrap_or(name);
    telling.tell_group(&UNKNOWN, entry, group, || {
        let first = since.first;
        format!("{group} is not in version {claimed}, which the device claims, but in {first}")
    });
}

/// Characters of a path (TR-106 Amendment 7 section 3.3).
const PATH_MAX: usize = 256;
/// Characters of a path that is too long, as shown.
const PATH_SHOWN: usize = 80;
