//! The names that elements of a message have in TR-069 and in SOAP: no method hides behind one of them.

use std::collections::HashSet;
use std::sync::LazyLock;

use cwmp::schema::{self, Field, Shape};

/// An argument, a member or an item has this name, or a part of a fault.
pub(super) fn is_argument(name: &str) -> bool {
    ARGUMENTS.contains(name)
}

/// An entry of a header that servers' libraries add on their own, or a part of one.
pub(super) fn is_of_library(name: &str) -> bool {
    LIBRARIES.contains(&name)
}

/// An element of a message may have this name without being a method of a vendor.
pub(super) fn is_known(name: &str) -> bool {
    KNOWN.contains(name)
}

static ARGUMENTS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let mut names: HashSet<&'static str> = OTHERS.into_iter().chain(FAULT).collect();
    for method in schema::METHODS {
        collect(method.request.fields, &mut names);
        collect(method.response.fields, &mut names);
    }
    names
});

static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let messages = schema::METHODS
        .iter()
        .flat_map(|method| [method.request.element, method.response.element]);
    let fixed = ENVELOPE.into_iter().chain(LIBRARIES);
    let all = fixed.chain(schema::HEADERS).chain(messages);
    ARGUMENTS.iter().copied().chain(all).collect()
});

fn collect(fields: &'static [Field], names: &mut HashSet<&'static str>) {
    for field in fields {
        names.insert(field.name);
        match field.shape {
            Shape::Struct(members) => collect(members, names),
            Shape::Array(item) => collect(std::slice::from_ref(item), names),
            Shape::Choice(kinds) => {
                for (name, members) in kinds {
                    names.insert(*name);
                    collect(members, names);
                }
            }
            Shape::Scalar(_) | Shape::Union(_) => {}
        }
    }
}

const ENVELOPE: [&str; 4] = ["Envelope", "Header", "Body", "Fault"];
/// What items of arrays are called beside the name of their type (SOAP 1.1 section 5.4.2 leaves it open).
const OTHERS: [&str; 10] = [
    "item",
    "string",
    "int",
    "unsignedInt",
    "boolean",
    "dateTime",
    "base64",
    "base64Binary",
    "anyType",
    "ParameterName",
];
/// SOAP 1.1 section 4.4, SOAP 1.2 section 5.4 and TR-069 Amendment 6 section 3.5.
const FAULT: [&str; 16] = [
    "faultcode",
    "faultstring",
    "faultactor",
    "detail",
    "Fault",
    "FaultCode",
    "FaultString",
    "SetParameterValuesFault",
    "Code",
    "Subcode",
    "Value",
    "Reason",
    "Text",
    "Node",
    "Role",
    "Detail",
];
/// WS-Security 1.1, XML Signature and WS-Addressing 1.0, as far as servers write them.
const LIBRARIES: [&str; 41] = [
    "Security",
    "UsernameToken",
    "Username",
    "Password",
    "Nonce",
    "Created",
    "Timestamp",
    "Expires",
    "BinarySecurityToken",
    "SecurityTokenReference",
    "Reference",
    "KeyIdentifier",
    "Embedded",
    "Signature",
    "SignedInfo",
    "CanonicalizationMethod",
    "InclusiveNamespaces",
    "SignatureMethod",
    "Transforms",
    "Transform",
    "DigestMethod",
    "DigestValue",
    "SignatureValue",
    "SignatureConfirmation",
    "KeyInfo",
    "KeyName",
    "KeyValue",
    "RSAKeyValue",
    "Modulus",
    "Exponent",
    "X509Data",
    "X509Certificate",
    "X509IssuerSerial",
    "Action",
    "To",
    "MessageID",
    "RelatesTo",
    "From",
    "ReplyTo",
    "FaultTo",
    "Address",
];
