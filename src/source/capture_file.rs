//! One file of a capture, whatever its format: its records in order, its facts, and where it broke.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;

use link::LinkType;

use super::error::{SECRETS_BYTES_MAX, SourceError};
use super::frame::{Content, FileFacts, FileFormat, Frame, FrameId, Timestamp};
use super::input::what_it_looks_like;
use super::marks::Mark;
use super::pcap::{Records, Variant};
use super::pcapng::{self, Blocks};
use super::transcript;
use super::window::Window;

/// Decryption secrets that stand in a capture file (pcapng Decryption Secrets Block).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The file, from 0.
    pub file: u16,
    /// What they are, as the block numbers it.
    pub kind: u32,
    /// The secrets; for [`Secret::TLS_KEY_LOG`] the text of a key log.
    pub bytes: Vec<u8>,
}

impl Secret {
    /// The kind of an NSS key log.
    pub const TLS_KEY_LOG: u32 = 0x544c_534b;
}

impl std::fmt::Debug for Secret {
    /// Without the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.bytes.len();
        write!(
            formatter,
            "Secret {{ file: {}, kind: {:#x}, {bytes} bytes }}",
            self.file, self.kind
        )
    }
}

/// A capture file that is being read.
pub(super) struct CaptureFile {
    file: u16,
    window: Window,
    format: Format,
    number: u64,
    /// Time of the latest frame that has one.
    time: Timestamp,
    current: Option<Record>,
}

enum Format {
    Pcap(Records),
    Pcapng(Blocks),
    Transcript(Box<transcript::Blocks>),
    /// Nothing more comes.
    Ended,
}

/// Where a frame lies in the window.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub start: usize,
    pub length: usize,
    pub original_length: u32,
    /// None for a simple packet block.
    pub time: Option<Timestamp>,
    /// None for a block of a transcript, whose bytes stand with its reader.
    pub link_type: Option<LinkType>,
}

/// Why reading stops before the end.
pub(super) enum Damage {
    Read(io::Error),
    Cut {
        offset: u64,
        place: String,
        needs: u64,
    },
    Corrupt {
        offset: u64,
        what: String,
    },
    /// In a transcript.
    Line {
        line: u64,
        trouble: transcript::Trouble,
    },
}

impl Damage {
    pub fn cut(offset: u64, place: &str, needs: usize) -> Self {
        Self::Cut {
            offset,
            place: place.to_owned(),
            needs: needs as u64,
        }
    }
}

impl From<io::Error> for Damage {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// What reading turns up beside frames.
#[derive(Default)]
pub(super) struct Kept {
    pub problems: Vec<SourceError>,
    pub secrets: Vec<Secret>,
    secret_bytes: usize,
    /// Files whose secrets are known before they are read.
    looked_through: BTreeSet<u16>,
}

impl Kept {
    /// Keeps a secret within the bound, and says where one is left out.
    pub fn keep_secret(&mut self, facts: &FileFacts, offset: u64, secret: Secret) {
        if self.looked_through.contains(&secret.file) {
            return;
        }
        self.secret_bytes = self.secret_bytes.saturating_add(secret.bytes.len());
        if self.secret_bytes <= SECRETS_BYTES_MAX {
            self.secrets.push(secret);
        } else if self.secret_bytes - secret.bytes.len() <= SECRETS_BYTES_MAX {
            let (path, bytes) = (facts.path.clone(), secret.bytes.len() as u64);
            self.problems.push(SourceError::SecretsLeftOut {
                path,
                offset,
                bytes,
            });
        }
    }
}

impl Kept {
    /// Takes the secrets of a file wherever they stand in it, before its packets are read: a tool that writes them as they are
    /// made often writes them behind what they open. Damage is told when the file is read.
    pub fn look_through(&mut self, file: u16, name: &str, path: &Path) {
        let Ok(again) = File::open(path) else {
            return;
        };
        let window = Window::new(Box::new(again), LOOKED_THROUGH_WINDOW_BYTES);
        let mut facts = FileFacts {
            path: name.to_owned(),
            ..FileFacts::default()
        };
        let mut found = Self {
            secret_bytes: self.secret_bytes,
            ..Self::default()
        };
        let Ok(mut whole) = CaptureFile::open(file, window, &mut facts, &mut found) else {
            return;
        };
        while whole.advance(&mut facts, &mut found) {}
        let left_out =
            |problem: &SourceError| matches!(problem, SourceError::SecretsLeftOut { .. });
        self.problems
            .extend(found.problems.into_iter().filter(left_out));
        self.secrets.append(&mut found.secrets);
        self.secret_bytes = found.secret_bytes;
        self.looked_through.insert(file);
    }
}

impl CaptureFile {
    /// Looks at the first bytes; a file that is no capture is an error, one whose header is cut is a problem.
    pub fn open(
        file: u16,
        mut window: Window,
        facts: &mut FileFacts,
        kept: &mut Kept,
    ) -> Result<Self, SourceError> {
        let path = || facts.path.clone();
        let read = window.fill(FIRST_BYTES);
        if let (Err(source), []) = (read, window.unread()) {
            return Err(SourceError::Open {
                path: path(),
                source,
            });
        }
        let first = window.unread();
        let variant = Variant::of(first);
        if first.is_empty() {
            return Err(SourceError::Empty { path: path() });
        }
        let is_transcript = transcript::begins_with(first);
        if variant.is_none() && !is_transcript && !pcapng::begins_with(first) {
            let what = what_it_looks_like(first);
            return Err(SourceError::NotACapture { path: path(), what });
        }
        let mut opened = Self {
            file,
            window,
            format: Format::Ended,
            number: 0,
            time: Timestamp::default(),
            current: None,
        };
        if is_transcript {
            facts.format = Some(FileFormat::Transcript);
            match transcript::Blocks::open(&mut opened.window) {
                Ok(blocks) => opened.format = Format::Transcript(Box::new(blocks)),
                Err(damage) => opened.break_off(damage, facts, kept),
            }
            return Ok(opened);
        }
        match variant.map(|variant| Records::open(variant, &mut opened.window)) {
            None => {
                facts.format = Some(FileFormat::Pcapng);
                opened.format = Format::Pcapng(Blocks::new(file));
            }
            Some(records) => {
                facts.format = Some(FileFormat::Pcap);
                match records {
                    Ok(records) => {
                        facts.link_types.push(records.link_type());
                        opened.format = Format::Pcap(records);
                    }
                    Err(damage) => opened.break_off(damage, facts, kept),
                }
            }
        }
        Ok(opened)
    }

