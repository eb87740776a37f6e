//! Reading capture files: against capinfos and editcap, both byte orders, every cut, compression, several files.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use informant::source::{Capture, FileFormat, Input, SourceError};
use proptest::prelude::*;

/// What a frame is, apart from the file it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    nanoseconds: i64,
    original_length: u32,
    link_type: u16,
    bytes: Vec<u8>,
}

/// The frames of a capture, and the damage met.
fn read(mut capture: Capture) -> (Vec<Seen>, Vec<String>) {
    let mut frames = Vec::new();
    while let Some(frame) = capture.next() {
        let (link_type, original_length) = frame.packet().expect("a frame is a packet");
        frames.push(Seen {
            nanoseconds: frame.time.nanoseconds,
            original_length,
            link_type: link_type.0,
            bytes: frame.bytes.to_vec(),
        });
    }
    (
        frames,
        capture.problems().iter().map(ToString::to_string).collect(),
    )
}

fn read_bytes(bytes: &[u8]) -> Result<(Vec<Seen>, Vec<String>), SourceError> {
    Capture::from_reader("capture", Cursor::new(bytes.to_vec())).map(read)
}

fn read_file(path: &Path) -> Result<(Vec<Seen>, Vec<String>), SourceError> {
    Capture::open(vec![Input::from(path.to_owned())]).map(read)
}

/// A file of the shared captures; none, and a line about it, where they are absent.
fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/captures")).join(path);
    if !path.exists() {
        println!("skipped: ../shared is absent");
    }
    path.exists().then_some(path)
}

fn files_in(folder: &str) -> Vec<PathBuf> {
    let Some(folder) = shared(folder) else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder).expect("the folder exists");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Files that capinfos refuses, how many frames of each we give, and why.
const REFUSED: [(&str, usize, &str); 3] = [
    (
        "google+gopacket__pcapgo__tests__be__test901.pcapng",
        1,
        "the next section is of version 2",
    ),
    (
        "google+gopacket__pcapgo__tests__le__test901.pcapng",
        1,
        "the next section is of version 2",
    ),
    (
        "libpcap__tests__shb-option-too-long.pcapng",
        0,
        "the two lengths of its section header differ",
    ),
];

#[test]
fn frame_counts_equal_those_of_capinfos() {
    for path in files_in("pcapng-suite") {
        let name = name(&path);
        let (frames, problems) = read_file(&path).unwrap_or_else(|error| panic!("{error}"));
        if let Some((_, count, why)) = REFUSED.iter().find(|(refused, _, _)| *refused == name) {
            assert_eq!((frames.len(), problems.len()), (*count, 1), "{name}: {why}");
            continue;
        }
        assert_eq!(problems, Vec::<String>::new(), "{name}");
        let Some(theirs) = capinfos(&path) else {
            return;
        };
        assert_eq!(frames.len() as u64, theirs, "{name}");
    }
}

/// What capinfos counts; none, and a line about it, where it is absent.
fn capinfos(path: &Path) -> Option<u64> {
    let Ok(output) = Command::new("capinfos")
        .args(["-c", "-M", "-T", "-r"])
        .arg(path)
        .output()
    else {
        println!("skipped: capinfos is absent");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let count = text.split('\t').nth(1).map(|count| count.trim().parse());
    Some(
        count
            .unwrap_or_else(|| panic!("{}: {text}", path.display()))
            .expect("capinfos gives a number"),
    )
}

#[test]
fn packet_counts_equal_those_of_the_manifest() {
    let Some(manifest) = shared("MANIFEST.tsv") else {
        return;
    };
    let manifest = std::fs::read_to_string(manifest).expect("the manifest is text");
    let mut compared = 0;
    for row in manifest.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let (Some(path), Some(Ok(packets))) = (
            cells.first(),
            cells.get(6).map(|cell| cell.parse::<usize>()),
        ) else {
            continue;
        };
        let folder = path.split('/').next().unwrap_or_default();
        if !["linktypes", "http-torture"].contains(&folder) {
            continue;
        }
        let Some(path) = shared(path) else { continue };
        let (frames, _) = read_file(&path).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(frames.len(), packets, "{}", path.display());
        compared += 1;
    }
    assert!(compared > 500, "only {compared} files compared");
}

