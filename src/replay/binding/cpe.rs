//! The device's end of STUN: finds its binding, keeps it alive, and tells of changes (TR-111 section 2.2.1; RFC 3489 section
//! 9.3).
//!
//! The timeout of a binding is not searched for: STUNMinimumKeepAlivePeriod and STUNMaximumKeepAlivePeriod are taken to be the
//! same.

use std::net::SocketAddr;
use std::time::Duration;

use stun::{
    Builder, Class, Credentials, Form, Integrity, MAGIC_COOKIE, Message, kind, padded_text,
    short_term_key,
};

use super::{Account, BINDING, padding};
use crate::replay::action::Now;

/// Keeps one binding at one STUN server.
pub struct Cpe {
    setting: Setting,
    random: Box<dyn FnMut() -> u64>,
    transaction: Option<Transaction>,
    /// When the next request is due, where none is under way.
    next: Now,
    mapped: Option<SocketAddr>,
    /// Changes that came right behind each other.
    changes: u32,
}

/// How it asks.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The STUN server; answers of others are passed over.
    pub stun_server: SocketAddr,
    /// The form of its requests; TR-111 is made for RFC 3489.
    pub form: Form,
    /// Who it is, where STUNUsername is not empty.
    pub account: Option<Account>,
    /// How long after an answer it asks again.
    pub keep_alive: Duration,
}

/// What comes of something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// To be sent to the STUN server.
    pub send: Option<Vec<u8>>,
    /// The mapped address, where it is new.
    pub bound: Option<SocketAddr>,
    /// What went wrong; it goes on all the same.
    pub trouble: Option<String>,
}

/// A request, until it is answered.
struct Transaction {
    id: [u8; 16],
    bytes: Vec<u8>,
    began: Now,
    /// Copies that went out.
    sent: usize,
    /// It has BINDING-CHANGE.
    is_change: bool,
    /// It has MESSAGE-INTEGRITY.
    is_sealed: bool,
}

impl Cpe {
    /// One that asks for the first time when it is next asked what to do.
    #[must_use]
    pub fn new(setting: Setting, random: Box<dyn FnMut() -> u64>) -> Self {
        Self {
            setting,
            random,
            transaction: None,
            next: Now::ZERO,
            mapped: None,
            changes: 0,
        }
    }

    /// The STUN server.
    #[must_use]
    pub fn stun_server(&self) -> SocketAddr {
        self.setting.stun_server
    }

    /// Where the STUN server saw it last.
    #[must_use]
    pub fn mapped(&self) -> Option<SocketAddr> {
        self.mapped
    }

    /// When it is to be asked what to do.
    #[must_use]
    pub fn due(&self) -> Now {
        match &self.transaction {
            Some(transaction) => transaction.due(),
            None => self.next,
        }
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Now) -> Progress {
        if now < self.due() {
            return Progress::default();
        }
        let Some(transaction) = &mut self.transaction else {
            return Progress {
                send: self.ask(now, false, false),
                ..Progress::default()
            };
        };
        if transaction.sent < COPIES_AT_MS.len() {
            transaction.sent = transaction.sent.saturating_add(1);
            return Progress {
                send: Some(transaction.bytes.clone()),
                ..Progress::default()
            };
        }
        self.rest(now);
        let trouble = format!(
            "the STUN server {} did not answer",
            self.setting.stun_server
        );
        Progress {
            trouble: Some(trouble),
            ..Progress::default()
        }
    }

    /// Takes in a datagram.
    pub fn hear(&mut self, now: Now, from: SocketAddr, datagram: &[u8]) -> Progress {
        let nothing = Progress::default();
        if from != self.setting.stun_server {
            return nothing;
        }
        let (Some(answer), Some(transaction)) = (
            stun::parse(datagram, datagram.len()),
            self.transaction.as_ref(),
        ) else {
            return nothing;
        };
        let is_ours = answer.method() == BINDING && answer.transaction_id() == transaction.id;
        match answer.class() {
            Class::Response if is_ours => self.answered(now, &answer),
            Class::ErrorResponse if is_ours => self.refused(now, &answer),
            _ => nothing,
        }
    }

    fn answered(&mut self, now: Now, answer: &Message) -> Progress {
        let Some(transaction) = self.transaction.as_ref() else {
            return Progress::default();
        };
        // What is not proven is discarded, and the request goes on (TR-111 section 2.2.1.1).
        if transaction.is_sealed && !self.is_proven(answer) {
            return Progress::default();
        }
        let was_change = transaction.is_change;
        self.rest(now);
        let masked = answer.address(kind::XOR_MAPPED_ADDRESS);
        let Some(mapped) = masked.or_else(|| answer.mapped_address()) else {
            return Progress {
                trouble: Some("the STUN server answered without MAPPED-ADDRESS".to_owned()),
                ..Progress::default()
            };
        };
        if self.mapped == Some(mapped) {
            self.changes = 0;
            return Progress::default();
        }
        self.mapped = Some(mapped);
        self.changes = if was_change {
            self.changes.saturating_add(1)
        } else {
            0
        };
        // At once, but not for ever: a NAT that changes its mind with each datagram is no binding.
        let send = (self.changes < CHANGES_MAX).then(|| self.ask(now, true, false));
        Progress {
            send: send.flatten(),
            bound: Some(mapped),
            trouble: None,
        }
    }

