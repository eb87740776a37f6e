//! The content of one block: lines in, bytes out.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::block::BlockKind;
use super::heading::Trouble;
use super::text::{hexadecimal, unescape};
use super::tls::Reading;

/// How the content of a block is written.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// No head: every line end is LF.
    pub raw: bool,
    /// Codings to be applied to the body, the first first.
    pub codings: Vec<Coding>,
    /// The body, coded or not, is to be sent as one chunk.
    pub chunked: bool,
}

/// A coding of a body that is written plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950 (RFC 9110 section 8.4.1.2).
    Deflate,
}

impl Coding {
    /// As a block line writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    fn apply(self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut coder = GzEncoder::new(Vec::new(), Compression::default());
                coder.write_all(body)?;
                coder.finish()
            }
            Self::Deflate => {
                let mut coder = ZlibEncoder::new(Vec::new(), Compression::default());
                coder.write_all(body)?;
                coder.finish()
            }
        }
    }
}

/// Puts the lines of a block together.
#[derive(Debug)]
pub(super) struct Content {
    form: Form,
    place: Place,
    bytes: Vec<u8>,
    /// Where the body begins; of what is told about TLS, the line at hand.
    body: usize,
    /// Lines of the body so far, and how many line ends of them are in `bytes`: those behind the last line that holds
    /// something may belong to the format.
    lines: usize,
    line_ends: usize,
    /// The line before ended with `\`.
    goes_on: bool,
    /// Where the numbers belong that `auto` stands for.
    autos: Vec<usize>,
    /// The first digit of a byte of a datagram.
    half: Option<u8>,
    /// What a block about TLS has told so far.
    tls: Option<Box<Reading>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Head,
    Body,
    Hexadecimal,
    Tls,
    Nothing,
}

impl Content {
    /// An empty one; `bytes` is memory to be used again.
    pub fn new(kind: BlockKind, form: Form, mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        let place = match kind {
            BlockKind::Stream if form.raw => Place::Body,
            BlockKind::Stream => Place::Head,
            BlockKind::Datagram => Place::Hexadecimal,
            BlockKind::Tls => Place::Tls,
            _ => Place::Nothing,
        };
        Self {
            form,
            place,
            bytes,
            body: 0,
            lines: 0,
            line_ends: 0,
            goes_on: false,
            autos: Vec::new(),
            half: None,
            tls: None,
        }
    }

    /// The next line, without its end.
    pub fn line(&mut self, line: &[u8]) -> Result<(), Trouble> {
        match self.place {
            Place::Head => self.head_line(line)?,
            Place::Body => self.body_line(line)?,
            Place::Hexadecimal => self.hexadecimal_line(line)?,
            Place::Tls => self.tls_line(line)?,
            Place::Nothing if line.trim_ascii().is_empty() => {}
            Place::Nothing => {
                return Err(Trouble::new(
                    "a block line was expected: fin, rst, gap and quiet have no content",
                    ">> 10.0.0.2:40112 > 10.0.0.1:7547 @0.020 fin",
                ));
            }
        }
        self.within_bounds(0)
    }

    /// What was sent.
    pub fn finish(mut self) -> Result<Vec<u8>, Trouble> {
        if self.half.is_some() {
            return Err(Trouble::new(
                "a datagram of whole bytes was expected, two digits each",
                "00 01 00 08 21 12 a4 42",
            ));
        }
        if self.place == Place::Head && !self.bytes.is_empty() {
            self.end_head();
        }
        for coding in std::mem::take(&mut self.form.codings) {
            let coded = coding.apply(self.bytes.get(self.body..).unwrap_or_default());
            let coded = coded.map_err(|error| {
                Trouble::new(format!("the body cannot be coded: {error}"), "gzip")
            })?;
            self.bytes.truncate(self.body);
            self.bytes.extend_from_slice(&coded);
        }
        if self.form.chunked {
            self.frame();
        }
        self.fill_in();
        Ok(self.bytes)
    }

    /// A line end is CR LF up to the empty line.
    fn head_line(&mut self, line: &[u8]) -> Result<(), Trouble> {
        if line.is_empty() && !self.goes_on {
            // Empty lines above a head are nothing.
            if !self.bytes.is_empty() {
                self.end_head();
            }
            return Ok(());
        }
        if !self.goes_on && !self.bytes.is_empty() {
            self.bytes.extend_from_slice(b"\r\n");
        }
        match before_auto(line).filter(|_| !self.goes_on) {
            Some(before) => {
                self.bytes.extend_from_slice(before);
                self.autos.push(self.bytes.len());
            }
            None => self.goes_on = unescape(line, &mut self.bytes)?,
        }
        Ok(())
    }

