//! A session as a transcript: its messages as they were sent, in blocks that reading makes the same session of. What is
//! missing is told as missing, and what was not sent (a body's masked secrets) is told in a comment.

mod body;
mod tls;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::session::{
    AssembleLimits, Datagram, Evidence, Masking, Message, Outcome, Session, Side, StepKind,
};
use crate::source::{Block, BlockKind, Payload, Speaker, Timestamp, Writer};
use body::{Written, sent_bytes};

/// Writes one session message by message, in the order given: by the times of their first bytes, so that no answer stands
/// before its question, which may still have been under way.
#[derive(Debug)]
pub struct Transcript {
    writer: Writer,
    masking: Masking,
    /// The capture lacks bytes of the session.
    damaged: bool,
    connections: BTreeMap<u64, Connection>,
    /// Gaps written.
    gaps: u32,
    /// What was written last ends with an empty line.
    parted: bool,
}

/// What has been written of one connection.
#[derive(Debug, Clone, Copy)]
struct Connection {
    /// The ends of the CPE and of the ACS.
    ends: [SocketAddr; 2],
    /// Offset in the stream behind what was written, of what the CPE and what the ACS says.
    written: [Option<u64>; 2],
    closed: [bool; 2],
    requests: u64,
    responses: u64,
}

impl Transcript {
    /// Begins the transcript of a session, of which these messages will be written, behind the datagrams that set it off.
    #[must_use]
    pub fn begin<'m>(
        session: &Session,
        datagrams: &[&Datagram],
        messages: impl Iterator<Item = &'m Message> + Clone,
        masking: Masking,
        out: &mut String,
    ) -> Self {
        let times = messages.clone().map(|message| message.provenance.started);
        let times = times.chain(datagrams.iter().map(|datagram| datagram.time));
        let started = times.fold(session.start, Timestamp::min);
        let writer = Writer::new(started, out);
        let device = session.device.as_deref().unwrap_or("unknown device");
        let (number, outcome) = (session.number, session.outcome.name());
        writer.comment(&format!("session {number} of {device}, {outcome}"), out);
        if !masking.show_secrets {
            writer.comment("secrets are masked", out);
        }
        for datagram in datagrams {
            out.push('\n');
            write_datagram(writer, datagram, masking, out);
        }
        let whole = |message: &Message| message.provenance.evidence == Evidence::Complete;
        Self {
            writer,
            masking,
            damaged: session.gaps > 0 || !messages.clone().all(whole),
            connections: BTreeMap::new(),
            gaps: 0,
            parted: false,
        }
    }

    /// Adds a message.
    pub fn message(&mut self, message: &Message, out: &mut String) {
        let side = usize::from(message.from == Side::Acs);
        let number = message.provenance.connection;
        let mut connection = self.connection(message, side, out);
        self.tell_missing(message, side, &mut connection, out);

        let written = Written::of(message, self.masking);
        self.part(out);
        for remark in &written.remarks {
            self.writer.comment(remark, out);
        }
        let bytes = [written.head.as_ref(), written.body.as_ref()].concat();
        let payload = Payload {
            bytes: &bytes,
            codings: &written.codings,
            chunked: written.chunked,
            length_auto: written.length_auto,
        };
        let time = message.provenance.time;
        let block = Block {
            since: message.provenance.started,
            ..block(&connection, side, BlockKind::Stream, time)
        };
        self.writer.block(&block, time, &payload, out);
        match written.missing {
            Some(missing) => self.gap(&connection, side, missing, time, out),
            None => self.bare(&connection, side, BlockKind::Gap(None), time, out),
        }
        let sent = sent_bytes(&message.http);
        connection.written[side] = sent.map(|sent| message.http.stream_offset.saturating_add(sent));
        self.close_after(message, side, &mut connection, out);
        self.connections.insert(number, connection);
        self.parted = out.ends_with("\n\n");
    }

    /// Ends the transcript of a session of which every message was written.
    pub fn end(mut self, session: &Session, out: &mut String) {
        let time = session.end;
        self.tell_other_gaps(session, out);
        if session.closed_by_peer {
            self.part(out);
            for mut connection in std::mem::take(&mut self.connections).into_values() {
                self.close(&mut connection, time, out);
            }
        } else if matches!(session.outcome, Outcome::Aborted | Outcome::Rejected)
            && let Some(connection) = self.connections.values().next_back().copied()
        {
            // Nobody closed the connection: that the session is over shows in what did not come.
            let silence_ns = AssembleLimits::default().silence_ns_max;
            let later = Timestamp {
                nanoseconds: time.nanoseconds.saturating_add(silence_ns),
                ..time
            };
            self.part(out);
            self.bare(&connection, 0, BlockKind::Quiet, later, out);
        }
    }

    /// Bytes that are missing where no message tells of it: what was behind the last one, mostly.
    fn tell_other_gaps(&mut self, session: &Session, out: &mut String) {
        let untold = session.gaps.saturating_sub(self.gaps).min(UNTOLD_GAPS_MAX);
        let Some(connection) = self.connections.values().next_back().copied() else {
            return;
        };
        if untold > 0 {
            self.part(out);
            let comment = "bytes are missing of which no message tells";
            self.writer.comment(comment, out);
        }
        for _ in 0..untold {
            self.bare(&connection, 1, BlockKind::Gap(None), session.end, out);
        }
    }

    /// The connection of a message; one between the same ends before it must have closed.
    fn connection(&mut self, message: &Message, side: usize, out: &mut String) -> Connection {
        let provenance = &message.provenance;
        if let Some(connection) = self.connections.get(&provenance.connection) {
            return *connection;
        }
        let mut ends = [provenance.source, provenance.destination];
        ends.rotate_left(side);
        let fresh = Connection {
            ends,
            written: [None; 2],
            closed: [false; 2],
            requests: 0,
            responses: 0,
        };
        let mut others = std::mem::take(&mut self.connections);
        for other in others.values_mut().filter(|other| other.ends == ends) {
            self.part(out);
            self.close(other, provenance.started, out);
        }
        self.connections = others;
        if let Some(tls) = &provenance.tls {
            self.part(out);
            tls::write(self.writer, tls, provenance.started, ends[0], out);
            self.parted = true;
        }
        fresh
    }

    /// Bytes that the capture lacks before a message, and a request that it lacks: its answer must not be taken for that
    /// of another.
    fn tell_missing(
        &mut self,
        message: &Message,
        side: usize,
        connection: &mut Connection,
        out: &mut String,
    ) {
        let (http, time) = (&message.http, message.provenance.started);
        let jump = connection.written[side].map_or(0, |end| http.stream_offset.saturating_sub(end));
        if jump > 0 && self.damaged {
            self.part(out);
            self.gap(connection, side, jump, time, out);
        }
        if http.kind() == http1::Kind::Request {
            connection.requests += 1;
        } else if !http.is_interim() && http.head_complete() {
            connection.responses += 1;
            if connection.responses > connection.requests {
                connection.requests += 1;
                self.part(out);
                self.bare(connection, 1 - side, BlockKind::Gap(None), time, out);
                // It is told, whatever the next offset in that direction is.
                connection.written[1 - side] = None;
            }
        }
    }

    /// An empty line between what belongs together and what follows.
    fn part(&mut self, out: &mut String) {
        if !std::mem::take(&mut self.parted) {
            out.push('\n');
        }
    }

    /// The end of the connection, where it is the end of the message.
    fn close_after(
        &mut self,
        message: &Message,
        side: usize,
        connection: &mut Connection,
        out: &mut String,
    ) {
        let http = &message.http;
        let kind = match (http.cut, http.framing) {
            (Some(http1::Cut::End(http1::End::Reset)), _) => BlockKind::Reset,
            (Some(http1::Cut::End(http1::End::Fin)), _) | (None, http1::Framing::UntilClose) => {
                BlockKind::Fin
            }
            _ => return,
        };
        if connection.closed[side] {
            return;
        }
        self.bare(connection, side, kind, message.provenance.time, out);
        connection.closed[side] = true;
        if kind == BlockKind::Reset {
            connection.closed = [true; 2];
        }
    }

    fn close(&mut self, connection: &mut Connection, time: Timestamp, out: &mut String) {
        for side in 0..2 {
            if !std::mem::replace(&mut connection.closed[side], true) {
                self.bare(connection, side, BlockKind::Fin, time, out);
            }
        }
    }

    fn gap(
        &mut self,
        connection: &Connection,
        side: usize,
        missing: u64,
        time: Timestamp,
        out: &mut String,
    ) {
        let mut left = missing;
        while left > 0 {
            let here = u32::try_from(left).unwrap_or(u32::MAX).min(GAP_BYTES_MAX);
            self.bare(connection, side, BlockKind::Gap(Some(here)), time, out);
            left -= u64::from(here);
        }
    }

    /// A block without content.
    fn bare(
        &mut self,
        connection: &Connection,
        side: usize,
        kind: BlockKind,
        time: Timestamp,
        out: &mut String,
    ) {
        self.gaps += u32::from(matches!(kind, BlockKind::Gap(_)));
        let block = block(connection, side, kind, time);
        self.writer.block(&block, time, &Payload::exact(&[]), out);
    }
}

