//! Where a device is to be asked for a connection, as it has told the ACS.

use super::legs::THIRTY_SECONDS_NS;
use crate::conformance::Exchange;

/// Path and query of the ConnectionRequestURL last told.
#[derive(Debug, Default)]
pub(super) struct Door {
    target: Option<String>,
    /// The one before, and when it was replaced, nanoseconds: an ACS may have asked before it had read the new one.
    before: Option<(String, i64)>,
}

impl Door {
    /// The device reports it.
    pub fn set(&mut self, url: &str, time_ns: i64) {
        let Some(target) = target_of(url) else { return };
        if self.target.as_deref() != Some(target) {
            let before = self.target.replace(target.to_owned());
            self.before = before.map(|before| (before, time_ns));
        }
    }

    /// As it was told last.
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// The ACS has read it.
    pub fn read(&mut self, exchange: &Exchange<'_>) {
        let names = exchange
            .request()
            .and_then(|request| request.message()?.child("ParameterNames"));
        let asks = |name: &str| name.ends_with(NAME) || name.ends_with(".ManagementServer.");
        if !names.is_some_and(|names| names.children().any(|name| asks(name.text().trim()))) {
            return;
        }
        let time_ns = exchange.answer.message.provenance.time.nanoseconds;
        let mut answered = exchange.answered().iter();
        if let Some(url) = answered.find(|one| one.name().ends_with(NAME))
            && let Some(value) = url.value()
        {
            self.set(value, time_ns);
        }
    }

    /// Whether a target is that of the device; `None` where that cannot be told.
    pub fn is(&self, target: &str, time_ns: i64) -> Option<bool> {
        let right = self.target.as_deref()? == relative(target);
        let stale = self.before.as_ref().is_some_and(|(before, since_ns)| {
            before == relative(target) && time_ns.saturating_sub(*since_ns) < THIRTY_SECONDS_NS
        });
        (right || !stale).then_some(right)
    }
}

/// Path and query of an http URL; the empty path is `/`.
fn target_of(url: &str) -> Option<&str> {
    let (_, rest) = url.trim().split_once("://")?;
    Some(rest.find(['/', '?']).map_or("/", |at| &rest[at..]))
}

/// A target in absolute form as path and query.
fn relative(target: &str) -> &str {
    let absolute = target.contains("://").then(|| target_of(target)).flatten();
    match absolute.unwrap_or(target) {
        "" => "/",
        target => target,
    }
}

/// The end of the name of the parameter that tells where a device listens.
pub(super) const NAME: &str = ".ConnectionRequestURL";
