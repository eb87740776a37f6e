//! Models of Broadband Forum XML with their components in their places, and what is changed later changed
//! (TR-106 Annex A: `component ref`, `object base`, `parameter base`, `model base`).

use std::collections::HashMap;
use std::sync::Arc;

use super::super::builder::{Builder, Place};
use super::super::{
    Access, ActiveNotification, Facts, ForcedInform, ObjectAccess, ObjectFacts, Since, Version,
};
use super::error::{LoadError, Problem};
use super::library::{Library, Spot};
use super::limits::{NAMES_MAX, NESTING_MAX, PATH_BYTES_MAX, STEPS_MAX};
use super::syntax;

/// How much may still be done.
#[derive(Debug)]
pub(super) struct Budget {
    steps: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { steps: STEPS_MAX }
    }

    pub(super) fn spend(
        &mut self,
        steps: usize,
        library: &Library,
        spot: Spot,
    ) -> Result<(), LoadError> {
        self.steps = self.steps.checked_sub(steps).ok_or_else(|| {
            let what = "elements and values, components and types put in their places,";
            let max = STEPS_MAX;
            let problem = Problem::TooMany { what, max };
            library.xml(spot).problem(spot.element, problem)
        })?;
        Ok(())
    }
}

/// A model with everything in its place.
pub(super) struct Expansion<'l> {
    library: &'l Library,
    budget: &'l mut Budget,
    names: Vec<(String, Stated)>,
    index: HashMap<String, usize>,
}

/// What is stated of a name, and the version that is told to have brought it.
enum Stated {
    Parameter(Facts, Option<Version>),
    Object(ObjectFacts, Option<Version>),
}

/// Where an element stands: below which path, in whose version, how deep in components.
#[derive(Clone, Copy)]
struct Context<'p> {
    path: &'p str,
    version: Option<Version>,
    depth: usize,
}

impl<'l> Expansion<'l> {
    pub(super) fn of(
        library: &'l Library,
        model: Spot,
        budget: &'l mut Budget,
    ) -> Result<Self, LoadError> {
        let mut expansion = Self {
            library,
            budget,
            names: Vec::new(),
            index: HashMap::new(),
        };
        let mut bases = vec![model];
        while let Some(spot) = bases.last().copied() {
            let xml = library.xml(spot);
            let Some(base) = xml.attribute(spot.element, "base") else {
                break;
            };
            let base = library.resolve(spot, "model", base)?;
            if bases.len() > NESTING_MAX {
                return Err(expansion.too_deep(spot, "models made of models"));
            }
            bases.push(base);
        }
        let top = Context {
            path: "",
            version: None,
            depth: 0,
        };
        for spot in bases.into_iter().rev() {
            expansion.children(spot, top)?;
        }
        Ok(expansion)
    }

    fn too_deep(&self, spot: Spot, what: &'static str) -> LoadError {
        let max = NESTING_MAX;
        let problem = Problem::TooMany { what, max };
        self.library.xml(spot).problem(spot.element, problem)
    }

