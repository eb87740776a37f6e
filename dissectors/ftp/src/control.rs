//! The two sides of a control connection together.

use std::collections::VecDeque;
use std::ops::Range;

use crate::anomaly::Anomalies;
use crate::command::{Command, Verb};
use crate::endpoint::{between_marks, six_numbers};
use crate::line::{Line, Lines};
use crate::recognise::names_ftp;
use crate::reply::{Read, Replies, Reply};
use crate::{
    Anomaly, AnomalyKind, DataEndpoint, DataMode, Event, EventKind, Limits, LoginResult, Outcome,
    Side, Transfer, TransferKind, TransferResult,
};

/// A control connection: ordered bytes of both sides in, events out.
///
/// Bytes come in the order in which they were sent, both sides taken together, since a reply answers what was sent before
/// it. In what pieces they come does not matter.
#[derive(Clone, Debug)]
pub struct Control {
    limits: Limits,
    client: Lines,
    server: Lines,
    replies: Replies,
    /// Commands without their last reply, the oldest first.
    pending: VecDeque<Command>,
    state: State,
    greeted: bool,
    session: Session,
    events: VecDeque<Event>,
    anomalies: Anomalies,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Could be something else.
    Unsettled,
    Ftp,
    /// Nothing more is read: it is not FTP, or TLS hides it.
    Closed,
}

/// What holds until another command changes it.
#[derive(Clone, Debug, Default)]
struct Session {
    user: Option<String>,
    password: Option<Range<u64>>,
    directory: Option<String>,
    data: Option<DataEndpoint>,
    /// The file of the last SIZE, and what came back.
    size: Option<(String, u64)>,
    restart: Option<u64>,
}

