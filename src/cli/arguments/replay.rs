//! The grammar of `informant replay`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::Writing;
use super::check::{FailOn, Judging};
use super::tls::{TlsCalling, TlsListening};
use crate::replay::player::Speed;
use crate::replay::scenario::Class;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ReplayCommand {
    /// Play the recorded ACS against a real phone
    Acs(ReplayAcsArguments),
    /// Play the recorded phone against a real ACS
    Cpe(ReplayCpeArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ReplayAcsArguments {
    /// Where phones connect: an address of this machine that the phone can reach
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7547")]
    pub listen: SocketAddr,
    /// Where Connection Requests go; without it, to the host that the phone itself came from, and never to a recorded one
    #[arg(long, value_name = "URL")]
    pub connection_request: Option<String>,
    /// Answer Binding Requests of STUN here and at the next port (TR-111 part II); Connection Requests by UDP go from here to the
    /// binding of the device
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub stun: Option<SocketAddr>,
    #[command(flatten)]
    pub tls: TlsListening,
    #[command(flatten)]
    pub playing: Playing,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ReplayCpeArguments {
    /// The ACS, with http or https; nothing else is connected to, wherever it redirects
    #[arg(long, value_name = "URL")]
    pub acs_url: String,
    /// Be the recorded device, serial number and all
    #[arg(long, conflicts_with = "device")]
    pub impersonate_recorded: bool,
    /// Where Connection Requests come in
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The STUN server that tells the binding of --listen (TR-111 part II); no other is asked, whatever was recorded or is set
    #[arg(long, value_name = "HOST[:PORT]")]
    pub stun: Option<String>,
    #[command(flatten)]
    pub tls: TlsCalling,
    #[command(flatten)]
    pub playing: Playing,
}

/// What both roles have.
#[derive(Debug, Args)]
pub(in crate::cli) struct Playing {
    /// Scenarios: directories with a `scenario.toml`, played one after the other
    #[arg(value_name = "DIR", required = true)]
    pub scenarios: Vec<PathBuf>,
    /// The device, as OUI[-ProductClass]-SerialNumber: the only one that is served, or the one that is played
    #[arg(long, value_name = "ID")]
    pub device: Option<String>,
    /// Let messages of this class out, where the scenario allows it too; `destroy` needs --device as well (may be given several
    /// times)
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    pub allow: Vec<AllowedClass>,
    /// Print what would be sent, with its class, and open no socket; the exit code is 6 where something would be refused
    #[arg(long)]
    pub dry_run: bool,
    /// The pace: `as-recorded`, `max` (no pauses), or `xN` (N times as fast)
    #[arg(long, value_name = "SPEED", default_value = "max", value_parser = speed)]
    pub speed: Speed,
    /// How long to wait for each message, in the place of the scenario's default
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<Duration>,
    /// Play all scenarios so many times
    #[arg(long = "loop", value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    pub times: u32,
    /// The value of a variable (may be given several times); secrets are better in their environment variable or file
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
    /// Append the audit log to this file: what went out, what came in, what was refused; lengths and hashes, no contents
    #[arg(long, value_name = "FILE", default_value = "informant-audit.ndjson")]
    pub audit: PathBuf,
    /// Write the replay as a capture (pcapng), with packets as they might have been
    #[arg(short = 'w', long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Exit with 1 where a finding about the other side is at least so bad
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
    pub format: ReplayFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum AllowedClass {
    /// Changes settings
    Set,
    /// Interrupts the device or takes something away
    Disrupt,
    /// May leave it unusable or out of reach, or is unknown
    Destroy,
}

impl AllowedClass {
    pub fn class(self) -> Class {
        match self {
            Self::Set => Class::Set,
            Self::Disrupt => Class::Disrupt,
            Self::Destroy => Class::Destroy,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReplayFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// A JSON record on each line: steps, differences, findings
    Ndjson,
    /// For a CI: a case for each step and for each finding
    Junit,
}

fn speed(text: &str) -> Result<Speed, String> {
    match text {
        "as-recorded" => Ok(Speed::AsRecorded),
        "max" => Ok(Speed::Max),
        _ => {
            let factor = text.strip_prefix('x').and_then(|it| it.parse().ok());
            let factor = factor.filter(|factor: &f64| factor.is_finite() && *factor > 0.0);
            factor
                .map(Speed::Times)
                .ok_or_else(|| "give as-recorded, max, or a factor above 0 such as x10".to_owned())
        }
    }
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok();
    let seconds = seconds.filter(|seconds| *seconds > 0.0 && *seconds <= TIMEOUT_S_MAX);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "give a number of seconds above 0, up to a week".to_owned())
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("give NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A week.
const TIMEOUT_S_MAX: f64 = 604_800.0;
