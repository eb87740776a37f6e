//! Differences while they are being found, and where in the message that came they stand.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Comparison, Said, texts};
use crate::session::excerpt::excerpt;
use crate::session::{Difference, DifferenceClass, Masking, Part, Position};

/// What has been found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    differences: Vec<Difference>,
    /// Of each of them, what is meant in the message that came.
    marks: Vec<Option<Mark>>,
    omitted: u64,
    ignored: BTreeMap<String, u32>,
    message: String,
    step: Option<u32>,
}

/// Some bytes of the message that came.
pub(super) type Mark = (Part, Range<usize>);

/// Something that differs.
#[derive(Debug)]
pub(super) struct Draft {
    pub class: DifferenceClass,
    pub place: String,
    pub expected: Option<String>,
    pub actual: Option<String>,
    pub mark: Option<Mark>,
}

impl Found {
    /// What comes next belongs to this message.
    pub fn begin_message(&mut self, name: String) -> usize {
        self.message = name;
        self.differences.len()
    }

    /// Its number in the session.
    pub fn at_step(&mut self, step: u32) {
        self.step = Some(step);
    }

    /// The name of the message at hand.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Notes a difference.
    pub fn add(&mut self, draft: Draft) {
        if self.differences.len() >= DIFFERENCES_MAX {
            self.omitted = self.omitted.saturating_add(1);
            return;
        }
        let masking = Masking::default();
        let hides = |segment: &str| masking.hides(segment);
        self.differences.push(Difference {
            class: draft.class,
            step: self.step,
            message: Some(self.message.clone()),
            is_secret: draft.place.split('/').any(hides) || hides(&draft.place),
            place: texts::short(&draft.place).into_owned(),
            expected: draft.expected.map(|text| texts::told(&text)),
            actual: draft.actual.map(|text| texts::told(&text)),
            is_wording: false,
            position: None,
            excerpt: None,
        });
        self.marks.push(draft.mark);
    }

    /// Counts what differs and is passed over.
    pub fn ignore(&mut self, what: &str) {
        let what = texts::short(what);
        let is_full = self.ignored.len() >= IGNORED_MAX && !self.ignored.contains_key(&*what);
        let what = if is_full { OTHERS.into() } else { what };
        let count = self.ignored.entry(what.into_owned()).or_default();
        *count = count.saturating_add(1);
    }

    /// Finds out where the differences from `begun` on stand.
    pub fn locate(&mut self, begun: usize, actual: &Said<'_>, masking: Masking) {
        let head = actual.http.map(|http| http.view().raw());
        let body = actual.soap.map(cwmp::Document::text);
        for (part, text) in [(Part::Head, head), (Part::Body, body)] {
            if let Some(text) = text {
                self.locate_in(part, text, begun, masking);
            }
        }
    }

    /// One pass over the text, whatever the number of differences.
    fn locate_in(&mut self, part: Part, text: &[u8], begun: usize, masking: Masking) {
        let marks = self.marks.iter().enumerate().skip(begun);
        let mut places: Vec<(Range<usize>, usize)> = marks
            .filter_map(|(at, mark)| {
                let (of, range) = mark.clone()?;
                (of == part).then_some((range, at))
            })
            .collect();
        if places.is_empty() {
            return;
        }
        places.sort_by_key(|(range, at)| (range.start, *at));
        let hidden = masking.hidden(part, text);
        let secret = Masking::default().hidden(part, text);
        let mut line = Line::default();
        for (drawn, (range, at)) in places.into_iter().enumerate() {
            let start = range.start.min(text.len());
            line.go_to(text, start);
            let Some(difference) = self.differences.get_mut(at) else {
                continue;
            };
            difference.position = Some(line.position(part));
            difference.is_secret |= part == Part::Body && lies_in(&range, &secret);
            if drawn < EXCERPTS_MAX {
                let excerpt = excerpt(part, text, &hidden, start..range.end);
                difference.excerpt = Some(Box::new(excerpt));
            }
        }
    }

    /// What came of it.
    pub fn finish(self) -> Comparison {
        Comparison {
            differences: self.differences,
            omitted: self.omitted,
            ignored: self.ignored.into_iter().collect(),
        }
    }
}

fn lies_in(range: &Range<usize>, secrets: &[Range<usize>]) -> bool {
    let first = secrets.partition_point(|secret| secret.end <= range.start);
    let secret = secrets.get(first);
    secret.is_some_and(|secret| secret.start < range.end && !range.is_empty())
}

/// Counts lines and columns on the way through a text.
#[derive(Debug, Default)]
struct Line {
    offset: usize,
    lines_before: u64,
    characters_before: u64,
}

impl Line {
    fn go_to(&mut self, text: &[u8], offset: usize) {
        let between = text.get(self.offset..offset).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', between).count() as u64;
        let in_line = match memchr::memrchr(b'\n', between) {
            Some(end) => {
                self.characters_before = 0;
                between.get(end + 1..).unwrap_or_default()
            }
            None => between,
        };
        self.lines_before = self.lines_before.saturating_add(lines);
        let characters = in_line.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64;
        self.characters_before = self.characters_before.saturating_add(characters);
        self.offset = offset;
    }

    fn position(&self, part: Part) -> Position {
        Position {
            part,
            line: self.lines_before.saturating_add(1),
            column: self.characters_before.saturating_add(1),
            offset: self.offset as u64,
        }
    }
}

/// Differences that are kept of one comparison.
const DIFFERENCES_MAX: usize = 1_000;
/// Of one message, those that are drawn: a line may be as long as the body.
const EXCERPTS_MAX: usize = 100;
/// Things passed over that are counted by name.
const IGNORED_MAX: usize = 64;
/// The others.
const OTHERS: &str = "others";
