//! How a message departs from the schema: one walk over its arguments, from which rules of many families are fed.
//!
//! It names no rule and judges no side. It is done for every message, and a response may hold a hundred thousand
//! parameters: nothing is allocated until something is found, and each element is looked at once.

use cwmp::schema::{Facets, Field, Shape, Type, Version};
use cwmp::{Element, EnvelopeRef};

use super::alike::Alike;
use super::array;
use super::time::{self, TimeFault};
use super::types::{Lexical, Named, Types, lexical_fits};

/// One way in which a message differs from the schema.
#[derive(Debug, Clone, Copy)]
pub(in crate::conformance::rules) struct Departure<'a> {
    /// What it is.
    pub(in crate::conformance::rules) kind: Kind,
    /// Where it stands; for what is missing, the element that lacks it.
    pub(in crate::conformance::rules) element: Element<'a>,
    /// What the schema says of it.
    pub(in crate::conformance::rules) field: Option<&'static Field>,
    /// How many more of the kind stand in the message.
    pub(in crate::conformance::rules) more: u32,
    /// The path of the parameter, whatever the instances in it.
    path: u64,
}

/// What kind of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::conformance::rules) enum Kind {
    /// An argument in a namespace, or with a prefix.
    Qualified,
    /// An element the schema does not have here.
    Unknown,
    /// The same in another case: `name` for `Name`.
    WrongCase,
    /// A required element is not there.
    Missing,
    /// An element stands before one it should follow.
    OutOfOrder,
    /// An element stands more often than it may.
    Repeated,
    /// Text beside elements.
    Mixed,
    /// Elements where text belongs.
    ElementsInText,
    /// Fewer items than the schema asks for.
    TooFewItems,
    /// More items than the schema allows.
    TooManyItems,
    /// An array without arrayType.
    NoArrayType,
    /// An arrayType that is not in the namespace of SOAP encoding.
    ForeignArrayType,
    /// arrayType counts other than the items.
    ItemCount,
    /// arrayType without a count, or with blanks in it.
    UnplainCount,
    /// arrayType names another type than that of the items.
    ItemType,
    /// An item under another name than its type's.
    ItemName,
    /// A value of any simple type that does not say which.
    NoXsiType,
    /// An `xsi:type` that names no simple type.
    UnknownXsiType,
    /// An `xsi:type` where the schema names no type, or another.
    NeedlessXsiType,
    /// An `xsi:type` of `Array`.
    ArrayXsiType,
    /// Operations that do not say which operation.
    NoForm,
    /// More characters than allowed.
    TooLong,
    /// Blanks around a string.
    Blanks,
    /// No number of its type.
    Number,
    /// A number beyond the range of the argument.
    Range,
    /// No boolean.
    Boolean,
    /// A dateTime with something wrong.
    Time(TimeFault),
    /// No base64.
    Base64,
    /// None of the values that the schema lists.
    NotListed,
}

impl Kind {
    /// What is missing, surplus, misplaced or of the wrong make: the sequence of the schema is not kept.
    pub(in crate::conformance::rules) fn is_structure(self) -> bool {
        matches!(
            self,
            Self::Unknown
                | Self::Missing
                | Self::OutOfOrder
                | Self::Repeated
                | Self::Mixed
                | Self::ElementsInText
                | Self::TooFewItems
                | Self::TooManyItems
        )
    }

    /// Told once in a message, whatever the field: a way of writing, not a slip in one place.
    pub(super) fn is_told_once(self) -> bool {
        matches!(
            self,
            Self::Qualified
                | Self::NeedlessXsiType
                | Self::ArrayXsiType
                | Self::NoXsiType
                | Self::UnknownXsiType
                | Self::Blanks
        )
    }
}

/// Every departure of a message, up to a bound, in the order of the text; none for a message that no schema knows.
pub(in crate::conformance::rules) fn departures<'a>(
    envelope: &EnvelopeRef<'a>,
    version: Version,
) -> Vec<Departure<'a>> {
    let mut walk = Walk {
        text: envelope.document().text(),
        version,
        found: Vec::new(),
        noted: 0,
        types: Types::default(),
        lexical: None,
    };
    if let (Some(message), Some(schema)) = (envelope.message(), envelope.schema()) {
        walk.members(message, schema.of_version(version));
    }
    walk.found
}

struct Walk<'a> {
    text: &'a [u8],
    version: Version,
    found: Vec<Departure<'a>>,
    /// Departures so far, those beyond the bound too.
    noted: u64,
    types: Types<'a>,
    /// What the value looked at last has to be.
    lexical: Option<Lexical>,
}

