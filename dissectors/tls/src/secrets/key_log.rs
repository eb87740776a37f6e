//! The secrets of a key log in memory, bounded: the oldest make room.

use std::collections::{HashMap, VecDeque};

use super::{Label, Line, Lookup, Secret};

/// Secrets by kind and name.
#[derive(Debug)]
pub struct KeyLog {
    secrets: HashMap<(Label, [u8; 32]), Secret>,
    /// From the oldest on.
    order: VecDeque<(Label, [u8; 32])>,
    secrets_max: usize,
    dropped: u64,
}

impl Default for KeyLog {
    fn default() -> Self {
        Self::new(SECRETS_MAX)
    }
}

impl KeyLog {
    /// A log that keeps so many secrets.
    pub fn new(secrets_max: usize) -> Self {
        Self {
            secrets: HashMap::new(),
            order: VecDeque::new(),
            secrets_max: secrets_max.max(1),
            dropped: 0,
        }
    }

    /// Adds the secret of a line. Where a log is large, lines that no connection asks for are better left out.
    pub fn insert(&mut self, line: Line) {
        let key = (line.label, line.name);
        if self.secrets.insert(key, line.secret).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > self.secrets_max
            && let Some(oldest) = self.order.pop_front()
        {
            self.secrets.remove(&oldest);
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// How many secrets are held.
    pub fn len(&self) -> usize {
        self.secrets.len()
    }

    /// Is none held?
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// How many made room for newer ones.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl Lookup for KeyLog {
    fn secret(&self, label: Label, name: &[u8; 32]) -> Option<Secret> {
        self.secrets.get(&(label, *name)).cloned()
    }
}

/// Some 50 thousand connections of TLS 1.3, in some 40 MB.
const SECRETS_MAX: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room() {
        let mut log = KeyLog::new(2);
        for byte in 0..3 {
            log.insert(Line {
                label: Label::ClientRandom,
                name: [byte; 32],
                secret: Secret::new(&[byte; 48]),
            });
        }
        assert_eq!((log.len(), log.dropped()), (2, 1));
        assert_eq!(log.secret(Label::ClientRandom, &[0; 32]), None);
        assert!(log.secret(Label::ClientRandom, &[2; 32]).is_some());
        assert_eq!(log.secret(Label::ClientEarly, &[2; 32]), None);
    }
}