    /// Counts from behind so many frames.
    pub fn count_behind(&mut self, frames: u64) {
        self.number = frames;
    }

    /// Goes to the next frame; false where there is none.
    #[inline]
    pub fn advance(&mut self, facts: &mut FileFacts, kept: &mut Kept) -> bool {
        let read = match &mut self.format {
            Format::Pcap(records) => records.next(&mut self.window, self.number + 1),
            Format::Pcapng(blocks) => blocks.next(&mut self.window, self.number + 1, facts, kept),
            Format::Transcript(blocks) => blocks.next(&mut self.window),
            Format::Ended => return false,
        };
        match read {
            Ok(Some(record)) => {
                self.number += 1;
                self.time = record.time.unwrap_or(self.time);
                note(facts, &record);
                self.current = Some(record);
                true
            }
            Ok(None) => {
                self.end();
                false
            }
            Err(damage) => {
                self.break_off(damage, facts, kept);
                false
            }
        }
    }

    /// From here the file can be read again; nothing where that takes more than its place.
    pub fn mark(&self, kept: &Kept) -> Option<Mark> {
        Some(Mark {
            offset: self.window.offset(),
            number: self.number,
            time: self.time,
            latest_ns: i64::MIN,
            shape: self.shape()?,
            secrets: kept.secrets.len(),
        })
    }

    /// Goes on from a mark, in a window that begins there; false where it would be read otherwise than by who made the mark.
    pub fn go_to(&mut self, mark: &Mark, window: Window, kept: &Kept) -> bool {
        let is_alike = self.shape() == Some(mark.shape) && kept.secrets.len() >= mark.secrets;
        if is_alike {
            self.window = window;
            (self.number, self.time, self.current) = (mark.number, mark.time, None);
        }
        is_alike
    }

    fn shape(&self) -> Option<(u32, usize)> {
        match &self.format {
            Format::Pcap(_) => Some((0, 0)),
            Format::Pcapng(blocks) => Some(blocks.shape()),
            Format::Transcript(_) | Format::Ended => None,
        }
    }

    /// Where reading stands in the file.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.window.offset()
    }

    /// The frame last advanced to. One without a time has that of the frame before it, or 1970.
    #[inline]
    pub fn frame<'a>(&'a self, secrets: &'a [Secret]) -> Option<Frame<'a>> {
        let record = self.current.as_ref()?;
        let (content, bytes) = match (record.link_type, &self.format) {
            (Some(link_type), _) => {
                let original_length = record.original_length;
                let packet = Content::Packet {
                    link_type,
                    original_length,
                };
                (packet, self.window.at(record.start, record.length))
            }
            (None, Format::Transcript(blocks)) => {
                let (block, bytes) = blocks.block()?;
                (Content::Block(block), bytes)
            }
            (None, _) => return None,
        };
        Some(Frame {
            id: FrameId::new(self.file, self.number),
            time: self.time,
            content,
            bytes,
            buffer: record.link_type.map(|_| self.window.buffer()),
            secrets,
        })
    }

    /// Time of the frame last advanced to.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    fn end(&mut self) {
        self.current = None;
        self.format = Format::Ended;
        self.window.close();
    }

    #[cold]
    fn break_off(&mut self, damage: Damage, facts: &mut FileFacts, kept: &mut Kept) {
        let path = facts.path.clone();
        kept.problems.push(match damage {
            Damage::Read(source) => {
                let (offset, compression) = (self.window.offset(), facts.compression);
                SourceError::Read {
                    path,
                    offset,
                    compression,
                    source,
                }
            }
            Damage::Cut {
                offset,
                place,
                needs,
            } => SourceError::CutShort {
                path,
                place,
                offset,
                needs,
            },
            Damage::Corrupt { offset, what } => SourceError::Corrupt { path, offset, what },
            Damage::Line { line, trouble } => SourceError::Transcript {
                path,
                line,
                what: trouble.what,
                example: trouble.example,
            },
        });
        facts.truncated = true;
        self.end();
    }
}

#[inline]
fn note(facts: &mut FileFacts, record: &Record) {
    facts.frames += 1;
    facts.bytes += record.length as u64;
    facts.frames_cut += u64::from(record.original_length as usize > record.length);
    let Some(time) = record.time else { return };
    if facts
        .first
        .is_none_or(|first| time.nanoseconds < first.nanoseconds)
    {
        facts.first = Some(time);
    }
    if facts
        .last
        .is_none_or(|last| time.nanoseconds > last.nanoseconds)
    {
        facts.last = Some(time);
    }
}

/// Read ahead where a file is looked through for secrets.
const LOOKED_THROUGH_WINDOW_BYTES: usize = 256 << 10;
/// Enough to tell a capture from what it may be mistaken for.
const FIRST_BYTES: usize = 32;
