//! Scenarios on disk: a directory read, and one that appears when it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::lint::{self, Remark};
use super::name::check_file_name;
use super::problem::Problem;
use super::read::{self, ABSENT, FILE_BYTES_MAX, FILES_BYTES_MAX, TOML_BYTES_MAX};
use super::write::write;
use super::{Scenario, TOML};

/// Reads the scenario in a directory.
///
/// # Errors
///
/// Where it cannot be read, or something is wrong with it.
pub fn read_directory(directory: &Path) -> Result<Scenario, Problem> {
    let toml = read_toml(directory)?;
    read::parse(&toml, |name| read_file(directory, name))
}

/// All that is wrong with the scenario in a directory.
#[must_use]
pub fn lint_directory(directory: &Path) -> Vec<Remark> {
    let texts = read_toml(directory).and_then(|toml| Ok((toml, file_names(directory)?)));
    match texts {
        Ok((toml, names)) => lint::lint(&toml, &names, |name| read_file(directory, name)),
        Err(problem) => vec![lint::unreadable(problem)],
    }
}

/// The text of a scenario's TOML.
///
/// # Errors
///
/// Where there is none, or it is no text.
pub fn read_toml(directory: &Path) -> Result<String, Problem> {
    if directory.is_file() {
        let what = format!("a scenario is a directory that holds {TOML}, and this is a file");
        return Err(Problem::of_directory(what));
    }
    let bytes = content(&directory.join(TOML), TOML_BYTES_MAX)
        .and_then(|bytes| bytes.ok_or_else(|| ABSENT.to_owned()))
        .map_err(|what| Problem::of_file(TOML, what))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Problem::at(TOML, error.as_bytes(), at, "this is no text in UTF-8")
    })
}

/// A file of a scenario; nothing where it is not there.
///
/// # Errors
///
/// Where it is no plain file of this directory, or is too large.
pub fn read_file(directory: &Path, name: &str) -> Result<Option<Vec<u8>>, String> {
    check_file_name(name)?;
    // A firmware may be larger than any message.
    let is_served = name.starts_with("file.");
    let most = if is_served {
        FILES_BYTES_MAX
    } else {
        FILE_BYTES_MAX
    };
    content(&directory.join(name), most)
}

/// The files of a directory by name, hidden ones left out.
///
/// # Errors
///
/// Where it cannot be read, or holds too many.
pub fn file_names(directory: &Path) -> Result<Vec<String>, Problem> {
    let trouble = |error: io::Error| Problem::of_directory(format!("cannot be read: {error}"));
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(trouble)? {
        let entry = entry.map_err(trouble)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name == TOML {
            continue;
        }
        if names.len() >= NAMES_MAX {
            let what = format!("holds more than {NAMES_MAX} files, and is hardly a scenario");
            return Err(Problem::of_directory(what));
        }
        names.push(name);
    }
    names.sort_unstable();
    Ok(names)
}

/// A plain file: a link could mean any file of this machine, whose content would then be sent to a peer.
fn content(path: &Path, bytes_max: usize) -> Result<Option<Vec<u8>>, String> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(told(error)),
    };
    if about.is_symlink() {
        return Err("is a link: a scenario holds its files itself".to_owned());
    }
    if !about.is_file() {
        return Err("is no file".to_owned());
    }
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(told)?;
    let mut some = file.take(most.saturating_add(1));
    some.read_to_end(&mut bytes).map_err(told)?;
    if bytes.len() > bytes_max {
        let mebibytes = bytes_max >> 20;
        return Err(format!("is larger than {mebibytes} MiB"));
    }
    Ok(Some(bytes))
}

fn told(error: io::Error) -> String {
    format!("cannot be read: {error}")
}

/// Writes a scenario. A directory that is new or empty appears whole or not at all; one that holds a scenario is written
/// over if `force` says so, its TOML last, and files that only the old one named are removed.
///
/// # Errors
///
/// Where something else is there, or nothing can be written.
pub fn write_directory(directory: &Path, scenario: &Scenario, force: bool) -> Result<(), Problem> {
    let files = write(scenario);
    for (name, _) in files.iter().filter(|(name, _)| name != TOML) {
        check_file_name(name).map_err(|what| Problem::of_file(name, what))?;
    }
    let trouble = |error: io::Error| Problem::of_directory(format!("cannot be written: {error}"));
    if let Some(problem) = occupied(directory, force)? {
        return Err(problem);
    }
    match standing(directory).map_err(trouble)? {
        Standing::Scenario => replace(directory, &files).map_err(trouble),
        Standing::Free | Standing::Other => appear(directory, &files).map_err(trouble),
    }
}

/// Why no scenario is written to a directory, where that is for what it holds.
///
/// # Errors
///
/// Where nobody can look into it.
pub fn occupied(directory: &Path, force: bool) -> Result<Option<Problem>, Problem> {
    let trouble = |error: io::Error| Problem::of_directory(format!("cannot be written: {error}"));
    let why = match standing(directory).map_err(trouble)? {
        Standing::Scenario if !force => "holds a scenario already: --force writes over it",
        Standing::Other => {
            "is there, and holds something else than a scenario: a scenario is written to a directory of its own"
        }
        Standing::Free | Standing::Scenario => return Ok(None),
    };
    Ok(Some(Problem::of_directory(why)))
}

/// What stands where a scenario is to be written.
enum Standing {
    /// Nothing, or an empty directory.
    Free,
    /// A scenario.
    Scenario,
    /// Something else.
    Other,
}

fn standing(directory: &Path) -> io::Result<Standing> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Standing::Free),
        Err(_) if directory.is_file() => return Ok(Standing::Other),
        Err(error) => return Err(error),
    };
    if entries.count() == 0 {
        return Ok(Standing::Free);
    }
    let is_scenario = directory.join(TOML).is_file();
    Ok(if is_scenario {
        Standing::Scenario
    } else {
        Standing::Other
    })
}

/// A directory on its way; it vanishes unless it is renamed.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // Renamed away or never made: nothing to remove then.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn appear(directory: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    let name = directory
        .file_name()
        .ok_or(io::ErrorKind::InvalidFilename)?;
    let partial = Partial(directory.with_file_name(partial_name(name)));
    if let Some(parent) = partial.0.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::create_dir(&partial.0)?;
    for (name, bytes) in files {
        write_file(&partial.0.join(name), bytes)?;
    }
    if directory.is_dir() {
        // Not every system renames over a directory, even an empty one.
        fs::remove_dir(directory)?;
    }
    fs::rename(&partial.0, directory)
}

fn replace(directory: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    let old = read_toml(directory)
        .ok()
        .and_then(|toml| read::read(&toml).ok());
    let (toml, messages): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| name == TOML);
    for (name, bytes) in messages.into_iter().chain(toml) {
        let partial = directory.join(partial_name(name.as_ref()));
        write_file(&partial, bytes)?;
        fs::rename(&partial, directory.join(name))?;
    }
    for (name, _) in old.iter().flat_map(|old| old.scenario.named_files()) {
        if !files.iter().any(|(new, _)| *new == name) {
            // It may be gone already.
            let _ = fs::remove_file(directory.join(name));
        }
    }
    Ok(())
}

fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn partial_name(name: &std::ffi::OsStr) -> std::ffi::OsString {
    let mut partial = std::ffi::OsString::from(".");
    partial.push(name);
    partial.push(format!(".{}.partial", std::process::id()));
    partial
}

/// Files of a directory that are looked at: those of the largest scenario, and some beside them.
const NAMES_MAX: usize = 20_000;
