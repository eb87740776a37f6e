//! The pages of docs/rules, and the help of SARIF.

use std::fmt::Write as _;

use super::{blamed, changes, families, named, said_by, title, weight};
use crate::conformance::{self, Rule, Undecidable};

/// All families, each with its page.
#[must_use]
pub fn index() -> String {
    let rules = conformance::rules();
    let mut page = format!(
        "# The rule book\n\n\
         {} rules in {} families; `informant explain CODE` shows the same pages. Rows of the catalogue that no traffic decides stand\n\
         in [undecidable.md](undecidable.md), each with its reason. {WRITTEN}\n\n\
         | family | about | rules |\n| --- | --- | ---: |\n",
        rules.len(),
        families().len(),
    );
    for family in families() {
        let count = of_family(family).count();
        let link = match count {
            0 => family.to_owned(),
            _ => format!("[{family}]({family}.md)"),
        };
        let _ = writeln!(page, "| {link} | {} | {count} |", title(family));
    }
    page
}

/// The rules of one family.
#[must_use]
pub fn family_page(family: &str) -> String {
    let mut page = format!("# {family}: {}\n\n{WRITTEN}\n\n", title(family));
    page.push_str("| code | name | breach | by |\n| --- | --- | --- | --- |\n");
    for rule in of_family(family) {
        let severity = if rule.guards.is_empty() {
            rule.severity().name()
        } else {
            "forgives"
        };
        let (code, anchor) = (rule.code, anchor(rule));
        let _ = writeln!(
            page,
            "| [{code}](#{anchor}) | {} | {severity} | {} |",
            rule.name,
            blamed(rule)
        );
    }
    for rule in of_family(family) {
        let _ = write!(
            page,
            "\n## {} {}\n\n{}",
            rule.code,
            rule.name,
            rule_page(rule)
        );
    }
    page
}

/// Rows that no traffic decides, with the reasons.
#[must_use]
pub fn undecidable_page() -> String {
    let mut page = format!(
        "# What no traffic decides\n\n\
         Rows of the catalogue whose keeping or breaking no capture shows, each with the reason. {WRITTEN}\n\n\
         | code | demands | why no capture shows it |\n| --- | --- | --- |\n"
    );
    for Undecidable {
        code,
        demands,
        reason,
    } in conformance::undecidable()
    {
        let _ = writeln!(page, "| {code} | {} | {} |", cell(demands), cell(reason));
    }
    page
}

/// One rule, without its heading.
#[must_use]
pub fn rule_page(rule: &Rule) -> String {
    let mut page = format!("{}\n\n", rule.demands);
    let facts = format!(
        "*{}* · *{}* · by {} · looks at one {} · CWMP {}",
        rule.severity().name(),
        rule.obligation.name(),
        blamed(rule),
        rule.scope.name(),
        rule.versions
    );
    let _ = write!(page, "{facts}\n\n");
    paragraph("Why it matters", rule.why, &mut page);
    if rule.guards.is_empty() {
        paragraph("How much", &weight(rule), &mut page);
    } else {
        let guarded = format!(
            "This rule makes no findings: it keeps quiet, or softens, {}.",
            rule.guards.join(", ")
        );
        paragraph("How much", &guarded, &mut page);
    }
    example("Bad", rule.bad, &mut page);
    example("Good", rule.good, &mut page);
    for (place, what) in changes(rule) {
        paragraph(&format!("Change {place}"), &what, &mut page);
    }
    paragraph("Says so", &said_by(rule), &mut page);
    paragraph("Related", &named(rule.related).join(", "), &mut page);
    if !rule.wireshark.is_empty() {
        let _ = write!(page, "**Wireshark**: `{}`\n\n", rule.wireshark);
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn paragraph(title: &str, text: &str, page: &mut String) {
    if !text.is_empty() {
        let _ = write!(page, "**{title}**: {text}\n\n");
    }
}

fn example(title: &str, text: &str, page: &mut String) {
    if !text.is_empty() {
        let _ = write!(page, "**{title}**:\n\n```\n{text}\n```\n\n");
    }
}

fn of_family(family: &str) -> impl Iterator<Item = &'static Rule> + use<'_> {
    let rules = conformance::rules().iter().copied();
    rules.filter(move |rule| rule.family() == family)
}

/// As the headings are linked to.
fn anchor(rule: &Rule) -> String {
    format!("{}-{}", rule.code, rule.name).to_ascii_lowercase()
}

/// Text in a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

const WRITTEN: &str = "`BLESS=1 cargo test --test docs` writes this page.";
