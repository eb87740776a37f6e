//! Role acs: how answers go out, those of the scenario and those beside it.

use super::acs::{Acs, Pending};
use super::cookies;
use super::courtesy::response;
use super::progress::CameOf;
use super::run::Run;
use super::speech::{OfHttp, Speech, Unsayable};
use crate::replay::action::{Action, ConnectionId};
use crate::replay::scenario::Send;

impl Acs {
    /// Answers the request that waits with what the step has.
    pub(super) fn say(&mut self, run: &mut Run, send: &Send) {
        match run.speech(send) {
            Ok(speech) => {
                let ends = speech.body.is_empty() && is_success(&speech.head);
                if self.answer(run, speech) {
                    self.active &= !ends;
                    run.step_done(CameOf::passed());
                }
            }
            Err(why) => run.cannot_say(&why),
        }
    }

    /// Answers the request that waits.
    pub(super) fn answer(&mut self, run: &mut Run, speech: Speech) -> bool {
        let Some(pending) = self.pending.take() else {
            run.peer_failed("the device closed its connection before it was answered".to_owned());
            return false;
        };
        match self.send(run, &pending, speech, None) {
            Ok(()) => true,
            Err(why) => {
                self.pending = Some(pending);
                run.cannot_say(&why);
                false
            }
        }
    }

    /// Answers a request beside the session.
    pub(super) fn reply(&mut self, run: &mut Run, pending: &Pending, speech: Speech) {
        if let Err(why) = self.send(run, pending, speech, None) {
            run.cannot_say(&why);
        }
    }

    /// Asks for credentials, as the recorded ACS did.
    pub(super) fn challenge(&mut self, run: &mut Run, pending: &Pending, value: Vec<u8>) {
        let (head, body) = self.recorded_challenge();
        let body = body.and_then(|file| run.scenario.files.get(file)).cloned();
        let speech = match head {
            Some(head) => Speech {
                head: head.to_owned(),
                body: body.unwrap_or_default(),
                ..Speech::default()
            },
            None => response(
                "401 Unauthorized",
                "\nWWW-Authenticate: {{http.challenge}}",
                body.unwrap_or_default(),
            ),
        };
        if let Err(why) = self.send(run, pending, speech, Some(&value)) {
            run.cannot_say(&why);
        }
    }

    fn send(
        &mut self,
        run: &mut Run,
        pending: &Pending,
        speech: Speech,
        challenge: Option<&[u8]>,
    ) -> Result<(), Unsayable> {
        let wall = run.wall();
        let of_http = OfHttp::of(&run.target, wall);
        let Run { values, random, .. } = run;
        let made = &mut self.made;
        let bytes = speech.write(
            |name| values.named(name, wall),
            |name, line| match name {
                "http.set_cookie" => {
                    let value = made.entry(cookies::name_in(line).to_owned());
                    let value = value.or_insert_with(|| cookies::fresh(random));
                    Some(value.clone().into_bytes())
                }
                "http.challenge" => challenge.map(<[u8]>::to_vec),
                name => of_http.named(name),
            },
            &[],
        )?;
        self.jar.take_own(&bytes, &pending.target, wall);
        run.actions.push_back(Action::Send {
            connection: pending.connection,
            bytes,
            step: speech.step,
        });
        self.behind(run, pending, speech.close_after);
        Ok(())
    }

    /// What is to be done behind an answer: close the connection, or tell who did not wait for it.
    fn behind(&mut self, run: &mut Run, pending: &Pending, close_after: bool) {
        let connection = self.connections.get_mut(&pending.connection);
        let pipelined = connection.is_some_and(|it| std::mem::take(&mut it.pipelined));
        if close_after || pending.closes {
            self.connections.remove(&pending.connection);
            run.actions.push_back(Action::Close(pending.connection));
        } else if pipelined {
            let too_early = Pending {
                connection: pending.connection,
                target: pending.target.clone(),
                closes: true,
            };
            self.reply(run, &too_early, busy());
        }
    }

    /// The session is over for the scenario: what the phone still asks is answered with nothing.
    pub(super) fn end_session(&mut self, run: &mut Run) {
        self.active = false;
        if let Some(pending) = self.pending.take() {
            self.reply(run, &pending, plain(Vec::new()));
        }
    }

    /// Ends the run as a session ends: with an empty answer, if one is waited for and the network carries it.
    pub(super) fn leave(&mut self, run: &mut Run) {
        if !run.has_peer_failed() {
            self.end_session(run);
        }
        self.drop_all(run);
    }

    /// Answers the request that waits on this connection with nothing, which ends its session.
    pub(super) fn part_from(&mut self, run: &mut Run, connection: ConnectionId) {
        let waits = Pending {
            connection,
            target: Vec::new(),
            closes: true,
        };
        self.reply(run, &waits, plain(Vec::new()));
    }

    /// Closes every connection.
    pub(super) fn drop_all(&mut self, run: &mut Run) {
        self.pending = None;
        for id in std::mem::take(&mut self.connections).into_keys() {
            run.actions.push_back(Action::Close(id));
        }
    }
}

/// An answer of the session: an envelope, or nothing, which ends it.
pub(in crate::replay) fn plain(body: Vec<u8>) -> Speech {
    if body.is_empty() {
        response("204 No Content", "", body)
    } else {
        response("200 OK", "", body)
    }
}

/// Another session is being served.
pub(in crate::replay) fn busy() -> Speech {
    closing(response(
        "503 Service Unavailable",
        "\nRetry-After: 30\nConnection: close",
        Vec::new(),
    ))
}

/// Not this device. An InformResponse would tell it that its events were heard, and it would not tell them again
/// (TR-069 Amendment 3 section 3.7.1.5); so it gets none.
pub(in crate::replay) fn not_served() -> Speech {
    closing(response("403 Forbidden", "\nConnection: close", Vec::new()))
}

/// A session consists of POSTs.
pub(in crate::replay) fn not_allowed() -> Speech {
    closing(response(
        "405 Method Not Allowed",
        "\nAllow: POST\nConnection: close",
        Vec::new(),
    ))
}

fn closing(speech: Speech) -> Speech {
    Speech {
        close_after: true,
        ..speech
    }
}

/// Does this head say that all is well (2xx)?
fn is_success(head: &str) -> bool {
    head.split_whitespace()
        .nth(1)
        .is_some_and(|status| status.starts_with('2'))
}
