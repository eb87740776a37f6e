//! What is a secret, and how it is hidden: one table for every output. It changes text that is about to be printed, never what is kept.

mod markup;
mod names;

use std::borrow::Cow;

use markup::Markup;
use names::is_secret_name;

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

    /// The value of a parameter or argument: hidden by its name, or only the secrets of the URLs in it.
    #[must_use]
    pub fn value<'a>(self, name: &str, value: &'a str) -> Cow<'a, str> {
        if self.hides(name) && !value.is_empty() {
            Cow::Borrowed(MASKED)
        } else {
            self.text(value)
        }
    }

    /// Text that may hold URLs: their passwords and secret query values are hidden.
    #[must_use]
    pub fn text<'a>(self, text: &'a str) -> Cow<'a, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(into_text(bytes)),
        }
    }

    /// As [`Masking::text`], for bytes of any encoding.
    #[must_use]
    pub fn bytes<'a>(self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let mut secrets = Vec::new();
        if !self.show_secrets {
            secrets_of_urls(text, &mut secrets);
        }
        replaced(text, secrets)
    }

    /// A request target, which need not begin with a scheme.
    #[must_use]
    pub fn target<'a>(self, target: &'a [u8]) -> Cow<'a, [u8]> {
        let mut secrets = Vec::new();
        if !self.show_secrets {
            secrets_of_urls(target, &mut secrets);
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

    /// A body as text: the content of secret elements and the values that follow secret parameter names, well-formed or not.
    #[must_use]
    pub fn body<'a>(self, body: &'a [u8]) -> Cow<'a, [u8]> {
        let mut secrets = Vec::new();
        if !self.show_secrets {
            Markup::new(body).secrets(&mut secrets);
            secrets_of_urls(body, &mut secrets);
        }
        replaced(body, secrets)
    }
}

/// A range of the text that is a secret.
type Secret = std::ops::Range<usize>;

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

/// Passwords and secret query values of every `scheme://` in a text (RFC 3986 section 3.2.1).
fn secrets_of_urls(text: &[u8], secrets: &mut Vec<Secret>) {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| find(rest, b"://")) {
        let authority = from + found + 3;
        let rest = text.get(authority..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|&byte| ends_url(byte))
            .unwrap_or(rest.len());
        let url = rest.get(..length).unwrap_or_default();
        let authority_length = url
            .iter()
            .position(|byte| b"/?#".contains(byte))
            .unwrap_or(url.len());
        let host = url.get(..authority_length).unwrap_or_default();
        if let Some(at) = host.iter().rposition(|&byte| byte == b'@') {
            let user = host.get(..at).unwrap_or_default();
            let start = user
                .iter()
                .position(|&byte| byte == b':')
                .map_or(0, |colon| colon + 1);
            secrets.push(authority + start..authority + at);
        }
        secrets_of_query(url, authority, secrets);
        from = authority + length;
    }
}

fn ends_url(byte: u8) -> bool {
    byte <= b' ' || b"<>\"'`\\".contains(&byte)
}

/// Secret values of a query (`?user=a&password=b`), in a URL that begins at `base`.
fn secrets_of_query(url: &[u8], base: usize, secrets: &mut Vec<Secret>) {
    let Some(question) = url.iter().position(|&byte| byte == b'?') else {
        return;
    };
    let mut start = question + 1;
    for pair in url
        .get(start..)
        .unwrap_or_default()
        .split(|byte| b"&;#".contains(byte))
    {
        if let Some(equals) = pair.iter().position(|&byte| byte == b'=') {
            let key = String::from_utf8_lossy(pair.get(..equals).unwrap_or_default());
            // In a body the ampersand is `&amp;`, whose semicolon ends the pair before.
            let key = key.trim().to_ascii_lowercase();
            if equals + 1 < pair.len()
                && (QUERY_SECRETS.contains(&key.as_str()) || is_secret_name(&key))
            {
                secrets.push(base + start + equals + 1..base + start + pair.len());
            }
        }
        start += pair.len() + 1;
    }
}

/// What a header field gives away; `base` is the offset of the value in the text the ranges are for.
fn secrets_of_header(name: &[u8], value: &[u8], base: usize, secrets: &mut Vec<Secret>) {
    let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
    match name.as_str() {
        "cookie" | "cookie2" => secrets_of_cookies(value, base, usize::MAX, secrets),
        // RFC 6265 section 4.1: only the first pair of Set-Cookie is the cookie, the others are its attributes.
        "set-cookie" | "set-cookie2" => secrets_of_cookies(value, base, 1, secrets),
        "authorization" | "proxy-authorization" => secrets_of_authorization(value, base, secrets),
        "authentication-info"
        | "proxy-authentication-info"
        | "www-authenticate"
        | "proxy-authenticate" => {
            secrets_of_digest(value, base, secrets);
        }
        _ if is_secret_name(&name) => secrets.extend(trimmed(value, base)),
        _ => {
            let mut urls = Vec::new();
            secrets_of_urls(value, &mut urls);
            secrets.extend(
                urls.into_iter()
                    .map(|secret| base + secret.start..base + secret.end),
            );
        }
    }
}

