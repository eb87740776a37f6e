//! The table of TCP connections: finds the one a packet belongs to, opens, closes and forgets them within bounds.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use tcp::Overlap;

use super::attempt::{Asking, Attempts, Heard, Waiting};
use super::flow::{Findings, Flow, Packet};
use super::outbox::Arrival;
use super::slot::{Key, RST, Slot, State, near, wide};
use crate::session::{AttemptEnd, Parting, Sighting, TcpTotals};
use crate::source::{FrameId, Timestamp};

/// A segment with the addresses of its packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addressed<'a> {
    pub source: (IpAddr, u16),
    pub destination: (IpAddr, u16),
    /// As in the header.
    pub sequence: u32,
    pub flags: u8,
    pub packet: Packet<'a>,
    /// The whole segment for the checksum; empty where it cannot be checked.
    pub checked: &'a [u8],
}

/// All connections.
pub(super) struct Flows {
    index: HashMap<Key, u32, foldhash::fast::RandomState>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    hand: usize,
    held_bytes: usize,
    overlap: Overlap,
    pub totals: TcpTotals,
    /// Where the time order of messages matters: connections with an unfinished one, by the time of its first byte.
    unfinished: Option<BTreeSet<(i64, u32)>>,
    /// Connections in which something waits, by when it is to be given up.
    due: BTreeSet<(i64, u32)>,
    attempts: Attempts,
    pub defects: u64,
}

impl Flows {
    /// An empty table; `ordered` says whether [`Flows::watermark_ns`] is needed.
    pub fn new(overlap: Overlap, ordered: bool) -> Self {
        Self {
            index: HashMap::default(),
            slots: Vec::new(),
            free: Vec::new(),
            hand: 0,
            held_bytes: 0,
            overlap,
            totals: TcpTotals::default(),
            unfinished: ordered.then(BTreeSet::new),
            due: BTreeSet::new(),
            attempts: Attempts::default(),
            defects: 0,
        }
    }

    /// One segment; says whether its bytes belong to an HTTP connection.
    pub fn segment(&mut self, addressed: &Addressed<'_>, findings: &mut Findings<'_>) -> bool {
        let (key, side) = Key::new(addressed);
        let at = match self.index.get(&key) {
            Some(&at) => self.renewed(at, side, addressed, findings),
            None => self.insert(key, addressed, findings),
        };
        let Some(slot) = self.slots.get_mut(at as usize) else {
            return false;
        };
        slot.last_ns = addressed.packet.segment.time_ns;
        slot.referenced = true;
        let quiet = matches!(slot.state, State::Quiet);
        let goes_on = slot.accept(side, addressed, self.overlap, &mut self.totals);
        if quiet {
            self.hear(at, side, addressed, findings);
        }
        if !goes_on {
            return false;
        }
        self.pass(at, side, addressed, findings)
    }

    /// Follows an attempt to connect, as long as nothing came of it.
    fn hear(
        &mut self,
        at: u32,
        side: usize,
        addressed: &Addressed<'_>,
        findings: &mut Findings<'_>,
    ) {
        let Some(slot) = self.slots.get_mut(at as usize) else {
            return;
        };
        let end = match slot.state {
            State::Over(_) if slot.asking.is_refused_by(side) => {
                let segment = &addressed.packet.segment;
                AttemptEnd::Reset(Sighting {
                    frame: FrameId::from_token(segment.token),
                    time: Timestamp {
                        nanoseconds: segment.time_ns,
                        digits: addressed.packet.digits,
                    },
                })
            }
            _ => match slot.asking.hear(side, addressed) {
                Heard::Nothing => return,
                Heard::Begins => {
                    let waiting = Waiting {
                        at,
                        number: slot.number,
                        since_ns: slot.last_ns,
                    };
                    return self.attempts.wait(waiting, findings.limits.half_open_max);
                }
                Heard::Answered => AttemptEnd::Answered,
            },
        };
        self.attempts
            .tell(&mut slot.asking, slot.key, end, findings);
        slot.asking.give_up();
    }

    /// How many connections are followed.
    pub fn open(&self) -> u64 {
        self.index.len() as u64
    }

    /// Every message that is still to come out ends at this time or later.
    pub fn watermark_ns(&self) -> i64 {
        let unfinished = self.unfinished.as_ref().and_then(BTreeSet::first);
        unfinished.map_or(i64::MAX, |(since_ns, _)| *since_ns)
    }

    /// Closes everything: the capture is over.
    pub fn finish(&mut self, findings: &mut Findings<'_>) {
        self.attempts.tick();
        for at in 0..self.slots.len() {
            self.tell_silent(at as u32, i64::MAX, findings);
            self.close(at as u32, http1::End::Capture, findings);
        }
    }

