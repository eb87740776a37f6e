//! Arguments of a message as a tree of names and values, secrets already hidden; JSON writes it as it stands, `show` draws it.

use serde::Serialize;

use super::escape;
use crate::session::{MASKED, Masking};

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

/// The arguments of a message.
#[must_use]
pub fn arguments(args: cwmp::Args<'_>, masking: Masking) -> Vec<Argument> {
    // A struct of Name and Value says by the one whether the other is a secret.
    let named = args.named("Name").and_then(|name| name.text());
    let value_is_secret = named.is_some_and(|name| masking.hides(name.trim()));
    args.map(|arg| argument(arg, value_is_secret, masking))
        .collect()
}

/// The XML of a vendor's method, whose content no schema describes, and whether bytes of it are no text.
#[must_use]
pub fn xml(message: cwmp::Element<'_>, masking: Masking) -> (String, bool) {
    let masked = masking.body(message.raw());
    let (text, lossy) = escape::lossy(&masked);
    (text.into_owned(), lossy)
}

fn argument(arg: cwmp::Arg<'_>, value_is_secret: bool, masking: Masking) -> Argument {
    let is_secret = masking.hides(arg.name()) || (value_is_secret && arg.name() == "Value");
    let (content, lossy) = if is_secret && !arg.element().content().is_empty() {
        (Content::Value(MASKED.to_owned()), false)
    } else {
        content(arg, masking)
    };
    Argument {
        name: arg.name().to_owned(),
        content,
        xsi_type: arg.xsi_type().map(std::borrow::Cow::into_owned),
        lossy,
    }
}

fn content(arg: cwmp::Arg<'_>, masking: Masking) -> (Content, bool) {
    match arg.value() {
        cwmp::Value::Scalar(text) => {
            let raw = arg.element().content();
            if std::str::from_utf8(raw).is_ok() {
                return (Content::Value(masking.text(&text).into_owned()), false);
            }
            let masked = masking.bytes(raw);
            (Content::Value(escape::lossy(&masked).0.into_owned()), true)
        }
        cwmp::Value::Struct(members) => (Content::Members(arguments(members, masking)), false),
        cwmp::Value::Array(items) => (Content::Items(arguments(items, masking)), false),
        cwmp::Value::Mixed(element) => {
            let masked = masking.body(element.content());
            let (text, lossy) = escape::lossy(&masked);
            (Content::Value(text.into_owned()), lossy)
        }
    }
}
