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

            /// The kind for output, lower case with hyphens: `path-not-empty`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }
        }
    };
}

anomaly_kinds! {
    /// Bytes behind the end that the message's length field gives (RFC 5389 section 6).
    TrailingBytes = "trailing-bytes",
    /// The length field reaches behind the end of the datagram (RFC 5389 section 6).
    LengthTooLong = "length-too-long",
    /// A length field that is no multiple of four (RFC 5389 section 6, RFC 3489 section 11.2).
    LengthUnaligned = "length-unaligned",
    /// An attribute that reaches behind the end of its message (RFC 5389 section 15).
    AttributeOverrun = "attribute-overrun",
    /// One to three bytes behind the last attribute.
    AttributeStray = "attribute-stray",
    /// An attribute whose value is no multiple of four and that no padding follows (RFC 3489 section 11.2, RFC 5389
    /// section 15).
    AttributeUnpadded = "attribute-unpadded",
    /// Padding that the length does not count, where RFC 3489 section 11.2 knows none.
    AttributePadded = "attribute-padded",
    /// The padding of the last attribute is not there (RFC 5389 section 15).
    PaddingMissing = "padding-missing",
    /// An attribute of the reserved type 0 (RFC 5389 section 18.2).
    AttributeReserved = "attribute-reserved",
    /// An attribute behind MESSAGE-INTEGRITY that may not stand there (RFC 3489 section 11.2.8, RFC 5389 section 15.4).
    AttributeAfterIntegrity = "attribute-after-integrity",
    /// An attribute behind FINGERPRINT (RFC 5389 section 15.5).
    AttributeAfterFingerprint = "attribute-after-fingerprint",
    /// An address of neither family 1 nor 2 (RFC 5389 section 15.1).
    AddressFamilyOdd = "address-family-odd",
    /// An address of a length that does not fit its family (RFC 5389 section 15.1).
    AddressLengthOdd = "address-length-odd",
    /// A CHANGE-REQUEST that is not four bytes, or has bits nobody defined (RFC 3489 section 11.2.4).
    ChangeRequestOdd = "change-request-odd",
    /// An ERROR-CODE shorter than four bytes, or with a class beyond 1 to 6 or a number beyond 0 to 99 (RFC 3489
    /// section 11.2.9).
    ErrorCodeOdd = "error-code-odd",
    /// UNKNOWN-ATTRIBUTES of an odd number of bytes (RFC 5389 section 15.9).
    UnknownAttributesOdd = "unknown-attributes-odd",
    /// A MESSAGE-INTEGRITY that is not 20 bytes (RFC 3489 section 11.2.8), or not 16 to 32 with SHA-256 (RFC 8489
    /// section 14.6).
    IntegrityLengthOdd = "integrity-length-odd",
    /// A FINGERPRINT that is not four bytes (RFC 5389 section 15.5).
    FingerprintLengthOdd = "fingerprint-length-odd",
    /// A number or flag of another length than its attribute has.
    NumberLengthOdd = "number-length-odd",
    /// A text that is not UTF-8, or holds NUL bytes (RFC 5389 sections 15.3, 15.7, 15.8, 15.10).
    TextOdd = "text-odd",
    /// A CONNECTION-REQUEST-BINDING other than the 20 bytes of TR-111 table 5.
    ConnectionRequestBindingOdd = "connection-request-binding-odd",
    /// A BINDING-CHANGE that is not empty (TR-111 table 5).
    BindingChangeOdd = "binding-change-odd",
    /// A method other than GET (TR-111 section 2.2.2.3).
    MethodOdd = "method-odd",
    /// The request line's parts are not separated by one space each (RFC 2616 section 5.1).
    RequestLineOdd = "request-line-odd",
    /// A version other than HTTP/1.1, or none (TR-111 section 2.2.2.3).
    VersionOdd = "version-odd",
    /// A request target that is no absolute URI (TR-111 section 2.2.2.3).
    TargetNotAbsolute = "target-not-absolute",
    /// A scheme other than http (TR-111 section 2.2.2.3).
    SchemeOdd = "scheme-odd",
    /// An authority that is no host with an optional port.
    AuthorityOdd = "authority-odd",
    /// A path where TR-111 section 2.2.2.3 wants none.
    PathNotEmpty = "path-not-empty",
    /// A fragment behind the query.
    FragmentPresent = "fragment-present",
    /// A parameter of the five is missing (TR-111 section 2.2.2.3).
    ParameterMissing = "parameter-missing",
    /// A parameter of the five stands there again; the first counts.
    ParameterRepeated = "parameter-repeated",
    /// A parameter beyond the five.
    ParameterUnknown = "parameter-unknown",
    /// A parameter of the five without a value.
    ParameterEmpty = "parameter-empty",
    /// A parameter's name in other letters than lower case.
    ParameterCaseOdd = "parameter-case-odd",
    /// More parameters than are listed.
    ParametersTooMany = "parameters-too-many",
    /// A percent sign without two hexadecimal digits (RFC 3986 section 2.1).
    PercentOdd = "percent-odd",
    /// Bytes in the query that had to be percent-encoded (RFC 3986 section 3.4).
    QueryByteOdd = "query-byte-odd",
    /// A timestamp that is no number (TR-111 section 2.2.2.3).
    TimestampOdd = "timestamp-odd",
    /// A timestamp in milliseconds (TR-111 section 2.2.2.3 wants seconds).
    TimestampMilliseconds = "timestamp-milliseconds",
    /// An id that is no unsigned number (TR-111 section 2.2.2.3).
    IdOdd = "id-odd",
    /// A signature that is not all hexadecimal digits (TR-111 section 2.2.2.3).
    SignatureOdd = "signature-odd",
    /// A signature of another length than the 40 digits of HMAC-SHA1 (TR-111 section 2.2.2.3).
    SignatureLengthOdd = "signature-length-odd",
    /// No Host header (RFC 2616 section 14.23).
    HostMissing = "host-missing",
    /// Several Host headers.
    HostRepeated = "host-repeated",
    /// A line ended by LF alone (RFC 2616 section 2.2).
    BareLineFeed = "bare-line-feed",
    /// A header line without a name and a colon.
    HeaderOdd = "header-odd",
    /// A header line that begins with a blank.
    HeaderIndented = "header-indented",
    /// More header lines than are listed.
    HeadersTooMany = "headers-too-many",
    /// The head does not end in an empty line (TR-111 section 2.2.2.3).
    FinalLineMissing = "final-line-missing",
    /// Bytes behind the head (TR-111 section 2.2.2.3 wants none).
    BodyPresent = "body-present",
    /// A Content-Length that is not what follows.
    ContentLengthOdd = "content-length-odd",
    /// An element that is not of the notification's namespace (cwmp-UDPLightweightNotification-1-0.xsd).
    ElementUnqualified = "element-unqualified",
    /// An element that the schema does not have at this place.
    ElementUnknown = "element-unknown",
    /// An element of the schema that is missing.
    ElementMissing = "element-missing",
    /// An element that stands there again; the first counts.
    ElementRepeated = "element-repeated",
    /// An element before one that the schema has before it.
    ElementOrder = "element-order",
    /// A value without `xsi:type` (TR-069 Amendment 5 table 12).
    ValueTypeMissing = "value-type-missing",
    /// An OUI that is not six hexadecimal digits in upper case.
    OuiOdd = "oui-odd",
    /// A text longer than the schema allows.
    ElementTooLong = "element-too-long",
    /// XML that cannot be read on.
    XmlBroken = "xml-broken",
    /// A document type declaration; reading ends there.
    DocumentType = "document-type",
    /// A reference to an entity nobody defined.
    EntityUnknown = "entity-unknown",
    /// Elements nested deeper than are followed.
    XmlTooDeep = "xml-too-deep",
    /// More anomalies than are listed.
    AnomaliesTooMany = "anomalies-too-many",
}

