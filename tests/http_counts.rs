//! HTTP messages and TCP streams of the shared captures, counted against what tshark counts in them.
//!
//! tshark is not always right, and neither are we: each difference stands in `http_counts/differences.tsv` with its frames, a
//! reason that lies on the wire, and a second reader that agrees. A difference that is not there fails, and so does a row
//! whose difference is gone.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use http1::Kind;
use informant::session::Message;
use serde_json::Value;
use support::{Analysis, analyse_file, shared};

/// What is counted in one capture.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    frames: u64,
    streams: u64,
    requests: u64,
    responses: u64,
    /// How many requests of each method, as `GET`.
    methods: BTreeMap<String, u64>,
    /// How many responses of each status, as `200`.
    statuses: BTreeMap<String, u64>,
}

/// A capture of the manifest.
struct Entry {
    path: String,
    exercises: String,
    tshark: Counts,
}

/// A row of the table of differences.
#[derive(Debug)]
struct Row {
    path: String,
    /// Requests, responses, streams, statuses: ours and tshark's as `1/0`, or nothing where they agree.
    differs: [String; 4],
    /// Where to look; behind the first of many, how many more.
    frames: Vec<u64>,
    reason: String,
    second_reader: String,
}

#[test]
fn every_difference_from_tshark_is_explained() {
    let Some(folder) = shared("captures") else {
        return;
    };
    let rows = rows();
    let mut known: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.path.as_str(), row)).collect();
    let (mut read, mut wrong) = (0, BTreeMap::<String, String>::new());
    for entry in manifest(&folder) {
        let analysis = analyse_file(&folder.join(&entry.path));
        let ours = count(&analysis);
        let row = known.remove(entry.path.as_str());
        let complaint = row.map_or_else(
            || unexplained(&ours, &entry.tshark),
            |row| stale(row, &ours, &entry.tshark, &analysis),
        );
        if let Some(complaint) = complaint {
            let class = wrong.entry(entry.exercises).or_default();
            let _ = writeln!(class, "    {}: {complaint}", entry.path);
        }
        read += 1;
    }
    let report: String = wrong
        .iter()
        .map(|(class, lines)| format!("  [{class}]\n{lines}"))
        .collect();
    assert!(report.is_empty(), "by class of `exercises`:\n{report}");
    assert!(known.is_empty(), "rows of no capture: {:?}", known.keys());
    eprintln!("{read} captures, {} differences explained", rows.len());
    assert!(read >= 658, "the captures were read: {read}");
}

/// What differs, where nothing should.
fn unexplained(ours: &Counts, tshark: &Counts) -> Option<String> {
    (ours != tshark).then(|| format!("ours {ours:?}, tshark {tshark:?}"))
}

/// What the row says and is not so.
fn stale(row: &Row, ours: &Counts, tshark: &Counts, analysis: &Analysis) -> Option<String> {
    let pair = |ours: u64, tshark: u64| {
        if ours == tshark {
            String::new()
        } else {
            format!("{ours}/{tshark}")
        }
    };
    let statuses = if ours.responses == tshark.responses {
        surplus(&ours.statuses, &tshark.statuses)
    } else {
        String::new()
    };
    let differs = [
        pair(ours.requests, tshark.requests),
        pair(ours.responses, tshark.responses),
        pair(ours.streams, tshark.streams),
        statuses,
    ];
    if differs.iter().all(String::is_empty) {
        return Some("the difference is gone".to_owned());
    }
    if differs != row.differs || ours.frames != tshark.frames {
        return Some(format!(
            "differs by {differs:?}, the row says {:?}",
            row.differs
        ));
    }
    if ours.requests == tshark.requests && ours.methods != tshark.methods {
        return Some(format!("methods {:?}, {:?}", ours.methods, tshark.methods));
    }
    // Where we count more, the frames are those in which the messages begin.
    let begin: BTreeSet<u64> = analysis.messages.iter().filter_map(first_frame).collect();
    let more = ours.requests > tshark.requests || ours.responses > tshark.responses;
    let strange = |frame: &&u64| **frame > ours.frames || more && !begin.contains(frame);
    row.frames
        .iter()
        .find(strange)
        .map(|frame| format!("no message that we count begins in frame {frame}"))
}

/// What each side has of which the other has less, as `0/200`.
fn surplus(ours: &BTreeMap<String, u64>, tshark: &BTreeMap<String, u64>) -> String {
    let beyond = |one: &BTreeMap<String, u64>, other: &BTreeMap<String, u64>| {
        let more = |(name, count): (&String, &u64)| {
            (*count > other.get(name).copied().unwrap_or(0)).then(|| name.clone())
        };
        one.iter().filter_map(more).collect::<Vec<_>>().join(",")
    };
    if ours == tshark {
        String::new()
    } else {
        format!("{}/{}", beyond(ours, tshark), beyond(tshark, ours))
    }
}

