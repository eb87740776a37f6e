//! The checker itself: what it makes of the same breach seen often, of gaps, of bounds, of several threads.

#[path = "support/fixture.rs"]
mod fixture;
#[path = "checker/memory.rs"]
mod memory;
mod support;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use fixture::{Fixture, Variant};
use informant::conformance::{CheckLimits, Checked, Checker, Selection, Setting};
use informant::pipeline::{Options, analyse};
use informant::session::{Evidence, Finding, Masking, Severity, Summary};
use informant::source::{Capture, Input};

/// One device that answers with quotes in its SOAPAction.
fn session(serial: &str, port: u16) -> String {
    format!(
        "%set serial={serial} port={port} cpe=10.0.0.{}\n%open\n%empty\n%acs id=7\n<cwmp:Reboot><CommandKey></CommandKey></cwmp:Reboot>\n\n\
         %cpe id=7 action='\"\"'\n<cwmp:RebootResponse/>\n\n%no_content\n%close\n%wait s=60\n",
        port % 200 + 2
    )
}

fn transcript(body: &str) -> String {
    let fixture = Fixture::read(&format!("expect HTTP-004 cpe\n\n---\n{body}")).expect("a fixture");
    fixture.transcript(Variant::Breach).expect("its transcript")
}

/// Feeds a checker; `after` sees it behind each output.
fn feed(
    path: &Path,
    limits: CheckLimits,
    threads: usize,
    after: &mut dyn FnMut(&mut Checker),
) -> (Checker, Summary) {
    let mut capture = Capture::open(vec![Input::Path(path.to_path_buf())]).expect("a capture");
    let options = Options {
        messages: true,
        in_order: false,
        raw_bodies: false,
        datagrams: true,
        threads,
        ..Options::default()
    }
    .learning();
    let setting = Setting {
        limits,
        ..Setting::default()
    };
    let mut checker = Checker::new(setting, Selection::default(), Masking::default());
    let mut deliver = |output| {
        checker.handle(output);
        after(&mut checker);
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, &options, &mut deliver, &mut |_| {});
    (checker, summary)
}

fn check_path(path: &Path, limits: CheckLimits, threads: usize) -> Checked {
    let (checker, summary) = feed(path, limits, threads, &mut |_| {});
    checker.finish(&summary)
}

fn check(body: &str, limits: CheckLimits) -> Checked {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(transcript(body).as_bytes()).expect("room");
    let mut checked = check_path(file.path(), limits, 1);
    checked
        .findings
        .retain(|finding| finding.code == "HTTP-004");
    checked
}

#[test]
fn the_same_breach_of_one_device_is_one_finding_with_a_count() {
    let story: String = (0..5).map(|at| session("S1", 40000 + at * 200)).collect();
    let other = session("S2", 41001);
    let checked = check(&(story + &other), CheckLimits::default());
    let [one, two] = checked.findings.as_slice() else {
        panic!("{:#?}", checked.findings);
    };
    assert_eq!((one.count, one.occurrences.len()), (5, 5));
    assert_eq!(one.device.as_deref(), Some("001122-Phone-S1"));
    let sessions: Vec<_> = one.occurrences.iter().map(|place| place.session).collect();
    assert_eq!(sessions, [Some(1), Some(2), Some(3), Some(4), Some(5)]);
    assert_eq!((two.count, two.session()), (1, Some(6)));
    assert!(checked.limits_reached.is_empty());
    assert!(checked.something);
}

#[test]
fn places_beyond_the_bound_are_counted() {
    let story: String = (0..5).map(|at| session("S1", 40000 + at * 200)).collect();
    let limits = CheckLimits {
        occurrences_max: 2,
        ..CheckLimits::default()
    };
    let checked = check(&story, limits);
    assert_eq!(checked.findings[0].count, 5);
    assert_eq!(checked.findings[0].occurrences.len(), 2);
}

#[test]
fn places_whose_frames_are_beyond_the_bound_are_counted_too() {
    let story: String = (0..5).map(|at| session("S1", 40000 + at * 200)).collect();
    let limits = CheckLimits {
        occurrence_frames_max: 2,
        ..CheckLimits::default()
    };
    let checked = check(&story, limits);
    let finding = &checked.findings[0];
    assert_eq!(finding.count, 5);
    assert!((1..5).contains(&finding.occurrences.len()), "{finding:#?}");
    assert!(checked.limits_reached.contains_key("occurrence_frames_max"));
}

#[test]
fn what_was_told_makes_room_while_the_capture_goes_on() {
    let story: String = (0..20)
        .map(|at| session(&format!("S{at}"), 40000 + at * 200))
        .collect();
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(transcript(&story).as_bytes()).expect("room");
    let limits = CheckLimits {
        findings_max: 8,
        ..CheckLimits::default()
    };
    let mut told = Vec::new();
    let (mut checker, summary) = feed(file.path(), limits, 1, &mut |checker| {
        told.extend(checker.news(false));
    });
    checker.end(&summary);
    told.extend(checker.news(false));
    told.retain(|finding| finding.code == "HTTP-004");
    let devices: BTreeSet<_> = told.iter().map(|finding| &finding.device).collect();
    assert_eq!((told.len(), devices.len()), (20, 20));
    let counts = checker.counts();
    let counted = counts.iter().filter(|((code, _), _)| *code == "HTTP-004");
    assert_eq!(counted.map(|(_, count)| count).sum::<u64>(), 20);
    assert!(!checker.limits_reached().contains_key("findings_max"));
}

