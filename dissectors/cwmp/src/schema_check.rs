//! How a message departs from the schema: walks it once, when asked.
//!
//! Only structure and the plainest lexical forms. Lengths, patterns and values are for rules, with `schema` at hand.

mod lexical;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::args::{ArrayType, chosen, xsi_type};
use crate::element::Element;
use crate::envelope::{EnvelopeRef, Kind, is_cwmp};
use crate::schema::{Facets, Field, Shape, Type};
use lexical::oddity;

/// The departures in the order of the text.
pub(crate) fn check(envelope: &EnvelopeRef<'_>) -> Vec<Anomaly> {
    let mut check = Check { found: Vec::new() };
    check.frame(envelope);
    if let (Some(message), Some(schema)) = (envelope.message(), envelope.schema()) {
        check.members(message, schema.fields);
    }
    check.found.sort_unstable();
    check.found
}

struct Check {
    found: Vec<Anomaly>,
}

impl Check {
    fn note(&mut self, kind: AnomalyKind, offset: usize) {
        self.found.push(Anomaly { offset, kind });
    }

    fn frame(&mut self, envelope: &EnvelopeRef<'_>) {
        let at = envelope.element().offset();
        match envelope.header() {
            None => self.note(AnomalyKind::MissingHeader, at),
            Some(header) if header.child("ID").is_none() => {
                self.note(AnomalyKind::MissingId, header.offset());
            }
            Some(_) => {}
        }
        let call = matches!(envelope.kind(), Kind::Request | Kind::Response);
        if let Some(message) = envelope.message().filter(|_| call)
            && !message.namespace().is_some_and(is_cwmp)
        {
            self.note(AnomalyKind::MessageNamespace, message.offset());
        }
    }

    /// Elements that should be these fields, in this order.
    fn members(&mut self, parent: Element<'_>, fields: &'static [Field]) {
        if parent.has_text_between() {
            self.note(AnomalyKind::MixedContent, parent.content_offset());
        }
        let mut seen = vec![0_u32; fields.len()];
        let mut furthest = 0;
        for child in parent.children() {
            let known = fields.iter().position(|field| child.is_named(field.name));
            let Some((index, field)) = known.and_then(|index| Some((index, fields.get(index)?)))
            else {
                self.note(AnomalyKind::UnknownArgument, child.offset());
                continue;
            };
            if index < furthest {
                self.note(AnomalyKind::ArgumentOutOfOrder, child.offset());
            }
            furthest = furthest.max(index);
            if let Some(count) = seen.get_mut(index) {
                *count += 1;
                if field.max_occurs.is_some_and(|max| *count > max) {
                    self.note(AnomalyKind::RepeatedArgument, child.offset());
                }
            }
            self.field(child, field);
        }
        for (field, count) in fields.iter().zip(seen) {
            if count < field.min_occurs {
                self.note(AnomalyKind::MissingArgument, parent.offset());
            }
        }
    }

    fn field(&mut self, element: Element<'_>, field: &'static Field) {
        if element.prefix().is_some() || element.namespace().is_some() {
            self.note(AnomalyKind::QualifiedArgument, element.offset());
        }
        match &field.shape {
            Shape::Scalar(facets) => self.scalar(element, facets),
            Shape::Union(parts) => {
                if let Some(facets) = parts.first() {
                    self.scalar(element, facets);
                }
            }
            Shape::Struct(fields) => self.members(element, fields),
            Shape::Choice(forms) => match chosen(element, forms) {
                Some(fields) => self.members(element, fields),
                None => self.note(AnomalyKind::MissingXsiType, element.offset()),
            },
            Shape::Array(item) => self.array(element, item),
        }
    }

    fn scalar(&mut self, element: Element<'_>, facets: &Facets) {
        if !element.is_leaf() {
            self.note(AnomalyKind::ElementsInScalar, element.offset());
            return;
        }
        let mut base = Some(facets.base);
        if facets.base == Type::AnySimple {
            let declared = xsi_type(element);
            if declared.is_none() {
                self.note(AnomalyKind::MissingXsiType, element.offset());
            }
            base = declared.as_deref().and_then(lexical::type_named);
        }
        if let Some(kind) = base.and_then(|base| oddity(base, &element.text())) {
            self.note(kind, element.content_offset());
        }
    }

    fn array(&mut self, element: Element<'_>, item: &'static Field) {
        if element.has_text_between() {
            self.note(AnomalyKind::MixedContent, element.content_offset());
        }
        let mut items = 0_u64;
        for child in element.children() {
            items += 1;
            if !child.is_named(item.name) {
                self.note(AnomalyKind::ArrayItemName, child.offset());
            }
            self.field(child, item);
        }
        match ArrayType::of(element) {
            None => self.note(AnomalyKind::MissingArrayType, element.offset()),
            Some(declared) => self.array_type(&declared, items),
        }
    }

    fn array_type(&mut self, declared: &ArrayType<'_>, items: u64) {
        if !declared.is_soap_encoding {
            self.note(AnomalyKind::ArrayTypeNamespace, declared.offset);
        }
        let Some(count) = declared.count_text().filter(|count| !count.is_empty()) else {
            self.note(AnomalyKind::ArrayCountMissing, declared.offset);
            return;
        };
        if count.len() > 1 && count.starts_with('0') {
            self.note(AnomalyKind::ArrayCountPadded, declared.offset);
        }
        if declared.count() != Some(items) {
            self.note(AnomalyKind::ArrayCountMismatch, declared.offset);
        }
    }
}
