//! The framing of a chunked body (RFC 9112 section 7.1), in whatever pieces it comes.

use crate::anomaly::AnomalyKind;
use crate::recognise::{is_blank, split_line_end};
use crate::{Kind, recognise};

/// Where in a chunked body the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the line of a chunk's size.
    Size,
    /// In a chunk's data, this many bytes before its end.
    Data(u64),
    /// In the line end behind a chunk's data.
    DataEnd,
    /// In the trailer section.
    Trailer,
}

/// A chunked body being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunked {
    pub(crate) place: Place,
    /// Chunks begun, the last (empty) one not counted.
    pub(crate) chunks: u64,
    /// Lines of the trailer section.
    pub(crate) trailers: u32,
}

/// What a line of the framing says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// It belongs to the body; there may be something odd about it.
    Fine(Option<AnomalyKind>),
    /// It ends the body.
    End(Option<AnomalyKind>),
    /// It does not belong to the body, which ended without its empty line.
    NextMessage,
    /// It cannot be read: the framing is lost.
    Broken(AnomalyKind),
}

impl Chunked {
    pub(crate) fn new() -> Self {
        Self {
            place: Place::Size,
            chunks: 0,
            trailers: 0,
        }
    }

    /// Nothing of it was read yet, and it does not begin as a chunk does.
    pub(crate) fn is_absent(&self, first: u8) -> bool {
        self.chunks == 0
            && self.place == Place::Size
            && !first.is_ascii_hexdigit()
            && !is_blank(first)
            && !matches!(first, b'\r' | b'\n' | b';')
    }

    /// Takes a whole line of the framing, its LF included.
    pub(crate) fn line(&mut self, line: &[u8], kind: Kind) -> Line {
        match self.place {
            Place::Trailer => self.trailer(line, kind),
            _ => self.size(line),
        }
    }

    fn size(&mut self, line: &[u8]) -> Line {
        let (content, bare) = split_line_end(line);
        if content.is_empty() {
            return Line::Fine(Some(AnomalyKind::ChunkSizeOdd));
        }
        let text = content.split(|b| *b == b';').next().unwrap_or_default();
        let digits = text.trim_ascii();
        let Some(size) = read_size(digits) else {
            return Line::Broken(AnomalyKind::ChunkSizeOdd);
        };
        let Ok(size) = size else {
            return Line::Broken(AnomalyKind::ChunkSizeHuge);
        };
        self.place = if size == 0 {
            Place::Trailer
        } else {
            Place::Data(size)
        };
        self.chunks = self.chunks.saturating_add(u64::from(size > 0));
        if bare {
            Line::Fine(Some(AnomalyKind::BareLineFeed))
        } else {
            Line::Fine((digits.len() != text.len()).then_some(AnomalyKind::ChunkSizeBlanks))
        }
    }

    fn trailer(&mut self, line: &[u8], kind: Kind) -> Line {
        let (content, bare) = split_line_end(line);
        if matches!(content, b"" | b"\r") {
            return Line::End((!content.is_empty()).then_some(AnomalyKind::OddLineEnd));
        }
        if recognise::is_plain_start(content, kind) {
            return Line::NextMessage;
        }
        self.trailers = self.trailers.saturating_add(1);
        Line::Fine(bare.then_some(AnomalyKind::BareLineFeed))
    }
}

/// Hexadecimal digits as a number. None: there is something else. `Err`: it does not fit 64 bits.
fn read_size(digits: &[u8]) -> Option<Result<u64, ()>> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let text = std::str::from_utf8(digits).ok()?;
    Some(u64::from_str_radix(text, 16).map_err(|_| ()))
}
