//! What sessions told of a device's STUN: the values of ManagementServer that decide it. Judges nothing.

use std::net::IpAddr;

use crate::conformance::Closed;
use crate::session::address::{udp_address, url_address};
use crate::session::{Learned, LearnedBy};

/// The values of one device, as last set or reported.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// STUNEnable.
    pub enabled: Option<bool>,
    /// Since when it is switched off by the ACS.
    pub off_since_ns: Option<i64>,
    /// STUNUsername.
    pub user_name: Option<String>,
    /// STUNPassword was set to something.
    pub password_set: bool,
    /// STUNServerAddress and STUNServerPort.
    pub server_address: Option<String>,
    pub server_port: Option<u16>,
    /// STUNMinimumKeepAlivePeriod and STUNMaximumKeepAlivePeriod in seconds; -1 has no end.
    pub minimum_s: Option<i64>,
    pub maximum_s: Option<i64>,
    /// Host of ConnectionRequestURL: what the device takes for its own address.
    pub own: Option<IpAddr>,
    /// NATDetected, as last reported.
    pub nat: Option<bool>,
    /// Host of the ACS's URL where that is an address.
    pub acs: Option<IpAddr>,
    /// Since when these values hold: the end of the last session that set one.
    pub since_ns: i64,
    /// When the device started, or was told to use STUN.
    pub started_ns: Option<i64>,
    /// Start and end of its last session.
    pub session_ns: (i64, i64),
}

impl Known {
    /// Takes in what a session told. `pending` says that what was set in it may not hold before the next start.
    pub fn learn(&mut self, closed: &Closed<'_>, pending: bool, password: bool, starts: bool) {
        let session = closed.session;
        let end_ns = session.end.nanoseconds;
        if !closed.facts.is_whole() {
            // What it set, the capture may not hold.
            *self = Self {
                started_ns: self.started_ns,
                since_ns: end_ns,
                ..Self::default()
            };
        }
        self.session_ns = (session.start.nanoseconds, end_ns);
        if starts {
            self.started_ns = Some(session.start.nanoseconds);
            let reset = session
                .events
                .iter()
                .any(|event| event.trim().starts_with("0 "));
            if reset {
                self.off_since_ns = None;
                self.enabled = None;
            }
        }
        self.password_set |= password && !pending;
        let url = session.acs.url.as_deref();
        self.acs = url.and_then(url_address).or(self.acs);
        for learned in &session.learned {
            let Some(name) = own_name(learned) else {
                continue;
            };
            let sets = learned.how == LearnedBy::Set;
            if sets && name.starts_with("STUN") {
                self.since_ns = self.since_ns.max(end_ns);
            }
            self.take(name, &learned.value, sets, pending && sets, end_ns);
        }
    }

    fn take(&mut self, name: &str, value: &str, sets: bool, pending: bool, end_ns: i64) {
        let value = value.trim();
        let number = || value.parse().ok().filter(|_| !pending);
        match name {
            "STUNEnable" => {
                let on = boolean(value).filter(|_| !pending);
                if sets && on == Some(true) && self.enabled == Some(false) {
                    self.started_ns = Some(end_ns);
                }
                self.off_since_ns = match on {
                    Some(false) if sets => self.off_since_ns.or(Some(end_ns)),
                    Some(false) => self.off_since_ns,
                    _ => None,
                };
                self.enabled = on;
            }
            "STUNUsername" => self.user_name = (!pending).then(|| value.to_owned()),
            "STUNServerAddress" => self.server_address = (!pending).then(|| value.to_owned()),
            "STUNServerPort" => self.server_port = value.parse().ok().filter(|_| !pending),
            "STUNMinimumKeepAlivePeriod" => self.minimum_s = number(),
            "STUNMaximumKeepAlivePeriod" => self.maximum_s = number(),
            "NATDetected" => self.nat = boolean(value),
            "ConnectionRequestURL" => self.own = url_address(value),
            _ => {}
        }
    }

    /// These values hold at that time for certain: nothing was set a moment before, and no session is under way.
    pub fn holds_at(&self, time_ns: i64) -> bool {
        time_ns.saturating_sub(self.since_ns) > SETTLE_NS
    }

    /// The device started, or began to use STUN, after that time.
    pub fn started_after(&self, time_ns: i64) -> bool {
        self.started_ns.is_some_and(|started| started >= time_ns) || self.since_ns >= time_ns
    }
}

/// The name behind ManagementServer, of a value that is one of it.
pub(super) fn own_name(learned: &Learned) -> Option<&str> {
    let root = memchr::memchr(b'.', learned.name.as_bytes())?;
    let path = learned.name.get(root..)?;
    path.strip_prefix(".ManagementServer.")
}

/// `true`, `false`, `1`, `0`, and what devices write for them.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "1" => Some(true),
        "0" => Some(false),
        text if text.eq_ignore_ascii_case("true") => Some(true),
        text if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// An address with a port, as UDPConnectionRequestAddress has it, that is one and not a placeholder.
pub(super) fn reported_address(value: &str) -> Option<std::net::SocketAddr> {
    udp_address(value).filter(|address| !address.ip().is_unspecified() && address.port() != 0)
}

/// Nanoseconds for a device to take what was set into use.
const SETTLE_NS: i64 = 5_000_000_000;
