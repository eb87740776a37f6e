//! Reads a transcript block by block from the window of its file.

use super::block::Block;
use super::content::Content;
use super::heading::{Heading, Trouble};
use super::text::{is_block_line, is_comment};
use crate::source::Timestamp;
use crate::source::capture_file::{Damage, Record};
use crate::source::window::Window;

/// The file's first bytes are those of a transcript.
pub(in crate::source) fn begins_with(first: &[u8]) -> bool {
    without_mark(first).starts_with(FIRST_WORDS)
}

/// The blocks of a transcript.
pub(in crate::source) struct Blocks {
    /// The line last read, counted from 1.
    line: u64,
    /// What seconds count from.
    started: Timestamp,
    /// The block line that ended the block before, or what is wrong with it.
    next: Option<Result<Heading, Damage>>,
    block: Option<Block>,
    bytes: Vec<u8>,
}

impl Blocks {
    /// Reads the first line.
    pub fn open(window: &mut Window) -> Result<Self, Damage> {
        let mut blocks = Self {
            line: 0,
            started: Timestamp::default(),
            next: None,
            block: None,
            bytes: Vec::new(),
        };
        let line = next_line(&mut blocks.line, window)?.unwrap_or_default();
        let version = without_mark(line).strip_prefix(FIRST_WORDS);
        if version.is_none_or(|version| version.trim_ascii() != b"1") {
            let trouble = Trouble::new("version 1 of transcripts was expected", FIRST_LINE);
            return Err(blocks.damage(trouble));
        }
        Ok(blocks)
    }

    /// The next block, or none at the end.
    pub fn next(&mut self, window: &mut Window) -> Result<Option<Record>, Damage> {
        let heading = match self.next.take() {
            Some(heading) => heading?,
            None => match self.first_heading(window)? {
                Some(heading) => heading,
                None => return Ok(None),
            },
        };
        let Heading { block, time, form } = heading;
        let mut content = Content::new(block.kind, form, std::mem::take(&mut self.bytes));
        let mut last_line = self.line;
        while let Some(line) = next_line(&mut self.line, window)? {
            if is_block_line(line) {
                let heading = Heading::read(line, self.started);
                self.next = Some(heading.map_err(|trouble| self.damage(trouble)));
                break;
            }
            if !is_comment(line) {
                content.line(line).map_err(|trouble| self.damage(trouble))?;
                if !line.is_empty() {
                    last_line = self.line;
                }
            } else if let Err(trouble) = self.comment(line) {
                self.next = Some(Err(self.damage(trouble)));
                break;
            }
        }
        self.bytes = content.finish().map_err(|trouble| Damage::Line {
            line: last_line,
            trouble,
        })?;
        self.block = Some(block);
        Ok(Some(Record {
            start: 0,
            length: self.bytes.len(),
            original_length: u32::try_from(self.bytes.len()).unwrap_or(u32::MAX),
            time: Some(time),
            link_type: None,
        }))
    }

    /// The block last read.
    pub fn block(&self) -> Option<(&Block, &[u8])> {
        let block = self.block.as_ref()?;
        Some((block, self.bytes.as_slice()))
    }

    /// Passes over what stands before the first block.
    fn first_heading(&mut self, window: &mut Window) -> Result<Option<Heading>, Damage> {
        if self.block.is_some() {
            return Ok(None);
        }
        while let Some(line) = next_line(&mut self.line, window)? {
            let heading = if is_comment(line) {
                self.comment(line).map(|()| None)
            } else if line.trim_ascii().is_empty() {
                Ok(None)
            } else {
                Heading::read(line, self.started).map(Some)
            };
            let heading = heading.map_err(|trouble| self.damage(trouble))?;
            if heading.is_some() {
                return Ok(heading);
            }
        }
        Ok(None)
    }

    /// `# started` and a time says what seconds count from; any other comment says nothing.
    fn comment(&mut self, line: &[u8]) -> Result<(), Trouble> {
        let Some(time) = line.strip_prefix(STARTED).map(<[u8]>::trim_ascii) else {
            return Ok(());
        };
        if !time.first().is_some_and(u8::is_ascii_digit) {
            return Ok(());
        }
        self.started = std::str::from_utf8(time)
            .ok()
            .and_then(moment)
            .ok_or_else(|| {
                Trouble::new(
                    "behind started a time was expected as RFC 3339 has it, between the years 1677 and 2262",
                    "# started 2026-11-20T21:14:05.123456Z",
                )
            })?;
        Ok(())
    }

    fn damage(&self, trouble: Trouble) -> Damage {
        Damage::Line {
            line: self.line,
            trouble,
        }
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    let time: jiff::Timestamp = text.parse().ok()?;
    let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals);
    let digits = decimals.bytes().take_while(u8::is_ascii_digit).count();
    Some(Timestamp {
        nanoseconds: i64::try_from(time.as_nanosecond()).ok()?,
        digits: u8::try_from(digits).unwrap_or(9).min(9),
    })
}

/// The next line without its end, CR LF or LF; none at the end of the file.
fn next_line<'w>(number: &mut u64, window: &'w mut Window) -> Result<Option<&'w [u8]>, Damage> {
    let mut searched = 0;
    let (length, end) = loop {
        let unread = window.unread();
        let found = unread
            .get(searched..)
            .and_then(|rest| rest.iter().position(|&byte| byte == b'\n'));
        if let Some(at) = found {
            break (searched + at, 1);
        }
        searched = unread.len();
        if searched <= LINE_BYTES_MAX {
            window.fill((searched * 2).max(LINE_BYTES_READ))?;
        }
        if window.unread().len() == searched {
            break (searched, 0);
        }
    };
    if length + end == 0 {
        return Ok(None);
    }
    *number += 1;
    if length > LINE_BYTES_MAX {
        let what = format!(
            "a line of {LINE_BYTES_MAX} bytes at most was expected: \\ at its end carries it on in the next"
        );
        return Err(Damage::Line {
            line: *number,
            trouble: Trouble::new(what, r"<ParameterList>\"),
        });
    }
    let position = window.consume(length + end);
    let line = window.at(position, length);
    Ok(Some(line.strip_suffix(b"\r").unwrap_or(line)))
}

/// Without the byte-order mark that some editors put at the front.
fn without_mark(first: &[u8]) -> &[u8] {
    first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first)
}

pub(super) const FIRST_LINE: &str = "# informant transcript 1";
const FIRST_WORDS: &[u8] = b"# informant transcript";
const STARTED: &[u8] = b"# started ";
/// Bytes of one line.
const LINE_BYTES_MAX: usize = 1 << 20;
/// Bytes asked for where a line is not whole; more as it goes on.
const LINE_BYTES_READ: usize = 4 << 10;
