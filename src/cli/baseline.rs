//! `informant baseline create|update|prune`: files of findings that are known and accepted.

mod edit;
mod file;

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::arguments::{BaselineArguments, BaselineCommand, Writing};
use super::checking;
use super::codes;
use super::exit::{self, Trouble};
use super::models;
use super::output::{Sink, complain};
use super::reading::{Done, Source, end, remark_on_bounds};
use crate::conformance::{Accepted, Baseline, Checked, Selection, Subtracted, accepting};
use crate::session::Finding;
use crate::session::Summary;

pub(super) use file::{File, read};

/// What a baseline's text accepts; else the line that is wrong, and what is wrong with it.
pub fn of_text(text: String) -> Result<Baseline, (usize, String)> {
    file::parse(text).map(|file| file.baseline)
}

/// A baseline's text that accepts these.
#[must_use]
pub fn text_of(entries: &[Accepted]) -> String {
    edit::fresh(entries)
}

/// A baseline's text without the entries at these places, all else left as it is; `None` where it is no baseline, or written
/// in a way that has no lines to drop.
#[must_use]
pub fn without(text: String, dropped: &[usize]) -> Option<String> {
    let file = file::parse(text).ok()?;
    edit::pruned(&file, dropped, Path::new("")).ok()
}

pub(super) fn run(command: &BaselineCommand) -> Result<u8, Trouble> {
    match command {
        BaselineCommand::Create(arguments) => create(arguments),
        BaselineCommand::Update(arguments) => change(arguments, update),
        BaselineCommand::Prune(arguments) => change(arguments, prune),
    }
}

/// The day that decides what has expired: as given, or that of the last frame, so that a report does not depend on when it
/// is made.
pub(super) fn today(given: Option<Date>, summary: &Summary) -> Option<Date> {
    let last = summary.files.iter().filter_map(|file| file.last);
    let last = last.map(|time| time.nanoseconds).max();
    given.or_else(|| {
        let last = jiff::Timestamp::from_nanosecond(i128::from(last?)).ok()?;
        Some(last.to_zoned(jiff::tz::TimeZone::UTC).date())
    })
}

/// Takes what a baseline accepts out of what was found.
pub(super) fn subtract(
    file: &File,
    findings: Vec<Finding>,
    selection: &Selection,
    summary: &Summary,
    given: Option<Date>,
) -> Subtracted {
    let devices = summary.devices.iter().map(|device| device.device.as_ref());
    file.baseline
        .subtract(findings, selection, devices, today(given, summary))
}

/// All was read, and no bound has kept back a finding, or what one would rest on: else nobody knows what is stale.
pub(super) fn is_all(checked: &Checked, done: &Done) -> bool {
    let is_broken = |code: &u8| [exit::INPUT, exit::DEFECT].contains(code);
    let mut reached = checked.limits_reached.keys();
    !done.codes.iter().any(is_broken)
        && done.summary.limits_reached.is_empty()
        && reached.all(|name| OF_PLACES.contains(name))
}

/// What is said of a file of which that does not hold, also where no remarks are wanted: it decides what becomes of the file.
fn complain_of(arguments: &BaselineArguments, what: &str) {
    complain(&format!(
        "{}: not all was read or kept, as a bound was reached or the input is broken: {what}; fewer captures at once, or another \
         --max-mem, may help",
        arguments.baseline.display()
    ));
}

/// Bounds of what is told beside findings.
const OF_PLACES: [&str; 2] = ["occurrence_frames_max", "session_findings_max"];

/// What was found in the input, by the rules that are wanted.
fn check(arguments: &BaselineArguments) -> Result<(Done, Checked, Selection), Trouble> {
    let selection = codes::selection(&arguments.judging.select, &arguments.judging.ignore)?;
    let mut setting = models::setting(&arguments.judging)?;
    setting.limits.excerpts_max = 0;
    let paths = arguments.files.paths();
    let writing = writing(arguments);
    let source = Source {
        paths: &paths,
        reading: &arguments.reading,
        writing: &writing,
        messages: true,
        appears: false,
    };
    let (mut done, checked) = checking::check(&source, selection.clone(), setting)?;
    if !checked.something {
        complain("nothing to check: no CWMP, STUN or DHCP of a device in here");
        done.codes.push(exit::NOTHING);
    }
    if !arguments.quiet {
        remark_on_bounds(&checked.limits_reached, &mut |words| complain(words));
    }
    Ok((done, checked, selection))
}

/// The file is written whole, or not at all.
fn writing(arguments: &BaselineArguments) -> Writing {
    Writing {
        output: Some(arguments.baseline.clone()),
        color: super::arguments::When::Never,
        show_secrets: false,
        quiet: arguments.quiet,
    }
}

