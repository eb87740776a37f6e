//! Blocks made here, in both byte orders: what no file at hand has.

use std::io::Cursor;

use link::LinkType;

use crate::source::{Capture, FrameId, Secret, Timestamp};

/// Writes fields and blocks in one byte order.
#[derive(Clone, Copy)]
struct Writer {
    big_endian: bool,
}

impl Writer {
    fn u16(self, value: u16) -> Vec<u8> {
        if self.big_endian {
            value.to_be_bytes().to_vec()
        } else {
            value.to_le_bytes().to_vec()
        }
    }

    fn u32(self, value: u32) -> Vec<u8> {
        if self.big_endian {
            value.to_be_bytes().to_vec()
        } else {
            value.to_le_bytes().to_vec()
        }
    }

    fn u64(self, value: u64) -> Vec<u8> {
        if self.big_endian {
            value.to_be_bytes().to_vec()
        } else {
            value.to_le_bytes().to_vec()
        }
    }

    fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut option = [self.u16(code), self.u16(value.len() as u16), value.to_vec()].concat();
        option.resize(option.len().next_multiple_of(4), 0);
        option
    }

    fn block(self, kind: u32, fields: &[&[u8]]) -> Vec<u8> {
        let mut body = fields.concat();
        body.resize(body.len().next_multiple_of(4), 0);
        let length = self.u32(body.len() as u32 + 12);
        [self.u32(kind), length.clone(), body, length].concat()
    }

    fn section(self, options: &[u8]) -> Vec<u8> {
        let version = [self.u16(1), self.u16(0), self.u64(u64::MAX)].concat();
        self.block(0x0a0d_0d0a, &[&self.u32(0x1a2b_3c4d), &version, options])
    }

    fn interface(self, link_type: u16, snap_length: u32, options: &[u8]) -> Vec<u8> {
        self.block(
            1,
            &[
                &self.u16(link_type),
                &[0, 0],
                &self.u32(snap_length),
                options,
            ],
        )
    }

    fn enhanced(self, interface: u32, ticks: u64, bytes: &[u8], options: &[u8]) -> Vec<u8> {
        self.block(
            6,
            &[&self.u32(interface), &self.packet(ticks, bytes), options],
        )
    }

    fn obsolete(self, interface: u16, ticks: u64, bytes: &[u8]) -> Vec<u8> {
        self.block(
            2,
            &[
                &self.u16(interface),
                &self.u16(0xffff),
                &self.packet(ticks, bytes),
            ],
        )
    }

    fn simple(self, original_length: u32, bytes: &[u8]) -> Vec<u8> {
        self.block(3, &[&self.u32(original_length), bytes])
    }

    /// Times, lengths and padded bytes.
    fn packet(self, ticks: u64, bytes: &[u8]) -> Vec<u8> {
        let length = self.u32(bytes.len() as u32);
        let times = [self.u32((ticks >> 32) as u32), self.u32(ticks as u32)].concat();
        let mut packet = [times, length.clone(), length, bytes.to_vec()].concat();
        packet.resize(packet.len().next_multiple_of(4), 0);
        packet
    }
}

fn both_orders() -> [Writer; 2] {
    [Writer { big_endian: false }, Writer { big_endian: true }]
}

fn open(bytes: &[u8]) -> Capture {
    match Capture::from_reader("capture", Cursor::new(bytes.to_vec())) {
        Ok(capture) => capture,
        Err(error) => panic!("{error}"),
    }
}

/// Number, nanoseconds, decimals, link type, original length and captured bytes of every frame.
type Told = (u64, i64, u8, u16, u32, Vec<u8>);

fn told(capture: &mut Capture) -> Vec<Told> {
    let mut frames = Vec::new();
    while let Some(frame) = capture.next() {
        let Timestamp {
            nanoseconds,
            digits,
        } = frame.time;
        let number = frame.id.number();
        let Some((link_type, original_length)) = frame.packet() else {
            panic!("frame {number} is no packet");
        };
        frames.push((
            number,
            nanoseconds,
            digits,
            link_type.0,
            original_length,
            frame.bytes.to_vec(),
        ));
    }
    frames
}

