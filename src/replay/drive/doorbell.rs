//! Where a played device is woken (role cpe): HTTP with a challenge of Digest, and signed datagrams.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use http1::auth::{self, Account, Algorithm, DigestChallengeFields, Hash, Request};
use http1::{Kind, Message};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::exchange::Exchange;
use super::stun::Post;
use super::told::{Tell, Told};
use crate::replay::action::{ConnectionId, Now};
use crate::replay::binding::{Admission, Bound, Cpe, Entrance};
use crate::replay::guard::Guard;
use crate::replay::scenario::Via;

/// Listens for Connection Requests, and lets in those that know the password.
#[derive(Debug)]
pub struct Doorbell {
    tcp: TcpListener,
    udp: Post,
    /// Nobody guesses it (TR-069 section 3.2.2).
    path: String,
    account: Option<(String, String)>,
    /// Callers may come back on another connection with it.
    nonce: String,
    /// How one is waited for.
    waits: Option<Via>,
    admission: Admission,
    /// Who rang by UDP while nobody waited: the session comes behind the one that is under way (TR-111 section 2.2.1.4).
    early: Option<SocketAddr>,
    bound: Bound,
    pub(super) keeper: Option<Keeper>,
    /// Callers that are answered; they are left with it.
    tasks: JoinSet<()>,
}

/// Keeps the binding of a device.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) cpe: Cpe,
    /// The run does not go without it.
    pub(super) is_needed: bool,
}

impl Doorbell {
    /// Listens at an address for both ways; without an account everybody is let in.
    ///
    /// # Errors
    ///
    /// Where the address is taken or not ours.
    pub async fn at(address: SocketAddr, account: Option<(String, String)>) -> io::Result<Self> {
        let (tcp, udp) = on_one_port(address, Post::at).await?;
        Ok(Self {
            tcp,
            udp,
            path: format!("/{:016x}", super::random()),
            admission: Admission::new(account.clone()),
            account,
            nonce: format!("{:016x}{:016x}", super::random(), super::random()),
            waits: None,
            early: None,
            bound: Bound::default(),
            keeper: None,
            tasks: JoinSet::new(),
        })
    }

    /// The URL of Connection Requests by HTTP.
    ///
    /// # Errors
    ///
    /// Where the system does not tell its own address.
    pub fn url(&self) -> io::Result<String> {
        Ok(format!("http://{}{}", self.tcp.local_addr()?, self.path))
    }

    /// Is reached at this path, which was told before, in the place of a new one.
    #[must_use]
    pub fn at_path(self, path: String) -> Self {
        Self { path, ..self }
    }

    /// Where datagrams come in.
    #[must_use]
    pub fn udp_address(&self) -> Option<SocketAddr> {
        Some(self.udp.local())
    }

    /// Asks a STUN server for the binding of the socket that datagrams come to, and keeps it; where the scenario needs it, the
    /// run begins with it or not at all.
    pub fn keep_binding(&mut self, cpe: Cpe, is_needed: bool) {
        self.keeper = Some(Keeper { cpe, is_needed });
    }

    /// Waits for a Connection Request; who rang by UDP since the last one is let in at once.
    pub(super) fn listen(&mut self, via: Via) -> Option<SocketAddr> {
        let early = self.early.take_if(|_| via == Via::Udp);
        self.waits = early.is_none().then_some(via);
        early
    }

    /// Lets nobody in any more.
    pub(super) fn rest(&mut self) {
        self.waits = None;
    }

    pub(super) fn listener(&self) -> Option<&TcpListener> {
        Some(&self.tcp)
    }

    pub(super) async fn datagram(doorbell: Option<&Self>) -> io::Result<(Vec<u8>, SocketAddr)> {
        match doorbell {
            Some(doorbell) => doorbell.udp.next().await,
            None => std::future::pending().await,
        }
    }

    pub(super) fn post(&self) -> &Post {
        &self.udp
    }

    /// Is one more datagram listened to? Those of the STUN server are always.
    pub(super) fn admits(&mut self, now: Now, from: SocketAddr) -> bool {
        let stun_server = self.keeper.as_ref().map(|it| it.cpe.stun_server());
        let is_served = stun_server.is_some_and(|it| it.ip() == from.ip());
        self.bound.admits(now, from.ip(), is_served)
    }

    /// Looks at a Connection Request: does it wake the device now? One that comes too early wakes it when it next waits.
    pub(super) fn hears(
        &mut self,
        datagram: &[u8],
        peer: SocketAddr,
    ) -> Result<bool, &'static str> {
        match self.admission.look(datagram) {
            Entrance::Turned(why) => Err(why),
            Entrance::Copy => Ok(false),
            Entrance::Admitted if self.waits == Some(Via::Udp) => {
                self.waits = None;
                Ok(true)
            }
            Entrance::Admitted => {
                self.early = Some(peer);
                Ok(false)
            }
        }
    }

    /// Answers one caller, by a task of its own.
    pub(super) fn answer(
        &mut self,
        stream: TcpStream,
        peer: SocketAddr,
        connection: ConnectionId,
        guard: Guard,
        tell: &Tell,
    ) {
        while self.tasks.try_join_next().is_some() {}
        if self.tasks.len() >= CALLERS_MAX {
            return;
        }
        let caller = Caller {
            path: self.path.clone(),
            account: self.account.clone(),
            nonce: self.nonce.clone(),
            // A device in a session, or one that expects nobody, is busy (TR-069 section 3.2.2).
            busy: self.waits != Some(Via::Http),
            guard,
            tell: tell.clone(),
        };
        self.tasks.spawn(async move {
            let answered = caller.answer(stream, peer, connection);
            let _ = tokio::time::timeout(CALL_MAX, answered).await;
        });
    }
}