    /// Hands the packet to its flow. A defect of ours ends that flow and no other.
    fn pass(
        &mut self,
        at: u32,
        side: usize,
        addressed: &Addressed<'_>,
        findings: &mut Findings<'_>,
    ) -> bool {
        let Some(slot) = self.slots.get_mut(at as usize) else {
            return false;
        };
        let State::Live(flow) = &mut slot.state else {
            return false;
        };
        let work = std::panic::AssertUnwindSafe(|| {
            #[cfg(test)]
            super::defect::strike(addressed.packet.segment.token);
            flow.packet(side, &addressed.packet, findings);
        });
        if std::panic::catch_unwind(work).is_err() {
            self.defects += 1;
            self.abandon(at, findings);
            return false;
        }
        if !slot.reset && addressed.flags & RST != 0 && plausible_reset(flow, side, addressed) {
            slot.reset = true;
            if flow.is_http() {
                let parting = reset_by(slot.number, addressed);
                findings.outbox.push(Arrival::Leaving(Box::new(parting)));
            }
        }
        if addressed.packet.segment.fin
            && let Some(data) = flow.one_way(false)
        {
            findings.outbox.push(Arrival::Data(Box::new(data)));
        }
        self.settle(at, findings)
    }

    /// Gives up what waits for too long in connections of which nothing comes.
    pub fn expire(&mut self, now_ns: i64, findings: &mut Findings<'_>) {
        self.attempts.tick();
        self.expire_attempts(now_ns, findings);
        while let Some(&(due_ns, at)) = self.due.first()
            && due_ns < now_ns
        {
            self.due.pop_first();
            let Some(slot) = self.slots.get_mut(at as usize) else {
                continue;
            };
            slot.due_ns = None;
            let State::Live(flow) = &mut slot.state else {
                continue;
            };
            let work = std::panic::AssertUnwindSafe(|| flow.expire(now_ns, findings));
            if std::panic::catch_unwind(work).is_err() {
                self.defects += 1;
                self.abandon(at, findings);
            } else {
                self.settle(at, findings);
            }
        }
    }

    /// Tells of the attempts that have been silent for so long that no answer comes any more.
    fn expire_attempts(&mut self, now_ns: i64, findings: &mut Findings<'_>) {
        let before_ns = now_ns.saturating_sub(findings.limits.attempt_silence_ns_max);
        while let Some(waiting) = self.attempts.next(before_ns) {
            let slot = self.slots.get_mut(waiting.at as usize);
            let Some(slot) = slot.filter(|slot| slot.number == waiting.number) else {
                continue;
            };
            let since_ns = slot.asking.silent_since_ns();
            if let Some(since_ns) = since_ns.filter(|since_ns| *since_ns >= before_ns) {
                let later = Waiting {
                    since_ns,
                    ..waiting
                };
                self.attempts.wait(later, findings.limits.half_open_max);
            } else {
                self.tell_silent(waiting.at, before_ns, findings);
            }
        }
    }

    /// Tells of an attempt that nothing has answered since before this time, where the slot holds one.
    fn tell_silent(&mut self, at: u32, before_ns: i64, findings: &mut Findings<'_>) {
        if let Some(slot) = self.slots.get_mut(at as usize)
            && matches!(slot.state, State::Quiet)
            && let Some(since_ns) = slot.asking.silent_since_ns()
            && since_ns < before_ns
        {
            self.attempts
                .tell(&mut slot.asking, slot.key, AttemptEnd::Silence, findings);
        }
    }

    /// Takes note of what has become of a connection; says whether it is HTTP.
    fn settle(&mut self, at: u32, findings: &mut Findings<'_>) -> bool {
        let Some(slot) = self.slots.get_mut(at as usize) else {
            return false;
        };
        let State::Live(flow) = &mut slot.state else {
            return false;
        };
        let http = flow.is_http();
        let held = flow.held_bytes();
        self.held_bytes = (self.held_bytes + held).saturating_sub(slot.held_bytes);
        slot.held_bytes = held;
        let (finished, lacking) = (flow.is_finished(), flow.is_lacking());
        let reset = slot.reset && !lacking;
        if let Some(unfinished) = &mut self.unfinished {
            slot.note_unfinished(at, unfinished);
        }
        slot.note_due(at, findings.limits, &mut self.due);
        if reset {
            self.close(at, http1::End::Reset, findings);
        } else if finished {
            self.close(at, http1::End::Fin, findings);
        } else if self.held_bytes > findings.limits.held_bytes_max {
            self.relieve(at, findings);
        }
        http
    }

