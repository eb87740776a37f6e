//! Namespaces in scope while a body is read (Namespaces in XML 1.0).
//!
//! Prefixes are looked up from the innermost declaration; URIs are numbered once, so that a node keeps four bytes.

use crate::range::Range;
use crate::text::Text;

/// Number of a namespace within one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NamespaceId(u32);

impl NamespaceId {
    pub(crate) const NONE: Self = Self(0);
    /// The prefix was not declared.
    pub(crate) const UNDECLARED: Self = Self(1);
    pub(crate) const XML: Self = Self(2);
    pub(crate) const XMLNS: Self = Self(3);
    pub(crate) const SOAP: Self = Self(4);
    pub(crate) const SOAP_ENCODING: Self = Self(5);

    /// One of XML Schema's instance namespaces, of any year.
    #[inline]
    pub(crate) fn is_instance(self) -> bool {
        matches!(self.0, 7 | 9 | 11)
    }

    #[inline]
    fn is_old_schema(self) -> bool {
        matches!(self.0, 8..=11)
    }
}

/// The URIs of one document, numbered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Namespaces {
    /// Those beyond `KNOWN`, as ranges into the text.
    others: Vec<Range>,
}

impl Namespaces {
    /// The URI of a number; `None` for no namespace and for an undeclared prefix.
    #[inline]
    pub(crate) fn uri<'t>(&self, text: &'t Text, id: NamespaceId) -> Option<&'t str> {
        let index = id.0 as usize;
        let uri = match KNOWN.get(index) {
            Some(uri) => uri,
            None => text.str(*self.others.get(index - KNOWN.len())?),
        };
        (!uri.is_empty()).then_some(uri)
    }

    /// Forgets them all; false where their room is too large to keep.
    pub(crate) fn clear(&mut self) -> bool {
        self.others.clear();
        self.others.capacity() <= BINDINGS_MAX
    }

    fn number(&mut self, text: &[u8], range: Range) -> NamespaceId {
        let uri = range.bytes(text);
        if uri.is_empty() {
            return NamespaceId::NONE;
        }
        let known = KNOWN.iter().position(|known| known.as_bytes() == uri);
        // A prefix bound to the namespace of `xmlns` makes no declarations: it is as any other.
        if let Some(index) = known.filter(|index| *index != NamespaceId::XMLNS.0 as usize) {
            return NamespaceId(index as u32);
        }
        // Numbers of the last few are used again; a hostile body may get one number for each.
        let recent = self.others.len().saturating_sub(REUSED_MAX);
        let same = self
            .others
            .iter()
            .skip(recent)
            .position(|other| other.bytes(text) == uri);
        let index = same.map_or(self.others.len(), |at| recent + at);
        if same.is_none() {
            self.others.push(range);
        }
        NamespaceId((KNOWN.len() + index) as u32)
    }
}

/// The declarations in scope.
#[derive(Debug)]
pub(crate) struct Scope {
    bindings: Vec<Binding>,
    /// Namespace of elements without a prefix.
    default: NamespaceId,
    /// The prefix last looked up; its range is empty when there is none.
    last: [(Range, NamespaceId); 2],
}

#[derive(Debug, Clone, Copy)]
struct Binding {
    prefix: Range,
    namespace: NamespaceId,
    /// The default namespace before this binding.
    default_before: NamespaceId,
}

/// What a declaration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declared {
    Plain,
    OldSchema,
    TooMany,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            bindings: Vec::new(),
            default: NamespaceId::NONE,
            last: [(Range::EMPTY, NamespaceId::NONE); 2],
        }
    }
}

impl Scope {
    /// The same without a declaration, for the next text.
    pub(crate) fn emptied(mut self) -> Self {
        self.bindings.clear();
        Self {
            bindings: self.bindings,
            ..Self::default()
        }
    }

    /// How many declarations are in scope; `truncate` goes back to it.
    #[inline]
    pub(crate) fn mark(&self) -> usize {
        self.bindings.len()
    }

