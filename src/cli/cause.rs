//! What set one session off: its Connection Requests, and the binding that stood when the first came by UDP.

use std::collections::HashSet;
use std::rc::Rc;

use super::bindings::Bindings;
use crate::session::{ConnectionRequest, Datagram, DatagramKind, Session, TriggerKind};
use crate::source::FrameId;

/// Gathers it from what comes out of a capture.
#[derive(Debug)]
pub(super) struct Cause {
    number: u32,
    bindings: Bindings,
    /// The last exchange of the binding before the first UDP Connection Request.
    pub binding: Vec<Rc<Datagram>>,
    /// The UDP Connection Requests with their copies.
    pub datagrams: Vec<Rc<Datagram>>,
    requests: Vec<ConnectionRequest>,
}

impl Cause {
    /// Of the session with this number.
    pub(super) fn of(number: u32) -> Self {
        Self {
            number,
            bindings: Bindings::default(),
            binding: Vec::new(),
            datagrams: Vec::new(),
            requests: Vec::new(),
        }
    }

    /// A datagram of the capture.
    pub(super) fn datagram(&mut self, datagram: Box<Datagram>) {
        let datagram: Rc<Datagram> = Rc::from(datagram);
        if datagram.kind == DatagramKind::Stun {
            self.bindings.note(&datagram);
        }
        let ours = datagram.session == Some(self.number);
        if datagram.kind != DatagramKind::ConnectionRequest || !ours {
            return;
        }
        if self.datagrams.is_empty() {
            self.binding = self.bindings.before(&datagram);
        }
        self.datagrams.push(datagram);
    }

    /// A Connection Request of the capture.
    pub(super) fn request(&mut self, request: ConnectionRequest) {
        if request.session == Some(self.number) {
            self.requests.push(request);
        }
    }

    /// All that the session says it was set off by, in the order of time.
    pub(super) fn requests(&mut self) -> Vec<ConnectionRequest> {
        let mut requests = std::mem::take(&mut self.requests);
        requests.sort_by_key(ConnectionRequest::start);
        requests
    }

    /// The UDP Connection Requests that set the session off have all come.
    pub(super) fn is_whole(&self, session: &Session) -> bool {
        let trigger = session.triggered_by.as_ref();
        let trigger = trigger.filter(|trigger| trigger.kind == TriggerKind::UdpConnectionRequest);
        let frames = self.datagrams.iter().flat_map(|one| one.frames.iter());
        let came: HashSet<&FrameId> = frames.collect();
        trigger.is_none_or(|trigger| trigger.frames.iter().all(|frame| came.contains(frame)))
    }
}
