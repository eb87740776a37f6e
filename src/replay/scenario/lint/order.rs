//! Steps in an order that HTTP or TR-069 Amendment 3 section 3.7 does not have, and steps that are never reached.
//!
//! What HTTP does not have cannot be played. What only TR-069 forbids may be what was recorded.

use cwmp::Kind;

use super::bodies::Said;
use super::{Ground, Spot};
use crate::replay::scenario::problem::shown;
use crate::replay::scenario::sample::status_of;
use crate::replay::scenario::{Act, Role, Step};

/// Follows the sessions of the scenario, step by step.
pub(super) fn look(ground: &Ground<'_>, said: &[Said]) {
    let mut order = Order {
        ground,
        session: Session::default(),
        lost: None,
    };
    if ground.scenario.steps.is_empty() {
        ground.error(
            "no-steps",
            &Spot::Toml("step"),
            "nothing happens in this scenario",
        );
    }
    let steps = ground.scenario.steps.iter().zip(said);
    for (index, (step, said)) in steps.enumerate() {
        order.step(index, step, said);
    }
    order.finish();
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Cpe,
    Acs,
}

/// What a session has come to.
#[derive(Default)]
struct Session {
    begun: bool,
    /// The Inform was answered.
    informed: bool,
    /// The step that ended it.
    ended: Option<usize>,
    last: Option<Side>,
    /// What the CPE said last.
    last_of_cpe: Option<Kind>,
    /// The request of either side that waits for its answer.
    of_acs: Option<String>,
    of_cpe: Option<String>,
}

struct Order<'g, 'a> {
    ground: &'g Ground<'a>,
    session: Session,
    /// The first and the last of the steps that stand after an end.
    lost: Option<(usize, usize)>,
}

impl Order<'_, '_> {
    fn step(&mut self, index: usize, step: &Step, said: &Said) {
        let from = match (&step.act, self.ground.scenario.role) {
            (Act::Await(_), _) => return self.await_another(index),
            (Act::Action(_), _) => return,
            (Act::Expect(_), Role::Acs) | (Act::Send(_), Role::Cpe) => Side::Cpe,
            (Act::Expect(_), Role::Cpe) | (Act::Send(_), Role::Acs) => Side::Acs,
        };
        if self.session.ended.is_some() {
            let first = self.lost.map_or(index, |(first, _)| first);
            self.lost = Some((first, index));
            return;
        }
        self.turns(index, from);
        let status = match &step.act {
            Act::Send(send) => status_of(&send.head),
            Act::Expect(expect) => expect.status,
            _ => None,
        };
        if from == Side::Acs && status.is_some_and(|status| status >= 300) {
            return self.http_error(index, status.unwrap_or_default());
        }
        for (name, kind) in said {
            match from {
                Side::Cpe => self.of_cpe(index, name, *kind),
                Side::Acs => self.of_acs(index, name, *kind),
            }
        }
    }

    fn warn(&self, name: &'static str, index: usize, what: String) {
        self.ground.warning(name, &Spot::Step(index, ""), what);
    }

    fn await_another(&mut self, index: usize) {
        if self.session.begun && self.session.ended.is_none() {
            let what = "another session is awaited, and the one before is not over: the ACS has not answered with an empty message";
            self.warn("session-open", index, what.to_owned());
        }
        self.tell_lost();
        self.session = Session::default();
    }

    /// Requests and responses take turns.
    fn turns(&mut self, index: usize, from: Side) {
        let last = self.session.last.replace(from);
        let spot = Spot::Step(index, "");
        match (last, from) {
            (None | Some(Side::Acs), Side::Acs) => {
                let what =
                    "an ACS answers requests alone: one of the CPE has to stand before this step";
                self.ground.error("answer-without-request", &spot, what);
            }
            (Some(Side::Cpe), Side::Cpe) => {
                let what = "the CPE sends a second request, and the ACS did not answer the first";
                self.ground.warning("request-unanswered", &spot, what);
            }
            _ => {}
        }
    }

