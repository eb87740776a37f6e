//! What is drawn with its session where that is still to come, else on its own.

use std::rc::Rc;

use super::asked_by;
use super::leases::Lease;
use crate::report::text::{Bindings, Exchange};
use crate::session::{ConnectionRequest, Datagram, DatagramKind, Transfer};
use crate::source::Timestamp;

/// One ladder, or a part of one.
pub(super) enum Loose {
    Request(Box<ConnectionRequest>),
    Transfer(Box<Transfer>),
    /// The bindings of a device, and when they began.
    Bindings(Box<Bindings>, Option<Timestamp>),
    /// DHCP or a lightweight notification, and who it is of.
    Datagrams(DatagramKind, Option<String>, Exchange),
}

impl Loose {
    pub(super) fn bindings(bindings: Bindings) -> Self {
        let start = bindings.start();
        Self::Bindings(Box::new(bindings), start)
    }

    pub(super) fn lease(lease: Lease) -> Option<Self> {
        let datagrams = lease.datagrams.iter().map(AsRef::as_ref);
        let exchange = Exchange::of(datagrams)?;
        let device = lease.datagrams.iter().find_map(|one| one.device.as_deref());
        let client = device.map_or(lease.client, str::to_owned);
        Some(Self::Datagrams(lease.kind, Some(client), exchange))
    }

    pub(super) fn notification(datagram: &Rc<Datagram>) -> Option<Self> {
        let exchange = Exchange::of([datagram.as_ref()])?;
        let device = datagram.device.as_deref().map(str::to_owned);
        Some(Self::Datagrams(datagram.kind, device, exchange))
    }

    pub(super) fn session(&self) -> Option<u32> {
        match self {
            Self::Request(request) => request.session,
            Self::Transfer(transfer) => asked_by(transfer),
            Self::Bindings(..) | Self::Datagrams(..) => None,
        }
    }

    pub(super) fn start(&self) -> Option<Timestamp> {
        let steps = match self {
            Self::Request(request) => &request.steps,
            Self::Transfer(transfer) => &transfer.steps,
            Self::Datagrams(_, _, exchange) => &exchange.steps,
            Self::Bindings(_, start) => return *start,
        };
        steps.first().map(|step| step.time)
    }
}

pub(super) fn request(loose: &Loose) -> Option<&ConnectionRequest> {
    match loose {
        Loose::Request(request) => Some(request),
        _ => None,
    }
}

pub(super) fn transfer(loose: &Loose) -> Option<&Transfer> {
    match loose {
        Loose::Transfer(transfer) => Some(transfer),
        _ => None,
    }
}