#[test]
fn both_byte_orders_hold_the_same_frames() {
    let mut by_test: BTreeMap<String, Vec<(PathBuf, Vec<Seen>)>> = BTreeMap::new();
    for path in files_in("pcapng-suite") {
        let name = name(&path)
            .replace("_be__", "_XX__")
            .replace("_le__", "_XX__");
        let name = name.replace("__be__", "__XX__").replace("__le__", "__XX__");
        if let (true, Ok((frames, _))) = (name.contains("_XX__"), read_file(&path)) {
            by_test.entry(name).or_default().push((path, frames));
        }
    }
    let mut compared = 0;
    for (name, files) in &by_test {
        if let [(_, one), (_, other)] = files.as_slice() {
            assert_eq!(one, other, "{name}");
            compared += 1;
        }
    }
    assert!(
        compared >= 10 || by_test.is_empty(),
        "only {compared} pairs"
    );
}

/// Files that editcap writes in another format hold the same frames.
#[test]
fn files_that_editcap_converts_hold_the_same_frames() {
    let Some(path) = shared("peers/easycwmp_genieacs.pcap") else {
        return;
    };
    let (frames, _) = read_file(&path).unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    for format in ["pcap", "nsecpcap", "modlibpcap", "pcapng"] {
        let converted = folder.path().join(format);
        let editcap = Command::new("editcap")
            .args(["-F", format])
            .arg(&path)
            .arg(&converted)
            .status();
        if !editcap.is_ok_and(|status| status.success()) {
            println!("skipped: editcap is absent");
            return;
        }
        assert_eq!(
            read_file(&converted).unwrap_or_else(|error| panic!("{error}")),
            (frames.clone(), vec![]),
            "{format}"
        );
    }
}

#[test]
fn pcap_in_either_byte_order_holds_the_same_frames() {
    for path in files_in("peers")
        .iter()
        .filter(|path| name(path).ends_with(".pcap"))
    {
        let bytes = std::fs::read(path).expect("the capture can be read");
        if !bytes.starts_with(&0xa1b2_c3d4_u32.to_le_bytes()) {
            continue;
        }
        let swapped = swap_pcap(&bytes);
        assert_ne!(bytes, swapped);
        let read = |bytes| read_bytes(bytes).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read(&bytes), read(&swapped), "{}", path.display());
    }
}

/// The same file as a host of the other byte order writes it.
fn swap_pcap(bytes: &[u8]) -> Vec<u8> {
    let swap = |bytes: &[u8], width: usize| -> Vec<u8> {
        bytes
            .chunks(width)
            .flat_map(|field| field.iter().rev().copied())
            .collect()
    };
    let (header, mut records) = bytes.split_at(24);
    let mut swapped = [
        swap(&header[..4], 4),
        swap(&header[4..8], 2),
        swap(&header[8..], 4),
    ]
    .concat();
    while let Some((header, rest)) = records.split_at_checked(16) {
        let captured = u32::from_le_bytes([header[8], header[9], header[10], header[11]]) as usize;
        let (frame, rest) = rest.split_at(captured);
        swapped.extend(swap(header, 4));
        swapped.extend(frame);
        records = rest;
    }
    swapped
}

#[test]
fn every_prefix_gives_the_frames_before_the_cut_and_names_the_cut() {
    let captures = [
        "http-torture/zeek__tcp__syn-synack.pcap",
        "pcapng-suite/hadrielk+pcapng-test-generator__output_be__difficult__test202.pcapng",
        "pcapng-suite/hadrielk+pcapng-test-generator__output_le__advanced__test102.pcapng",
    ];
    for path in captures {
        let Some(path) = shared(path) else { return };
        let bytes = std::fs::read(&path).expect("the capture can be read");
        let is_pcapng = name(&path).ends_with(".pcapng");
        let boundaries = if is_pcapng {
            pcapng_boundaries(&bytes)
        } else {
            pcap_boundaries(&bytes)
        };
        check_every_prefix(&bytes, &boundaries);
    }
}