    fn children(&mut self, spot: Spot, context: Context<'_>) -> Result<(), LoadError> {
        let library = self.library;
        let xml = library.xml(spot);
        for element in xml.children(spot.element).iter().copied() {
            let child = Spot { element, ..spot };
            self.budget.spend(1, library, child)?;
            match xml.name(element) {
                "parameter" => self.parameter(child, context)?,
                "object" => self.object(child, context)?,
                "component" => self.component(child, context)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn component(&mut self, spot: Spot, context: Context<'_>) -> Result<(), LoadError> {
        let xml = self.library.xml(spot);
        let Some(name) = xml.attribute(spot.element, "ref") else {
            return Ok(());
        };
        if context.depth >= NESTING_MAX {
            return Err(self.too_deep(spot, "components within components"));
        }
        let version = self.version(spot).or(context.version);
        let path = xml.attribute(spot.element, "path").unwrap_or_default();
        let path = self.joined(spot, context.path, path)?;
        let component = self.library.resolve(spot, "component", name)?;
        let inside = Context {
            path: &path,
            version,
            depth: context.depth + 1,
        };
        self.children(component, inside)
    }

    fn object(&mut self, spot: Spot, context: Context<'_>) -> Result<(), LoadError> {
        let library = self.library;
        let xml = library.xml(spot);
        let name = xml.attribute(spot.element, "name");
        let name = name.or_else(|| xml.attribute(spot.element, "base"));
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| self.nameless(spot))?;
        let path = self.joined(spot, context.path, name)?;
        let told = self.version(spot).max(context.version);
        let version = match self.known(&path) {
            Some(Stated::Object(facts, since)) => {
                change_object(library, spot, facts)?;
                *since
            }
            _ => {
                let mut facts = ObjectFacts::default();
                change_object(library, spot, &mut facts)?;
                self.put(spot, path.clone(), Stated::Object(facts, told))?;
                told
            }
        };
        let inside = Context {
            path: &path,
            version: told.or(version),
            ..context
        };
        self.children(spot, inside)
    }

    fn parameter(&mut self, spot: Spot, context: Context<'_>) -> Result<(), LoadError> {
        let library = self.library;
        let xml = library.xml(spot);
        let name = xml.attribute(spot.element, "name");
        let name = name.or_else(|| xml.attribute(spot.element, "base"));
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| self.nameless(spot))?;
        let path = self.joined(spot, context.path, name)?;
        let told = self.version(spot).max(context.version);
        let known = self.index.get(&path).copied();
        let before = known.and_then(|at| self.names.get_mut(at));
        let (mut facts, since) = match before {
            Some((_, Stated::Parameter(facts, since))) => (std::mem::take(facts), *since),
            _ => (Facts::default(), told),
        };
        change_parameter(library, spot, &mut facts)?;
        let children = xml.children(spot.element).len();
        self.budget.spend(children, library, spot)?;
        if let Some(element) = xml.child(spot.element, "syntax") {
            let spot = Spot { element, ..spot };
            syntax::read(library, spot, &mut facts, known.is_some(), self.budget)?;
        }
        self.put(spot, path, Stated::Parameter(facts, since))
    }

    fn nameless(&self, spot: Spot) -> LoadError {
        let xml = self.library.xml(spot);
        let lacks = Problem::Lacks {
            element: xml.name(spot.element).to_owned(),
            lacks: "`name` or `base`",
        };
        xml.problem(spot.element, lacks)
    }

    /// A name below a path.
    fn joined(&self, spot: Spot, path: &str, name: &str) -> Result<String, LoadError> {
        if path.len() + name.len() > PATH_BYTES_MAX {
            let max = PATH_BYTES_MAX;
            let problem = Problem::PathTooLong { max };
            return Err(self.library.xml(spot).problem(spot.element, problem));
        }
        let dot = if path.is_empty() || path.ends_with('.') {
            ""
        } else {
            "."
        };
        Ok(format!("{path}{dot}{name}"))
    }

    fn version(&self, spot: Spot) -> Option<Version> {
        let version = self.library.xml(spot).attribute(spot.element, "version");
        version.and_then(Version::parse)
    }

    fn known(&mut self, path: &str) -> Option<&mut Stated> {
        let at = self.index.get(path).copied()?;
        self.names.get_mut(at).map(|(_, stated)| stated)
    }

    fn put(&mut self, spot: Spot, path: String, stated: Stated) -> Result<(), LoadError> {
        if let Some(known) = self.known(&path) {
            *known = stated;
            return Ok(());
        }
        if self.names.len() >= NAMES_MAX {
            let problem = Problem::TooMany {
                what: "names",
                max: NAMES_MAX,
            };
            return Err(self.library.xml(spot).problem(spot.element, problem));
        }
        self.index.insert(path.clone(), self.names.len());
        self.names.push((path, stated));
        Ok(())
    }

    /// Puts what was stated below paths of a model, in a version of its document.
    pub(super) fn build(
        self,
        builder: &mut Builder,
        above: &[&str],
        document: u16,
        version: Version,
    ) {
        for (path, stated) in self.names {
            let told = match &stated {
                Stated::Parameter(_, told) | Stated::Object(_, told) => *told,
            };
            let place = Place {
                document,
                version,
                since: since(told, version),
            };
            match stated {
                Stated::Parameter(facts, _) => {
                    let facts = Arc::new(facts);
                    for above in above {
                        let node = builder.node(&format!("{above}{path}"));
                        builder.parameter(node, place, &facts);
                    }
                }
                Stated::Object(facts, _) => {
                    let facts = Arc::new(facts);
                    for above in above {
                        let node = builder.node(&format!("{above}{path}"));
                        builder.object(node, place, &facts);
                    }
                }
            }
        }
    }
}

/// A version that is told is exact; one of an older model means that the name was there from the beginning.
fn since(told: Option<Version>, version: Version) -> Since {
    match told {
        Some(told) if told.major == version.major => Since {
            first: told,
            absent: told.before(),
        },
        Some(told) if told < version => Since {
            first: Version::new(version.major, 0),
            absent: None,
        },
        _ => Since {
            first: version,
            absent: None,
        },
    }
}

fn change_object(library: &Library, spot: Spot, facts: &mut ObjectFacts) -> Result<(), LoadError> {
    let xml = library.xml(spot);
    let attribute = |name| xml.attribute(spot.element, name);
    if let Some(access) = attribute("access") {
        facts.access = match access {
            "readOnly" => ObjectAccess::ReadOnly,
            "readWrite" | "createDelete" => ObjectAccess::CreateDelete,
            "create" => ObjectAccess::Create,
            "delete" => ObjectAccess::Delete,
            other => {
                let known = "`readOnly`, `readWrite`, `create`, `delete` or `createDelete`";
                return Err(syntax::unknown(xml, spot, other, known));
            }
        };
    }
    if attribute("minEntries").is_some() {
        facts.min_entries = syntax::count(xml, spot, "minEntries")?;
    }
    if attribute("maxEntries").is_some() {
        facts.max_entries = syntax::count(xml, spot, "maxEntries")?;
    }
    if let Some(name) = attribute("numEntriesParameter") {
        facts.number_of_entries = Some(name.into());
    }
    if let Some(name) = attribute("enableParameter") {
        facts.enable = Some(name.into());
    }
    if attribute("status").is_some() {
        facts.status = syntax::status(xml, spot)?;
    }
    Ok(())
}

fn change_parameter(library: &Library, spot: Spot, facts: &mut Facts) -> Result<(), LoadError> {
    let xml = library.xml(spot);
    let attribute = |name| xml.attribute(spot.element, name);
    if let Some(access) = attribute("access") {
        facts.access = match access {
            "readOnly" => Access::ReadOnly,
            "readWrite" => Access::ReadWrite,
            "writeOnceReadOnly" => Access::WriteOnceReadOnly,
            other => {
                let known = "`readOnly`, `readWrite` or `writeOnceReadOnly`";
                return Err(syntax::unknown(xml, spot, other, known));
            }
        };
    }
    if let Some(forced) = attribute("forcedInform") {
        let forced = syntax::is_true(forced);
        facts.forced_inform = if forced {
            ForcedInform::Yes
        } else {
            ForcedInform::No
        };
    }
    if let Some(active) = attribute("activeNotify") {
        facts.active_notification = match active {
            "normal" => ActiveNotification::Normal,
            "forceEnabled" => ActiveNotification::ForceEnabled,
            "forceDefaultEnabled" => ActiveNotification::ForceDefaultEnabled,
            "canDeny" => ActiveNotification::CanDeny,
            other => {
                let known = "`normal`, `forceEnabled`, `forceDefaultEnabled` or `canDeny`";
                return Err(syntax::unknown(xml, spot, other, known));
            }
        };
    }
    if attribute("status").is_some() {
        facts.status = syntax::status(xml, spot)?;
    }
    Ok(())
}
