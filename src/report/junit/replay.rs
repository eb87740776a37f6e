//! `replay -T junit`: a suite for each scenario with a case for each step, and behind them those of new findings.

use std::fmt::Write as _;

use super::{Junit, LOOK, Suites, document, safe};
use crate::conformance::Checked;
use crate::report::text::{counts, difference_lines, tls_lines};
use crate::session::{
    Difference, Finding, Masking, ReplayStep, ReplayVerdict, Replayed, Severity, StepResult,
    Summary,
};

/// The document: the replays, and what the rule book finds in what the other side said, as far as no baseline accepts it.
#[must_use]
pub fn replays(
    replays: &[&Replayed],
    findings: &[Finding],
    fails: Option<Severity>,
    masking: Masking,
) -> String {
    let mut suites = Suites::default();
    for replayed in replays {
        Page { masking }.suite(replayed, &mut suites);
    }
    let (checked, summary) = (Checked::default(), Summary::default());
    let found = Junit {
        checked: &checked,
        summary: &summary,
        paths: &[],
        fails,
    };
    found.groups(findings, &mut suites);
    document(&suites)
}

struct Page {
    masking: Masking,
}

impl Page {
    fn suite(&self, replayed: &Replayed, out: &mut Suites) {
        let name = format!("replay {} {}", replayed.role, replayed.scenario);
        let mut cases = Suites::default();
        let mut skipped = 0;
        for step in &replayed.steps {
            skipped += usize::from(step.result == StepResult::Skipped);
            self.step(step, &name, &mut cases);
        }
        self.whole(replayed, &name, &mut cases);
        let Suites {
            tests,
            failures,
            errors,
            text,
        } = cases;
        let _ = write!(
            out.text,
            "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" \
             skipped=\"{skipped}\" time=\"{:.3}\">\n{}{text}  </testsuite>\n",
            safe(&name),
            replayed.took.as_secs_f64(),
            self.properties(replayed)
        );
        out.tests += tests;
        out.failures += failures;
        out.errors += errors;
    }

    /// What came of TLS.
    fn properties(&self, replayed: &Replayed) -> String {
        let Some(tls) = &replayed.tls else {
            return String::new();
        };
        let lines = tls_lines(replayed, self.masking);
        let mut properties: Vec<(&str, String)> =
            lines.into_iter().map(|(_, line)| ("tls", line)).collect();
        if let Some(secured) = &tls.secured {
            properties.push(("tls.version", secured.version.clone()));
            properties.push(("tls.cipher_suite", secured.cipher_suite.clone()));
            properties.push(("tls.verified", secured.verified.to_string()));
        }
        let rows = properties.iter().map(|(name, value)| {
            format!(
                "      <property name=\"{name}\" value=\"{}\"/>\n",
                safe(value)
            )
        });
        let rows: String = rows.collect();
        format!("    <properties>\n{rows}    </properties>\n")
    }

    fn step(&self, step: &ReplayStep, suite: &str, out: &mut Suites) {
        let name = format!("step {} {}", step.number, step.wanted);
        let came = step.came.as_deref().unwrap_or("nothing came");
        let told = match step.result {
            StepResult::Passed | StepResult::Tolerated => String::new(),
            StepResult::Skipped => "      <skipped/>\n".to_owned(),
            StepResult::Failed => failed("error", "peer_failed", &self.masking.text(came), ""),
            StepResult::Refused => failed("failure", "refused", &self.masking.text(came), ""),
            StepResult::Differs => self.differing(&step.differences),
        };
        case(suite, &name, &told, out);
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
    fn whole(&self, replayed: &Replayed, suite: &str, out: &mut Suites) {
        if !replayed.differences.is_empty() {
            let told = self.differing(&replayed.differences);
            case(suite, "messages that no step expects", &told, out);
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
            case(suite, "the run", &told, out);
        }
    }
}

fn failed(element: &str, kind: &str, message: &str, page: &str) -> String {
    format!(
        "      <{element} type=\"{}\" message=\"{}\">{}</{element}>\n",
        safe(kind),
        safe(message),
        safe(page)
    )
}

fn case(suite: &str, name: &str, told: &str, out: &mut Suites) {
    out.tests += 1;
    out.failures += usize::from(told.trim_start().starts_with("<failure"));
    out.errors += usize::from(told.trim_start().starts_with("<error"));
    let _ = writeln!(
        out.text,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"0\">",
        safe(suite),
        safe(name)
    );
    out.text.push_str(told);
    out.text.push_str("    </testcase>\n");
}

#[cfg(test)]
mod tests {
    use super::replays;
    use crate::report::text::sample_replay as sample;
    use crate::session::{Masking, ReplayVerdict, Replayed};

    #[test]
    fn a_case_for_each_step() {
        let (differs, refused) = (
            sample(),
            Replayed {
                steps: Vec::new(),
                verdict: ReplayVerdict::Refused("Reboot is not allowed".to_owned()),
                ..sample()
            },
        );
        let text = replays(&[&differs, &refused], &[], None, Masking::default());
        let document = roxmltree::Document::parse(&text).expect("the document is XML");
        let root = document.root_element();
        let counts = ["tests", "failures", "errors"].map(|name| root.attribute(name));
        assert_eq!(counts, [Some("5"), Some("2"), Some("0")]);
        let named = |name: &str| {
            document
                .descendants()
                .filter(|one| one.has_tag_name(name))
                .count()
        };
        let there = ["testsuite", "testcase", "failure", "skipped"].map(named);
        assert_eq!(there, [2, 5, 2, 1]);
        assert!(
            text.contains("message=\"2 values\"") && !text.contains("hunter"),
            "{text}"
        );
    }
}
