//! What a control connection tells.

use std::ops::Range;

use crate::{DataEndpoint, Side};

/// Something that happened, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// Whose line told it.
    pub side: Side,
    /// Where the line stands, in bytes from the first of that side's stream.
    pub span: Range<u64>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// The server greets (220).
    Greeting {
        /// What it says of itself.
        text: String,
    },
    /// A login was answered.
    Login {
        /// Who.
        user: String,
        /// Where the password stands in the client's stream.
        password: Option<Range<u64>>,
        /// What came of it.
        result: LoginResult,
        /// The reply's code.
        code: u16,
    },
    /// The server told the size of a file (213 to SIZE).
    Size {
        /// The file, as the client named it.
        file: String,
        /// Its size.
        bytes: u64,
    },
    /// The server has no such file or directory, or does not say (4yz or 5yz to SIZE or CWD); many clients stop there.
    PathRefused {
        /// What the client named.
        path: String,
        /// Was it a file (SIZE), not a directory (CWD)?
        file: bool,
        /// The reply's code.
        code: u16,
        /// The reply's text.
        text: String,
    },
    /// The next data connection was agreed.
    DataEndpoint(DataEndpoint),
    /// A transfer began (125 or 150).
    TransferBegan {
        /// Which.
        transfer: Transfer,
        /// The reply's code.
        code: u16,
        /// The reply's text.
        text: String,
    },
    /// A transfer ended, or did not come to begin.
    TransferEnded {
        /// Which.
        transfer: Transfer,
        /// How.
        result: TransferResult,
    },
    /// From here on TLS hides the connection (234).
    Secured,
    /// The connection is not FTP; nothing more will be told.
    NotFtp,
}

/// What came of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoginResult {
    /// 230 or 232.
    Accepted,
    /// 4yz or 5yz.
    Refused,
}

/// Which way, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransferKind {
    /// RETR: a file to the client.
    Retrieve,
    /// STOR or STOU: a file to the server.
    Store,
    /// APPE: to the end of a file of the server.
    Append,
    /// LIST, NLST or MLSD: names to the client.
    List,
}

impl TransferKind {
    /// The kind for output: `retrieve`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Retrieve => "retrieve",
            Self::Store => "store",
            Self::Append => "append",
            Self::List => "list",
        }
    }

    /// Who sends the data.
    pub fn sender(self) -> Side {
        match self {
            Self::Retrieve | Self::List => Side::Server,
            Self::Store | Self::Append => Side::Client,
        }
    }
}

/// A transfer, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Which way, and what.
    pub kind: TransferKind,
    /// The file, as the client named it; empty for a list of where it is.
    pub file: String,
    /// Where the client is, if it went anywhere or asked.
    pub directory: Option<String>,
    /// Who logged in, or tried to.
    pub user: Option<String>,
    /// Where the data goes.
    pub data: Option<DataEndpoint>,
    /// The size of the file, where the server told it (213 to SIZE, or in brackets with 150).
    pub size_bytes: Option<u64>,
    /// Where in the file it starts (REST).
    pub restart_bytes: Option<u64>,
    /// Where the command stands in the client's stream.
    pub command: Range<u64>,
}

impl Transfer {
    /// The file with the directory before it, where that is known and the name does not begin at the root.
    pub fn path(&self) -> String {
        match &self.directory {
            Some(directory) if !self.file.starts_with('/') && !self.file.is_empty() => {
                let slash = if directory.ends_with('/') { "" } else { "/" };
                format!("{directory}{slash}{}", self.file)
            }
            Some(directory) if self.file.is_empty() => directory.clone(),
            _ => self.file.clone(),
        }
    }
}

/// How a transfer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferResult {
    /// How.
    pub outcome: Outcome,
    /// The reply's code; none where no reply came.
    pub code: Option<u16>,
    /// The reply's text.
    pub text: String,
}

/// How a transfer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// 226 or 250.
    Complete,
    /// 4yz or 5yz before it began: 425, 450, 550 and others.
    Refused,
    /// 4yz or 5yz behind its begin: 426, 451 and others.
    Failed,
    /// No reply came before the connection ended, or the reply was lost.
    Unknown,
}

impl Outcome {
    /// The outcome for output: `complete`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}
