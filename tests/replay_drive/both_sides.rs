//! Recorded sessions, each made into two scenarios that are played against each other over loopback.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use informant::replay::scenario::{Role, Scenario};
use informant::session::{ReplayVerdict, Replayed};

use super::pairs::{Between, maker, pair, scenario_of, told};
use super::recordings::{captured, every_capture};

/// A session in both roles.
struct Pair {
    name: String,
    acs: Scenario,
    cpe: Scenario,
    /// Who made the device; its id does not tell.
    maker: String,
}

/// Every session that can be played in both roles.
fn pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    for path in every_capture() {
        for recording in captured(&path, 1).each() {
            let number = recording.sessions[0].session.number;
            let acs = scenario_of(&recording, Role::Acs);
            let cpe = scenario_of(&recording, Role::Cpe);
            if let (Some(acs), Some(cpe)) = (acs, cpe) {
                pairs.push(Pair {
                    name: format!("{}#{number}", path.display()),
                    acs,
                    cpe,
                    maker: maker(&recording),
                });
            }
        }
    }
    assert!(pairs.len() > 20, "only {} sessions", pairs.len());
    pairs
}

/// How often each pair is played; `REPLAYS` asks for another number than there is time for at every change.
fn times(usual: usize) -> usize {
    let wanted = std::env::var("REPLAYS").ok();
    wanted.map_or(usual, |wanted| wanted.parse().expect("REPLAYS is a number"))
}

/// Pairs that are played at once: they wait most of the time.
const AT_ONCE: usize = 16;

/// Plays all pairs so many times, with something else between them each time; what is wrong with a run is what `judge` says.
fn all(
    times: usize,
    between: impl Fn(usize) -> Between + Sync,
    judge: impl Fn(&Replayed) -> Option<String> + Sync,
) {
    let (pairs, began) = (pairs(), Instant::now());
    let next = AtomicUsize::new(0);
    let told: Mutex<(BTreeMap<&str, usize>, Vec<String>)> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= pairs.len() * times {
                        return;
                    }
                    let (number, between) = (at % pairs.len(), between(at / pairs.len()));
                    let one = &pairs[number];
                    let (acs, cpe) = pair(&one.acs, &one.cpe, &one.maker, between);
                    let mut told = told.lock().expect("nobody failed");
                    for replayed in [&acs, &cpe] {
                        *told.0.entry(replayed.verdict.name()).or_default() += 1;
                        let wrong = judge(replayed);
                        told.1
                            .extend(wrong.map(|it| format!("{} {between:?}\n{it}", one.name)));
                    }
                }
            });
        }
    });
    let (verdicts, wrong) = told.into_inner().expect("nobody failed");
    eprintln!(
        "{} pairs, {times} times each, {:.1} s: {verdicts:?}",
        pairs.len(),
        began.elapsed().as_secs_f64()
    );
    let wrong: String = wrong.into_iter().take(5).collect();
    assert!(wrong.is_empty(), "{wrong}");
}

/// The page of a run that did not pass.
fn failed(replayed: &Replayed) -> Option<String> {
    (replayed.verdict != ReplayVerdict::Passed).then(|| told(replayed))
}

#[test]
fn every_recorded_session_passes_against_itself() {
    all(times(30), |_| Between::Nothing, failed);
}

#[test]
fn pieces_and_delays_change_no_verdict() {
    let sizes = [1, 7, 64, 1000, 1448];
    let between = |run: usize| match run % 2 {
        0 => Between::Pieces(sizes[run / 2 % sizes.len()]),
        _ => Between::SlowPieces(64 + 97 * run),
    };
    all(times(5), between, failed);
}

#[test]
fn a_cut_is_a_failure_of_the_peer_and_nothing_else() {
    // Within the first head, within the Inform, and later and later.
    let behind = |run: usize| Between::CutsBehind(1 + run * 331);
    all(times(5), behind, |replayed| match &replayed.verdict {
        ReplayVerdict::Passed | ReplayVerdict::PeerFailed(_) => None,
        _ => failed(replayed),
    });
}
