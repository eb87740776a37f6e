//! Requests beside each other: copies, and what has to differ between two that are none (TR-069 Amendment 3 section G.2.2.3).

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use stun::ucr::{Name, Request};

use super::asked::Told;
use super::form_pages::FORM;
use crate::conformance::rule::{ACS, a3, cite};
use crate::conformance::{Draft, Findings, Rule, Scope};
use crate::session::Datagram;
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&COPIES, &NEW_ID, &LATER];

const COPIES: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "The copies of one request are the same, byte by byte.",
    why: "A device tells copies by ts and id alone. Where cn and sig change from copy to copy, a device that looks at more opens a session \
          for each of them, and one that caches the digest drops all but the first.",
    mend_acs: "Build the datagram once and send these very bytes several times.",
    bad: "?ts=1120673700&id=1234&un=acs&cn=AAAA&sig=...\n?ts=1120673700&id=1234&un=acs&cn=BBBB&sig=...",
    good: "?ts=1120673700&id=1234&un=acs&cn=AAAA&sig=...\n?ts=1120673700&id=1234&un=acs&cn=AAAA&sig=...",
    related: &["UCR-013", "UCR-024"],
    wireshark: "udp contains \"GET http\" && udp contains \"sig=\"",
    ..Rule::must("UCR-012", "udp-request-copies-differ", Scope::Device)
};

const NEW_ID: Rule = Rule {
    blame: ACS,
    cites: FORM,
    demands: "Two requests to one device that follow each other, and are no copies, have different ids.",
    why: "A device that sees the id of the last request takes the new one for a copy of it and does not come: the first request of the day \
          works, and none after it.",
    mend_acs: "Count the requests of each device, or draw the id at random.",
    bad: "?ts=1120673700&id=1&...\n?ts=1120674300&id=1&...",
    good: "?ts=1120673700&id=1&...\n?ts=1120674300&id=2&...",
    related: &["UCR-012", "UCR-014"],
    wireshark: "udp contains \"GET http\" && udp contains \"id=\"",
    of_absence: true,
    ..Rule::must("UCR-013", "udp-request-id-again", Scope::Device)
};

const LATER: Rule = Rule {
    blame: ACS,
    cites: &[a3("G.2.1.4"), cite("TR-111", "2.2.1.4")],
    demands: "The ts of a new request is greater than that of the last one that the device took.",
    why: "The device ignores what is not later than the last request it came for: two requests within one second, or one of a second node \
          whose clock is behind, go unanswered.",
    mend_acs: "Wait for the next second before the next request to the same device, and synchronise the clocks of all nodes.",
    bad: "?ts=1120673700&id=1&...        the device comes\n?ts=1120673700&id=2&...",
    good: "?ts=1120673700&id=1&...        the device comes\n?ts=1120673701&id=2&...",
    related: &["UCR-013", "UCR-023"],
    wireshark: "udp contains \"GET http\" && udp contains \"ts=\"",
    ..Rule::heuristic("UCR-014", "udp-request-ts-not-later", Scope::Device)
};

/// The latest request to each device, or to each address.
#[derive(Debug, Default)]
pub(super) struct Latest {
    requests: HashMap<Who, One, foldhash::fast::RandomState>,
    order: VecDeque<Who>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Device(Arc<str>),
    At(SocketAddr),
}

#[derive(Debug)]
struct One {
    request: Box<Request>,
    destination: SocketAddr,
    time_ns: i64,
    frames: Vec<FrameId>,
    told: bool,
}

/// A request that has been told, as later ones need it.
#[derive(Debug)]
pub(super) struct Past {
    pub time_ns: i64,
    pub ts: Option<u64>,
    pub id: Option<Vec<u8>>,
    pub frames: Vec<FrameId>,
    /// The session that it brought.
    pub session: Option<u32>,
    /// Its signature fits no known password.
    pub wrong: bool,
}

