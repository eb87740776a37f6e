//! The page of a replay: a ladder of its steps, what was wanted against what came, the verdict, and what to do next.

use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::differences::{Differences, counts, ignored};
use super::figures::counted;
use super::replayed_tls::tls_lines;
use crate::report::escape;
use crate::report::paint::{Ink, Line, Look, wrapped};
use crate::report::runs::Run;
use crate::session::{Difference, Masking, ReplayStep, ReplayVerdict, Replayed, Side, StepResult};

/// The page of one run.
#[must_use]
pub fn replayed(run: &Run<'_>, look: Look, masking: Masking) -> String {
    let replayed = run.replayed;
    let page = Page {
        replayed,
        place: run.place(),
        masking,
        look,
    };
    let mut out = String::new();
    page.heading(&mut out);
    page.ladder(&mut out);
    page.loose(&mut out);
    ignored(&replayed.ignored, look, &mut out);
    page.verdict(&mut out);
    out
}

struct Page<'a> {
    replayed: &'a Replayed,
    /// Which run of several.
    place: String,
    masking: Masking,
    look: Look,
}

impl Page<'_> {
    /// `replay acs  bootstrap  001565-0001  192.0.2.7:40312  3.2 s`.
    fn heading(&self, out: &mut String) {
        let replayed = self.replayed;
        let mut line = Line::of(Ink::Dim, format!("replay {}", replayed.role));
        line.push(Ink::Plain, "  ")
            .push(Ink::Bold, escape::text(&replayed.scenario))
            .push(Ink::Dim, self.place.as_str());
        if let Some(device) = &replayed.device {
            line.push(Ink::Plain, format!("  {}", escape::text(device)));
        }
        if let Some(peer) = replayed.peer {
            line.push(Ink::Plain, format!("  {peer}"));
        }
        line.push(Ink::Dim, format!("  {}", seconds(replayed.took)));
        line.cut_to(self.look.width, self.look)
            .write(self.look, out);
        for (ink, told) in tls_lines(replayed, self.masking) {
            for part in wrapped(&told, self.look.width) {
                Line::of(ink, part).write(self.look, out);
            }
        }
        out.push('\n');
    }

    fn ladder(&self, out: &mut String) {
        let steps = &self.replayed.steps;
        let wanted = steps.iter().map(|step| escape::text(&step.wanted).width());
        let widest = wanted.max().unwrap_or(0).min(WANTED_COLUMNS_MAX);
        for step in steps {
            self.step(step, widest, out);
            if !step.differences.is_empty() {
                out.push('\n');
                self.differences().write(&step.differences, out);
            }
        }
        if !steps.is_empty() {
            out.push('\n');
        }
    }

    fn differences(&self) -> Differences {
        Differences {
            unit: "step",
            look: self.look,
            masking: self.masking,
        }
    }

    /// `  3  cpe ──►  expect Inform   differs    0.012 s  Fault 9003`.
    fn step(&self, step: &ReplayStep, widest: usize, out: &mut String) {
        let look = self.look;
        let mut line = Line::of(Ink::Dim, format!("{:>3}  ", step.number));
        let (ink, arrow) = match step.from {
            Some(Side::Cpe) => (Ink::Cpe, look.art("cpe ──►", "cpe -->")),
            Some(Side::Acs) => (Ink::Acs, look.art("◄── acs", "<-- acs")),
            _ => (Ink::Dim, "       "),
        };
        line.push(ink, arrow).push(Ink::Plain, "  ");
        let begun = line.width();
        line.append(Line::of(Ink::Plain, escape::text(&step.wanted)).cut_to(widest, look));
        line.pad_to(begun + widest + 2);
        line.push(ink_of(step.result), step.result.name());
        line.pad_to(begun + widest + 2 + RESULT_COLUMNS);
        if let Some(at) = step.at {
            line.push(Ink::Dim, format!("{}  ", seconds(at)));
        }
        if let Some(class) = step.class.filter(|class| *class != "read") {
            line.push(Ink::Warning, format!("{class}  "));
        }
        // What came as wanted need not be told twice.
        let is_wanted = |came: &&String| step.wanted.ends_with(came.as_str());
        if let Some(came) = step.came.as_ref().filter(|came| !is_wanted(came)) {
            line.push(Ink::Bold, escape::text(&self.masking.text(came)));
        }
        line.cut_to(look.width, look).write(look, out);
    }

    /// What belongs to no step.
    fn loose(&self, out: &mut String) {
        self.differences().write(&self.replayed.differences, out);
    }

    fn verdict(&self, out: &mut String) {
        let steps = &self.replayed.steps;
        let all = differences(self.replayed);
        let of_steps = counted(steps.len() as u64, "step", "steps");
        let (ink, told) = match &self.replayed.verdict {
            ReplayVerdict::Passed => (
                Ink::Good,
                format!("passed: {of_steps} as recorded{}", self.tolerated()),
            ),
            ReplayVerdict::Differs => {
                let count = counted(all.len() as u64, "difference", "differences");
                (
                    Ink::Fault,
                    format!("differs: {count} ({}) in {of_steps}", counts(&all)),
                )
            }
            ReplayVerdict::PeerFailed(how) => (
                Ink::Fault,
                format!("peer failed: {}", self.masking.text(how)),
            ),
            ReplayVerdict::Refused(why) => (
                Ink::Fault,
                format!(
                    "refused: {}; nothing of it was sent",
                    self.masking.text(why)
                ),
            ),
        };
        for part in wrapped(&escape::text(&told), self.look.width) {
            Line::of(ink, part).write(self.look, out);
        }
        if let Some(next) = self.next() {
            for part in wrapped(&next, self.look.width) {
                Line::of(Ink::Dim, part).write(self.look, out);
            }
        }
    }

    fn tolerated(&self) -> String {
        let steps = self.replayed.steps.iter();
        match steps
            .filter(|step| step.result == StepResult::Tolerated)
            .count()
        {
            0 => String::new(),
            some => format!(", {some} of them tolerated"),
        }
    }

    /// What to do about it.
    fn next(&self) -> Option<String> {
        let scenario = escape::text(&self.replayed.scenario);
        match &self.replayed.verdict {
            ReplayVerdict::Passed => None,
            ReplayVerdict::Differs => Some(format!(
                "If what came is right: change the recorded message, or name the place in `ignore`, `matchers` or `tolerate` \
                 of the step in {scenario}/scenario.toml. If not, -w FILE records the replay for `informant show`."
            )),
            ReplayVerdict::PeerFailed(_) => Some(
                "Look whether the other side runs and can be reached, then run it again; -w FILE records what came."
                    .to_owned(),
            ),
            ReplayVerdict::Refused(_) => Some(format!(
                "Where it may do that: allow the class in [safety] of {scenario}/scenario.toml and with --allow on the \
                 command line; --dry-run shows the class of every step."
            )),
        }
    }
}

