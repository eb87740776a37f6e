//! What the rules of a device remember, while they are shown something, and how they are shown a message.
//!
//! Devices take turns, and what is remembered of each is far away by the time its next message comes. Every rule looks for its own
//! part of it; fetched as a whole, in one go, all of it is near at once. So it is brought to one place, and back again afterwards.

use crate::conformance::rules::{self, OfCapture, OfDevice, OfSession};
use crate::conformance::seen::{Asked, Exchange, Seen};
use crate::conformance::{Findings, Topic};

/// The one place.
#[derive(Debug, Default)]
pub(super) struct AtHand {
    device: OfDevice,
}

impl AtHand {
    /// Works on what is remembered of a device.
    pub(super) fn with(&mut self, device: &mut OfDevice, work: impl FnOnce(&mut OfDevice)) {
        std::mem::swap(&mut self.device, device);
        work(&mut self.device);
        std::mem::swap(&mut self.device, device);
    }
}

/// Shows a message to every rule, and then what it answers.
pub(super) fn show(
    seen: &Seen<'_>,
    answered: &[(Asked, usize)],
    (session, mut device): (&mut OfSession, Option<&mut OfDevice>),
    (capture, findings): (&mut OfCapture, &mut Findings),
) {
    rules::message(seen, findings);
    session.message(seen, findings);
    if let Some(rules) = &mut device {
        rules.message(seen, findings);
    }
    capture.message(seen, findings);
    let answered = answered.iter().filter(|_| seen.is_whole());
    for (asked, envelope) in answered {
        let exchange = Exchange {
            asked,
            answer: *seen,
            envelope: *envelope,
        };
        rules::exchange(&exchange, findings);
        session.exchange(&exchange, findings);
        if let Some(rules) = &mut device {
            rules.exchange(&exchange, findings);
        }
        capture.exchange(&exchange, findings);
    }
}
