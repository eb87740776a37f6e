//! The key material of TLS that an analysis has: what it is given from the start, what the capture itself holds, and what
//! was learned of sessions that others resume.

use std::collections::HashMap;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tls::{Keys, Label, LineReader, Lookup, PrivateKey, Secret, Sessions};

use crate::source;

/// Key material that is given from the start.
#[derive(Clone)]
pub struct KeyMaterial {
    /// Secrets of key logs.
    pub log: Arc<dyn Lookup + Send + Sync + UnwindSafe + RefUnwindSafe>,
    /// Private keys of servers.
    pub private: Arc<[PrivateKey]>,
    /// The log may have more when it is asked again: what waits for a secret is held for a while.
    pub grows: bool,
}

impl Default for KeyMaterial {
    fn default() -> Self {
        Self {
            log: Arc::new(()),
            private: Arc::new([]),
            grows: false,
        }
    }
}

impl fmt::Debug for KeyMaterial {
    /// Without any secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyMaterial({} private)", self.private.len())
    }
}

/// Secrets that stand in the capture itself, with the number of the frame behind them: they are known from it on, whichever
/// thread asks, and however far the reading has come meanwhile.
#[derive(Debug, Default)]
pub(super) struct Found {
    secrets: RwLock<Secrets>,
    /// The number of the frame behind the first of them that others stand before; 0 where there is none.
    between: AtomicU64,
}

/// By kind and name.
type Secrets = HashMap<(Label, [u8; 32]), (u64, Secret), foldhash::fast::RandomState>;

impl Found {
    /// Takes key logs out of a capture, which stand before the frame `order`. What is found first counts.
    pub fn learn(&self, order: u64, secrets: &[source::Secret]) {
        let mut known = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        if order > 0 && self.between.load(Ordering::Relaxed) == 0 {
            self.between.store(order, Ordering::Relaxed);
        }
        let mut keep = |_: u64, _: u64, line: Result<tls::Line, tls::LineFault>| {
            if let Ok(line) = line {
                let key = (line.label, line.name);
                known.entry(key).or_insert((order, line.secret));
            }
        };
        let logs = secrets
            .iter()
            .filter(|secret| secret.kind == source::Secret::TLS_KEY_LOG);
        for log in logs {
            let mut lines = LineReader::default();
            lines.take(&log.bytes, &mut keep);
            lines.finish(&mut keep);
        }
    }

    /// Secrets stand between frames: more may come behind those that need them.
    fn is_between(&self, order: u64) -> bool {
        (1..=order).contains(&self.between.load(Ordering::Relaxed))
    }

    fn secret(&self, order: u64, label: Label, name: &[u8; 32]) -> Option<Secret> {
        let known = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        let (since, secret) = known.get(&(label, *name))?;
        (*since <= order).then(|| secret.clone())
    }
}

/// What the connections of one shard may be opened with.
#[derive(Debug)]
pub(super) struct Keyring {
    given: KeyMaterial,
    found: Arc<Found>,
    /// Of sessions between the addresses of this shard: whoever resumes one, from whichever port, is read by it too.
    sessions: Sessions,
}

impl Keyring {
    pub fn new(given: KeyMaterial, found: Arc<Found>, sessions_max: usize) -> Self {
        Self {
            given,
            found,
            sessions: Sessions::new(sessions_max),
        }
    }

    /// Private keys are given: certificates tell which of them is meant.
    pub fn has_private(&self) -> bool {
        !self.given.private.is_empty()
    }

    /// A secret that is not known yet may come.
    pub fn expects_more(&self, order: u64) -> bool {
        self.given.grows || self.found.is_between(order)
    }

    /// Lends everything that is known at the frame `order`.
    pub fn lend<R>(&mut self, order: u64, work: impl FnOnce(&mut Keys<'_>) -> R) -> R {
        let log = &At {
            given: &*self.given.log,
            found: &self.found,
            order,
        };
        work(&mut Keys {
            log,
            private: &self.given.private,
            sessions: &mut self.sessions,
        })
    }
}

/// Any secret of TLS 1.3 is known under this name.
pub(super) fn knows(keys: &Keys<'_>, client_random: &[u8; 32]) -> bool {
    let of_tls13 = [
        Label::ClientEarly,
        Label::ClientHandshake,
        Label::ServerHandshake,
        Label::ClientTraffic,
        Label::ServerTraffic,
    ];
    of_tls13
        .into_iter()
        .any(|label| keys.log.secret(label, client_random).is_some())
}

/// Both logs, as they stand at a frame.
struct At<'a> {
    given: &'a dyn Lookup,
    found: &'a Found,
    order: u64,
}

impl Lookup for At<'_> {
    fn secret(&self, label: Label, name: &[u8; 32]) -> Option<Secret> {
        self.given
            .secret(label, name)
            .or_else(|| self.found.secret(self.order, label, name))
    }
}
