//! The grammar of `informant scenario new`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::replay::AllowedClass;
use super::{Files, Reading};
use crate::replay::scenario::Role;

#[derive(Debug, Args)]
pub(in crate::cli) struct ScenarioNewArguments {
    #[command(flatten)]
    pub files: Files,
    /// The session, by its number as `list` shows it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub session: u32,
    /// The side that a replay is to play: `acs` against a real phone, `cpe` against a real ACS
    #[arg(long = "as", value_name = "SIDE")]
    pub role: Side,
    /// The directory to write; it is made, and appears when it is whole
    #[arg(short = 'o', long, value_name = "DIR")]
    pub output: PathBuf,
    /// Write over a scenario that is there
    #[arg(long)]
    pub force: bool,
    /// With all sessions of the device from SESSION to this one
    #[arg(long, value_name = "M", conflicts_with = "transaction", value_parser = clap::value_parser!(u32).range(1..))]
    pub until_session: Option<u32>,
    /// With the later sessions that end what this one begins: the TransferComplete of a Download, the boot of a Reboot, the
    /// call of a ScheduleInform, the end of a diagnosis
    #[arg(long)]
    pub transaction: bool,
    /// Let the scenario do what is of this class; the replay has to allow it too (may be given several times)
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    pub allow: Vec<AllowedClass>,
    #[command(flatten)]
    pub reading: Reading,
    /// No progress bar and no remarks on standard error; errors remain
    #[arg(short = 'q', long)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Side {
    /// The recorded ACS
    Acs,
    /// The recorded phone
    Cpe,
}

impl Side {
    pub(in crate::cli) fn role(self) -> Role {
        match self {
            Self::Acs => Role::Acs,
            Self::Cpe => Role::Cpe,
        }
    }
}