impl<'a> Walk<'a> {
    #[cold]
    fn note(&mut self, kind: Kind, element: Element<'a>, field: Option<&'static Field>) {
        self.noted += 1;
        // What is missing stands nowhere: its entry's neighbours are looked through for a name in vain, and for each again.
        let stands = kind != Kind::Missing && !kind.is_told_once();
        let is_value = stands && field.is_some_and(is_value);
        let path = if is_value { general_path(element) } else { 0 };
        let name = field.map(|field| field.name);
        let same = self.found.iter_mut().find(|found| {
            let same_field = kind.is_told_once() || found.field.map(|field| field.name) == name;
            found.kind == kind && same_field && found.path == path
        });
        if let Some(found) = same {
            found.more = found.more.saturating_add(1);
        } else if self.found.len() < DEPARTURES_MAX {
            self.found.push(Departure {
                kind,
                element,
                field,
                more: 0,
                path,
            });
        }
    }

    /// Elements that should be these fields, in this order.
    fn members(&mut self, parent: Element<'a>, fields: &'static [Field]) {
        let mut met = 0_u32;
        let mut next = 0;
        let mut furthest = 0;
        let mut at = parent.content_offset();
        let mut blank = true;
        let bare = parent.attributes().next().is_none();
        for child in parent.children() {
            blank &= self.is_blank(at, child.offset());
            at = child.end();
            let index = match fields.get(next) {
                Some(field) if child.is_named(field.name) => Some(next),
                _ => fields.iter().position(|field| child.is_named(field.name)),
            };
            let Some((index, field)) = index.and_then(|index| Some((index, fields.get(index)?)))
            else {
                self.stranger(child, fields, &mut met);
                continue;
            };
            if index < furthest {
                self.note(Kind::OutOfOrder, child, Some(field));
            }
            furthest = furthest.max(index);
            let bit = 1_u32 << index.min(31);
            if met & bit != 0 && field.max_occurs == Some(1) {
                self.note(Kind::Repeated, child, Some(field));
            }
            met |= bit;
            next = if field.max_occurs == Some(1) {
                index + 1
            } else {
                index
            };
            self.field(child, field, bare);
        }
        blank &= self.is_blank(at, end_of_content(parent));
        if !blank && parent.has_text_between() {
            self.note(Kind::Mixed, parent, None);
        }
        self.missing(parent, fields, met);
    }

    fn missing(&mut self, parent: Element<'a>, fields: &'static [Field], met: u32) {
        let all = 1_u32
            .checked_shl(fields.len() as u32)
            .map_or(u32::MAX, |bit| bit - 1);
        if met == all {
            return;
        }
        for (index, field) in fields.iter().enumerate() {
            if met & (1 << index.min(31)) == 0 && field.min_occurs > 0 {
                self.note(Kind::Missing, parent, Some(field));
            }
        }
    }

    /// An element of another name; where only its case differs, it is taken for what it means.
    #[cold]
    fn stranger(&mut self, child: Element<'a>, fields: &'static [Field], met: &mut u32) {
        let name = child.name();
        let meant = fields
            .iter()
            .position(|field| field.name.eq_ignore_ascii_case(name));
        let Some((index, field)) = meant.and_then(|index| Some((index, fields.get(index)?))) else {
            self.note(Kind::Unknown, child, None);
            return;
        };
        *met |= 1 << index.min(31);
        self.note(Kind::WrongCase, child, Some(field));
    }

    fn field(&mut self, element: Element<'a>, field: &'static Field, bare: bool) {
        if element.is_qualified() {
            self.note(Kind::Qualified, element, Some(field));
        }
        match &field.shape {
            Shape::Scalar(facets) if facets.base == Type::AnySimple => {
                self.value(element, field, bare);
            }
            Shape::Scalar(facets) => self.scalar(element, field, facets),
            // Of what base a union's parts are is the same for all; which values they list, rules of their own know.
            Shape::Union(parts) => {
                if let Some(facets) = parts.first() {
                    self.typed(element, field, facets.base);
                }
            }
            Shape::Struct(fields) => {
                self.xsi_type(element, field);
                self.members(element, fields);
            }
            Shape::Choice(forms) => match form(element, forms) {
                Some(fields) => self.members(element, fields),
                None => self.note(Kind::NoForm, element, Some(field)),
            },
            Shape::Array(item) => self.array(element, field, item),
        }
    }

