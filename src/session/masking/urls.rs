//! Secrets in URLs: passwords before the host, and values of queries and path parameters.

use super::names::{is_secret_name, spelt_out};
use super::{Secret, find};

/// Passwords and secret query values of every `scheme://` in a text (RFC 3986 section 3.2.1).
pub(super) fn secrets_of_urls(text: &[u8], secrets: &mut Vec<Secret>) {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| find(rest, b"://")) {
        let authority = from + found + 3;
        let rest = text.get(authority..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|&byte| ends_url(byte))
            .unwrap_or(rest.len());
        let url = rest.get(..length).unwrap_or_default();
        let host = url
            .split(|byte| b"/?#".contains(byte))
            .next()
            .unwrap_or_default();
        secrets_of_userinfo(host, authority, secrets);
        secrets_of_query(url, authority, secrets);
        from = authority + length;
    }
    secrets_of_sip(text, secrets);
}

/// What stands between the first `:` and the last `@` of an authority; without a `:`, what stands before the `@`.
pub(super) fn secrets_of_userinfo(authority: &[u8], base: usize, secrets: &mut Vec<Secret>) {
    let Some(at) = authority.iter().rposition(|&byte| byte == b'@') else {
        return;
    };
    let user = authority.get(..at).unwrap_or_default();
    let start = user
        .iter()
        .position(|&byte| byte == b':')
        .map_or(0, |colon| colon + 1);
    secrets.push(base + start..base + at);
}

/// `sip:user:password@host` (RFC 3261 section 19.1.1), where the user alone is no secret.
fn secrets_of_sip(text: &[u8], secrets: &mut Vec<Secret>) {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| memchr::memchr(b'@', rest)) {
        let at = from + found;
        let nearby = text
            .get(at.saturating_sub(USERINFO_MAX)..at)
            .unwrap_or_default();
        let token = nearby
            .rsplit(|&byte| ends_url(byte))
            .next()
            .unwrap_or_default();
        let lower = token.to_ascii_lowercase();
        let scheme = [&b"sip:"[..], b"sips:"]
            .iter()
            .filter_map(|scheme| find(&lower, scheme).map(|found| found + scheme.len()))
            .min();
        let colon = scheme.and_then(|user| {
            let rest = token.get(user..)?;
            Some(user + rest.iter().position(|&byte| byte == b':')? + 1)
        });
        if let Some(start) = colon {
            secrets.push(at - token.len() + start..at);
        }
        from = at + 1;
    }
}

fn ends_url(byte: u8) -> bool {
    byte <= b' ' || b"<>\"'`\\".contains(&byte)
}

/// Secret values of a query (`?user=a&password=b`) and of path parameters (`;jsessionid=c`), in a URL that begins at `base`.
pub(super) fn secrets_of_query(url: &[u8], base: usize, secrets: &mut Vec<Secret>) {
    let pairs = || url.split(|byte| b"?&;#".contains(byte));
    let is_shared_access = pairs().any(|pair| pair.starts_with(b"sv="));
    let mut start = 0;
    for (at, pair) in pairs().enumerate() {
        let equals = pair.iter().position(|&byte| byte == b'=');
        if let Some(equals) = equals.filter(|_| at > 0) {
            let key = pair.get(..equals).unwrap_or_default();
            // In a body the ampersand is `&amp;`, whose semicolon ends the pair before.
            let is_secret =
                is_secret_key(key) || (is_shared_access && key.eq_ignore_ascii_case(b"sig"));
            if is_secret && equals + 1 < pair.len() {
                secrets.push(base + start + equals + 1..base + start + pair.len());
            }
        }
        start += pair.len() + 1;
    }
}

/// Whether a query key says that its value is a secret.
pub(super) fn is_secret_key(key: &[u8]) -> bool {
    let key = String::from_utf8_lossy(key.trim_ascii());
    let key = spelt_out(&key, "%", 2);
    QUERY_SECRETS
        .iter()
        .any(|known| key.eq_ignore_ascii_case(known))
        || is_secret_name(&key)
}

/// Query keys with secret values, beside those that any name betrays; `sig` of a Connection Request is shown
/// (the `sig` beside an `sv` is that of a shared access signature, which opens the file to whoever has it).
const QUERY_SECRETS: &[&str] = &[
    "apikey",
    "api_key",
    "auth",
    "jsessionid",
    "key",
    "p",
    "pass",
    "phpsessid",
    "pwd",
    "session",
    "session_id",
    "sessionid",
    "sid",
    "signature",
    "token",
    "x-amz-signature",
    "x-goog-signature",
];

/// Longer ones are looked at from their end.
const USERINFO_MAX: usize = 256;
