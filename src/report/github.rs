//! `check -T github`: workflow commands, one a finding; nothing from the wire can begin another.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::{beyond, citation, escape, text};
use crate::conformance::Checked;
use crate::session::{Finding, Severity};

/// Workflow commands that show findings beside what was built, the worst first: GitHub shows ten of each sort.
#[must_use]
pub fn github(checked: &Checked, paths: &[PathBuf]) -> String {
    let findings = &checked.findings[..];
    let mut out = String::new();
    let mut order: Vec<&Finding> = findings.iter().collect();
    order.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for finding in order {
        command(finding, paths, &mut out);
    }
    if let Some(words) = beyond(checked) {
        let _ = writeln!(out, "::warning title=informant::{}", data(&words));
    }
    let verdict = text::verdict(findings);
    let _ = writeln!(out, "::notice title=informant::{}", data(&verdict));
    out
}

fn command(finding: &Finding, paths: &[PathBuf], out: &mut String) {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let file = finding
        .frames()
        .first()
        .map_or(0, |frame| usize::from(frame.file()));
    let file = paths
        .get(file)
        .map(|path| path.as_os_str().as_encoded_bytes());
    let file = escape::bytes(file.unwrap_or_default());
    let title = format!("{} {}", finding.code, finding.name);
    let _ = writeln!(
        out,
        "::{name} file={},title={}::{}",
        property(&file),
        property(&title),
        data(&sentence(finding))
    );
}

/// `cpe 00D09E-X-1, Inform, session 1, frames 4-5, 3 times: what was seen (TR-069 ...)`.
fn sentence(finding: &Finding) -> String {
    let mut parts = vec![finding.blame.words().to_owned()];
    if let Some(device) = finding.device.as_deref() {
        parts = vec![format!("{} {device}", finding.blame.words())];
    }
    parts.extend(finding.rpc.clone());
    parts.extend(finding.path.clone());
    parts.extend(
        finding
            .session()
            .map(|session| format!("session {session}")),
    );
    parts.extend(text::frames_told(finding.frames()));
    if finding.count > 1 {
        parts.push(format!("{} times", finding.count));
    }
    let cites: Vec<String> = finding.cites.iter().map(citation::told).collect();
    let cites = if cites.is_empty() {
        String::new()
    } else {
        format!(" ({})", cites.join("; "))
    };
    format!("{}: {}{cites}", parts.join(", "), finding.message)
}

/// Text behind the `::`.
fn data(text: &str) -> String {
    // Line ends are escaped with the other control characters: what is left is the sign that begins an escape.
    escape::text(text).replace('%', "%25")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn nothing_begins_a_command() {
        assert_eq!(data("a\r\n::error::b 100%"), "a\\x0d\\x0a::error::b 100%25");
        assert_eq!(property("a:b,c\n"), "a%3Ab%2Cc\\x0a");
    }
}
