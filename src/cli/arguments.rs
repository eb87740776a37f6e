//! The grammar of the command line; its texts are the help and the manual page.

mod check;
mod diff;
mod keys;
#[cfg(feature = "live")]
mod live;
mod record;
mod replay;
mod scenario;
mod serve;
mod tls;
mod tui;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::conformance::CheckLimits;
use crate::pipeline::{KeyMaterial, Limits, Options, Overlap};
use crate::source::Input;

pub(super) use check::{
    BaselineArguments, BaselineCommand, Check, CheckArguments, CheckWhen, ExplainArguments,
    Findings, Judging, RulesArguments,
};
pub(super) use diff::{DiffArguments, file_and_session};
pub(super) use keys::KeyFiles;
#[cfg(feature = "live")]
pub(super) use live::{LiveArguments, LiveFormat};
pub(super) use record::ScenarioNewArguments;
pub(super) use replay::{Playing, ReplayCommand, ReplayFormat};
pub(super) use scenario::{ScenarioCommand, ScenarioLintArguments, ScenarioShowArguments};
pub(super) use serve::{ServeArguments, ServeFormat};
pub(super) use tls::{TlsCalling, TlsListening};
pub(super) use tui::TuiArguments;
#[cfg(feature = "tui")]
pub(super) use {check::Models, record::Side as ScenarioSide};

/// Protocol analyzer for TR-069 (CWMP).
///
/// Turns captured packets into CWMP sessions and shows them. Without a command, the same as `informant summary`.
#[derive(Debug, Parser)]
#[command(
    name = "informant",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
#[command(arg_required_else_help = true, after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub summary: SummaryArguments,
    /// Options from this file in TOML: `color = "never"` for every command, `[check]` and below it those of a command; what is typed is
    /// stronger
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What is in a capture: files, devices, sessions, verdict, and what to look at next
    Summary(SummaryArguments),
    /// One row for each session
    List(ListArguments),
    /// One session decoded: every message with its arguments
    Show(ShowArguments),
    /// The ladder of a session, or of all: who said what, when, in which frames
    Flow(FlowArguments),
    /// One record for each message
    Messages(MessagesArguments),
    /// One row for each device; with DEVICE its story in time order: how it is reached, and what came of attempts to do so
    Devices(DevicesArguments),
    /// What breaks the rules of TR-069: by whom, in which frames, and what to change
    Check(CheckArguments),
    /// Two sessions beside each other, or all of two captures: what differs, and what was passed over
    Diff(DiffArguments),
    /// The terminal screens: sessions, ladders, messages, findings, to be leafed through with keys
    Tui(TuiArguments),
    /// Findings that are known and accepted, in a file that `check --baseline` reads
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Scenarios: recorded sessions made ready to be played, each a directory
    #[command(subcommand)]
    Scenario(ScenarioCommand),
    /// The rule book as a table
    Rules(RulesArguments),
    /// What a rule demands, why it matters, and what to change
    Explain(ExplainArguments),
    /// The display filter (-Y): how it is written, and every name with its type
    Filter(FilterArguments),
    /// A recorded session, played back against a real phone or a real ACS; nothing above reading goes out unless it is allowed
    #[command(subcommand)]
    Replay(Box<ReplayCommand>),
    /// A plain ACS for the bench: answers every device that is allowed, asks what the queue holds, and shows each session as
    /// it closes
    Serve(Box<ServeArguments>),
    /// The same analysis of what interfaces hear: sessions as they close, recorded where asked for, for weeks
    #[cfg(feature = "live")]
    Live(Box<LiveArguments>),
    /// Completions for a shell, to standard output
    Completions(CompletionsArguments),
    /// The manual page, to standard output
    Man,
}

