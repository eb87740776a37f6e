//! One ladder on its way to paper: the lifelines, and every arrow, caption and end between them.

use unicode_width::UnicodeWidthStr;

use super::anchors::{Anchor, Anchored};
use super::marks::Marks;
use super::{Exchange, Ladder};
use crate::report::escape;
use crate::report::moment;
use crate::report::paint::{Ink, Line, Look, cut_end, wrapped};
use crate::report::text::check::severity_ink;
use crate::report::text::figures;
use crate::report::text::heading::outcome_ink;
use crate::session::{DatagramKind, Evidence, Finding, Outcome, Session, Side, Step, StepKind};
use crate::source::{FrameId, Timestamp};

/// One ladder on its way to paper: where its lines stand, and what was drawn last.
pub(super) struct Drawing<'a> {
    ladder: &'a Ladder,
    look: Look,
    start: Timestamp,
    digits: u8,
    before: Option<Timestamp>,
    offsets_end: usize,
    deltas_end: usize,
    has_deltas: bool,
    left: usize,
    right: usize,
    marks: Marks<'a>,
    /// What was drawn where.
    pub anchors: Vec<Anchor>,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(ladder: &'a Ladder, start: Timestamp, steps: &[&Step]) -> Self {
        let look = Look {
            width: ladder.look.width.clamp(WIDTH_MIN, WIDTH_MAX),
            ..ladder.look
        };
        let digits = if look.width >= WIDE { 6 } else { 3 };
        let offsets = steps
            .iter()
            .map(|step| moment::offset(start, step.time, digits).len())
            .max()
            .unwrap_or(0)
            .max(if look.width >= DELTAS_FROM { 8 } else { 6 });
        let frames_max = if look.width >= WIDE { 20 } else { 10 };
        let frames = steps
            .iter()
            .map(|step| figures::frames(&step.frames, ladder.several_files).width())
            .max();
        let frames = frames.unwrap_or(0).clamp(6, frames_max);
        // A narrow screen has no room for the delta.
        let has_deltas = look.width >= DELTAS_FROM;
        let deltas_end = if has_deltas { offsets * 2 + 2 } else { offsets };
        Self {
            ladder,
            look,
            start,
            digits,
            before: None,
            offsets_end: offsets,
            deltas_end,
            has_deltas,
            left: deltas_end + 2,
            right: look.width.saturating_sub(frames + 3),
            marks: Marks::default(),
            anchors: Vec::new(),
        }
    }

    /// Has findings drawn under the arrows that show them.
    pub(super) fn mark(&mut self, findings: &[&'a Finding], session: u32) {
        self.marks = Marks::of(findings, session);
    }

    pub(super) fn heads(&self, cpe: &str, cpe_ink: Ink, acs: &str, acs_ink: Ink, out: &mut String) {
        let mut line = Line::new();
        line.pad_to(self.offsets_end.saturating_sub(4))
            .push(Ink::Dim, "time");
        if self.has_deltas {
            line.pad_to(self.deltas_end.saturating_sub(5))
                .push(Ink::Dim, "delta");
        }
        // Each side has half of the room, or what the other leaves.
        let inner = self.right.saturating_sub(self.left);
        let room = inner.saturating_sub(acs.width().min(inner / 2));
        line.pad_to(self.left)
            .push(cpe_ink, cut_end(cpe, room, self.look));
        let acs = cut_end(acs, self.right.saturating_sub(line.width()), self.look);
        line.pad_to((self.right + 1).saturating_sub(acs.width()))
            .push(acs_ink, acs)
            .push(Ink::Dim, "  frames");
        line.write(self.look, out);
    }

    /// An exchange of a binding, under the ends that it is between.
    pub(super) fn exchange(&mut self, exchange: &Exchange, out: &mut String) {
        self.caption(&exchange.caption(), Ink::Dim, out);
        self.steps(&exchange.steps, out);
    }

    pub(super) fn steps(&mut self, steps: &[Step], out: &mut String) {
        for step in steps {
            self.anchor(Anchored::step(step), out);
            self.step(step, out);
            self.marked(step, out);
            self.before = Some(step.time);
        }
    }

    fn anchor(&mut self, of: Anchored, out: &str) {
        let at = out.len();
        self.anchors.push(Anchor { at, of });
    }

    /// Steps with a line wherever the connection changes.
    pub(super) fn steps_on_connections(&mut self, steps: &[Step], out: &mut String) {
        for steps in steps.chunk_by(|left, right| left.connection == right.connection) {
            if let Some(first) = steps.first() {
                self.caption(&format!("connection {}", first.connection), Ink::Dim, out);
            }
            self.steps(steps, out);
        }
    }

    fn step(&self, step: &Step, out: &mut String) {
        let ink = if is_bad(step) {
            Ink::Fault
        } else {
            side_ink(step.from)
        };
        let mut label = self.label(step, ink);
        let inner = self.right.saturating_sub(self.left + 1);
        let detail = self.detail(step);
        let fits = label.width() + 2 + detail.width() + ARROW_MIN <= inner;
        let (beside, below) = if fits {
            (detail, String::new())
        } else {
            (String::new(), detail)
        };
        let detail_ink = if is_bad(step) { Ink::Fault } else { Ink::Plain };
        if !beside.is_empty() {
            label.push(Ink::Plain, "  ").push(detail_ink, beside);
        }
        let label = label.cut_to(inner.saturating_sub(ARROW_MIN), self.look);
        let mut line = self.gutter(step.time);
        self.arrow(&mut line, step.from, label, ink);
        let room = self.look.width.saturating_sub(self.right + 3);
        let frames =
            figures::frames_within(&step.frames, self.ladder.several_files, room, self.look);
        line.push(Ink::Dim, format!("  {frames}"));
        line.write(self.look, out);
        if !below.is_empty() {
            self.below(&below, detail_ink, step.from, out);
        }
    }

    /// What the rule book says of the arrow above.
    fn marked(&mut self, step: &Step, out: &mut String) {
        let (marks, more) = self.marks.at(step);
        for finding in marks {
            let (words, ink) = words(finding, self.marks.session(), &step.frames);
            self.anchor(Anchored::Finding(finding.code), out);
            self.below(&words, ink, step.from, out);
        }
        if more > 0 {
            self.below(&format!("! and {more} more"), Ink::Dim, step.from, out);
        }
    }

    /// Under the ladder, what none of its arrows shows.
    pub(super) fn rest(&mut self, out: &mut String) {
        for finding in self.marks.rest() {
            let (words, ink) = words(finding, self.marks.session(), finding.frames());
            self.anchor(Anchored::Finding(finding.code), out);
            for text in wrapped(&words, self.look.width.saturating_sub(self.left)) {
                let mut line = Line::new();
                line.pad_to(self.left).push(ink, text);
                line.write(self.look, out);
            }
        }
    }

    /// What was drawn once and happened many times: how often, until when.
    pub(super) fn folded(
        &mut self,
        text: &str,
        last: Timestamp,
        frames: &[FrameId],
        out: &mut String,
    ) {
        let inner = self.right.saturating_sub(self.left + 1);
        let room = inner.saturating_sub(4).max(1);
        let mut time = Some(last);
        for text in wrapped(text, room) {
            let mut line = Line::new();
            if let Some(last) = time {
                let offset = moment::offset(self.start, last, self.digits);
                line.pad_to(self.offsets_end.saturating_sub(offset.len()))
                    .push(Ink::Dim, offset);
            }
            line.pad_to(self.left)
                .push(Ink::Dim, self.look.art("│", "|"));
            self.centred(&mut line, &text, Ink::Plain);
            if time.take().is_some() {
                let room = self.look.width.saturating_sub(self.right + 3);
                let frames =
                    figures::frames_within(frames, self.ladder.several_files, room, self.look);
                line.push(Ink::Dim, format!("  {frames}"));
            }
            line.write(self.look, out);
        }
        self.before = None;
    }

    fn gutter(&self, time: Timestamp) -> Line {
        let mut line = Line::new();
        let offset = moment::offset(self.start, time, self.digits);
        line.pad_to(self.offsets_end.saturating_sub(offset.len()))
            .push(Ink::Dim, offset);
        if let Some(before) = self.before.filter(|_| self.has_deltas) {
            let delta = moment::offset(before, time, self.digits);
            let slow = time.milliseconds_since(before) >= SLOW_MS;
            line.pad_to(self.deltas_end.saturating_sub(delta.len()))
                .push(if slow { Ink::Warning } else { Ink::Dim }, delta);
        }
        line.pad_to(self.left);
        line
    }

    fn arrow(&self, line: &mut Line, from: Side, label: Line, ink: Ink) {
        let (look, width) = (self.look, label.width());
        let dash = look.art("─", "-");
        if from == Side::Cpe {
            line.push(Ink::Dim, look.art("├─ ", "|- "))
                .append(label)
                .push(Ink::Plain, " ");
            line.fill_to(self.right.saturating_sub(1), Ink::Dim, dash)
                .push(ink, look.art("▶", ">"))
                .push(Ink::Dim, look.art("│", "|"));
        } else {
            line.push(Ink::Dim, look.art("│", "|"))
                .push(ink, look.art("◀", "<"));
            line.fill_to(self.right.saturating_sub(width + 3), Ink::Dim, dash);
            line.push(Ink::Plain, " ")
                .append(label)
                .push(Ink::Dim, look.art(" ─┤", " -|"));
        }
    }

    /// What did not fit on the arrow, under it, on the side it came from.
    fn below(&self, detail: &str, ink: Ink, from: Side, out: &mut String) {
        let room = self.right.saturating_sub(self.left + 1 + BELOW_BESIDE);
        let mut lines = wrapped(detail, room);
        if lines.len() > BELOW_LINES_MAX {
            let rest = lines.split_off(BELOW_LINES_MAX - 1).join(" ");
            lines.push(cut_end(&rest, room, self.look));
        }
        for text in lines {
            let start = if from == Side::Cpe {
                self.left + 3
            } else {
                self.right.saturating_sub(2 + text.width())
            };
            let mut line = self.lifeline();
            line.pad_to(start)
                .push(ink, text)
                .pad_to(self.right)
                .push(Ink::Dim, self.look.art("│", "|"));
            line.write(self.look, out);
        }
    }

    fn lifeline(&self) -> Line {
        let mut line = Line::new();
        line.pad_to(self.left)
            .push(Ink::Dim, self.look.art("│", "|"));
        line
    }

    /// A few words between the lifelines.
    pub(super) fn caption(&self, text: &str, ink: Ink, out: &mut String) {
        let inner = self.right.saturating_sub(self.left + 1);
        let text = cut_end(text, inner.saturating_sub(4), self.look);
        let mut line = self.lifeline();
        self.centred(&mut line, &text, ink);
        line.write(self.look, out);
    }

    /// Words in the middle between the lifelines, and the right one.
    fn centred(&self, line: &mut Line, text: &str, ink: Ink) {
        let inner = self.right.saturating_sub(self.left + 1);
        let text = format!(" {text} ");
        let mark = self.look.art("┄", ".");
        line.fill_to(
            self.left + 1 + (inner.saturating_sub(text.width())) / 2,
            Ink::Dim,
            mark,
        );
        line.push(ink, text)
            .fill_to(self.right, Ink::Dim, mark)
            .push(Ink::Dim, self.look.art("│", "|"));
    }

    pub(super) fn end(&self, session: &Session, out: &mut String) {
        let inner = self.right.saturating_sub(self.left + 1);
        let text = match session.outcome {
            Outcome::Complete | Outcome::Faulted => format!(" {} ", session.outcome.name()),
            Outcome::Rejected => format!(" {} rejected by the ACS ", self.look.art("✗", "x")),
            Outcome::Aborted => format!(" {} aborted before its end ", self.look.art("✗", "x")),
            Outcome::Incomplete => " incomplete: the capture does not hold all of it ".to_owned(),
        };
        let text = cut_end(&text, inner, self.look);
        let (mark, ink) = (self.look.art("─", "-"), outcome_ink(session.outcome));
        let mut line = Line::new();
        line.pad_to(self.left)
            .push(Ink::Dim, self.look.art("└", "+"));
        line.fill_to(
            self.left + 1 + (inner.saturating_sub(text.width())) / 2,
            Ink::Dim,
            mark,
        );
        line.push(ink, text)
            .fill_to(self.right, Ink::Dim, mark)
            .push(Ink::Dim, self.look.art("┘", "+"));
        line.write(self.look, out);
    }

    fn label(&self, step: &Step, ink: Ink) -> Line {
        let mut label = Line::new();
        label.push(ink, cut_end(&self.words(step), WORDS_MAX, self.look));
        if step.hold_requests == Some(true) {
            label.push(Ink::Warning, " HoldRequests");
        }
        match step.evidence {
            Evidence::Complete => {}
            Evidence::Gap => _ = label.push(Ink::Warning, " ! gap"),
            Evidence::Truncated => _ = label.push(Ink::Warning, " ! cut"),
        }
        if step.contested {
            label.push(Ink::Warning, " ! overlap");
        }
        label
    }

    /// What a message is, in the words of the ladder.
    fn words(&self, step: &Step) -> String {
        let status = step
            .status
            .map_or_else(String::new, |status| status.to_string());
        match &step.kind {
            StepKind::Envelopes(envelopes) => {
                let name = |(name, code): &(String, Option<String>)| match code {
                    Some(code) => format!("{} {}", escape::text(name), escape::text(code)),
                    None => escape::text(name).into_owned(),
                };
                let names = envelopes.iter().map(name).collect::<Vec<_>>().join(" + ");
                match step.status {
                    Some(status) if status != 200 => format!("{names} (HTTP {status})"),
                    _ => names,
                }
            }
            StepKind::EmptyRequest => "empty POST".to_owned(),
            StepKind::EmptyResponse if status == "204" => "204 no content".to_owned(),
            StepKind::EmptyResponse => format!("{status} empty"),
            StepKind::Challenge => format!("{status} challenge"),
            StepKind::Redirect(_) => format!("{status} redirect"),
            StepKind::HttpError => format!("{status} error"),
            StepKind::Undecodable => format!("{status} unreadable body").trim_start().to_owned(),
            StepKind::Request(method, target) => {
                let target = self.ladder.masking.target(target.as_bytes());
                format!("{} {}", escape::text(method), escape::bytes(&target))
            }
            StepKind::Response if step.body_bytes > 0 => {
                format!("{status} {}", figures::bytes(step.body_bytes))
            }
            StepKind::Response => status,
            StepKind::Datagram(_, words) => escape::text(words).into_owned(),
            StepKind::Said(words) | StepKind::Refused(words) => {
                let words = self.ladder.masking.text(words);
                let words = self.ladder.masking.target(words.as_bytes());
                escape::bytes(&words).into_owned()
            }
            StepKind::Data => format!("data {}", figures::bytes(step.body_bytes)),
            StepKind::Attempt { syns: 1 } => "SYN".to_owned(),
            StepKind::Attempt { syns } => format!("SYN, {syns} times"),
            StepKind::Reset => "RST".to_owned(),
            StepKind::Unreachable(says, by) => format!("ICMP {says}, from {by}"),
        }
    }

    fn detail(&self, step: &Step) -> String {
        let detail = match (&step.detail, &step.kind) {
            (Some(detail), _) => self.ladder.masking.text(detail),
            (None, StepKind::Redirect(Some(location))) => self.ladder.masking.text(location),
            _ => return String::new(),
        };
        let detail = escape::text(&detail);
        if self.look.width >= WIDE {
            return detail.into_owned();
        }
        detail.replace(ROOT, self.look.ellipsis())
    }
}

