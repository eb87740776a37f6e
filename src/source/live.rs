//! Frames of interfaces as they come, by libpcap; recorded first where that is asked for.
//!
//! Everything that needs rights is done by [`Live::open`]: afterwards they can be given away.

mod interface;
mod link_state;
mod losses;
mod traffic;
mod turns;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use interface::Interface;
use link::LinkType;
pub use link_state::LinkState;
use pcap::Device;
pub use traffic::Traffic;
use turns::Turn;

use super::capture::Progress;
use super::frame::{FileFacts, FrameId, Timestamp};
use super::frames::{Frames, Next};
use super::recorded::Recorded;
use super::recorder::Recorder;

/// How interfaces are listened to.
#[derive(Debug, Clone)]
pub struct LiveOptions {
    /// Their names; `any` is all of them.
    pub interfaces: Vec<String>,
    /// A capture filter as tcpdump knows it.
    pub filter: Option<String>,
    /// Bytes kept of a packet.
    pub snap_bytes: u32,
    /// Bytes that the kernel holds of each interface until they are read.
    pub buffer_bytes: u32,
    /// What is not for this host is heard too.
    pub promiscuous: bool,
}

/// Why nothing is heard, or nothing more.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// An interface cannot be listened to.
    #[error("{interface}: cannot be listened to: {what}")]
    Open {
        /// Its name.
        interface: String,
        /// What libpcap says, and what to do.
        what: String,
    },
    /// The capture filter is none.
    #[error("-f '{filter}': {what}")]
    Filter {
        /// The filter.
        filter: String,
        /// What libpcap says.
        what: String,
    },
    /// No interface is left.
    #[error("{interface}: {what}: what was heard until then stands")]
    Lost {
        /// Their names.
        interface: String,
        /// What libpcap says.
        what: String,
    },
    /// What comes cannot be recorded.
    #[error("{}: cannot be written: {source}: recording and listening end{}", path.display(), advice(source))]
    Record {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// An interface as the system names it.
#[derive(Debug, Clone)]
pub struct Interfaces {
    /// Its name.
    pub name: String,
    /// What the system says of it.
    pub description: Option<String>,
    /// Its addresses.
    pub addresses: Vec<std::net::IpAddr>,
    /// It is up.
    pub up: bool,
}

impl Interfaces {
    /// Those of this system.
    ///
    /// # Errors
    ///
    /// What libpcap says where it cannot list them.
    pub fn list() -> Result<Vec<Self>, String> {
        let devices = Device::list().map_err(|error| error.to_string())?;
        let one = |device: Device| Self {
            up: device.flags.is_up(),
            addresses: device.addresses.iter().map(|one| one.addr).collect(),
            name: device.name,
            description: device.desc,
        };
        Ok(devices.into_iter().map(one).collect())
    }
}

/// Interfaces that are listened to.
pub struct Live {
    interfaces: Vec<Interface>,
    ready: Ready,
    facts: Vec<FileFacts>,
    recorder: Option<Recorder>,
    stop: Arc<AtomicBool>,
    until: Option<Instant>,
    traffic: Arc<Traffic>,
    /// Whose head is lent.
    lent: Option<usize>,
    problem: Option<LiveError>,
    counted: Instant,
    /// The same by the clock on the wall.
    counted_at: Timestamp,
}

/// Waits for interfaces.
struct Ready {
    poll: mio::Poll,
    events: mio::Events,
}

impl Live {
    /// Opens all interfaces.
    ///
    /// # Errors
    ///
    /// Where one cannot be listened to, or the filter is none.
    pub fn open(options: &LiveOptions) -> Result<Self, LiveError> {
        let interfaces: Vec<Interface> = options
            .interfaces
            .iter()
            .map(|name| Interface::open(name, options))
            .collect::<Result<_, _>>()?;
        let ready = Ready::of(&interfaces).map_err(|error| LiveError::Open {
            interface: options.interfaces.join(","),
            what: error.to_string(),
        })?;
        let mut facts = FileFacts {
            path: options.interfaces.join(","),
            dropped: Some(0),
            ..FileFacts::default()
        };
        for interface in &interfaces {
            if !facts.link_types.contains(&interface.link_type) {
                facts.link_types.push(interface.link_type);
            }
        }
        Ok(Self {
            interfaces,
            ready,
            facts: vec![facts],
            recorder: None,
            stop: Arc::default(),
            until: None,
            traffic: Arc::default(),
            lent: None,
            problem: None,
            counted: Instant::now(),
            counted_at: now(),
        })
    }

    /// Name and link type of each interface.
    #[must_use]
    pub fn heard(&self) -> Vec<(String, LinkType)> {
        let one = |interface: &Interface| (interface.name.clone(), interface.link_type);
        self.interfaces.iter().map(one).collect()
    }

    /// Writes every packet there before it is looked at.
    #[must_use]
    pub fn recording(mut self, recorder: Recorder) -> Self {
        self.recorder = Some(recorder);
        self
    }

    /// The file in which it is recorded now.
    #[must_use]
    pub fn recorded(&self) -> Option<&Path> {
        self.recorder.as_ref().map(Recorder::path)
    }

    /// All files of the recording.
    #[must_use]
    pub fn files(&self) -> Option<Recorded> {
        self.recorder.as_ref().map(Recorder::recorded)
    }

    /// Ends as soon as this is true.
    #[must_use]
    pub fn until(mut self, stop: Arc<AtomicBool>, duration: Option<Duration>) -> Self {
        self.stop = stop;
        self.until = duration.and_then(|duration| Instant::now().checked_add(duration));
        self
    }

    /// What goes on.
    #[must_use]
    pub fn traffic(&self) -> Arc<Traffic> {
        Arc::clone(&self.traffic)
    }

    /// Why it ended, unless it was told to.
    #[must_use]
    pub fn problem(&self) -> Option<&LiveError> {
        self.problem.as_ref()
    }

    /// Interfaces were lost, or the only one was.
    #[must_use]
    pub fn has_lost(&self) -> bool {
        self.interfaces.iter().any(|one| one.gone.is_some())
    }

    /// It is over: counts are taken once more, and the recording is made whole.
    pub fn close(&mut self) {
        self.count();
        let now = now();
        let counts = self.interfaces.iter().map(Interface::counts).collect();
        if let Some(mut recorder) = self.recorder.take()
            && let Err(source) = recorder.close(now, counts)
        {
            self.problem.get_or_insert(LiveError::Record {
                path: recorder.path().to_owned(),
                source,
            });
        }
    }

    fn is_over(&self) -> bool {
        self.problem.is_some()
            || self.stop.load(Ordering::Relaxed)
            || self.until.is_some_and(|until| Instant::now() >= until)
            || self.recorder.as_ref().is_some_and(Recorder::is_full)
    }

    /// Waits for the next packet, but not for long; whose it is. The interface that gave the last one is named.
    fn await_next(&mut self, given: Option<usize>) -> Option<usize> {
        let mut given = given;
        let mut is_awaited = false;
        loop {
            let turn = self.look(given.take())?;
            let patience = match turn {
                Turn::Of(at) => return Some(at),
                Turn::Nobodys if is_awaited => return None,
                Turn::Nobodys => IDLE,
                Turn::After(patience) => patience,
            };
            self.ready.wait(patience);
            is_awaited = true;
        }
    }

    /// Fills the heads that matter; whose turn it is, unless no interface is left.
    fn look(&mut self, given: Option<usize>) -> Option<Turn> {
        if let Some(at) = given {
            self.fill(at);
        }
        let held = self.interfaces.iter().filter(|interface| interface.holds);
        let first_ns = held.map(|one| one.head.time.nanoseconds).min();
        let settled_ns = first_ns.map_or(i64::MAX, turns::settled_ns);
        for at in 0..self.interfaces.len() {
            let is_due =
                |one: &Interface| !one.holds && one.gone.is_none() && one.empty_at_ns < settled_ns;
            if given != Some(at) && self.interfaces.get(at).is_some_and(is_due) {
                self.fill(at);
            }
        }
        self.problem = self.last_lost();
        if self.problem.is_some() {
            return None;
        }
        let all = self.interfaces.iter().map(Interface::known);
        Some(turns::turn(all, || now().nanoseconds))
    }

    /// Looks whether an interface has a packet; of one that is gone none comes any more.
    fn fill(&mut self, at: usize) {
        let Some(interface) = self.interfaces.get_mut(at) else {
            return;
        };
        if let Err(what) = interface.fill() {
            interface.gone = Some(what);
            interface.empty_at_ns = i64::MAX;
        }
    }

    /// What ends it where no interface is left and nothing of them is to be given.
    fn last_lost(&self) -> Option<LiveError> {
        let is_over = |one: &Interface| one.gone.is_some() && !one.holds;
        if !self.interfaces.iter().all(is_over) {
            return None;
        }
        let what = self.interfaces.last()?.gone.clone()?;
        let names = self.interfaces.iter().map(|one| one.name.as_str());
        let interface = names.collect::<Vec<_>>().join(", ");
        Some(LiveError::Lost { interface, what })
    }

    /// Takes note of a packet, and records it.
    fn note(&mut self, at: usize) -> Option<FrameId> {
        let interface = self.interfaces.get(at)?;
        let head = &interface.head;
        let (bytes, time) = (head.bytes.len() as u64, head.time);
        self.traffic.packets.fetch_add(1, Ordering::Relaxed);
        self.traffic.note_packet();
        self.traffic.bytes.fetch_add(bytes, Ordering::Relaxed);
        let facts = self.facts.first_mut()?;
        facts.frames += 1;
        facts.bytes += bytes;
        facts.frames_cut += u64::from(u64::from(head.original_bytes) > bytes);
        facts.first = Some(facts.first.map_or(time, |first| first.min(time)));
        facts.last = Some(facts.last.map_or(time, |last| last.max(time)));
        let number = facts.frames;
        let Some(recorder) = &mut self.recorder else {
            return Some(FrameId::new(0, number));
        };
        let written = recorder.write(at, time, head.original_bytes, &head.bytes, || {
            self.interfaces.iter().map(Interface::counts).collect()
        });
        match written {
            Ok(id) => Some(id),
            Err(source) => {
                let path = recorder.path().to_owned();
                self.problem = Some(LiveError::Record { path, source });
                None
            }
        }
    }

    /// Asks the kernel what it dropped.
    fn count(&mut self) {
        self.counted = Instant::now();
        let since = std::mem::replace(&mut self.counted_at, now());
        let mut lost = 0;
        for interface in &mut self.interfaces {
            let Ok(stat) = interface.handle.stats() else {
                continue;
            };
            // The counters of libpcap are of 32 bits, and begin anew.
            let more = stat.dropped.wrapping_sub(interface.dropped);
            let by_interface = stat.if_dropped.wrapping_sub(interface.dropped_by_interface);
            (interface.dropped, interface.dropped_by_interface) = (stat.dropped, stat.if_dropped);
            self.traffic
                .dropped
                .fetch_add(more.into(), Ordering::Relaxed);
            let counter = &self.traffic.dropped_by_interface;
            counter.fetch_add(by_interface.into(), Ordering::Relaxed);
            lost += u64::from(more) + u64::from(by_interface);
        }
        if lost > 0 {
            self.traffic.note_lost(since, self.counted_at, lost);
        }
        let states = self.interfaces.iter();
        let states = states.map(|one| (one.name.clone(), one.state()));
        self.traffic.note_links(states.collect());
        if let Some(facts) = self.facts.first_mut() {
            facts.dropped = Some(self.traffic.dropped.load(Ordering::Relaxed));
        }
    }

    /// Nothing has come for a while.
    fn idle(&mut self) -> Next<'_> {
        self.count();
        if let Some(recorder) = &mut self.recorder
            && let Err(source) = recorder.flush()
        {
            let path = recorder.path().to_owned();
            self.problem = Some(LiveError::Record { path, source });
        }
        let mut time = now();
        self.traffic.note_quiet(time);
        // What the kernel holds back is older than now.
        time.nanoseconds -= HELD_BACK_NS;
        Next::Tick(time)
    }
}

