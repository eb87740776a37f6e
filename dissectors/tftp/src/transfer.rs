//! One transfer, from its request to its result.

use std::net::SocketAddr;

use crate::packet::Packet;
use crate::request::{Direction, Mode, Options, Request};

/// Who of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Who asked for the file, or offered it.
    Client,
    /// Who answered.
    Server,
}

/// An ERROR that ended a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferError {
    /// Who sent it.
    pub side: Side,
    /// See [`crate::error_name`].
    pub code: u16,
    /// In words.
    pub text: String,
}

/// How a transfer ended, or stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The last block was sent and acknowledged.
    Complete,
    /// The last block was sent, and no acknowledgement of it seen.
    Unacknowledged,
    /// An ERROR ended it.
    Error,
    /// The last block was not seen.
    Incomplete,
}

impl Outcome {
    /// The outcome for output: `complete`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Unacknowledged => "unacknowledged",
            Self::Error => "error",
            Self::Incomplete => "incomplete",
        }
    }
}

/// A transfer, as far as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Counted from 0 over all of a tracker.
    pub number: u64,
    /// Who asked.
    pub client: SocketAddr,
    /// Whom it asked; the port is that of the request.
    pub server: SocketAddr,
    /// The port that the server answers from, once it has (its TID, RFC 1350 section 4).
    pub server_port: Option<u16>,
    /// Which way.
    pub direction: Direction,
    /// The file, as the client named it.
    pub file: String,
    /// How its contents are written on the wire.
    pub mode: Mode,
    /// The size that `tsize` announced, by whoever has the file.
    pub announced_bytes: Option<u64>,
    /// Bytes of a block, as agreed.
    pub block_bytes: u16,
    /// Blocks to one acknowledgement, as agreed.
    pub window_blocks: u16,
    /// Blocks seen, each once.
    pub blocks: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Blocks that others with higher numbers went ahead of, and that were not seen.
    pub missing_blocks: u64,
    /// Datagrams that repeat an earlier one.
    pub retransmissions: u64,
    /// The size of the whole file on the wire, once its last block was seen.
    pub size_bytes: Option<u64>,
    /// The ERROR that ended it.
    pub error: Option<TransferError>,
    /// Nanoseconds of the request, on the caller's clock.
    pub began_ns: u64,
    /// Nanoseconds of the last datagram.
    pub last_ns: u64,
    /// The highest block so far, counted on where numbers go round.
    highest: u64,
    /// The number behind 65535: some begin again at 1.
    round_to_one: bool,
    acknowledged: bool,
    answered: bool,
}

impl Transfer {
    pub(crate) fn new(
        number: u64,
        client: SocketAddr,
        server: SocketAddr,
        request: &Request<'_>,
        now_ns: u64,
    ) -> Self {
        let announces = request.direction == Direction::Write;
        Self {
            number,
            client,
            server,
            server_port: None,
            direction: request.direction,
            file: request.file_text(),
            mode: request.mode,
            announced_bytes: request.options.transfer_size_bytes().filter(|_| announces),
            block_bytes: BLOCK_BYTES,
            window_blocks: 1,
            blocks: 0,
            bytes: 0,
            missing_blocks: 0,
            retransmissions: 0,
            size_bytes: None,
            error: None,
            began_ns: now_ns,
            last_ns: now_ns,
            highest: 0,
            round_to_one: false,
            acknowledged: false,
            answered: false,
        }
    }

    /// How it ended, or stands.
    pub fn outcome(&self) -> Outcome {
        match (self.size_bytes, self.acknowledged, &self.error) {
            // Clients end with an ERROR what they have whole, or asked the size of only; what is whole stays so.
            (Some(_), true, _) => Outcome::Complete,
            (_, _, Some(_)) => Outcome::Error,
            (Some(_), false, None) => Outcome::Unacknowledged,
            (None, _, None) => Outcome::Incomplete,
        }
    }

    /// Is it over, by its last acknowledgement or an ERROR?
    pub fn is_over(&self) -> bool {
        matches!(self.outcome(), Outcome::Complete | Outcome::Error)
    }

    /// Is this its request again?
    pub(crate) fn repeats(&self, server: SocketAddr, request: &Request<'_>) -> bool {
        !self.answered
            && self.error.is_none()
            && self.server == server
            && self.direction == request.direction
            && self.file == request.file_text()
    }

