//! What was odd about a value: a kind and a place, no judgement.

use super::named_kinds;

/// What was read, and what was odd about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading<T> {
    /// What was read.
    pub what: T,
    /// What was odd, each kind once, at its first place.
    pub anomalies: Vec<Anomaly>,
}

/// Grammar that was bent, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Anomaly {
    /// What was bent.
    pub kind: AnomalyKind,
    /// Bytes from the first byte of the field's value.
    pub offset: usize,
}

named_kinds! {
    /// The ways in which a value can bend the grammar (RFC 9110 section 11, RFC 7616 section 3, RFC 7617 section 2).
    AnomalyKind {
        /// Nothing but blanks.
        Empty = "empty",
        /// A value continued on the next line (RFC 9112 section 5.2).
        FoldedValue = "folded-value",
        /// A line feed without its carriage return within the value.
        BareLineFeed = "bare-line-feed",
        /// Parameters that no scheme precedes.
        SchemeMissing = "scheme-missing",
        /// A comma between a scheme and its first parameter.
        CommaBehindScheme = "comma-behind-scheme",
        /// No comma between parameters, or before the next scheme.
        CommaMissing = "comma-missing",
        /// A semicolon in place of a comma.
        Semicolon = "semicolon",
        /// Blanks around an equals sign (RFC 9110 section 11.2: bad white space).
        BlanksAroundEquals = "blanks-around-equals",
        /// A value without quotes where they are required.
        QuotesMissing = "quotes-missing",
        /// A value in quotes where none may be.
        QuotesSurplus = "quotes-surplus",
        /// A quoted value that does not end.
        QuoteUnended = "quote-unended",
        /// Nothing behind an equals sign.
        ValueMissing = "value-missing",
        /// A parameter that was there before; the first counts.
        ParameterRepeated = "parameter-repeated",
        /// Text that is neither scheme nor parameter; it is taken as part of the value before it, if there is one.
        StrayText = "stray-text",
        /// More schemes and parameters than are read; the rest is passed over.
        TooMuch = "too-much",
        /// Credentials of Basic that are not base64; what comes before the first odd byte is decoded.
        Base64Odd = "base64-odd",
        /// Credentials of Basic without the padding they need, or with more.
        Base64Padding = "base64-padding",
        /// Credentials of Basic without a colon; all is the user.
        ColonMissing = "colon-missing",
    }
}

/// A list that tells each kind once.
#[derive(Debug, Default)]
pub(super) struct Anomalies {
    pub(super) list: Vec<Anomaly>,
}

impl Anomalies {
    pub(super) fn add(&mut self, kind: AnomalyKind, offset: usize) {
        if !self.list.iter().any(|anomaly| anomaly.kind == kind) {
            self.list.push(Anomaly { kind, offset });
        }
    }

    pub(super) fn with<T>(self, what: T) -> Reading<T> {
        let anomalies = self.list;
        Reading { what, anomalies }
    }
}
