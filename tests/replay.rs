//! Every session of every capture, made into a scenario for each role, played against itself: each passes, whatever the random
//! numbers and however the network cuts its bytes.

mod support;

#[path = "../src/replay/player/tests/stage.rs"]
mod stage;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use informant::pipeline::Options;
use informant::replay::player::{Player, PlayerSetting, Speed, Target};
use informant::replay::record::{RecordSetting, RecordedSession, Recording, Wake, record};
use informant::replay::scenario::{Role, Scenario, Variable};
use informant::session::{Datagram, Message, ReplayVerdict, Replayed, Role as Purpose};
use informant::source::Timestamp;
// What the stage is made of.
use informant::{replay, session};

use stage::{Network, Stage};
use support::{Analysis, analyse_files, captures, shared};

/// A session in both roles.
struct Pair {
    name: String,
    /// Who made the device; its id does not tell.
    maker: String,
    acs: Arc<Scenario>,
    cpe: Arc<Scenario>,
}

/// Every session of every capture that can be played in both roles.
fn pairs() -> Vec<Pair> {
    every_capture()
        .iter()
        .flat_map(|path| of_capture(path))
        .collect()
}

fn every_capture() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(captures())
        .expect("the stories are there")
        .flatten()
        .map(|story| story.path().join("capture.pcapng"))
        .filter(|path| path.exists())
        .collect();
    if let Some(folder) = shared("captures/peers") {
        let files = std::fs::read_dir(folder).expect("the folder is readable");
        let captures = files.flatten().map(|file| file.path());
        paths.extend(captures.filter(|path| path.extension().is_some_and(|it| it == "pcap")));
    }
    paths.sort();
    paths
}

fn of_capture(path: &Path) -> Vec<Pair> {
    let mut options = Options {
        messages: true,
        ..Options::default()
    };
    options.limits.other_body_bytes_max = 1 << 24;
    let Analysis {
        sessions,
        messages,
        datagrams,
        connection_requests,
        ..
    } = analyse_files(&[path], &options);
    let mut own: BTreeMap<u32, Vec<Message>> = BTreeMap::new();
    let mut legs: BTreeMap<u32, Vec<Message>> = BTreeMap::new();
    for message in messages {
        match (message.role, message.session) {
            (Purpose::Cwmp, Some(session)) => own.entry(session).or_default().push(message),
            (Purpose::ConnectionRequest, Some(session)) => {
                legs.entry(session).or_default().push(message);
            }
            _ => {}
        }
    }
    let mut pairs = Vec::new();
    for session in sessions {
        let number = session.number;
        let mut requests = connection_requests.iter();
        let request = requests.find(|request| request.session == Some(number));
        let legs = legs.remove(&number).unwrap_or_default();
        let ours = |datagram: &&Datagram| datagram.session == Some(number);
        let datagrams: Vec<&Datagram> = datagrams.iter().filter(ours).collect();
        let recording = Recording {
            sha256: None,
            sessions: vec![RecordedSession {
                wake: request.map(|request| Wake::of(request, &legs, &datagrams)),
                messages: own.remove(&number).unwrap_or_default(),
                session,
            }],
            transfers: Vec::new(),
            stun: None,
        };
        let of = |role| record(&recording, role, &RecordSetting::default());
        let name = format!("{}#{number}", path.display());
        let recorded = recording.sessions.first();
        let maker = recorded.and_then(|it| it.session.cpe.manufacturer.clone());
        match (of(Role::Acs), of(Role::Cpe)) {
            (Ok(acs), Ok(cpe)) => pairs.push(Pair {
                name,
                maker: maker.unwrap_or_default(),
                acs: Arc::new(acs.scenario),
                cpe: Arc::new(cpe.scenario),
            }),
            (Err(why), _) | (_, Err(why)) => println!("skipped: {name}: {why}"),
        }
    }
    pairs
}

/// Values for whatever the command line has to give.
fn values(scenario: &Scenario, maker: &str) -> BTreeMap<String, String> {
    let maker = ("device.manufacturer".to_owned(), maker.to_owned());
    let mut values = BTreeMap::from([maker]);
    for (name, variable) in &scenario.vars {
        let value = match variable {
            Variable::Secret { .. } => format!("secret of {name}"),
            Variable::Captured(Some(recorded)) if name.contains("connection_request") => {
                recorded.clone()
            }
            _ => continue,
        };
        values.insert(name.clone(), value);
    }
    values
}