#[derive(Debug, Args)]
pub(super) struct SummaryArguments {
    #[command(flatten)]
    pub files: Files,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub check: Check,
    /// Only the sessions that this display filter selects: CWMP counts, devices, sessions, outcomes and findings are theirs;
    /// files, packets, TCP and HTTP are counted as a whole
    #[arg(short = 'Y', long = "filter", value_name = "EXPRESSION")]
    pub filter: Option<String>,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: Document,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    pub files: Files,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub check: Check,
    /// Only sessions that this display filter selects, such as `rpc == SetParameterValues && fault_code == 9007`
    #[arg(short = 'Y', long = "filter", value_name = "EXPRESSION")]
    pub filter: Option<String>,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: Records,
}

#[derive(Debug, Args)]
pub(super) struct MessagesArguments {
    #[command(flatten)]
    pub files: Files,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub writing: Writing,
    /// Only messages that this display filter selects, such as `rpc == SetParameterValues && fault_code == 9007`
    #[arg(short = 'Y', long = "filter", value_name = "EXPRESSION")]
    pub filter: Option<String>,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: Records,
}

#[derive(Debug, Args)]
#[command(
    override_usage = "informant devices [OPTIONS] FILE... [DEVICE]\n       informant devices [OPTIONS] -r FILE... [DEVICE]"
)]
pub(super) struct DevicesArguments {
    /// Captures, and one device by its id, its serial number or another part of its id; the last word is a file where there
    /// is one of that name
    #[arg(value_name = "FILE [DEVICE]", required_unless_present = "read", num_args = 0..)]
    pub positional: Vec<PathBuf>,
    /// Capture file, as tcpdump and tshark take it (may be given several times)
    #[arg(short = 'r', long = "read", value_name = "FILE")]
    pub read: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub writing: Writing,
    /// Only devices that this display filter selects, such as `manufacturer == Acme && sessions > 1`
    #[arg(short = 'Y', long = "filter", value_name = "EXPRESSION")]
    pub filter: Option<String>,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: Records,
}

#[derive(Debug, Args)]
#[command(
    override_usage = "informant show [OPTIONS] FILE SESSION\n       informant show [OPTIONS] -r FILE SESSION"
)]
pub(super) struct ShowArguments {
    /// The capture, and the number of the session as `list` shows it
    #[arg(value_name = "FILE SESSION", required = true, num_args = 1..=2)]
    pub positional: Vec<PathBuf>,
    /// Capture file (then SESSION alone follows; may be given several times)
    #[arg(short = 'r', long = "read", value_name = "FILE")]
    pub read: Vec<PathBuf>,
    /// Only this message of the session, counted from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub message: Option<u64>,
    /// The messages as they were sent, escaped
    #[arg(long, conflicts_with = "format")]
    pub raw: bool,
    /// Header fields too
    #[arg(short = 'v', long)]
    pub verbose: bool,
    /// Only the messages of the session that this display filter selects; they keep their numbers
    #[arg(short = 'Y', long = "filter", value_name = "EXPRESSION")]
    pub filter: Option<String>,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub check: Check,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: Shown,
}

#[derive(Debug, Args)]
#[command(
    override_usage = "informant flow [OPTIONS] FILE [SESSION]\n       informant flow [OPTIONS] -r FILE [SESSION]"
)]
pub(super) struct FlowArguments {
    /// The capture, and the number of one session as `list` shows it
    #[arg(value_name = "FILE [SESSION]", required_unless_present = "read", num_args = 0..=2)]
    pub positional: Vec<PathBuf>,
    /// Capture file (then SESSION alone may follow; may be given several times)
    #[arg(short = 'r', long = "read", value_name = "FILE")]
    pub read: Vec<PathBuf>,
    /// Only the sessions that this display filter selects; with SESSION, only the arrows of the messages that it selects
    /// (an arrow that a gap touches stays)
    #[arg(short = 'Y', long = "filter", value_name = "EXPRESSION")]
    pub filter: Option<String>,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub check: Check,
}

