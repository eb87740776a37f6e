//! Which arrows of one session's ladder `-Y` leaves: those of the messages it selects.

use std::collections::{HashMap, VecDeque};

use crate::filter::Filter;
use crate::session::{
    ConnectionRequest, Datagram, Evidence, Message, Session, Step, StepKind, Transfer,
};
use crate::source::FrameId;

/// The verdicts on the messages of one session.
#[derive(Debug)]
pub(super) struct Arrows<'f> {
    filter: &'f Filter,
    number: u32,
    verdicts: HashMap<Place, VecDeque<bool>>,
    /// On the session's datagrams, by their first frame.
    datagrams: HashMap<FrameId, bool>,
    /// Messages of the session itself that have been judged.
    pub judged: usize,
}

/// Where a message stands in the capture: connection, time in nanoseconds, whether it is a response. Messages that share
/// a place come in the order of their arrows.
type Place = (u64, i64, bool);

impl<'f> Arrows<'f> {
    /// No message judged yet of the session with this number.
    pub(super) fn new(filter: &'f Filter, number: u32) -> Self {
        Self {
            filter,
            number,
            verdicts: HashMap::new(),
            datagrams: HashMap::new(),
            judged: 0,
        }
    }

    /// A message of the capture.
    pub(super) fn message(&mut self, message: &Message) {
        if message.session != Some(self.number) {
            return;
        }
        let place = (
            message.provenance.connection,
            message.provenance.time.nanoseconds,
            message.http.kind() == http1::Kind::Response,
        );
        let verdict = self.filter.message(message);
        self.verdicts.entry(place).or_default().push_back(verdict);
        self.judged += usize::from(message.role == crate::session::Role::Cwmp);
    }

    /// A datagram of the capture.
    pub(super) fn datagram(&mut self, datagram: &Datagram) {
        if let Some(&frame) = datagram.frames.first()
            && datagram.session == Some(self.number)
        {
            self.datagrams.insert(frame, self.filter.datagram(datagram));
        }
    }

    /// Takes the arrows of other messages out of a session.
    pub(super) fn of_session(&mut self, session: &mut Session) {
        self.keep(&mut session.steps);
    }

    /// The same for a Connection Request, unless it is selected as one record; false where nothing is left of it.
    pub(super) fn of_request(&mut self, request: &mut ConnectionRequest) -> bool {
        if !self.filter.connection_request(request) {
            self.keep(&mut request.steps);
        }
        !request.steps.is_empty()
    }

    /// The same for a transfer.
    pub(super) fn of_transfer(&mut self, transfer: &mut Transfer) -> bool {
        if !self.filter.transfer(transfer) {
            self.keep(&mut transfer.steps);
        }
        !transfer.steps.is_empty()
    }

    /// An arrow that a gap touches stays: where bytes are missing is worth more than where they are not.
    fn keep(&mut self, steps: &mut Vec<Step>) {
        steps.retain(|step| {
            if let StepKind::Datagram(..) = step.kind {
                let verdict = step.frames.first().and_then(|one| self.datagrams.get(one));
                return verdict.copied().unwrap_or(false);
            }
            let place = (
                step.connection,
                step.time.nanoseconds,
                step.status.is_some(),
            );
            let verdicts = self.verdicts.get_mut(&place);
            let selected = verdicts.and_then(VecDeque::pop_front).unwrap_or(false);
            selected || step.evidence == Evidence::Gap
        });
    }
}
