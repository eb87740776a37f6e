//! Transcripts: in whatever pieces they are read the same blocks, and written from what was read, the same again.

use std::io::{Cursor, Read};
use std::net::SocketAddr;

use informant::source::{Block, BlockKind, Capture, Content, Payload, Speaker, Timestamp, Writer};

use super::source::Pieces;
use super::tape::pieces;

/// What stands below the first line, which need not be hit by chance.
pub fn run(data: &[u8]) {
    let text = [FIRST_LINE, data].concat();
    let (blocks, problems) = read(Cursor::new(text.clone()));
    let seed = data.last().copied().unwrap_or_default();
    let in_pieces = pieces(&text, seed).into_iter().map(<[u8]>::to_vec);
    let again = read(Pieces::of(in_pieces.collect()));
    assert_eq!(again, (blocks.clone(), problems), "pieces matter");
    // Cut anywhere, it gives what stood before the cut; the last block may be cut itself.
    let cut = FIRST_LINE.len() + data.len() * usize::from(seed) / 256;
    let (mut front, _) = read(Cursor::new(text[..cut].to_vec()));
    front.pop();
    assert!(
        blocks.starts_with(&front),
        "what stood before the cut is another"
    );
    write_and_read(&blocks);
}

/// A block, and what it carries.
#[derive(Debug, Clone, PartialEq)]
struct Taken {
    block: Block,
    time: Timestamp,
    bytes: Vec<u8>,
}

fn read(reader: impl Read + Send + 'static) -> (Vec<Taken>, Vec<String>) {
    let mut capture = match Capture::from_reader("input", reader) {
        Ok(capture) => capture,
        Err(error) => return (Vec::new(), vec![error.to_string()]),
    };
    let mut blocks = Vec::new();
    while let Some(frame) = capture.next() {
        let Content::Block(block) = frame.content else {
            panic!("a transcript holds no packets");
        };
        blocks.push(Taken {
            block: *block,
            time: frame.time,
            bytes: frame.bytes.to_vec(),
        });
        assert_eq!(frame.id.number(), blocks.len() as u64);
        assert!(block.kind.has_content() || frame.bytes.is_empty());
    }
    let problems = capture.problems().iter().map(ToString::to_string);
    (blocks, problems.collect())
}

/// What one writes, the other reads.
fn write_and_read(blocks: &[Taken]) {
    let mut text = String::new();
    let started = Timestamp {
        nanoseconds: 0,
        digits: 9,
    };
    let writer = Writer::new(started, &mut text);
    for taken in blocks {
        writer.block(
            &taken.block,
            taken.time,
            &Payload::exact(&taken.bytes),
            &mut text,
        );
    }
    let (again, problems) = read(Cursor::new(text.clone().into_bytes()));
    assert!(problems.is_empty(), "{problems:?} in\n{text}");
    let bare = |taken: &Taken| -> (Speaker, SocketAddr, SocketAddr, BlockKind, Vec<u8>) {
        let Block {
            speaker,
            source,
            destination,
            kind,
            ..
        } = taken.block;
        (speaker, source, destination, kind, taken.bytes.clone())
    };
    let (before, after): (Vec<_>, Vec<_>) = (
        blocks.iter().map(bare).collect(),
        again.iter().map(bare).collect(),
    );
    assert_eq!(
        before, after,
        "written and read again, it says something else:\n{text}"
    );
}

/// The line that makes a file a transcript.
pub const FIRST_LINE: &[u8] = b"# informant transcript 1\n";
