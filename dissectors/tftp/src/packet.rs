//! One datagram.

use crate::request::{Options, Request, text};

/// What a datagram says (RFC 1350 section 5, RFC 2347).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// RRQ or WRQ.
    Request(Request<'a>),
    /// DATA.
    Data {
        /// Its number, which begins at 1 and goes round.
        block: u16,
        /// Its contents, as far as the capture kept them.
        data: &'a [u8],
        /// Bytes of its contents on the wire.
        data_bytes: usize,
    },
    /// ACK.
    Acknowledgement {
        /// The block that it acknowledges; 0 for a write request.
        block: u16,
    },
    /// ERROR.
    Error {
        /// See [`error_name`].
        code: u16,
        /// In words, without NUL.
        text: &'a [u8],
    },
    /// OACK.
    OptionAcknowledgement(Options<'a>),
}

impl<'a> Packet<'a> {
    /// Reads a payload that was `wire_bytes` long on the wire.
    ///
    /// Only requests have a shape of their own: the rest is TFTP where a request went before, which a [`crate::Tracker`] knows.
    pub fn parse(payload: &'a [u8], wire_bytes: usize) -> Option<Self> {
        let (opcode, rest) = payload.split_first_chunk::<2>()?;
        match opcode {
            [0, 1 | 2] => Request::parse(payload).map(Self::Request),
            [0, 3] => {
                let (block, data) = rest.split_first_chunk::<2>()?;
                Some(Self::Data {
                    block: u16::from_be_bytes(*block),
                    data,
                    data_bytes: wire_bytes.max(payload.len()).saturating_sub(HEAD_BYTES),
                })
            }
            [0, 4] => {
                let (block, _) = rest.split_first_chunk::<2>()?;
                let block = u16::from_be_bytes(*block);
                Some(Self::Acknowledgement { block })
            }
            [0, 5] => {
                let (code, words) = rest.split_first_chunk::<2>()?;
                Some(Self::Error {
                    code: u16::from_be_bytes(*code),
                    text: text(words).map_or(words, |(text, _)| text),
                })
            }
            [0, 6] => Some(Self::OptionAcknowledgement(Options { bytes: rest })),
            _ => None,
        }
    }
}

/// A code's name in RFC 1350 appendix and RFC 2347: `file-not-found`.
pub fn error_name(code: u16) -> &'static str {
    match code {
        0 => "not-defined",
        1 => "file-not-found",
        2 => "access-violation",
        3 => "disk-full",
        4 => "illegal-operation",
        5 => "unknown-transfer-id",
        6 => "file-already-exists",
        7 => "no-such-user",
        8 => "options-refused",
        _ => "other",
    }
}

/// Opcode and block.
const HEAD_BYTES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind() {
        let data = Packet::parse(b"\x00\x03\x00\x07abc", 516);
        let expected = Packet::Data {
            block: 7,
            data: b"abc",
            data_bytes: 512,
        };
        assert_eq!(data, Some(expected));
        let acknowledgement = Packet::parse(b"\x00\x04\x00\x07", 4);
        assert_eq!(acknowledgement, Some(Packet::Acknowledgement { block: 7 }));
        let error = Packet::parse(b"\x00\x05\x00\x01File not found\x00", 19);
        let expected = Packet::Error {
            code: 1,
            text: b"File not found",
        };
        assert_eq!(error, Some(expected));
        let Some(Packet::OptionAcknowledgement(options)) =
            Packet::parse(b"\x00\x06tsize\x002345\x00", 13)
        else {
            panic!("it is one");
        };
        assert_eq!(options.transfer_size_bytes(), Some(2345));
        for other in [
            &b"\x00\x07"[..],
            b"\x01\x03\x00\x01",
            b"\x00\x03\x00",
            b"\x00",
        ] {
            assert_eq!(Packet::parse(other, other.len()), None);
        }
    }
}
