//! Findings in numbers, in words.

use crate::conformance::Counts;
use crate::session::{Blame, Finding};

/// `cpe 3 errors 1 warning, acs 0`.
#[must_use]
pub fn verdict<'f>(findings: impl IntoIterator<Item = &'f Finding> + Clone) -> String {
    let sides = Blame::ALL.into_iter().filter_map(|blame| {
        let all = findings.clone().into_iter();
        let counts = Counts::of(all.filter(|finding| finding.blame == blame));
        let always = matches!(blame, Blame::Cpe | Blame::Acs);
        (always || counts != Counts::default())
            .then(|| format!("{} {}", blame.words(), told(counts)))
    });
    sides.collect::<Vec<_>>().join(", ")
}

/// `3 errors 1 warning`; 0 where there is nothing.
#[must_use]
pub fn told(counts: Counts) -> String {
    let plural = |count: u64| if count == 1 { "" } else { "s" };
    let parts = [
        (counts.error, format!("error{}", plural(counts.error))),
        (counts.warning, format!("warning{}", plural(counts.warning))),
        (counts.info, "info".to_owned()),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() {
        "0".to_owned()
    } else {
        parts.join(" ")
    }
}
