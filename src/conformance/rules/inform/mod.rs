//! Inform and its parameters (TR-069 A.3.3.1).

pub(super) mod arguments;
pub(super) mod bootstrap;
mod causes;
mod changes;
mod changes_pages;
mod deleted;
pub(super) mod device_id;
mod forced;
mod key;
mod list;
mod rows;
mod url;

use cwmp::Inform;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Informed, Rule, Seen, Undecidable};
use crate::session::Side;

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    arguments::RULES,
    bootstrap::RULES,
    causes::RULES,
    changes_pages::RULES,
    deleted::RULES,
    device_id::RULES,
    forced::RULES,
    key::RULES,
    list::RULES,
    rows::RULES,
    url::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] =
    &[arguments::look, device_id::look, list::look, url::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] =
    &[bootstrap::refused, device_id::read];

topics! {
    /// What is remembered of one session.
    OfSession {}
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        causes: causes::Causes,
        changes: changes::Changes,
        deleted: deleted::Deleted,
        forced: forced::Forced,
        key: key::Key,
        moved: bootstrap::Moved,
        rows: rows::Rows,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {
        reported: url::Reported,
    }
}

/// The Inform of a message that is whole, when it is sent first: repeated behind a challenge it says the same again.
fn informed_of<'a>(seen: &Seen<'a>) -> Option<&'a Informed<'a>> {
    let informed = seen.informed()?;
    let is_new = seen.from() == Side::Cpe && seen.is_request() && !seen.replay;
    (is_new && seen.is_cwmp() && seen.is_whole()).then_some(informed)
}

/// The same, as the message has it.
fn inform_of<'a>(seen: &Seen<'a>) -> Option<Inform<'a>> {
    informed_of(seen).map(|informed| informed.inform)
}

/// Its EventCodes, without blanks around them.
fn events_of(inform: &Inform<'_>) -> Vec<String> {
    let events = inform.events().into_iter();
    events.map(|event| event.code.trim().to_owned()).collect()
}

/// Whether a message of the ACS accepts the Inform.
fn accepts(seen: &Seen<'_>) -> bool {
    seen.from() == Side::Acs
        && seen.is_cwmp()
        && seen
            .envelopes()
            .any(|envelope| envelope.message_name() == Some("InformResponse"))
}
