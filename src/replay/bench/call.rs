//! The words behind a method's name as its arguments, in the order and with the types of the RPC schema.
//!
//! What is not said takes its empty form. Lists of structures that words cannot say are left to hand-written XML.

use cwmp::schema::{Facets, Field, Method, Shape, Type, Version};
use cwmp::{RpcArg, TypeName};

use super::order::Problem;
use super::words::Word;

/// The arguments of a request.
pub(super) fn arguments(method: &Method, words: &[Word]) -> Result<Vec<RpcArg>, Problem> {
    let fields = method.request.fields;
    if let Some(field) = fields.iter().find(|field| !is_sayable(field)) {
        return Err(Problem::at(
            1,
            format!(
                "{} has a list ({}) that words cannot say: write its XML into a file, and queue `xml FILE`",
                method.name, field.name
            ),
        ));
    }
    let mut given = Given {
        method,
        values: vec![None; fields.len()],
        items: Vec::new(),
    };
    words.iter().try_for_each(|word| given.take(word))?;
    given.finish()
}

/// What has been said of a method's arguments.
struct Given<'w> {
    method: &'w Method,
    /// By the place of the scalar.
    values: Vec<Option<&'w str>>,
    /// Of its list.
    items: Vec<RpcArg>,
}

impl<'w> Given<'w> {
    fn take(&mut self, word: &'w Word) -> Result<(), Problem> {
        let fields = self.method.request.fields;
        if let Some((name, value, column)) = word.split('=')
            && let Some(at) = fields
                .iter()
                .position(|it| is_scalar(it) && it.name == name)
        {
            return self.set(at, word.column, value, column);
        }
        if let Some(list) = fields.iter().find(|field| !is_scalar(field)) {
            let item = item(list, word)?;
            self.items.push(item);
            return Ok(());
        }
        let next = self.values.iter().position(Option::is_none);
        let unnamed = word
            .split('=')
            .is_none_or(|(name, ..)| name.contains(['.', ' ', '/', ':']));
        match next {
            Some(at) if unnamed => self.set(at, word.column, &word.text, word.column),
            _ => Err(Problem::at(word.column, self.not_one(word))),
        }
    }

    fn not_one(&self, word: &Word) -> String {
        let (name, word) = (self.method.name, word.shown());
        let fields: Vec<&str> = self
            .method
            .request
            .fields
            .iter()
            .map(|it| it.name)
            .collect();
        if fields.is_empty() {
            format!("{word}: {name} has no arguments")
        } else {
            format!(
                "{word} is no argument of {name}: it has {}",
                fields.join(", ")
            )
        }
    }

    fn set(
        &mut self,
        at: usize,
        word_column: usize,
        value: &'w str,
        column: usize,
    ) -> Result<(), Problem> {
        let fields = self.method.request.fields;
        let (Some(field), Some(place)) = (fields.get(at), self.values.get_mut(at)) else {
            return Ok(());
        };
        if place.is_some() {
            return Err(Problem::at(
                word_column,
                format!("{} stands there twice", field.name),
            ));
        }
        fits(field, value).map_err(|what| Problem::at(column, what))?;
        *place = Some(value);
        Ok(())
    }

    fn finish(self) -> Result<Vec<RpcArg>, Problem> {
        let name = self.method.name;
        let mut items = Some(self.items);
        let mut arguments = Vec::new();
        for (field, value) in self.method.request.fields.iter().zip(self.values) {
            let argument = match (&field.shape, value) {
                (Shape::Array(of), _) => {
                    let items = items.take().unwrap_or_default();
                    if items.is_empty() {
                        return Err(Problem::at(1, format!("{name}: {}", example(name))));
                    }
                    RpcArg::array(field.name, item_type(of), items)
                }
                (_, Some(value)) => RpcArg::scalar(field.name, value),
                (_, None) if is_needed(field) => {
                    let what = format!("{name} needs {}: {}", field.name, example(name));
                    return Err(Problem::at(1, what));
                }
                (_, None) => RpcArg::scalar(field.name, empty(field)),
            };
            arguments.push(argument);
        }
        Ok(arguments)
    }
}

