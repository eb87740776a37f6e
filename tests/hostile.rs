//! Hostile input: the fuzz targets over their seeds, past finds, and changes of both, on every run of the tests.
//!
//! `make fuzz` searches for longer; what it finds goes to `tests/fuzz/regressions`, and is run here ever after.

#[path = "fuzz/src/corpus.rs"]
#[allow(dead_code, reason = "tests use the part that reads")]
mod corpus;
#[path = "hostile/mutation.rs"]
mod mutation;
#[path = "fuzz/src/targets/mod.rs"]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mutation::Mutator;
use targets::{TARGETS, Target};

fn folder(kind: &str, target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz")
        .join(kind)
        .join(target.name)
}

fn inputs(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
        .iter()
        .filter_map(|path| fs::read(path).ok())
        .collect()
}

/// Runs one input; what fails can be run again from where it is written to.
fn hold(target: &Target, input: &[u8]) {
    let run = || {
        let start = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
        (start.elapsed(), outcome)
    };
    let (mut took, outcome) = run();
    if let Err(panic) = outcome {
        let kept = keep(target, input);
        eprintln!("{}: {}", target.name, kept.display());
        std::panic::resume_unwind(panic);
    }
    // 1 s for each 64 KiB begun; a busy machine may be slow once.
    let allowed = Duration::from_secs(1 + input.len() as u64 / (64 << 10));
    for _ in 0..2 {
        if took > allowed {
            took = took.min(run().0);
        }
    }
    assert!(
        took <= allowed,
        "{}: {took:?}: {}",
        target.name,
        keep(target, input).display()
    );
}

fn keep(target: &Target, input: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{}", target.name));
    let _ = fs::write(&path, input);
    path
}

/// Every seed and every past find as it is, then as many changed ones as the target has time for.
fn replay(name: &str, changed: usize) {
    let target = TARGETS
        .iter()
        .find(|target| target.name == name)
        .expect("a target of this name");
    let mut seeds = inputs(&folder("seeds", target));
    assert!(!seeds.is_empty(), "{name} has no seeds");
    seeds.extend(inputs(&folder("regressions", target)));
    for seed in &seeds {
        hold(target, seed);
    }
    for length in 0..4 {
        hold(target, &vec![0xFF; length]);
    }
    seeds.extend(shared_inputs(target));
    let mut mutator = Mutator::new(name);
    for _ in 0..changed {
        let mut input = mutator.changed(&seeds);
        input.truncate(target.length_max);
        hold(target, &input);
    }
}

/// Inputs made of the shared captures: some, since each takes its time.
fn shared_inputs(target: &Target) -> Vec<Vec<u8>> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures");
    if !shared.exists() {
        eprintln!("skipped: ../shared/captures is absent");
        return Vec::new();
    }
    let folders = target.shared.iter().map(|part| shared.join(part));
    folders
        .flat_map(|folder| corpus::of_folder(target, &folder, FILES_A_FOLDER))
        .collect()
}

macro_rules! replayed {
    ($($name:ident: $changed:literal,)*) => {
        $(#[test]
        fn $name() {
            replay(stringify!($name), $changed);
        })*

        #[test]
        fn every_target_is_replayed_and_built() {
            let manifest = include_str!("fuzz/Cargo.toml");
            let replayed = [$(stringify!($name)),*];
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, replayed);
            for name in names {
                assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} has no binary");
            }
        }
    };
}

replayed! {
    baseline: 4_000,
    check: 300,
    conversation: 1_000,
    cwmp: 6_000,
    dhcp: 15_000,
    filter: 6_000,
    ftp: 4_000,
    http1_auth: 1_000,
    http1_head: 10_000,
    http1_stream: 8_000,
    link: 30_000,
    model: 20_000,
    outputs: 1_000,
    pipeline: 400,
    scenario: 4_000,
    source_packed: 4_000,
    source_pcap: 6_000,
    source_pcapng: 6_000,
    stun: 10_000,
    tcp: 10_000,
    tftp: 12_000,
    tls: 1_000,
    transcript: 6_000,
}

/// Files of a shared folder that are turned into inputs, spread over it.
const FILES_A_FOLDER: usize = 24;
