//! The screens over what is heard, without an interface: a capture stands for what came, and its files for the recording.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser as _;

use super::story;
use crate::cli::arguments::{Arguments, Command, LiveArguments};
use crate::cli::live::checker;
use crate::cli::tui::following::Verdicts;
use crate::cli::tui::heard::Heard;
use crate::cli::tui::save::save;
use crate::cli::tui::shared::Shared;
use crate::filter::Filter;
use crate::pipeline::{Options, analyse};
use crate::session::Output;
use crate::source::{Capture, Extract, Input, Recorded};
use crate::tui::{Kept, SaveForm, Saved};

fn arguments(words: &[&str]) -> LiveArguments {
    let words = [&["informant", "live", "-i", "lo", "--tui"][..], words].concat();
    let parsed = Arguments::try_parse_from(words).expect("the arguments are right");
    let Some(Command::Live(arguments)) = parsed.command else {
        panic!("another command was meant");
    };
    *arguments
}

fn capture(paths: &[PathBuf]) -> Capture {
    Capture::open(paths.iter().cloned().map(Input::Path).collect()).expect("readable")
}

/// As if these files had been heard one after the other, while they were recorded.
fn heard(words: &[&str], paths: &[PathBuf], recorded: Option<Recorded>) -> Arc<Shared> {
    let arguments = arguments(words);
    let heard = Heard::judged_by(checker(&arguments).expect("the book is whole"));
    let options = Options {
        datagrams: true,
        ..arguments.reading.options(true).learning()
    };
    let mut deliver = |output: Output| {
        if let Some(checker) = heard.checker().as_mut() {
            checker.handle(output.clone());
            heard.meet(&checker.met());
        }
        heard.keep(output);
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture(paths), &options, &mut deliver, &mut |_| {});
    if let Some(checker) = heard.checker().as_mut() {
        checker.end(&summary);
        heard.meet(&checker.met());
    }
    heard.end();
    Arc::new(Shared::over_interfaces(
        &arguments,
        Arc::new(heard),
        recorded,
    ))
}

/// The frames of a capture in files of a ring, of so many frames.
fn ring_of(file: &Path, folder: &Path, frames_max: u64) -> Vec<PathBuf> {
    let mut capture = capture(&[file.to_owned()]);
    let mut paths = Vec::new();
    let mut out = Vec::new();
    let mut extract = Extract::default();
    while let Some(frame) = capture.next() {
        if extract.frames() == frames_max || paths.is_empty() {
            paths.push(folder.join(format!("ring_{:05}.pcapng", paths.len() + 1)));
            (out, extract) = (Extract::header(), Extract::default());
        }
        extract.frame(&frame, &mut out);
        let path = paths.last().expect("one at least");
        std::fs::write(path, &out).expect("a folder of the test");
    }
    paths
}

fn frames(path: &Path) -> Vec<Vec<u8>> {
    let mut capture = capture(&[path.to_owned()]);
    let mut frames = Vec::new();
    while let Some(frame) = capture.next() {
        frames.push(frame.bytes.to_vec());
    }
    frames
}

fn saved(shared: &Shared, session: u32, form: SaveForm, path: &Path) -> Saved {
    save(shared, &Kept::These(vec![session]), form, path, false)
}

#[test]
fn packets_come_out_of_every_file_of_a_ring() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = story("fault");
    let whole = frames(&file);
    let paths = ring_of(&file, folder.path(), 20);
    assert!(paths.len() > 2, "{paths:?}");
    let ring = &["-w", "ring.pcapng", "-b", "filesize:1MB"];
    let shared = heard(ring, &paths, Some(Recorded::of(&paths)));
    let out = folder.path().join("out.pcapng");
    let told = saved(&shared, 1, SaveForm::Pcapng, &out);
    assert!(matches!(&told, Saved::Written(words) if words.ends_with("nothing masked")));
    assert_eq!(frames(&out), whole);
    let all = folder.path().join("all.pcapng");
    let told = save(&shared, &Kept::All, SaveForm::Pcapng, &all, false);
    assert!(matches!(told, Saved::Written(_)), "{told:?}");
    assert_eq!(frames(&all), whole);
}

