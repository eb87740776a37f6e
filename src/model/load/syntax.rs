//! `syntax` and `dataType` of Broadband Forum XML (TR-106 Annex A) as a [`Syntax`].

use super::super::{
    Base, DefaultKind, DefaultValue, Enumerated, Facts, List, Range, Reference, Size, Status,
    Syntax, Target, Version,
};
use super::error::{LoadError, Problem, told};
use super::expand::Budget;
use super::library::{Library, Spot};
use super::limits::NESTING_MAX;
use super::xml::Xml;

/// How facets join those that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    /// A type made of another restricts it: what it names takes the place of what was there.
    Restrict,
    /// A parameter that is changed later gains values.
    Extend,
}

/// Reads a `syntax` element into the facts of a parameter, new or changed.
pub(super) fn read(
    library: &Library,
    spot: Spot,
    facts: &mut Facts,
    is_change: bool,
    budget: &mut Budget,
) -> Result<(), LoadError> {
    let xml = library.xml(spot);
    let flag = |name| xml.attribute(spot.element, name).map(is_true);
    facts.hidden = flag("hidden").unwrap_or(facts.hidden);
    facts.secured = flag("secured").unwrap_or(facts.secured);
    facts.command = flag("command").unwrap_or(facts.command);
    let join = if is_change {
        Join::Extend
    } else {
        Join::Restrict
    };
    let mut types = Types { library, budget };
    for element in xml.children(spot.element).iter().copied() {
        let child = Spot { element, ..spot };
        match xml.name(element) {
            "default" => facts.default = default_value(xml, child),
            "list" => types.list(child, &mut facts.syntax)?,
            "dataType" => types.named(child, &mut facts.syntax, join)?,
            name => {
                if let Some(base) = Base::of_name(name) {
                    facts.syntax.base = base;
                    types.facets(child, &mut facts.syntax, join)?;
                }
            }
        }
    }
    types.budget.spend(cost(&facts.syntax), library, spot)
}

struct Types<'l> {
    library: &'l Library,
    budget: &'l mut Budget,
}

impl Types<'_> {
    /// A type by its name, and what is said beside.
    fn named(&mut self, spot: Spot, syntax: &mut Syntax, join: Join) -> Result<(), LoadError> {
        let xml = self.library.xml(spot);
        let name = xml.attribute(spot.element, "ref");
        let name = name.or_else(|| xml.attribute(spot.element, "base"));
        if let Some(name) = name {
            let own_list = syntax.list.take();
            self.defined(spot, name, syntax)?;
            syntax.data_type = Some(name.into());
            if let Some(mut list) = own_list {
                list.nested |= syntax.list.is_some();
                syntax.list = Some(list);
            }
        }
        self.facets(spot, syntax, join)
    }

    /// A type as it is defined, the types it is made of first.
    fn defined(&mut self, asked: Spot, name: &str, syntax: &mut Syntax) -> Result<(), LoadError> {
        let mut chain = vec![self.library.resolve(asked, "dataType", name)?];
        while let Some(spot) = chain.last().copied() {
            let base = self.library.xml(spot).attribute(spot.element, "base");
            let Some(base) = base else { break };
            if chain.len() > NESTING_MAX {
                let max = NESTING_MAX;
                let what = "types made of types";
                let problem = Problem::TooMany { what, max };
                return Err(self.library.xml(spot).problem(spot.element, problem));
            }
            chain.push(self.library.resolve(spot, "dataType", base)?);
        }
        for spot in chain.into_iter().rev() {
            self.facets(spot, syntax, Join::Restrict)?;
            self.budget.spend(cost(syntax), self.library, spot)?;
        }
        Ok(())
    }

    /// The facets that stand in an element: of a type that is defined, also its base and list.
    fn facets(&mut self, spot: Spot, syntax: &mut Syntax, join: Join) -> Result<(), LoadError> {
        let xml = self.library.xml(spot);
        let mut facets = Facets::default();
        for element in xml.children(spot.element).iter().copied() {
            let child = Spot { element, ..spot };
            match xml.name(element) {
                "list" => self.list(child, syntax)?,
                "size" => facets.sizes.push(size(xml, child)?),
                "range" => facets.ranges.push(range(xml, child)?),
                "pattern" => facets.patterns.push(pattern(xml, child)),
                "enumeration" => facets.enumeration.push(enumerated(xml, child)?),
                "pathRef" => syntax.reference = Some(path_reference(xml, child)),
                "enumerationRef" => syntax.reference = enumeration_reference(xml, child),
                name => {
                    if let Some(base) = Base::of_name(name) {
                        syntax.base = base;
                        self.facets(child, syntax, join)?;
                    }
                }
            }
        }
        let children = xml.children(spot.element).len();
        let compared = match join {
            Join::Restrict => 0,
            Join::Extend => facets.enumeration.len() * syntax.enumeration.len(),
        };
        self.budget.spend(children + compared, self.library, spot)?;
        facets.join(syntax, join);
        Ok(())
    }

    fn list(&mut self, spot: Spot, syntax: &mut Syntax) -> Result<(), LoadError> {
        let xml = self.library.xml(spot);
        let mut list = List {
            items_min: count(xml, spot, "minItems")?,
            items_max: count(xml, spot, "maxItems")?,
            sizes: Vec::new(),
            nested: xml.attribute(spot.element, "nestedBrackets").is_some(),
        };
        for element in xml.children(spot.element).iter().copied() {
            if xml.name(element) == "size" {
                let size = size(xml, Spot { element, ..spot })?;
                list.sizes.extend(size);
            }
        }
        list.nested |= syntax.list.as_ref().is_some_and(|list| list.nested);
        syntax.list = Some(list);
        Ok(())
    }
}

