//! Handshakes of TLS with devices: how many may be under way, and what is told of those that failed.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;

use super::{Run, ServeEvent};
use crate::replay::audit::Entry;
use crate::replay::bench::BenchTold;
use crate::replay::drive::tls::{Failures, Listening, Opening, Stream};

/// What serving knows of them.
pub(super) struct Handshakes {
    /// By host: one keeps no other out.
    under_way: BTreeMap<IpAddr, usize>,
    failures: Failures,
}

impl Default for Handshakes {
    fn default() -> Self {
        Self {
            under_way: BTreeMap::new(),
            failures: Failures::up_to(FAILURES_MAX),
        }
    }
}

impl Handshakes {
    /// One more begins; else why not.
    fn begin(&mut self, host: IpAddr) -> Result<(), &'static str> {
        if self.under_way.values().sum::<usize>() >= UNDER_WAY_MAX {
            return Err(CROWD);
        }
        let of_host = self.under_way.entry(host).or_default();
        if *of_host >= OF_HOST_MAX {
            return Err(MANY);
        }
        *of_host = of_host.saturating_add(1);
        Ok(())
    }

    /// One is over.
    fn over(&mut self, host: IpAddr) {
        if let Some(of_host) = self.under_way.get_mut(&host) {
            *of_host = of_host.saturating_sub(1);
        }
        self.under_way.retain(|_, count| *count > 0);
    }
}

impl Run<'_> {
    /// A device connected: its handshake goes on by itself, or it may come again.
    pub(super) fn shake_hands(&mut self, tls: Listening, tcp: TcpStream, peer: SocketAddr) {
        match self.hands.begin(peer.ip()) {
            Ok(()) => {
                let handshake = async move { (peer, tls.handshake(tcp, Opening::default()).await) };
                self.handshakes.spawn(handshake);
            }
            Err(why) => self.tls_failed(peer, why),
        }
    }

    /// A handshake is over.
    pub(super) fn secured(&mut self, peer: SocketAddr, stream: Result<Stream, String>) {
        self.hands.over(peer.ip());
        match stream {
            Ok(stream) => {
                self.note(Entry::Tls {
                    peer,
                    secured: stream.secured(),
                    why: None,
                });
                self.begin(stream);
            }
            Err(why) => self.tls_failed(peer, &why),
        }
    }

    fn tls_failed(&mut self, peer: SocketAddr, why: &str) {
        let now = self.serve.clock.now();
        if let Some(words) = self.hands.failures.failed(now, peer, why) {
            self.tell_of(peer, &words);
        }
    }

    /// What failed again and again, when serving is over.
    pub(super) fn tell_of_failures(&mut self) {
        let now = self.serve.clock.now();
        for (peer, words) in self.hands.failures.untold(now) {
            self.tell_of(peer, &words);
        }
    }

    fn tell_of(&mut self, peer: SocketAddr, why: &str) {
        self.note(Entry::Tls {
            peer,
            secured: None,
            why: Some(why),
        });
        self.event(ServeEvent::Told(BenchTold::Noted(format!("{peer}: {why}"))));
    }
}

const CROWD: &str =
    "too many TLS handshakes are under way at the same time, and the connection is closed";
const MANY: &str = "too many TLS handshakes of its address are under way at the same time, and the connection is closed";
/// Of TLS, under way at the same time; who comes beyond that may come again.
const UNDER_WAY_MAX: usize = 256;
/// Of one host: devices behind one address begin a few at a time.
const OF_HOST_MAX: usize = 32;
/// Reasons of addresses that are told apart; others are not told.
const FAILURES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_keeps_no_other_out() {
        let at = |host: u8| IpAddr::from([192, 0, 2, host]);
        let mut hands = Handshakes::default();
        for _ in 0..OF_HOST_MAX {
            assert_eq!(hands.begin(at(1)), Ok(()));
        }
        assert_eq!(hands.begin(at(1)), Err(MANY));
        assert_eq!(hands.begin(at(2)), Ok(()));
        hands.over(at(1));
        assert_eq!(hands.begin(at(1)), Ok(()));
        for host in 3..=254 {
            let _ = hands.begin(at(host));
        }
        assert_eq!(hands.begin(at(254)), Err(CROWD));
        (1..=254).for_each(|host| (0..OF_HOST_MAX).for_each(|_| hands.over(at(host))));
        assert!(hands.under_way.is_empty());
    }
}
