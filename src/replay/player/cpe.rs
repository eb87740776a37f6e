//! Role cpe: the recorded phone. It posts what the steps say, waits for each answer, and closes.

use std::sync::Arc;

use cwmp::Kind;

use super::PlayerError;
use super::arrival::{Arrival, EMPTY, UNDECODABLE};
use super::cookies::Jar;
use super::courtesy;
use super::credentials::Credentials;
use super::judge::{self, Fit};
use super::progress::CameOf;
use super::run::{Run, difference};
use super::speech::Speech;
use super::unexpected::{self, Meeting};
use crate::replay::action::{Action, ConnectionId, Heard};
use crate::replay::scenario::{Act, ActionStep, OnUnexpected, Send};
use crate::session::{Difference, DifferenceClass, StepResult};

/// The phone's side of a run.
pub(super) struct Cpe {
    pub(super) line: Option<Line>,
    /// The number of the last connection.
    pub(super) last: u64,
    /// What was said and waits for its answer.
    pub(super) outstanding: Option<Outstanding>,
    /// What waits for the connection.
    pub(super) unsaid: Option<Outstanding>,
    pub(super) jar: Jar,
    pub(super) credentials: Credentials,
    /// Where requests go: the path of the command line, or of a redirect to the same place.
    pub(super) path: String,
    /// The ACS wants no requests now (TR-069 Amendment 3 section 3.4.2, Table 4).
    held: bool,
    /// This step's difference about it is noted.
    held_noted: bool,
    listening: bool,
    /// A Connection Request came since the last session.
    woken: bool,
}

/// The connection.
pub(super) struct Line {
    pub(super) id: ConnectionId,
    pub(super) stands: bool,
    /// An answer came on it.
    used: bool,
    /// An answer began before its request went out.
    early: bool,
}

impl Line {
    /// A connection that is asked for.
    pub(super) fn asked(id: ConnectionId) -> Self {
        Self {
            id,
            stands: false,
            used: false,
            early: false,
        }
    }
}

/// A request without its answer.
pub(super) struct Outstanding {
    pub(super) speech: Speech,
    pub(super) challenges: u32,
    /// It went out again, since its connection was closed before it was heard.
    pub(super) repeated: bool,
}

impl Cpe {
    pub(super) fn new(run: &Run) -> Result<Self, PlayerError> {
        Ok(Self {
            line: None,
            last: 0,
            outstanding: None,
            unsaid: None,
            jar: Jar::default(),
            credentials: Credentials::new(run)?,
            path: run.target.path.clone(),
            held: false,
            held_noted: false,
            listening: false,
            woken: false,
        })
    }

    pub(super) fn hear(&mut self, run: &mut Run, heard: Heard) {
        match heard {
            Heard::Connected(id, _) => self.connected(run, id),
            Heard::Begun(id) if self.is_ours(id) && self.is_early(run, id) => {
                if let Some(line) = &mut self.line {
                    line.early = true;
                }
            }
            Heard::Message(id, http) if self.is_ours(id) => self.message(run, id, http),
            Heard::Closed(id, how) if self.is_ours(id) => self.closed(run, &how),
            Heard::Refused(id, how) if self.is_ours(id) => {
                self.line = None;
                let host = run.target.host_field();
                run.peer_failed(format!("no connection to {host}: {how}"));
            }
            Heard::WokenBy(_) if self.listening => {
                self.listening = false;
                self.woken = true;
                run.step_done(CameOf::passed());
            }
            _ => {}
        }
    }

    fn is_ours(&self, id: ConnectionId) -> bool {
        self.line.as_ref().is_some_and(|line| line.id == id)
    }

    fn connected(&mut self, run: &mut Run, id: ConnectionId) {
        let Some(line) = self.line.as_mut().filter(|line| line.id == id) else {
            run.actions.push_back(Action::Close(id));
            return;
        };
        line.stands = true;
        if let Some(unsaid) = self.unsaid.take() {
            self.post(run, unsaid);
        }
    }

    /// An ACS may close a connection between requests, just as the next one goes out (RFC 9112 section 9.5): that one is said
    /// once more, elsewhere. What a CPE says asks nothing of a device, so that it may be.
    fn closed(&mut self, run: &mut Run, how: &str) {
        let was_used = self.line.take().is_some_and(|line| line.used);
        match self.outstanding.take() {
            None if self.unsaid.is_none() => return,
            Some(mut again) if was_used && how.is_empty() && !again.repeated => {
                again.repeated = true;
                self.post(run, again);
                return;
            }
            _ => {}
        }
        let awaited = match run.scenario.steps.get(run.cursor).map(|step| &step.act) {
            Some(Act::Expect(expect)) => expect.message.clone(),
            _ => "its answer".to_owned(),
        };
        let how = match how {
            "" => String::new(),
            how => format!(" ({how})"),
        };
        run.peer_failed(format!(
            "the ACS closed the connection{how} where {awaited} was waited for"
        ));
    }