/// What one element adds. An entry without a value was deleted.
#[derive(Default)]
struct Facets {
    sizes: Vec<Option<Size>>,
    ranges: Vec<Range>,
    patterns: Vec<Written>,
    enumeration: Vec<Enumerated>,
}

/// A pattern as it was written.
enum Written {
    Deleted,
    /// It is made of entities, which are not expanded.
    Unreadable,
    Pattern(Box<str>),
}

impl Facets {
    fn join(self, syntax: &mut Syntax, join: Join) {
        if !self.sizes.is_empty() {
            syntax.sizes = self.sizes.into_iter().flatten().collect();
        }
        if !self.ranges.is_empty() {
            syntax.ranges = self.ranges;
        }
        if !self.patterns.is_empty() {
            // One of several that cannot be read leaves open what is allowed.
            let open = self
                .patterns
                .iter()
                .any(|one| matches!(one, Written::Unreadable));
            let patterns = self.patterns.into_iter().filter_map(|one| match one {
                Written::Pattern(pattern) => Some(pattern),
                Written::Deleted | Written::Unreadable => None,
            });
            syntax.patterns = patterns.filter(|_| !open).collect();
        }
        if join == Join::Restrict && !self.enumeration.is_empty() {
            syntax.enumeration = self.enumeration;
            return;
        }
        for one in self.enumeration {
            let known = syntax.enumeration.iter_mut();
            match known.into_iter().find(|known| known.value == one.value) {
                Some(known) => *known = one,
                None => syntax.enumeration.push(one),
            }
        }
    }
}

fn size(xml: &Xml, spot: Spot) -> Result<Option<Size>, LoadError> {
    if status(xml, spot)? == Status::Deleted {
        return Ok(None);
    }
    Ok(Some(Size {
        min: count(xml, spot, "minLength")?,
        max: count(xml, spot, "maxLength")?,
    }))
}

fn range(xml: &Xml, spot: Spot) -> Result<Range, LoadError> {
    Ok(Range {
        min: number(xml, spot, "minInclusive")?,
        max: number(xml, spot, "maxInclusive")?,
        step: number(xml, spot, "step")?,
    })
}

fn pattern(xml: &Xml, spot: Spot) -> Written {
    let deleted = matches!(status(xml, spot), Ok(Status::Deleted));
    match xml.attribute(spot.element, "value") {
        _ if deleted => Written::Deleted,
        Some(value) => Written::Pattern(value.into()),
        None => Written::Unreadable,
    }
}

