//! The player: follows a scenario's steps in either role, without sockets and without a clock of its own.
//!
//! It is told what was heard and what time it is, and says what to do next. What it wants written passes the guard first:
//! whoever has the sockets asks it, and tells [`Player::refused`] where it says no. The scenario is its only script; what a
//! peer does beside it is answered by `[auth]`, by cookies, and by `on_unexpected`.

mod acs;
pub(super) mod acs_talk;
pub(super) mod arrival;
mod capture;
mod check;
pub(super) mod cookies;
pub(super) mod courtesy;
mod cpe;
mod cpe_talk;
mod credentials;
pub(super) mod doorkeeper;
mod ids;
mod judge;
mod likeness;
mod pace;
mod progress;
mod run;
pub(super) mod speech;
#[cfg(test)]
mod tests;
mod unexpected;
mod values;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use stun::ucr::percent_decoded;

use super::action::{Action, ConnectionId, Heard, Now};
use super::scenario::{Role, Scenario};
use crate::session::{Replayed, device_id};
use crate::source::Timestamp;
use acs::Acs;
pub(super) use arrival::Informs;
use cpe::Cpe;
pub use pace::Speed;
use run::Run;

/// Plays one scenario once.
pub struct Player {
    run: Run,
    side: Side,
}

/// The side that is played.
enum Side {
    Acs(Box<Acs>),
    Cpe(Box<Cpe>),
}

/// What a run is told beside the scenario.
pub struct PlayerSetting {
    /// Secrets, and values for named variables.
    pub values: BTreeMap<String, String>,
    /// Role cpe: who we are. Role acs: the only device that is served, whatever the scenario says.
    pub device: Option<DeviceIdentity>,
    /// Role cpe: be the recorded device.
    pub impersonate_recorded: bool,
    /// Role cpe: the ACS. Role acs: where we are reached.
    pub target: Target,
    /// The pace.
    pub speed: Speed,
    /// How long the other side is waited for, in the place of the scenario's default.
    pub timeout: Option<Duration>,
    /// URLs of the built-in file server: `file.1.url`.
    pub files: BTreeMap<String, String>,
    /// Random numbers, fit for nonces.
    pub random: Box<dyn FnMut() -> u64>,
    /// The time of day at a time of the run.
    pub wall_clock: Box<dyn Fn(Now) -> Timestamp>,
}

/// An address of HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// HTTP over TLS.
    pub https: bool,
    /// The host as the URL has it, an IPv6 address in its brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query, from the slash.
    pub path: String,
}

/// Who a device is (DeviceIdStruct).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceIdentity {
    /// Its maker; nothing where nobody said.
    pub manufacturer: String,
    /// The maker's organizationally unique identifier.
    pub oui: String,
    /// May be empty.
    pub product_class: String,
    /// Serial number.
    pub serial_number: String,
}

/// Why a scenario cannot be played as it is set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlayerError {
    /// A placeholder that nothing fills.
    #[error(
        "step {step}: the placeholder {{{{{name}}}}} has no value; {remedy}, or give it with --set {name}=VALUE"
    )]
    Unfilled {
        /// Counted from 1.
        step: usize,
        /// Its name.
        name: String,
        /// What would give it one.
        remedy: String,
    },
    /// The same, in `[auth]`.
    #[error(
        "[auth]: the placeholder {{{{{name}}}}} has no value; {remedy}, or give it with --set {name}=VALUE"
    )]
    AuthUnfilled {
        /// Its name.
        name: String,
        /// What would give it one.
        remedy: String,
    },
    /// `[auth]` names what nobody here can compute.
    #[error("[auth]: {0}")]
    Auth(String),
    /// A step names a file that is not there.
    #[error("step {step}: there is no file {file}")]
    NoFile {
        /// Counted from 1.
        step: usize,
        /// Its name.
        file: String,
    },
    /// Steps in an order that HTTP does not allow.
    #[error("step {step}: {why}")]
    Order {
        /// Counted from 1.
        step: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Something in a step that cannot be read.
    #[error("step {step}: {why}")]
    Unreadable {
        /// Counted from 1.
        step: usize,
        /// What, and why.
        why: String,
    },
    /// Role cpe needs to know who it is.
    #[error(
        "role cpe needs a device to be: name it with --device, or allow --impersonate-recorded"
    )]
    NoDevice,
    /// The recorded device is not known.
    #[error(
        "the scenario does not say which device was recorded, so it cannot be impersonated: name one with --device"
    )]
    NoRecordedDevice,
    /// A factor that is no speed.
    #[error("a speed of {0} is none: give a number above 0")]
    Speed(String),
}

impl Player {
    /// A player of this scenario; `name` is what reports call it.
    ///
    /// # Errors
    ///
    /// Where something is missing that will be needed: nothing has been said to anybody then.
    pub fn new(
        scenario: Arc<Scenario>,
        name: &str,
        setting: PlayerSetting,
    ) -> Result<Self, PlayerError> {
        check::scenario(&scenario)?;
        let side = scenario.role;
        let run = Run::new(scenario, name, setting)?;
        check::values(&run)?;
        let side = match side {
            Role::Acs => Side::Acs(Box::new(Acs::new(&run)?)),
            Role::Cpe => Side::Cpe(Box::new(Cpe::new(&run)?)),
        };
        Ok(Self { run, side })
    }

