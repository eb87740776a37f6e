//! One player, and words given by hand.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use super::stage::{PHONE, messages, stream};
use crate::replay::action::{Action, ConnectionId, Heard, Now};
use crate::replay::player::Player;
use crate::replay::scenario::Role;

/// One player, and words given by hand.
pub(crate) struct Hand {
    pub player: Player,
    pub now: Now,
    role: Role,
    connected: BTreeSet<u64>,
    pub wake: Option<Now>,
}

impl Hand {
    pub fn new(role: Role, mut player: Player) -> Self {
        player.start(Now::ZERO);
        Self {
            player,
            now: Now::ZERO,
            role,
            connected: BTreeSet::new(),
            wake: None,
        }
    }

    /// Says a whole message on a connection, and gives what came back as text, and which connections were closed.
    pub fn say(&mut self, id: u64, bytes: &str) -> Vec<String> {
        if self.role == Role::Acs && !self.connected.contains(&id) {
            self.connect(id);
        }
        let mut stream = stream(self.role == Role::Cpe);
        for message in messages(&mut stream, bytes.as_bytes()) {
            let heard = Heard::Message(ConnectionId(id), Box::new(message));
            self.player.handle(self.now, heard);
        }
        self.done()
    }

    /// A connection stands, with the phone.
    pub fn connect(&mut self, id: u64) -> Vec<String> {
        self.connect_from(id, PHONE)
    }

    /// A connection stands, with this other end.
    pub fn connect_from(&mut self, id: u64, peer: SocketAddr) -> Vec<String> {
        self.connected.insert(id);
        self.hear(Heard::Connected(ConnectionId(id), peer))
    }

    pub fn hear(&mut self, heard: Heard) -> Vec<String> {
        self.player.handle(self.now, heard);
        self.done()
    }

    /// Lets this much time pass, with all calls that the player asked for.
    pub fn wait(&mut self, time: Duration) -> Vec<String> {
        let until = self.now + time;
        let mut done = self.done();
        while let Some(wake) = self.wake.filter(|wake| *wake <= until) {
            self.wake = None;
            self.now = self.now.max(wake);
            self.player.handle_timeout(self.now);
            done.extend(self.done());
        }
        self.now = until;
        done
    }

    /// What was done, in words: `connect 1`, `close 1`, the text of what was sent.
    pub fn done(&mut self) -> Vec<String> {
        let mut done = Vec::new();
        while let Some(action) = self.player.poll_action() {
            match action {
                Action::Connect(id) => done.push(format!("connect {}", id.0)),
                Action::Close(id) => {
                    self.connected.remove(&id.0);
                    done.push(format!("close {}", id.0));
                }
                Action::Send { bytes, .. } => {
                    done.push(String::from_utf8_lossy(&bytes).into_owned());
                }
                Action::ConnectionRequest { url, .. } => done.push(format!("wake {url}")),
                Action::Listen { .. } => done.push("listen".to_owned()),
                Action::WakeAt(at) => self.wake = Some(at),
                Action::Done => done.push("done".to_owned()),
            }
        }
        done
    }
}
