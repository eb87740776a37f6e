//! What a replay, or the plan of one, is told as.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use serde::Serialize;

use super::causes::Causes;
use super::judging::Judged;
use super::scene::Scene;
use super::veil::Veil;
use crate::cli::arguments::{Playing, ReplayFormat};
use crate::cli::exit::{self, Trouble};
use crate::cli::output::{Sink, complain};
use crate::cli::screen;
use crate::replay::plan::Planned;
use crate::report::{self, Outcome, Run, escape, json, text};
use crate::session::{Masking, Replayed};
use crate::source::Timestamp;

/// The report of all runs.
pub(super) struct Report<'a> {
    playing: &'a Playing,
    sink: Sink,
    /// How many runs are wanted.
    wanted: u32,
    outcome: Outcome,
    /// What no form of the report shows.
    veil: Veil,
    /// What is written when all runs are over; text is written run by run.
    played: Vec<Played>,
}

/// One run.
pub(super) struct Played {
    pub(super) replayed: Replayed,
    pub(super) began: Timestamp,
    /// In the capture of all runs.
    pub(super) last_frame: u64,
    number: u32,
}

impl Played {
    pub(super) fn new(replayed: Replayed, began: Timestamp, last_frame: u64) -> Self {
        Self {
            replayed,
            began,
            last_frame,
            number: 0,
        }
    }

    fn run(&self, of: u32) -> Run<'_> {
        Run {
            replayed: &self.replayed,
            number: self.number,
            of,
            began: self.began,
            last_frame: self.last_frame,
        }
    }
}

impl<'a> Report<'a> {
    pub(super) fn open(playing: &'a Playing, scenes: &[Scene]) -> Result<Self, Trouble> {
        let scenarios = u32::try_from(playing.scenarios.len()).unwrap_or(u32::MAX);
        Ok(Self {
            playing,
            veil: Veil::of(scenes, playing.writing.show_secrets),
            sink: Sink::open(&playing.writing, &playing.scenarios)?,
            wanted: scenarios.saturating_mul(playing.times),
            outcome: Outcome::default(),
            played: Vec::new(),
        })
    }

    pub(super) fn add(&mut self, mut played: Played) {
        self.veil.replayed(&mut played.replayed);
        self.outcome.count(&played.replayed.verdict);
        played.number = self.outcome.played();
        let (run, masking) = (played.run(self.wanted), self.masking());
        let _ = match self.playing.format {
            ReplayFormat::Text => {
                let look = screen::look(&self.playing.writing);
                let page = text::replayed(&run, look, masking);
                self.page(&format!("{page}\n"))
            }
            ReplayFormat::Ndjson => {
                let lines = json::replay_lines(&run, masking);
                self.bytes(lines.as_bytes())
            }
            ReplayFormat::Json | ReplayFormat::Junit => {
                self.played.push(played);
                ControlFlow::Continue(())
            }
        };
    }

    /// Writes text for people.
    fn page(&mut self, page: &str) -> ControlFlow<()> {
        let page = self.veil.text(page).into_owned();
        self.sink.text(&page)
    }

    /// Writes JSON.
    fn bytes(&mut self, written: &[u8]) -> ControlFlow<()> {
        let shown = self.veil.bytes(written);
        self.sink.with(|writer| writer.write_all(&shown))
    }

    fn masking(&self) -> Masking {
        Masking {
            show_secrets: self.playing.writing.show_secrets,
        }
    }

    /// Tells what the rule book finds, what all came to, and what the program leaves with; gives that.
    pub(super) fn finish(mut self, mut judged: Judged, causes: Causes) -> u8 {
        self.veil.findings(&mut judged.checked.findings);
        self.outcome.not_played = self.wanted.saturating_sub(self.outcome.played());
        let codes = causes.settle(&judged, self.playing, &mut self.outcome);
        let masking = self.masking();
        let played = std::mem::take(&mut self.played);
        let runs: Vec<Run<'_>> = played.iter().map(|it| it.run(self.wanted)).collect();
        let _ = match self.playing.format {
            ReplayFormat::Text => self.page(&last_page(&judged, &self.outcome, self.playing)),
            ReplayFormat::Ndjson => {
                let mut lines = Vec::new();
                let findings = records(&judged, masking);
                findings.for_each(|record| json::append_line(&record, &mut lines));
                json::append_line(&json::OutcomeRecord::new(&self.outcome), &mut lines);
                self.bytes(&lines)
            }
            ReplayFormat::Json => {
                let document = ReplaysRecord {
                    outcome: json::OutcomeRecord::new(&self.outcome),
                    replays: runs
                        .iter()
                        .map(|run| json::ReplayRecord::new(run, masking))
                        .collect(),
                    findings: records(&judged, masking).collect(),
                };
                let mut written = Vec::new();
                // Writing to memory cannot fail.
                let _ = json::write(&document, json::Layout::Indented, &mut written);
                self.bytes(&written)
            }
            ReplayFormat::Junit => {
                let (findings, fails) = (&judged.checked.findings, self.playing.fail_on.severity());
                let document =
                    report::junit::replays(&runs, findings, &judged.summary, fails, masking);
                let document = self.veil.markup(&document).into_owned();
                self.sink.text(&document)
            }
        };
        match self.sink.finish() {
            Ok(()) => codes,
            Err(trouble) => {
                complain(&trouble.to_string());
                exit::first_of(&[codes, trouble.code()])
            }
        }
    }
}