#[derive(Debug, Args)]
pub(super) struct FilterArguments {
    /// The expressions that the last word may go on to, after the words before it on the line: for the scripts of
    /// `informant completions`
    #[arg(long, hide = true, num_args = 2, value_names = ["COMMAND", "WORD"], allow_hyphen_values = true)]
    pub complete: Option<Vec<std::ffi::OsString>>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// The inputs.
#[derive(Debug, Args)]
pub(super) struct Files {
    /// Capture files: pcap, pcapng or transcripts, also .gz and .zst; `-` is standard input; several are one capture in time order
    #[arg(value_name = "FILE", required_unless_present = "read")]
    pub files: Vec<PathBuf>,
    /// Capture file, as tcpdump and tshark take it (may be given several times)
    #[arg(short = 'r', long = "read", value_name = "FILE")]
    pub read: Vec<PathBuf>,
}

impl Files {
    /// Every file, those of `-r` first.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.read.iter().chain(&self.files).cloned().collect()
    }
}

/// How the input is read.
#[derive(Debug, Clone, Args)]
pub(super) struct Reading {
    /// Stop after so many frames
    #[arg(short = 'c', long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// Which bytes count where two TCP segments, or two fragments of an IP packet, contradict each other
    #[arg(long, value_name = "WHICH", default_value = "first")]
    pub overlap: Which,
    /// Keep what is held in memory within this size, such as 256M or 1G
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_mem: Option<usize>,
    /// Threads that read and judge; as many as there are cores unless said; the output does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// User names and passwords in TOML, for all devices and for some: what proves them is verified (docs/credentials.md)
    #[arg(long, value_name = "FILE")]
    pub credentials: Option<PathBuf>,
    #[command(flatten)]
    pub keys: KeyFiles,
    /// Addresses as numbers: always so, accepted for habit's sake
    #[arg(short = 'n')]
    pub numeric: bool,
}

impl Reading {
    /// The same for the analysis; credentials and key material are read where it begins.
    pub(super) fn options(&self, messages: bool) -> Options {
        let limits = Limits::default();
        Options {
            messages,
            in_order: true,
            raw_bodies: true,
            datagrams: false,
            frames_max: self.count,
            sessions_before: 0,
            overlap: match self.overlap {
                Which::First => Overlap::First,
                Which::Last => Overlap::Last,
            },
            opened: Vec::new(),
            gauges: None,
            threads: self
                .threads
                .map_or_else(|| cores(self.max_mem), usize::from),
            credentials: None,
            keys: KeyMaterial::default(),
            limits: self
                .max_mem
                .map_or(limits, |bytes| limits.within_memory(bytes)),
        }
    }

    /// How to read where rules remember what they saw: they have half of the memory.
    pub(super) fn beside_rules(&self) -> Self {
        Self {
            max_mem: self.max_mem.map(|bytes| bytes / 2),
            ..self.clone()
        }
    }

    /// The bounds of those rules.
    pub(super) fn of_rules(&self, limits: CheckLimits) -> CheckLimits {
        match self.max_mem {
            Some(bytes) => limits.within_memory(bytes / 2),
            None => limits,
        }
    }
}

/// Cores that may be used; one where the system does not tell, and as many as so much memory is enough for.
fn cores(max_mem: Option<usize>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    max_mem.map_or(cores, |bytes| cores.min(bytes / THREAD_BYTES).max(1))
}

/// What a thread and the batches on their way to it take, about.
const THREAD_BYTES: usize = 32 << 20;

