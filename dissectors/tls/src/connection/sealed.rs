//! Records by what they hold: plain ones, those that are opened, and why others are not.

use super::agreement::Missing;
use super::records::{Flow, Record};
use super::side::{Blocked, Generation, Phase};
use super::{Connection, Context};
use crate::keys::traffic_cipher;
use crate::{Alert, AnomalyKind, Direction, Event, Fact, Help, Label, Reason, Source};

impl Connection {
    pub(super) fn on_record(
        &mut self,
        direction: Direction,
        record: Record<'_>,
        context: &mut Context<'_, '_>,
    ) -> Flow {
        if self.side(direction).is_sealed {
            return self.on_sealed(direction, record, context);
        }
        match record.sealed.kind {
            HANDSHAKE => return self.on_plain_handshake(direction, record, context),
            ALERT => self.on_alert(direction, record.offset, record.sealed.body, context),
            CHANGE_CIPHER_SPEC => return self.on_change_cipher_spec(direction, record, context),
            APPLICATION_DATA => return self.on_early_data(direction, record, context),
            _ => {}
        }
        Flow::Done
    }

    /// A handshake record before encryption; behind a gap in which it may have begun, an enciphered one is tried for.
    fn on_plain_handshake(
        &mut self,
        direction: Direction,
        record: Record<'_>,
        context: &mut Context<'_, '_>,
    ) -> Flow {
        if self.side(direction).miscounted && self.agreement.agreed().is_ok() {
            if self.switch(direction, context) == Flow::Blocked {
                return Flow::Blocked;
            }
            self.side_mut(direction).miscounted = true;
            if self.opens(direction, record) {
                return self.on_sealed(direction, record, context);
            }
            let side = self.side_mut(direction);
            side.is_sealed = false;
            side.generations.clear();
        }
        self.on_handshake(direction, record.offset, record.sealed.body, context);
        Flow::Done
    }

    fn on_change_cipher_spec(
        &mut self,
        direction: Direction,
        record: Record<'_>,
        context: &mut Context<'_, '_>,
    ) -> Flow {
        if self.client.is_none() {
            context.anomaly(AnomalyKind::ChangeCipherSpecEarly, direction, record.offset);
            self.side_mut(direction)
                .seal_without_keys(Reason::HandshakeUnseen);
            return Flow::Done;
        }
        // In TLS 1.3 it means nothing (RFC 8446 appendix D.4).
        if self.agreement.is_tls13()
            || (self.agreement.is_retried && self.agreement.version().is_none())
        {
            return Flow::Done;
        }
        self.switch(direction, context)
    }

    /// Application data where encryption has not begun: it begins here, or nothing was agreed.
    fn on_early_data(
        &mut self,
        direction: Direction,
        record: Record<'_>,
        context: &mut Context<'_, '_>,
    ) -> Flow {
        let is_client = self.is_client(direction);
        if self.client.is_none() {
            self.side_mut(direction)
                .seal_without_keys(Reason::HandshakeUnseen);
            return self.on_sealed(direction, record, context);
        }
        if self.agreement.version().is_none() {
            if is_client && self.agreement.is_retried {
                context.lost(direction, record.range(), Reason::EarlyData);
                return Flow::Done;
            }
            let message = "ServerHello";
            let reason = Reason::HandshakeIncomplete { message };
            let missing = Missing::Other(reason);
            let waits = if is_client {
                missing
            } else {
                Missing::Never(reason)
            };
            if self.blocks(direction, waits) {
                return Flow::Blocked;
            }
            return self.on_sealed(direction, record, context);
        }
        if self.agreement.is_tls13() {
            if self.fill(direction, context) == Flow::Blocked {
                return Flow::Blocked;
            }
        } else if self.side(direction).miscounted {
            if self.switch(direction, context) == Flow::Blocked {
                return Flow::Blocked;
            }
            self.side_mut(direction).miscounted = true;
        } else {
            context.anomaly(AnomalyKind::PlainApplicationData, direction, record.offset);
            context.lost(direction, record.range(), Reason::Unauthentic);
            return Flow::Done;
        }
        self.on_sealed(direction, record, context)
    }

