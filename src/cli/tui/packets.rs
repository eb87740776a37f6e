//! The packets of sessions, with those of their connections that carried nothing, as a pcapng.

#[cfg(feature = "live")]
mod recorded;

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::shared::Shared;
use crate::cli::arguments::{When, Writing, inputs};
use crate::cli::exit::Trouble;
use crate::cli::output::Sink;
use crate::session::{Message, Output, Provenance};
use crate::source::{Capture, Extract, Frame, FrameId};
use crate::tui::Kept;
#[cfg(feature = "live")]
pub(super) use recorded::recording;

/// Writes the packets; how many, in words.
pub(super) fn write(shared: &Shared, sessions: &Kept, path: &Path) -> Result<String, Trouble> {
    #[cfg(feature = "live")]
    if shared.is_live() {
        return recorded::write(shared, sessions, path);
    }
    let chosen = Chosen::of(shared, sessions)?;
    let mut copy = Copy::open(path, &shared.paths)?;
    copy.packets(Capture::open(inputs(&shared.paths))?, &|frame| {
        chosen.holds(frame.id, frame)
    });
    copy.finish()
}

/// Packets on their way into a file.
struct Copy {
    sink: Sink,
    extract: Extract,
    out: Vec<u8>,
    /// There are blocks of transcripts.
    has_blocks: bool,
}

impl Copy {
    fn open(path: &Path, inputs: &[PathBuf]) -> Result<Self, Trouble> {
        let writing = Writing {
            output: Some(path.to_path_buf()),
            color: When::Never,
            show_secrets: true,
            quiet: true,
        };
        Ok(Self {
            sink: Sink::open(&writing, inputs)?,
            extract: Extract::default(),
            out: Extract::header(),
            has_blocks: false,
        })
    }

    /// Writes those of a capture that are wanted.
    fn packets(&mut self, mut capture: Capture, is_wanted: &dyn Fn(&Frame<'_>) -> bool) {
        let mut secrets = 0;
        while let Some(frame) = capture.next() {
            self.has_blocks |= frame.packet().is_none();
            if !is_wanted(&frame) {
                continue;
            }
            let mut packet = Vec::new();
            self.extract.frame(&frame, &mut packet);
            for secret in capture.secrets().iter().skip(secrets) {
                Extract::secret(secret, &mut self.out);
            }
            secrets = capture.secrets().len();
            self.out.append(&mut packet);
            let out = &self.out;
            if self.sink.with(|writer| writer.write_all(out)).is_break() {
                break;
            }
            self.out.clear();
        }
    }

    /// How many there were, in words.
    fn finish(self) -> Result<String, Trouble> {
        if self.extract.frames() == 0 {
            return Err(Trouble::Usage(if self.has_blocks {
                "a transcript holds no packets: save the session as a transcript".to_owned()
            } else {
                "there are no packets to be saved".to_owned()
            }));
        }
        self.sink.finish()?;
        Ok(format!("{} packets, nothing masked", self.extract.frames()))
    }
}

/// What is written.
struct Chosen {
    /// All of it.
    is_all: bool,
    /// Sessions that were found.
    sessions: HashSet<u32>,
    frames: HashSet<FrameId>,
    /// Connections, from when to when.
    connections: HashMap<(SocketAddr, SocketAddr), (i64, i64)>,
}

impl Chosen {
    fn of(shared: &Shared, sessions: &Kept) -> Result<Self, Trouble> {
        let mut chosen = Self {
            is_all: *sessions == Kept::All,
            sessions: HashSet::new(),
            frames: HashSet::new(),
            connections: HashMap::new(),
        };
        if chosen.is_all {
            return Ok(chosen);
        }
        let Kept::These(sessions) = sessions else {
            return Ok(chosen);
        };
        let sessions: HashSet<u32> = sessions.iter().copied().collect();
        let is_wanted = |session: Option<u32>| session.is_some_and(|one| sessions.contains(&one));
        let options = shared.options(true, true);
        let mut take = |output: Output| {
            match output {
                Output::Session(session) if is_wanted(Some(session.number)) => {
                    chosen.sessions.insert(session.number);
                }
                Output::Message(message) => {
                    let asked = message.caused_by.as_ref().map(|cause| cause.session);
                    if is_wanted(message.session.or(asked)) {
                        chosen.message(&message);
                    }
                }
                Output::Datagram(datagram) if is_wanted(datagram.session) => {
                    chosen.frames.extend(&datagram.frames);
                }
                Output::ConnectionRequest(request) if is_wanted(request.session) => {
                    let steps = request.steps.iter();
                    chosen.frames.extend(steps.flat_map(|step| &step.frames));
                }
                Output::Transfer(transfer) => {
                    let asked = transfer.caused_by.as_ref().map(|cause| cause.session);
                    if is_wanted(asked) {
                        let steps = transfer.steps.iter();
                        chosen.frames.extend(steps.flat_map(|step| &step.frames));
                    }
                }
                _ => {}
            }
            ControlFlow::Continue(())
        };
        shared.read(&options, &mut take, &mut |_| {})?;
        Ok(chosen)
    }

    fn message(&mut self, message: &Message) {
        let provenance: &Provenance = &message.provenance;
        self.frames.extend(provenance.frames());
        let ends = ordered(provenance.source, provenance.destination);
        let (from, to) = (provenance.started.nanoseconds, provenance.time.nanoseconds);
        let known = self.connections.entry(ends).or_insert((from, to));
        *known = (known.0.min(from), known.1.max(to));
    }

    /// Whether a frame is written, which has this place in the capture that was read.
    fn holds(&self, id: FrameId, frame: &Frame<'_>) -> bool {
        if self.is_all || self.frames.contains(&id) {
            return true;
        }
        let Some((from, to)) = ends(frame).and_then(|ends| self.connections.get(&ends)) else {
            return false;
        };
        let time = frame.time.nanoseconds;
        time >= from.saturating_sub(AROUND) && time <= to.saturating_add(AROUND)
    }
}

/// Between whom a TCP segment went.
fn ends(frame: &Frame<'_>) -> Option<(SocketAddr, SocketAddr)> {
    let (link_type, original_length) = frame.packet()?;
    let link::Decoded::Ip(packet) = link::decode(link_type, frame.bytes, original_length) else {
        return None;
    };
    let link::Payload::Tcp(segment) = packet.payload else {
        return None;
    };
    Some(ordered(
        SocketAddr::new(packet.source, segment.source_port),
        SocketAddr::new(packet.destination, segment.destination_port),
    ))
}

fn ordered(one: SocketAddr, other: SocketAddr) -> (SocketAddr, SocketAddr) {
    (one.min(other), one.max(other))
}

/// Nanoseconds before a session's first byte and behind its last in which a connection opens and closes.
const AROUND: i64 = 5_000_000_000;
