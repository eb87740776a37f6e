//! Files that FTP and TFTP move, tied to the device and to the RPC that asked for them.
//!
//! A transfer by FTP is told by its control connection; its bytes went over a data connection, which is found by the endpoint
//! that was agreed and may be told of earlier or later.

mod channels;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;

use ftp::{EventKind, LoginResult, Outcome, TransferKind};

use self::channels::Channels;
use super::identity::Scheme;
use super::transfers::{Expected, Moved};
use super::{Assembler, Output};
use crate::session::address::is_private;
use crate::session::{
    DataConnection, Evidence, FtpTold, Side, Sighting, Step, StepKind, Stretch, TftpTold, Told,
    Transfer, TransferDirection, TransferMethod, TransferResult,
};

/// What is remembered of control connections.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// By their numbers, the oldest first.
    controls: BTreeMap<u64, Control>,
    channels: Channels,
}

/// A control connection.
#[derive(Debug, Default)]
struct Control {
    /// The transfer that goes on: where its command stands, and the answer that it begins.
    began: Option<(Range<u64>, Step)>,
    /// The data connection that was agreed last.
    channel: Option<u64>,
    /// What was refused, as long as no file has been asked for since: many clients stop there.
    refused: Option<Refusal>,
}

/// A login, a directory or the size of a file that was refused.
#[derive(Debug)]
struct Refusal {
    path: Option<String>,
    login: bool,
    step: Step,
    code: u16,
    text: String,
}

/// Who moves files.
#[derive(Debug, Clone, Copy)]
struct Peers {
    connection: u64,
    client: SocketAddr,
    server: SocketAddr,
}

impl Assembler {
    /// A control connection of FTP told something.
    pub fn handle_ftp(&mut self, told: FtpTold, outputs: &mut Vec<Output>) {
        let peers = Peers {
            connection: told.connection,
            client: told.client,
            server: told.server,
        };
        let Told::Event {
            kind,
            line,
            command,
        } = told.told
        else {
            return self.close_control(peers, outputs);
        };
        match kind {
            EventKind::DataEndpoint(endpoint) => {
                let since_ns = line.time.nanoseconds;
                let ends = (peers.client, peers.server);
                self.make_room(outputs);
                let channel = self.files.channels.agree(endpoint, ends, since_ns);
                let before = self.control(peers).channel.replace(channel);
                self.files.channels.drop_idle(before);
            }
            EventKind::TransferBegan {
                transfer,
                code,
                text,
            } => {
                let step = reply(&line, code, &text);
                self.control(peers).began = Some((transfer.command, step));
            }
            EventKind::TransferEnded { transfer, result } => {
                let command = command.unwrap_or_else(|| line.clone());
                self.ended(peers, &transfer, &result, (&command, &line), outputs);
            }
            EventKind::PathRefused {
                path, code, text, ..
            } => self.refused(peers, Some(path), (&line, code, text)),
            EventKind::Login {
                result: LoginResult::Refused,
                code,
                ..
            } => self.refused(peers, None, (&line, code, String::new())),
            EventKind::Login { .. } => {
                let control = self.control(peers);
                control.refused.take_if(|refusal| refusal.login);
            }
            _ => {}
        }
    }

    /// One side alone sent bytes on a connection: perhaps a file.
    pub fn handle_data(&mut self, data: DataConnection, outputs: &mut Vec<Output>) {
        let early_max = self.limits.early_data_max;
        let (over, crowded) = self.files.channels.carried(data, early_max);
        // Where nobody speaks FTP, nobody will ask for it.
        if crowded && !self.files.controls.is_empty() {
            self.reached("early_data_max");
        }
        self.give_all(over, outputs);
    }

    /// Where too many data connections are agreed, the transfer of the oldest goes without.
    fn make_room(&mut self, outputs: &mut Vec<Output>) {
        if self.files.channels.len() >= self.limits.data_channels_max {
            self.reached("data_channels_max");
            let over = self.files.channels.give_oldest();
            self.give_all(over.into_iter().collect(), outputs);
        }
    }

    /// A transfer by TFTP is over.
    pub fn handle_tftp(&mut self, told: TftpTold, outputs: &mut Vec<Output>) {
        let TftpTold {
            transfer,
            request,
            data,
            end,
        } = told;
        let direction = match transfer.direction {
            tftp::Direction::Read => TransferDirection::Download,
            tftp::Direction::Write => TransferDirection::Upload,
        };
        let Some((device, expected)) = self.owner(&Moved {
            scheme: Scheme::Tftp,
            path: &transfer.file,
            client: transfer.client.ip(),
            server: transfer.server,
            direction,
        }) else {
            return;
        };
        let missing = transfer
            .missing_blocks
            .saturating_mul(u64::from(transfer.block_bytes));
        let bytes = transfer.bytes.saturating_add(missing);
        let mut steps = vec![asked(&request, request_words(&transfer))];
        steps.extend(data.map(|seen| carried(seen, bytes, Some(missing), direction)));
        steps.extend(end.map(|end| tftp_end(&transfer, &end)));
        let given = Transfer {
            device,
            source: transfer.client,
            destination: transfer.server,
            method: TransferMethod::Tftp,
            direction,
            result: match transfer.outcome() {
                tftp::Outcome::Complete => TransferResult::Complete,
                tftp::Outcome::Error => TransferResult::Failed,
                _ if transfer.server_port.is_none() => TransferResult::Unanswered,
                _ => TransferResult::Cut,
            },
            bytes: Some(bytes),
            missing_bytes: Some(missing),
            announced_bytes: transfer.announced_bytes,
            code: error_of(&transfer).map(|error| error.code),
            reason: error_of(&transfer).map(|error| error.text.clone()),
            name: transfer.file,
            caused_by: expected.map(|expected| expected.cause),
            steps,
        };
        self.give_transfer(Box::new(given), outputs);
    }

