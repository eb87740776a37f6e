//! What GetParameterValues is answered with: the names that were asked for, all of them, and none twice.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use cwmp::{AnomalyKind, Element};

use super::counted;
use crate::conformance::rule::{a3, cite};
use crate::conformance::{Draft, Exchange, Findings, Parameter, Rule, Scope, Traits, fingerprint};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&LEFT_OUT, &NOT_ASKED, &TWICE];

/// Every full name that was asked for is answered.
pub(super) const LEFT_OUT: Rule = Rule {
    cites: &[a3("A.3.2.2")],
    demands: "GetParameterValuesResponse holds every parameter that was asked for by its full name.",
    why: "The ACS takes the missing value for empty, or for one it has not read yet and asks again with every \
          session; an answer of 9005 would have told it that the device has no such parameter.",
    mend_cpe: "Answer 9005 where one of the names does not exist, and all values else.",
    bad: "GetParameterValues Device.DeviceInfo.SoftwareVersion, Device.DeviceInfo.UpTime ->\n\
          <Name>Device.DeviceInfo.SoftwareVersion</Name>",
    good: "GetParameterValues Device.DeviceInfo.SoftwareVersion, Device.DeviceInfo.UpTime ->\n\
          <Name>Device.DeviceInfo.SoftwareVersion</Name>\n<Name>Device.DeviceInfo.UpTime</Name>",
    related: &["CWMP-GPV-006", "CWMP-GPV-004"],
    wireshark: "xml.tag contains \"GetParameterValuesResponse\"",
    ..Rule::must("CWMP-GPV-003", "asked-for-and-left-out", Scope::Exchange)
};

/// Nothing is answered that was not asked for.
const NOT_ASKED: Rule = Rule {
    cites: &[a3("A.3.2.2")],
    demands: "GetParameterValuesResponse holds only parameters that were asked for, by name or by a path above \
          them.",
    why: "A device that ignores the path and sends its whole tree takes minutes for a question of one value, \
          and an ACS with a bound on the size of answers drops it.",
    mend_cpe: "Give out what the request names: the parameters themselves, and those below its partial paths.",
    bad: "GetParameterValues Device.DeviceInfo. ->\n<Name>Device.ManagementServer.URL</Name>",
    good: "GetParameterValues Device.DeviceInfo. ->\n<Name>Device.DeviceInfo.SoftwareVersion</Name>",
    related: &["CWMP-GPV-003"],
    wireshark: "xml.tag contains \"GetParameterValuesResponse\"",
    ..Rule::must(
        "CWMP-GPV-004",
        "answered-and-not-asked-for",
        Scope::Exchange,
    )
};

/// A parameter stands once in the answer for each time it was asked for.
const TWICE: Rule = Rule {
    severity: Some(Severity::Warning),
    cites: &[a3("A.3.2.2"), cite("TR-069 Amendment 3", "Table 16")],
    demands: "A parameter stands in GetParameterValuesResponse no more often than the request asks for it; it may \
          be asked for twice, by its name and by a path above it.",
    why: "Usually a table is walked twice or an instance has been stored under two keys: the ACS keeps the last \
          of two values that differ, and its picture of the device changes from session to session.",
    mend_cpe: "Give out each parameter once for each name of the request that covers it.",
    bad: "GetParameterValues Device.LAN. ->\n<Name>Device.LAN.IPAddress</Name>\n<Name>Device.LAN.IPAddress</Name>",
    good: "GetParameterValues Device.LAN. ->\n<Name>Device.LAN.IPAddress</Name>",
    wireshark: "xml.tag contains \"GetParameterValuesResponse\"",
    ..Rule::heuristic("CWMP-GPV-007", "answered-twice", Scope::Exchange)
};

