//! Writes messages. What it writes, `parse` reads back as the same `Rpc`.

use crate::escape::{push_attribute, push_text, written_attribute_name, written_name};
use crate::fault::{Fault, ParameterFault};
use crate::namespace::{INSTANCE, INSTANCE_1999, SCHEMA, SCHEMA_1999, SOAP_ENCODING, XML};
use crate::rpc::{ArraySize, Content, Rpc, RpcArg, RpcBody, RpcValue, TypeName};

/// How a message is written; none of it changes what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Prefix of the envelope's namespace.
    pub soap_prefix: String,
    /// Prefix of SOAP encoding.
    pub soap_encoding_prefix: String,
    /// Prefix of XML Schema.
    pub schema_prefix: String,
    /// Prefix of `xsi:type`.
    pub instance_prefix: String,
    /// Prefix of CWMP.
    pub cwmp_prefix: String,
    /// Whether `<?xml version="1.0" encoding="UTF-8"?>` stands first.
    pub xml_declaration: bool,
    /// Spaces a level; `None` writes everything on one line.
    pub indentation: Option<usize>,
    /// Which XML Schema the schema prefixes are bound to.
    pub schema_namespaces: SchemaNamespaces,
}

/// A generation of XML Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SchemaNamespaces {
    /// The recommendation.
    Of2001,
    /// The draft that some devices still write.
    Of1999,
}

impl SchemaNamespaces {
    fn schema(self) -> &'static str {
        match self {
            Self::Of2001 => SCHEMA,
            Self::Of1999 => SCHEMA_1999,
        }
    }

    fn instance(self) -> &'static str {
        match self {
            Self::Of2001 => INSTANCE,
            Self::Of1999 => INSTANCE_1999,
        }
    }
}

impl Default for Style {
    fn default() -> Self {
        Self {
            soap_prefix: "soap-env".to_owned(),
            soap_encoding_prefix: "soap-enc".to_owned(),
            schema_prefix: "xsd".to_owned(),
            instance_prefix: "xsi".to_owned(),
            cwmp_prefix: "cwmp".to_owned(),
            xml_declaration: true,
            indentation: None,
            schema_namespaces: SchemaNamespaces::Of2001,
        }
    }
}

