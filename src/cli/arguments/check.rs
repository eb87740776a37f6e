//! The grammar of `informant check` and what goes with it.

use clap::{Args, ValueEnum};

use super::{Files, Reading, Writing};
use crate::session::Severity;

#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArguments {
    #[command(flatten)]
    pub files: Files,
    #[command(flatten)]
    pub judging: Judging,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub writing: Writing,
    /// Exit with 1 where a finding is at least so bad
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub fail_on: FailOn,
    /// Only findings that this display filter selects, such as `severity >= warning && blame == acs`
    #[arg(short = 'Y', long = "filter", value_name = "EXPRESSION")]
    pub filter: Option<String>,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: Findings,
}

/// Which rules judge.
#[derive(Debug, Args)]
pub(in crate::cli) struct Judging {
    /// Only these rules: codes (`HTTP-004`) or families (`HTTP`), separated by commas (may be given several times)
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Not these rules
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub ignore: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FailOn {
    /// A requirement is broken
    Error,
    /// What should be mended too
    Warning,
    /// Any finding
    Info,
    /// Whatever is found
    Never,
}

impl FailOn {
    /// The mildest finding that fails.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Findings {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// One JSON record a line
    Ndjson,
}
