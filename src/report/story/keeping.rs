//! The sentences about STUN: what keeps a binding, where the server sees it, what moved, who was told.

use std::net::SocketAddr;

use super::bindings::{Endpoint, Probes, Run};
use super::entry::{Entry, EntryKind, Frames};
use super::reported::{Telling, Told};
use super::words::{between, clock_after, times};
use crate::report::moment;
use crate::report::text::figures::grouped;
use crate::source::Timestamp;

/// Where servers saw a device over time.
#[derive(Debug, Default)]
pub(super) struct Seen {
    places: Vec<Place>,
}

/// From this moment on a server saw an endpoint there.
#[derive(Debug, Clone, Copy)]
struct Place {
    since: Timestamp,
    local: SocketAddr,
    mapped: SocketAddr,
    tr111: bool,
}

impl Seen {
    pub fn of(endpoints: &[Endpoint]) -> Self {
        let runs = endpoints
            .iter()
            .flat_map(|endpoint| endpoint.runs.iter().map(|run| (endpoint.local, run)));
        let mut places: Vec<Place> = runs
            .filter_map(|(local, run)| {
                Some(Place {
                    since: run.mapped_at?,
                    local,
                    mapped: run.mapped?,
                    tr111: run.tr111 > 0,
                })
            })
            .collect();
        places.sort_by_key(|place| (place.since, place.local));
        Self { places }
    }

    /// Where a server saw the device last at this time; its TR-111 binding rather than another.
    pub fn at(&self, time: Timestamp) -> Option<SocketAddr> {
        let before = self.places.iter().rev().filter(|place| place.since <= time);
        let tr111 = before.clone().find(|place| place.tr111);
        tr111
            .or_else(|| before.clone().next())
            .map(|place| place.mapped)
    }

    /// A server saw it at another address than the capture did by this time: there is a NAT between.
    pub fn behind_nat(&self, time: Timestamp) -> Option<(SocketAddr, SocketAddr)> {
        let before = self.places.iter().rev().filter(|place| place.since <= time);
        let mut natted = before.filter(|place| place.local != place.mapped);
        natted.next().map(|place| (place.local, place.mapped))
    }

    /// Servers saw it only where the capture did by this time.
    pub fn only_outside(&self, time: Timestamp) -> bool {
        self.at(time).is_some() && self.behind_nat(time).is_none()
    }

    /// A server saw one of the endpoints there once.
    pub fn has(&self, mapped: SocketAddr) -> bool {
        self.places.iter().any(|place| place.mapped == mapped)
    }

    /// The endpoint is the outer side of another one's binding: the capture shows both sides of the NAT.
    fn is_outer(&self, local: SocketAddr) -> bool {
        let mut places = self.places.iter();
        places.any(|place| place.mapped == local && place.local != local)
    }
}

/// The endpoint whose place this one took: of the same address, to the same server, silent since. A capture outside of
/// the NAT shows so that the NAT moved a binding.
pub(super) fn before(endpoint: &Endpoint, all: &[Endpoint]) -> Option<SocketAddr> {
    let first = endpoint.runs.first().filter(|run| run.tr111 > 0)?;
    let mut candidates: Vec<(Timestamp, SocketAddr)> = all
        .iter()
        .filter(|other| other.local.ip() == endpoint.local.ip())
        .filter_map(|other| {
            let last = other.runs.last()?;
            let gave_way = last.tr111 > 0 && last.server == first.server && last.last < first.first;
            gave_way.then_some((last.last, other.local))
        })
        .collect();
    candidates.sort_unstable();
    candidates.pop().map(|(_, local)| local)
}

/// What is told of one endpoint, which took the place of the one before.
pub(super) fn entries(
    endpoint: &Endpoint,
    before: Option<SocketAddr>,
    seen: &Seen,
    told: &Told,
) -> Vec<Entry> {
    let outer = seen.is_outer(endpoint.local);
    let mut entries = Vec::new();
    if let (Some(from), Some(run)) = (before, endpoint.runs.first()) {
        let text = other_port(from, endpoint.local, run, told);
        let frames = Frames::of(run.frames.listed().iter().take(2));
        entries.push(Entry::new(run.first, EntryKind::BindingMoved, frames, text));
    }
    for run in &endpoint.runs {
        if let (Some(from), Some(to), Some(at)) = (run.moved_from, run.mapped, run.mapped_at) {
            let text = moved(from, to, at, run, told);
            let frames = run.frames.clone();
            entries.push(Entry::new(at, EntryKind::BindingMoved, frames, text));
            if run.requests - run.changes <= 1 && run.error.is_none() {
                continue;
            }
        }
        let text = stretch(endpoint.local, run, outer);
        let frames = run.frames.clone();
        entries.push(Entry::new(run.first, EntryKind::Binding, frames, text));
    }
    if let Some(probes) = &endpoint.probes {
        let text = probed(endpoint.local, probes);
        let frames = probes.frames.clone();
        entries.push(Entry::new(probes.first, EntryKind::Probe, frames, text));
    }
    entries
}

