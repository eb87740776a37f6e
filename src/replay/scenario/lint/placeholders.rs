//! Placeholders that nothing fills, or that are filled only later, and variables that nobody uses.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ground, Spot};
use crate::filter::nearest;
use crate::replay::scenario::read::served_file;
use crate::replay::scenario::{Act, ActionStep, Role, Variable};
use crate::replay::template::{Piece, pieces};

/// Looks at every text that holds placeholders.
pub(super) fn look(ground: &Ground<'_>) {
    let mut names = Names::new(ground);
    names.of_auth();
    names.of_stun();
    for (index, step) in ground.scenario.steps.iter().enumerate() {
        names.of_step(index, &step.act);
    }
    names.unused();
}

/// Where a text stands, which says what may fill it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Head,
    Body,
    /// Of a message that is only compared.
    Like,
    /// The URL of a Connection Request, which the command line can give.
    Url,
    Other,
}

struct Names<'g, 'a> {
    ground: &'g Ground<'a>,
    /// Variables that steps fill: the first of them, counted from 0.
    captured_by: BTreeMap<&'g str, usize>,
    used: BTreeSet<String>,
}

impl<'g, 'a> Names<'g, 'a> {
    fn new(ground: &'g Ground<'a>) -> Self {
        let mut captured_by = BTreeMap::new();
        for (index, step) in ground.scenario.steps.iter().enumerate() {
            if let Act::Expect(expect) = &step.act {
                for name in expect.capture.keys() {
                    captured_by.entry(name.as_str()).or_insert(index);
                }
            }
        }
        Self {
            ground,
            captured_by,
            used: BTreeSet::new(),
        }
    }

    fn of_auth(&mut self) {
        let Some(auth) = &self.ground.scenario.auth else {
            return;
        };
        let texts = [
            ("auth.username", Some(&auth.username), Kind::Other),
            ("auth.password", Some(&auth.password), Kind::Other),
            (
                "auth.challenge_head",
                auth.challenge_head.as_ref(),
                Kind::Head,
            ),
        ];
        for (path, text, kind) in texts {
            if let Some(text) = text {
                self.text(text.as_bytes(), kind, 0, |_| Spot::Toml(path));
            }
        }
        if let Some(name) = &auth.challenge_body
            && let Some(body) = self.ground.scenario.files.get(name)
        {
            self.text(body, Kind::Other, 0, |_| Spot::Toml("auth.challenge_body"));
        }
    }

    fn of_stun(&mut self) {
        let Some(stun) = &self.ground.scenario.stun else {
            return;
        };
        let texts = [
            ("stun.username", stun.username.as_ref()),
            ("stun.password", stun.password.as_ref()),
        ];
        for (path, text) in texts {
            if let Some(text) = text {
                self.text(text.as_bytes(), Kind::Other, 0, |_| Spot::Toml(path));
            }
        }
    }

