//! The records `difference` and `replay_step`, and the documents of `replay -T json` and `diff -T json`.

use serde::Serialize;

use super::finding::PositionRecord;
use super::replay_tls::TlsRecord;
use crate::report::compared::{Compared, Labelled, Pair};
use crate::report::escape;
use crate::report::runs::{Outcome, Run};
use crate::report::text::shown;
use crate::session::{Difference, Masking, ReplayStep, ReplayVerdict};

/// One thing that is not as recorded.
#[derive(Debug, Serialize)]
pub struct DifferenceRecord<'d> {
    record: &'static str,
    scenario: Option<&'d str>,
    run: Option<u32>,
    expected_session: Option<u32>,
    actual_session: Option<u32>,
    class: &'static str,
    step: Option<u32>,
    message: Option<&'d str>,
    place: &'d str,
    expected: Option<String>,
    actual: Option<String>,
    position: Option<PositionRecord>,
}

impl<'d> DifferenceRecord<'d> {
    /// The record of a difference.
    #[must_use]
    pub fn new(difference: &'d Difference, masking: Masking) -> Self {
        Self {
            record: "difference",
            scenario: None,
            run: None,
            expected_session: None,
            actual_session: None,
            class: difference.class.name(),
            step: difference.step,
            message: difference.message.as_deref(),
            place: &difference.place,
            expected: shown(difference, difference.expected.as_deref(), masking),
            actual: shown(difference, difference.actual.as_deref(), masking),
            position: difference.position.map(PositionRecord::new),
        }
    }

    /// Of a replay.
    #[must_use]
    pub fn of_run(mut self, run: &Run<'d>) -> Self {
        self.scenario = Some(&run.replayed.scenario);
        self.run = Some(run.number);
        self
    }

    /// Between two sessions.
    #[must_use]
    pub fn of_sessions(mut self, pair: &Pair<'_>) -> Self {
        self.expected_session = Some(pair.expected.session.number);
        self.actual_session = Some(pair.actual.session.number);
        self
    }
}

/// One step of a replay.
#[derive(Debug, Serialize)]
pub struct ReplayStepRecord<'r> {
    record: &'static str,
    scenario: &'r str,
    run: u32,
    step: u32,
    wanted: &'r str,
    from: Option<&'static str>,
    class: Option<&'static str>,
    came: Option<String>,
    result: &'static str,
    at_ms: Option<f64>,
    differences: usize,
    tls_verified: Option<bool>,
}

impl<'r> ReplayStepRecord<'r> {
    /// The record of a step.
    #[must_use]
    pub fn new(run: &Run<'r>, step: &'r ReplayStep, masking: Masking) -> Self {
        let came = step.came.as_deref();
        let secured = run
            .replayed
            .tls
            .as_ref()
            .and_then(|tls| tls.secured.as_ref());
        Self {
            record: "replay_step",
            scenario: &run.replayed.scenario,
            run: run.number,
            step: step.number,
            wanted: &step.wanted,
            from: step.from.map(crate::session::Side::name),
            class: step.class,
            came: came.map(|came| masking.text(came).into_owned()),
            result: step.result.name(),
            at_ms: step.at.map(milliseconds),
            differences: step.differences.len(),
            tls_verified: secured.map(|secured| secured.verified),
        }
    }
}

/// The steps of a run with their differences behind each, those of no step, and what came of it, as lines of ndjson.
#[must_use]
pub fn replay_lines(run: &Run<'_>, masking: Masking) -> String {
    let mut out = Vec::new();
    for step in &run.replayed.steps {
        super::append_line(&ReplayStepRecord::new(run, step, masking), &mut out);
        of_run(run, &step.differences, masking)
            .for_each(|record| super::append_line(&record, &mut out));
    }
    of_run(run, &run.replayed.differences, masking)
        .for_each(|record| super::append_line(&record, &mut out));
    super::append_line(&RunRecord::new(run, masking), &mut out);
    String::from_utf8(out).unwrap_or_default()
}

fn of_run<'r>(
    run: &Run<'r>,
    differences: &'r [Difference],
    masking: Masking,
) -> impl Iterator<Item = DifferenceRecord<'r>> {
    let run = *run;
    let differences = differences.iter();
    differences.map(move |one| DifferenceRecord::new(one, masking).of_run(&run))
}

/// What came of a run.
#[derive(Debug, Serialize)]
pub struct RunRecord<'r> {
    record: &'static str,
    scenario: &'r str,
    run: u32,
    role: &'static str,
    device: Option<&'r str>,
    peer: Option<String>,
    start: Option<String>,
    took_ms: f64,
    verdict: &'static str,
    /// How the peer failed, or why the guard refused.
    reason: Option<String>,
    ignored: Vec<IgnoredRecord<'r>>,
    tls: Option<TlsRecord<'r>>,
}

