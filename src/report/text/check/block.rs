//! One breach on the page: what, where, who says so, what to change, and where else.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use unicode_width::UnicodeWidthStr;

use super::excerpt::underlined;
use super::severity_ink;
use crate::conformance;
use crate::report::paint::{Ink, Line, Look, wrapped};
use crate::report::text::figures::{counted, frames_within, grouped};
use crate::report::text::note::note;
use crate::report::{citation, escape};
use crate::session::{Blame, Evidence, Finding, Occurrence, Part};
use crate::source::{FileFacts, FileFormat, FrameId};

/// A finding, and those of the same rule and weight beside it.
pub(super) struct Block<'f> {
    pub first: &'f Finding,
    pub further: Vec<&'f Finding>,
    pub files: &'f [FileFacts],
    pub several_files: bool,
    pub look: Look,
}

/// What is the same of every breach of a rule by one kind of side, written once a page.
#[derive(Debug, Default)]
pub(super) struct OfRules {
    /// By code, blame, and whether a document announces it.
    notes: BTreeMap<(&'static str, Blame, bool), String>,
}

impl Block<'_> {
    pub(super) fn write(&self, rules: &mut OfRules, out: &mut String) {
        self.headline().write(self.look, out);
        self.place()
            .cut_to(self.look.width, self.look)
            .write(self.look, out);
        match (&self.first.excerpt, self.first.position) {
            (Some(excerpt), Some(position)) => {
                let gutter = match position.part {
                    Part::Datagram => format!("@{}", position.offset),
                    Part::Head | Part::Body => position.line.to_string(),
                };
                let ink = severity_ink(self.first.severity);
                let lines = underlined(excerpt, &gutter, &self.first.message, ink, self.look);
                lines.iter().for_each(|line| line.write(self.look, out));
            }
            _ => self.said(out),
        }
        self.notes(rules, out);
    }

    fn headline(&self) -> Line {
        let finding = self.first;
        let mut line = Line::of(
            severity_ink(finding.severity),
            format!("{} {}", finding.severity.name(), finding.code),
        );
        line.push(Ink::Plain, "  ").push(Ink::Bold, finding.name);
        let paths = finding.path.as_deref().filter(|_| self.further.is_empty());
        if let Some(path) = paths.or(finding.rpc.as_deref()) {
            line.push(Ink::Plain, "  ")
                .push(Ink::Plain, escape::text(path));
        }
        line.cut_to(self.look.width, self.look)
    }

