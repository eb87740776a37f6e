//! Packets that are lost, late or doubled: what comes out is a part of what was said, and nobody is accused of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::altered::{Packets, pcap};
use crate::random::Random;
use crate::{informant, recorded, text};

/// What makes an HTTP message, and the envelopes in it, the same in both: all but frames, times and what a gap hides.
fn said(records: &[Value]) -> Vec<String> {
    let whole = |record: &&Value| {
        record["protocol"] == "http" && record["body_complete"] == true
            || record["protocol"] == "cwmp" && record["anomalies"] == Value::Array(Vec::new())
    };
    let key = |record: &Value| {
        let keys = [
            "protocol",
            "source",
            "destination",
            "method",
            "target",
            "status",
            "headers",
            "body_bytes",
            "message",
            "id",
            "args",
            "fault",
        ];
        let values = keys.iter().map(|key| record[*key].to_string());
        values.collect::<Vec<_>>().join(" ")
    };
    records.iter().filter(whole).map(key).collect()
}

fn messages(path: &Path, keys: &Path, threads: &str) -> Vec<Value> {
    let arguments = [
        "messages",
        "-q",
        "-T",
        "ndjson",
        text(path),
        "--keylog",
        text(keys),
    ];
    let run = informant(&[arguments.as_slice(), &["--threads", threads]].concat());
    assert_eq!(run.code, Some(0), "{}", run.complaints);
    run.records
}

/// Codes of findings that are errors.
fn errors(path: &Path, keys: &Path) -> BTreeSet<String> {
    let arguments = [
        "check",
        "-q",
        "-T",
        "ndjson",
        text(path),
        "--keylog",
        text(keys),
    ];
    let run = informant(&arguments);
    let errors = run
        .records
        .iter()
        .filter(|record| record["severity"] == "error");
    errors.map(|record| record["code"].to_string()).collect()
}

struct Compared {
    folder: tempfile::TempDir,
    keys: PathBuf,
    packets: Packets,
    said: Vec<String>,
    errors: BTreeSet<String>,
}

impl Compared {
    fn new() -> Option<Self> {
        let (capture, keys) = recorded()?;
        Some(Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            said: said(&messages(&capture, &keys, "1")),
            errors: errors(&capture, &keys),
            packets: Packets::read(&capture),
            keys,
        })
    }

    /// How many messages come out of these packets, all of which must be among those of the whole capture.
    fn part_of(&self, packets: Vec<(u64, u32, Vec<u8>)>, case: u64) -> usize {
        let path = self.folder.path().join("altered.pcap");
        let altered = Packets {
            link_type: self.packets.link_type,
            packets,
        };
        std::fs::write(&path, pcap(&altered)).expect("a file is written");
        let records = messages(&path, &self.keys, "1");
        assert_eq!(records, messages(&path, &self.keys, "4"), "case {case}");
        let mut left = self.said.clone();
        let found = said(&records);
        for message in &found {
            let place = left.iter().position(|known| known == message);
            let place = place.unwrap_or_else(|| panic!("case {case}: nobody said {message}"));
            left.swap_remove(place);
        }
        let new: Vec<_> = errors(&path, &self.keys)
            .difference(&self.errors)
            .cloned()
            .collect();
        assert!(new.is_empty(), "case {case}: {new:?}");
        found.len()
    }
}

#[test]
fn lost_packets_make_nothing_up() {
    let Some(compared) = Compared::new() else {
        return;
    };
    let mut fewest = usize::MAX;
    for case in 0..CASES {
        let mut random = Random::new(case);
        let mut packets = compared.packets.packets.clone();
        packets.retain(|_| !random.chance(10));
        fewest = fewest.min(compared.part_of(packets, case));
    }
    assert!(
        fewest * 2 > compared.said.len(),
        "{fewest} of {}",
        compared.said.len()
    );
}

#[test]
fn late_and_doubled_packets_change_nothing() {
    let Some(compared) = Compared::new() else {
        return;
    };
    for case in 0..CASES {
        let mut random = Random::new(case);
        let mut packets = compared.packets.packets.clone();
        for at in 1..packets.len() {
            if random.chance(50) {
                // The packet before comes behind this one, at its time.
                packets.swap(at - 1, at);
                let time = packets[at - 1].0;
                packets[at - 1].0 = packets[at].0;
                packets[at].0 = time;
            } else if random.chance(20) {
                let mut copy = packets[at - 1].clone();
                copy.0 = packets[at].0;
                packets[at - 1] = copy;
            }
        }
        assert_eq!(
            compared.part_of(packets, case),
            compared.said.len(),
            "case {case}"
        );
    }
}

const CASES: u64 = 8;