/// Writes the envelopes one behind the other: one, or several in the form of TR-069 Issue 1.
#[must_use]
pub fn write(rpcs: &[Rpc], style: &Style) -> Vec<u8> {
    let mut writer = Writer {
        style,
        out: Vec::with_capacity(1024),
        scope: Vec::new(),
        numbered: 0,
        depth: 0,
        inline: style.indentation.is_none(),
    };
    if style.xml_declaration {
        writer.push("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    }
    for rpc in rpcs {
        writer.envelope(rpc);
    }
    writer.out
}

struct Writer<'s> {
    style: &'s Style,
    out: Vec<u8>,
    /// Namespaces in scope with their prefixes, innermost last.
    scope: Vec<(String, String)>,
    /// Prefixes made up so far.
    numbered: usize,
    depth: usize,
    /// No line breaks: everywhere, or within mixed content.
    inline: bool,
}

impl Writer<'_> {
    fn envelope(&mut self, rpc: &Rpc) {
        self.scope.clear();
        self.numbered = 0;
        self.scope.push((XML.to_owned(), "xml".to_owned()));
        let soap = rpc.soap_namespace.as_deref();
        let schema = self.style.schema_namespaces;
        let declarations = [
            (soap, self.style.soap_prefix.clone()),
            (Some(SOAP_ENCODING), self.style.soap_encoding_prefix.clone()),
            (Some(schema.schema()), self.style.schema_prefix.clone()),
            (Some(schema.instance()), self.style.instance_prefix.clone()),
            (
                rpc.cwmp_namespace.as_deref(),
                self.style.cwmp_prefix.clone(),
            ),
        ];
        self.line();
        let name = if soap.is_some() {
            format!("{}:Envelope", self.style.soap_prefix)
        } else {
            "Envelope".to_owned()
        };
        self.push("<");
        self.push(&name);
        for (uri, prefix) in declarations {
            if let Some(uri) = uri {
                self.declaration(&prefix, uri);
                self.scope.push((uri.to_owned(), prefix));
            }
        }
        self.push(">");
        self.depth += 1;
        self.parts(rpc, soap);
        self.depth -= 1;
        self.line();
        self.close(&name);
    }

    fn parts(&mut self, rpc: &Rpc, soap: Option<&str>) {
        if let Some(fields) = &rpc.header {
            self.frame("Header", soap, |writer| writer.args(fields));
        }
        match &rpc.body {
            RpcBody::Empty => self.frame("Body", soap, |_| ()),
            RpcBody::Call(message) => self.frame("Body", soap, |writer| writer.arg(message)),
            RpcBody::Fault(fault) => self.frame("Body", soap, |writer| {
                writer.fault(fault, soap, rpc.cwmp_namespace.as_deref());
            }),
        }
    }

    fn fault(&mut self, fault: &Fault, soap: Option<&str>, cwmp: Option<&str>) {
        self.frame("Fault", soap, |writer| {
            writer.leaf("faultcode", fault.soap_code.as_deref());
            writer.leaf("faultstring", fault.soap_string.as_deref());
            if fault.code.is_none() && fault.string.is_none() && fault.parameters.is_empty() {
                return;
            }
            writer.frame("detail", None, |writer| {
                writer.frame("Fault", cwmp, |writer| writer.cwmp_fault(fault));
            });
        });
    }

    fn cwmp_fault(&mut self, fault: &Fault) {
        self.leaf("FaultCode", fault.code.as_deref());
        self.leaf("FaultString", fault.string.as_deref());
        for parameter in &fault.parameters {
            self.frame("SetParameterValuesFault", None, |writer| {
                writer.parameter_fault(parameter);
            });
        }
    }

    fn parameter_fault(&mut self, parameter: &ParameterFault) {
        self.leaf("ParameterName", Some(&parameter.name));
        self.leaf("FaultCode", Some(&parameter.code));
        self.leaf("FaultString", Some(&parameter.string));
    }

    fn leaf(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.arg(&RpcArg::scalar(name, text));
        }
    }

    /// An element without attributes around what `inner` writes.
    fn frame(&mut self, name: &str, namespace: Option<&str>, inner: impl FnOnce(&mut Self)) {
        let known = self.scope.len();
        self.line();
        self.push("<");
        let (name, declaration) = self.qualified(name, namespace);
        self.push(&name);
        self.declare(declaration);
        self.push(">");
        self.depth += 1;
        let before = self.out.len();
        inner(self);
        self.depth -= 1;
        if self.out.len() > before {
            self.line();
        }
        self.close(&name);
        self.scope.truncate(known);
    }

    fn args(&mut self, args: &[RpcArg]) {
        for arg in args {
            self.arg(arg);
        }
    }

    fn arg(&mut self, arg: &RpcArg) {
        let known = self.scope.len();
        self.line();
        self.push("<");
        let (name, declaration) = self.qualified(&arg.name, arg.namespace.as_deref());
        self.push(&name);
        self.declare(declaration);
        self.attributes(arg);
        match &arg.value {
            RpcValue::Scalar(text) if text.is_empty() => self.push("/>"),
            RpcValue::Struct(members) | RpcValue::Array(members) if members.is_empty() => {
                self.push("/>");
            }
            value => {
                self.push(">");
                self.value(value);
                self.close(&name);
            }
        }
        self.scope.truncate(known);
    }

    fn value(&mut self, value: &RpcValue) {
        match value {
            RpcValue::Scalar(text) => push_text(text, &mut self.out),
            RpcValue::Struct(members) | RpcValue::Array(members) => {
                self.depth += 1;
                self.args(members);
                self.depth -= 1;
                self.line();
            }
            RpcValue::Mixed(contents) => {
                let inline = std::mem::replace(&mut self.inline, true);
                for content in contents {
                    match content {
                        Content::Text(text) => push_text(text, &mut self.out),
                        Content::Element(element) => self.arg(element),
                    }
                }
                self.inline = inline;
            }
        }
    }

    fn attributes(&mut self, arg: &RpcArg) {
        if let Some(name) = &arg.xsi_type {
            let value = self.type_name(name);
            let instance = self.style.schema_namespaces.instance();
            self.attribute(Some(instance), "type", &value);
        }
        if let Some(array) = &arg.array_type {
            let mut value = self.type_name(&array.item);
            match &array.size {
                ArraySize::Actual => value.push_str(&format!("[{}]", arg.members().len())),
                ArraySize::Text(count) => value.push_str(&format!("[{count}]")),
                ArraySize::Absent => {}
            }
            self.attribute(Some(SOAP_ENCODING), "arrayType", &value);
        }
        for attribute in &arg.attributes {
            let namespace = attribute.namespace.as_deref();
            let name = written_attribute_name(&attribute.name);
            self.attribute(namespace, &name, &attribute.value);
        }
    }

    fn attribute(&mut self, namespace: Option<&str>, name: &str, value: &str) {
        let (name, declaration) = self.qualified(name, namespace);
        self.declare(declaration);
        self.push(" ");
        self.push(&name);
        self.push("=\"");
        push_attribute(value, &mut self.out);
        self.push("\"");
    }

    /// The name of a type with its prefix, which is declared here if need be.
    fn type_name(&mut self, name: &TypeName) -> String {
        let Some(namespace) = &name.namespace else {
            return name.name.clone();
        };
        let (prefix, declaration) = self.prefix(namespace);
        self.declare(declaration);
        format!("{prefix}:{}", name.name)
    }

    /// A name with the prefix of its namespace, and the declaration that this needs.
    fn qualified(&mut self, name: &str, namespace: Option<&str>) -> (String, Option<Declaration>) {
        let name = written_name(name);
        match namespace {
            None => (name.into_owned(), None),
            Some(namespace) => {
                let (prefix, declaration) = self.prefix(namespace);
                (format!("{prefix}:{name}"), declaration)
            }
        }
    }

    fn prefix(&mut self, namespace: &str) -> (String, Option<Declaration>) {
        let known = self.scope.iter().rev().find(|(uri, _)| uri == namespace);
        if let Some((_, prefix)) = known {
            return (prefix.clone(), None);
        }
        self.numbered += 1;
        let prefix = format!("ns{}", self.numbered);
        self.scope.push((namespace.to_owned(), prefix.clone()));
        (prefix.clone(), Some((prefix, namespace.to_owned())))
    }

    fn declare(&mut self, declaration: Option<Declaration>) {
        if let Some((prefix, uri)) = declaration {
            self.declaration(&prefix, &uri);
        }
    }

    fn declaration(&mut self, prefix: &str, uri: &str) {
        self.push(" xmlns:");
        self.push(prefix);
        self.push("=\"");
        push_attribute(uri, &mut self.out);
        self.push("\"");
    }

    fn close(&mut self, name: &str) {
        self.push("</");
        self.push(name);
        self.push(">");
    }

    /// Begins a new line, if lines are written and something stands before.
    fn line(&mut self) {
        let Some(spaces) = self.style.indentation.filter(|_| !self.inline) else {
            return;
        };
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
        self.out.resize(self.out.len() + self.depth * spaces, b' ');
    }

    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
}

/// A prefix and the URI it stands for.
type Declaration = (String, String);