    /// An argument whose type the schema fixes.
    fn scalar(&mut self, element: Element<'a>, field: &'static Field, facets: &'static Facets) {
        if !self.typed(element, field, facets.base) {
            return;
        }
        let content = element.content();
        if let Some(max) = facets.max_length
            && content.len() > max as usize
            && element.text().chars().count() > max as usize
        {
            self.note(Kind::TooLong, element, Some(field));
        }
        let ranged = facets.min_inclusive.is_some() || facets.max_inclusive.is_some();
        if !ranged && facets.enumeration.is_empty() {
            return;
        }
        let text = element.text();
        let text = text.trim();
        if ranged && !in_range(text, facets) {
            self.note(Kind::Range, element, Some(field));
        }
        if !facets.enumeration.is_empty() && !is_listed(text, facets) {
            self.note(Kind::NotListed, element, Some(field));
        }
    }

    /// Text of this type; false where it is none, so that nothing more can be said of it.
    fn typed(&mut self, element: Element<'a>, field: &'static Field, base: Type) -> bool {
        self.xsi_type(element, field);
        if !element.is_leaf() {
            self.note(Kind::ElementsInText, element, Some(field));
            return false;
        }
        let Some(lexical) = Lexical::of(base) else {
            let content = element.content();
            let blank = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
            if blank(content.first()) || blank(content.last()) {
                self.note(Kind::Blanks, element, Some(field));
            }
            return true;
        };
        self.fits(element, field, lexical)
    }

    fn fits(&mut self, element: Element<'a>, field: &'static Field, lexical: Lexical) -> bool {
        let unescaped;
        let text = match element.plain() {
            Some(text) => text,
            None => {
                unescaped = element.text();
                unescaped.as_bytes()
            }
        };
        let text = text.trim_ascii();
        let kind = match lexical {
            Lexical::DateTime => match time::fault(text, self.version) {
                None => return true,
                Some(fault) => Kind::Time(fault),
            },
            _ if lexical_fits(lexical, text) => return true,
            Lexical::Boolean => Kind::Boolean,
            Lexical::Base64 => Kind::Base64,
            _ => Kind::Number,
        };
        self.note(kind, element, Some(field));
        matches!(kind, Kind::Time(_))
    }

    /// A value that says itself of which type it is.
    fn value(&mut self, element: Element<'a>, field: &'static Field, bare: bool) {
        let mut attributes = element.attributes();
        let first = attributes.next();
        let single = attributes.next().is_none();
        let declared = match first {
            Some(first) if single && first.is_xsi_type() => Some(first),
            Some(_) => element.xsi_type(),
            None => None,
        };
        if !element.is_leaf() {
            self.note(Kind::ElementsInText, element, Some(field));
            return;
        }
        let Some(declared) = declared.filter(|declared| declared.namespace().is_some()) else {
            self.note(Kind::NoXsiType, element, Some(field));
            return;
        };
        match self
            .types
            .named(element, declared.raw_value(), single && bare)
        {
            Named::Plain => self.lexical = None,
            Named::Unknown => self.note(Kind::UnknownXsiType, element, Some(field)),
            Named::Of(lexical) => {
                self.lexical = Some(lexical);
                self.fits(element, field, lexical);
            }
        }
    }

    /// An `xsi:type` has to name the type that the schema names.
    fn xsi_type(&mut self, element: Element<'a>, field: &'static Field) {
        if element.attributes().next().is_none() {
            return;
        }
        let Some(declared) = element.xsi_type() else {
            return;
        };
        let value = declared.value();
        let local = value.trim().rsplit(':').next().unwrap_or_default();
        if matches!(field.shape, Shape::Array(_)) && local == "Array" {
            self.note(Kind::ArrayXsiType, element, Some(field));
        } else if !is_type_of(field, local) {
            self.note(Kind::NeedlessXsiType, element, Some(field));
        }
    }