fn secrets_of_cookies(value: &[u8], base: usize, pairs_max: usize, secrets: &mut Vec<Secret>) {
    let mut start = 0;
    for (index, pair) in value.split(|&byte| byte == b';').enumerate() {
        if index < pairs_max {
            let equals = pair
                .iter()
                .position(|&byte| byte == b'=')
                .map_or(0, |equals| equals + 1);
            secrets.extend(trimmed(
                pair.get(equals..).unwrap_or_default(),
                base + start + equals,
            ));
        }
        start += pair.len() + 1;
    }
}

/// RFC 7616 section 3.4: of Digest only what is computed from the password; of any other scheme, everything.
fn secrets_of_authorization(value: &[u8], base: usize, secrets: &mut Vec<Secret>) {
    let lead = value
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    let rest = value.get(lead..).unwrap_or_default();
    let scheme = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(0);
    if rest
        .get(..scheme)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"digest"))
    {
        secrets_of_digest(value, base, secrets);
    } else {
        secrets.extend(trimmed(
            rest.get(scheme..).unwrap_or_default(),
            base + lead + scheme,
        ));
    }
}

fn secrets_of_digest(value: &[u8], base: usize, secrets: &mut Vec<Secret>) {
    let mut from = 0;
    while let Some(found) = value
        .get(from..)
        .and_then(|rest| rest.iter().position(|&byte| byte == b'='))
    {
        let equals = from + found;
        let before = value.get(from..equals).unwrap_or_default().trim_ascii();
        let name_start = before
            .iter()
            .rposition(|byte| b", \t\r\n".contains(byte))
            .map_or(0, |at| at + 1);
        let name = String::from_utf8_lossy(before.get(name_start..).unwrap_or_default())
            .to_ascii_lowercase();
        let rest = value.get(equals + 1..).unwrap_or_default();
        let lead = rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let (start, length) = quoted_or_token(rest.get(lead..).unwrap_or_default());
        let start = equals + 1 + lead + start;
        if length > 0 && DIGEST_SECRETS.contains(&name.as_str()) {
            secrets.push(base + start..base + start + length);
        }
        from = (start + length).max(equals + 1);
    }
}

/// Offset and length of what a quoted string or a token holds.
fn quoted_or_token(text: &[u8]) -> (usize, usize) {
    if text.first() != Some(&b'"') {
        return (
            0,
            text.iter()
                .position(|byte| b", \t\r\n".contains(byte))
                .unwrap_or(text.len()),
        );
    }
    let mut length = 0;
    while let Some(&byte) = text.get(1 + length).filter(|&&byte| byte != b'"') {
        length += if byte == b'\\' { 2 } else { 1 };
    }
    (1, length.min(text.len() - 1))
}

fn trimmed(value: &[u8], base: usize) -> Option<Secret> {
    let lead = value
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    let length = value.trim_ascii().len();
    (length > 0).then(|| base + lead..base + lead + length)
}

/// The fields of a head, folded lines with the field they continue (RFC 9112 section 5.2).
fn secrets_of_head(head: &[u8], secrets: &mut Vec<Secret>) {
    let mut field: Option<(usize, usize)> = None;
    let mut start = 0;
    for line in head.split_inclusive(|&byte| byte == b'\n') {
        let end = start + line.len();
        if start == 0 {
            secrets_of_query(without_version(line), 0, secrets);
            secrets_of_urls(line, secrets);
        } else if line.first().is_some_and(|byte| b" \t".contains(byte)) {
            field = field.map(|(first, _)| (first, end));
        } else {
            secrets_of_field(head, field, secrets);
            field = Some((start, end));
        }
        start = end;
    }
    secrets_of_field(head, field, secrets);
}

/// A start line up to its version: a target may hold blanks.
fn without_version(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii_end();
    let blank = line
        .iter()
        .rposition(|&byte| byte == b' ')
        .unwrap_or(line.len());
    match line.split_at_checked(blank) {
        Some((before, version)) if version.starts_with(b" HTTP/") => before,
        _ => line,
    }
}

fn secrets_of_field(head: &[u8], field: Option<(usize, usize)>, secrets: &mut Vec<Secret>) {
    let Some((start, end)) = field else { return };
    let text = head.get(start..end).unwrap_or_default();
    let Some(colon) = text.iter().position(|&byte| byte == b':') else {
        return;
    };
    let (name, value) = text.split_at(colon);
    secrets_of_header(
        name,
        value.get(1..).unwrap_or_default(),
        start + colon + 1,
        secrets,
    );
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.iter().position(|&byte| byte == first)?;
        if text.get(at..)?.starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Query keys with secret values, beside those that any name betrays; `sig` of a Connection Request is shown.
const QUERY_SECRETS: &[&str] = &[
    "apikey",
    "api_key",
    "auth",
    "key",
    "p",
    "pass",
    "pwd",
    "session",
    "sessionid",
    "sid",
    "token",
];

/// Digest parameters that are computed from the password (RFC 7616 sections 3.4 and 3.5), and a password sent in one.
const DIGEST_SECRETS: &[&str] = &["response", "rspauth", "password"];

#[cfg(test)]
mod tests;
