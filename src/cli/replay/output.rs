//! What a replay, or the plan of one, is told as.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use serde::Serialize;

use super::judging::Judged;
use super::scene::Scene;
use super::veil::Veil;
use crate::cli::arguments::{Playing, ReplayFormat};
use crate::cli::exit::{self, Trouble};
use crate::cli::output::{Sink, complain};
use crate::cli::screen;
use crate::replay::plan::Planned;
use crate::report::{self, escape, json, text};
use crate::session::{Finding, Masking, Replayed};

/// The report of all runs.
pub(super) struct Report<'a> {
    playing: &'a Playing,
    sink: Sink,
    /// What no form of the report shows.
    veil: Veil,
    /// What is written when all runs are over; text is written run by run.
    replayed: Vec<Replayed>,
    judged: Vec<Judged>,
}

impl<'a> Report<'a> {
    pub(super) fn open(playing: &'a Playing, scenes: &[Scene]) -> Result<Self, Trouble> {
        Ok(Self {
            playing,
            veil: Veil::of(scenes, playing.writing.show_secrets),
            sink: Sink::open(&playing.writing, &playing.scenarios)?,
            replayed: Vec::new(),
            judged: Vec::new(),
        })
    }

    pub(super) fn add(&mut self, mut replayed: Replayed, mut judged: Judged) {
        self.veil.replayed(&mut replayed);
        self.veil.findings(&mut judged.checked.findings);
        match self.playing.format {
            ReplayFormat::Text => self.page(&replayed, &judged),
            ReplayFormat::Ndjson => self.lines(&replayed, &judged),
            ReplayFormat::Json | ReplayFormat::Junit => {
                self.replayed.push(replayed);
                self.judged.push(judged);
            }
        }
    }

    fn lines(&mut self, replayed: &Replayed, judged: &Judged) {
        let mut lines = json::replay_lines(replayed, self.masking()).into_bytes();
        let setting = json::Setting {
            several_files: false,
            masking: self.masking(),
        };
        for finding in &judged.checked.findings {
            let record = json::FindingRecord::new(finding, setting, &judged.summary.files);
            json::append_line(&record, &mut lines);
        }
        let _ = self.bytes(&lines);
    }

    fn page(&mut self, replayed: &Replayed, judged: &Judged) {
        let look = screen::look(&self.playing.writing);
        let mut page = text::replayed(replayed, look, self.masking());
        let check = text::Check {
            checked: &judged.checked,
            summary: &judged.summary,
            paths: &[],
            accepted: 0,
            look,
        };
        if !judged.checked.findings.is_empty() {
            page.push('\n');
            page.push_str(&check.found());
        }
        page.push('\n');
        let page = self.veil.text(&page).into_owned();
        let _ = self.sink.text(&page);
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

    pub(super) fn finish(mut self) -> Option<u8> {
        let masking = self.masking();
        let _ = match self.playing.format {
            ReplayFormat::Text | ReplayFormat::Ndjson => ControlFlow::Continue(()),
            ReplayFormat::Json => {
                let document = ReplaysRecord::new(&self.replayed, &self.judged, masking);
                let mut written = Vec::new();
                // Writing to memory cannot fail.
                let _ = json::write(&document, json::Layout::Indented, &mut written);
                self.bytes(&written)
            }
            ReplayFormat::Junit => {
                let replayed: Vec<&Replayed> = self.replayed.iter().collect();
                let findings = self.judged.iter().flat_map(|it| &it.checked.findings);
                let findings: Vec<Finding> = findings.cloned().collect();
                let fails = self.playing.fail_on.severity();
                let document = report::junit::replays(&replayed, &findings, fails, masking);
                let document = self.veil.markup(&document).into_owned();
                self.sink.text(&document)
            }
        };
        self.sink.finish().err().map(|trouble| {
            complain(&trouble.to_string());
            trouble.code()
        })
    }
}

/// `replay -T json`.
#[derive(Serialize)]
struct ReplaysRecord<'a> {
    replays: Vec<json::ReplayRecord<'a>>,
    /// About the other side, of all replays.
    findings: Vec<json::FindingRecord<'a>>,
}

impl<'a> ReplaysRecord<'a> {
    fn new(replayed: &'a [Replayed], judged: &'a [Judged], masking: Masking) -> Self {
        let setting = json::Setting {
            several_files: false,
            masking,
        };
        let findings = judged.iter().flat_map(|judged| {
            let files = &judged.summary.files;
            let findings = judged.checked.findings.iter();
            findings.map(move |finding| json::FindingRecord::new(finding, setting, files))
        });
        Self {
            replays: replayed
                .iter()
                .map(|replayed| json::ReplayRecord::new(replayed, masking))
                .collect(),
            findings: findings.collect(),
        }
    }
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
