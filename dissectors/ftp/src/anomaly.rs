//! What was odd about a control connection: a kind and a place, no judgement.

use crate::Side;

/// Grammar that was bent, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Anomaly {
    /// What was bent.
    pub kind: AnomalyKind,
    /// Whose line.
    pub side: Side,
    /// Where the line begins, in bytes from the first of that side's stream.
    pub offset: u64,
}

macro_rules! anomaly_kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// The ways in which a control connection can bend the grammar.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum AnomalyKind {
            $($(#[$doc])* $kind,)*
        }

        impl AnomalyKind {
            /// Every kind, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The kind for output, lower case with hyphens: `bare-line-feed`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }
        }
    };
}

anomaly_kinds! {
    /// A line ended by LF alone (RFC 959 section 5.3).
    BareLineFeed = "bare-line-feed",
    /// A line longer than the limit; what is beyond is not read.
    LongLine = "long-line",
    /// A client's line that is no command (RFC 959 section 5.3).
    OddCommand = "odd-command",
    /// A server's line that is no reply, nor inside one (RFC 959 section 4.2).
    OddReply = "odd-reply",
    /// A reply that answers no command that was seen.
    UnexpectedReply = "unexpected-reply",
    /// PORT, EPRT, or the answer to PASV or EPSV, names no endpoint (RFC 959 section 4.1.2, RFC 2428 sections 2 and 3).
    OddEndpoint = "odd-endpoint",
    /// More commands wait for their reply than the limit; the oldest is forgotten.
    PendingLimit = "pending-limit",
}

/// Anomalies of one connection: as many as the limit allows, and how many more there were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Anomalies {
    pub(crate) listed: Vec<Anomaly>,
    pub(crate) unlisted: u64,
    max: usize,
}

impl Anomalies {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            max,
            ..Self::default()
        }
    }

    pub(crate) fn note(&mut self, kind: AnomalyKind, side: Side, offset: u64) {
        if self.listed.len() < self.max {
            self.listed.push(Anomaly { kind, side, offset });
        } else {
            self.unlisted = self.unlisted.saturating_add(1);
        }
    }
}
