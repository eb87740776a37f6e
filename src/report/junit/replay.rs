//! `replay -T junit`: a suite for each run, with a case for each step, and behind them one for each finding that is new in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::{Junit, LOOK, Suites, document, safe};
use crate::conformance::Checked;
use crate::report::moment;
use crate::report::runs::Run;
use crate::report::text::{counts, difference_lines, tls_lines};
use crate::session::{
    Difference, Finding, Masking, ReplayStep, ReplayVerdict, Replayed, Severity, StepResult,
    Summary,
};

/// The document: the runs, and what the rule book finds in what the other side said, as far as no baseline accepts it. A
/// finding stands in the run in which it was seen first.
#[must_use]
pub fn replays(
    runs: &[Run<'_>],
    findings: &[Finding],
    summary: &Summary,
    fails: Option<Severity>,
    masking: Masking,
) -> String {
    let mut suites = Suites::default();
    let checked = Checked::default();
    let judge = Junit {
        checked: &checked,
        summary,
        paths: &[],
        fails,
    };
    let mut left: Vec<&Finding> = findings.iter().collect();
    for (at, run) in runs.iter().enumerate() {
        let is_last = at + 1 == runs.len();
        let (own, later) = left.into_iter().partition(|finding| {
            let first = finding.frames().first();
            is_last || first.is_some_and(|frame| frame.number() <= run.last_frame)
        });
        left = later;
        let suite = Suite {
            name: format!(
                "replay {} {}{}",
                run.replayed.role,
                run.replayed.scenario,
                run.place()
            ),
            masking,
            cases: Suites::default(),
            skipped: 0,
            names: BTreeMap::new(),
        };
        suite.write(run, &own, judge, &mut suites);
    }
    document(&suites)
}

/// The suite of one run.
struct Suite {
    name: String,
    masking: Masking,
    cases: Suites,
    skipped: usize,
    /// Names of cases, and how often they were given.
    names: BTreeMap<String, u32>,
}

impl Suite {
    fn write(mut self, run: &Run<'_>, findings: &[&Finding], judge: Junit<'_>, out: &mut Suites) {
        let mut before = Duration::ZERO;
        for step in &run.replayed.steps {
            let took = match step.result {
                StepResult::Skipped => Duration::ZERO,
                _ => {
                    let at = step.at.unwrap_or(run.replayed.took).max(before);
                    at.saturating_sub(std::mem::replace(&mut before, at))
                }
            };
            self.step(step, took);
        }
        self.whole(run);
        for finding in findings {
            let told = judge.told(finding);
            self.case(
                &format!("finding {}", Junit::title(finding)),
                Duration::ZERO,
                &told,
            );
        }
        let Suites {
            tests,
            failures,
            errors,
            text,
        } = self.cases;
        let (name, began) = (safe(&self.name), moment::rfc3339(run.began));
        let _ = write!(
            out.text,
            "  <testsuite name=\"{name}\" package=\"{name}\" id=\"{}\" hostname=\"localhost\" timestamp=\"{}\" \
             tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{}\" time=\"{:.3}\">\n\
             {}{text}  </testsuite>\n",
            run.number.saturating_sub(1),
            began.get(..SECONDS_END).unwrap_or(&began),
            self.skipped,
            run.replayed.took.as_secs_f64(),
            properties(run, self.masking)
        );
        out.tests += tests;
        out.failures += failures;
        out.errors += errors;
    }

    fn step(&mut self, step: &ReplayStep, took: Duration) {
        let name = format!("step {} {}", step.number, step.wanted);
        let came = step.came.as_deref().unwrap_or("nothing came");
        let told = match step.result {
            StepResult::Passed | StepResult::Tolerated => String::new(),
            StepResult::Skipped => "      <skipped message=\"not reached\"/>\n".to_owned(),
            StepResult::Failed => failed("error", "peer_failed", &self.masking.text(came), ""),
            StepResult::Refused => failed("failure", "refused", &self.masking.text(came), ""),
            StepResult::Differs => self.differing(&step.differences),
        };
        self.skipped += usize::from(step.result == StepResult::Skipped);
        self.case(&name, took, &told);
    }

    fn differing(&self, differences: &[Difference]) -> String {
        let all: Vec<&Difference> = differences.iter().collect();
        let kind = differences
            .first()
            .map_or("differs", |one| one.class.name());
        let page = difference_lines(differences, self.masking, LOOK);
        failed("failure", kind, &counts(&all), &page)
    }

    /// What belongs to no step: messages that nothing expected, and a run that ended before its first step.
    fn whole(&mut self, run: &Run<'_>) {
        let replayed = run.replayed;
        if !replayed.differences.is_empty() {
            let told = self.differing(&replayed.differences);
            self.case("messages that no step expects", Duration::ZERO, &told);
        }
        let of_steps = |result| replayed.steps.iter().any(|step| step.result == result);
        let (element, kind, reason, is_told) = match &replayed.verdict {
            ReplayVerdict::PeerFailed(how) => {
                ("error", "peer_failed", how, of_steps(StepResult::Failed))
            }
            ReplayVerdict::Refused(why) => {
                ("failure", "refused", why, of_steps(StepResult::Refused))
            }
            ReplayVerdict::Passed | ReplayVerdict::Differs => return,
        };
        if !is_told {
            let told = failed(element, kind, &self.masking.text(reason), "");
            self.case("the run", Duration::ZERO, &told);
        }
    }

    /// A case; a name that was there before gets a number.
    fn case(&mut self, name: &str, took: Duration, told: &str) {
        let again = self.names.entry(name.to_owned()).or_default();
        *again = again.saturating_add(1);
        let again = match *again {
            1 => String::new(),
            times => format!(" ({times})"),
        };
        let cases = &mut self.cases;
        cases.tests += 1;
        cases.failures += usize::from(told.trim_start().starts_with("<failure"));
        cases.errors += usize::from(told.trim_start().starts_with("<error"));
        let _ = write!(
            cases.text,
            "    <testcase classname=\"{}\" name=\"{}{again}\" time=\"{:.3}\">\n{told}    </testcase>\n",
            safe(&self.name),
            safe(name),
            took.as_secs_f64()
        );
    }
}

/// What a CI shows beside a suite.
fn properties(run: &Run<'_>, masking: Masking) -> String {
    let replayed = run.replayed;
    let reason = match &replayed.verdict {
        ReplayVerdict::PeerFailed(reason) | ReplayVerdict::Refused(reason) => Some(reason),
        ReplayVerdict::Passed | ReplayVerdict::Differs => None,
    };
    let known = [
        ("scenario", Some(replayed.scenario.clone())),
        ("role", Some(replayed.role.to_owned())),
        ("run", Some(run.number.to_string())),
        ("runs", Some(run.of.to_string())),
        ("device", replayed.device.clone()),
        ("peer", replayed.peer.map(|peer| peer.to_string())),
        ("verdict", Some(replayed.verdict.name().to_owned())),
        (
            "reason",
            reason.map(|reason| masking.text(reason).into_owned()),
        ),
    ];
    let known = known
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let mut out = "    <properties>\n".to_owned();
    for (name, value) in known.chain(of_tls(replayed, masking)) {
        let value = safe(&value);
        let _ = writeln!(out, "      <property name=\"{name}\" value=\"{value}\"/>");
    }
    out.push_str("    </properties>\n");
    out
}

/// What came of TLS.
fn of_tls(replayed: &Replayed, masking: Masking) -> Vec<(&'static str, String)> {
    let secured = replayed.tls.as_ref().and_then(|tls| tls.secured.as_ref());
    let secured = secured.into_iter().flat_map(|secured| {
        [
            ("tls.version", secured.version.clone()),
            ("tls.cipher_suite", secured.cipher_suite.clone()),
            ("tls.verified", secured.verified.to_string()),
        ]
    });
    let lines = tls_lines(replayed, masking).into_iter();
    lines
        .map(|(_, line)| ("tls", line))
        .chain(secured)
        .collect()
}

fn failed(element: &str, kind: &str, message: &str, page: &str) -> String {
    format!(
        "      <{element} type=\"{}\" message=\"{}\">{}</{element}>\n",
        safe(kind),
        safe(message),
        safe(page)
    )
}

/// Where the seconds end in a time: readers of such files know no zone and no fraction.
const SECONDS_END: usize = "2026-01-01T00:00:00".len();

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::replays;
    use crate::report::runs::Run;
    use crate::report::text::sample_replay as sample;
    use crate::session::{Masking, ReplayVerdict, Replayed, StepResult, Summary};
    use crate::source::Timestamp;

    fn told(replayed: &[Replayed]) -> String {
        let runs: Vec<Run<'_>> = (1..)
            .zip(replayed)
            .map(|(number, replayed)| Run {
                replayed,
                number,
                of: 3,
                began: Timestamp::default(),
                last_frame: 0,
            })
            .collect();
        replays(&runs, &[], &Summary::default(), None, Masking::default())
    }

    fn failed() -> Replayed {
        let mut failed = sample();
        failed.verdict = ReplayVerdict::PeerFailed("connection reset".to_owned());
        failed.steps[2].result = StepResult::Failed;
        failed.steps[2].at = None;
        failed.steps[1].at = Some(Duration::from_millis(620));
        failed
    }

    #[test]
    fn a_case_for_each_step() {
        let refused = Replayed {
            steps: Vec::new(),
            verdict: ReplayVerdict::Refused("Reboot is not allowed".to_owned()),
            ..sample()
        };
        let text = told(&[sample(), refused, failed()]);
        let document = roxmltree::Document::parse(&text).expect("the document is XML");
        let root = document.root_element();
        let counts = ["tests", "failures", "errors"].map(|name| root.attribute(name));
        assert_eq!(counts, [Some("9"), Some("2"), Some("1")], "{text}");
        let named = |name: &str| {
            document
                .descendants()
                .filter(|one| one.has_tag_name(name))
                .count()
        };
        let there = ["testsuite", "testcase", "failure", "skipped", "error"].map(named);
        assert_eq!(there, [3, 9, 2, 2, 1]);
        assert!(
            text.contains("message=\"2 values\"") && !text.contains("hunter"),
            "{text}"
        );
    }

    /// What the schemas of Jenkins (junit-10.xsd) and of Ant (JUnit.xsd) both want of suites and cases.
    #[test]
    fn suites_and_cases_have_names_of_their_own_times_and_what_schemas_want() {
        let text = told(&[sample(), sample(), failed()]);
        let document = roxmltree::Document::parse(&text).expect("the document is XML");
        let mut names = BTreeSet::new();
        for suite in document
            .descendants()
            .filter(|it| it.has_tag_name("testsuite"))
        {
            for wanted in [
                "name",
                "package",
                "id",
                "hostname",
                "timestamp",
                "tests",
                "failures",
                "errors",
                "skipped",
            ] {
                assert!(
                    suite.attribute(wanted).is_some_and(|it| !it.is_empty()),
                    "{wanted}: {text}"
                );
            }
            assert!(names.insert(suite.attribute("name")), "{text}");
            let first = suite.first_element_child().expect("elements");
            assert!(first.has_tag_name("properties"), "{text}");
            let verdict = first
                .children()
                .find(|it| it.attribute("name") == Some("verdict"));
            assert!(verdict.is_some_and(|it| it.attribute("value").is_some()));
            let mut cases = BTreeSet::new();
            let mut all = 0.0;
            for case in suite.children().filter(|it| it.has_tag_name("testcase")) {
                assert!(cases.insert(case.attribute("name")), "{text}");
                assert_eq!(case.attribute("classname"), suite.attribute("name"));
                let time: f64 = case
                    .attribute("time")
                    .and_then(|it| it.parse().ok())
                    .expect("a time");
                all += time;
                assert!(
                    case.children().filter(roxmltree::Node::is_element).count() <= 1,
                    "{text}"
                );
            }
            let whole: f64 = suite
                .attribute("time")
                .and_then(|it| it.parse().ok())
                .expect("a time");
            assert!(
                all > 0.0 && all <= whole + 0.001,
                "{all} of {whole}: {text}"
            );
        }
        assert_eq!(names.len(), 3);
        // The third run: 120 ms, then 500 ms, then what was left of 1,250 ms.
        for time in [
            "time=\"0.120\"",
            "time=\"0.500\"",
            "time=\"0.630\"",
            "time=\"1.250\"",
        ] {
            assert!(text.contains(time), "{time}: {text}");
        }
    }
}
