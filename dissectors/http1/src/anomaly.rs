//! What was odd about a message: a kind and a place, no judgement.

/// Grammar that was bent, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Anomaly {
    /// What was bent.
    pub kind: AnomalyKind,
    /// Bytes from the first byte of the message's start line, as on the wire.
    pub offset: u64,
}

macro_rules! anomaly_kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// The ways in which a message can bend the grammar.
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
    /// Empty lines before the start line (RFC 9112 section 2.2 lets a server skip them).
    LeadingEmptyLine = "leading-empty-line",
    /// A line ended by LF alone (RFC 9112 section 2.2).
    BareLineFeed = "bare-line-feed",
    /// An empty line of more than CR LF.
    OddLineEnd = "odd-line-end",
    /// The parts of the start line are not separated by one space each (RFC 9112 section 3).
    StartLineBlanks = "start-line-blanks",
    /// A method with bytes that are not token characters, or in lower case.
    OddMethod = "odd-method",
    /// A request target that is empty, or holds blanks or control characters (RFC 9112 section 3.2).
    OddTarget = "odd-target",
    /// A version other than HTTP/1.0 and HTTP/1.1 (RFC 9112 section 2.3).
    OddVersion = "odd-version",
    /// A status that is not three digits of 100 to 599 (RFC 9110 section 15).
    OddStatus = "odd-status",
    /// No space and reason phrase behind the status (RFC 9112 section 4).
    MissingReasonPhrase = "missing-reason-phrase",
    /// A header continued on the next line (RFC 9112 section 5.2).
    FoldedHeader = "folded-header",
    /// Blanks between a header's name and its colon (RFC 9112 section 5.1).
    BlankBeforeColon = "blank-before-colon",
    /// A header line without a colon.
    HeaderWithoutColon = "header-without-colon",
    /// A header line that begins with its colon.
    EmptyHeaderName = "empty-header-name",
    /// A header name with bytes that are not token characters (RFC 9110 section 5.1).
    OddHeaderName = "odd-header-name",
    /// A header value with control characters, a CR alone among them (RFC 9110 section 5.5).
    OddHeaderValue = "odd-header-value",
    /// More header lines than are listed.
    TooManyHeaders = "too-many-headers",
    /// Several equal lengths (RFC 9112 section 6.3).
    ContentLengthRepeated = "content-length-repeated",
    /// Several lengths that differ; the first counts.
    ContentLengthDiffers = "content-length-differs",
    /// A length below zero, taken as absent.
    ContentLengthNegative = "content-length-negative",
    /// A length with more than digits; leading digits count.
    ContentLengthOdd = "content-length-odd",
    /// A length beyond 64 bits.
    ContentLengthHuge = "content-length-huge",
    /// Both framings; chunked wins (RFC 9112 section 6.3).
    ContentLengthWithTransferEncoding = "content-length-with-transfer-encoding",
    /// A transfer coding list that does not end in one chunked (RFC 9112 section 6.1).
    TransferEncodingOdd = "transfer-encoding-odd",
    /// A transfer coding in a message older than HTTP/1.1 (RFC 9112 section 6.1).
    TransferEncodingTooEarly = "transfer-encoding-too-early",
    /// Chunked was announced and is not there.
    ChunkedNotApplied = "chunked-not-applied",
    /// Blanks around a chunk's size (RFC 9112 section 7.1).
    ChunkSizeBlanks = "chunk-size-blanks",
    /// A chunk size that cannot be read.
    ChunkSizeOdd = "chunk-size-odd",
    /// A chunk size beyond 64 bits.
    ChunkSizeHuge = "chunk-size-huge",
    /// No line end behind a chunk's data: its size is wrong.
    ChunkEndMissing = "chunk-end-missing",
    /// No empty line behind the last chunk.
    ChunkedEndMissing = "chunked-end-missing",
    /// A content coding nobody here knows; the body is as coded.
    EncodingUnknown = "encoding-unknown",
    /// A coding was announced and is not there; the body is as sent.
    EncodingNotApplied = "encoding-not-applied",
    /// Coded data that breaks off; the body is what came before.
    EncodingTruncated = "encoding-truncated",
    /// Coded data that is corrupt; the body is what came before.
    EncodingCorrupt = "encoding-corrupt",
    /// The checksum or length behind coded data does not fit.
    EncodingChecksum = "encoding-checksum",
    /// Bytes behind the end of coded data.
    EncodingTrailingBytes = "encoding-trailing-bytes",
    /// More codings than are undone; the body is as coded.
    EncodingsTooMany = "encodings-too-many",
    /// Decoding stopped at a bound of ratio or size: a bomb, or nearly.
    EncodingLimit = "encoding-limit",
}

/// A bounded list of anomalies.
#[derive(Debug, Default)]
pub(crate) struct Anomalies {
    pub(crate) list: Vec<Anomaly>,
    pub(crate) dropped: u32,
    max: usize,
}

impl Anomalies {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            list: Vec::new(),
            dropped: 0,
            max,
        }
    }

    pub(crate) fn add(&mut self, kind: AnomalyKind, offset: usize) {
        if self.list.len() < self.max {
            self.list.push(Anomaly {
                kind,
                offset: offset as u64,
            });
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Adds a kind that is told once a message, at its first place.
    pub(crate) fn add_once(&mut self, kind: AnomalyKind, offset: usize) {
        if !self.list.iter().any(|anomaly| anomaly.kind == kind) {
            self.add(kind, offset);
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
    fn list_is_bounded_and_counts_the_rest() {
        let mut anomalies = Anomalies::new(2);
        for offset in 0..5 {
            anomalies.add(AnomalyKind::BareLineFeed, offset);
        }
        assert_eq!((anomalies.list.len(), anomalies.dropped), (2, 3));
    }
}