/// Looks at an answer with values.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.method() != "GetParameterValues" || exchange.answer.from() != Side::Cpe {
        return;
    }
    let request = exchange.request().and_then(|request| request.message());
    let response = exchange.response().and_then(|response| response.message());
    let (Some(request), Some(response)) = (request, response) else {
        return;
    };
    let (Some(names), Some(list)) = (
        request.child("ParameterNames"),
        response.child("ParameterList"),
    ) else {
        return;
    };
    // Nobody knows which name the device read out of a reference that is none.
    let is_unclear = |anomaly: &cwmp::Anomaly| {
        matches!(
            anomaly.kind,
            AnomalyKind::BareAmpersand
                | AnomalyKind::UnknownEntity
                | AnomalyKind::InvalidCharacterReference
        )
    };
    if request.document().anomalies().iter().any(is_unclear) {
        return;
    }
    if response.is_named("GetParameterValuesResponse") {
        let wanted = Wanted::read(names);
        let met = compare(exchange, &wanted, findings);
        left_out(exchange, &wanted, list, &met, findings);
        counted::look(exchange, &wanted, findings);
    }
}

/// What a request asks for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Full names.
    names: HashMap<u64, String, Fast>,
    /// Partial paths, each with its dot.
    paths: HashSet<String, Fast>,
    /// Of the partial paths, as long as they are few.
    few: Vec<String>,
    /// Everything.
    all: bool,
    /// Some name stands for several (`*`), or names an instance by its alias: the answer spells names as it likes.
    spelled_otherwise: bool,
    /// Names and paths that stand there again, with how often.
    again: HashMap<String, usize, Fast>,
}

impl Wanted {
    fn read(names: Element<'_>) -> Self {
        let mut wanted = Self::default();
        for name in names.children() {
            let name = name.text();
            let name = name.trim();
            wanted.spelled_otherwise |= name.contains(['*', '[']);
            let fresh = if name.is_empty() {
                !std::mem::replace(&mut wanted.all, true)
            } else if name.ends_with('.') {
                wanted.paths.insert(name.to_owned())
            } else {
                let key = fingerprint(name.as_bytes());
                wanted.names.insert(key, name.to_owned()).is_none()
            };
            if !fresh {
                *wanted.again.entry(name.to_owned()).or_default() += 1;
            }
        }
        if wanted.paths.len() <= FEW {
            wanted.few = wanted.paths.iter().cloned().collect();
        }
        wanted
    }

    /// A partial path of it covers this path.
    pub(super) fn covers(&self, path: &str) -> bool {
        if self.all
            || self
                .few
                .iter()
                .any(|above| path.starts_with(above.as_str()))
        {
            return true;
        }
        self.few.is_empty()
            && !self.paths.is_empty()
            && above(path).any(|above| self.paths.contains(above))
    }

    /// How often a parameter may be answered.
    fn times(&self, name: &str, key: u64) -> usize {
        let again = |name: &str| self.again.get(name).copied().unwrap_or_default();
        let of_path = |path: &str| usize::from(self.paths.contains(path)) + again(path);
        let of_paths = if self.paths.len() > FEW {
            above(name).map(of_path).sum::<usize>()
        } else {
            let above = self
                .few
                .iter()
                .filter(|above| name.starts_with(above.as_str()));
            above.map(|above| of_path(above)).sum()
        };
        of_paths
            + usize::from(self.names.contains_key(&key))
            + usize::from(self.all)
            + again(name)
            + again("")
    }
}

/// The partial paths above a path.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('.')
        .filter_map(|(at, _)| path.get(..=at))
}

