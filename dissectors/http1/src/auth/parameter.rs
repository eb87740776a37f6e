//! A scheme with its parameters, as read.

use std::borrow::Cow;
use std::ops::Range;

use super::anomaly::{Anomalies, AnomalyKind};

/// A scheme with what follows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheme<'a> {
    /// Its name as it stands; empty where parameters come first.
    pub name: &'a [u8],
    /// Where it stands in the value, with what follows it.
    pub range: Range<usize>,
    /// What follows it in place of parameters (RFC 9110 section 11.2).
    pub token68: Option<&'a [u8]>,
    /// Its parameters, in their order.
    pub parameters: Vec<Parameter<'a>>,
}

impl<'a> Scheme<'a> {
    /// Is this its name, in whatever case?
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The first parameter of this name, in whatever case.
    pub fn parameter(&self, name: &str) -> Option<&Parameter<'a>> {
        let same = |parameter: &&Parameter<'a>| parameter.is(name);
        self.parameters.iter().find(same)
    }
}

/// A parameter of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// Its name as it stands.
    pub name: &'a [u8],
    /// Its value as it stands, without the quotes.
    pub raw: &'a [u8],
    /// Where `raw` stands in the field's value.
    pub range: Range<usize>,
    /// Does it stand in quotes?
    pub quoted: bool,
}

impl<'a> Parameter<'a> {
    /// Is this its name, in whatever case?
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Its value, without quotes and escapes (RFC 9110 section 5.6.4).
    pub fn text(&self) -> Cow<'a, [u8]> {
        if !self.quoted || memchr::memchr(b'\\', self.raw).is_none() {
            return Cow::Borrowed(self.raw);
        }
        let mut text = Vec::with_capacity(self.raw.len());
        let mut bytes = self.raw.iter();
        while let Some(&byte) = bytes.next() {
            let escaped = if byte == b'\\' { bytes.next() } else { None };
            text.push(escaped.copied().unwrap_or(byte));
        }
        Cow::Owned(text)
    }

    /// The elements of a list: between commas and blanks, without the empty ones.
    pub fn list(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let separates = |byte: &u8| matches!(byte, b',' | b' ' | b'\t' | b'\r' | b'\n');
        self.raw.split(separates).filter(|word| !word.is_empty())
    }

    /// Is its value this word, in whatever case?
    pub(super) fn says(&self, word: &str) -> bool {
        self.text().eq_ignore_ascii_case(word.as_bytes())
    }
}

/// A name in lower case; one that is longer than any known is given back as it is.
pub(super) fn lowercase<'n>(name: &'n [u8], room: &'n mut [u8; NAME_BYTES_MAX]) -> &'n [u8] {
    let Some(lower) = room.get_mut(..name.len()) else {
        return name;
    };
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    lower
}

/// `username*`, the longest name with a meaning, has nine bytes.
pub(super) const NAME_BYTES_MAX: usize = 16;

/// How the grammar wants a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Quoted,
    Token,
    Either,
}

/// Puts a parameter into its place, unless one was there before, and notes what is odd.
pub(super) fn fill<'a>(
    place: &mut Option<Parameter<'a>>,
    parameter: Parameter<'a>,
    form: Form,
    odd: &mut Anomalies,
) {
    let at = parameter.range.start;
    match form {
        Form::Quoted if !parameter.quoted => odd.add(AnomalyKind::QuotesMissing, at),
        Form::Token if parameter.quoted => odd.add(AnomalyKind::QuotesSurplus, at),
        _ => {}
    }
    if place.is_none() {
        *place = Some(parameter);
    } else {
        odd.add(AnomalyKind::ParameterRepeated, at);
    }
}
