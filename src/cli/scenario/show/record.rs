//! A scenario as `scenario show -T json` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::replay::scenario::{
    Act, ActionStep, AuthScheme, Expect, Role, Scenario, Send, Step, Variable, Via, classified,
    sent_message,
};
use crate::replay::template::names;
use crate::session::Masking;

/// One scenario.
#[derive(Serialize)]
pub(super) struct ShowRecord {
    pub scenario: String,
    pub role: &'static str,
    pub source: Option<SourceRecord>,
    pub device: Option<String>,
    pub acs_path: Option<String>,
    pub auth: Option<&'static str>,
    pub allow: Vec<&'static str>,
    pub secrets: Vec<SecretRecord>,
    pub steps: Vec<StepRecord>,
}

/// Where it was recorded.
#[derive(Serialize)]
pub(super) struct SourceRecord {
    pub sha256: String,
    pub sessions: Vec<u32>,
}

/// A secret that it needs.
#[derive(Serialize)]
pub(super) struct SecretRecord {
    pub name: String,
    pub env: Option<String>,
    pub file: Option<String>,
    /// The variable of the environment is set, or the file is there.
    pub present: bool,
}

/// One step.
#[derive(Serialize)]
pub(super) struct StepRecord {
    pub step: usize,
    pub kind: &'static str,
    pub from: Option<&'static str>,
    pub message: Option<String>,
    pub class: Option<&'static str>,
    pub file: Option<String>,
    pub after_ms: Option<f64>,
    pub within_ms: Option<f64>,
    pub asserts: Vec<String>,
    pub tolerates: Vec<String>,
    pub captures: BTreeMap<String, String>,
    pub event: Option<String>,
    pub url: Option<String>,
    pub via: Option<&'static str>,
    pub secrets: Vec<String>,
}

impl ShowRecord {
    pub(super) fn new(path: &Path, scenario: &Scenario, masking: Masking) -> Self {
        let steps = scenario.steps.iter().zip(1..);
        Self {
            scenario: path.to_string_lossy().into_owned(),
            role: scenario.role.name(),
            source: scenario.source.as_ref().map(|source| SourceRecord {
                sha256: source.sha256.clone(),
                sessions: source.sessions.clone(),
            }),
            device: scenario.identity.device.clone(),
            acs_path: scenario.identity.acs_path.clone(),
            auth: scenario.auth.as_ref().map(|auth| match auth.scheme {
                AuthScheme::Digest => "digest",
                AuthScheme::Basic => "basic",
            }),
            allow: scenario.safety.allow.iter().map(|it| it.name()).collect(),
            secrets: secrets(path, scenario),
            steps: steps
                .map(|(step, number)| StepRecord::new(scenario, step, number, masking))
                .collect(),
        }
    }
}

fn secrets(path: &Path, scenario: &Scenario) -> Vec<SecretRecord> {
    let secret = |(name, variable): (&String, &Variable)| {
        let Variable::Secret { env, file } = variable else {
            return None;
        };
        let is_set = env.as_ref().is_some_and(|env| is_set(env));
        let is_there = file.as_ref().is_some_and(|file| path.join(file).is_file());
        Some(SecretRecord {
            name: name.clone(),
            env: env.clone(),
            file: file.clone(),
            present: is_set || is_there,
        })
    };
    scenario.vars.iter().filter_map(secret).collect()
}

/// A name that the environment cannot have is not set either.
fn is_set(env: &str) -> bool {
    !env.is_empty() && !env.contains(['=', '\0']) && std::env::var_os(env).is_some()
}

