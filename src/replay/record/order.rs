//! Which messages of a session become steps, in which order, and whether all of them are there.

use std::collections::BTreeMap;

use http1::{Cut, End, Framing, Kind};

use super::RecordedSession;
use super::notes::{NotPlayable, Place};
use crate::session::{Evidence, Masking, Message, Side};

/// A message that becomes a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn<'a> {
    pub message: &'a Message,
    pub place: Place,
}

/// What a session comes to.
#[derive(Debug)]
pub(super) struct Turns<'a> {
    pub kept: Vec<Turn<'a>>,
    /// 401 and 407: no steps, since the player challenges and answers on its own.
    pub challenges: Vec<Turn<'a>>,
    /// Requests that were challenged, and came again or not.
    pub challenged: Vec<Turn<'a>>,
    /// The last challenge was not answered.
    pub ends_challenged: bool,
}

impl<'a> Turns<'a> {
    pub(super) fn of(recorded: &'a RecordedSession) -> Result<Self, NotPlayable> {
        let session = recorded.session.number;
        let (steps, there) = (recorded.session.steps.len(), recorded.messages.len());
        if there < steps {
            return Err(NotPlayable::Missing {
                session,
                steps,
                there,
            });
        }
        let mut turns = Self {
            kept: Vec::with_capacity(there),
            challenges: Vec::new(),
            challenged: Vec::new(),
            ends_challenged: false,
        };
        let mut gaps = BTreeMap::new();
        for (message, number) in ordered(&recorded.messages).into_iter().zip(1..) {
            let place = Place {
                session,
                message: number,
            };
            let turn = Turn { message, place };
            turn.is_whole(&mut gaps)?;
            turns.take(turn);
        }
        match turns.kept.first() {
            None => Err(NotPlayable::NeverLetIn { session }),
            Some(first) if !first.is_inform() => Err(NotPlayable::NoInform { session }),
            Some(_) => Ok(turns),
        }
    }

    /// Every message of the session that may hold anything.
    pub(super) fn all(&self) -> impl Iterator<Item = &Turn<'a>> {
        let asked = self.challenges.iter().chain(&self.challenged);
        self.kept.iter().chain(asked)
    }

    fn take(&mut self, turn: Turn<'a>) {
        let http = &turn.message.http;
        // RFC 9110 section 15.2: an interim answer is for the moment alone.
        if http.is_interim() {
            return;
        }
        if !turn.is_challenge() {
            self.kept.push(turn);
            self.ends_challenged = false;
            return;
        }
        let connection = turn.message.provenance.connection;
        let asked = self
            .kept
            .pop_if(|last| last.message.provenance.connection == connection && last.is_request());
        self.challenged.extend(asked);
        self.challenges.push(turn);
        self.ends_challenged = true;
    }
}

impl Turn<'_> {
    pub(super) fn is_request(&self) -> bool {
        self.message.http.kind() == Kind::Request
    }

    /// 401 or 407 with a challenge.
    fn is_challenge(&self) -> bool {
        let http = &self.message.http;
        match http.status() {
            401 => http.header("WWW-Authenticate").is_some(),
            407 => http.header("Proxy-Authenticate").is_some(),
            _ => false,
        }
    }

    fn is_inform(&self) -> bool {
        let soap = self.message.soap.as_ref();
        self.message.from == Side::Cpe && soap.is_some_and(|soap| soap.inform().is_some())
    }

    /// The body holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.message.http.body_bytes == 0
    }

    /// The element in the first SOAP body.
    pub(super) fn element(&self) -> Option<&str> {
        let soap = self.message.soap.as_ref()?;
        soap.envelope_refs()
            .find_map(|envelope| envelope.message_name())
    }

    pub(super) fn unreadable(&self, why: &'static str) -> NotPlayable {
        NotPlayable::Unreadable {
            place: self.place,
            why,
        }
    }

    /// `gaps` knows of each direction how many holes it had when the session began.
    fn is_whole(&self, gaps: &mut BTreeMap<(u64, Way), u32>) -> Result<(), NotPlayable> {
        let (message, place) = (self.message, self.place);
        let http = &message.http;
        let direction = (message.provenance.connection, Way::of(http.kind()));
        let before = *gaps.entry(direction).or_insert(message.gaps_before);
        if message.gaps_before > before || message.provenance.evidence == Evidence::Gap {
            return Err(NotPlayable::Gap { place });
        }
        let closed = http.framing == Framing::UntilClose && http.cut == Some(Cut::End(End::Fin));
        let cut = http.cut.is_some() && !closed;
        if message.provenance.evidence != Evidence::Complete || !http.head_complete() || cut {
            return Err(NotPlayable::Cut { place });
        }
        if http.body_bytes > 0 && !http.body_kept {
            return Err(self.unreadable("its body is too long to be kept, or no text"));
        }
        if !http.body_complete {
            return Err(self.unreadable("its body is coded in a way that cannot be undone"));
        }
        Ok(())
    }
}

/// Request or response, in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Request,
    Response,
}

impl Way {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Request => Self::Request,
            Kind::Response => Self::Response,
        }
    }
}

/// In time order, but on one connection an answer stands behind its question.
fn ordered(messages: &[Message]) -> Vec<&Message> {
    let mut connections: BTreeMap<u64, Vec<&Message>> = BTreeMap::new();
    for message in messages {
        let connection = message.provenance.connection;
        connections.entry(connection).or_default().push(message);
    }
    let mut timed = Vec::with_capacity(messages.len());
    for mut messages in connections.into_values() {
        let counted = messages.iter().all(|message| message.exchange.is_some());
        messages.sort_by_key(|message| {
            let kind = Way::of(message.http.kind());
            let time = message.provenance.time.nanoseconds;
            if counted {
                (message.exchange, kind, time)
            } else {
                (None, Way::Request, time)
            }
        });
        let mut latest = i64::MIN;
        for message in messages {
            latest = latest.max(message.provenance.time.nanoseconds);
            timed.push((latest, message));
        }
    }
    timed.sort_by_key(|(time, message)| (*time, message.provenance.connection));
    timed.into_iter().map(|(_, message)| message).collect()
}

/// Where the device posted to first, without what may be a secret in it.
pub(super) fn acs_path(turns: &Turns<'_>) -> Option<String> {
    let first = turns.kept.first()?;
    let target = std::str::from_utf8(first.message.http.target()).ok()?;
    let masked = Masking::default().target(target.as_bytes());
    if masked.as_ref() == target.as_bytes() {
        return Some(target.to_owned());
    }
    target.split(['?', '#']).next().map(str::to_owned)
}
