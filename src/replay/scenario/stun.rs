//! `[stun]`: how the device keeps its binding through a NAT, and how UDP Connection Requests go (TR-111 part II).

use std::time::Duration;

use ::stun::Form;

use super::fields::Fields;
use super::quoted::{milliseconds, seconds, text};
use super::words::{FORMS, word_of};

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stun {
    /// STUNUsername, mostly a placeholder; requests name nobody where there is none.
    pub username: Option<String>,
    /// STUNPassword, always a placeholder of a secret variable.
    pub password: Option<String>,
    /// Role cpe: the form of its requests. Role acs answers each in its own form.
    pub form: Form,
    /// Role acs: a request that tells of a change has to prove who it is (401).
    pub challenge: bool,
    /// Role cpe: how long after an answer it asks again.
    pub keep_alive: Duration,
    /// Role acs: copies of each UDP Connection Request.
    pub copies: u32,
    /// Role acs: time between these.
    pub copy_after: Duration,
}

impl Stun {
    pub(super) fn read(fields: &Fields<'_, '_>) -> Self {
        let usual = Self::default();
        let keep_alive = fields.number("keep_alive_s", 1, KEEP_ALIVE_S_MAX);
        let copies = fields.number("copies", 1, COPIES_MAX);
        Self {
            username: fields.text("username"),
            password: fields.text("password"),
            form: fields.word("form", &FORMS).unwrap_or(usual.form),
            challenge: fields.flag("challenge").unwrap_or(usual.challenge),
            keep_alive: keep_alive.map_or(usual.keep_alive, Duration::from_secs),
            copies: copies
                .and_then(|copies| u32::try_from(copies).ok())
                .unwrap_or(usual.copies),
            copy_after: fields
                .milliseconds("copy_after_ms")
                .unwrap_or(usual.copy_after),
        }
    }

    /// Its lines, in order.
    pub(super) fn written(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        for (name, value) in [("username", &self.username), ("password", &self.password)] {
            lines.extend(value.as_ref().map(|value| (name, text(value))));
        }
        lines.push(("form", text(word_of(&FORMS, self.form))));
        if self.challenge {
            lines.push(("challenge", "true".to_owned()));
        }
        lines.push(("keep_alive_s", seconds(self.keep_alive)));
        lines.push(("copies", self.copies.to_string()));
        lines.push(("copy_after_ms", milliseconds(self.copy_after)));
        lines
    }
}

impl Default for Stun {
    fn default() -> Self {
        Self {
            username: None,
            password: None,
            form: Form::Rfc3489,
            challenge: false,
            keep_alive: Duration::from_secs(30),
            copies: 3,
            copy_after: Duration::from_millis(20),
        }
    }
}

pub(super) const KEYS: [&str; 7] = [
    "username",
    "password",
    "form",
    "challenge",
    "keep_alive_s",
    "copies",
    "copy_after_ms",
];
/// A day: no NAT keeps a binding as long.
const KEEP_ALIVE_S_MAX: u64 = 86_400;
/// More are a flood.
const COPIES_MAX: u64 = 16;