    /// A redirect brings the same request again; an error ends the session.
    fn http_error(&mut self, index: usize, status: u16) {
        self.session.of_cpe = None;
        if status >= 400 {
            self.session.ended = Some(index);
        }
    }

    fn of_cpe(&mut self, index: usize, name: &str, kind: Kind) {
        if !self.session.begun {
            self.session.begun = true;
            if name != "Inform" {
                let what = format!(
                    "a session begins with the Inform of the CPE, not with {}",
                    shown(name)
                );
                self.ground
                    .error("session-without-inform", &Spot::Step(index, ""), what);
                // What follows is not told again.
                self.session.informed = true;
            }
        } else if name == "Inform" && self.session.informed {
            let what =
                "a second Inform in the session: an `await` has to stand before another session";
            self.warn("second-inform", index, what.to_owned());
        }
        self.session.last_of_cpe = Some(kind);
        match kind {
            Kind::Request => self.session.of_cpe = Some(name.to_owned()),
            Kind::Response | Kind::Fault => {
                let asked = self.session.of_acs.take();
                self.answers(index, name, kind, asked);
            }
            Kind::Empty => {
                if let Some(asked) = self.session.of_acs.take() {
                    let what = format!("the ACS asked {}, and gets nothing", shown(&asked));
                    self.warn("request-unanswered", index, what);
                }
            }
        }
    }

    fn of_acs(&mut self, index: usize, name: &str, kind: Kind) {
        match kind {
            Kind::Request => {
                if !self.session.informed {
                    let what = "the ACS asks before it answered the Inform, which TR-069 Amendment 3 section 3.7.2.1 forbids";
                    self.warn("request-before-inform-response", index, what.to_owned());
                    self.session.informed = true;
                }
                self.session.of_acs = Some(name.to_owned());
            }
            Kind::Response | Kind::Fault => {
                self.session.informed |= name == "InformResponse";
                let asked = self.session.of_cpe.take();
                self.answers(index, name, kind, asked);
            }
            Kind::Empty => self.empty_of_acs(index, name),
        }
    }

    fn empty_of_acs(&mut self, index: usize, name: &str) {
        if name != "empty" {
            return;
        }
        match self.session.of_cpe.take() {
            Some(asked) => {
                let what = format!("the CPE asked {}, and gets nothing", shown(&asked));
                self.warn("request-unanswered", index, what);
            }
            // Neither has anything left to say (TR-069 Amendment 3 section 3.7.1.4).
            None => self.session.ended = Some(index),
        }
    }

    /// An answer needs its question.
    fn answers(&self, index: usize, name: &str, kind: Kind, asked: Option<String>) {
        let Some(asked) = asked else {
            let what = format!("{} answers nothing: no request waits for it", shown(name));
            self.warn("answer-without-request", index, what);
            return;
        };
        let fits = kind == Kind::Fault || name.strip_suffix("Response") == Some(asked.as_str());
        if !fits {
            let what = format!("{} is no answer to {}", shown(name), shown(&asked));
            self.warn("another-answer", index, what);
        }
    }

    fn tell_lost(&mut self) {
        let Some((first, last)) = self.lost.take() else {
            return;
        };
        let ended = self.session.ended.unwrap_or_default().saturating_add(1);
        let steps = match last.saturating_add(1) {
            last if last == first.saturating_add(1) => "this step is".to_owned(),
            last => format!("this step and all up to step {last} are"),
        };
        let what = format!(
            "the session ends with step {ended}: {steps} never reached; `await` begins another session"
        );
        self.ground
            .error("unreachable", &Spot::Step(first, ""), what);
    }

    fn finish(&mut self) {
        self.tell_lost();
        let last = self.ground.scenario.steps.len().saturating_sub(1);
        if self.session.begun && self.session.ended.is_none() {
            let what = "the scenario ends before the session does: the ACS has not answered with an empty message";
            self.warn("session-open", last, what.to_owned());
        }
        if !self.session.begun
            && let Some(step) = self.ground.scenario.steps.last()
            && matches!(step.act, Act::Await(_))
        {
            let what = "a session is awaited, and no step says what is in it";
            self.warn("session-open", last, what.to_owned());
        }
    }
}
