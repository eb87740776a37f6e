//! Heads that no peer could read, and lengths that hold no longer than the body stays as it is.

use std::collections::BTreeSet;

use super::{Ground, Spot};
use crate::replay::scenario::problem::shown;
use crate::replay::scenario::sample::{begins_rightly, status_of};
use crate::replay::scenario::{Act, Auth, Role, Send};

/// Looks at the head of every message that is sent, and tells the steps, counted from 0, with one that cannot go out.
pub(super) fn look(ground: &Ground<'_>) -> BTreeSet<usize> {
    let mut bent = BTreeSet::new();
    for (index, step) in ground.scenario.steps.iter().enumerate() {
        if let Act::Send(send) = &step.act
            && !head(ground, send, index)
        {
            bent.insert(index);
        }
    }
    if let Some(auth) = &ground.scenario.auth {
        challenge(ground, auth);
    }
    bent
}

fn challenge(ground: &Ground<'_>, auth: &Auth) {
    let Some(head) = &auth.challenge_head else {
        return;
    };
    let spot = Spot::Toml("auth.challenge_head");
    if !head.contains("{{http.challenge}}") {
        let what = "the head of the challenge needs a line `WWW-Authenticate: {{http.challenge}}`";
        ground.error("no-challenge", &spot, what);
    }
    if !matches!(status_of(head), Some(401 | 407)) {
        let what = "a challenge is a response with the status 401 or 407";
        ground.error("start-line", &spot, what);
    }
}

/// False where the head cannot go out.
fn head(ground: &Ground<'_>, send: &Send, index: usize) -> bool {
    let spot = Spot::Step(index, "head");
    let head = send.head.as_str();
    if head.is_empty() {
        let what = "the head is empty: leave `head` out for a plain one";
        ground.error("no-head", &spot, what);
        return false;
    }
    let mut is_right = true;
    if !begins_rightly(ground.scenario.role, head) {
        let wanted = match ground.scenario.role {
            Role::Acs => "HTTP/1.1 200 OK",
            Role::Cpe => "POST {{http.target}} HTTP/1.1",
        };
        let line = shown(head.lines().next().unwrap_or_default());
        let what =
            format!("a head of this side begins with `{wanted}` or alike, not with `{line}`");
        ground.error("start-line", &spot, what);
        is_right = false;
    }
    if head.contains('\r') || head.lines().any(|line| line.trim().is_empty()) {
        let what = "an empty line, or a carriage return, ends the head too early: the rest would be taken for the body";
        ground.error("blank-line", &spot, what);
        is_right = false;
    }
    for line in head.lines().skip(1) {
        let is_folded = line.starts_with([' ', '\t']);
        if !is_folded && !line.is_empty() && !line.contains(':') {
            let what = format!("`{}` is no header: it has no colon", shown(line));
            ground.error("header-line", &spot, what);
            is_right = false;
        }
    }
    length(ground, send, index) && is_right
}

/// How the receiver finds the end of the body; false where it does not.
fn length(ground: &Ground<'_>, send: &Send, index: usize) -> bool {
    let mut is_right = true;
    let mut wrong = |name: &'static str, spot: &Spot<'_>, what: &str| {
        ground.error(name, spot, what);
        is_right = false;
    };
    let spot = Spot::Step(index, "head");
    let value_of = |wanted: &str| {
        send.head.lines().skip(1).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| value.trim())
        })
    };
    let length = value_of("Content-Length");
    let has_body = send.file.is_some();
    let is_fixed = length.is_some_and(|length| !length.contains("{{http.length}}"));
    if is_fixed && (has_body || length.is_some_and(|length| length.parse() != Ok(0_u64))) {
        let what = format!(
            "Content-Length is fixed at {}: {{{{http.length}}}} counts the body as it goes out",
            shown(length.unwrap_or_default())
        );
        wrong("fixed-length", &spot, &what);
    }
    let coding = value_of("Transfer-Encoding").unwrap_or_default();
    let is_chunked = coding.to_ascii_lowercase().contains("chunked");
    match (is_chunked, send.chunks.is_empty()) {
        (true, true) if has_body => {
            let what = "the head announces chunks: `chunks = [1024]` says how large they are";
            wrong("no-chunks", &spot, what);
        }
        (false, false) => {
            let what = "there are `chunks`, and the head has no line `Transfer-Encoding: chunked`";
            wrong("no-chunks", &Spot::Step(index, "chunks"), what);
        }
        (true, false) if length.is_some() => {
            let what = "the head has both a Content-Length and chunks, which receivers read in different ways (RFC 9112 section 6.1)";
            ground.warning("two-lengths", &spot, what);
        }
        _ => {}
    }
    let ends_by_close = send.close_after && ground.scenario.role == Role::Acs;
    if has_body && length.is_none() && !is_chunked && !ends_by_close {
        let what = "nothing tells where the body ends: the head needs `Content-Length: {{http.length}}`, or chunks";
        wrong("no-length", &spot, what);
    }
    is_right
}
