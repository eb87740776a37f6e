//! A scenario read from its TOML; what is wrong with it is told by file, line and column.

mod step;

pub(super) use step::EMPTY;
pub use step::plain_head;

use std::collections::BTreeMap;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::fields::{Fields, Notes, Placed};
use super::name::check_file_name;
use super::problem::{Problem, shown};
use super::stun::KEYS;
use super::words::{CLASSES, FRESH, ON_UNEXPECTED, ROLES, SCHEMES};
use super::{
    Auth, Defaults, Fresh, Identity, Role, Safety, Scenario, Source, Step, Stun, TOML, Variable,
};
use crate::replay::template::names;

/// What the TOML says: a scenario without its files, and where its parts stand.
#[derive(Debug, Clone)]
pub struct Written {
    /// The scenario; what could not be read is left out.
    pub scenario: Scenario,
    /// What is wrong, in the order of the text; nothing where it can be played.
    pub problems: Vec<Problem>,
    /// The byte at which a value begins, by its path: `vars.key`, `step[2].assert[0]`.
    places: BTreeMap<String, usize>,
}

impl Written {
    /// The byte at which a value begins, or else what holds it.
    #[must_use]
    pub fn place(&self, path: &str) -> usize {
        let mut path = path;
        loop {
            if let Some(at) = self.places.get(path) {
                return *at;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = path.get(..end).unwrap_or_default(),
                None => return 0,
            }
        }
    }
}

/// A scenario of its TOML and its files, which are asked for by name: nothing where one is not there, and else why it cannot be
/// read.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn parse(
    toml: &str,
    file: impl FnMut(&str) -> Result<Option<Vec<u8>>, String>,
) -> Result<Scenario, Problem> {
    let written = read(toml)?;
    if let Some(problem) = written.problems.first() {
        return Err(problem.clone());
    }
    let mut taking = Taking::new(file);
    let place =
        |path: &str, what: String| Problem::at(TOML, toml.as_bytes(), written.place(path), what);
    let named = written.scenario.named_files();
    for (name, path) in &named {
        let is_there = taking.take(name).map_err(|what| place(path, what))?;
        if !is_there {
            return Err(place(path, format!("{name}: {ABSENT}")));
        }
    }
    for (name, path) in served_files(&taking.files, &named) {
        taking.take(&name).map_err(|what| place(&path, what))?;
    }
    Ok(Scenario {
        files: taking.files,
        ..written.scenario
    })
}

/// Files on their way into a scenario.
pub(super) struct Taking<F> {
    pub files: BTreeMap<String, Vec<u8>>,
    /// Bytes of all that is named, as often as it is: so much is looked at.
    bytes: usize,
    file: F,
}

impl<F: FnMut(&str) -> Result<Option<Vec<u8>>, String>> Taking<F> {
    pub fn new(file: F) -> Self {
        Self {
            files: BTreeMap::new(),
            bytes: 0,
            file,
        }
    }

    /// Takes a file; false where it is not there.
    pub fn take(&mut self, name: &str) -> Result<bool, String> {
        if self.bytes > FILES_BYTES_MAX {
            return Err(format!("{name}: {TOO_LARGE}"));
        }
        if let Some(known) = self.files.get(name) {
            self.bytes = self.bytes.saturating_add(known.len());
            return Ok(true);
        }
        let content = (self.file)(name).map_err(|what| format!("{name}: {what}"))?;
        let Some(content) = content else {
            return Ok(false);
        };
        self.bytes = self.bytes.saturating_add(content.len());
        if self.bytes > FILES_BYTES_MAX {
            return Err(format!("{name}: {TOO_LARGE}"));
        }
        self.files.insert(name.to_owned(), content);
        Ok(true)
    }
}

/// The files that the file server gives out, in order: messages name them by `{{file.1.url}}`. None stands there for what is taken.
pub(super) fn served_files(
    files: &BTreeMap<String, Vec<u8>>,
    named: &[(String, String)],
) -> Vec<(String, String)> {
    let mut served = BTreeMap::new();
    for (name, path) in named {
        for placeholder in files.get(name).iter().flat_map(|body| names(body)) {
            if let Some(file) = served_file(placeholder) {
                served
                    .entry(file.to_owned())
                    .or_insert_with(|| path.clone());
            }
        }
    }
    served.into_iter().take(STEPS_MAX).collect()
}

/// The file of a placeholder of the file server: `file.1` of `file.1.url`.
pub(super) fn served_file(placeholder: &str) -> Option<&str> {
    let file = placeholder.strip_suffix(".url")?;
    let number = file.strip_prefix("file.")?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(file)
}

