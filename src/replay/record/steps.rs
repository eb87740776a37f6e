//! Steps and files of a scenario, one after the other as the recording has them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http1::{BodyFields, Fields, Framing};

use super::account::Account;
use super::body::Body;
use super::cookies::{self, Cookies};
use super::head::Head;
use super::notes::{NotPlayable, Note};
use super::order::{Turn, Turns};
use super::plan::{Plan, REACHED};
use super::{RecordedSession, Recording, StunSeen, Wake};
use crate::replay::guard;
use crate::replay::scenario::{
    Act, Auth, Await, Class, Expect, Role, Send, Step, Stun, Variable, Via,
};
use crate::session::{Outcome, Session, Side};
use crate::source::Timestamp;

/// A scenario on its way.
pub(super) struct Script<'a> {
    plan: Plan<'a>,
    cookies: Cookies,
    steps: Vec<Step>,
    files: BTreeMap<String, Vec<u8>>,
    has_account: bool,
    /// Turns so far, over all sessions.
    turn: usize,
    /// When the latest message ended.
    latest: Option<Timestamp>,
    /// Digits of the numbers in file names.
    digits: usize,
    /// Methods above reading, by what has to be allowed.
    needs: BTreeMap<Class, BTreeSet<String>>,
}

/// What a script came to.
pub(super) struct Finished {
    pub variables: BTreeMap<String, Variable>,
    pub steps: Vec<Step>,
    pub files: BTreeMap<String, Vec<u8>>,
    pub notes: Vec<Note>,
}

