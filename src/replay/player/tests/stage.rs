//! The stage: connections in memory between two players.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use http1::{Event, Keep, Kind, Limits, Message, RequestMethod, Stream};

use crate::replay::action::{Action, ConnectionId, Heard, Now};
use crate::replay::player::Player;
use crate::session::Replayed;

/// What lies between two players.
#[derive(Debug, Clone, Copy, Default)]
pub struct Network {
    /// Bytes go in pieces of this size; 0: whole.
    pub piece_bytes: usize,
    /// The connection is closed behind every so many answers.
    pub close_behind: Option<u32>,
    /// It breaks off in the middle of the so manieth message.
    pub cut_at: Option<u32>,
    /// It breaks off before the so manieth message, of which nothing comes through.
    pub lost_at: Option<u32>,
    /// How long each message takes.
    pub delay: Duration,
}

/// One end.
struct End {
    player: Player,
    wake: Option<Now>,
    listening: bool,
}

/// Two ends.
pub struct Stage {
    now: Now,
    acs: End,
    cpe: End,
    network: Network,
    streams: BTreeMap<(ConnectionId, bool), Stream>,
    /// Who hears what next, the ACS where it is true.
    under_way: VecDeque<(Now, bool, Heard)>,
    /// All that was written, by the ACS where it is true.
    pub written: Vec<(bool, String)>,
    answers: u32,
    messages: u32,
    woken: bool,
    /// Connections that the network closed: what is said on them is lost.
    gone: BTreeSet<ConnectionId>,
}

impl Stage {
    pub fn new(acs: Player, cpe: Player, network: Network) -> Self {
        let end = |player| End {
            player,
            wake: None,
            listening: false,
        };
        Self {
            now: Now::ZERO,
            acs: end(acs),
            cpe: end(cpe),
            network,
            streams: BTreeMap::new(),
            under_way: VecDeque::new(),
            written: Vec::new(),
            answers: 0,
            messages: 0,
            woken: false,
            gone: BTreeSet::new(),
        }
    }

    /// Plays to the end, and says what came of it: the ACS's, and the CPE's.
    pub fn play(mut self) -> (Replayed, Replayed) {
        self.run();
        (self.acs.player.finish(), self.cpe.player.finish())
    }

    pub fn play_and_read(mut self) -> (Replayed, Replayed, Vec<(bool, String)>) {
        self.run();
        (
            self.acs.player.finish(),
            self.cpe.player.finish(),
            self.written,
        )
    }

    fn run(&mut self) {
        self.acs.player.start(self.now);
        self.cpe.player.start(self.now);
        for _ in 0..TURNS_MAX {
            self.act(true);
            self.act(false);
            if !self.go_on() {
                return;
            }
        }
        panic!("the players never end: {:?}", self.written);
    }

    fn end(&mut self, acs: bool) -> &mut End {
        if acs { &mut self.acs } else { &mut self.cpe }
    }

    fn act(&mut self, acs: bool) {
        while let Some(action) = self.end(acs).player.poll_action() {
            match action {
                Action::Connect(id) => {
                    self.tell(true, Heard::Connected(id, PHONE));
                    self.tell(false, Heard::Connected(id, PHONE));
                }
                Action::Send {
                    connection, bytes, ..
                } => self.carry(acs, connection, &bytes),
                Action::Close(id) => {
                    self.end_stream(id, acs);
                    self.tell(!acs, Heard::Closed(id, String::new()));
                }
                Action::ConnectionRequest { .. } => self.woken = true,
                Action::Listen { .. } => self.cpe.listening = true,
                Action::WakeAt(at) => self.end(acs).wake = Some(at),
                Action::Done => self.end(acs).wake = None,
            }
        }
        if self.woken && self.cpe.listening {
            (self.woken, self.cpe.listening) = (false, false);
            let address = "192.0.2.1:7547".parse().expect("an address");
            self.tell(false, Heard::WokenBy(address));
            self.tell(true, Heard::Woken(Ok(Some(200))));
        }
    }

