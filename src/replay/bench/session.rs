//! One session of one device, as far as an ACS has to know it.

use std::net::IpAddr;
use std::time::Duration;

use super::order::Order;
use super::tongue::Tongue;
use crate::replay::action::{ConnectionId, Now};
use crate::replay::player::cookies::Jar;

/// A session.
pub(super) struct Session {
    pub(super) number: u32,
    pub(super) device: String,
    /// Where its Inform came from: a cookie that comes from elsewhere is not its.
    pub(super) address: IpAddr,
    /// What it was given, and has to bring back.
    pub(super) jar: Jar,
    pub(super) tongue: Tongue,
    /// Of its last message.
    pub(super) connection: ConnectionId,
    pub(super) state: State,
    /// What it was asked and has not answered.
    pub(super) asked: Option<Asked>,
    pub(super) began: Now,
    /// When its last message came.
    pub(super) last: Now,
    /// Since when it has no connection; it may come back on another.
    pub(super) left: Option<Now>,
    pub(super) messages: u32,
    /// Why it ended otherwise than sessions end.
    pub(super) why: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    /// Since then; its connections are given a moment to end.
    Over(Now),
}

/// A request of ours.
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) order: Order,
    /// Behind so many messages of its session.
    pub(super) behind: u32,
}

impl Session {
    /// Takes back what the last message of the device was answered with, where that is a request.
    pub(super) fn take_just_asked(&mut self) -> Option<Asked> {
        let messages = self.messages;
        self.asked.take_if(|asked| asked.behind == messages)
    }

    /// When it is looked at again: it was silent for too long, or went on for too long, or has lingered enough.
    pub(super) fn ends_at(&self, silence: Duration) -> Now {
        match self.state {
            State::Open => {
                let silent = self.last.saturating_add(silence);
                let gone = self
                    .left
                    .map_or(Now::MAX, |at| at.saturating_add(RETURN_MAX));
                silent.min(gone).min(self.began.saturating_add(SESSION_MAX))
            }
            State::Over(at) => at.saturating_add(LINGER),
        }
    }
}

/// For a device to close its connection behind the end of its session.
const LINGER: Duration = Duration::from_secs(2);
/// For a device without a connection to go on over another.
const RETURN_MAX: Duration = Duration::from_secs(5);
/// The longest session; a device that talks for longer is cut off.
const SESSION_MAX: Duration = Duration::from_secs(3600);
