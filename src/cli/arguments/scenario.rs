//! The grammar of `informant scenario`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Writing;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ScenarioCommand {
    /// Whether these scenarios can be read, told without a peer
    Lint(ScenarioLintArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ScenarioLintArguments {
    /// Directories with a `scenario.toml`
    #[arg(value_name = "DIR", required = true)]
    pub scenarios: Vec<PathBuf>,
    #[command(flatten)]
    pub writing: Writing,
}
