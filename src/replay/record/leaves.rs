//! The elements of a message that hold text, with what they are. It decides nothing.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use cwmp::{Document, Element, ElementId, EnvelopeRef, Kind};

/// An element that holds text and no element.
#[derive(Debug)]
pub(super) struct Leaf<'a> {
    pub element: Element<'a>,
    pub envelope: EnvelopeRef<'a>,
    /// The element in the SOAP body: `Inform`.
    pub message: &'a str,
    pub place: Within<'a>,
    /// Its text without the blanks around it.
    pub text: Cow<'a, str>,
    /// Where that stands in the text of the document, with its references.
    pub range: Range<usize>,
}

/// Where an element stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Within<'a> {
    /// In the SOAP header.
    Header,
    /// Directly in the message.
    Argument,
    /// The Value of this parameter.
    Parameter(Cow<'a, str>),
    /// Anywhere else in the message.
    Deeper,
    /// Beside it.
    Elsewhere,
}

/// Shows every such element that holds anything, in the order of the text.
pub(super) fn each<'a>(document: &'a Document, mut see: impl FnMut(&Leaf<'a>)) {
    for envelope in document.envelope_refs() {
        let parameters = envelope.parameters();
        let named = parameters.filter_map(|one| Some((one.value_element()?.id(), one.name())));
        let parameters: HashMap<ElementId, Cow<'a, str>> = named.collect();
        for element in envelope.element().descendants() {
            if !element.is_leaf() {
                continue;
            }
            let Some(range) = trimmed(&element) else {
                continue;
            };
            let text = match element.text() {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
                Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
            };
            see(&Leaf {
                element,
                envelope,
                message: envelope.message_name().unwrap_or_default(),
                place: within(&element, envelope, &parameters),
                text,
                range,
            });
        }
    }
}

/// Its content without the blanks around it.
fn trimmed(element: &Element<'_>) -> Option<Range<usize>> {
    let content = element.content();
    let lead = content.len() - content.trim_ascii_start().len();
    let length = content.trim_ascii().len();
    let start = element.content_offset() + lead;
    (length > 0).then_some(start..start + length)
}

fn within<'a>(
    element: &Element<'a>,
    envelope: EnvelopeRef<'a>,
    parameters: &HashMap<ElementId, Cow<'a, str>>,
) -> Within<'a> {
    if let Some(name) = parameters.get(&element.id()) {
        return Within::Parameter(name.clone());
    }
    let parent = element.parent().map(|parent| parent.id());
    if parent.is_none() {
        return Within::Elsewhere;
    }
    if parent == envelope.header().map(|header| header.id()) {
        return Within::Header;
    }
    let message = envelope.message();
    if parent == message.map(|message| message.id()) {
        return Within::Argument;
    }
    let inside = message
        .is_some_and(|message| (message.offset()..message.end()).contains(&element.offset()));
    if inside {
        Within::Deeper
    } else {
        Within::Elsewhere
    }
}

impl Leaf<'_> {
    pub fn is(&self, name: &str) -> bool {
        self.element.is_named(name)
    }

    pub fn is_argument(&self, name: &str) -> bool {
        self.place == Within::Argument && self.is(name)
    }

    /// The path of the parameter whose value it is.
    pub fn parameter(&self) -> Option<&str> {
        match &self.place {
            Within::Parameter(name) => Some(name),
            _ => None,
        }
    }

    /// It is the value of a parameter with this path, whatever the root object.
    pub fn is_parameter(&self, path: &str) -> bool {
        self.parameter()
            .and_then(|name| name.split_once('.'))
            .is_some_and(|(_, rest)| rest == path)
    }

    /// It is in a request of an RPC.
    pub fn asks(&self) -> bool {
        self.envelope.kind() == Kind::Request
    }

    /// Its text stands there letter by letter.
    pub fn is_plain(&self) -> bool {
        let raw = self.envelope.document().text().get(self.range.clone());
        raw == Some(self.text.as_bytes())
    }

    /// Where it is in its message, as comparisons name it.
    pub fn path(&self) -> String {
        if let Some(name) = self.parameter() {
            return format!("ParameterList/{name}/Value");
        }
        if self.envelope.kind() == Kind::Fault {
            return self.path_in_fault();
        }
        let message = self.envelope.message().map(|message| message.id());
        let here = std::iter::successors(Some(self.element), Element::parent);
        let mut names: Vec<Cow<'_, str>> = here
            .take(DEPTH_MAX)
            .take_while(|element| Some(element.id()) != message)
            .map(segment)
            .collect();
        names.reverse();
        names.join("/")
    }

    /// The parts of a fault are known by their names, wherever they stand.
    fn path_in_fault(&self) -> String {
        let name = self.element.name();
        let parent = self.element.parent();
        let of_parameter = parent.filter(|parent| parent.is_named("SetParameterValuesFault"));
        match of_parameter.and_then(|parent| parent.child("ParameterName")) {
            Some(parameter) => {
                let parameter = parameter.text();
                format!("SetParameterValuesFault/{}/{name}", parameter.trim())
            }
            None => name.to_owned(),
        }
    }
}

/// An item of a list is known by its number, everything else by its name.
fn segment(element: Element<'_>) -> Cow<'_, str> {
    let list = element
        .parent()
        .filter(|parent| parent.is_named("Event") || parent.attribute("arrayType").is_some());
    let Some(list) = list else {
        return Cow::Borrowed(element.name());
    };
    let mut items = list.children().take(ITEMS_COUNTED_MAX);
    let at = items.position(|item| item.id() == element.id());
    at.map_or(Cow::Borrowed("*"), |at| Cow::Owned((at + 1).to_string()))
}

/// Places deeper than this are named by their last parts alone.
const DEPTH_MAX: usize = 32;
/// Items of a list beyond these are not told apart: counting them all for each would take long.
const ITEMS_COUNTED_MAX: usize = 64;
