//! `informant diff`: two sessions, or all of two captures, beside each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::arguments::{DiffArguments, Records, file_and_session};
use super::exit::{self, Trouble};
use super::output::{Sink, complain};
use super::reading::Source;
use super::screen;
use super::select::{self, Count, SESSIONS, Sessions};
use crate::filter::Filter;
use crate::report::{Compared, Labelled, Pair, json, text};
use crate::session::compare::{CompareRules, Comparison, Said, sessions};
use crate::session::{Masking, Message, Output, Role, Session};

pub(super) fn run(arguments: &DiffArguments) -> Result<u8, Trouble> {
    let mut expected = Side::named(&arguments.expected)?;
    let mut actual = Side::named(&arguments.actual)?;
    let paths = [expected.path.clone(), actual.path.clone()];
    let filter = select::parse(arguments.filter.as_deref(), SESSIONS, &arguments.writing)?;
    let mut sink = Sink::open(&arguments.writing, &paths)?;
    let mut codes = Vec::new();
    for side in [&mut expected, &mut actual] {
        codes.extend(side.read_sessions(arguments, filter.as_ref())?);
        side.is_there()?;
    }
    if expected.sessions.is_empty() && actual.sessions.is_empty() {
        let none = "-Y selects no session of either capture: there is nothing to compare";
        return Err(Trouble::Usage(none.to_owned()));
    }
    let paired = Paired::of(&expected, &actual)?;
    let wanted = paired.pairs.iter();
    expected.read_messages(wanted.clone().map(|pair| pair.0), arguments)?;
    actual.read_messages(wanted.map(|pair| pair.1), arguments)?;
    let rules = rules(arguments);
    let whole = paired.pairs.iter().filter(|(left, right)| {
        !expected.cut.contains(&number_at(&expected, *left))
            && !actual.cut.contains(&number_at(&actual, *right))
    });
    let whole: Vec<&(usize, usize)> = whole.collect();
    let comparisons: Vec<Comparison> = whole
        .iter()
        .map(|(left, right)| sessions(&expected.said(*left), &actual.said(*right), &rules))
        .collect();
    let pairs = whole.iter().zip(&comparisons);
    let pairs = pairs.filter_map(|((left, right), comparison)| {
        Some(Pair {
            expected: expected.labelled(*left)?,
            actual: actual.labelled(*right)?,
            comparison,
        })
    });
    let pairs: Vec<Pair<'_>> = pairs.collect();
    let left_out = paired.pairs.len().saturating_sub(pairs.len()) as u64;
    let missing = expected.all_labelled(&paired.missing);
    let extra = actual.all_labelled(&paired.extra);
    let compared = Compared {
        pairs: &pairs,
        missing: &missing,
        extra: &extra,
        left_out: left_out.saturating_add(paired.left_out),
    };
    let _ = write(&compared, arguments, &mut sink);
    if !arguments.writing.quiet {
        remark(&pairs);
    }
    if !compared.is_same() {
        codes.push(exit::FINDINGS);
    }
    if let Err(trouble) = sink.finish() {
        complain(&trouble.to_string());
        codes.push(trouble.code());
    }
    Ok(exit::first_of(&codes))
}