impl<'r> RunRecord<'r> {
    /// The record of a run.
    #[must_use]
    pub fn new(run: &Run<'r>, masking: Masking) -> Self {
        let replayed = run.replayed;
        let reason = match &replayed.verdict {
            ReplayVerdict::PeerFailed(reason) | ReplayVerdict::Refused(reason) => Some(reason),
            ReplayVerdict::Passed | ReplayVerdict::Differs => None,
        };
        Self {
            record: "replay",
            scenario: &replayed.scenario,
            run: run.number,
            role: replayed.role,
            device: replayed.device.as_deref(),
            peer: replayed.peer.map(|peer| peer.to_string()),
            start: super::time(Some(run.began)),
            took_ms: milliseconds(replayed.took),
            verdict: replayed.verdict.name(),
            reason: reason.map(|reason| masking.text(reason).into_owned()),
            ignored: ignored(&replayed.ignored),
            tls: replayed
                .tls
                .as_ref()
                .map(|tls| TlsRecord::new(tls, masking)),
        }
    }
}

/// A whole run, as `replay -T json` has it.
#[derive(Debug, Serialize)]
pub struct ReplayRecord<'r> {
    #[serde(flatten)]
    run: RunRecord<'r>,
    steps: Vec<ReplayStepRecord<'r>>,
    differences: Vec<DifferenceRecord<'r>>,
}

impl<'r> ReplayRecord<'r> {
    /// The document of a run.
    #[must_use]
    pub fn new(run: &Run<'r>, masking: Masking) -> Self {
        let steps = &run.replayed.steps;
        let of_steps = steps.iter().flat_map(|step| &step.differences);
        let differences = of_steps.chain(&run.replayed.differences);
        Self {
            run: RunRecord::new(run, masking),
            steps: steps
                .iter()
                .map(|step| ReplayStepRecord::new(run, step, masking))
                .collect(),
            differences: differences
                .map(|one| DifferenceRecord::new(one, masking).of_run(run))
                .collect(),
        }
    }
}

/// What all runs came to.
#[derive(Debug, Serialize)]
pub struct OutcomeRecord<'o> {
    record: &'static str,
    verdict: Option<&'static str>,
    exit_code: u8,
    exit_reasons: &'o [String],
    runs: RunsRecord,
}

#[derive(Debug, Serialize)]
struct RunsRecord {
    passed: u32,
    differs: u32,
    peer_failed: u32,
    refused: u32,
    not_played: u32,
}

impl<'o> OutcomeRecord<'o> {
    /// The record of an outcome.
    #[must_use]
    pub fn new(outcome: &'o Outcome) -> Self {
        Self {
            record: "replay_outcome",
            verdict: outcome.verdict(),
            exit_code: outcome.exit_code,
            exit_reasons: &outcome.reasons,
            runs: RunsRecord {
                passed: outcome.passed,
                differs: outcome.differs,
                peer_failed: outcome.peer_failed,
                refused: outcome.refused,
                not_played: outcome.not_played,
            },
        }
    }
}

/// What was passed over, and how often.
#[derive(Debug, Serialize)]
struct IgnoredRecord<'r> {
    what: &'r str,
    count: u32,
}

fn ignored(ignored: &[(String, u32)]) -> Vec<IgnoredRecord<'_>> {
    let ignored = ignored.iter();
    ignored
        .map(|(what, count)| IgnoredRecord {
            what,
            count: *count,
        })
        .collect()
}

/// Two captures beside each other, as `diff -T json` has them.
#[derive(Debug, Serialize)]
pub struct ComparedRecord<'c> {
    same: bool,
    pairs: Vec<PairRecord<'c>>,
    missing: Vec<LabelRecord<'c>>,
    extra: Vec<LabelRecord<'c>>,
    pairs_omitted: u64,
}

#[derive(Debug, Serialize)]
struct PairRecord<'c> {
    expected: LabelRecord<'c>,
    actual: LabelRecord<'c>,
    same: bool,
    differences: Vec<DifferenceRecord<'c>>,
    differences_omitted: u64,
    ignored: Vec<IgnoredRecord<'c>>,
}

#[derive(Debug, Serialize)]
struct LabelRecord<'c> {
    file: String,
    session: u32,
    device: Option<&'c str>,
    events: &'c [String],
}

impl<'c> ComparedRecord<'c> {
    /// The document.
    #[must_use]
    pub fn new(compared: &Compared<'c>, masking: Masking) -> Self {
        let labels = |labelled: &'c [Labelled<'c>]| labelled.iter().map(LabelRecord::new).collect();
        Self {
            same: compared.is_same(),
            pairs: compared
                .pairs
                .iter()
                .map(|pair| PairRecord::new(pair, masking))
                .collect(),
            missing: labels(compared.missing),
            extra: labels(compared.extra),
            pairs_omitted: compared.left_out,
        }
    }
}

impl<'c> PairRecord<'c> {
    fn new(pair: &'c Pair<'c>, masking: Masking) -> Self {
        let differences = pair.comparison.differences.iter();
        Self {
            expected: LabelRecord::new(&pair.expected),
            actual: LabelRecord::new(&pair.actual),
            same: pair.comparison.differences.is_empty(),
            differences: differences
                .map(|one| DifferenceRecord::new(one, masking).of_sessions(pair))
                .collect(),
            differences_omitted: pair.comparison.omitted,
            ignored: ignored(&pair.comparison.ignored),
        }
    }
}

impl<'c> LabelRecord<'c> {
    fn new(labelled: &Labelled<'c>) -> Self {
        Self {
            file: escape::lossy(labelled.file).0.into_owned(),
            session: labelled.session.number,
            device: labelled.session.device.as_deref(),
            events: &labelled.session.events,
        }
    }
}

fn milliseconds(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