/// A UDP Connection Request as it was sent, but for secrets.
fn write_datagram(writer: Writer, datagram: &Datagram, masking: Masking, out: &mut String) {
    let step = datagram.step();
    if let StepKind::Datagram(_, words) = &step.kind {
        writer.comment(words, out);
    }
    if datagram.payload.len() < datagram.wire_bytes {
        writer.comment("the capture has not all of it", out);
    }
    let bytes = masking.head(&datagram.payload);
    let block = Block {
        speaker: match step.from {
            Side::Cpe => Speaker::Cpe,
            Side::Acs | Side::Other => Speaker::Acs,
        },
        source: datagram.source,
        destination: datagram.destination,
        since: datagram.time,
        kind: BlockKind::Datagram,
    };
    writer.block(&block, datagram.time, &Payload::exact(&bytes), out);
}

fn block(connection: &Connection, side: usize, kind: BlockKind, time: Timestamp) -> Block {
    let [cpe, acs] = connection.ends;
    let (speaker, source, destination) = if side == 0 {
        (Speaker::Cpe, cpe, acs)
    } else {
        (Speaker::Acs, acs, cpe)
    };
    Block {
        speaker,
        source,
        destination,
        since: time,
        kind,
    }
}

/// Gaps told at the end of a session.
const UNTOLD_GAPS_MAX: u32 = 16;
/// What one block tells of a gap.
const GAP_BYTES_MAX: u32 = i32::MAX as u32;
