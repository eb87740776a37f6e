//! Scenarios as they are read for a replay, with the values of their variables.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::arguments::Playing;
use crate::cli::exit::Trouble;
use crate::replay::guard::Guard;
use crate::replay::scenario::{self, Class, Role, Scenario, Variable};
use crate::replay::template;

/// A scenario that is to be played.
pub(super) struct Scene {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) scenario: Arc<Scenario>,
    /// Secrets, and what the command line sets.
    pub(super) values: BTreeMap<String, String>,
}

/// Reads all scenarios before anything is played.
pub(super) fn read(playing: &Playing, role: Role) -> Result<Vec<Scene>, Trouble> {
    playing
        .scenarios
        .iter()
        .map(|path| read_one(path, playing, role))
        .collect()
}

fn read_one(path: &Path, playing: &Playing, role: Role) -> Result<Scene, Trouble> {
    let place = path.display();
    let scenario = scenario::read_directory(path)
        .map_err(|problem| Trouble::Usage(format!("{place}: {problem}")))?;
    if scenario.role != role {
        return Err(Trouble::Usage(format!(
            "{place}: plays the {other}: use `informant replay {other}`",
            other = scenario.role.name()
        )));
    }
    let mut values = secrets(&scenario, path)?;
    values.extend(playing.set.iter().cloned());
    let absolute = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = absolute.file_name().unwrap_or(path.as_os_str());
    Ok(Scene {
        name: name.to_string_lossy().into_owned(),
        path: path.to_owned(),
        scenario: Arc::new(scenario),
        values,
    })
}

/// Secrets that are there; the player says which ones it misses.
fn secrets(scenario: &Scenario, path: &Path) -> Result<BTreeMap<String, String>, Trouble> {
    let mut values = BTreeMap::new();
    for (name, variable) in &scenario.vars {
        let Variable::Secret { env, file } = variable else {
            continue;
        };
        let given = env.as_ref().and_then(|env| std::env::var(env).ok());
        let value = match (given, file) {
            (Some(value), _) => Some(value),
            (None, Some(file)) => Some(secret_file(&path.join(file))?),
            (None, None) => None,
        };
        values.extend(value.map(|value| (name.clone(), value)));
    }
    Ok(values)
}

/// A file that holds a secret and nothing else but the end of its line.
pub(in crate::cli) fn secret_file(path: &Path) -> Result<String, Trouble> {
    let mut text = String::new();
    let read =
        File::open(path).and_then(|file| file.take(SECRET_BYTES_MAX).read_to_string(&mut text));
    read.map_err(|error| {
        Trouble::Usage(format!(
            "{}: the secret cannot be read: {error}",
            path.display()
        ))
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

impl Scene {
    /// What lets its messages out.
    pub(super) fn guard(&self, allowed: &[Class], playing: &Playing) -> Guard {
        Guard::new(
            &self.scenario.safety.allow,
            allowed,
            playing.device.as_deref(),
        )
    }

    /// What it was read from.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let messages = self.scenario.files.keys().map(String::as_str);
        let secrets = self.scenario.vars.values().filter_map(|it| match it {
            Variable::Secret { file, .. } => file.as_deref(),
            _ => None,
        });
        let names = messages.chain(secrets).chain([scenario::TOML]);
        names.map(|name| self.path.join(name)).collect()
    }

    /// A setting with the values that are known before a run.
    pub(super) fn filled(&self, text: &str) -> String {
        let value = |name: &str| Some(self.value(name)?.as_bytes().to_vec().into());
        let filled = template::fill(text.as_bytes(), value).unwrap_or_default();
        String::from_utf8_lossy(&filled).into_owned()
    }

    /// Has a variable a value before the run?
    pub(super) fn knows(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    fn value(&self, name: &str) -> Option<&String> {
        let declared = match self.scenario.vars.get(name) {
            Some(Variable::Value(value)) => Some(value),
            _ => None,
        };
        self.values.get(name).or(declared)
    }
}

const SECRET_BYTES_MAX: u64 = 64 * 1024;