fn enumerated(xml: &Xml, spot: Spot) -> Result<Enumerated, LoadError> {
    let value = xml.attribute(spot.element, "value");
    let value = value.ok_or_else(|| {
        let element = "enumeration".to_owned();
        let lacks = "a value written out, without entities";
        xml.problem(spot.element, Problem::Lacks { element, lacks })
    })?;
    let since = xml.attribute(spot.element, "version");
    Ok(Enumerated {
        value: value.into(),
        read_only: xml.attribute(spot.element, "access") == Some("readOnly"),
        optional: xml.attribute(spot.element, "optional").is_some_and(is_true),
        status: status(xml, spot)?,
        since: since.and_then(Version::parse),
    })
}

fn path_reference(xml: &Xml, spot: Spot) -> Reference {
    let attribute = |name| xml.attribute(spot.element, name).unwrap_or_default();
    let parents: Vec<&str> = attribute("targetParent").split_whitespace().collect();
    Reference::Path {
        strong: attribute("refType") == "strong",
        parents: parents.join(" ").into(),
        target: match attribute("targetType") {
            "parameter" => Target::Parameter,
            "object" => Target::Object,
            "single" => Target::Single,
            "table" => Target::Table,
            "row" => Target::Row,
            _ => Target::Any,
        },
    }
}

fn enumeration_reference(xml: &Xml, spot: Spot) -> Option<Reference> {
    let parameter = xml.attribute(spot.element, "targetParam")?.trim().into();
    Some(Reference::Enumeration { parameter })
}

fn default_value(xml: &Xml, spot: Spot) -> Option<DefaultValue> {
    if matches!(status(xml, spot), Ok(Status::Deleted)) {
        return None;
    }
    let kind = match xml.attribute(spot.element, "type")? {
        "object" => DefaultKind::Object,
        "factory" => DefaultKind::Factory,
        "implementation" => DefaultKind::Implementation,
        _ => DefaultKind::Parameter,
    };
    let value = xml.attribute(spot.element, "value")?.into();
    Some(DefaultValue { kind, value })
}

/// The `status` of an element.
pub(super) fn status(xml: &Xml, spot: Spot) -> Result<Status, LoadError> {
    match xml.attribute(spot.element, "status") {
        None | Some("current") => Ok(Status::Current),
        Some("deprecated") => Ok(Status::Deprecated),
        Some("obsoleted") => Ok(Status::Obsoleted),
        Some("deleted") => Ok(Status::Deleted),
        Some(other) => Err(unknown(
            xml,
            spot,
            other,
            "`current`, `deprecated`, `obsoleted` or `deleted`",
        )),
    }
}

pub(super) fn unknown(xml: &Xml, spot: Spot, found: &str, known: &'static str) -> LoadError {
    let found = told(found);
    xml.problem(spot.element, Problem::NotKnown { found, known })
}

/// A length or number of items; what is larger than any is the largest.
pub(super) fn count(xml: &Xml, spot: Spot, name: &str) -> Result<Option<u32>, LoadError> {
    if xml.attribute(spot.element, name) == Some("unbounded") {
        return Ok(None);
    }
    let number = number(xml, spot, name)?;
    Ok(number.map(|number| u32::try_from(number.max(0)).unwrap_or(u32::MAX)))
}

fn number(xml: &Xml, spot: Spot, name: &str) -> Result<Option<i128>, LoadError> {
    let Some(text) = xml.attribute(spot.element, name) else {
        return Ok(None);
    };
    let number = text.trim().parse().map(Some);
    number.map_err(|_| xml.problem(spot.element, Problem::NotANumber(told(text))))
}

pub(super) fn is_true(text: &str) -> bool {
    matches!(text.trim(), "true" | "1")
}

/// What copying a syntax costs.
fn cost(syntax: &Syntax) -> usize {
    1 + syntax.enumeration.len() + syntax.patterns.len() + syntax.sizes.len() + syntax.ranges.len()
}
