//! Differences between what was recorded and what came, each with the place it points at, as a compiler shows its source.

use std::collections::HashMap;

use unicode_width::UnicodeWidthStr;

use super::check::excerpt::underlined;
use super::note::note;
use crate::report::escape;
use crate::report::paint::{Ink, Line, Look, wrapped};
use crate::session::{Difference, DifferenceClass, MASKED, Masking};

/// How differences are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Differences {
    /// What their numbers count: `step` or `message`.
    pub unit: &'static str,
    pub look: Look,
    pub masking: Masking,
}

impl Differences {
    /// One after the other, with a blank line behind each. What every message has in the same way is told once.
    pub fn write(self, differences: &[Difference], out: &mut String) {
        let mut again: HashMap<Same<'_>, Vec<u32>> = HashMap::new();
        for difference in differences {
            if let Some(same) = of_every_message(difference) {
                again.entry(same).or_default().extend(difference.step);
            }
        }
        for difference in differences {
            let mut steps = Vec::new();
            if let Some(same) = of_every_message(difference) {
                // The first takes the numbers; those behind it find none.
                let Some(all) = again.remove(&same) else {
                    continue;
                };
                steps = all;
            }
            self.one(difference, steps.get(1..).unwrap_or_default(), out);
            out.push('\n');
        }
    }

    fn one(self, difference: &Difference, again: &[u32], out: &mut String) {
        self.headline(difference, out);
        let (expected, actual) = self.values(difference);
        let mut is_drawn = false;
        if let (Some(excerpt), Some(position)) = (&difference.excerpt, difference.position) {
            let mut place = Line::of(Ink::Dim, "  --> ");
            let at = format!(
                "{} line {}:{}",
                position.part.name(),
                position.line,
                position.column
            );
            place.push(Ink::Plain, at);
            place.write(self.look, out);
            let gutter = position.line.to_string();
            let said = match expected.as_deref() {
                Some("") => "expected an empty value".to_owned(),
                Some(expected) => format!("expected {expected}"),
                None => "not expected".to_owned(),
            };
            let ink = ink_of(difference.class);
            let lines = underlined(excerpt, &gutter, &said, ink, self.look);
            lines.iter().for_each(|line| line.write(self.look, out));
            is_drawn = excerpt.text.get(excerpt.marked.clone()) == actual.as_deref();
        } else if difference.class != DifferenceClass::Extra {
            self.note("expected", expected.as_deref(), out);
        }
        if !is_drawn && difference.class != DifferenceClass::Missing {
            self.note("came", actual.as_deref(), out);
        }
        if !again.is_empty() {
            self.note("again in", Some(&self.list(again)), out);
        }
    }

    /// `value  step 3  Inform  ParameterList/Device.X/Value`; a long place has lines of its own.
    fn headline(self, difference: &Difference, out: &mut String) {
        let mut line = Line::of(ink_of(difference.class), words_of(difference.class));
        if let Some(step) = difference.step {
            line.push(Ink::Plain, format!("  {} {step}", self.unit));
        }
        if let Some(message) = &difference.message {
            line.push(Ink::Plain, "  ")
                .push(Ink::Bold, escape::text(message));
        }
        let place = escape::text(&difference.place);
        let (width, beside) = (
            self.look.width,
            line.width().saturating_add(2 + place.width()),
        );
        if beside <= width && !place.is_empty() {
            line.push(Ink::Plain, format!("  {place}"));
        }
        line.cut_to(width, self.look).write(self.look, out);
        if beside > width {
            for part in wrapped(&place, width.saturating_sub(2).max(PLACE_COLUMNS_MIN)) {
                let mut line = Line::of(Ink::Plain, "  ");
                line.push(Ink::Plain, part).write(self.look, out);
            }
        }
    }

    /// What was expected and what came, secrets masked.
    fn values(self, difference: &Difference) -> (Option<String>, Option<String>) {
        let expected = shown(difference, difference.expected.as_deref(), self.masking);
        let actual = shown(difference, difference.actual.as_deref(), self.masking);
        (expected, actual)
    }

