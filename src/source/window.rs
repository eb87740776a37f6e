//! The stretch of a file that lies in memory: read ahead with large reads, handed out by position.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;
use std::sync::Arc;

use super::frame::Buffer;

/// A reader and what was read ahead of it.
///
/// A read of some hundred KiB into memory that stays in the cache costs less than mapping the file, and the memory
/// needed does not follow the file's size.
///
/// Where somebody still shares the buffer when more is read, that goes into another: those given back are used again.
pub(super) struct Window {
    reader: Box<dyn Read + Send>,
    bytes: Buffer,
    /// Buffers that were shared when they were left.
    left: Vec<Buffer>,
    start: usize,
    end: usize,
    /// Place in the file of `bytes[start]`.
    offset: u64,
}

impl Window {
    pub fn new(reader: Box<dyn Read + Send>, capacity: usize) -> Self {
        Self {
            reader,
            bytes: Arc::new(vec![0; capacity]),
            left: Vec::new(),
            start: 0,
            end: 0,
            offset: 0,
        }
    }

    /// The same of a reader that stands at this place in the file.
    pub fn from(reader: Box<dyn Read + Send>, capacity: usize, offset: u64) -> Self {
        Self {
            offset,
            ..Self::new(reader, capacity)
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

    /// What [`Window::at`] gives lies in it.
    pub fn buffer(&self) -> &Buffer {
        &self.bytes
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
        let unread = self.start..self.end;
        self.end -= self.start;
        self.start = 0;
        if let Some(bytes) = Arc::get_mut(&mut self.bytes) {
            bytes.copy_within(unread, 0);
        } else {
            self.leave(unread);
        }
        let bytes = Arc::make_mut(&mut self.bytes);
        if bytes.len() < wanted {
            bytes.resize(wanted, 0);
        }
        while self.end < wanted {
            match self
                .reader
                .read(bytes.get_mut(self.end..).unwrap_or_default())
            {
                Ok(0) => return Ok(wanted - self.end),
                Ok(read) => self.end += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(0)
    }

    /// Goes on in another buffer, with what is unread at its front.
    fn leave(&mut self, unread: Range<usize>) {
        let given_back = self
            .left
            .iter_mut()
            .position(|left| Arc::get_mut(left).is_some());
        let mut next = match given_back {
            Some(at) => self.left.swap_remove(at),
            None => Arc::new(vec![0; self.bytes.len()]),
        };
        if let Some(next) = Arc::get_mut(&mut next) {
            if next.len() < self.bytes.len() {
                next.resize(self.bytes.len(), 0);
            }
            let unread = self.bytes.get(unread).unwrap_or_default();
            if let Some(front) = next.get_mut(..unread.len()) {
                front.copy_from_slice(unread);
            }
        }
        let left = std::mem::replace(&mut self.bytes, next);
        self.left.push(left);
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
    fn a_buffer_that_is_shared_stays_as_it_is_and_is_used_again_when_given_back() -> io::Result<()>
    {
        let bytes: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        let mut window = Window::new(Box::new(io::Cursor::new(bytes.clone())), 16);
        let (mut seen, mut kept) = (Vec::new(), std::collections::VecDeque::new());
        for _ in 0..1000 {
            assert_eq!(window.fill(10)?, 0);
            let position = window.consume(10);
            kept.push_back((Arc::clone(window.buffer()), position));
            if kept.len() > 5
                && let Some((buffer, position)) = kept.pop_front()
            {
                seen.extend_from_slice(&buffer[position..position + 10]);
            }
        }
        assert_eq!(seen, bytes[..9_950]);
        assert!(window.left.len() <= 6, "{}", window.left.len());
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
