//! Undoes content codings: gzip, deflate as zlib and as raw data, two of them at most, bounded in size and ratio.

use std::cell::RefCell;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use crate::Limits;
use crate::anomaly::AnomalyKind;

/// The codings of a body, in the order in which they were applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Encodings {
    list: [Option<Encoding>; ENCODINGS_LISTED],
    /// More than are listed.
    more: bool,
    unknown: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Gzip,
    Deflate,
}

impl Encodings {
    /// Adds a coding by its name; identity is none.
    pub(crate) fn push(&mut self, name: &[u8]) {
        let is = |known: &[&str]| {
            known
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
        };
        if is(&["gzip", "x-gzip"]) {
            self.add(Encoding::Gzip);
        } else if is(&["deflate", "x-deflate"]) {
            self.add(Encoding::Deflate);
        } else if !is(&["identity", "none"]) {
            self.unknown = true;
        }
    }

    fn add(&mut self, encoding: Encoding) {
        match self.list.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => *slot = Some(encoding),
            None => self.more = true,
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        other
            .list
            .into_iter()
            .flatten()
            .for_each(|encoding| self.add(encoding));
        self.more |= other.more;
        self.unknown |= other.unknown;
    }

    /// Is the body as it is?
    pub(crate) fn is_identity(&self) -> bool {
        self.list[0].is_none() && !self.unknown
    }
}

/// A body with its codings undone, as far as they could be.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    /// None: the body stays as it was sent.
    pub(crate) bytes: Option<Vec<u8>>,
    /// What was odd, and at which byte of the coded body.
    pub(crate) anomalies: Vec<(AnomalyKind, usize)>,
    /// All of the body, as far as can be told.
    pub(crate) whole: bool,
    /// A bound was reached.
    pub(crate) limited: bool,
}

impl Decoded {
    fn untouched(kind: AnomalyKind) -> Self {
        Self {
            anomalies: vec![(kind, 0)],
            whole: true,
            ..Self::default()
        }
    }
}

/// Undoes `encodings` of `body`, giving at most `bytes_max` bytes.
pub(crate) fn decode(
    body: &[u8],
    encodings: Encodings,
    limits: &Limits,
    bytes_max: usize,
) -> Decoded {
    let listed = encodings.list.iter().flatten().count();
    if encodings.unknown {
        return Decoded::untouched(AnomalyKind::EncodingUnknown);
    }
    if encodings.more || listed > limits.encodings_max {
        return Decoded::untouched(AnomalyKind::EncodingsTooMany);
    }
    let mut decoded = Decoded {
        whole: true,
        ..Decoded::default()
    };
    for (layer, encoding) in encodings.list.iter().flatten().rev().enumerate() {
        let last = layer.saturating_add(1) == listed;
        let max = if last {
            bytes_max
        } else {
            limits.message_bytes_max
        };
        let mut coder = Coder {
            limits,
            bytes_max: max,
            out: Vec::new(),
            anomalies: Vec::new(),
            whole: true,
            limited: false,
        };
        let input = decoded.bytes.as_deref().unwrap_or(body);
        let applied = match encoding {
            Encoding::Gzip => coder.gzip(input),
            Encoding::Deflate => coder.deflate(input),
        };
        // Places are those of the outermost coding: only its bytes are on the wire.
        let place = |(kind, at)| (kind, if layer == 0 { at } else { 0 });
        decoded
            .anomalies
            .extend(coder.anomalies.into_iter().map(place));
        decoded.whole &= coder.whole;
        decoded.limited |= coder.limited;
        if applied {
            decoded.bytes = Some(coder.out);
        } else {
            decoded.anomalies.push((AnomalyKind::EncodingNotApplied, 0));
        }
    }
    decoded
}

/// One coding being undone.
struct Coder<'a> {
    limits: &'a Limits,
    bytes_max: usize,
    out: Vec<u8>,
    anomalies: Vec<(AnomalyKind, usize)>,
    whole: bool,
    limited: bool,
}

/// How raw deflate data ended, and how many of its bytes were used.
enum Ended {
    Whole(usize),
    Truncated,
    Corrupt(usize),
    Limit(usize),
}

