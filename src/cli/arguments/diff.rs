//! The grammar of `informant diff`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Reading, Records, Writing};

#[derive(Debug, Args)]
#[command(
    override_usage = "informant diff [OPTIONS] EXPECTED[#SESSION] ACTUAL[#SESSION]",
    after_help = "Without a SESSION, sessions are paired by device and by what set them off, in the order of each capture.\n\n\
                  Exit codes: 0 nothing differs, 1 something does, 2 usage, 3 input unreadable or cut short."
)]
pub(in crate::cli) struct DiffArguments {
    /// The capture to compare with, and the number of a session as `list` shows it: good.pcapng#3
    #[arg(value_name = "EXPECTED")]
    pub expected: PathBuf,
    /// The capture that is compared
    #[arg(value_name = "ACTUAL")]
    pub actual: PathBuf,
    /// A place that is not compared, such as `ParameterList/*.UpTime`, `Inform.CurrentTime` or `header SOAPAction` (may be
    /// given several times)
    #[arg(long, value_name = "PLACE")]
    pub ignore: Vec<String>,
    /// A list whose order says nothing (may be given several times); ParameterList is one
    #[arg(long, value_name = "LIST")]
    pub unordered: Vec<String>,
    /// The order of every list counts, that of ParameterList too
    #[arg(long, conflicts_with = "unordered")]
    pub ordered: bool,
    /// How many seconds two times may lie apart and still be the same
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub time_tolerance: u32,
    /// Tell messages that come so many seconds later than expected
    #[arg(long, value_name = "SECONDS")]
    pub late: Option<u32>,
    /// Compare only the sessions that this display filter selects, of both captures, such as `device.serial_number == 0011`
    #[arg(short = 'Y', long = "filter", value_name = "EXPRESSION")]
    pub filter: Option<String>,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub writing: Writing,
    /// Form of the output
    #[arg(short = 'T', long, value_name = "FORMAT", default_value = "text")]
    pub format: Records,
}

/// The file and the session of `FILE#SESSION`; a file of that very name goes before.
pub(in crate::cli) fn file_and_session(word: &Path) -> Result<(PathBuf, Option<u32>), String> {
    let whole = || (word.to_path_buf(), None);
    let Some((file, session)) = word.to_str().and_then(|text| text.rsplit_once('#')) else {
        return Ok(whole());
    };
    if word.exists() {
        return Ok(whole());
    }
    match session.parse::<u32>() {
        Ok(number) if number > 0 && !file.is_empty() => Ok((PathBuf::from(file), Some(number))),
        _ => Err(format!(
            "'{}' names no session: FILE#3 is wanted, with a number as `informant list FILE` shows it",
            word.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::file_and_session;

    #[test]
    fn a_number_behind_the_last_sign() {
        let of = |word: &str| file_and_session(Path::new(word));
        assert_eq!(of("a.pcap"), Ok((PathBuf::from("a.pcap"), None)));
        assert_eq!(of("a.pcap#3"), Ok((PathBuf::from("a.pcap"), Some(3))));
        assert_eq!(of("a#1.pcap#3"), Ok((PathBuf::from("a#1.pcap"), Some(3))));
        for wrong in ["a.pcap#", "a.pcap#0", "a.pcap#x", "#3"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
