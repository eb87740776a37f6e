//! Rules against their fixtures: each fires on the breach and on nothing else, and is silent without it.
//!
//! `RULE=HTTP-004 cargo test --test rules` runs the fixtures whose names begin so and prints what they give;
//! `KEEP=folder` writes the transcripts there.

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fixture::{Expectation, Fixture, Variant};
use informant::conformance::{self, Checked, Checker, Selection, Setting};
use informant::model::{Model, load};
use informant::pipeline::{Options, analyse};
use informant::session::{Accounts, Credentials, Finding, Masking};
use informant::source::{Capture, Input};

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

/// The code that a fixture's file name begins with: `HTTP-004.fixture`, `HTTP-004-on-fault.fixture`.
fn code_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let end = stem
        .match_indices('-')
        .map(|(at, _)| at)
        .find(|at| {
            let number = stem[..*at].rsplit('-').next().unwrap_or_default();
            number.bytes().all(|byte| byte.is_ascii_digit()) && at > &number.len()
        })
        .unwrap_or(stem.len());
    stem[..end].to_owned()
}

fn check(transcript: &str, fixture: &Fixture) -> (Checked, Vec<String>) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(transcript.as_bytes()).expect("room for it");
    check_file(file.path(), fixture)
}

fn check_file(path: &Path, fixture: &Fixture) -> (Checked, Vec<String>) {
    let input = Input::Path(path.to_path_buf());
    let mut capture = Capture::open(vec![input]).expect("a transcript or capture");
    let options = Options {
        messages: true,
        in_order: false,
        raw_bodies: false,
        datagrams: true,
        credentials: credentials(fixture),
        ..Options::default()
    }
    .learning();
    let mut checker = Checker::new(setting(fixture), Selection::default(), Masking::default());
    let mut deliver = |output| {
        checker.handle(output);
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, &options, &mut deliver, &mut |_| {});
    let problems = capture.problems().iter().map(ToString::to_string).collect();
    (checker.finish(&summary), problems)
}

/// Accounts of `set acs USER PASSWORD`, `set connection_request ...`, `set stun ...`; `set password WORD` is that of every
/// device at the ACS, whatever its name.
fn credentials(fixture: &Fixture) -> Option<Arc<Credentials>> {
    let mut accounts = Accounts::default();
    for (name, value) in &fixture.settings {
        let account = match name.as_str() {
            "password" => {
                accounts.acs.password = Some(value.clone());
                continue;
            }
            "acs" => &mut accounts.acs,
            "connection_request" => &mut accounts.connection_request,
            "stun" => &mut accounts.stun,
            _ => continue,
        };
        let (user_name, password) = value.split_once(' ')?;
        account.user_name = Some(user_name.to_owned());
        account.password = Some(password.to_owned());
    }
    (accounts != Accounts::default()).then(|| Arc::new(Credentials::new(accounts)))
}

/// What the fixture's `set` lines ask for.
fn setting(fixture: &Fixture) -> Setting {
    let mut setting = Setting::default();
    for (name, value) in &fixture.settings {
        if name == "data_model" {
            setting.data_model = Some(Box::leak(Box::new(data_model(value))));
        }
    }
    setting
}

/// `set data_model FILE`: a file beside the fixtures of the family DM.
fn data_model(file: &str) -> Model {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/data_model");
    let bytes = fs::read(folder.join(file)).expect("a data model beside the fixtures");
    load(file, &bytes, &mut |_| None).expect("a data model")
}

fn told(finding: &Finding) -> String {
    format!(
        "{} {} {} x{} session {:?} frames {:?} at {:?}: {}",
        finding.code,
        finding.blame.name(),
        finding.severity.name(),
        finding.count,
        finding.session(),
        finding
            .frames()
            .iter()
            .map(|frame| frame.number())
            .collect::<Vec<_>>(),
        finding
            .position
            .map(|at| (at.part.name(), at.line, at.column)),
        finding.message
    )
}

fn fits(expected: &Expectation, finding: &Finding) -> bool {
    expected.code == finding.code
        && expected.blame == finding.blame.name()
        && expected
            .severity
            .as_deref()
            .is_none_or(|severity| severity == finding.severity.name())
        && expected.count.is_none_or(|count| count == finding.count)
}

/// What differs between what is expected and what was found.
fn differences(expected: &[Expectation], also: &[Expectation], found: &[Finding]) -> Vec<String> {
    let missing = expected
        .iter()
        .filter(|one| !found.iter().any(|finding| fits(one, finding)))
        .map(|one| format!("  missing: {one:?}"));
    let unrelated = found
        .iter()
        .filter(|finding| !expected.iter().chain(also).any(|one| fits(one, finding)))
        .map(|finding| format!("  not expected: {}", told(finding)));
    missing.chain(unrelated).collect()
}

