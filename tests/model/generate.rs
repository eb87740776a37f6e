//! The generator of the built-in table, and that the table is fresh.

use std::collections::HashMap;
use std::fmt::{Display, Write as _};
use std::fs;
use std::path::{Path, PathBuf};

use informant::model::{
    Access, ActiveNotification, DefaultKind, Edition, Facts, ForcedInform, Model, ObjectAccess,
    ObjectFacts, Range, Reference, Size, Status, Syntax, Target, Version, load,
};

use crate::corrections;
use crate::support::shared;

/// The files that the table is made of: whole models, in order of their versions.
pub const SOURCES: [&str; 13] = [
    "tr-069-1-0-0-full.xml",
    "tr-098-1-0-0-full.xml",
    "tr-106-1-0-0-full.xml",
    "tr-106-1-1-0-full.xml",
    "tr-106-1-2-0-full.xml",
    "tr-143-1-0-2-full.xml",
    "tr-098-1-8-0-full.xml",
    "tr-181-1-7-0-full.xml",
    "tr-181-2-11-0-full.xml",
    "tr-181-2-17-0-cwmp-full.xml",
    "tr-104-1-0-0-full.xml",
    "tr-104-1-1-0-full.xml",
    "tr-104-2-0-2-cwmp-full.xml",
];

/// A model file of a folder, its imports beside it.
pub fn loaded(folder: &Path, file: &str) -> Model {
    let bytes = fs::read(folder.join(file)).expect("the file is readable");
    let mut sibling = |name: &str| fs::read(folder.join(name)).ok();
    match load(file, &bytes, &mut sibling) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    }
}

/// The older models that TR-143 Amendment 1 adds to, and below which root: no file has them whole.
const EXTENDED: [[&str; 3]; 2] = [
    [
        "tr-098-1-8-0-full.xml",
        "InternetGatewayDevice:1.14",
        "InternetGatewayDevice.",
    ],
    ["tr-181-1-7-0-full.xml", "Device:1.14", "Device."],
];

fn extended(folder: &Path, file: &str, model: &str, root: &str) -> Model {
    let parts = [
        "CapabilitiesDiffs",
        "DownloadDiagnosticsDiffs",
        "DownloadDiagnostics_LegacyDiffs",
        "UploadDiagnosticsDiffs",
        "UploadDiagnostics_LegacyDiffs",
        "UDPEchoDiagnostics",
        "ServerSelectionDiagnostics",
    ];
    let imports = parts
        .map(|part| format!("<component name=\"{part}\"/>"))
        .concat();
    let places = parts
        .map(|part| format!("<component ref=\"{part}\" path=\"{root}\"/>"))
        .concat();
    let text = format!(
        "<dm:document xmlns:dm=\"urn:broadband-forum-org:cwmp:datamodel-1-5\">\
         <import file=\"{file}\"><model name=\"Older\" ref=\"{model}\"/></import>\
         <import file=\"tr-143-1-1-0.xml\">{imports}</import>\
         <model name=\"{model}\" base=\"Older\">{places}</model></dm:document>"
    );
    let mut sibling = |name: &str| {
        // The types have a newer file.
        let types = name == "tr-106-1-0-types.xml";
        fs::read(folder.join(if types { "tr-106-types.xml" } else { name })).ok()
    };
    match load("extended.xml", text.as_bytes(), &mut sibling) {
        Ok(model) => model,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_table_is_what_its_sources_say() {
    let Some(folder) = shared("spec/datamodels") else {
        return;
    };
    let mut models: Vec<Model> = SOURCES.iter().map(|file| loaded(&folder, file)).collect();
    models.extend(EXTENDED.map(|[file, model, root]| extended(&folder, file, model, root)));
    let written = Writer::default().written(&Model::merge(&models));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/model/standard/table.txt");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &written).expect("the table is writable");
    }
    let kept = fs::read_to_string(&path).expect("the table is readable");
    assert!(
        kept == written,
        "the table is stale: BLESS=1 cargo test --test model"
    );
}

#[test]
fn the_table_stays_small() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model/standard/table.txt");
    let bytes = fs::metadata(path).expect("the table is there").len();
    assert!(bytes > 100_000 && bytes < 600_000, "{bytes}");
}

#[derive(Default)]
struct Writer {
    facts: Lines,
    object_facts: Lines,
    nodes: Vec<Node>,
}

/// Lines that are written once and told by their number.
#[derive(Default)]
struct Lines {
    numbers: HashMap<String, usize>,
    text: String,
}

impl Lines {
    fn number(&mut self, kind: char, line: String) -> usize {
        let next = self.numbers.len();
        if let Some(known) = self.numbers.get(&line) {
            return *known;
        }
        writeln!(self.text, "{kind}{line}").expect("a String takes everything");
        self.numbers.insert(line, next);
        next
    }
}

