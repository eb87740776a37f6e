//! The page of `informant check`.

use crate::conformance::{Checked, Counts};
use crate::report::escape;
use crate::report::paint::{Ink, Line, Look};
use crate::session::{Blame, Finding, Severity};

/// What was found, for people.
#[must_use]
pub fn check(checked: &Checked, look: Look) -> String {
    let mut out = String::new();
    for finding in &checked.findings {
        headline(finding).write(look, &mut out);
    }
    Line::of(Ink::Bold, verdict(&checked.findings)).write(look, &mut out);
    out
}

fn headline(finding: &Finding) -> Line {
    let ink = match finding.severity {
        Severity::Error => Ink::Fault,
        Severity::Warning => Ink::Warning,
        Severity::Info => Ink::Dim,
    };
    let mut line = Line::of(ink, format!("{} {}", finding.severity.name(), finding.code));
    let message = escape::text(&finding.message);
    line.push(Ink::Plain, format!(" {}: {message}", finding.blame.name()));
    line
}

/// `cpe 3 errors 1 warning, acs 0`.
#[must_use]
pub fn verdict(findings: &[Finding]) -> String {
    let of = |blame: Blame| Counts::of(findings.iter().filter(|finding| finding.blame == blame));
    let sides = Blame::ALL.into_iter().filter_map(|blame| {
        let counts = of(blame);
        let always = matches!(blame, Blame::Cpe | Blame::Acs);
        (always || counts != Counts::default())
            .then(|| format!("{} {}", blame.words(), told(counts)))
    });
    sides.collect::<Vec<_>>().join(", ")
}

fn told(counts: Counts) -> String {
    let parts = [
        (counts.error, "error"),
        (counts.warning, "warning"),
        (counts.info, "remark"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
    if parts.is_empty() {
        "0".to_owned()
    } else {
        parts.join(" ")
    }
}
