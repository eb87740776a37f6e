//! Processor time for each byte of a capture: an attack against ordinary sessions of the same size.

use std::io::Cursor;
use std::time::{Duration, Instant};

use informant::pipeline::Options;

use crate::adversaries::{ADVERSARIES, Kind};
use crate::memory::analyse_with;
use crate::traffic::{compressed, periodic, provisioning, wakes};

/// Processor time of this thread; where the system does not tell, time.
fn clock() -> impl Fn() -> Duration {
    let begun = Instant::now();
    move || {
        // The kernel adds up what has run when the thread is switched away from.
        std::thread::yield_now();
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let nanoseconds = text
            .split_whitespace()
            .next()
            .and_then(|number| number.parse().ok());
        nanoseconds.map_or_else(|| begun.elapsed(), Duration::from_nanos)
    }
}

/// Nanoseconds for each byte.
fn cost(bytes: &[u8]) -> f64 {
    let options = Options {
        messages: true,
        ..Options::default()
    };
    let input = Cursor::new(bytes.to_vec());
    let now = clock();
    let begun = now();
    let analysis = analyse_with(input, &options);
    let took = now().saturating_sub(begun);
    assert_eq!(analysis.summary.defects, 0);
    assert_eq!(analysis.problems, Vec::<String>::new());
    took.as_nanos() as f64 / bytes.len() as f64
}

/// The least of some measurements, as many as it takes to tell on which side of the bound it
/// is; all of them where there is none.
fn least_cost(bytes: &[u8], bound: f64) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..3 {
        least = least.min(cost(bytes));
        if least < bound / 2.0 || least > bound * 2.0 {
            break;
        }
    }
    least
}

#[test]
fn hostile_bytes_cost_at_most_ten_times_ordinary_ones() {
    // The dearer of two ordinary kinds: short messages cost more for each byte than long ones.
    let ordinary = [periodic(), provisioning()].map(|bytes| least_cost(&bytes, f64::NAN));
    let [short, long] = ordinary;
    eprintln!("ordinary: {short:.1} ns a byte in short sessions, {long:.1} in longer ones");
    let ordinary = short.max(long);
    let coded = least_cost(&compressed(), f64::NAN).max(ordinary);
    eprintln!("{coded:.1} ns a byte where the answers are compressed");
    let small = least_cost(&wakes(), f64::NAN).max(ordinary);
    eprintln!("{small:.1} ns a byte of Connection Requests");
    let mut costly = Vec::new();
    for (name, write, kind) in ADVERSARIES {
        let bytes = write();
        // What is compressed is held against what is: twenty bytes of text stand in one of the capture. What consists of
        // small messages is held against Connection Requests, which do.
        let ordinary = match kind {
            Kind::Plain => ordinary,
            Kind::Compressed => coded,
            Kind::Small => small,
        };
        let hostile = least_cost(&bytes, ordinary * TIMES_MAX);
        let times = hostile / ordinary;
        eprintln!(
            "{times:6.2} times  {hostile:7.1} ns a byte  {:5} KB  {name}",
            bytes.len() / 1000
        );
        if times > TIMES_MAX {
            costly.push(format!("{name}: {times:.1} times"));
        }
    }
    assert!(costly.is_empty(), "{}", costly.join("\n"));
}

/// What an attack may cost, in costs of ordinary traffic (reliability goal 9).
const TIMES_MAX: f64 = 10.0;