/// `! HTTP-004 SOAPAction is ""`.
fn words(finding: &Finding, session: u32, frames: &[FrameId]) -> (String, Ink) {
    let message = finding.message_in(Some(session), frames);
    let words = format!("! {} {}", finding.code, escape::text(&message));
    (words, severity_ink(finding.severity))
}

fn side_ink(side: Side) -> Ink {
    match side {
        Side::Cpe => Ink::Cpe,
        Side::Acs => Ink::Acs,
        Side::Other => Ink::Plain,
    }
}

fn is_bad(step: &Step) -> bool {
    match &step.kind {
        StepKind::Envelopes(envelopes) => envelopes
            .iter()
            .any(|(name, code)| name == "Fault" || code.is_some()),
        StepKind::HttpError
        | StepKind::Undecodable
        | StepKind::Refused(_)
        | StepKind::Reset
        | StepKind::Unreachable(..) => true,
        StepKind::Response => step
            .status
            .is_some_and(|status| status >= 400 && status != 401),
        // A first STUN request without credentials is answered with 401, as over HTTP.
        StepKind::Datagram(DatagramKind::Stun, _) => step.status.is_some_and(|code| code != 401),
        _ => false,
    }
}

/// A ladder needs so many columns, and gains nothing from more than so many.
const WIDTH_MIN: usize = 40;
const WIDTH_MAX: usize = 160;
/// Columns of a screen that has room for the time since the message before.
const DELTAS_FROM: usize = 60;
/// Columns of a screen that has room for microseconds.
const WIDE: usize = 120;
/// Columns of an arrow beside its label: lead, blanks, at least two dashes, head.
const ARROW_MIN: usize = 7;
/// Columns of a label's first words.
const WORDS_MAX: usize = 72;
/// Columns beside the detail under an arrow.
const BELOW_BESIDE: usize = 5;
/// The root of most paths, which says little and is left out where room is short.
const ROOT: &str = "InternetGatewayDevice.";
/// Lines of detail under an arrow.
const BELOW_LINES_MAX: usize = 3;
/// A pause that is worth a look.
const SLOW_MS: f64 = 5_000.0;
