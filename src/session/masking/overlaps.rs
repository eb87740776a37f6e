//! Which versions of contradicting bytes may be shown: none that touches a secret of the message, whichever version of it
//! one reads.

use std::borrow::Cow;
use std::ops::Range;

use super::heads::secrets_of_head;
use super::legible::is_legible;
use super::{MASKED, Masking, Secret, secrets_of_body};
use crate::session::{Message, OverlapConflict};

impl Masking {
    /// The bytes that were read and the others, for each overlap of a message, as they may be shown.
    #[must_use]
    pub fn overlaps<'a>(self, message: &'a Message) -> Vec<[Cow<'a, [u8]>; 2]> {
        let overlaps = &message.provenance.overlaps;
        let secrets = (!self.show_secrets && !overlaps.is_empty()).then(|| Secrets::of(message));
        let shown = |overlap: &'a OverlapConflict| {
            let versions = [overlap.kept.as_slice(), overlap.other.as_slice()];
            match &secrets {
                Some(secrets) if secrets.touch(overlap) => {
                    versions.map(|_| MASKED.as_bytes().into())
                }
                _ => versions.map(Cow::Borrowed),
            }
        };
        overlaps.iter().map(shown).collect()
    }
}

/// What is secret in a message, in any of its versions.
struct Secrets {
    ranges: Vec<Secret>,
    /// Bytes whose secrets can be told by where they stand; of a body that is coded, or was not kept, nothing is known.
    legible: usize,
}

impl Secrets {
    fn of(message: &Message) -> Self {
        let http = &message.http;
        let head = http.view().raw().len();
        let body = http.raw.get(head..).unwrap_or_default();
        let soap = message.soap.as_ref();
        let text = soap.map_or(http.body(), cwmp::Document::text);
        let mut secrets = Self {
            ranges: Vec::new(),
            legible: if body == text && is_legible(text) {
                http.raw.len()
            } else {
                head
            },
        };
        secrets.find(http.raw.get(..secrets.legible).unwrap_or_default(), head);
        let versions = versions(&http.raw, &message.provenance.overlaps);
        if versions.len() > VERSIONS_MAX {
            secrets.legible = 0;
            return secrets;
        }
        for version in versions {
            secrets.find(version.get(..secrets.legible).unwrap_or_default(), head);
        }
        secrets
    }

    /// Where the head ends may differ between the versions, so that all of the message is read as both.
    fn find(&mut self, message: &[u8], head: usize) {
        secrets_of_head(message, &mut self.ranges);
        secrets_of_body(message, 0, &mut self.ranges);
        let mut of_body = Vec::new();
        secrets_of_body(message.get(head..).unwrap_or_default(), 0, &mut of_body);
        let moved = |secret: Secret| secret.start + head..secret.end + head;
        self.ranges.extend(of_body.into_iter().map(moved));
    }

    fn touch(&self, overlap: &OverlapConflict) -> bool {
        let Some(range) = range_of(overlap).filter(|range| range.end <= self.legible) else {
            return true;
        };
        let touches = |secret: &Secret| secret.start < range.end && range.start < secret.end;
        self.ranges.iter().any(touches)
    }
}

/// The message with other bytes in their places. Where several stand in one place there are several versions.
fn versions(raw: &[u8], overlaps: &[OverlapConflict]) -> Vec<Vec<u8>> {
    let mut versions: Vec<(Vec<u8>, usize)> = Vec::new();
    for overlap in overlaps {
        let Some(range) = range_of(overlap) else {
            continue;
        };
        // In order of their offsets: a version has room behind its last change.
        let at = versions.iter().position(|(_, end)| *end <= range.start);
        let at = at.unwrap_or(versions.len());
        if at > VERSIONS_MAX {
            continue;
        }
        if at == versions.len() {
            versions.push((raw.to_vec(), 0));
        }
        if let Some((version, changed)) = versions.get_mut(at) {
            *changed = range.end;
            let place = version.get_mut(range.start..).unwrap_or_default();
            for (byte, other) in place.iter_mut().zip(&overlap.other) {
                *byte = *other;
            }
        }
    }
    versions.into_iter().map(|(version, _)| version).collect()
}

/// The bytes of the message that were kept of it.
fn range_of(overlap: &OverlapConflict) -> Option<Range<usize>> {
    let start = usize::try_from(overlap.offset).ok()?;
    let length = overlap.kept.len().max(overlap.other.len());
    Some(start..start.checked_add(length)?)
}

/// Versions of one message that are read for its secrets; with more, none of its bytes are shown.
const VERSIONS_MAX: usize = 4;
