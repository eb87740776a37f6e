//! A whole analysis of bytes in memory, and what must hold of any.

use std::fmt::Write as _;
use std::io::Cursor;
use std::ops::ControlFlow;

use informant::pipeline::{Limits, Options, analyse};
use informant::session::{
    ConnectionRequest, Datagram, Message, Output, Session, Summary, TlsSeen, Transfer,
};
use informant::source::Capture;

/// Everything that came out of a capture.
#[derive(Default)]
pub struct Analysis {
    /// What the whole came to.
    pub summary: Summary,
    /// Sessions in the order of their numbers.
    pub sessions: Vec<Session>,
    /// Messages in time order.
    pub messages: Vec<Message>,
    /// Datagrams, among them in time order.
    pub datagrams: Vec<Datagram>,
    /// Connection Requests.
    pub connection_requests: Vec<ConnectionRequest>,
    /// Transfers.
    pub transfers: Vec<Transfer>,
    /// TLS connections, among the messages in time order.
    pub tls: Vec<TlsSeen>,
    /// Damage of the input.
    pub problems: Vec<String>,
}

/// Analyses a capture file that stands in memory; of what is none, nothing comes.
pub fn analyse_bytes(bytes: &[u8], threads: usize, limits: Limits) -> Analysis {
    let mut analysis = Analysis::default();
    let Ok(mut capture) = Capture::from_reader("input", Cursor::new(bytes.to_vec())) else {
        return analysis;
    };
    let options = Options {
        messages: true,
        threads,
        limits,
        ..Options::default()
    };
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
    let summary = analyse(&mut capture, &options, &mut deliver, &mut |_| {});
    analysis.summary = summary;
    analysis.problems = capture.problems().iter().map(ToString::to_string).collect();
    analysis.sessions.sort_by_key(|session| session.number);
    analysis
}

impl Analysis {
    /// All that it says, in order.
    pub fn said(&self) -> String {
        let mut said = format!("{:?}\n{:?}\n", self.summary, self.problems);
        for session in &self.sessions {
            let _ = writeln!(said, "{session:?}");
        }
        for datagram in &self.datagrams {
            let _ = writeln!(said, "{datagram:?}");
        }
        for message in &self.messages {
            let soap = message.soap.as_ref().map(cwmp::Document::text);
            let _ = writeln!(
                said,
                "{:?} {:?} {:?} {:?} {} {:?}",
                message.provenance,
                message.session,
                message.device,
                message.role,
                message.http.raw.escape_ascii(),
                soap.map(<[u8]>::len)
            );
        }
        let _ = writeln!(said, "{:?}\n{:?}", self.connection_requests, self.transfers);
        let _ = writeln!(said, "{:?}", self.tls);
        said
    }

    /// No defect, and what it tells of agrees with itself.
    pub fn check(&self) {
        assert_eq!(self.summary.defects, 0, "a defect of ours was isolated");
        let frames: u64 = self.summary.files.iter().map(|file| file.frames).sum();
        for (index, session) in self.sessions.iter().enumerate() {
            assert_eq!(session.number as usize, index + 1, "sessions are numbered");
            let steps = session.steps.iter().flat_map(|step| &step.frames);
            let rpcs = session.rpcs.iter().flat_map(|rpc| &rpc.request_frames);
            for frame in steps.chain(rpcs) {
                assert!(
                    (1..=frames).contains(&frame.number()),
                    "a frame that never was"
                );
            }
        }
        for message in &self.messages {
            let provenance = &message.provenance;
            let numbers = provenance.frames();
            assert!(
                numbers
                    .iter()
                    .all(|frame| (1..=frames).contains(&frame.number()))
            );
            assert!(
                provenance
                    .carried
                    .is_sorted_by_key(|carried| carried.offset)
            );
            let number = message.session.map_or(0, |number| number as usize);
            assert!(number <= self.sessions.len(), "a session that never was");
        }
        for transfer in &self.transfers {
            let steps = transfer.steps.iter().flat_map(|step| &step.frames);
            for frame in steps {
                assert!((1..=frames).contains(&frame.number()));
            }
            assert!(
                transfer.missing_bytes <= transfer.bytes,
                "more missing than moved"
            );
        }
        assert_eq!(self.summary.cwmp.sessions, self.sessions.len() as u64);
    }
}

/// Bounds that a short capture may reach.
pub fn tight() -> Limits {
    let mut limits = Limits {
        flows_max: 16,
        held_bytes_max: 8 << 10,
        frames_a_message_max: 8,
        peek_bytes_max: 64,
        ..Limits::default()
    };
    limits.tcp.waiting_bytes_max = 4 << 10;
    limits.tcp.waiting_pieces_max = 8;
    limits.tcp.floating_bytes_max = 2 << 10;
    limits.tcp.floating_pieces_max = 4;
    limits.http.head_bytes_max = 512;
    limits.http.headers_max = 8;
    limits.http.message_bytes_max = 2 << 10;
    limits.http.chunks_max = 16;
    limits.http.anomalies_max = 4;
    limits.cwmp.elements_max = 60;
    limits.cwmp.body_bytes_max = 1 << 10;
    limits.cwmp.anomalies_max = 4;
    limits.assemble.sessions_open_max = 2;
    limits.assemble.steps_max = 6;
    limits.assemble.devices_max = 2;
    limits.assemble.addresses_max = 1;
    limits.assemble.wakes_max = 2;
    limits.assemble.transfers_max = 2;
    limits.assemble.messages_held_max = 4;
    limits.assemble.messages_held_bytes_max = 4 << 10;
    limits.assemble.preludes_max = 2;
    limits.assemble.names_max = 3;
    limits
}
