//! Handshakes of TLS: those under way, which hold nobody up, and what came of the others.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use super::{Run, Told};
use crate::replay::action::{ConnectionId, Now};
use crate::replay::audit::Entry;
use crate::replay::drive::tls::{Calling, Failures, Listening, Opening, Stream};
use crate::session::{ReplayVerdict, Replayed, ReplayedTls, Secured};

/// What a run knows of them.
pub(super) struct Handshakes {
    under_way: BTreeMap<ConnectionId, UnderWay>,
    failures: Failures,
    /// Of the connection that last carried a message.
    secured: Option<Secured>,
}

struct UnderWay {
    peer: SocketAddr,
    opening: Opening,
    task: AbortHandle,
}

impl Default for Handshakes {
    fn default() -> Self {
        Self {
            under_way: BTreeMap::new(),
            failures: Failures::up_to(FAILURES_MAX),
            secured: None,
        }
    }
}

impl Handshakes {
    pub(super) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// The one that has waited for longest.
    pub(super) fn oldest(&self) -> Option<ConnectionId> {
        self.under_way.keys().next().copied()
    }

    /// Breaks one off; it is told with those that were not over.
    pub(super) fn break_off(&mut self, now: Now, id: ConnectionId) {
        if let Some(handshake) = self.under_way.remove(&id) {
            handshake.task.abort();
            self.not_over(now, &handshake);
        }
    }

    fn not_over(&mut self, now: Now, UnderWay { peer, opening, .. }: &UnderWay) {
        let reason = format!("the TLS handshake was not over: {}", opening.waits());
        self.failures.failed(now, *peer, &reason);
    }

    /// A message came over it.
    pub(super) fn used(&mut self, secured: &Secured) {
        if self.secured.as_ref() != Some(secured) {
            self.secured = Some(secured.clone());
        }
    }

    /// Tells of it in a report: a peer that failed did so because of it.
    pub(super) fn tell(mut self, now: Now, is_https: bool, replayed: &mut Replayed) {
        let waiting: Vec<_> = std::mem::take(&mut self.under_way).into_values().collect();
        for handshake in &waiting {
            self.not_over(now, handshake);
        }
        let last = self.failures.last();
        if let (ReplayVerdict::PeerFailed(why), Some(last)) = (&mut replayed.verdict, last)
            && !why.contains(&last.reason)
        {
            *why = format!("{why}; {}: {}", last.peer, last.reason);
        }
        let failures = self.failures.all();
        if is_https || !failures.is_empty() {
            replayed.tls = Some(ReplayedTls {
                secured: self.secured,
                failures,
            });
        }
    }
}

impl Run<'_> {
    /// A phone connected: its handshake goes on by itself.
    pub(super) fn shake_hands(
        &mut self,
        id: ConnectionId,
        tls: Listening,
        tcp: TcpStream,
        peer: SocketAddr,
    ) {
        while self.tasks.try_join_next().is_some() {}
        let opening = Opening::default();
        let tell = self.tell.clone();
        let begun = opening.clone();
        let task = self.tasks.spawn(async move {
            let stream = tls.handshake(tcp, begun).await;
            let _ = tell.send(Told::Secured(id, stream)).await;
        });
        let handshake = UnderWay {
            peer,
            opening,
            task,
        };
        self.handshakes.under_way.insert(id, handshake);
    }

    /// The handshake with a phone is over.
    pub(super) fn secured(
        &mut self,
        id: ConnectionId,
        stream: Result<Stream, String>,
    ) -> Option<Stream> {
        let UnderWay { peer, .. } = self.handshakes.under_way.remove(&id)?;
        match stream {
            Ok(stream) => {
                self.note_tls(peer, stream.secured());
                Some(stream)
            }
            Err(why) => {
                self.tls_failed(peer, &why);
                None
            }
        }
    }

    /// A connection to the ACS, with its handshake where there is one.
    pub(super) fn call(&mut self, id: ConnectionId, acs: SocketAddr, tls: Option<Calling>) {
        let opening = Opening::default();
        let is_https = tls.is_some();
        let tell = self.tell.clone();
        let begun = opening.clone();
        let task = self.tasks.spawn(async move {
            let connected = connect(acs, tls, begun).await;
            let _ = tell.send(Told::Connected(id, connected)).await;
        });
        if is_https {
            let handshake = UnderWay {
                peer: acs,
                opening,
                task,
            };
            self.handshakes.under_way.insert(id, handshake);
        }
    }

    /// The ACS was reached, or not.
    pub(super) fn called(&mut self, id: ConnectionId, stream: &Result<Stream, String>) {
        let Some(UnderWay { peer: acs, .. }) = self.handshakes.under_way.remove(&id) else {
            return;
        };
        match stream {
            Ok(stream) => self.note_tls(acs, stream.secured()),
            Err(why) => self.tls_failed(acs, why),
        }
    }

    /// Somebody came, and no TLS came about.
    pub(super) fn tls_failed(&mut self, peer: SocketAddr, why: &str) {
        self.peer.get_or_insert(peer);
        let now = self.drive.clock.now();
        if let Some(words) = self.handshakes.failures.failed(now, peer, why) {
            let entry = Entry::Tls {
                peer,
                secured: None,
                why: Some(&words),
            };
            self.note(entry);
        }
    }

    fn note_tls(&mut self, peer: SocketAddr, secured: Option<&Secured>) {
        self.note(Entry::Tls {
            peer,
            secured,
            why: None,
        });
    }
}

async fn connect(
    acs: SocketAddr,
    tls: Option<Calling>,
    opening: Opening,
) -> Result<Stream, String> {
    let connected = tokio::time::timeout(super::CONNECT_MAX, TcpStream::connect(acs)).await;
    let connected = connected.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
    let tcp = connected.map_err(|error| error.to_string())?;
    // Small messages go out at once; where that cannot be had, they go out a little later.
    let _ = tcp.set_nodelay(true);
    match tls {
        None => Ok(Stream::plain(tcp)),
        Some(tls) => tls.handshake(tcp, opening).await,
    }
}

/// Told apart in one run.
const FAILURES_MAX: usize = 16;
