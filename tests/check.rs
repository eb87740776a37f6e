//! What `informant check` writes of every fixture: well-formed in each form, harmless, and without a secret.

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use fixture::{Fixture, PASSWORD, Variant};
use informant::conformance::{Checked, Checker, Selection, Setting};
use informant::pipeline::{Options, analyse};
use informant::report::paint::Look;
use informant::report::{Junit, Sarif, escape, github, json, text};
use informant::session::{Masking, Severity, Summary};
use informant::source::{Capture, Input};
use serde_json::Value;

const LOOK: Look = Look {
    width: 80,
    colour: false,
    unicode: true,
};

fn fixtures() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)
            .expect("a folder of fixtures")
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "fixture") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn check(transcript: &str, masking: Masking) -> (Checked, Summary) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(transcript.as_bytes()).expect("room for it");
    let input = Input::Path(file.path().to_path_buf());
    let mut capture = Capture::open(vec![input]).expect("a transcript");
    let options = Options {
        messages: true,
        in_order: false,
        datagrams: true,
        ..Options::default()
    }
    .learning();
    let mut checker = Checker::new(Setting::default(), Selection::default(), masking);
    let mut deliver = |output| {
        checker.handle(output);
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, &options, &mut deliver, &mut |_| {});
    (checker.finish(&summary), summary)
}

