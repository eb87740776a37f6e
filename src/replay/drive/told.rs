//! What the tasks of a run tell the one that drives it.

use std::io;
use std::net::SocketAddr;

use tokio::sync::{mpsc, oneshot};

use super::tls::Stream;
use crate::replay::action::{ConnectionId, WireEventKind};
use crate::replay::audit::Audit;

/// Short, so that nobody runs ahead of the player.
pub(super) type Tell = mpsc::Sender<Told>;

/// Something that happened.
pub(super) enum Told {
    /// A connection that was asked for stands, or not.
    Connected(ConnectionId, Result<Stream, String>),
    /// The handshake of a connection that came in is over, well or not.
    Secured(ConnectionId, Result<Stream, String>),
    /// Bytes came.
    Bytes(ConnectionId, Vec<u8>),
    /// The peer ended its direction; by breaking it off, or a failure, where there is an error.
    Ended(ConnectionId, Option<io::Error>),
    /// A Connection Request was answered with this status; nothing for no answer, or one by UDP.
    Woken(Result<Option<u16>, String>),
    /// A Connection Request came in, and its sender knew the password.
    WokenBy(SocketAddr),
    /// Bytes of an exchange that a task had on its own.
    Aside(Aside),
    /// Bytes of a file's transfer, which the log has as a file.
    Passed(Aside),
    /// The file server gave out or took a file.
    File(FileTold),
}

/// Bytes of a Connection Request, of what answers it, or of a file.
pub(super) struct Aside {
    pub(super) connection: ConnectionId,
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    pub(super) kind: WireEventKind,
    /// Do we send it?
    pub(super) ours: bool,
    /// Whoever sends it waits for this.
    pub(super) go: Option<oneshot::Sender<()>>,
}

impl Aside {
    /// Tells it, and waits until it is logged where it is ours: it is not to be sent before, nor where that fails.
    pub(super) async fn logged(mut self, tell: &Tell) -> Result<(), String> {
        let (go, may_go) = oneshot::channel();
        let ours = self.ours;
        self.go = ours.then_some(go);
        let told = tell.send(Told::Aside(self)).await;
        told.map_err(|_| "the run is over".to_owned())?;
        if ours {
            let gone = may_go.await;
            gone.map_err(|_| "it was not logged, and therefore not sent".to_owned())?;
        }
        Ok(())
    }

    /// It stands in the log, unless that has failed.
    pub(super) fn let_go(&mut self, audit: &Audit) {
        if let Some(go) = self.go.take().filter(|_| !audit.has_failed()) {
            // Whoever waited may have been given up.
            let _ = go.send(());
        }
    }
}

/// What went through the file server.
pub(super) struct FileTold {
    pub(super) peer: SocketAddr,
    pub(super) direction: &'static str,
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) sha256: String,
}