    /// Time has passed: transfers whose data connection did not come go without.
    pub(super) fn expire_files(&mut self, now_ns: i64, outputs: &mut Vec<Output>) {
        let over = self.files.channels.expire(now_ns);
        self.give_all(over, outputs);
    }

    /// The earliest end of a transfer that waits for its data connection.
    pub(super) fn files_wait_since_ns(&self) -> i64 {
        self.files.channels.wait_since_ns()
    }

    fn control(&mut self, peers: Peers) -> &mut Control {
        let full = self.files.controls.len() >= self.limits.controls_max;
        if full && !self.files.controls.contains_key(&peers.connection) {
            self.reached("controls_max");
            if let Some((_, control)) = self.files.controls.pop_first() {
                self.files.channels.drop_idle(control.channel);
            }
        }
        self.files.controls.entry(peers.connection).or_default()
    }

    fn refused(
        &mut self,
        peers: Peers,
        path: Option<String>,
        (line, code, text): (&Stretch, u16, String),
    ) {
        let step = reply(line, code, &text);
        self.control(peers).refused = Some(Refusal {
            login: path.is_none(),
            path,
            step,
            code,
            text,
        });
    }

    /// A file, or a list of files, has moved, or did not come to move.
    fn ended(
        &mut self,
        peers: Peers,
        transfer: &ftp::Transfer,
        result: &ftp::TransferResult,
        (command, line): (&Stretch, &Stretch),
        outputs: &mut Vec<Output>,
    ) {
        let control = self.control(peers);
        let began = control.began.take();
        let began = began.filter(|(place, _)| *place == transfer.command);
        let channel = control.channel.take();
        let direction = match transfer.kind {
            TransferKind::Retrieve => TransferDirection::Download,
            TransferKind::Store | TransferKind::Append => TransferDirection::Upload,
            TransferKind::List => return self.files.channels.drop_idle(channel),
        };
        control.refused = None;
        let name = transfer.path();
        let Some((device, expected)) = self.owner(&Moved {
            scheme: Scheme::Ftp,
            path: &name,
            client: peers.client.ip(),
            server: peers.server,
            direction,
        }) else {
            return self.files.channels.drop_idle(channel);
        };
        let has_begun = began.is_some();
        let mut steps = vec![asked(command, command_words(transfer))];
        steps.extend(began.map(|(_, step)| step));
        steps.extend(result.code.map(|code| reply(line, code, &result.text)));
        let refused = result.outcome == Outcome::Refused;
        let given = Box::new(Transfer {
            device,
            source: peers.client,
            destination: peers.server,
            method: TransferMethod::Ftp,
            direction,
            name,
            bytes: refused.then_some(0),
            missing_bytes: refused.then_some(0),
            announced_bytes: transfer.size_bytes,
            result: match result.outcome {
                Outcome::Complete => TransferResult::Complete,
                Outcome::Refused | Outcome::Failed => TransferResult::Failed,
                Outcome::Unknown if has_begun => TransferResult::Cut,
                Outcome::Unknown => TransferResult::Unanswered,
            },
            code: result.code,
            reason: result.code.map(|_| result.text.clone()),
            caused_by: expected.map(|expected| expected.cause),
            steps,
        });
        match channel.filter(|_| !refused) {
            Some(channel) => {
                let due_ns = self.now.nanoseconds.saturating_add(self.limits.data_ns_max);
                let over = self.files.channels.ended(channel, given, due_ns);
                self.give_all(over, outputs);
            }
            None => {
                self.files.channels.drop_idle(channel);
                self.give_transfer(given, outputs);
            }
        }
    }

    /// The connection is over. What was refused last was the end of what an RPC asked for.
    fn close_control(&mut self, peers: Peers, outputs: &mut Vec<Output>) {
        let Some(control) = self.files.controls.remove(&peers.connection) else {
            return;
        };
        self.files.channels.drop_idle(control.channel);
        let Some(refusal) = control.refused else {
            return;
        };
        let (client, server) = (peers.client.ip(), peers.server);
        let named = refusal.path.as_deref().and_then(|path| {
            [TransferDirection::Download, TransferDirection::Upload]
                .into_iter()
                .find_map(|direction| {
                    self.transfers.find_moved(&Moved {
                        scheme: Scheme::Ftp,
                        path,
                        client,
                        server,
                        direction,
                    })
                })
        });
        let Some(expected) = named.or_else(|| self.transfers.find_unnamed(client, server)) else {
            return;
        };
        let given = Transfer {
            device: expected.device,
            source: peers.client,
            destination: server,
            method: TransferMethod::Ftp,
            direction: expected.direction,
            name: expected.path.to_string(),
            bytes: Some(0),
            missing_bytes: Some(0),
            announced_bytes: None,
            result: TransferResult::Failed,
            code: Some(refusal.code),
            reason: (!refusal.text.is_empty()).then_some(refusal.text),
            caused_by: Some(expected.cause),
            steps: vec![refusal.step],
        };
        self.give_transfer(Box::new(given), outputs);
    }

