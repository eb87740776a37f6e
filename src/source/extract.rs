//! Frames of captures as a pcapng of their own: bytes, times and lengths as they were captured, an interface for each link
//! layer. Not for what was never a packet: blocks of transcripts are left to transcripts.

use super::{Content, Frame, Secret, written};

/// Writes frames; which link layer has which interface is remembered.
#[derive(Debug, Default)]
pub struct Extract {
    /// Link layers, in the order of their interfaces.
    interfaces: Vec<u16>,
    frames: u64,
}

impl Extract {
    /// The beginning of the file.
    #[must_use]
    pub fn header() -> Vec<u8> {
        let mut out = Vec::new();
        written::section(None, &mut out);
        out
    }

    /// What opens TLS in the frames behind it.
    pub fn secret(secret: &Secret, out: &mut Vec<u8>) {
        written::secrets(secret.kind, &secret.bytes, out);
    }

    /// A frame; false where it is no packet.
    pub fn frame(&mut self, frame: &Frame<'_>, out: &mut Vec<u8>) -> bool {
        let Content::Packet {
            link_type,
            original_length,
        } = frame.content
        else {
            return false;
        };
        let known = self
            .interfaces
            .iter()
            .position(|known| *known == link_type.0);
        let interface = known.unwrap_or_else(|| self.interface(link_type.0, out));
        written::packet(
            interface as u32,
            frame.time,
            original_length,
            frame.bytes,
            out,
        );
        self.frames += 1;
        true
    }

    /// Frames written so far.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames
    }

    fn interface(&mut self, link_type: u16, out: &mut Vec<u8>) -> usize {
        written::interface(link_type, 0, &[], out);
        self.interfaces.push(link_type);
        self.interfaces.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use link::LinkType;

    use super::Extract;
    use crate::source::{Capture, Content, Frame, FrameId, Timestamp};

    #[test]
    fn frames_are_read_back_as_they_were() {
        let mut out = Extract::header();
        let mut extract = Extract::default();
        let frames = [
            (LinkType::ETHERNET, 5_u32),
            (LinkType::RAW, 3),
            (LinkType::ETHERNET, 9),
        ];
        for (number, (link_type, original_length)) in (1_i64..).zip(frames) {
            let frame = Frame {
                id: FrameId::new(0, 7),
                time: Timestamp {
                    nanoseconds: 1_700_000_000_000_000_000 + number,
                    digits: 6,
                },
                content: Content::Packet {
                    link_type,
                    original_length,
                },
                bytes: &[1, 2, 3],
                buffer: None,
                secrets: &[],
            };
            assert!(extract.frame(&frame, &mut out));
        }
        assert_eq!(extract.frames(), 3);
        let mut capture = Capture::from_reader("kept", Cursor::new(out)).expect("it is a pcapng");
        for (number, expected) in (1_i64..).zip(frames) {
            let frame = capture.next().expect("the frame is there");
            assert_eq!(frame.packet(), Some(expected));
            assert_eq!(frame.bytes, [1, 2, 3]);
            assert_eq!(frame.time.nanoseconds, 1_700_000_000_000_000_000 + number);
        }
        assert!(capture.next().is_none() && capture.problems().is_empty());
    }
}
