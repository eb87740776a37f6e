//! A scenario written as TOML and files, laid out so that a person reads and edits it and a diff reads well.
//!
//! The same scenario gives the same bytes, and what is written is read as the same scenario.

use std::fmt::Write as _;

use super::quoted::{key, lines, list, milliseconds, seconds, table, text};
use super::read::EMPTY;
use super::words::{CLASSES, FRESH, ON_UNEXPECTED, ROLES, SCHEMES, VIA, word_of};
use super::{
    Act, ActionStep, Auth, Await, Defaults, Expect, Identity, Scenario, Send, Source, Step, TOML,
    Variable,
};

/// The files of a scenario with their names, `scenario.toml` first, the others by name.
#[must_use]
pub fn write(scenario: &Scenario) -> Vec<(String, Vec<u8>)> {
    let toml = toml(scenario).into_bytes();
    let messages = scenario.files.iter();
    let messages = messages.map(|(name, bytes)| (name.clone(), bytes.clone()));
    std::iter::once((TOML.to_owned(), toml))
        .chain(messages)
        .collect()
}

fn toml(scenario: &Scenario) -> String {
    let mut page = Page::default();
    page.comment(
        "What every key means: docs/scenario.md. What is wrong with it: informant scenario lint.",
    );
    page.line("format", "1");
    page.line("role", &text(word_of(&ROLES, scenario.role)));
    if let Some(source) = &scenario.source {
        page.line("source", &self::source(source));
    }
    if scenario.steps.is_empty() {
        page.line("step", "[]");
    }
    identity(&scenario.identity, &mut page);
    if let Some(auth) = &scenario.auth {
        self::auth(auth, &mut page);
    }
    if let Some(stun) = &scenario.stun {
        page.section("[stun]");
        for (name, value) in stun.written() {
            page.line(name, &value);
        }
    }
    variables(scenario, &mut page);
    if !scenario.safety.allow.is_empty() {
        page.section("[safety]");
        page.comment("Classes of RPCs beyond reading; the command line has to allow them too.");
        let allow = scenario.safety.allow.iter();
        // Reading is always allowed, and has no word here.
        let allow = allow.map(|class| word_of(&CLASSES, *class));
        let allow: Vec<String> = allow.filter(|word| !word.is_empty()).map(text).collect();
        page.line("allow", &format!("[{}]", allow.join(", ")));
    }
    defaults(&scenario.defaults, &mut page);
    for step in &scenario.steps {
        self::step(step, &mut page);
    }
    page.text
}

/// A page of TOML on its way.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn section(&mut self, heading: &str) {
        // Writing to a String cannot fail.
        let _ = write!(self.text, "\n{heading}\n");
    }

    fn comment(&mut self, comment: &str) {
        let _ = writeln!(self.text, "# {comment}");
    }

    fn line(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.text, "{} = {value}", key(name));
    }

    fn text_if(&mut self, name: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.line(name, &text(value));
        }
    }

    fn flag_if(&mut self, name: &str, value: bool) {
        if value {
            self.line(name, "true");
        }
    }

    fn texts_if(&mut self, name: &str, values: &[String]) {
        if !values.is_empty() {
            self.line(name, &texts(values));
        }
    }
}

fn texts(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| text(value)).collect();
    list(&values)
}

fn source(source: &Source) -> String {
    let sha256 = ("sha256".to_owned(), text(&source.sha256));
    let sessions = match source.sessions.as_slice() {
        [one] => ("session".to_owned(), one.to_string()),
        several => {
            let several: Vec<String> = several.iter().map(u32::to_string).collect();
            ("sessions".to_owned(), format!("[{}]", several.join(", ")))
        }
    };
    table(&[sha256, sessions])
}

fn identity(identity: &Identity, page: &mut Page) {
    if *identity == Identity::default() {
        return;
    }
    page.section("[identity]");
    page.text_if("device", identity.device.as_ref());
    page.text_if("acs_path", identity.acs_path.as_ref());
}

fn auth(auth: &Auth, page: &mut Page) {
    page.section("[auth]");
    page.line("scheme", &text(word_of(&SCHEMES, auth.scheme)));
    page.line("realm", &text(&auth.realm));
    page.text_if("algorithm", auth.algorithm.as_ref());
    page.text_if("qop", auth.qop.as_ref());
    page.line("username", &text(&auth.username));
    page.line("password", &text(&auth.password));
    if let Some(head) = &auth.challenge_head {
        page.line("challenge_head", &self::head(head));
    }
    page.text_if("challenge_body", auth.challenge_body.as_ref());
}

/// A head as it is read: each line ends, the last one too.
fn head(head: &str) -> String {
    if head.is_empty() || head.ends_with('\n') {
        return lines(head);
    }
    lines(&format!("{head}\n"))
}

