//! What becomes of what the network hears: one thread writes it as a capture, one judges it and lays it out. The network waits for
//! neither, and neither of them for a reader.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::judging::Judge;
use super::outlet::{Outlet, Pages};
use super::page::Page;
use super::secrets::Secrets;
use super::worker::{AtOnce, Refused, Waiting, Worker};
use crate::cli::exit;
use crate::cli::replay::recording::{Written, packets};
use crate::replay::action::{WireEvent, WireEventKind};
use crate::replay::bench::{BenchTold, RUN_OVER};
use crate::replay::drive::{Clock, Recorded, ServeEvent};
use crate::report::text;
use crate::source::Synthesis;

/// The threads, as the network sees them: nothing here waits, but for [`Telling::end`].
pub(super) struct Telling {
    writing: Worker<ServeEvent>,
    judging: Worker<Shown>,
    pages: Pages,
    complaints: Outlet,
    /// Events that found no room on their way to the capture.
    unwritten: AtomicU64,
    /// Those that found none on their way to the judge.
    unjudged: Arc<AtomicU64>,
    is_quiet: bool,
}

/// What the threads need.
pub(super) struct Teller {
    pub(super) judge: Judge,
    pub(super) page: Page,
    pub(super) recording: Written,
    pub(super) secrets: Secrets,
    pub(super) clock: Clock,
    pub(super) is_https: bool,
    pub(super) is_quiet: bool,
}

/// What is judged and shown, behind the capture.
enum Shown {
    Told(BenchTold),
    Session(Closed),
}

/// A session that closed.
pub(super) struct Closed {
    pub(super) number: u32,
    pub(super) device: String,
    pub(super) why: Option<String>,
    pub(super) is_cut: bool,
    /// Its packets.
    pub(super) frames: Vec<u8>,
    pub(super) frames_before: u64,
    /// Where TLS ended, if it was spoken.
    pub(super) opened: Option<SocketAddr>,
}

impl Closed {
    /// Was it left open by its device? All of it is here then.
    fn is_broken_off(&self) -> bool {
        let why = self.why.as_ref();
        !self.is_cut && why.is_some_and(|why| why != RUN_OVER)
    }
}

impl Telling {
    pub(super) fn begin(teller: Teller, pages: Pages, complaints: &Outlet) -> Self {
        let Teller {
            judge,
            page,
            recording,
            secrets,
            clock,
            is_https,
            is_quiet,
        } = teller;
        let (out, complain) = (pages.outlet().clone(), complaints.clone());
        let judging = Worker::begin(UNJUDGED_BYTES_MAX, move |waiting| {
            judge_all(waiting, judge, page, &secrets, &out, &complain)
        });
        let unjudged = Arc::<AtomicU64>::default();
        let writer = Writer {
            recording,
            synthesis: Synthesis::default(),
            clock,
            is_https,
            judging: Arc::clone(judging.waiting()),
            unjudged: Arc::clone(&unjudged),
        };
        Self {
            writing: Worker::begin(UNWRITTEN_BYTES_MAX, move |waiting| writer.all(waiting)),
            judging,
            pages,
            complaints: complaints.clone(),
            unwritten: AtomicU64::new(0),
            unjudged,
            is_quiet,
        }
    }

