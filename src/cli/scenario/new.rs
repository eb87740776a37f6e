//! `informant scenario new`: recorded sessions as a scenario.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::cli::arguments::{ScenarioNewArguments, When, Writing};
use crate::cli::exit::{self, Trouble};
use crate::cli::output::complain;
use crate::cli::reading::{Done, Source};
use crate::replay::record::{
    RecordSetting, Recorded, RecordedSession, Recording, StunSeen, Transaction, Wake, record,
};
use crate::replay::scenario;
use crate::session::{
    ConnectionRequest, Datagram, DatagramKind, Message, Output, Role as Purpose, Session, Side,
    TriggerKind,
};

pub(super) fn run(arguments: &ScenarioNewArguments) -> Result<u8, Trouble> {
    let until = arguments.until_session;
    if until.is_some_and(|until| until < arguments.session) {
        return Err(Trouble::Usage(
            "--until-session is the number of a later session than --session".to_owned(),
        ));
    }
    has_room(arguments)?;
    let paths = arguments.files.paths();
    let sha256 = digest(&paths);
    let mut found = Found::of(arguments);
    let mut done = read(arguments, &paths, &mut found)?;
    let Some(recording) = found.recording(arguments, sha256) else {
        no_session(arguments.session, &done);
        done.codes.push(exit::USAGE);
        return Ok(exit::first_of(&done.codes));
    };
    let recorded = match written(arguments, &recording) {
        Ok(recorded) => recorded,
        Err((why, code)) => {
            complain(&why);
            done.codes.push(code);
            return Ok(exit::first_of(&done.codes));
        }
    };
    if !arguments.quiet {
        let notes = recorded.notes.iter();
        notes.for_each(|note| complain(&note.to_string()));
        complain(&format!(
            "{} steps written to {}: `informant scenario show {}` shows them",
            recorded.scenario.steps.len(),
            arguments.output.display(),
            arguments.output.display(),
        ));
    }
    Ok(exit::first_of(&done.codes))
}

/// The same of what somebody else has read: they hand over what they have of it.
#[cfg(all(feature = "tui", feature = "live"))]
pub(in crate::cli) fn of_outputs(
    arguments: &ScenarioNewArguments,
    hand_over: impl FnOnce(&mut dyn FnMut(Output) -> ControlFlow<()>),
) -> Result<(), Trouble> {
    has_room(arguments)?;
    let mut found = Found::of(arguments);
    hand_over(&mut |output| found.take(output));
    let recording = found.recording(arguments, None).ok_or_else(|| {
        let session = arguments.session;
        Trouble::Usage(format!("session {session} is not held in memory"))
    })?;
    let recorded = written(arguments, &recording);
    recorded.map(|_| ()).map_err(|(why, _)| Trouble::Usage(why))
}

/// Nothing is lost where it is written.
fn has_room(arguments: &ScenarioNewArguments) -> Result<(), Trouble> {
    let output = &arguments.output;
    match scenario::occupied(output, arguments.force) {
        Ok(Some(problem)) => {
            let what = format!("{}: {problem}", output.display());
            Err(Trouble::Usage(what))
        }
        _ => Ok(()),
    }
}

/// Makes the scenario and writes it; otherwise why not, and the exit code for that.
fn written(
    arguments: &ScenarioNewArguments,
    recording: &Recording,
) -> Result<Recorded, (String, u8)> {
    let mut setting = RecordSetting {
        allow: arguments.allow.iter().map(|class| class.class()).collect(),
    };
    setting.allow.sort_unstable();
    setting.allow.dedup();
    let recorded = record(recording, arguments.role.role(), &setting)
        .map_err(|why| (format!("no scenario can be made: {why}"), exit::INPUT))?;
    scenario::write_directory(&arguments.output, &recorded.scenario, arguments.force).map_err(
        |problem| {
            let why = format!("{}: {problem}", arguments.output.display());
            (why, exit::FAILURE)
        },
    )?;
    Ok(recorded)
}

