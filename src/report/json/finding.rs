//! The `finding` record, and the document of `check -T json`.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::Setting;
use crate::conformance::{Accepted, Checked, Counts, Subtracted};
use crate::report::moment;
use crate::session::{Blame, Cite, Finding, Occurrence, Position};
use crate::source::{FileFacts, FileFormat, FrameId};

/// One finding, as `check -T ndjson` has it.
#[derive(Debug, Serialize)]
pub struct FindingRecord<'f> {
    record: &'static str,
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    obligation: &'static str,
    blame: &'static str,
    message: &'f str,
    session: Option<u32>,
    device: Option<&'f str>,
    rpc: Option<&'f str>,
    path: Option<&'f str>,
    time: Option<String>,
    frames: Numbers<'f>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame_files: Option<Vec<u32>>,
    position: Option<PositionRecord>,
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<u64>,
    occurrences: Vec<OccurrenceRecord<'f>>,
    occurrences_omitted: u64,
    evidence: &'static str,
    cites: Vec<CiteRecord>,
    foretold_by: Option<&'static str>,
    setting: Option<&'f str>,
    wireshark: Option<String>,
}

impl<'f> FindingRecord<'f> {
    /// The record of a finding in these files.
    #[must_use]
    pub fn new(finding: &'f Finding, setting: Setting, files: &[FileFacts]) -> Self {
        let first = finding.occurrences.first();
        Self {
            record: "finding",
            code: finding.code,
            name: finding.name,
            severity: finding.severity.name(),
            obligation: finding.obligation.name(),
            blame: finding.blame.name(),
            message: &finding.message,
            session: finding.session(),
            device: finding.device.as_deref(),
            rpc: finding.rpc.as_deref(),
            path: finding.path.as_deref(),
            time: first.map(|first| moment::rfc3339(first.time)),
            frames: Numbers(finding.frames()),
            frame_files: setting.files(finding.frames()),
            position: finding.position.map(PositionRecord::new),
            count: finding.count,
            accepted: Some(finding.accepted).filter(|accepted| *accepted > 0),
            occurrences: finding
                .occurrences
                .iter()
                .map(|occurrence| OccurrenceRecord::new(occurrence, setting))
                .collect(),
            occurrences_omitted: finding.occurrences_omitted(),
            evidence: finding.evidence.name(),
            cites: finding.cites.iter().map(CiteRecord::new).collect(),
            foretold_by: finding.foretold_by,
            setting: finding.setting.as_deref(),
            wireshark: finding
                .wireshark()
                .filter(|_| holds_packets(finding, files)),
        }
    }
}

/// A transcript has no frames to show.
fn holds_packets(finding: &Finding, files: &[FileFacts]) -> bool {
    let file = finding.frames().first().map(|frame| frame.file());
    let facts = file.and_then(|file| files.get(usize::from(file)));
    facts.is_none_or(|facts| facts.format != Some(FileFormat::Transcript))
}

/// A place in a message.
#[derive(Debug, Serialize)]
pub(super) struct PositionRecord {
    part: &'static str,
    line: u64,
    column: u64,
    offset: u64,
}

impl PositionRecord {
    pub(super) fn new(position: Position) -> Self {
        Self {
            part: position.part.name(),
            line: position.line,
            column: position.column,
            offset: position.offset,
        }
    }
}

/// Numbers of frames in their files.
#[derive(Debug)]
struct Numbers<'f>(&'f [FrameId]);

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|frame| frame.number()))
    }
}

#[derive(Debug, Serialize)]
struct OccurrenceRecord<'f> {
    session: Option<u32>,
    time: String,
    frames: Numbers<'f>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame_files: Option<Vec<u32>>,
}

impl<'f> OccurrenceRecord<'f> {
    fn new(occurrence: &'f Occurrence, setting: Setting) -> Self {
        Self {
            session: occurrence.session,
            time: moment::rfc3339(occurrence.time),
            frames: Numbers(&occurrence.frames),
            frame_files: setting.files(&occurrence.frames),
        }
    }
}

/// What says so.
#[derive(Debug, Serialize)]
pub(super) struct CiteRecord {
    document: &'static str,
    section: &'static str,
}

impl CiteRecord {
    pub(super) fn new(cite: &Cite) -> Self {
        Self {
            document: cite.document,
            section: cite.section,
        }
    }
}

/// Findings by severity.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct CountsRecord {
    error: u64,
    warning: u64,
    info: u64,
}

impl CountsRecord {
    /// The record of these counts.
    #[must_use]
    pub fn new(counts: Counts) -> Self {
        Self {
            error: counts.error,
            warning: counts.warning,
            info: counts.info,
        }
    }
}

/// All findings of a capture, as `check -T json` has them.
#[derive(Debug, Serialize)]
pub struct CheckRecord<'f> {
    findings: Vec<FindingRecord<'f>>,
    /// How many findings, by who is blamed.
    totals: BTreeMap<&'static str, CountsRecord>,
    /// What the baseline left out; null without one.
    baseline: Option<BaselineRecord<'f>>,
    limits_reached: &'f BTreeMap<&'static str, u64>,
}

impl<'f> CheckRecord<'f> {
    /// The document of what was found in these files.
    #[must_use]
    pub fn new(checked: &'f Checked, setting: Setting, files: &[FileFacts]) -> Self {
        let totals = |blame: Blame| {
            let of_this = checked.findings.iter();
            let counts = Counts::of(of_this.filter(|finding| finding.blame == blame));
            (blame.name(), CountsRecord::new(counts))
        };
        let findings = checked.findings.iter();
        Self {
            findings: findings
                .map(|finding| FindingRecord::new(finding, setting, files))
                .collect(),
            totals: Blame::ALL.into_iter().map(totals).collect(),
            baseline: None,
            limits_reached: &checked.limits_reached,
        }
    }
}

impl<'f> CheckRecord<'f> {
    /// The same with what a baseline accepted.
    #[must_use]
    pub fn with_baseline(mut self, entries: &'f [Accepted], subtracted: &Subtracted) -> Self {
        let of = |places: &[usize]| {
            let entries = places.iter().filter_map(|at| entries.get(*at));
            entries.map(AcceptedRecord::new).collect()
        };
        self.baseline = Some(BaselineRecord {
            accepted: subtracted.used.iter().sum(),
            stale: of(&subtracted.stale),
            expired: of(&subtracted.expired),
        });
        self
    }
}

#[derive(Debug, Serialize)]
struct BaselineRecord<'f> {
    /// Occurrences left out.
    accepted: u64,
    stale: Vec<AcceptedRecord<'f>>,
    expired: Vec<AcceptedRecord<'f>>,
}

#[derive(Debug, Serialize)]
struct AcceptedRecord<'f> {
    rule: &'f str,
    blame: Option<&'f str>,
    device: Option<&'f str>,
    rpc: Option<&'f str>,
    path: Option<&'f str>,
    count: u64,
    reason: &'f str,
    expires: Option<String>,
}

impl<'f> AcceptedRecord<'f> {
    fn new(entry: &'f Accepted) -> Self {
        Self {
            rule: &entry.rule,
            blame: entry.blame.as_deref(),
            device: entry.device.as_deref(),
            rpc: entry.rpc.as_deref(),
            path: entry.path.as_deref(),
            count: entry.count,
            reason: &entry.reason,
            expires: entry.expires.map(|day| day.to_string()),
        }
    }
}
