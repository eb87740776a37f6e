//! Frames of interfaces as they come, by libpcap; recorded first where that is asked for.
//!
//! Everything that needs rights is done by [`Live::open`]: afterwards they can be given away.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use link::LinkType;
use pcap::{Active, Capture as Handle, Device, Precision};

use super::capture::Progress;
use super::frame::{Content, FileFacts, Frame, FrameId, Timestamp};
use super::frames::{Frames, Next};
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
    #[error("-f: {what}")]
    Filter {
        /// What libpcap says.
        what: String,
    },
    /// An interface is gone.
    #[error("{interface}: {what}: what was heard until then stands")]
    Lost {
        /// Its name.
        interface: String,
        /// What libpcap says.
        what: String,
    },
    /// What comes cannot be recorded.
    #[error("{}: cannot be written: {source}: recording and listening end", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// What goes on, in numbers that any thread may look at.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Packets read.
    pub packets: AtomicU64,
    /// Their bytes as captured.
    pub bytes: AtomicU64,
    /// Packets that the kernel had no room for.
    pub dropped: AtomicU64,
    /// Packets that an interface or its driver dropped.
    pub dropped_by_interface: AtomicU64,
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
}

/// One of them.
struct Interface {
    name: String,
    handle: Handle<Active>,
    link_type: LinkType,
    /// The packet that is to be given next, copied out of the ring.
    head: Head,
    holds: bool,
    /// Looked at again only after so many packets of others: to look costs a call of the system.
    patience: u32,
    dropped: u32,
    dropped_by_interface: u32,
}

#[derive(Default)]
struct Head {
    time: Timestamp,
    original_bytes: u32,
    bytes: Vec<u8>,
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

    /// Fills the heads; whose is the earliest.
    fn earliest(&mut self) -> Option<usize> {
        let several = self.interfaces.len() > 1;
        for interface in &mut self.interfaces {
            if interface.holds {
                continue;
            }
            if several && interface.patience > 0 {
                interface.patience -= 1;
                continue;
            }
            if let Err(what) = interface.fill() {
                let interface = interface.name.clone();
                self.problem = Some(LiveError::Lost { interface, what });
                return None;
            }
        }
        let held = self.interfaces.iter().enumerate();
        held.filter(|(_, interface)| interface.holds)
            .min_by_key(|(_, interface)| interface.head.time.nanoseconds)
            .map(|(at, _)| at)
    }

    /// Takes note of a packet, and records it.
    fn note(&mut self, at: usize) -> Option<FrameId> {
        let interface = self.interfaces.get(at)?;
        let head = &interface.head;
        let (bytes, time) = (head.bytes.len() as u64, head.time);
        self.traffic.packets.fetch_add(1, Ordering::Relaxed);
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
        }
        if let Some(facts) = self.facts.first_mut() {
            facts.dropped = Some(self.traffic.dropped.load(Ordering::Relaxed));
        }
    }

    /// Nothing is there: waits for a while.
    fn wait(&mut self) {
        for interface in &mut self.interfaces {
            interface.patience = 0;
        }
        self.ready.wait();
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
        // What the kernel holds back is older than now.
        time.nanoseconds -= HELD_BACK_NS;
        Next::Tick(time)
    }
}

