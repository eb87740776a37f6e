//! Captures of others, beside what tshark says of them: suites of hellos, and the plain bytes where there are keys.
//!
//! Where the shared captures or tshark are absent, the tests say so and pass.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use support::{Told, read};
use tls::{Direction, Fact, KeyLog, LineReader, Recognised, Sessions, recognise};

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures");
    let there = folder.is_dir() && Command::new("tshark").arg("-v").output().is_ok();
    if !there {
        eprintln!("skipped: ../shared/captures or tshark is absent");
    }
    there.then_some(folder)
}

fn tshark(file: &Path, arguments: &[&str]) -> String {
    let output = Command::new("tshark")
        .arg("-r")
        .arg(file)
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn read_logs(folder: &Path) -> KeyLog {
    let mut log = KeyLog::default();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if matches!(extension, Some("keys" | "dat" | "txt")) {
            let mut reader = LineReader::default();
            let mut insert = |_, _, line: Result<tls::Line, tls::LineFault>| {
                line.into_iter().for_each(|line| log.insert(line));
            };
            reader.take(&fs::read(&path).unwrap(), &mut insert);
            reader.finish(&mut insert);
        }
    }
    log
}

/// The segments of each TCP stream in the order captured: who, at which place, what.
type Segments = Vec<(String, u64, Vec<u8>)>;