#[test]
fn interfaces_have_their_own_clock_and_link_type() {
    for writer in both_orders() {
        let offset = writer.option(14, &writer.u64(3_600));
        let bytes = [
            writer.section(&[]),
            writer.interface(1, 0, &[]),
            writer.interface(113, 0, &[writer.option(9, &[9]), offset].concat()),
            writer.interface(101, 0, &writer.option(9, &[0x8a])),
            writer.enhanced(0, 1_000_001, &[1], &[]),
            writer.enhanced(1, 5_000_000_007, &[1, 2], &[]),
            writer.enhanced(2, 1_536, &[1, 2, 3], &[]),
            writer.obsolete(1, 6_000_000_000, &[1, 2, 3, 4]),
        ];
        let mut capture = open(&bytes.concat());
        let expected = [
            (1, 1_000_001_000, 6, 1, 1, vec![1]),
            (2, 3_605_000_000_007, 9, 113, 2, vec![1, 2]),
            (3, 1_500_000_000, 4, 101, 3, vec![1, 2, 3]),
            (4, 3_606_000_000_000, 9, 113, 4, vec![1, 2, 3, 4]),
        ];
        assert_eq!(told(&mut capture), expected);
        assert!(capture.problems().is_empty());
        let link_types = capture
            .facts()
            .first()
            .map(|facts| facts.link_types.clone());
        assert_eq!(
            link_types,
            Some(vec![LinkType(1), LinkType(113), LinkType(101)])
        );
    }
}

#[test]
fn a_simple_packet_has_the_time_before_it_and_the_snap_length_of_the_first_interface() {
    for writer in both_orders() {
        let bytes = [
            writer.section(&[]),
            writer.interface(1, 3, &[]),
            writer.simple(2, &[1, 2]),
            writer.enhanced(0, 2_000_000, &[9], &[]),
            writer.simple(7, &[1, 2, 3, 0]),
        ];
        let mut capture = open(&bytes.concat());
        let expected = [
            (1, 0, 0, 1, 2, vec![1, 2]),
            (2, 2_000_000_000, 6, 1, 1, vec![9]),
            (3, 2_000_000_000, 6, 1, 7, vec![1, 2, 3]),
        ];
        assert_eq!(told(&mut capture), expected);
        let first = capture.facts().first().and_then(|facts| facts.first);
        assert_eq!(first.map(|time| time.nanoseconds), Some(2_000_000_000));
    }
}

#[test]
fn a_new_section_may_have_the_other_byte_order_and_has_its_own_interfaces() {
    let [little, big] = both_orders();
    let bytes = [
        little.section(&[]),
        little.interface(1, 0, &[]),
        little.enhanced(0, 1, &[1], &[]),
        big.section(&[]),
        big.interface(113, 0, &[]),
        big.enhanced(0, 2, &[2], &[]),
        little.section(&[]),
        little.enhanced(0, 3, &[3], &[]),
    ];
    let mut capture = open(&bytes.concat());
    assert_eq!(
        told(&mut capture),
        [(1, 1_000, 6, 1, 1, vec![1]), (2, 2_000, 6, 113, 1, vec![2])]
    );
    let problems: Vec<String> = capture.problems().iter().map(ToString::to_string).collect();
    let [problem] = problems.as_slice() else {
        panic!("{problems:?}")
    };
    assert!(
        problem.contains("frame 3 is of interface 0, and 0 were described"),
        "{problem}"
    );
}

#[test]
fn secrets_comments_and_drops_are_kept() {
    for writer in both_orders() {
        let key_log = b"CLIENT_RANDOM 00 11\n";
        let drops = |count| writer.option(5, &writer.u64(count));
        let statistics =
            |interface, count| writer.block(5, &[&writer.u32(interface), &[0; 8], &drops(count)]);
        let secrets = [
            writer.u32(Secret::TLS_KEY_LOG),
            writer.u32(key_log.len() as u32),
        ]
        .concat();
        let bytes = [
            writer.section(&writer.option(1, b"of the file")),
            writer.block(10, &[&secrets, key_log]),
            writer.interface(1, 0, &writer.option(1, b"mirror port")),
            writer.interface(1, 0, &[]),
            writer.block(4, &[&[0; 4]]),
            writer.block(0x0bad, &[&[0; 32]]),
            writer.enhanced(
                0,
                1,
                &[1, 2, 3],
                &[writer.option(2, &[0; 4]), writer.option(1, b"look here")].concat(),
            ),
            statistics(0, 3),
            statistics(1, 10),
            statistics(0, 5),
        ];
        let mut capture = open(&bytes.concat());
        assert_eq!(told(&mut capture).len(), 1);
        assert!(capture.problems().is_empty());
        let expected = Secret {
            file: 0,
            kind: Secret::TLS_KEY_LOG,
            bytes: key_log.to_vec(),
        };
        assert_eq!(capture.secrets(), [expected]);
        let [facts] = capture.facts() else { panic!() };
        assert_eq!(
            facts.comments,
            [
                "of the file",
                "interface 0: mirror port",
                "frame 1: look here"
            ]
        );
        assert_eq!(facts.dropped, Some(15));
    }
}

