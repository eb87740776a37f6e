//! The arrayType of a SOAP array against what stands in it (SOAP 1.1 section 5.4.2).

use cwmp::schema::Field;
use cwmp::{Element, SOAP_ENCODING};

use super::shape::Kind;
use super::types::{is_schema, resolved};

/// What is odd about the array's own attribute: where it is, what it counts, what it names.
pub(super) fn oddities(
    element: Element<'_>,
    item: &'static Field,
    items: u64,
) -> [Option<Kind>; 3] {
    let Some(attribute) = element.attribute("arrayType") else {
        return [Some(Kind::NoArrayType), None, None];
    };
    let foreign = (attribute.namespace() != Some(SOAP_ENCODING)).then_some(Kind::ForeignArrayType);
    let value = attribute.value();
    let (name, size) = match value.rsplit_once('[') {
        Some((name, size)) => (name.trim(), size.split_once(']').map(|(size, _)| size)),
        None => (value.trim(), None),
    };
    let wrong_type = (!is_type_of_items(element, name, item)).then_some(Kind::ItemType);
    [foreign, count(element, size, items), wrong_type]
}

/// An empty count asserts nothing; a partially transmitted array says which items it leaves out (SOAP 1.1 section 5.4.2.1).
fn count(element: Element<'_>, size: Option<&str>, items: u64) -> Option<Kind> {
    let Some(size) = size else {
        return Some(Kind::UnplainCount);
    };
    let Ok(declared) = size.trim().parse::<u64>() else {
        return Some(Kind::UnplainCount);
    };
    let partial = || {
        let mut children = element.children();
        element.attribute("offset").is_some()
            || children.any(|child| child.attribute("position").is_some())
    };
    if items > declared || (items < declared && !partial()) {
        return Some(Kind::ItemCount);
    }
    (size.len() != size.trim().len()).then_some(Kind::UnplainCount)
}

/// A structure is CWMP's; a plain type is of XML Schema or of SOAP encoding, which has all of those too.
fn is_type_of_items(element: Element<'_>, name: &str, item: &'static Field) -> bool {
    let (Some(namespace), local) = resolved(element, name) else {
        return false;
    };
    let of_cwmp = namespace.starts_with("urn:dslforum-org:cwmp");
    if item.named_type == Some(local) {
        return of_cwmp;
    }
    let plain = item.base_type().is_some_and(|base| base.name() == local);
    plain && (is_schema(namespace) || namespace == SOAP_ENCODING)
}
