//! A baseline read from TOML; what is wrong with it is told by its line.

use std::ops::Range;
use std::path::Path;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::DeValue;

use crate::cli::codes;
use crate::cli::exit::Trouble;
use crate::cli::flaw::{self, Flaw, known};
use crate::conformance::{Accepted, Baseline};
use crate::session::Blame;

/// A baseline, and where its entries stand in its text.
#[derive(Debug)]
pub(in crate::cli) struct File {
    pub baseline: Baseline,
    pub text: String,
    /// The line of each entry, from 1.
    pub lines: Vec<usize>,
    /// Of each entry, where its count stands.
    pub counts: Vec<Range<usize>>,
}

/// Reads a baseline.
pub(in crate::cli) fn read(path: &Path) -> Result<File, Trouble> {
    let name = path.display();
    let trouble = |what: String| Trouble::Usage(format!("{name}: {what}"));
    let bytes = flaw::contents(path, FILE_BYTES_MAX)
        .map_err(|error| trouble(format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(trouble(
            "is larger than 16 MiB, and hardly a baseline".to_owned(),
        ));
    }
    let text = String::from_utf8(bytes).map_err(|_| trouble("is no text in UTF-8".to_owned()))?;
    parse(text).map_err(|(line, what)| Trouble::Usage(format!("{name}:{line}: {what}")))
}

pub(super) fn parse(text: String) -> Result<File, (usize, String)> {
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let line_of = |at: usize| ends.partition_point(|end| *end < at) + 1;
    let read = entries(&text).map_err(|flaw| (line_of(flaw.at), flaw.what))?;
    let mut file = File {
        baseline: Baseline::default(),
        lines: read.iter().map(|(_, at, _)| line_of(*at)).collect(),
        counts: Vec::new(),
        text: String::new(),
    };
    for (entry, _, count) in read {
        file.baseline.entries.push(entry);
        file.counts.push(count);
    }
    file.text = text;
    Ok(file)
}

/// An entry, where it begins, and where its count stands.
type Placed = (Accepted, usize, Range<usize>);

fn entries(text: &str) -> Result<Vec<Placed>, Flaw> {
    let table = flaw::table(text)?;
    let mut all = Vec::new();
    for (key, value) in table.get_ref() {
        match known(key, &["version", "accepted"])? {
            "version" => version(value)?,
            _ => {
                let wrong = || Flaw {
                    at: value.span().start,
                    what: "entries begin with [[accepted]]".to_owned(),
                };
                for item in value.get_ref().as_array().ok_or_else(wrong)?.iter() {
                    all.push(entry(item)?);
                }
            }
        }
    }
    Ok(all)
}

fn version(value: &Spanned<DeValue<'_>>) -> Result<(), Flaw> {
    match number(value) {
        Some(1) => Ok(()),
        _ => Err(Flaw {
            at: value.span().start,
            what: "only version 1 is known here".to_owned(),
        }),
    }
}

fn entry(value: &Spanned<DeValue<'_>>) -> Result<Placed, Flaw> {
    let at = value.span().start;
    let flaw = |what: &str| Flaw {
        at,
        what: what.to_owned(),
    };
    let table = value
        .get_ref()
        .as_table()
        .ok_or_else(|| flaw("an entry is a table"))?;
    let mut entry = Accepted::default();
    let mut count = None;
    for (key, value) in table {
        let key = known(key, &KEYS)?;
        match key {
            "count" => {
                let wrong = || Flaw {
                    at: value.span().start,
                    what: "`count` is a number from 1".to_owned(),
                };
                entry.count = number(value).filter(|count| *count > 0).ok_or_else(wrong)?;
                count = Some(value.span());
            }
            "expires" => entry.expires = Some(date(value)?),
            "rule" => entry.rule = code(value)?,
            "blame" => entry.blame = Some(blame(value)?),
            "reason" => entry.reason = flaw::text(key, value)?,
            "device" => entry.device = Some(flaw::text(key, value)?),
            "rpc" => entry.rpc = Some(flaw::text(key, value)?),
            _ => entry.path = Some(flaw::text(key, value)?),
        }
    }
    if entry.rule.is_empty() {
        return Err(flaw("an entry needs a `rule`"));
    }
    let count = count.ok_or_else(|| flaw("an entry needs a `count`: how often it may be seen"))?;
    Ok((entry, at, count))
}

/// A code that the rule book has; one that it has no more is stale, and said to be so by the check.
fn code(value: &Spanned<DeValue<'_>>) -> Result<String, Flaw> {
    let written = flaw::text("rule", value)?.to_ascii_uppercase();
    let looks_like_one = written.rsplit_once('-').is_some_and(|(family, number)| {
        !family.is_empty() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    if looks_like_one {
        return Ok(written);
    }
    let is_family = codes::known(&written).is_ok();
    Err(Flaw {
        at: value.span().start,
        what: if is_family {
            "`rule` is the code of one rule, not a family".to_owned()
        } else {
            codes::unknown(&written).to_string()
        },
    })
}

fn blame(value: &Spanned<DeValue<'_>>) -> Result<String, Flaw> {
    let written = flaw::text("blame", value)?;
    if Blame::ALL.iter().any(|side| side.name() == written) {
        return Ok(written);
    }
    let sides: Vec<&str> = Blame::ALL.iter().map(|side| side.name()).collect();
    Err(Flaw {
        at: value.span().start,
        what: format!("`blame` is one of {}", sides.join(", ")),
    })
}

fn date(value: &Spanned<DeValue<'_>>) -> Result<Date, Flaw> {
    let wrong = || Flaw {
        at: value.span().start,
        what: "`expires` is a day, such as 2027-03-31, without quotes".to_owned(),
    };
    let DeValue::Datetime(written) = value.get_ref() else {
        return Err(wrong());
    };
    if written.time.is_some() {
        return Err(wrong());
    }
    let date = written.date.ok_or_else(wrong)?;
    let parts = (
        i16::try_from(date.year),
        i8::try_from(date.month),
        i8::try_from(date.day),
    );
    let (Ok(year), Ok(month), Ok(day)) = parts else {
        return Err(wrong());
    };
    Date::new(year, month, day).map_err(|_| wrong())
}

fn number(value: &Spanned<DeValue<'_>>) -> Option<u64> {
    let DeValue::Integer(integer) = value.get_ref() else {
        return None;
    };
    u64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

const KEYS: [&str; 8] = [
    "rule", "blame", "device", "rpc", "path", "count", "reason", "expires",
];
const FILE_BYTES_MAX: u64 = 16 << 20;

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    #[test]
    fn what_has_no_end_is_not_read_to_it() {
        let read = super::read(Path::new("/dev/zero"));
        let trouble = read.expect_err("no baseline");
        assert_eq!(
            trouble.to_string(),
            "/dev/zero: is larger than 16 MiB, and hardly a baseline"
        );
    }
}
