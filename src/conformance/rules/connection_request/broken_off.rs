//! A session that the device breaks off because it is asked for a connection.

use std::collections::VecDeque;

use super::sessions_pages::IN_SESSION;
use crate::conformance::{Closed, Findings, Seen, Topic};
use crate::session::{Outcome, Role, Session, Side};
use crate::source::FrameId;

/// The latest Connection Requests of one device.
#[derive(Debug, Default)]
pub struct BrokenOff {
    asked: VecDeque<Asked>,
}

#[derive(Debug)]
struct Asked {
    time_ns: i64,
    frames: Vec<FrameId>,
}

impl Topic for BrokenOff {
    fn message(&mut self, seen: &Seen<'_>, _: &mut Findings) {
        // One without credentials asks for nothing yet.
        if seen.message.role != Role::ConnectionRequest
            || !seen.is_request()
            || seen.message.http.header("Authorization").is_none()
        {
            return;
        }
        if self.asked.len() >= ASKED_MAX {
            self.asked.pop_front();
        }
        let provenance = &seen.message.provenance;
        self.asked.push_back(Asked {
            time_ns: provenance.time.nanoseconds,
            frames: provenance.frames(),
        });
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let session = closed.session;
        if session.gaps > 0 || session.outcome != Outcome::Aborted {
            return;
        }
        let cause = self
            .asked
            .iter()
            .find(|asked| broken_by_cpe(session, asked.time_ns));
        if let Some(asked) = cause {
            let said = "the device breaks its session off when a Connection Request comes";
            let draft = closed.breaks(&IN_SESSION).shown_in(&asked.frames);
            findings.add(draft.because(said));
        }
    }
}

/// The device ended the session's last connection right after this time, during the session.
fn broken_by_cpe(session: &Session, asked_ns: i64) -> bool {
    let Some(ending) = session.endings.first() else {
        return false;
    };
    let after_ns = ending.time.nanoseconds.saturating_sub(asked_ns);
    session.start.nanoseconds <= asked_ns
        && ending.by == Side::Cpe
        && (0..SOON_NS).contains(&after_ns)
}

/// Requests remembered.
const ASKED_MAX: usize = 4;
/// What is done at once.
const SOON_NS: i64 = 2_000_000_000;