impl Latest {
    /// Looks at a request, copies and all; true where it is a copy that is not the same.
    pub fn look(
        &mut self,
        datagram: &Datagram,
        request: &Request,
        findings: &mut Findings,
    ) -> bool {
        if request.is_truncated() || request.bytes().len() > BYTES_MAX {
            return false;
        }
        let who = match &datagram.device {
            Some(device) => Who::Device(Arc::clone(device)),
            None => Who::At(datagram.destination),
        };
        let time_ns = datagram.time.nanoseconds;
        let Some(last) = self.requests.get_mut(&who) else {
            self.insert(who, one(datagram, request));
            return false;
        };
        let since_ns = time_ns.saturating_sub(last.time_ns);
        if since_ns < 0 {
            return false;
        }
        let same = |name: Name| request.value(name) == last.request.value(name);
        let has = |name: Name| request.parameter(name).is_some();
        let same_id = has(Name::Id) && same(Name::Id);
        let (has_ts, same_ts) = (has(Name::Timestamp), same(Name::Timestamp));
        if same_id && has_ts && same_ts && since_ns <= TOGETHER_NS {
            // Elsewhere it is the same request on the other side of a NAT.
            let differs =
                last.destination == datagram.destination && request.bytes() != last.request.bytes();
            if differs && !last.told {
                last.told = true;
                let draft = Draft::of_datagram(&COPIES, datagram).shown_in(&last.frames);
                findings.add(draft.because(difference(request, &last.request)));
            }
            return differs;
        }
        // Without a ts nothing tells a copy from a request of its own.
        if same_id && !same_ts {
            let id = request.value(Name::Id).unwrap_or_default();
            let said = format!(
                "id is {} again, {} s after another request",
                String::from_utf8_lossy(&id),
                since_ns / 1_000_000_000
            );
            let draft = Draft::of_datagram(&NEW_ID, datagram).shown_in(&last.frames);
            findings.add(draft.because(said));
        }
        *last = one(datagram, request);
        false
    }

    fn insert(&mut self, who: Who, one: One) {
        if self.requests.len() >= LATEST_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.requests.remove(&oldest);
        }
        self.order.push_back(who.clone());
        self.requests.insert(who, one);
    }
}

fn one(datagram: &Datagram, request: &Request) -> One {
    One {
        request: Box::new(request.clone()),
        destination: datagram.destination,
        time_ns: datagram.time.nanoseconds,
        frames: datagram.frames.clone(),
        told: false,
    }
}

fn difference(request: &Request, first: &Request) -> String {
    let differs = |name: &Name| request.value(*name) != first.value(*name);
    let names = Name::ALL.into_iter().filter(differs);
    let names: Vec<&str> = names.map(Name::as_str).collect();
    if names.is_empty() {
        "a copy has the same arguments, and other bytes around them".to_owned()
    } else {
        format!("a copy has another {}", names.join(" and another "))
    }
}

/// UCR-014, when it is known what came of the request.
pub(super) fn later(told: &Told<'_>, findings: &mut Findings) {
    let Some(ts) = told.ts().filter(|_| !told.asked.differs) else {
        return;
    };
    let Some(last) = last_taken(told) else {
        return;
    };
    let Some(last_ts) = last.ts.filter(|last_ts| ts <= *last_ts) else {
        return;
    };
    let session = last.session.unwrap_or_default();
    let said = format!("ts is {ts}, and the request that brought session {session} had {last_ts}");
    let draft = told
        .breaks_at(&LATER, Name::Timestamp)
        .shown_in(&last.frames);
    findings.add(draft.because(said));
}

/// The request before this one that the device came for, unless it has started since and may have forgotten it.
pub(super) fn last_taken<'a>(told: &Told<'a>) -> Option<&'a Past> {
    let time_ns = told.asked.time_ns;
    let known = told.known;
    let mut taken = known.past.iter().rev();
    let last = taken.find(|past| past.session.is_some() && past.time_ns < time_ns)?;
    let own = told.result.session.is_some() && told.result.session == last.session;
    let forgotten = known.started_within(last.time_ns, i64::MAX);
    (!own && !forgotten).then_some(last)
}

/// What is kept of a request once it has been told.
pub(super) fn past(told: &Told<'_>, wrong: bool) -> Past {
    let id = told.asked.request.value(Name::Id);
    let frames = told.result.steps.first().map(|step| step.frames.clone());
    Past {
        time_ns: told.asked.time_ns,
        ts: told.ts(),
        id: id.map(Cow::into_owned),
        frames: frames.unwrap_or_default(),
        session: told.result.session,
        wrong,
    }
}

/// Nanoseconds within which copies follow each other.
const TOGETHER_NS: i64 = 10_000_000_000;
/// Requests remembered, and bytes of one.
const LATEST_MAX: usize = 4_096;
const BYTES_MAX: usize = 2_048;