fn read(
    arguments: &ScenarioNewArguments,
    paths: &[PathBuf],
    found: &mut Found,
) -> Result<Done, Trouble> {
    let writing = Writing {
        output: None,
        color: When::Never,
        show_secrets: false,
        quiet: arguments.quiet,
    };
    let source = Source {
        paths,
        reading: &arguments.reading,
        writing: &writing,
        messages: true,
        appears: false,
    };
    let mut options = arguments.reading.options(true);
    options.limits.other_body_bytes_max = FILE_BYTES_MAX;
    source.read_as(&options, &mut |output| found.take(output))
}

fn no_session(number: u32, done: &Done) {
    let sessions = done.summary.cwmp.sessions;
    complain(&format!(
        "there is no session {number}: the capture holds {sessions}; one in TLS that is not opened is none"
    ));
}

/// The digest of the files in their order; none where one cannot be read twice.
fn digest(paths: &[PathBuf]) -> Option<String> {
    let mut digest = Sha256::new();
    for path in paths {
        if path.as_os_str() == "-" || !path.is_file() {
            return None;
        }
        // A file that cannot be read is told by whoever reads it as a capture.
        feed(path, &mut digest).ok()?;
    }
    let bytes = digest.finalize();
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn feed(path: &Path, digest: &mut Sha256) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(()),
            length => digest.update(block.get(..length).unwrap_or_default()),
        }
    }
}

/// What is gathered of the sessions that may be wanted.
struct Found {
    first: u32,
    /// The last that may be wanted.
    last: u32,
    device: Option<Arc<str>>,
    sessions: BTreeMap<u32, Gathered>,
    transfers: Vec<Message>,
    /// By the device's address.
    stun: BTreeMap<IpAddr, StunSeen>,
}

#[derive(Default)]
struct Gathered {
    session: Option<Box<Session>>,
    messages: Vec<Message>,
    /// Of the Connection Request that set it off.
    request: Option<Box<ConnectionRequest>>,
    legs: Vec<Message>,
    datagrams: Vec<Datagram>,
}

impl Found {
    fn of(arguments: &ScenarioNewArguments) -> Self {
        let last = if arguments.transaction {
            u32::MAX
        } else {
            arguments.until_session.unwrap_or(arguments.session)
        };
        Self {
            first: arguments.session,
            last,
            device: None,
            sessions: BTreeMap::new(),
            transfers: Vec::new(),
            stun: BTreeMap::new(),
        }
    }

