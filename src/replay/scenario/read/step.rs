//! One `[[step]]`: what is expected or sent, a session that is awaited, a Connection Request.

use super::super::fields::{Fields, Notes, Placed};
use super::super::name::check_file_name;
use super::super::problem::shown;
use super::super::words::VIA;
use super::super::{Act, ActionStep, Await, Expect, Role, Send, Step, Via};
use super::{AWAITED, check_variable_name, file_name, head};

/// Reads a step; nothing where it cannot be told what it does.
pub(super) fn read(notes: &Notes<'_>, value: Placed<'_>, path: &str, role: Role) -> Option<Step> {
    let fields = Fields::any(notes, value, path, "a step")?;
    let given: Vec<&&str> = ACTS.iter().filter(|act| fields.has(act)).collect();
    let act = match given.as_slice() {
        [act] => **act,
        [] => {
            fields.know("a step", &ALL);
            let what =
                "a step has one of `expect`, `send`, `await`, `action`, which says what happens";
            if !fields.holds_like(&ACTS) {
                notes.note(fields.at, what);
            }
            return None;
        }
        [one, other, ..] => {
            let what = format!("a step does one thing: `{one}` and `{other}` are two steps");
            notes.note(fields.at, what);
            return None;
        }
    };
    let after = fields.milliseconds("after_ms");
    let act = match act {
        "expect" => expect(&fields).map(Act::Expect),
        "send" => send(&fields, role).map(Act::Send),
        "await" => awaited(&fields).map(Act::Await),
        _ => action(&fields).map(Act::Action),
    };
    Some(Step { act: act?, after })
}