/// `sends STUN Binding Requests from A to B every 30 s (120 of them until 13:00:01); the server sees it at C: ...`
fn stretch(local: SocketAddr, run: &Run, outer: bool) -> String {
    let mut text = String::new();
    if let Some(silence_ms) = run.silence_ms {
        text.push_str(&format!(
            "after {} of silence ",
            moment::duration(silence_ms)
        ));
    }
    let requests = if run.requests == 1 {
        "a STUN Binding Request"
    } else {
        "STUN Binding Requests"
    };
    text.push_str(&format!("sends {requests} from {local} to {}", run.server));
    text.push_str(&rhythm(run));
    if outer {
        text.push_str(", captured a second time outside of the NAT");
    }
    text.push_str(&sight(local, run));
    text.push_str(&marks(run));
    text
}

/// ` every 30 s (120 until 13:00:01)`.
fn rhythm(run: &Run) -> String {
    if run.requests <= 1 {
        return String::new();
    }
    let count = format!(
        " ({} of them until {})",
        grouped(run.requests),
        clock_after(run.first, run.last)
    );
    let Some((shortest, longest)) = run.period_ms else {
        return count;
    };
    if longest - shortest <= (shortest * 0.1).max(1000.0) {
        return format!(" every {}{count}", seconds(longest));
    }
    format!(
        " every {} to {}{count}",
        seconds(shortest),
        seconds(longest)
    )
}

/// `30 s` where a clock's hundredths say nothing.
fn seconds(milliseconds: f64) -> String {
    if (milliseconds / 1000.0).fract() < 0.05 && milliseconds < 60_000.0 {
        return format!("{:.0} s", milliseconds / 1000.0);
    }
    moment::duration(milliseconds)
}

/// What the answers show.
fn sight(local: SocketAddr, run: &Run) -> String {
    match run.mapped {
        None if run.answers == 0 && run.indications == run.requests => String::new(),
        None if run.answers == 0 => "; the capture holds no answer".to_owned(),
        None => "; no answer says where the server sees it".to_owned(),
        Some(mapped) if mapped == local => {
            "; the server sees it at the same address: no NAT stands between the capture and the server"
                .to_owned()
        }
        Some(mapped) => format!("; the server sees it at {mapped}: there is a NAT"),
    }
}

/// What else there is to say of a stretch.
fn marks(run: &Run) -> String {
    let mut marks: Vec<String> = Vec::new();
    if run.changes > 0 && run.moved_from.is_none() {
        marks.push("it tells the server of its binding with BINDING-CHANGE".to_owned());
    }
    if run.challenges > 0 {
        let repeats = times(run.challenges);
        marks.push(format!("the server asks for its password {repeats} (401)"));
    }
    if let Some(code) = run.error {
        marks.push(format!("the server answers with error {code}"));
    }
    if run.misfits > 0 {
        let misfits = grouped(run.misfits);
        marks.push(format!(
            "MESSAGE-INTEGRITY of {misfits} does not match the known password"
        ));
    }
    if run.tr111 == 0 {
        marks.push(
            "none has CONNECTION-REQUEST-BINDING, so that they may serve something else".to_owned(),
        );
    }
    if run.answers > 0 && run.unanswered() > 0 {
        marks.push(format!(
            "{} without an answer in the capture",
            grouped(run.unanswered())
        ));
    }
    if run.moves_beyond > 0 {
        marks.push(format!(
            "its address changed {} more",
            times(run.moves_beyond)
        ));
    }
    marks.iter().map(|mark| format!("; {mark}")).collect()
}

/// `the NAT gave it another port: 198.51.100.7:40177 instead of :40112; ...`
fn moved(from: SocketAddr, to: SocketAddr, at: Timestamp, run: &Run, told: &Told) -> String {
    let mut text = if from.ip() == to.ip() {
        format!(
            "another port: the STUN server now sees it at {to} instead of port {}",
            from.port()
        )
    } else {
        format!("another address: the STUN server now sees it at {to} instead of {from}")
    };
    text.push_str(&announced(to, at, run, told));
    text
}

/// `its requests come from another port now: ...`
fn other_port(from: SocketAddr, to: SocketAddr, run: &Run, told: &Told) -> String {
    let mut text = format!(
        "its requests come from another port now: {to} instead of port {}",
        from.port()
    );
    let mapped = run.mapped.unwrap_or(to);
    text.push_str(&announced(mapped, run.first, run, told));
    text
}

/// Whom the device tells that its binding moved.
fn announced(to: SocketAddr, at: Timestamp, run: &Run, told: &Told) -> String {
    let mut text = String::new();
    if run.changes > 0 {
        text.push_str("; the device tells the STUN server so (BINDING-CHANGE)");
    }
    text.push_str(&match told.telling(to, at) {
        Telling::In { session, time } => format!(
            "; it tells the ACS in session {session}, {} later",
            between(at, time)
        ),
        Telling::Never => "; no session in the capture tells the ACS".to_owned(),
        Telling::Unknown => String::new(),
    });
    text
}

fn probed(local: SocketAddr, probes: &Probes) -> String {
    let mut text = format!(
        "asks {} from a second port, {}, whether the binding of {local} still stands (RESPONSE-ADDRESS)",
        times(probes.count),
        probes.from
    );
    if probes.count > 1 {
        text.push_str(&format!(
            ", until {}",
            clock_after(probes.first, probes.last)
        ));
    }
    text.push_str(&match probes.answers {
        0 => "; no answer is seen at the first port".to_owned(),
        answers if answers >= probes.count => {
            "; the answer came to the first port: it stands".to_owned()
        }
        answers => format!("; {} answers came to the first port", grouped(answers)),
    });
    text
}