/// Everything that can be written of it: the form, and the text.
fn forms(checked: &Checked, summary: &Summary, masking: Masking) -> Vec<(&'static str, String)> {
    let paths = [PathBuf::from("input.pcap")];
    let setting = json::Setting {
        several_files: false,
        masking,
    };
    let mut narrow = Vec::new();
    for width in [40, 80, 140] {
        let check = text::Check {
            checked,
            summary,
            paths: &paths,
            accepted: 0,
            look: Look { width, ..LOOK },
        };
        let page = check.page();
        for line in page.lines().filter(|line| !line.contains("informant ")) {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        narrow.push(("text", page));
    }
    let mut lines = String::new();
    for finding in &checked.findings {
        lines.push_str(&json::line(&json::FindingRecord::new(
            finding,
            setting,
            &summary.files,
        )));
    }
    let junit = Junit {
        checked,
        summary,
        paths: &paths,
        fails: Some(Severity::Warning),
    };
    let sarif = Sarif {
        checked,
        accepted: None,
        files: &summary.files,
        paths: &paths,
        whole: true,
    };
    narrow.extend([
        ("ndjson", lines),
        ("junit", junit.document()),
        ("sarif", json::line(&sarif.log())),
        ("github", github(checked, &paths)),
    ]);
    narrow
}

fn assert_well_formed(form: &str, text: &str, findings: usize) {
    for line in text.lines() {
        let harmful = line.chars().find(|one| escape::is_unsafe(*one));
        assert!(harmful.is_none(), "{form}: {harmful:?} in {line:?}");
    }
    match form {
        "ndjson" => {
            let records = text
                .lines()
                .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
            assert_eq!(records.count(), findings);
        }
        "junit" => {
            // A device without findings has a case too.
            let cases = cases(text);
            assert!(cases >= findings.max(1), "{text}");
            assert!(text.contains(&format!("<testsuites name=\"informant\" tests=\"{cases}\"")));
        }
        "sarif" => {
            let log: Value = serde_json::from_str(text).expect("JSON");
            let results = log["runs"][0]["results"].as_array();
            assert_eq!(results.map(Vec::len), Some(findings));
        }
        "github" => {
            let is_command = |line: &str| {
                ["::error file=", "::warning file=", "::notice "]
                    .iter()
                    .any(|begin| line.starts_with(begin))
            };
            assert!(text.lines().all(is_command), "{text}");
            assert_eq!(text.lines().count(), findings + 1);
        }
        _ => {}
    }
}

/// The cases of a JUnit document, read by somebody else's reader, which checks that it is well-formed.
fn cases(document: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(document);
    reader.config_mut().check_end_names = true;
    let mut cases = 0;
    loop {
        use quick_xml::events::Event;
        match reader.read_event().expect("well-formed XML") {
            Event::Start(element) | Event::Empty(element) => {
                cases += usize::from(element.name().as_ref() == "testcase");
                for attribute in element.attributes() {
                    let attribute = attribute.expect("an attribute");
                    let value = attribute.value;
                    assert!(!value.contains('<'), "an attribute of {document}");
                }
            }
            Event::Eof => return cases,
            _ => {}
        }
    }
}

/// Passwords that the transcript sets or shows.
fn secrets(transcript: &str) -> Vec<String> {
    let mut found = vec![PASSWORD.to_owned()];
    for part in transcript.split("Password</Name><Value").skip(1) {
        let value = part.split_once('>').map_or("", |(_, rest)| rest);
        let value = value.split('<').next().unwrap_or_default();
        if value.len() >= 6 {
            found.push(value.to_owned());
        }
    }
    found
}

/// What findings hold of the traffic, without the texts of the rules, in which any word may stand.
fn of_the_traffic(checked: &Checked) -> String {
    let mut told = String::new();
    for finding in &checked.findings {
        told.push_str(&finding.message);
        told.push('\n');
        if let Some(excerpt) = &finding.excerpt {
            told.push_str(&excerpt.text);
            told.push('\n');
        }
    }
    told
}

#[test]
fn every_fixture_in_every_form() {
    let mut findings = 0;
    for path in fixtures() {
        let name = path.display();
        let text = fs::read_to_string(&path).expect("a fixture is text");
        let fixture = Fixture::read(&text).expect("a fixture");
        if fixture.capture(Variant::Breach).is_some() {
            // A story, which other tests write in every form.
            continue;
        }
        let transcript = fixture.transcript(Variant::Breach).expect("its transcript");
        let (checked, summary) = check(&transcript, Masking::default());
        findings += checked.findings.len();
        for secret in secrets(&transcript) {
            let told = of_the_traffic(&checked);
            assert!(!told.contains(&secret), "{name} tells {secret}:\n{told}");
        }
        for (form, text) in forms(&checked, &summary, Masking::default()) {
            assert!(!text.contains(PASSWORD), "{name} {form}");
            assert_well_formed(form, &text, checked.findings.len());
        }
        for finding in &checked.findings {
            if let Some(excerpt) = &finding.excerpt {
                let marked = excerpt.text.get(excerpt.marked.clone());
                assert!(marked.is_some(), "{name}: {:?}", excerpt);
                assert!(excerpt.text.len() < 1000, "{name}: {:?}", excerpt);
            }
        }
    }
    assert!(findings > 0);
}

/// A message of a megabyte in one line is shown by a window of it.
#[test]
fn hostile_values_stay_values() {
    let nasty = "\"]]></failure>&<!--\\x1b[31m%0A::error::\\xe2\\x80\\xae\\xef\\xbf\\xbf|#\u{4f60}\u{597d}\"";
    let long = "x".repeat(60_000);
    for action in [nasty, &long] {
        let body = format!(
            "%open event=\"2 PERIODIC\"\n%empty\n%acs id=7\n<cwmp:Reboot><CommandKey></CommandKey></cwmp:Reboot>\n\n\
             %cpe id=7 action='{action}'\n<cwmp:RebootResponse/>\n\n%no_content\n%close\n"
        );
        let fixture =
            Fixture::read(&format!("expect HTTP-004 cpe\n\n---\n{body}")).expect("a fixture");
        let transcript = fixture.transcript(Variant::Breach).expect("its transcript");
        let (checked, summary) = check(&transcript, Masking::default());
        let finding = checked
            .findings
            .iter()
            .find(|finding| finding.code == "HTTP-004");
        let excerpt = finding
            .and_then(|finding| finding.excerpt.as_ref())
            .expect("an excerpt");
        assert!(excerpt.text.starts_with("SOAPAction: "), "{excerpt:?}");
        assert!(excerpt.text.len() < 300, "{excerpt:?}");
        for (form, text) in forms(&checked, &summary, Masking::default()) {
            assert_well_formed(form, &text, checked.findings.len());
        }
    }
}