impl Control {
    /// A connection of which nothing was read yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            client: Lines::default(),
            server: Lines::default(),
            replies: Replies::default(),
            pending: VecDeque::new(),
            state: State::Unsettled,
            greeted: false,
            session: Session::default(),
            events: VecDeque::new(),
            anomalies: Anomalies::new(limits.anomalies_max),
        }
    }

    /// Takes the next bytes of one side.
    pub fn push(&mut self, side: Side, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(first) = rest.first().filter(|_| self.state != State::Closed) {
            if let Some(at) = self.odd_start(side, *first) {
                return self.give_up(side, at..at.saturating_add(1));
            }
            let max = self.limits.line_bytes_max;
            let (line, behind) = self.lines(side).take(rest, max);
            rest = behind;
            if let Some(line) = line {
                self.line(side, &line);
            }
        }
    }

    /// Passes over bytes of one side that the capture lost. Transfers whose reply may be among them end as unknown.
    pub fn gap(&mut self, side: Side, bytes: u64) {
        self.lines(side).skip(bytes);
        if side == Side::Server && self.state != State::Closed {
            self.replies.forget();
            self.end_pending();
        }
    }

    /// The connection ended: transfers without a last reply end as unknown.
    pub fn finish(&mut self) {
        if self.state != State::Closed {
            self.end_pending();
        }
    }

    /// The next of what happened, in order.
    pub fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Is it known to be FTP, by a reply or command that others do not have?
    pub fn is_settled(&self) -> bool {
        self.state == State::Ftp
    }

    /// Will it tell nothing more, because it is not FTP, or hidden by TLS?
    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Bytes that it holds: unfinished lines, commands without their reply, and what holds until another command.
    pub fn held_bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let commands: usize = self
            .pending
            .iter()
            .map(|command| size_of::<Command>().saturating_add(command.argument.len()))
            .sum();
        let session = [&self.session.user, &self.session.directory];
        size_of::<Self>()
            .saturating_add(commands)
            .saturating_add(self.client.held_bytes())
            .saturating_add(self.server.held_bytes())
            .saturating_add(session.into_iter().map(text).sum())
            .saturating_add(self.session.size.as_ref().map_or(0, |(file, _)| file.len()))
    }

    /// What was odd, up to the limit.
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies.listed
    }

    /// How many anomalies are not listed.
    pub fn unlisted_anomalies(&self) -> u64 {
        self.anomalies.unlisted
    }

    fn lines(&mut self, side: Side) -> &mut Lines {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    fn line(&mut self, side: Side, line: &Line) {
        if line.bare {
            self.note(AnomalyKind::BareLineFeed, side, line);
        }
        if line.long {
            self.note(AnomalyKind::LongLine, side, line);
        }
        match side {
            Side::Client => self.client_line(line),
            Side::Server => self.server_line(line),
        }
    }

    /// Where a line begins as none of FTP does; what has no lines, as TLS, is given up at its first byte.
    ///
    /// Inside a reply of several lines a server writes what it likes.
    fn odd_start(&mut self, side: Side, first: u8) -> Option<u64> {
        let odd = first < 0x20 && !first.is_ascii_whitespace();
        let free = side == Side::Server && self.replies.is_open();
        if !odd || free || self.state != State::Unsettled {
            return None;
        }
        self.lines(side).line_start()
    }

    fn client_line(&mut self, line: &Line) {
        let Some(command) = Command::read(line) else {
            return self.odd_line(AnomalyKind::OddCommand, Side::Client, line);
        };
        if self.state == State::Unsettled && command.verb == Verb::Other && is_of_others(line) {
            return self.give_up(Side::Client, line.span.clone());
        }
        if command.is_ftp_alone() && self.greeted {
            self.state = State::Ftp;
        }
        match command.verb {
            Verb::User => {
                self.session.user = Some(command.argument.clone());
                self.session.password = None;
            }
            Verb::Pass => self.session.password = Some(command.argument_span.clone()),
            _ => {}
        }
        if self.pending.len() >= self.limits.pending_max {
            self.note(AnomalyKind::PendingLimit, Side::Client, line);
            if let Some(oldest) = self.pending.pop_front() {
                self.end_unknown(&oldest);
            }
        }
        self.pending.push_back(command);
    }

    fn server_line(&mut self, line: &Line) {
        match self.replies.take(line) {
            Read::Whole(reply) => self.reply(&reply),
            Read::More => {}
            Read::Odd => self.odd_line(AnomalyKind::OddReply, Side::Server, line),
        }
    }

    fn odd_line(&mut self, kind: AnomalyKind, side: Side, line: &Line) {
        if self.state == State::Unsettled && !line.text.is_empty() {
            self.give_up(side, line.span.clone());
        } else {
            self.note(kind, side, line);
        }
    }

    fn give_up(&mut self, side: Side, span: Range<u64>) {
        self.state = State::Closed;
        self.pending.clear();
        self.tell(side, span, EventKind::NotFtp);
    }

    fn reply(&mut self, reply: &Reply) {
        let greeting = !self.greeted && matches!(reply.code, 120 | 220);
        if greeting || (!self.greeted && reply.code == 421) {
            self.greeted = reply.code != 120;
            if names_ftp(reply.text.as_bytes()) {
                self.state = State::Ftp;
            }
            let text = reply.text.clone();
            return self.tell_reply(reply, EventKind::Greeting { text });
        }
        self.greeted = true;
        let Some(at) = self.answered(reply.code) else {
            return self.anomalies.note(
                AnomalyKind::UnexpectedReply,
                Side::Server,
                reply.span.start,
            );
        };
        // Of a connection that is joined midway, no greeting and no login tells.
        if self.pending.get(at).is_some_and(Command::is_ftp_alone) {
            self.state = State::Ftp;
        }
        if (100..200).contains(&reply.code) {
            return self.preliminary(at, reply);
        }
        if let Some(command) = self.pending.remove(at) {
            self.settle(&command, reply.code);
            self.last_reply(&command, reply);
        }
    }

    /// Which command a reply answers: the oldest, but STAT is answered while a transfer goes on (RFC 959 section 4.1.3).
    fn answered(&self, code: u16) -> Option<usize> {
        let oldest = self.pending.front()?;
        if !oldest.begun || !matches!(code, 211..=213) {
            return Some(0);
        }
        let stat = self
            .pending
            .iter()
            .position(|command| command.verb == Verb::Stat);
        Some(stat.unwrap_or_default())
    }

    fn settle(&mut self, command: &Command, code: u16) {
        if command.verb == Verb::User && matches!(code, 230..=232 | 331 | 332 | 530) {
            self.state = State::Ftp;
        }
    }

    fn preliminary(&mut self, at: usize, reply: &Reply) {
        let Some(command) = self.pending.get_mut(at) else {
            return;
        };
        if std::mem::replace(&mut command.begun, true) {
            return;
        }
        let command = command.clone();
        if let Some(bytes) = size_in(&reply.text) {
            self.session.size = Some((command.argument.clone(), bytes));
        }
        if let Some(transfer) = self.transfer(&command) {
            let began = EventKind::TransferBegan {
                transfer,
                code: reply.code,
                text: reply.text.clone(),
            };
            self.tell_reply(reply, began);
        }
    }

    fn last_reply(&mut self, command: &Command, reply: &Reply) {
        let good = (200..300).contains(&reply.code);
        match command.verb {
            Verb::User | Verb::Pass | Verb::Acct => self.login(reply),
            Verb::Auth if reply.code == 234 => {
                self.state = State::Closed;
                self.pending.clear();
                self.tell_reply(reply, EventKind::Secured);
            }
            Verb::Size if reply.code == 213 => self.size(command, reply),
            Verb::Size | Verb::Cwd | Verb::Xcwd if reply.code >= 400 => self.refuse(command, reply),
            Verb::Rest if reply.code == 350 => {
                self.session.restart = command.argument.trim().parse().ok();
            }
            Verb::Pasv | Verb::Epsv | Verb::Port | Verb::Eprt if good => self.data(command, reply),
            Verb::Cwd | Verb::Xcwd if good => self.enter(&command.argument),
            Verb::Cdup | Verb::Xcup if good => self.enter(".."),
            Verb::Pwd | Verb::Xpwd if reply.code == 257 => self.told_directory(&reply.text),
            Verb::Rein if good => self.session = Session::default(),
            _ => self.end_transfer(command, reply),
        }
    }

    fn login(&mut self, reply: &Reply) {
        let result = match reply.code {
            230..=232 => LoginResult::Accepted,
            400.. => LoginResult::Refused,
            _ => return,
        };
        let event = EventKind::Login {
            user: self.session.user.clone().unwrap_or_default(),
            password: self.session.password.clone(),
            result,
            code: reply.code,
        };
        self.tell_reply(reply, event);
    }

    fn size(&mut self, command: &Command, reply: &Reply) {
        let Ok(bytes) = reply.text.trim().parse() else {
            return;
        };
        let file = command.argument.clone();
        self.session.size = Some((file.clone(), bytes));
        self.tell_reply(reply, EventKind::Size { file, bytes });
    }

    fn refuse(&mut self, command: &Command, reply: &Reply) {
        let event = EventKind::PathRefused {
            path: command.argument.clone(),
            file: command.verb == Verb::Size,
            code: reply.code,
            text: reply.text.clone(),
        };
        self.tell_reply(reply, event);
    }

    fn data(&mut self, command: &Command, reply: &Reply) {
        let numbers =
            |text: &str| six_numbers(text).map(|(address, port)| (Some(address.into()), port));
        let (mode, found) = match command.verb {
            Verb::Pasv => (DataMode::Passive, numbers(&reply.text)),
            Verb::Epsv if reply.code == 229 => (DataMode::Passive, between_marks(&reply.text)),
            Verb::Port => (DataMode::Active, numbers(&command.argument)),
            Verb::Eprt => (DataMode::Active, between_marks(&command.argument)),
            // EPSV ALL has a reply of another code, and no endpoint (RFC 2428 section 4).
            _ => return,
        };
        let Some((address, port)) = found else {
            self.session.data = None;
            return self
                .anomalies
                .note(AnomalyKind::OddEndpoint, Side::Server, reply.span.start);
        };
        let endpoint = DataEndpoint {
            mode,
            address,
            port,
        };
        self.session.data = Some(endpoint);
        self.tell_reply(reply, EventKind::DataEndpoint(endpoint));
    }

    fn enter(&mut self, path: &str) {
        let known = self.session.directory.take().unwrap_or_default();
        let joined = match path {
            ".." => known
                .trim_end_matches('/')
                .rsplit_once('/')
                .map(|(parent, _)| match parent {
                    "" => "/".to_owned(),
                    parent => parent.to_owned(),
                }),
            path if path.starts_with('/') || known.is_empty() => Some(path.to_owned()),
            path => Some(format!("{}/{path}", known.trim_end_matches('/'))),
        };
        // A path grows with every CWD; what no file system takes is not kept.
        self.session.directory = joined.filter(|path| path.len() <= self.limits.line_bytes_max);
    }

    /// 257 has the path in quotation marks, those inside it doubled (RFC 959 appendix II).
    fn told_directory(&mut self, text: &str) {
        let Some((_, rest)) = text.split_once('"') else {
            return;
        };
        let mut path = String::new();
        let mut characters = rest.chars().peekable();
        while let Some(character) = characters.next() {
            if character == '"' && characters.next_if_eq(&'"').is_none() {
                break;
            }
            path.push(character);
        }
        self.session.directory = Some(path);
    }

    fn transfer(&self, command: &Command) -> Option<Transfer> {
        let kind = transfer_kind(command.verb)?;
        let size = self.session.size.as_ref();
        Some(Transfer {
            kind,
            file: command.argument.clone(),
            directory: self.session.directory.clone(),
            user: self.session.user.clone(),
            data: self.session.data,
            size_bytes: size
                .filter(|(file, _)| *file == command.argument && kind == TransferKind::Retrieve)
                .map(|(_, bytes)| *bytes),
            restart_bytes: self.session.restart,
            command: command.span.clone(),
        })
    }

    fn end_transfer(&mut self, command: &Command, reply: &Reply) {
        let Some(transfer) = self.transfer(command) else {
            return;
        };
        let outcome = match (reply.code, command.begun) {
            (200..300, _) => Outcome::Complete,
            (_, true) => Outcome::Failed,
            (_, false) => Outcome::Refused,
        };
        let result = TransferResult {
            outcome,
            code: Some(reply.code),
            text: reply.text.clone(),
        };
        self.forget_data(transfer.kind);
        self.tell_reply(reply, EventKind::TransferEnded { transfer, result });
    }

    /// A data connection, a restart and a size are for one transfer.
    fn forget_data(&mut self, kind: TransferKind) {
        self.session.data = None;
        self.session.restart = None;
        if kind != TransferKind::List {
            self.session.size = None;
        }
    }

    fn end_pending(&mut self) {
        for command in std::mem::take(&mut self.pending) {
            self.end_unknown(&command);
        }
    }

    fn end_unknown(&mut self, command: &Command) {
        let Some(transfer) = self.transfer(command) else {
            return;
        };
        let result = TransferResult {
            outcome: Outcome::Unknown,
            code: None,
            text: String::new(),
        };
        self.forget_data(transfer.kind);
        let span = command.span.clone();
        self.tell(
            Side::Client,
            span,
            EventKind::TransferEnded { transfer, result },
        );
    }

    fn tell_reply(&mut self, reply: &Reply, kind: EventKind) {
        self.tell(Side::Server, reply.span.clone(), kind);
    }

    fn tell(&mut self, side: Side, span: Range<u64>, kind: EventKind) {
        self.events.push_back(Event { kind, side, span });
    }

    fn note(&mut self, kind: AnomalyKind, side: Side, line: &Line) {
        self.anomalies.note(kind, side, line.span.start);
    }
}

