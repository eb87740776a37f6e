//! The grammar of `informant serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::Writing;
use super::check::{FailOn, Judging};
use super::replay::AllowedClass;
use crate::replay::scenario::AuthScheme;

#[derive(Debug, Args)]
pub(in crate::cli) struct ServeArguments {
    /// Where phones connect
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7547")]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub tls: super::TlsListening,
    /// A device that is served, as OUI[-ProductClass]-SerialNumber, where `*` and `?` stand for anything and for one character
    /// (may be given several times); any device where none is named
    #[arg(long, value_name = "ID")]
    pub device: Vec<String>,
    /// What devices are asked, one RPC a line, such as `GetParameterValues Device.DeviceInfo.` (docs/serve.md); `-` is standard
    /// input, line by line
    #[arg(long, value_name = "FILE")]
    pub queue: Option<PathBuf>,
    /// Let messages of this class out; `destroy` needs the device named in full with --device as well (may be given several
    /// times)
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    pub allow: Vec<AllowedClass>,
    /// Ask devices for this user and a password
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// The environment variable that holds the password
    #[arg(long, value_name = "NAME", default_value = "INFORMANT_PASSWORD")]
    pub password_env: String,
    /// A file that holds the password, and nothing else but the end of its line
    #[arg(long, value_name = "FILE", requires = "user")]
    pub password_file: Option<PathBuf>,
    /// How devices are asked
    #[arg(
        long,
        value_name = "SCHEME",
        default_value = "digest",
        requires = "user"
    )]
    pub scheme: ServeScheme,
    /// The user of Connection Requests; INFORMANT_CONNECTION_REQUEST_PASSWORD in the environment is the password
    #[arg(long, value_name = "NAME")]
    pub connection_request_user: Option<String>,
    /// How long a device may be silent within its session
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = super::replay::seconds)]
    pub timeout: Duration,
    /// End after so many sessions
    #[arg(short = 'c', long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// End by itself: `duration:SECONDS`
    #[arg(short = 'a', long, value_name = "CONDITION", value_parser = enough)]
    pub autostop: Option<Enough>,
    /// Append the audit log to this file: what went out, what came in, what was refused; lengths and hashes, no contents
    #[arg(long, value_name = "FILE", default_value = "informant-audit.ndjson")]
    pub audit: PathBuf,
    /// Write the sessions as a capture (pcapng), with packets as they might have been
    #[arg(short = 'w', long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Exit with 1 where a finding about a device is at least so bad
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub fail_on: FailOn,
    /// Leave out findings that this file accepts; `informant baseline create` makes one
    #[arg(short = 'b', long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    #[command(flatten)]
    pub judging: Judging,
    #[command(flatten)]
    pub writing: Writing,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: ServeFormat,
}

/// When it is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct Enough {
    /// When so much time has passed.
    pub duration: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ServeScheme {
    /// With MD5, which every device can
    Digest,
    /// In clear
    Basic,
}

impl ServeScheme {
    pub fn scheme(self) -> AuthScheme {
        match self {
            Self::Digest => AuthScheme::Digest,
            Self::Basic => AuthScheme::Basic,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ServeFormat {
    /// For people: the ladder of each session, answers as they come
    Text,
    /// A JSON record on each line: answers, sessions and findings
    Ndjson,
}

fn enough(text: &str) -> Result<Enough, String> {
    let seconds = text
        .strip_prefix("duration:")
        .ok_or("give duration:SECONDS")?;
    let duration = super::replay::seconds(seconds)?;
    Ok(Enough { duration })
}
