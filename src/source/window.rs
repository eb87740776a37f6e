//! The stretch of a file that lies in memory: read ahead with large reads, handed out by position.

use std::io::{self, ErrorKind, Read};

/// A reader and what was read ahead of it.
///
/// A read of some hundred KiB into memory that stays in the cache costs less than mapping the file, and the memory
/// needed does not follow the file's size.
pub(super) struct Window {
    reader: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Place in the file of `bytes[start]`.
    offset: u64,
}

impl Window {
    pub fn new(reader: Box<dyn Read + Send>, capacity: usize) -> Self {
        Self {
            reader,
            bytes: vec![0; capacity],
            start: 0,
            end: 0,
            offset: 0,
        }
    }

    /// What is in memory and not consumed.
    pub fn unread(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Place in the file of the first byte not consumed.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes at a position that [`Window::consume`] gave; there until the next [`Window::fill`].
    pub fn at(&self, position: usize, length: usize) -> &[u8] {
        self.bytes
            .get(position..position.saturating_add(length))
            .unwrap_or_default()
    }

    /// Passes over `length` bytes of [`Window::unread`] and gives their position.
    pub fn consume(&mut self, length: usize) -> usize {
        let position = self.start;
        let length = length.min(self.end - self.start);
        self.start += length;
        self.offset += length as u64;
        position
    }

    /// Reads until `wanted` bytes are unread; gives how many are missing at the end of the file.
    ///
    /// The caller bounds `wanted`: memory for it is taken before it is read.
    #[inline]
    pub fn fill(&mut self, wanted: usize) -> io::Result<usize> {
        if self.end - self.start >= wanted {
            Ok(0)
        } else {
            self.read_ahead(wanted)
        }
    }

    #[cold]
    fn read_ahead(&mut self, wanted: usize) -> io::Result<usize> {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        while self.end < wanted {
            match self
                .reader
                .read(self.bytes.get_mut(self.end..).unwrap_or_default())
            {
                Ok(0) => return Ok(wanted - self.end),
                Ok(read) => self.end += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(0)
    }

    /// Passes over `length` bytes that need not fit into memory; gives how many are missing at the end of the file.
    pub fn skip(&mut self, mut length: u64) -> io::Result<u64> {
        while length > 0 {
            if self.fill(1)? > 0 {
                return Ok(length);
            }
            let step = usize::try_from(length)
                .unwrap_or(usize::MAX)
                .min(self.unread().len());
            self.consume(step);
            length -= step as u64;
        }
        Ok(0)
    }

    /// Gives the memory back.
    pub fn close(&mut self) {
        *self = Self {
            offset: self.offset,
            ..Self::new(Box::new(io::empty()), 0)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes one at a time, with an interruption before each.
    struct Dribble(Vec<u8>, bool);

    impl Read for Dribble {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            match (self.1, buffer.first_mut()) {
                (true, _) => Err(ErrorKind::Interrupted.into()),
                (false, Some(first)) if !self.0.is_empty() => {
                    *first = self.0.remove(0);
                    Ok(1)
                }
                _ => Ok(0),
            }
        }
    }

    #[test]
    fn reads_of_any_size_give_the_same_bytes() -> io::Result<()> {
        let mut window = Window::new(Box::new(Dribble((0..100).collect(), false)), 16);
        let mut seen = Vec::new();
        for wanted in [1, 7, 16, 30, 3, 43] {
            assert_eq!(window.fill(wanted)?, 0);
            let position = window.consume(wanted);
            seen.extend_from_slice(window.at(position, wanted));
        }
        assert_eq!(seen, (0..100).collect::<Vec<u8>>());
        assert_eq!((window.offset(), window.fill(5)?), (100, 5));
        Ok(())
    }

    #[test]
    fn skipping_needs_no_memory_and_tells_what_is_missing() -> io::Result<()> {
        let mut window = Window::new(Box::new(io::repeat(7).take(1000)), 16);
        assert_eq!((window.skip(900)?, window.offset()), (0, 900));
        assert_eq!((window.skip(900)?, window.offset()), (800, 1000));
        assert_eq!(window.bytes.len(), 16);
        Ok(())
    }
}