/// What the TOML says, and everything that is wrong with it.
///
/// # Errors
///
/// Where it is no TOML at all, or too large.
pub fn read(toml: &str) -> Result<Written, Problem> {
    if toml.len() > TOML_BYTES_MAX {
        let most = TOML_BYTES_MAX >> 20;
        return Err(Problem::of_file(
            TOML,
            format!("is larger than {most} MiB, and hardly a scenario"),
        ));
    }
    let table = DeTable::parse(toml).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let what = format!("this is no TOML: {}", shown(error.message()));
        Problem::at(TOML, toml.as_bytes(), at, what)
    })?;
    let notes = Notes::new(toml);
    let scenario = scenario(&Fields::whole(&notes, table.get_ref(), &SECTIONS));
    let (problems, places) = notes.finish();
    Ok(Written {
        scenario,
        problems,
        places,
    })
}

impl Scenario {
    /// The files that it names, in order, each with the path of the key that names it.
    #[must_use]
    pub fn named_files(&self) -> Vec<(String, String)> {
        let challenge = self.auth.as_ref().and_then(|auth| {
            let name = auth.challenge_body.clone()?;
            Some((name, "auth.challenge_body".to_owned()))
        });
        let of_steps = self.steps.iter().enumerate().filter_map(|(index, step)| {
            let (name, key) = step.file()?;
            Some((name.to_owned(), format!("step[{index}].{key}")))
        });
        challenge.into_iter().chain(of_steps).collect()
    }
}

impl Step {
    /// The file that it names, and under which key.
    #[must_use]
    pub fn file(&self) -> Option<(&str, &'static str)> {
        match &self.act {
            super::Act::Expect(expect) => Some((expect.like.as_deref()?, "like")),
            super::Act::Send(send) => Some((send.file.as_deref()?, "send")),
            super::Act::Await(_) | super::Act::Action(_) => None,
        }
    }
}

fn scenario(whole: &Fields<'_, '_>) -> Scenario {
    let example = "the version of this form, which is 1";
    match whole.value("format") {
        Some(value) => {
            let known = whole.number_at("format", value, 1, u64::MAX);
            if known.is_some_and(|format| format != 1) {
                let what = "only format 1 is known here: a later version of this program wrote it";
                whole.notes().note(value.span().start, what);
            }
        }
        None => whole.missing("a scenario", "format", example),
    }
    let role = whole.word("role", &ROLES);
    if !whole.has("role") {
        whole.missing("a scenario", "role", "the side to play, `acs` or `cpe`");
    }
    let role = role.unwrap_or(Role::Acs);
    if !whole.has("step") {
        whole.missing(
            "a scenario",
            "step",
            "each thing that happens is a [[step]]",
        );
    }
    let section = |key: &str, what: &str, keys: &[&'static str]| {
        let value = whole.value(key)?;
        Fields::of(whole.notes(), value, key, what, keys)
    };
    Scenario {
        role,
        source: section("source", "`source`", &["sha256", "session", "sessions"])
            .and_then(|fields| source(&fields)),
        identity: section("identity", "[identity]", &["device", "acs_path"])
            .map(|fields| Identity {
                device: fields.text("device"),
                acs_path: fields.text("acs_path"),
            })
            .unwrap_or_default(),
        auth: section("auth", "[auth]", &AUTH).map(|fields| auth(&fields)),
        stun: section("stun", "[stun]", &KEYS).map(|fields| Stun::read(&fields)),
        vars: variables(whole),
        safety: section("safety", "[safety]", &["allow"])
            .map(|fields| safety(&fields))
            .unwrap_or_default(),
        defaults: section("defaults", "[defaults]", &DEFAULTS)
            .map(|fields| defaults(&fields))
            .unwrap_or_default(),
        steps: steps(whole, role),
        files: BTreeMap::new(),
    }
}

fn source(fields: &Fields<'_, '_>) -> Option<Source> {
    let sha256 = fields.text("sha256");
    if !fields.has("sha256") {
        fields.missing("`source`", "sha256", "that of the capture, in hexadecimal");
    }
    let number = |key: &str, value: Placed<'_>| {
        let number = fields.number_at(key, value, 1, u64::from(u32::MAX))?;
        u32::try_from(number).ok()
    };
    let one = fields.value("session");
    let mut sessions: Vec<u32> = Vec::new();
    sessions.extend(one.and_then(|value| number("session", value)));
    let several = fields.list("sessions", "a list of numbers: [3, 4]");
    sessions.extend(
        several
            .into_iter()
            .filter_map(|(_, value)| number("sessions", value)),
    );
    if one.is_some() && fields.has("sessions") {
        let what = "`source` has `session`, or `sessions` where there are several: not both";
        fields.notes().note(fields.at, what);
    }
    Some(Source {
        sha256: sha256?,
        sessions,
    })
}

