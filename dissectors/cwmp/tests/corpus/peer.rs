//! The crate `cwmp` of crates.io as a second opinion, on the messages it can read.

use crate::vectors::vectors;
use cwmp::{Hints, Limits, Style, parse, write};

/// Its envelope as text, and the name of the message in it; `None` where it reads nothing.
fn peer_reads(body: &[u8]) -> Option<(String, String)> {
    let envelope = cwmp_peer::parse_bytes(body).ok()?;
    let text = format!("{envelope:?}");
    // It finds the version by the prefix `cwmp` only; what comes after is read by names.
    let (_, text) = text.split_once("header: ")?;
    let (_, message) = text.split_once("body: [")?;
    let name: String = message
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    (!name.is_empty()).then(|| (name, text.to_owned()))
}

#[test]
fn the_peer_names_the_same_messages() {
    let mut agreed = 0;
    for vector in vectors() {
        let Some((name, _)) = peer_reads(&vector.xml()) else {
            continue;
        };
        let document = parse(vector.xml(), &Hints::default(), &Limits::default());
        let ours = document
            .envelope(0)
            .and_then(|envelope| envelope.message_name());
        assert_eq!(ours, Some(name.as_str()), "{}", vector.path);
        agreed += 1;
    }
    assert!(agreed > 200 || vectors().is_empty(), "only {agreed}");
}

#[test]
fn what_we_write_the_peer_reads_as_it_read_the_original() {
    let mut agreed = 0;
    for vector in vectors() {
        let Some((_, original)) = peer_reads(&vector.xml()) else {
            continue;
        };
        let document = parse(vector.xml(), &Hints::default(), &Limits::default());
        let rpcs: Vec<_> = document
            .envelope_refs()
            .map(|envelope| envelope.to_rpc())
            .collect();
        let Some((_, again)) = peer_reads(&write(&rpcs, &Style::default())) else {
            panic!("the peer cannot read {} as we write it", vector.path);
        };
        assert_eq!(again, original, "{}", vector.path);
        agreed += 1;
    }
    assert!(agreed > 200 || vectors().is_empty(), "only {agreed}");
}