    /// Whose datagram is this, if it is of this transfer? The first one says which port the server goes on with.
    pub(crate) fn side_of(&mut self, from: SocketAddr, to: SocketAddr) -> Option<Side> {
        if from == self.client && to.ip() == self.server.ip() {
            // Of a capture with one side only, the client's datagrams say where the server went on.
            let port = *self.server_port.get_or_insert(to.port());
            return (port == to.port()).then_some(Side::Client);
        }
        if to == self.client && from.ip() == self.server.ip() {
            let port = *self.server_port.get_or_insert(from.port());
            return (port == from.port()).then_some(Side::Server);
        }
        None
    }

    /// Takes a datagram of one of its sides.
    pub(crate) fn take(&mut self, side: Side, packet: &Packet<'_>, now_ns: u64) {
        self.last_ns = now_ns;
        self.answered |= side == Side::Server;
        match packet {
            Packet::Data {
                block, data_bytes, ..
            } if side == self.sender() => self.data(*block, *data_bytes),
            Packet::Acknowledgement { block } if side != self.sender() => self.acknowledge(*block),
            Packet::OptionAcknowledgement(options) if side == Side::Server => self.agree(*options),
            Packet::Error { code, text } if self.error.is_none() => {
                self.error = Some(TransferError {
                    side,
                    code: *code,
                    text: String::from_utf8_lossy(text).into_owned(),
                });
            }
            _ => {}
        }
    }

    fn sender(&self) -> Side {
        match self.direction {
            Direction::Read => Side::Server,
            Direction::Write => Side::Client,
        }
    }

    fn agree(&mut self, options: Options<'_>) {
        if self.blocks > 0 {
            self.retransmissions = self.retransmissions.saturating_add(1);
            return;
        }
        self.block_bytes = options.block_bytes().unwrap_or(BLOCK_BYTES);
        self.window_blocks = options.window_blocks().unwrap_or(1);
        if self.direction == Direction::Read {
            self.announced_bytes = options.transfer_size_bytes();
        }
    }

    fn data(&mut self, block: u16, data_bytes: usize) {
        let ahead = self.ahead(block);
        if ahead == 0 || ahead > HALF_ROUND {
            self.retransmissions = self.retransmissions.saturating_add(1);
            return;
        }
        self.highest = self.highest.saturating_add(u64::from(ahead));
        self.missing_blocks = self
            .missing_blocks
            .saturating_add(u64::from(ahead).saturating_sub(1));
        self.blocks = self.blocks.saturating_add(1);
        let bytes = data_bytes as u64;
        self.bytes = self.bytes.saturating_add(bytes);
        let full = u64::from(self.block_bytes);
        if bytes < full {
            let before = self.highest.saturating_sub(1).saturating_mul(full);
            self.size_bytes = Some(before.saturating_add(bytes));
        }
    }

    /// How many blocks this is ahead of the highest; more than half a round is behind it.
    fn ahead(&mut self, block: u16) -> u16 {
        let next = self.next_number();
        if next == 0 && block == 1 && self.highest == u64::from(u16::MAX) {
            // RFC 1350 says nothing of the number behind 65535: 0 with most, 1 with some.
            self.round_to_one = true;
            return 1;
        }
        block.wrapping_sub(next).wrapping_add(1)
    }

    /// The number of the next block.
    fn next_number(&self) -> u16 {
        let next = self.highest.saturating_add(1);
        let round = if self.round_to_one {
            u64::from(u16::MAX)
        } else {
            1 << 16
        };
        let number = if self.round_to_one {
            (next.saturating_sub(1) % round).saturating_add(1)
        } else {
            next % round
        };
        u16::try_from(number).unwrap_or_default()
    }

    fn acknowledge(&mut self, block: u16) {
        let last = self.next_number().wrapping_sub(1);
        let last = if last == 0 && self.round_to_one {
            u16::MAX
        } else {
            last
        };
        self.acknowledged |= self.size_bytes.is_some() && block == last;
    }
}

/// RFC 1350 section 2.
const BLOCK_BYTES: u16 = 512;
/// Numbers that count as ahead.
const HALF_ROUND: u16 = 1 << 15;