    /// Whose file it is, and the RPC that asked for it; none of both where nobody here is concerned: others move files too.
    fn owner(&mut self, moved: &Moved<'_>) -> Option<(Option<Arc<str>>, Option<Expected>)> {
        let expected = self.transfers.find_moved(moved);
        let device = match &expected {
            Some(expected) => expected.device.clone(),
            // Behind a NAT, or behind a gateway that is the device itself, others move files from the same address.
            None => Some(moved.client)
                .filter(|client| is_private(*client))
                .and_then(|client| self.devices.only_at(client)),
        };
        (device.is_some() || expected.is_some()).then_some((device, expected))
    }

    #[expect(clippy::vec_box, reason = "each goes on in its box")]
    fn give_all(&mut self, transfers: Vec<Box<Transfer>>, outputs: &mut Vec<Output>) {
        for transfer in transfers {
            self.give_transfer(transfer, outputs);
        }
    }

    fn give_transfer(&mut self, transfer: Box<Transfer>, outputs: &mut Vec<Output>) {
        self.totals.transfers += 1;
        outputs.push(Output::Transfer(transfer));
    }
}

/// What the client asked for.
fn asked(stretch: &Stretch, words: String) -> Step {
    step(stretch, Side::Cpe, StepKind::Said(words))
}

/// A reply of FTP.
fn reply(line: &Stretch, code: u16, text: &str) -> Step {
    let words = format!("{code} {text}").trim_end().to_owned();
    let kind = if code >= 400 {
        StepKind::Refused(words)
    } else {
        StepKind::Said(words)
    };
    step(line, Side::Other, kind)
}

/// What ended a transfer by TFTP: the last acknowledgement, or an ERROR.
fn tftp_end(transfer: &tftp::Transfer, end: &Stretch) -> Step {
    let by_client = |is_client: bool| if is_client { Side::Cpe } else { Side::Other };
    match error_of(transfer) {
        Some(error) => {
            let words = format!("ERROR {} {}", error.code, error.text);
            let from = by_client(error.side == tftp::Side::Client);
            step(end, from, StepKind::Refused(words.trim_end().to_owned()))
        }
        None => {
            let from = by_client(transfer.direction == tftp::Direction::Read);
            step(
                end,
                from,
                StepKind::Said("ACK of the last block".to_owned()),
            )
        }
    }
}

/// The ERROR that a transfer ended with; not one behind the whole file.
fn error_of(transfer: &tftp::Transfer) -> Option<&tftp::TransferError> {
    let failed = transfer.outcome() == tftp::Outcome::Error;
    transfer.error.as_ref().filter(|_| failed)
}

/// A file on its way.
fn carried(
    sightings: [Sighting; 2],
    bytes: u64,
    missing_bytes: Option<u64>,
    direction: TransferDirection,
) -> Step {
    let [first, last] = sightings;
    let mut frames = vec![first.frame, last.frame];
    frames.dedup();
    let stretch = Stretch {
        frames,
        time: last.time,
    };
    let from = match direction {
        TransferDirection::Download => Side::Other,
        TransferDirection::Upload => Side::Cpe,
    };
    Step {
        body_bytes: bytes,
        evidence: match missing_bytes {
            Some(0) => Evidence::Complete,
            Some(_) => Evidence::Gap,
            None => Evidence::Truncated,
        },
        ..step(&stretch, from, StepKind::Data)
    }
}

fn step(stretch: &Stretch, from: Side, kind: StepKind) -> Step {
    Step {
        time: stretch.time,
        from,
        kind,
        frames: stretch.frames.clone(),
        connection: 0,
        status: None,
        evidence: Evidence::Complete,
        contested: false,
        hold_requests: None,
        body_bytes: 0,
        detail: None,
    }
}

fn command_words(transfer: &ftp::Transfer) -> String {
    let command = match transfer.kind {
        TransferKind::Retrieve => "RETR",
        // STOU names no file: the server finds one (RFC 959 section 4.1.3).
        TransferKind::Store if transfer.file.is_empty() => "STOU",
        TransferKind::Store => "STOR",
        TransferKind::Append => "APPE",
        TransferKind::List => "LIST",
    };
    format!("{command} {}", transfer.file).trim_end().to_owned()
}

fn request_words(transfer: &tftp::Transfer) -> String {
    let request = match transfer.direction {
        tftp::Direction::Read => "RRQ",
        tftp::Direction::Write => "WRQ",
    };
    format!("{request} {}", transfer.file)
}
