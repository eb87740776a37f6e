//! Whether everything that one device was told is in the capture: what is remembered of it holds no longer than that.

use crate::conformance::{Exchange, Seen, SessionFacts};
use crate::session::Side;

/// What was sent and not yet answered.
#[derive(Debug, Default)]
pub(super) struct Continuity {
    /// A request that changes something waits for its answer.
    pending: bool,
}

impl Continuity {
    /// Takes a message in; false where something may have been missed.
    pub(super) fn message(&mut self, seen: &Seen<'_>) -> bool {
        if !seen.is_cwmp() {
            return true;
        }
        let whole = seen.is_whole() && seen.session.is_some_and(SessionFacts::is_whole);
        if seen.from() == Side::Acs {
            let mut methods = seen
                .envelopes()
                .filter_map(|envelope| envelope.message_name());
            self.pending |= methods.any(is_change);
        }
        whole
    }

    /// Takes an answer in; false where a request was never answered, so that nobody knows what it did.
    pub(super) fn exchange(&mut self, exchange: &Exchange<'_>) -> bool {
        let method = exchange.method();
        if method == "Inform" {
            return !std::mem::take(&mut self.pending);
        }
        if is_change(method) {
            self.pending = false;
        }
        true
    }
}

/// Changes parameters, objects, or everything.
fn is_change(method: &str) -> bool {
    matches!(
        method,
        "SetParameterValues"
            | "AddObject"
            | "DeleteObject"
            | "FactoryReset"
            | "Download"
            | "ChangeDUState"
    )
}
