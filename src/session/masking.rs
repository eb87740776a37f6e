//! What is a secret, and how it is hidden: one table for every output. It changes text that is about to be printed, never what is kept.

mod assignments;
mod escaped;
mod heads;
mod known;
mod legible;
mod marked;
mod markup;
mod names;
mod overlaps;
mod parts;
mod urls;

use std::borrow::Cow;
use std::ops::Range;

pub use known::{FoundSecret, KnownSecrets, Spelling};

use assignments::secrets_of_assignments;
use escaped::secrets_of_escaped;
use heads::{secrets_of_head, secrets_of_header};
use legible::is_legible;
use marked::merged;
use markup::Markup;
use names::is_secret_name;
use parts::secrets_of_parts;
use urls::{secrets_of_query, secrets_of_urls};

/// What stands in a secret's place.
pub const MASKED: &str = "<masked>";

/// Whether secrets are hidden, and the ways to hide them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Masking {
    /// Print secrets as they are (`--show-secrets`).
    pub show_secrets: bool,
}

impl Masking {
    /// Whether the value of the parameter, argument, element or attribute of this name is to be hidden.
    #[must_use]
    pub fn hides(self, name: &str) -> bool {
        !self.show_secrets && is_secret_name(name)
    }

    /// What a fault says of one parameter: only the words of the standard where the parameter's value is a secret.
    #[must_use]
    pub fn fault_string<'a>(self, parameter: &str, text: &'a str) -> Cow<'a, str> {
        if self.hides(parameter.trim()) && !text.is_empty() && !is_standard_fault(text.as_bytes()) {
            Cow::Borrowed(MASKED)
        } else {
            self.text(text)
        }
    }

    /// Text of any kind, which may hold URLs, assignments and markup: their secrets are hidden.
    #[must_use]
    pub fn text<'a>(self, text: &'a str) -> Cow<'a, str> {
        match self.part(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(into_text(bytes)),
        }
    }

    /// A request target, which need not begin with a scheme.
    #[must_use]
    pub fn target<'a>(self, target: &'a [u8]) -> Cow<'a, [u8]> {
        let mut secrets = Vec::new();
        if !self.show_secrets {
            secrets_of_text(target, &mut secrets);
            secrets_of_query(target, 0, &mut secrets);
        }
        replaced(target, secrets)
    }

    /// The value of a header field.
    #[must_use]
    pub fn header<'a>(self, name: &[u8], value: &'a [u8]) -> Cow<'a, [u8]> {
        let mut secrets = Vec::new();
        if !self.show_secrets {
            secrets_of_header(name, value, 0, &mut secrets);
        }
        replaced(value, secrets)
    }

    /// A message head as on the wire: start line and header fields.
    #[must_use]
    pub fn head<'a>(self, head: &'a [u8]) -> Cow<'a, [u8]> {
        let mut secrets = Vec::new();
        if !self.show_secrets {
            secrets_of_head(head, &mut secrets);
        }
        replaced(head, secrets)
    }

    /// A body as text: the content of secret elements and the values that follow secret names, well-formed or not; all of
    /// it where nobody can tell what it holds.
    #[must_use]
    pub fn body<'a>(self, body: &'a [u8]) -> Cow<'a, [u8]> {
        if self.hides_all(body) {
            return Cow::Borrowed(MASKED.as_bytes());
        }
        self.part(body)
    }

    /// Whether no secret can be told from the rest of this body: it is compressed, or its letters are no single bytes.
    #[must_use]
    pub fn hides_all(self, body: &[u8]) -> bool {
        !self.show_secrets && !is_legible(body)
    }

    /// Some of a body, or of anything else.
    fn part<'a>(self, body: &'a [u8]) -> Cow<'a, [u8]> {
        let mut secrets = Vec::new();
        if !self.show_secrets {
            secrets_of_body(body, 0, &mut secrets);
        }
        replaced(body, secrets)
    }

    /// What of a document is a secret by where it stands, so that its elements can be shown one by one.
    #[must_use]
    pub fn places(self, document: &[u8]) -> Places {
        let mut secrets = Vec::new();
        if !self.show_secrets {
            Markup::new(document).secrets(&mut secrets);
        }
        Places {
            masking: self,
            secrets: merged(secrets),
        }
    }
}

/// The secret places of one document.
#[derive(Debug, Clone)]
pub struct Places {
    masking: Masking,
    /// In order, none touching another.
    secrets: Vec<Secret>,
}

impl Places {
    /// How this content of an element, and the text it stands for, may be shown.
    #[must_use]
    pub fn shown<'a>(&self, content: Range<usize>, text: &'a [u8]) -> Cow<'a, [u8]> {
        let shown = self.masking.part(text);
        match self.secret_at(&content) {
            // What stands there hides nothing by itself: the place does.
            Some(_) if matches!(shown, Cow::Borrowed(_)) => Cow::Borrowed(MASKED.as_bytes()),
            Some(secret) if secret.start <= content.start && secret.end >= content.end => {
                Cow::Borrowed(MASKED.as_bytes())
            }
            _ => shown,
        }
    }

    /// Whether all of this content is a secret.
    #[must_use]
    pub fn hide(&self, content: &Range<usize>) -> bool {
        self.secret_at(content)
            .is_some_and(|secret| secret.start <= content.start && secret.end >= content.end)
    }

    fn secret_at(&self, content: &Range<usize>) -> Option<&Secret> {
        let first = self
            .secrets
            .partition_point(|secret| secret.end <= content.start);
        self.secrets
            .get(first)
            .filter(|secret| secret.start < content.end && !content.is_empty())
    }
}

/// A range of the text that is a secret.
type Secret = Range<usize>;

fn secrets_of_body(text: &[u8], depth: usize, secrets: &mut Vec<Secret>) {
    Markup::new(text).secrets(secrets);
    secrets_of_text(text, secrets);
    secrets_of_parts(text, secrets);
    secrets_of_escaped(text, depth, secrets);
}

fn secrets_of_text(text: &[u8], secrets: &mut Vec<Secret>) {
    secrets_of_urls(text, secrets);
    secrets_of_assignments(text, secrets);
}

/// Whether a fault says what the standard says (TR-069 Amendment 6 table 62, and its older wordings), which gives nothing away.
fn is_standard_fault(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let text = text.strip_suffix(b".").unwrap_or(text);
    STANDARD_FAULTS
        .iter()
        .any(|known| text.eq_ignore_ascii_case(known.as_bytes()))
}

fn replaced(text: &[u8], mut secrets: Vec<Secret>) -> Cow<'_, [u8]> {
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    secrets.sort_by_key(|secret| (secret.start, secret.end));
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    let mut covered = 0;
    for secret in secrets {
        // Overlapping ranges (a URL inside a secret value) are one secret.
        if secret.start >= covered {
            out.extend_from_slice(text.get(done..secret.start).unwrap_or_default());
            out.extend_from_slice(MASKED.as_bytes());
        }
        covered = covered.max(secret.end);
        done = covered;
    }
    out.extend_from_slice(text.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, wanted)
}

/// The words of the standard for faults of one parameter.
const STANDARD_FAULTS: &[&str] = &[
    "Attempt to set a non-writable parameter",
    "Internal error",
    "Invalid arguments",
    "Invalid parameter name",
    "Invalid parameter type",
    "Invalid parameter value",
    "Invalid value",
    "Method not supported",
    "Notification request rejected",
    "Parameter not writable",
    "Request denied",
    "Resources exceeded",
];

#[cfg(test)]
mod tests;
