//! The engine: one pass over what the assembler gives out.

mod at_hand;
mod news;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;

use cwmp::schema::Version;

use at_hand::AtHand;

use super::gist::AuthenticationFields;
use super::parameters::{Context, Known, Parameters};
use super::rules::{self, OfCapture, OfDevice, OfSession};
use super::seen::{Closed, Seen, SessionFacts, Setting};
use super::standing::Told;
use super::topic::Topic;
use super::{Findings, Gist, Selection, track};
use crate::session::{
    ConnectionRequest, Datagram, Finding, Masking, Message, Output, Role, Session, Severity,
    Summary, Transfer,
};
use crate::source::Timestamp;

/// Judges one capture.
#[derive(Debug)]
pub struct Checker {
    setting: Arc<Setting>,
    findings: Findings,
    capture: OfCapture,
    at_hand: Box<AtHand>,
    /// Another such place, for what is known of a session.
    near: Option<Box<Followed>>,
    /// What is known of parameters.
    known: Known,
    /// Bytes of the messages that sessions hold.
    held_bytes: usize,
    sessions_unheld: u64,
    /// Boxed: each is taken out while it is shown a message.
    sessions: HashMap<u32, Box<Followed>, foldhash::fast::RandomState>,
    devices: HashMap<Arc<str>, Device, foldhash::fast::RandomState>,
    /// Each device once, by when it did something, which may be long ago: how old it is now is looked at when one has to go.
    by_age: BinaryHeap<Reverse<(u64, Arc<str>)>>,
    age: u64,
    /// What is over, until all messages before its end have been seen, by the time of that end.
    over: BTreeMap<(i64, u64), Over>,
    arrived: u64,
    devices_forgotten: u64,
    something: bool,
}

/// Something that is over.
#[derive(Debug)]
enum Over {
    Session(Box<Session>),
    ConnectionRequest(Box<ConnectionRequest>),
    Transfer(Box<Transfer>),
}

/// One session.
#[derive(Debug)]
struct Followed {
    /// When its first message began, nanoseconds.
    began_ns: i64,
    facts: SessionFacts,
    rules: OfSession,
    /// Of the messages that its facts hold.
    held_bytes: usize,
}

impl Followed {
    fn new(number: u32, began_ns: i64) -> Self {
        Self {
            began_ns,
            facts: SessionFacts::new(number),
            rules: OfSession::default(),
            held_bytes: 0,
        }
    }

    /// Goes on as if the capture began here.
    fn start_anew(&mut self) {
        self.facts = self.facts.anew();
        self.rules = OfSession::default();
    }
}

/// One device.
#[derive(Debug, Default)]
struct Device {
    /// Away while they are shown something.
    rules: Option<Box<OfDevice>>,
    age: u64,
    /// Sessions that have not been closed here, by when they began.
    open: BTreeSet<Turn>,
    /// Sessions that are over, but wait for an earlier one.
    waiting: BTreeMap<Turn, Box<Session>>,
}

impl Device {
    /// This session is open no more.
    fn leave(&mut self, turn: Turn) {
        self.open.remove(&turn);
        if self.open.is_empty() {
            // Most devices have none: an empty set still holds its room.
            self.open = BTreeSet::new();
        }
    }
}

/// The place of a session among those of its device: when it began, nanoseconds, and its number. The number alone is not
/// enough: a session that lost a frame may be numbered late.
type Turn = (i64, u32);

/// What a check came to.
#[derive(Debug, Default)]
pub struct Checked {
    /// By device, side, weight and place.
    pub findings: Vec<Finding>,
    /// Of each session, the places of the findings that occur in it; empty unless asked for.
    pub by_session: BTreeMap<u32, Vec<usize>>,
    /// Bounds that were reached, with how often.
    pub limits_reached: BTreeMap<&'static str, u64>,
    /// The weight of the gravest finding for which there was no room.
    pub beyond: Option<Severity>,
    /// There was something to check: CWMP, STUN, a Connection Request or DHCP.
    pub something: bool,
}

impl Checker {
    /// A checker that has seen nothing.
    #[must_use]
    pub fn new(setting: Setting, selection: Selection, masking: Masking) -> Self {
        let mut findings = Findings::new(setting.limits.clone(), selection, masking);
        findings.choose(setting.profile);
        Self {
            findings,
            setting: Arc::new(setting),
            capture: OfCapture::default(),
            at_hand: Box::default(),
            near: None,
            known: Known::default(),
            held_bytes: 0,
            sessions_unheld: 0,
            sessions: HashMap::default(),
            devices: HashMap::default(),
            by_age: BinaryHeap::new(),
            age: 0,
            over: BTreeMap::new(),
            arrived: 0,
            devices_forgotten: 0,
            something: false,
        }
    }