#[derive(Default)]
struct Node {
    name: String,
    children: Vec<usize>,
    /// The document that states something of it, and what.
    document: String,
    editions: String,
}

impl Writer {
    fn written(mut self, model: &Model) -> String {
        self.nodes.push(Node::default());
        for object in model.objects() {
            let path = object.path();
            let document = object.document().expect("every object has a document");
            let node = self.node(path.trim_end_matches('.'), &document.name);
            for edition in object.editions() {
                let facts = self.object_facts.number('O', object_line(&edition.facts));
                self.state(node, 'o', facts, edition, &document.versions);
            }
            for parameter in object.parameters() {
                let path = parameter.path();
                let document = parameter
                    .document()
                    .expect("every parameter has a document");
                let node = self.node(&path, &document.name);
                for edition in parameter.editions() {
                    let facts = corrections::corrected(&path, edition);
                    let facts = self.facts.number('F', facts_line(&facts));
                    self.state(node, 'p', facts, edition, &document.versions);
                }
            }
        }
        self.documents(model)
    }

    fn node(&mut self, path: &str, document: &str) -> usize {
        let node = path.split('.').fold(0, |at, name| self.child(at, name));
        document.clone_into(&mut self.nodes[node].document);
        node
    }

    fn child(&mut self, at: usize, name: &str) -> usize {
        let children = &self.nodes[at].children;
        if let Some(known) = children
            .iter()
            .find(|child| self.nodes[**child].name == name)
        {
            return *known;
        }
        let child = self.nodes.len();
        self.nodes.push(Node {
            name: name.to_owned(),
            ..Node::default()
        });
        self.nodes[at].children.push(child);
        child
    }

    fn state<F>(
        &mut self,
        node: usize,
        kind: char,
        facts: usize,
        edition: &Edition<F>,
        versions: &[Version],
    ) {
        let (from, since) = (edition.from, edition.since);
        let editions = &mut self.nodes[node].editions;
        write!(editions, "\t{kind}{facts},{from}").expect("a String takes everything");
        let mut before = versions
            .iter()
            .filter(|version| version.major == from.major && **version < from);
        // What the reader derives by itself is not written.
        if since.first == from && since.absent == before.next_back().copied() {
            return;
        }
        write!(editions, ",{}", since.first).expect("a String takes everything");
        if let Some(absent) = since.absent {
            write!(editions, ",{absent}").expect("a String takes everything");
        }
    }

    fn documents(self, model: &Model) -> String {
        let mut text = HEAD.to_owned();
        text.push_str(&self.facts.text);
        text.push_str(&self.object_facts.text);
        for document in model.documents() {
            let kind = if document.is_service {
                "service"
            } else {
                "root"
            };
            write!(text, "D\t{}\t{kind}", document.name).expect("a String takes everything");
            for version in &document.versions {
                write!(text, "\t{version}").expect("a String takes everything");
            }
            text.push('\n');
            let roots = if document.is_service {
                let gateway = self.nodes[0].children[0];
                let services = self.nodes[gateway].children.iter();
                let mut services = services.filter(|child| self.nodes[**child].name == "Services");
                let services = services.next().expect("gateways have services");
                &self.nodes[*services].children
            } else {
                &self.nodes[0].children
            };
            for root in roots {
                self.lines(*root, 0, &document.name, &mut text);
            }
        }
        text
    }

    /// The lines of a node and those below it, as far as the document states them.
    fn lines(&self, at: usize, depth: u8, document: &str, text: &mut String) -> bool {
        let node = &self.nodes[at];
        let own = node.document == document;
        let length = text.len();
        let editions = if own { node.editions.as_str() } else { "" };
        writeln!(text, "{}{}{editions}", char::from(b'a' + depth), node.name)
            .expect("a String takes everything");
        let children = node.children.iter();
        let below = children.map(|child| self.lines(*child, depth + 1, document, text));
        let states = below.fold(own, |states, child| states | child);
        if !states {
            text.truncate(length);
        }
        states
    }
}

fn object_line(facts: &ObjectFacts) -> String {
    let mut line = String::new();
    put(
        &mut line,
        "a",
        match facts.access {
            ObjectAccess::Unknown => "",
            ObjectAccess::ReadOnly => "r",
            ObjectAccess::Create => "c",
            ObjectAccess::Delete => "d",
            ObjectAccess::CreateDelete => "w",
        },
    );
    put(&mut line, "m", &told(facts.min_entries));
    put(&mut line, "M", &told(facts.max_entries));
    put(
        &mut line,
        "#",
        &escaped(facts.number_of_entries.as_deref().unwrap_or_default()),
    );
    put(
        &mut line,
        "e",
        &escaped(facts.enable.as_deref().unwrap_or_default()),
    );
    put(&mut line, "x", status(facts.status));
    line
}

