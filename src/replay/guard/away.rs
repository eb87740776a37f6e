//! Whether a response sends its reader elsewhere, by whatever field or page: that is never let out.

use http1::{Kind, Message};

/// Why a response sends the device elsewhere, if it does.
pub(super) fn leads_away(message: &Message, own: &[String]) -> Option<String> {
    if message.kind() != Kind::Response {
        return None;
    }
    let fields = FIELDS.iter().find_map(|(field, targets)| {
        let mut values = message.header_all(field);
        values.find_map(|value| {
            Some((
                *field,
                away_in(&String::from_utf8_lossy(&value), *targets, own)?,
            ))
        })
    });
    let (what, target) = fields.or_else(|| Some(("page", away_in_page(message.body(), own)?)))?;
    // Neither a user nor a query is shown: both may hold secrets.
    let place = target.split(['?', '#']).next().unwrap_or_default();
    let place = place.rsplit('@').next().unwrap_or_default();
    Some(format!(
        "its {what} points away from this program's own address, to {place:?}"
    ))
}

/// How a field holds its targets.
#[derive(Debug, Clone, Copy)]
enum Targets {
    /// The value is one.
    Whole,
    /// Behind the seconds: `5; url=/b` (as HTML has it).
    Refresh,
    /// In angle brackets (RFC 8288 section 3).
    Bracketed,
    /// Authorities in quotes, each with a port (RFC 7838 section 3).
    Authorities,
}

/// The first target that is not here.
fn away_in(value: &str, targets: Targets, own: &[String]) -> Option<String> {
    let found: Vec<&str> = match targets {
        Targets::Whole => vec![value],
        Targets::Refresh => refreshed(value).into_iter().collect(),
        Targets::Bracketed => value
            .split('<')
            .skip(1)
            .map(|behind| behind.split('>').next().unwrap_or_default())
            .collect(),
        Targets::Authorities => {
            let authorities = value.split('"').skip(1).step_by(2);
            let mut away = authorities.filter(|one| !one.starts_with(':') && one.contains(':'));
            let away = away.find(|one| !own.contains(&one.to_ascii_lowercase()));
            return away.map(str::to_owned);
        }
    };
    let mut found = found.into_iter();
    found
        .find(|target| !is_own(target, own))
        .map(|target| target.trim().to_owned())
}

/// Where a refresh goes; nothing where it comes back to the same page.
fn refreshed(value: &str) -> Option<&str> {
    let seconds = |c: char| c.is_ascii_digit() || c == '.';
    let behind = value.trim().trim_start_matches(seconds);
    let separates = |c: char| c.is_ascii_whitespace() || matches!(c, ';' | ',');
    let behind = behind.trim_start_matches(separates);
    let is_named = behind
        .get(..3)
        .is_some_and(|name| name.eq_ignore_ascii_case("url"));
    let named = behind.get(3..).filter(|_| is_named);
    let target = named
        .and_then(|rest| rest.trim_start().strip_prefix('='))
        .unwrap_or(behind);
    let target = target.trim().trim_matches(['"', '\'']);
    (!target.is_empty()).then_some(target)
}

/// Where a page takes its reader by itself (`<meta http-equiv="refresh">`).
fn away_in_page(body: &[u8], own: &[String]) -> Option<String> {
    let lower = body.to_ascii_lowercase();
    let mut tags = memchr::memmem::find_iter(&lower, b"<meta").map(|at| {
        let tag = body.get(at..).unwrap_or_default();
        let end = memchr::memchr(b'>', tag).unwrap_or(tag.len());
        String::from_utf8_lossy(tag.get(..end).unwrap_or_default()).into_owned()
    });
    tags.find_map(|tag| {
        let lower = tag.to_ascii_lowercase();
        if !lower.contains("refresh") {
            return None;
        }
        let content = lower.find("content")?;
        let value = tag.get(content..)?.split_once('=')?.1.trim_start();
        let quote = value
            .chars()
            .next()
            .filter(|first| matches!(first, '"' | '\''));
        let value = match quote {
            Some(quote) => value.get(1..)?.split(quote).next()?,
            None => value.split_ascii_whitespace().next()?,
        };
        let target = refreshed(value)?;
        // What an entity stands for is not looked up here.
        let away = target.contains('&') || !is_own(target, own);
        away.then(|| target.to_owned())
    })
}

/// A path on this authority, or a URL with one of the own.
fn is_own(location: &str, own: &[String]) -> bool {
    let location = location.trim();
    if location.contains(|c: char| c.is_control() || matches!(c, '\\' | '\u{FFFD}')) {
        return false;
    }
    let lower = location.to_ascii_lowercase();
    let (rest, port) = match lower.split_once("://") {
        Some(("http", rest)) => (rest, "80"),
        Some(("https", rest)) => (rest, "443"),
        Some(_) => return false,
        None => return lower.starts_with('/') && !lower.starts_with("//"),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let with_port = format!("{authority}:{port}");
    own.iter()
        .any(|own| own == authority || *own == with_port || format!("{own}:{port}") == authority)
}

/// Fields that some reader follows; `URI` is that of RFC 2068 section 19.6.2.5.
const FIELDS: [(&str, Targets); 5] = [
    ("Location", Targets::Whole),
    ("Refresh", Targets::Refresh),
    ("URI", Targets::Bracketed),
    ("Link", Targets::Bracketed),
    ("Alt-Svc", Targets::Authorities),
];