    fn of_step(&mut self, index: usize, act: &'g Act) {
        let ground = self.ground;
        let body = |name: Option<&'g String>| {
            let name = name?;
            Some((name.as_str(), ground.scenario.files.get(name)?))
        };
        match act {
            Act::Send(send) => {
                self.text(send.head.as_bytes(), Kind::Head, index, |_| {
                    Spot::Step(index, "head")
                });
                if let Some((name, body)) = body(send.file.as_ref()) {
                    self.text(body, Kind::Body, index, |at| Spot::File(index, name, at));
                }
            }
            Act::Expect(expect) => {
                if let Some((name, body)) = body(expect.like.as_ref()) {
                    self.text(body, Kind::Like, index, |at| Spot::File(index, name, at));
                }
                for text in &expect.assert {
                    self.text(text.as_bytes(), Kind::Other, index, |_| {
                        Spot::Step(index, "assert")
                    });
                }
                for text in expect.matchers.values() {
                    self.text(text.as_bytes(), Kind::Other, index, |_| {
                        Spot::Step(index, "matchers")
                    });
                }
                self.captures(index, expect.capture.keys());
            }
            Act::Action(ActionStep::ConnectionRequest {
                url,
                username,
                password,
                ..
            }) => {
                let action = |_| Spot::Step(index, "action");
                self.text(url.as_bytes(), Kind::Url, index, action);
                for text in [username, password].into_iter().flatten() {
                    self.text(text.as_bytes(), Kind::Other, index, action);
                }
            }
            Act::Await(_) => {}
        }
    }

    fn captures<'n>(&self, index: usize, names: impl Iterator<Item = &'n String>) {
        for name in names {
            let kind = match self.ground.scenario.vars.get(name) {
                Some(Variable::Secret { .. }) => "a secret of the environment",
                Some(Variable::Fresh(_)) => "made anew at each run",
                _ => continue,
            };
            let what = format!(
                "`{name}` is captured here, and [vars] says that it is {kind}: declare it as {{ captured = true }}"
            );
            self.ground
                .warning("captured-over", &Spot::Step(index, "capture"), what);
        }
    }

    /// Every placeholder of a text; `spot` tells where a byte of it stands.
    fn text<'s>(
        &mut self,
        text: &[u8],
        kind: Kind,
        index: usize,
        spot: impl Fn(usize) -> Spot<'s>,
    ) {
        let mut at: usize = 0;
        let mut told = BTreeSet::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => at = at.saturating_add(text.len()),
                Piece::Placeholder(name) => {
                    if name != "literal.open" && told.insert(name) {
                        self.used.insert(name.to_owned());
                        self.placeholder(name, kind, index, &spot(at));
                    }
                    at = at.saturating_add(name.len().saturating_add(4));
                }
            }
        }
    }

    fn placeholder(&self, name: &str, kind: Kind, index: usize, spot: &Spot<'_>) {
        if self.is_own(name, kind) || self.ground.is_full() {
            return;
        }
        if let Some(by) = self.captured_by.get(name).copied() {
            // A message may be compared by what it says itself.
            let is_late = by > index || by == index && kind != Kind::Like && kind != Kind::Other;
            let is_given = matches!(
                self.ground.scenario.vars.get(name),
                Some(Variable::Value(_))
            );
            if is_late && !is_given {
                self.late(name, kind, by, spot);
            }
            return;
        }
        match self.ground.scenario.vars.get(name) {
            Some(Variable::Captured(_)) => self.never_captured(name, kind, spot),
            Some(_) => {}
            // Where `--listen` or the STUN server says that the device is reached.
            None if name == UDP_ADDRESS && self.ground.scenario.role == Role::Cpe => {}
            None => self.unknown(name, kind, spot),
        }
    }

    fn late(&self, name: &str, kind: Kind, by: usize, spot: &Spot<'_>) {
        let number = by.saturating_add(1);
        let what = format!("{{{{{name}}}}} is filled only by step {number}");
        match kind {
            Kind::Url => {
                let what = format!("{what}: until then {} has to give it", giver(name));
                self.ground.warning("placeholder-filled-later", spot, what);
            }
            Kind::Like => self.ground.warning("placeholder-filled-later", spot, what),
            _ => self.ground.error("placeholder-filled-later", spot, what),
        }
    }

    fn never_captured(&self, name: &str, kind: Kind, spot: &Spot<'_>) {
        let what = format!(
            "{{{{{name}}}}} is to be captured, and no step has `capture = {{ {name} = ... }}`"
        );
        match kind {
            Kind::Url => {
                let what = format!("{what}: {} has to give it", giver(name));
                self.ground.warning("placeholder-unfilled", spot, what);
            }
            Kind::Like => self.ground.warning("placeholder-unfilled", spot, what),
            _ => self.ground.error("placeholder-unfilled", spot, what),
        }
    }

    fn unknown(&self, name: &str, kind: Kind, spot: &Spot<'_>) {
        let hint = if HTTP.contains(&name) {
            ": it stands in heads alone".to_owned()
        } else if CWMP.contains(&name) {
            ": it stands in bodies alone".to_owned()
        } else if name.starts_with("device.") && self.ground.scenario.role == Role::Acs {
            ": it is known in role cpe alone".to_owned()
        } else {
            let own: &[&'static str] = if kind == Kind::Head { &HTTP } else { &CWMP };
            let all: Vec<&'static str> = own.iter().chain(&DEVICE).copied().collect();
            let declared = self.ground.scenario.vars.keys().take(GUESSES_MAX);
            let declared = declared.filter(|known| strsim::damerau_levenshtein(known, name) <= 2);
            match declared
                .into_iter()
                .next()
                .map(String::as_str)
                .or(nearest(name, &all))
            {
                Some(meant) => format!(": did you mean {{{{{meant}}}}}?"),
                None => ": [vars] does not have it, and no step before captures it".to_owned(),
            }
        };
        let what = format!("nothing fills {{{{{name}}}}}{hint}");
        self.ground.error("placeholder-unfilled", spot, what);
    }

    /// Whether the player knows it without a variable.
    fn is_own(&self, name: &str, kind: Kind) -> bool {
        let of_device = self.ground.scenario.role == Role::Cpe && DEVICE.contains(&name);
        match kind {
            Kind::Head => HTTP.contains(&name) || of_device,
            Kind::Body | Kind::Like => {
                CWMP.contains(&name) || of_device || served_file(name).is_some()
            }
            Kind::Url | Kind::Other => of_device || name == "http.challenge",
        }
    }

    fn unused(&self) {
        for (name, variable) in &self.ground.scenario.vars {
            if self.used.contains(name) {
                continue;
            }
            let path = format!("vars.{name}");
            let what = match variable {
                Variable::Captured(_) if self.captured_by.contains_key(name.as_str()) => {
                    format!("`{name}` is captured, and nothing holds {{{{{name}}}}}")
                }
                _ => format!("nothing holds {{{{{name}}}}}"),
            };
            self.ground
                .warning("variable-unused", &Spot::Toml(&path), what);
        }
    }
}

/// The option that gives what no message told yet.
fn giver(name: &str) -> &'static str {
    if name == UDP_ADDRESS {
        "--stun"
    } else {
        "--connection-request"
    }
}

const UDP_ADDRESS: &str = "udp_connection_request_address";
/// Variables that a misspelt placeholder is held against.
const GUESSES_MAX: usize = 200;
const HTTP: [&str; 9] = [
    "http.length",
    "http.host",
    "http.target",
    "http.cookie",
    "http.set_cookie",
    "http.authorization",
    "http.challenge",
    "http.date",
    "http.location",
];
const CWMP: [&str; 2] = ["cwmp.id", "cwmp.now"];
const DEVICE: [&str; 4] = [
    "device.oui",
    "device.serial_number",
    "device.product_class",
    "device.manufacturer",
];
