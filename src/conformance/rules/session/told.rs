//! Values of ManagementServer that a request and its answer tell: read, or set and agreed to.

use crate::conformance::Exchange;
use crate::session::Side;

/// Gives each value whose name has this mark in it: the name behind `ManagementServer.`, the value, and whether it was set.
pub(super) fn each(exchange: &Exchange<'_>, mark: &str, mut take: impl FnMut(&str, &str, bool)) {
    if exchange.answer.from() != Side::Cpe || exchange.is_fault() {
        return;
    }
    let (envelope, set) = match exchange.method() {
        "GetParameterValues" => (exchange.response(), false),
        "SetParameterValues" => (exchange.request(), true),
        _ => return,
    };
    let Some(envelope) = envelope else { return };
    // Most messages cost no more than this search.
    if !envelope.document().may_hold(mark.as_bytes()) {
        return;
    }
    for parameter in envelope.parameters() {
        let name = parameter.name();
        if let Some((_, name)) = name.rsplit_once(".ManagementServer.") {
            let value = parameter.value().unwrap_or_default();
            take(name, value.trim(), set);
        }
    }
}