    /// New keys hold from here on, up to TLS 1.2.
    fn switch(&mut self, direction: Direction, context: &mut Context<'_, '_>) -> Flow {
        let is_client = self.is_client(direction);
        let found = self.agreement.master(is_client, context.keys);
        let generation = found.and_then(|(agreed, master, source)| {
            let unsupported = Missing::Never(Reason::SuiteUnsupported(agreed.suite));
            let [client, server] = agreed.ciphers(master).ok_or(unsupported)?;
            let cipher = if is_client { client } else { server };
            Ok(Generation::new(
                Phase::Application,
                cipher,
                Vec::new(),
                source,
            ))
        });
        match generation {
            Err(missing) if self.blocks(direction, missing) => return Flow::Blocked,
            Err(_) => {}
            Ok(generation) => self.side_mut(direction).seal_with(generation),
        }
        if !is_client {
            let resumed = !std::mem::replace(&mut self.agreement.server_switched, true)
                && !self.agreement.is_full;
            if resumed {
                let offset = self.side(direction).front;
                context.fact(direction, offset, Fact::Resumed);
            }
        }
        self.side_mut(direction).miscounted = false;
        Flow::Done
    }

    /// Does the direction wait for what is missing? If not, it is sealed for good.
    fn blocks(&mut self, direction: Direction, missing: Missing) -> bool {
        let late = self.limits.late_secret_bytes_max > 0;
        let side = self.side_mut(direction);
        let (blocked, reason) = match missing {
            Missing::Other(reason) => (Some(Blocked::Other), reason),
            Missing::Secret(reason) => (late.then_some(Blocked::Secret), reason),
            Missing::Never(reason) => (None, reason),
        };
        if side.impatient || blocked.is_none() {
            side.seal_without_keys(reason);
            return false;
        }
        side.blocked = blocked;
        true
    }

    /// Looks up the secrets of TLS 1.3 that this direction has still to use.
    fn fill(&mut self, direction: Direction, context: &mut Context<'_, '_>) -> Flow {
        let (Some(client), Some(server)) =
            (&self.agreement.client_hello, &self.agreement.server_hello)
        else {
            let message = "ClientHello";
            let missing = Missing::Other(Reason::HandshakeIncomplete { message });
            return if self.blocks(direction, missing) {
                Flow::Blocked
            } else {
                Flow::Done
            };
        };
        let (client_random, suite) = (client.random, server.suite);
        let version = server.version;
        let awaits_answer = self.is_client(direction)
            && client.early_data
            && self.agreement.takes_early_data.is_none()
            && self.side(direction.other()).reason.is_none();
        if awaits_answer && !self.side(direction).impatient {
            // Early data that the server refuses was not said.
            self.side_mut(direction).blocked = Some(Blocked::Other);
            return Flow::Blocked;
        }
        let early = client.early_data && self.agreement.takes_early_data != Some(false);
        let labels: &[(Phase, Label)] = match self.is_client(direction) {
            true if early => &CLIENT_SECRETS,
            true => CLIENT_SECRETS.get(1..).unwrap_or_default(),
            false => &SERVER_SECRETS,
        };
        let side = self.side_mut(direction);
        let ahead = labels
            .iter()
            .filter(|(phase, _)| side.left.is_none_or(|left| *phase > left));
        let mut missing = Missing::Secret(Reason::NoSecret {
            client_random,
            help: Help::KeyLogAlone { key_exchange: None },
        });
        let mut generations = Vec::new();
        for (phase, label) in ahead {
            let Some(secret) = context.keys.log.secret(*label, &client_random) else {
                continue;
            };
            missing = Missing::Never(Reason::WrongSecret { client_random });
            if let Some(cipher) = traffic_cipher(version, suite, secret.bytes()) {
                let secret = secret.bytes().to_vec();
                generations.push(Generation::new(*phase, cipher, secret, Source::KeyLog));
            }
        }
        if suite
            .protection()
            .is_none_or(|protection| !protection.bulk.is_aead())
        {
            missing = Missing::Never(Reason::SuiteUnsupported(suite));
        }
        if generations.is_empty() {
            return if self.blocks(direction, missing) {
                Flow::Blocked
            } else {
                Flow::Done
            };
        }
        side.is_sealed = true;
        side.reason = None;
        side.generations = generations.into();
        Flow::Done
    }

