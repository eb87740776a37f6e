//! Findings that are known and accepted: what a check leaves out of what it found. It knows no file.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::{Selection, rule};
use crate::session::Finding;

/// Findings that are accepted.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    /// In the order of the file.
    pub entries: Vec<Accepted>,
}

/// One accepted finding. It is known by what it is, never by where it was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The rule's code.
    pub rule: String,
    /// Who is blamed; anybody where this is `None`.
    pub blame: Option<String>,
    /// A pattern for the device's id: `*` any text, `?` one character, `[*]` and `[?]` these themselves; any device where this
    /// is `None`.
    pub device: Option<String>,
    /// The method concerned; any where this is `None`.
    pub rpc: Option<String>,
    /// The parameter or object concerned; any where this is `None`.
    pub path: Option<String>,
    /// How often it may be seen.
    pub count: u64,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is.
    pub expires: Option<Date>,
}

/// What a baseline leaves.
#[derive(Debug, Default)]
pub struct Subtracted {
    /// Findings that are not accepted, or seen more often than that; `accepted` says how often they are.
    pub left: Vec<Finding>,
    /// Findings that are accepted as often as they were seen, with the entry.
    pub accepted: Vec<(Finding, usize)>,
    /// How many occurrences each entry accepts here.
    pub used: Vec<u64>,
    /// Entries that accept nothing any more: what they are for was not seen, though the device was.
    pub stale: Vec<usize>,
    /// Entries whose day is over.
    pub expired: Vec<usize>,
}

impl Accepted {
    /// The entry that accepts this finding as it was seen.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.code.to_owned(),
            blame: Some(finding.blame.name().to_owned()),
            device: finding.device.as_deref().map(literal),
            rpc: finding.rpc.clone(),
            path: finding.path.clone(),
            count: finding.count,
            ..Self::default()
        }
    }

    /// Whether a finding is of this sort.
    #[must_use]
    pub fn fits(&self, finding: &Finding) -> bool {
        let same = |wanted: Option<&str>, there: Option<&str>| wanted.is_none() || wanted == there;
        self.rule.eq_ignore_ascii_case(finding.code)
            && same(self.blame.as_deref(), Some(finding.blame.name()))
            && same(self.rpc.as_deref(), finding.rpc.as_deref())
            && same(self.path.as_deref(), finding.path.as_deref())
            && self.fits_device(finding.device.as_deref())
    }

    fn fits_device(&self, device: Option<&str>) -> bool {
        match (self.device.as_deref(), device) {
            (None, _) => true,
            (Some(pattern), Some(device)) => {
                pattern == device || is_pattern(pattern) && fits_pattern(pattern, device)
            }
            (Some(pattern), None) => pattern == "*",
        }
    }

    /// How much it says: of several that fit, the one that says most accepts first.
    fn precision(&self) -> usize {
        let said = [
            self.blame.is_some(),
            self.device.is_some(),
            self.only_device().is_some(),
            self.rpc.is_some(),
            self.path.is_some(),
        ];
        said.into_iter().filter(|said| *said).count()
    }

    /// The one device that it is for.
    fn only_device(&self) -> Option<&str> {
        self.device.as_deref().filter(|device| !is_pattern(device))
    }

    /// Its day is over.
    #[must_use]
    pub fn is_expired(&self, today: Option<Date>) -> bool {
        matches!((self.expires, today), (Some(last), Some(today)) if today > last)
    }
}

impl Baseline {
    /// Takes what is accepted out of what was found by these rules with these devices.
    #[must_use]
    pub fn subtract<'d>(
        &self,
        findings: Vec<Finding>,
        selection: &Selection,
        devices: impl Iterator<Item = &'d str> + Clone,
        today: Option<Date>,
    ) -> Subtracted {
        let mut done = Subtracted {
            used: vec![0; self.entries.len()],
            ..Subtracted::default()
        };
        let places = self.places();
        for mut finding in findings {
            let mut last = None;
            for (at, entry) in places.fitting(&finding) {
                if entry.is_expired(today) {
                    continue;
                }
                let Some(used) = done.used.get_mut(at) else {
                    continue;
                };
                let wanted = finding.count.saturating_sub(finding.accepted);
                let taken = wanted.min(entry.count.saturating_sub(*used));
                *used += taken;
                finding.accepted += taken;
                if taken > 0 {
                    last = Some(at);
                }
            }
            match last {
                Some(at) if finding.accepted >= finding.count => done.accepted.push((finding, at)),
                _ => done.left.push(finding),
            }
        }
        let met: HashSet<&str> = devices.clone().collect();
        let seen = |entry: &Accepted| match (&entry.device, entry.only_device()) {
            (None, _) => true,
            (_, Some(device)) => met.contains(device),
            _ => devices
                .clone()
                .any(|device| entry.fits_device(Some(device))),
        };
        for (at, entry) in self.entries.iter().enumerate() {
            let is_judged = || selection.wants(&entry.rule) || rule(&entry.rule).is_none();
            if entry.is_expired(today) {
                done.expired.push(at);
            } else if done.used.get(at) == Some(&0) && is_judged() && seen(entry) {
                done.stale.push(at);
            }
        }
        done
    }

    /// Where the entries for a finding stand.
    #[must_use]
    pub fn places(&self) -> Places<'_> {
        let mut places = Places {
            entries: &self.entries,
            of_one: HashMap::new(),
            of_several: HashMap::new(),
        };
        for (at, entry) in self.entries.iter().enumerate() {
            let rule = entry.rule.to_ascii_uppercase();
            let list = match entry.only_device() {
                Some(device) => places.of_one.entry((rule, device)).or_default(),
                None => places.of_several.entry(rule).or_default(),
            };
            list.push(at);
        }
        places
    }
}