/// What was found in all runs, and the outcome.
fn last_page(judged: &Judged, outcome: &Outcome, playing: &Playing) -> String {
    let look = screen::look(&playing.writing);
    let check = text::Check {
        checked: &judged.checked,
        summary: &judged.summary,
        paths: &[],
        accepted: 0,
        look,
    };
    let mut page = check.found();
    if let Some(finding) = judged.checked.findings.first() {
        let _ = writeln!(
            page,
            "`informant explain {}` says more; -b FILE leaves out what a baseline accepts.\n",
            finding.code
        );
    }
    page + &text::outcome(outcome, look)
}

fn records(judged: &Judged, masking: Masking) -> impl Iterator<Item = json::FindingRecord<'_>> {
    let setting = json::Setting {
        several_files: false,
        masking,
    };
    let files = &judged.summary.files;
    let findings = judged.checked.findings.iter();
    findings.map(move |finding| json::FindingRecord::new(finding, setting, files))
}

/// `replay -T json`.
#[derive(Serialize)]
struct ReplaysRecord<'a> {
    #[serde(flatten)]
    outcome: json::OutcomeRecord<'a>,
    replays: Vec<json::ReplayRecord<'a>>,
    /// About the other side, of all replays.
    findings: Vec<json::FindingRecord<'a>>,
}

/// What would be done, without a socket.
pub(super) fn plans(plans: &[(&str, Vec<Planned>)], playing: &Playing) -> Result<u8, Trouble> {
    let mut sink = Sink::open(&playing.writing, &playing.scenarios)?;
    let _ = match playing.format {
        ReplayFormat::Text => {
            let mut page = String::new();
            for (name, plan) in plans {
                page_of(name, plan, &mut page);
            }
            sink.text(&page)
        }
        ReplayFormat::Json => {
            let records: Vec<PlanRecord<'_>> = plans
                .iter()
                .map(|(name, plan)| PlanRecord::new(name, plan))
                .collect();
            let document = PlansRecord { plans: records };
            sink.with(|writer| json::write(&document, json::Layout::Indented, writer))
        }
        ReplayFormat::Ndjson | ReplayFormat::Junit => {
            return Err(Trouble::Usage(
                "--dry-run is told as text or json: use -T text or -T json".to_owned(),
            ));
        }
    };
    sink.finish()?;
    let refused = plans
        .iter()
        .flat_map(|(_, plan)| plan)
        .any(|step| step.forbidden.is_some());
    Ok(if refused { exit::REFUSED } else { exit::FINE })
}

fn page_of(name: &str, plan: &[Planned], page: &mut String) {
    let _ = writeln!(page, "{}: nothing is sent", escape::text(name));
    for step in plan {
        let class = step.classified.as_ref();
        let class_name = class.map_or("", |it| it.class.name());
        let mut line = format!(
            "{:>4}  {class_name:<8}{}",
            step.number,
            escape::text(&step.wanted)
        );
        let why = class.filter(|it| it.class > crate::replay::scenario::Class::Read);
        if let Some(why) = why.map(|it| it.why.as_str()).filter(|why| !why.is_empty()) {
            let _ = write!(line, " ({})", escape::text(why));
        }
        let _ = writeln!(page, "{}", line.trim_end());
        if let Some(forbidden) = &step.forbidden {
            let _ = writeln!(page, "      would be refused: {}", escape::text(forbidden));
        }
    }
}

#[derive(Serialize)]
struct PlansRecord<'a> {
    plans: Vec<PlanRecord<'a>>,
}

#[derive(Serialize)]
struct PlanRecord<'a> {
    scenario: &'a str,
    steps: Vec<PlannedRecord<'a>>,
}

#[derive(Serialize)]
struct PlannedRecord<'a> {
    step: u32,
    wanted: &'a str,
    class: Option<&'static str>,
    method: Option<&'a str>,
    why: Option<&'a str>,
    forbidden: Option<&'a str>,
}

impl<'a> PlanRecord<'a> {
    fn new(scenario: &'a str, plan: &'a [Planned]) -> Self {
        let steps = plan.iter().map(|step| {
            let classified = step.classified.as_ref();
            PlannedRecord {
                step: step.number,
                wanted: &step.wanted,
                class: classified.map(|it| it.class.name()),
                method: classified.and_then(|it| it.method.as_deref()),
                why: classified
                    .map(|it| it.why.as_str())
                    .filter(|why| !why.is_empty()),
                forbidden: step.forbidden.as_deref(),
            }
        });
        Self {
            scenario,
            steps: steps.collect(),
        }
    }
}