fn judge(path: &Path, keep: Option<&Path>, verbose: bool) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a fixture is text");
    let fixture = match Fixture::read(&text) {
        Ok(fixture) => fixture,
        Err(wrong) => return vec![format!("  {wrong}")],
    };
    let mut wrong = Vec::new();
    for variant in [Variant::Breach, Variant::Clean] {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let (checked, problems) = if let Some(story) = fixture.capture(variant) {
            let file = support::captures().join(story).join("capture.pcapng");
            check_file(&file, &fixture)
        } else {
            let transcript = match fixture.transcript(variant) {
                Ok(transcript) => transcript,
                Err(why) => return vec![format!("  {why}")],
            };
            if let Some(folder) = keep {
                let name = format!("{name}-{variant:?}.transcript").to_lowercase();
                fs::write(folder.join(name), &transcript).expect("room for a transcript");
            }
            check(&transcript, &fixture)
        };
        wrong.extend(
            problems
                .into_iter()
                .map(|problem| format!("  {variant:?}: {problem}")),
        );
        if verbose {
            for finding in &checked.findings {
                println!("{name} {variant:?}: {}", told(finding));
            }
        }
        let expected = match variant {
            Variant::Breach => &fixture.expected,
            Variant::Clean => &fixture.expected_clean,
        };
        let differences = differences(expected, &fixture.also, &checked.findings);
        wrong.extend(
            differences
                .into_iter()
                .map(|line| format!("  {variant:?}: {line}")),
        );
    }
    wrong
}

#[test]
fn each_rule_fires_on_its_breach_alone() {
    let wanted = std::env::var("RULE").unwrap_or_default();
    let keep = std::env::var_os("KEEP").map(PathBuf::from);
    let mut report = String::new();
    for path in fixtures() {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.starts_with(&wanted) {
            continue;
        }
        let wrong = judge(&path, keep.as_deref(), !wanted.is_empty());
        if !wrong.is_empty() {
            report.push_str(&format!("{name}\n{}\n", wrong.join("\n")));
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn each_rule_has_a_fixture() {
    let have: BTreeSet<String> = fixtures().iter().map(|path| code_of(path)).collect();
    let missing: Vec<&str> = conformance::rules()
        .iter()
        .map(|rule| rule.code)
        .filter(|code| !have.contains(*code))
        .collect();
    let (awaited, missing): (Vec<&str>, Vec<&str>) = missing
        .into_iter()
        .partition(|code| code.starts_with("CR-") || ["I1-028", "I1-030"].contains(code));
    println!("awaited: fixtures of {awaited:?}");
    assert!(missing.is_empty(), "no fixture: {missing:?}");
}

#[test]
fn each_rule_has_a_page() {
    let mut wrong = Vec::new();
    let codes: BTreeSet<&str> = conformance::rules().iter().map(|rule| rule.code).collect();
    for rule in conformance::rules() {
        let mut lacks = |what: &str, is_wrong: bool| {
            if is_wrong {
                wrong.push(format!("{}: {what}", rule.code));
            }
        };
        let own = ["FIELD", "PROFILE"].contains(&rule.family());
        lacks("cites nothing", rule.cites.is_empty() && !own);
        lacks("demands nothing", rule.demands.is_empty());
        lacks("does not say why", rule.why.is_empty());
        let mends = !rule.mend_cpe.is_empty() || !rule.mend_acs.is_empty();
        lacks(
            "says nothing of what to change",
            !mends && rule.guards.is_empty(),
        );
        let shows = !rule.bad.is_empty() && !rule.good.is_empty();
        lacks("has no examples", !shows && rule.guards.is_empty());
        lacks("blames nobody", rule.blame.is_empty());
        for code in rule.related {
            lacks(
                &format!("is related to {code}, which is no rule"),
                !codes.contains(code),
            );
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn codes_and_names_are_unique() {
    let rules = conformance::rules();
    let codes: BTreeSet<&str> = rules.iter().map(|rule| rule.code).collect();
    let names: BTreeSet<&str> = rules.iter().map(|rule| rule.name).collect();
    assert_eq!(codes.len(), rules.len(), "a code twice");
    assert_eq!(names.len(), rules.len(), "a name twice");
    for row in conformance::undecidable() {
        assert!(
            !codes.contains(row.code),
            "{} is decided and undecidable",
            row.code
        );
    }
}
