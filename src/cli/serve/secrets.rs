//! The secrets that a program which serves was given: passwords, and what lines of the queue set. A device may say them again
//! anywhere, so everything that is shown or logged is looked through.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::{Arc, PoisonError, RwLock};

use crate::cli::replay::veil::Veil;
use crate::session::Finding;

/// What is known by now; all of its copies know the same.
#[derive(Clone, Default)]
pub(super) struct Secrets {
    veil: Arc<RwLock<Veil>>,
    are_shown: bool,
}

/// Writes without them.
pub(super) struct Veiled<W> {
    pub(super) out: W,
    pub(super) secrets: Secrets,
}

impl Secrets {
    pub(super) fn new(are_shown: bool) -> Self {
        Self {
            veil: Arc::default(),
            are_shown,
        }
    }

    /// Hides these too, from now on.
    pub(super) fn learn(&self, values: Vec<String>) {
        if self.are_shown || values.is_empty() {
            return;
        }
        let mut veil = self.veil.write().unwrap_or_else(PoisonError::into_inner);
        let known = veil.hidden();
        let room = SECRETS_MAX.saturating_sub(known.len());
        let new = values.into_iter().filter(|value| !known.contains(value));
        let new: Vec<String> = new.take(room).collect();
        if !new.is_empty() {
            *veil = Veil::over(known.iter().cloned().chain(new).collect::<Vec<_>>());
        }
    }

    /// Text for people, or JSON.
    pub(super) fn hidden<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let veil = self.veil.read().unwrap_or_else(PoisonError::into_inner);
        veil.said(text)
    }

    pub(super) fn findings(&self, findings: &mut [Finding]) {
        let veil = self.veil.read().unwrap_or_else(PoisonError::into_inner);
        veil.findings(findings);
    }
}

impl<W: Write> Write for Veiled<W> {
    /// What is handed over at once is whole lines.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.out.write_all(self.secrets.hidden(text).as_bytes())?,
            Err(_) => self.out.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Each is looked for everywhere.
const SECRETS_MAX: usize = 1000;

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{Secrets, Veiled};

    #[test]
    fn what_is_learnt_is_hidden_by_all_that_know() {
        let secrets = Secrets::new(false);
        let mut log = Veiled {
            out: Vec::new(),
            secrets: secrets.clone(),
        };
        secrets.learn(vec!["hush-1".to_owned(), "a".to_owned()]);
        secrets.learn(vec!["hush-2".to_owned(), "hush-1".to_owned()]);
        assert_eq!(secrets.hidden("a hush-1 b"), "a <masked> b");
        let written = log.write_all(b"{\"why\":\"hush\\u002d2\"}\n");
        written.expect("memory holds it");
        assert_eq!(log.out, b"{\"why\":\"<masked>\"}\n");
        let shown = Secrets::new(true);
        shown.learn(vec!["hush-1".to_owned()]);
        assert_eq!(shown.hidden("hush-1"), "hush-1");
    }
}
