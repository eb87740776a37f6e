//! What was odd about a datagram: a kind and a place, no judgement.

/// Grammar that was bent, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Anomaly {
    /// What was bent.
    pub kind: AnomalyKind,
    /// Bytes from the first byte of the UDP payload.
    pub offset: usize,
}

macro_rules! anomaly_kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// The ways in which a datagram can bend the grammar.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum AnomalyKind {
            $($(#[$doc])* $kind,)*
        }

        impl AnomalyKind {
            /// Every kind, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The kind for output, lower case with hyphens: `missing-end`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }
        }
    };
}

anomaly_kinds! {
    /// The datagram ends inside the fixed header (RFC 2131 section 2, RFC 8415 sections 8 and 9).
    ShortHeader = "short-header",
    /// `op` is neither BOOTREQUEST nor BOOTREPLY (RFC 2131 section 2).
    OddOperation = "odd-operation",
    /// A hardware address longer than its field of 16 bytes (RFC 2131 section 2).
    OddHardwareLength = "odd-hardware-length",
    /// Four bytes that are not the magic cookie stand in its place (RFC 2131 section 3).
    MissingCookie = "missing-cookie",
    /// A field of options without END (RFC 2131 section 4.1).
    MissingEnd = "missing-end",
    /// Bytes other than pad follow END (RFC 2132 section 3.2).
    BytesBehindEnd = "bytes-behind-end",
    /// An option's code or length is the last that the datagram holds.
    OptionWithoutLength = "option-without-length",
    /// An option is longer than what is left of the field that holds it.
    OptionPastEnd = "option-past-end",
    /// An option of fixed length has another (RFC 2132; RFC 8415 section 21).
    OddOptionLength = "odd-option-length",
    /// An option that has one value only comes again (RFC 3396 section 5; RFC 8415 section 21).
    RepeatedOption = "repeated-option",
    /// Option 52 holds none of 1, 2 and 3 (RFC 2132 section 9.3).
    OddOverload = "odd-overload",
    /// Option 52 inside `file` or `sname`, where it means nothing (RFC 2131 section 4.1).
    NestedOverload = "nested-overload",
    /// A block of one enterprise is cut short by the end of its option (RFC 3925 sections 3 and 4).
    EnterpriseBlockPastEnd = "enterprise-block-past-end",
    /// One enterprise has more than one block in the datagram (RFC 3925 section 4 allows one).
    RepeatedEnterprise = "repeated-enterprise",
    /// Sub-options that do not fill what holds them.
    OddSubOptions = "odd-sub-options",
    /// A relay message without the message that it relays (RFC 8415 section 9).
    MissingRelayMessage = "missing-relay-message",
    /// Relays nested deeper than the limit; what is inside is not read.
    RelayDepthLimit = "relay-depth-limit",
    /// More options than the limit; the rest is not read.
    OptionLimit = "option-limit",
}

/// Anomalies of one datagram: as many as the limit allows, and how many more there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Anomalies {
    pub(crate) listed: Vec<Anomaly>,
    pub(crate) unlisted: usize,
    max: usize,
}

impl Anomalies {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            max,
            ..Self::default()
        }
    }

    pub(crate) fn note(&mut self, kind: AnomalyKind, offset: usize) {
        if self.listed.len() < self.max {
            self.listed.push(Anomaly { kind, offset });
        } else {
            self.unlisted = self.unlisted.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lower_case() {
        let mut names: Vec<_> = AnomalyKind::ALL.iter().map(|kind| kind.name()).collect();
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), AnomalyKind::ALL.len());
    }

    #[test]
    fn beyond_the_limit_they_are_counted() {
        let mut anomalies = Anomalies::new(1);
        anomalies.note(AnomalyKind::MissingEnd, 1);
        anomalies.note(AnomalyKind::MissingEnd, 2);
        assert_eq!((anomalies.listed.len(), anomalies.unlisted), (1, 1));
    }
}
