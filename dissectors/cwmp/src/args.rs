//! Arguments as the schema shapes them, or as they stand where no schema is known.

use crate::characters::attribute_text;
use crate::element::{Children, Element};
use crate::namespace::NamespaceId;
use crate::schema::{self, Field, Shape};
use std::borrow::Cow;

/// Arguments, members or items, in the order of the text.
#[derive(Debug, Clone)]
pub struct Args<'a> {
    children: Children<'a>,
    fields: Fields,
}

/// What the schema says of the elements of an iterator.
#[derive(Debug, Clone, Copy)]
enum Fields {
    /// Members, each under its name.
    Members(&'static [Field]),
    /// Items of one kind, whatever they are called.
    Items(&'static Field),
    Unknown,
}

impl<'a> Args<'a> {
    pub(crate) fn of(parent: Element<'a>, fields: Option<&'static [Field]>) -> Self {
        Self {
            children: parent.children(),
            fields: fields.map_or(Fields::Unknown, Fields::Members),
        }
    }

    pub(crate) fn items(parent: Element<'a>, item: Option<&'static Field>) -> Self {
        Self {
            children: parent.children(),
            fields: item.map_or(Fields::Unknown, Fields::Items),
        }
    }

    /// No arguments at all.
    pub(crate) fn none(element: Element<'a>) -> Self {
        let mut children = element.children();
        while children.next().is_some() {}
        Self {
            children,
            fields: Fields::Unknown,
        }
    }

    /// The first argument of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Arg<'a>> {
        self.clone().find(|arg| arg.element.is_named(name))
    }
}

impl<'a> Iterator for Args<'a> {
    type Item = Arg<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let element = self.children.next()?;
        let field = match self.fields {
            Fields::Members(fields) => fields.iter().find(|field| element.is_named(field.name)),
            Fields::Items(item) => Some(item),
            Fields::Unknown => None,
        };
        Some(Arg { element, field })
    }
}

/// One argument, member or item.
#[derive(Debug, Clone, Copy)]
pub struct Arg<'a> {
    element: Element<'a>,
    field: Option<&'static Field>,
}

impl<'a> Arg<'a> {
    /// Local name of its element.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.element.name()
    }

    /// Its element.
    #[must_use]
    pub fn element(&self) -> Element<'a> {
        self.element
    }

    /// Offset of its element.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.element.offset()
    }

    /// What the schema says of it, where it knows it.
    #[must_use]
    pub fn field(&self) -> Option<&'static Field> {
        self.field
    }

    /// Its `xsi:type` as written, such as `xsd:string`.
    #[must_use]
    pub fn xsi_type(&self) -> Option<Cow<'a, str>> {
        xsi_type(self.element)
    }

    /// Its `arrayType`.
    #[must_use]
    pub fn array_type(&self) -> Option<ArrayType<'a>> {
        ArrayType::of(self.element)
    }

    /// Its value, shaped by the schema or, where they disagree, as it stands.
    #[must_use]
    pub fn value(&self) -> Value<'a> {
        shaped(self.element, self.field.map(|field| &field.shape))
    }

    /// Its text if it holds no elements.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self.value() {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }
}

/// What an argument holds.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// Text; its type is the argument's `xsi_type`.
    Scalar(Cow<'a, str>),
    /// Members.
    Struct(Args<'a>),
    /// Items; the declared type and count are the argument's `array_type`.
    Array(Args<'a>),
    /// Text and elements beside each other: `content` of this element is the XML.
    Mixed(Element<'a>),
}

/// The value of a whole message.
pub(crate) fn value_of<'a>(
    message: Element<'a>,
    schema: Option<&'static schema::Args>,
) -> Value<'a> {
    match schema {
        Some(schema) if message.is_leaf() && !message.has_text_between() => {
            Value::Struct(Args::of(message, Some(schema.fields)))
        }
        Some(schema) => shaped(message, Some(&Shape::Struct(schema.fields))),
        None if message.is_leaf() && !message.has_text_between() => {
            Value::Struct(Args::of(message, None))
        }
        None => shaped(message, None),
    }
}

/// The schema's shape where the element can have it, else the shape it has.
pub(crate) fn shaped<'a>(element: Element<'a>, shape: Option<&Shape>) -> Value<'a> {
    if element.is_leaf() && shape.is_none() {
        if ArrayType::of(element).is_some() && !element.has_text_between() {
            return Value::Array(Args::items(element, None));
        }
        return Value::Scalar(element.text());
    }
    match shape {
        Some(Shape::Scalar(_) | Shape::Union(_)) if element.is_leaf() => {
            Value::Scalar(element.text())
        }
        Some(_) if element.is_leaf() && element.has_text_between() => Value::Scalar(element.text()),
        Some(Shape::Struct(fields)) => Value::Struct(Args::of(element, Some(fields))),
        Some(Shape::Array(item)) => Value::Array(Args::items(element, Some(item))),
        Some(Shape::Choice(forms)) => Value::Struct(Args::of(element, chosen(element, forms))),
        _ => as_it_stands(element),
    }
}

fn as_it_stands(element: Element<'_>) -> Value<'_> {
    if element.has_text_between() {
        return Value::Mixed(element);
    }
    if ArrayType::of(element).is_some() {
        return Value::Array(Args::items(element, None));
    }
    Value::Struct(Args::of(element, None))
}

/// The form that `xsi:type` names; without one, none is assumed.
pub(crate) fn chosen(
    element: Element<'_>,
    forms: &'static [(&'static str, &'static [Field])],
) -> Option<&'static [Field]> {
    let name = xsi_type(element)?;
    let local = name.trim().rsplit(':').next()?;
    let (_, fields) = forms.iter().find(|(form, _)| *form == local)?;
    Some(fields)
}

/// The value of the `xsi:type` attribute.
pub(crate) fn xsi_type(element: Element<'_>) -> Option<Cow<'_, str>> {
    element
        .attributes()
        .find(is_xsi_type)
        .map(|attribute| attribute.value())
}

/// True for the `type` attribute of XML Schema instances, of any year, its prefix declared or not.
pub(crate) fn is_xsi_type(attribute: &crate::Attribute<'_>) -> bool {
    attribute.is_named("type")
        && (attribute.namespace_id().is_instance() || attribute.prefix() == Some("xsi"))
}

/// The `arrayType` attribute of a SOAP array (SOAP 1.1 section 5.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrayType<'a> {
    /// As written, such as `cwmp:EventStruct[02]`.
    pub text: Cow<'a, str>,
    /// Offset of the value.
    pub offset: usize,
    /// In the namespace of SOAP encoding.
    pub is_soap_encoding: bool,
}

impl<'a> ArrayType<'a> {
    /// The attribute of this local name, whatever its prefix is bound to.
    pub(crate) fn of(element: Element<'a>) -> Option<Self> {
        let attribute = element.attribute("arrayType")?;
        Some(Self {
            text: attribute_text(attribute.raw_value()),
            offset: attribute.value_offset(),
            is_soap_encoding: attribute.namespace_id() == NamespaceId::SOAP_ENCODING,
        })
    }

    /// The type of its items as written, such as `cwmp:EventStruct`.
    #[must_use]
    pub fn item_type(&self) -> &str {
        self.text.split('[').next().unwrap_or_default().trim()
    }

    /// What stands in the last pair of brackets, such as `02`.
    #[must_use]
    pub fn count_text(&self) -> Option<&str> {
        let (_, behind) = self.text.rsplit_once('[')?;
        let (count, _) = behind.split_once(']')?;
        Some(count.trim())
    }

    /// The declared number of items.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.count_text()?.parse().ok()
    }
}