    fn array(&mut self, element: Element<'a>, field: &'static Field, item: &'static Field) {
        self.xsi_type(element, field);
        let bare = element
            .attributes()
            .all(|attribute| !attribute.is_namespace_declaration());
        let mut at = element.content_offset();
        let mut blank = true;
        let mut items = 0_u64;
        let value = value_of(item);
        let mut alike = Alike::default();
        // Where the list declares prefixes of its own, what was met outside it names other types.
        let outside = (!bare).then(|| std::mem::take(&mut self.types));
        for child in element.children() {
            blank &= self.is_blank(at, child.offset());
            at = child.end();
            items += 1;
            if let Some(field) = value
                && let Some((name, value, lexical)) = alike.find(child)
                && is_plain_name(name.content())
            {
                if let Some(lexical) = lexical {
                    self.fits(value, field, lexical);
                }
                continue;
            }
            let before = self.noted;
            if !child.is_named(item.name) {
                self.note(Kind::ItemName, child, Some(field));
            }
            self.field(child, item, bare);
            if value.is_some() && self.noted == before {
                alike.note(child, self.lexical);
            }
        }
        if let Some(outside) = outside {
            self.types = outside;
        }
        blank &= self.is_blank(at, end_of_content(element));
        if !blank && element.has_text_between() {
            self.note(Kind::Mixed, element, Some(field));
        }
        if items < u64::from(item.min_occurs) {
            self.note(Kind::TooFewItems, element, Some(field));
        }
        if item.max_occurs.is_some_and(|max| items > u64::from(max)) {
            self.note(Kind::TooManyItems, element, Some(field));
        }
        for kind in array::oddities(element, item, items).into_iter().flatten() {
            self.note(kind, element, Some(field));
        }
    }

    fn is_blank(&self, start: usize, end: usize) -> bool {
        self.text
            .get(start..end)
            .is_none_or(|between| between.iter().all(u8::is_ascii_whitespace))
    }
}

fn end_of_content(element: Element<'_>) -> usize {
    element.content_offset() + element.content().len()
}

/// The second member of entries that are a name and a value of any type.
fn value_of(item: &'static Field) -> Option<&'static Field> {
    match &item.shape {
        Shape::Struct([name, value]) if name.name == "Name" && is_value(value) => Some(value),
        _ => None,
    }
}

/// A name of which nothing is told, however long: short, and without blanks around it.
fn is_plain_name(name: &[u8]) -> bool {
    let is_blank = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
    name.len() <= PLAIN_NAME_MAX && !is_blank(name.first()) && !is_blank(name.last())
}

/// The value of a parameter: each is told with its path.
fn is_value(field: &'static Field) -> bool {
    field.base_type() == Some(Type::AnySimple)
}

/// A number for the path of the parameter that a value belongs to, the same for all instances of one table.
fn general_path(value: Element<'_>) -> u64 {
    let members = value
        .parent()
        .into_iter()
        .flat_map(|entry| entry.children());
    let name = members.take(MEMBERS_MAX).find(|one| one.is_named("Name"));
    let path = name.map_or(&[][..], |name| name.content());
    let letters = path.iter().filter(|byte| !byte.is_ascii_digit());
    letters.fold(FNV_START, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME)
    })
}

/// The members of the form that `xsi:type` names.
fn form(
    element: Element<'_>,
    forms: &'static [(&'static str, &'static [Field])],
) -> Option<&'static [Field]> {
    let declared = element.xsi_type()?;
    let value = declared.value();
    let local = value.trim().rsplit(':').next()?;
    let (_, fields) = forms.iter().find(|(form, _)| *form == local)?;
    Some(fields)
}

/// The schema names this type for the field: one of its own, or a plain one of XML Schema.
fn is_type_of(field: &'static Field, local: &str) -> bool {
    if field.named_type.is_some() {
        return field.named_type == Some(local);
    }
    let Shape::Scalar(facets) = &field.shape else {
        return false;
    };
    let plain = facets.max_length.is_none()
        && facets.length.is_none()
        && facets.min_inclusive.is_none()
        && facets.max_inclusive.is_none()
        && facets.enumeration.is_empty()
        && facets.patterns.is_empty();
    plain && facets.base.name() == local
}

/// What is no number was told already.
fn in_range(text: &str, facets: &Facets) -> bool {
    let Ok(number) = text.parse::<i64>() else {
        return true;
    };
    let above = facets.min_inclusive.is_none_or(|min| number >= min.into());
    let below = facets.max_inclusive.is_none_or(|max| number <= max.into());
    above && below
}

fn is_listed(text: &str, facets: &Facets) -> bool {
    if matches!(facets.base, Type::Int | Type::UnsignedInt) {
        let number = text.parse::<i64>().ok();
        let mut listed = facets.enumeration.iter();
        return number.is_none() || listed.any(|listed| listed.parse().ok() == number);
    }
    facets.enumeration.contains(&text)
}

/// The longest name of a parameter (TR-069 Amendment 3 Table 11).
const PLAIN_NAME_MAX: usize = 256;
/// Members of an entry among which its name is looked for: it has two.
const MEMBERS_MAX: usize = 16;
/// The hash FNV-1a of 64 bits.
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;
/// Departures told of one message; a message has more only where it is hostile or of another protocol.
const DEPARTURES_MAX: usize = 64;
