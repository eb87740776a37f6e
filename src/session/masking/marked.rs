//! Where the secrets of a message stand, for those who show a window of it.

use std::ops::Range;

use super::heads::secrets_of_head;
use super::{Masking, Secret, secrets_of_body};
use crate::session::Part;

impl Masking {
    /// The ranges that must not be shown, in order, none touching another; all of it where nobody can tell what it holds.
    #[must_use]
    pub fn hidden(self, part: Part, text: &[u8]) -> Vec<Range<usize>> {
        if self.show_secrets {
            return Vec::new();
        }
        let mut secrets = Vec::new();
        match part {
            Part::Body if self.hides_all(text) => secrets.push(0..text.len()),
            Part::Body => secrets_of_body(text, 0, &mut secrets),
            Part::Head => secrets_of_head(text, &mut secrets),
            // An HTTP head, or bytes with text among them.
            Part::Datagram => {
                secrets_of_head(text, &mut secrets);
                secrets_of_body(text, 0, &mut secrets);
            }
        }
        merged(secrets)
    }
}

/// In order, those that touch as one.
pub(super) fn merged(mut secrets: Vec<Secret>) -> Vec<Secret> {
    secrets.sort_by_key(|secret| (secret.start, secret.end));
    let mut merged: Vec<Secret> = Vec::with_capacity(secrets.len());
    for secret in secrets {
        match merged.last_mut().filter(|last| secret.start <= last.end) {
            Some(last) => last.end = last.end.max(secret.end),
            None => merged.push(secret),
        }
    }
    merged
}