/// Where the output goes, and what it may show.
#[derive(Debug, Args)]
pub(super) struct Writing {
    /// Write to this file instead of standard output; it appears when it is whole, that of `live` at once
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: When,
    /// Print passwords, keys and cookies instead of <masked>
    #[arg(long)]
    pub show_secrets: bool,
    /// No progress bar and no remarks on standard error; errors remain
    #[arg(short = 'q', long)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Document {
    /// For people
    Text,
    /// One JSON document
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shown {
    /// For people
    Text,
    /// One JSON document
    Json,
    /// The HTTP messages as they were sent, in a readable text that every command reads back as a capture
    Transcript,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Records {
    /// For people
    Text,
    /// One JSON list
    Json,
    /// One JSON record a line
    Ndjson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Which {
    /// Those that came first
    First,
    /// Those that came last
    Last,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

/// The files and the session of `FILE [SESSION]` and `-r FILE... [SESSION]`.
pub(super) fn files_and_session(
    read: &[PathBuf],
    positional: &[PathBuf],
) -> Result<(Vec<PathBuf>, Option<u32>), String> {
    let (files, session) = match (read, positional) {
        ([], [file, session @ ..]) => (vec![file.clone()], session.first()),
        (read, positional) if positional.len() < 2 => (read.to_vec(), positional.first()),
        _ => return Err("with -r FILE, only the number of a session may follow".to_owned()),
    };
    let number = |session: &PathBuf| {
        let text = session.to_string_lossy();
        match text.parse::<u32>() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(format!(
                "'{text}' is no session: a number from 1 is wanted, as `informant list` shows it"
            )),
        }
    };
    Ok((files, session.map(number).transpose()?))
}

/// The files and the device of `FILE... [DEVICE]`: the last word is a device where no file has its name.
pub(super) fn files_and_device(
    read: &[PathBuf],
    positional: &[PathBuf],
) -> (Vec<PathBuf>, Option<String>) {
    let mut files: Vec<PathBuf> = read.iter().chain(positional).cloned().collect();
    let may_name = positional.len() > usize::from(read.is_empty());
    let last = files
        .last()
        .filter(|last| may_name && last.as_os_str() != "-" && !last.exists());
    let device = last.map(|last| last.to_string_lossy().into_owned());
    if device.is_some() {
        files.pop();
    }
    (files, device)
}

/// Inputs of paths.
pub(super) fn inputs(paths: &[PathBuf]) -> Vec<Input> {
    paths.iter().cloned().map(Input::from).collect()
}

/// A size in bytes, with a unit in steps of 1024.
fn size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = text
        .get(digits.len()..)
        .unwrap_or_default()
        .to_ascii_lowercase();
    let shift = match unit.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err("a number with K, M or G is wanted".to_owned()),
    };
    let number: usize = digits
        .parse()
        .map_err(|_| "a number with K, M or G is wanted".to_owned())?;
    let bytes = number
        .checked_mul(1 << shift)
        .ok_or("that is more than any memory")?;
    if bytes < MEMORY_MIN {
        return Err("at least 16M is needed".to_owned());
    }
    Ok(bytes)
}

/// Below this, not even one large message could be held.
const MEMORY_MIN: usize = 16 << 20;

const AFTER_HELP: &str = "\
Exit codes: 0 fine, 1 findings at or above --fail-on or a replay that differs, 2 usage or configuration,
3 input unreadable or cut short (what was whole is still printed), 4 nothing to check, 5 a peer, the
network or a disk failed, 6 refused by the guard of replays, 70 a defect of informant in at least one flow.";

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use clap::CommandFactory;

    use super::{Arguments, files_and_session, size};

    #[test]
    fn the_grammar_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes() {
        assert_eq!(size("256M"), Ok(256 << 20));
        assert_eq!(size("1GiB"), Ok(1 << 30));
        assert_eq!(size("16777216"), Ok(16 << 20));
        for wrong in ["", "M", "1X", "-1M", "1", "99999999999999G"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn files_and_sessions() {
        let path = |text: &str| PathBuf::from(text);
        assert_eq!(
            files_and_session(&[], &[path("a")]),
            Ok((vec![path("a")], None))
        );
        assert_eq!(
            files_and_session(&[], &[path("a"), path("3")]),
            Ok((vec![path("a")], Some(3)))
        );
        assert_eq!(
            files_and_session(&[path("a"), path("b")], &[path("3")]),
            Ok((vec![path("a"), path("b")], Some(3)))
        );
        for wrong in ["0", "x", "-1", "1.5"] {
            assert!(files_and_session(&[], &[path("a"), path(wrong)]).is_err());
        }
        assert!(files_and_session(&[path("a")], &[path("b"), path("3")]).is_err());
    }
}