    fn on_sealed(
        &mut self,
        direction: Direction,
        record: Record<'_>,
        context: &mut Context<'_, '_>,
    ) -> Flow {
        let sealed = record.sealed;
        if self.agreement.is_tls13() {
            match sealed.kind {
                APPLICATION_DATA => {}
                ALERT | HANDSHAKE if self.side(direction).is_readable => {
                    // Who has the keys uses them: this was slipped in.
                    context.anomaly(AnomalyKind::RecordUnauthentic, direction, record.offset);
                    return Flow::Done;
                }
                ALERT if sealed.body.len() == 2 => {
                    self.on_alert(direction, record.offset, sealed.body, context);
                    return Flow::Done;
                }
                _ => return Flow::Done,
            }
            let side = self.side(direction);
            if side.generations.is_empty()
                && side.reason.is_none()
                && self.fill(direction, context) == Flow::Blocked
            {
                return Flow::Blocked;
            }
        }
        let mut room = std::mem::take(&mut self.side_mut(direction).room);
        let opened = self.open(direction, record, &mut room);
        let mut flow = Flow::Done;
        match opened {
            Some(kind) => flow = self.on_content(direction, record, kind, &room, context),
            None => self.on_unopened(direction, record, context),
        }
        room.clear();
        self.side_mut(direction).room = room;
        flow
    }

    /// The content of a record that was opened.
    fn on_content(
        &mut self,
        direction: Direction,
        record: Record<'_>,
        kind: u8,
        content: &[u8],
        context: &mut Context<'_, '_>,
    ) -> Flow {
        let side = self.side_mut(direction);
        if let Some(generation) = side.generations.front()
            && !std::mem::replace(&mut side.is_readable, true)
        {
            let fact = Fact::Readable(generation.source);
            context.fact(direction, record.offset, fact);
        }
        match kind {
            APPLICATION_DATA if !content.is_empty() => (context.out)(Event::Plain {
                direction,
                bytes: content,
                from: record.range(),
            }),
            HANDSHAKE => self.on_handshake(direction, record.offset, content, context),
            ALERT => self.on_alert(direction, record.offset, content, context),
            CHANGE_CIPHER_SPEC if !self.agreement.is_tls13() => {
                // The record is open: this cannot wait any more.
                self.side_mut(direction).impatient = true;
                return self.switch(direction, context);
            }
            _ => {}
        }
        Flow::Done
    }

    fn on_alert(
        &mut self,
        direction: Direction,
        offset: u64,
        content: &[u8],
        context: &mut Context<'_, '_>,
    ) {
        let [level, description] = content else {
            context.anomaly(AnomalyKind::AlertOdd, direction, offset);
            return;
        };
        let alert = Alert {
            level: *level,
            description: *description,
        };
        (context.out)(Event::Alert {
            direction,
            offset,
            alert: Some(alert),
        });
        if alert.description == Alert::CLOSE_NOTIFY {
            (context.out)(Event::End { direction, offset });
        }
    }
}

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const CLIENT_SECRETS: [(Phase, Label); 3] = [
    (Phase::Early, Label::ClientEarly),
    (Phase::Handshake, Label::ClientHandshake),
    (Phase::Application, Label::ClientTraffic),
];
const SERVER_SECRETS: [(Phase, Label); 2] = [
    (Phase::Handshake, Label::ServerHandshake),
    (Phase::Application, Label::ServerTraffic),
];
