//! The built-in file server: what stands in the place of every URL that a recorded Download or Upload names.
//!
//! It gives out the files of the scenario and nothing else, counts and hashes what it is given, and is closed until the guard
//! let something out that makes a device come for a file. A file that the recording does not hold is not there: nobody should
//! flash bytes that were made up. A transfer that is under way when the scenario is over may go on to its end.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http1::{Kind, Message};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::reading::{Came, Reading};
use super::told::{Aside, FileTold, Tell, Told};
use crate::replay::action::{ConnectionId, WireEventKind};
use crate::replay::audit::sha256;
use crate::replay::scenario::{Act, Scenario};
use crate::replay::template;

/// Serves Downloads and takes Uploads.
#[derive(Debug)]
pub struct FileServer {
    listener: TcpListener,
    files: Arc<Files>,
    is_open: bool,
    under_way: Arc<UnderWay>,
    /// Connections; they end with it.
    tasks: JoinSet<()>,
}

/// Transfers that have begun and are not over.
#[derive(Debug, Default)]
struct UnderWay {
    count: AtomicUsize,
    /// Told when one is over.
    over: Notify,
}

impl FileServer {
    /// A server for the files that a scenario's messages name as `{{file.N.url}}`; none where they name none.
    ///
    /// # Errors
    ///
    /// Where it cannot listen there.
    pub async fn of(scenario: &Scenario, ip: IpAddr) -> io::Result<Option<Self>> {
        let names = names(scenario);
        if names.is_empty() {
            return Ok(None);
        }
        let listener = TcpListener::bind((ip, 0)).await?;
        let token = super::random();
        let files = names.into_iter().map(|name| {
            let content = scenario.files.get(&name).cloned();
            let path = format!("/{token:016x}/{name}");
            (path, ScenarioFile { name, content })
        });
        Ok(Some(Self {
            listener,
            files: Arc::new(files.collect()),
            is_open: false,
            under_way: Arc::default(),
            tasks: JoinSet::new(),
        }))
    }

    /// The values of the placeholders: `file.1.url`, and where it is.
    ///
    /// # Errors
    ///
    /// Where the system does not tell its own address.
    pub fn urls(&self) -> io::Result<BTreeMap<String, String>> {
        let address = self.listener.local_addr()?;
        let url = |(path, file): (&String, &ScenarioFile)| {
            let name = &file.name;
            (format!("{name}.url"), format!("http://{address}{path}"))
        };
        Ok(self.files.iter().map(url).collect())
    }

    /// Something went out that makes a device come for a file.
    pub(super) fn open(&mut self) {
        self.is_open = true;
    }

    pub(super) fn listener(&self) -> &TcpListener {
        &self.listener
    }

    /// Serves one connection, by a task of its own.
    pub(super) fn serve(
        &mut self,
        stream: TcpStream,
        peer: SocketAddr,
        connection: ConnectionId,
        tell: &Tell,
    ) {
        while self.tasks.try_join_next().is_some() {}
        let Some(local) = stream.local_addr().ok() else {
            return;
        };
        if self.tasks.len() >= CONNECTIONS_MAX {
            return;
        }
        let mut counter = Counter {
            files: self.is_open.then(|| Arc::clone(&self.files)),
            stream,
            local,
            peer,
            connection,
            tell: tell.clone(),
            under_way: Arc::clone(&self.under_way),
        };
        self.tasks.spawn(async move {
            let served = tokio::time::timeout(TRANSFER_MAX, counter.serve());
            let is_whole = matches!(served.await, Ok(Ok(())));
            counter.end(is_whole).await;
        });
    }

    /// Is a transfer under way?
    pub(super) fn is_busy(&self) -> bool {
        self.under_way.count.load(Ordering::Relaxed) > 0
    }

    /// Waits until a transfer is over.
    pub(super) async fn over(files: Option<&Self>) {
        match files {
            Some(files) => files.under_way.over.notified().await,
            None => std::future::pending().await,
        }
    }
}

/// Counts a transfer for as long as it lives.
struct Transfer(Arc<UnderWay>);

impl Transfer {
    fn begin(under_way: &Arc<UnderWay>) -> Self {
        under_way.count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(under_way))
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
        self.0.over.notify_one();
    }
}

/// By path.
type Files = BTreeMap<String, ScenarioFile>;

/// Its name in the scenario, and what is given out at its URL.
#[derive(Debug)]
struct ScenarioFile {
    name: String,
    content: Option<Vec<u8>>,
}

