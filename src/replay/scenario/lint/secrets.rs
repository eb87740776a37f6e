//! Secrets that are written in clear, and secrets that come from nowhere.

use std::collections::BTreeSet;

use cwmp::{Element, Hints, Limits};

use super::{Ground, Spot};
use crate::replay::scenario::problem::shown;
use crate::replay::scenario::{Act, ActionStep, Variable};
use crate::replay::template::names;
use crate::session::{MASKED, Masking};

/// Looks at variables, credentials, heads and messages.
pub(super) fn look(ground: &Ground<'_>) {
    variables(ground);
    if let Some(auth) = &ground.scenario.auth {
        password(ground, &auth.password, &Spot::Toml("auth.password"));
    }
    let stun = ground.scenario.stun.as_ref();
    if let Some(text) = stun.and_then(|stun| stun.password.as_ref()) {
        password(ground, text, &Spot::Toml("stun.password"));
    }
    let mut seen = BTreeSet::new();
    for (index, step) in ground.scenario.steps.iter().enumerate() {
        match &step.act {
            Act::Send(send) => head(ground, &send.head, index),
            Act::Action(ActionStep::ConnectionRequest {
                password: Some(text),
                ..
            }) => password(ground, text, &Spot::Step(index, "action")),
            _ => {}
        }
        if let Some((name, _)) = step.file()
            && seen.insert(name)
            && let Some(content) = ground.scenario.files.get(name)
        {
            message(ground, content, index, name);
        }
    }
}

fn variables(ground: &Ground<'_>) {
    for (name, variable) in &ground.scenario.vars {
        let path = format!("vars.{name}");
        match variable {
            Variable::Value(value) | Variable::Captured(Some(value))
                if Masking::default().hides(&camel(name)) && !is_hidden(value.as_bytes()) =>
            {
                let env = name.to_ascii_uppercase();
                let what = format!(
                    "`{name}` looks like a secret, and is written in clear: {{ secret = true, env = \"{env}\" }} keeps it out"
                );
                ground.error("secret-in-clear", &Spot::Toml(&path), what);
            }
            Variable::Secret {
                env: None,
                file: None,
            } => {
                let what = format!("the secret `{name}` comes from nowhere: give `env` or `file`");
                ground.error("secret-without-source", &Spot::Toml(&path), what);
            }
            _ => {}
        }
    }
}

/// `sip_password` as a parameter would be named: `SipPassword`.
fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut letters = word.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.extend(letters);
    }
    out
}

/// A password is the placeholder of a secret variable, and nothing else.
fn password(ground: &Ground<'_>, text: &str, spot: &Spot<'_>) {
    let mut named = names(text.as_bytes());
    let variable = match (named.next(), named.next()) {
        (Some(name), None) if text.len() == name.len().saturating_add(4) => {
            ground.scenario.vars.get(name)
        }
        _ => None,
    };
    let is_secret = matches!(
        variable,
        Some(Variable::Secret { .. } | Variable::Captured(_))
    );
    if !is_secret {
        let what = "the password is written in clear: it is the placeholder of a variable of [vars] that is { secret = true, env = \"...\" }";
        ground.error("secret-in-clear", spot, what);
    }
}

fn head(ground: &Ground<'_>, head: &str, index: usize) {
    for line in head.lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        let masked = Masking::default().header(name.as_bytes(), value.as_bytes());
        if names(value.as_bytes()).next().is_some() || masked == value.as_bytes() {
            continue;
        }
        let name = shown(name.trim());
        let spot = Spot::Step(index, "head");
        if name.to_ascii_lowercase().ends_with("authorization") {
            let what = format!(
                "`{name}` holds recorded credentials, which are worth nothing again: {{{{http.authorization}}}} makes them anew"
            );
            ground.error("secret-in-clear", &spot, what);
        } else {
            let what = format!(
                "`{name}` holds a secret in clear; {{{{http.cookie}}}} and {{{{http.set_cookie}}}} stand for cookies"
            );
            ground.warning("secret-in-clear", &spot, what);
        }
    }
}

/// Elements whose content is hidden wherever it is shown, and no placeholder.
fn message(ground: &Ground<'_>, content: &[u8], index: usize, name: &str) {
    let document = cwmp::parse(content.to_vec(), &Hints::default(), &Limits::default());
    let places = Masking::default().places(document.text());
    let range_of = |element: &Element<'_>| {
        let start = element.content_offset();
        start..start.saturating_add(element.content().len())
    };
    let leaves = document.elements().filter(Element::is_leaf);
    let clear = leaves.filter(|leaf| places.hide(&range_of(leaf)) && !is_hidden(leaf.content()));
    for element in clear.take(CLEAR_MAX) {
        let what = format!(
            "{} is a secret, and is written in clear: a placeholder of a secret variable keeps it out",
            of_what(element)
        );
        let spot = Spot::File(index, name, element.content_offset());
        ground.error("secret-in-clear", &spot, what);
    }
}

/// The parameter or the argument whose value stands there.
fn of_what(element: Element<'_>) -> String {
    let sibling = element.parent().and_then(|parent| parent.child("Name"));
    match sibling.filter(|_| element.is_named("Value")) {
        Some(name) => format!("the value of {}", shown(name.text().trim())),
        None => shown(element.name()),
    }
}

/// Nothing is given away: it is empty, holds a placeholder, or says that something is hidden.
fn is_hidden(value: &[u8]) -> bool {
    let text = value.trim_ascii();
    let is_mark = |mark: &[u8]| text.eq_ignore_ascii_case(mark);
    text.is_empty()
        || names(text).next().is_some()
        || is_mark(MASKED.as_bytes())
        || is_mark(b"masked")
        || is_mark(b"&lt;masked&gt;")
}

/// Secrets in clear that are told of one file.
const CLEAR_MAX: usize = 100;