/// Notes keys that this kind of step does not have, and whose they are.
fn know(fields: &Fields<'_, '_>, act: &str, keys: &[&'static str]) {
    for (key, at, _) in fields.entries() {
        let other = KEYS_OF
            .iter()
            .find(|(of, keys)| *of != act && keys.contains(&key));
        if let Some((other, _)) = other.filter(|_| !keys.contains(&key)) {
            let what = format!("`{key}` is a key of `{other}`, and this step is `{act}`");
            fields.notes().note(at, what);
        }
    }
    // What another kind has is told above.
    let foreign = ALL.iter().copied().filter(|key| fields.has(key));
    let known: Vec<&'static str> = keys.iter().copied().chain(foreign).collect();
    fields.know(&format!("a step that is `{act}`"), &known);
}

fn expect(fields: &Fields<'_, '_>) -> Option<Expect> {
    know(fields, "expect", &EXPECT);
    let message = fields.text("expect")?;
    if message.is_empty() {
        let what =
            "`expect` names the message: `Inform`, `SetParameterValuesResponse`, `Fault`, `empty`";
        fields.notes().note(fields.at, what);
    }
    let capture = fields.texts_by_name("capture", "`capture`");
    for name in capture.keys() {
        if let Err(what) = check_variable_name(name) {
            fields.notes().note(fields.at, what);
        }
    }
    let status = fields.number("status", 100, 599);
    Some(Expect {
        message,
        status: status.and_then(|status| u16::try_from(status).ok()),
        like: file_name(fields, "like"),
        assert: fields.texts("assert"),
        tolerate: fields.texts("tolerate"),
        ignore: fields.texts("ignore"),
        matchers: fields.texts_by_name("matchers", "`matchers`"),
        capture,
        within: fields.seconds("within_s"),
    })
}

fn send(fields: &Fields<'_, '_>, role: Role) -> Option<Send> {
    know(fields, "send", &SEND);
    let written = fields.text("send")?;
    let file = (written != EMPTY).then_some(written);
    if let Some(name) = &file
        && let Err(what) = check_file_name(name)
    {
        let what = format!(
            "`{}`: {what}; `send` names the file with the body, or is \"{EMPTY}\"",
            shown(name)
        );
        fields.notes().note(fields.at, what);
        return None;
    }
    let plain = || plain_head(role, file.is_some());
    let head = if fields.has("head") {
        fields.text("head").map(head)
    } else {
        Some(plain())
    };
    Some(Send {
        head: head.unwrap_or_default(),
        chunks: chunks(fields),
        bare_lf: fields.flag("bare_lf").unwrap_or(false),
        new_connection: fields.flag("new_connection").unwrap_or(false),
        close_after: fields.flag("close_after").unwrap_or(false),
        file,
    })
}

/// The head of a message for which a scenario gives none: as TR-069 Amendment 3 section 3.4.1 has it.
#[must_use]
pub fn plain_head(role: Role, has_body: bool) -> String {
    let head = match (role, has_body) {
        (Role::Acs, true) => {
            "HTTP/1.1 200 OK\nContent-Type: text/xml; charset=utf-8\nContent-Length: {{http.length}}\n"
        }
        (Role::Acs, false) => "HTTP/1.1 204 No Content\n",
        (Role::Cpe, true) => {
            "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nAuthorization: {{http.authorization}}\nCookie: {{http.cookie}}\n\
             Content-Type: text/xml; charset=utf-8\nSOAPAction:\nContent-Length: {{http.length}}\n"
        }
        (Role::Cpe, false) => {
            "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nAuthorization: {{http.authorization}}\nCookie: {{http.cookie}}\n\
             Content-Length: {{http.length}}\n"
        }
    };
    head.to_owned()
}

fn chunks(fields: &Fields<'_, '_>) -> Vec<usize> {
    let members = fields.list("chunks", "a list of sizes in bytes: [1024]");
    let sizes = members.iter().take(CHUNKS_MAX);
    let sizes: Vec<usize> = sizes
        .filter_map(|(_, value)| fields.number_at("chunks", value, 1, CHUNK_BYTES_MAX))
        .filter_map(|size| usize::try_from(size).ok())
        .collect();
    if let Some((_, value)) = members.get(CHUNKS_MAX) {
        let what = format!("`chunks` lists at most {CHUNKS_MAX} sizes: the last is repeated");
        fields.notes().note(value.span().start, what);
    }
    sizes
}

fn awaited(fields: &Fields<'_, '_>) -> Option<Await> {
    know(fields, "await", &AWAIT);
    let value = fields.value("await")?;
    let path = fields.path_of("await");
    let keys = ["session_with_event", "within_s"];
    let inner = Fields::of(fields.notes(), value, &path, "`await`", &keys)?;
    Some(Await {
        session_with_event: inner.text("session_with_event"),
        within: inner.seconds("within_s").unwrap_or(AWAITED),
    })
}

fn action(fields: &Fields<'_, '_>) -> Option<ActionStep> {
    know(fields, "action", &ACTION);
    let value = fields.value("action")?;
    let path = fields.path_of("action");
    let keys = ["connection_request", "via", "username", "password"];
    let inner = Fields::of(fields.notes(), value, &path, "`action`", &keys)?;
    if !inner.has("connection_request") {
        let wanted = "the URL, such as \"{{connection_request_url}}\"";
        inner.missing("`action`", "connection_request", wanted);
    }
    let via = if inner.has("via") {
        inner.word("via", &VIA)
    } else {
        Some(Via::Http)
    };
    Some(ActionStep::ConnectionRequest {
        url: inner.text("connection_request")?,
        via: via?,
        username: inner.text("username"),
        password: inner.text("password"),
    })
}

/// A message without a body.
pub(in crate::replay::scenario) const EMPTY: &str = "empty";

const ACTS: [&str; 4] = ["expect", "send", "await", "action"];
const EXPECT: [&str; 10] = [
    "expect", "status", "like", "assert", "tolerate", "ignore", "matchers", "capture", "within_s",
    "after_ms",
];
const SEND: [&str; 7] = [
    "send",
    "head",
    "chunks",
    "bare_lf",
    "new_connection",
    "close_after",
    "after_ms",
];
const AWAIT: [&str; 2] = ["await", "after_ms"];
const ACTION: [&str; 2] = ["action", "after_ms"];
const KEYS_OF: [(&str, &[&str]); 4] = [
    ("expect", &EXPECT),
    ("send", &SEND),
    ("await", &AWAIT),
    ("action", &ACTION),
];
const ALL: [&str; 18] = [
    "expect",
    "send",
    "await",
    "action",
    "status",
    "like",
    "assert",
    "tolerate",
    "ignore",
    "matchers",
    "capture",
    "within_s",
    "after_ms",
    "head",
    "chunks",
    "bare_lf",
    "new_connection",
    "close_after",
];
/// Sizes of chunks that a message lists; the last is repeated.
const CHUNKS_MAX: usize = 4096;
/// Bytes of a chunk: as large as a body may be.
const CHUNK_BYTES_MAX: u64 = 16 << 20;
