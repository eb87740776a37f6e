//! What a connection's TLS has told: facts of its handshake as a value, and what came out of its records, in order.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;

use tls::{Direction, Event, Fact, Reason};

use super::Carrier;
use crate::pipeline::reader::Frame;
use crate::session::{TlsAlert, TlsConnection, TlsSeen};
use crate::source::{FrameId, Timestamp};

/// Everything heard of one connection.
#[derive(Debug)]
pub(super) struct Story {
    endpoints: [SocketAddr; 2],
    carriers: [Carrier; 2],
    connection: Arc<TlsConnection>,
    /// The side that said hello.
    client: Option<usize>,
    /// Frames of both sides until data of the application comes.
    handshake: Vec<(usize, Frame)>,
    alerts: Vec<TlsAlert>,
    anomalies: Vec<tls::Anomaly>,
    opened: Vec<Opened>,
    plain: Vec<u8>,
    /// What the packet at hand acknowledges.
    pub acknowledgment: Option<u32>,
    /// Bytes of the capture are missing.
    has_gap: bool,
    /// A record of the handshake, or behind it, could be opened.
    readable: bool,
    told: bool,
    /// Nothing can be read, now or later.
    pub hopeless: bool,
    /// Under this name a secret of TLS 1.3 was missing.
    pub unnamed: Option<[u8; 32]>,
    /// Bytes since the last that was read.
    pub vain_bytes: u64,
}

/// Something that came out of one side.
#[derive(Debug)]
pub(in crate::pipeline) struct Opened {
    pub side: usize,
    /// What the packet acknowledged that brought it about.
    pub acknowledgment: Option<u32>,
    pub what: What,
}

/// What it is.
#[derive(Debug)]
pub(in crate::pipeline) enum What {
    /// Plain bytes.
    Plain {
        /// Which of those that came out together.
        bytes: Range<usize>,
        /// The record, in the stream of the side.
        record: Range<u64>,
        /// The offset of the first among the plain bytes of the side.
        offset: u64,
    },
    /// Plain bytes may be missing here, nobody knows how many.
    Gap,
    /// The side has said that no more follows.
    End,
    Fin {
        token: u64,
        time_ns: i64,
    },
}

/// The direction that a side is.
pub(super) fn direction(side: usize) -> Direction {
    if side == 0 {
        Direction::Forward
    } else {
        Direction::Backward
    }
}

fn side_of(direction: Direction) -> usize {
    usize::from(direction == Direction::Backward)
}

impl Story {
    pub fn new(endpoints: [SocketAddr; 2]) -> Self {
        let [client, server] = endpoints;
        Self {
            endpoints,
            carriers: [Carrier::default(), Carrier::default()],
            connection: Arc::new(nothing_of(client, server)),
            client: None,
            handshake: Vec::new(),
            alerts: Vec::new(),
            anomalies: Vec::new(),
            opened: Vec::new(),
            plain: Vec::new(),
            acknowledgment: None,
            has_gap: false,
            readable: false,
            told: false,
            hopeless: false,
            unnamed: None,
            vain_bytes: 0,
        }
    }

    /// What is known of its TLS.
    pub fn connection(&self) -> Arc<TlsConnection> {
        Arc::clone(&self.connection)
    }

    pub fn carrier(&mut self, side: usize) -> &mut Carrier {
        &mut self.carriers[side & 1]
    }

    /// The frames of a side that something may still ask for.
    pub fn frames(&self, side: usize) -> &VecDeque<Frame> {
        &self.carriers[side & 1].frames
    }

    /// The same, and where the side has come to.
    pub fn open(&self, side: usize) -> (&VecDeque<Frame>, u64) {
        let carrier = &self.carriers[side & 1];
        (&carrier.frames, carrier.end)
    }

    /// A frame brings the next bytes of a side; false where too many are remembered.
    pub fn carry(&mut self, side: usize, frame: Frame, frames_max: usize) -> bool {
        if !self.told && self.handshake.len() < HANDSHAKE_FRAMES_MAX {
            self.handshake.push((side, frame));
        }
        let frames = &mut self.carrier(side).frames;
        let fits = frames.len() < frames_max;
        if fits {
            frames.push_back(frame);
        }
        fits
    }

    pub fn push(&mut self, side: usize, what: What) {
        self.opened.push(Opened {
            side,
            acknowledgment: self.acknowledgment,
            what,
        });
    }

    /// Bytes of the capture are missing. Until data of the application comes, messages of the handshake may stand there.
    pub fn miss(&mut self) {
        self.has_gap = true;
        if !self.connection.decrypted && self.connection.complete {
            Arc::make_mut(&mut self.connection).complete = false;
        }
    }