type Fast = foldhash::fast::RandomState;
/// The fingerprints of the names that stand in an answer.
type Met = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// A fingerprint is a hash already.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 ^= fingerprint(bytes);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// Names that were not asked for, or stand too often. Gives out what stands in the answer.
fn compare(exchange: &Exchange<'_>, wanted: &Wanted, findings: &mut Findings) -> Met {
    let answered = exchange.answered();
    let named = || answered.iter().filter(|one| one.name_element().is_some());
    let mut met = Met::with_capacity_and_hasher(answered.len(), BuildHasherDefault::default());
    let mut strange: Option<(&Parameter<'_>, usize)> = None;
    let mut again: Vec<&Parameter<'_>> = Vec::new();
    // A partial path ends in a dot: it covers all parameters of an object, or none.
    let mut covered: Option<(u64, bool)> = None;
    let mut covers = |parameter: &Parameter<'_>| match covered {
        Some((holder, covers)) if holder == parameter.holder() => covers,
        _ => {
            let covers = wanted.covers(parameter.name());
            covered = Some((parameter.holder(), covers));
            covers
        }
    };
    for parameter in named() {
        let (name, key) = (parameter.name(), parameter.key());
        let is_first = met.insert(key);
        if wanted.spelled_otherwise || name.is_empty() || parameter.has(Traits::ALIASED) {
            continue;
        }
        if !wanted.names.contains_key(&key) && !covers(parameter) {
            strange = Some(strange.map_or((parameter, 0), |(first, more)| (first, more + 1)));
        } else if !is_first {
            again.push(parameter);
        }
    }
    if let Some((parameter, more)) = strange {
        let draft = marked(exchange.breaks(&NOT_ASKED), parameter);
        let (name, more) = (parameter.name(), others(more));
        findings.add(draft.because(format!("{name}{more} was not asked for")));
    }
    too_often(exchange, wanted, again, findings);
    met
}

/// Of names that stand more than once, the first that was not asked for so often, and how many more there are.
fn too_often(
    exchange: &Exchange<'_>,
    wanted: &Wanted,
    again: Vec<&Parameter<'_>>,
    findings: &mut Findings,
) {
    let mut counted: HashMap<u64, (usize, &Parameter<'_>), Fast> = HashMap::default();
    for parameter in again {
        let (count, _) = counted.entry(parameter.key()).or_insert((1, parameter));
        *count += 1;
    }
    let too_often = counted.into_values().filter_map(|(count, parameter)| {
        let times = wanted.times(parameter.name(), parameter.key());
        (count > times).then_some((count, times, parameter))
    });
    let place = |one: &(usize, usize, &Parameter<'_>)| one.2.element().offset();
    let mut all = 0;
    let first = too_often.inspect(|_| all += 1).min_by_key(place);
    let Some((count, times, parameter)) = first else {
        return;
    };
    let more = all - 1;
    let name = parameter.name();
    let draft = marked(exchange.breaks(&TWICE), parameter).path(name);
    let asked = if times == 1 { "once" } else { "not so often" };
    let more = match more {
        0 => String::new(),
        1 => "; so does another".to_owned(),
        more => format!("; so do {more} others"),
    };
    findings.add(draft.because(format!(
        "{name} stands {count} times and was asked for {asked}{more}"
    )));
}

/// How many more there are, in words.
fn others(more: usize) -> String {
    match more {
        0 => String::new(),
        1 => ", as well as another,".to_owned(),
        more => format!(", as well as {more} others,"),
    }
}

fn marked(draft: Draft, parameter: &Parameter<'_>) -> Draft {
    let element = parameter.name_element().unwrap_or(parameter.element());
    draft.body(element.offset()..element.content_offset())
}

fn left_out(
    exchange: &Exchange<'_>,
    wanted: &Wanted,
    list: Element<'_>,
    met: &Met,
    findings: &mut Findings,
) {
    let mut missing: Vec<&String> = wanted
        .names
        .iter()
        .filter(|(key, name)| !name.contains(['*', '[']) && !met.contains(key))
        .map(|(_, name)| name)
        .collect();
    // An entry whose name cannot be found, such as one with `name` for `Name`, may be the one that is looked for.
    let is_nameless = |entry: Element<'_>| entry.child("Name").is_none();
    if missing.is_empty() || list.children().any(is_nameless) {
        return;
    }
    missing.sort_unstable();
    for name in missing.into_iter().take(TOLD_MAX) {
        let draft = exchange.breaks(&LEFT_OUT).path(name);
        findings.add(draft.because(format!("{name} was asked for and is not in the answer")));
    }
}

/// So many partial paths are compared one by one; more are looked up.
const FEW: usize = 4;
/// Findings of one kind told of one answer.
const TOLD_MAX: usize = 16;