/// One connection to the file server.
struct Counter {
    files: Option<Arc<Files>>,
    stream: TcpStream,
    local: SocketAddr,
    peer: SocketAddr,
    connection: ConnectionId,
    tell: Tell,
    under_way: Arc<UnderWay>,
}

impl Counter {
    async fn serve(&mut self) -> io::Result<()> {
        self.note(false, WireEventKind::Open).await;
        let mut reading = Reading::new(Kind::Request);
        let mut room = vec![0; PIECE_BYTES];
        // From the first byte of a request to the last of its answer.
        let mut transfer = None;
        loop {
            let count = self.stream.read(&mut room).await?;
            if count == 0 {
                self.note(false, WireEventKind::End { reset: false }).await;
                return Ok(());
            }
            transfer.get_or_insert_with(|| Transfer::begin(&self.under_way));
            let bytes = room.get(..count).unwrap_or_default();
            self.note(false, WireEventKind::Bytes(bytes.to_vec())).await;
            let Ok(came) = reading.take(bytes) else {
                return self.write(&plain("400 Bad Request")).await;
            };
            for came in came {
                match came {
                    Came::AsksToGoOn => self.write(b"HTTP/1.1 100 Continue\r\n\r\n").await?,
                    Came::Message(request) => {
                        let answer = self.answer(&request).await;
                        self.write(&answer).await?;
                        transfer = None;
                    }
                }
            }
        }
    }

    /// Writes piece by piece, so that what is noted is what a peer that stops taking it has got, nearly.
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.chunks(PIECE_BYTES) {
            self.note(true, WireEventKind::Bytes(piece.to_vec())).await;
            self.stream.write_all(piece).await?;
        }
        Ok(())
    }

    /// Ends the connection; it breaks off where it is not whole.
    async fn end(self, is_whole: bool) {
        let reset = !is_whole;
        self.note(true, WireEventKind::End { reset }).await;
        if reset {
            let _ = self.stream.set_zero_linger();
        }
    }

    /// For whoever records the run; a device that is under way is not stopped where nobody does any more.
    async fn note(&self, ours: bool, kind: WireEventKind) {
        let (source, destination) = if ours {
            (self.local, self.peer)
        } else {
            (self.peer, self.local)
        };
        let passed = Aside {
            connection: self.connection,
            source,
            destination,
            kind,
            ours,
            go: None,
        };
        let _ = self.tell.send(Told::Passed(passed)).await;
    }

    async fn answer(&self, request: &Message) -> Vec<u8> {
        let target = String::from_utf8_lossy(request.target()).into_owned();
        let path = target.split('?').next().unwrap_or_default();
        let found = self.files.as_ref().and_then(|files| files.get(path));
        let Some(ScenarioFile { name, content }) = found else {
            return plain("404 Not Found");
        };
        match (request.method(), content) {
            (b"GET", Some(content)) => {
                self.told("out", name, content).await;
                let mut answer = head(content.len());
                answer.extend_from_slice(content);
                answer
            }
            (b"HEAD", Some(content)) => head(content.len()),
            (b"PUT" | b"POST", _) => {
                self.told("in", name, request.body()).await;
                plain("201 Created")
            }
            (b"GET" | b"HEAD", None) => plain("404 Not Found"),
            _ => plain("405 Method Not Allowed"),
        }
    }

    async fn told(&self, direction: &'static str, name: &str, content: &[u8]) {
        let told = FileTold {
            peer: self.peer,
            direction,
            name: name.to_owned(),
            length: content.len() as u64,
            sha256: sha256(content),
        };
        let _ = self.tell.send(Told::File(told)).await;
    }
}

fn head(length: usize) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes()
}

fn plain(status: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

/// `file.N` of every placeholder `{{file.N.url}}` in what is sent.
fn names(scenario: &Scenario) -> std::collections::BTreeSet<String> {
    let sent = scenario.steps.iter().filter_map(|step| match &step.act {
        Act::Send(send) => scenario.files.get(send.file.as_ref()?),
        _ => None,
    });
    sent.flat_map(|body| template::names(body))
        .filter_map(|name| {
            let name = name.strip_suffix(".url")?;
            name.starts_with("file.").then(|| name.to_owned())
        })
        .take(FILES_MAX)
        .collect()
}

/// Read or written at once.
const PIECE_BYTES: usize = 16 * 1024;
/// Of one scenario.
const FILES_MAX: usize = 64;
/// At the same time; others are turned away.
const CONNECTIONS_MAX: usize = 16;
/// For one connection: firmware over a slow line takes its time.
const TRANSFER_MAX: Duration = Duration::from_secs(1800);
