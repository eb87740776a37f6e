//! UDP Connection Requests put together from their datagrams, where no other output tells of them.

use std::collections::{HashSet, VecDeque};

use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult, Datagram,
};
use crate::source::FrameId;

/// First frames of the requests that were told of, the latest of them.
#[derive(Debug, Default)]
pub(super) struct Told {
    frames: HashSet<FrameId>,
    order: VecDeque<FrameId>,
}

impl Told {
    /// A request that is told of as such.
    pub(super) fn note(&mut self, request: &ConnectionRequest) {
        let Some(first) = first_frame(request) else {
            return;
        };
        if self.frames.insert(first) {
            self.order.push_back(first);
        }
        if self.order.len() > TOLD_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.frames.remove(&oldest);
        }
    }

    /// It was told of already.
    pub(super) fn has(&self, request: &ConnectionRequest) -> bool {
        first_frame(request).is_some_and(|first| self.frames.contains(&first))
    }
}

/// Adds a datagram to the request that it copies, or gives the request that it begins.
pub(super) fn add<'r>(
    datagram: &Datagram,
    requests: impl DoubleEndedIterator<Item = &'r mut ConnectionRequest>,
) -> Option<ConnectionRequest> {
    let step = datagram.step();
    if let Some(first) = datagram.copy_of {
        let mut requests = requests.rev();
        let known = requests.find(|request| first_frame(request) == Some(first))?;
        known.steps.push(step);
        return None;
    }
    Some(ConnectionRequest {
        device: datagram.device.clone(),
        carrier: ConnectionRequestCarrier::Udp,
        source: datagram.source,
        destination: datagram.destination,
        steps: vec![step],
        status: None,
        session: datagram.session,
        result: match datagram.session {
            Some(_) => ConnectionRequestResult::Session,
            None => ConnectionRequestResult::Undetermined,
        },
        reasons: Vec::new(),
    })
}

/// The frame that a request is known by.
pub(super) fn first_frame(request: &ConnectionRequest) -> Option<FrameId> {
    request.steps.first()?.frames.first().copied()
}

/// Requests remembered.
const TOLD_MAX: usize = 10_000;