fn transfer_kind(verb: Verb) -> Option<TransferKind> {
    match verb {
        Verb::Retr => Some(TransferKind::Retrieve),
        Verb::Stor | Verb::Stou => Some(TransferKind::Store),
        Verb::Appe => Some(TransferKind::Append),
        Verb::List | Verb::Nlst | Verb::Mlsd => Some(TransferKind::List),
        _ => None,
    }
}

/// A first command of mail or chat.
fn is_of_others(line: &Line) -> bool {
    let mut words = line.text.split(|byte| *byte == b' ');
    let word = words.next().unwrap_or_default();
    OTHERS.iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// The number before `bytes` in brackets: `(2345 bytes)`.
fn size_in(text: &str) -> Option<u64> {
    let (_, inside) = text.rsplit_once('(')?;
    let (number, unit) = inside.split_once(' ')?;
    unit.starts_with("byte").then(|| number.parse().ok())?
}

/// Commands of SMTP, LMTP, POP3, IMAP, IRC and HTTP.
const OTHERS: [&[u8]; 13] = [
    b"EHLO",
    b"HELO",
    b"LHLO",
    b"MAIL",
    b"RCPT",
    b"STARTTLS",
    b"CAPA",
    b"APOP",
    b"NICK",
    b"JOIN",
    b"GET",
    b"POST",
    b"HEAD",
];
