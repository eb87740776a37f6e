//! What was heard: bytes that become messages, connections that end, what tasks of their own tell.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use http1::Kind;

use super::Run;
use crate::replay::action::{ConnectionId, Heard, WireEvent, WireEventKind};
use crate::replay::audit::Entry;
use crate::replay::drive::Doorbell;
use crate::replay::drive::reading::{Came, SPEAKS_TLS};
use crate::replay::drive::told::{Aside, Told};
use crate::replay::guard;
use crate::session::device_id;

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
            Told::Woken(Ok(status)) => self.player.handle(now, Heard::Woken(status)),
            Told::Woken(Err(why)) => {
                self.note(Entry::Refused {
                    wanted: "connection_request",
                    why: &why,
                });
                self.player.handle(now, Heard::Woken(None));
            }
            Told::WokenBy(peer) => self.player.handle(now, Heard::WokenBy(peer)),
            Told::Aside(aside) => self.noted(now, aside),
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
    fn noted(&mut self, now: Duration, aside: Aside) {
        if let WireEventKind::Bytes(bytes) | WireEventKind::Datagram(bytes) = &aside.kind {
            if aside.ours {
                let classified = guard::classify(bytes);
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
                    what: "connection_request",
                    bytes,
                });
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
        self.bytes_in = self.bytes_in.saturating_add(bytes.len() as u64);
        if self.bytes_in > BYTES_IN_MAX {
            self.stop("the peer sent more than 256 MiB");
            return;
        }
        let Some(connection) = self.connections.get_mut(&id) else {
            if let Some(wire) = self.closing.get(&id) {
                (self.drive.on_event)(wire.event(now, id, false, WireEventKind::Bytes(bytes)));
            }
            return;
        };
        let came = connection.reading.take(&bytes);
        let event = connection
            .wire
            .event(now, id, false, WireEventKind::Bytes(bytes));
        (self.drive.on_event)(event);
        match came {
            Ok(came) => {
                for came in came {
                    self.came(now, id, came);
                }
            }
            Err(why) => {
                if why == SPEAKS_TLS {
                    let peer = connection.wire.peer;
                    self.tls_failed(peer, &why);
                }
                self.close(id);
                self.player.handle(now, Heard::Closed(id, why));
            }
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
                    (self.drive.on_event)(connection.wire.event(now, id, true, event));
                }
                return;
            }
        };
        if let Some(secured) = &connection.secured {
            self.handshakes.used(secured);
        }
        let informed = informs(&message);
        if informed.is_some() {
            connection.device.clone_from(&informed);
        }
        let peer = connection.wire.peer;
        let host = message.header("Host").map(std::borrow::Cow::into_owned);
        if message.kind() == Kind::Response {
            self.peer = Some(peer);
        }
        self.note(Entry::In {
            peer,
            what: "http",
            bytes: &message.raw,
        });
        self.player.handle(now, Heard::Message(id, message));
        if let Some(device) = informed
            && self.player.served() == Some(&*device)
        {
            self.peer = Some(peer);
            self.served = Some((peer.ip(), device));
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
            (self.drive.on_event)(wire.event(now, id, false, end));
            return;
        }
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let last = connection.reading.end(error.is_some());
        (self.drive.on_event)(connection.wire.event(now, id, false, end));
        let said = match last {
            Ok(Some(came)) => {
                self.came(now, id, came);
                String::new()
            }
            Ok(None) => String::new(),
            Err(why) => why,
        };
        let how = match (error, said.is_empty()) {
            (None, true) => "the connection was closed".to_owned(),
            (None, false) => said,
            (Some(error), true) => format!("the connection broke: {error}"),
            (Some(error), false) => format!("the connection broke ({error}): {said}"),
        };
        self.close(id);
        self.player.handle(now, Heard::Closed(id, how));
    }

    pub(super) fn datagram(
        &mut self,
        now: Duration,
        doorbell: &mut Doorbell,
        datagram: Vec<u8>,
        peer: SocketAddr,
    ) {
        let verified = doorbell.hears(&datagram);
        let aside = Aside {
            connection: self.aside(),
            source: peer,
            destination: doorbell.udp_address().unwrap_or(peer),
            kind: WireEventKind::Datagram(datagram),
            ours: false,
        };
        self.noted(now, aside);
        if verified {
            self.player.handle(now, Heard::WokenBy(peer));
        }
    }
}

/// Who informs in a message.
fn informs(message: &http1::Message) -> Option<String> {
    memchr::memmem::find(message.body(), b"Inform")?;
    let body = message.body().to_vec();
    let document = cwmp::parse(body, &cwmp::Hints::default(), &cwmp::Limits::default());
    let device = document.inform()?.device_id();
    let [oui, class, serial] =
        [device.oui, device.product_class, device.serial_number].map(|part| part.trim().to_owned());
    Some(device_id(&oui, &class, &serial))
}

const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// Of all that a peer says in one run.
const BYTES_IN_MAX: u64 = 256 * 1024 * 1024;