/// Entries by their rule and device: of a fleet there are as many as there are devices.
#[derive(Debug)]
pub struct Places<'b> {
    entries: &'b [Accepted],
    /// Those for one device.
    of_one: HashMap<(String, &'b str), Vec<usize>>,
    /// Those for a pattern of devices, or for any.
    of_several: HashMap<String, Vec<usize>>,
}

impl<'b> Places<'b> {
    /// The entries that fit a finding, expired or not, those that say most first.
    fn fitting(&self, finding: &Finding) -> Vec<(usize, &'b Accepted)> {
        let device = finding.device.as_deref();
        let of_one = device.and_then(|device| self.of_one.get(&(finding.code.to_owned(), device)));
        let lists = of_one.into_iter().chain(self.of_several.get(finding.code));
        let entries = lists
            .flatten()
            .filter_map(|at| Some((*at, self.entries.get(*at)?)));
        let mut fitting: Vec<_> = entries.filter(|(_, entry)| entry.fits(finding)).collect();
        fitting.sort_by_key(|(at, entry)| (std::cmp::Reverse(entry.precision()), *at));
        fitting
    }

    /// The entry that a finding should be accepted by, expired or not: of those that fit, the one that says most.
    #[must_use]
    pub fn entry_for(&self, finding: &Finding) -> Option<usize> {
        self.fitting(finding).first().map(|(at, _)| *at)
    }
}

/// One entry for each sort of finding, sorted; those that differ in weight alone are one.
#[must_use]
pub fn accepting(findings: &[Finding]) -> Vec<Accepted> {
    let mut entries: Vec<Accepted> = findings.iter().map(Accepted::of).collect();
    let key = |entry: &Accepted| {
        (
            entry.rule.clone(),
            entry.blame.clone(),
            entry.device.clone(),
            entry.rpc.clone(),
            entry.path.clone(),
        )
    };
    entries.sort_by_key(key);
    entries.dedup_by(|later, earlier| {
        let same = key(later) == key(earlier);
        if same {
            earlier.count = earlier.count.saturating_add(later.count);
        }
        same
    });
    entries
}

/// It stands for more than itself.
fn is_pattern(device: &str) -> bool {
    device.contains(['*', '?'])
}

/// The pattern that this device alone fits.
fn literal(device: &str) -> String {
    let mut pattern = String::with_capacity(device.len());
    for character in device.chars() {
        match character {
            '*' => pattern.push_str("[*]"),
            '?' => pattern.push_str("[?]"),
            _ => pattern.push(character),
        }
    }
    pattern
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Any,
    One,
    This(char),
}

fn parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let (part, length) = match first {
            '*' => (Part::Any, 1),
            '?' => (Part::One, 1),
            '[' if rest.starts_with("[*]") => (Part::This('*'), 3),
            '[' if rest.starts_with("[?]") => (Part::This('?'), 3),
            _ => (Part::This(first), first.len_utf8()),
        };
        parts.push(part);
        rest = rest.get(length..).unwrap_or_default();
    }
    parts
}

/// Whether the whole text fits: `*` any text, `?` one character. A star that took too little is tried again, the last one
/// only, so that the cost is no more than the product of the lengths.
fn fits_pattern(pattern: &str, text: &str) -> bool {
    let pattern = parts(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        match pattern.get(at) {
            Some(Part::Any) => {
                star = Some((at, from));
                at += 1;
            }
            Some(wanted)
                if *wanted == Part::One
                    || text.get(from).map(|one| Part::This(*one)) == Some(*wanted) =>
            {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((behind, taken)) = star else {
                    return false;
                };
                star = Some((behind, taken + 1));
                at = behind + 1;
                from = taken + 1;
            }
        }
    }
    pattern
        .get(at..)
        .unwrap_or_default()
        .iter()
        .all(|rest| *rest == Part::Any)
}

#[cfg(test)]
mod tests {
    use super::{fits_pattern, literal};

    #[test]
    fn a_device_is_accepted_by_what_is_written_for_it() {
        for device in ["*", "?", "[*]", "a*b?c", "[[*", "00D09E-[*]-1", "[", "]*["] {
            let pattern = literal(device);
            assert!(fits_pattern(&pattern, device), "{pattern} {device}");
            for other in ["a", "00D09E-X-1", "a-b-c", "*x", "[*]x"] {
                assert!(!fits_pattern(&pattern, other), "{pattern} {other}");
            }
        }
        assert_eq!(literal("00D09E-X-1"), "00D09E-X-1");
    }

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("00D09E-*", "00D09E-X-1", true),
            ("*-1", "00D09E-X-1", true),
            ("*X*1", "00D09E-X-1", true),
            ("00D09E-?-1", "00D09E-X-1", true),
            ("00D09E-?-1", "00D09E-XY-1", false),
            ("00D09E", "00D09E-X-1", false),
            ("", "a", false),
            ("a*b*c", "abbbbd", false),
        ] {
            assert_eq!(fits_pattern(pattern, text), fits, "{pattern} {text}");
        }
        let pattern = format!("{}b", "a*".repeat(200));
        assert!(!fits_pattern(&pattern, &"a".repeat(20_000)));
    }
}
