//! The files are what is told, and the analyzer counts and follows in them what the generator says.

use std::fs;
use std::io::Cursor;
use std::sync::Arc;

use informant::pipeline::Options;
use informant::session::{Session, Side, StepKind};
use informant::source::Capture;

use crate::devices::snom::SNOM;
use crate::devices::world::World;
use crate::devices::{Story, Telling};
use crate::judge::credentials;
use crate::support::{Analysis, captures, gather, is_told};

/// Writes the files of all stories, where blessing is asked for.
pub fn write() {
    for story in crate::all() {
        let folder = captures().join(&story.folder);
        fs::create_dir_all(&folder).expect("captures/ is writable");
        for (name, bytes) in story.files() {
            fs::write(folder.join(name), bytes).expect("a story's folder is writable");
        }
    }
}

#[test]
fn the_files_are_what_is_told() {
    crate::blessed();
    let mut other = Vec::new();
    for story in crate::all() {
        for (name, bytes) in story.files() {
            let path = captures().join(&story.folder).join(name);
            if fs::read(&path).ok() != Some(bytes) {
                other.push(path.display().to_string());
            }
        }
    }
    assert!(
        other.is_empty(),
        "not what tests/support/devices tells (`make bless` writes it):\n{}",
        other.join("\n")
    );
}

#[test]
fn every_folder_of_a_vendor_is_told() {
    let folders = fs::read_dir(captures()).expect("captures/ is there");
    let folders = folders.flatten().map(|entry| entry.path());
    for folder in folders.filter(|folder| is_told(folder)) {
        let told = |story: &Story| folder.ends_with(&story.folder);
        let is_told = crate::all().iter().any(told) || std::env::var_os("ONLY").is_some();
        assert!(is_told, "nobody tells {}", folder.display());
    }
}

#[test]
fn the_analyzer_finds_what_is_told() {
    for story in crate::all() {
        for (name, telling) in [("whole", &story.whole), ("broken", &story.broken)] {
            compare(&format!("{} {name}", story.folder), telling);
        }
    }
}

#[test]
fn files_over_tftp_and_ftp_are_followed() {
    let mut world = World::new(&SNOM, 0, false);
    world.installed();
    for (url, name) in [("tftp", "phone.cfg"), ("ftp", "phone.log")] {
        let kind = world.vendor.types.backup;
        let mut document = world.document(kind, name, "a line\n".repeat(200));
        document.file.url = format!("{url}://files.example.net/{name}");
        document.file.account = ("box".to_owned(), "Box-7".to_owned());
        world.wake();
        world.upload(&document);
        world.end();
        world.later(4);
        let times = if url == "tftp" {
            world.put_over_tftp(&document, name)
        } else {
            world.put_over_ftp(&document, name)
        };
        world.tells("M Upload", &document, times, &[]);
        world.later(60);
    }
    let telling = world.finish();
    compare("TFTP and FTP", &telling);
    let transfers = analysed(&telling).transfers;
    let carried = transfers
        .iter()
        .map(|transfer| (transfer.method.name(), &*transfer.name, transfer.bytes));
    assert_eq!(
        carried.collect::<Vec<_>>(),
        [
            ("tftp", "phone.cfg", Some(1_400)),
            ("ftp", "phone.log", Some(1_400))
        ]
    );
}

#[test]
fn a_file_that_is_missing_is_followed() {
    let mut world = World::new(&SNOM, 0, false);
    world.installed();
    let kind = world.vendor.types.configuration;
    let document = world.document(kind, "missing.xml", String::new());
    world.wake();
    world.download(&document);
    world.end();
    world.later(4);
    let times = world.miss(&document);
    world.tells_of("M Download", &document, (9016, "No such file"), times, &[]);
    compare("a missing file", &world.finish());
}

fn analysed(telling: &Telling) -> Analysis {
    let bytes = Cursor::new(telling.pcapng.clone());
    let capture = Capture::from_reader("memory", bytes).expect("it is a capture");
    let options = Options {
        messages: true,
        datagrams: true,
        credentials: Some(Arc::new(credentials(&telling.conversation))),
        ..Options::default()
    };
    gather(capture, &options)
}

fn compare(name: &str, telling: &Telling) {
    let (analysis, truth) = (analysed(telling), &telling.truth);
    let summary = &analysis.summary;
    assert_eq!(analysis.problems, [""; 0], "{name}");
    assert_eq!(summary.files[0].frames, truth.frames, "{name}");
    assert_eq!(summary.packets.checksum_wrong, 0, "{name}");
    assert_eq!(summary.tcp.gaps, 0, "{name}");
    assert_eq!(summary.tcp.connections, truth.connections, "{name}");
    assert_eq!(summary.http_requests, truth.requests, "{name}: requests");
    assert_eq!(summary.http_responses, truth.responses, "{name}: responses");
    let found = &summary.datagrams;
    assert_eq!(
        [found.dhcp, found.dhcp_option_125, found.stun],
        [truth.dhcp, truth.dhcp_option_125, truth.stun],
        "{name}: DHCP, with option 125, and STUN"
    );
    assert_eq!(
        found.connection_requests, truth.udp_connection_requests,
        "{name}: UDP Connection Requests"
    );
    assert_eq!(
        analysis.transfers.len(),
        truth.transfers.len(),
        "{name}: transfers"
    );
    assert_eq!(analysis.sessions.len(), truth.sessions.len(), "{name}");
    for (session, told) in analysis.sessions.iter().zip(&truth.sessions) {
        assert_eq!(session.device.as_deref(), Some(&*told.device), "{name}");
        assert_eq!(session.events, told.events, "{name}");
        assert_eq!(envelopes(session), told.envelopes, "{name}");
    }
}

/// The envelopes of a session: who sent each, its name, and the frames that carry it.
fn envelopes(session: &Session) -> Vec<(&'static str, String, Vec<u64>)> {
    let steps = session.steps.iter().filter_map(|step| {
        let StepKind::Envelopes(envelopes) = &step.kind else {
            return None;
        };
        let (name, _) = envelopes.first()?;
        let frames = step.frames.iter().map(|frame| frame.number()).collect();
        let from = if step.from == Side::Cpe { "cpe" } else { "acs" };
        Some((from, name.clone(), frames))
    });
    steps.collect()
}