    /// Takes what the assembler gave out. Messages and datagrams have to come, in time order.
    pub fn handle(&mut self, output: Output) {
        match output {
            Output::Message(message) => self.message(message.into()),
            Output::Tls(_) => {}
            Output::Datagram(datagram) => self.datagram(&datagram),
            Output::Session(session) => {
                self.something = true;
                self.wait(session.end, Over::Session(session));
            }
            Output::ConnectionRequest(request) => {
                self.something = true;
                let end = request.steps.iter().map(|step| step.time).max();
                self.wait(end.unwrap_or_default(), Over::ConnectionRequest(request));
            }
            Output::Transfer(transfer) => {
                let end = transfer.end().unwrap_or_default();
                self.wait(end, Over::Transfer(transfer));
            }
        }
    }

    fn wait(&mut self, end: Timestamp, over: Over) {
        self.arrived += 1;
        self.over.insert((end.nanoseconds, self.arrived), over);
    }

    /// The capture is over.
    #[must_use]
    pub fn finish(mut self, summary: &Summary) -> Checked {
        self.end(summary);
        self.give_up(summary)
    }

    /// What is open is over, and rules say their last word.
    pub fn end(&mut self, summary: &Summary) {
        self.close_before(i64::MAX);
        // No message comes any more; what is to be told needs its room.
        self.known = Known::default();
        // Those that waited for an earlier session wait for nothing any more.
        let mut waiting: Vec<Box<Session>> = self
            .devices
            .values_mut()
            .flat_map(|device| std::mem::take(&mut device.waiting).into_values())
            .collect();
        waiting.sort_by_key(|session| (session.start, session.number));
        for session in waiting {
            self.close(&session);
        }
        let mut devices: Vec<(Arc<str>, Device)> =
            std::mem::take(&mut self.devices).into_iter().collect();
        devices.sort_by(|one, other| one.0.cmp(&other.0));
        for (_, device) in devices {
            if let Some(mut rules) = device.rules {
                rules.finish(summary, &mut self.findings);
                self.findings.settle();
            }
        }
        self.capture.finish(summary, &mut self.findings);
        self.findings.settle();
    }

