//! The part of JSON Schema (draft 2020-12) that `docs/schemas` uses. A keyword that is not known here fails, and so does
//! a key that a schema does not name: what a reader of the schema does not hear of must not be in the output.

use serde_json::{Map, Value};

/// Everything in which a value departs from a schema.
pub fn departures(schema: &Value, value: &Value) -> Vec<String> {
    let mut check = Check {
        root: schema,
        found: Vec::new(),
    };
    check.value(schema, value, "");
    check.found
}

struct Check<'a> {
    root: &'a Value,
    found: Vec<String>,
}

impl<'a> Check<'a> {
    fn value(&mut self, schema: &Value, value: &Value, at: &str) {
        let schema = schema.as_object().expect("a schema is an object");
        for (keyword, argument) in schema {
            match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" | "properties" => {}
                "$ref" => self.value(self.referred(argument), value, at),
                "type" => self.expect(is_of_type(argument, value), at, "type", value),
                "const" => self.expect(argument == value, at, "const", value),
                "enum" => self.expect(list(argument).contains(value), at, "enum", value),
                "minimum" => self.expect(
                    number(value) >= number(argument) || !value.is_number(),
                    at,
                    "minimum",
                    value,
                ),
                "maximum" => self.expect(
                    number(value) <= number(argument) || !value.is_number(),
                    at,
                    "maximum",
                    value,
                ),
                "minItems" => self.expect(length(value) >= number(argument), at, "minItems", value),
                "maxItems" => self.expect(length(value) <= number(argument), at, "maxItems", value),
                "pattern" => self.expect(matches_time(argument, value), at, "pattern", value),
                "required" => self.required(argument, value, at),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(argument, item, &format!("{at}/{index}"));
                    }
                }
                // Keys that it does not name fail whether it says so or not.
                "additionalProperties" if argument == false => {}
                "additionalProperties" => {
                    for (key, member) in value.as_object().into_iter().flatten() {
                        self.value(argument, member, &format!("{at}/{key}"));
                    }
                }
                "oneOf" => {
                    let fitting = list(argument).iter().filter(|one| self.fits(one, value));
                    let count = fitting.count();
                    self.expect(count == 1, at, "oneOf", value);
                }
                other => panic!("the keyword {other} is not known to this test"),
            }
        }
        self.members(schema, value, at);
    }

    fn members(&mut self, schema: &Map<String, Value>, value: &Value, at: &str) {
        let Some(properties) = schema.get("properties") else {
            return;
        };
        for (key, member) in value.as_object().into_iter().flatten() {
            let at = format!("{at}/{key}");
            match properties.get(key) {
                Some(schema) => self.value(schema, member, &at),
                None => self
                    .found
                    .push(format!("{at}: the schema does not name it")),
            }
        }
    }

    fn required(&mut self, keys: &Value, value: &Value, at: &str) {
        let Some(object) = value.as_object() else {
            return;
        };
        for key in list(keys).iter().filter_map(Value::as_str) {
            if !object.contains_key(key) {
                self.found.push(format!("{at}/{key}: is missing"));
            }
        }
    }

    fn fits(&self, schema: &Value, value: &Value) -> bool {
        let mut check = Check {
            root: self.root,
            found: Vec::new(),
        };
        check.value(schema, value, "");
        check.found.is_empty()
    }

    fn referred(&self, reference: &Value) -> &'a Value {
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
        let found = pointer.and_then(|pointer| self.root.pointer(pointer));
        found.expect("a reference points into its own schema")
    }

    fn expect(&mut self, holds: bool, at: &str, keyword: &str, value: &Value) {
        if !holds {
            self.found.push(format!("{at}: {keyword}: {value}"));
        }
    }
}

fn is_of_type(names: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} is not known to this test"),
    };
    match names {
        Value::String(name) => is(name),
        names => list(names).iter().filter_map(Value::as_str).any(is),
    }
}

/// The one pattern in use is that of a time; it binds strings alone.
fn matches_time(pattern: &Value, value: &Value) -> bool {
    assert_eq!(
        pattern, "^[0-9-]+T[0-9:.]+Z$",
        "another pattern needs a real matcher"
    );
    let Some(text) = value.as_str() else {
        return true;
    };
    let Some((date, time)) = text.strip_suffix('Z').and_then(|text| text.split_once('T')) else {
        return false;
    };
    let made_of = |part: &str, others: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|one| one.is_ascii_digit() || others.contains(one))
    };
    made_of(date, "-") && made_of(time, ":.")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn length(value: &Value) -> f64 {
    value
        .as_array()
        .map_or(f64::NAN, |items| items.len() as f64)
}
