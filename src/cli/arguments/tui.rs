//! The grammar of `informant tui`.

use clap::Args;

use super::{Check, Files, Reading, When};

#[derive(Debug, Args)]
#[command(after_help = "Keys: F1 or ? shows them on every screen; docs/tui.md has them all.")]
pub(in crate::cli) struct TuiArguments {
    #[command(flatten)]
    pub files: Files,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub check: Check,
    /// Begin with the sessions that this display filter selects; F7 changes it
    #[arg(short = 'Y', long = "filter", value_name = "EXPRESSION")]
    pub filter: Option<String>,
    /// Colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: When,
    /// Show passwords, keys and cookies instead of <masked>
    #[arg(long)]
    pub show_secrets: bool,
    /// No remarks on the input
    #[arg(short = 'q', long)]
    pub quiet: bool,
}