#[test]
fn packets_that_the_ring_has_gone_over_are_told() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let paths = ring_of(&story("fault"), folder.path(), 20);
    let shared = heard(&[], &paths, Some(Recorded::of(&paths)));
    let out = |name: &str| folder.path().join(name);
    std::fs::remove_file(&paths[0]).expect("it is there");
    let told = saved(&shared, 1, SaveForm::Pcapng, &out("rest.pcapng"));
    assert!(matches!(&told, Saved::Written(words) if words.contains("are not recorded any more")));
    for path in paths.iter().skip(1) {
        std::fs::remove_file(path).expect("it is there");
    }
    for (session, words) in [
        (1, "not in the recording any more"),
        (9, "too long ago to be held"),
    ] {
        let told = saved(&shared, session, SaveForm::Pcapng, &out("none.pcapng"));
        assert!(
            matches!(&told, Saved::Failed(why) if why.contains(words)),
            "{told:?}"
        );
    }
    let unrecorded = heard(&[], &[story("fault")], None);
    let told = saved(&unrecorded, 1, SaveForm::Pcapng, &out("none.pcapng"));
    assert!(matches!(&told, Saved::Failed(why) if why.contains("-w FILE")));
    assert!(!out("none.pcapng").exists());
}

#[test]
fn a_scenario_of_what_was_heard_is_the_one_of_its_capture() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for name in ["fault", "bootstrap-with-provisioning"] {
        let shared = heard(&[], &[story(name)], None);
        for (form, role) in [
            (SaveForm::ScenarioAcs, "acs"),
            (SaveForm::ScenarioCpe, "cpe"),
        ] {
            let at = |kind: &str| folder.path().join(format!("{name}-{role}-{kind}"));
            let told = saved(&shared, 1, form, &at("heard"));
            assert!(matches!(told, Saved::Written(_)), "{told:?}");
            let capture = super::shared(&story(name), &[]);
            let told = saved(&capture, 1, form, &at("read"));
            assert!(matches!(told, Saved::Written(_)), "{told:?}");
            let (one, other) = (contents(&at("heard")), contents(&at("read")));
            assert_eq!(one.len(), other.len());
            for (one, other) in one.iter().zip(&other) {
                assert_eq!(one, other);
            }
        }
    }
}

/// What stands in the files of a scenario; not of which file it was made, which only a file can tell.
fn contents(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("it is there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            files.extend(contents(&entry.path()));
            continue;
        }
        let text = std::fs::read(entry.path()).expect("readable");
        let text = String::from_utf8_lossy(&text).into_owned();
        files.push((name, without_source(&text)));
    }
    files.sort();
    files
}

fn without_source(text: &str) -> String {
    let lines = text.lines();
    let kept: Vec<&str> = lines
        .filter(|line| !line.starts_with("source = "))
        .collect();
    kept.join("\n")
}

#[test]
fn a_filter_selects_by_findings_and_changes_its_mind() {
    let shared = heard(&[], &[story("fault")], None);
    let heard = shared.heard().expect("it was heard");
    let filter = |text: &str| Filter::parse(text).expect("a filter");
    let found = shared.judged(Some(1)).expect("it was judged");
    let finding = found.marks.of(1);
    let code = finding.first().expect("something was found").code;
    for (expression, selected) in [
        (format!("finding.code == {code}"), vec![1]),
        (
            "finding.code == HTTP-001 && fault_code == 1".to_owned(),
            vec![],
        ),
        (
            "parameter ~ /DeviceSummary/ && findings.error >= 0".to_owned(),
            vec![1],
        ),
    ] {
        let renewed = Verdicts::default().renew(heard, &filter(&expression));
        assert_eq!(renewed, (selected, vec![]), "{expression}");
    }
    // A session is looked at again when more is found in it.
    let mut verdicts = Verdicts::default();
    let is_selected = filter(&format!("finding.code == {code}"));
    assert_eq!(verdicts.renew(heard, &is_selected), (vec![1], vec![]));
    assert_eq!(verdicts.renew(heard, &is_selected), (vec![], vec![]));
    heard.meet(&[1]);
    let clean = filter(&format!("!(finding.code == {code})"));
    assert_eq!(verdicts.renew(heard, &clean), (vec![], vec![1]));
}
