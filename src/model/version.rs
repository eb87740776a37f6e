//! The versions of a data model, such as the 1.14 of `InternetGatewayDevice:1.14`.

use std::fmt;

/// The version of a data model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version {
    /// What changes when older names no longer hold: `Device:1` and `Device:2` are two models.
    pub major: u16,
    /// What grows as names are added.
    pub minor: u16,
}

impl Version {
    /// A version of two numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// Reads `2.11`; a third number, a corrigendum's, is passed over.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().split('.');
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next()?.parse().ok()?;
        Some(Self { major, minor })
    }

    /// The one before, within the same model.
    #[must_use]
    pub fn before(self) -> Option<Self> {
        let minor = self.minor.checked_sub(1)?;
        Some(Self { minor, ..self })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)
    }
}

/// When a name came into a model, as far as the documents tell.
///
/// Recent documents state it. Of older ones only some versions are at hand, and a name came between the last that lacks it
/// and the first that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Since {
    /// It is there in this version and in later ones.
    pub first: Version,
    /// The latest version that surely lacked it; none where nothing is known of earlier ones.
    pub absent: Option<Version>,
}

impl Since {
    /// Whether a device of this version cannot have it.
    #[must_use]
    pub fn surely_after(&self, version: Version) -> bool {
        self.absent
            .is_some_and(|absent| absent.major == version.major && version <= absent)
    }
}
