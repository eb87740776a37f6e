//! Which message of a session stands for which of another.

use std::collections::{HashMap, VecDeque};

use super::found::{Draft, Found};
use super::scalar::Keys;
use super::{CompareRules, Comparison, Said, pair, place};
use crate::session::{DifferenceClass, Side};

/// Compares two sessions.
pub(super) fn sessions(
    expected: &[Said<'_>],
    actual: &[Said<'_>],
    rules: &CompareRules,
) -> Comparison {
    let mut found = Found::default();
    let wanted = Line::of(expected, &mut found);
    let came = Line::of(actual, &mut found);
    let aligned = aligned(&wanted, &came);
    let mut keys = Keys::default();
    for step in aligned {
        let sides = Sides {
            expected: step.expected.and_then(|at| wanted.messages.get(at)),
            actual: step.actual.and_then(|at| came.messages.get(at)),
        };
        sides.compare(step.is_moved, rules, &mut keys, &mut found);
    }
    found.finish()
}

/// A message of a session, with what it is known by.
struct Known<'s, 'a> {
    said: &'s Said<'a>,
    /// Its number in the session, from 1.
    number: u32,
    /// Seconds since the message before it.
    after_s: Option<f64>,
    key: (Side, String),
}

/// The messages of a session that are compared.
struct Line<'s, 'a> {
    messages: Vec<Known<'s, 'a>>,
}

impl<'s, 'a> Line<'s, 'a> {
    fn of(said: &'s [Said<'a>], found: &mut Found) -> Self {
        let names: Vec<String> = said.iter().map(Said::name).collect();
        let left_out = challenges(said, &names);
        let mut messages: Vec<Known<'s, 'a>> = Vec::with_capacity(said.len());
        let mut before: Option<&Said<'a>> = None;
        for (at, (said, name)) in said.iter().zip(names).enumerate() {
            if left_out.get(at) == Some(&true) {
                found.ignore("challenge and the request before it");
            } else {
                messages.push(Known {
                    said,
                    number: u32::try_from(at.saturating_add(1)).unwrap_or(u32::MAX),
                    after_s: before.and_then(|before| seconds_between(before, said)),
                    key: (said.from, name),
                });
            }
            before = Some(said);
        }
        Self { messages }
    }
}

/// Of each message, whether it is a challenge that was met, or the request that it turned away: the same request comes
/// again behind it.
fn challenges(said: &[Said<'_>], names: &[String]) -> Vec<bool> {
    let mut left_out = vec![false; said.len()];
    for (at, message) in said.iter().enumerate() {
        let is_challenge = matches!(message.status(), Some(401 | 407));
        let Some(before) = at.checked_sub(1).filter(|_| is_challenge) else {
            continue;
        };
        let next = said.get(at + 1);
        let asks = |said: &Said<'_>| said.from != message.from;
        let is_met = next.is_some_and(asks) && said.get(before).is_some_and(asks);
        // Some agents send the first request empty, to be challenged.
        let is_same = names.get(before) == names.get(at + 1)
            || names.get(before).is_some_and(|name| name == "empty");
        if is_met && is_same {
            for at in [before, at] {
                if let Some(out) = left_out.get_mut(at) {
                    *out = true;
                }
            }
        }
    }
    left_out
}

fn seconds_between(before: &Said<'_>, said: &Said<'_>) -> Option<f64> {
    let (before, now) = before.at.zip(said.at)?;
    Some(now.milliseconds_since(before) / 1e3)
}

/// One step of both sessions, by index.
struct Step {
    expected: Option<usize>,
    actual: Option<usize>,
    /// It came at another place.
    is_moved: bool,
}

/// Greedy: equal messages stand for each other, one that is not found near by is missing or came unasked, and a fault
/// stands for the answer in whose place it came. What is missing here and came there has moved.
fn aligned(expected: &Line<'_, '_>, actual: &Line<'_, '_>) -> Vec<Step> {
    let (wanted, came) = (&expected.messages, &actual.messages);
    let (mut i, mut j) = (0, 0);
    let mut steps = Vec::new();
    while i < wanted.len() || j < came.len() {
        let (take_expected, take_actual) = match wanted.get(i).zip(came.get(j)) {
            None => (i < wanted.len(), j < came.len()),
            Some((left, right)) if left.key == right.key || answers(left, right) => (true, true),
            Some((left, right)) => {
                let skipped = ahead(came, j, &left.key);
                let missed = ahead(wanted, i, &right.key);
                match (skipped, missed) {
                    // One turn of one side, in which it said something else.
                    (None, None) => (true, left.key.0 == right.key.0),
                    (Some(_), None) => (false, true),
                    (None, Some(_)) => (true, false),
                    (Some(skipped), Some(missed)) => {
                        let extra = alike(wanted, came, (i, j.saturating_add(skipped)));
                        let missing = alike(wanted, came, (i.saturating_add(missed), j));
                        let is_extra = (extra, missed) > (missing, skipped);
                        (!is_extra, is_extra)
                    }
                }
            }
        };
        steps.push(Step {
            expected: take_expected.then_some(i),
            actual: take_actual.then_some(j),
            is_moved: false,
        });
        i += usize::from(take_expected);
        j += usize::from(take_actual);
    }
    moved(steps, expected, actual)
}

/// How far ahead a message like this one stands.
fn ahead(line: &[Known<'_, '_>], from: usize, key: &(Side, String)) -> Option<usize> {
    let near = line.iter().skip(from).take(WINDOW);
    near.map(|known| &known.key).position(|other| other == key)
}

/// How many messages in a row are alike from here on, as far as it is looked ahead.
fn alike(wanted: &[Known<'_, '_>], came: &[Known<'_, '_>], (i, j): (usize, usize)) -> usize {
    let pairs = wanted.iter().skip(i).zip(came.iter().skip(j));
    let alike = pairs
        .take(WINDOW)
        .take_while(|(left, right)| left.key == right.key);
    alike.count()
}

/// A fault in the place of an answer, or the other way round.
fn answers(left: &Known<'_, '_>, right: &Known<'_, '_>) -> bool {
    let is_answer = |name: &str| name.ends_with("Response");
    let ((side, name), (other_side, other)) = (&left.key, &right.key);
    side == other_side
        && ((name == "Fault" && is_answer(other)) || (other == "Fault" && is_answer(name)))
}

/// Joins what is missing with what came unasked elsewhere.
fn moved(steps: Vec<Step>, expected: &Line<'_, '_>, actual: &Line<'_, '_>) -> Vec<Step> {
    let mut unasked: HashMap<&(Side, String), VecDeque<usize>> = HashMap::new();
    for step in &steps {
        if let (None, Some(at)) = (step.expected, step.actual)
            && let Some(known) = actual.messages.get(at)
        {
            unasked.entry(&known.key).or_default().push_back(at);
        }
    }
    let mut partners: HashMap<usize, usize> = HashMap::new();
    for step in &steps {
        if let (Some(at), None) = (step.expected, step.actual)
            && let Some(known) = expected.messages.get(at)
            // A message without a body is like any other: that one is missing and one came says more.
            && known.key.1 != "empty"
            && let Some(came) = unasked.get_mut(&known.key).and_then(VecDeque::pop_front)
        {
            partners.insert(came, at);
        }
    }
    let met: std::collections::HashSet<usize> = partners.values().copied().collect();
    let joined = steps
        .into_iter()
        .filter_map(|mut step| match (step.expected, step.actual) {
            (Some(at), None) if met.contains(&at) => None,
            (None, Some(at)) => {
                step.expected = partners.get(&at).copied();
                step.is_moved = step.expected.is_some();
                Some(step)
            }
            _ => Some(step),
        });
    joined.collect()
}

/// Two messages that stand for each other, or one that stands alone.
struct Sides<'l, 's, 'a> {
    expected: Option<&'l Known<'s, 'a>>,
    actual: Option<&'l Known<'s, 'a>>,
}

impl Sides<'_, '_, '_> {
    fn compare(&self, is_moved: bool, rules: &CompareRules, keys: &mut Keys, found: &mut Found) {
        let Some(known) = self.actual.or(self.expected) else {
            return;
        };
        found.at_step(known.number);
        let (Some(expected), Some(actual)) = (self.expected, self.actual) else {
            found.begin_message(known.key.1.clone());
            self.lone(rules, found);
            return;
        };
        pair(expected.said, actual.said, rules, keys, found);
        if is_moved {
            let place = |known: &Known<'_, '_>| Some(format!("message {}", known.number));
            let order = draft(DifferenceClass::Order, place(expected), place(actual));
            add(order, rules, found);
        } else if let Some(late) = late(expected, actual, rules) {
            add(late, rules, found);
        }
    }

    fn lone(&self, rules: &CompareRules, found: &mut Found) {
        let name = |known: Option<&Known<'_, '_>>| known.map(|known| known.key.1.clone());
        let class = if self.actual.is_some() {
            DifferenceClass::Extra
        } else {
            DifferenceClass::Missing
        };
        add(
            draft(class, name(self.expected), name(self.actual)),
            rules,
            found,
        );
    }
}

fn late(expected: &Known<'_, '_>, actual: &Known<'_, '_>, rules: &CompareRules) -> Option<Draft> {
    let tolerance_s = rules.pace_tolerance?.as_secs_f64();
    let (then, now) = (expected.after_s?, actual.after_s?);
    let words = |seconds: f64| Some(format!("after {seconds:.3} s"));
    (now - then > tolerance_s).then(|| draft(DifferenceClass::Timing, words(then), words(now)))
}

fn draft(class: DifferenceClass, expected: Option<String>, actual: Option<String>) -> Draft {
    Draft {
        class,
        place: String::new(),
        expected,
        actual,
        mark: None,
    }
}

/// A whole message can be passed over by its name.
fn add(draft: Draft, rules: &CompareRules, found: &mut Found) {
    let mut patterns = rules.ignore.iter();
    match patterns.find(|pattern| place::is(pattern, "", found.message())) {
        Some(pattern) => found.ignore(pattern),
        None => found.add(draft),
    }
}

/// Messages ahead in which an equal one is looked for.
const WINDOW: usize = 32;
