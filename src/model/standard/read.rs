//! Reads the table of the standard models. The head of the table says how it is written.

use std::str::FromStr;
use std::sync::Arc;

use crate::model::builder::{Builder, Place};
use crate::model::tree::{NodeId, TOP};
use crate::model::{
    Access, ActiveNotification, Base, DefaultKind, DefaultValue, Enumerated, Facts, ForcedInform,
    List, Model, ObjectAccess, ObjectFacts, Range, Reference, Since, Size, Status, Target, Version,
};

/// Reads a table. A line that says nothing known is passed over: a test holds the table against its sources.
pub(super) fn table(text: &str) -> Model {
    let mut table = Table {
        builder: Builder::with_room_for(NODES_ABOUT),
        facts: Vec::new(),
        object_facts: Vec::new(),
        document: 0,
        tops: Vec::new(),
        above: Vec::new(),
    };
    for line in text.lines() {
        let mut fields = line.split('\t');
        let Some(first) = fields.next() else { continue };
        match first {
            "D" => drop(table.document(fields)),
            "F" => table.facts.push(Arc::new(facts(fields))),
            "O" => table.object_facts.push(Arc::new(object_facts(fields))),
            _ => drop(table.node(first, fields)),
        }
    }
    table.builder.finish()
}

struct Table {
    builder: Builder,
    facts: Vec<Arc<Facts>>,
    object_facts: Vec<Arc<ObjectFacts>>,
    document: u16,
    /// Below which the document's names stand: both roots' `Services.`, of a service.
    tops: Vec<NodeId>,
    /// The nodes above the next one, outermost first, each below every top.
    above: Vec<Vec<NodeId>>,
}

impl Table {
    fn document<'t>(&mut self, mut fields: impl Iterator<Item = &'t str>) -> Option<()> {
        let name = fields.next()?;
        let is_service = fields.next()? == "service";
        for version in fields.filter_map(Version::parse) {
            self.document = self.builder.document(name, version, is_service);
        }
        self.tops = if is_service {
            ["InternetGatewayDevice.Services", "Device.Services"]
                .map(|path| self.builder.node(path))
                .to_vec()
        } else {
            vec![TOP]
        };
        self.above.clear();
        Some(())
    }

    fn node<'t>(&mut self, first: &str, editions: impl Iterator<Item = &'t str>) -> Option<()> {
        let depth = first.bytes().next()?.checked_sub(b'a')?;
        let name = first.get(1..)?;
        self.above.truncate(depth.into());
        let parents = self.above.last().unwrap_or(&self.tops);
        let builder = &mut self.builder;
        let nodes: Vec<NodeId> = parents
            .iter()
            .map(|parent| builder.below(*parent, name))
            .collect();
        for edition in editions {
            self.edition(&nodes, edition);
        }
        self.above.push(nodes);
        Some(())
    }

    fn edition(&mut self, nodes: &[NodeId], edition: &str) -> Option<()> {
        let (kind, rest) = edition.split_at_checked(1)?;
        let mut parts = rest.split(',');
        let index: usize = parts.next()?.parse().ok()?;
        let version = Version::parse(parts.next()?)?;
        let first = parts.next().and_then(Version::parse).unwrap_or(version);
        let absent = parts.next().and_then(Version::parse);
        let place = Place {
            document: self.document,
            version,
            since: Since { first, absent },
        };
        for node in nodes {
            // The table has each set of facts once.
            if kind == "p" {
                let facts = Arc::clone(self.facts.get(index)?);
                self.builder.shared_parameter(*node, place, facts);
            } else {
                let facts = Arc::clone(self.object_facts.get(index)?);
                self.builder.shared_object(*node, place, facts);
            }
        }
        Some(())
    }
}

fn facts<'t>(fields: impl Iterator<Item = &'t str>) -> Facts {
    let mut facts = Facts::default();
    for field in fields {
        let Some((key, value)) = field.split_at_checked(1) else {
            continue;
        };
        match key {
            "a" => facts.access = access(value),
            "h" => facts.hidden = true,
            "s" => facts.secured = true,
            "c" => facts.command = true,
            "i" => facts.forced_inform = forced_inform(value),
            "n" => facts.active_notification = active_notification(value),
            "x" => facts.status = status(value),
            "d" => facts.default = default_value(value),
            _ => syntax_field(key, value, &mut facts),
        }
    }
    facts
}

fn syntax_field(key: &str, value: &str, facts: &mut Facts) {
    let syntax = &mut facts.syntax;
    let list = &mut syntax.list;
    match key {
        "t" => syntax.base = Base::of_name(value).unwrap_or_default(),
        "y" => syntax.data_type = Some(plain(value)),
        "l" => *list = Some(list_of(value)),
        "L" => list.get_or_insert_default().sizes.push(size(value)),
        "z" => syntax.sizes.push(size(value)),
        "r" => syntax.ranges.push(range(value)),
        "e" => syntax.enumeration.extend(enumerated(value)),
        "p" => syntax.patterns.push(plain(value)),
        "R" => syntax.reference = path_reference(value),
        "E" => {
            syntax.reference = Some(Reference::Enumeration {
                parameter: plain(value),
            });
        }
        _ => {}
    }
}

