//! Cookies (RFC 6265): what an ACS set, and what a CPE has to bring back.
//!
//! Both roles keep a jar: in role cpe it is ours, in role acs it is the one that the phone should keep.

use http1::Message;

use super::values;
use crate::source::Timestamp;

/// The cookies of one ACS.
#[derive(Debug, Default)]
pub(in crate::replay) struct Jar {
    cookies: Vec<Cookie>,
}

#[derive(Debug)]
struct Cookie {
    name: Vec<u8>,
    value: Vec<u8>,
    path: Vec<u8>,
    secure: bool,
}

impl Jar {
    /// Takes the cookies that a response sets; `target` is that of its request.
    pub(in crate::replay) fn take(&mut self, response: &Message, target: &[u8], wall: Timestamp) {
        for value in response.header_all("Set-Cookie").take(COOKIES_MAX) {
            self.set(&value, target, wall);
        }
    }

    /// Takes the cookies that a response of ours sets, as its reader will.
    pub(in crate::replay) fn take_own(&mut self, response: &[u8], target: &[u8], wall: Timestamp) {
        for line in response
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
        {
            if line.is_empty() {
                return;
            }
            let Some((name, value)) = line.split_at_checked(SET_COOKIE.len()) else {
                continue;
            };
            if name.eq_ignore_ascii_case(SET_COOKIE) {
                self.set(value, target, wall);
            }
        }
    }

    /// Takes one `Set-Cookie` value (RFC 6265 sections 5.2 and 5.3).
    pub(super) fn set(&mut self, value: &[u8], target: &[u8], wall: Timestamp) {
        let mut parts = value.split(|byte| *byte == b';');
        let Some((name, value)) = parts.next().and_then(named) else {
            return;
        };
        if name.is_empty() || name.len().saturating_add(value.len()) > COOKIE_BYTES_MAX {
            return;
        }
        let mut cookie = Cookie {
            name: name.to_vec(),
            value: value.to_vec(),
            path: default_path(target).to_vec(),
            secure: false,
        };
        let (mut max_age_is_over, mut expired) = (None, false);
        for attribute in parts {
            let (name, value) = named(attribute).unwrap_or((attribute.trim_ascii(), b""));
            if name.eq_ignore_ascii_case(b"Path") && value.starts_with(b"/") {
                cookie.path = value.to_vec();
            } else if name.eq_ignore_ascii_case(b"Secure") {
                cookie.secure = true;
            } else if name.eq_ignore_ascii_case(b"Max-Age") {
                max_age_is_over = is_over(value).or(max_age_is_over);
            } else if name.eq_ignore_ascii_case(b"Expires") {
                expired = is_past(value, wall);
            }
        }
        let same = |it: &Cookie| it.name == cookie.name && it.path == cookie.path;
        let place = self.cookies.iter().position(same);
        // Max-Age has the last word (section 5.3).
        match (max_age_is_over.unwrap_or(expired), place) {
            (true, Some(at)) => drop(self.cookies.remove(at)),
            (true, None) => {}
            (false, Some(at)) => {
                if let Some(old) = self.cookies.get_mut(at) {
                    *old = cookie;
                }
            }
            (false, None) if self.cookies.len() < COOKIES_MAX => self.cookies.push(cookie),
            (false, None) => {}
        }
    }

    /// The value of the `Cookie` field for this target; nothing where there is none to bring.
    pub(super) fn field(&self, target: &[u8], https: bool) -> Option<Vec<u8>> {
        let cookies: Vec<Vec<u8>> = self
            .of(target, https)
            .into_iter()
            .map(|cookie| [cookie.name.as_slice(), b"=", &cookie.value].concat())
            .collect();
        (!cookies.is_empty()).then(|| cookies.join(b"; ".as_slice()))
    }

    /// Names of those that a request should bring and does not, each with whether it brings another value.
    pub(in crate::replay) fn missing(&self, request: &Message, https: bool) -> Vec<(String, bool)> {
        let fields: Vec<Vec<u8>> = request
            .header_all("Cookie")
            .map(std::borrow::Cow::into_owned)
            .collect();
        let brought: Vec<(&[u8], &[u8])> = fields
            .iter()
            .flat_map(|field| field.split(|byte| matches!(byte, b';' | b',')))
            .take(BROUGHT_MAX)
            .filter_map(named)
            .collect();
        let wanted = self.of(request.target(), https).into_iter();
        let lacking = wanted.filter(|cookie| {
            let mut values = brought.iter().filter(|(name, _)| *name == cookie.name);
            !values.any(|(_, value)| unquoted(value) == unquoted(&cookie.value))
        });
        let told = lacking.map(|cookie| {
            let has_other = brought.iter().any(|(name, _)| *name == cookie.name);
            (
                String::from_utf8_lossy(&cookie.name).into_owned(),
                has_other,
            )
        });
        told.collect()
    }

    /// Does a request bring one of those that it should?
    pub(in crate::replay) fn is_brought(&self, request: &Message, https: bool) -> bool {
        self.missing(request, https).len() < self.of(request.target(), https).len()
    }

