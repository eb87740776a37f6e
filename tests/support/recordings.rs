//! Sessions of captures, ready to be made into scenarios.

#![allow(dead_code, reason = "each test uses its part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use informant::pipeline::Options;
use informant::replay::record::{RecordedSession, Recording, Wake};
use informant::session::{Datagram, Message, Role as Purpose, Session};

use crate::support::{Analysis, analyse_files, captures, is_told, shared};

/// Sessions of a capture, ready to be recorded.
pub struct Captured {
    pub sessions: Vec<RecordedSession>,
    pub transfers: Vec<Message>,
}

/// Reads a capture.
pub fn captured(path: &Path, threads: usize) -> Captured {
    let mut options = Options {
        messages: true,
        threads,
        ..Options::default()
    };
    options.limits.other_body_bytes_max = 1 << 24;
    let analysis = analyse_files(&[path], &options);
    let Analysis {
        sessions,
        messages,
        datagrams,
        connection_requests,
        ..
    } = analysis;
    let mut own: BTreeMap<u32, Vec<Message>> = BTreeMap::new();
    let mut legs: BTreeMap<u32, Vec<Message>> = BTreeMap::new();
    let mut transfers = Vec::new();
    for message in messages {
        match (message.role, message.session) {
            (Purpose::Cwmp, Some(session)) => own.entry(session).or_default().push(message),
            (Purpose::ConnectionRequest, Some(session)) => {
                legs.entry(session).or_default().push(message);
            }
            (Purpose::Transfer, _) => transfers.push(message),
            _ => {}
        }
    }
    let recorded = |session: Session| {
        let number = session.number;
        let request = connection_requests
            .iter()
            .find(|request| request.session == Some(number));
        let legs = legs.remove(&number).unwrap_or_default();
        let datagrams: Vec<&Datagram> = datagrams
            .iter()
            .filter(|datagram| datagram.session == Some(number))
            .collect();
        RecordedSession {
            wake: request.map(|request| Wake::of(request, &legs, &datagrams)),
            messages: own.remove(&number).unwrap_or_default(),
            session,
        }
    };
    Captured {
        sessions: sessions.into_iter().map(recorded).collect(),
        transfers,
    }
}

impl Captured {
    /// One session as a recording of its own.
    pub fn each(self) -> Vec<Recording> {
        let mut transfers = self.transfers;
        self.sessions
            .into_iter()
            .map(|session| {
                let number = session.session.number;
                let caused = |message: &mut Message| {
                    let cause = message.caused_by.as_ref();
                    cause.is_some_and(|cause| cause.session == number)
                };
                Recording {
                    sha256: Some("0".repeat(64)),
                    transfers: transfers.extract_if(.., caused).collect(),
                    sessions: vec![session],
                    stun: None,
                }
            })
            .collect()
    }

    /// All sessions as one recording.
    pub fn all(self) -> Recording {
        Recording {
            sha256: None,
            sessions: self.sessions,
            transfers: self.transfers,
            stun: None,
        }
    }
}

/// Every capture of the project, and of real devices and servers where those are at hand.
pub fn every_capture() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(captures())
        .expect("the stories are there")
        .flatten()
        // Those with their truth beside them are played in tests/stories.rs.
        .filter(|story| !is_told(&story.path()))
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
