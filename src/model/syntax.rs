//! What values a parameter may have: type and facets. Whether a value fits is asked of `fit.rs`.

use super::{Status, Version};

/// What values a parameter may have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Syntax {
    /// The type on the wire; of a list, the type of one item.
    pub base: Base,
    /// The name of the type, where the document has one: `IPv4Address`.
    pub data_type: Option<Box<str>>,
    /// Several items in one string, separated by commas.
    pub list: Option<List>,
    /// Allowed lengths; of a list, of one item. Any one may hold; none means that the document sets no limit.
    pub sizes: Vec<Size>,
    /// Allowed numbers. Any one may hold.
    pub ranges: Vec<Range>,
    /// Allowed values; empty if the type has no enumeration.
    pub enumeration: Vec<Enumerated>,
    /// Patterns of XML Schema, anchored at both ends. Any one may hold.
    pub patterns: Vec<Box<str>>,
    /// What the value refers to.
    pub reference: Option<Reference>,
}

impl Syntax {
    /// A type without facets.
    #[must_use]
    pub fn of(base: Base) -> Self {
        Self {
            base,
            ..Self::default()
        }
    }

    /// The longest value that any size allows, characters of a string or bytes of binary; of a list, of the whole list.
    #[must_use]
    pub fn length_max(&self) -> Option<u32> {
        let sizes = match &self.list {
            Some(list) => &list.sizes,
            None => &self.sizes,
        };
        let longest: Option<Vec<u32>> = sizes.iter().map(|size| size.max).collect();
        longest?.into_iter().max()
    }
}

/// The types of TR-106 3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Base {
    /// The document does not say.
    #[default]
    Unknown,
    /// Text.
    String,
    /// 32 bits with a sign.
    Int,
    /// 32 bits.
    UnsignedInt,
    /// 64 bits with a sign.
    Long,
    /// 64 bits.
    UnsignedLong,
    /// A decimal fraction.
    Decimal,
    /// `true`, `false`, `1` or `0`.
    Boolean,
    /// A point in time, as ISO 8601 writes it.
    DateTime,
    /// Bytes in Base64.
    Base64,
    /// Bytes in hexadecimal.
    HexBinary,
}

impl Base {
    /// The type of this name: `unsignedInt`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let known = NAMES.iter().find(|(_, known)| *known == name);
        known.map(|(base, _)| *base)
    }

    /// Its name, as documents and `xsi:type` write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        let named = NAMES.iter().find(|(base, _)| *base == self);
        named.map_or("", |(_, name)| name)
    }

    /// The least and the greatest number, of a whole-numbered type.
    #[must_use]
    pub fn bounds(self) -> Option<(i128, i128)> {
        match self {
            Self::Int => Some((i32::MIN.into(), i32::MAX.into())),
            Self::UnsignedInt => Some((0, u32::MAX.into())),
            Self::Long => Some((i64::MIN.into(), i64::MAX.into())),
            Self::UnsignedLong => Some((0, u64::MAX.into())),
            _ => None,
        }
    }
}

/// Several items in one string (TR-106 3.2.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct List {
    /// The fewest items.
    pub items_min: Option<u32>,
    /// The most items.
    pub items_max: Option<u32>,
    /// Allowed lengths of the whole string. Any one may hold.
    pub sizes: Vec<Size>,
    /// Items may themselves be lists in brackets.
    pub nested: bool,
}

/// An allowed length, in characters of a string or bytes of binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Size {
    /// The shortest.
    pub min: Option<u32>,
    /// The longest.
    pub max: Option<u32>,
}

/// An allowed range of numbers, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Range {
    /// The least.
    pub min: Option<i128>,
    /// The greatest.
    pub max: Option<i128>,
    /// From the least on, only every so many.
    pub step: Option<i128>,
}

/// A value of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Enumerated {
    /// The value.
    pub value: Box<str>,
    /// Only the device sets it; the ACS must not.
    pub read_only: bool,
    /// A device need not support it.
    pub optional: bool,
    /// How far it is on its way out.
    pub status: Status,
    /// The version that brought it, where the document says so.
    pub since: Option<Version>,
}

/// What a value refers to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// The path of a parameter or object.
    Path {
        /// A strong one is emptied when its target goes; a weak one may name what is not there (TR-106 3.2.4).
        strong: bool,
        /// Below which objects the target is, as the document writes them, blanks between; empty if anywhere.
        parents: Box<str>,
        /// What the target is.
        target: Target,
    },
    /// One of the values that another parameter lists.
    Enumeration {
        /// That parameter, relative as the document writes it.
        parameter: Box<str>,
    },
}

/// What the target of a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Target {
    /// Anything.
    #[default]
    Any,
    /// A parameter.
    Parameter,
    /// Any object.
    Object,
    /// An object that is no table.
    Single,
    /// A table.
    Table,
    /// A row of a table.
    Row,
}

const NAMES: [(Base, &str); 10] = [
    (Base::String, "string"),
    (Base::Int, "int"),
    (Base::UnsignedInt, "unsignedInt"),
    (Base::Long, "long"),
    (Base::UnsignedLong, "unsignedLong"),
    (Base::Decimal, "decimal"),
    (Base::Boolean, "boolean"),
    (Base::DateTime, "dateTime"),
    (Base::Base64, "base64"),
    (Base::HexBinary, "hexBinary"),
];
