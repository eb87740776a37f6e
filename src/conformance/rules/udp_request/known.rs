//! What is known of a device that UDP Connection Requests are sent to: values, passwords, addresses, starts. Judges nothing.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use super::brought::Brought;
use super::repeated::Past;
use crate::conformance::{Closed, Exchange};
use crate::session::address::{udp_address, url_address};
use crate::session::{LearnedBy, MASKED};

/// One device.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// ConnectionRequestUsername and ConnectionRequestPassword, as the ACS set them or the device told them.
    pub user_name: Kept<String>,
    pub password: Kept<Password>,
    /// A password that is known has verified something in this capture.
    pub proved: bool,
    /// The device came for a request that the given account does not fit: the account may be another's, or of another time.
    pub doubted: bool,
    /// UDPConnectionRequestAddress as last reported, as on the wire.
    pub reported: Kept<String>,
    /// Host of ConnectionRequestURL: what the device takes for its own address.
    pub own: Option<IpAddr>,
    /// NATDetected, as last reported.
    pub nat: Option<bool>,
    /// Where its Binding Requests come from, outside any NAT; the latest last.
    pub sources: VecDeque<Source>,
    /// When it last started.
    pub booted_ns: Option<i64>,
    /// Its latest Connection Requests by UDP, as they were told.
    pub past: VecDeque<Past>,
    pub brought: Brought,
}

/// A value, and what it was before.
#[derive(Debug, Clone)]
pub(super) struct Kept<V> {
    pub now: Option<V>,
    pub before: Option<V>,
    /// Since when each of them holds.
    since_ns: i64,
    before_since_ns: i64,
    /// It may hold after the next start only.
    pending: bool,
}

/// A password, never to be shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Password(pub Box<[u8]>);

impl std::fmt::Debug for Password {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(MASKED)
    }
}

/// An endpoint from which a device asked a STUN server, for a while.
#[derive(Debug)]
pub(super) struct Source {
    pub address: SocketAddr,
    pub server: SocketAddr,
    pub first_ns: i64,
    pub last_ns: i64,
    /// The last BINDING-CHANGE from there that was granted.
    pub changed_ns: Option<i64>,
}

impl<V> Default for Kept<V> {
    fn default() -> Self {
        Self {
            now: None,
            before: None,
            since_ns: i64::MIN,
            before_since_ns: i64::MIN,
            pending: false,
        }
    }
}

impl<V: PartialEq> Kept<V> {
    pub fn take(&mut self, value: V, time_ns: i64, pending: bool) {
        if self.now.as_ref() == Some(&value) {
            return;
        }
        self.before = self.now.replace(value);
        self.before_since_ns = std::mem::replace(&mut self.since_ns, time_ns);
        self.pending = pending;
    }

    /// The values that may have held then; none where another, unknown one may have.
    pub fn at(&self, time_ns: i64) -> Vec<&V> {
        let Some(now) = &self.now else {
            return Vec::new();
        };
        let settled = time_ns.saturating_sub(self.since_ns) > SETTLE_NS && !self.pending;
        match &self.before {
            _ if settled => vec![now],
            Some(before) if self.before_since_ns <= time_ns => vec![now, before],
            _ => Vec::new(),
        }
    }

    fn started(&mut self) {
        self.pending = false;
    }
}

impl Known {
    /// The device says in an Inform that it started; after a reset it has forgotten what it was told.
    pub fn started(&mut self, time_ns: i64, reset: bool) {
        self.booted_ns = Some(time_ns);
        self.user_name.started();
        self.password.started();
        if reset {
            self.user_name = Kept::default();
            self.password = Kept::default();
            self.proved = false;
        }
    }

    /// It started between these times.
    pub fn started_within(&self, since_ns: i64, until_ns: i64) -> bool {
        self.booted_ns
            .is_some_and(|booted| (since_ns..=until_ns).contains(&booted))
    }

    /// Takes in what a session told.
    pub fn learn(&mut self, closed: &Closed<'_>) {
        if !closed.facts.is_whole() {
            // What was set in it, the capture may not hold.
            self.user_name = Kept::default();
            self.password = Kept::default();
        }
        for learned in &closed.session.learned {
            let value = learned.value.trim();
            if learned.how == LearnedBy::Set || learned.value.len() > VALUE_BYTES_MAX {
                continue;
            }
            let time_ns = learned.time.nanoseconds;
            match learned.name.rsplit('.').next().unwrap_or_default() {
                // An Inform stands before what its session sets.
                "ConnectionRequestUsername" if self.user_name.since_ns <= time_ns => {
                    self.user_name.take(learned.value.clone(), time_ns, false);
                }
                "UDPConnectionRequestAddress" => {
                    self.reported.take(value.to_owned(), time_ns, false);
                }
                "ConnectionRequestURL" => self.own = url_address(value),
                "NATDetected" => self.nat = Some(matches!(value, "1" | "true")),
                _ => {}
            }
        }
    }

    /// The ACS set something, and the device agreed.
    pub fn set(&mut self, exchange: &Exchange<'_>) {
        let time_ns = exchange.answer.message.provenance.time.nanoseconds;
        let status = exchange
            .response()
            .and_then(|response| response.message()?.child("Status"));
        let pending = status.is_none_or(|status| status.text().trim() != "0");
        let Some(request) = exchange.request() else {
            return;
        };
        for parameter in request.parameters() {
            let name = parameter.name();
            let Some((_, own)) = name.split_once(".ManagementServer.") else {
                continue;
            };
            let value = parameter.value().unwrap_or_default();
            let is_long = value.len() > VALUE_BYTES_MAX;
            match own {
                "ConnectionRequestUsername" if is_long => self.user_name = Kept::default(),
                "ConnectionRequestPassword" if is_long => self.password = Kept::default(),
                "ConnectionRequestUsername" => {
                    self.user_name.take(value.into_owned(), time_ns, pending);
                }
                "ConnectionRequestPassword" => {
                    let bytes = value.into_owned().into_bytes();
                    let password = Password(bytes.into_boxed_slice());
                    self.password.take(password, time_ns, pending);
                }
                _ => {}
            }
        }
    }

    /// Addresses that the device may have reported by then.
    pub fn reported_at(&self, time_ns: i64) -> Vec<SocketAddr> {
        let kept = &self.reported;
        let recent = time_ns.saturating_sub(kept.since_ns) <= SETTLE_NS;
        let before = kept.before.as_deref().filter(|_| recent);
        let all = [kept.now.as_deref(), before];
        all.into_iter().flatten().filter_map(udp_address).collect()
    }

    /// A Binding Request was answered, outside any NAT.
    pub fn bound(&mut self, bound: Source) {
        let mut latest = self.sources.iter_mut().rev();
        let same_server = latest.find(|source| source.server == bound.server);
        if let Some(source) = same_server.filter(|source| source.address == bound.address) {
            source.last_ns = bound.last_ns;
            source.changed_ns = source.changed_ns.max(bound.changed_ns);
            return;
        }
        if self.sources.len() >= SOURCES_MAX {
            self.sources.pop_front();
        }
        self.sources.push_back(bound);
    }
}

/// Nanoseconds within which what was replaced may still be in use on the other side.
const SETTLE_NS: i64 = 60_000_000_000;
/// Endpoints remembered of one device.
const SOURCES_MAX: usize = 16;
/// Bytes of a value that is kept; the data models allow 256 characters.
const VALUE_BYTES_MAX: usize = 1_024;