impl StepRecord {
    fn new(scenario: &Scenario, step: &Step, number: usize, masking: Masking) -> Self {
        let mut record = Self {
            step: number,
            kind: "await",
            from: None,
            message: None,
            class: None,
            file: step.file().map(|(name, _)| name.to_owned()),
            after_ms: step.after.map(milliseconds),
            within_ms: None,
            asserts: Vec::new(),
            tolerates: Vec::new(),
            captures: BTreeMap::new(),
            event: None,
            url: None,
            via: None,
            secrets: Vec::new(),
        };
        match &step.act {
            Act::Expect(expect) => record.expect(scenario, expect, masking),
            Act::Send(send) => record.send(scenario, send),
            Act::Await(awaited) => {
                record.event.clone_from(&awaited.session_with_event);
                record.within_ms = Some(milliseconds(awaited.within));
            }
            Act::Action(action) => record.action(scenario, action, masking),
        }
        record
    }

    fn expect(&mut self, scenario: &Scenario, expect: &Expect, masking: Masking) {
        self.kind = "expect";
        self.from = Some(match scenario.role {
            Role::Acs => "cpe",
            Role::Cpe => "acs",
        });
        self.message = Some(expect.message.clone());
        self.within_ms = expect.within.map(milliseconds);
        let masked = |text: &String| masking.text(text).into_owned();
        self.asserts = expect.assert.iter().map(masked).collect();
        self.tolerates.clone_from(&expect.tolerate);
        self.captures.clone_from(&expect.capture);
    }

    fn send(&mut self, scenario: &Scenario, send: &Send) {
        self.kind = "send";
        self.from = Some(scenario.role.name());
        self.message = Some(sent_message(scenario, send));
        self.class = Some(classified(scenario, send).class.name());
        let body = send.file.as_ref().and_then(|name| scenario.files.get(name));
        let body = body.map_or(&[][..], Vec::as_slice);
        self.secrets = needed(scenario, &[send.head.as_bytes(), body]);
    }

    fn action(&mut self, scenario: &Scenario, action: &ActionStep, masking: Masking) {
        let ActionStep::ConnectionRequest { url, via, .. } = action;
        self.kind = "connection_request";
        self.url = Some(masking.text(url).into_owned());
        self.via = Some(match via {
            Via::Http => "http",
            Via::Udp => "udp",
        });
        let texts: Vec<&[u8]> = action.texts().map(str::as_bytes).collect();
        self.secrets = needed(scenario, &texts);
    }

    /// What it does, in a few words.
    pub(super) fn words(&self) -> String {
        let message = self.message.as_deref().unwrap_or_default();
        match self.kind {
            "connection_request" => {
                let via = self.via.unwrap_or_default();
                format!("connection request, {via}")
            }
            "await" => {
                let event = self.event.as_deref().unwrap_or("any event");
                format!("await session, {event}")
            }
            kind => format!("{kind} {message}"),
        }
    }

    /// All the rest of it.
    pub(super) fn details(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.file.clone());
        parts.extend(self.url.clone());
        if !self.secrets.is_empty() {
            parts.push(format!("secret {}", self.secrets.join(", ")));
        }
        match self.asserts.len() {
            0 => {}
            1 => parts.push("1 assertion".to_owned()),
            count => parts.push(format!("{count} assertions")),
        }
        parts.extend(self.tolerates.iter().map(|it| format!("tolerates {it}")));
        let captured: Vec<&str> = self.captures.keys().map(String::as_str).collect();
        if !captured.is_empty() {
            parts.push(format!("captures {}", captured.join(", ")));
        }
        parts.extend(
            self.within_ms
                .map(|within| format!("within {} s", within / 1000.0)),
        );
        parts.join("; ")
    }
}

/// The secret variables that texts hold, each once.
fn needed(scenario: &Scenario, texts: &[&[u8]]) -> Vec<String> {
    let is_secret = |name: &&str| matches!(scenario.vars.get(*name), Some(Variable::Secret { .. }));
    let found: BTreeSet<&str> = texts
        .iter()
        .flat_map(|text| names(text))
        .filter(is_secret)
        .collect();
    found.into_iter().map(str::to_owned).collect()
}

/// With the decimals that a scenario writes.
fn milliseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}
