//! Messages as they may go out, with the recorded values or made-up ones in the place of placeholders: for what is to be known of a
//! scenario before it is played. Nothing of it is ever sent.

use std::borrow::Cow;

use super::{Role, Scenario, Send, Variable};
use crate::replay::guard::{Classified, classify};
use crate::replay::template::{fill, names, xml};

/// What the guard makes of a message.
#[must_use]
pub fn classified(scenario: &Scenario, send: &Send) -> Classified {
    classify(&message(scenario, send))
}

/// A whole HTTP message.
fn message(scenario: &Scenario, send: &Send) -> Vec<u8> {
    let template = send.file.as_ref().and_then(|name| scenario.files.get(name));
    let body = template.map_or_else(Vec::new, |template| body(scenario, template));
    let mut message = Vec::new();
    for line in send.head.lines() {
        if let Some(line) = head_line(scenario, line, body.len()) {
            message.extend_from_slice(line.as_bytes());
            message.extend_from_slice(b"\r\n");
        }
    }
    message.extend_from_slice(b"\r\n");
    if send.chunks.is_empty() {
        message.extend_from_slice(&body);
    } else {
        chunked(&body, &send.chunks, &mut message);
    }
    message
}

/// A body with its values.
#[must_use]
pub(super) fn body(scenario: &Scenario, template: &[u8]) -> Vec<u8> {
    let value = |name: &str| Some(Cow::Owned(xml(&value(scenario, name)).into_bytes()));
    fill(template, value).unwrap_or_default()
}

/// A recorded message as far as its values are known; other placeholders stay.
#[must_use]
pub(super) fn recorded(scenario: &Scenario, template: &[u8]) -> Vec<u8> {
    let value = |name: &str| {
        let value = known(scenario, name).map(|value| xml(value).into_bytes());
        Some(Cow::Owned(
            value.unwrap_or_else(|| format!("{{{{{name}}}}}").into_bytes()),
        ))
    };
    fill(template, value).unwrap_or_default()
}

/// A text that is no XML, where all its values are known.
#[must_use]
pub(super) fn known_text(scenario: &Scenario, template: &str) -> Option<String> {
    let value = |name: &str| Some(Cow::Borrowed(known(scenario, name)?.as_bytes()));
    let filled = fill(template.as_bytes(), value).ok()?;
    Some(String::from_utf8_lossy(&filled).into_owned())
}

/// A text that is no XML, with its values.
#[must_use]
pub fn text(scenario: &Scenario, template: &str) -> String {
    let value = |name: &str| Some(Cow::Owned(value(scenario, name).into_bytes()));
    let filled = fill(template.as_bytes(), value).unwrap_or_default();
    String::from_utf8_lossy(&filled).into_owned()
}

/// What stands in [vars], or was recorded.
fn known<'s>(scenario: &'s Scenario, name: &str) -> Option<&'s String> {
    match scenario.vars.get(name)? {
        Variable::Value(value) | Variable::Captured(Some(value)) => Some(value),
        _ => None,
    }
}

fn value(scenario: &Scenario, name: &str) -> String {
    match known(scenario, name) {
        Some(value) => value.clone(),
        _ if name == "cwmp.now" => "2026-01-01T00:00:00Z".to_owned(),
        _ if name.ends_with(".url") => "http://127.0.0.1/file".to_owned(),
        _ => "1".to_owned(),
    }
}

/// A line of a head; none where it is left out while there is nothing to say.
fn head_line(scenario: &Scenario, line: &str, body_bytes: usize) -> Option<String> {
    let own = names(line.as_bytes()).find(|name| name.starts_with("http."));
    let filled = match own {
        None => text(scenario, line),
        Some("http.length") => line.replace("{{http.length}}", &body_bytes.to_string()),
        Some("http.target") => line.replace("{{http.target}}", "/"),
        Some("http.host") => line.replace("{{http.host}}", "127.0.0.1"),
        // What is left out here asks nothing of anybody; a redirect goes to a place of the command line.
        Some(_) => return None,
    };
    Some(filled)
}

fn chunked(body: &[u8], sizes: &[usize], out: &mut Vec<u8>) {
    let mut rest = body;
    let mut sizes = sizes.iter().copied();
    let mut size = rest.len();
    while !rest.is_empty() {
        size = sizes.next().unwrap_or(size).clamp(1, rest.len());
        let (chunk, behind) = rest.split_at(size);
        out.extend_from_slice(format!("{size:x}\r\n").as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
        rest = behind;
    }
    out.extend_from_slice(b"0\r\n\r\n");
}

/// The name of what a step sends: the message of its body, `empty` without one, `undecodable` where the body holds none.
#[must_use]
pub fn sent_message(scenario: &Scenario, send: &Send) -> String {
    let Some(template) = send.file.as_ref().and_then(|name| scenario.files.get(name)) else {
        return if send.file.is_none() {
            "empty".to_owned()
        } else {
            "undecodable".to_owned()
        };
    };
    let body = body(scenario, template);
    let document = cwmp::parse(body, &cwmp::Hints::default(), &cwmp::Limits::default());
    let mut envelopes = document.envelope_refs();
    let name = envelopes.find_map(|envelope| envelope.message_name().map(str::to_owned));
    name.unwrap_or_else(|| "undecodable".to_owned())
}

/// The status that a head begins with; none for a request.
#[must_use]
pub(super) fn status_of(head: &str) -> Option<u16> {
    let line = head.lines().next()?;
    let rest = line.strip_prefix("HTTP/")?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// Whether a head begins as one of this side does.
#[must_use]
pub(super) fn begins_rightly(role: Role, head: &str) -> bool {
    let line = head.lines().next().unwrap_or_default();
    let words: Vec<&str> = line.split(' ').collect();
    match role {
        Role::Acs => status_of(head).is_some_and(|status| (100..=599).contains(&status)),
        Role::Cpe => {
            matches!(words.as_slice(), [method, _, version] if !method.is_empty() && version.starts_with("HTTP/"))
        }
    }
}