#[test]
fn comments_and_secrets_have_bounds_that_are_seen() {
    let [writer, _] = both_orders();
    let comment = writer.option(1, &[b'x'; 60_000]);
    let secrets = [writer.u32(1), writer.u32(9 << 20), vec![0; 9 << 20]].concat();
    let mut bytes = [writer.section(&[]), writer.interface(1, 0, &[])].concat();
    for _ in 0..20 {
        bytes.extend(writer.enhanced(0, 1, &[1], &comment));
    }
    bytes.extend(writer.block(10, &[&secrets]));
    bytes.extend(writer.block(10, &[&secrets]));
    bytes.extend(writer.enhanced(0, 2, &[1], &[]));
    let mut capture = open(&bytes);
    assert_eq!(told(&mut capture).len(), 21);
    let [facts] = capture.facts() else { panic!() };
    assert_eq!(facts.comments.len(), 5);
    assert_eq!(
        facts.comments.last().map(String::as_str),
        Some("(further comments are left out)")
    );
    assert_eq!(capture.secrets().len(), 1);
    let [problem] = capture.problems() else {
        panic!()
    };
    assert!(problem.to_string().contains("is left out"), "{problem}");
}

#[test]
fn a_block_that_contradicts_itself_ends_the_file_with_its_offset() {
    let [writer, _] = both_orders();
    let head = [
        writer.section(&[]),
        writer.interface(1, 0, &[]),
        writer.enhanced(0, 1, &[1], &[]),
    ]
    .concat();
    let with = |at: usize, value: u32| {
        let mut block = writer.enhanced(0, 1, &[1, 2, 3, 4], &[]);
        block.splice(at..at + 4, writer.u32(value));
        block
    };
    let blocks = [
        (with(4, 0), "block 4 has a length of 0"),
        (with(4, 37), "block 4 has a length of 37"),
        (with(4, 0x7fff_fffc), "(16777216 at most)"),
        (with(8, 7), "frame 2 is of interface 7"),
        (with(20, 99), "frame 2 has 99 bytes in a block that holds 4"),
        (with(32, 40), "the two lengths of block 4 differ"),
        (
            writer.block(6, &[&[0; 4]]),
            "an enhanced packet is too short",
        ),
        (
            writer.block(1, &[]),
            "an interface description is too short",
        ),
        (
            writer.block(10, &[&[0xff; 8]]),
            "secrets are longer than their block",
        ),
        (
            writer.block(0x0a0d_0d0a, &[&[0; 16]]),
            "no byte-order magic",
        ),
    ];
    for (block, expected) in blocks {
        let mut capture = open(&[head.clone(), block].concat());
        assert_eq!(told(&mut capture).len(), 1, "{expected}");
        let [problem] = capture.problems() else {
            panic!("{expected}")
        };
        let text = problem.to_string();
        assert!(
            text.contains(&format!("capture: corrupt at offset {}: ", head.len())),
            "{text}"
        );
        assert!(text.contains(expected), "{text}");
        assert!(capture.facts().iter().all(|facts| facts.truncated));
    }
}

#[test]
fn a_huge_block_that_is_passed_over_takes_no_memory() {
    let [writer, _] = both_orders();
    let mut bytes = [writer.section(&[]), writer.interface(1, 0, &[])].concat();
    bytes.extend(writer.block(0x0bad, &[&vec![7; 20 << 20]]));
    bytes.extend(writer.enhanced(0, 1, &[1], &[]));
    let mut capture = open(&bytes);
    assert_eq!(told(&mut capture).len(), 1);
    assert!(capture.problems().is_empty());
    bytes.truncate(1 << 20);
    let mut capture = open(&bytes);
    assert!(capture.next().is_none());
    assert!(capture.problems().iter().any(|problem| {
        problem
            .to_string()
            .contains("block 3 (a block passed over)")
    }));
}

#[test]
fn a_frame_id_keeps_file_and_number() {
    let id = FrameId::new(7, (1 << 48) - 1);
    assert_eq!((id.file(), id.number()), (7, (1 << 48) - 1));
    assert_eq!(FrameId::from_token(id.token()), id);
}
