//! What the rules of a session and of its device remember, while they are shown a message.
//!
//! Sessions take turns, and what each remembers is far away by the time its next message comes. Every rule looks for its own part
//! of it; fetched as a whole, in one go, all of it is near at once. So it is brought to one place, and back again behind the message.

use crate::conformance::rules::{self, OfCapture, OfDevice, OfSession};
use crate::conformance::seen::{Asked, Exchange, Seen};
use crate::conformance::{Findings, Topic};

/// The one place.
#[derive(Debug, Default)]
pub(super) struct AtHand {
    session: OfSession,
    device: OfDevice,
}

impl AtHand {
    /// Brings what a session and a device remember here, or takes it back: each changes places with what is there.
    pub(super) fn swap(&mut self, session: &mut OfSession, device: Option<&mut OfDevice>) {
        std::mem::swap(&mut self.session, session);
        if let Some(device) = device {
            std::mem::swap(&mut self.device, device);
        }
    }

    /// Shows a message to every rule, and then what it answers.
    pub(super) fn show(
        &mut self,
        seen: &Seen<'_>,
        answered: &[(Asked, usize)],
        has_device: bool,
        (capture, findings): (&mut OfCapture, &mut Findings),
    ) {
        rules::message(seen, findings);
        self.session.message(seen, findings);
        if has_device {
            self.device.message(seen, findings);
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
            self.session.exchange(&exchange, findings);
            if has_device {
                self.device.exchange(&exchange, findings);
            }
            capture.exchange(&exchange, findings);
        }
    }
}
