//! Whether the `uri` of Digest and a request line name the same target.

use std::borrow::Cow;

use super::named_kinds;

named_kinds! {
    /// How the `uri` of Digest relates to the target on the request line (RFC 7616 section 3.4: the same, or equivalent).
    UriMatch {
        /// The same bytes.
        Same = "same",
        /// The same, but one has scheme and authority, or one has no path where the other has `/`.
        AbsoluteForm = "absolute-form",
        /// The same but for percent-encoding (RFC 3986 section 6.2.2).
        PercentEncoding = "percent-encoding",
        /// The same but for a query that one of them lacks.
        QueryMissing = "query-missing",
        /// Another path.
        Other = "other",
    }
}

/// Compares a `uri` with the target on the request line.
pub fn uri_match(uri: &[u8], target: &[u8]) -> UriMatch {
    if uri == target {
        return UriMatch::Same;
    }
    let (mine, theirs) = (path_and_query(uri), path_and_query(target));
    if mine == theirs {
        return UriMatch::AbsoluteForm;
    }
    let (mine, theirs) = (plain(&mine), plain(&theirs));
    if mine == theirs {
        return UriMatch::PercentEncoding;
    }
    let one_has_none = mine.contains(&b'?') != theirs.contains(&b'?');
    if one_has_none && without_query(&mine) == without_query(&theirs) {
        return UriMatch::QueryMissing;
    }
    UriMatch::Other
}

/// Without scheme and authority; `/` where nothing is left.
pub(super) fn path_and_query(uri: &[u8]) -> Cow<'_, [u8]> {
    let behind = memchr::memmem::find(uri, b"://")
        .filter(|at| {
            let scheme = uri.get(..*at).unwrap_or_default();
            !scheme.is_empty() && scheme.iter().all(u8::is_ascii_alphanumeric)
        })
        .and_then(|at| uri.get(at.saturating_add(3)..));
    let Some(behind) = behind else {
        return Cow::Borrowed(if uri.is_empty() { b"/" } else { uri });
    };
    match behind.iter().position(|byte| matches!(byte, b'/' | b'?')) {
        Some(at) => match behind.get(at..).unwrap_or_default() {
            query @ [b'?', ..] => Cow::Owned([b"/", query].concat()),
            path => Cow::Borrowed(path),
        },
        None => Cow::Borrowed(b"/"),
    }
}

pub(super) fn without_query(uri: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'?', uri).unwrap_or(uri.len());
    uri.get(..end).unwrap_or(uri)
}

/// With escapes in upper case, and unreserved characters without (RFC 3986 sections 6.2.2.1 and 6.2.2.2).
fn plain(uri: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(uri.len());
    let mut rest = uri;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let digit = |at: usize| char::from(*behind.get(at)?).to_digit(16);
        let (b'%', Some(high), Some(low)) = (byte, digit(0), digit(1)) else {
            plain.push(byte);
            continue;
        };
        let (escape, behind) = behind.split_at_checked(2).unwrap_or_default();
        rest = behind;
        let meant = u8::try_from(high << 4 | low).unwrap_or_default();
        if meant.is_ascii_alphanumeric() || matches!(meant, b'-' | b'.' | b'_' | b'~') {
            plain.push(meant);
        } else {
            plain.push(b'%');
            plain.extend(escape.iter().map(u8::to_ascii_uppercase));
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_same_or_nearly() {
        for (uri, target, how) in [
            ("/a?b", "/a?b", UriMatch::Same),
            ("", "", UriMatch::Same),
            ("http://acs:7547/a?b", "/a?b", UriMatch::AbsoluteForm),
            ("http://acs:7547", "/", UriMatch::AbsoluteForm),
            ("http://acs?b", "/?b", UriMatch::AbsoluteForm),
            ("/", "HTTP://acs/", UriMatch::AbsoluteForm),
            ("", "/", UriMatch::AbsoluteForm),
            ("/%7euser%2f", "/~user%2F", UriMatch::PercentEncoding),
            ("/a", "/a?b", UriMatch::QueryMissing),
            ("/%61?c", "http://acs/a", UriMatch::QueryMissing),
            ("/a?c", "/a?b", UriMatch::Other),
            ("/A", "/a", UriMatch::Other),
            ("/a%2", "/a%3", UriMatch::Other),
            ("*", "/", UriMatch::Other),
            ("/a?u=http://x/", "/", UriMatch::Other),
        ] {
            assert_eq!(
                uri_match(uri.as_bytes(), target.as_bytes()),
                how,
                "{uri} {target}"
            );
        }
    }
}
