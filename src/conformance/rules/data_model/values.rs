//! What values look like beyond their type and range: addresses, lists, enumerations, aliases, paths.

use super::pages::{
    ALIAS, DEFAULT_LENGTH, ENUMERATION, LIST, MAC, PATH_DOT, UNSPECIFIED, VENDOR_VALUE,
};
use super::walk::{Entry, Source, Telling};
use super::{list, names, summary};
use crate::conformance::Rule;
use crate::conformance::standing::{has_dot_at_end, is_path};
use crate::model::{Base, Facts, Misfit, Parameter, Syntax};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &VENDOR_VALUE,
    &LIST,
    &PATH_DOT,
    &ALIAS,
    &DEFAULT_LENGTH,
    &ENUMERATION,
    &MAC,
    &UNSPECIFIED,
];

/// Looks at the value of a known parameter, unless that is right at a glance (`conformance::glance`).
pub(super) fn look(
    entry: &Entry<'_>,
    known: &Parameter<'_>,
    value: &str,
    telling: &mut Telling<'_, '_>,
) {
    let value = value.trim();
    let syntax = &known.newest().syntax;
    if is_typed(known, "Alias") {
        alias(entry, value, telling);
        return;
    }
    // Hidden values are those of CWMP-GPV-008.
    if value.is_empty() || entry.standing.is_hidden(known, entry.name) {
        return;
    }
    if !syntax.enumeration.is_empty() {
        enumerated(entry, known, value, telling);
    }
    if known.always(|facts| facts.syntax.list.is_some())
        && let Some((most, what)) = list::flaw(value, syntax)
    {
        telling.tell(&LIST, entry.at_value(), entry.name, most, || {
            let shown = shown(entry, known, value);
            format!("in the list {}{shown} {what}", entry.name)
        });
        return;
    }
    if telling.source != Source::Set {
        reported(entry, known, value, telling);
    }
}

/// What is asked of the device alone.
fn reported(entry: &Entry<'_>, known: &Parameter<'_>, value: &str, telling: &mut Telling<'_, '_>) {
    let syntax = &known.newest().syntax;
    let name = entry.name;
    if known.name() == "DeviceSummary" {
        summary::look(entry, value, telling);
        return;
    }
    if is_path(known).is_some() && has_dot_at_end(value) {
        telling.tell(&PATH_DOT, entry.at_value(), name, Severity::Error, || {
            format!("{name} is the path {}", cut(value))
        });
    }
    if is_typed(known, "MACAddress") {
        mac(entry, known, value, telling);
    }
    // TR-098 and TR-106 call DefaultGateway an IP address in words, and give it the type of a string.
    let is_address = is_typed(known, "IPAddress")
        || is_typed(known, "IPv4Address")
        || known.name() == "DefaultGateway";
    if is_address && value == "0.0.0.0" && syntax.list.is_none() && !means_any(known.name()) {
        telling.tell(
            &UNSPECIFIED,
            entry.at_value(),
            name,
            Severity::Error,
            || format!("{name} is 0.0.0.0"),
        );
    }
    let length = value.chars().count();
    // Addresses, URLs and identifiers have a form that says how long they are.
    let is_plain = length > DEFAULT_MAX && !value.contains([':', '/', '@']);
    if is_plain && !entry.standing.is_given(known) && known.always(has_default_length) {
        telling.tell(
            &DEFAULT_LENGTH,
            entry.at_value(),
            name,
            Severity::Error,
            || format!("{name} has {length} characters, and the model names no length"),
        );
    }
}

/// The newest version of the model gives this type.
fn is_typed(known: &Parameter<'_>, data_type: &str) -> bool {
    known.newest().syntax.data_type.as_deref() == Some(data_type)
}

fn enumerated(
    entry: &Entry<'_>,
    known: &Parameter<'_>,
    value: &str,
    telling: &mut Telling<'_, '_>,
) {
    let syntax = &known.newest().syntax;
    let name = entry.name;
    for word in items(syntax, value).filter(|word| word.starts_with("X_")) {
        if let Some(what) = wrong_word(word) {
            let most = if telling.source == Source::Set {
                Severity::Warning
            } else {
                Severity::Error
            };
            telling.tell(&VENDOR_VALUE, entry.at_value(), name, most, || {
                format!("{name} has the value {}, in which {what}", cut(word))
            });
            return;
        }
    }
    // What is wrong with a diagnostic is told of the diagnostic, and what is set is judged by the answer.
    if telling.source == Source::Set || known.name() == "DiagnosticsState" {
        return;
    }
    let Some(Misfit::NotEnumerated { meant }) = known.misfit(value) else {
        return;
    };
    let Some(most) = certainty(entry, known, value) else {
        return;
    };
    telling.tell(&ENUMERATION, entry.at_value(), name, most, || {
        let shown = shown(entry, known, value);
        match meant {
            Some(meant) => {
                format!("{name} has the value{shown}, which is written {meant} in the data model")
            }
            None => format!("{name} has the value{shown}, which the data model does not list"),
        }
    });
}

/// How sure it is that no version of the model lists a value; none where the device may have a newer one.
fn certainty(entry: &Entry<'_>, known: &Parameter<'_>, value: &str) -> Option<Severity> {
    let standing = &entry.standing;
    if standing.is_given(known) {
        return Some(Severity::Error);
    }
    if standing.is_newer_than_known() {
        return None;
    }
    let Some(version) = standing.version() else {
        return Some(Severity::Warning);
    };
    known.at(version).syntax.misfit(value)?;
    // Nothing says which version of a service a device has.
    let service = known.document().is_some_and(|document| document.is_service);
    Some(if service {
        Severity::Warning
    } else {
        Severity::Error
    })
}