    /// Bounds that were reached, with how often.
    #[must_use]
    pub fn limits_reached(&self) -> BTreeMap<&'static str, u64> {
        let mut reached = self.findings.limits_reached();
        for (name, count) in [
            ("devices_followed_max", self.devices_forgotten),
            ("messages_held_bytes_max", self.sessions_unheld),
        ] {
            if count > 0 {
                reached.insert(name, count);
            }
        }
        reached
    }

    /// What was found so far, without a last word of the rules.
    #[must_use]
    pub fn give_up(self, summary: &Summary) -> Checked {
        let limits_reached = self.limits_reached();
        let checked = self.findings.finish(summary);
        Checked {
            limits_reached,
            something: self.something,
            ..checked
        }
    }

    /// The same checker, which also tells which findings occur in which session.
    #[must_use]
    pub fn by_session(mut self) -> Self {
        self.findings.by_session();
        self
    }

    fn message(&mut self, message: Arc<Message>) {
        // Messages come in time order: of a session that ended before this one, none is still to come.
        self.close_before(message.provenance.time.nanoseconds);
        // What a session set off, or what set it off, bears its number, and is none of its messages.
        let number = message.session.filter(|_| message.role == Role::Cwmp);
        let mut far = number.map(|number| {
            let began_ns = message.provenance.started.nanoseconds;
            let known = self.sessions.remove(&number);
            known.unwrap_or_else(|| Box::new(Followed::new(number, began_ns)))
        });
        let mut followed = far.as_deref_mut().map(|far| self.brought_near(far));
        self.something |= followed.is_some();
        let mut replay = false;
        if let Some(followed) = &mut followed {
            replay = followed.facts.replay_due && message.http.kind() == http1::Kind::Request;
            let known = followed.facts.issue_1;
            track::introduce(&mut followed.facts, &message);
            if let (true, Some(session)) = (followed.facts.issue_1 && !known, number) {
                self.findings.note_issue_1_session(session);
            }
            self.introduce_maker(&mut followed.facts, &message);
            if let (true, Some(device)) = (followed.facts.issue_1, &followed.facts.device) {
                self.findings.note_issue_1(device);
            }
        }
        if followed.is_none() {
            self.findings.note_stray(&message);
        }
        let shapely = self.show(&message, followed.as_deref_mut(), replay);
        if let (Some(mut followed), Some(mut far), Some(number)) = (followed, far, number) {
            let outstanding_max = self.setting.limits.outstanding_max;
            track::follow(&mut followed.facts, &message, shapely, outstanding_max);
            self.weigh(&mut followed);
            std::mem::swap(&mut *followed, &mut *far);
            self.near = Some(followed);
            self.sessions.insert(number, far);
        }
        self.findings.settle();
    }

    /// What is known of a session, in the place where that of the session before was: [`AtHand`] says why.
    fn brought_near(&mut self, far: &mut Followed) -> Box<Followed> {
        let near = self.near.take();
        let mut near = near.unwrap_or_else(|| Box::new(Followed::new(0, 0)));
        std::mem::swap(&mut *near, far);
        near
    }

    /// Holds what sessions keep of their messages to its bound.
    fn weigh(&mut self, followed: &mut Followed) {
        let max = self.setting.limits.messages_held_bytes_max;
        let before = followed.held_bytes;
        followed.held_bytes = followed.facts.held_bytes();
        self.held_bytes = (self.held_bytes + followed.held_bytes).saturating_sub(before);
        if self.held_bytes > max && followed.held_bytes > max / SHARES {
            followed.start_anew();
            self.held_bytes = self.held_bytes.saturating_sub(followed.held_bytes);
            followed.held_bytes = 0;
            self.sessions_unheld += 1;
        }
    }

    /// Gives a session its device's vendor profile: by its Inform, or where it has begun without one.
    fn introduce_maker(&mut self, facts: &mut SessionFacts, message: &Arc<Message>) {
        let inform = facts.inform.as_ref();
        let informs = inform.is_some_and(|inform| Arc::ptr_eq(inform, message));
        if let (true, Some(device)) = (informs, &facts.device) {
            self.findings.note_maker(device, message);
        }
        if informs || facts.messages <= 1 {
            facts.profile = self.findings.profile(facts.device.as_ref());
        }
    }

    /// Shows a message to every rule. Gives out the version whose schema it keeps to, where a rule looked.
    fn show(
        &mut self,
        message: &Arc<Message>,
        followed: Option<&mut Followed>,
        replay: bool,
    ) -> Option<Version> {
        let device = followed
            .as_ref()
            .and_then(|followed| followed.facts.device.clone())
            .or_else(|| message.device.clone());
        let turn = followed
            .as_ref()
            .map(|followed| (followed.began_ns, followed.facts.number));
        let mut of_device = self.device(device.as_ref()).map(|device| {
            device.open.extend(turn);
            device.rules.take().unwrap_or_default()
        });
        let mut alone = None;
        let (answered, facts, of_session) = match followed {
            Some(Followed { facts, rules, .. }) => {
                (track::answered(facts, message), Some(&*facts), rules)
            }
            None => (Vec::new(), None, alone.insert(OfSession::default())),
        };
        let parameters = self.parameters(message, facts);
        let fields = AuthenticationFields::of(message);
        let gist = Gist::of(message, &fields, &parameters);
        let seen = Seen {
            message,
            session: facts,
            setting: &self.setting,
            replay,
            parameters: &parameters,
            gist: &gist,
        };
        let everywhere = (&mut self.capture, &mut self.findings);
        let show = |of_device: Option<&mut OfDevice>| {
            at_hand::show(&seen, &answered, (of_session, of_device), everywhere);
        };
        match of_device.as_deref_mut() {
            Some(rules) => self.at_hand.with(rules, |rules| show(Some(rules))),
            None => show(None),
        }
        if rules::judge_entries(&seen) {
            self.known.note(&parameters);
        }
        let shapely = gist.shapely();
        drop(gist);
        self.known.take_back(parameters);
        if let Some(rules) = of_device {
            self.put_back(device.as_ref(), rules);
        }
        shapely
    }

    /// The parameters of a message.
    fn parameters<'m>(
        &mut self,
        message: &'m Message,
        facts: Option<&SessionFacts>,
    ) -> Parameters<'m> {
        let Some(document) = &message.soap else {
            return Parameters::default();
        };
        let told = Told {
            claim: facts.and_then(|facts| facts.claim),
            given: self.setting.data_model,
        };
        let context = Context::of(message, facts, told);
        Parameters::of(document, context, &mut self.known)
    }

    fn datagram(&mut self, datagram: &Datagram) {
        self.close_before(datagram.time.nanoseconds);
        self.something = true;
        if let Some(mut rules) = self.rules_of(datagram.device.as_ref()) {
            rules.datagram(datagram, &mut self.findings);
            self.put_back(datagram.device.as_ref(), rules);
        }
        self.capture.datagram(datagram, &mut self.findings);
        self.findings.settle();
    }

    /// The device of this name, remembered from now on.
    fn device(&mut self, name: Option<&Arc<str>>) -> Option<&mut Device> {
        let name = name?;
        self.age += 1;
        if !self.devices.contains_key(name) {
            if self.devices.len() >= self.setting.limits.devices_followed_max {
                self.forget_oldest();
            }
            self.by_age.push(Reverse((self.age, Arc::clone(name))));
            self.devices.insert(Arc::clone(name), Device::default());
        }
        let device = self.devices.get_mut(name)?;
        device.age = self.age;
        Some(device)
    }

    /// Forgets the device that did nothing for longest.
    fn forget_oldest(&mut self) {
        while let Some(Reverse((age, name))) = self.by_age.pop() {
            let now = self.devices.get(&name).map(|device| device.age);
            if let Some(now) = now.filter(|now| *now > age) {
                self.by_age.push(Reverse((now, name)));
                continue;
            }
            self.devices.remove(&name);
            self.devices_forgotten += 1;
            return;
        }
    }

    /// The rules of a device, taken out so that all else can be used beside them.
    fn rules_of(&mut self, name: Option<&Arc<str>>) -> Option<Box<OfDevice>> {
        Some(self.device(name)?.rules.take().unwrap_or_default())
    }

    fn put_back(&mut self, name: Option<&Arc<str>>, rules: Box<OfDevice>) {
        if let Some(device) = name.and_then(|name| self.devices.get_mut(name)) {
            device.rules = Some(rules);
        }
    }

    /// Takes in what was over before this time.
    fn close_before(&mut self, time_ns: i64) {
        while let Some((&(end_ns, _), _)) = self.over.first_key_value()
            && end_ns < time_ns
            && let Some((_, over)) = self.over.pop_first()
        {
            match over {
                Over::Session(session) => self.close_in_turn(session),
                Over::ConnectionRequest(request) => {
                    if let Some(mut rules) = self.rules_of(request.device.as_ref()) {
                        rules.connection_request(&request, &mut self.findings);
                        self.put_back(request.device.as_ref(), rules);
                    }
                    self.capture
                        .connection_request(&request, &mut self.findings);
                }
                Over::Transfer(transfer) => {
                    if let Some(mut rules) = self.rules_of(transfer.device.as_ref()) {
                        rules.transfer(&transfer, &mut self.findings);
                        self.put_back(transfer.device.as_ref(), rules);
                    }
                    self.capture.transfer(&transfer, &mut self.findings);
                }
            }
            self.findings.settle();
        }
    }

    /// Closes a session, unless an earlier one of the same device is still open; then those that waited for it.
    fn close_in_turn(&mut self, session: Box<Session>) {
        let waiting_max = self.setting.limits.sessions_waiting_max;
        let Some(device) = session.device.clone() else {
            self.close(&session);
            return;
        };
        let began_ns = self
            .sessions
            .get(&session.number)
            .map_or(session.start.nanoseconds, |followed| followed.began_ns);
        let turn = (began_ns, session.number);
        let Some(state) = self.devices.get_mut(&device) else {
            self.close(&session);
            return;
        };
        let is_next = state.open.first().is_none_or(|&first| first >= turn);
        if !is_next && state.waiting.len() < waiting_max {
            state.waiting.insert(turn, session);
            return;
        }
        state.leave(turn);
        self.close(&session);
        while let Some(state) = self.devices.get_mut(&device)
            && let Some((&turn, _)) = state.waiting.first_key_value()
            && state.open.first().is_none_or(|&first| first >= turn)
            && let Some((_, session)) = state.waiting.pop_first()
        {
            state.leave(turn);
            self.close(&session);
        }
    }

    fn close(&mut self, session: &Session) {
        let followed = self.sessions.remove(&session.number);
        let began_ns = session.start.nanoseconds;
        let mut followed =
            followed.unwrap_or_else(|| Box::new(Followed::new(session.number, began_ns)));
        self.held_bytes = self.held_bytes.saturating_sub(followed.held_bytes);
        // It may close under another name than that by which it was known.
        let entered = followed.facts.device.as_ref();
        if let Some(device) = entered.and_then(|name| self.devices.get_mut(name)) {
            device.leave((followed.began_ns, session.number));
        }
        let setting = Arc::clone(&self.setting);
        let closed = Closed {
            session,
            facts: &followed.facts,
            setting: &setting,
        };
        followed.rules.closed(&closed, &mut self.findings);
        if let Some(mut rules) = self.rules_of(session.device.as_ref()) {
            let (at_hand, findings) = (&mut self.at_hand, &mut self.findings);
            at_hand.with(&mut rules, |rules| rules.closed(&closed, findings));
            self.put_back(session.device.as_ref(), rules);
        }
        self.capture.closed(&closed, &mut self.findings);
        self.findings.note_session(&closed);
        self.findings.settle();
    }
}

/// Sessions among which the room for messages is shared out: most hold less than the eight thousandth part of it.
const SHARES: usize = 8 << 10;
