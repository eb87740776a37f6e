//! From an envelope's ranges to values of their own.

use crate::args::{Arg, Args, ArrayType, Value, xsi_type};
use crate::characters::attribute_text;
use crate::content::Piece;
use crate::element::{Attribute, Element};
use crate::envelope::{EnvelopeRef, Kind};
use crate::escape::{written_attribute_name, written_name};
use crate::namespace::{INSTANCE, SCHEMA, SOAP_ENCODING};
use crate::rpc::{
    ArraySize, Content, Rpc, RpcArg, RpcArrayType, RpcAttribute, RpcBody, RpcValue, TypeName,
};

pub(crate) fn to_rpc(envelope: &EnvelopeRef<'_>) -> Rpc {
    Rpc {
        soap_namespace: uri(envelope.soap_namespace()),
        cwmp_namespace: uri(envelope.cwmp_namespace()),
        header: envelope
            .header()
            .map(|header| owned_args(Args::of(header, None))),
        body: body(envelope),
    }
}

fn body(envelope: &EnvelopeRef<'_>) -> RpcBody {
    if let Some(fault) = envelope.fault() {
        return RpcBody::Fault(fault);
    }
    match (envelope.kind(), envelope.message(), envelope.value()) {
        (Kind::Request | Kind::Response, Some(message), Some(value)) => {
            RpcBody::Call(owned(message, value))
        }
        _ => RpcBody::Empty,
    }
}

fn owned_args(args: Args<'_>) -> Vec<RpcArg> {
    args.map(|arg: Arg<'_>| owned(arg.element(), arg.value()))
        .collect()
}

fn owned(element: Element<'_>, value: Value<'_>) -> RpcArg {
    let value = match value {
        Value::Scalar(text) => RpcValue::Scalar(text.into_owned()),
        Value::Struct(members) => RpcValue::Struct(owned_args(members)),
        Value::Array(items) => RpcValue::Array(owned_args(items)),
        Value::Mixed(element) => RpcValue::Mixed(contents(element)),
    };
    RpcArg {
        name: written_name(element.name()).into_owned(),
        namespace: uri(element.namespace()),
        xsi_type: xsi_type(element).map(|name| type_name(element, &name)),
        array_type: ArrayType::of(element).map(|declared| array_type(element, &declared, &value)),
        attributes: attributes(element),
        value,
    }
}

fn contents(element: Element<'_>) -> Vec<Content> {
    let pieces = element.pieces().into_iter();
    pieces
        .map(|piece| match piece {
            Piece::Text(text) => Content::Text(text.into_owned()),
            Piece::Element(child) => {
                let value = crate::args::shaped(child, None);
                Content::Element(owned(child, value))
            }
        })
        .collect()
}

fn array_type(element: Element<'_>, declared: &ArrayType<'_>, value: &RpcValue) -> RpcArrayType {
    let size = match (declared.count_text(), value) {
        (None, _) => ArraySize::Absent,
        (Some(count), RpcValue::Array(items)) if count == items.len().to_string() => {
            ArraySize::Actual
        }
        (Some(count), _) => ArraySize::Text(count.to_owned()),
    };
    RpcArrayType {
        item: type_name(element, declared.item_type()),
        size,
    }
}

/// Attributes that have no place of their own.
fn attributes(element: Element<'_>) -> Vec<RpcAttribute> {
    let array_type = element
        .attribute("arrayType")
        .map(|attribute| attribute.offset());
    let mut type_seen = false;
    let mut kept = Vec::new();
    for attribute in element.attributes() {
        let is_type = crate::args::is_xsi_type(&attribute) && !type_seen;
        type_seen |= is_type;
        let is_array_type = Some(attribute.offset()) == array_type;
        if !is_type && !is_array_type && !attribute.is_namespace_declaration() {
            kept.push(owned_attribute(&attribute));
        }
    }
    kept
}

fn owned_attribute(attribute: &Attribute<'_>) -> RpcAttribute {
    RpcAttribute {
        namespace: uri(attribute.namespace()),
        name: written_attribute_name(attribute.name()).into_owned(),
        value: attribute.value().into_owned(),
    }
}

/// A qualified name in an attribute value, its prefix resolved where the element stands.
fn type_name(element: Element<'_>, written: &str) -> TypeName {
    let written = written.trim();
    let (prefix, local) = written.split_once(':').unwrap_or(("", written));
    let namespace = element
        .namespace_of_prefix(prefix)
        .or_else(|| conventional(prefix));
    TypeName {
        namespace: uri(namespace),
        name: local.trim().replace(':', "_"),
    }
}

/// What prefixes mean that devices use without declaring them.
fn conventional(prefix: &str) -> Option<&'static str> {
    match prefix {
        "xsd" => Some(SCHEMA),
        "xsi" => Some(INSTANCE),
        "soap-enc" | "soapenc" | "SOAP-ENC" => Some(SOAP_ENCODING),
        _ => None,
    }
}

fn uri(raw: Option<&str>) -> Option<String> {
    raw.map(|uri| attribute_text(uri.as_bytes()).into_owned())
}
