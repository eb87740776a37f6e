//! What a session showed of a device's tree: names as fingerprints, with when they were shown, and what was added and deleted.

use std::collections::HashMap;

use cwmp::EnvelopeRef;

use super::asked::{self, PATH_MAX, instance, is_indirect};
use crate::conformance::{Exchange, Parameter, Traits, fingerprint};
use crate::session::Severity;

/// What was shown so far.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// Full names, and objects with their dot, by fingerprint.
    names: HashMap<u64, Name, foldhash::fast::RandomState>,
    /// Names read since something was last deleted, as far as they are few, by fingerprint and with when: most sessions read, and
    /// ask nothing of what was read.
    read: Vec<(u64, u32)>,
    /// Names did not all find room: what is not among them may have been shown.
    full: bool,
    /// Objects whose next level was listed, by fingerprint.
    levels: HashMap<u64, Level, foldhash::fast::RandomState>,
    /// The most instances of a table, as the device's `Max...Entries` tell, by fingerprint of the table.
    most: HashMap<u64, u32, foldhash::fast::RandomState>,
    /// Instances that AddObject made.
    added: Vec<Event>,
    /// Instances that were deleted.
    deleted: Vec<Event>,
    /// Instances whose DeleteObject was refused.
    refused: Vec<Event>,
    /// Exchanges so far.
    now: u32,
    /// When something was last set, added or deleted.
    changed: u32,
}

#[derive(Debug, Clone, Copy)]
struct Name {
    at: u32,
    /// Writable, where GetParameterNames listed it.
    writable: Option<bool>,
    /// GetParameterNames listed it.
    listed: bool,
}

#[derive(Debug)]
struct Level {
    at: u32,
    /// Names in it.
    names: usize,
    /// Instances in it.
    numbers: Vec<u32>,
}

#[derive(Debug)]
struct Event {
    path: String,
    at: u32,
}

impl Name {
    /// A name that was shown by another method than GetParameterNames.
    fn read(at: u32) -> Self {
        Self {
            at,
            writable: None,
            listed: false,
        }
    }
}

impl Shown {
    /// Takes an exchange in.
    pub(super) fn learn(
        &mut self,
        exchange: &Exchange<'_>,
        request: &EnvelopeRef<'_>,
        response: &EnvelopeRef<'_>,
    ) {
        self.now = self.now.saturating_add(1);
        let method = exchange.method();
        if exchange.is_fault() {
            let path = asked::only_path(request)
                .filter(|path| method == "DeleteObject" && path.len() <= PATH_MAX);
            if let Some(path) = path {
                note(&mut self.refused, path, self.now);
            }
            return;
        }
        match method {
            "GetParameterNames" => self.listed(exchange, request, response),
            "GetParameterValues" | "GetParameterAttributes" => self.read(exchange.answered()),
            "SetParameterValues" => self.changed = self.now,
            "AddObject" => self.add(request, response),
            "DeleteObject" => self.delete(request),
            _ => {}
        }
    }

    fn listed(
        &mut self,
        exchange: &Exchange<'_>,
        request: &EnvelopeRef<'_>,
        response: &EnvelopeRef<'_>,
    ) {
        for entry in exchange.answered() {
            let writable = entry.element().child("Writable").map(|value| value.text());
            let writable = match writable.as_deref().map(str::trim) {
                Some("1" | "true") => Some(true),
                Some("0" | "false") => Some(false),
                _ => None,
            };
            let name = Name {
                at: self.now,
                writable,
                listed: true,
            };
            self.put(entry.key(), name);
        }
        let Some(asked) = asked::level(request).filter(|asked| asked.next_level) else {
            return;
        };
        let by_alias = exchange
            .answered()
            .iter()
            .any(|entry| entry.has(Traits::ALIASED));
        // An instance that is listed by its alias has a number too, which is not told.
        if self.levels.len() < LEVELS_MAX && !is_indirect(&asked.path) && !by_alias {
            let level = Level {
                at: self.now,
                names: exchange.answered().len(),
                numbers: numbers(response, &asked.path),
            };
            self.levels
                .insert(fingerprint(asked.path.as_bytes()), level);
        }
    }