    pub(in crate::replay) fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }

    /// Longer paths first (section 5.4).
    fn of(&self, target: &[u8], https: bool) -> Vec<&Cookie> {
        let path = path_of(target);
        let fits = |cookie: &&Cookie| (https || !cookie.secure) && matches_path(&cookie.path, path);
        let mut cookies: Vec<&Cookie> = self.cookies.iter().filter(fits).collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        cookies
    }
}

fn named(part: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(b'=', part)?;
    let (name, value) = part.split_at_checked(at)?;
    Some((name.trim_ascii(), value.get(1..)?.trim_ascii()))
}

fn unquoted(value: &[u8]) -> &[u8] {
    let inner = value
        .strip_prefix(b"\"")
        .and_then(|it| it.strip_suffix(b"\""));
    inner.unwrap_or(value)
}

fn is_over(max_age: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(max_age).ok()?;
    Some(text.parse::<i64>().ok()? <= 0)
}

/// Dates with hyphens are older than RFC 1123.
fn is_past(expires: &[u8], wall: Timestamp) -> bool {
    let text = String::from_utf8_lossy(expires).replace('-', " ");
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(&text);
    parsed.is_ok_and(|time| time.as_nanosecond() <= i128::from(wall.nanoseconds))
}

fn path_of(target: &[u8]) -> &[u8] {
    let behind = memchr::memmem::find(target, b"://").map(|at| target.get(at + 3..));
    let path = match behind.flatten() {
        Some(rest) => memchr::memchr(b'/', rest).and_then(|at| rest.get(at..)),
        None => Some(target),
    };
    let path = path.unwrap_or(b"/");
    let end = memchr::memchr2(b'?', b'#', path).unwrap_or(path.len());
    path.get(..end).unwrap_or(path)
}

/// RFC 6265 section 5.1.4.
fn default_path(target: &[u8]) -> &[u8] {
    let path = path_of(target);
    match memchr::memrchr(b'/', path) {
        None | Some(0) => b"/",
        Some(at) => path.get(..at).unwrap_or(b"/"),
    }
}

/// RFC 6265 section 5.1.4.
fn matches_path(cookie: &[u8], path: &[u8]) -> bool {
    let Some(rest) = path.strip_prefix(cookie) else {
        return false;
    };
    rest.is_empty() || cookie.ends_with(b"/") || rest.starts_with(b"/")
}

/// The cookie that a `Set-Cookie` line with a placeholder for its value names.
pub(super) fn name_in(line: &str) -> &str {
    let value = line.split_once(':').map_or("", |(_, value)| value);
    value.split('=').next().unwrap_or_default().trim()
}

/// A fresh value.
pub(in crate::replay) fn fresh(random: &mut dyn FnMut() -> u64) -> String {
    values::hex(random, 2)
}

const SET_COOKIE: &[u8] = b"Set-Cookie:";
/// Cookies of one ACS (RFC 6265 section 6.1).
const COOKIES_MAX: usize = 50;
/// Bytes of name and value (RFC 6265 section 6.1).
const COOKIE_BYTES_MAX: usize = 4096;
/// Cookies of one request that are looked at.
const BROUGHT_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(set: &[&str]) -> Jar {
        let mut jar = Jar::default();
        for value in set {
            let wall = Timestamp {
                nanoseconds: 1_700_000_000_000_000_000,
                digits: 9,
            };
            jar.set(value.as_bytes(), b"/acs/in?x=/y", wall);
        }
        jar
    }

    fn field(set: &[&str], target: &str) -> Option<String> {
        let field = jar(set).field(target.as_bytes(), false);
        field.map(|field| String::from_utf8(field).expect("text"))
    }

    #[test]
    fn cookies_come_back_under_their_path() {
        assert_eq!(field(&["a=1"], "/acs/in").as_deref(), Some("a=1"));
        assert_eq!(field(&["a=1"], "/acs").as_deref(), Some("a=1"));
        assert_eq!(field(&["a=1"], "/acsx"), None);
        assert_eq!(field(&["a=1; Path=/"], "/other").as_deref(), Some("a=1"));
        assert_eq!(field(&["a=1; path=/q"], "/acs/in"), None);
        assert_eq!(field(&["a=1; Secure"], "/acs/in"), None);
        assert_eq!(
            field(
                &["a=1; Path=/", "b=\"x y\"; HttpOnly", "a=2; Path=/"],
                "/acs/in"
            )
            .as_deref(),
            Some("b=\"x y\"; a=2")
        );
    }

    #[test]
    fn cookies_are_taken_away() {
        for gone in [
            "a=; Max-Age=0",
            "a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "a=x; Expires=Thu, 01-Jan-1970 00:00:10 GMT",
            "a=x; Max-Age=-1; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
        ] {
            assert_eq!(field(&["a=1", gone], "/acs/in"), None, "{gone}");
        }
        for stays in [
            "a=2; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "a=2; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
            "a=2; Expires=whenever",
        ] {
            assert_eq!(
                field(&["a=1", stays], "/acs/in").as_deref(),
                Some("a=2"),
                "{stays}"
            );
        }
        assert_eq!(field(&["", "=x", "a"], "/acs/in"), None);
    }
}
