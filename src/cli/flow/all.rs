//! Every selected session in the order of their numbers, and what belongs to none of them in between, by its time.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::ControlFlow;
use std::rc::Rc;

use super::blocks::{Blocks, Owner};
use super::leases::Leases;
use super::loose::{Loose, request, transfer};
use crate::cli::bindings::Bindings;
use crate::cli::marks::Marks;
use crate::cli::output::Sink;
use crate::cli::reorder::Reorder;
use crate::cli::select::Sessions;
use crate::filter::Filter;
use crate::report::text::{Beside, Exchange, Ladder};
use crate::session::{ConnectionRequest, Datagram, DatagramKind, Output, Session};
use crate::source::FrameId;

/// The page on its way.
pub(super) struct All<'f> {
    ladder: Ladder,
    filter: Option<&'f Filter>,
    marks: Option<&'f Marks>,
    pub sessions: Sessions<'f>,
    reorder: Reorder<Judged>,
    loose: Vec<Loose>,
    /// Of the latest sessions, where there is a filter, whether they were drawn: what still comes of them goes with them.
    drawn: BTreeMap<u32, bool>,
    bindings: Bindings,
    blocks: Blocks,
    leases: Leases,
    /// What stood of the binding when a UDP Connection Request came, by the request's first frame.
    standing: HashMap<FrameId, Vec<Rc<Datagram>>>,
    standing_order: VecDeque<FrameId>,
    /// Datagrams that the filter selects, or all.
    pub datagrams: u64,
}

/// A session, and whether it is drawn.
type Judged = (Box<Session>, bool);

impl<'f> All<'f> {
    pub(super) fn new(
        ladder: Ladder,
        filter: Option<&'f Filter>,
        marks: Option<&'f Marks>,
    ) -> Self {
        Self {
            ladder,
            filter,
            marks,
            sessions: Sessions::new(filter, marks),
            reorder: Reorder::default(),
            loose: Vec::new(),
            drawn: BTreeMap::new(),
            bindings: Bindings::default(),
            blocks: Blocks::default(),
            leases: Leases::default(),
            standing: HashMap::new(),
            standing_order: VecDeque::new(),
            datagrams: 0,
        }
    }

    pub(super) fn take(&mut self, output: Output, sink: &mut Sink) -> ControlFlow<()> {
        match output {
            Output::ConnectionRequest(request) => self.loose.push(Loose::Request(request)),
            Output::Transfer(transfer) => self.loose.push(Loose::Transfer(transfer)),
            Output::Datagram(datagram) => self.datagram(Rc::from(datagram)),
            output => {
                if let Some(judged) = self.sessions.take(output) {
                    self.push(judged);
                }
            }
        }
        while let Some(judged) = self.reorder.ready() {
            self.session(&judged, sink)?;
        }
        if self.loose.len() > LOOSE_MAX {
            let loose = std::mem::take(&mut self.loose);
            self.draw(loose, sink)?;
        }
        ControlFlow::Continue(())
    }

    fn datagram(&mut self, datagram: Rc<Datagram>) {
        let shown = self.filter.is_none_or(|filter| filter.datagram(&datagram));
        let concerns = datagram.kind == DatagramKind::Stun && self.bindings.note(&datagram);
        if datagram.kind == DatagramKind::ConnectionRequest {
            self.request(&datagram);
        }
        if !shown {
            return;
        }
        self.datagrams += 1;
        match datagram.kind {
            DatagramKind::Stun if concerns => {
                let block = self.blocks.add(&datagram);
                self.loose.extend(block.map(Loose::bindings));
            }
            DatagramKind::Stun | DatagramKind::ConnectionRequest => {}
            DatagramKind::LightweightNotification => {
                self.loose.extend(Loose::notification(&datagram));
            }
            DatagramKind::DhcpV4 | DatagramKind::DhcpV6 => {
                let over = self.leases.take(datagram).into_iter();
                self.loose.extend(over.filter_map(Loose::lease));
            }
        }
    }

    /// A UDP Connection Request: what stood of its device's binding is kept for it.
    fn request(&mut self, datagram: &Rc<Datagram>) {
        let (None, Some(&frame)) = (datagram.copy_of, datagram.frames.first()) else {
            return;
        };
        let block = self.blocks.close(&Owner::of(datagram));
        self.loose.extend(block.map(Loose::bindings));
        self.standing.insert(frame, self.bindings.before(datagram));
        self.standing_order.push_back(frame);
        if self.standing_order.len() > STANDING_MAX
            && let Some(oldest) = self.standing_order.pop_front()
        {
            self.standing.remove(&oldest);
        }
    }

