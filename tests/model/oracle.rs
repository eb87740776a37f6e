//! Every name of every source, read by roxmltree and by other code, and found again through the table with equal facts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use informant::model::{
    Access, ActiveNotification, DefaultKind, Edition, Facts, ForcedInform, List, Model,
    ObjectAccess, ObjectFacts, Range, Reference, Root, Size, Status, Syntax, Target, Version,
    standard,
};
use roxmltree::{Document, Node, ParsingOptions};

use crate::corrections;
use crate::generate::SOURCES;
use crate::support::shared;

#[test]
fn every_name_of_every_source_is_found_with_equal_facts() {
    let Some(folder) = shared("spec/datamodels") else {
        return;
    };
    let (mut parameters, mut objects) = (0, 0);
    for file in SOURCES {
        let text = fs::read_to_string(folder.join(file)).expect("the file is readable");
        let document = parsed(&text);
        for model in document
            .root_element()
            .children()
            .filter(|node| node.has_tag_name("model"))
        {
            let (roots, version) = roots(&model);
            for (root, above) in roots {
                let table = standard(root);
                let (found_parameters, found_objects) =
                    check(file, table, &document, &model, above, version);
                parameters += found_parameters;
                objects += found_objects;
            }
        }
    }
    // So many there are, services below each root.
    assert!(
        parameters > 18_000 && objects > 2_000,
        "{parameters}, {objects}"
    );
}

fn parsed(text: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).expect("the file is XML")
}