    /// Takes what is to be told; breaks where nobody reads on.
    pub(super) fn tell(&self, event: ServeEvent) -> ControlFlow<()> {
        match event {
            ServeEvent::Told(BenchTold::Said(words)) if !self.is_quiet => {
                self.complaints.complain(&words);
            }
            ServeEvent::Told(BenchTold::Said(_)) => {}
            ServeEvent::Told(BenchTold::Noted(words)) => self.complaints.complain(&words),
            ServeEvent::Told(BenchTold::Refused { place, why }) => {
                self.complaints
                    .complain(&format!("{place}: refused: {why}"));
            }
            event => {
                let held = self.writing.waiting().push(bytes_of(&event), event);
                if held.is_err() {
                    self.unwritten.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        if self.pages.outlet().is_gone() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// The exit codes, when all is written, judged and shown; whoever does not read on does without the rest.
    pub(super) async fn end(self) -> Vec<u8> {
        let mut codes = BTreeSet::new();
        let mut at_once = AtOnce::listen();
        let written = self.writing.end(UNWRITTEN_STILL_MAX, &mut at_once).await;
        let judged = self.judging.end(UNJUDGED_STILL_MAX, &mut at_once).await;
        for (ended, what) in [(written, "written"), (judged, "judged")] {
            codes.extend(ended.unwrap_or_else(|why| {
                let given_up = format!("not all is {what} that came: {why}");
                self.complaints.complain(&given_up);
                vec![exit::FAILURE]
            }));
        }
        for (count, what) in [
            (&self.unwritten, "neither written, judged nor shown"),
            (&self.unjudged, "neither judged nor shown"),
        ] {
            let count = count.load(Ordering::Relaxed);
            if count > 0 {
                let count = text::counted(count, "session or answer", "sessions and answers");
                self.complaints
                    .complain(&format!("more came than is held: {count} {what}"));
                codes.insert(exit::FAILURE);
            }
        }
        codes.extend(self.pages.end(at_once).await);
        codes.into_iter().collect()
    }
}

/// Writes the capture, and hands on what is to be judged and shown.
struct Writer {
    recording: Written,
    synthesis: Synthesis,
    clock: Clock,
    is_https: bool,
    judging: Arc<Waiting<Shown>>,
    unjudged: Arc<AtomicU64>,
}

impl Writer {
    fn all(mut self, waiting: &Waiting<ServeEvent>) -> Vec<u8> {
        while let Some(event) = waiting.next() {
            let bytes = bytes_of(&event);
            let Some(shown) = self.write(event) else {
                continue;
            };
            // Where the judge has gone, the capture is written all the same.
            if self.judging.push(bytes, shown) == Err(Refused::Full) {
                self.unjudged.fetch_add(1, Ordering::Relaxed);
            }
        }
        let failure = self.recording.failure();
        failure.map(|(code, _)| code).into_iter().collect()
    }

    fn write(&mut self, event: ServeEvent) -> Option<Shown> {
        match event {
            ServeEvent::Told(told) => Some(Shown::Told(told)),
            ServeEvent::Loose(recorded) => {
                self.frames(&recorded);
                None
            }
            ServeEvent::Session {
                number,
                device,
                why,
                recorded,
            } => {
                let frames_before = self.synthesis.frames();
                Some(Shown::Session(Closed {
                    frames: self.frames(&recorded),
                    frames_before,
                    opened: recorded.reached.filter(|_| self.is_https),
                    is_cut: recorded.is_cut,
                    number,
                    device,
                    why,
                }))
            }
        }
    }

    /// The packets of a session, numbered behind those before, and written: what reads the file finds it whole.
    fn frames(&mut self, recorded: &Recorded) -> Vec<u8> {
        let events = recorded.events.iter();
        let frames = events.flat_map(|event| packets(&mut self.synthesis, &self.clock, event));
        let frames: Vec<u8> = frames.collect();
        self.recording.append(&frames);
        self.recording.flush();
        frames
    }
}

/// Judges and lays out what comes, until nothing more does.
fn judge_all(
    waiting: &Waiting<Shown>,
    mut judge: Judge,
    mut page: Page,
    secrets: &Secrets,
    out: &Outlet,
    complaints: &Outlet,
) -> Vec<u8> {
    let mut codes = BTreeSet::new();
    while let Some(shown) = waiting.next() {
        let text = match shown {
            Shown::Told(BenchTold::Answer {
                device,
                place,
                asked,
                answer,
            }) => page.answer(&device, &place, &asked, &answer),
            Shown::Told(_) => String::new(),
            Shown::Session(mut session) => {
                let frames = std::mem::take(&mut session.frames);
                let mut judged = judge.judge(frames, session.frames_before, session.opened);
                if session.is_broken_off() {
                    judged.break_off();
                }
                secrets.findings(&mut judged.checked.findings);
                codes.extend(judged.codes(&judge));
                for remark in page.remarks(&session, &judged) {
                    complaints.complain(&remark);
                }
                page.session(&judged)
            }
        };
        // Findings count, whether anybody reads them or not.
        if !text.is_empty() {
            let _ = out.show(text);
        }
    }
    codes.into_iter().collect()
}

/// What an event holds, about.
fn bytes_of(event: &ServeEvent) -> usize {
    let held = match event {
        ServeEvent::Told(BenchTold::Said(line) | BenchTold::Noted(line)) => line.len(),
        ServeEvent::Told(BenchTold::Refused { why, .. }) => why.len(),
        ServeEvent::Told(BenchTold::Answer { answer, .. }) => answer.text().len(),
        ServeEvent::Session { recorded, .. } | ServeEvent::Loose(recorded) => {
            recorded.events.iter().map(bytes_on_wire).sum()
        }
    };
    held.saturating_add(EACH_BYTES)
}

fn bytes_on_wire(event: &WireEvent) -> usize {
    match &event.kind {
        WireEventKind::Bytes(bytes) | WireEventKind::Datagram(bytes) => {
            bytes.len().saturating_add(EACH_BYTES)
        }
        WireEventKind::Open | WireEventKind::End { .. } => EACH_BYTES,
    }
}

/// On its way to the capture: eight sessions that are as long as they may be.
const UNWRITTEN_BYTES_MAX: usize = 256 * 1024 * 1024;
/// On its way to the judge.
const UNJUDGED_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Of an event beside what it says.
const EACH_BYTES: usize = 128;
/// How long the capture may take at the end for what it is at: it may be a pipe that nobody reads.
const UNWRITTEN_STILL_MAX: Duration = Duration::from_millis(500);
/// The same for the judge, who waits for nobody.
const UNJUDGED_STILL_MAX: Duration = Duration::from_secs(30);
