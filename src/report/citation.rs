//! What says so, in words.

use crate::session::Cite;

/// `TR-069 Amendment 3 section 3.4.1`.
#[must_use]
pub(super) fn told(cite: &Cite) -> String {
    let mut first = cite.section.chars();
    let is_number = match (first.next(), first.next()) {
        (Some(one), _) if one.is_ascii_digit() => true,
        // Sections of annexes: `A.3.2.1`.
        (Some(one), Some('.')) => one.is_ascii_uppercase(),
        _ => false,
    };
    match cite.section {
        "" => cite.document.to_owned(),
        section if is_number => format!("{} section {section}", cite.document),
        section => format!("{} {section}", cite.document),
    }
}