/// The roots that have a model, below which path it stands there, and its version.
fn roots(model: &Node<'_, '_>) -> (Vec<(Root, &'static str)>, Version) {
    let title = model.attribute("name").expect("a model has a name");
    let (name, version) = title.split_once(':').expect("and a version");
    let version = Version::parse(version).expect("of two numbers");
    let roots = match (name, version.major) {
        ("InternetGatewayDevice", _) => vec![(Root::InternetGatewayDevice1, "")],
        ("Device", 1) => vec![(Root::Device1, ""), (Root::DeviceUnknown, "")],
        ("Device", _) => vec![(Root::Device2, ""), (Root::DeviceUnknown, "")],
        _ => vec![
            (
                Root::InternetGatewayDevice1,
                "InternetGatewayDevice.Services.",
            ),
            (Root::Device1, "Device.Services."),
            (Root::Device2, "Device.Services."),
            (Root::DeviceUnknown, "Device.Services."),
        ],
    };
    (roots, version)
}

fn check(
    file: &str,
    table: &Model,
    document: &Document<'_>,
    model: &Node<'_, '_>,
    above: &str,
    version: Version,
) -> (usize, usize) {
    let (mut parameters, mut objects) = (0, 0);
    for node in model.children() {
        if node.has_tag_name("parameter") {
            check_parameter(file, table, document, &node, above, version);
            parameters += 1;
        }
        if !node.has_tag_name("object") {
            continue;
        }
        // A few names end in a blank, which is none of theirs.
        let name = node.attribute("name").expect("a name").trim();
        let path = format!("{above}{name}");
        let object = table
            .object(&path)
            .unwrap_or_else(|| panic!("{file}: {path}"));
        let wanted = object_of_xml(&node);
        let told = in_force(object.editions(), version);
        let told: Vec<String> = told
            .map(|edition| object_of_facts(&edition.facts))
            .collect();
        assert!(told.contains(&wanted), "{file}: {path}: {wanted} {told:?}");
        assert!(!object.since().surely_after(version), "{file}: {path}");
        objects += 1;
        for parameter in node
            .children()
            .filter(|node| node.has_tag_name("parameter"))
        {
            check_parameter(file, table, document, &parameter, &path, version);
            parameters += 1;
        }
    }
    (parameters, objects)
}

fn check_parameter(
    file: &str,
    table: &Model,
    document: &Document<'_>,
    node: &Node<'_, '_>,
    above: &str,
    version: Version,
) {
    // A few names end in a blank, which is none of theirs.
    let name = node.attribute("name").expect("a name").trim();
    let path = format!("{above}{name}");
    let numbered = path.replace("{i}", "7");
    let found = table.parameter(&numbered);
    let parameter = found.unwrap_or_else(|| panic!("{file}: {numbered}"));
    assert_eq!(parameter.path(), path);
    let corrected = corrections::concerns(&path);
    let wanted = facts_of_xml(document, node, corrected);
    let told = in_force(parameter.editions(), version);
    let told: Vec<String> = told
        .map(|edition| facts_of_table(&edition.facts, corrected))
        .collect();
    assert!(
        told.contains(&wanted),
        "{file}: {path}:\n{wanted}\n{told:#?}"
    );
    let since = parameter.since();
    assert!(!since.surely_after(version), "{file}: {path}: {since:?}");
    let own = node.attribute("version").and_then(Version::parse);
    if let Some(own) = own.filter(|own| own.major == version.major) {
        let since = in_force(parameter.editions(), version)
            .next()
            .map(|edition| edition.since);
        assert!(
            since.is_some_and(|since| since.first <= own),
            "{file}: {path}"
        );
    }
}

/// What is stated in a version: by it, or by the last before it that differs. Where two files describe one version, either.
fn in_force<F>(editions: &[Edition<F>], version: Version) -> impl Iterator<Item = &Edition<F>> {
    let of_major =
        move |edition: &&Edition<F>| edition.from.major == version.major && edition.from <= version;
    let before = editions.iter().filter(of_major).map(|edition| edition.from);
    let before = before.filter(|from| *from < version).max();
    let stated = editions.iter().filter(of_major);
    stated.filter(move |edition| edition.from == version || Some(edition.from) == before)
}

type Told = BTreeMap<&'static str, String>;

fn line(told: &Told) -> String {
    let mut line = String::new();
    for (key, value) in told {
        write!(line, "{key}={value}; ").expect("a String takes everything");
    }
    line
}

fn object_of_xml(node: &Node<'_, '_>) -> String {
    let mut told = Told::new();
    for key in [
        "access",
        "numEntriesParameter",
        "enableParameter",
        "minEntries",
    ] {
        told.extend(node.attribute(key).map(|value| (key, value.to_owned())));
    }
    let most = node
        .attribute("maxEntries")
        .filter(|most| *most != "unbounded");
    told.extend(most.map(|most| ("maxEntries", most.to_owned())));
    told.insert(
        "status",
        node.attribute("status").unwrap_or("current").to_owned(),
    );
    line(&told)
}

fn object_of_facts(facts: &ObjectFacts) -> String {
    let mut told = Told::new();
    let access = match facts.access {
        ObjectAccess::Unknown => "",
        ObjectAccess::ReadOnly => "readOnly",
        ObjectAccess::Create => "create",
        ObjectAccess::Delete => "delete",
        ObjectAccess::CreateDelete => "readWrite",
    };
    told.extend((!access.is_empty()).then(|| ("access", access.to_owned())));
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    told.extend(text(&facts.number_of_entries).map(|name| ("numEntriesParameter", name)));
    told.extend(text(&facts.enable).map(|name| ("enableParameter", name)));
    told.extend(
        facts
            .min_entries
            .map(|least| ("minEntries", least.to_string())),
    );
    told.extend(
        facts
            .max_entries
            .map(|most| ("maxEntries", most.to_string())),
    );
    told.insert("status", status(facts.status).to_owned());
    line(&told)
}

fn facts_of_xml(document: &Document<'_>, node: &Node<'_, '_>, corrected: bool) -> String {
    let mut told = Told::new();
    told.insert(
        "access",
        node.attribute("access").unwrap_or_default().to_owned(),
    );
    told.insert(
        "status",
        node.attribute("status").unwrap_or("current").to_owned(),
    );
    if !corrected {
        let active = node.attribute("activeNotify").unwrap_or("normal");
        told.insert("active", active.to_owned());
        let forced = node.attribute("forcedInform").unwrap_or("false");
        told.insert("forced", forced.to_owned());
    }
    let syntax = node.children().find(|node| node.has_tag_name("syntax"));
    let syntax = syntax.expect("every parameter of a whole file has a syntax");
    for key in ["hidden", "secured", "command"] {
        told.insert(key, syntax.attribute(key).unwrap_or("false").to_owned());
    }
    let default = syntax.children().find(|node| node.has_tag_name("default"));
    let default = default.filter(|default| default.attribute("status") != Some("deleted"));
    if let Some(default) = default {
        let part = |name| default.attribute(name).unwrap_or_default();
        told.insert("default", format!("{} {}", part("type"), part("value")));
    }
    types_of_xml(document, &syntax, &mut told);
    line(&told)
}

const BASES: [&str; 10] = [
    "string",
    "int",
    "unsignedInt",
    "long",
    "unsignedLong",
    "decimal",
    "boolean",
    "dateTime",
    "base64",
    "hexBinary",
];

/// What a type and the types it is made of say; the nearest counts.
fn types_of_xml(document: &Document<'_>, syntax: &Node<'_, '_>, told: &mut Told) {
    let mut layers = vec![*syntax];
    let named = syntax.children().find(|node| node.has_tag_name("dataType"));
    let mut next = named.and_then(|named| {
        layers.push(named);
        named.attribute("ref").or(named.attribute("base"))
    });
    told.extend(next.map(|name| ("dataType", name.to_owned())));
    while let Some(name) = next {
        let types = document.root_element();
        let mut types = types
            .children()
            .filter(|node| node.has_tag_name("dataType"));
        let defined = types.find(|node| node.attribute("name") == Some(name));
        let defined = defined.expect("every type of a whole file is in it");
        layers.push(defined);
        next = defined.attribute("base");
    }
    for name in [
        "size",
        "range",
        "enumeration",
        "pattern",
        "pathRef",
        "enumerationRef",
    ] {
        let nearest = layers.iter().map(|layer| within(layer, name));
        let nearest = nearest.into_iter().find(|facets| !facets.is_empty());
        let facets: Vec<String> = nearest
            .unwrap_or_default()
            .iter()
            .filter_map(facet)
            .collect();
        if !facets.is_empty() {
            told.insert(name, facets.join(" | "));
        }
    }
    let base = layers.iter().find_map(|layer| {
        let mut children = layer.children().map(|node| node.tag_name().name());
        children.find(|name| BASES.contains(name))
    });
    told.insert("type", base.unwrap_or_default().to_owned());
    list_of_xml(&layers, told);
}

/// The facets of a name that stand in an element, or in the element of a base type within.
fn within<'a, 'i>(layer: &Node<'a, 'i>, name: &str) -> Vec<Node<'a, 'i>> {
    let inner = layer
        .children()
        .filter(|node| BASES.contains(&node.tag_name().name()));
    let all = std::iter::once(*layer).chain(inner);
    let all = all.flat_map(|node| node.children().collect::<Vec<_>>());
    all.filter(|node| node.has_tag_name(name)).collect()
}

fn list_of_xml(layers: &[Node<'_, '_>], told: &mut Told) {
    let lists = layers.iter().filter_map(|layer| {
        let mut children = layer.children();
        children.find(|node| node.has_tag_name("list"))
    });
    let lists: Vec<Node<'_, '_>> = lists.collect();
    let Some(list) = lists.first() else { return };
    let nested = lists.len() > 1
        || lists
            .iter()
            .any(|list| list.has_attribute("nestedBrackets"));
    let part = |name| list.attribute(name).unwrap_or("-");
    let sizes = list.children().filter(|node| node.has_tag_name("size"));
    let sizes: Vec<String> = sizes.filter_map(|size| facet(&size)).collect();
    let (min, max) = (part("minItems"), part("maxItems").replace("unbounded", "-"));
    told.insert(
        "list",
        format!("{min} {max} {nested} {}", sizes.join(" | ")),
    );
}

/// A facet as text; none if it was deleted, an enumeration's value excepted.
fn facet(node: &Node<'_, '_>) -> Option<String> {
    let part = |name| node.attribute(name).unwrap_or("-");
    let status = node.attribute("status").unwrap_or("current");
    let name = node.tag_name().name();
    if status == "deleted" && name != "enumeration" {
        return None;
    }
    Some(match name {
        "size" => format!("{} {}", part("minLength"), part("maxLength")),
        "range" => format!(
            "{} {} {}",
            part("minInclusive"),
            part("maxInclusive"),
            part("step")
        ),
        "pattern" => part("value").to_owned(),
        "enumerationRef" => part("targetParam").to_owned(),
        "pathRef" => {
            let parents: Vec<&str> = node
                .attribute("targetParent")
                .unwrap_or_default()
                .split_whitespace()
                .collect();
            let target = node.attribute("targetType").unwrap_or("any");
            format!("{} {target} {}", part("refType"), parents.join(" "))
        }
        _ => {
            let read_only = node.attribute("access") == Some("readOnly");
            let optional = node.attribute("optional") == Some("true");
            format!(
                "{} {read_only} {optional} {status} {}",
                part("value"),
                part("version")
            )
        }
    })
}

fn facts_of_table(facts: &Facts, corrected: bool) -> String {
    let mut told = Told::new();
    let access = match facts.access {
        Access::Unknown => "",
        Access::ReadOnly => "readOnly",
        Access::ReadWrite => "readWrite",
        Access::WriteOnceReadOnly => "writeOnceReadOnly",
    };
    told.insert("access", access.to_owned());
    told.insert("status", status(facts.status).to_owned());
    if !corrected {
        let active = match facts.active_notification {
            ActiveNotification::Normal => "normal",
            ActiveNotification::ForceEnabled => "forceEnabled",
            ActiveNotification::ForceEnabledOnDefaultConnection => "forceEnabled (default)",
            ActiveNotification::ForceDefaultEnabled => "forceDefaultEnabled",
            ActiveNotification::CanDeny => "canDeny",
        };
        told.insert("active", active.to_owned());
        let forced = facts.forced_inform != ForcedInform::No;
        told.insert("forced", forced.to_string());
    }
    for (key, flag) in [
        ("hidden", facts.hidden),
        ("secured", facts.secured),
        ("command", facts.command),
    ] {
        told.insert(key, flag.to_string());
    }
    if let Some(default) = &facts.default {
        let kind = match default.kind {
            DefaultKind::Object => "object",
            DefaultKind::Factory => "factory",
            DefaultKind::Implementation => "implementation",
            DefaultKind::Parameter => "parameter",
        };
        told.insert("default", format!("{kind} {}", default.value));
    }
    types_of_table(&facts.syntax, &mut told);
    line(&told)
}

fn types_of_table(syntax: &Syntax, told: &mut Told) {
    told.insert("type", syntax.base.name().to_owned());
    let named = syntax.data_type.as_deref();
    told.extend(named.map(|name| ("dataType", name.to_owned())));
    if let Some(List {
        items_min,
        items_max,
        sizes,
        nested,
    }) = &syntax.list
    {
        let sizes: Vec<String> = sizes.iter().map(size).collect();
        let (min, max) = (part(*items_min), part(*items_max));
        told.insert(
            "list",
            format!("{min} {max} {nested} {}", sizes.join(" | ")),
        );
    }
    let range =
        |Range { min, max, step }: &Range| format!("{} {} {}", part(*min), part(*max), part(*step));
    let enumerated = syntax.enumeration.iter().map(|one| {
        let (state, since) = (status(one.status), part(one.since));
        format!(
            "{} {} {} {state} {since}",
            one.value, one.read_only, one.optional
        )
    });
    let all: [(&'static str, Vec<String>); 4] = [
        ("size", syntax.sizes.iter().map(size).collect()),
        ("range", syntax.ranges.iter().map(range).collect()),
        ("enumeration", enumerated.collect()),
        (
            "pattern",
            syntax.patterns.iter().map(ToString::to_string).collect(),
        ),
    ];
    let some = all.into_iter().filter(|(_, facets)| !facets.is_empty());
    told.extend(some.map(|(name, facets)| (name, facets.join(" | "))));
    match &syntax.reference {
        Some(Reference::Path {
            strong,
            parents,
            target,
        }) => {
            let strength = if *strong { "strong" } else { "weak" };
            let target = match target {
                Target::Any => "any",
                Target::Parameter => "parameter",
                Target::Object => "object",
                Target::Single => "single",
                Target::Table => "table",
                Target::Row => "row",
            };
            told.insert("pathRef", format!("{strength} {target} {parents}"));
        }
        Some(Reference::Enumeration { parameter }) => {
            told.insert("enumerationRef", parameter.to_string());
        }
        None => {}
    }
}

fn size(size: &Size) -> String {
    format!("{} {}", part(size.min), part(size.max))
}

fn part<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Current => "current",
        Status::Deprecated => "deprecated",
        Status::Obsoleted => "obsoleted",
        Status::Deleted => "deleted",
    }
}