    fn take(&mut self, output: Output) -> ControlFlow<()> {
        match output {
            Output::Session(session) => self.session(session),
            Output::Message(message) => self.message(*message),
            Output::Datagram(datagram) if datagram.kind == DatagramKind::ConnectionRequest => {
                if let Some(gathered) = self.of_session(datagram.session) {
                    gathered.datagrams.push(*datagram);
                }
            }
            Output::Datagram(datagram) if datagram.kind == DatagramKind::Stun => {
                self.stun(&datagram);
            }
            Output::ConnectionRequest(request) => {
                if let Some(gathered) = self.of_session(request.session) {
                    gathered.request.get_or_insert(request);
                }
            }
            _ => {}
        }
        if self.is_whole() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn stun(&mut self, datagram: &Datagram) {
        let device = StunSeen::device(datagram);
        if self.stun.len() < DEVICES_MAX || self.stun.contains_key(&device) {
            self.stun.entry(device).or_default().take(datagram);
        }
    }

    fn of_session(&mut self, number: Option<u32>) -> Option<&mut Gathered> {
        let number = number.filter(|number| (self.first..=self.last).contains(number))?;
        if self.sessions.len() >= SESSIONS_MAX && !self.sessions.contains_key(&number) {
            return None;
        }
        Some(self.sessions.entry(number).or_default())
    }

    fn session(&mut self, session: Box<Session>) {
        let number = session.number;
        if number == self.first {
            self.device.clone_from(&session.device);
        }
        if self.device.is_some() && session.device != self.device {
            self.sessions.remove(&number);
        } else if let Some(gathered) = self.of_session(Some(number)) {
            gathered.session = Some(session);
        }
    }

    fn message(&mut self, message: Message) {
        if message.role == Purpose::Transfer {
            let cause = message.caused_by.as_ref();
            if cause.is_some_and(|cause| (self.first..=self.last).contains(&cause.session)) {
                self.transfers.push(message);
            }
            return;
        }
        let number = message.session;
        if number == Some(self.first) && self.device.is_none() {
            self.device.clone_from(&message.device);
        }
        let other =
            message.device.is_some() && self.device.is_some() && message.device != self.device;
        if other {
            return;
        }
        let role = message.role;
        let Some(gathered) = self.of_session(number) else {
            return;
        };
        match role {
            Purpose::Cwmp => gathered.messages.push(message),
            Purpose::ConnectionRequest => gathered.legs.push(message),
            Purpose::Transfer | Purpose::Other => {}
        }
    }

    /// Nothing more can come of the one session that is wanted.
    fn is_whole(&self) -> bool {
        if self.first != self.last {
            return false;
        }
        let Some(gathered) = self.sessions.get(&self.first) else {
            return false;
        };
        let Some(session) = &gathered.session else {
            return false;
        };
        let moves_files = session
            .rpcs
            .iter()
            .any(|rpc| TRANSFERS.contains(&rpc.method.as_str()));
        let woken = session.triggered_by.as_ref().is_some_and(|trigger| {
            matches!(
                trigger.kind,
                TriggerKind::HttpConnectionRequest | TriggerKind::UdpConnectionRequest
            )
        });
        gathered.messages.len() >= session.steps.len() && !moves_files && !woken
    }

    /// The sessions that belong together; nothing where the first is not there.
    fn recording(
        self,
        arguments: &ScenarioNewArguments,
        sha256: Option<String>,
    ) -> Option<Recording> {
        let device = self.device;
        let mut sessions = self
            .sessions
            .into_values()
            .filter_map(Gathered::recorded)
            .filter(|session| session.session.device == device);
        let first = sessions
            .next()
            .filter(|first| first.session.number == self.first)?;
        let sessions = if arguments.transaction {
            followed(first, sessions, arguments.quiet)
        } else {
            [first].into_iter().chain(sessions).collect()
        };
        let messages = sessions.iter().flat_map(|one| &one.messages);
        let mut said = messages.filter(|message| message.from == Side::Cpe);
        let device = said.next().map(|message| message.provenance.source.ip());
        let mut stun = self.stun;
        Some(Recording {
            sha256,
            transfers: self.transfers,
            stun: device.and_then(|device| stun.remove(&device)),
            sessions,
        })
    }
}

/// The sessions that end what the first begins.
fn followed(
    first: RecordedSession,
    later: impl Iterator<Item = RecordedSession>,
    quiet: bool,
) -> Vec<RecordedSession> {
    let mut transaction = Transaction::of(&first);
    let mut sessions = vec![first];
    for session in later {
        if transaction.is_over() {
            break;
        }
        if transaction.takes(&session) {
            sessions.push(session);
        }
    }
    if !quiet && !transaction.is_over() {
        complain(&format!(
            "the capture does not hold the end of what session {} begins",
            sessions.first().map_or(0, |first| first.session.number)
        ));
    }
    sessions
}

impl Gathered {
    fn recorded(self) -> Option<RecordedSession> {
        let datagrams: Vec<&Datagram> = self.datagrams.iter().collect();
        let wake = self
            .request
            .map(|request| Wake::of(&request, &self.legs, &datagrams));
        Some(RecordedSession {
            session: *self.session?,
            messages: self.messages,
            wake,
        })
    }
}

/// RPCs whose file may follow long after their session.
const TRANSFERS: [&str; 4] = ["Download", "Upload", "ScheduleDownload", "ChangeDUState"];
/// Files up to this length become files of the scenario, longer ones a filler: more than firmware of a phone has.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Sessions that are held while a transaction is followed.
const SESSIONS_MAX: usize = 1_000;
/// Devices whose STUN is held until it is known which one is wanted.
const DEVICES_MAX: usize = 1_000;
