//! The grammar of `informant scenario`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Document, ScenarioNewArguments, Writing};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ScenarioCommand {
    /// A scenario of a recorded session, or of several that belong together
    New(Box<ScenarioNewArguments>),
    /// What would go wrong when scenarios are played, found without a peer
    Lint(ScenarioLintArguments),
    /// The steps of a scenario: who says what, of which class, what is expected, which secrets it needs
    Show(ScenarioShowArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ScenarioLintArguments {
    /// Directories with a `scenario.toml`
    #[arg(value_name = "DIR", required = true)]
    pub scenarios: Vec<PathBuf>,
    #[command(flatten)]
    pub writing: Writing,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: Document,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ScenarioShowArguments {
    /// A directory with a `scenario.toml`
    #[arg(value_name = "DIR")]
    pub scenario: PathBuf,
    #[command(flatten)]
    pub writing: Writing,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: Document,
}