#[test]
fn findings_and_devices_beyond_the_bounds_are_told() {
    let story: String = (0..6)
        .map(|at| session(&format!("S{at}"), 40000 + at))
        .collect();
    let limits = CheckLimits {
        findings_max: 2,
        devices_followed_max: 3,
        ..CheckLimits::default()
    };
    let checked = check(&story, limits);
    assert!(checked.findings.len() <= 2, "{:#?}", checked.findings);
    assert!(checked.limits_reached.contains_key("findings_max"));
    assert_eq!(checked.limits_reached.get("devices_followed_max"), Some(&3));
}

/// A session whose messages the rules had to let go is judged as one that the capture has from its middle on.
#[test]
fn sessions_that_held_too_much_accuse_nobody() {
    let limits = || CheckLimits {
        messages_held_bytes_max: 1,
        ..CheckLimits::default()
    };
    let mut let_go = 0;
    let mut kept = 0;
    for path in captures() {
        let key = |finding: &Finding| {
            let device = finding.device.clone();
            (finding.code, finding.blame, device, finding.path.clone())
        };
        let whole = check_path(&path, CheckLimits::default(), 1);
        let heavy = |checked: &Checked| {
            let findings = checked.findings.iter();
            let errors = findings.filter(|finding| finding.severity == Severity::Error);
            errors.map(key).collect::<BTreeSet<_>>()
        };
        let anew = check_path(&path, limits(), 1);
        let reached = anew.limits_reached.get("messages_held_bytes_max");
        let_go += reached.copied().unwrap_or(0);
        kept += heavy(&anew).len();
        let more: Vec<_> = heavy(&anew).difference(&heavy(&whole)).cloned().collect();
        assert!(more.is_empty(), "{}: {more:?}", path.display());
    }
    assert!(
        let_go > 100 && kept > 20,
        "{let_go} sessions, {kept} errors"
    );
}

/// The project's own captures, and those of the peers where they are.
fn captures() -> Vec<PathBuf> {
    let own = std::fs::read_dir(support::captures()).expect("the captures");
    let own = own.flatten().map(|entry| entry.path());
    let peers = support::shared("captures/peers").and_then(|folder| std::fs::read_dir(folder).ok());
    let peers = peers
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let files = own.flat_map(|folder| {
        let within = std::fs::read_dir(folder).into_iter().flatten().flatten();
        within.map(|entry| entry.path()).collect::<Vec<_>>()
    });
    let is_capture = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        matches!(ending, Some("pcap" | "pcapng"))
    };
    files.chain(peers).filter(is_capture).collect()
}

/// A method of 30,000 letters, once with SOAPAction and once without: what the wire holds of any length, a finding does not.
#[test]
fn what_a_finding_says_is_short_whatever_the_wire_holds() {
    let long = "Z".repeat(30_000);
    let body = format!(
        "%open\n%empty\n%acs id=7\n<cwmp:X_{long}><X_{long}>{long}</X_{long}></cwmp:X_{long}>\n\n\
         %cpe id=7 action='{long}'\n<cwmp:X_{long}Response xsi:type=\"{long}\">{long}</cwmp:X_{long}Response>\n\n\
         %no_content\n%close\n"
    );
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    let text = transcript(&body);
    file.write_all(text.as_bytes()).expect("room");
    let checked = check_path(file.path(), CheckLimits::default(), 1);
    let of_it = |text: &str| text.contains("ZZZZ");
    let shown = checked
        .findings
        .iter()
        .filter(|finding| of_it(&finding.message) || finding.rpc.as_deref().is_some_and(of_it));
    assert!(shown.count() > 0, "{:?}", checked.findings);
    for finding in &checked.findings {
        let rest = [finding.rpc.as_deref(), finding.path.as_deref()];
        let longest = rest.into_iter().flatten().map(str::len).max().unwrap_or(0);
        assert!(
            finding.message.len() < 5_000 && longest < 5_000,
            "{}",
            finding.code
        );
    }
}

#[test]
fn a_message_with_a_gap_in_it_makes_no_error() {
    let whole = transcript(&session("S1", 40000));
    let at = whole
        .find("<cwmp:RebootResponse/>")
        .expect("it stands there");
    let (before, after) = whole.split_at(at);
    // The rest of the POST is not in the capture.
    let rest = after.find("\n<<").expect("the next block");
    let head = before.rfind("Content-Length: auto").expect("its length");
    let mut cut = before.to_owned();
    cut.replace_range(
        head..head + "Content-Length: auto".len(),
        "Content-Length: 3000",
    );
    cut.push_str("\n>> 10.0.0.2:40000 > 10.0.0.1:7547 @0.201 gap 2000\n");
    cut.push_str(&after[rest..]);
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(cut.as_bytes()).expect("room");
    let checked = check_path(file.path(), CheckLimits::default(), 1);
    for finding in &checked.findings {
        assert!(finding.severity < Severity::Error, "{finding:#?}");
    }
    assert!(
        checked
            .findings
            .iter()
            .all(|finding| finding.code != "HTTP-004" || finding.evidence != Evidence::Complete),
        "{:#?}",
        checked.findings
    );
}

#[test]
fn several_threads_find_the_same() {
    let Some(folder) = support::shared("captures/peers") else {
        return;
    };
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).expect("the peers").flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == "pcap") {
            let one = check_path(&path, CheckLimits::default(), 1);
            let four = check_path(&path, CheckLimits::default(), 4);
            assert_eq!(
                format!("{:?}", one.findings),
                format!("{:?}", four.findings),
                "{}",
                path.display()
            );
            compared += 1;
        }
    }
    assert!(compared > 5);
}