impl<'a> Script<'a> {
    pub fn new(role: Role, recording: &'a Recording, sessions: &[Turns<'a>]) -> Self {
        let turns: usize = sessions.iter().map(|session| session.kept.len()).sum();
        let steps = turns.saturating_add(2 * sessions.len());
        let mut plan = Plan::new(role, recording, sessions);
        let mut cookies = Cookies::default();
        if role == Role::Acs {
            cookies = Cookies::of(sessions);
        }
        if cookies.never_returned() {
            let what =
                "the recorded device returned no cookie of its ACS: `header Cookie` is passed over";
            plan.notes.push(Note::Remark(what.to_owned()));
        }
        Self {
            plan,
            cookies,
            steps: Vec::with_capacity(steps),
            files: BTreeMap::new(),
            has_account: false,
            turn: 0,
            latest: None,
            digits: steps.to_string().len().max(2),
            needs: BTreeMap::new(),
        }
    }

    /// A secret stands in this text.
    pub fn gives_away(&self, text: &str) -> bool {
        self.plan.secrets.stand_in(text.as_bytes())
    }

    pub fn ignored(&self) -> Vec<String> {
        let mut ignored = self.plan.ignored();
        if self.cookies.never_returned() {
            ignored.push(cookies::PLACE.to_owned());
        }
        ignored
    }

    /// What the device is asked for, and with which page.
    pub fn auth(&mut self, sessions: &[Turns<'a>]) -> Result<Option<Auth>, NotPlayable> {
        let account = Account::of(sessions);
        self.has_account = account.is_wanted(self.plan.role);
        let mut name = None;
        if let Some(turn) = account.challenge.filter(|turn| !turn.is_empty()) {
            name = Some(self.keep(turn, &[], "challenge".to_owned())?);
        }
        let auth = account.auth(&mut self.plan, name.clone())?;
        if let (Some(auth), Some(turn)) = (&auth, account.challenge)
            && self.gives_away(&auth.realm)
        {
            return Err(NotPlayable::Secret {
                place: turn.place,
                what: "in the realm of a challenge",
            });
        }
        if auth.is_none()
            && let Some(name) = name
        {
            self.files.remove(&name);
        }
        Ok(auth)
    }

    /// How the device keeps its binding.
    pub fn stun(&mut self, seen: Option<&StunSeen>, wakes: &[&Wake]) -> Option<Stun> {
        StunSeen::setting(seen, wakes, &mut self.plan)
    }

    pub fn session(
        &mut self,
        recorded: &RecordedSession,
        turns: &Turns<'a>,
    ) -> Result<(), NotPlayable> {
        let is_first = self.turn == 0;
        let gap = self.since(recorded.session.start);
        if let Some(wake) = &recorded.wake {
            let told = turns
                .kept
                .first()
                .and_then(|first| listens_at(first, wake.via));
            let step = wake.step(told.as_deref(), &mut self.plan, gap);
            self.steps.push(step);
            if is_first && self.plan.role == Role::Acs {
                let what = match wake.via {
                    Via::Http => "give its URL with --connection-request",
                    Via::Udp => "--stun finds where it goes",
                };
                let what = format!("the first step is a Connection Request: {what}");
                self.plan.notes.push(Note::Remark(what));
            }
        }
        let asked_for = recorded.session.events.iter().any(|it| it == WOKEN);
        if asked_for && recorded.wake.is_none() && self.plan.role == Role::Acs {
            let number = recorded.session.number;
            let what = format!(
                "session {number} has {WOKEN}, and the capture holds no Connection Request: the replay sends none, and the device has to be woken by somebody else"
            );
            self.plan.notes.push(Note::Remark(what));
        }
        if !is_first {
            // A Connection Request takes its time before.
            let gap = gap.filter(|_| recorded.wake.is_none());
            self.steps.push(awaited(&recorded.session, gap));
        }
        let role = self.plan.role;
        for (at, turn) in turns.kept.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| turns.kept.get(at));
            let after = self.since(turn.message.provenance.started);
            let after = after.filter(|_| before.is_some());
            let is_ours = (turn.message.from == Side::Acs) == (role == Role::Acs);
            let act = if is_ours {
                Act::Send(self.send(turn, before, &recorded.session)?)
            } else {
                Act::Expect(self.expect(turn, after)?)
            };
            self.steps.push(Step { act, after });
            self.turn = self.turn.saturating_add(1);
            self.latest = Some(turn.message.provenance.time);
        }
        self.remark_on_end(&recorded.session, turns);
        Ok(())
    }

    /// To milliseconds: a person reads them.
    fn since(&self, time: Timestamp) -> Option<Duration> {
        let elapsed_ns = time.nanoseconds.saturating_sub(self.latest?.nanoseconds);
        let elapsed_ms = u64::try_from(elapsed_ns).unwrap_or_default() / 1_000_000;
        Some(Duration::from_millis(elapsed_ms))
    }

    fn send(
        &mut self,
        turn: &Turn<'a>,
        before: Option<&Turn<'a>>,
        session: &Session,
    ) -> Result<Send, NotPlayable> {
        let file = if turn.is_empty() {
            None
        } else {
            let edits = self.plan.sent(turn, self.turn);
            let body = Body::of(turn)?;
            if body.gives_away(&edits) {
                return Err(NotPlayable::Secret {
                    place: turn.place,
                    what: "outside of the elements of its body",
                });
            }
            self.note_class(turn, body.bytes());
            let name = self.name(turn);
            let template = self.plan.swept(&body.template(&edits), true, turn.place)?;
            self.files.insert(name.clone(), template);
            Some(name)
        };
        let head = Head::of(turn, &mut self.plan, self.has_account)?;
        let connection = turn.message.provenance.connection;
        let other = before.is_none_or(|before| before.message.provenance.connection != connection);
        Ok(Send {
            file,
            head: head.text,
            chunks: self.chunks(turn),
            bare_lf: head.bare_lf,
            new_connection: self.plan.role == Role::Cpe && other,
            close_after: closes(turn, session),
        })
    }

    /// What has to be allowed for this message.
    fn note_class(&mut self, turn: &Turn<'_>, body: &[u8]) {
        if self.plan.role == Role::Cpe {
            return;
        }
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let classified = guard::classify(&[head.as_bytes(), body].concat());
        if classified.class > Class::Read {
            let method = classified.method;
            let method = method.or_else(|| turn.element().map(str::to_owned));
            let methods = self.needs.entry(classified.class).or_default();
            methods.insert(method.unwrap_or_default());
        }
    }

    /// The sizes of the chunks, without those that the rule for the last gives anyway.
    fn chunks(&mut self, turn: &Turn<'_>) -> Vec<usize> {
        let BodyFields::Chunked {
            chunks, trailers, ..
        } = Fields::from(&turn.message.http).body
        else {
            return Vec::new();
        };
        if !trailers.is_empty() {
            self.plan.notes.push(Note::NotKept {
                message: Some(turn.place),
                what: "trailer fields behind its last chunk".to_owned(),
            });
        }
        let sizes = chunks.iter().map(|chunk| chunk.data.len());
        let mut sizes: Vec<usize> = sizes.filter(|size| *size > 0).collect();
        if let [only] = sizes.as_slice() {
            return vec![(*only).max(WHOLE_BYTES)];
        }
        if let [.., before, last] = sizes.as_slice()
            && last <= before
        {
            sizes.pop();
        }
        while let [.., before, last] = sizes.as_slice()
            && last == before
        {
            sizes.pop();
        }
        sizes.truncate(CHUNKS_MAX);
        sizes
    }

    fn expect(&mut self, turn: &Turn<'a>, after: Option<Duration>) -> Result<Expect, NotPlayable> {
        let http = &turn.message.http;
        let message = match turn.element() {
            Some(element) => element.to_owned(),
            None if turn.is_empty() => "empty".to_owned(),
            None => "undecodable".to_owned(),
        };
        let usual = if message == "empty" { 204 } else { 200 };
        let status = Some(http.status()).filter(|status| !turn.is_request() && *status != usual);
        let found = self.plan.expected(turn, self.turn);
        let mut like = None;
        if !turn.is_empty() {
            like = self.like(turn, &found.edits)?;
        }
        let slow = after.filter(|after| *after > SLOW);
        Ok(Expect {
            message,
            status,
            like,
            matchers: found.matchers,
            capture: found.capture,
            ignore: self.cookies.ignored(self.turn),
            within: slow.map(|after| whole_seconds(after.saturating_mul(2))),
            ..Expect::default()
        })
    }

    /// The recorded message, for comparison; nothing where it cannot be kept.
    fn like(
        &mut self,
        turn: &Turn<'a>,
        edits: &[super::body::Edit],
    ) -> Result<Option<String>, NotPlayable> {
        let why = match Body::of(turn) {
            Err(NotPlayable::Unreadable { why, .. }) => why,
            Err(other) => return Err(other),
            Ok(body) if body.gives_away(edits) => "it holds secrets outside of its elements",
            Ok(body) => {
                let name = self.name(turn);
                self.files.insert(name.clone(), body.template(edits));
                return Ok(Some(name));
            }
        };
        self.plan.notes.push(Note::NotKept {
            message: Some(turn.place),
            what: format!("what it says is not compared: {why}"),
        });
        Ok(None)
    }

    /// Keeps a body under a name of its own.
    fn keep(
        &mut self,
        turn: &Turn<'a>,
        edits: &[super::body::Edit],
        stem: String,
    ) -> Result<String, NotPlayable> {
        let body = Body::of(turn)?;
        if body.gives_away(edits) {
            return Err(NotPlayable::Secret {
                place: turn.place,
                what: "in the page that asks for credentials",
            });
        }
        let name = format!("{stem}.{}", extension(turn));
        let template = self.plan.swept(&body.template(edits), true, turn.place)?;
        self.files.insert(name.clone(), template);
        Ok(name)
    }

    /// `03-SetParameterValues.xml`, by the number of its step.
    fn name(&self, turn: &Turn<'_>) -> String {
        let number = self.steps.len().saturating_add(1);
        let element = turn.element().unwrap_or("body");
        let letters = element
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'));
        let element: String = letters.take(NAME_LETTERS_MAX).collect();
        let digits = self.digits;
        format!("{number:0digits$}-{element}.{}", extension(turn))
    }

    fn remark_on_end(&mut self, session: &Session, turns: &Turns<'_>) {
        let number = session.number;
        let what = match session.outcome {
            _ if turns.ends_challenged => {
                "ends with a challenge that nobody answers: the replay ends before it"
            }
            Outcome::Aborted => "was broken off: the replay ends where it does",
            Outcome::Incomplete => "is not whole in the capture: the replay ends where that does",
            Outcome::Complete | Outcome::Faulted | Outcome::Rejected => return,
        };
        let note = Note::Remark(format!("session {number} {what}"));
        self.plan.notes.push(note);
    }

    /// `allow` is what the scenario allows.
    pub fn finish(self, allow: &[Class]) -> Finished {
        let Plan {
            mut variables,
            mut files,
            notes,
            secrets,
            ..
        } = self.plan;
        variables.hide(&secrets);
        files.warn(&secrets);
        let mut all = variables.notes;
        all.extend(notes);
        all.extend(files.notes);
        for (class, methods) in self.needs {
            let here = if allow.contains(&class) {
                "allowed here"
            } else {
                "not allowed here: put it into [safety] allow"
            };
            let class = class.name();
            let methods: Vec<String> = methods.into_iter().collect();
            all.push(Note::Remark(format!(
                "needs the class {class} ({}), {here}; a replay has to allow it too, with --allow {class}",
                methods.join(", ")
            )));
        }
        all.sort();
        all.dedup();
        let mut kept = self.files;
        kept.extend(files.contents);
        Finished {
            variables: variables.named,
            steps: self.steps,
            files: kept,
            notes: all,
        }
    }
}