fn auth(fields: &Fields<'_, '_>) -> Auth {
    let scheme = fields.word("scheme", &SCHEMES);
    if !fields.has("scheme") {
        fields.missing("[auth]", "scheme", "`digest` or `basic`");
    }
    let needed = |key: &'static str, wanted: &str| {
        if !fields.has(key) {
            fields.missing("[auth]", key, wanted);
        }
        fields.text(key).unwrap_or_default()
    };
    Auth {
        scheme: scheme.unwrap_or(super::AuthScheme::Digest),
        realm: fields.text("realm").unwrap_or_default(),
        algorithm: fields.text("algorithm"),
        qop: fields.text("qop"),
        username: needed("username", "the user, mostly \"{{acs_username}}\""),
        password: needed(
            "password",
            "\"{{acs_password}}\", with a secret variable of that name in [vars]",
        ),
        challenge_head: fields.text("challenge_head").map(head),
        challenge_body: file_name(fields, "challenge_body"),
    }
}

/// A head with LF at the end of each line, as people write it and as editors leave it.
fn head(written: String) -> String {
    let written = written.replace("\r\n", "\n");
    if written.is_empty() || written.ends_with('\n') {
        return written;
    }
    written + "\n"
}

/// The name of a file.
fn file_name(fields: &Fields<'_, '_>, key: &str) -> Option<String> {
    let name = fields.text(key)?;
    let at = fields.value(key)?.span().start;
    match check_file_name(&name) {
        Ok(()) => Some(name),
        Err(what) => {
            let what = format!("`{}`: {what}", shown(&name));
            fields.notes().note(at, what);
            None
        }
    }
}

fn safety(fields: &Fields<'_, '_>) -> Safety {
    let mut allow = Vec::new();
    for (_, value) in fields.list("allow", "a list of classes: [\"set\"]") {
        if value.get_ref().as_str() == Some("read") {
            let what = "`read` is always allowed: leave it out";
            fields.notes().note(value.span().start, what);
            continue;
        }
        allow.extend(fields.word_at("allow", value, &CLASSES));
    }
    Safety { allow }
}

fn defaults(fields: &Fields<'_, '_>) -> Defaults {
    let plain = Defaults::default();
    let lists = |key: &str, plain: Vec<String>| {
        if fields.has(key) {
            return fields.texts(key);
        }
        plain
    };
    Defaults {
        timeout: fields.seconds("timeout_s").unwrap_or(plain.timeout),
        on_unexpected: fields
            .word("on_unexpected", &ON_UNEXPECTED)
            .unwrap_or(plain.on_unexpected),
        unordered: lists("unordered", plain.unordered),
        ignore: lists("ignore", plain.ignore),
        time_tolerance: fields
            .seconds("time_tolerance_s")
            .unwrap_or(plain.time_tolerance),
    }
}

fn variables(whole: &Fields<'_, '_>) -> BTreeMap<String, Variable> {
    let section = whole
        .value("vars")
        .and_then(|value| Fields::any(whole.notes(), value, "vars", "[vars]"));
    let mut variables = BTreeMap::new();
    for (name, at, value) in section.iter().flat_map(Fields::entries) {
        if variables.len() >= VARIABLES_MAX {
            whole.notes().note(
                at,
                format!("[vars] holds at most {VARIABLES_MAX} variables"),
            );
            break;
        }
        whole.notes().place(&format!("vars.{name}"), at);
        if let Err(what) = check_variable_name(name) {
            whole.notes().note(at, what);
        }
        if let Some(variable) = variable(whole.notes(), name, value) {
            variables.insert(name.to_owned(), variable);
        }
    }
    variables
}

/// What is wrong with the name of a variable.
pub(super) fn check_variable_name(name: &str) -> Result<(), String> {
    let written = shown(name);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    if name.is_empty() || name.len() > VARIABLE_BYTES_MAX || !name.bytes().all(is_plain) {
        return Err(format!(
            "`{written}` is no name of a variable: it has 1 to {VARIABLE_BYTES_MAX} letters, digits and `_`"
        ));
    }
    // What else has a dot is the player's own; of a device a scenario may say what an id does not tell.
    if name.contains('.') && !name.starts_with("device.") {
        return Err(format!(
            "`{written}` is no name of a variable: of those with a dot, only \"device.manufacturer\" and the like can be given"
        ));
    }
    Ok(())
}

