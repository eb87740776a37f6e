//! The grammar of `informant check` and what goes with it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::{Document, Files, Reading, Writing};
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
    /// Leave out findings that this file accepts; `informant baseline create` makes one
    #[arg(short = 'b', long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// The day that decides which entries of the baseline have expired; that of the last frame unless said
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub today: Option<Date>,
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
    #[command(flatten)]
    pub models: Models,
}

/// What devices have.
#[derive(Debug, Args)]
pub(in crate::cli) struct Models {
    /// What devices have beside the standard data models: a file of the Broadband Forum's XML, of parameter elements, or
    /// snom's parameter mapping (may be given several times)
    ///
    /// Names, types and access in these files come before those of the standard models of the same root. The standard models are
    /// built in; `informant rules --notice` has their licence.
    #[arg(long = "data-model", value_name = "FILE")]
    pub data_models: Vec<PathBuf>,
}

/// Whether findings are shown beside sessions.
#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    /// Findings of the rule book beside the sessions; the input is read twice for it
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true, default_value = "auto", default_missing_value = "always")]
    pub check: CheckWhen,
    #[command(flatten)]
    pub models: Models,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CheckWhen {
    /// Of files of up to 32 MiB together, or where -Y asks for findings
    Auto,
    Always,
    Never,
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
    /// For continuous integration: a suite for each side of each device, a case for each finding
    Junit,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Workflow commands of GitHub
    Github,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RulesArguments {
    /// Only these: codes (`HTTP-004`) or families (`HTTP`)
    #[arg(value_name = "CODE")]
    pub rules: Vec<String>,
    /// The licence of the data models that are built in, instead of rules
    #[arg(long, conflicts_with_all = ["rules", "format"])]
    pub notice: bool,
    #[command(flatten)]
    pub writing: Writing,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: Document,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArguments {
    /// Codes (`HTTP-004`), names (`soap-action-on-response`) or families (`HTTP`)
    #[arg(value_name = "CODE", required = true)]
    pub rules: Vec<String>,
    #[command(flatten)]
    pub writing: Writing,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BaselineCommand {
    /// Write every finding of these captures to a new file
    Create(BaselineArguments),
    /// Add what is new, and raise counts; reasons, comments and order stay
    Update(BaselineArguments),
    /// Drop entries that accept nothing any more, and those that have expired
    Prune(BaselineArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct BaselineArguments {
    #[command(flatten)]
    pub files: Files,
    /// The file of accepted findings
    #[arg(short = 'b', long, value_name = "FILE")]
    pub baseline: PathBuf,
    #[command(flatten)]
    pub judging: Judging,
    /// The day that decides which entries have expired; that of the last frame unless said
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub today: Option<Date>,
    #[command(flatten)]
    pub reading: Reading,
    /// No progress bar and no remarks on standard error; errors remain
    #[arg(short = 'q', long)]
    pub quiet: bool,
}

/// A day.
fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "a day is wanted, such as 2027-03-31".to_owned())
}
