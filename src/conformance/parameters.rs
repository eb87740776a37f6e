//! The parameters of one message, read once for all rules. Not what they mean.

use std::borrow::Cow;
use std::ops::Range;

use cwmp::{Document, Element};

use super::fingerprint;

/// Every entry of the ParameterLists of one message.
#[derive(Debug, Default)]
pub struct Parameters<'a> {
    all: Vec<Parameter<'a>>,
    /// Where the entries of each envelope end.
    ends: Vec<usize>,
}

impl<'a> Parameters<'a> {
    /// None.
    #[must_use]
    pub fn none() -> &'static Parameters<'static> {
        static NONE: Parameters<'static> = Parameters {
            all: Vec::new(),
            ends: Vec::new(),
        };
        &NONE
    }

    /// Those of a document.
    #[must_use]
    pub fn of(document: &'a Document) -> Self {
        let mut parameters = Self::default();
        for envelope in document.envelope_refs() {
            let read = envelope.parameters();
            parameters.all.extend(read.map(Parameter::of));
            parameters.ends.push(parameters.all.len());
        }
        parameters
    }

    /// Those of one envelope.
    #[must_use]
    pub fn of_envelope(&self, index: usize) -> &[Parameter<'a>] {
        let places = self.places_of_envelope(index);
        self.all.get(places).unwrap_or_default()
    }

    /// Where those of one envelope stand among all.
    #[must_use]
    pub fn places_of_envelope(&self, index: usize) -> Range<usize> {
        let start = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before).copied())
            .unwrap_or_default();
        start..self.ends.get(index).copied().unwrap_or(start)
    }

    /// Those of all envelopes.
    #[must_use]
    pub fn all(&self) -> &[Parameter<'a>] {
        &self.all
    }
}

/// One entry, with its name and the fingerprint of that at hand.
#[derive(Debug)]
pub struct Parameter<'a> {
    read: cwmp::Parameter<'a>,
    name: Cow<'a, str>,
    key: u64,
}

impl<'a> Parameter<'a> {
    fn of(read: cwmp::Parameter<'a>) -> Self {
        let name = read.name();
        Self {
            key: fingerprint(name.as_bytes()),
            read,
            name,
        }
    }

    /// Its element, such as a ParameterValueStruct.
    #[must_use]
    pub fn element(&self) -> Element<'a> {
        self.read.element()
    }

    /// The Name element.
    #[must_use]
    pub fn name_element(&self) -> Option<Element<'a>> {
        self.element().child("Name")
    }

    /// Full path, blanks around it removed; empty where there is no Name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The fingerprint of its name.
    #[must_use]
    pub fn key(&self) -> u64 {
        self.key
    }

    /// The Value element.
    #[must_use]
    pub fn value_element(&self) -> Option<Element<'a>> {
        self.read.value_element()
    }

    /// The value; `None` where there is no Value.
    #[must_use]
    pub fn value(&self) -> Option<Cow<'a, str>> {
        self.read.value()
    }

    /// The value's `xsi:type` as written.
    #[must_use]
    pub fn xsi_type(&self) -> Option<Cow<'a, str>> {
        self.read.xsi_type()
    }
}
