//! Secrets in forms that are sent in parts (RFC 7578): the content of a part whose name is that of a secret.

use super::Secret;
use super::urls::is_secret_key;

/// What the parts with secret names hold.
pub(super) fn secrets_of_parts(text: &[u8], secrets: &mut Vec<Secret>) {
    let mut parts = Parts::default();
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let line = rest.get(..length).unwrap_or_default();
        let end = start + length;
        let ended = parts.line(line.trim_ascii_end(), end);
        secrets.extend(ended.map(|from| from..without_line_end(text, start)));
        start = end;
    }
    if let Place::Secret(from) = parts.place {
        secrets.push(from..text.len());
    }
    secrets.retain(|secret| secret.start < secret.end);
}

/// A walk over the lines of a form.
#[derive(Default)]
struct Parts<'a> {
    place: Place,
    /// The line above the head of the part; none where it is not there.
    boundary: Option<&'a [u8]>,
}

#[derive(Default, Clone, Copy)]
enum Place {
    #[default]
    Elsewhere,
    Head {
        is_secret: bool,
        /// The latest field is the one that names the part.
        names: bool,
    },
    /// In what a secret part holds, which begins here.
    Secret(usize),
}

impl<'a> Parts<'a> {
    /// Takes a line that ends here; where it ends a secret, that is where the secret began.
    fn line(&mut self, line: &'a [u8], end: usize) -> Option<usize> {
        if let Place::Secret(from) = self.place {
            // Only the boundary above ends it: keys have lines of hyphens of their own.
            let boundary = self.boundary?;
            if !line.starts_with(boundary) {
                return None;
            }
            self.place = Place::HEAD;
            return Some(from);
        }
        if line.starts_with(b"--") {
            (self.place, self.boundary) = (Place::HEAD, Some(line));
        } else {
            self.place = self.place.behind(line, end);
        }
        None
    }
}

impl Place {
    const HEAD: Self = Self::Head {
        is_secret: false,
        names: false,
    };

    /// Where one is behind a line of a head, or of no secret.
    fn behind(self, line: &[u8], end: usize) -> Self {
        let begins = line
            .get(..DISPOSITION.len())
            .is_some_and(|name| name.eq_ignore_ascii_case(DISPOSITION));
        let (was_secret, named) = match self {
            Self::Head { is_secret, names } => (is_secret, names),
            // The front of the form, and the boundary with it, may be missing.
            _ if begins => (false, false),
            _ => return self,
        };
        if line.is_empty() {
            return if was_secret {
                Self::Secret(end)
            } else {
                Self::Elsewhere
            };
        }
        let is_folded = line.first().is_some_and(u8::is_ascii_whitespace);
        let names = begins || (named && is_folded);
        Self::Head {
            is_secret: was_secret || (names && names_a_secret(line)),
            names,
        }
    }
}

/// `form-data; name="password"`.
fn names_a_secret(line: &[u8]) -> bool {
    let mut rest = line;
    while let Some(equals) = rest.iter().position(|&byte| byte == b'=') {
        let (before, value) = rest.split_at(equals);
        let key = before
            .trim_ascii_end()
            .rsplit(|byte| b"; \t".contains(byte))
            .next()
            .unwrap_or_default();
        let value = value.get(1..).unwrap_or_default().trim_ascii_start();
        let (value, behind) = match value {
            [b'"', value @ ..] => split_before(value, b"\""),
            value => split_before(value, b"; \t"),
        };
        let is_name = [&b"name"[..], b"name*"]
            .iter()
            .any(|known| key.eq_ignore_ascii_case(known));
        if is_name && is_secret_key(value) {
            return true;
        }
        rest = behind;
    }
    false
}

fn split_before<'t>(text: &'t [u8], ends: &[u8]) -> (&'t [u8], &'t [u8]) {
    let end = text
        .iter()
        .position(|byte| ends.contains(byte))
        .unwrap_or(text.len());
    text.split_at(end)
}

/// The line end above a boundary is the boundary's (RFC 2046 section 5.1.1).
fn without_line_end(text: &[u8], start: usize) -> usize {
    let before = text.get(..start).unwrap_or_default();
    let before = before.strip_suffix(b"\n").unwrap_or(before);
    before.strip_suffix(b"\r").unwrap_or(before).len()
}

const DISPOSITION: &[u8] = b"content-disposition:";