fn object_facts<'t>(fields: impl Iterator<Item = &'t str>) -> ObjectFacts {
    let mut facts = ObjectFacts::default();
    for field in fields {
        let Some((key, value)) = field.split_at_checked(1) else {
            continue;
        };
        match key {
            "a" => facts.access = object_access(value),
            "m" => facts.min_entries = value.parse().ok(),
            "M" => facts.max_entries = value.parse().ok(),
            "#" => facts.number_of_entries = Some(plain(value)),
            "e" => facts.enable = Some(plain(value)),
            "x" => facts.status = status(value),
            _ => {}
        }
    }
    facts
}

fn access(value: &str) -> Access {
    match value {
        "r" => Access::ReadOnly,
        "w" => Access::ReadWrite,
        "o" => Access::WriteOnceReadOnly,
        _ => Access::Unknown,
    }
}

fn object_access(value: &str) -> ObjectAccess {
    match value {
        "r" => ObjectAccess::ReadOnly,
        "c" => ObjectAccess::Create,
        "d" => ObjectAccess::Delete,
        "w" => ObjectAccess::CreateDelete,
        _ => ObjectAccess::Unknown,
    }
}

fn forced_inform(value: &str) -> ForcedInform {
    match value {
        "y" => ForcedInform::Yes,
        "d" => ForcedInform::DefaultConnection,
        _ => ForcedInform::No,
    }
}

fn active_notification(value: &str) -> ActiveNotification {
    match value {
        "f" => ActiveNotification::ForceEnabled,
        "c" => ActiveNotification::ForceEnabledOnDefaultConnection,
        "d" => ActiveNotification::ForceDefaultEnabled,
        "n" => ActiveNotification::CanDeny,
        _ => ActiveNotification::Normal,
    }
}

fn status(value: &str) -> Status {
    match value {
        "d" => Status::Deprecated,
        "o" => Status::Obsoleted,
        "x" => Status::Deleted,
        _ => Status::Current,
    }
}

fn default_value(text: &str) -> Option<DefaultValue> {
    let (kind, value) = text.split_at_checked(1)?;
    let kind = match kind {
        "o" => DefaultKind::Object,
        "f" => DefaultKind::Factory,
        "i" => DefaultKind::Implementation,
        _ => DefaultKind::Parameter,
    };
    Some(DefaultValue {
        kind,
        value: plain(value),
    })
}

fn list_of(value: &str) -> List {
    let nested = value.ends_with('n');
    let items = size(value.trim_end_matches('n'));
    List {
        items_min: items.min,
        items_max: items.max,
        sizes: Vec::new(),
        nested,
    }
}

fn size(value: &str) -> Size {
    let mut ends = value.split(',');
    Size {
        min: number(ends.next()),
        max: number(ends.next()),
    }
}

fn range(value: &str) -> Range {
    let mut ends = value.split(',');
    Range {
        min: number(ends.next()),
        max: number(ends.next()),
        step: number(ends.next()),
    }
}

fn number<N: FromStr>(text: Option<&str>) -> Option<N> {
    text?.parse().ok()
}

/// Flags, a version, and the value: `ro,2.14,Complete`.
fn enumerated(text: &str) -> Option<Enumerated> {
    let (flags, rest) = text.split_once(',')?;
    let (since, value) = rest.split_once(',')?;
    let state = flags.trim_start_matches(['r', 'p']);
    Some(Enumerated {
        value: plain(value),
        read_only: flags.contains('r'),
        optional: flags.contains('p'),
        status: status(state),
        since: Version::parse(since),
    })
}

/// Strength, target and parents: `sr.IP.Interface.`.
fn path_reference(text: &str) -> Option<Reference> {
    let (strength, rest) = text.split_at_checked(1)?;
    let (target, parents) = rest.split_at_checked(1)?;
    let target = match target {
        "p" => Target::Parameter,
        "o" => Target::Object,
        "s" => Target::Single,
        "t" => Target::Table,
        "r" => Target::Row,
        _ => Target::Any,
    };
    Some(Reference::Path {
        strong: strength == "s",
        parents: plain(parents),
        target,
    })
}

/// `\t`, `\n` and `\\` as what they stand for.
fn plain(text: &str) -> Box<str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some(other) => other,
                None => '\\',
            },
            _ => character,
        });
    }
    plain.into()
}

/// How many names there are, about; room is made for them at once.
const NODES_ABOUT: usize = 16_000;
