//! Values of what came of a Connection Request.

use super::value::Ask;
use crate::filter::names::{Explained, Field};
use crate::session::{CameOf, Reason};

/// Of a message that may be part of one.
pub(super) fn of_came_of(came_of: Option<&CameOf>, field: Field, ask: &mut Ask<'_>) -> bool {
    let Some(came_of) = came_of else {
        return false;
    };
    match field {
        Field::Result => ask.text(came_of.result.name()),
        Field::Reasons(part) => of_reasons(&came_of.reasons, part, ask),
        _ => false,
    }
}

/// Of what explains it.
pub(super) fn of_reasons(reasons: &[Reason], part: Explained, ask: &mut Ask<'_>) -> bool {
    reasons.iter().any(|reason| of_reason(reason, part, ask))
}

fn of_reason(reason: &Reason, part: Explained, ask: &mut Ask<'_>) -> bool {
    match (part, reason) {
        (Explained::Name, reason) => ask.text(reason.name()),
        (
            Explained::Expected,
            Reason::WrongAddress { expected } | Reason::WrongSource { expected },
        ) => ask.text(&expected.to_string()),
        (Explained::Reported, Reason::WrongUrl { reported }) => ask.text(reported),
        (Explained::Previous, Reason::StaleTimestamp { previous }) => ask.text(previous),
        (Explained::SilenceMs, Reason::BindingExpired { silence_ms }) => ask.whole(*silence_ms),
        (Explained::Anomalies, Reason::BentForm { anomalies }) => {
            anomalies.iter().any(|odd| ask.text(odd))
        }
        (Explained::Session, Reason::InSession { session } | Reason::OtherEvent { session }) => {
            ask.whole(*session)
        }
        (Explained::Says, Reason::Unreachable { says, .. }) => ask.text(says),
        (Explained::By, Reason::Unreachable { by, .. }) => ask.text(&by.to_string()),
        (Explained::Status, Reason::Status { status }) => ask.whole(*status),
        (Explained::AfterMs, Reason::CaptureEnds { after_ms }) => ask.whole(*after_ms),
        _ => false,
    }
}
