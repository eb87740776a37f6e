//! What several integration tests share: the shared data, and a whole analysis in one call.

#![allow(dead_code, reason = "each test uses its part")]

pub mod wire;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use informant::pipeline::{Options, analyse};
use informant::session::{
    ConnectionRequest, Datagram, Message, Output, Session, Summary, TlsSeen, Transfer,
};
use informant::source::{Capture, Input};

/// Everything that came out of a capture.
#[derive(Default)]
pub struct Analysis {
    pub summary: Summary,
    pub sessions: Vec<Session>,
    pub messages: Vec<Message>,
    pub datagrams: Vec<Datagram>,
    pub connection_requests: Vec<ConnectionRequest>,
    pub transfers: Vec<Transfer>,
    pub tls: Vec<TlsSeen>,
    pub problems: Vec<String>,
}

/// The folder of shared data, or a visible skip.
pub fn shared(part: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(part);
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("skipped: ../shared/{part} is absent");
    None
}

/// The project's own captures.
pub fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

/// Whether the truth of a folder's captures stands beside them: those are tests/stories.rs's.
pub fn is_told(folder: &Path) -> bool {
    folder.join("truth.json").is_file()
}

/// Analyses files as one capture.
pub fn analyse_files(paths: &[&Path], options: &Options) -> Analysis {
    let inputs = paths
        .iter()
        .map(|path| Input::Path(path.to_path_buf()))
        .collect();
    gather(Capture::open(inputs).expect("the capture opens"), options)
}

/// Everything that comes out of a capture, sessions by their numbers.
pub fn gather(mut capture: Capture, options: &Options) -> Analysis {
    let mut analysis = Analysis::default();
    let mut deliver = |output| {
        match output {
            Output::Session(session) => analysis.sessions.push(*session),
            Output::Message(message) => analysis.messages.push(*message),
            Output::Datagram(datagram) => analysis.datagrams.push(*datagram),
            Output::ConnectionRequest(request) => analysis.connection_requests.push(*request),
            Output::Transfer(transfer) => analysis.transfers.push(*transfer),
            Output::Tls(seen) => analysis.tls.push(*seen),
        }
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, options, &mut deliver, &mut |_| {});
    analysis.summary = summary;
    analysis.problems = capture.problems().iter().map(ToString::to_string).collect();
    analysis.sessions.sort_by_key(|session| session.number);
    analysis
}

/// Analyses one file, messages and all.
pub fn analyse_file(path: &Path) -> Analysis {
    analyse_files(
        &[path],
        &Options {
            messages: true,
            ..Options::default()
        },
    )
}

/// The same, with the key log that stands beside it, if one does.
pub fn analyse_with_keys(path: &Path) -> Analysis {
    let mut options = Options {
        messages: true,
        ..Options::default()
    };
    if let Ok(text) = std::fs::read(path.with_extension("keys")) {
        let mut log = tls::KeyLog::default();
        let mut insert = |_, _, line: Result<tls::Line, tls::LineFault>| {
            log.insert(line.expect("a line of a key log"));
        };
        let mut lines = tls::LineReader::default();
        lines.take(&text, &mut insert);
        lines.finish(&mut insert);
        options.keys.log = std::sync::Arc::new(log);
    }
    analyse_files(&[path], &options)
}

/// Generates a capture with its truth beside it; false, visibly, where the generator or python3 is absent.
pub fn generated(path: &Path, arguments: &[&str]) -> bool {
    let Some(generator) = shared("tools/gen_capture.py") else {
        return false;
    };
    let mut command = std::process::Command::new("python3");
    let Ok(run) = command
        .arg(generator)
        .arg("-o")
        .arg(path)
        .args(arguments)
        .output()
    else {
        eprintln!("skipped: python3 is absent");
        return false;
    };
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    true
}
