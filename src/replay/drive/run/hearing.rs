//! What was heard: bytes that become messages, connections that end, what tasks of their own tell.

use std::io;
use std::time::Duration;

use http1::Kind;

use super::Run;
use crate::replay::action::{ConnectionId, Heard, WireEvent, WireEventKind};
use crate::replay::audit::Entry;
use crate::replay::drive::Reachable;
use crate::replay::drive::reading::{Came, SPEAKS_TLS};
use crate::replay::drive::told::{Aside, Told};
use crate::replay::guard;

impl Run<'_> {
    pub(super) fn hear(&mut self, now: Duration, told: Told) {
        match told {
            Told::Connected(id, stream) => {
                self.called(id, &stream);
                match stream {
                    Ok(stream) => self.begin(now, id, stream, Kind::Response),
                    Err(why) => self.player.handle(now, Heard::Refused(id, why)),
                }
            }
            Told::Secured(id, stream) => {
                if let Some(stream) = self.secured(id, stream) {
                    self.begin(now, id, stream, Kind::Request);
                }
            }
            Told::Bytes(id, bytes) => self.bytes(now, id, bytes),
            Told::Ended(id, error) => self.ended(now, id, error),
            Told::Woken(Ok(status)) => self.player.handle(now, Heard::Woken(Ok(status))),
            Told::Woken(Err(why)) => {
                self.note(Entry::Refused {
                    wanted: "connection_request",
                    why: &why,
                });
                self.player.handle(now, Heard::Woken(Err(why)));
            }
            Told::WokenBy(peer) => self.player.handle(now, Heard::WokenBy(peer)),
            Told::Aside(aside) => self.noted(now, aside),
            Told::Passed(aside) => self.passed(now, aside),
            Told::File(file) => self.note(Entry::File {
                peer: file.peer,
                direction: file.direction,
                name: &file.name,
                length: file.length,
                sha256: &file.sha256,
            }),
        }
    }

    pub(super) fn note(&mut self, entry: Entry<'_>) {
        let wall = self.drive.clock.wall(self.drive.clock.now());
        self.drive.audit.note(wall, self.drive.name, entry);
    }

    /// What a task of its own sent or heard.
    pub(super) fn noted(&mut self, now: Duration, mut aside: Aside) {
        if let WireEventKind::Bytes(bytes) | WireEventKind::Datagram(bytes) = &aside.kind {
            let is_datagram = matches!(aside.kind, WireEventKind::Datagram(_));
            if aside.ours {
                let classified = if is_datagram {
                    guard::classify_datagram(bytes)
                } else {
                    guard::classify(bytes)
                };
                self.note(Entry::Out {
                    peer: aside.destination,
                    step: None,
                    classified: &classified,
                    bytes,
                    refused: None,
                });
            } else {
                self.note(Entry::In {
                    peer: aside.source,
                    what: what(bytes),
                    bytes,
                });
            }
        }
        aside.let_go(self.drive.audit);
        self.passed(now, aside);
    }

    /// Bytes beside the session, for whoever records the run.
    fn passed(&mut self, now: Duration, aside: Aside) {
        if let WireEventKind::Bytes(bytes) | WireEventKind::Datagram(bytes) = &aside.kind
            && !aside.ours
        {
            self.bytes_beside = self.bytes_beside.saturating_add(bytes.len() as u64);
            if self.bytes_beside > BYTES_BESIDE_MAX {
                return;
            }
        }
        (self.drive.on_event)(WireEvent {
            time: now,
            connection: aside.connection,
            source: aside.source,
            destination: aside.destination,
            kind: aside.kind,
        });
    }

    pub(super) fn bytes(&mut self, now: Duration, id: ConnectionId, bytes: Vec<u8>) {
        if !self.connections.contains_key(&id) && !self.closing.contains_key(&id) {
            return;
        }
        let has_room = self.has_room(id, bytes.len());
        let event = WireEventKind::Bytes(bytes);
        let Some(connection) = self.connections.get_mut(&id) else {
            if !has_room {
                self.closing.remove(&id);
                self.forget(id);
            } else if let Some(wire) = self.closing.get(&id) {
                let event = wire.event(now, id, false, event);
                self.went(id, event);
            }
            return;
        };
        let event = connection.wire.event(now, id, false, event);
        if !has_room {
            self.close(id);
            let why = "it sent more than is heard of whoever is not served";
            self.player.handle(now, Heard::Closed(id, why.to_owned()));
            return;
        }
        let came = match &event.kind {
            WireEventKind::Bytes(bytes) => connection.reading.take(bytes),
            _ => Ok(Vec::new()),
        };
        let peer = connection.wire.peer;
        self.went(id, event);
        match came {
            Ok(came) => {
                for came in came {
                    self.came(now, id, came);
                }
                self.begun(now, id);
            }
            Err(why) => {
                if why == SPEAKS_TLS {
                    self.tls_failed(peer, &why);
                }
                self.close(id);
                self.player.handle(now, Heard::Closed(id, why));
            }
        }
    }

    /// An answer may begin before its request went out, so the player has to know when it began.
    fn begun(&mut self, now: Duration, id: ConnectionId) {
        let connection = self.connections.get(&id);
        if connection
            .is_some_and(|it| it.reading.kind() == Kind::Response && it.reading.has_begun())
        {
            self.player.handle(now, Heard::Begun(id));
        }
    }

    fn came(&mut self, now: Duration, id: ConnectionId, came: Came) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let message = match came {
            Came::Message(message) => message,
            Came::AsksToGoOn => {
                if let Ok(permit) = self.drive.guard.permit(GO_ON) {
                    connection.wire.write(&permit);
                    let event = WireEventKind::Bytes(GO_ON.to_vec());
                    let event = connection.wire.event(now, id, true, event);
                    self.went(id, event);
                }
                return;
            }
        };
        if let Some(secured) = &connection.secured {
            self.handshakes.used(secured);
        }
        let peer = connection.wire.peer;
        let host = message.header("Host").map(std::borrow::Cow::into_owned);
        if message.kind() == Kind::Response {
            self.peer = Some(peer);
            self.look_for_stun(message.body());
        }
        self.note(Entry::In {
            peer,
            what: "http",
            bytes: &message.raw,
        });
        self.player.handle(now, Heard::Message(id, message));
        if self.player.has_let_in() {
            self.let_in(id);
        }
        if let Some(informs) = self.player.informed() {
            self.peer = Some(peer);
            self.served = Some((peer.ip(), informs.device.clone()));
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.device = Some(informs.device.clone());
            }
            self.reachable = Some(Reachable::of(informs, peer.ip()));
            if let Some(host) = host {
                // The name that the device itself knows us by.
                self.drive.guard.own(&String::from_utf8_lossy(&host));
            }
        }
    }

    pub(super) fn ended(&mut self, now: Duration, id: ConnectionId, error: Option<io::Error>) {
        let end = WireEventKind::End {
            reset: error.is_some(),
        };
        if let Some(wire) = self.closing.remove(&id) {
            let end = wire.event(now, id, false, end);
            self.went(id, end);
            self.forget(id);
            return;
        }
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let last = connection.reading.end(error.is_some());
        let end = connection.wire.event(now, id, false, end);
        self.went(id, end);
        let said = match last {
            Ok(Some(came)) => {
                self.came(now, id, came);
                String::new()
            }
            Ok(None) => String::new(),
            Err(why) => why,
        };
        let how = match (error, said.is_empty()) {
            (None, true) => String::new(),
            (None, false) => said,
            (Some(error), true) => format!("the connection broke: {error}"),
            (Some(error), false) => format!("the connection broke ({error}): {said}"),
        };
        self.close(id);
        self.player.handle(now, Heard::Closed(id, how));
    }
}

/// What came beside the sessions.
fn what(bytes: &[u8]) -> &'static str {
    match stun::recognise(bytes, bytes.len()) {
        Some(stun::Datagram::Stun(_)) => "stun",
        _ => "connection_request",
    }
}

const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// Of all that comes beside the sessions in one run, and is recorded: files, Connection Requests, datagrams.
const BYTES_BESIDE_MAX: u64 = 256 * 1024 * 1024;