impl Frames for Live {
    fn next(&mut self) -> Next<'_> {
        if let Some(interface) = self.lent.take().and_then(|at| self.interfaces.get_mut(at)) {
            interface.holds = false;
        }
        if self.is_over() {
            return Next::End;
        }
        if self.counted.elapsed() >= COUNTED_EVERY {
            self.count();
        }
        let mut found = self.earliest();
        if found.is_none() && self.problem.is_none() {
            self.wait();
            found = self.earliest();
        }
        let Some(at) = found else {
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

impl Interface {
    fn open(name: &str, options: &LiveOptions) -> Result<Self, LiveError> {
        let trouble = |what: String| LiveError::Open {
            interface: name.to_owned(),
            what,
        };
        let handle = Handle::from_device(name).map_err(|error| trouble(words(&error)))?;
        let mut handle = handle
            .buffer_size(i32::try_from(options.buffer_bytes).unwrap_or(i32::MAX))
            .snaplen(i32::try_from(options.snap_bytes).unwrap_or(i32::MAX))
            .promisc(options.promiscuous && name != ANY)
            .precision(Precision::Nano)
            .timeout(BLOCK_MS)
            .open()
            .and_then(Handle::setnonblock)
            .map_err(|error| trouble(rights(&error)))?;
        if let Some(filter) = &options.filter {
            let compiled = handle.filter(filter, true);
            compiled.map_err(|error| LiveError::Filter {
                what: words(&error),
            })?;
        }
        let link_type = link_type(handle.get_datalink().0);
        Ok(Self {
            name: name.to_owned(),
            handle,
            link_type,
            head: Head::default(),
            holds: false,
            patience: 0,
            dropped: 0,
            dropped_by_interface: 0,
        })
    }

    /// The next packet becomes the head, where one is there.
    fn fill(&mut self) -> Result<(), String> {
        match self.handle.next_packet() {
            Ok(packet) => {
                let seconds = packet.header.ts.tv_sec;
                // With nanoseconds asked for, they stand in the place of microseconds.
                let nanoseconds = packet.header.ts.tv_usec;
                self.head.time = Timestamp {
                    nanoseconds: seconds
                        .saturating_mul(1_000_000_000)
                        .saturating_add(nanoseconds),
                    digits: 9,
                };
                self.head.original_bytes = packet.header.len;
                self.head.bytes.clear();
                self.head.bytes.extend_from_slice(packet.data);
                self.holds = true;
                Ok(())
            }
            Err(pcap::Error::TimeoutExpired | pcap::Error::NoMorePackets) => {
                self.patience = PATIENCE;
                Ok(())
            }
            Err(error) => Err(words(&error)),
        }
    }

    fn frame(&self, id: FrameId) -> Frame<'_> {
        Frame {
            id,
            time: self.head.time,
            content: Content::Packet {
                link_type: self.link_type,
                original_length: self.head.original_bytes,
            },
            bytes: &self.head.bytes,
            buffer: None,
            secrets: &[],
        }
    }

    /// Packets dropped, by the kernel and by the interface.
    fn counts(&self) -> u64 {
        u64::from(self.dropped) + u64::from(self.dropped_by_interface)
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

    fn wait(&mut self) {
        // Where a signal interrupts, it is looked at what is there.
        let _ = self.poll.poll(&mut self.events, Some(IDLE));
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

/// What libpcap says, without its own prefix.
fn words(error: &pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The same, and what to do where rights are missing.
fn rights(error: &pcap::Error) -> String {
    let words = words(error);
    if words.to_ascii_lowercase().contains("permission") {
        return format!(
            "{words}: run it as root, or once give the program the right: setcap cap_net_raw+ep $(command -v informant)"
        );
    }
    words
}

/// The number that files have for what libpcap calls otherwise on this system (pcap-linktype(7)).
fn link_type(number: i32) -> LinkType {
    match number {
        DLT_RAW | DLT_RAW_OF_OTHERS => LinkType(LINKTYPE_RAW),
        other => LinkType(u16::try_from(other).unwrap_or(u16::MAX)),
    }
}

const ANY: &str = "any";
const DLT_RAW: i32 = 12;
const DLT_RAW_OF_OTHERS: i32 = 14;
const LINKTYPE_RAW: u16 = 101;
/// After so many milliseconds the kernel hands over a block that is not full.
const BLOCK_MS: i32 = 20;
/// As long is waited for a packet before it is told that none came.
const IDLE: Duration = Duration::from_millis(100);
const COUNTED_EVERY: Duration = Duration::from_secs(1);
/// Packets that are on their way when it is told how late it is.
const HELD_BACK_NS: i64 = 500_000_000;
/// Packets of other interfaces until an empty one is looked at again.
const PATIENCE: u32 = 32;
