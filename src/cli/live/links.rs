//! What is said of interfaces that go down, come back or vanish.

use std::collections::BTreeMap;

use crate::report::escape;
use crate::source::LinkState;

/// What was last said of each.
#[derive(Default)]
pub(super) struct Links(BTreeMap<String, LinkState>);

impl Links {
    /// What there is to be said since this was last asked; where only the worst is wanted, that alone. That the last one has
    /// vanished is said by whoever ends then.
    pub(super) fn changes(&mut self, links: &[(String, LinkState)], quiet: bool) -> Vec<String> {
        let is_left = links.iter().any(|(_, state)| *state != LinkState::Gone);
        let mut told = Vec::new();
        for (name, state) in links {
            let before = self.0.insert(name.clone(), *state);
            let is_new = before.is_none() && *state == LinkState::Unknown;
            if is_new || before.unwrap_or(LinkState::Up) == *state {
                continue;
            }
            let words = match state {
                LinkState::Down if quiet => continue,
                LinkState::Up | LinkState::Unknown if quiet => continue,
                LinkState::Down => "is down: it is waited for",
                LinkState::Up | LinkState::Unknown => "is up again",
                LinkState::Gone if !is_left => continue,
                LinkState::Gone => {
                    "has vanished: what was heard of it stands, the others are listened to"
                }
            };
            told.push(format!("{name}: {words}"));
        }
        told
    }
}

/// Interfaces that are not up, in words that are safe to print; nothing where all are.
pub(super) fn words(links: &[(String, LinkState)]) -> String {
    let words = links.iter().filter_map(|(name, state)| {
        let name = escape::text(name);
        match state {
            LinkState::Up | LinkState::Unknown => None,
            LinkState::Down => Some(format!("{name} is down")),
            LinkState::Gone => Some(format!("{name} has vanished")),
        }
    });
    let words: Vec<String> = words.collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use LinkState::{Down, Gone, Up};

    fn state(one: LinkState, other: LinkState) -> Vec<(String, LinkState)> {
        vec![("eth1".to_owned(), one), ("eth2".to_owned(), other)]
    }

    #[test]
    fn every_change_is_said_once() {
        let mut links = Links::default();
        let mut said = |one, other| links.changes(&state(one, other), false).join(" / ");
        assert_eq!(said(Up, Up), "");
        assert_eq!(said(Down, Up), "eth1: is down: it is waited for");
        assert_eq!(said(Down, Up), "");
        assert_eq!(
            said(Up, Down),
            "eth1: is up again / eth2: is down: it is waited for"
        );
        assert!(said(Gone, Down).starts_with("eth1: has vanished"));
        // Whoever ends for want of interfaces says so.
        assert_eq!(said(Gone, Gone), "");
        assert_eq!(words(&state(Down, Up)), "eth1 is down");
        assert_eq!(words(&state(Down, Gone)), "eth1 is down, eth2 has vanished");
        assert_eq!(words(&state(Up, Up)), "");
    }

    #[test]
    fn whoever_wants_quiet_is_told_of_what_does_not_come_back() {
        let mut links = Links::default();
        let mut said = |one, other| links.changes(&state(one, other), true).len();
        assert_eq!((said(Down, Up), said(Up, Up), said(Gone, Up)), (0, 0, 1));
    }
}
