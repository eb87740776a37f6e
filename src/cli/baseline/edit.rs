//! Writes a baseline, or changes the text of one and leaves all else in it as it is: comments, order, reasons.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use super::File;
use crate::cli::exit::Trouble;
use crate::conformance::{Accepted, rule};
use crate::report::escape::is_unsafe;

/// A new file.
pub(super) fn fresh(entries: &[Accepted]) -> String {
    let mut text = HEADING.to_owned();
    for entry in entries {
        push(entry, &mut text);
    }
    text
}

/// The file with other counts, and with more entries.
pub(super) fn raised(
    file: &File,
    counts: &[Option<u64>],
    fresh: &[Accepted],
    path: &Path,
) -> Result<String, Trouble> {
    let mut text = String::with_capacity(file.text.len());
    let mut changes: Vec<(&Range<usize>, u64)> = file
        .counts
        .iter()
        .zip(counts)
        .filter_map(|(place, count)| Some((place, (*count)?)))
        .collect();
    changes.sort_by_key(|(place, _)| place.start);
    let mut done = 0;
    for (place, count) in changes {
        let before = file.text.get(done..place.start);
        text.push_str(before.ok_or_else(|| unreadable(path))?);
        text.push_str(&count.to_string());
        done = place.end;
    }
    let behind = file.text.get(done..);
    text.push_str(behind.ok_or_else(|| unreadable(path))?);
    if !fresh.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for entry in fresh {
        push(entry, &mut text);
    }
    Ok(text)
}

/// The file without some of its entries, and the comments right above them.
pub(super) fn pruned(file: &File, dropped: &[usize], path: &Path) -> Result<String, Trouble> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        if is_header(line) {
            starts.push(at);
        }
        at += line.len();
    }
    // Entries written inline, or a header in a text of several lines.
    if starts.len() != file.baseline.entries.len() {
        return Err(unreadable(path));
    }
    let begins: Vec<usize> = starts
        .iter()
        .map(|start| with_comments(&file.text, *start))
        .collect();
    let dropped: BTreeSet<usize> = dropped.iter().copied().collect();
    let heading = begins.first().copied().unwrap_or(file.text.len());
    let mut text = file.text.get(..heading).unwrap_or_default().to_owned();
    for (at, from) in begins.iter().enumerate() {
        let next = begins.get(at + 1).copied().unwrap_or(file.text.len());
        if !dropped.contains(&at) {
            text.push_str(file.text.get(*from..next).unwrap_or_default());
        }
    }
    Ok(text)
}

fn unreadable(path: &Path) -> Trouble {
    Trouble::Usage(format!(
        "{}: cannot be changed without losing something: each entry has to begin with a line [[accepted]]",
        path.display()
    ))
}

fn is_header(line: &str) -> bool {
    let line = line.split('#').next().unwrap_or_default();
    let bare: String = line.chars().filter(|one| !one.is_whitespace()).collect();
    bare == "[[accepted]]"
}

/// Where the comments begin that stand right above a line.
fn with_comments(text: &str, start: usize) -> usize {
    let mut from = start;
    let before = text.get(..start).unwrap_or_default();
    for line in before.split_inclusive('\n').rev() {
        if !line.trim_start().starts_with('#') {
            break;
        }
        from = from.saturating_sub(line.len());
    }
    // The heading of the file stays.
    if from == 0 { start } else { from }
}

fn push(entry: &Accepted, text: &mut String) {
    text.push_str("\n[[accepted]]\n");
    let name = rule(&entry.rule).map_or("", |rule| rule.name);
    let _ = writeln!(text, "rule = {} # {name}", quoted(&entry.rule));
    for (key, value) in [
        ("blame", &entry.blame),
        ("device", &entry.device),
        ("rpc", &entry.rpc),
        ("path", &entry.path),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "{key} = {}", quoted(value));
        }
    }
    let _ = writeln!(text, "count = {}", entry.count);
    let _ = writeln!(text, "reason = {}", quoted(&entry.reason));
}

/// A basic string of TOML, in which nothing stands that an editor obeys.
fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            other if is_unsafe(other) => {
                let _ = write!(out, "\\U{:08X}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

const HEADING: &str = "\
# Findings of informant that are known and accepted: `informant check --baseline THIS_FILE CAPTURE...` leaves them out, each
# up to its count; what is seen more often is reported again.
#
#   rule     code of the rule: `informant explain CODE` says what it demands
#   blame    cpe, acs, gateway, stun_server, dhcp_server or undetermined; anybody where it is left out
#   device   id of the device, or a pattern: * any text, ? one character, [*] and [?] these themselves; any device where it is left out
#   rpc      the method, path the parameter or object with {i} for instance numbers; any where they are left out
#   count    how often it may be seen in one check
#   reason   why it is accepted: for whoever reads this next year
#   expires  the last day on which it is, such as expires = 2027-03-31; for ever where it is left out
version = 1
";
