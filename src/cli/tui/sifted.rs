//! A capture of which only what one address sends and gets is read: enough for a session of it, and little beside that.

use std::net::IpAddr;

use crate::source::{Capture, FileFacts, Frame, Frames, Next, Progress, Timestamp};

/// The capture; all of it where no address is named.
pub(super) struct Sifted {
    capture: Capture,
    address: Option<IpAddr>,
    /// Nothing later than this is read.
    until_ns: i64,
}

impl Sifted {
    pub(super) fn new(capture: Capture, address: Option<IpAddr>) -> Self {
        Self {
            capture,
            address,
            until_ns: i64::MAX,
        }
    }

    /// Ends with the first frame that is later than this.
    pub(super) fn until(self, time: Timestamp) -> Self {
        Self {
            until_ns: time.nanoseconds,
            ..self
        }
    }

    /// Back to the whole.
    pub(super) fn into_capture(self) -> Capture {
        self.capture
    }
}

impl Frames for Sifted {
    fn next(&mut self) -> Next<'_> {
        while let Some(frame) = self.capture.next() {
            if frame.time.nanoseconds > self.until_ns {
                return Next::End;
            }
            if self
                .address
                .is_none_or(|address| may_be_of(&frame, address))
            {
                return self.capture.current().map_or(Next::End, Next::Frame);
            }
        }
        Next::End
    }

    fn facts(&self) -> &[FileFacts] {
        self.capture.facts()
    }

    fn progress(&self) -> Progress {
        self.capture.progress()
    }
}

/// Whether a frame is of this address, or does not tell.
fn may_be_of(frame: &Frame<'_>, address: IpAddr) -> bool {
    let Some((link_type, original_length)) = frame.packet() else {
        return true;
    };
    match link::decode(link_type, frame.bytes, original_length) {
        link::Decoded::Ip(packet) => packet.source == address || packet.destination == address,
        _ => true,
    }
}