/// The items of a list, or the one value.
fn items<'v>(syntax: &Syntax, value: &'v str) -> impl Iterator<Item = &'v str> {
    let list = syntax.list.is_some();
    value.split(move |one| list && one == ',').map(str::trim)
}

/// What is wrong with a vendor's own word in an enumeration.
fn wrong_word(word: &str) -> Option<&'static str> {
    if word.chars().count() > WORD_MAX {
        return Some("there are more than 31 characters");
    }
    let wrong = names::vendor_form(word)?;
    Some(match wrong {
        names::WrongVendor::LowerCase => "the vendor is not in upper case",
        names::WrongVendor::NoName => "no word follows the vendor",
        names::WrongVendor::OtherCharacters => "the vendor is neither an OUI nor a domain",
    })
}

fn mac(entry: &Entry<'_>, known: &Parameter<'_>, value: &str, telling: &mut Telling<'_, '_>) {
    let syntax = &known.newest().syntax;
    // Some became addresses in a later version.
    let is_mac_in = |version| is_mac_type(known.at(version));
    if entry.standing.version().is_some_and(|now| !is_mac_in(now)) {
        return;
    }
    let wrong = items(syntax, value).find(|item| !item.is_empty() && !is_mac(item));
    let Some(wrong) = wrong else {
        return;
    };
    let most = if known.always(is_mac_type) {
        Severity::Error
    } else {
        Severity::Warning
    };
    let name = entry.name;
    telling.tell(&MAC, entry.at_value(), name, most, || {
        format!("{name} has the value{}", shown(entry, known, wrong))
    });
}

fn is_mac_type(facts: &Facts) -> bool {
    facts.syntax.data_type.as_deref() == Some("MACAddress")
}

/// Six pairs of hexadecimal digits with colons between them.
fn is_mac(value: &str) -> bool {
    let bytes = value.as_bytes();
    let fits = |(at, byte): (usize, &u8)| {
        if at % 3 == 2 {
            *byte == b':'
        } else {
            byte.is_ascii_hexdigit()
        }
    };
    bytes.len() == 17 && bytes.iter().enumerate().all(fits)
}

/// An alias, whoever gives it.
fn alias(entry: &Entry<'_>, value: &str, telling: &mut Telling<'_, '_>) {
    use cwmp::schema::Version;
    let claim = entry.told.claim.and_then(|claim| claim.aliases);
    let in_use = claim == Some(true);
    if !in_use && telling.seen.version() < Version::V1_2 {
        return;
    }
    let most = if in_use {
        Severity::Error
    } else {
        Severity::Warning
    };
    let name = entry.name;
    let other = |one: char| !one.is_ascii_alphanumeric() && one != '_' && one != '-';
    let (most, what) = if value.is_empty() {
        if !in_use {
            return;
        }
        (most, "is empty".to_owned())
    } else if value.len() > ALIAS_MAX {
        (most, format!("has {} characters", value.chars().count()))
    } else if !value.starts_with(|first: char| first.is_ascii_alphabetic()) {
        (
            most,
            format!("is {}, which begins with no letter", cut(value)),
        )
    } else if value.contains(other) {
        let what = format!(
            "is {}, which has other characters than letters, digits, _ and -",
            cut(value)
        );
        (Severity::Warning, what)
    } else if in_use && telling.source != Source::Set && is_unmarked(entry, value, telling) {
        let what = format!(
            "is {}, which the device chose, and begins not with cpe-",
            cut(value)
        );
        (Severity::Warning, what)
    } else {
        return;
    };
    telling.tell(&ALIAS, entry.at_value(), name, most, || {
        format!("{name} {what}")
    });
}

/// The device has chosen it, as far as can be known: it calls for the first time, and nobody has named anything.
fn is_unmarked(entry: &Entry<'_>, value: &str, telling: &Telling<'_, '_>) -> bool {
    if value.starts_with("cpe-") || entry.acs_names {
        return false;
    }
    let Some(session) = telling.seen.session.filter(|session| session.is_whole()) else {
        return false;
    };
    let events = session.events();
    events.iter().any(|(code, _)| code.trim() == "0 BOOTSTRAP")
}

/// A string of which nothing says how long it may be.
fn has_default_length(facts: &Facts) -> bool {
    let syntax = &facts.syntax;
    syntax.base == Base::String
        && syntax.data_type.is_none()
        && syntax.list.is_none()
        && syntax.sizes.is_empty()
        && syntax.enumeration.is_empty()
        && syntax.patterns.is_empty()
        && syntax.reference.is_none()
        && !facts.secured
}

/// Of these parameters the definition gives 0.0.0.0 a meaning (TR-098, Layer3Forwarding).
fn means_any(name: &str) -> bool {
    matches!(
        name,
        "DestIPAddress"
            | "DestSubnetMask"
            | "DestMask"
            | "SourceIPAddress"
            | "SourceSubnetMask"
            | "SourceMask"
    )
}

/// A value with a blank before it, as a finding shows it; nothing of one that may be secret.
fn shown(entry: &Entry<'_>, known: &Parameter<'_>, value: &str) -> String {
    if entry.standing.is_secret(known, entry.name) {
        return String::new();
    }
    format!(" '{}'", cut(value))
}

fn cut(value: &str) -> &str {
    let end = value.char_indices().nth(SHOWN_MAX);
    end.map_or(value, |(end, _)| value.get(..end).unwrap_or(value))
}

/// The longest string where nothing says how long it may be (TR-106 Amendment 7 section 3.2.6).
const DEFAULT_MAX: usize = 16;
/// The longest word of a vendor in an enumeration (TR-106 Amendment 7 section 3.3).
const WORD_MAX: usize = 31;
/// The longest alias.
const ALIAS_MAX: usize = 64;
/// Characters of a value that are shown.
const SHOWN_MAX: usize = 60;