#[test]
fn every_prefix_of_a_file_made_here_gives_the_frames_before_the_cut() {
    let bytes = pcap_of(&[(1, 0, 60), (1, 5, 0), (2, 999_999, 1514), (3, 0, 1)]);
    check_every_prefix(&bytes, &pcap_boundaries(&bytes));
}

fn check_every_prefix(bytes: &[u8], boundaries: &[usize]) {
    let (whole, _) = read_bytes(bytes).unwrap_or_else(|error| panic!("{error}"));
    let mut longest = 0;
    for end in 0..=bytes.len() {
        match read_bytes(&bytes[..end]) {
            Ok((frames, problems)) => {
                assert_eq!(frames, whole[..frames.len()], "cut at {end}");
                assert!(frames.len() >= longest, "cut at {end}");
                longest = frames.len();
                assert_eq!(
                    problems.is_empty(),
                    boundaries.contains(&end),
                    "cut at {end}: {problems:?}"
                );
                let names_the_cut = |problem: &String| {
                    problem.contains("cut short inside") && problem.contains("offset")
                };
                assert!(
                    problems.iter().all(names_the_cut),
                    "cut at {end}: {problems:?}"
                );
            }
            Err(error) => assert!(end < 4, "cut at {end}: {error}"),
        }
    }
    assert_eq!(longest, whole.len());
}

fn pcap_boundaries(bytes: &[u8]) -> Vec<usize> {
    let mut boundaries = vec![24];
    let mut at = 24;
    while let Some(length) = bytes.get(at + 8..at + 12) {
        at += 16 + u32::from_le_bytes(length.try_into().expect("four bytes")) as usize;
        boundaries.push(at);
    }
    boundaries
}

fn pcapng_boundaries(bytes: &[u8]) -> Vec<usize> {
    let (mut boundaries, mut at, mut big_endian) = (Vec::new(), 0, false);
    while let Some(head) = bytes.get(at..at + 12) {
        if head.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
            big_endian = head.ends_with(&[0x1a, 0x2b, 0x3c, 0x4d]);
        }
        let length = head[4..8].try_into().expect("four bytes");
        at += if big_endian {
            u32::from_be_bytes(length)
        } else {
            u32::from_le_bytes(length)
        } as usize;
        boundaries.push(at);
    }
    boundaries
}

/// A little-endian Ethernet pcap of frames given as seconds, microseconds and length.
fn pcap_of(frames: &[(u32, u32, usize)]) -> Vec<u8> {
    let header = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1];
    let mut bytes: Vec<u8> = header
        .iter()
        .flat_map(|field| field.to_le_bytes())
        .collect();
    for (seconds, microseconds, length) in frames {
        let length_field = *length as u32;
        let header = [*seconds, *microseconds, length_field, length_field];
        bytes.extend(header.iter().flat_map(|field| field.to_le_bytes()));
        bytes.extend(vec![*seconds as u8; *length]);
    }
    bytes
}

#[test]
fn compressed_files_hold_the_same_frames() {
    let plain = pcap_of(&(0..2_000).map(|at| (at, 0, 700)).collect::<Vec<_>>());
    let (frames, _) = read_bytes(&plain).unwrap_or_else(|error| panic!("{error}"));
    let (first, second) = plain.split_at(plain.len() / 3);
    let packed = [
        gzip(&plain),
        [gzip(first), gzip(second)].concat(),
        zstd(&plain),
        [zstd(first), zstd(second)].concat(),
        [
            &[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..],
            &zstd(&plain),
        ]
        .concat(),
    ];
    for (at, packed) in packed.iter().enumerate() {
        let read = read_bytes(packed).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(read, (frames.clone(), vec![]), "form {at}");
        check_cuts_of_packed(packed, &frames);
    }
}

