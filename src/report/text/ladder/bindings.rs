//! The bindings that a device keeps with its STUN server: what repeats is drawn once, and told how often and at which
//! intervals. A day of keep-alives takes the room of one.

use std::net::SocketAddr;
use std::sync::Arc;

use super::drawing::Drawing;
use super::{Exchange, Ladder};
use crate::report::moment;
use crate::report::paint::{Ink, Line};
use crate::report::text::figures;
use crate::session::{Datagram, Step};
use crate::source::{FrameId, Timestamp};

/// Exchanges with a STUN server, folded where they are alike.
#[derive(Debug, Default)]
pub struct Bindings {
    device: Option<Arc<str>>,
    open: Vec<Open>,
    runs: Vec<Run>,
    exchanges: u64,
    /// Counts up where a mapped address changes or keep-alives pause: what comes then is not counted with what was.
    phase: u32,
}

/// An exchange that has not ended.
#[derive(Debug)]
struct Open {
    transaction: Vec<u8>,
    exchange: Exchange,
    mapped: Option<SocketAddr>,
}

/// Exchanges that are alike.
#[derive(Debug)]
struct Run {
    /// The first.
    exchange: Exchange,
    mapped: Option<SocketAddr>,
    phase: u32,
    times: u64,
    last: Timestamp,
    last_frames: Vec<FrameId>,
    /// Milliseconds between two, the least and the most.
    intervals_ms: Option<(f64, f64)>,
}

impl Bindings {
    /// Adds the next STUN message; false where it answers nothing of this device and is not taken.
    pub fn add(&mut self, datagram: &Datagram) -> bool {
        let Some(message) = datagram.stun() else {
            return false;
        };
        let transaction = message.transaction_id();
        let step = datagram.step();
        if self.device.is_none() {
            self.device.clone_from(&datagram.device);
        }
        let asks = matches!(
            message.class(),
            stun::Class::Request | stun::Class::Indication
        );
        let known = self
            .open
            .iter_mut()
            .find(|open| open.transaction == transaction);
        if let Some(open) = known {
            if open.exchange.steps.len() < STEPS_MAX {
                open.exchange.steps.push(step);
            }
            open.mapped = message.mapped_address().filter(|_| !asks).or(open.mapped);
            if !asks {
                self.settle(|open| open.transaction == transaction);
            }
            return true;
        }
        if !asks {
            return false;
        }
        let client = datagram.source;
        self.settle(|open| open.exchange.client == client);
        if self.open.len() >= OPEN_MAX {
            self.settle(|_| true);
        }
        self.open.push(Open {
            transaction: transaction.to_vec(),
            exchange: Exchange {
                client,
                server: datagram.destination,
                steps: vec![step],
            },
            mapped: None,
        });
        true
    }

    /// Nothing of it is known yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty() && self.runs.is_empty()
    }

    /// It has told enough: what follows is for another ladder.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.runs.len() >= RUNS_MAX
    }

    /// When the first exchange began.
    #[must_use]
    pub fn start(&self) -> Option<Timestamp> {
        let open = self.open.iter().map(|open| &open.exchange);
        let runs = self.runs.iter().map(|run| &run.exchange);
        let steps = open.chain(runs).flat_map(|exchange| &exchange.steps);
        steps.map(|step| step.time).min()
    }

    /// Exchanges that ended, or that nothing came back for.
    fn settle(&mut self, which: impl Fn(&Open) -> bool) {
        let (ended, open) = std::mem::take(&mut self.open)
            .into_iter()
            .partition::<Vec<_>, _>(which);
        self.open = open;
        for open in ended {
            self.exchanges += 1;
            self.fold(open);
        }
    }

    /// Counts an exchange with those like it, or begins a run.
    fn fold(&mut self, open: Open) {
        let Some(first) = open.exchange.steps.first() else {
            return;
        };
        let time = first.time;
        let of_client = |run: &&Run| run.exchange.client == open.exchange.client;
        let mapped = self.runs.iter().rev().filter(of_client);
        let before = mapped.filter_map(|run| run.mapped).next();
        let moved = before.is_some() && open.mapped.is_some() && before != open.mapped;
        self.phase += u32::from(moved);
        let phase = self.phase;
        let alike = self
            .runs
            .iter_mut()
            .find(|run| run.phase == phase && run.is_like(&open.exchange));
        if let Some(run) = alike {
            if run.goes_on_at(time) {
                run.count(time, &open.exchange);
                return;
            }
            self.phase += 1;
        }
        let frames = frames(&open.exchange);
        self.runs.push(Run {
            exchange: open.exchange,
            mapped: open.mapped,
            phase: self.phase,
            times: 1,
            last: time,
            last_frames: frames,
            intervals_ms: None,
        });
    }
}

impl Run {
    /// The same was said between the same ends.
    fn is_like(&self, exchange: &Exchange) -> bool {
        let ends = |one: &Exchange| (one.client, one.server);
        let said = |one: &Step, other: &Step| {
            one.from == other.from
                && one.kind == other.kind
                && one.detail == other.detail
                && one.evidence == other.evidence
        };
        let steps = (&self.exchange.steps, &exchange.steps);
        ends(&self.exchange) == ends(exchange)
            && steps.0.len() == steps.1.len()
            && steps
                .0
                .iter()
                .zip(steps.1)
                .all(|(one, other)| said(one, other))
    }