    /// The slot of a known pair of endpoints, closed and opened again where the ports are reused.
    fn renewed(
        &mut self,
        at: u32,
        side: usize,
        addressed: &Addressed<'_>,
        findings: &mut Findings<'_>,
    ) -> u32 {
        let Some(slot) = self.slots.get_mut(at as usize) else {
            return at;
        };
        let Some(syn) = slot.reuse(side, addressed, findings.limits) else {
            return at;
        };
        let key = slot.key;
        // Some hosts repeat a SYN that was refused.
        let repeats = addressed.packet.syn && slot.syn[side] == Some(addressed.sequence);
        let asking = slot.asking.again();
        self.close(at, http1::End::Capture, findings);
        self.release(at);
        let at = self.insert(key, addressed, findings);
        if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.syn = syn;
            if repeats {
                slot.asking = asking;
            }
        }
        at
    }

    fn insert(&mut self, key: Key, addressed: &Addressed<'_>, findings: &mut Findings<'_>) -> u32 {
        let time_ns = addressed.packet.segment.time_ns;
        self.sweep(2, time_ns, findings);
        if self.index.len() >= findings.limits.flows_max {
            findings.outbox.reached("flows_max");
            self.evict(findings);
        }
        self.totals.connections += 1;
        let slot = Slot {
            key,
            number: findings.outbox.order(),
            last_ns: time_ns,
            held_bytes: 0,
            unfinished_ns: None,
            due_ns: None,
            syn: [None, None],
            rival: None,
            start: [None, None],
            asking: Asking::default(),
            reset: false,
            referenced: true,
            state: State::Quiet,
        };
        let at = if let Some(at) = self.free.pop() {
            if let Some(free) = self.slots.get_mut(at as usize) {
                *free = slot;
            }
            at
        } else {
            self.slots.push(slot);
            (self.slots.len() - 1) as u32
        };
        self.index.insert(key, at);
        at
    }

    /// Moves the hand on by `steps` slots and forgets those whose time is over: as slots are looked at as fast as
    /// they are taken, what is idle never piles up.
    fn sweep(&mut self, steps: usize, now_ns: i64, findings: &mut Findings<'_>) {
        for _ in 0..steps.min(self.slots.len()) {
            let at = self.step_hand();
            let Some(slot) = self.slots.get_mut(at as usize) else {
                return;
            };
            slot.referenced = false;
            let idle = now_ns.saturating_sub(slot.last_ns);
            let over = match slot.state {
                State::Free => false,
                State::Over(_) | State::Quiet => idle > findings.limits.flow_closed_ns_max,
                State::Live(_) if slot.reset => idle > findings.limits.flow_closed_ns_max,
                State::Live(_) => idle > findings.limits.flow_idle_ns_max,
            };
            if over {
                self.tell_silent(at, i64::MAX, findings);
                self.close(at, http1::End::Capture, findings);
                self.release(at);
            }
        }
    }

    /// Forgets one slot: the first that was not used since the hand last passed. Connections without a byte go before
    /// those that carry something, so that a flood of SYNs ends no session; the search for one is bounded.
    fn evict(&mut self, findings: &mut Findings<'_>) {
        let mut victim = None;
        for step in 0..self.slots.len() * 2 {
            let at = self.step_hand();
            let Some(slot) = self.slots.get_mut(at as usize) else {
                return;
            };
            match slot.state {
                State::Quiet | State::Over(_) => {
                    if !std::mem::take(&mut slot.referenced) {
                        victim = Some(at);
                        break;
                    }
                }
                State::Live(_) if victim.is_none() && !std::mem::take(&mut slot.referenced) => {
                    victim = Some(at);
                }
                State::Live(_) | State::Free => {}
            }
            if step >= EVICTION_STEPS && victim.is_some() {
                break;
            }
        }
        if let Some(at) = victim {
            // What has not waited for long may still be answered, unseen.
            let now_ns = findings.outbox.time_ns();
            let before_ns = now_ns.saturating_sub(findings.limits.attempt_silence_ns_max);
            self.tell_silent(at, before_ns, findings);
            self.close(at, http1::End::Capture, findings);
            self.release(at);
        }
    }

    /// Gives up held bytes until they are within bounds, those of quiet connections first, of `current` last.
    fn relieve(&mut self, current: u32, findings: &mut Findings<'_>) {
        findings.outbox.reached("held_bytes_max");
        for _ in 0..self.slots.len() * 2 {
            if self.held_bytes <= findings.limits.held_bytes_max / 4 * 3 {
                return;
            }
            let at = self.step_hand();
            let Some(slot) = self.slots.get_mut(at as usize) else {
                return;
            };
            if at == current || slot.held_bytes == 0 || std::mem::take(&mut slot.referenced) {
                continue;
            }
            self.close(at, http1::End::Capture, findings);
        }
        if self.held_bytes > findings.limits.held_bytes_max {
            self.close(current, http1::End::Capture, findings);
        }
    }

    fn step_hand(&mut self) -> u32 {
        self.hand = if self.hand + 1 < self.slots.len() {
            self.hand + 1
        } else {
            0
        };
        self.hand as u32
    }

    /// Gives out what a connection still holds and remembers only that it is over.
    fn close(&mut self, at: u32, how: http1::End, findings: &mut Findings<'_>) {
        let Some(slot) = self.slots.get_mut(at as usize) else {
            return;
        };
        let State::Live(flow) = &mut slot.state else {
            return;
        };
        let how = if slot.reset { http1::End::Reset } else { how };
        let work = std::panic::AssertUnwindSafe(|| flow.close(how, findings));
        if std::panic::catch_unwind(work).is_err() {
            self.defects += 1;
        }
        let next = [flow.next_sequence(0), flow.next_sequence(1)];
        for counters in flow.counters() {
            self.totals.payload_bytes += counters.payload_bytes;
            self.totals.retransmissions += counters.retransmissions;
            self.totals.out_of_order += counters.out_of_order;
            self.totals.overlap_conflicts += counters.overlap_conflicts;
            self.totals.gaps += counters.gaps;
            self.totals.gap_bytes += counters.gap_bytes;
            if counters.waiting_limit > 0 {
                findings.outbox.reached("tcp.waiting_max");
            }
        }
        if let Some(data) = flow.one_way(true) {
            findings.outbox.push(Arrival::Data(Box::new(data)));
        }
        if flow.is_http() {
            findings.outbox.push(Arrival::Closed {
                connection: slot.number,
                by_peer: matches!(how, http1::End::Fin | http1::End::Reset),
                both: next.iter().all(Option::is_some),
            });
        }
        self.held_bytes = self.held_bytes.saturating_sub(slot.held_bytes);
        slot.held_bytes = 0;
        slot.state = State::Over(next);
        if let Some(unfinished) = &mut self.unfinished {
            slot.note_unfinished(at, unfinished);
        }
        slot.note_due(at, findings.limits, &mut self.due);
    }

    /// Gives a connection up without touching what it holds.
    fn abandon(&mut self, at: u32, findings: &mut Findings<'_>) {
        if let Some(slot) = self.slots.get_mut(at as usize) {
            self.held_bytes = self.held_bytes.saturating_sub(slot.held_bytes);
            slot.held_bytes = 0;
            slot.state = State::Over([None, None]);
            if let Some(unfinished) = &mut self.unfinished {
                slot.note_unfinished(at, unfinished);
            }
            slot.note_due(at, findings.limits, &mut self.due);
            findings.outbox.push(Arrival::Closed {
                connection: slot.number,
                by_peer: false,
                both: false,
            });
        }
    }

    fn release(&mut self, at: u32) {
        if let Some(slot) = self.slots.get_mut(at as usize)
            && !matches!(slot.state, State::Free)
        {
            self.index.remove(&slot.key);
            slot.state = State::Free;
            self.free.push(at);
        }
    }
}