fn player(scenario: &Arc<Scenario>, maker: &str, seed: u64) -> Player {
    let mut state = seed;
    let files = scenario
        .files
        .keys()
        .filter(|name| name.starts_with("file."));
    let files = files.map(|name| (format!("{name}.url"), format!("http://127.0.0.1:1/{name}")));
    let setting = PlayerSetting {
        values: values(scenario, maker),
        device: None,
        impersonate_recorded: true,
        target: Target {
            https: false,
            host: "127.0.0.1".to_owned(),
            port: 7547,
            path: scenario
                .identity
                .acs_path
                .clone()
                .unwrap_or_else(|| "/".to_owned()),
        },
        speed: Speed::Max,
        timeout: None,
        files: files.collect(),
        random: Box::new(move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state ^ state >> 29
        }),
        wall_clock: Box::new(|now| Timestamp {
            nanoseconds: 1_800_000_000_000_000_000
                + i64::try_from(now.as_nanos()).expect("a short run"),
            digits: 6,
        }),
    };
    match Player::new(Arc::clone(scenario), "test", setting) {
        Ok(player) => player,
        Err(why) => panic!("{why}"),
    }
}

fn play(pair: &Pair, seed: u64, network: Network) -> (Replayed, Replayed) {
    let acs = player(&pair.acs, &pair.maker, seed);
    let cpe = player(
        &pair.cpe,
        &pair.maker,
        seed.wrapping_mul(31).wrapping_add(7),
    );
    Stage::new(acs, cpe, network).play()
}

/// The last messages before it went wrong.
fn last_said(pair: &Pair, seed: u64, network: Network) -> String {
    let acs = player(&pair.acs, &pair.maker, seed);
    let cpe = player(
        &pair.cpe,
        &pair.maker,
        seed.wrapping_mul(31).wrapping_add(7),
    );
    let (_, _, said) = Stage::new(acs, cpe, network).play_and_read();
    let last = said.iter().rev().take(3).rev();
    let head = |text: &String| text.chars().take(700).collect::<String>();
    last.map(|(_, text)| format!("---\n{}\n", head(text)))
        .collect()
}

/// What is wrong with it, in a few lines.
fn wrong(replayed: &Replayed) -> Option<String> {
    if replayed.verdict == ReplayVerdict::Passed {
        return None;
    }
    let mut text = format!("  {}: {:?}\n", replayed.role, replayed.verdict);
    for step in &replayed.steps {
        for difference in &step.differences {
            text.push_str(&format!(
                "    step {} {}: {difference:?}\n",
                step.number, step.wanted
            ));
        }
    }
    for difference in &replayed.differences {
        text.push_str(&format!("    {difference:?}\n"));
    }
    Some(text)
}

fn all_pass(pairs: &[Pair], seeds: std::ops::Range<u64>, network: Network) {
    let mut bad = String::new();
    let mut count = 0;
    for pair in pairs {
        for seed in seeds.clone() {
            let (acs, cpe) = play(pair, seed, network);
            count += 1;
            let wrong: Vec<String> = [wrong(&acs), wrong(&cpe)].into_iter().flatten().collect();
            if !wrong.is_empty() {
                let wrong = wrong.concat();
                let said = last_said(pair, seed, network);
                bad.push_str(&format!("{} with seed {seed}:\n{wrong}{said}", pair.name));
                break;
            }
        }
    }
    println!("{count} replays of {} sessions", pairs.len());
    assert!(bad.is_empty(), "{bad}");
}

#[test]
fn every_recorded_session_passes_against_itself_a_hundred_times() {
    let pairs = pairs();
    assert!(!pairs.is_empty());
    all_pass(&pairs, 0..100, Network::default());
}

#[test]
fn every_recorded_session_passes_in_pieces_and_delayed() {
    let pairs = pairs();
    for (piece_bytes, delay_ms) in [(1, 0), (13, 40), (1460, 900)] {
        let network = Network {
            piece_bytes,
            delay: std::time::Duration::from_millis(delay_ms),
            ..Network::default()
        };
        all_pass(&pairs, 0..1, network);
    }
}

#[test]
fn a_network_that_cuts_gives_the_same_verdict_or_a_failed_peer() {
    for pair in pairs() {
        for message in 1..=12 {
            let cut = Network {
                cut_at: Some(message),
                ..Network::default()
            };
            let lost = Network {
                lost_at: Some(message),
                ..Network::default()
            };
            for network in [cut, lost] {
                let (acs, cpe) = play(&pair, 1, network);
                for replayed in [&acs, &cpe] {
                    let is_fine = matches!(
                        replayed.verdict,
                        ReplayVerdict::Passed | ReplayVerdict::PeerFailed(_)
                    );
                    let told = wrong(replayed).unwrap_or_default();
                    assert!(is_fine, "{} {network:?}:\n{told}", pair.name);
                }
            }
        }
    }
}
