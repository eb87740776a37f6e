//! Capture files: in whatever pieces they are read, and however they are packed, the same frames.

use std::io::{self, Read, Write};

use informant::source::Capture;

use super::tape::{Tape, pieces};

/// A whole file, pcap by its seeds.
pub fn run_pcap(data: &[u8]) {
    run(data);
}

/// A whole file, pcapng by its seeds.
pub fn run_pcapng(data: &[u8]) {
    run(data);
}

/// One byte for the wrapper, then what is packed.
pub fn run_packed(data: &[u8]) {
    let mut tape = Tape(data);
    let wrapper = tape.byte();
    let inner = tape.0;
    let is_packed = PACKED.iter().any(|magic| {
        inner.starts_with(magic) || inner.get(1..).is_some_and(|rest| rest.starts_with(magic))
    });
    if wrapper % 4 == 0 || is_packed {
        // Packed by whoever made it, well or not; what is packed twice is not read.
        drop(read(whole(inner)));
        return;
    }
    let plain = read(whole(inner));
    let packed = pack(wrapper, inner);
    let unpacked = read(whole(&packed));
    let bare = |taken: Result<Taken, String>| taken.map(|taken| taken.frames);
    assert_eq!(
        bare(plain.clone()).ok(),
        bare(unpacked).ok(),
        "packed, it has other frames"
    );
    // Cut anywhere, it gives what stood before the cut.
    let cut = packed.len() * usize::from(wrapper >> 2) / 64;
    let front = bare(read(whole(&packed[..cut]))).unwrap_or_default();
    assert!(bare(plain).is_ok_and(|all| all.starts_with(&front)) || front.is_empty());
}

fn run(data: &[u8]) {
    let taken = read(whole(data));
    let seed = data.last().copied().unwrap_or_default();
    let parts: Vec<Vec<u8>> = pieces(data, seed).into_iter().map(<[u8]>::to_vec).collect();
    let in_pieces = read(Pieces::of(parts));
    // What a file that is none looks like is guessed from the bytes that came first.
    let Ok(taken) = taken else {
        assert!(in_pieces.is_err(), "a capture in pieces alone");
        return;
    };
    assert_eq!(Ok(&taken), in_pieces.as_ref(), "pieces matter");
    let bytes: usize = taken.frames.iter().map(|frame| frame.bytes.len()).sum();
    assert!(bytes <= data.len(), "more frames than bytes");
    // Cut anywhere, it gives what stood before the cut.
    let cut = data.len() * usize::from(seed) / 256;
    let front = read(whole(&data[..cut])).map(|taken| taken.frames);
    assert!(taken.frames.starts_with(&front.unwrap_or_default()));
}

/// What a file gives.
#[derive(Debug, Clone, PartialEq)]
struct Taken {
    frames: Vec<Frame>,
    problems: Vec<String>,
    facts: String,
    secrets: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Frame {
    time: i64,
    link_type: u16,
    original_length: u32,
    bytes: Vec<u8>,
}

fn read(reader: impl Read + Send + 'static) -> Result<Taken, String> {
    let mut capture = Capture::from_reader("input", reader).map_err(|error| error.to_string())?;
    let mut frames = Vec::new();
    while let Some(frame) = capture.next() {
        assert_eq!(frame.id.number(), frames.len() as u64 + 1);
        assert_eq!(frame.id.file(), 0);
        assert!(frame.time.digits <= 9);
        frames.push(Frame {
            time: frame.time.nanoseconds,
            link_type: frame.packet().map_or(0, |(link_type, _)| link_type.0),
            original_length: frame.packet().map_or(0, |(_, length)| length),
            bytes: frame.bytes.to_vec(),
        });
    }
    assert!(capture.next().is_none(), "an end is an end");
    let [facts] = capture.facts() else {
        panic!("one file has one set of facts");
    };
    assert_eq!(facts.frames, frames.len() as u64);
    let bytes: usize = frames.iter().map(|frame| frame.bytes.len()).sum();
    assert_eq!(facts.bytes, bytes as u64);
    Ok(Taken {
        facts: format!("{facts:?}"),
        problems: capture.problems().iter().map(ToString::to_string).collect(),
        secrets: format!("{:?}", capture.secrets()),
        frames,
    })
}

fn whole(bytes: &[u8]) -> io::Cursor<Vec<u8>> {
    io::Cursor::new(bytes.to_vec())
}

/// Gives one piece a call.
pub struct Pieces {
    parts: std::vec::IntoIter<Vec<u8>>,
    at_hand: Vec<u8>,
}

impl Pieces {
    /// These pieces, in their order.
    pub fn of(parts: Vec<Vec<u8>>) -> Self {
        Self {
            parts: parts.into_iter(),
            at_hand: Vec::new(),
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at_hand.is_empty() {
            self.at_hand = self.parts.next().unwrap_or_default();
        }
        let length = buffer.len().min(self.at_hand.len());
        for (to, from) in buffer.iter_mut().zip(self.at_hand.drain(..length)) {
            *to = from;
        }
        Ok(length)
    }
}

/// gzip in one member or in two, or zstd.
fn pack(wrapper: u8, bytes: &[u8]) -> Vec<u8> {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("memory takes all bytes");
        encoder.finish().expect("memory takes all bytes")
    };
    match wrapper % 4 {
        1 => gzip(bytes),
        2 => {
            let (front, back) = bytes.split_at(bytes.len() / 2);
            [gzip(front), gzip(back)].concat()
        }
        _ => zstd::encode_all(bytes, 1).expect("memory takes all bytes"),
    }
}

/// How gzip and zstd begin, and, behind a byte, what zstd skips over.
const PACKED: [&[u8]; 3] = [b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"];
