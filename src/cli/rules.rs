//! `informant rules`: the rule book as a table. `informant explain`: pages of it.

use super::arguments::{Document, ExplainArguments, RulesArguments};
use super::codes;
use super::exit::{self, Trouble};
use super::output::{Sink, complain};
use super::screen;
use crate::conformance::{self, Rule};
use crate::model::NOTICE;
use crate::report::{json, rulebook};

/// `informant rules`.
pub(super) fn list(arguments: &RulesArguments) -> Result<u8, Trouble> {
    if arguments.notice {
        let mut sink = Sink::open(&arguments.writing, &[])?;
        let _ = sink.text(NOTICE);
        return Ok(finished(sink));
    }
    let wanted = arguments.rules.iter().map(|word| codes::known(word));
    let wanted = wanted.collect::<Result<Vec<String>, Trouble>>()?;
    let is_wanted = |rule: &&&'static Rule| {
        wanted.is_empty()
            || wanted
                .iter()
                .any(|word| codes::is_or_holds(word, rule.code))
    };
    let rules: Vec<&Rule> = conformance::rules()
        .iter()
        .filter(is_wanted)
        .copied()
        .collect();
    let mut sink = Sink::open(&arguments.writing, &[])?;
    let _ = match arguments.format {
        Document::Text => sink.text(&rulebook::table(&rules, screen::look(&arguments.writing))),
        Document::Json => {
            let records: Vec<_> = rules
                .iter()
                .map(|rule| json::RuleRecord::new(rule))
                .collect();
            sink.with(|writer| json::write(&records, json::Layout::Indented, writer))
        }
    };
    Ok(finished(sink))
}

/// `informant explain`.
pub(super) fn explain(arguments: &ExplainArguments) -> Result<u8, Trouble> {
    let look = screen::look(&arguments.writing);
    let mut pages = Vec::new();
    for word in &arguments.rules {
        pages.push(page(word, look)?);
    }
    let mut sink = Sink::open(&arguments.writing, &[])?;
    let _ = sink.text(&pages.join("\n"));
    Ok(finished(sink))
}

/// The page of a rule, of a row that no traffic decides, or of a family.
pub(super) fn page(word: &str, look: crate::report::paint::Look) -> Result<String, Trouble> {
    let upper = word.trim().to_ascii_uppercase();
    let mut rules = conformance::rules().iter();
    if let Some(rule) = rules.find(|rule| rule.code == upper || rule.name == word.trim()) {
        return Ok(rulebook::Explained::Rule(rule).page(look));
    }
    let rows = conformance::undecidable();
    if let Some(row) = rows.iter().find(|row| row.code == upper) {
        return Ok(rulebook::Explained::Undecidable(row).page(look));
    }
    let page = rulebook::family(&upper, look);
    page.ok_or_else(|| codes::unknown(word))
}

fn finished(sink: Sink) -> u8 {
    sink.finish().map_or_else(
        |trouble| {
            complain(&trouble.to_string());
            trouble.code()
        },
        |()| exit::FINE,
    )
}