/// What the capture lacks may differ for that reason alone.
fn remark(pairs: &[Pair<'_>]) {
    for labelled in pairs.iter().flat_map(|pair| [pair.expected, pair.actual]) {
        let session = labelled.session;
        if session.gaps > 0 {
            complain(&format!(
                "{} session {}: {} of its messages are not whole in the capture, so that what differs in them need not have been sent",
                String::from_utf8_lossy(labelled.file),
                session.number,
                session.gaps
            ));
        }
    }
}

fn rules(arguments: &DiffArguments) -> CompareRules {
    let mut unordered = CompareRules::default().unordered;
    if arguments.ordered {
        unordered.clear();
    }
    unordered.extend(arguments.unordered.iter().cloned());
    CompareRules {
        unordered,
        ignore: arguments.ignore.clone(),
        time_tolerance: Duration::from_secs(arguments.time_tolerance.into()),
        fresh_keys: true,
        pace_tolerance: arguments
            .late
            .map(|seconds| Duration::from_secs(seconds.into())),
        masking: masking(arguments),
        ..CompareRules::default()
    }
}

fn masking(arguments: &DiffArguments) -> Masking {
    Masking {
        show_secrets: arguments.writing.show_secrets,
    }
}

fn write(compared: &Compared<'_>, arguments: &DiffArguments, sink: &mut Sink) -> ControlFlow<()> {
    let masking = masking(arguments);
    match arguments.format {
        Records::Text => {
            let look = screen::look(&arguments.writing);
            sink.text(&text::compared(compared, masking, look))
        }
        Records::Json => {
            let record = json::ComparedRecord::new(compared, masking);
            sink.with(|writer| json::write(&record, json::Layout::Indented, writer))
        }
        Records::Ndjson => compared.pairs.iter().try_for_each(|pair| {
            let mut differences = pair.comparison.differences.iter();
            differences.try_for_each(|difference| {
                let record = json::DifferenceRecord::new(difference, masking).of_sessions(pair);
                sink.text(&json::line(&record))
            })
        }),
    }
}

/// One of the two captures.
struct Side {
    path: PathBuf,
    /// The session that was asked for.
    number: Option<u32>,
    sessions: Vec<Session>,
    /// How many there are, and how many of them are to be compared.
    count: Count,
    messages: BTreeMap<u32, Vec<Message>>,
    /// Sessions whose messages are not all kept.
    cut: BTreeSet<u32>,
    /// Bytes of messages that are kept.
    bytes: usize,
    /// Sessions that are not looked at.
    left_out: u64,
}

impl Side {
    fn named(word: &Path) -> Result<Self, Trouble> {
        let (path, number) = file_and_session(word).map_err(Trouble::Usage)?;
        if path.as_os_str() == "-" && number.is_none() {
            return Err(Trouble::Usage(
                "standard input is read once: name its session, such as -#1".to_owned(),
            ));
        }
        Ok(Self {
            path,
            number,
            sessions: Vec::new(),
            count: Count::default(),
            messages: BTreeMap::new(),
            cut: BTreeSet::new(),
            bytes: 0,
            left_out: 0,
        })
    }

    /// All sessions that the filter selects; with their messages where one was asked for.
    fn read_sessions(
        &mut self,
        arguments: &DiffArguments,
        filter: Option<&Filter>,
    ) -> Result<Vec<u8>, Trouble> {
        let number = self.number;
        let mut selected = Sessions::new(filter, None);
        let messages = number.is_some() || selected.needs_messages();
        let codes = self.read(arguments, messages, &mut |side, output| {
            let output = match output {
                // Looked at again, where all are compared.
                Output::Message(message) if number.is_some() && message.session == number => {
                    if let Some(judged) = selected.of_message(&message) {
                        side.take(judged);
                    }
                    side.keep(*message);
                    return;
                }
                output => output,
            };
            if let Some(judged) = selected.take(output) {
                side.take(judged);
            }
        })?;
        for judged in selected.rest() {
            self.take(judged);
        }
        self.count
            .remark_on_none(filter, "sessions", &arguments.writing);
        self.sessions.sort_by_key(|session| session.number);
        Ok(codes)
    }

    /// A session that is wanted and selected, without its steps.
    fn take(&mut self, (mut session, is_selected): (Box<Session>, bool)) {
        if self.number.is_some_and(|number| number != session.number) {
            return;
        }
        self.count.note(is_selected);
        if !is_selected {
            return;
        }
        if self.sessions.len() < SESSIONS_MAX {
            session.steps = Vec::new();
            self.sessions.push(*session);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// The messages of these sessions, unless they are there.
    fn read_messages(
        &mut self,
        wanted: impl Iterator<Item = usize>,
        arguments: &DiffArguments,
    ) -> Result<(), Trouble> {
        if self.number.is_none() {
            let numbers: BTreeSet<u32> = wanted.map(|at| number_at(self, at)).collect();
            self.read(arguments, true, &mut |side, output| {
                if let Output::Message(message) = output
                    && message
                        .session
                        .is_some_and(|number| numbers.contains(&number))
                {
                    side.keep(*message);
                }
            })?;
        }
        for messages in self.messages.values_mut() {
            messages.sort_by_key(|message| message.provenance.time);
        }
        Ok(())
    }

    fn read(
        &mut self,
        arguments: &DiffArguments,
        messages: bool,
        take: &mut dyn FnMut(&mut Self, Output),
    ) -> Result<Vec<u8>, Trouble> {
        let paths = [self.path.clone()];
        let source = Source {
            paths: &paths,
            reading: &arguments.reading,
            writing: &arguments.writing,
            messages,
            appears: false,
        };
        let done = source.read(&mut |output| {
            take(self, output);
            ControlFlow::Continue(())
        })?;
        Ok(done.codes)
    }

    fn keep(&mut self, message: Message) {
        let Some(number) = message.session.filter(|_| message.role == Role::Cwmp) else {
            return;
        };
        let text = message.soap.as_ref().map_or(0, |soap| soap.text().len());
        self.bytes = self
            .bytes
            .saturating_add(message.http.raw.len().saturating_add(text));
        if self.bytes > MESSAGE_BYTES_MAX {
            self.cut.insert(number);
            return;
        }
        self.messages.entry(number).or_default().push(message);
    }

    fn is_there(&self) -> Result<(), Trouble> {
        let path = self.path.display();
        match self.number {
            Some(number) if self.count.all > 0 && self.sessions.is_empty() => Err(Trouble::Usage(
                format!("{path}: -Y does not select session {number}"),
            )),
            Some(number) if self.sessions.is_empty() => Err(Trouble::Usage(format!(
                "{path}: there is no session {number}: `informant list {path}` shows which there are"
            ))),
            None if self.count.all == 0 => {
                Err(Trouble::Usage(format!("{path}: no CWMP session in here")))
            }
            _ => Ok(()),
        }
    }

    fn said(&self, at: usize) -> Vec<Said<'_>> {
        let messages = self.messages.get(&number_at(self, at));
        messages.into_iter().flatten().map(Said::from).collect()
    }

    fn labelled(&self, at: usize) -> Option<Labelled<'_>> {
        Some(Labelled {
            file: self.path.as_os_str().as_encoded_bytes(),
            session: self.sessions.get(at)?,
        })
    }

    fn all_labelled(&self, places: &[usize]) -> Vec<Labelled<'_>> {
        let places = places.iter();
        places.filter_map(|at| self.labelled(*at)).collect()
    }
}

