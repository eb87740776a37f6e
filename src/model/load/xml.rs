//! An XML file as a tree of elements, within bounds. No entity is expanded, and prose is left out.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::error::{At, LoadError, Problem, told};
use super::limits::{ATTRIBUTES_MAX, DEPTH_MAX, ELEMENTS_MAX};

/// The elements of a file.
#[derive(Debug)]
pub(super) struct Xml {
    pub(super) file: String,
    text: String,
    elements: Vec<Element>,
}

/// An element; an index into its file.
pub(super) type ElementId = usize;

/// The root of every file.
pub(super) const ROOT: ElementId = 0;

#[derive(Debug, Default)]
pub(super) struct Element {
    /// Its name without a prefix.
    pub(super) name: Box<str>,
    attributes: Vec<Attribute>,
    pub(super) children: Vec<ElementId>,
    /// The text in it, prose excepted.
    pub(super) text: String,
    offset: usize,
}

#[derive(Debug)]
struct Attribute {
    name: Box<str>,
    value: Box<str>,
    /// It refers to an entity that the document defines, which is not expanded.
    is_whole: bool,
}

impl Xml {
    pub(super) fn parse(file: &str, bytes: &[u8]) -> Result<Self, LoadError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = String::from_utf8_lossy(bytes).into_owned();
        let mut xml = Self {
            file: file.to_owned(),
            text: String::new(),
            elements: Vec::new(),
        };
        let outcome = xml.read(&text);
        xml.text = text;
        match outcome {
            Ok(()) if xml.elements.is_empty() => Err(xml
                .at_offset(0)
                .problem(Problem::Xml("no element".to_owned()))),
            Ok(()) => Ok(xml),
            Err((offset, problem)) => Err(xml.at_offset(offset).problem(problem)),
        }
    }

    fn read(&mut self, text: &str) -> Result<(), (usize, Problem)> {
        let mut reader = Reader::from_str(text);
        let mut open: Vec<ElementId> = Vec::new();
        loop {
            let before = place(reader.buffer_position());
            let event = reader.read_event();
            let event = event.map_err(|error| {
                (
                    place(reader.error_position()),
                    Problem::Xml(told(&error.to_string())),
                )
            })?;
            match event {
                Event::Start(start) => {
                    let element = self.add(&start, before, &open)?;
                    open.push(element);
                }
                Event::Empty(start) => drop(self.add(&start, before, &open)?),
                Event::End(_) => drop(open.pop()),
                Event::Text(part) => self.say(&open, &part.xml10_content()),
                Event::CData(part) => self.say(&open, &part.xml10_content()),
                Event::GeneralRef(name) => {
                    let meant = quick_xml::escape::resolve_xml_entity(&name);
                    self.say(&open, meant.unwrap_or_default());
                }
                Event::Eof if open.is_empty() => return Ok(()),
                Event::Eof => {
                    return Err((before, Problem::Xml("an element is not closed".to_owned())));
                }
                _ => {}
            }
        }
    }

    fn add(
        &mut self,
        start: &BytesStart<'_>,
        offset: usize,
        open: &[ElementId],
    ) -> Result<ElementId, (usize, Problem)> {
        let many = |what, max| (offset, Problem::TooMany { what, max });
        if self.elements.len() >= ELEMENTS_MAX {
            return Err(many("elements", ELEMENTS_MAX));
        }
        if open.len() >= DEPTH_MAX {
            return Err(many("elements within elements", DEPTH_MAX));
        }
        let mut attributes = Vec::new();
        for attribute in start.attributes().with_checks(false) {
            if attributes.len() >= ATTRIBUTES_MAX {
                return Err(many("attributes", ATTRIBUTES_MAX));
            }
            let attribute =
                attribute.map_err(|error| (offset, Problem::Xml(told(&error.to_string()))))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            attributes.push(Attribute {
                name: AsRef::<str>::as_ref(&attribute.key).into(),
                is_whole: value.is_ok(),
                value: value.unwrap_or(Cow::Borrowed("")).into(),
            });
        }
        let element = self.elements.len();
        self.elements.push(Element {
            name: AsRef::<str>::as_ref(&start.local_name()).into(),
            attributes,
            offset,
            ..Element::default()
        });
        if let Some(parent) = open
            .last()
            .and_then(|parent| self.elements.get_mut(*parent))
        {
            parent.children.push(element);
        }
        Ok(element)
    }

    fn say(&mut self, open: &[ElementId], text: &str) {
        let inside = open
            .last()
            .and_then(|element| self.elements.get_mut(*element));
        if let Some(element) = inside.filter(|element| &*element.name != "description") {
            let text = if element.text.is_empty() {
                text.trim_start()
            } else {
                text
            };
            element.text.push_str(text);
        }
    }

    pub(super) fn element(&self, element: ElementId) -> Option<&Element> {
        self.elements.get(element)
    }

    pub(super) fn name(&self, element: ElementId) -> &str {
        self.element(element).map_or("", |element| &element.name)
    }

    pub(super) fn children(&self, element: ElementId) -> &[ElementId] {
        self.element(element)
            .map_or(&[], |element| &element.children)
    }

    pub(super) fn text(&self, element: ElementId) -> &str {
        self.element(element)
            .map_or("", |element| element.text.trim())
    }

    /// The first child of a name.
    pub(super) fn child(&self, element: ElementId, name: &str) -> Option<ElementId> {
        let mut children = self.children(element).iter().copied();
        children.find(|child| self.name(*child) == name)
    }

    /// An attribute by its name, prefix included; none if it refers to an entity of the document.
    pub(super) fn attribute(&self, element: ElementId, name: &str) -> Option<&str> {
        let attributes = &self.element(element)?.attributes;
        let found = attributes.iter().find(|attribute| &*attribute.name == name);
        let found = found.filter(|attribute| attribute.is_whole);
        found.map(|attribute| &*attribute.value)
    }

    pub(super) fn problem(&self, element: ElementId, problem: Problem) -> LoadError {
        let offset = self.element(element).map_or(0, |element| element.offset);
        self.at_offset(offset).problem(problem)
    }

    fn at_offset(&self, offset: usize) -> At<'_> {
        At {
            file: &self.file,
            text: &self.text,
            offset,
        }
    }
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
