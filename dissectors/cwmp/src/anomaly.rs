//! What was bent in a body, and where. No judgement: a rule elsewhere decides what it means.

/// Something odd at an offset into the document's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Anomaly {
    /// Byte offset into `Document::text`.
    pub offset: usize,
    /// What it is.
    pub kind: AnomalyKind,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What kind of oddity.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum AnomalyKind {
            $($(#[$doc])* $variant,)*
        }

        impl AnomalyKind {
            /// Its name in outputs, in lower case with hyphens.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// The body is longer than the limit; the rest was not read.
    BodyTooLong = "body-too-long",
    /// The transport said that bytes are missing at the end.
    Truncated = "truncated",
    /// A byte-order mark stands before the text.
    ByteOrderMark = "byte-order-mark",
    /// Byte-order mark, charset parameter and XML declaration name different encodings.
    CharsetConflict = "charset-conflict",
    /// A charset or encoding name that no registry knows.
    UnknownCharset = "unknown-charset",
    /// Bytes that the named encoding cannot hold.
    UndecodableBytes = "undecodable-bytes",
    /// Bytes that are no UTF-8, in a body that claims it.
    InvalidUtf8 = "invalid-utf8",
    /// A character XML 1.0 does not allow (section 2.2).
    ControlCharacter = "control-character",
    /// An ampersand that begins no reference.
    BareAmpersand = "bare-ampersand",
    /// A reference to an entity other than the five of XML.
    UnknownEntity = "unknown-entity",
    /// A character reference to no XML character.
    InvalidCharacterReference = "invalid-character-reference",
    /// A `<` that begins no markup.
    BareLessThan = "bare-less-than",
    /// A `<` within an attribute value.
    LessThanInAttribute = "less-than-in-attribute",
    /// An attribute without a value.
    AttributeWithoutValue = "attribute-without-value",
    /// An attribute value without quotes.
    UnquotedAttribute = "unquoted-attribute",
    /// No white space before an attribute.
    AttributesNotSeparated = "attributes-not-separated",
    /// The same attribute twice on one element.
    DuplicateAttribute = "duplicate-attribute",
    /// A name XML does not allow.
    InvalidName = "invalid-name",
    /// A document type declaration; passed over, its entities are not known.
    Doctype = "doctype",
    /// An XML declaration elsewhere than at the very start.
    MisplacedDeclaration = "misplaced-declaration",
    /// Markup declaration that is none of comment, CDATA or DOCTYPE.
    UnknownMarkup = "unknown-markup",
    /// Two hyphens within a comment.
    DoubleHyphenInComment = "double-hyphen-in-comment",
    /// Markup that the body's end cuts.
    UnterminatedMarkup = "unterminated-markup",
    /// A prefix that no `xmlns` declares.
    UndeclaredPrefix = "undeclared-prefix",
    /// More namespace declarations in scope than are kept.
    TooManyNamespaces = "too-many-namespaces",
    /// A 1999 or 2000 namespace of XML Schema.
    OldSchemaNamespace = "old-schema-namespace",
    /// An end tag that matches no open element; passed over.
    UnexpectedEndTag = "unexpected-end-tag",
    /// An end tag whose prefix is not that of its start tag.
    MismatchedEndTag = "mismatched-end-tag",
    /// An element that its parent's end tag closes.
    UnclosedElement = "unclosed-element",
    /// The root element is still open at the end.
    UnclosedRoot = "unclosed-root",
    /// Text before the root element.
    TextBeforeRoot = "text-before-root",
    /// Text after the root element.
    TextAfterRoot = "text-after-root",
    /// A second root element (TR-069 Issue 1 allowed several envelopes).
    SecondRoot = "second-root",
    /// Elements nested deeper than the limit; the deeper ones were passed over.
    TooDeep = "too-deep",
    /// More elements and attributes than the limit; the rest was not read.
    TooManyElements = "too-many-elements",
    /// No element at all.
    NoElement = "no-element",
    /// The root element is no Envelope.
    NotAnEnvelope = "not-an-envelope",
    /// The Envelope is not in the namespace of SOAP 1.1.
    EnvelopeNamespace = "envelope-namespace",
    /// The Envelope has no Body.
    MissingBody = "missing-body",
    /// The Body holds several elements.
    SeveralMessagesInBody = "several-messages-in-body",
    /// The Envelope has no Header.
    MissingHeader = "missing-header",
    /// The Header has no ID.
    MissingId = "missing-id",
    /// The message is in no CWMP namespace.
    MessageNamespace = "message-namespace",
    /// An argument is in a namespace; CWMP's are in none.
    QualifiedArgument = "qualified-argument",
    /// An argument the method does not have.
    UnknownArgument = "unknown-argument",
    /// A required argument is not there.
    MissingArgument = "missing-argument",
    /// An argument stands before one it should follow.
    ArgumentOutOfOrder = "argument-out-of-order",
    /// An argument stands more often than the schema allows.
    RepeatedArgument = "repeated-argument",
    /// A `Value` of any simple type without `xsi:type`.
    MissingXsiType = "missing-xsi-type",
    /// An array without `arrayType`.
    MissingArrayType = "missing-array-type",
    /// `arrayType` in another namespace than that of SOAP encoding.
    ArrayTypeNamespace = "array-type-namespace",
    /// The count of `arrayType` is not the number of items.
    ArrayCountMismatch = "array-count-mismatch",
    /// The count of `arrayType` is written with leading zeros.
    ArrayCountPadded = "array-count-padded",
    /// `arrayType` without a count in brackets.
    ArrayCountMissing = "array-count-missing",
    /// An array item under another name than the type's.
    ArrayItemName = "array-item-name",
    /// Text beside elements where only elements belong.
    MixedContent = "mixed-content",
    /// Elements where only text belongs.
    ElementsInScalar = "elements-in-scalar",
    /// A value that its type cannot hold.
    InvalidValue = "invalid-value",
    /// A dateTime without a time zone.
    DateTimeWithoutZone = "date-time-without-zone",
}

/// A place in the text as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// Byte offset, from 0.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// Counts lines and characters up to `offset`; past the end it is the end.
    pub(crate) fn of(text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        Self {
            offset: before.len(),
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            column: in_line.iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1,
        }
    }
}

/// Collects anomalies up to a bound, and counts the rest.
#[derive(Debug)]
pub(crate) struct Anomalies {
    kept: Vec<Anomaly>,
    max: usize,
    omitted: usize,
}

impl Anomalies {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            kept: Vec::new(),
            max,
            omitted: 0,
        }
    }

    #[cold]
    pub(crate) fn push(&mut self, kind: AnomalyKind, offset: usize) {
        if self.kept.len() < self.max {
            self.kept.push(Anomaly { offset, kind });
        } else {
            self.omitted += 1;
        }
    }

    /// How many there were.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.kept.len() + self.omitted
    }

    /// The anomalies in text order, and how many were not kept.
    pub(crate) fn finish(mut self) -> (Vec<Anomaly>, usize) {
        self.kept.sort_unstable();
        (self.kept, self.omitted)
    }
}
