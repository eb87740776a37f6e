//! Versions of the protocol, by their number on the wire.

use std::fmt;

/// A version as it stands on the wire: 0x0303 is TLS 1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16);

impl Version {
    /// SSL 2.0
    pub const SSL2: Self = Self(0x0002);
    /// SSL 3.0 (RFC 6101)
    pub const SSL3: Self = Self(0x0300);
    /// TLS 1.0 (RFC 2246)
    pub const TLS10: Self = Self(0x0301);
    /// TLS 1.1 (RFC 4346)
    pub const TLS11: Self = Self(0x0302);
    /// TLS 1.2 (RFC 5246)
    pub const TLS12: Self = Self(0x0303);
    /// TLS 1.3 (RFC 8446)
    pub const TLS13: Self = Self(0x0304);

    /// The version of this name, as [`fmt::Display`] writes it; drafts have none.
    pub fn named(name: &str) -> Option<Self> {
        let known = [
            Self::SSL2,
            Self::SSL3,
            Self::TLS10,
            Self::TLS11,
            Self::TLS12,
            Self::TLS13,
        ];
        known.into_iter().find(|one| one.name() == Some(name))
    }

    /// The version in words, None if nobody here knows it: `TLS 1.2`.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::SSL2 => "SSL 2.0",
            Self::SSL3 => "SSL 3.0",
            Self::TLS10 => "TLS 1.0",
            Self::TLS11 => "TLS 1.1",
            Self::TLS12 => "TLS 1.2",
            Self::TLS13 => "TLS 1.3",
            Self(draft) if draft >> 8 == 0x7f => "TLS 1.3 draft",
            _ => return None,
        })
    }

    /// The number of a draft of TLS 1.3.
    pub(crate) fn draft(self) -> Option<u16> {
        (self.0 >> 8 == 0x7f).then_some(self.0 & 0xff)
    }

    /// TLS 1.3 or a draft of it.
    pub fn is_tls13(self) -> bool {
        self == Self::TLS13 || self.draft().is_some()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some("TLS 1.3 draft") => write!(formatter, "TLS 1.3 draft {}", self.0 & 0xff),
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "0x{:04x}", self.0),
        }
    }
}