impl Frames for Live {
    fn next(&mut self) -> Next<'_> {
        let given = self.lent.take();
        if let Some(interface) = given.and_then(|at| self.interfaces.get_mut(at)) {
            interface.holds = false;
        }
        if self.is_over() {
            return Next::End;
        }
        if self.counted.elapsed() >= COUNTED_EVERY {
            self.count();
        }
        let Some(at) = self.await_next(given) else {
            return if self.problem.is_some() {
                Next::End
            } else {
                self.idle()
            };
        };
        let Some(id) = self.note(at) else {
            return Next::End;
        };
        self.lent = Some(at);
        match self.interfaces.get(at) {
            Some(interface) => Next::Frame(interface.frame(id)),
            None => Next::End,
        }
    }

    fn facts(&self) -> &[FileFacts] {
        &self.facts
    }

    fn progress(&self) -> Progress {
        Progress::default()
    }
}

impl Ready {
    fn of(interfaces: &[Interface]) -> std::io::Result<Self> {
        use std::os::fd::AsRawFd;

        let poll = mio::Poll::new()?;
        for (at, interface) in interfaces.iter().enumerate() {
            let descriptor = interface.handle.as_raw_fd();
            let mut source = mio::unix::SourceFd(&descriptor);
            let readable = mio::Interest::READABLE;
            poll.registry()
                .register(&mut source, mio::Token(at), readable)?;
        }
        Ok(Self {
            poll,
            events: mio::Events::with_capacity(interfaces.len().max(1)),
        })
    }

    fn wait(&mut self, patience: Duration) {
        // Where a signal interrupts, it is looked at what is there.
        let _ = self.poll.poll(&mut self.events, Some(patience));
    }
}

/// What to do where there is no room.
fn advice(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};

    match error.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => {
            ": make room there, or have a ring keep within it (-b filesize:SIZE,files:NUMBER)"
        }
        _ => "",
    }
}

/// The wall clock.
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let nanoseconds = since.map_or(0, |since| since.as_nanos());
    Timestamp {
        nanoseconds: i64::try_from(nanoseconds).unwrap_or(i64::MAX),
        digits: 9,
    }
}

/// As long is waited for a packet before it is told that none came.
const IDLE: Duration = Duration::from_millis(100);
/// Sessions are told to have been open when packets were dropped as exactly as this.
const COUNTED_EVERY: Duration = Duration::from_millis(100);
/// Packets that are on their way when it is told how late it is.
const HELD_BACK_NS: i64 = 500_000_000;
