//! Opens records with the keys that hold, or with those that may hold next, and says why one does not open.

use super::records::Record;
use super::side::{Generation, Phase};
use super::{Connection, Context};
use crate::keys::{next_secret, traffic_cipher};
use crate::{AnomalyKind, Direction, Event, Help, Reason, Suite, Version};

impl Connection {
    /// Opens a record with the keys that hold, or with those that may hold next.
    pub(super) fn open(
        &mut self,
        direction: Direction,
        record: Record<'_>,
        room: &mut Vec<u8>,
    ) -> Option<u8> {
        let skips_early = self.skips_early_data(direction);
        let side = self.side_mut(direction);
        let front = side.generations.front();
        side.was_unready = front.is_some_and(|generation| !generation.cipher.is_ready());
        let found = self.find(direction, record, room);
        let side = self.side_mut(direction);
        match found {
            Some((place, sequence, kind)) => {
                side.generations.drain(..place);
                let generation = side.generations.front_mut()?;
                generation.sequence = sequence.saturating_add(1);
                generation.fits = true;
                generation.cipher.pass(record.sealed.body);
                side.miscounted = false;
                Some(kind)
            }
            None => {
                if let Some(generation) = side.generations.front_mut().filter(|_| !skips_early) {
                    generation.cipher.pass(record.sealed.body);
                }
                None
            }
        }
    }

    /// Would a record open? Nothing changes by asking.
    pub(super) fn opens(&mut self, direction: Direction, record: Record<'_>) -> bool {
        let mut room = Vec::new();
        let side = self.side(direction);
        let asks = side.is_sealed
            && side
                .generations
                .iter()
                .all(|generation| generation.cipher.can_try());
        asks && self.find(direction, record, &mut room).is_some()
    }

    /// Which generation opens a record, and under which number; its content type.
    fn find(
        &mut self,
        direction: Direction,
        record: Record<'_>,
        room: &mut Vec<u8>,
    ) -> Option<(usize, u64, u8)> {
        let tries = self.limits.resync_records_max;
        let vain_max = self.limits.vain_bytes_max;
        let client_random = self.agreement.client_random();
        self.expect_update(direction);
        let side = self.side_mut(direction);
        for (place, generation) in side.generations.iter_mut().enumerate() {
            let more = side.miscounted && generation.cipher.can_try();
            for ahead in 0..=if more { tries } else { 0 } {
                let sequence = generation.sequence.saturating_add(ahead);
                if !generation.cipher.is_ready() || side.vain_bytes > vain_max {
                    break;
                }
                if let Some(kind) = generation.cipher.open(sequence, record.sealed, room) {
                    return Some((place, sequence, kind));
                }
                side.vain_bytes = side
                    .vain_bytes
                    .saturating_add(record.sealed.body.len() as u64 + 64);
            }
        }
        if side.vain_bytes > vain_max {
            side.generations.clear();
            side.reason = match client_random {
                Some(client_random) if !side.is_readable => {
                    Some(Reason::WrongSecret { client_random })
                }
                _ => Some(Reason::Bound),
            };
        }
        None
    }

    /// Behind a gap the keys may have been updated.
    fn expect_update(&mut self, direction: Direction) {
        let agreed = self.agreement.version_and_suite();
        let is_tls13 = self.agreement.is_tls13();
        let side = self.side_mut(direction);
        if !is_tls13 || !side.miscounted || side.generations.len() != 1 {
            return;
        }
        let next = side
            .generations
            .front()
            .zip(agreed)
            .and_then(|(now, (version, suite))| now.next(version, suite));
        side.generations.extend(next);
    }