/// All that differs, of steps and of none.
pub(in crate::report) fn differences(replayed: &Replayed) -> Vec<&Difference> {
    let of_steps = replayed.steps.iter().flat_map(|step| &step.differences);
    of_steps.chain(&replayed.differences).collect()
}

fn ink_of(result: StepResult) -> Ink {
    match result {
        StepResult::Passed => Ink::Good,
        StepResult::Differs | StepResult::Refused | StepResult::Failed => Ink::Fault,
        StepResult::Tolerated => Ink::Warning,
        StepResult::Skipped => Ink::Dim,
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}

/// Columns of what a step wants.
const WANTED_COLUMNS_MAX: usize = 40;
/// Columns of how it went.
const RESULT_COLUMNS: usize = 11;

#[cfg(test)]
pub(in crate::report) mod tests {
    use std::time::Duration;

    use crate::report::paint::Look;
    use crate::report::runs::Run;
    use crate::session::{
        Difference, DifferenceClass, Excerpt, Masking, Part, Position, ReplayStep, ReplayVerdict,
        Replayed, Side, StepResult,
    };
    use crate::source::Timestamp;

    fn step(number: u32, wanted: &str, from: Side, result: StepResult) -> ReplayStep {
        ReplayStep {
            number,
            wanted: wanted.to_owned(),
            from: Some(from),
            class: (from == Side::Acs).then_some("set"),
            came: None,
            result,
            at: (result != StepResult::Skipped).then(|| Duration::from_millis(120)),
            differences: Vec::new(),
        }
    }

    /// A replay in which a status and a password differ, and whose last step was not reached.
    pub(in crate::report) fn sample() -> Replayed {
        let mut answer = step(
            3,
            "expect SetParameterValuesResponse",
            Side::Cpe,
            StepResult::Differs,
        );
        answer.came = Some("SetParameterValuesResponse\u{1b}[2J".to_owned());
        let difference = |place: &str, expected: &str, actual: &str, is_secret: bool| Difference {
            class: DifferenceClass::Value,
            step: Some(3),
            message: Some("SetParameterValuesResponse".to_owned()),
            place: place.to_owned(),
            expected: Some(expected.to_owned()),
            actual: Some(actual.to_owned()),
            is_secret,
            is_wording: false,
            position: None,
            excerpt: None,
        };
        let mut status = difference("Status", "0", "1", false);
        status.position = Some(Position {
            part: Part::Body,
            line: 9,
            column: 13,
            offset: 300,
        });
        status.excerpt = Some(Box::new(Excerpt {
            text: "    <Status>1</Status>".to_owned(),
            marked: 12..13,
            cut_left: false,
            cut_right: false,
        }));
        answer.differences = vec![status, difference("Password", "hunter2", "hunter3", true)];
        Replayed {
            scenario: "provisioning".to_owned(),
            role: "acs",
            device: Some("001565-0015651234AB".to_owned()),
            peer: None,
            took: Duration::from_millis(1_250),
            steps: vec![
                step(1, "expect Inform", Side::Cpe, StepResult::Passed),
                step(2, "send SetParameterValues", Side::Acs, StepResult::Passed),
                answer,
                step(4, "send empty", Side::Acs, StepResult::Skipped),
            ],
            differences: Vec::new(),
            ignored: vec![("cwmp:ID".to_owned(), 2), ("header Date".to_owned(), 1)],
            verdict: ReplayVerdict::Differs,
            tls: None,
        }
    }

    const LOOK: Look = Look {
        width: 80,
        colour: false,
        unicode: true,
    };

    fn page(replayed: &Replayed, masking: Masking) -> String {
        let run = Run {
            replayed,
            number: 1,
            of: 1,
            began: Timestamp::default(),
            last_frame: 0,
        };
        super::replayed(&run, LOOK, masking)
    }

    #[test]
    fn words_about_a_cookie_are_no_secret() {
        let mut replayed = sample();
        let found = &mut replayed.steps[2].differences[1];
        found.place = "header Cookie".to_owned();
        found.expected = Some("cookie sid as it was set".to_owned());
        found.actual = None;
        found.is_secret = false;
        found.is_wording = true;
        let page = page(&replayed, Masking::default());
        assert!(
            page.contains("  = expected  cookie sid as it was set\n"),
            "{page}"
        );
    }

    #[test]
    fn a_ladder_with_what_differs() {
        let page = page(&sample(), Masking::default());
        let wanted = "\
replay acs  provisioning  001565-0015651234AB  1.250 s

  1  cpe ──►  expect Inform                      passed     0.120 s
  2  ◄── acs  send SetParameterValues            passed     0.120 s  set
  3  cpe ──►  expect SetParameterValuesResponse  differs    0.120 s  SetParamet…

value  step 3  SetParameterValuesResponse  Status
  --> body line 9:13
     │
   9 │     <Status>1</Status>
     │             ^ expected 0
     │

value  step 3  SetParameterValuesResponse  Password
  = expected  <masked>
  = came      <masked>

  4  ◄── acs  send empty                         skipped    set

passed over: cwmp:ID 2 times, header Date 1 time
differs: 2 differences (2 values) in 4 steps
";
        assert!(page.starts_with(wanted), "{page}");
        assert!(page.contains("provisioning/scenario.toml"), "{page}");
        let shown = self::page(&sample(), Masking { show_secrets: true });
        assert!(shown.contains("hunter3"), "{shown}");
        assert!(
            page.lines().all(|line| line.chars().count() <= 80),
            "{page}"
        );
        assert!(!page.contains('\u{1b}'), "{page}");
    }

    #[test]
    fn each_verdict_says_what_to_do() {
        for (verdict, wanted, next) in [
            (ReplayVerdict::Passed, "passed: 4 steps as recorded\n", ""),
            (
                ReplayVerdict::PeerFailed("connection reset".to_owned()),
                "peer failed: connection reset\n",
                "can be reached",
            ),
            (
                ReplayVerdict::Refused("Reboot is not allowed".to_owned()),
                "refused: Reboot is not allowed;",
                "--allow",
            ),
        ] {
            let replayed = Replayed {
                verdict,
                ..sample()
            };
            let page = page(&replayed, Masking::default());
            assert!(page.contains(wanted) && page.contains(next), "{page}");
        }
    }
}