    /// A message that the end of its connection delimits ends here.
    fn end_stream(&mut self, id: ConnectionId, acs: bool) {
        let Some(mut stream) = self.streams.remove(&(id, acs)) else {
            return;
        };
        while let Some(event) = stream.end(http1::End::Fin) {
            if let Event::Message(message) = event
                && message.cut.is_none()
            {
                self.tell(!acs, Heard::Message(id, Box::new(message)));
            }
        }
    }

    fn carry(&mut self, acs: bool, id: ConnectionId, bytes: &[u8]) {
        self.written
            .push((acs, String::from_utf8_lossy(bytes).into_owned()));
        if self.gone.contains(&id) {
            return;
        }
        self.messages += 1;
        let mut bytes = bytes;
        let is_lost = self.network.lost_at == Some(self.messages);
        let is_cut = self.network.cut_at == Some(self.messages) || is_lost;
        if is_lost {
            bytes = &[];
        } else if is_cut {
            bytes = &bytes[..bytes.len() / 2];
        }
        let piece = match self.network.piece_bytes {
            0 => bytes.len().max(1),
            piece => piece,
        };
        let stream = self.streams.entry((id, acs)).or_insert_with(|| stream(acs));
        let heard: Vec<Message> = bytes
            .chunks(piece)
            .flat_map(|piece| messages(stream, piece))
            .collect();
        for message in heard {
            self.tell(!acs, Heard::Message(id, Box::new(message)));
        }
        self.answers += u32::from(acs);
        let closes = self
            .network
            .close_behind
            .is_some_and(|every| acs && self.answers.is_multiple_of(every));
        if closes || is_cut {
            self.gone.insert(id);
            for side in [true, false] {
                let how = if is_cut && !is_lost {
                    "within a message"
                } else {
                    ""
                };
                self.tell(side, Heard::Closed(id, how.to_owned()));
            }
        }
    }

    fn tell(&mut self, acs: bool, heard: Heard) {
        let at = self.now + self.network.delay;
        self.under_way.push_back((at, acs, heard));
    }

    /// Delivers what is under way, else lets time pass; false where nothing is left to happen.
    fn go_on(&mut self) -> bool {
        if self.acs.player.is_done() && self.cpe.player.is_done() {
            return false;
        }
        let next = self.under_way.front().map(|(at, ..)| *at);
        let wakes = [self.acs.wake, self.cpe.wake].into_iter().flatten();
        let Some(at) = wakes.chain(next).min() else {
            return false;
        };
        self.now = self.now.max(at);
        if next.is_some_and(|next| next <= self.now) {
            let (_, acs, heard) = self.under_way.pop_front().expect("there is one");
            let now = self.now;
            self.end(acs).player.handle(now, heard);
            return true;
        }
        for acs in [true, false] {
            let now = self.now;
            let end = self.end(acs);
            if end.wake.is_some_and(|wake| wake <= now) {
                end.wake = None;
                end.player.handle_timeout(now);
            }
        }
        true
    }
}

pub fn stream(of_responses: bool) -> Stream {
    let kind = if of_responses {
        Kind::Response
    } else {
        Kind::Request
    };
    Stream::new(kind, Limits::default(), 0)
}

pub fn messages(stream: &mut Stream, mut bytes: &[u8]) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Some(event) = stream.next(&mut bytes) {
        match event {
            Event::Head => {
                stream.set_request_method(RequestMethod::Other);
                stream.keep_body(Keep::All);
            }
            Event::Message(message) => messages.push(message),
            other => panic!("no HTTP: {other:?}"),
        }
    }
    messages
}

/// Turns after which two players are taken to talk for ever.
const TURNS_MAX: u32 = 10_000;
/// Where the phone is.
pub const PHONE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)), 40_000);