    /// `messages 3, 5, 7 (+12)`.
    fn list(self, numbers: &[u32]) -> String {
        let told = numbers.iter().take(NUMBERS_MAX);
        let told: Vec<String> = told.map(u32::to_string).collect();
        let many = if numbers.len() == 1 { "" } else { "s" };
        let more = match numbers.len().saturating_sub(NUMBERS_MAX) {
            0 => String::new(),
            more => format!(" (+{more})"),
        };
        format!("{}{many} {}{more}", self.unit, told.join(", "))
    }

    /// `  = came      9`.
    fn note(self, word: &str, text: Option<&str>, out: &mut String) {
        let text = match text {
            Some("") => "an empty value",
            Some(text) => text,
            None => "nothing",
        };
        note(word, text, self.look, out);
    }
}

/// Differences of a replay as lines of text.
#[must_use]
pub(in crate::report) fn difference_lines(
    differences: &[Difference],
    masking: Masking,
    look: Look,
) -> String {
    let mut out = String::new();
    let page = Differences {
        unit: "step",
        look,
        masking,
    };
    page.write(differences, &mut out);
    out
}

/// What two differences have in common that are one: kind, place, and both values.
type Same<'d> = (DifferenceClass, &'d str, Option<&'d str>, Option<&'d str>);

/// Heads and namespaces are the same in every message of a side.
fn of_every_message(difference: &Difference) -> Option<Same<'_>> {
    let leads = ["header ", "http ", "namespace "];
    let place = difference.place.as_str();
    let is_one = difference.step.is_some() && leads.iter().any(|lead| place.starts_with(lead));
    let values = (difference.expected.as_deref(), difference.actual.as_deref());
    is_one.then_some((difference.class, place, values.0, values.1))
}

/// A value of a difference, as it may be shown.
pub(in crate::report) fn shown(
    difference: &Difference,
    value: Option<&str>,
    masking: Masking,
) -> Option<String> {
    let value = value?;
    if difference.is_wording {
        return Some(value.to_owned());
    }
    if difference.is_secret && !masking.show_secrets && !value.is_empty() {
        return Some(MASKED.to_owned());
    }
    if let Some(name) = difference.place.strip_prefix("header ") {
        let value = masking.header(name.as_bytes(), value.as_bytes());
        return Some(String::from_utf8_lossy(&value).into_owned());
    }
    Some(masking.text(value).into_owned())
}

/// How many there are of each kind: `2 values, 1 missing`.
pub(in crate::report) fn counts(differences: &[&Difference]) -> String {
    let told = CLASSES.iter().filter_map(|(class, one, many)| {
        let count = differences.iter().filter(|one| one.class == *class).count() as u64;
        (count > 0).then(|| super::figures::counted(count, one, many))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// What was left out of the comparison: `cwmp:ID 3 times`.
pub(super) fn ignored(ignored: &[(String, u32)], look: Look, out: &mut String) {
    if ignored.is_empty() {
        return;
    }
    let mut text = String::from("passed over: ");
    for (at, (what, count)) in ignored.iter().enumerate() {
        let between = if at == 0 { "" } else { ", " };
        let times = super::figures::counted(u64::from(*count), "time", "times");
        text.push_str(between);
        text.push_str(&format!("{} {times}", escape::text(what)));
    }
    for part in wrapped(&text, look.width) {
        Line::of(Ink::Dim, part).write(look, out);
    }
}

fn ink_of(class: DifferenceClass) -> Ink {
    match class {
        DifferenceClass::FaultChanged => Ink::Fault,
        DifferenceClass::Order | DifferenceClass::Timing => Ink::Warning,
        _ => Ink::Fault,
    }
}

fn words_of(class: DifferenceClass) -> &'static str {
    match class {
        DifferenceClass::FaultChanged => "fault changed",
        class => class.name(),
    }
}

const CLASSES: [(DifferenceClass, &str, &str); 7] = [
    (
        DifferenceClass::FaultChanged,
        "fault changed",
        "faults changed",
    ),
    (DifferenceClass::Missing, "missing", "missing"),
    (DifferenceClass::Extra, "extra", "extra"),
    (DifferenceClass::Value, "value", "values"),
    (DifferenceClass::Order, "order", "orders"),
    (DifferenceClass::Transport, "transport", "transport"),
    (DifferenceClass::Timing, "timing", "timings"),
];
const PLACE_COLUMNS_MIN: usize = 20;
/// Messages that are named where a difference comes again.
const NUMBERS_MAX: usize = 10;