/// Where an Inform says that its device waits for Connection Requests.
fn listens_at(turn: &Turn<'_>, via: Via) -> Option<String> {
    let (path, ..) = match via {
        Via::Http => REACHED[0],
        Via::Udp => REACHED[1],
    };
    let inform = turn.message.soap.as_ref()?.inform()?;
    let value = inform.parameter(path)?.value()?;
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The session that comes next, told by the event that says most.
fn awaited(session: &Session, gap: Option<Duration>) -> Step {
    let said = |event: &&String| event.starts_with("M ");
    let event = session.events.iter().find(said).or(session.events.first());
    let usual = gap.unwrap_or_default();
    let wanted = Await {
        session_with_event: event.cloned(),
        within: whole_seconds(usual.saturating_mul(2)).max(AWAITED_MIN),
    };
    Step {
        act: Act::Await(wanted),
        after: gap,
    }
}

fn whole_seconds(time: Duration) -> Duration {
    let seconds = time.as_secs();
    let more = u64::from(time.subsec_nanos() > 0);
    Duration::from_secs(seconds.saturating_add(more))
}

/// This side ends the connection behind this message, before anything else is said on it.
fn closes(turn: &Turn<'_>, session: &Session) -> bool {
    let message = turn.message;
    if message.http.framing == Framing::UntilClose && !turn.is_request() && !turn.is_empty() {
        return true;
    }
    let connection = message.provenance.connection;
    let time = message.provenance.time;
    let said_later = session
        .steps
        .iter()
        .any(|step| step.connection == connection && step.time > time);
    let ending = session
        .endings
        .iter()
        .find(|ending| ending.connection == connection);
    !said_later
        && ending.is_some_and(|ending| {
            let waited_ns = ending.time.nanoseconds.saturating_sub(time.nanoseconds);
            ending.by == message.from && waited_ns < CLOSED_AT_ONCE_NS
        })
}

fn extension(turn: &Turn<'_>) -> &'static str {
    if turn.message.soap.is_some() {
        return "xml";
    }
    match turn.message.http.content_type().as_deref() {
        Some(kind) if kind.eq_ignore_ascii_case(b"text/html") => "html",
        Some(kind) if kind.ends_with(b"xml") => "xml",
        Some(kind) if kind.starts_with(b"text/") => "txt",
        _ => "bin",
    }
}

/// A body in one chunk stays in one, however long its values become.
const WHOLE_BYTES: usize = 1 << 20;
/// Sizes of chunks that are kept; more say nothing, and a hostile peer sends a million.
const CHUNKS_MAX: usize = 256;
/// Answers that took longer are given more time than others.
const SLOW: Duration = Duration::from_secs(15);
/// What a woken device says (TR-069 Amendment 3 section 3.7.1.5, Table 6).
const WOKEN: &str = "6 CONNECTION REQUEST";
/// A session to come has at least this long.
const AWAITED_MIN: Duration = Duration::from_secs(60);
/// Who closes later than this closes for another reason.
const CLOSED_AT_ONCE_NS: i64 = 1_000_000_000;
const NAME_LETTERS_MAX: usize = 40;
