//! The manifest was made by another program: its quirks and our anomalies are about the same files.

use crate::vectors::{Vector, vectors};
use cwmp::{Hints, Limits, parse};

#[test]
fn the_manifest_saw_the_same_quirks() {
    let mut seen = 0;
    for vector in vectors() {
        for (quirk, kinds) in PAIRS {
            if vector
                .quirks
                .split(';')
                .any(|known| known.starts_with(quirk))
            {
                let found = schema_kinds(&vector);
                assert!(
                    found.iter().any(|kind| kinds.contains(kind)),
                    "{}: {quirk}: {found:?}",
                    vector.path
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 90 || vectors().is_empty(), "only {seen}");
}

#[test]
fn counts_and_ids_are_odd_only_where_the_manifest_says_so() {
    for vector in vectors().into_iter().filter(|vector| vector.well_formed) {
        let found = schema_kinds(&vector);
        for (kind, quirk) in [
            ("array-count-padded", "arrayType-leading-zero"),
            ("array-type-namespace", "arrayType-ns"),
            ("missing-header", "no-Header"),
            ("missing-id", "no-ID"),
        ] {
            let told = vector
                .quirks
                .split(';')
                .any(|known| known.starts_with(quirk));
            assert!(told || !found.contains(&kind), "{}: {kind}", vector.path);
        }
    }
}

#[test]
fn no_more_requests_is_what_the_manifest_saw() {
    for vector in vectors() {
        let document = parse(vector.xml(), &Hints::default(), &Limits::default());
        let ours = document
            .envelope(0)
            .and_then(|envelope| envelope.no_more_requests());
        let theirs = [
            ("hdr:NoMoreRequests=0", false),
            ("hdr:NoMoreRequests=1", true),
        ];
        let theirs = theirs.into_iter().find(|(quirk, _)| vector.has(quirk));
        assert_eq!(ours, theirs.map(|(_, value)| value), "{}", vector.path);
    }
}

fn schema_kinds(vector: &Vector) -> Vec<&'static str> {
    let document = parse(vector.xml(), &Hints::default(), &Limits::default());
    let envelope = document.envelope(0);
    let found = envelope
        .map(|envelope| envelope.schema_anomalies())
        .unwrap_or_default();
    found.iter().map(|anomaly| anomaly.kind.name()).collect()
}

/// How a quirk's name begins, and the anomalies of which one has to be there.
const PAIRS: [(&str, &[&str]); 11] = [
    ("arrayType-leading-zero", &["array-count-padded"]),
    ("arrayType-ns", &["array-type-namespace"]),
    ("arrayType[2]!", &["array-count-mismatch"]),
    ("arrayType[64]!", &["array-count-mismatch"]),
    // Some of these are no dateTime at all.
    (
        "CurrentTime-no-tz",
        &["date-time-without-zone", "invalid-value"],
    ),
    ("Value-no-xsi:type", &["missing-xsi-type"]),
    ("PVS-no-Value", &["missing-argument"]),
    ("no-ID", &["missing-id"]),
    ("no-Header", &["missing-header"]),
    ("rpc-ns=none", &["message-namespace"]),
    ("no-arrayType:", &["missing-array-type"]),
];