    /// Begins.
    pub fn start(&mut self, now: Now) {
        self.run.start(now);
        self.advance();
    }

    /// Takes in what was heard.
    pub fn handle(&mut self, now: Now, heard: Heard) {
        if self.run.is_done() {
            return;
        }
        self.run.now = now;
        self.run.let_in = false;
        self.run.informed = None;
        match &mut self.side {
            Side::Acs(acs) => acs.hear(&mut self.run, heard),
            Side::Cpe(cpe) => cpe.hear(&mut self.run, heard),
        }
        self.advance();
    }

    /// The device's binding stands at this address: `{{udp_connection_request_address}}` from now on.
    pub fn bound(&mut self, address: SocketAddr) {
        let name = "udp_connection_request_address";
        self.run.values.give(name, address.to_string());
    }

    /// Time has come to what was asked for by [`Action::WakeAt`], or later.
    pub fn handle_timeout(&mut self, now: Now) {
        if self.run.is_done() {
            return;
        }
        self.run.now = now;
        self.run.woke();
        if !self.run.is_overdue() {
            self.advance();
            return;
        }
        self.run.give_up();
        self.leave();
    }

    /// What to do next; to be asked until there is nothing.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.run.actions.pop_front()
    }

    /// What was to be sent was not let out: the run ends here.
    ///
    /// A device that waits for an answer on this connection is told that the session is over, so that it does not begin another
    /// to say the same again.
    pub fn refused(
        &mut self,
        now: Now,
        connection: Option<ConnectionId>,
        step: Option<usize>,
        why: String,
    ) {
        // Also behind the last step: what was not sent was not played.
        if self.run.was_refused() {
            return;
        }
        self.run.now = now;
        self.run.actions.clear();
        self.run.refuse(step, why);
        match &mut self.side {
            Side::Acs(acs) => {
                if let Some(connection) = connection {
                    acs.part_from(&mut self.run, connection);
                }
                acs.drop_all(&mut self.run);
            }
            Side::Cpe(cpe) => cpe.drop_all(&mut self.run),
        }
        self.run.done();
    }

    /// Is the run over?
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.run.is_done()
    }

    /// Role acs: does the message just heard belong to the device that is served, and not to a stranger?
    #[must_use]
    pub fn has_let_in(&self) -> bool {
        self.run.let_in
    }

    /// Role acs: what the message just heard informs of, where its device is the one that is served and was let in.
    pub(super) fn informed(&self) -> Option<&Informs> {
        self.run.informed.as_ref()
    }

    /// What came of it.
    #[must_use]
    pub fn finish(self) -> Replayed {
        let device = match &self.side {
            Side::Acs(acs) => acs.device().map(str::to_owned),
            Side::Cpe(_) => self.run.values.device().map(DeviceIdentity::id),
        };
        self.run.finish(device)
    }

    fn advance(&mut self) {
        if !self.run.is_over() {
            match &mut self.side {
                Side::Acs(acs) => acs.advance(&mut self.run),
                Side::Cpe(cpe) => cpe.advance(&mut self.run),
            }
        }
        if self.run.is_over() {
            self.leave();
        } else {
            self.run.wake();
        }
    }

    /// Says farewell as the role has it.
    fn leave(&mut self) {
        match &mut self.side {
            Side::Acs(acs) => acs.leave(&mut self.run),
            Side::Cpe(cpe) => cpe.drop_all(&mut self.run),
        }
        self.run.done();
    }
}

impl Target {
    /// Host, with the port where it is not the one of the scheme.
    #[must_use]
    pub fn host_field(&self) -> String {
        let usual = if self.https { 443 } else { 80 };
        if self.port == usual {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// As a URL.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}{}", self.host_field(), self.path)
    }
}

impl DeviceIdentity {
    /// `OUI[-ProductClass]-SerialNumber`, percent-encoded (TR-069 Amendment 3 section 3.4.4).
    #[must_use]
    pub fn id(&self) -> String {
        device_id(&self.oui, &self.product_class, &self.serial_number)
    }

    /// Reads such an id; the maker is not in it.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        let parts: Vec<String> = id.split('-').map(unescape).collect::<Option<_>>()?;
        let (oui, product_class, serial_number) = match parts.as_slice() {
            [oui, serial] => (oui, "", serial),
            [oui, class, serial] => (oui, class.as_str(), serial),
            _ => return None,
        };
        if oui.is_empty() || serial_number.is_empty() {
            return None;
        }
        Some(Self {
            manufacturer: String::new(),
            oui: oui.clone(),
            product_class: product_class.to_owned(),
            serial_number: serial_number.clone(),
        })
    }
}

/// A part of an id; nothing where its encoding is broken.
fn unescape(text: &str) -> Option<String> {
    let decoded = percent_decoded(text.as_bytes(), false);
    // What is not encoded rightly stays as it is.
    let is_broken = decoded.contains(&b'%') && !text.contains("%25");
    String::from_utf8(decoded.into_owned())
        .ok()
        .filter(|_| !is_broken)
}
