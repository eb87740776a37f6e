//! The schema table is what ../shared/spec/rpc_schema.json says, with its corrections.

#[path = "corpus/folder.rs"]
mod folder;

use cwmp::schema::{self, Args, Direction, Facets, Field, METHODS, Requirement, Shape};
use serde_json::{Map, Value, json};

fn specification() -> Option<Value> {
    let path = folder::shared()?.join("spec/rpc_schema.json");
    let text = std::fs::read_to_string(path).ok()?;
    let mut specification: Value = serde_json::from_str(&text).ok()?;
    correct(&mut specification);
    Some(specification)
}

/// Applies what data_corrections.json says of structure: each statement there is repeated here in code.
fn correct(specification: &mut Value) {
    let base = specification["types"]["OpResultStruct"]["fields"].clone();
    let result =
        &mut specification["rpcs"]["AutonomousDUStateChangeComplete"]["request"]["args"][0];
    let Some(own) = result["fields"].as_array().cloned() else {
        panic!("the autonomous result has no fields");
    };
    let mut fields = base.as_array().cloned().unwrap_or_default();
    fields.extend(own);
    result["fields"] = Value::Array(fields);
    let queued = &mut specification["rpcs"]["GetQueuedTransfers"];
    queued["deprecated"] = json!("deprecated since CWMP 1.1 (use GetAllQueuedTransfers)");
    if let Some(response) = queued["response"].as_object_mut() {
        response.remove("by_version");
    }
    for method in ["SetVouchers", "GetOptions"] {
        specification["rpcs"][method]["requirement"] = json!(["C", "C"]);
    }
    let forms = ["InstallOpStruct", "UpdateOpStruct", "UninstallOpStruct"];
    let of_form = |form: &&str| json!([form, specification["types"][form]["fields"]]);
    let forms: Vec<_> = forms.iter().map(of_form).collect();
    specification["rpcs"]["ChangeDUState"]["request"]["args"][0]["forms"] = Value::Array(forms);
}

#[test]
fn every_method_is_as_specified() {
    let Some(specification) = specification() else {
        return;
    };
    let Some(rpcs) = specification["rpcs"].as_object() else {
        panic!("no methods");
    };
    assert_eq!(rpcs.len(), METHODS.len());
    for method in METHODS {
        let theirs = &rpcs[method.name];
        assert_eq!(theirs["since"], method.since.name(), "{}", method.name);
        assert_eq!(theirs["clause"], method.clause);
        assert_eq!(
            theirs.get("deprecated").and_then(Value::as_str),
            method.deprecated,
            "{}",
            method.name
        );
        assert_eq!(theirs["request_direction"], direction(method.direction));
        let requirement: Vec<_> = method
            .requirement
            .iter()
            .map(|asked| requirement(*asked))
            .collect();
        assert_eq!(theirs["requirement"], json!(requirement), "{}", method.name);
        assert_eq!(
            fault_codes(&theirs["fault_codes"]),
            method.fault_codes,
            "{}",
            method.name
        );
        same_args(&theirs["request"], &method.request);
        same_args(&theirs["response"], &method.response);
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Both => "both",
        Direction::ToCpe => "ACS->CPE",
        Direction::ToAcs => "CPE->ACS",
    }
}

fn requirement(requirement: Requirement) -> &'static str {
    match requirement {
        Requirement::Required => "R",
        Requirement::Optional => "O",
        Requirement::Conditional => "C",
    }
}

fn fault_codes(listed: &Value) -> Vec<u16> {
    let lists = match listed {
        Value::Object(sides) => sides.values().collect(),
        list => vec![list],
    };
    let codes = lists.into_iter().filter_map(Value::as_array).flatten();
    let mut codes: Vec<_> = codes
        .filter_map(Value::as_u64)
        .filter_map(|code| u16::try_from(code).ok())
        .collect();
    codes.sort_unstable();
    codes
}

