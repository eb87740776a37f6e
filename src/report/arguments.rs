//! Arguments of a message as a tree of names and values, secrets already hidden; JSON writes it as it stands, `show` draws it.

use serde::Serialize;

use super::escape;
use crate::session::{MASKED, Masking, Places};

/// One argument, member or item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// Local name of its element.
    pub name: String,
    /// What it holds.
    #[serde(flatten)]
    pub content: Content,
    /// Its `xsi:type` as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xsi_type: Option<String>,
    /// The value holds `\xNN` for bytes that are no text.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub lossy: bool,
}

/// What an argument holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Text.
    Value(String),
    /// The members of a struct.
    Members(Vec<Argument>),
    /// The items of an array.
    Items(Vec<Argument>),
}

/// The arguments of a message; what is a secret by its place in the document is in `places`.
#[must_use]
pub fn arguments(args: cwmp::Args<'_>, places: &Places) -> Vec<Argument> {
    args.map(|arg| argument(arg, places)).collect()
}

/// The XML of a vendor's method, whose content no schema describes, and whether bytes of it are no text.
#[must_use]
pub fn xml(message: cwmp::Element<'_>, masking: Masking) -> (String, bool) {
    let masked = masking.body(message.raw());
    let (text, lossy) = escape::lossy(&masked);
    (text.into_owned(), lossy)
}

fn argument(arg: cwmp::Arg<'_>, places: &Places) -> Argument {
    let (content, lossy) = content(arg, places);
    Argument {
        name: arg.name().to_owned(),
        content,
        xsi_type: arg.xsi_type().map(std::borrow::Cow::into_owned),
        lossy,
    }
}

fn content(arg: cwmp::Arg<'_>, places: &Places) -> (Content, bool) {
    let element = arg.element();
    let raw = element.content();
    let place = element.content_offset()..element.content_offset() + raw.len();
    if places.hide(&place) {
        return (Content::Value(MASKED.to_owned()), false);
    }
    let value = |text: &[u8]| {
        let shown = places.shown(place.clone(), text);
        let (text, lossy) = escape::lossy(&shown);
        (Content::Value(text.into_owned()), lossy)
    };
    match arg.value() {
        cwmp::Value::Scalar(text) if std::str::from_utf8(raw).is_ok() => value(text.as_bytes()),
        cwmp::Value::Scalar(_) | cwmp::Value::Mixed(_) => value(raw),
        cwmp::Value::Struct(members) => (Content::Members(arguments(members, places)), false),
        cwmp::Value::Array(items) => (Content::Items(arguments(items, places)), false),
    }
}
