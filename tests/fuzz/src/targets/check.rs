//! The rule book over hostile traffic: no rule gives up, what is found keeps to its bounds, every form of it is what it says
//! it is, and a baseline made of it accepts it.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::PathBuf;

use informant::cli::baseline;
use informant::conformance::{CheckLimits, Checked, Checker, Selection, Setting, accepting, rule};
use informant::pipeline::{Limits, Options, analyse};
use informant::report::escape::is_unsafe;
use informant::report::paint::Look;
use informant::report::{Junit, Sarif, beyond, github, json, text};
use informant::session::{Masking, Severity, Summary};
use informant::source::Capture;
use serde_json::Value;

use super::analysis::tight;
use super::transcript::FIRST_LINE;

/// The bytes of a capture file, or what stands below a transcript's first line, which need not be hit by chance.
pub fn run(data: &[u8]) {
    let text = [FIRST_LINE, data].concat();
    let bytes = if is_capture(data) { data } else { &text };
    let both = [
        (Limits::default(), CheckLimits::default()),
        (tight(), few()),
    ];
    for (limits, check_limits) in both {
        let (checked, summary) = check(bytes, limits, &check_limits);
        assert_eq!(summary.defects, 0, "a defect of ours was isolated");
        bounded(&checked, &check_limits);
        written(&checked, &summary);
        accepted(&checked);
    }
}

/// It begins as a file of some format does.
fn is_capture(data: &[u8]) -> bool {
    Capture::from_reader("input", Cursor::new(data.to_vec())).is_ok()
}

fn few() -> CheckLimits {
    CheckLimits {
        findings_max: 8,
        occurrences_max: 2,
        occurrence_frames_max: 64,
        paths_max: 2,
        session_findings_max: 4,
        excerpts_max: 1,
        devices_followed_max: 2,
        devices_known_max: 2,
        messages_held_bytes_max: 16 << 10,
        outstanding_max: 2,
        sessions_waiting_max: 1,
    }
}

fn check(bytes: &[u8], limits: Limits, check_limits: &CheckLimits) -> (Checked, Summary) {
    let Ok(mut capture) = Capture::from_reader("input", Cursor::new(bytes.to_vec())) else {
        return (Checked::default(), Summary::default());
    };
    let options = Options {
        messages: true,
        in_order: false,
        raw_bodies: false,
        datagrams: true,
        limits,
        ..Options::default()
    }
    .learning();
    let mut setting = Setting::default();
    setting.limits.clone_from(check_limits);
    let mut checker = Checker::new(setting, Selection::default(), Masking::default()).by_session();
    let mut deliver = |output| {
        checker.handle(output);
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, &options, &mut deliver, &mut |_| {});
    (checker.finish(&summary), summary)
}

fn bounded(checked: &Checked, limits: &CheckLimits) {
    assert!(checked.findings.len() <= limits.findings_max);
    for finding in &checked.findings {
        let known = rule(finding.code).expect("a finding is of a rule");
        assert!(finding.severity <= known.severity(), "{finding:?}");
        assert!(
            !known.blame.is_empty() && known.guards.is_empty(),
            "{finding:?}"
        );
        assert!(finding.occurrences.len() <= limits.occurrences_max);
        assert!(finding.count >= finding.occurrences.len() as u64);
        assert!(finding.message.len() <= MESSAGE_BYTES_MAX, "{finding:?}");
        if let Some(excerpt) = &finding.excerpt {
            assert!(
                excerpt.text.get(excerpt.marked.clone()).is_some(),
                "{excerpt:?}"
            );
        }
    }
    let places: usize = checked.by_session.values().map(Vec::len).sum();
    assert!(places <= limits.session_findings_max);
    let mut named = checked.by_session.values().flatten();
    assert!(named.all(|at| *at < checked.findings.len()));
}

fn written(checked: &Checked, summary: &Summary) {
    let paths = [PathBuf::from("input")];
    let setting = json::Setting {
        several_files: false,
        masking: Masking::default(),
    };
    for (width, unicode) in [(20, false), (80, true)] {
        let page = text::Check {
            checked,
            summary,
            paths: &paths,
            accepted: 0,
            look: Look {
                width,
                colour: false,
                unicode,
            },
        };
        fit(&page.page(), checked);
    }
    for finding in &checked.findings {
        let record = json::FindingRecord::new(finding, setting, &summary.files);
        let line = json::line(&record);
        fit(&line, checked);
        let value: Value = serde_json::from_str(&line).expect("a record is JSON");
        assert_eq!(value["code"], finding.code);
    }
    let record = json::line(&json::CheckRecord::new(checked, setting, &summary.files));
    let sarif = Sarif {
        checked,
        accepted: None,
        files: &summary.files,
        paths: &paths,
        whole: true,
    };
    for document in [record, json::line(&sarif.log())] {
        fit(&document, checked);
        assert!(
            serde_json::from_str::<Value>(&document).is_ok(),
            "{document}"
        );
    }
    let junit = Junit {
        checked,
        summary,
        paths: &paths,
        fails: Some(Severity::Warning),
    };
    fit(&junit.document(), checked);
    let commands = github(checked, &paths);
    fit(&commands, checked);
    assert!(
        commands.lines().all(|line| line.starts_with("::")),
        "{commands}"
    );
    let others = 1 + usize::from(beyond(checked).is_some());
    assert_eq!(commands.lines().count(), checked.findings.len() + others);
}

/// Nothing that a terminal obeys, and no more than so many findings are worth.
fn fit(text: &str, checked: &Checked) {
    let harmful = text.chars().find(|one| is_unsafe(*one) && *one != '\n');
    assert_eq!(harmful, None, "unfit for a terminal: {text}");
    let most = (checked.findings.len() + 4) * FINDING_BYTES_MAX;
    assert!(text.len() <= most, "{} bytes", text.len());
}

/// What was found, accepted: a check with that finds nothing.
fn accepted(checked: &Checked) {
    let entries = accepting(&checked.findings);
    let file = baseline::of_text(baseline::text_of(&entries)).expect("a baseline");
    let findings = checked.findings.clone();
    let devices = std::iter::empty::<&str>();
    let left = file
        .subtract(findings, &Selection::default(), devices, None)
        .left;
    assert!(left.is_empty(), "{left:?}");
}

/// Bytes of a finding's sentence: a few values of the wire, each of them cut.
const MESSAGE_BYTES_MAX: usize = 4 << 10;
/// Bytes that a finding takes in any form, with its places.
const FINDING_BYTES_MAX: usize = 64 << 10;