/// A scalar, a list of scalars, or one of the two lists that have a short form.
fn is_sayable(field: &Field) -> bool {
    match field.shape {
        Shape::Scalar(_) | Shape::Union(_) => true,
        Shape::Array(item) => is_scalar(item) || SHORT.contains(&item.name),
        _ => false,
    }
}

fn is_scalar(field: &Field) -> bool {
    matches!(field.shape, Shape::Scalar(_) | Shape::Union(_))
}

/// One word of a list.
fn item(list: &Field, word: &Word) -> Result<RpcArg, Problem> {
    let Some(of) = list.item() else {
        return Err(Problem::at(
            word.column,
            format!("{} is no list", list.name),
        ));
    };
    match of.name {
        VALUE => value(word),
        ATTRIBUTES => attributes(of, word),
        name => {
            if word.text.is_empty() {
                return Err(Problem::at(word.column, "a name is empty".to_owned()));
            }
            fits(of, &word.text).map_err(|what| Problem::at(word.column, what))?;
            Ok(RpcArg::scalar(name, &word.text))
        }
    }
}

/// `NAME=VALUE` or `NAME:TYPE=VALUE`.
fn value(word: &Word) -> Result<RpcArg, Problem> {
    let Some((name, value, column)) = word.split('=').filter(|(name, ..)| !name.is_empty()) else {
        let what = "write NAME=VALUE, or NAME:TYPE=VALUE".to_owned();
        return Err(Problem::at(word.column, what));
    };
    let (name, of_type) = name.rsplit_once(':').unwrap_or((name, "string"));
    let Some(check) = TYPES.iter().find(|(known, _)| *known == of_type) else {
        let known: Vec<&str> = TYPES.iter().map(|(name, _)| *name).collect();
        let what = format!("this is no type: use one of {}", known.join(", "));
        let column = word.column.saturating_add(name.chars().count() + 1);
        return Err(Problem::at(column, what));
    };
    if !(check.1)(value) {
        return Err(Problem::at(column, format!("this value is no {of_type}")));
    }
    Ok(RpcArg::structure(
        VALUE,
        vec![
            RpcArg::scalar("Name", name),
            RpcArg::typed("Value", of_type, value),
        ],
    ))
}

/// `NAME=NOTIFICATION`; access lists stay as they are.
fn attributes(of: &Field, word: &Word) -> Result<RpcArg, Problem> {
    let Some((name, notification, column)) = word.split('=').filter(|(name, ..)| !name.is_empty())
    else {
        let what = "write NAME=NOTIFICATION, where 0 is off, 1 passive, 2 active".to_owned();
        return Err(Problem::at(word.column, what));
    };
    let Shape::Struct(members) = of.shape else {
        return Err(Problem::at(word.column, "no such list".to_owned()));
    };
    let wanted = members.iter().find(|member| member.name == "Notification");
    if let Some(field) = wanted {
        fits(field, notification).map_err(|what| Problem::at(column, what))?;
    }
    Ok(RpcArg::structure(
        ATTRIBUTES,
        vec![
            RpcArg::scalar("Name", name),
            RpcArg::scalar("NotificationChange", "true"),
            RpcArg::scalar("Notification", notification),
            RpcArg::scalar("AccessListChange", "false"),
            RpcArg::array("AccessList", TypeName::schema("string"), Vec::new()),
        ],
    ))
}

