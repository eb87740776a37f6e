//! Any bytes, cut into blocks in any way, written and read again.

use std::io::{Cursor, Write};
use std::net::SocketAddr;

use informant::report::escape;
use informant::source::{
    Block, BlockKind, Capture, Content, FileFormat, Payload, Speaker, Timestamp, Writer,
};
use proptest::prelude::*;

/// A block with what it carries.
type Told = (Block, Timestamp, Vec<u8>);

fn write(blocks: &[Told]) -> String {
    let earliest = blocks.iter().map(|(block, _, _)| block.since).min();
    let mut out = String::new();
    let writer = Writer::new(earliest.unwrap_or_default(), &mut out);
    for (block, time, bytes) in blocks {
        writer.comment("a remark\n>> with two lines", &mut out);
        writer.block(block, *time, &Payload::exact(bytes), &mut out);
        out.push_str("\n\n");
    }
    out
}

fn read(bytes: Vec<u8>) -> (Vec<Told>, Vec<String>) {
    let mut capture = Capture::from_reader("it", Cursor::new(bytes)).expect("a transcript opens");
    let mut blocks = Vec::new();
    while let Some(frame) = capture.next() {
        let Content::Block(block) = frame.content else {
            panic!("a transcript holds no packet");
        };
        assert_eq!(frame.id.number(), blocks.len() as u64 + 1);
        blocks.push((*block, frame.time, frame.bytes.to_vec()));
    }
    let facts = &capture.facts()[0];
    let bytes: usize = blocks.iter().map(|(_, _, bytes)| bytes.len()).sum();
    assert_eq!(facts.format, Some(FileFormat::Transcript));
    assert_eq!(
        (facts.frames, facts.bytes),
        (blocks.len() as u64, bytes as u64)
    );
    assert!(facts.link_types.is_empty());
    let problems = capture.problems().iter().map(ToString::to_string).collect();
    (blocks, problems)
}