    /// Declares `prefix` (empty: the default) from here on.
    pub(crate) fn declare(
        &mut self,
        text: &[u8],
        prefix: Range,
        uri: Range,
        names: &mut Namespaces,
    ) -> Declared {
        if self.bindings.len() >= BINDINGS_MAX {
            return Declared::TooMany;
        }
        let namespace = names.number(text, uri);
        self.bindings.push(Binding {
            prefix,
            namespace,
            default_before: self.default,
        });
        if prefix.is_empty() {
            self.default = namespace;
        }
        self.forget();
        if namespace.is_old_schema() {
            return Declared::OldSchema;
        }
        Declared::Plain
    }

    /// Leaves the declarations made since `mark`.
    pub(crate) fn truncate(&mut self, mark: usize) {
        while self.bindings.len() > mark {
            if let Some(binding) = self.bindings.pop() {
                self.default = binding.default_before;
            }
        }
        self.forget();
    }

    /// Namespace of an element without a prefix.
    #[inline]
    pub(crate) fn default_namespace(&self) -> NamespaceId {
        self.default
    }

    /// Namespace of a prefix that is not empty.
    #[inline]
    pub(crate) fn resolve(&mut self, text: &[u8], prefix: Range) -> NamespaceId {
        let name = prefix.bytes(text);
        for (last, namespace) in self.last {
            if last.bytes(text) == name {
                return namespace;
            }
        }
        let namespace = self.look_up(text, name);
        self.last = [(prefix, namespace), self.last[0]];
        namespace
    }

    fn look_up(&self, text: &[u8], name: &[u8]) -> NamespaceId {
        let bound = self
            .bindings
            .iter()
            .rev()
            .find(|binding| binding.prefix.bytes(text) == name);
        match (bound, name) {
            // `xmlns:p=""` takes the prefix away, which only XML 1.1 allows.
            (Some(binding), _) if binding.namespace == NamespaceId::NONE => NamespaceId::UNDECLARED,
            (Some(binding), _) => binding.namespace,
            (None, b"xml") => NamespaceId::XML,
            (None, b"xmlns") => NamespaceId::XMLNS,
            (None, _) => NamespaceId::UNDECLARED,
        }
    }

    fn forget(&mut self) {
        self.last = [(Range::EMPTY, NamespaceId::NONE); 2];
    }
}

/// Declarations in scope at one time; more are noted and ignored, so that a look-up stays cheap.
const BINDINGS_MAX: usize = 64;

/// How far back an unknown URI is searched for its number.
const REUSED_MAX: usize = 32;

/// The numbered URIs; `NamespaceId` has constants for the first ones.
const KNOWN: [&str; 15] = [
    "",
    "",
    XML,
    "http://www.w3.org/2000/xmlns/",
    SOAP,
    SOAP_ENCODING,
    SCHEMA,
    INSTANCE,
    SCHEMA_1999,
    INSTANCE_1999,
    "http://www.w3.org/2000/10/XMLSchema",
    "http://www.w3.org/2000/10/XMLSchema-instance",
    "urn:dslforum-org:cwmp-1-0",
    "urn:dslforum-org:cwmp-1-1",
    "urn:dslforum-org:cwmp-1-2",
];

/// Namespace the prefix `xml` always has.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// Namespace of the SOAP 1.1 envelope.
pub const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Namespace of SOAP 1.1 encoding.
pub const SOAP_ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";
/// Namespace of XML Schema.
pub const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
/// Namespace of `xsi:type`.
pub const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Namespace of XML Schema in the draft of 1999, which some devices still write.
pub const SCHEMA_1999: &str = "http://www.w3.org/1999/XMLSchema";
/// Namespace of `xsi:type` in the draft of 1999.
pub const INSTANCE_1999: &str = "http://www.w3.org/1999/XMLSchema-instance";
