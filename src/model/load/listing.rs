//! XML that lists `parameter` elements: Aastra's (`write`, `mode`, a `name` and a `description` each), and the device type
//! that Motive's ACS wants (`parameterName`, `parameterType`, `array`, `parameters` within).
//!
//! Both nest: what holds others is an object. What such a file does not say stays unknown.

use super::super::builder::{Builder, Place};
use super::super::path::INSTANCE;
use super::super::{Access, Base, Facts, Model, Range, Since, Size, Syntax, Version};
use super::error::{LoadError, Problem, told};
use super::limits::{NAMES_MAX, PATH_BYTES_MAX};
use super::xml::{ElementId, ROOT, Xml};

pub(super) fn load(file: &str, bytes: &[u8]) -> Result<Model, LoadError> {
    let xml = Xml::parse(file, bytes)?;
    let version = Version::new(1, 0);
    let mut builder = Builder::new();
    let place = Place {
        document: builder.document(file, version, false),
        version,
        since: Since {
            first: version,
            absent: None,
        },
    };
    let mut listing = Listing {
        xml: &xml,
        builder,
        place,
        parameters: 0,
    };
    listing.walk(ROOT, "")?;
    if listing.parameters == 0 {
        return Err(xml.problem(ROOT, Problem::NoParameter));
    }
    listing.builder.imply_objects(place);
    Ok(listing.builder.finish())
}

struct Listing<'x> {
    xml: &'x Xml,
    builder: Builder,
    place: Place,
    parameters: usize,
}

impl Listing<'_> {
    /// Reads an element below a path; elements are not nested deeper than `limits::DEPTH_MAX`.
    fn walk(&mut self, element: ElementId, below: &str) -> Result<(), LoadError> {
        let xml = self.xml;
        if !is_entry(xml.name(element)) {
            return self.walk_children(element, below);
        }
        let name = said(xml, element, &["name", "parameterName"]);
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            let lacks = Problem::Lacks {
                element: told(xml.name(element)),
                lacks: "a name",
            };
            return Err(xml.problem(element, lacks));
        };
        let mut path = joined(below, name);
        if path.len() > PATH_BYTES_MAX {
            let max = PATH_BYTES_MAX;
            return Err(xml.problem(element, Problem::PathTooLong { max }));
        }
        if self.builder.len() > NAMES_MAX {
            let many = Problem::TooMany {
                what: "names",
                max: NAMES_MAX,
            };
            return Err(xml.problem(element, many));
        }
        if said(xml, element, &["array"]) == Some("true") && is_object(xml, element) {
            path.push('.');
            path.push_str(INSTANCE);
        }
        if is_object(xml, element) {
            let node = self.builder.node(&path);
            self.builder.imply_object(node, self.place);
            return self.walk_children(element, &path);
        }
        self.parameters += 1;
        let facts = facts(xml, element)?;
        let node = self.builder.node(&path);
        self.builder.restate(node, self.place, facts);
        Ok(())
    }

    fn walk_children(&mut self, element: ElementId, below: &str) -> Result<(), LoadError> {
        for child in self.xml.children(element) {
            self.walk(*child, below)?;
        }
        Ok(())
    }
}

fn is_entry(name: &str) -> bool {
    name.eq_ignore_ascii_case("parameter") || name.eq_ignore_ascii_case("object")
}

fn is_object(xml: &Xml, element: ElementId) -> bool {
    xml.name(element).eq_ignore_ascii_case("object")
        || said(xml, element, &["type", "parameterType"]) == Some("object")
        || holds_entries(xml, element)
}

/// Whether entries stand in it, or in a plain element around them.
fn holds_entries(xml: &Xml, element: ElementId) -> bool {
    let children = xml.children(element).iter();
    children.copied().any(|child| {
        let name = xml.name(child);
        let many = name.eq_ignore_ascii_case("parameters") || name.eq_ignore_ascii_case("objects");
        is_entry(name) || many
    })
}

/// What an attribute, or a child of the same name, says.
fn said<'x>(xml: &'x Xml, element: ElementId, names: &[&str]) -> Option<&'x str> {
    let attributes = names.iter().filter_map(|name| xml.attribute(element, name));
    let children = names.iter().filter_map(|name| xml.child(element, name));
    let mut told = attributes.chain(children.map(|child| xml.text(child)));
    told.next().map(str::trim)
}

/// A name below a path, or a whole path; however a document writes an instance.
fn joined(below: &str, name: &str) -> String {
    let whole = name.starts_with("Device.") || name.starts_with("InternetGatewayDevice.");
    let mut path = if whole {
        String::new()
    } else {
        below.to_owned()
    };
    for node in name.split('.').filter(|node| !node.is_empty()) {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(match node {
            "i" | "{i}" | "[i]" | "<i>" => INSTANCE,
            other => other,
        });
    }
    path
}

fn facts(xml: &Xml, element: ElementId) -> Result<Facts, LoadError> {
    let access = match said(xml, element, &["write", "access"]) {
        Some(word) if WRITES.contains(&word.to_lowercase().as_str()) => Access::ReadWrite,
        Some(word) if READS.contains(&word.to_lowercase().as_str()) => Access::ReadOnly,
        _ => Access::Unknown,
    };
    let mut syntax = match said(xml, element, &["type", "parameterType"]) {
        Some(name) => written_type(name),
        None => Syntax::default(),
    };
    let number = |names: &[&str]| -> Result<Option<i128>, LoadError> {
        let Some(text) = said(xml, element, names).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let number = text.parse().map(Some);
        number.map_err(|_| xml.problem(element, Problem::NotANumber(told(text))))
    };
    let length = number(&["parameterLength", "length", "maxLength"])?;
    if let Some(max) = length.and_then(|length| u32::try_from(length).ok()) {
        let max = Some(max);
        syntax.sizes.push(Size { min: None, max });
    }
    let (min, max) = (number(&["minValue", "min"])?, number(&["maxValue", "max"])?);
    if min.is_some() || max.is_some() {
        let step = None;
        syntax.ranges.push(Range { min, max, step });
    }
    Ok(Facts {
        access,
        syntax,
        ..Facts::default()
    })
}

/// `string(64)`, `int[0:65535]`, `unsignedInt` (TR-069 A.2.3); what is none of these stays unknown.
fn written_type(text: &str) -> Syntax {
    let end = text.find(['(', '[']).unwrap_or(text.len());
    let (name, facets) = text.split_at(end);
    let name = name.trim();
    let known = |base: &Base| base.name().eq_ignore_ascii_case(name);
    let mut syntax = Syntax::of(BASES.into_iter().find(known).unwrap_or_default());
    let inside = facets.trim().trim_matches(['(', ')', '[', ']']);
    let (low, high) = inside.split_once(':').unwrap_or(("", inside));
    if facets.starts_with('(') {
        let (min, max) = (low.trim().parse().ok(), high.trim().parse().ok());
        syntax.sizes.push(Size { min, max });
    } else if facets.starts_with('[') && inside.contains(':') {
        syntax.ranges.push(Range {
            min: low.trim().parse().ok(),
            max: high.trim().parse().ok(),
            step: None,
        });
    }
    syntax
}

const WRITES: [&str; 5] = ["w", "rw", "readwrite", "true", "1"];
const READS: [&str; 5] = ["", "r", "readonly", "false", "0"];
const BASES: [Base; 10] = [
    Base::String,
    Base::Int,
    Base::UnsignedInt,
    Base::Long,
    Base::UnsignedLong,
    Base::Decimal,
    Base::Boolean,
    Base::DateTime,
    Base::Base64,
    Base::HexBinary,
];