    fn refused(&mut self, now: Now, answer: &Message) -> Progress {
        let Some(transaction) = self.transaction.as_ref() else {
            return Progress::default();
        };
        let (is_change, is_sealed) = (transaction.is_change, transaction.is_sealed);
        let code = answer.error_code().map_or(0, |error| error.code());
        self.rest(now);
        if code == 401 && !is_sealed && self.password().is_some() {
            return Progress {
                send: self.ask(now, is_change, true),
                ..Progress::default()
            };
        }
        let why = match (code, is_sealed) {
            (401, false) => "and no STUNPassword is known",
            (_, true) => "with credentials",
            _ => "without credentials",
        };
        Progress {
            trouble: Some(format!(
                "the STUN server refused a Binding Request: {code}, {why}"
            )),
            ..Progress::default()
        }
    }

    fn is_proven(&self, answer: &Message) -> bool {
        let account = self.setting.account.as_ref();
        let credentials = account.and_then(|account| {
            Some(Credentials {
                password: account.password.as_deref()?,
                username: Some(&account.username),
                realm: None,
            })
        });
        credentials.is_some_and(|credentials| {
            matches!(answer.verify_integrity(&credentials), Integrity::Match(_))
        })
    }

    /// Nothing is under way; what failed is not said again before the next period (TR-111 section 2.2.1.3).
    fn rest(&mut self, now: Now) {
        self.transaction = None;
        self.next = now.saturating_add(self.setting.keep_alive);
    }

    /// Begins a transaction; the first copy of its request.
    fn ask(&mut self, now: Now, is_change: bool, is_sealed: bool) -> Option<Vec<u8>> {
        let id = self.transaction_id();
        let Some(bytes) = self.request(id, is_change, is_sealed) else {
            // A name that no message has room for is not tried again at once.
            self.rest(now);
            return None;
        };
        self.transaction = Some(Transaction {
            id,
            bytes: bytes.clone(),
            began: now,
            sent: 1,
            is_change,
            is_sealed,
        });
        Some(bytes)
    }

    fn transaction_id(&mut self) -> [u8; 16] {
        let [high, low] = [(self.random)(), (self.random)()];
        let mut id = [high.to_be_bytes(), low.to_be_bytes()].concat();
        if self.setting.form == Form::Rfc5389
            && let Some(cookie) = id.get_mut(..4)
        {
            cookie.copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
        }
        id.try_into().unwrap_or_default()
    }

    /// USERNAME stands in it whether it is sealed or not (TR-111 section 2.2.1.3).
    fn request(&self, id: [u8; 16], is_change: bool, is_sealed: bool) -> Option<Vec<u8>> {
        let form = self.setting.form;
        let mut request = Builder::new(REQUEST, id).padding(padding(form));
        let account = self.setting.account.as_ref();
        if let Some(account) = account.filter(|it| !it.username.is_empty()) {
            let name = account.username.as_bytes();
            request = match form {
                Form::Rfc3489 => request.attribute(kind::USERNAME, &padded_text(name)),
                Form::Rfc5389 => request.attribute(kind::USERNAME, name),
            };
        }
        request = request.connection_request_binding();
        if is_change {
            request = request.binding_change();
        }
        if let Some(password) = self.password().filter(|_| is_sealed) {
            request = match form {
                Form::Rfc3489 => request.integrity(form, password.as_bytes()),
                Form::Rfc5389 => request.integrity(form, &short_term_key(password)),
            };
        }
        request.finish().ok()
    }

    /// What requests are sealed with: nothing where STUNUsername is empty (TR-111 table 6).
    fn password(&self) -> Option<&str> {
        let account = self.setting.account.as_ref();
        let named = account.filter(|it| !it.username.is_empty())?;
        named.password.as_deref()
    }
}

impl std::fmt::Debug for Cpe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cpe")
            .field("setting", &self.setting)
            .field("mapped", &self.mapped)
            .finish_non_exhaustive()
    }
}

impl Transaction {
    fn due(&self) -> Now {
        let at_ms = COPIES_AT_MS.get(self.sent).unwrap_or(&GIVE_UP_AT_MS);
        self.began.saturating_add(Duration::from_millis(*at_ms))
    }
}

const REQUEST: u16 = 0x0001;
/// RFC 3489 section 9.3: nine times, and 1.6 s for the answer to the last.
const COPIES_AT_MS: [u64; 9] = [0, 100, 300, 700, 1500, 3100, 4700, 6300, 7900];
const GIVE_UP_AT_MS: u64 = 9500;
/// Changes that are told at once.
const CHANGES_MAX: u32 = 4;
