//! Role acs: credentials that `[auth]` wants, of each connection and of the session.

use super::{Acs, Pending};
use crate::replay::player::acs_talk;
use crate::replay::player::arrival::Arrival;
use crate::replay::player::doorkeeper::{self, Door, Doorkeeper};
use crate::replay::player::run::{Run, difference};
use crate::session::DifferenceClass;

impl Acs {
    /// Has it shown credentials, where they are wanted? Otherwise it is asked for them.
    ///
    /// A connection shows them once, and so does a session that brings its cookie; what is shown is looked at always.
    pub(super) fn is_authorized(
        &mut self,
        run: &mut Run,
        pending: &Pending,
        arrival: &Arrival,
    ) -> bool {
        let Some(doorkeeper) = &mut self.doorkeeper else {
            return true;
        };
        let http = &arrival.http;
        let Some(connection) = self.connections.get_mut(&pending.connection) else {
            return false;
        };
        let https = run.target.https;
        let has_cookies = !self.jar.is_empty() && self.jar.missing(http, https).is_empty();
        let is_known = connection.authorized || self.active && self.authorized && has_cookies;
        if is_known && http.header("Authorization").is_none() {
            connection.authorized = true;
            return true;
        }
        let door = doorkeeper.check_in(http);
        run.refused = doorkeeper.refused();
        match door {
            Door::Open => {
                connection.authorized = true;
                self.authorized = true;
                true
            }
            Door::Ask { stale, .. } => {
                connection.authorized = false;
                let challenge = doorkeeper.challenge(stale, &mut run.random);
                self.challenge(run, pending, challenge);
                false
            }
            Door::Shut(why) => {
                let expected = Some(format!("credentials of {}", doorkeeper.user()));
                let given = doorkeeper::user_of(http);
                let given = given.map_or_else(String::new, |user| format!(" ({user})"));
                let actual = Some(format!("{why}{given}"));
                let class = DifferenceClass::Transport;
                let found = difference(class, "header Authorization", expected, actual);
                self.reply(run, pending, acs_talk::not_served());
                run.fail(Some("no valid credentials".to_owned()), found);
                false
            }
        }
    }

    /// Asks who has said nothing of itself for credentials; it is not counted.
    pub(super) fn ask(&mut self, run: &mut Run, pending: &Pending) {
        if let Some(doorkeeper) = &mut self.doorkeeper {
            let challenge = doorkeeper.first_challenge(&mut run.random);
            self.challenge(run, pending, challenge);
        }
    }

    pub(in crate::replay::player) fn recorded_challenge(&self) -> (Option<&str>, Option<&str>) {
        let doorkeeper = self.doorkeeper.as_ref();
        doorkeeper.map_or((None, None), Doorkeeper::recorded)
    }
}