/// Who reset a connection.
fn reset_by(connection: u64, addressed: &Addressed<'_>) -> Parting {
    let segment = &addressed.packet.segment;
    Parting {
        connection,
        by: addressed.source.into(),
        reset: true,
        seen: Sighting {
            frame: FrameId::from_token(segment.token),
            time: Timestamp {
                nanoseconds: segment.time_ns,
                digits: addressed.packet.digits,
            },
        },
    }
}

/// A reset counts where it has the very number that comes next (RFC 5961 section 3.2), FIN counted or not; or a later one
/// where bytes before it are missing. Others are forged or stray.
fn plausible_reset(flow: &Flow, side: usize, addressed: &Addressed<'_>) -> bool {
    flow.next_sequence(side).is_none_or(|next| {
        let ahead = addressed.sequence.wrapping_sub(next);
        ahead <= 1 || flow.is_lacking() && near(next, addressed.sequence)
    })
}

/// Which of `shards` the traffic between two addresses belongs to, whichever of them speaks.
pub(super) fn shard(one: IpAddr, other: IpAddr, shards: usize) -> usize {
    let mixed = wide(one) ^ wide(other);
    let folded = (mixed as u64) ^ ((mixed >> 64) as u64);
    // Fibonacci hashing: neighbouring addresses spread over the upper bits.
    let spread = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    spread as usize % shards.max(1)
}

/// Slots looked at for a connection without a byte before one with bytes is given up.
const EVICTION_STEPS: usize = 64;