    /// The binding that a request came through, or was to come through.
    fn binding(&self, request: &ConnectionRequest) -> Option<Exchange> {
        let standing = self.standing.get(request.steps.first()?.frames.first()?)?;
        Exchange::of(standing.iter().map(AsRef::as_ref))
    }

    /// Puts a session in its place; one that the filter left out only keeps it.
    fn push(&mut self, (mut session, shown): Judged) {
        if !shown {
            session.steps = Vec::new();
        }
        self.reorder.push(session.number, (session, shown));
    }

    fn session(&mut self, (session, shown): &Judged, sink: &mut Sink) -> ControlFlow<()> {
        self.close_bindings(session);
        let (mut before, mut own, mut later) = (Vec::new(), Vec::new(), Vec::new());
        for loose in std::mem::take(&mut self.loose) {
            match loose.session() {
                Some(number) if number == session.number => own.push(loose),
                Some(number) if number > session.number => later.push(loose),
                _ if loose.start().is_none_or(|start| start <= session.start) => before.push(loose),
                _ => later.push(loose),
            }
        }
        self.loose = later;
        self.draw(before, sink)?;
        if self.filter.is_some() {
            self.drawn.insert(session.number, *shown);
        }
        if self.drawn.len() > LOOSE_MAX {
            self.drawn.pop_first();
        }
        if !shown {
            return ControlFlow::Continue(());
        }
        own.sort_by_key(Loose::start);
        let requests: Vec<&ConnectionRequest> = own.iter().filter_map(request).collect();
        let beside = Beside {
            binding: requests.iter().find_map(|request| self.binding(request)),
            requests,
            transfers: own.iter().filter_map(transfer).collect(),
            findings: self
                .marks
                .map(|marks| marks.of(session.number))
                .unwrap_or_default(),
        };
        let mut out = String::new();
        self.ladder.session(session, &beside, &mut out);
        sink.text(&out)
    }

    /// The bindings of a device up to its session are a ladder above it.
    fn close_bindings(&mut self, session: &Session) {
        let device = session.device.clone().map(Owner::Device);
        let address = session.cpe.address.map(Owner::Address);
        for owner in [address, device].into_iter().flatten() {
            let block = self.blocks.close(&owner);
            self.loose.extend(block.map(Loose::bindings));
        }
    }

    fn draw(&self, mut loose: Vec<Loose>, sink: &mut Sink) -> ControlFlow<()> {
        loose.retain(|loose| self.is_selected(loose));
        loose.sort_by_key(Loose::start);
        let mut out = String::new();
        for loose in loose {
            match loose {
                Loose::Request(request) => {
                    let binding = self.binding(&request);
                    self.ladder
                        .connection_request(&request, binding.as_ref(), &mut out);
                }
                Loose::Transfer(transfer) => self.ladder.transfer(&transfer, &mut out),
                Loose::Bindings(bindings, _) => self.ladder.bindings(*bindings, &mut out),
                Loose::Datagrams(kind, client, exchange) => {
                    self.ladder
                        .datagrams(kind, client.as_deref(), &exchange, &mut out);
                }
            }
            sink.text(&std::mem::take(&mut out))?;
        }
        ControlFlow::Continue(())
    }

    /// What is drawn on its own goes with its session; where none is known, it is a record by itself.
    fn is_selected(&self, loose: &Loose) -> bool {
        let Some(filter) = self.filter else {
            return true;
        };
        let of_session = loose.session().and_then(|number| self.drawn.get(&number));
        match (of_session, loose) {
            (Some(drawn), _) => *drawn,
            (None, Loose::Request(request)) => filter.connection_request(request),
            (None, Loose::Transfer(transfer)) => filter.transfer(transfer),
            // Their datagrams were judged one by one.
            (None, Loose::Bindings(..) | Loose::Datagrams(..)) => true,
        }
    }

    pub(super) fn finish(&mut self, sink: &mut Sink) -> ControlFlow<()> {
        for judged in self.sessions.rest() {
            self.push(judged);
        }
        let leases = self.leases.rest().into_iter().filter_map(Loose::lease);
        self.loose.extend(leases);
        let reorder = std::mem::take(&mut self.reorder);
        reorder.remark();
        for judged in reorder.rest() {
            self.session(&judged, sink)?;
        }
        let blocks = self.blocks.rest().into_iter().map(Loose::bindings);
        self.loose.extend(blocks);
        let loose = std::mem::take(&mut self.loose);
        self.draw(loose, sink)
    }
}

/// What may wait for its session, or for its turn; beyond that it is drawn on its own.
const LOOSE_MAX: usize = 10_000;
/// Bindings kept for UDP Connection Requests that are still to be drawn.
const STANDING_MAX: usize = 10_000;
