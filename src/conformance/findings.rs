//! Where rules put what they find; the same breach of the same side of the same device becomes one finding.

mod news;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use news::News;

use super::draft::Draft;
use super::excerpt::Excerpts;
use super::frames::SharedFrames;
use super::overlaps::ToldLate;
use super::profiles::Profiles;
use super::{
    CheckLimits, Checked, Chosen, Closed, Doubts, ProfileChoice, Rule, Scope, fingerprint_of_parts,
    forgiven, overlaps, own_document,
};
use crate::session::{Blame, Evidence, Finding, Masking, Message, Occurrence, Severity, Summary};

/// What was found so far.
#[derive(Debug, Default)]
pub struct Findings {
    limits: CheckLimits,
    selection: Selection,
    masking: Masking,
    excerpts: Excerpts,
    /// Findings of each rule so far.
    of_rule: HashMap<&'static str, usize, foldhash::fast::RandomState>,
    fresh: Vec<Draft>,
    frames: SharedFrames,
    /// Places in `found`, by the fingerprints of what makes them one finding.
    by_key: HashMap<u64, u32, foldhash::fast::RandomState>,
    /// Paths met of one breach of one side of one device, by its fingerprint.
    paths: HashMap<u64, Paths, foldhash::fast::RandomState>,
    found: Vec<Found>,
    /// What is told while the capture goes on.
    news: News,
    /// Frames of places behind the first.
    occurrence_frames: usize,
    limits_reached: BTreeMap<&'static str, u64>,
    beyond: Beyond,
    /// Sessions with the findings that occur in them, by their places in `found`; only where somebody asks.
    by_session: Option<BTreeSet<(u32, u32)>>,
    /// Where the capture lacks something.
    doubts: Doubts,
    /// Devices that have shown the ways of Issue 1.
    issue_1: HashSet<Arc<str>, foldhash::fast::RandomState>,
    /// Sessions that have shown them; what was found in them before is forgiven as well.
    issue_1_sessions: HashSet<u32, foldhash::fast::RandomState>,
    /// The vendor profiles of devices.
    profiles: Profiles,
}

/// Findings by severity; occurrences are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Errors.
    pub error: u64,
    /// Warnings.
    pub warning: u64,
    /// Remarks.
    pub info: u64,
}

impl Counts {
    /// How many findings of each severity there are.
    #[must_use]
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            counts.add(finding.severity, 1);
        }
        counts
    }

    /// Adds findings of one severity.
    pub fn add(&mut self, severity: Severity, count: u64) {
        let counted = match severity {
            Severity::Error => &mut self.error,
            Severity::Warning => &mut self.warning,
            Severity::Info => &mut self.info,
        };
        *counted += count;
    }
}

/// Which rules are wanted; codes or the beginnings of codes (`HTTP`, `CWMP-DL`).
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these; all where empty.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
}

impl Selection {
    /// Whether a rule is wanted.
    #[must_use]
    pub fn wants(&self, code: &str) -> bool {
        let named = |names: &[String]| names.iter().any(|name| is_of(code, name));
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }
}

