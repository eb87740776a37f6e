//! Whether an interface is up, as Linux tells it (sysfs-class-net(5)): the file is opened while there are rights for it, and
//! read as often as is asked. Elsewhere, and of `any`, nothing is known.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Component, Path, PathBuf};

/// What is known of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Packets may come.
    Up,
    /// None can: it was taken down, or its cable leads nowhere.
    Down,
    /// It has vanished.
    Gone,
    /// The system does not tell.
    Unknown,
}

/// Where it is told.
pub(super) struct Link(Option<File>);

impl Link {
    pub(super) fn of(name: &str) -> Self {
        let mut parts = Path::new(name).components();
        let is_name = matches!(parts.next(), Some(Component::Normal(_))) && parts.next().is_none();
        let path: PathBuf = [SYSFS, name, "operstate"].iter().collect();
        Self(File::open(path).ok().filter(|_| is_name))
    }

    pub(super) fn state(&self) -> LinkState {
        self.told().unwrap_or(LinkState::Unknown)
    }

    fn told(&self) -> Option<LinkState> {
        let mut file = self.0.as_ref()?;
        file.rewind().ok()?;
        let mut word = String::new();
        file.take(WORD_BYTES_MAX).read_to_string(&mut word).ok()?;
        // RFC 2863 ifOperStatus; `unknown` is what tells nothing, as the loopback does.
        Some(match word.trim() {
            "down" | "lowerlayerdown" | "notpresent" => LinkState::Down,
            _ => LinkState::Up,
        })
    }
}

const SYSFS: &str = "/sys/class/net";
const WORD_BYTES_MAX: u64 = 32;

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_state_is_read_as_often_as_it_changes() {
        let mut file = tempfile::NamedTempFile::new().expect("a file can be made");
        let link = Link(Some(file.reopen().expect("it is there")));
        for (word, state) in [
            ("up\n", LinkState::Up),
            ("down\n", LinkState::Down),
            ("unknown\n", LinkState::Up),
            ("lowerlayerdown\n", LinkState::Down),
            ("dormant\n", LinkState::Up),
        ] {
            file.as_file().set_len(0).expect("it can be written");
            file.rewind().expect("it can be written");
            file.write_all(word.as_bytes()).expect("it can be written");
            assert_eq!(link.state(), state, "{word}");
        }
    }

    #[test]
    fn of_what_is_no_interface_nothing_is_told() {
        for name in ["any", "", "..", "../net/lo", "/sys/class/net/lo"] {
            assert_eq!(Link::of(name).state(), LinkState::Unknown, "{name}");
        }
    }
}