/// A bounded list of anomalies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Anomalies {
    pub(crate) list: Vec<Anomaly>,
}

impl Anomalies {
    /// Adds one; the last that [`ANOMALIES_MAX`] leaves room for tells that there were more.
    pub(crate) fn add(&mut self, kind: AnomalyKind, offset: usize) {
        match self.list.len().saturating_add(1) {
            ..ANOMALIES_MAX => self.list.push(Anomaly { kind, offset }),
            ANOMALIES_MAX => self.list.push(Anomaly {
                kind: AnomalyKind::AnomaliesTooMany,
                offset,
            }),
            _ => (),
        }
    }

    /// Adds a kind that is told once a datagram, at its first place.
    pub(crate) fn add_once(&mut self, kind: AnomalyKind, offset: usize) {
        if !self.list.iter().any(|anomaly| anomaly.kind == kind) {
            self.add(kind, offset);
        }
    }
}

/// Anomalies kept of one datagram: a hostile one of 64 KiB could have thousands.
const ANOMALIES_MAX: usize = 64;

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
    fn the_list_is_bounded() {
        let mut anomalies = Anomalies::default();
        for offset in 0..1000 {
            anomalies.add(AnomalyKind::AttributeReserved, offset);
        }
        assert_eq!(anomalies.list.len(), ANOMALIES_MAX);
        let last = anomalies.list.last().map(|anomaly| anomaly.kind);
        assert_eq!(last, Some(AnomalyKind::AnomaliesTooMany));
    }
}
