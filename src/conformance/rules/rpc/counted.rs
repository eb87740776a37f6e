//! Tables and the parameters that count their rows, in one answer.

use std::collections::{HashMap, HashSet};

use cwmp::Element;

use super::answered::Wanted;
use crate::conformance::rule::cite;
use crate::conformance::{Exchange, Findings, Parameter, Rule, Scope, Traits};
use crate::model::{Place, Root, standard};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&COUNT];

/// A table has as many rows as its counter says.
const COUNT: Rule = Rule {
    cites: &[cite("TR-106 Amendment 1", "2.3.2")],
    demands: "A parameter ...NumberOfEntries gives the number of rows of its table, as the same answer lists them.",
    why: "An ACS that reads the counter first and then the rows one by one asks for rows that do not exist and \
          gets 9005, or never sees the last ones.",
    mend_cpe: "Count the rows that the data model shows, not the slots of an internal array.",
    bad: "<Name>Device.IP.InterfaceNumberOfEntries</Name> 3\n<Name>Device.IP.Interface.1.Enable</Name>\n\
          <Name>Device.IP.Interface.2.Enable</Name>",
    good: "<Name>Device.IP.InterfaceNumberOfEntries</Name> 2\n<Name>Device.IP.Interface.1.Enable</Name>\n\
          <Name>Device.IP.Interface.2.Enable</Name>",
    wireshark: "xml.cdata contains \"NumberOfEntries\"",
    ..Rule::should("CWMP-GPV-010", "rows-and-their-number", Scope::Exchange)
};

/// A counter with its table.
struct Counter<'a> {
    element: Element<'a>,
    name: String,
    says: u64,
    rows: u64,
}

type Fast = foldhash::fast::RandomState;

/// Compares counters with rows, of tables that were asked for as a whole.
pub(super) fn look(exchange: &Exchange<'_>, wanted: &Wanted, findings: &mut Findings) {
    if !exchange.answer.parameters.traits().has(Traits::COUNTER) {
        return;
    }
    let mut counters: HashMap<String, Counter<'_>, Fast> = HashMap::default();
    for parameter in exchange.answered() {
        let name = parameter.name();
        let is_counter = parameter.has(Traits::COUNTER);
        let Some(element) = parameter.name_element().filter(|_| is_counter) else {
            continue;
        };
        let value = parameter.value();
        let says = value.and_then(|value| value.trim().parse().ok());
        if let (Some(says), Some(table)) = (says, table_of(name))
            && wanted.covers(&table)
            && counters.len() < COUNTERS_MAX
        {
            let name = name.to_owned();
            let rows = 0;
            counters.insert(
                table,
                Counter {
                    element,
                    name,
                    says,
                    rows,
                },
            );
        }
    }
    if counters.is_empty() {
        return;
    }
    count_rows(exchange.answered(), &mut counters);
    let mut wrong: Vec<&Counter<'_>> = counters
        .values()
        .filter(|counter| counter.says != counter.rows)
        .collect();
    wrong.sort_unstable_by_key(|counter| counter.element.offset());
    for counter in wrong.into_iter().take(TOLD_MAX) {
        let Counter {
            element,
            name,
            says,
            rows,
        } = counter;
        let draft = exchange.breaks(&COUNT).path(name);
        let draft = draft.body(element.offset()..element.content_offset());
        findings.add(draft.because(format!("{name} is {says}, and the answer has {rows} rows")));
    }
}

/// The table that a parameter counts, as the data model says, with parameters in its rows.
fn table_of(counter: &str) -> Option<String> {
    let (above, name) = counter.rsplit_once('.')?;
    let model = standard(Root::of_path(counter)?);
    let holder = model.object(above)?;
    let table = holder.objects().find(|table| {
        let counts = table.newest().number_of_entries.as_deref() == Some(name);
        table.place() == Place::Table && counts
    })?;
    let path = table.path();
    let node = path.trim_end_matches('.').rsplit('.').next()?;
    Some(format!("{above}.{node}."))
}

/// Counts the different instances of each table.
fn count_rows(answered: &[Parameter<'_>], counters: &mut HashMap<String, Counter<'_>, Fast>) {
    let mut met: HashSet<String, Fast> = HashSet::default();
    for parameter in answered {
        let name = parameter.name();
        for (dot, _) in name.match_indices('.') {
            let (Some(table), Some(rest)) = (name.get(..=dot), name.get(dot + 1..)) else {
                continue;
            };
            if !rest.starts_with(|first: char| first.is_ascii_digit() || first == '[') {
                continue;
            }
            let Some(counter) = counters.get_mut(table) else {
                continue;
            };
            let Some(end) = rest.find('.') else {
                continue;
            };
            let row = name.get(..dot + 1 + end).unwrap_or_default();
            if !met.contains(row) {
                met.insert(row.to_owned());
                counter.rows += 1;
            }
        }
    }
}

/// Counters of one answer that are looked at.
const COUNTERS_MAX: usize = 512;
/// Findings told of one answer.
const TOLD_MAX: usize = 16;