fn streams(file: &Path) -> BTreeMap<u64, Segments> {
    let fields = [
        "-Y",
        "tcp.len>0",
        "-T",
        "fields",
        "-e",
        "tcp.stream",
        "-e",
        "tcp.srcport",
        "-e",
        "tcp.seq",
        "-e",
        "tcp.payload",
    ];
    let mut streams: BTreeMap<u64, Segments> = BTreeMap::new();
    for line in tshark(file, &fields).lines() {
        let mut words = line.split('\t');
        let mut word = || words.next().unwrap_or_default();
        let (Ok(stream), port, Ok(place)) =
            (word().parse(), word().to_owned(), word().parse::<u64>())
        else {
            continue;
        };
        let payload = bytes(word());
        streams
            .entry(stream)
            .or_default()
            .push((port, place, payload));
    }
    streams
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks_exact(2);
    digits
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// What one stream tells; None if it does not begin as TLS does. Segments out of order are put in order.
fn told(segments: &Segments, log: &KeyLog) -> Option<Told> {
    let (first, _, begin) = segments.first()?;
    if recognise(begin) != Recognised::Hello {
        return None;
    }
    let mut next = BTreeMap::from([(true, 1_u64), (false, 1)]);
    let mut waiting: Vec<(bool, u64, &[u8])> = Vec::new();
    let mut pieces = Vec::new();
    for (port, place, payload) in segments {
        waiting.push((port == first, *place, payload));
        while let Some(at) = waiting
            .iter()
            .position(|(side, place, _)| *place <= next[side])
        {
            let (side, place, payload) = waiting.remove(at);
            let known = usize::try_from(next[&side] - place).unwrap();
            let fresh = payload.get(known..).unwrap_or_default();
            *next.get_mut(&side).unwrap() += fresh.len() as u64;
            let direction = if side {
                Direction::Forward
            } else {
                Direction::Backward
            };
            pieces.push((direction, fresh.to_vec()));
        }
    }
    Some(read(&pieces, log, &[], &mut Sessions::default()))
}

fn suites(told: &Told) -> Vec<u16> {
    let suite = |(_, fact): &(Direction, Fact)| match fact {
        Fact::ServerHello(hello) | Fact::HelloRetryRequest(hello) => Some(hello.suite.0),
        _ => None,
    };
    told.facts.iter().filter_map(suite).collect()
}

/// Of each stream the suites that the server's hellos choose.
fn suites_by_tshark(file: &Path) -> BTreeMap<u64, Vec<u16>> {
    let fields = [
        "-Y",
        "tls.handshake.type==2",
        "-T",
        "fields",
        "-e",
        "tcp.stream",
        "-e",
        "tls.handshake.ciphersuite",
    ];
    let mut seen: BTreeMap<u64, Vec<u16>> = BTreeMap::new();
    for line in tshark(file, &fields).lines() {
        let Some((stream, suites)) = line.split_once('\t') else {
            continue;
        };
        let suite = suites.split(',').next().and_then(|word| {
            let hex = word.trim().strip_prefix("0x")?;
            u16::from_str_radix(hex, 16).ok()
        });
        if let Ok(stream) = stream.parse() {
            seen.entry(stream).or_default().extend(suite);
        }
    }
    seen
}

#[test]
fn hellos_of_servers_are_those_tshark_sees() {
    let Some(shared) = shared() else { return };
    let entries = fs::read_dir(shared.join("tls")).unwrap();
    let files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    // tshark takes a while to begin: two at a time.
    let compared: usize = thread::scope(|scope| {
        let halves = files.chunks(files.len().div_ceil(2).max(1));
        let halves: Vec<_> = halves
            .map(|half| scope.spawn(|| half.iter().map(|file| compare_hellos(file)).sum::<usize>()))
            .collect();
        halves.into_iter().map(|half| half.join().unwrap()).sum()
    });
    eprintln!("hellos compared: {compared}");
    assert!(compared >= 30, "{compared}");
}

/// Holds the hellos of one capture against tshark's; how many there are.
fn compare_hellos(file: &Path) -> usize {
    let seen = suites_by_tshark(file);
    let mut compared = 0;
    for (stream, segments) in streams(file) {
        let Some(told) = told(&segments, &KeyLog::default()) else {
            continue;
        };
        let seen = seen.get(&stream).map_or(&[][..], Vec::as_slice);
        assert_eq!(
            suites(&told),
            seen,
            "{} stream {stream}: {:?}",
            file.display(),
            told.anomalies
        );
        compared += seen.len();
    }
    compared
}

#[test]
fn plain_bytes_are_those_tshark_follows() {
    let Some(shared) = shared() else { return };
    let peers = shared.join("peers");
    let tls = shared.join("tls");
    let files = [
        (
            peers.join("anlix-sim_genieacs_https.pcap"),
            "anlix-sim_genieacs_https.keys",
        ),
        (
            tls.join("wireshark__captures__tls13-20-chacha20poly1305.pcap"),
            "wireshark__keys__tls13-20-chacha20poly1305.keys",
        ),
        (
            tls.join("wireshark__captures__dhe1.pcapng.gz"),
            "wireshark__keys__dhe1_keylog.dat",
        ),
        (
            tls.join("lbirchler+tls-decryption__data__tls3__tls3.cryptohack.org.pcapng"),
            "lbirchler+tls-decryption__data__tls3__keylogfile.txt",
        ),
    ];
    let (mut compared, mut plain_bytes) = (0, 0);
    for (file, keys) in files {
        let log = read_logs(file.parent().unwrap());
        let option = format!("tls.keylog_file:{}", file.with_file_name(keys).display());
        for (stream, segments) in streams(&file) {
            let Some(told) = told(&segments, &log) else {
                continue;
            };
            let follow = format!("follow,tls,raw,{stream}");
            let text = tshark(&file, &["-o", &option, "-q", "-z", &follow]);
            let lines = text
                .lines()
                .filter(|line| line.trim().bytes().all(|byte| byte.is_ascii_hexdigit()));
            let (mut one, mut other) = (Vec::new(), Vec::new());
            for line in lines {
                let side = if line.starts_with('\t') {
                    &mut one
                } else {
                    &mut other
                };
                side.extend(bytes(line.trim()));
            }
            let name = format!("{} stream {stream}", file.display());
            let same = (told.forward == one && told.backward == other)
                || (told.forward == other && told.backward == one);
            assert!(
                same,
                "{name}: {} and {} bytes, tshark has {} and {}; {:?}",
                told.forward.len(),
                told.backward.len(),
                one.len(),
                other.len(),
                told.reasons()
            );
            compared += 1;
            plain_bytes += one.len() + other.len();
        }
    }
    eprintln!("streams compared: {compared}, of {plain_bytes} plain bytes");
    assert!(
        compared >= 5 && plain_bytes > 50_000,
        "{compared} {plain_bytes}"
    );
}