    /// Takes what the connection tells.
    pub fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::Handshake {
                direction, fact, ..
            } => self.learn(side_of(direction), fact),
            Event::Plain {
                direction,
                bytes,
                from,
            } => self.plain(side_of(direction), bytes, from),
            Event::Undecryptable {
                direction,
                from,
                reason,
            } => self.lost(side_of(direction), &from, reason),
            Event::Alert {
                direction, alert, ..
            } => self.alert(side_of(direction), alert),
            Event::End { direction, .. } => self.push(side_of(direction), What::End),
            Event::Anomaly(anomaly) => {
                if !self.told && self.anomalies.len() < TOLD_MAX {
                    self.anomalies.push(anomaly);
                }
            }
        }
    }

    fn plain(&mut self, side: usize, bytes: &[u8], record: Range<u64>) {
        let start = self.plain.len();
        self.plain.extend_from_slice(bytes);
        let carrier = self.carrier(side);
        carrier.broken = false;
        carrier.data_from.get_or_insert(record.start);
        let offset = carrier.plain;
        carrier.plain += bytes.len() as u64;
        self.vain_bytes = 0;
        if !self.connection.decrypted {
            let connection = Arc::make_mut(&mut self.connection);
            connection.decrypted = true;
            connection.reason = None;
        }
        self.push(
            side,
            What::Plain {
                bytes: start..start + bytes.len(),
                record,
                offset,
            },
        );
    }

    fn lost(&mut self, side: usize, from: &Range<u64>, reason: Reason) {
        self.vain_bytes = self.vain_bytes.saturating_add(from.end - from.start);
        let carrier = self.carrier(side);
        carrier.data_from.get_or_insert(from.start);
        if !std::mem::replace(&mut carrier.broken, true) {
            self.push(side, What::Gap);
        }
        if self.connection.decrypted {
            return;
        }
        let is_final = self.is_final(reason);
        if self.connection.reason.is_none() || is_final {
            Arc::make_mut(&mut self.connection).reason = Some(reason);
        }
        self.hopeless |= is_final;
    }

    /// No record will be read for this reason, now or later.
    fn is_final(&mut self, reason: Reason) -> bool {
        match reason {
            Reason::NoSecret { client_random, .. }
                if self.connection.version.is_some_and(tls::Version::is_tls13) =>
            {
                self.unnamed = Some(client_random);
                false
            }
            Reason::NoSecret { .. }
            | Reason::HandshakeUnseen
            | Reason::HandshakeIncomplete { .. }
            | Reason::ResumedUnseen { .. }
            | Reason::WrongPrivateKey
            | Reason::SuiteUnsupported(_)
            | Reason::VersionUnsupported(_)
            | Reason::Compressed(_)
            | Reason::Bound => true,
            Reason::WrongSecret { .. }
            | Reason::EarlyData
            | Reason::Unauthentic
            | Reason::Gap
            | Reason::Chained
            | Reason::AfterGap => false,
        }
    }

    fn alert(&mut self, side: usize, alert: Option<tls::Alert>) {
        let frame = self.frames(side).back().map(|frame| frame.frame);
        if let Some(frame) = frame.filter(|_| !self.told && self.alerts.len() < TOLD_MAX) {
            let by_client = self.client == Some(side);
            self.alerts.push(TlsAlert {
                by_client,
                alert,
                frame,
            });
        }
    }

    fn learn(&mut self, side: usize, fact: Fact) {
        let frame = self.frames(side).back().map(|frame| frame.frame);
        let from_client = self.client == Some(side);
        match fact {
            Fact::ClientHello(hello) => {
                self.meet(side);
                let name = hello.server_name.as_deref().map(String::from_utf8_lossy);
                let name = name.map(std::borrow::Cow::into_owned);
                let connection = Arc::make_mut(&mut self.connection);
                connection.server_name = name;
                connection.offer = Some(hello);
                connection.offer_frame = frame;
            }
            Fact::ServerHello(hello) => {
                self.meet(side ^ 1);
                let has_gap = self.has_gap;
                let connection = Arc::make_mut(&mut self.connection);
                connection.version = Some(hello.version);
                connection.suite = Some(hello.suite);
                connection.resumed |= hello.pre_shared_key.is_some();
                connection.complete = connection.offer.is_some() && !has_gap;
                connection.answer_frame = frame;
            }
            Fact::Certificates { chain, .. } if from_client => {
                let connection = Arc::make_mut(&mut self.connection);
                connection.client_chain = Some(chain);
                connection.client_chain_frame = frame;
            }
            Fact::Certificates { chain, .. } => {
                let connection = Arc::make_mut(&mut self.connection);
                connection.server_chain = chain;
                connection.server_chain_frame = frame;
            }
            Fact::CertificateRequest => {
                Arc::make_mut(&mut self.connection).certificate_asked = true;
            }
            Fact::Resumed => Arc::make_mut(&mut self.connection).resumed = true,
            Fact::Readable(_) => self.readable = true,
            _ => {}
        }
    }

    /// It is known which side is the client's.
    fn meet(&mut self, client: usize) {
        if self.client == Some(client) {
            return;
        }
        self.client = Some(client);
        let connection = Arc::make_mut(&mut self.connection);
        connection.client = self.endpoints[client & 1];
        connection.server = self.endpoints[1 - (client & 1)];
    }

    pub fn take_opened(&mut self) -> (Vec<Opened>, Vec<u8>) {
        (
            std::mem::take(&mut self.opened),
            std::mem::take(&mut self.plain),
        )
    }

    /// Room to be used again, as far as the next record needs it.
    pub fn recycle(&mut self, opened: Vec<Opened>, mut plain: Vec<u8>) {
        plain.shrink_to(PLAIN_BYTES_KEPT);
        self.opened = opened;
        self.plain = plain;
    }

    pub fn tell(&mut self, over: bool, time: Timestamp) -> Option<TlsSeen> {
        if self.told || !(over || self.connection.decrypted) {
            return None;
        }
        if self.client.is_none() {
            if self.connection.reason != Some(Reason::HandshakeUnseen) {
                return None;
            }
            // Nobody was heard saying hello: servers have the lower port.
            let [one, other] = self.endpoints;
            self.meet(usize::from(one.port() < other.port()));
        }
        self.told = true;
        if self.readable && self.connection.reason.is_none() && !self.connection.decrypted {
            Arc::make_mut(&mut self.connection).decrypted = true;
        }
        let handshake = std::mem::take(&mut self.handshake);
        let mut frames: Vec<FrameId> = handshake
            .iter()
            .filter(|(side, frame)| {
                let from = self.carriers[side & 1].data_from;
                from.is_none_or(|from| frame.offset < from)
            })
            .map(|(_, frame)| frame.frame)
            .collect();
        if frames.is_empty() {
            // Of a connection that was joined later, where that was.
            frames.extend(handshake.first().map(|(_, frame)| frame.frame));
        }
        frames.sort_unstable();
        frames.dedup();
        Some(TlsSeen {
            connection: self.connection(),
            frames,
            time,
            alerts: std::mem::take(&mut self.alerts),
            anomalies: std::mem::take(&mut self.anomalies),
            session: None,
            device: None,
        })
    }

    pub fn held_bytes(&self) -> usize {
        let frames = |carrier: &Carrier| carrier.frames.len() * size_of::<Frame>();
        let hellos = if self.connection.offer.is_some() {
            HELLO_BYTES
        } else {
            0
        };
        let client_chain = self.connection.client_chain.iter().flatten();
        let certificates = self.connection.server_chain.iter().chain(client_chain);
        let described = certificates.map(|certificate| certificate.bytes * 2 + CERTIFICATE_BYTES);
        hellos
            + described.sum::<usize>()
            + self.carriers.iter().map(frames).sum::<usize>()
            + self.handshake.len() * size_of::<(usize, Frame)>()
            + self.plain.capacity()
            + self.opened.capacity() * size_of::<Opened>()
    }
}

fn nothing_of(client: SocketAddr, server: SocketAddr) -> TlsConnection {
    TlsConnection {
        client,
        server,
        offer: None,
        version: None,
        suite: None,
        server_name: None,
        resumed: false,
        server_chain: Vec::new(),
        certificate_asked: false,
        client_chain: None,
        complete: false,
        decrypted: false,
        reason: None,
        offer_frame: None,
        answer_frame: None,
        server_chain_frame: None,
        client_chain_frame: None,
    }
}

/// Bytes of both hellos, read, about.
const HELLO_BYTES: usize = 4 << 10;
/// Bytes of a certificate, read, beside what it says.
const CERTIFICATE_BYTES: usize = 1 << 10;
/// Frames of a handshake that are told.
const HANDSHAKE_FRAMES_MAX: usize = 64;
/// Alerts and anomalies that are told of one connection.
const TOLD_MAX: usize = 16;
/// Room for plain bytes that is kept between records.
const PLAIN_BYTES_KEPT: usize = 0;
