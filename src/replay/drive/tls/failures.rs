//! Handshakes that came to nothing: each reason of an address is told once, and again with how often it came since.

use std::net::SocketAddr;
use std::time::Duration;

use crate::session::TlsFailure;

/// So many that are told apart.
pub(in crate::replay::drive) struct Failures {
    noted: Vec<Noted>,
    max: usize,
}

struct Noted {
    failure: TlsFailure,
    /// How many of them were told, and when last.
    told: u32,
    told_at: Duration,
}

impl Failures {
    pub(in crate::replay::drive) fn up_to(max: usize) -> Self {
        Self {
            noted: Vec::new(),
            max,
        }
    }

    /// Notes it; the words that are to be told of it now, where there are any.
    pub(in crate::replay::drive) fn failed(
        &mut self,
        now: Duration,
        peer: SocketAddr,
        reason: &str,
    ) -> Option<String> {
        let same = |known: &&mut Noted| {
            known.failure.peer.ip() == peer.ip() && known.failure.reason == reason
        };
        if let Some(known) = self.noted.iter_mut().find(same) {
            known.failure.count = known.failure.count.saturating_add(1);
            let is_due = now.saturating_sub(known.told_at) >= AGAIN_AFTER;
            return is_due.then(|| known.tell(now)).flatten();
        }
        if self.noted.len() >= self.max {
            return None;
        }
        self.noted.push(Noted {
            failure: TlsFailure {
                peer,
                reason: reason.to_owned(),
                count: 1,
            },
            told: 1,
            told_at: now,
        });
        Some(reason.to_owned())
    }

    /// What came again and was not told yet, at the end.
    pub(in crate::replay::drive) fn untold(&mut self, now: Duration) -> Vec<(SocketAddr, String)> {
        let noted = self.noted.iter_mut();
        let untold = noted.filter_map(|it| Some((it.failure.peer, it.tell(now)?)));
        untold.collect()
    }

    pub(in crate::replay::drive) fn last(&self) -> Option<&TlsFailure> {
        self.noted.last().map(|it| &it.failure)
    }

    /// All of them, with their counts.
    pub(in crate::replay::drive) fn all(self) -> Vec<TlsFailure> {
        self.noted.into_iter().map(|it| it.failure).collect()
    }
}

impl Noted {
    fn tell(&mut self, now: Duration) -> Option<String> {
        let since = self.failure.count.saturating_sub(self.told);
        self.told = self.failure.count;
        self.told_at = now;
        let reason = &self.failure.reason;
        (since > 0).then(|| format!("{reason} ({since} more)"))
    }
}

/// The same is told no sooner.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, host], port))
    }

    #[test]
    fn a_reason_of_an_address_is_told_once_and_then_with_its_number() {
        let mut failures = Failures::up_to(3);
        let mut failed = |seconds, peer| {
            let now = Duration::from_secs(seconds);
            failures.failed(now, peer, "no TLS")
        };
        assert_eq!(failed(0, at(1, 1)).as_deref(), Some("no TLS"));
        for second in 1..60 {
            assert_eq!(failed(second, at(1, 2)), None);
        }
        let told = failed(60, at(1, 3));
        assert_eq!(told.as_deref(), Some("no TLS (60 more)"));
        assert_eq!(failed(61, at(1, 4)), None);
        assert_eq!(failed(61, at(2, 1)).as_deref(), Some("no TLS"));
        let untold = failures.untold(Duration::from_secs(62));
        assert_eq!(untold, [(at(1, 1), "no TLS (1 more)".to_owned())]);
        assert!(failures.untold(Duration::from_secs(63)).is_empty());
    }

    #[test]
    fn there_is_a_bound_of_what_is_told_apart() {
        let mut failures = Failures::up_to(2);
        let told = (1..=9).filter(|host| {
            let told = failures.failed(Duration::ZERO, at(*host, 1), "cut");
            told.is_some()
        });
        assert_eq!(told.count(), 2);
        let counts: Vec<u32> = failures.all().iter().map(|it| it.count).collect();
        assert_eq!(counts, [1, 1]);
    }
}