fn same_args(theirs: &Value, ours: &Args) {
    assert_eq!(theirs["element"], ours.element);
    same_fields(&theirs["args"], ours.fields, ours.element);
    let versions = theirs
        .get("by_version")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    assert_eq!(versions.len(), ours.by_version.len(), "{}", ours.element);
    for (version, fields) in ours.by_version {
        same_fields(&versions[version.name()], fields, ours.element);
        assert_eq!(ours.of_version(*version), *fields);
    }
}

fn same_fields(theirs: &Value, ours: &[Field], place: &str) {
    let theirs = theirs.as_array().cloned().unwrap_or_default();
    assert_eq!(theirs.len(), ours.len(), "{place}");
    for (their, our) in theirs.iter().zip(ours) {
        same_field(their, our, &format!("{place}/{}", our.name));
    }
}

fn same_field(theirs: &Value, ours: &Field, place: &str) {
    assert_eq!(theirs["name"], ours.name, "{place}");
    assert_eq!(
        theirs.get("named_type").and_then(Value::as_str),
        ours.named_type,
        "{place}"
    );
    assert_eq!(
        number(theirs, "minOccurs").unwrap_or(1),
        ours.min_occurs,
        "{place}"
    );
    let max = match theirs.get("maxOccurs") {
        None => Some(1),
        Some(Value::String(text)) if text == "unbounded" => None,
        Some(_) => number(theirs, "maxOccurs"),
    };
    assert_eq!(max, ours.max_occurs, "{place}");
    match &ours.shape {
        Shape::Scalar(facets) => same_facets(theirs, facets, place),
        Shape::Union(parts) => {
            let theirs = theirs["union"].as_array().cloned().unwrap_or_default();
            assert_eq!(theirs.len(), parts.len(), "{place}");
            for (their, our) in theirs.iter().zip(*parts) {
                same_facets(their, our, place);
            }
        }
        Shape::Struct(fields) => {
            assert_eq!(theirs["kind"], "struct", "{place}");
            same_fields(&theirs["fields"], fields, place);
        }
        Shape::Array(item) => {
            assert_eq!(theirs["kind"], "array", "{place}");
            assert_eq!(theirs["arrayTypeRequired"], true, "{place}");
            same_field(&theirs["item"], item, place);
        }
        Shape::Choice(forms) => {
            assert_eq!(theirs["abstract"], true, "{place}");
            let theirs = theirs["forms"].as_array().cloned().unwrap_or_default();
            assert_eq!(theirs.len(), forms.len());
            for (their, (name, fields)) in theirs.iter().zip(*forms) {
                assert_eq!(their[0], *name);
                same_fields(&their[1], fields, name);
            }
        }
    }
}

fn same_facets(theirs: &Value, ours: &Facets, place: &str) {
    let mut written = Map::new();
    written.insert("type".to_owned(), json!(ours.base.name()));
    let numbers = [
        ("length", ours.length),
        ("maxLength", ours.max_length),
        ("minInclusive", ours.min_inclusive),
        ("maxInclusive", ours.max_inclusive),
    ];
    for (name, value) in numbers {
        if let Some(value) = value {
            written.insert(name.to_owned(), json!(value));
        }
    }
    for (name, values) in [("enum", ours.enumeration), ("patterns", ours.patterns)] {
        if !values.is_empty() {
            written.insert(name.to_owned(), json!(values));
        }
    }
    let mut theirs = theirs.as_object().cloned().unwrap_or_default();
    for other in [
        "name",
        "named_type",
        "minOccurs",
        "maxOccurs",
        "order",
        "prose",
    ] {
        theirs.remove(other);
    }
    assert_eq!(theirs, written, "{place}");
}

fn number(of: &Value, key: &str) -> Option<u32> {
    match of.get(key)? {
        Value::String(text) => text.parse().ok(),
        value => u32::try_from(value.as_u64()?).ok(),
    }
}

#[test]
fn messages_are_found_by_their_element() {
    for method in METHODS {
        assert_eq!(schema::method(method.name), Some(method));
        assert_eq!(
            schema::message(method.request.element),
            Some(&method.request)
        );
        assert_eq!(
            schema::message(method.response.element),
            Some(&method.response)
        );
        assert_eq!(method.response.element, format!("{}Response", method.name));
    }
    assert_eq!(schema::method("X_00D09E_Beep"), None);
}