fn first_frame(message: &Message) -> Option<u64> {
    let carried = message.provenance.carried.first()?;
    message
        .http
        .head_complete()
        .then_some(carried.frame.number())
}

fn count(analysis: &Analysis) -> Counts {
    let summary = &analysis.summary;
    let mut counts = Counts {
        frames: summary.files.iter().map(|file| file.frames).sum(),
        streams: summary.tcp.connections,
        requests: summary.http_requests,
        responses: summary.http_responses,
        ..Counts::default()
    };
    for message in analysis.messages.iter().filter(|m| m.http.head_complete()) {
        let (of, name) = match message.http.kind() {
            Kind::Request => (
                &mut counts.methods,
                String::from_utf8_lossy(message.http.method()).into_owned(),
            ),
            Kind::Response => (&mut counts.statuses, message.http.status().to_string()),
        };
        *of.entry(name).or_default() += 1;
    }
    assert_eq!(counts.requests, counts.methods.values().sum::<u64>());
    assert_eq!(counts.responses, counts.statuses.values().sum::<u64>());
    counts
}

/// The captures of the manifest in which tshark counted.
fn manifest(folder: &Path) -> Vec<Entry> {
    let text = std::fs::read_to_string(folder.join("MANIFEST.tsv")).expect("the manifest is there");
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let at = |name: &str| {
        names
            .iter()
            .position(|known| *known == name)
            .unwrap_or_else(|| panic!("the manifest has a column {name}"))
    };
    let columns = ["path", "packets", "exercises", "expected_tshark"].map(at);
    lines
        .filter_map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [path, packets, exercises, expected] =
                columns.map(|at| fields.get(at).copied().unwrap_or_default());
            let frames = packets.parse().ok().filter(|frames| *frames > 0)?;
            FOLDERS.contains(&path.split('/').next()?).then(|| Entry {
                path: path.to_owned(),
                exercises: exercises.to_owned(),
                tshark: expected_counts(frames, expected),
            })
        })
        .collect()
}

/// What is absent was not there: 0.
fn expected_counts(frames: u64, field: &str) -> Counts {
    let quoted = field.strip_prefix('"').and_then(|f| f.strip_suffix('"'));
    let text = quoted.map_or_else(|| field.to_owned(), |text| text.replace("\"\"", "\""));
    let json: Value = serde_json::from_str(&text).unwrap_or_default();
    let number = |name: &str| json[name].as_u64().unwrap_or(0);
    let table = |name: &str| {
        json[name].as_object().map_or_else(BTreeMap::new, |table| {
            table
                .iter()
                .map(|(name, count)| (name.clone(), count.as_u64().unwrap_or(0)))
                .collect()
        })
    };
    Counts {
        frames,
        streams: number("tcp_streams"),
        requests: number("http_requests"),
        responses: number("http_responses"),
        methods: table("methods"),
        statuses: table("codes"),
    }
}

/// The table of differences; each row says all that a row must say.
fn rows() -> Vec<Row> {
    let rows: Vec<Row> = DIFFERENCES.lines().skip(1).map(row).collect();
    let paths: BTreeSet<&str> = rows.iter().map(|row| row.path.as_str()).collect();
    assert_eq!(paths.len(), rows.len(), "a path stands there once");
    rows
}

fn row(line: &str) -> Row {
    let fields: Vec<&str> = line.split('\t').collect();
    let [
        path,
        requests,
        responses,
        streams,
        statuses,
        frames,
        reason,
        second_reader,
    ] = fields.as_slice()
    else {
        panic!("eight fields: {line}")
    };
    let numbers = frames.split('+').next().unwrap_or_default();
    let row = Row {
        path: (*path).to_owned(),
        differs: [requests, responses, streams, statuses].map(|field| (*field).to_owned()),
        frames: numbers.split(',').filter_map(|n| n.parse().ok()).collect(),
        reason: (*reason).to_owned(),
        second_reader: (*second_reader).to_owned(),
    };
    let said = !row.frames.is_empty() && row.reason.len() > 20 && row.second_reader.len() > 4;
    assert!(said, "frames, reason and second reader: {row:?}");
    row
}

/// Captures in which tshark counted HTTP; those of the manifest's other folders are not about it.
const FOLDERS: [&str; 5] = ["http-torture", "linktypes", "cwmp-pcap", "tls", "dhcp"];
const DIFFERENCES: &str = include_str!("http_counts/differences.tsv");
