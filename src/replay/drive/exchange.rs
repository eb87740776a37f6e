//! A short exchange of HTTP beside the session, by a task of its own, with every byte told.

use std::net::SocketAddr;
use std::time::Duration;

use http1::{Kind, Message};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::reading::{Came, Reading};
use super::told::{Aside, Tell};
use crate::replay::action::{ConnectionId, WireEventKind};
use crate::replay::guard::{Guard, Permit};

/// One connection of such an exchange.
pub(super) struct Exchange {
    stream: TcpStream,
    local: SocketAddr,
    peer: SocketAddr,
    connection: ConnectionId,
    tell: Tell,
    reading: Reading,
    /// Read and not asked for yet.
    waiting: std::collections::VecDeque<Came>,
}

impl Exchange {
    /// Over a connection that stands; the other side says messages of this kind.
    pub(super) async fn over(
        stream: TcpStream,
        peer: SocketAddr,
        hears: Kind,
        connection: ConnectionId,
        tell: &Tell,
    ) -> Result<Self, String> {
        let local = stream.local_addr().map_err(|error| error.to_string())?;
        let exchange = Self {
            stream,
            local,
            peer,
            connection,
            tell: tell.clone(),
            reading: Reading::new(hears),
            waiting: std::collections::VecDeque::new(),
        };
        let opened_by_us = hears == Kind::Response;
        exchange.tell(opened_by_us, WireEventKind::Open).await?;
        Ok(exchange)
    }

    /// Writes what the guard lets out.
    pub(super) async fn send(&mut self, guard: &Guard, bytes: &[u8]) -> Result<(), String> {
        let permit = guard.permit(bytes).map_err(|refusal| refusal.to_string())?;
        self.write(&permit).await
    }

    async fn write(&mut self, permit: &Permit<'_>) -> Result<(), String> {
        self.tell(true, WireEventKind::Bytes(permit.bytes().to_vec()))
            .await?;
        let written = self.stream.write_all(permit.bytes());
        match tokio::time::timeout(PART_MAX, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("it takes no bytes".to_owned()),
        }
    }

    /// The next message, in time.
    pub(super) async fn message(&mut self) -> Result<Box<Message>, String> {
        tokio::time::timeout(PART_MAX, self.read())
            .await
            .unwrap_or_else(|_| Err("no whole message came in time".to_owned()))
    }

    async fn read(&mut self) -> Result<Box<Message>, String> {
        let mut room = vec![0; READ_BYTES];
        loop {
            while let Some(came) = self.waiting.pop_front() {
                if let Came::Message(message) = came {
                    return Ok(message);
                }
            }
            let count = self.stream.read(&mut room).await;
            let count = count.map_err(|error| error.to_string())?;
            if count == 0 {
                return match self.reading.end(false)? {
                    Some(Came::Message(message)) => Ok(message),
                    _ => Err("the connection was closed without an answer".to_owned()),
                };
            }
            let bytes = room.get(..count).unwrap_or_default();
            self.tell(false, WireEventKind::Bytes(bytes.to_vec()))
                .await?;
            self.waiting.extend(self.reading.take(bytes)?);
        }
    }

    /// Ends our direction, and lets the other side end too.
    pub(super) async fn end(mut self) {
        let _ = self.tell(true, WireEventKind::End { reset: false }).await;
        let mut room = vec![0; READ_BYTES];
        let parting = async {
            let _ = self.stream.shutdown().await;
            while let Ok(1..) = self.stream.read(&mut room).await {}
        };
        let _ = tokio::time::timeout(LINGER_MAX, parting).await;
    }

    /// Before it is done: what nobody notes any more is not done.
    async fn tell(&self, ours: bool, kind: WireEventKind) -> Result<(), String> {
        let (source, destination) = if ours {
            (self.local, self.peer)
        } else {
            (self.peer, self.local)
        };
        let aside = Aside {
            connection: self.connection,
            source,
            destination,
            kind,
            ours,
            go: None,
        };
        aside.logged(&self.tell).await
    }
}

const READ_BYTES: usize = 4 * 1024;
/// For one message, in or out.
const PART_MAX: Duration = Duration::from_secs(10);
const LINGER_MAX: Duration = Duration::from_millis(500);
