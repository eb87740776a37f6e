//! The grammar of `informant live`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::check::Judging;
use super::{Reading, Writing};
use crate::source::Rotation;

#[derive(Debug, Args)]
pub(in crate::cli) struct LiveArguments {
    /// Interface to listen to; `any` is all of them (may be given several times)
    #[arg(
        short = 'i',
        long,
        value_name = "INTERFACE",
        required_unless_present = "list",
        value_delimiter = ','
    )]
    pub interface: Vec<String>,
    /// The interfaces there are
    #[arg(short = 'D', long)]
    pub list: bool,
    /// Capture filter, as tcpdump takes it: what it leaves out is not even counted
    #[arg(short = 'f', long, value_name = "BPF")]
    pub capture_filter: Option<String>,
    /// Bytes kept of each packet
    #[arg(short = 's', long, value_name = "BYTES", default_value = "262144", value_parser = clap::value_parser!(u32).range(68..=262_144))]
    pub snap_length: u32,
    /// MiB that the kernel holds of each interface until they are read
    #[arg(short = 'B', long, value_name = "MIB", default_value = "64", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub buffer: u32,
    /// Hear only what is for this host
    #[arg(short = 'p', long)]
    pub no_promiscuous: bool,
    /// Record every packet in this file (pcapng)
    #[arg(short = 'w', long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Record in a ring of files: `filesize:100MB`, `duration:3600`, `files:20` (several with commas)
    #[arg(short = 'b', long, value_name = "CONDITION", value_delimiter = ',', requires = "write", value_parser = ring)]
    pub ring: Vec<Ring>,
    /// End by itself: `duration:SECONDS`, or `filesize:SIZE` of what was recorded
    #[arg(short = 'a', long, value_name = "CONDITION", value_delimiter = ',', value_parser = enough)]
    pub autostop: Vec<Enough>,
    /// Show findings of the rule book as they arise
    #[arg(long)]
    pub check: bool,
    /// The screens of `informant tui` over what is heard: sessions as they close, with findings
    #[arg(long, conflicts_with_all = ["format", "output"])]
    pub tui: bool,
    #[command(flatten)]
    pub judging: Judging,
    /// Keep figures in this file, in the text form of Prometheus: rewritten every few seconds
    #[arg(long, value_name = "FILE")]
    pub metrics: Option<PathBuf>,
    /// Seconds from one line of figures to the next; 0 for none
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    pub statistics: u64,
    /// Who the program is once interfaces and files are open, where it was started as root: else who called sudo, or nobody
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Only sessions that this display filter selects
    #[arg(short = 'Y', long = "filter", value_name = "EXPRESSION")]
    pub filter: Option<String>,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub writing: Writing,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: LiveFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LiveFormat {
    /// For people: a row for each session as it closes
    Text,
    /// A JSON record on each line: sessions, findings, statistics
    Ndjson,
}

/// A condition of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Ring {
    /// Bytes of a file.
    FileSize(u64),
    /// Time of a file.
    Duration(Duration),
    /// Files that are kept.
    Files(usize),
}

/// When it is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Enough {
    /// When so much time has passed.
    Duration(Duration),
    /// When so many bytes are recorded.
    FileSize(u64),
}

impl LiveArguments {
    /// What `-b` asks for.
    pub fn rotation(&self) -> Option<Rotation> {
        if self.ring.is_empty() {
            return None;
        }
        let mut rotation = Rotation::default();
        for condition in &self.ring {
            match *condition {
                Ring::FileSize(bytes) => rotation.file_bytes_max = Some(bytes),
                Ring::Duration(duration) => rotation.duration_max = Some(duration),
                Ring::Files(files) => rotation.files_max = Some(files),
            }
        }
        Some(rotation)
    }

    /// The shortest time that `-a` asks for.
    pub fn duration(&self) -> Option<Duration> {
        let times = self
            .autostop
            .iter()
            .filter_map(|condition| match condition {
                Enough::Duration(duration) => Some(*duration),
                Enough::FileSize(_) => None,
            });
        times.min()
    }

    /// The smallest size that `-a` asks for.
    pub fn recorded_bytes_max(&self) -> Option<u64> {
        let sizes = self
            .autostop
            .iter()
            .filter_map(|condition| match condition {
                Enough::FileSize(bytes) => Some(*bytes),
                Enough::Duration(_) => None,
            });
        sizes.min()
    }
}

fn ring(text: &str) -> Result<Ring, String> {
    match text.split_once(':') {
        Some(("filesize", size)) => bytes(size).map(Ring::FileSize),
        Some(("duration", seconds)) => super::replay::seconds(seconds).map(Ring::Duration),
        Some(("files", count)) => match count.parse() {
            Ok(count) if count > 0 => Ok(Ring::Files(count)),
            _ => Err("files: a number from 1 is wanted".to_owned()),
        },
        _ => Err("give filesize:SIZE, duration:SECONDS or files:NUMBER".to_owned()),
    }
}

fn enough(text: &str) -> Result<Enough, String> {
    match text.split_once(':') {
        Some(("duration", seconds)) => super::replay::seconds(seconds).map(Enough::Duration),
        Some(("filesize", size)) => bytes(size).map(Enough::FileSize),
        _ => Err("give duration:SECONDS or filesize:SIZE".to_owned()),
    }
}

/// A size as dumpcap takes it, in kB where no unit is given; here units are of 1000, as their names say.
fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = text.get(digits.len()..).unwrap_or_default();
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "k" | "kb" => 1_000,
        "b" => 1,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return Err(SIZE_WANTED.to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| SIZE_WANTED.to_owned())?;
    let bytes = number.checked_mul(factor).filter(|bytes| *bytes > 0);
    bytes.ok_or_else(|| SIZE_WANTED.to_owned())
}

const SIZE_WANTED: &str = "filesize: a number with kB, MB or GB is wanted";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        assert_eq!(ring("filesize:100MB"), Ok(Ring::FileSize(100_000_000)));
        assert_eq!(ring("filesize:2"), Ok(Ring::FileSize(2000)));
        assert_eq!(ring("filesize:1MiB"), Ok(Ring::FileSize(1 << 20)));
        assert_eq!(ring("files:20"), Ok(Ring::Files(20)));
        let minute = Duration::from_secs(60);
        assert_eq!(ring("duration:60"), Ok(Ring::Duration(minute)));
        assert_eq!(enough("duration:60"), Ok(Enough::Duration(minute)));
        for wrong in [
            "",
            "files:0",
            "filesize:0",
            "filesize:x",
            "filesize:1XB",
            "packets:3",
        ] {
            assert!(ring(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "files:3", "duration:-1", "duration"] {
            assert!(enough(wrong).is_err(), "{wrong}");
        }
    }
}