/// TCP at an address, and something else on the same port. A port that the system chose may be taken there: then it chooses again.
async fn on_one_port<O>(
    address: SocketAddr,
    mut other: impl AsyncFnMut(SocketAddr) -> io::Result<O>,
) -> io::Result<(TcpListener, O)> {
    // Held, or it would choose the same again.
    let mut taken = Vec::new();
    loop {
        let tcp = TcpListener::bind(address).await?;
        match other(tcp.local_addr()?).await {
            Err(error) if is_chosen_again(address, &error) && taken.len() < CHOSEN_MAX => {
                taken.push(tcp);
            }
            other => return Ok((tcp, other?)),
        }
    }
}

fn is_chosen_again(address: SocketAddr, error: &io::Error) -> bool {
    address.port() == 0 && error.kind() == io::ErrorKind::AddrInUse
}

/// Somebody who rings.
struct Caller {
    path: String,
    account: Option<(String, String)>,
    nonce: String,
    busy: bool,
    guard: Guard,
    tell: Tell,
}

impl Caller {
    async fn answer(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        connection: ConnectionId,
    ) -> Result<(), String> {
        let nonce = self.nonce.as_str();
        let mut exchange =
            Exchange::over(stream, peer, Kind::Request, connection, &self.tell).await?;
        let mut known = false;
        for _ in 0..REQUESTS_MAX {
            let Ok(request) = exchange.message().await else {
                break;
            };
            let is_here = self.is_for(request.target());
            known = is_here && self.knows(&request, nonce);
            let answer = if is_here {
                self.response(known, nonce)
            } else {
                NOT_FOUND.to_vec()
            };
            exchange.send(&self.guard, &answer).await?;
            if known {
                break;
            }
        }
        exchange.end().await;
        if known && !self.busy {
            let _ = self.tell.send(Told::WokenBy(peer)).await;
        }
        Ok(())
    }

    /// By its path, or by the entire URL (RFC 9112 section 3.2.2).
    fn is_for(&self, target: &[u8]) -> bool {
        let path = match target.strip_prefix(b"http://") {
            None => target,
            Some(behind) => {
                let slash = behind.iter().position(|byte| *byte == b'/');
                slash.and_then(|at| behind.get(at..)).unwrap_or(b"/")
            }
        };
        path == self.path.as_bytes()
    }

    fn knows(&self, request: &Message, nonce: &str) -> bool {
        if request.method() != b"GET" {
            return false;
        }
        let Some((user, password)) = &self.account else {
            return true;
        };
        let account = Account { user, password };
        let Some(value) = request.header("Authorization") else {
            return false;
        };
        let reading = auth::authorization(&value);
        let Some(digest) = reading.what.digest() else {
            return false;
        };
        let asked = Request {
            method: request.method(),
            target: request.target(),
            body: Some(request.body()),
        };
        let fresh = digest
            .nonce
            .as_ref()
            .is_some_and(|given| *given.text() == *nonce.as_bytes());
        fresh && digest.verify(&asked, &account).is_valid()
    }

    fn response(&self, known: bool, nonce: &str) -> Vec<u8> {
        let (line, challenge) = match (known, self.busy) {
            (true, false) => ("200 OK", String::new()),
            (true, true) => ("503 Service Unavailable", String::new()),
            (false, _) => {
                let fields = DigestChallengeFields {
                    realm: REALM,
                    nonce,
                    algorithm: Some(Algorithm {
                        hash: Hash::Md5,
                        session: false,
                    }),
                    qop: Some("auth"),
                    ..DigestChallengeFields::default()
                };
                let value = fields.write().unwrap_or_default();
                let value = String::from_utf8_lossy(&value).into_owned();
                ("401 Unauthorized", format!("WWW-Authenticate: {value}\r\n"))
            }
        };
        format!("HTTP/1.1 {line}\r\n{challenge}Content-Length: 0\r\n\r\n").into_bytes()
    }
}

/// Ports that are tried, where the system chooses.
const CHOSEN_MAX: usize = 16;
const REALM: &str = "informant";
const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
/// On one connection: the first, and the one with credentials, with one to spare.
const REQUESTS_MAX: usize = 3;
/// At the same time; others are turned away.
const CALLERS_MAX: usize = 16;
const CALL_MAX: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_chosen_again() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_io().build().expect("a runtime");
        let tried = |address: SocketAddr, free_behind: usize| {
            let mut ports = Vec::new();
            let other = async |at: SocketAddr| {
                ports.push(at.port());
                let free = ports.len() > free_behind;
                free.then_some(()).ok_or(io::ErrorKind::AddrInUse.into())
            };
            let got = runtime.block_on(on_one_port(address, other));
            (got.is_ok(), ports)
        };
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let (is_got, mut ports) = tried(any, 3);
        assert!(is_got && ports.len() == 4, "{ports:?}");
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 4);
        assert_eq!(tried(any, usize::MAX).1.len(), CHOSEN_MAX + 1);
        let free = std::net::TcpListener::bind(any).and_then(|it| it.local_addr());
        let (is_got, ports) = tried(free.expect("loopback"), 1);
        assert!(
            !is_got && ports.len() == 1,
            "whoever names a port wants that one"
        );
    }
}