    /// Has the request that waits for an answer not gone out on this connection, or is there none?
    fn is_early(&self, run: &Run, id: ConnectionId) -> bool {
        let is_early = self.line.as_ref().is_some_and(|line| line.early);
        is_early || self.outstanding.is_none() || run.is_unsent(id)
    }

    /// An ACS may say that it was tired of waiting as it closes an idle connection (RFC 9110 section 15.5.9).
    fn has_timed_out(&self, run: &Run, arrival: &Arrival) -> bool {
        let was_used = self.line.as_ref().is_some_and(|line| line.used);
        let is_new = self.outstanding.as_ref().is_none_or(|it| !it.repeated);
        arrival.http.status() == 408 && was_used && is_new && !is_expected(run, 408)
    }

    /// What came before its request is no answer to it.
    fn unasked(&mut self, run: &mut Run, id: ConnectionId, arrival: &Arrival) {
        let class = DifferenceClass::Transport;
        let wanted = "an answer behind its request".to_owned();
        let actual = format!("{} before it", arrival.what());
        run.unsend(id);
        self.hang_up(run);
        run.fail(None, difference(class, "", Some(wanted), Some(actual)));
    }

    fn message(&mut self, run: &mut Run, id: ConnectionId, http: Box<http1::Message>) {
        if http.kind() != http1::Kind::Response || http.is_interim() {
            return;
        }
        if !Arrival::is_whole(&http) {
            run.peer_failed("an answer of the ACS did not come whole".to_owned());
            return;
        }
        let arrival = Arrival::new(http);
        if self.has_timed_out(run, &arrival) {
            run.unsend(id);
            run.actions.push_back(Action::Close(id));
            self.closed(run, "");
            return;
        }
        if self.is_early(run, id) {
            self.unasked(run, id, &arrival);
            return;
        }
        let outstanding = self.outstanding.take();
        if let Some(line) = &mut self.line {
            line.used = true;
        }
        self.jar
            .take(&arrival.http, self.path.as_bytes(), run.wall());
        let ends = outstanding.as_ref().is_some_and(|it| it.speech.close_after);
        if ends || arrival.closes() {
            self.hang_up(run);
        }
        let Some(outstanding) = outstanding else {
            return;
        };
        if matches!(arrival.http.status(), 401 | 407) && !is_expected(run, arrival.http.status()) {
            self.challenged(run, outstanding, &arrival);
            return;
        }
        self.follow(run, &arrival);
        self.take(run, &arrival);
    }

    /// Answers a challenge with the request that it refused; after a bound, the credentials are no good.
    fn challenged(&mut self, run: &mut Run, outstanding: Outstanding, arrival: &Arrival) {
        let challenges = outstanding.challenges.saturating_add(1);
        let taken = self.credentials.take(&arrival.http, &mut run.random);
        let refused = match taken {
            Err(why) => Some(why),
            // Asked for the first time, or only the nonce was old.
            Ok(stale) if challenges == 1 || stale && challenges <= CHALLENGES_MAX => None,
            Ok(_) => Some(format!(
                "the ACS refused the credentials, {challenges} times"
            )),
        };
        match refused {
            None => self.utter(run, outstanding.speech, challenges),
            Some(why) => {
                let (wanted, status) = (judge::status_wanted(run), arrival.http.status());
                let actual = Some(format!("{status}: {why}"));
                let class = DifferenceClass::Transport;
                let found = difference(class, "status", Some(wanted.to_string()), actual);
                run.fail(Some(format!("HTTP {status}")), found);
            }
        }
    }

    /// A redirect is followed to the address of the command line alone; what changes is the path.
    fn follow(&mut self, run: &Run, arrival: &Arrival) {
        if !(300..400).contains(&arrival.http.status()) {
            return;
        }
        let Some(location) = arrival.http.header("Location") else {
            return;
        };
        let location = String::from_utf8_lossy(&location).into_owned();
        let here = super::Target {
            path: String::new(),
            ..run.target.clone()
        };
        let path = match location.strip_prefix(&here.url()) {
            Some("") => "/",
            Some(path) => path,
            None => location.as_str(),
        };
        if path.starts_with('/') && !path.starts_with("//") && !path.contains(char::is_control) {
            path.clone_into(&mut self.path);
        }
    }

    /// Takes an answer to its step.
    fn take(&mut self, run: &mut Run, arrival: &Arrival) {
        run.heard = arrival.request_ids();
        if let Some(held) = arrival.envelope().and_then(|it| it.hold_requests()) {
            self.held = held;
        }
        let scenario = Arc::clone(&run.scenario);
        let act = scenario.steps.get(run.cursor).map(|step| &step.act);
        if let Some(Act::Send(_)) = act
            && self.held_noted
        {
            // It answers the empty POST that went out in the place of a request which is held back.
            self.after_held(run, arrival);
            return;
        }
        let fit = match act {
            Some(Act::Expect(expect)) => Some((expect, judge::fit(expect, scenario.role, arrival))),
            _ => None,
        };
        match fit {
            Some((expect, fit @ (Fit::Same | Fit::Instead))) => {
                let came_of = judge::judge(run, expect, arrival, fit);
                // Who was not let in has no session to go on with (TR-069 Amendment 3 section 3.7.1.6).
                let is_refused = expect.message.starts_with(INFORM_RESPONSE)
                    && arrival.kind() == Kind::Fault
                    && came_of.result == StepResult::Differs;
                run.step_done(came_of);
                if is_refused {
                    self.skip_session(run);
                }
            }
            _ => {
                let found = judge::misfit(run, arrival);
                self.meet(run, arrival, found);
            }
        }
    }

