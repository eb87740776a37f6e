//! The values of a message in the order in which its tree shows them, for whoever lets people copy one.

use super::Show;
use crate::report::arguments::{Argument, Content, arguments};
use crate::report::escape;
use crate::session::Message;

/// A value; secrets masked, safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The parameter, or else the argument.
    pub path: String,
    /// What it is.
    pub value: String,
    /// Its path is that of a parameter.
    pub is_parameter: bool,
}

impl Show {
    /// Every value of the message.
    #[must_use]
    pub fn leaves(&self, message: &Message) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        let Some(document) = &message.soap else {
            return leaves;
        };
        let places = self.masking.places(document.text());
        for envelope in document.envelope_refs() {
            let arguments = arguments(envelope.args(), &places);
            arguments.iter().for_each(|one| gather(one, &mut leaves));
        }
        leaves
    }
}

fn gather(argument: &Argument, leaves: &mut Vec<Leaf>) {
    let leaf = |path: &str, value: &str, is_parameter| Leaf {
        path: escape::text(path).into_owned(),
        value: escape::text(value).into_owned(),
        is_parameter,
    };
    match &argument.content {
        Content::Value(value) => leaves.push(leaf(&argument.name, value, false)),
        Content::Items(items) => items.iter().for_each(|item| gather(item, leaves)),
        Content::Members(members) => match members.as_slice() {
            // A row of a table: a parameter, and the rest of what is said of it.
            [name, rest @ ..] if name.name == "Name" => {
                let texts = rest.iter().filter_map(|one| match &one.content {
                    Content::Value(value) => Some(value.as_str()),
                    _ => None,
                });
                let texts: Vec<&str> = texts.collect();
                if let Content::Value(name) = &name.content {
                    leaves.push(leaf(name, &texts.join(" "), true));
                }
            }
            members => members.iter().for_each(|member| gather(member, leaves)),
        },
    }
}
