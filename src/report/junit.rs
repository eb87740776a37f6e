//! `check -T junit`: a suite for each side of each device, a case for each finding; one that passes where there is none.
//!
//! Tools that show such files count suites and cases, show `message` in their lists and the text of `failure` and
//! `system-out` on request, so that this is where things stand.

use std::fmt::Write as _;
use std::path::PathBuf;

mod replay;

pub use replay::replays;

use super::paint::Look;
use super::{beyond, escape, text};
use crate::conformance::Checked;
use crate::session::{Finding, Severity, Summary};

/// What the document is made of.
#[derive(Debug, Clone, Copy)]
pub struct Junit<'a> {
    /// What was found.
    pub checked: &'a Checked,
    /// What was read.
    pub summary: &'a Summary,
    /// From where.
    pub paths: &'a [PathBuf],
    /// The mildest finding that fails its case; none does where this is `None`.
    pub fails: Option<Severity>,
}

impl Junit<'_> {
    /// The document.
    #[must_use]
    pub fn document(&self) -> String {
        let mut suites = Suites::default();
        self.groups(&self.checked.findings, &mut suites);
        self.beyond(&mut suites);
        for device in self.clean_devices() {
            passed(device, &mut suites.text);
            suites.tests += 1;
        }
        document(&suites)
    }

    /// A suite that tells of findings for which there was no room.
    fn beyond(&self, out: &mut Suites) {
        let fails = self.checked.beyond.is_some_and(|one| self.fails_at(one));
        if let Some(words) = beyond(self.checked) {
            let words = safe(&words);
            let told = match fails {
                true => format!("<failure type=\"findings_max\" message=\"{words}\"/>"),
                false => format!("<system-out>{words}</system-out>"),
            };
            let failures = usize::from(fails);
            let _ = writeln!(
                out.text,
                "  <testsuite name=\"informant\" tests=\"1\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n    \
                 <testcase classname=\"informant\" name=\"findings_max\" time=\"0\">\n      {told}\n    </testcase>\n  </testsuite>"
            );
            out.tests += 1;
            out.failures += failures;
        }
    }

    /// A suite for each side of each device.
    fn groups(&self, findings: &[Finding], out: &mut Suites) {
        let owner = |finding: &Finding| (finding.device.clone(), finding.blame);
        for group in findings.chunk_by(|one, other| owner(one) == owner(other)) {
            self.suite(group, &mut out.text);
        }
        let failures = findings.iter().filter(|finding| self.is_failure(finding));
        out.failures += failures.count();
        out.tests += findings.len();
    }

    fn suite(&self, findings: &[Finding], out: &mut String) {
        let Some(first) = findings.first() else {
            return;
        };
        let failures = findings
            .iter()
            .filter(|finding| self.is_failure(finding))
            .count();
        let device = first.device.as_deref().unwrap_or("no device known");
        let name = format!("{device} {}", first.blame.words());
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">",
            safe(&name),
            findings.len()
        );
        for finding in findings {
            self.case(finding, &name, out);
        }
        out.push_str("  </testsuite>\n");
    }

    fn case(&self, finding: &Finding, suite: &str, out: &mut String) {
        let file = finding
            .frames()
            .first()
            .map_or(0, |frame| usize::from(frame.file()));
        let file = self
            .paths
            .get(file)
            .map(|path| path.as_os_str().as_encoded_bytes());
        let _ = writeln!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" time=\"0\">",
            safe(suite),
            safe(&Self::title(finding)),
            safe(&escape::bytes(file.unwrap_or_default()))
        );
        out.push_str(&self.told(finding));
        out.push_str("    </testcase>\n");
    }

    /// `HTTP-004 soap-action-on-response Inform`.
    fn title(finding: &Finding) -> String {
        let mut name = format!("{} {}", finding.code, finding.name);
        let concerned = [finding.rpc.as_deref(), finding.path.as_deref()];
        for part in concerned.into_iter().flatten() {
            let _ = write!(name, " {part}");
        }
        name
    }

    /// What stands in the case of a finding.
    fn told(&self, finding: &Finding) -> String {
        let page = safe(&text::block(
            finding,
            self.summary,
            self.paths.len() > 1,
            LOOK,
        ));
        if self.is_failure(finding) {
            format!(
                "      <failure type=\"{}\" message=\"{}\">{page}</failure>\n",
                safe(finding.code),
                safe(&finding.message)
            )
        } else {
            format!("      <system-out>{page}</system-out>\n")
        }
    }

    fn is_failure(&self, finding: &Finding) -> bool {
        self.fails_at(finding.severity)
    }

    fn fails_at(&self, severity: Severity) -> bool {
        self.fails.is_some_and(|least| severity >= least)
    }

    /// Devices without a finding; where there is no device either, what was read as a whole: no tool likes an empty file.
    fn clean_devices(&self) -> Vec<&str> {
        if self.checked.beyond.is_some() {
            // Nobody knows which they are.
            return Vec::new();
        }
        let findings = &self.checked.findings;
        let devices = self
            .summary
            .devices
            .iter()
            .map(|device| device.device.as_ref());
        let is_clean = |device: &&str| {
            let mut theirs = findings.iter();
            !theirs.any(|finding| finding.device.as_deref() == Some(*device))
        };
        let clean: Vec<&str> = devices.take(DEVICES_MAX).filter(is_clean).collect();
        if clean.is_empty() && findings.is_empty() {
            return vec!["informant"];
        }
        clean
    }
}

/// Suites, and how many cases they hold.
#[derive(Debug, Default)]
struct Suites {
    tests: usize,
    failures: usize,
    errors: usize,
    text: String,
}

fn document(suites: &Suites) -> String {
    let Suites {
        tests,
        failures,
        errors,
        text,
    } = suites;
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"informant\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n{text}</testsuites>\n"
    )
}

fn passed(device: &str, out: &mut String) {
    let device = safe(device);
    let _ = write!(
        out,
        "  <testsuite name=\"{device}\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n    \
         <testcase classname=\"{device}\" name=\"no finding\" time=\"0\"/>\n  </testsuite>\n"
    );
}

/// Text that may stand in XML 1.0, in an attribute too: no control characters, no noncharacters, nothing that is markup.
fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push('\n'),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push_str(&escape::text(other.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}

/// What text for a file looks like.
const LOOK: Look = Look {
    width: 100,
    colour: false,
    unicode: true,
};
/// Devices that may have a suite that only says that they are clean.
const DEVICES_MAX: usize = 10_000;