    fn read(&mut self, answered: &[Parameter<'_>]) {
        let mut last_holder = None;
        let few = self.deleted.is_empty() && self.read.len() + 2 * answered.len() <= READ_MAX;
        if few {
            self.read.reserve(answered.len());
        } else {
            self.settle();
        }
        for parameter in answered {
            let holder = parameter.holder();
            let is_limit = parameter.has(Traits::LIMIT);
            let is_next = last_holder != Some(holder);
            last_holder = Some(holder);
            if few && !is_limit {
                self.read.push((parameter.key(), self.now));
                if is_next {
                    self.read.push((holder, self.now));
                }
                continue;
            }
            let name = parameter.name();
            self.touch(few, name, parameter.key());
            if !is_limit && !is_next {
                continue;
            }
            let end = memchr::memrchr(b'.', name.as_bytes()).map_or(0, |dot| dot + 1);
            let (above, leaf) = name.split_at(end);
            if is_limit {
                self.read_most(parameter, above, leaf);
            }
            if is_next {
                self.touch(few, above, holder);
            }
        }
    }

    fn touch(&mut self, few: bool, path: &str, key: u64) {
        if few {
            self.read.push((key, self.now));
        } else {
            self.shown_again(path, key, self.now);
        }
    }

    /// Puts what was read among the names.
    fn settle(&mut self) {
        for (key, at) in std::mem::take(&mut self.read) {
            match self.names.get_mut(&key) {
                Some(known) => known.at = at,
                None => self.put(key, Name::read(at)),
            }
        }
    }

    /// `Device.QoS.MaxQueueEntries` tells of `Device.QoS.Queue.`, and so on.
    fn read_most(&mut self, entry: &Parameter<'_>, holder: &str, leaf: &str) {
        let table = leaf
            .strip_prefix("Max")
            .and_then(|leaf| leaf.strip_suffix("Entries"));
        let most = || entry.value()?.trim().parse().ok();
        if let Some(table) = table.filter(|table| !table.is_empty())
            && self.most.len() < LEVELS_MAX
            && let Some(most) = most()
        {
            let table = format!("{holder}{table}.");
            self.most.insert(fingerprint(table.as_bytes()), most);
        }
    }

    /// The most instances of a table, as the device told.
    pub(super) fn most(&self, table: &str) -> Option<u32> {
        self.most.get(&fingerprint(table.as_bytes())).copied()
    }

    /// Shown again by another method than GetParameterNames: what that told remains.
    fn shown_again(&mut self, path: &str, key: u64, at: u32) {
        let mut name = Name::read(at);
        if let Some(known) = self.names.get(&key)
            && self.deleted_since(path, known.at).is_none()
        {
            name.writable = known.writable;
            name.listed = known.listed;
        }
        self.put(key, name);
    }

    fn put(&mut self, key: u64, name: Name) {
        if self.names.len() < NAMES_MAX || self.names.contains_key(&key) {
            self.names.insert(key, name);
        } else {
            self.full = true;
        }
    }

    fn add(&mut self, request: &EnvelopeRef<'_>, response: &EnvelopeRef<'_>) {
        self.changed = self.now;
        let Some(path) = asked::added(request, response) else {
            return;
        };
        // What was deleted below it belonged to the instance before.
        self.deleted.retain(|gone| !gone.path.starts_with(&path));
        if let Some((table, number)) = instance(&path)
            && let Some(level) = self.levels.get_mut(&fingerprint(table.as_bytes()))
            && level.numbers.len() < NUMBERS_MAX
        {
            level.numbers.push(number);
            level.names += 1;
        }
        // What was shown below an instance of this number before belonged to another one.
        self.put(fingerprint(path.as_bytes()), Name::read(self.now));
        note(&mut self.added, path, self.now);
    }

    fn delete(&mut self, request: &EnvelopeRef<'_>) {
        self.changed = self.now;
        self.settle();
        let path = asked::only_path(request).unwrap_or_default();
        let Some((table, number)) = instance(&path) else {
            return;
        };
        if let Some(level) = self.levels.get_mut(&fingerprint(table.as_bytes())) {
            let before = level.numbers.len();
            level.numbers.retain(|known| *known != number);
            level.names = level.names.saturating_sub(before - level.numbers.len());
        }
        self.added.retain(|added| !added.path.starts_with(&path));
        self.refused
            .retain(|refused| !refused.path.starts_with(&path));
        if path.len() > PATH_MAX || self.deleted.len() >= EVENTS_MAX {
            // Too much happened to tell what still holds.
            self.names.clear();
            self.levels.clear();
            self.full = true;
        }
        note(&mut self.deleted, path, self.now);
    }

    fn name(&self, path: &str) -> Option<Name> {
        let key = fingerprint(path.as_bytes());
        let read = self.read.iter().rev().find(|(read, _)| *read == key);
        let mut name = match (self.names.get(&key), read) {
            (Some(known), _) => *known,
            (None, Some((_, at))) => Name::read(*at),
            (None, None) => return None,
        };
        name.at = read.map_or(name.at, |(_, at)| name.at.max(*at));
        (self.deleted_since(path, name.at).is_none() && self.added_since(path, name.at).is_none())
            .then_some(name)
    }

    /// It was shown to exist.
    pub(super) fn is_known(&self, path: &str) -> bool {
        self.name(path).is_some()
    }

    /// GetParameterNames listed it.
    pub(super) fn is_listed(&self, path: &str) -> bool {
        self.name(path).is_some_and(|name| name.listed)
    }

    /// What GetParameterNames said of Writable, and how much that still weighs: what was set since may have changed it.
    pub(super) fn writable(&self, path: &str) -> Option<(bool, Severity)> {
        let name = self.name(path)?;
        let most = if name.at < self.changed {
            Severity::Warning
        } else {
            Severity::Error
        };
        Some((name.writable?, most))
    }

    /// It was deleted, or a listing of what should hold it lacks it.
    pub(super) fn is_absent(&self, path: &str) -> bool {
        if self.deleted_above(path).is_some() {
            return true;
        }
        if self.full {
            return false;
        }
        let ends = path.match_indices('.').map(|(dot, _)| dot + 1);
        ends.take(DEPTH_MAX).any(|end| {
            let (above, below) = path.split_at(end);
            let node = below.split('.').next().unwrap_or_default();
            !node.is_empty()
                && self
                    .levels
                    .get(&fingerprint(above.as_bytes()))
                    .is_some_and(|level| level.at >= self.changed)
                && !self.is_known(&format!("{above}{node}"))
                && !self.is_known(&format!("{above}{node}."))
        })
    }

    /// Its next level was listed, and nothing above it was deleted since.
    pub(super) fn has_level(&self, path: &str) -> bool {
        let level = self.levels.get(&fingerprint(path.as_bytes()));
        level.is_some_and(|level| self.deleted_since(path, level.at).is_none())
    }

    /// Instances that a table has, where a listing told.
    pub(super) fn instances(&self, table: &str) -> Option<u32> {
        let level = self.levels.get(&fingerprint(table.as_bytes()))?;
        u32::try_from(level.numbers.len()).ok()
    }

    pub(super) fn has_deleted(&self) -> bool {
        !self.deleted.is_empty()
    }

    /// The deleted instance that a path is, or is below.
    pub(super) fn deleted_above(&self, path: &str) -> Option<&str> {
        self.deleted_since(path, 0)
    }

    fn deleted_since(&self, path: &str, at: u32) -> Option<&str> {
        let mut gone = self.deleted.iter().filter(|gone| gone.at > at);
        let gone = gone.find(|gone| path.starts_with(&gone.path));
        gone.map(|gone| gone.path.as_str())
    }

    fn added_since(&self, path: &str, at: u32) -> Option<&str> {
        let mut added = self.added.iter().filter(|added| added.at > at);
        let added = added.find(|added| path.starts_with(&added.path));
        added.map(|added| added.path.as_str())
    }

    /// The new instance that a path is, or is below.
    pub(super) fn added_above(&self, path: &str) -> Option<&str> {
        self.added_since(path, 0)
    }

    /// The instance, not to be deleted, that a path is, or is below; both were shown before.
    pub(super) fn refused_above(&self, path: &str) -> Option<&str> {
        let known = self.name(path)?.at;
        let refused = self
            .refused
            .iter()
            .find(|refused| known < refused.at && path.starts_with(&refused.path))?;
        self.is_known(&refused.path).then_some(&refused.path)
    }

    /// An instance of a table, not to be deleted, that was shown before.
    pub(super) fn refused_in(&self, table: &str) -> Option<&str> {
        let refused = self.refused.iter().find(|refused| {
            instance(&refused.path).is_some_and(|(above, _)| above == table)
                && self
                    .name(&refused.path)
                    .is_some_and(|name| name.at < refused.at)
        })?;
        Some(&refused.path)
    }

    /// An instance, not to be deleted, has fewer names than before.
    pub(super) fn fewer(&self, path: &str, after: usize) -> Option<(usize, usize)> {
        let refused = self.refused.iter().find(|refused| refused.path == path)?;
        let level = self.levels.get(&fingerprint(path.as_bytes()))?;
        (level.at < refused.at && after < level.names && self.changed < level.at)
            .then_some((level.names, after))
    }

    /// After a deletion in a table: a number that is gone, and one that came, though nobody asked for either.
    pub(super) fn renumbered(&self, table: &str, now: &[u32]) -> Option<(u32, u32)> {
        let level = self.levels.get(&fingerprint(table.as_bytes()))?;
        let in_table = |gone: &&Event| {
            gone.at > level.at && instance(&gone.path).is_some_and(|(above, _)| above == table)
        };
        self.deleted.iter().find(in_table)?;
        if level.numbers.len() != now.len() || now.len() >= NUMBERS_MAX {
            return None;
        }
        let lost = level.numbers.iter().find(|number| !now.contains(number))?;
        let new = now.iter().find(|number| !level.numbers.contains(number))?;
        // That a deleted one is shown again has been told.
        self.deleted_above(&format!("{table}{new}."))
            .is_none()
            .then_some((*lost, *new))
    }
}

/// The instances that an answer lists directly below a table.
pub(super) fn numbers(response: &EnvelopeRef<'_>, table: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    for entry in response.parameters() {
        if numbers.len() >= NUMBERS_MAX {
            break;
        }
        if let Some((above, number)) = instance(&entry.name())
            && above == table
        {
            numbers.push(number);
        }
    }
    numbers
}

fn note(events: &mut Vec<Event>, path: String, at: u32) {
    if events.len() >= EVENTS_MAX {
        events.remove(0);
    }
    events.push(Event { path, at });
}

/// Names kept of one session, 16 bytes each; a telephone has some 2,000.
const NAMES_MAX: usize = 2_048;
/// Names read that are kept in their order, 16 bytes each; more are looked up.
const READ_MAX: usize = 2_048;
/// Levels kept of one session.
const LEVELS_MAX: usize = 64;
/// Instances kept of one level.
pub(super) const NUMBERS_MAX: usize = 64;
/// Additions, deletions and refusals kept of one session, each.
const EVENTS_MAX: usize = 16;
/// Nodes of a path that are looked at.
const DEPTH_MAX: usize = 32;
