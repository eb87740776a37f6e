//! Exit codes, and the troubles that lead to them.

use std::io;

use crate::source::SourceError;

/// All went well.
pub(super) const FINE: u8 = 0;
/// Findings at or above `--fail-on`.
pub(super) const FINDINGS: u8 = 1;
/// Usage or configuration.
pub(super) const USAGE: u8 = 2;
/// Input unreadable or cut short.
pub(super) const INPUT: u8 = 3;
/// Nothing to check.
pub(super) const NOTHING: u8 = 4;
/// Disk or peer failure.
pub(super) const FAILURE: u8 = 5;
/// The replay guard refused.
pub(super) const REFUSED: u8 = 6;
/// A defect of ours in at least one flow.
pub(super) const DEFECT: u8 = 70;

/// Trouble that ends a command.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// What was asked for cannot be.
    #[error("{0}")]
    Usage(String),
    /// No input can be read.
    #[error(transparent)]
    Input(#[from] SourceError),
    /// The output cannot be written.
    #[error("{path}: cannot be written: {source}")]
    Output {
        /// Where to.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The network does not let us.
    #[error("{0}")]
    Peer(String),
}

impl Trouble {
    /// Its exit code.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => USAGE,
            Self::Input(_) => INPUT,
            Self::Output { .. } | Self::Peer(_) => FAILURE,
        }
    }
}

/// The code to leave with where several apply.
pub(super) fn first_of(codes: &[u8]) -> u8 {
    ORDER
        .into_iter()
        .find(|code| codes.contains(code))
        .unwrap_or(FINE)
}

/// Its place among those that apply.
pub(super) fn rank(code: u8) -> usize {
    let place = ORDER.into_iter().position(|one| one == code);
    place.unwrap_or(ORDER.len())
}

/// If several apply, the first of these.
const ORDER: [u8; 7] = [2, 6, 70, 5, 1, 3, 4];

#[cfg(test)]
mod tests {
    use super::first_of;

    #[test]
    fn the_first_that_applies() {
        assert_eq!(first_of(&[]), 0);
        assert_eq!(first_of(&[0, 3]), 3);
        assert_eq!(first_of(&[3, 70, 5]), 70);
        assert_eq!(first_of(&[4, 1, 3]), 1);
        assert_eq!(first_of(&[70, 2]), 2);
    }
}