    fn meet(&mut self, run: &mut Run, arrival: &Arrival, found: Difference) {
        let Meeting::Answer(body) = unexpected::meet(run, arrival, found) else {
            return;
        };
        if arrival.kind() == Kind::Request {
            self.utter(run, courtesy::request(body), 0);
        } else {
            self.skip_session(run);
        }
    }

    /// The ACS has ended the session, or cannot go on: what the scenario still has in it is not reached.
    fn skip_session(&mut self, run: &mut Run) {
        self.hang_up(run);
        let steps = run.scenario.steps.iter().enumerate().skip(run.cursor);
        let mut next = steps.filter(|(_, step)| matches!(step.act, Act::Await(_) | Act::Action(_)));
        match next.next().map(|(index, _)| index) {
            Some(index) => run.go_to(index),
            None => run.over(),
        }
    }

    fn after_held(&mut self, run: &mut Run, arrival: &Arrival) {
        if arrival.kind() == Kind::Request {
            let found = judge::misfit(run, arrival);
            self.meet(run, arrival, found);
        } else if self.held {
            self.skip_session(run);
        }
    }

    /// Does what is to be done until something has to be waited for.
    pub(super) fn advance(&mut self, run: &mut Run) {
        let scenario = Arc::clone(&run.scenario);
        while let Some(step) = run.next_step(&scenario) {
            match &step.act {
                Act::Expect(expect) => {
                    run.wait_for_expected(expect);
                    return;
                }
                Act::Send(send) => {
                    if self.unsaid.is_some() || self.held_noted && self.outstanding.is_some() {
                        let timeout = run.timeout;
                        run.not_due();
                        run.wait_for(timeout, || "the ACS".to_owned());
                        return;
                    }
                    if !run.is_due(step.after) {
                        return;
                    }
                    self.say(run, send);
                }
                Act::Await(_) => {
                    self.end_session(run);
                    // Who was woken does not wait as long as the one who was not.
                    if !self.woken && !run.is_due(step.after) {
                        return;
                    }
                    self.woken = false;
                    run.step_done(CameOf::passed());
                }
                Act::Action(ActionStep::ConnectionRequest { via, .. }) => {
                    self.end_session(run);
                    if !self.listening {
                        self.listening = true;
                        let (step, via) = (run.cursor, *via);
                        run.actions.push_back(Action::Listen { step, via });
                    }
                    let timeout = run.timeout;
                    run.wait_for(timeout, || "a Connection Request".to_owned());
                    return;
                }
            }
        }
    }

    fn say(&mut self, run: &mut Run, send: &Send) {
        let said = run.said(run.cursor);
        let is_informing = said.starts_with("Inform");
        if self.held && !is_informing && is_request(&said) {
            self.hold_back(run);
            return;
        }
        self.held_noted = false;
        self.woken = false;
        if self.outstanding.take().is_some() || send.new_connection {
            self.hang_up(run);
        }
        self.held &= !is_informing;
        match run.speech(send) {
            Ok(speech) => self.utter(run, speech, 0),
            Err(why) => run.cannot_say(&why),
        }
    }

    /// The ACS holds requests back, which the recorded one did not: it gets an empty POST instead, and what it then says.
    fn hold_back(&mut self, run: &mut Run) {
        let class = DifferenceClass::Value;
        let (expected, actual) = (Some("false".to_owned()), Some("true".to_owned()));
        let found = difference(class, "Header/HoldRequests", expected, actual);
        if run.scenario.defaults.on_unexpected == OnUnexpected::Fail {
            run.fail(None, found);
            return;
        }
        if !self.held_noted {
            self.held_noted = true;
            run.progress.note(run.cursor, found);
        }
        self.utter(run, courtesy::request(Vec::new()), 0);
    }

    fn end_session(&mut self, run: &mut Run) {
        self.outstanding = None;
        self.held = false;
        self.held_noted = false;
        self.jar = Jar::default();
        self.credentials.forget();
        self.path.clone_from(&run.target.path);
        self.hang_up(run);
    }
}

/// Does a CPE ask something with it?
fn is_request(said: &str) -> bool {
    let is_answer = said.ends_with("Response") || said.starts_with("Fault");
    !is_answer && said != EMPTY && said != UNDECODABLE
}

/// Does the step expect this status?
fn is_expected(run: &Run, status: u16) -> bool {
    match run.scenario.steps.get(run.cursor).map(|step| &step.act) {
        Some(Act::Expect(expect)) => expect.status == Some(status),
        _ => false,
    }
}

/// What answers an Inform.
const INFORM_RESPONSE: &str = "InformResponse";
/// Challenges of one request: the first, and stale nonces.
const CHALLENGES_MAX: u32 = 4;