fn variable(notes: &Notes<'_>, name: &str, value: Placed<'_>) -> Option<Variable> {
    if let DeValue::String(text) = value.get_ref() {
        return Some(Variable::Value(text.clone().into_owned()));
    }
    let what = format!("the variable `{name}`");
    let at = value.span().start;
    if !value.get_ref().is_table() {
        notes.note(at, format!("{what} is a text in quotes, or one of {KINDS}"));
        return None;
    }
    let fields = Fields::of(notes, value, &format!("vars.{name}"), &what, &VARIABLE)?;
    let kinds = ["value", "fresh", "secret", "captured"];
    let mut given = kinds.iter().filter(|kind| fields.has(kind));
    let (Some(kind), None) = (given.next(), given.next()) else {
        notes.note(at, format!("{what} is one of {KINDS}"));
        return None;
    };
    if *kind != "secret" && (fields.has("env") || fields.has("file")) {
        notes.note(
            at,
            format!("{what} has `env` or `file`: these are for `secret = true`"),
        );
    }
    match *kind {
        "value" => fields.text("value").map(Variable::Value),
        "fresh" => fields.word::<Fresh>("fresh", &FRESH).map(Variable::Fresh),
        "secret" => {
            if fields.flag("secret") == Some(false) {
                notes.note(
                    at,
                    format!("{what} is `secret = true`, or `value = \"...\"`"),
                );
            }
            Some(Variable::Secret {
                env: fields.text("env"),
                file: file_name(&fields, "file"),
            })
        }
        _ => captured(&fields),
    }
}

/// `captured = true`, or the recorded value.
fn captured(fields: &Fields<'_, '_>) -> Option<Variable> {
    let value = fields.value("captured")?;
    match value.get_ref() {
        DeValue::Boolean(true) => Some(Variable::Captured(None)),
        DeValue::String(text) => Some(Variable::Captured(Some(text.clone().into_owned()))),
        _ => {
            fields.wrong("captured", value, "the recorded value in quotes, or true");
            None
        }
    }
}

fn steps(whole: &Fields<'_, '_>, role: Role) -> Vec<Step> {
    let mut steps = Vec::new();
    for (path, value) in whole.list("step", "a list of tables: each begins with [[step]]") {
        if steps.len() >= STEPS_MAX {
            let what = format!("a scenario has at most {STEPS_MAX} steps");
            whole.notes().note(value.span().start, what);
            break;
        }
        // One that cannot be read keeps its place, so that the others keep their numbers.
        steps.push(
            step::read(whole.notes(), value, &path, role).unwrap_or_else(|| Step {
                act: super::Act::Send(super::Send::default()),
                after: None,
            }),
        );
    }
    steps
}

/// How long a session is awaited where nothing else is said: a firmware takes some minutes.
const AWAITED: Duration = Duration::from_secs(600);

const SECTIONS: [&str; 10] = [
    "format", "role", "source", "identity", "auth", "stun", "vars", "safety", "defaults", "step",
];
const AUTH: [&str; 8] = [
    "scheme",
    "realm",
    "algorithm",
    "qop",
    "username",
    "password",
    "challenge_head",
    "challenge_body",
];
const VARIABLE: [&str; 6] = ["value", "fresh", "secret", "env", "file", "captured"];
const KINDS: &str = "{ value = \"...\" }, { fresh = \"uuid\" }, { secret = true, env = \"NAME\" }, { captured = true }";
const DEFAULTS: [&str; 5] = [
    "timeout_s",
    "on_unexpected",
    "unordered",
    "ignore",
    "time_tolerance_s",
];

/// Bytes of a scenario's TOML: heads and places of a recording of ten thousand messages.
pub const TOML_BYTES_MAX: usize = 16 << 20;
/// Bytes of a message: the largest that is decoded.
pub const FILE_BYTES_MAX: usize = 16 << 20;
/// Bytes of all files together, as often as steps name them: so much is held, and looked at.
pub const FILES_BYTES_MAX: usize = 256 << 20;
/// Steps of a scenario: some hundred sessions.
pub const STEPS_MAX: usize = 10_000;
/// Variables of a scenario.
pub const VARIABLES_MAX: usize = 10_000;
/// Bytes of a variable's name: a placeholder has no longer one.
const VARIABLE_BYTES_MAX: usize = 64;
const TOO_LARGE: &str = "the messages of a scenario are larger than 256 MiB together";
pub(super) const ABSENT: &str = "is not there";
