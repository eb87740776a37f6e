//! The built-in file server: what stands in the place of every URL that a recorded Download or Upload names.
//!
//! It gives out the files of the scenario and nothing else, counts and hashes what it is given, and is closed until the guard
//! let something out that makes a device come for a file. A file that the recording does not hold is not there: nobody should
//! flash bytes that were made up.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http1::{Kind, Message};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::reading::{Came, Reading};
use super::told::{FileTold, Tell, Told};
use crate::replay::audit::sha256;
use crate::replay::scenario::{Act, Scenario};
use crate::replay::template;

/// Serves Downloads and takes Uploads.
#[derive(Debug)]
pub struct FileServer {
    listener: TcpListener,
    files: Arc<Files>,
    is_open: bool,
    /// Connections; they end with it.
    tasks: JoinSet<()>,
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
    pub(super) fn serve(&mut self, stream: TcpStream, peer: SocketAddr, tell: &Tell) {
        while self.tasks.try_join_next().is_some() {}
        if self.tasks.len() >= CONNECTIONS_MAX {
            return;
        }
        let counter = Counter {
            files: self.is_open.then(|| Arc::clone(&self.files)),
            peer,
            tell: tell.clone(),
        };
        self.tasks.spawn(async move {
            let _ = tokio::time::timeout(TRANSFER_MAX, counter.serve(stream)).await;
        });
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
    peer: SocketAddr,
    tell: Tell,
}

impl Counter {
    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut reading = Reading::new(Kind::Request);
        let mut room = vec![0; READ_BYTES];
        loop {
            let count = stream.read(&mut room).await?;
            if count == 0 {
                return Ok(());
            }
            let Ok(came) = reading.take(room.get(..count).unwrap_or_default()) else {
                return stream.write_all(&plain("400 Bad Request")).await;
            };
            for came in came {
                match came {
                    Came::AsksToGoOn => {
                        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
                    }
                    Came::Message(request) => {
                        let answer = self.answer(&request).await;
                        stream.write_all(&answer).await?;
                    }
                }
            }
        }
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

const READ_BYTES: usize = 64 * 1024;
/// Of one scenario.
const FILES_MAX: usize = 64;
/// At the same time; others are turned away.
const CONNECTIONS_MAX: usize = 16;
/// For one connection: firmware over a slow line takes its time.
const TRANSFER_MAX: Duration = Duration::from_secs(1800);
