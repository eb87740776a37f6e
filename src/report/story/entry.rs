//! One entry of a story.

use super::limits::FRAMES_MAX;
use crate::session::ConnectionRequestResult;
use crate::source::{FrameId, Timestamp};

/// Something that happened to a device, in one sentence.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When it began.
    pub time: Timestamp,
    /// The frames that show it.
    pub frames: Frames,
    /// What it was.
    pub kind: EntryKind,
    /// The sentence, safe to print and free of secrets.
    pub text: String,
    /// The session that it is, or that belongs to it.
    pub session: Option<u32>,
    /// Of a Connection Request: what came of it.
    pub result: Option<ConnectionRequestResult>,
    /// Of a Connection Request: what explains that, by name.
    pub reasons: Vec<&'static str>,
}

impl Entry {
    pub(super) fn new(time: Timestamp, kind: EntryKind, frames: Frames, text: String) -> Self {
        Self {
            time,
            frames,
            kind,
            text,
            session: None,
            result: None,
            reasons: Vec::new(),
        }
    }

    pub(super) fn of_session(self, session: u32) -> Self {
        Self {
            session: Some(session),
            ..self
        }
    }
}

/// What an entry tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// An exchange of DHCP.
    Dhcp,
    /// The NAT gave the binding another address.
    BindingMoved,
    /// A stretch of STUN Binding Requests.
    Binding,
    /// Requests that ask whether a binding still stands.
    Probe,
    /// A Connection Request.
    ConnectionRequest,
    /// A session.
    Session,
    /// What the device told of how it is reached.
    Reported,
    /// What the ACS set of that.
    Set,
    /// A file that moved.
    Transfer,
    /// Lightweight notifications.
    Notification,
    /// A session of its gateway.
    Gateway,
    /// Its row in a gateway's ManageableDevice table.
    ManageableDevice,
    /// A port that its gateway maps to it.
    PortMapping,
    /// What of the story is left out.
    Remark,
}

impl EntryKind {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dhcp => "dhcp",
            Self::Binding => "binding",
            Self::BindingMoved => "binding_moved",
            Self::Probe => "probe",
            Self::ConnectionRequest => "connection_request",
            Self::Session => "session",
            Self::Reported => "reported",
            Self::Set => "set",
            Self::Transfer => "transfer",
            Self::Notification => "notification",
            Self::Gateway => "gateway",
            Self::ManageableDevice => "manageable_device",
            Self::PortMapping => "port_mapping",
            Self::Remark => "remark",
        }
    }
}

/// The frames of an entry: the first ones, and the last of all.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    first: Vec<FrameId>,
    last: Option<FrameId>,
    count: u64,
}

impl Frames {
    pub(super) fn of<'f>(frames: impl IntoIterator<Item = &'f FrameId>) -> Self {
        let mut all = Self::default();
        all.add(frames);
        all
    }

    /// Adds frames, which come in order.
    pub(super) fn add<'f>(&mut self, frames: impl IntoIterator<Item = &'f FrameId>) {
        for frame in frames {
            if self.last.or(self.first.last().copied()) == Some(*frame) {
                continue;
            }
            self.count += 1;
            if self.first.len() < FRAMES_MAX {
                self.first.push(*frame);
            } else {
                self.last = Some(*frame);
            }
        }
    }

    /// Those that are kept.
    #[must_use]
    pub fn listed(&self) -> Vec<FrameId> {
        self.first.iter().copied().chain(self.last).collect()
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frames_and_the_last() {
        let of = |number| FrameId::new(0, number);
        let mut frames = Frames::of(&[of(1), of(1), of(2)]);
        assert_eq!((frames.listed(), frames.count()), (vec![of(1), of(2)], 2));
        let many: Vec<FrameId> = (3..=1000).map(of).collect();
        frames.add(&many);
        assert_eq!(frames.count(), 1000);
        assert_eq!(frames.listed().len(), FRAMES_MAX + 1);
        assert_eq!(frames.listed().last(), Some(&of(1000)));
    }
}