    /// ` --> frames 4-5, session 1, Inform, body line 12`.
    fn place(&self) -> Line {
        let finding = self.first;
        let mut told = String::with_capacity(PLACE_BYTES_USUAL);
        let mut tell = |part: fmt::Arguments<'_>| {
            told.push_str(if told.is_empty() { "" } else { ", " });
            // Writing to a String cannot fail.
            let _ = told.write_fmt(part);
        };
        if !finding.frames().is_empty() {
            tell(format_args!("{}", self.frames(finding.frames())));
        }
        if let Some(session) = finding.session() {
            tell(format_args!("session {session}"));
        }
        if let Some(rpc) = finding.rpc.as_deref() {
            tell(format_args!("{}", escape::text(rpc)));
        }
        match finding.position {
            Some(at) if at.part == Part::Datagram => tell(format_args!("byte {}", at.offset)),
            Some(at) => {
                let part = at.part.name();
                tell(format_args!("{part} line {}:{}", at.line, at.column));
            }
            None => {}
        }
        match finding.evidence {
            Evidence::Complete => {}
            Evidence::Gap => tell(format_args!("bytes are missing")),
            Evidence::Truncated => tell(format_args!("cut short")),
        }
        let mut line = Line::of(Ink::Dim, "  --> ");
        line.push(Ink::Plain, told);
        line
    }

    fn frames(&self, frames: &[FrameId]) -> String {
        let list = frames_within(frames, self.several_files, FRAMES_COLUMNS, self.look);
        let many = if frames.len() == 1 { "" } else { "s" };
        format!("{}{many} {list}", self.unit(frames))
    }

    /// What the numbers count.
    fn unit(&self, frames: &[FrameId]) -> &'static str {
        let file = frames
            .first()
            .and_then(|frame| self.files.get(usize::from(frame.file())));
        match file.and_then(|file| file.format) {
            Some(FileFormat::Transcript) => "block",
            _ => "frame",
        }
    }

    /// The message, where nothing is underlined.
    fn said(&self, out: &mut String) {
        let message = escape::text(&self.first.message);
        for part in wrapped(&message, self.look.width.saturating_sub(INDENT)) {
            let mut line = Line::new();
            line.pad_to(INDENT)
                .push(severity_ink(self.first.severity), part);
            line.write(self.look, out);
        }
    }

    fn notes(&self, rules: &mut OfRules, out: &mut String) {
        let finding = self.first;
        let is_foretold = finding.foretold_by.is_some();
        let of_rule = rules
            .notes
            .entry((finding.code, finding.blame, is_foretold));
        out.push_str(of_rule.or_insert_with(|| self.of_rule()));
        self.note("set", finding.setting.as_deref().unwrap_or_default(), out);
        if let Some(document) = finding.foretold_by {
            let words = format!("{document}; an ACS that works with this device goes by it");
            self.note("foretold", &words, out);
        }
        self.note("seen", &self.occurrences(finding), out);
        for further in self.further.iter().take(FURTHER_MAX) {
            self.note("also", &self.also(further), out);
        }
        let omitted = self.further.len().saturating_sub(FURTHER_MAX);
        if omitted > 0 {
            let more = format!("and {} more: -T json lists them", grouped(omitted as u64));
            self.note("", &more, out);
        }
    }

    /// What is the same wherever this side breaks this rule.
    fn of_rule(&self) -> String {
        let mut out = String::new();
        let finding = self.first;
        let rule = conformance::rule(finding.code);
        let cites = finding.cites.iter().map(citation::told);
        let cites = cites.collect::<Vec<_>>().join("; ");
        let demands = rule.map_or("", |rule| rule.demands);
        let says = if cites.is_empty() {
            demands.to_owned()
        } else {
            format!("{cites}: {demands}")
        };
        self.note("says", &says, &mut out);
        if finding.foretold_by.is_some() && finding.blame == Blame::Cpe {
            // The device does not change in what its document announces.
            return out;
        }
        let mend = rule.map_or("", |rule| match finding.blame {
            Blame::Cpe => rule.mend_cpe,
            Blame::Undetermined if rule.mend_acs.is_empty() => rule.mend_cpe,
            _ => rule.mend_acs,
        });
        self.note("change", mend, &mut out);
        out
    }

    /// `  = says  ...`, wrapped.
    fn note(&self, word: &str, text: &str, out: &mut String) {
        if !text.is_empty() {
            note(word, text, self.look, out);
        }
    }

    /// `22 times, also in frames 21, 26, 31 (+18)`; nothing where it was seen once.
    fn occurrences(&self, finding: &Finding) -> String {
        if finding.count <= 1 {
            return String::new();
        }
        let later = finding.occurrences.iter().skip(1);
        let places: Vec<String> = later
            .take(OCCURRENCES_MAX)
            .map(|one| self.spot(one))
            .collect();
        let more = finding.count.saturating_sub(1 + places.len() as u64);
        let more = if more > 0 {
            format!(" +{}", grouped(more))
        } else {
            String::new()
        };
        let times = counted(finding.count, "time", "times");
        let accepted = match finding.accepted {
            0 => String::new(),
            some => format!(", {} of them accepted by the baseline", grouped(some)),
        };
        if places.is_empty() {
            return format!("{times}{accepted}");
        }
        format!("{times}{accepted}; again in {}{more}", places.join("; "))
    }

    /// `frame 21, session 1`.
    fn spot(&self, occurrence: &Occurrence) -> String {
        let frames = (!occurrence.frames.is_empty()).then(|| self.frames(&occurrence.frames));
        let session = occurrence
            .session
            .map(|session| format!("session {session}"));
        [frames, session]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" of ")
    }

    /// The same breach elsewhere: `GetParameterNames, 2 times, frame 21 of session 1`.
    fn also(&self, finding: &Finding) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(
            finding
                .rpc
                .clone()
                .filter(|_| finding.rpc != self.first.rpc),
        );
        parts.extend(
            finding
                .path
                .clone()
                .filter(|_| finding.path != self.first.path),
        );
        if finding.count > 1 {
            parts.push(counted(finding.count, "time", "times"));
        }
        parts.extend(finding.occurrences.first().map(|first| self.spot(first)));
        let message = if finding.message == self.first.message {
            String::new()
        } else {
            format!(": {}", finding.message)
        };
        let whole = format!("{}{message}", parts.join(", "));
        if whole.width() > ALSO_COLUMNS_MAX {
            return crate::report::paint::cut_end(&whole, ALSO_COLUMNS_MAX, self.look);
        }
        whole
    }
}

const INDENT: usize = 2;
/// Most places are told in fewer.
const PLACE_BYTES_USUAL: usize = 80;
/// A longer list of frames is told by its ends.
const FRAMES_COLUMNS: usize = 24;
/// Further places that are named.
const OCCURRENCES_MAX: usize = 4;
/// Findings of the same rule that have a line.
const FURTHER_MAX: usize = 8;
/// Of the wire's own words on such a line.
const ALSO_COLUMNS_MAX: usize = 200;