/// Does a value fit what the schema says? It may be a secret: what is wrong is told without it.
fn fits(field: &Field, value: &str) -> Result<(), String> {
    let name = field.name;
    if let Some(max) = field.max_length()
        && value.chars().count() > max as usize
    {
        return Err(format!("{name} is longer than {max} characters"));
    }
    let words = field.enumeration();
    if !words.is_empty() && !words.contains(&value) {
        return Err(format!("{name} is one of {}", words.join(", ")));
    }
    let kind = field.base_type();
    let is_right = match kind {
        Some(Type::Boolean) => is_boolean(value),
        Some(Type::Int) => value.parse::<i32>().is_ok(),
        Some(Type::UnsignedInt) => value.parse::<u32>().is_ok(),
        _ => true,
    };
    let kind = kind.map_or("value", Type::name);
    if !is_right {
        return Err(format!("{name}: this value is no {kind}"));
    }
    // `ObjectNameType` of the schema.
    if name == "ObjectName" && !value.ends_with('.') {
        return Err("an object's path ends with a dot".to_owned());
    }
    Ok(())
}

/// Nothing sensible stands in its place.
fn is_needed(field: &Field) -> bool {
    let has_pattern = field
        .facets()
        .is_some_and(|it: &Facets| !it.patterns.is_empty());
    has_pattern || field.name == "URL"
}

fn empty(field: &Field) -> &'static str {
    match field.base_type() {
        Some(Type::Boolean) => "false",
        Some(Type::Int | Type::UnsignedInt) => "0",
        // TR-069 Amendment 3 Table 10: the Unknown Time.
        Some(Type::DateTime) => "0001-01-01T00:00:00Z",
        _ => "",
    }
}

/// What `arrayType` calls the items; the version of the device is put in when it is known.
fn item_type(item: &Field) -> TypeName {
    match (item.base_type(), item.named_type) {
        (Some(base), _) => TypeName::schema(base.name()),
        (None, named) => TypeName::cwmp(Version::V1_0, named.unwrap_or(item.name)),
    }
}

fn example(method: &str) -> &'static str {
    let found = EXAMPLES.iter().find(|(name, _)| *name == method);
    found.map_or("give its arguments as NAME=VALUE", |(_, example)| example)
}

fn is_boolean(value: &str) -> bool {
    matches!(value, "true" | "false" | "1" | "0")
}

const VALUE: &str = "ParameterValueStruct";
const ATTRIBUTES: &str = "SetParameterAttributesStruct";
/// Structures that have a short form.
const SHORT: [&str; 2] = [VALUE, ATTRIBUTES];
/// A type of values, and what one looks like.
type Known = (&'static str, fn(&str) -> bool);
/// The types of values (TR-106 Amendment 3 Table 4).
const TYPES: [Known; 9] = [
    ("string", |_| true),
    ("int", |value| value.parse::<i32>().is_ok()),
    ("unsignedInt", |value| value.parse::<u32>().is_ok()),
    ("long", |value| value.parse::<i64>().is_ok()),
    ("unsignedLong", |value| value.parse::<u64>().is_ok()),
    ("boolean", is_boolean),
    ("dateTime", |value| value.contains('T')),
    ("base64", |_| true),
    ("hexBinary", |value| {
        value.len() % 2 == 0 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
    }),
];
const EXAMPLES: [(&str, &str); 8] = [
    (
        "GetParameterValues",
        "name what is wanted, such as Device.DeviceInfo.",
    ),
    (
        "GetParameterAttributes",
        "name what is wanted, such as Device.DeviceInfo.",
    ),
    ("SetParameterValues", "write NAME=VALUE, or NAME:TYPE=VALUE"),
    (
        "SetParameterAttributes",
        "write NAME=NOTIFICATION, where 0 is off, 1 passive, 2 active",
    ),
    (
        "AddObject",
        "name the object, such as Device.NAT.PortMapping.",
    ),
    (
        "DeleteObject",
        "name the instance, such as Device.NAT.PortMapping.1.",
    ),
    (
        "Download",
        "such as Download FileType=\"1 Firmware Upgrade Image\" URL=http://192.0.2.1/image",
    ),
    (
        "Upload",
        "such as Upload FileType=\"3 Vendor Configuration File\" URL=http://192.0.2.1/config",
    ),
];
