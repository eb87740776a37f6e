//! The line that begins a block: who speaks to whom, when, and in which form the content is written.

use std::net::SocketAddr;
use std::str::{FromStr, SplitAsciiWhitespace};

use super::block::{Block, BlockKind, Speaker};
use super::content::{CODINGS_MAX, Coding, Form};
use crate::source::Timestamp;

/// A block line that was read.
#[derive(Debug)]
pub(super) struct Heading {
    pub block: Block,
    pub time: Timestamp,
    pub form: Form,
}

/// What is wrong with a line, and how a right one looks.
#[derive(Debug)]
pub(in crate::source) struct Trouble {
    pub what: String,
    pub example: &'static str,
}

impl Trouble {
    pub fn new(what: impl Into<String>, example: &'static str) -> Self {
        Self {
            what: what.into(),
            example,
        }
    }

    fn of_line(what: impl Into<String>) -> Self {
        Self::new(what, EXAMPLE)
    }
}

impl Heading {
    /// Reads `>> SOURCE > DESTINATION @SECONDS [WORD]...`; `started` is the time that seconds count from.
    pub fn read(line: &[u8], started: Timestamp) -> Result<Self, Trouble> {
        let text = std::str::from_utf8(line)
            .map_err(|_| Trouble::of_line("a block line in plain characters was expected"))?;
        // What stands in parentheses at the end is a remark.
        let text = text.split(" (").next().unwrap_or(text);
        let mut words = text.split_ascii_whitespace();
        let speaker = match words.next() {
            Some(">>") => Speaker::Cpe,
            Some("<<") => Speaker::Acs,
            _ => {
                return Err(Trouble::of_line(
                    "a block line was expected, or content that begins with \\x3e or \\x3c",
                ));
            }
        };
        let source = address(words.next(), "the source")?;
        if words.next() != Some(">") {
            return Err(Trouble::of_line(
                "'>' was expected between the two addresses",
            ));
        }
        let destination = address(words.next(), "the destination")?;
        let time = match words.next().and_then(|word| word.strip_prefix('@')) {
            Some(seconds) => moment(started, Some(seconds))?,
            None => {
                return Err(Trouble::of_line(
                    "the time was expected: @ and seconds from the start",
                ));
            }
        };
        let mut heading = Self {
            block: Block {
                speaker,
                source,
                destination,
                since: time,
                kind: BlockKind::Stream,
            },
            time,
            form: Form::default(),
        };
        while let Some(word) = words.next() {
            heading.word(word, &mut words, started)?;
        }
        heading.check()
    }

    fn word(
        &mut self,
        word: &str,
        words: &mut SplitAsciiWhitespace<'_>,
        started: Timestamp,
    ) -> Result<(), Trouble> {
        match word {
            "udp" => self.become_kind(BlockKind::Datagram),
            "fin" => self.become_kind(BlockKind::Fin),
            "rst" => self.become_kind(BlockKind::Reset),
            "quiet" => self.become_kind(BlockKind::Quiet),
            "tls" => self.become_kind(BlockKind::Tls),
            "gap" => self.become_kind(BlockKind::Gap(missing(words.next())?)),
            "since" => {
                self.block.since = moment(started, words.next())?;
                Ok(())
            }
            "raw" => {
                self.form.raw = true;
                Ok(())
            }
            "chunked" => {
                self.form.chunked = true;
                Ok(())
            }
            "gzip" => self.code(Coding::Gzip),
            "deflate" => self.code(Coding::Deflate),
            _ => Err(Trouble::of_line(format!(
                "'{}' is no word of a block line: {WORDS} were expected",
                word.escape_default()
            ))),
        }
    }

    fn become_kind(&mut self, kind: BlockKind) -> Result<(), Trouble> {
        if self.block.kind != BlockKind::Stream {
            return Err(Trouble::of_line(
                "one of the words udp, tls, fin, rst, gap and quiet was expected",
            ));
        }
        self.block.kind = kind;
        Ok(())
    }

    fn code(&mut self, coding: Coding) -> Result<(), Trouble> {
        if self.form.codings.len() >= CODINGS_MAX {
            return Err(Trouble::of_line(format!(
                "at most {CODINGS_MAX} codings were expected"
            )));
        }
        self.form.codings.push(coding);
        Ok(())
    }

    /// Words that contradict each other.
    fn check(self) -> Result<Self, Trouble> {
        let form = &self.form;
        let framed = form.chunked || !form.codings.is_empty();
        if self.block.kind != BlockKind::Stream && (framed || form.raw) {
            return Err(Trouble::new(
                "raw, chunked, gzip and deflate belong to a block with a message",
                "<< 10.0.0.1:7547 > 10.0.0.2:40112 @0.010 chunked",
            ));
        }
        if form.raw && framed {
            return Err(Trouble::new(
                "raw was expected without chunked, gzip and deflate: where nothing is known of a head, no body is framed",
                "<< 10.0.0.1:7547 > 10.0.0.2:40112 @0.010 raw",
            ));
        }
        if self.block.since.nanoseconds > self.time.nanoseconds {
            return Err(Trouble::new(
                "since was expected to be no later than the block's time",
                "<< 10.0.0.1:7547 > 10.0.0.2:40112 @0.010 since 0.008",
            ));
        }
        Ok(self)
    }
}

fn address(word: Option<&str>, whose: &str) -> Result<SocketAddr, Trouble> {
    let address = word.and_then(|word| SocketAddr::from_str(word).ok());
    address.ok_or_else(|| {
        Trouble::of_line(format!(
            "{whose} was expected as ADDRESS:PORT (IPv6: [ADDRESS]:PORT)"
        ))
    })
}

/// The bytes that are missing in a gap; at the end of the line, nobody knows how many.
fn missing(word: Option<&str>) -> Result<Option<u32>, Trouble> {
    let Some(word) = word else { return Ok(None) };
    let count = word
        .parse()
        .ok()
        .filter(|&count| count > 0 && count <= GAP_BYTES_MAX);
    count.map(Some).ok_or_else(|| {
        Trouble::new(
            format!("behind gap a number of bytes was expected, {GAP_BYTES_MAX} at most, or the end of the line"),
            ">> 10.0.0.2:40112 > 10.0.0.1:7547 @0.020 gap 1448",
        )
    })
}

/// The moment so many seconds after `started`, with the decimals of whichever has more.
fn moment(started: Timestamp, seconds: Option<&str>) -> Result<Timestamp, Trouble> {
    let text = seconds.unwrap_or_default();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let offset = format!("{whole}{decimals:0<9}").parse::<i64>().ok();
    let offset = offset.filter(|_| {
        !whole.is_empty() && numeric(whole) && numeric(decimals) && decimals.len() <= 9
    });
    let offset = offset.ok_or_else(|| {
        Trouble::of_line("seconds were expected: digits, and nine decimals at most behind a point")
    })?;
    Ok(Timestamp {
        nanoseconds: started.nanoseconds.saturating_add(offset),
        digits: started
            .digits
            .max(u8::try_from(decimals.len()).unwrap_or(9)),
    })
}

const EXAMPLE: &str = ">> 10.0.0.2:40112 > 10.0.0.1:7547 @0.000";
const WORDS: &str =
    "raw, chunked, gzip, deflate, udp, tls, since SECONDS, fin, rst, gap [BYTES] and quiet";
/// Half of TCP's sequence numbers: a longer gap is written as several.
pub(super) const GAP_BYTES_MAX: u32 = i32::MAX as u32;
pub(super) const SECOND_NS: i64 = 1_000_000_000;