/// Whole frames that can be unpacked come first, then one problem that names the compression.
fn check_cuts_of_packed(packed: &[u8], frames: &[Seen]) {
    for end in (18..packed.len()).step_by(packed.len() / 40) {
        let Ok((some, problems)) = read_bytes(&packed[..end]) else {
            continue;
        };
        assert_eq!(some, frames[..some.len()], "cut at {end}");
        let named = |problem: &String| {
            problem.contains("gzip data")
                || problem.contains("zstd data")
                || problem.contains("cut short")
        };
        assert!(
            problems.len() == 1 && problems.iter().all(named),
            "cut at {end}: {problems:?}"
        );
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).expect("memory takes all")
}

#[test]
fn several_files_come_in_time_order_and_each_keeps_its_own() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = [
        vec![(1, 0, 10), (5, 0, 11), (9, 0, 12)],
        vec![(2, 0, 20), (5, 0, 21), (4, 0, 22), (10, 0, 23)],
        vec![],
    ];
    let inputs = files.iter().enumerate().map(|(at, frames)| {
        let path = folder.path().join(format!("{at}.pcap"));
        std::fs::write(&path, pcap_of(frames)).expect("the file can be written");
        Input::from(path)
    });
    let mut capture = Capture::open(inputs.collect()).unwrap_or_else(|error| panic!("{error}"));
    let mut order = Vec::new();
    while let Some(frame) = capture.next() {
        order.push((frame.id.file(), frame.id.number(), frame.bytes.len()));
    }
    let expected = [
        (0, 1, 10),
        (1, 1, 20),
        (0, 2, 11),
        (1, 2, 21),
        (1, 3, 22),
        (0, 3, 12),
        (1, 4, 23),
    ];
    assert_eq!(order, expected);
    let counts: Vec<u64> = capture.facts().iter().map(|facts| facts.frames).collect();
    assert_eq!(counts, [3, 4, 0]);
    let progress = capture.progress();
    assert_eq!(progress.total_bytes, Some(progress.read_bytes));
}

#[test]
fn a_damaged_file_among_several_does_not_hide_the_others() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (cut, whole) = (
        folder.path().join("cut.pcap"),
        folder.path().join("whole.pcap"),
    );
    let bytes = pcap_of(&[(1, 0, 10), (2, 0, 10)]);
    std::fs::write(&cut, &bytes[..bytes.len() - 4]).expect("the file can be written");
    std::fs::write(&whole, pcap_of(&[(1, 0, 10), (3, 0, 10)])).expect("the file can be written");
    let (frames, problems) = read(
        Capture::open(vec![cut.into(), whole.into()]).unwrap_or_else(|error| panic!("{error}")),
    );
    assert_eq!(frames.len(), 3);
    let [problem] = problems.as_slice() else {
        panic!("{problems:?}")
    };
    assert!(problem.ends_with("cut.pcap: cut short inside record 2 at offset 50 (needs 4 more bytes): everything before it was read"), "{problem}");
}

#[test]
fn what_cannot_be_read_is_named_and_says_what_can() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("the file can be written");
        Input::from(path)
    };
    let inputs = vec![
        Input::from(folder.path().join("absent.pcap")),
        file("empty.pcap", b""),
        file("notes.txt", b"POST /acs HTTP/1.1\r\n"),
        file("packed.xz", b"\xfd7zXZ\x00"),
        Input::from(folder.path().to_owned()),
    ];
    let Err(error) = Capture::open(inputs) else {
        panic!("nothing was wrong")
    };
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let expected = [
        "absent.pcap: cannot be read: No such file",
        "empty.pcap: is empty",
        "notes.txt: is not a capture (it begins like text): pcap, pcapng and transcripts are read, plain, .gz or .zst",
        "packed.xz: is not a capture (it is an xz file: unpack it first)",
        ": cannot be read: Is a directory",
    ];
    assert_eq!(lines.len(), expected.len(), "{text}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{line}");
    }
}