/// Bytes that the format could mistake for its own.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..24),
        proptest::sample::select(vec![
            &b"\r\n"[..],
            b"\n",
            b"\r",
            b"\r\n\r\n",
            b"\n\n",
            b"\\",
            b"#",
            b">> ",
            b"<< ",
            b" ",
            b"\t",
            b"POST / HTTP/1.1\r\n",
            b"Content-Length: auto\r\n",
            b"content-length:auto",
            "grün\u{202e}\u{feff}".as_bytes(),
            b"\xc3",
            b"# started 2026-11-20T21:14:05Z",
        ])
        .prop_map(<[u8]>::to_vec),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn block() -> impl Strategy<Value = Told> {
    let addresses = prop_oneof![
        Just(("10.0.0.2:40112", "10.0.0.1:7547")),
        Just(("[2001:db8::2]:40112", "[2001:db8::1]:7547")),
    ];
    let kind = prop_oneof![
        8 => Just(BlockKind::Stream),
        1 => Just(BlockKind::Datagram),
        1 => Just(BlockKind::Gap(None)),
        1 => (1..=u32::MAX >> 1).prop_map(|missing| BlockKind::Gap(Some(missing))),
        1 => Just(BlockKind::Fin),
        1 => Just(BlockKind::Reset),
        1 => Just(BlockKind::Quiet),
    ];
    (
        addresses,
        any::<bool>(),
        kind,
        0..1_u64 << 40,
        0..1_u64 << 33,
        bytes(),
    )
        .prop_map(|((cpe, acs), turned, kind, since, took, bytes)| {
            let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
            let (mut source, mut destination) = (address(cpe), address(acs));
            if turned {
                std::mem::swap(&mut source, &mut destination);
            }
            let at = |nanoseconds: u64| Timestamp {
                nanoseconds: 1_700_000_000_123_456_789 + nanoseconds as i64,
                digits: 9,
            };
            let block = Block {
                speaker: if turned { Speaker::Acs } else { Speaker::Cpe },
                source,
                destination,
                since: at(since),
                kind,
            };
            let bytes = if kind.has_content() {
                bytes
            } else {
                Vec::new()
            };
            (block, at(since + took), bytes)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_written_is_read(blocks in proptest::collection::vec(block(), 0..6)) {
        let text = write(&blocks);
        prop_assert!(!text.chars().any(|character| character != '\n' && escape::is_unsafe(character)));
        let windows = text.replace('\n', "\r\n");
        let marked = format!("\u{feff}{text}");
        for form in [text, windows, marked] {
            let (found, problems) = read(form.into_bytes());
            prop_assert_eq!(&problems, &[""; 0]);
            prop_assert_eq!(&found, &blocks);
        }
    }

    #[test]
    fn any_cut_of_one_message_is_read(bytes in bytes(), cuts in proptest::collection::vec(0..200_usize, 0..4)) {
        let mut rest = bytes.as_slice();
        let mut pieces = Vec::new();
        for cut in cuts {
            let (front, behind) = rest.split_at(cut.min(rest.len()));
            pieces.push(front);
            rest = behind;
        }
        pieces.push(rest);
        let time = Timestamp { nanoseconds: 1_000, digits: 6 };
        let address: SocketAddr = "10.0.0.2:1".parse().expect("an address");
        let block = Block { speaker: Speaker::Cpe, source: address, destination: address, since: time, kind: BlockKind::Stream };
        let blocks: Vec<Told> = pieces.iter().map(|piece| (block, time, piece.to_vec())).collect();
        let (found, _) = read(write(&blocks).into_bytes());
        let joined: Vec<u8> = found.into_iter().flat_map(|(_, _, bytes)| bytes).collect();
        prop_assert_eq!(joined, bytes);
    }

    #[test]
    fn no_text_breaks_the_reader(lines in proptest::collection::vec(bytes(), 0..12)) {
        let mut text = b"# informant transcript 1\n>> 10.0.0.2:1 > 10.0.0.1:2 @0 gzip\n".to_vec();
        text.extend(lines.concat());
        let (blocks, problems) = read(text);
        prop_assert!(problems.len() <= 1 && blocks.len() < 40);
    }
}

#[test]
fn every_character_that_a_terminal_obeys_is_escaped() {
    let time = Timestamp::default();
    let address: SocketAddr = "10.0.0.2:1".parse().expect("an address");
    let block = Block {
        speaker: Speaker::Cpe,
        source: address,
        destination: address,
        since: time,
        kind: BlockKind::Stream,
    };
    for character in '\0'..=char::MAX {
        if character.is_ascii_graphic() && character != '\\' {
            continue;
        }
        let sent = format!("x{character}x");
        let mut out = String::new();
        let writer = Writer::new(time, &mut out);
        let start = out.len();
        writer.block(&block, time, &Payload::exact(sent.as_bytes()), &mut out);
        let shown = out[start..].contains(character) && character != '\n';
        let safe = !escape::is_unsafe(character);
        assert_eq!(shown, safe, "{character:?}");
    }
}

#[test]
fn compressed_and_large_transcripts() {
    let time = Timestamp::default();
    let address: SocketAddr = "10.0.0.2:1".parse().expect("an address");
    let block = Block {
        speaker: Speaker::Acs,
        source: address,
        destination: address,
        since: time,
        kind: BlockKind::Stream,
    };
    // One long line of text, many empty ones, and bytes that are no text at all.
    let long = vec![b'x'; 3 << 20];
    let empty = vec![b'\n'; 1 << 20];
    let binary: Vec<u8> = (0..1 << 20)
        .map(|at: u32| (at.wrapping_mul(0x9e37_79b9) >> 13) as u8)
        .collect();
    let blocks = [long, empty, binary].map(|bytes| (block, time, bytes));
    let text = write(&blocks);
    assert!(text.lines().all(|line| line.len() < 1 << 17));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("memory takes it");
    let gzip = packed.finish().expect("memory takes it");
    let zstd = zstd::encode_all(text.as_bytes(), 1).expect("memory takes it");
    for form in [text.into_bytes(), gzip, zstd] {
        let (found, problems) = read(form);
        assert_eq!(problems, [""; 0]);
        assert!(found == blocks);
    }
}
