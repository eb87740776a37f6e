//! HTTP Connection Requests (TR-069 3.2.2): told from other GETs, their legs put together, tied to the session they set off.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::identity::Url;
use super::queue::Ticket;
use crate::session::{ConnectionRequest, Step};
use crate::source::{FrameId, Timestamp};

/// A GET that is a Connection Request, or may turn out to be one.
#[derive(Debug)]
pub(super) struct Wake {
    pub id: u64,
    pub request: ConnectionRequest,
    pub target: String,
    pub time: Timestamp,
    /// Known to be one.
    pub certain: bool,
    /// Requests in it.
    pub legs: u64,
    /// Its messages that wait for a verdict.
    pub tickets: Vec<Ticket>,
}

/// The latest of them.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    next: u64,
    wakes: VecDeque<Wake>,
}

impl Wakes {
    pub fn by_id(&mut self, id: u64) -> Option<&mut Wake> {
        self.wakes.iter_mut().rev().find(|wake| wake.id == id)
    }

    /// A GET joins the Connection Request whose challenge it answers, or begins another.
    pub fn ask(&mut self, asked: Asked, certain: bool) -> &mut Wake {
        let known = self.wakes.iter().rposition(|wake| {
            wake.request.destination == asked.destination
                && wake.request.source.ip() == asked.source.ip()
                && wake.target == asked.target
                && wake.request.status == Some(401)
                && wake.request.session.is_none()
        });
        let at = known.unwrap_or_else(|| {
            self.next += 1;
            self.wakes.push_back(Wake {
                id: self.next,
                request: ConnectionRequest {
                    device: None,
                    source: asked.source,
                    destination: asked.destination,
                    steps: Vec::new(),
                    status: None,
                    session: None,
                },
                target: asked.target,
                time: asked.time,
                certain: false,
                legs: 0,
                tickets: Vec::new(),
            });
            self.wakes.len() - 1
        });
        let wake = &mut self.wakes[at];
        wake.certain |= certain;
        wake.legs += 1;
        wake.time = asked.time;
        wake.request.status = None;
        wake
    }

    /// Those that this Inform shows to be Connection Requests to its device.
    pub fn shown_by<'a>(
        &'a mut self,
        inform: &'a Informed<'a>,
    ) -> impl Iterator<Item = &'a mut Wake> {
        self.wakes
            .iter_mut()
            .filter(|wake| !wake.certain && inform.fits(wake))
    }

    /// Takes out those that set off the session of this Inform: certain, to its device, unanswered by an earlier session.
    pub fn claim(&mut self, inform: &Informed<'_>, since_ns: i64) -> Vec<Wake> {
        let mut claimed = Vec::new();
        let mut kept = VecDeque::with_capacity(self.wakes.len());
        for wake in self.wakes.drain(..) {
            if wake.certain && inform.fits(&wake) && wake.time.nanoseconds >= since_ns {
                claimed.push(wake);
            } else {
                kept.push_back(wake);
            }
        }
        self.wakes = kept;
        claimed
    }

    /// Takes out those that nobody waits for any more: older than `before_ns`, or over the bound.
    pub fn expire(&mut self, before_ns: i64, wakes_max: usize) -> Vec<Wake> {
        let mut expired = Vec::new();
        while self
            .wakes
            .front()
            .is_some_and(|wake| wake.time.nanoseconds < before_ns)
            || self.wakes.len() > wakes_max
        {
            expired.extend(self.wakes.pop_front());
        }
        expired
    }

    /// Takes one out: it was none.
    pub fn remove(&mut self, id: u64) -> Option<Wake> {
        let at = self.wakes.iter().position(|wake| wake.id == id)?;
        self.wakes.remove(at)
    }
}

/// A GET as captured.
pub(super) struct Asked {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub target: String,
    pub time: Timestamp,
}

/// What an Inform tells of where its device is asked to connect.
pub(super) struct Informed<'a> {
    pub address: IpAddr,
    pub url: Option<&'a Url>,
    pub device: &'a Arc<str>,
    /// It has the event `6 CONNECTION REQUEST`.
    pub requested: bool,
}

impl Informed<'_> {
    /// The GET went where this device listens. Behind a NAT address and port may differ, so either the URL's path
    /// at the device's address, or port and path, or without a URL the address alone must agree.
    fn fits(&self, wake: &Wake) -> bool {
        if wake
            .request
            .device
            .as_ref()
            .is_some_and(|device| device != self.device)
        {
            return false;
        }
        let destination = wake.request.destination;
        let here = destination.ip() == self.address
            || self
                .url
                .is_some_and(|url| url.host.parse() == Ok(destination.ip()));
        match self.url {
            Some(url) => {
                let port = url.port == destination.port();
                let path = url.target == wake.target;
                path && port && (here || self.requested) || path && here && self.requested
            }
            None => here && self.requested,
        }
    }
}

/// The frames of all legs.
pub(super) fn frames(wakes: &[Wake]) -> Vec<FrameId> {
    let steps = wakes.iter().flat_map(|wake| &wake.request.steps);
    let mut frames: Vec<FrameId> = steps
        .flat_map(|step: &Step| step.frames.iter().copied())
        .collect();
    frames.sort_unstable();
    frames.dedup();
    frames
}
