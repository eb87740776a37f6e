//! RC4 with a MAC beside it, and suites that do not encipher at all (RFC 5246 section 6.2.3.1).

use rc4::consts::U16;
use rc4::{KeyInit, Rc4, StreamCipher};

use super::{Material, RecordMac, Sealed};
use crate::suite::Bulk;

/// A key stream, or none, with its MAC.
pub(crate) struct Stream {
    key_stream: KeyStream,
    mac: RecordMac,
}

enum KeyStream {
    Rc4(Box<Rc4<U16>>),
    Null,
    /// Where it stands is not known.
    Lost,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Stream")
    }
}

impl Stream {
    pub(crate) fn new(material: &Material<'_>) -> Option<Self> {
        let key_stream = match material.protection.bulk {
            Bulk::Rc4 => KeyStream::Rc4(Box::new(Rc4::new_from_slice(material.key).ok()?)),
            Bulk::Null => KeyStream::Null,
            _ => return None,
        };
        let mac = RecordMac::new(material)?;
        Some(Self { key_stream, mac })
    }

    /// To be called once a record: the key stream moves on.
    pub(crate) fn open(
        &mut self,
        sequence: u64,
        sealed: Sealed<'_>,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        out.extend_from_slice(sealed.body);
        match &mut self.key_stream {
            KeyStream::Rc4(rc4) => rc4.apply_keystream(out),
            KeyStream::Null => {}
            KeyStream::Lost => return None,
        }
        let length = out.len().checked_sub(self.mac.bytes())?;
        let (content, mac) = out.split_at_checked(length)?;
        let holds = self.mac.holds(sequence, sealed, content, mac);
        out.truncate(length);
        holds.then_some(())
    }

    /// Moves on over a record that is missing.
    pub(crate) fn miss(&mut self, body_bytes: usize) {
        if let KeyStream::Rc4(rc4) = &mut self.key_stream {
            let mut nothing = [0; 256];
            let mut left = body_bytes.min(1 << 16);
            while left > 0 {
                let count = left.min(nothing.len());
                rc4.apply_keystream(nothing.get_mut(..count).unwrap_or_default());
                left -= count;
            }
        }
    }

    pub(crate) fn lose(&mut self) {
        if matches!(self.key_stream, KeyStream::Rc4(_)) {
            self.key_stream = KeyStream::Lost;
        }
    }

    /// May more than one number be tried for a record?
    pub(crate) fn can_try(&self) -> bool {
        matches!(self.key_stream, KeyStream::Null)
    }

    pub(crate) fn is_ready(&self) -> bool {
        !matches!(self.key_stream, KeyStream::Lost)
    }
}
