//! Several items in one value, separated by commas (TR-106 section 3.2.3).

use crate::model::{Base, Syntax};
use crate::session::Severity;

/// How a list is not written as one.
pub(super) fn flaw(value: &str, syntax: &Syntax) -> Option<(Severity, &'static str)> {
    let list = syntax.list.as_ref()?;
    if list.nested || value.contains(['[', '(', '{', '"']) {
        return None;
    }
    let value = value.trim();
    // A list of which an item may be empty may end in one.
    if syntax.enumeration.iter().any(|one| one.value.is_empty()) {
        return None;
    }
    if value.ends_with(',') {
        return Some((Severity::Error, "a comma stands at its end"));
    }
    if value.split(',').any(|item| item.trim().is_empty()) {
        return Some((Severity::Warning, "an item is empty"));
    }
    let blank = |item: &str| item.trim().contains([' ', '\t', '\n', ';']);
    if has_no_blanks(syntax) && value.split(',').any(blank) {
        return Some((Severity::Error, "items are not separated by commas"));
    }
    None
}

/// Items of this type never have blanks or semicolons in them.
fn has_no_blanks(syntax: &Syntax) -> bool {
    let numeric = matches!(
        syntax.base,
        Base::Int | Base::UnsignedInt | Base::Long | Base::UnsignedLong | Base::Boolean
    );
    let addresses = matches!(
        syntax.data_type.as_deref(),
        Some("IPAddress" | "IPv4Address" | "IPv6Address" | "MACAddress")
    );
    numeric || addresses
}
