//! Secrets in heads: start lines, and fields as their names tell them apart.

use super::names::is_secret_name;
use super::urls::{secrets_of_query, secrets_of_userinfo};
use super::{Secret, secrets_of_text};

/// What a header field gives away; `base` is the offset of the value in the text the ranges are for.
pub(super) fn secrets_of_header(name: &[u8], value: &[u8], base: usize, secrets: &mut Vec<Secret>) {
    let mut name = name;
    let mut start = 0;
    // A lone CR ends a line for some (RFC 9112 section 2.2), and what follows may be a field for them.
    for line in split_at_lone_cr(value) {
        let mut text = line;
        if start > 0
            && let Some(colon) = line.iter().position(|&byte| byte == b':')
        {
            name = line.get(..colon).unwrap_or_default();
            text = line.get(colon + 1..).unwrap_or_default();
        }
        let at = base + start + line.len() - text.len();
        secrets_of_value(&name.trim_ascii().to_ascii_lowercase(), text, at, secrets);
        start += line.len();
    }
}

/// The parts, each after the first with the CR that leads it.
fn split_at_lone_cr(value: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, pair) in value.windows(2).enumerate() {
        if matches!(pair, [b'\r', next] if *next != b'\n') {
            parts.extend(value.get(start..at));
            start = at;
        }
    }
    parts.extend(value.get(start..));
    parts
}

fn secrets_of_value(name: &[u8], value: &[u8], base: usize, secrets: &mut Vec<Secret>) {
    let name = String::from_utf8_lossy(name);
    match name.as_ref() {
        // RFC 6265 section 4.1: only the first pair of Set-Cookie is the cookie, the others are its attributes.
        "set-cookie" | "set-cookie2" => secrets_of_cookies(value, base, 1, secrets),
        name if ends_with_any(name, &["cookie", "cookie2", "cookies"]) => {
            secrets_of_cookies(value, base, usize::MAX, secrets);
        }
        name if ends_with_any(name, &["authorization", "authorisation", "-auth"])
            || name == "auth" =>
        {
            secrets_of_authorization(value, base, secrets);
        }
        name if ends_with_any(name, &["authentication-info", "-authenticate"]) => {
            secrets_of_digest(value, base, secrets);
        }
        name if ends_with_any(name, &["-session", "-oidc-data"]) || name == "session" => {
            secrets.extend(trimmed(value, base));
        }
        name if is_secret_name(name) || HEADER_SECRETS.iter().any(|part| name.contains(part)) => {
            secrets.extend(trimmed(value, base));
        }
        name => {
            let mut found = Vec::new();
            if name == "host" {
                secrets_of_userinfo(value, 0, &mut found);
            }
            // A relative reference has a query too.
            if LOCATIONS.contains(&name) {
                secrets_of_query(value.trim_ascii_end(), 0, &mut found);
            }
            secrets_of_text(value, &mut found);
            secrets.extend(shifted(found, base));
        }
    }
}

fn ends_with_any(name: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| name.ends_with(end))
}

fn shifted(secrets: Vec<Secret>, by: usize) -> impl Iterator<Item = Secret> {
    secrets
        .into_iter()
        .map(move |secret| by + secret.start..by + secret.end)
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
    // The line's end is no blank behind a scheme.
    let rest = value.get(lead..).unwrap_or_default().trim_ascii_end();
    let scheme = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(0);
    if rest
        .get(..scheme)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"digest"))
    {
        secrets_of_digest(value, base, secrets);
        let mut found = Vec::new();
        secrets_of_text(value, &mut found);
        secrets.extend(shifted(found, base));
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
pub(super) fn secrets_of_head(head: &[u8], secrets: &mut Vec<Secret>) {
    let mut field: Option<(usize, usize)> = None;
    let mut start = 0;
    for line in head.split_inclusive(|&byte| byte == b'\n') {
        let end = start + line.len();
        if start == 0 {
            secrets_of_query(without_version(line), 0, secrets);
            secrets_of_text(line, secrets);
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

/// Digest parameters that are computed from the password (RFC 7616 sections 3.4 and 3.5), and a password sent in one.
const DIGEST_SECRETS: &[&str] = &["response", "rspauth", "password"];

/// Header fields whose name holds one of these say who somebody is.
const HEADER_SECRETS: &[&str] = &[
    "csrf",
    "xsrf",
    "sessionid",
    "session-id",
    "sessid",
    "sess-id",
];

/// Header fields that hold a reference, which may be relative.
const LOCATIONS: &[&str] = &[
    "location",
    "content-location",
    "referer",
    "x-original-url",
    "x-rewrite-url",
];
