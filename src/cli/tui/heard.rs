//! What interfaces gave, for pages that are made while they are listened to: the latest of it, up to a bound, and what the
//! rule book found so far.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::shared::Judged;
use crate::cli::marks::Marks;
use crate::conformance::Checker;
use crate::pipeline::Options;
use crate::session::{Device, DeviceId, Output, Session, Summary};

/// What was heard.
#[derive(Default)]
pub(super) struct Heard {
    kept: Mutex<Kept>,
    grown: Condvar,
    checker: Mutex<Option<Checker>>,
    /// Sessions in which more was found since somebody last asked.
    met: Mutex<BTreeSet<u32>>,
    /// Packets were lost on the way here.
    lossy: AtomicBool,
}

/// The latest of what came out of the analysis.
#[derive(Default)]
struct Kept {
    /// With about how many bytes each takes.
    outputs: VecDeque<(Arc<Output>, usize)>,
    /// How many came before the first that is kept.
    forgotten: u64,
    bytes: usize,
    /// Nothing is to come.
    is_over: bool,
}

impl Heard {
    /// Nothing yet; a checker judges it.
    pub(super) fn judged_by(checker: Option<Checker>) -> Self {
        Self {
            checker: Mutex::new(checker.map(Checker::following_sessions)),
            ..Self::default()
        }
    }

    /// Keeps what has come; the sessions that had to go for it.
    pub(super) fn keep(&self, output: Output) -> Vec<u32> {
        let mut kept = locked(&self.kept);
        let bytes = output.held_bytes();
        kept.bytes += bytes;
        kept.outputs.push_back((Arc::new(output), bytes));
        let mut gone = Vec::new();
        while kept.bytes > KEPT_BYTES_MAX
            && let Some((output, bytes)) = kept.outputs.pop_front()
        {
            kept.bytes -= bytes;
            kept.forgotten += 1;
            if let Output::Session(session) = &*output {
                gone.push(session.number);
            }
        }
        drop(kept);
        let mut met = locked(&self.met);
        gone.iter().for_each(|session| {
            met.remove(session);
        });
        drop(met);
        self.grown.notify_all();
        gone
    }

    /// Nothing is to come.
    pub(super) fn end(&self) {
        locked(&self.kept).is_over = true;
        self.grown.notify_all();
    }

    /// What is kept, as if it were read from a file; of messages only those of this session and of files that it asked for,
    /// where one is named.
    pub(super) fn read(
        &self,
        session: Option<u32>,
        options: &Options,
        deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
    ) -> Summary {
        let (outputs, _) = self.behind(0);
        for output in &outputs {
            let is_wanted = match &**output {
                Output::Session(_) => true,
                Output::Message(message) => {
                    let asked = message.caused_by.as_ref().map(|cause| cause.session);
                    let of = message.session.or(asked);
                    options.messages && (session.is_none() || of == session)
                }
                _ => options.messages || options.datagrams,
            };
            if is_wanted && deliver(Output::clone(output)).is_break() {
                break;
            }
        }
        Summary {
            devices: devices(&outputs),
            ..Summary::default()
        }
    }

    /// What is kept and came behind so many, and how many have come now.
    pub(super) fn behind(&self, count: u64) -> (Vec<Arc<Output>>, u64) {
        let kept = locked(&self.kept);
        let skip = usize::try_from(count.saturating_sub(kept.forgotten)).unwrap_or(usize::MAX);
        let outputs = kept.outputs.iter().skip(skip);
        let all = kept.forgotten + kept.outputs.len() as u64;
        (outputs.map(|(output, _)| Arc::clone(output)).collect(), all)
    }

    /// Waits for a while until more than so many have come; breaks where nothing is to come.
    pub(super) fn wait(&self, count: u64) -> ControlFlow<()> {
        let kept = locked(&self.kept);
        if kept.forgotten + kept.outputs.len() as u64 > count {
            return ControlFlow::Continue(());
        }
        if kept.is_over {
            return ControlFlow::Break(());
        }
        drop(self.grown.wait_timeout(kept, PATIENCE));
        ControlFlow::Continue(())
    }

    /// Waits for a while, whatever comes; breaks where nothing is to come.
    pub(super) fn pause(&self) -> ControlFlow<()> {
        let kept = locked(&self.kept);
        let waited = self
            .grown
            .wait_timeout_while(kept, PAUSE, |kept| !kept.is_over);
        let (kept, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if kept.is_over {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// More was found in these sessions.
    pub(super) fn meet(&self, sessions: &[u32]) {
        let mut met = locked(&self.met);
        let room = MET_MAX.saturating_sub(met.len());
        met.extend(sessions.iter().take(room));
    }

    /// Sessions in which more was found since this was last asked.
    pub(super) fn met(&self) -> BTreeSet<u32> {
        std::mem::take(&mut *locked(&self.met))
    }

    /// Something for whoever judges it.
    pub(super) fn checker(&self) -> MutexGuard<'_, Option<Checker>> {
        locked(&self.checker)
    }

    /// Packets were lost on the way here, or not.
    pub(super) fn set_lossy(&self, lossy: bool) {
        self.lossy.store(lossy, Ordering::Relaxed);
    }

    /// What was found in a session so far, or in all.
    pub(super) fn judged(&self, session: Option<u32>) -> Option<Judged> {
        let lossy = self.lossy.load(Ordering::Relaxed);
        let checked = self.checker().as_mut()?.so_far(session, lossy);
        Some(Judged {
            marks: Marks::of_checked(checked, false),
            summary: Summary::default(),
        })
    }
}

/// The devices of sessions, as the sessions tell of them.
fn devices(outputs: &[Arc<Output>]) -> Vec<Device> {
    let mut devices: BTreeMap<DeviceId, Device> = BTreeMap::new();
    for output in outputs {
        let Output::Session(session) = &**output else {
            continue;
        };
        let Some(id) = &session.device else { continue };
        let device = devices
            .entry(Arc::clone(id))
            .or_insert_with(|| device_of(id, session));
        device.sessions += 1;
        device.first = device.first.min(session.start);
        device.last = device.last.max(session.end);
        let address = session.cpe.address;
        device
            .addresses
            .extend(address.filter(|one| !device.addresses.contains(one)));
        let url = session.acs.url.clone();
        device
            .acs_urls
            .extend(url.filter(|one| !device.acs_urls.contains(one)));
    }
    devices.into_values().collect()
}

fn device_of(id: &DeviceId, session: &Session) -> Device {
    let cpe = session.cpe.clone();
    Device {
        device: Arc::clone(id),
        manufacturer: cpe.manufacturer,
        oui: cpe.oui,
        product_class: cpe.product_class,
        serial_number: cpe.serial_number,
        software_version: cpe.software_version,
        addresses: Vec::new(),
        acs_urls: Vec::new(),
        connection_request_url: None,
        udp_connection_request_address: None,
        nat_detected: None,
        gateway: None,
        dhcp: None,
        bindings: Vec::new(),
        sessions: 0,
        first: session.start,
        last: session.end,
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes of what is kept: some twenty thousand short sessions.
const KEPT_BYTES_MAX: usize = 256 << 20;
/// How long one waits before asking whether anybody still wants to know.
const PATIENCE: Duration = Duration::from_millis(100);
/// As often is looked at what was found.
const PAUSE: Duration = Duration::from_millis(300);
/// Sessions of which it is remembered that more was found in them: more than are kept.
const MET_MAX: usize = 1_000_000;
