//! The envelope: XML, SOAP 1.1, headers, types (TR-069 3.5; the schemas).

mod alike;
mod answer;
mod arguments;
mod array;
mod array_pages;
mod document;
mod header;
mod identifier;
mod shape;
mod specific;
pub(super) mod time;
mod types;
mod value_pages;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    document::RULES,
    arguments::RULES,
    array_pages::RULES,
    value_pages::RULES,
    header::RULES,
    identifier::RULES,
    answer::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] =
    &[document::look, header::look, arguments::look, answer::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] =
    &[identifier::exchange, answer::exchange];

topics! {
    /// What is remembered of one session.
    OfSession {
        identifiers: identifier::Identifiers,
    }
}

topics! {
    /// What is remembered of one device.
    OfDevice {}
}

topics! {
    /// What is remembered of the capture.
    OfCapture {}
}

/// Whether a request is as the schema has it.
pub(super) fn is_clean(request: &cwmp::EnvelopeRef<'_>, version: cwmp::schema::Version) -> bool {
    !document::is_tangled(request.document()) && shape::departures(request, version).is_empty()
}