fn create(arguments: &BaselineArguments) -> Result<u8, Trouble> {
    let path = &arguments.baseline;
    if path.exists() {
        return Err(Trouble::Usage(format!(
            "{}: is there already: `informant baseline update` adds to it",
            path.display()
        )));
    }
    let (done, checked, _) = check(arguments)?;
    if !is_all(&checked, &done) {
        complain_of(arguments, "entries may be missing");
    }
    let entries = accepting(&checked.findings);
    let code = write(arguments, &done, &edit::fresh(&entries))?;
    if path.exists() {
        remark(arguments, &format!("{} entries written", entries.len()));
    }
    Ok(code)
}

/// What a change does to the file's text.
type Change = fn(&BaselineArguments, &File, Checked, &Done, &Selection) -> Result<String, Trouble>;

fn change(arguments: &BaselineArguments, change: Change) -> Result<u8, Trouble> {
    let file = read(&arguments.baseline)?;
    let (done, checked, selection) = check(arguments)?;
    let text = change(arguments, &file, checked, &done, &selection)?;
    if text == file.text {
        remark(arguments, "nothing to change");
        return Ok(exit::first_of(&done.codes));
    }
    write(arguments, &done, &text)
}

/// Adds what is new, and raises counts.
fn update(
    arguments: &BaselineArguments,
    file: &File,
    checked: Checked,
    done: &Done,
    selection: &Selection,
) -> Result<String, Trouble> {
    if !is_all(&checked, done) {
        complain_of(arguments, "entries may be missing");
    }
    let today = today(arguments.today, &done.summary);
    let (summary, given) = (&done.summary, arguments.today);
    let left = subtract(file, checked.findings, selection, summary, given).left;
    let mut counts: Vec<Option<u64>> = vec![None; file.baseline.entries.len()];
    let mut fresh = Vec::new();
    let mut of_expired = 0;
    let places = file.baseline.places();
    for finding in left {
        let excess = finding.count.saturating_sub(finding.accepted);
        let place = places.entry_for(&finding);
        let entry =
            place.and_then(|at| Some((counts.get_mut(at)?, file.baseline.entries.get(at)?)));
        match entry {
            Some((_, entry)) if entry.is_expired(today) => of_expired += 1,
            Some((count, entry)) => {
                *count = Some(count.unwrap_or(entry.count).saturating_add(excess));
            }
            None => fresh.push(finding),
        }
    }
    let fresh: Vec<Accepted> = accepting(&fresh);
    let raised = counts.iter().flatten().count();
    remark(
        arguments,
        &format!("{} entries added, {raised} counts raised", fresh.len()),
    );
    if of_expired > 0 {
        remark(
            arguments,
            &format!(
                "{of_expired} findings left out: their entries have expired; edit or prune those"
            ),
        );
    }
    edit::raised(file, &counts, &fresh, &arguments.baseline)
}

/// Drops what is stale, where that is known, and what has expired.
fn prune(
    arguments: &BaselineArguments,
    file: &File,
    checked: Checked,
    done: &Done,
    selection: &Selection,
) -> Result<String, Trouble> {
    let is_all = is_all(&checked, done);
    let (summary, given) = (&done.summary, arguments.today);
    let mut subtracted = subtract(file, checked.findings, selection, summary, given);
    if !is_all {
        subtracted.stale.clear();
        complain_of(arguments, "only what has expired is dropped");
    }
    let mut dropped = [subtracted.stale, subtracted.expired].concat();
    dropped.sort_unstable();
    dropped.dedup();
    remark(arguments, &format!("{} entries dropped", dropped.len()));
    edit::pruned(file, &dropped, &arguments.baseline)
}

fn remark(arguments: &BaselineArguments, text: &str) {
    if !arguments.quiet {
        complain(&format!("{}: {text}", arguments.baseline.display()));
    }
}

fn write(arguments: &BaselineArguments, done: &Done, text: &str) -> Result<u8, Trouble> {
    let inputs: Vec<PathBuf> = arguments.files.paths();
    let mut sink = Sink::open(&writing(arguments), &inputs)?;
    let _ = sink.text(text);
    Ok(end(done, sink))
}

/// Says which entries of a baseline accept nothing here.
pub(super) fn remark_on(file: &File, path: &Path, subtracted: &Subtracted) {
    for (places, what) in [
        (&subtracted.stale, "stale: nothing of it was seen"),
        (&subtracted.expired, "expired"),
    ] {
        for at in places {
            let (Some(entry), Some(line)) = (file.baseline.entries.get(*at), file.lines.get(*at))
            else {
                continue;
            };
            let name = path.display();
            complain(&format!("{name}:{line}: {what} ({})", told(entry)));
        }
    }
}

/// `HTTP-004 cpe 00D09E-X-1 Reboot`.
fn told(entry: &Accepted) -> String {
    let parts = [
        Some(&entry.rule),
        entry.blame.as_ref(),
        entry.device.as_ref(),
        entry.rpc.as_ref(),
        entry.path.as_ref(),
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(" ")
}
