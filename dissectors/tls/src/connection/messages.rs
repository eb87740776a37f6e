//! Handshake messages out of records: put together where they are cut, taken apart where several stand in one.

/// The open handshake message of one direction.
#[derive(Debug, Default)]
pub(super) struct Messages {
    bytes: Vec<u8>,
    /// Offset of the record in which the open message begins.
    offset: u64,
    /// Bytes of a message beyond the bound that are still to come.
    skip_bytes: usize,
    /// Bytes are missing: a record may begin in the midst of a message.
    is_unsure: bool,
}

/// What the front of the bytes is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A whole message, with its head of four bytes.
    Message {
        offset: u64,
        bytes: Vec<u8>,
    },
    /// One beyond the bound, which is passed over.
    TooLong {
        offset: u64,
    },
    More,
}

impl Messages {
    /// Takes the content of a record.
    pub(super) fn take(&mut self, content: &[u8], offset: u64) {
        let skipped = self.skip_bytes.min(content.len());
        self.skip_bytes -= skipped;
        let content = content.get(skipped..).unwrap_or_default();
        if self.bytes.is_empty() {
            if self.is_unsure && !begins_message(content) {
                return;
            }
            self.is_unsure = false;
            self.offset = offset;
        }
        self.bytes.extend_from_slice(content);
    }

    /// The next message; to be asked until there is no more.
    pub(super) fn next(&mut self, bytes_max: usize) -> Next {
        let [_, high, middle, low, ..] = self.bytes.as_slice() else {
            return Next::More;
        };
        let length = u32::from_be_bytes([0, *high, *middle, *low]);
        let whole = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .saturating_add(4);
        let offset = self.offset;
        if whole > bytes_max {
            let here = whole.min(self.bytes.len());
            self.skip_bytes = whole - here;
            self.bytes.drain(..here);
            return Next::TooLong { offset };
        }
        if self.bytes.len() < whole {
            return Next::More;
        }
        let rest = self.bytes.split_off(whole);
        let bytes = std::mem::replace(&mut self.bytes, rest);
        Next::Message { offset, bytes }
    }

    /// Does a message stand open?
    pub(super) fn is_open(&self) -> bool {
        !self.bytes.is_empty() || self.skip_bytes > 0
    }

    /// Bytes are missing: the open message will not be whole.
    pub(super) fn lose(&mut self) {
        self.bytes = Vec::new();
        self.skip_bytes = 0;
        self.is_unsure = true;
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.bytes.capacity()
    }
}

/// Does a record that holds this likely begin with a message?
fn begins_message(content: &[u8]) -> bool {
    match content {
        [kind, 0, middle, low, rest @ ..] => {
            *kind <= 24 && usize::from(u16::from_be_bytes([*middle, *low])) <= rest.len()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_do_not_depend_on_the_records() {
        let all = [1, 0, 0, 2, 7, 8, 2, 0, 0, 0, 3, 0, 0, 1, 9];
        for cut in 0..=all.len() {
            let mut messages = Messages::default();
            let mut found = Vec::new();
            for piece in [&all[..cut], &all[cut..]] {
                messages.take(piece, 5);
                while let Next::Message { bytes, .. } = messages.next(100) {
                    found.push(bytes);
                }
            }
            assert_eq!(
                found,
                [
                    vec![1, 0, 0, 2, 7, 8],
                    vec![2, 0, 0, 0],
                    vec![3, 0, 0, 1, 9]
                ]
            );
            assert!(!messages.is_open());
        }
    }

    #[test]
    fn one_beyond_the_bound_is_passed_over() {
        let mut messages = Messages::default();
        messages.take(&[11, 0, 1, 0, 1, 2, 3], 40);
        assert_eq!(messages.next(100), Next::TooLong { offset: 40 });
        messages.take(&[0; 253], 60);
        messages.take(&[14, 0, 0, 0], 90);
        let bytes = vec![14, 0, 0, 0];
        assert_eq!(messages.next(100), Next::Message { offset: 90, bytes });
    }
}
