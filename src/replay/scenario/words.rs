//! The words that a scenario's TOML writes, and what they mean: one table for reading, writing and the schema.

use ::stun::Form;

use super::{AuthScheme, Class, Fresh, OnUnexpected, Role, Via};

pub(super) const ROLES: [(&str, Role); 2] = [("acs", Role::Acs), ("cpe", Role::Cpe)];

pub(super) const SCHEMES: [(&str, AuthScheme); 2] =
    [("digest", AuthScheme::Digest), ("basic", AuthScheme::Basic)];

pub(super) const FRESH: [(&str, Fresh); 3] = [
    ("uuid", Fresh::Uuid),
    ("now", Fresh::Now),
    ("hex", Fresh::Hex),
];

/// Reading needs no leave.
pub(super) const CLASSES: [(&str, Class); 3] = [
    ("set", Class::Set),
    ("disrupt", Class::Disrupt),
    ("destroy", Class::Destroy),
];

pub(super) const ON_UNEXPECTED: [(&str, OnUnexpected); 4] = [
    ("fail", OnUnexpected::Fail),
    ("fault", OnUnexpected::Fault),
    ("answer", OnUnexpected::Answer),
    ("ignore", OnUnexpected::Ignore),
];

pub(super) const FORMS: [(&str, Form); 2] =
    [("rfc3489", Form::Rfc3489), ("rfc5389", Form::Rfc5389)];

pub(super) const VIA: [(&str, Via); 2] = [("http", Via::Http), ("udp", Via::Udp)];

/// The word for a value; the table has one for each.
pub(super) fn word_of<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    let found = words.iter().find(|(_, known)| *known == value);
    found.map_or("", |(word, _)| *word)
}
