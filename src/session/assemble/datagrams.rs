//! What is said by UDP: STUN that keeps a device's binding, and the UDP Connection Requests that come through it (TR-111
//! part II; TR-069 Amendment 3 annex G), tied to the device and to the session they set off.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use stun::Class;

use super::queue::Ticket;
use super::{Assembler, Output};
use crate::session::{Datagram, DatagramKind, Side};
use crate::source::{FrameId, Timestamp};

/// What is remembered of it.
#[derive(Debug, Default)]
pub(super) struct Udp {
    /// Where devices sent STUN requests from, and who it was.
    bindings: HashMap<SocketAddr, Arc<str>, foldhash::fast::RandomState>,
    /// Connection Requests of which it is not known yet whether a session comes, the oldest first.
    requests: VecDeque<Request>,
}

/// A UDP Connection Request with its copies.
#[derive(Debug)]
struct Request {
    request: stun::ucr::Request,
    destination: SocketAddr,
    device: Option<Arc<str>>,
    /// Of the first copy.
    time: Timestamp,
    frames: Vec<FrameId>,
    tickets: Vec<Ticket>,
}

/// The device of an Inform, and where it is reached.
pub(super) struct Reached<'a> {
    pub device: &'a Arc<str>,
    pub address: IpAddr,
    /// What it reports as UDPConnectionRequestAddress.
    pub listens: Option<SocketAddr>,
    /// Requests before this time set nothing off.
    pub since_ns: i64,
}

impl Assembler {
    /// The next datagram of the capture.
    pub fn handle_datagram(&mut self, mut datagram: Box<Datagram>, outputs: &mut Vec<Output>) {
        match datagram.kind {
            DatagramKind::Stun => self.binding_message(&mut datagram),
            DatagramKind::ConnectionRequest => {
                self.udp_request(datagram, outputs);
                return;
            }
            DatagramKind::LightweightNotification => {
                self.totals.datagrams.lightweight_notifications += 1;
                datagram.from = Side::Cpe;
                datagram.device = self.device_at(datagram.source);
            }
            DatagramKind::DhcpV4 | DatagramKind::DhcpV6 => {
                self.totals.datagrams.dhcp += 1;
                self.totals.datagrams.dhcp_option_125 += u64::from(announces(&datagram));
            }
        }
        self.queue.push_datagram(datagram, true);
        self.queue.release(outputs);
    }

    fn binding_message(&mut self, datagram: &mut Datagram) {
        let Some(message) = datagram.stun() else {
            return;
        };
        self.totals.datagrams.stun += 1;
        self.totals.datagrams.stun_tr111 += u64::from(message.is_tr111());
        if message.class() == Class::Request || message.class() == Class::Indication {
            datagram.device = self.device_at(datagram.source);
            if let Some(device) = &datagram.device {
                datagram.from = Side::Cpe;
                if self.udp.bindings.len() < self.limits.bindings_max {
                    let device = Arc::clone(device);
                    self.udp.bindings.insert(datagram.source, device);
                } else if !self.udp.bindings.contains_key(&datagram.source) {
                    self.reached("bindings_max");
                }
            } else if message.is_tr111() {
                datagram.from = Side::Cpe;
            }
        } else {
            datagram.device = self.device_at(datagram.destination);
        }
    }

    fn udp_request(&mut self, mut datagram: Box<Datagram>, outputs: &mut Vec<Output>) {
        let Some(request) = datagram.connection_request() else {
            return;
        };
        self.totals.datagrams.connection_requests += 1;
        datagram.from = Side::Acs;
        let destination = datagram.destination;
        datagram.device = self.device_at(destination);
        let frames = datagram.frames.clone();
        let known =
            self.udp.requests.iter_mut().rev().find(|known| {
                known.destination == destination && known.request.is_copy_of(&request)
            });
        if let Some(known) = known {
            datagram.copy_of = known.frames.first().copied();
            known.frames.extend(frames);
            let ticket = self.queue.push_datagram(datagram, false);
            known.tickets.push(ticket);
        } else {
            let (device, time) = (datagram.device.clone(), datagram.time);
            let ticket = self.queue.push_datagram(datagram, false);
            self.udp.requests.push_back(Request {
                request,
                destination,
                device,
                time,
                frames,
                tickets: vec![ticket],
            });
        }
        if self.udp.requests.len() > self.limits.wakes_max {
            self.reached("wakes_max");
            self.give_up_udp_request(outputs);
        }
    }

    /// The device that sends from there, or listens there.
    fn device_at(&self, endpoint: SocketAddr) -> Option<Arc<str>> {
        self.devices
            .at_udp(endpoint)
            .or_else(|| self.udp.bindings.get(&endpoint).cloned())
            .or_else(|| self.devices.only_at(endpoint.ip()))
    }

    /// Takes the requests that set this device's session off, and gives their frames.
    pub(super) fn claim_udp_requests(
        &mut self,
        reached: &Reached<'_>,
        session: u32,
    ) -> Vec<FrameId> {
        let mut frames = Vec::new();
        let waiting = std::mem::take(&mut self.udp.requests);
        for request in waiting {
            let meant = match &request.device {
                Some(device) => device == reached.device,
                None => {
                    request.destination.ip() == reached.address
                        || Some(request.destination) == reached.listens
                }
            };
            if !meant || request.time.nanoseconds < reached.since_ns {
                self.udp.requests.push_back(request);
                continue;
            }
            frames.extend(request.frames);
            for ticket in request.tickets {
                self.queue.settle_datagram(ticket, |datagram| {
                    datagram.session = Some(session);
                    datagram.device = Some(Arc::clone(reached.device));
                });
            }
        }
        frames.sort_unstable();
        frames
    }

    /// Gives up the requests that came before this time: no session came of them.
    pub(super) fn expire_udp_requests(&mut self, before_ns: i64, outputs: &mut Vec<Output>) {
        while let Some(first) = self.udp.requests.front()
            && first.time.nanoseconds < before_ns
        {
            self.give_up_udp_request(outputs);
        }
    }

    fn give_up_udp_request(&mut self, outputs: &mut Vec<Output>) {
        if let Some(request) = self.udp.requests.pop_front() {
            for ticket in request.tickets {
                self.queue.settle_datagram(ticket, |_| {});
            }
        }
        self.queue.release(outputs);
    }
}

/// The Broadband Forum's sub-options are in it.
fn announces(datagram: &Datagram) -> bool {
    let v4 = datagram
        .dhcp_v4()
        .is_some_and(|message| message.broadband_forum().is_some());
    v4 || datagram
        .dhcp_v6()
        .is_some_and(|message| message.broadband_forum().is_some())
}

/// `host[:port]` of UDPConnectionRequestAddress; without a port 80 is meant (TR-069 Amendment 3 section G.2.1.1).
pub(super) fn udp_address(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| Some(SocketAddr::new(text.parse::<IpAddr>().ok()?, 80)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_a_port() {
        let with = |text: &str| udp_address(text).map(|address| address.to_string());
        assert_eq!(with("192.0.2.1:34567").as_deref(), Some("192.0.2.1:34567"));
        assert_eq!(with(" 192.0.2.1 ").as_deref(), Some("192.0.2.1:80"));
        assert_eq!(with("[2001:db8::1]:7").as_deref(), Some("[2001:db8::1]:7"));
        assert_eq!(with("phone.example.net:80"), None);
        assert_eq!(with(""), None);
    }
}
