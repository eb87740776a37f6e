//! An argument: its name, how often it stands, and what it holds.

/// One argument, member or array item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// Element name, always in no namespace.
    pub name: &'static str,
    /// Name of its type in the XSD, where it has one.
    pub named_type: Option<&'static str>,
    /// Least number of occurrences.
    pub min_occurs: u32,
    /// Greatest number of occurrences; `None` is unbounded.
    pub max_occurs: Option<u32>,
    /// What it holds.
    pub shape: Shape,
}

impl Field {
    /// Base type of a scalar; of a union, that of its first part.
    #[must_use]
    pub fn base_type(&self) -> Option<Type> {
        self.facets().map(|facets| facets.base)
    }

    /// Greatest number of characters of a scalar.
    #[must_use]
    pub fn max_length(&self) -> Option<u32> {
        self.facets().and_then(|facets| facets.max_length)
    }

    /// The values a scalar is limited to; empty when it is not.
    #[must_use]
    pub fn enumeration(&self) -> &'static [&'static str] {
        self.facets().map_or(&[], |facets| facets.enumeration)
    }

    /// The restrictions of a scalar; of a union, those of its first part.
    #[must_use]
    pub fn facets(&self) -> Option<&Facets> {
        match &self.shape {
            Shape::Scalar(facets) => Some(facets),
            Shape::Union(parts) => parts.first(),
            _ => None,
        }
    }

    /// The type name its array's `arrayType` gives to items: `ParameterValueStruct` or `xsd:string`'s `string`.
    #[must_use]
    pub fn item(&self) -> Option<&'static Self> {
        match self.shape {
            Shape::Array(item) => Some(item),
            _ => None,
        }
    }

    pub(super) const fn named(mut self, name: &'static str) -> Self {
        self.named_type = Some(name);
        self
    }

    pub(super) const fn occurs(mut self, min: u32, max: Option<u32>) -> Self {
        self.min_occurs = min;
        self.max_occurs = max;
        self
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// Text of one type.
    Scalar(Facets),
    /// Text of any of several types.
    Union(&'static [Facets]),
    /// Members in order.
    Struct(&'static [Field]),
    /// One of several structures, named by `xsi:type` (the operations of `ChangeDUState`).
    Choice(&'static [(&'static str, &'static [Field])]),
    /// A SOAP array; its `arrayType` attribute is required.
    Array(&'static Field),
}

/// The simple types CWMP uses, of XML Schema and of SOAP encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// `xsd:string`.
    Text,
    /// `xsd:boolean`.
    Boolean,
    /// `xsd:int`.
    Int,
    /// `xsd:unsignedInt`.
    UnsignedInt,
    /// `xsd:dateTime`.
    DateTime,
    /// `xsd:anySimpleType`: `xsi:type` says which.
    AnySimple,
    /// `soap-enc:base64`.
    Base64,
    /// `xsd:anyURI`.
    AnyUri,
}

impl Type {
    /// Its local name in XML Schema or SOAP encoding.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::UnsignedInt => "unsignedInt",
            Self::DateTime => "dateTime",
            Self::AnySimple => "anySimpleType",
            Self::Base64 => "base64",
            Self::AnyUri => "anyURI",
        }
    }
}

/// A simple type with its restrictions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facets {
    /// The type restricted.
    pub base: Type,
    /// Exact number of characters.
    pub length: Option<u32>,
    /// Greatest number of characters.
    pub max_length: Option<u32>,
    /// Least number.
    pub min_inclusive: Option<u32>,
    /// Greatest number.
    pub max_inclusive: Option<u32>,
    /// The only values; empty when open.
    pub enumeration: &'static [&'static str],
    /// XML Schema patterns of which one matches; empty when open.
    pub patterns: &'static [&'static str],
}

impl Facets {
    const fn of(base: Type) -> Self {
        Self {
            base,
            length: None,
            max_length: None,
            min_inclusive: None,
            max_inclusive: None,
            enumeration: &[],
            patterns: &[],
        }
    }

    pub(super) const fn text() -> Self {
        Self::of(Type::Text)
    }

    pub(super) const fn boolean() -> Self {
        Self::of(Type::Boolean)
    }

    pub(super) const fn int() -> Self {
        Self::of(Type::Int)
    }

    pub(super) const fn unsigned() -> Self {
        Self::of(Type::UnsignedInt)
    }

    pub(super) const fn date_time() -> Self {
        Self::of(Type::DateTime)
    }

    pub(super) const fn any() -> Self {
        Self::of(Type::AnySimple)
    }

    pub(super) const fn base64() -> Self {
        Self::of(Type::Base64)
    }

    pub(super) const fn any_uri() -> Self {
        Self::of(Type::AnyUri)
    }

    pub(super) const fn length(mut self, characters: u32) -> Self {
        self.length = Some(characters);
        self
    }

    pub(super) const fn max(mut self, characters: u32) -> Self {
        self.max_length = Some(characters);
        self
    }

    pub(super) const fn range(mut self, min: Option<u32>, max: Option<u32>) -> Self {
        self.min_inclusive = min;
        self.max_inclusive = max;
        self
    }

    pub(super) const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.enumeration = values;
        self
    }

    pub(super) const fn like(mut self, patterns: &'static [&'static str]) -> Self {
        self.patterns = patterns;
        self
    }
}

pub(super) const fn scalar(name: &'static str, facets: Facets) -> Field {
    field(name, Shape::Scalar(facets))
}

pub(super) const fn union(name: &'static str, parts: &'static [Facets]) -> Field {
    field(name, Shape::Union(parts))
}

pub(super) const fn structure(name: &'static str, members: &'static [Field]) -> Field {
    field(name, Shape::Struct(members))
}

pub(super) const fn choice(
    name: &'static str,
    forms: &'static [(&'static str, &'static [Field])],
) -> Field {
    field(name, Shape::Choice(forms))
}

pub(super) const fn array(name: &'static str, item: &'static Field) -> Field {
    field(name, Shape::Array(item))
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        named_type: None,
        min_occurs: 1,
        max_occurs: Some(1),
        shape,
    }
}
