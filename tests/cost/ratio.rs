//! Processor time for each byte of a capture: an attack against ordinary sessions of the same size.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use informant::conformance::{Checker, Selection, Setting};
use informant::pipeline::{Options, analyse};
use informant::session::Masking;
use informant::source::Capture;

use crate::adversaries::{ADVERSARIES, Kind};
use crate::bodies::BODIES;
use crate::memory::analyse_with;
use crate::talk::TALK;
use crate::traffic::{compressed, periodic, provisioning, wakes};
use crate::udp::UDP;

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

/// What is done with a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// It is read, messages and all.
    Read,
    /// The rule book judges it.
    Check,
}

/// Nanoseconds for each byte.
fn cost(bytes: &[u8], work: Work) -> f64 {
    let input = Cursor::new(bytes.to_vec());
    let now = clock();
    let begun = now();
    match work {
        Work::Read => read(input),
        Work::Check => check(input),
    }
    let took = now().saturating_sub(begun);
    took.as_nanos() as f64 / bytes.len() as f64
}

fn read(input: Cursor<Vec<u8>>) {
    let options = Options {
        messages: true,
        ..Options::default()
    };
    let analysis = analyse_with(input, &options);
    assert_eq!(analysis.summary.defects, 0);
    assert_eq!(analysis.problems, Vec::<String>::new());
}

fn check(input: Cursor<Vec<u8>>) {
    let options = Options {
        messages: true,
        in_order: false,
        raw_bodies: false,
        datagrams: true,
        ..Options::default()
    }
    .learning();
    let mut capture = Capture::from_reader("memory", input).expect("the bytes are a capture");
    let masking = Masking::default();
    let mut checker = Checker::new(Setting::default(), Selection::default(), masking);
    let mut deliver = |output| {
        checker.handle(output);
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, &options, &mut deliver, &mut |_| {});
    assert_eq!(summary.defects, 0);
    let checked = checker.finish(&summary);
    assert!(checked.findings.len() <= 20_000);
}

/// The least of some measurements, as many as it takes to tell on which side of the bound it
/// is; all of them where there is none.
fn least_cost(bytes: &[u8], work: Work, bound: f64) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..MEASURED_MAX {
        least = least.min(cost(bytes, work));
        if least < bound / 2.0 || least > bound * 2.0 {
            break;
        }
    }
    least
}

/// What ordinary traffic costs, nanoseconds for each byte.
struct Ordinary {
    work: Work,
    plain: f64,
    compressed: f64,
    small: f64,
}

impl Ordinary {
    fn measure(work: Work) -> Self {
        let least = |bytes: Vec<u8>| least_cost(&bytes, work, f64::NAN);
        // The dearer of two ordinary kinds: short messages cost more for each byte than long ones.
        let [short, long] = [periodic(), provisioning()].map(least);
        eprintln!("ordinary: {short:.1} ns a byte in short sessions, {long:.1} in longer ones");
        let plain = short.max(long);
        let compressed = least(compressed()).max(plain);
        eprintln!("{compressed:.1} ns a byte where the answers are compressed");
        let small = least(wakes()).max(plain);
        eprintln!("{small:.1} ns a byte of Connection Requests");
        Self {
            work,
            plain,
            compressed,
            small,
        }
    }

    /// What is compressed is held against what is: twenty bytes of text stand in one of the capture. What consists of
    /// small messages is held against Connection Requests, which do.
    fn of(&self, kind: Kind) -> f64 {
        match kind {
            Kind::Plain => self.plain,
            Kind::Compressed => self.compressed,
            Kind::Small => self.small,
        }
    }

    /// What it costs, said where that is too much.
    fn too_much(&self, name: &str, bytes: &[u8], kind: Kind) -> Option<String> {
        let ordinary = self.of(kind);
        let hostile = least_cost(bytes, self.work, ordinary * TIMES_MAX);
        let times = hostile / ordinary;
        let size = bytes.len() / 1000;
        eprintln!("{times:6.2} times  {hostile:7.1} ns a byte  {size:5} KB  {name}");
        (times > TIMES_MAX).then(|| format!("{name}: {times:.1} times"))
    }
}

#[test]
fn hostile_bytes_cost_at_most_ten_times_ordinary_ones() {
    let ordinary = Ordinary::measure(Work::Read);
    let costly = ADVERSARIES
        .iter()
        .filter_map(|(name, write, kind)| ordinary.too_much(name, &write(), *kind));
    let costly: Vec<String> = costly.collect();
    assert!(costly.is_empty(), "{}", costly.join("\n"));
}

#[test]
fn hostile_bytes_cost_the_rule_book_at_most_ten_times_ordinary_ones() {
    let ordinary = Ordinary::measure(Work::Check);
    let mut costly = Vec::new();
    for (name, write, kind) in ADVERSARIES {
        costly.extend(ordinary.too_much(name, &write(), *kind));
    }
    for body in BODIES {
        costly.extend(ordinary.too_much(body.name, &body.write(BODY_BYTES), Kind::Plain));
    }
    for (name, write, kind) in TALK.iter().chain(UDP) {
        costly.extend(ordinary.too_much(name, &write(TALK_BYTES), *kind));
    }
    assert!(costly.is_empty(), "{}", costly.join("\n"));
}

/// Measurements of what is near the bound: whoever else uses the machine makes some of them too high, never too low.
const MEASURED_MAX: usize = 9;
/// What an attack may cost, in costs of ordinary traffic (reliability goal 9).
const TIMES_MAX: f64 = 10.0;
/// Bytes of a capture whose body is one long list: time by the square of its entries shows at a tenth of it.
const BODY_BYTES: usize = 600_000;
/// Bytes of a capture of many messages.
const TALK_BYTES: usize = 1_500_000;