#[test]
fn what_cannot_be_opened_keeps_its_number_and_hides_no_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let whole = folder.path().join("whole.pcap");
    std::fs::write(&whole, pcap_of(&[(1, 0, 1), (2, 0, 2)])).expect("the file can be written");
    let notes = folder.path().join("notes.txt");
    std::fs::write(&notes, b"POST /acs HTTP/1.1\r\n").expect("the file can be written");
    let absent = folder.path().join("absent.pcap");
    let inputs = vec![absent.into(), whole.into(), notes.into()];
    let mut capture = Capture::open(inputs).unwrap_or_else(|error| panic!("{error}"));
    let mut seen = Vec::new();
    while let Some(frame) = capture.next() {
        seen.push((frame.id.file(), frame.id.number()));
    }
    assert_eq!(seen, [(1, 1), (1, 2)]);
    let facts = capture.facts();
    let frames: Vec<u64> = facts.iter().map(|facts| facts.frames).collect();
    assert_eq!(frames, [0, 2, 0]);
    let formats: Vec<bool> = facts.iter().map(|facts| facts.format.is_some()).collect();
    assert_eq!(formats, [false, true, false]);
    let problems = capture.problems();
    assert_eq!(problems.len(), 2);
    assert!(
        problems[0]
            .to_string()
            .contains("absent.pcap: cannot be read")
    );
    assert!(
        problems[1]
            .to_string()
            .contains("notes.txt: is not a capture")
    );
}

#[test]
fn a_length_beyond_any_packet_is_corrupt_and_takes_no_memory() {
    let mut bytes = pcap_of(&[(1, 0, 10)]);
    bytes.extend(
        [1_u32, 0, 0xffff_fff0, 0xffff_fff0]
            .iter()
            .flat_map(|field| field.to_le_bytes()),
    );
    let (frames, problems) = read_bytes(&bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(frames.len(), 1);
    assert_eq!(
        problems,
        [
            "capture: corrupt at offset 50: record 2 says it holds 4294967280 bytes (16777216 at most): everything before it was read"
        ]
    );
}

#[test]
fn formats_and_facts_are_told() {
    let Ok(mut capture) = Capture::from_reader(
        "capture",
        Cursor::new(gzip(&pcap_of(&[(7, 5, 10), (6, 0, 20)]))),
    ) else {
        panic!()
    };
    while capture.next().is_some() {}
    let [facts] = capture.facts() else { panic!() };
    assert_eq!(
        (facts.format, facts.compression),
        (Some(FileFormat::Pcap), Some("gzip"))
    );
    assert_eq!(
        (facts.frames, facts.bytes, facts.frames_cut, facts.truncated),
        (2, 30, 0, false)
    );
    let times = (facts.first, facts.last)
        .0
        .zip(facts.last)
        .map(|(first, last)| (first.nanoseconds, last.nanoseconds, last.digits));
    assert_eq!(times, Some((6_000_000_000, 7_000_005_000, 6)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Bytes changed at random: no panic, and what comes before the first change stays as it was.
    #[test]
    fn changed_bytes_do_not_panic(which in 0_usize..4, changes in prop::collection::vec((0_usize..4_000, any::<u8>()), 1..6)) {
        let mut bytes = SAMPLES.with(|samples| samples[which].clone());
        let Ok((whole, _)) = read_bytes(&bytes) else { panic!("a sample is whole") };
        let mut first = usize::MAX;
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
            first = first.min(at);
        }
        if let Ok((frames, _)) = read_bytes(&bytes) {
            let mut before = read_bytes(&bytes[..first]).map(|(frames, _)| frames).unwrap_or_default();
            before.truncate(frames.len());
            prop_assert_eq!(&before, &whole[..before.len()]);
            prop_assert_eq!(&before, &frames[..before.len()]);
        }
    }
}

thread_local! {
    /// Small captures to change: three of the shared ones where they are present, and one made here.
    static SAMPLES: [Vec<u8>; 4] = {
        let made = pcap_of(&[(1, 0, 60), (2, 0, 100), (3, 0, 1514)]);
        let sample = |path: &str| shared(path).and_then(|path| std::fs::read(path).ok()).unwrap_or_else(|| made.clone());
        [
            sample("pcapng-suite/hadrielk+pcapng-test-generator__output_be__difficult__test202.pcapng"),
            sample("pcapng-suite/hadrielk+pcapng-test-generator__output_le__advanced__test102.pcapng"),
            sample("pcapng-suite/wireshark__captures__dtls12-aes128ccm8-dsb.pcapng"),
            made.clone(),
        ]
    };
}