fn facts_line(facts: &Facts) -> String {
    let mut line = String::new();
    put(
        &mut line,
        "a",
        match facts.access {
            Access::Unknown => "",
            Access::ReadOnly => "r",
            Access::ReadWrite => "w",
            Access::WriteOnceReadOnly => "o",
        },
    );
    for (key, flag) in [
        ("h", facts.hidden),
        ("s", facts.secured),
        ("c", facts.command),
    ] {
        if flag {
            line.push('\t');
            line.push_str(key);
        }
    }
    put(
        &mut line,
        "i",
        match facts.forced_inform {
            ForcedInform::No => "",
            ForcedInform::Yes => "y",
            ForcedInform::DefaultConnection => "d",
        },
    );
    put(
        &mut line,
        "n",
        match facts.active_notification {
            ActiveNotification::Normal => "",
            ActiveNotification::ForceEnabled => "f",
            ActiveNotification::ForceEnabledOnDefaultConnection => "c",
            ActiveNotification::ForceDefaultEnabled => "d",
            ActiveNotification::CanDeny => "n",
        },
    );
    put(&mut line, "x", status(facts.status));
    if let Some(default) = &facts.default {
        let kind = match default.kind {
            DefaultKind::Object => "o",
            DefaultKind::Factory => "f",
            DefaultKind::Implementation => "i",
            DefaultKind::Parameter => "p",
        };
        put(
            &mut line,
            "d",
            &format!("{kind}{}", escaped(&default.value)),
        );
    }
    assert!(facts.mapping.is_none(), "no mapping in a standard");
    syntax_fields(&mut line, &facts.syntax);
    line
}

fn syntax_fields(line: &mut String, syntax: &Syntax) {
    put(line, "t", syntax.base.name());
    put(
        line,
        "y",
        &escaped(syntax.data_type.as_deref().unwrap_or_default()),
    );
    if let Some(list) = &syntax.list {
        let nested = if list.nested { "n" } else { "" };
        let (min, max) = (told(list.items_min), told(list.items_max));
        put(line, "l", &format!("{min},{max}{nested}"));
        for one in &list.sizes {
            put(line, "L", &size(one));
        }
    }
    for one in &syntax.sizes {
        put(line, "z", &size(one));
    }
    for Range { min, max, step } in &syntax.ranges {
        put(
            line,
            "r",
            &format!("{},{},{}", told(*min), told(*max), told(*step)),
        );
    }
    for one in &syntax.enumeration {
        let read_only = if one.read_only { "r" } else { "" };
        let optional = if one.optional { "p" } else { "" };
        let (state, since) = (status(one.status), told(one.since));
        let value = escaped(&one.value);
        put(
            line,
            "e",
            &format!("{read_only}{optional}{state},{since},{value}"),
        );
    }
    for pattern in &syntax.patterns {
        line.push_str("\tp");
        line.push_str(&escaped(pattern));
    }
    match &syntax.reference {
        Some(Reference::Path {
            strong,
            parents,
            target,
        }) => {
            let strength = if *strong { "s" } else { "w" };
            let target = match target {
                Target::Any => "a",
                Target::Parameter => "p",
                Target::Object => "o",
                Target::Single => "s",
                Target::Table => "t",
                Target::Row => "r",
            };
            put(
                line,
                "R",
                &format!("{strength}{target}{}", escaped(parents)),
            );
        }
        Some(Reference::Enumeration { parameter }) => put(line, "E", &escaped(parameter)),
        None => {}
    }
}

fn put(line: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        line.push('\t');
        line.push_str(key);
        line.push_str(value);
    }
}

fn told<T: Display>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn size(size: &Size) -> String {
    format!("{},{}", told(size.min), told(size.max))
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Current => "",
        Status::Deprecated => "d",
        Status::Obsoleted => "o",
        Status::Deleted => "x",
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\t', "\\t")
        .replace('\n', "\\n")
}

const HEAD: &str = "\
# Facts of the Broadband Forum's data models; NOTICE has the licence. Written by tests/model.rs from the XML files.
# Fields stand between tabs; \\\\, \\t and \\n stand for what they do elsewhere.
# F, O: facts of a parameter, of an object; told by their numbers, from 0. A letter, then a value:
#   F: a access (r w o), h hidden, s secured, c command, i forced Inform (y; d of the default connection),
#      n active notification (f forced, c forced on the default connection, d on at first, n may be denied),
#      x status (d o x), d default (o f i p, the value), t type, y its name, l list (items min,max; n nested),
#      L size of a list (min,max), z size (min,max), r range (min,max,step),
#      e value (r read-only, p optional, status; version; value), p pattern,
#      R path (s strong, w weak; target a p o s t r; parents), E enumeration of another parameter
#   O: a access (r c d w), m fewest entries, M most entries, # parameter that counts them, e parameter that enables one,
#      x status
# D: a document; its names follow. A letter for the depth, then the name, then editions:
#   p, o: number of the facts, version, version that brought the name, latest version that lacks it
#   Left out: the first is the version itself, the second the version at hand before it.
";