    fn end_head(&mut self) {
        self.bytes.extend_from_slice(b"\r\n\r\n");
        self.body = self.bytes.len();
        self.goes_on = false;
        self.place = Place::Body;
    }

    /// A line end is LF, and the last one is the format's.
    fn body_line(&mut self, line: &[u8]) -> Result<(), Trouble> {
        if !self.goes_on {
            self.lines += 1;
            if line.is_empty() {
                return Ok(());
            }
            let line_ends = self.lines - 1 - self.line_ends;
            self.within_bounds(line_ends)?;
            self.bytes.resize(self.bytes.len() + line_ends, b'\n');
            self.line_ends += line_ends;
        }
        self.goes_on = unescape(line, &mut self.bytes)?;
        Ok(())
    }

    fn hexadecimal_line(&mut self, line: &[u8]) -> Result<(), Trouble> {
        for &digit in line.iter().filter(|digit| !digit.is_ascii_whitespace()) {
            let value = hexadecimal(digit).ok_or_else(|| {
                Trouble::new(
                    "hexadecimal digits were expected in a datagram",
                    "00 01 00 08 21 12 a4 42",
                )
            })?;
            match self.half.take() {
                Some(high) => self.bytes.push(high << 4 | value),
                None => self.half = Some(value),
            }
        }
        Ok(())
    }

    /// Is read here to make sure that it can be, and kept as text for whoever reads the block.
    fn tls_line(&mut self, line: &[u8]) -> Result<(), Trouble> {
        if !self.goes_on {
            self.body = self.bytes.len();
        }
        self.goes_on = unescape(line, &mut self.bytes)?;
        if self.goes_on {
            return Ok(());
        }
        let whole = self.bytes.get_mut(self.body..).unwrap_or_default();
        let ends = whole.iter_mut().filter(|byte| **byte == b'\n');
        ends.for_each(|end| *end = b' ');
        self.tls.get_or_insert_default().line(whole)?;
        self.bytes.push(b'\n');
        Ok(())
    }

    fn within_bounds(&self, more: usize) -> Result<(), Trouble> {
        if self.bytes.len().saturating_add(more) <= BLOCK_BYTES_MAX {
            return Ok(());
        }
        Err(Trouble::new(
            format!("a block of {BLOCK_BYTES_MAX} bytes at most was expected"),
            ">> 10.0.0.2:40112 > 10.0.0.1:7547 @0.020 gap 90000000",
        ))
    }

    /// One chunk, and the last (RFC 9112 section 7.1).
    fn frame(&mut self) {
        let body = self.bytes.split_off(self.body);
        if !body.is_empty() {
            let size = format!("{:x}\r\n", body.len());
            self.bytes.extend_from_slice(size.as_bytes());
            self.bytes.extend_from_slice(&body);
            self.bytes.extend_from_slice(b"\r\n");
        }
        self.bytes.extend_from_slice(b"0\r\n\r\n");
    }

    /// Puts the length of the body where `auto` stands.
    fn fill_in(&mut self) {
        if self.autos.is_empty() {
            return;
        }
        let length = (self.bytes.len() - self.body).to_string();
        let mut bytes = Vec::with_capacity(self.bytes.len() + self.autos.len() * length.len());
        let mut done = 0;
        for &auto in &self.autos {
            bytes.extend_from_slice(self.bytes.get(done..auto).unwrap_or_default());
            bytes.extend_from_slice(length.as_bytes());
            done = auto;
        }
        bytes.extend_from_slice(self.bytes.get(done..).unwrap_or_default());
        self.bytes = bytes;
    }
}

/// Of `Content-Length: auto`, what stands before `auto`.
pub(super) fn before_auto(line: &[u8]) -> Option<&[u8]> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let value = line.get(colon + 1..)?;
    let blanks = value.len() - value.trim_ascii_start().len();
    let wanted = is_length(line) && value.trim_ascii() == AUTO.as_bytes();
    wanted.then(|| line.get(..colon + 1 + blanks)).flatten()
}

/// The line is a Content-Length field.
pub(super) fn is_length(line: &[u8]) -> bool {
    let mut parts = line.splitn(2, |&byte| byte == b':');
    let name = parts.next().unwrap_or_default().trim_ascii_end();
    parts.next().is_some() && name.eq_ignore_ascii_case(b"Content-Length")
}

/// What stands for a length that is filled in.
pub(super) const AUTO: &str = "auto";
/// Codings that are applied to one body.
pub(super) const CODINGS_MAX: usize = 2;
/// Bytes of one block: the longest head and body that the analysis keeps, with their framing.
pub(super) const BLOCK_BYTES_MAX: usize = 20 << 20;
