//! Role acs: whose request this is. One device is served, one session at a time; what anybody else says neither moves the run
//! on nor makes it differ.
//!
//! A session is known by the connection that its messages came on, since a phone may lose its cookies; on another one by a
//! cookie that was set in it (TR-069 Amendment 3 section 3.4.1), and where none was set by the address that informed.

use std::net::IpAddr;

use super::{Acs, Pending};
use crate::replay::action::ConnectionId;
use crate::replay::player::acs_talk;
use crate::replay::player::arrival::{Arrival, Informs};
use crate::replay::player::judge::{self, Fit};
use crate::replay::player::likeness;
use crate::replay::player::run::Run;
use crate::replay::player::speech::Speech;
use crate::replay::scenario::{Act, Role};

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// The device of the session, or the one that may begin it.
    Served,
    /// Nobody yet, who shows no credentials where they are wanted: some devices say nothing before they were asked for them.
    Unasked,
    /// Anybody else.
    Stranger,
}

/// Where the session informed from.
#[derive(Debug)]
pub(super) struct Origin {
    address: Option<IpAddr>,
    target: Vec<u8>,
}

impl Acs {
    /// Whose request is it?
    pub(super) fn caller(
        &self,
        run: &Run,
        id: ConnectionId,
        arrival: &Arrival,
        informs: Option<&Informs>,
    ) -> Caller {
        let is_known = self.is_of_session(run, id, arrival);
        let is_served = match informs {
            _ if self.is_broken_inform(id, arrival, informs) => {
                !self.active || is_known || self.comes_from_origin(id)
            }
            Some(informs) => {
                let is_device = self.device.as_ref().is_none_or(|it| *it == informs.device);
                is_device && (!self.active || is_known || self.comes_from_origin(id))
            }
            None => is_known || self.origin.is_none() && begins(run, arrival),
        };
        let shows = arrival.http.header("Authorization").is_some();
        match is_served {
            true => Caller::Served,
            false if informs.is_none() && !self.active && self.doorkeeper.is_some() && !shows => {
                Caller::Unasked
            }
            false => Caller::Stranger,
        }
    }

    fn is_of_session(&self, run: &Run, id: ConnectionId, arrival: &Arrival) -> bool {
        if self.connections.get(&id).is_some_and(|it| it.of_session) {
            return true;
        }
        let https = run.target.https;
        let Some(origin) = &self.origin else {
            return false;
        };
        let is_wanted = likeness::ignoring(run, arrival.name(), super::COOKIE).is_none();
        if is_wanted && self.jar.field(&origin.target, https).is_some() {
            return self.jar.is_brought(&arrival.http, https);
        }
        self.active && self.comes_from_origin(id)
    }

    pub(super) fn comes_from_origin(&self, id: ConnectionId) -> bool {
        let origin = self.origin.as_ref().and_then(|origin| origin.address);
        origin.is_some() && origin == self.address_of(id)
    }

    fn address_of(&self, id: ConnectionId) -> Option<IpAddr> {
        self.connections.get(&id)?.address
    }

    /// This connection is the session's, and where it comes from is known where it informs or begins.
    pub(super) fn belongs(&mut self, pending: &Pending, informs: bool) {
        if informs || self.origin.is_none() {
            self.origin = Some(Origin {
                address: self.address_of(pending.connection),
                target: pending.target.clone(),
            });
        }
        if let Some(connection) = self.connections.get_mut(&pending.connection) {
            connection.of_session = true;
        }
    }

    /// Notes who was sent away, and ends the connection.
    pub(super) fn turn_away(
        &mut self,
        run: &mut Run,
        pending: &Pending,
        arrival: &Arrival,
        speech: Speech,
    ) {
        let what = match arrival.informs() {
            Some(informs) => format!("Inform of {}", informs.device),
            None => {
                let method = String::from_utf8_lossy(arrival.http.method());
                format!("{method} {}", arrival.name())
            }
        };
        let what: String = what.chars().take(WHAT_CHARACTERS_MAX).collect();
        let address = self.address_of(pending.connection);
        let address = address.map_or_else(String::new, |it| format!(" at {it}"));
        let told = format!("stranger{address}: {what}");
        let ignored = &run.progress.ignored;
        let strangers = ignored.keys().filter(|it| it.starts_with("stranger"));
        let is_told = ignored.contains_key(&told) || strangers.count() < STRANGERS_MAX;
        let told = if is_told { &told } else { FURTHER };
        run.progress.ignore(told, 1);
        self.reply(run, pending, speech);
    }

    /// What a stranger is told: nothing of the session, and no word that would let its events be taken as heard.
    pub(super) fn farewell(&self, informs: bool) -> Speech {
        if informs && self.active {
            acs_talk::busy()
        } else {
            acs_talk::not_served()
        }
    }
}

/// Does the scenario begin with it? Only one that does not begin with an Inform lets anything else in.
fn begins(run: &Run, arrival: &Arrival) -> bool {
    match run.scenario.steps.get(run.cursor).map(|step| &step.act) {
        Some(Act::Expect(expect)) => judge::fit(expect, Role::Acs, arrival) != Fit::Other,
        _ => false,
    }
}

/// Of what a stranger said, in a report.
const WHAT_CHARACTERS_MAX: usize = 128;
/// Told apart in one run.
const STRANGERS_MAX: usize = 16;
/// Those beyond.
const FURTHER: &str = "strangers beyond these";
