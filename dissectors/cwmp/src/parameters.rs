//! Names and values of a ParameterList.

use crate::args::xsi_type;
use crate::element::{Children, Element};
use crate::text::trim;
use std::borrow::Cow;

/// The entries of a message's ParameterList, in the order of the text.
#[derive(Debug, Clone)]
pub struct Parameters<'a> {
    entries: Option<Children<'a>>,
}

impl<'a> Parameters<'a> {
    pub(crate) fn of(message: Option<Element<'a>>) -> Self {
        let list = message.and_then(|message| message.child("ParameterList"));
        Self {
            entries: list.map(|list| list.children()),
        }
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Parameter<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entries
            .as_mut()?
            .next()
            .map(|element| Parameter { element })
    }
}

/// One entry: a name with a value, or with whatever else the list holds.
#[derive(Debug, Clone, Copy)]
pub struct Parameter<'a> {
    element: Element<'a>,
}

impl<'a> Parameter<'a> {
    /// Its element, such as a ParameterValueStruct.
    #[must_use]
    pub fn element(&self) -> Element<'a> {
        self.element
    }

    /// Full path, blanks around it removed; empty when there is no Name.
    #[must_use]
    pub fn name(&self) -> Cow<'a, str> {
        trimmed(
            self.element
                .child("Name")
                .map(|name| name.text())
                .unwrap_or_default(),
        )
    }

    /// The Value element.
    #[must_use]
    pub fn value_element(&self) -> Option<Element<'a>> {
        self.element.child("Value")
    }

    /// The value; `None` when there is no Value.
    #[must_use]
    pub fn value(&self) -> Option<Cow<'a, str>> {
        self.value_element().map(|value| value.text())
    }

    /// The value's `xsi:type` as written.
    #[must_use]
    pub fn xsi_type(&self) -> Option<Cow<'a, str>> {
        xsi_type(self.value_element()?)
    }
}

pub(crate) fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}
