//! What a recording says of the device's binding and of Connection Requests by UDP: `[stun]` of a scenario.

use std::net::IpAddr;
use std::time::Duration;

use ::stun::{Class, Form, kind};

use super::plan::Plan;
use super::wake::Wake;
use crate::replay::scenario::{Stun, Via};
use crate::session::Datagram;

/// STUN between one device and its STUN server, as far as a capture holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StunSeen {
    /// The last request: its transaction, and when it came.
    last: Option<(Vec<u8>, i64)>,
    form: Option<Form>,
    username: Option<String>,
    is_challenged: bool,
    is_sealed: bool,
    /// The shortest time between two requests that only keep the binding.
    period_s: Option<u64>,
}

impl StunSeen {
    /// The address of the device that a datagram is of: it asks, and is answered (the first byte says which).
    #[must_use]
    pub fn device(datagram: &Datagram) -> IpAddr {
        if datagram.payload.first() == Some(&0) {
            datagram.source.ip()
        } else {
            datagram.destination.ip()
        }
    }

    /// Takes in a datagram between the two.
    pub fn take(&mut self, datagram: &Datagram) {
        let Some(message) = datagram.stun() else {
            return;
        };
        match message.class() {
            Class::Request if message.has_connection_request_binding() => {}
            Class::ErrorResponse => {
                let code = message.error_code().map(|error| error.code());
                self.is_challenged |= self.last.is_some() && code == Some(401);
                return;
            }
            _ => return,
        }
        self.form = Some(message.form);
        let named = message.username().filter(|name| !name.is_empty());
        if let Some(named) = named {
            self.username = Some(String::from_utf8_lossy(named).into_owned());
        }
        let is_sealed = message.has(kind::MESSAGE_INTEGRITY);
        self.is_sealed |= is_sealed;
        let (id, time_ns) = (message.transaction_id(), datagram.time.nanoseconds);
        let before = self.last.replace((id.to_vec(), time_ns));
        let Some((before_id, before_ns)) = before.filter(|(other, _)| other != id) else {
            return;
        };
        if !is_sealed && !message.has_binding_change() && before_id != id {
            let elapsed_s = time_ns.saturating_sub(before_ns) / 1_000_000_000;
            let elapsed_s = u64::try_from(elapsed_s).unwrap_or_default();
            if (PERIOD_S_MIN..=PERIOD_S_MAX).contains(&elapsed_s) {
                let shortest = self.period_s.map_or(elapsed_s, |one| one.min(elapsed_s));
                self.period_s = Some(shortest);
            }
        }
    }

    /// What a scenario says of it; nothing where the recording has neither STUN nor Connection Requests by UDP.
    pub(super) fn setting(
        seen: Option<&Self>,
        wakes: &[&Wake],
        plan: &mut Plan<'_>,
    ) -> Option<Stun> {
        let seen = seen.filter(|seen| seen.form.is_some());
        let woken = wakes.iter().find(|wake| wake.via == Via::Udp);
        if seen.is_none() && woken.is_none() {
            return None;
        }
        let usual = Stun::default();
        let (copies, copy_after) = woken
            .and_then(|wake| wake.copies)
            .unwrap_or((usual.copies, usual.copy_after));
        let seen = seen.cloned().unwrap_or_default();
        let quoted = |name: String| format!("{{{{{name}}}}}");
        let variables = &mut plan.variables;
        let username = seen.username.as_deref().map(|user| {
            let what = "STUNUsername of the device";
            quoted(variables.value("stun_username", "", user, what))
        });
        let is_proven = username.is_some() && (seen.is_challenged || seen.is_sealed);
        let password = is_proven.then(|| {
            // The ACS may have set it in these very sessions.
            if variables.named.contains_key(PASSWORD) {
                return quoted(PASSWORD.to_owned());
            }
            quoted(variables.secret(PASSWORD, "", "STUNPassword of the device"))
        });
        Some(Stun {
            challenge: seen.is_challenged && password.is_some(),
            username,
            password,
            form: seen.form.unwrap_or(usual.form),
            keep_alive: seen.period_s.map_or(usual.keep_alive, Duration::from_secs),
            copies,
            copy_after,
        })
    }
}

const PASSWORD: &str = "stun_password";
/// What is shorter is no period.
const PERIOD_S_MIN: u64 = 5;
const PERIOD_S_MAX: u64 = 86_400;
