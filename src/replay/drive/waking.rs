//! Wakes a device (role acs): a GET that answers the device's challenge (TR-069 section 3.2.2), or a signed datagram (TR-111
//! section 2.2.2.3).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http1::auth::{self, Account, Answer, Challenge, Encoding, Request};
use http1::{Kind, Message};
use tokio::net::{TcpStream, UdpSocket};

use super::WakeUrl;
use super::exchange::Exchange;
use super::told::{Aside, Tell, Told};
use crate::replay::action::{ConnectionId, WireEventKind};
use crate::replay::guard::{Errand, Guard};

/// One Connection Request to be sent.
pub(super) struct Bell {
    pub(super) to: WakeUrl,
    pub(super) account: Option<(String, String)>,
    pub(super) connection: ConnectionId,
    pub(super) guard: Guard,
    pub(super) tell: Tell,
}

/// How a request goes by UDP.
pub(super) struct ByUdp {
    /// `ts`: later than that of any before.
    pub(super) timestamp_s: u64,
    /// How often it goes, and how long after each other: any may be lost.
    pub(super) copies: (u32, Duration),
    /// The STUN server's socket, which alone the device's NAT lets through; one of its own where there is none.
    pub(super) socket: Option<Arc<UdpSocket>>,
}

impl Bell {
    pub(super) async fn by_http(self) {
        let woken = tokio::time::timeout(ALL_MAX, self.ask()).await;
        let woken = woken.unwrap_or_else(|_| Err("the device did not answer in time".to_owned()));
        let _ = self.tell.send(Told::Woken(woken.map(Some))).await;
    }

    /// Asks, and once more with credentials where it is challenged.
    async fn ask(&self) -> Result<u16, String> {
        let address = self.to.resolve().await?;
        let answer = self.once(address, None).await?;
        if answer.status() != 401 {
            return Ok(answer.status());
        }
        let Some(credentials) = self.credentials(&answer)? else {
            return Ok(401);
        };
        let answer = self.once(address, Some(&credentials)).await?;
        Ok(answer.status())
    }

    async fn once(
        &self,
        address: SocketAddr,
        credentials: Option<&[u8]>,
    ) -> Result<Box<Message>, String> {
        let stream = TcpStream::connect(address).await;
        let stream = stream.map_err(|error| error.to_string())?;
        let mut exchange =
            Exchange::over(stream, address, Kind::Response, self.connection, &self.tell).await?;
        let mut request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\n",
            self.to.path,
            self.to.authority()
        )
        .into_bytes();
        if let Some(credentials) = credentials {
            request.extend_from_slice(b"Authorization: ");
            request.extend_from_slice(credentials);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"Connection: close\r\n\r\n");
        exchange.send(&self.guard, &request).await?;
        let answer = exchange.message().await;
        exchange.end().await;
        answer
    }

    /// What answers the challenge: Digest where it is offered; nothing where no account is known.
    fn credentials(&self, challenged: &Message) -> Result<Option<Vec<u8>>, String> {
        let Some((user, password)) = &self.account else {
            return Ok(None);
        };
        let account = Account { user, password };
        let values: Vec<_> = challenged.header_all("WWW-Authenticate").collect();
        let offered: Vec<Challenge<'_>> = values
            .iter()
            .flat_map(|value| auth::challenges(value).what)
            .collect();
        let cnonce = format!("{:016x}", super::random());
        let with = Answer {
            request: Request {
                method: b"GET",
                target: self.to.path.as_bytes(),
                body: Some(b""),
            },
            account,
            encoding: Encoding::Utf8,
            cnonce: &cnonce,
            nc: 1,
        };
        let mut digests = offered.iter().filter_map(Challenge::digest);
        if let Some(answer) = digests.find_map(|digest| digest.answer(&with).ok()) {
            return Ok(Some(answer));
        }
        if offered.iter().any(|challenge| challenge.basic().is_some()) {
            // It goes in clear, to whoever is at the device's host.
            return Err(BASIC.to_owned());
        }
        Err("the device's challenge cannot be answered".to_owned())
    }

    pub(super) async fn by_udp(self, how: ByUdp) {
        let woken = self.datagrams(how).await;
        let _ = self.tell.send(Told::Woken(woken.map(|()| None))).await;
    }

    /// The same datagram several times, since any may be lost.
    async fn datagrams(&self, how: ByUdp) -> Result<(), String> {
        let to = self.to.resolve().await?;
        let told = |error: std::io::Error| error.to_string();
        let (socket, is_own) = match &how.socket {
            Some(socket) => (Arc::clone(socket), false),
            None => (Arc::new(own_socket(to).await.map_err(told)?), true),
        };
        let from = socket.local_addr().map_err(told)?;
        let datagram = self.datagram(how.timestamp_s);
        let permit = self
            .guard
            .permit_datagram(&datagram, to, Errand::Wakes(to))
            .map_err(|no| no.to_string())?;
        let (copies, between) = how.copies;
        for copy in 0..copies {
            if copy > 0 {
                tokio::time::sleep(between).await;
            }
            let aside = Aside {
                connection: self.connection,
                source: from,
                destination: to,
                kind: WireEventKind::Datagram(datagram.clone()),
                ours: true,
                go: None,
            };
            aside.logged(&self.tell).await?;
            let sent = if is_own {
                socket.send(permit.bytes()).await
            } else {
                socket.send_to(permit.bytes(), to).await
            };
            sent.map_err(told)?;
        }
        Ok(())
    }

    fn datagram(&self, timestamp_s: u64) -> Vec<u8> {
        let (user, password) = self.account.clone().unwrap_or_default();
        let cnonce = format!("{:016x}", super::random());
        let draft = stun::ucr::Draft {
            authority: &self.to.authority(),
            timestamp_s,
            id: super::random() >> 33,
            username: &user,
            cnonce: &cnonce,
        };
        draft.write(password.as_bytes())
    }
}

/// A socket that hears of it where nobody listens.
async fn own_socket(to: SocketAddr) -> std::io::Result<UdpSocket> {
    let any: SocketAddr = if to.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0_u16; 8], 0).into()
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(to).await?;
    Ok(socket)
}

const BASIC: &str = "the device asks for Basic, which TR-069 forbids for Connection Requests (3.2.2): the password was not sent";
/// For both requests together; TR-069 wants an answer at once.
const ALL_MAX: Duration = Duration::from_secs(30);