/// A code is that code, or of that family.
fn is_of(code: &str, name: &str) -> bool {
    code.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// How many paths were met, and the place of the last finding.
#[derive(Debug, Clone, Copy, Default)]
struct Paths {
    count: u32,
    last: u32,
}

/// The weight of the gravest finding for which there was no room.
#[derive(Debug, Clone, Copy, Default)]
struct Beyond {
    sure: Option<Severity>,
    /// Of those that weigh less where something is missing.
    unsure: Option<Severity>,
}

impl Beyond {
    fn note(&mut self, draft: &Draft) {
        let is_unsure = draft.rule.of_absence || draft.rule.scope >= Scope::Session;
        let gravest = match is_unsure {
            true => &mut self.unsure,
            false => &mut self.sure,
        };
        *gravest = (*gravest).max(Some(draft.severity));
    }

    fn gravest(self, lossy: bool) -> Option<Severity> {
        let unsure = self.unsure.map(|severity| match lossy {
            true => Severity::Info,
            false => severity,
        });
        self.sure.max(unsure)
    }
}

/// A finding with its rule, and its place among those found.
#[derive(Debug)]
struct Found {
    finding: Finding,
    rule: &'static Rule,
    at: u32,
}

impl Findings {
    pub(super) fn new(limits: CheckLimits, selection: Selection, masking: Masking) -> Self {
        Self {
            limits,
            selection,
            masking,
            excerpts: Excerpts::new(masking),
            ..Self::default()
        }
    }

    /// Which vendor profiles there are to be.
    pub(super) fn choose(&mut self, choice: ProfileChoice) {
        self.profiles = Profiles::new(choice);
    }

    /// Takes in an Inform of this device: who made it.
    pub(super) fn note_maker(&mut self, device: &Arc<str>, inform: &Message) {
        let devices_max = self.limits.devices_known_max;
        if !self.profiles.note(device, inform, devices_max) {
            self.reached("devices_known_max");
        }
    }

    /// The vendor profile of a device.
    pub(super) fn profile(&self, device: Option<&Arc<str>>) -> Option<Chosen> {
        self.profiles.of(device)
    }

    /// This device has the ways of Issue 1, also where no session of it shows them: in a Connection Request.
    pub(super) fn note_issue_1(&mut self, device: &Arc<str>) {
        if self.issue_1.contains(device) {
            return;
        }
        if self.issue_1.len() < self.limits.devices_known_max {
            self.issue_1.insert(Arc::clone(device));
        } else {
            self.reached("devices_known_max");
        }
    }

    /// This session has the ways of Issue 1, which its first messages need not show.
    pub(super) fn note_issue_1_session(&mut self, session: u32) {
        if self.issue_1_sessions.len() < self.limits.devices_known_max {
            self.issue_1_sessions.insert(session);
        } else {
            self.reached("devices_known_max");
        }
    }

    /// A session is over.
    pub(super) fn note_session(&mut self, closed: &Closed<'_>) {
        self.doubts.note_session(closed);
    }

    /// A message of no session.
    pub(super) fn note_stray(&mut self, message: &Message) {
        self.doubts.note_stray(message);
    }

    /// Adds what was seen. What the ways of the session, or of the device, forgive is not kept.
    pub fn add(&mut self, draft: Draft) {
        let draft = self.weighed(draft);
        self.fresh.extend(draft);
    }

    /// The same, in these words; they are not made where what is seen is only counted.
    pub(super) fn add_because(&mut self, draft: Draft, because: impl FnOnce() -> String) {
        let Some(mut draft) = self.weighed(draft) else {
            return;
        };
        let places = places_of(&draft);
        if self.has_room() && !self.by_key.contains_key(&places.1) {
            draft = draft.because(because());
        }
        draft.places = Some(places);
        self.fresh.push(draft);
    }

    /// As it is kept; none where it is forgiven, or nobody wants it.
    fn weighed(&self, mut draft: Draft) -> Option<Draft> {
        let device = draft.device.as_ref();
        if draft.issue_1 || device.is_some_and(|device| self.issue_1.contains(device)) {
            let most = forgiven::in_issue_1(draft.rule.code)?;
            draft.severity = draft.severity.min(most);
        }
        if draft.evidence != Evidence::Complete {
            draft.severity = Severity::Info;
        }
        if !self.selection.wants(draft.rule.code) {
            return None;
        }
        Some(match self.profiles.of(draft.device.as_ref()) {
            Some(chosen) => own_document::foretold(draft, chosen),
            None => draft,
        })
    }

    /// Takes in what the last message, or the last session that closed, gave.
    pub(super) fn settle(&mut self) {
        if self.fresh.is_empty() {
            return;
        }
        let mut fresh = std::mem::take(&mut self.fresh);
        overlaps::told_once(&mut fresh);
        for draft in fresh.drain(..) {
            self.take(draft);
        }
        self.fresh = fresh;
        self.excerpts.forget();
        self.frames.forget();
    }

    fn take(&mut self, draft: Draft) {
        let (breach, key) = draft.places.unwrap_or_else(|| places_of(&draft));
        if let Some(&at) = self.by_key.get(&key) {
            self.again(at, draft);
            return;
        }
        let paths = self.paths.get(&breach).copied().unwrap_or_default();
        if paths.count as usize >= self.limits.paths_max {
            self.reached("paths_max");
            self.again(paths.last, draft);
            return;
        }
        let Some(at) = self.next_place() else {
            self.reached("findings_max");
            self.beyond.note(&draft);
            return;
        };
        let paths = Paths {
            count: paths.count + 1,
            last: at,
        };
        self.paths.insert(breach, paths);
        self.by_key.insert(key, at);
        self.note(at, draft.session);
        let rule = draft.rule;
        let finding = self.finding(draft);
        self.found.push(Found { finding, rule, at });
    }

    /// There is room for another finding: otherwise none is told that has not been told before.
    pub(super) fn has_room(&self) -> bool {
        self.found.len() < self.limits.findings_max
    }

    /// Where the next finding goes, while there is room.
    fn next_place(&self) -> Option<u32> {
        let next = u32::try_from(self.found.len()).ok();
        next.filter(|_| self.has_room())
    }

    fn again(&mut self, at: u32, draft: Draft) {
        self.note(at, draft.session);
        let Some(Found { finding, .. }) = self.found.get_mut(at as usize) else {
            return;
        };
        finding.count += 1;
        finding.evidence = finding.evidence.max(draft.evidence);
        if finding.occurrences.len() >= self.limits.occurrences_max {
            return;
        }
        let frames = self.frames.list(draft.frames);
        let kept = self.occurrence_frames + frames.len();
        if kept > self.limits.occurrence_frames_max {
            self.reached("occurrence_frames_max");
            return;
        }
        self.occurrence_frames = kept;
        finding.occurrences.push(Occurrence {
            session: draft.session,
            frames,
            time: draft.time,
        });
    }

    fn finding(&mut self, draft: Draft) -> Finding {
        let of_rule = self.of_rule.entry(draft.rule.code).or_default();
        *of_rule += 1;
        let shown = *of_rule <= self.limits.excerpts_max;
        let (position, excerpt) = self.excerpts.of(&draft, shown);
        let setting = draft.setting.clone().or_else(|| {
            let chosen = self.profiles.of(draft.device.as_ref())?;
            own_document::settings(draft.rule.code, chosen.profile)
        });
        Finding {
            code: draft.rule.code,
            name: draft.rule.name,
            severity: draft.severity,
            obligation: draft.rule.obligation,
            blame: draft.blame,
            position,
            excerpt,
            count: 1,
            accepted: 0,
            evidence: draft.evidence,
            cites: draft.rule.cites,
            message: cut(self.masking.text(&draft.message).into_owned(), MESSAGE_MAX),
            rpc: draft.method().map(|rpc| cut(rpc.to_owned(), RPC_MAX)),
            path: draft
                .path
                .as_deref()
                .map(|path| cut(general(path), PATH_MAX)),
            device: draft.device,
            occurrences: vec![Occurrence {
                session: draft.session,
                frames: self.frames.list(draft.frames),
                time: draft.time,
            }],
            foretold_by: draft.foretold_by,
            setting,
        }
    }

    fn reached(&mut self, name: &'static str) {
        *self.limits_reached.entry(name).or_default() += 1;
    }

    /// From now on, notes which findings occur in which session.
    pub(super) fn by_session(&mut self) {
        self.by_session = Some(BTreeSet::new());
    }

    fn note(&mut self, finding: u32, session: Option<u32>) {
        let (Some(by_session), Some(session)) = (&mut self.by_session, session) else {
            return;
        };
        if by_session.len() < self.limits.session_findings_max {
            let is_new = by_session.insert((session, finding));
            if is_new {
                self.news.met(session);
            }
        } else if !by_session.contains(&(session, finding)) {
            self.reached("session_findings_max");
        }
    }

    /// Everything, by device, side, weight and place.
    pub(super) fn finish(mut self, summary: &Summary) -> Checked {
        self.settle();
        self.doubts.sort();
        let lossy = summary.tcp.gaps > 0;
        for Found { finding, rule, .. } in &mut self.found {
            weigh(finding, rule, &self.doubts, lossy);
        }
        let mut found = self.found;
        found.retain_mut(|one| forgive_late(&mut one.finding, &self.issue_1_sessions));
        let told = ToldLate::of(found.iter().map(|found| &found.finding));
        found.retain(|found| !told.tells(&found.finding));
        found.sort_unstable_by(|one, other| {
            let (place, of_other) = (order(&one.finding), order(&other.finding));
            place.cmp(&of_other).then(one.at.cmp(&other.at))
        });
        let last = found.iter().map(|found| found.at).max();
        let mut places = vec![None; last.map_or(0, |last| last as usize + 1)];
        for (place, found) in found.iter().enumerate() {
            if let Some(one) = places.get_mut(found.at as usize) {
                *one = Some(place);
            }
        }
        let mut by_session: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (session, at) in self.by_session.unwrap_or_default() {
            by_session
                .entry(session)
                .or_default()
                .extend(places.get(at as usize).copied().flatten());
        }
        Checked {
            findings: found.into_iter().map(|found| found.finding).collect(),
            by_session,
            limits_reached: self.limits_reached,
            beyond: self.beyond.gravest(lossy),
            something: false,
        }
    }
}

/// What says that something never came is no more than a remark where the capture has gaps; and so is what rests on a whole
/// session beside one of which something is missing.
fn weigh(finding: &mut Finding, rule: &Rule, doubts: &Doubts, lossy: bool) {
    let doubtful = rule.scope >= Scope::Session
        && finding.severity > Severity::Info
        && doubts.cover(finding, lossy);
    if lossy && rule.of_absence || doubtful {
        finding.severity = Severity::Info;
        finding.evidence = finding.evidence.max(Evidence::Gap);
    }
}

/// What was found in sessions before they showed the ways of Issue 1 weighs no more than behind that; whether it is kept.
fn forgive_late(
    finding: &mut Finding,
    sessions: &HashSet<u32, foldhash::fast::RandomState>,
) -> bool {
    let is_late = |one: &Occurrence| {
        one.session
            .is_some_and(|session| sessions.contains(&session))
    };
    if sessions.is_empty() || !finding.occurrences.iter().all(is_late) {
        return true;
    }
    let Some(most) = forgiven::in_issue_1(finding.code) else {
        return false;
    };
    finding.severity = finding.severity.min(most);
    true
}

/// What is broken, and where, as fingerprints.
fn places_of(draft: &Draft) -> (u64, u64) {
    let breach = fingerprint_of_breach(draft);
    (breach, fingerprint_of_place(breach, draft))
}

/// What is broken, by whom.
fn fingerprint_of_breach(draft: &Draft) -> u64 {
    let mut hasher = fingerprint_of_parts();
    (draft.rule.code, draft.severity, draft.blame).hash(&mut hasher);
    draft.device.hash(&mut hasher);
    hasher.finish()
}

/// The same with its method and path.
fn fingerprint_of_place(breach: u64, draft: &Draft) -> u64 {
    let mut hasher = fingerprint_of_parts();
    (breach, draft.method()).hash(&mut hasher);
    for node in draft.path.iter().flat_map(|path| general_nodes(path)) {
        node.hash(&mut hasher);
    }
    hasher.finish()
}

/// A text from the wire of no more characters than a reader takes in.
fn cut(mut text: String, characters_max: usize) -> String {
    if text.len() > characters_max
        && let Some((end, _)) = text.char_indices().nth(characters_max)
    {
        text.truncate(end);
        text.push('…');
        // What was cut off would be held as long as the finding.
        text.shrink_to_fit();
    }
    text
}

/// A path with `{i}` for instance numbers.
fn general(path: &str) -> String {
    let mut general = String::with_capacity(path.len() + 8);
    for (at, node) in general_nodes(path).enumerate() {
        general.push_str(if at == 0 { "" } else { "." });
        general.push_str(node);
    }
    general.shrink_to_fit();
    general
}

fn general_nodes(path: &str) -> impl Iterator<Item = &str> {
    let is_number = |node: &str| !node.is_empty() && node.bytes().all(|byte| byte.is_ascii_digit());
    path.split('.')
        .map(move |node| if is_number(node) { "{i}" } else { node })
}

type Place<'f> = (
    Option<&'f str>,
    Blame,
    std::cmp::Reverse<Severity>,
    &'f [crate::source::FrameId],
    &'static str,
    (Option<&'f str>, Option<&'f str>),
);

fn order(finding: &Finding) -> Place<'_> {
    (
        finding.device.as_deref(),
        finding.blame,
        std::cmp::Reverse(finding.severity),
        finding.frames(),
        finding.code,
        (finding.rpc.as_deref(), finding.path.as_deref()),
    )
}

/// Characters shown of what is wrong; the longest sentence of a rule with the names it may hold has some 500.
const MESSAGE_MAX: usize = 1_000;
/// Characters shown of a path; a name has 256 at most (TR-069 Amendment 3 Table 11).
const PATH_MAX: usize = 1_024;
/// Characters shown of a method.
const RPC_MAX: usize = 256;