fn variables(scenario: &Scenario, page: &mut Page) {
    if scenario.vars.is_empty() {
        return;
    }
    page.section("[vars]");
    let is_secret = |variable: &Variable| matches!(variable, Variable::Secret { .. });
    if scenario.vars.values().any(is_secret) {
        page.comment(
            "Secrets are not written here: they come from the environment or from a file.",
        );
    }
    for (name, variable) in &scenario.vars {
        page.line(name, &self::variable(variable));
    }
}

fn variable(variable: &Variable) -> String {
    let of = |name: &str, value: String| table(&[(name.to_owned(), value)]);
    match variable {
        Variable::Value(value) => text(value),
        Variable::Fresh(fresh) => of("fresh", text(word_of(&FRESH, *fresh))),
        Variable::Captured(Some(recorded)) => of("captured", text(recorded)),
        Variable::Captured(None) => of("captured", "true".to_owned()),
        Variable::Secret { env, file } => {
            let mut members = vec![("secret".to_owned(), "true".to_owned())];
            for (name, value) in [("env", env), ("file", file)] {
                members.extend(value.as_ref().map(|value| (name.to_owned(), text(value))));
            }
            table(&members)
        }
    }
}

fn defaults(defaults: &Defaults, page: &mut Page) {
    page.section("[defaults]");
    page.line("timeout_s", &seconds(defaults.timeout));
    let on_unexpected = word_of(&ON_UNEXPECTED, defaults.on_unexpected);
    page.line("on_unexpected", &text(on_unexpected));
    page.line("unordered", &texts(&defaults.unordered));
    page.texts_if("ignore", &defaults.ignore);
    page.line("time_tolerance_s", &seconds(defaults.time_tolerance));
}

fn step(step: &Step, page: &mut Page) {
    page.section("[[step]]");
    let mut tables = Vec::new();
    match &step.act {
        Act::Expect(expect) => tables = self::expect(expect, page),
        Act::Send(send) => self::send(send, page),
        Act::Await(awaited) => page.line("await", &self::awaited(awaited)),
        Act::Action(action) => page.line("action", &self::action(action)),
    }
    if let Some(after) = step.after {
        page.line("after_ms", &milliseconds(after));
    }
    // Sub-tables end the step's own keys.
    for (name, members) in tables {
        let _ = writeln!(page.text, "[step.{name}]");
        for (key, value) in members {
            page.line(&key, &value);
        }
    }
}

/// A table of a step's with several members.
type Members = (&'static str, Vec<(String, String)>);

/// Writes what is expected, but for tables with several members, which stand behind everything else.
fn expect(expect: &Expect, page: &mut Page) -> Vec<Members> {
    page.line("expect", &text(&expect.message));
    if let Some(status) = expect.status {
        page.line("status", &status.to_string());
    }
    page.text_if("like", expect.like.as_ref());
    page.texts_if("assert", &expect.assert);
    page.texts_if("tolerate", &expect.tolerate);
    page.texts_if("ignore", &expect.ignore);
    if let Some(within) = expect.within {
        page.line("within_s", &seconds(within));
    }
    let mut tables = Vec::new();
    for (name, all) in [("matchers", &expect.matchers), ("capture", &expect.capture)] {
        let members = all.iter().map(|(name, value)| (name.clone(), text(value)));
        let members: Vec<(String, String)> = members.collect();
        match members.len() {
            0 => {}
            1 => page.line(name, &table(&members)),
            _ => tables.push((name, members)),
        }
    }
    tables
}

fn send(send: &Send, page: &mut Page) {
    page.line("send", &text(send.file.as_deref().unwrap_or(EMPTY)));
    page.line("head", &head(&send.head));
    if !send.chunks.is_empty() {
        let sizes: Vec<String> = send.chunks.iter().map(usize::to_string).collect();
        page.line("chunks", &format!("[{}]", sizes.join(", ")));
    }
    page.flag_if("bare_lf", send.bare_lf);
    page.flag_if("new_connection", send.new_connection);
    page.flag_if("close_after", send.close_after);
}

fn awaited(awaited: &Await) -> String {
    let mut members = Vec::new();
    if let Some(event) = &awaited.session_with_event {
        members.push(("session_with_event".to_owned(), text(event)));
    }
    members.push(("within_s".to_owned(), seconds(awaited.within)));
    table(&members)
}

fn action(action: &ActionStep) -> String {
    let ActionStep::ConnectionRequest {
        url,
        via,
        username,
        password,
    } = action;
    let mut members = vec![
        ("connection_request".to_owned(), text(url)),
        ("via".to_owned(), text(word_of(&VIA, *via))),
    ];
    for (name, value) in [("username", username), ("password", password)] {
        members.extend(value.as_ref().map(|value| (name.to_owned(), text(value))));
    }
    table(&members)
}