    /// A record that does not open: why, and what follows from it.
    pub(super) fn on_unopened(
        &mut self,
        direction: Direction,
        record: Record<'_>,
        context: &mut Context<'_, '_>,
    ) {
        let reason = self.why_unopened(direction);
        let skips_early = reason == Reason::EarlyData;
        let is_tls13 = self.agreement.is_tls13();
        let side = self.side_mut(direction);
        let mut is_news = false;
        if let Some(generation) = side.generations.front_mut().filter(|_| !skips_early) {
            // One secret that does not fit is told once.
            is_news = !side.miscounted && (generation.fits || generation.sequence == 0);
            if is_tls13 && !generation.fits {
                // It may begin with a later record.
                side.miscounted = true;
            } else {
                generation.sequence = generation.sequence.saturating_add(1);
            }
        }
        if is_news && matches!(reason, Reason::Unauthentic | Reason::WrongSecret { .. }) {
            context.anomaly(AnomalyKind::RecordUnauthentic, direction, record.offset);
        }
        match record.sealed.kind {
            APPLICATION_DATA => context.lost(direction, record.range(), reason),
            ALERT => (context.out)(Event::Alert {
                direction,
                offset: record.offset,
                alert: None,
            }),
            _ => {}
        }
    }

    fn why_unopened(&self, direction: Direction) -> Reason {
        let side = self.side(direction);
        let Some(generation) = side.generations.front() else {
            return side.reason.unwrap_or(Reason::HandshakeUnseen);
        };
        if self.skips_early_data(direction) {
            return Reason::EarlyData;
        }
        if side.was_unready {
            return if generation.cipher.can_try() {
                Reason::Chained
            } else {
                Reason::AfterGap
            };
        }
        let is_later = generation.phase == Phase::Application && !generation.fits;
        match self.agreement.client_random() {
            Some(client_random) if self.agreement.is_tls13() && is_later && side.left.is_none() => {
                let help = Help::KeyLogAlone { key_exchange: None };
                Reason::NoSecret {
                    client_random,
                    help,
                }
            }
            Some(client_random) if self.agreement.is_tls13() && !generation.fits => {
                Reason::WrongSecret { client_random }
            }
            _ if side.miscounted => Reason::AfterGap,
            Some(client_random) if !generation.fits => Reason::WrongSecret { client_random },
            _ => Reason::Unauthentic,
        }
    }

    /// May what does not open be data before the server's answer, whose secret is not known?
    fn skips_early_data(&self, direction: Direction) -> bool {
        let offered = self
            .agreement
            .client_hello
            .as_ref()
            .is_some_and(|hello| hello.early_data);
        let side = self.side(direction);
        let fresh =
            side.left.is_none() && side.generations.iter().all(|generation| !generation.fits);
        offered && fresh && self.agreement.is_tls13() && self.is_client(direction)
    }

    /// TLS 1.3: the records of this phase are over.
    pub(super) fn leave_phase(&mut self, direction: Direction, phase: Phase) {
        let is_tls13 = self.agreement.is_tls13();
        let side = self.side_mut(direction);
        if !is_tls13 || !side.is_sealed || side.left >= Some(phase) {
            return;
        }
        side.left = Some(phase);
        side.generations
            .retain(|generation| generation.phase > phase);
        side.reason = None;
    }

    /// TLS 1.3: the next record is under the next keys (RFC 8446 section 7.2).
    pub(super) fn update_keys(&mut self, direction: Direction) {
        let agreed = self.agreement.version_and_suite();
        let side = self.side_mut(direction);
        let Some(now) = side.generations.pop_front() else {
            return;
        };
        if side.generations.is_empty() {
            side.generations
                .extend(agreed.and_then(|(version, suite)| now.next(version, suite)));
        }
    }
}

impl Generation {
    fn next(&self, version: Version, suite: Suite) -> Option<Self> {
        let secret = next_secret(suite, &self.secret)?;
        let cipher = traffic_cipher(version, suite, &secret)?;
        Some(Self::new(Phase::Application, cipher, secret, self.source))
    }
}

const ALERT: u8 = 21;
const APPLICATION_DATA: u8 = 23;