    /// No pause much longer than those before: that one is worth to be seen.
    fn goes_on_at(&self, time: Timestamp) -> bool {
        let pause_ms = time.milliseconds_since(self.last);
        let usual_ms = self.intervals_ms.map_or(f64::MAX, |(_, most)| most);
        self.times < PERIOD_KNOWN_FROM || pause_ms <= usual_ms * 2.0 + SLACK_MS
    }

    fn count(&mut self, time: Timestamp, exchange: &Exchange) {
        let pause_ms = time.milliseconds_since(self.last);
        let (least, most) = self.intervals_ms.unwrap_or((pause_ms, pause_ms));
        self.intervals_ms = Some((least.min(pause_ms), most.max(pause_ms)));
        self.times += 1;
        self.last = time;
        self.last_frames = frames(exchange);
    }

    /// The last of them, which needs room for its time and its frames.
    fn end(&self) -> Option<Step> {
        Some(Step {
            time: self.last,
            frames: self.last_frames.clone(),
            ..self.exchange.steps.first()?.clone()
        })
    }

    /// `1,439 more as in frames 35-36, every 30.0 s, mapped 192.0.2.1:6000`.
    fn words(&self, several_files: bool) -> String {
        let frames = frames(&self.exchange);
        let word = if frames.len() == 1 { "frame" } else { "frames" };
        let frames = figures::frames(&frames, several_files);
        let more = figures::grouped(self.times.saturating_sub(1));
        let mut words = format!("{more} more as in {word} {frames}");
        if let Some((least, most)) = self.intervals_ms {
            let (from, to) = (moment::duration(least), moment::duration(most));
            let once = if self.times == 2 { "after" } else { "every" };
            let close = most - least <= (most * EVEN).max(SLACK_MS);
            words = if close || from == to {
                format!(
                    "{words}, {once} {}",
                    moment::duration(f64::midpoint(least, most))
                )
            } else {
                format!("{words}, {once} {from} to {to}")
            };
        }
        if let Some(mapped) = self.mapped {
            words = format!("{words}, mapped {mapped}");
        }
        words
    }
}

/// Every frame of it.
fn frames(exchange: &Exchange) -> Vec<FrameId> {
    let steps = exchange.steps.iter();
    steps.flat_map(|step| step.frames.iter().copied()).collect()
}

impl Ladder {
    /// The bindings of one device, folded.
    pub fn bindings(&self, mut bindings: Bindings, out: &mut String) {
        bindings.settle(|_| true);
        let start = |run: &Run| run.exchange.steps.first().map(|step| step.time);
        bindings.runs.sort_by_key(|run| (run.phase, start(run)));
        let Some(first) = bindings.runs.first().map(|run| &run.exchange) else {
            return;
        };
        let Some(first_step) = first.steps.first() else {
            return;
        };
        Line::of(Ink::Bold, "STUN bindings").write(self.look, out);
        let count = figures::counted(bindings.exchanges, "exchange", "exchanges");
        let device = bindings.device.as_deref();
        self.facts(device, first_step, vec![Line::of(Ink::Plain, count)], out);
        let lasts: Vec<Step> = bindings.runs.iter().filter_map(Run::end).collect();
        let mut all: Vec<&Step> = bindings
            .runs
            .iter()
            .flat_map(|run| &run.exchange.steps)
            .collect();
        all.extend(&lasts);
        let mut drawing = Drawing::new(self, first_step.time, &all);
        let heads = (
            format!("cpe {}", first.client),
            format!("stun server {}", first.server),
        );
        drawing.heads(&heads.0, Ink::Cpe, &heads.1, Ink::Acs, out);
        let mut ends = (first.client, first.server);
        for phase in bindings
            .runs
            .chunk_by(|one, other| one.phase == other.phase)
        {
            for run in phase {
                let exchange = &run.exchange;
                if (exchange.client, exchange.server) != ends {
                    ends = (exchange.client, exchange.server);
                    drawing.caption(&exchange.caption(), Ink::Dim, out);
                }
                drawing.steps(&exchange.steps, out);
            }
            for run in phase.iter().filter(|run| run.times > 1) {
                let words = run.words(self.several_files);
                drawing.folded(&words, run.last, &run.last_frames, out);
            }
        }
        out.push('\n');
    }
}

/// Datagrams of one exchange that are drawn: a request may be sent nine times (RFC 3489 section 9.3).
const STEPS_MAX: usize = 10;
/// Exchanges under way at once.
const OPEN_MAX: usize = 8;
/// Runs in one ladder.
const RUNS_MAX: usize = 12;
/// Exchanges after which a period is known.
const PERIOD_KNOWN_FROM: u64 = 3;
/// Intervals that differ by so much of the longest are the same.
const EVEN: f64 = 0.05;
/// Milliseconds that intervals may differ by in any case.
const SLACK_MS: f64 = 1_000.0;
