//! What becomes of a direction under TLS: its bytes go to the records that both directions share, and what comes out of
//! them is read as if it had been sent plain.

use std::net::SocketAddr;

use super::{Feed, Frame, Reader, State, behind_handshake};
use crate::pipeline::outbox::{Arrival, Bodies};
use crate::pipeline::sealed::{Place, Sealed, Wants, What};

impl Reader {
    /// Its bytes are records from here on: what was kept of them is no longer told from others.
    fn begin_sealed(&mut self) -> (Vec<u8>, Vec<Frame>) {
        let opening = match std::mem::replace(&mut self.state, State::Opening(Vec::new())) {
            State::Opening(opening) => opening,
            _ => Vec::new(),
        };
        self.sealed = true;
        self.last = None;
        self.overlaps = Default::default();
        (opening, std::mem::take(&mut self.carried).into())
    }
}

impl Feed<'_> {
    /// The first bytes of the stream, which end at `end`, are the hello of a client or a server.
    pub(super) fn seal(&mut self, end: u64) {
        let wants = Wants {
            certificates: self.outbox.bodies != Bodies::None || self.keyring.has_private(),
            late_secrets: self.keyring.expects_more(self.outbox.order()),
        };
        let sealed = Sealed::new(self.endpoints(), self.limits, wants);
        self.exchange.sealed = Some(Box::new(sealed));
        let (opening, frames) = self.reader.begin_sealed();
        let offset = end.saturating_sub(opening.len() as u64);
        self.give_sealed(offset, &opening, frames);
    }

    /// Says whether these bytes go to TLS, and hands them over if so.
    pub(super) fn goes_sealed(&mut self, bytes: &[u8], frame: Frame) -> bool {
        if self.reader.is_foreign() {
            return false;
        }
        if self.exchange.sealed.is_none() {
            if self.reader.sealed {
                self.leave();
            } else if matches!(self.reader.state, State::Searching) {
                return self.seals_midway(bytes, frame);
            }
            return false;
        }
        if !self.reader.sealed {
            return self.joins_sealed(bytes, frame);
        }
        self.give_sealed(frame.offset, bytes, [frame]);
        true
    }

    /// Behind missing bytes, or in a capture that begins too late, a hello begins a segment; or records do of which nothing can
    /// be said but that they are TLS.
    fn seals_midway(&mut self, bytes: &[u8], frame: Frame) -> bool {
        let exchange = &*self.exchange;
        let fresh = exchange.requests == 0 && exchange.responses == 0;
        let begins =
            || tls::recognise(bytes) == tls::Recognised::Hello || tls::recognise_midway(bytes);
        if fresh && exchange.dialogue.is_none() && begins() {
            self.reader.begin_sealed();
            self.reader.carried.push_back(frame);
            self.reader.state = State::Opening(bytes.to_vec());
            self.seal(frame.offset + bytes.len() as u64);
            return true;
        }
        false
    }

    /// The other direction has begun TLS: this one joins, unless it says something else.
    fn joins_sealed(&mut self, bytes: &[u8], frame: Frame) -> bool {
        let State::Opening(opening) = &mut self.reader.state else {
            if !matches!(self.reader.state, State::Searching) {
                self.unseal();
                return false;
            }
            return self.joins_sealed_midway(bytes, frame);
        };
        let before = opening.len();
        opening.extend_from_slice(bytes);
        match tls::recognise(behind_handshake(opening)) {
            tls::Recognised::NeedMore => self.reader.carried.push_back(frame),
            tls::Recognised::Hello | tls::Recognised::Later => {
                self.reader.carried.push_back(frame);
                let (opening, frames) = self.reader.begin_sealed();
                let records = behind_handshake(&opening);
                let end = frame.offset + bytes.len() as u64;
                let offset = end.saturating_sub(records.len() as u64);
                self.give_sealed(offset, records, frames);
            }
            tls::Recognised::No => {
                opening.truncate(before);
                self.unseal();
                return false;
            }
        }
        true
    }

    /// The same where the beginning of this one is missing.
    fn joins_sealed_midway(&mut self, bytes: &[u8], frame: Frame) -> bool {
        self.reader.begin_sealed();
        if tls::recognise(bytes) != tls::Recognised::Hello {
            self.give_gap(frame.offset.saturating_sub(1), 1);
        }
        self.give_sealed(frame.offset, bytes, [frame]);
        true
    }

    fn give_sealed(&mut self, offset: u64, bytes: &[u8], frames: impl IntoIterator<Item = Frame>) {
        let Some(sealed) = &mut self.exchange.sealed else {
            return;
        };
        let place = Place {
            offset,
            bytes,
            acknowledgment: self.acknowledgment,
            order: self.outbox.order(),
        };
        if !sealed.take(self.side, frames, place, self.keyring) {
            self.outbox.reached("frames_a_message_max");
        }
    }

    fn give_gap(&mut self, offset: u64, missing: u64) {
        let order = self.outbox.order();
        if let Some(sealed) = &mut self.exchange.sealed {
            sealed.gap(self.side, offset, missing, order, self.keyring);
        }
    }

    /// Says whether bytes that are missing are those of records.
    pub(super) fn sealed_gap(&mut self, offset: u64, missing: u64) -> bool {
        let sealed = self.reader.sealed && !self.reader.is_foreign();
        if sealed {
            self.give_gap(offset, missing);
        }
        sealed && self.exchange.sealed.is_some()
    }

    /// FIN: under TLS it stands behind what is still to be read.
    pub(super) fn take_fin(&mut self, token: u64, time_ns: i64) {
        let order = self.outbox.order();
        match &mut self.exchange.sealed {
            Some(sealed) if self.reader.sealed => {
                sealed.close(self.side, order, self.keyring);
                sealed.fin(self.side, token, time_ns);
            }
            _ => self.finish(token, time_ns),
        }
    }

    /// CONNECT was granted, or the protocol switched. Behind CONNECT this direction may go on with TLS, but for TLS in TLS.
    pub(super) fn enter_tunnel(&mut self) {
        self.reader.tunnels = self.exchange.tunnels;
        let reads = self.exchange.granted && self.exchange.sealed.is_none();
        let reads = reads && !self.reader.is_foreign();
        self.leave();
        if reads {
            self.reader.last = None;
            self.reader.state = State::Opening(Vec::new());
        }
    }

    /// In a tunnel, and not yet under TLS: nothing else is read there.
    pub(super) fn is_tunnelled(&self) -> bool {
        self.reader.tunnels > 0 && self.exchange.sealed.is_none()
    }

    /// Looks at the first bytes behind CONNECT, which end at `end`.
    pub(super) fn open_tunnelled(&mut self, end: u64) {
        let State::Opening(opening) = &self.reader.state else {
            return;
        };
        match tls::recognise(opening) {
            tls::Recognised::Hello => self.seal(end),
            tls::Recognised::NeedMore => {}
            tls::Recognised::Later | tls::Recognised::No => self.leave(),
        }
    }

    /// Something that came out of records; `plain` is what its range means.
    pub fn pass_opened(&mut self, what: &What, plain: &[u8]) {
        match what {
            What::Plain {
                bytes,
                record,
                offset,
            } => {
                self.tell_sealed(false);
                let bytes = plain.get(bytes.clone()).unwrap_or_default();
                let Some(sealed) = self.exchange.sealed.take() else {
                    return;
                };
                let frames = sealed.frames(self.side, record.clone(), *offset, bytes.len());
                let frames: Vec<Frame> = frames.collect();
                self.exchange.sealed = Some(sealed);
                if self.reader.tunnels < self.exchange.tunnels {
                    self.enter_tunnel();
                }
                self.take_plain(bytes, frames.into_iter());
            }
            What::Gap => self.gap_of(None),
            What::End => self.end(http1::End::Fin),
            What::Fin { token, time_ns } => self.finish(*token, *time_ns),
        }
    }

    /// The direction has come to its end.
    pub fn close_sealed(&mut self) {
        let order = self.outbox.order();
        if let Some(sealed) = &mut self.exchange.sealed {
            sealed.close(self.side, order, self.keyring);
        }
    }

    /// What there is to tell, where it is known, or nothing more comes.
    pub fn tell_sealed(&mut self, over: bool) {
        let time = self.outbox.time();
        let sealed = self.exchange.sealed.as_mut();
        if let Some(seen) = sealed.and_then(|sealed| sealed.tell(over, time)) {
            self.outbox.push(Arrival::Tls(Box::new(seen)));
        }
    }

    /// Nothing of it can be read.
    pub fn leave_sealed(&mut self) {
        self.tell_sealed(true);
        if self.reader.sealed || matches!(self.reader.state, State::Opening(_) | State::Searching) {
            self.leave();
        }
    }

    /// It was no TLS after all, or one that only one direction speaks.
    fn unseal(&mut self) {
        self.tell_sealed(true);
        self.exchange.sealed = None;
    }

    fn endpoints(&self) -> [SocketAddr; 2] {
        if self.side == 0 {
            [self.source, self.destination]
        } else {
            [self.destination, self.source]
        }
    }
}
