//! Packets missing from, and moved in, the peers' recordings; the whole recording is what they are held against.

use std::path::PathBuf;

use crate::compare::{Table, compare};
use crate::memory::analyse_bytes;
use crate::random::Random;
use crate::recording::Recording;
use crate::support::{Analysis, shared};

/// The recordings of plain HTTP, as tests/truth.rs has them.
const RECORDINGS: [&str; 6] = [
    "easycwmp_genieacs.pcap",
    "genieacs-sim_genieacs.pcap",
    "mhils_nginx-gzip-chunked.pcap",
    "netcwmp_perlcwmp.pcap",
    "orange_perlcwmp_stun.pcap",
    "stun_coturn_stund.pcap",
];

fn recordings() -> Option<Vec<(&'static str, Recording, Analysis)>> {
    let peers: PathBuf = shared("captures/peers")?;
    let read = |name: &'static str| {
        let path = peers.join(name);
        let bytes = std::fs::read(&path).expect("the recording is readable");
        (name, Recording::read(&path), analyse_bytes(bytes))
    };
    Some(RECORDINGS.into_iter().map(read).collect())
}

fn report(what: &str, runs: usize, table: &Table, faults: &[String]) {
    let Table {
        sessions,
        untouched,
        messages,
        messages_untouched,
        resynchronised,
    } = table;
    eprintln!(
        "{what}: {runs} runs, {untouched} of {sessions} sessions untouched, {messages_untouched} of {messages} messages, {resynchronised} of them read again behind lost bytes"
    );
    let shown: Vec<&str> = faults.iter().take(12).map(String::as_str).collect();
    assert!(
        faults.is_empty(),
        "{} of {what}:\n{}",
        faults.len(),
        shown.join("\n")
    );
}

/// Loses so many of 1,000 packets; what is not lost is read as before.
fn lose(per_mille: usize, seeds: u64) {
    let Some(recordings) = recordings() else {
        return;
    };
    let (mut table, mut faults) = (Table::default(), Vec::new());
    for (name, recording, whole) in &recordings {
        for seed in 0..seeds {
            let mut random = Random::new(seed * 1000 + per_mille as u64);
            let kept: Vec<usize> = (0..recording.frames())
                .filter(|_| !random.chance(per_mille))
                .collect();
            let partial = analyse_bytes(recording.with(&kept));
            let mut found = Vec::new();
            table.add(&compare(
                whole,
                &partial,
                &recording.lost(&kept),
                &mut found,
            ));
            faults.extend(
                found
                    .into_iter()
                    .map(|fault| format!("{name}, seed {seed}: {fault}")),
            );
        }
    }
    let what = format!("loss of {}.{} %", per_mille / 10, per_mille % 10);
    assert!(table.resynchronised > 50, "{what}: {table:?}");
    report(&what, recordings.len() * seeds as usize, &table, &faults);
}

#[test]
fn one_packet_of_1_000_is_lost() {
    lose(1, 40);
}

#[test]
fn one_packet_of_100_is_lost() {
    lose(10, 24);
}

#[test]
fn one_packet_of_20_is_lost() {
    lose(50, 16);
}

/// Some packets come later, by at most `places`, but not behind a pause: what a mirror delays, it does not delay for seconds.
/// Those without which nobody could tell where a stream begins keep their places.
fn moved(
    recording: &Recording,
    per_mille: usize,
    places: usize,
    random: &mut Random,
) -> Vec<usize> {
    let mut order: Vec<(usize, usize)> = (0..recording.frames())
        .map(|at| {
            let late = random.chance(per_mille) && !recording.begins_stream(at);
            let by = if late { random.between(1, places) } else { 0 };
            (at + by.min(recording.frames_within(at, PAUSE_US)), at)
        })
        .collect();
    order.sort_by_key(|(place, _)| *place);
    order.into_iter().map(|(_, at)| at).collect()
}

fn reordered(places: usize, write: impl Fn(&Recording, &[usize]) -> Vec<u8>, what: &str) {
    let Some(recordings) = recordings() else {
        return;
    };
    let (mut table, mut faults) = (Table::default(), Vec::new());
    let seeds = 24;
    for (name, recording, whole) in &recordings {
        for seed in 0..seeds {
            let per_mille = [10, 50, 200][seed as usize % 3];
            let order = moved(recording, per_mille, places, &mut Random::new(seed));
            let partial = analyse_bytes(write(recording, &order));
            let mut found = Vec::new();
            table.add(&compare(
                whole,
                &partial,
                &recording.lost(&order),
                &mut found,
            ));
            faults.extend(
                found
                    .into_iter()
                    .map(|fault| format!("{name}, seed {seed}: {fault}")),
            );
        }
    }
    report(what, recordings.len() * seeds as usize, &table, &faults);
}

#[test]
fn packets_up_to_50_places_late_with_their_times() {
    reordered(
        50,
        Recording::with,
        "reordering up to 50 packets, times kept",
    );
}

#[test]
fn packets_up_to_50_places_late_before_the_clock() {
    reordered(
        50,
        Recording::with_times_in_order,
        "reordering up to 50 packets, times in order",
    );
}

/// Microseconds that no packet comes late.
const PAUSE_US: u64 = 10_000_000;