impl Coder<'_> {
    /// Every member of a gzip file (RFC 1952 section 2.2). False: this is no gzip.
    fn gzip(&mut self, input: &[u8]) -> bool {
        let mut at = 0;
        loop {
            let rest = input.get(at..).unwrap_or_default();
            if rest.is_empty() && at > 0 {
                return true;
            }
            match gzip_header(rest) {
                Ok(header) => match self.gzip_member(input, at.saturating_add(header)) {
                    Some(next) => at = next,
                    None => return true,
                },
                Err(Broken::Truncated) => {
                    self.stop(AnomalyKind::EncodingTruncated, input.len());
                    return true;
                }
                Err(Broken::Other) if at > 0 => {
                    self.anomalies
                        .push((AnomalyKind::EncodingTrailingBytes, at));
                    return true;
                }
                Err(Broken::Other) => return false,
            }
        }
    }

    /// The member whose data begins at `at`; gives where the next begins.
    fn gzip_member(&mut self, input: &[u8], at: usize) -> Option<usize> {
        let from = self.out.len();
        let used = match self.inflate(input.get(at..).unwrap_or_default(), false) {
            Ended::Whole(used) => used,
            ended => {
                self.ended(ended, at, input.len());
                return None;
            }
        };
        let end = at.saturating_add(used);
        let trailer = input
            .get(end..)
            .and_then(<[u8]>::first_chunk::<GZIP_TRAILER_BYTES>);
        let Some([c0, c1, c2, c3, l0, l1, l2, l3]) = trailer.copied() else {
            // All of the data is here; only the check is not.
            self.anomalies
                .push((AnomalyKind::EncodingTruncated, input.len()));
            return None;
        };
        let data = self.out.get(from..).unwrap_or_default();
        let mut crc = Crc::new();
        crc.update(data);
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        if crc.sum() != u32::from_le_bytes([c0, c1, c2, c3]) || crc.amount() != length {
            self.anomalies.push((AnomalyKind::EncodingChecksum, end));
        }
        Some(end.saturating_add(GZIP_TRAILER_BYTES))
    }

    /// `deflate` is zlib data (RFC 9110 section 8.4.1.2), and raw deflate data in practice. False: it is neither.
    fn deflate(&mut self, input: &[u8]) -> bool {
        let zlib = matches!(input, [method, flags, ..]
            if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31));
        for zlib in [zlib, false] {
            let ended = self.inflate(input, zlib);
            match ended {
                // Where the very beginning is wrong, it may be of the other form, or not be coded at all.
                Ended::Corrupt(_) if self.out.is_empty() => {}
                Ended::Whole(used) => {
                    if used < input.len() {
                        self.anomalies
                            .push((AnomalyKind::EncodingTrailingBytes, used));
                    }
                    return true;
                }
                ended => {
                    self.ended(ended, 0, input.len());
                    return true;
                }
            }
        }
        false
    }

    fn ended(&mut self, ended: Ended, at: usize, input_bytes: usize) {
        match ended {
            Ended::Whole(_) => {}
            Ended::Truncated => self.stop(AnomalyKind::EncodingTruncated, input_bytes),
            Ended::Corrupt(used) => {
                self.stop(AnomalyKind::EncodingCorrupt, at.saturating_add(used));
            }
            Ended::Limit(used) => {
                self.limited = true;
                self.stop(AnomalyKind::EncodingLimit, at.saturating_add(used));
            }
        }
    }

    fn stop(&mut self, kind: AnomalyKind, at: usize) {
        self.whole = false;
        self.anomalies.push((kind, at));
    }

    fn inflate(&mut self, input: &[u8], zlib: bool) -> Ended {
        INFLATER.with_borrow_mut(|inflater| {
            inflater.reset(zlib);
            self.inflate_with(inflater, input)
        })
    }

    fn inflate_with(&mut self, inflater: &mut Decompress, input: &[u8]) -> Ended {
        loop {
            let used = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
            let before = self.out.len();
            let step = before
                .max(input.len().saturating_mul(4))
                .clamp(STEP_BYTES_MIN, STEP_BYTES_MAX);
            self.out.reserve(step);
            let rest = input.get(used..).unwrap_or_default();
            let status = inflater.decompress_vec(rest, &mut self.out, FlushDecompress::None);
            let now = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
            let idle = now == used && self.out.len() == before;
            if self.out.len() > self.bytes_max {
                self.out.truncate(self.bytes_max);
                return Ended::Limit(now);
            }
            match status {
                Ok(Status::StreamEnd) => return Ended::Whole(now),
                Err(_) => return Ended::Corrupt(now),
                Ok(_) if idle => return Ended::Truncated,
                Ok(_) if self.is_bomb(now) => return Ended::Limit(now),
                Ok(_) => {}
            }
        }
    }

    /// Has more come out of `used` coded bytes than an honest body gives?
    fn is_bomb(&self, used: usize) -> bool {
        let ratio = used.saturating_mul(self.limits.inflate_ratio_max);
        self.out.len() > ratio.max(self.limits.inflate_grace_bytes)
    }
}

enum Broken {
    Truncated,
    Other,
}

/// Bytes of the header of a gzip member (RFC 1952 section 2.3).
fn gzip_header(input: &[u8]) -> Result<usize, Broken> {
    let magic = input.get(..3).unwrap_or(input);
    if input.is_empty() || !GZIP_MAGIC.starts_with(magic) {
        return Err(Broken::Other);
    }
    let flags = *input.get(3).ok_or(Broken::Truncated)?;
    let mut at = GZIP_HEADER_BYTES;
    if flags & 0x04 != 0 {
        let length = input
            .get(at..)
            .and_then(<[u8]>::first_chunk::<2>)
            .ok_or(Broken::Truncated)?;
        at = at
            .saturating_add(2)
            .saturating_add(usize::from(u16::from_le_bytes(*length)));
    }
    // File name and comment, each ended by a zero.
    for flag in [0x08, 0x10] {
        if flags & flag != 0 {
            let rest = input.get(at..).ok_or(Broken::Truncated)?;
            let end = memchr::memchr(0, rest).ok_or(Broken::Truncated)?;
            at = at.saturating_add(end).saturating_add(1);
        }
    }
    if flags & 0x02 != 0 {
        at = at.saturating_add(2);
    }
    if at > input.len() {
        Err(Broken::Truncated)
    } else {
        Ok(at)
    }
}

thread_local! {
    /// Setting up an inflater costs more than a small body: one a thread is used again and again.
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

const ENCODINGS_LISTED: usize = 4;
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b, 8];
const GZIP_HEADER_BYTES: usize = 10;
const GZIP_TRAILER_BYTES: usize = 8;
const STEP_BYTES_MIN: usize = 4 * 1024;
const STEP_BYTES_MAX: usize = 1024 * 1024;
