//! A message as values of their own: what `write` writes and `EnvelopeRef::to_rpc` gives.
//!
//! Names, namespaces, types, counts, attributes and texts are kept; prefixes, comments, indentation and the place
//! of a fault's detail are not.

use crate::fault::Fault;
use crate::namespace::{SCHEMA, SOAP};
use crate::schema::Version;

/// One envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rpc {
    /// Namespace of Envelope, Header and Body.
    pub soap_namespace: Option<String>,
    /// The CWMP namespace the Envelope declares.
    pub cwmp_namespace: Option<String>,
    /// The header elements; `None` when there is no Header.
    pub header: Option<Vec<RpcArg>>,
    /// The message.
    pub body: RpcBody,
}

/// What the Body holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RpcBody {
    /// Nothing.
    Empty,
    /// A request or response; the arguments are the members of its value.
    Call(RpcArg),
    /// A SOAP fault.
    Fault(Fault),
}

impl Rpc {
    /// A request or response: `name` is the element's, such as `InformResponse`.
    #[must_use]
    pub fn call(version: Version, id: &str, name: &str, args: Vec<RpcArg>) -> Self {
        let mut message = RpcArg::structure(name, args);
        message.namespace = Some(version.namespace().to_owned());
        Self::with_body(version, id, RpcBody::Call(message))
    }

    /// A fault.
    #[must_use]
    pub fn fault(version: Version, id: &str, fault: Fault) -> Self {
        Self::with_body(version, id, RpcBody::Fault(fault))
    }

    fn with_body(version: Version, id: &str, body: RpcBody) -> Self {
        let mut rpc = Self {
            soap_namespace: Some(SOAP.to_owned()),
            cwmp_namespace: Some(version.namespace().to_owned()),
            header: None,
            body,
        };
        rpc.set_header("ID", true, id);
        rpc
    }

    /// Sets or adds a header element of the CWMP namespace.
    pub fn set_header(&mut self, name: &str, must_understand: bool, text: &str) {
        let namespace = self.cwmp_namespace.clone();
        let header = self.header.get_or_insert_default();
        if let Some(field) = header.iter_mut().find(|field| field.name == name) {
            field.value = RpcValue::Scalar(text.to_owned());
            return;
        }
        let mut field = RpcArg::scalar(name, text);
        field.namespace = namespace;
        field.attributes.push(RpcAttribute {
            namespace: self.soap_namespace.clone(),
            name: "mustUnderstand".to_owned(),
            value: String::from(if must_understand { "1" } else { "0" }),
        });
        header.push(field);
    }

    /// Text of a header element.
    #[must_use]
    pub fn header_text(&self, name: &str) -> Option<&str> {
        let field = self
            .header
            .as_ref()?
            .iter()
            .find(|field| field.name == name)?;
        field.text()
    }

    /// The ID header.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.header_text("ID")
    }

    /// Name of the message's element; `Fault` for a fault, `None` for an empty Body.
    #[must_use]
    pub fn message_name(&self) -> Option<&str> {
        match &self.body {
            RpcBody::Empty => None,
            RpcBody::Call(message) => Some(&message.name),
            RpcBody::Fault(_) => Some("Fault"),
        }
    }

    /// The arguments; none for a fault, an empty Body and mixed content.
    #[must_use]
    pub fn args(&self) -> &[RpcArg] {
        match &self.body {
            RpcBody::Call(message) => message.members(),
            RpcBody::Empty | RpcBody::Fault(_) => &[],
        }
    }
}

/// One argument, member, item or header element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpcArg {
    /// Local name.
    pub name: String,
    /// Namespace; arguments of CWMP are in none.
    pub namespace: Option<String>,
    /// `xsi:type`.
    pub xsi_type: Option<TypeName>,
    /// `arrayType`.
    pub array_type: Option<RpcArrayType>,
    /// Other attributes, declarations of namespaces excepted.
    pub attributes: Vec<RpcAttribute>,
    /// What it holds.
    pub value: RpcValue,
}

impl RpcArg {
    /// Text without a type.
    #[must_use]
    pub fn scalar(name: &str, text: &str) -> Self {
        Self::new(name, RpcValue::Scalar(text.to_owned()))
    }

    /// Text with a type of XML Schema, such as `string`.
    #[must_use]
    pub fn typed(name: &str, schema_type: &str, text: &str) -> Self {
        Self {
            xsi_type: Some(TypeName::schema(schema_type)),
            ..Self::scalar(name, text)
        }
    }

    /// Members in order.
    #[must_use]
    pub fn structure(name: &str, members: Vec<Self>) -> Self {
        Self::new(name, RpcValue::Struct(members))
    }

    /// Items in order, with their type; the count is written as it is.
    #[must_use]
    pub fn array(name: &str, item: TypeName, items: Vec<Self>) -> Self {
        Self {
            array_type: Some(RpcArrayType {
                item,
                size: ArraySize::Actual,
            }),
            ..Self::new(name, RpcValue::Array(items))
        }
    }

    /// An argument of this value and nothing else.
    #[must_use]
    pub fn new(name: &str, value: RpcValue) -> Self {
        Self {
            name: name.to_owned(),
            namespace: None,
            xsi_type: None,
            array_type: None,
            attributes: Vec::new(),
            value,
        }
    }

    /// Its text, if it is a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            RpcValue::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// Its members or items; none for text and mixed content.
    #[must_use]
    pub fn members(&self) -> &[Self] {
        match &self.value {
            RpcValue::Struct(members) | RpcValue::Array(members) => members,
            RpcValue::Scalar(_) | RpcValue::Mixed(_) => &[],
        }
    }
}

/// What an argument holds.
///
/// Which of them `parse` gives back is the schema's to say. Where it says nothing, an element without elements is a
/// scalar, one with `arrayType` an array, any other a structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RpcValue {
    /// Text.
    Scalar(String),
    /// Members.
    Struct(Vec<RpcArg>),
    /// Items.
    Array(Vec<RpcArg>),
    /// Text and elements beside each other, of some vendor methods.
    Mixed(Vec<Content>),
}

/// A piece of mixed content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text, blanks included.
    Text(String),
    /// An element.
    Element(RpcArg),
}

/// The name of a type: `string` of XML Schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// Its namespace; none also when its prefix was not declared.
    pub namespace: Option<String>,
    /// Local name.
    pub name: String,
}

impl TypeName {
    /// A type of XML Schema (2001).
    #[must_use]
    pub fn schema(name: &str) -> Self {
        Self::of(SCHEMA, name)
    }

    /// A type of CWMP, such as `ParameterValueStruct`.
    #[must_use]
    pub fn cwmp(version: Version, name: &str) -> Self {
        Self::of(version.namespace(), name)
    }

    /// A type of this namespace.
    #[must_use]
    pub fn of(namespace: &str, name: &str) -> Self {
        Self {
            namespace: Some(namespace.to_owned()),
            name: name.to_owned(),
        }
    }
}

/// `arrayType`: the type of the items and their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpcArrayType {
    /// The type of the items.
    pub item: TypeName,
    /// What the brackets say.
    pub size: ArraySize,
}

/// The number in the brackets of `arrayType`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArraySize {
    /// The number of items there are.
    Actual,
    /// Something else, such as `02`.
    Text(String),
    /// No brackets.
    Absent,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpcAttribute {
    /// Its namespace.
    pub namespace: Option<String>,
    /// Local name.
    pub name: String,
    /// Its value.
    pub value: String,
}
