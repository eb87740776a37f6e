//! The files that a command reads, and those that it writes: none may be two of them, whatever names it goes by.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use super::arguments::{Judging, TlsListening, Writing};
use super::exit::Trouble;

/// What the command line names.
#[derive(Default)]
pub(super) struct Places {
    read: Vec<Place>,
    written: Vec<Place>,
}

struct Place {
    /// The option, with what it says.
    name: String,
    file: Identity,
}

/// What makes a file the same.
#[derive(PartialEq, Eq)]
enum Identity {
    /// Its device and number there: a link leads to them, and so does `/dev/stdout`.
    #[cfg(unix)]
    Node(u64, u64),
    /// Where it will be.
    Path(PathBuf),
}

impl Places {
    /// A file that is read; one that is not there is complained about elsewhere.
    pub(super) fn read<'p>(&mut self, option: &str, paths: impl IntoIterator<Item = &'p PathBuf>) {
        for path in paths {
            let there = std::fs::metadata(path).ok();
            if let Some(file) = there.filter(Metadata::is_file).map(|it| of(&it, path)) {
                self.read.push(Place {
                    name: named(option, path),
                    file,
                });
            }
        }
    }

    /// A file that is written.
    pub(super) fn written(&mut self, option: &str, path: Option<&PathBuf>) {
        let Some(path) = path else {
            return;
        };
        let file = match std::fs::metadata(path) {
            Ok(there) if is_nowhere(&there) => return,
            Ok(there) => of(&there, path),
            Err(_) => Identity::Path(future(path)),
        };
        let name = named(option, path);
        self.written.push(Place { name, file });
    }

    /// `-o`, or standard output.
    pub(super) fn output(&mut self, writing: &Writing) {
        match &writing.output {
            Some(path) if path.as_os_str() != "-" => self.written("-o", Some(path)),
            _ => {
                let there = std::fs::metadata(STDOUT).ok();
                let there = there.filter(|there| !is_nowhere(there));
                self.written.extend(there.map(|there| Place {
                    name: "standard output".to_owned(),
                    file: of(&there, Path::new(STDOUT)),
                }));
            }
        }
    }

    /// What the rule book reads.
    pub(super) fn judging(&mut self, judging: &Judging, baseline: Option<&PathBuf>) {
        self.read("-b", baseline);
        self.read("--data-model", &judging.models.data_models);
    }

    /// What HTTPS reads and writes where phones connect.
    pub(super) fn listening(&mut self, tls: &TlsListening) {
        self.read("--tls-cert", &tls.tls_cert);
        self.read("--tls-key", &tls.tls_key);
        self.read("--tls-client-ca", &tls.tls_client_ca);
        self.written("--keylog-out", tls.both.keylog_out.as_ref());
    }

    /// # Errors
    ///
    /// Where a file that is written is one that is read, or is written by two.
    pub(super) fn are_apart(&self) -> Result<(), Trouble> {
        for (at, written) in self.written.iter().enumerate() {
            let same = |other: &&Place| other.file == written.file;
            let why = if let Some(read) = self.read.iter().find(same) {
                format!(
                    "{} is read, and {} would write to it",
                    read.name, written.name
                )
            } else if let Some(first) = self.written.iter().take(at).find(same) {
                format!("{} and {} are the same file", first.name, written.name)
            } else {
                continue;
            };
            return Err(Trouble::Usage(format!("{why}: nothing is written")));
        }
        Ok(())
    }
}

fn named(option: &str, path: &Path) -> String {
    format!("{option} {}", path.display())
}

fn of(there: &Metadata, path: &Path) -> Identity {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let _ = path;
        Identity::Node(there.dev(), there.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = there;
        Identity::Path(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
    }
}

/// `/dev/null` takes what anybody writes.
fn is_nowhere(there: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let null = std::fs::metadata("/dev/null");
        null.is_ok_and(|null| (null.dev(), null.ino()) == (there.dev(), there.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = there;
        false
    }
}

/// Where a file will be that is not there yet; a link may point to it.
fn future(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(target) = std::fs::read_link(&path) else {
            break;
        };
        path = folder(&path).join(target);
    }
    let folder = folder(&path).canonicalize();
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path,
    }
}

fn folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

const STDOUT: &str = "/dev/stdout";
/// As many as a kernel follows.
const LINKS_MAX: usize = 40;

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::Places;

    #[test]
    fn a_file_is_the_same_by_whatever_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("there"), "").expect("written");
        fs::hard_link(at("there"), at("hard")).expect("linked");
        for (link, target) in [
            ("soft", "there"),
            ("dangling", "new"),
            ("again", "dangling"),
        ] {
            symlink(target, at(link)).expect("linked");
        }
        let is_refused = |read: Option<&str>, written: [PathBuf; 2]| {
            let mut places = Places::default();
            places.read("-r", read.map(at).as_ref());
            for path in &written {
                places.written("-w", Some(path));
            }
            places.are_apart().is_err()
        };
        for (one, other) in [
            ("there", "hard"),
            ("soft", "there"),
            ("new", "./new"),
            ("new", "dangling"),
            ("again", "new"),
        ] {
            assert!(is_refused(None, [at(one), at(other)]), "{one} {other}");
        }
        assert!(!is_refused(None, [at("there"), at("new")]));
        let null = || PathBuf::from("/dev/null");
        assert!(!is_refused(None, [null(), null()]));
        for read in ["there", "soft", "hard"] {
            assert!(is_refused(Some(read), [at("soft"), at("new")]), "{read}");
        }
        assert!(!is_refused(Some("absent"), [at("there"), at("absent")]));
    }
}