fn number_at(side: &Side, at: usize) -> u32 {
    side.sessions.get(at).map_or(0, |session| session.number)
}

/// Which sessions stand for each other, by place.
struct Paired {
    pairs: Vec<(usize, usize)>,
    missing: Vec<usize>,
    extra: Vec<usize>,
    left_out: u64,
}

/// What a session is known by: its device, where both captures have one of the same, and its events.
type Key<'a> = (Option<&'a str>, Vec<&'a str>);

impl Paired {
    fn of(expected: &Side, actual: &Side) -> Result<Self, Trouble> {
        match (expected.number, actual.number) {
            (None, None) => Ok(Self::by_key(expected, actual)),
            (Some(_), Some(_)) => Ok(Self::one(0, 0)),
            (Some(_), None) => alike(expected, actual).map(|at| Self::one(0, at)),
            (None, Some(_)) => alike(actual, expected).map(|at| Self::one(at, 0)),
        }
    }

    fn one(expected: usize, actual: usize) -> Self {
        Self {
            pairs: vec![(expected, actual)],
            missing: Vec::new(),
            extra: Vec::new(),
            left_out: 0,
        }
    }

    /// The first of a kind with the first of that kind, and so on.
    fn by_key(expected: &Side, actual: &Side) -> Self {
        let with_device = share_a_device(expected, actual);
        let mut known: BTreeMap<Key<'_>, VecDeque<usize>> = BTreeMap::new();
        for (at, session) in expected.sessions.iter().enumerate() {
            known
                .entry(key(session, with_device))
                .or_default()
                .push_back(at);
        }
        let (mut pairs, mut extra) = (Vec::new(), Vec::new());
        for (at, session) in actual.sessions.iter().enumerate() {
            let wanted = known.get_mut(&key(session, with_device));
            match wanted.and_then(VecDeque::pop_front) {
                Some(wanted) => pairs.push((wanted, at)),
                None => extra.push(at),
            }
        }
        let mut missing: Vec<usize> = known.into_values().flatten().collect();
        missing.sort_unstable();
        pairs.sort_unstable();
        let beyond = pairs.len().saturating_sub(PAIRS_MAX) as u64;
        let left_out = beyond.saturating_add(expected.left_out.max(actual.left_out));
        pairs.truncate(PAIRS_MAX);
        Self {
            pairs,
            missing,
            extra,
            left_out,
        }
    }
}

/// The first session of the other capture that is like the one that was asked for.
fn alike(side: &Side, other: &Side) -> Result<usize, Trouble> {
    let with_device = share_a_device(side, other);
    let wanted = side
        .sessions
        .first()
        .map(|session| key(session, with_device));
    let mut others = other.sessions.iter();
    let found = others.position(|session| Some(key(session, with_device)) == wanted);
    found.ok_or_else(|| {
        let path = other.path.display();
        Trouble::Usage(format!(
            "{path}: no session has the same device and events: name one, such as {path}#1; `informant list {path}` shows them"
        ))
    })
}

fn key(session: &Session, with_device: bool) -> Key<'_> {
    let device = session.device.as_deref().filter(|_| with_device);
    let mut events: Vec<&str> = session.events.iter().map(String::as_str).collect();
    events.sort_unstable();
    (device, events)
}

/// Two phones are compared by what they do; the same ones each with itself.
fn share_a_device(expected: &Side, actual: &Side) -> bool {
    let devices = |side: &Side| -> BTreeSet<String> {
        let devices = side
            .sessions
            .iter()
            .filter_map(|session| session.device.as_deref());
        devices.map(str::to_owned).collect()
    };
    !devices(expected).is_disjoint(&devices(actual))
}

/// Sessions of a capture that are looked at.
const SESSIONS_MAX: usize = 100_000;
/// Pairs that are compared.
const PAIRS_MAX: usize = 500;
/// Bytes of the messages of one capture that are held at once.
const MESSAGE_BYTES_MAX: usize = 256 << 20;
