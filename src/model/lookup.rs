//! A model as rules ask it: what is known of a path. Looking up allocates nothing and takes one hash for each node.

use std::sync::Arc;

use super::builder::Builder;
use super::path::is_vendor_path;
use super::tree::{Document, Edition, NodeId, TOP, Tree, Walk};
use super::{Facts, Misfit, ObjectAccess, ObjectFacts, Since, Version};

/// What one or several documents state of the parameters and objects of devices.
///
/// Paths are those of the wire: `Device.IP.Interface.1.Enable`. Where a document writes `{i}`, any instance number, alias
/// in brackets, `*` or `{i}` stands. A document that names instances one by one is followed to the letter.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) tree: Arc<Tree>,
    pub(super) scope: Option<Scope>,
}

/// The part of a tree that one root sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    /// The root's node.
    pub(super) top: NodeId,
    /// The root's document, and its major version where one is chosen.
    pub(super) document: u16,
    pub(super) major: Option<u16>,
}

/// What is known of a path.
#[derive(Debug, Clone, Copy)]
pub enum Found<'m> {
    /// A parameter.
    Parameter(Parameter<'m>),
    /// An object.
    Object(Object<'m>),
    /// Some node begins with `X_`, and no document at hand describes it.
    Vendor,
    /// It stands below `Services.`, in a service that no document at hand describes.
    Service,
    /// No document at hand has it.
    Unknown {
        /// So many bytes of the path are known, the dot behind them included.
        known_bytes: usize,
    },
}

impl Model {
    pub(super) fn of(tree: Tree) -> Self {
        Self {
            tree: Arc::new(tree),
            scope: None,
        }
    }

    /// One model of what several state.
    #[must_use]
    pub fn merge<'a>(models: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut builder = Builder::new();
        for model in models {
            builder.absorb(&model.tree);
        }
        builder.finish()
    }

    /// The documents it was read from.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.tree.documents
    }

    /// The newest version at hand of the root's own document. A device may have a newer one, with names unknown here.
    #[must_use]
    pub fn newest_version(&self) -> Option<Version> {
        let own = self.scope.map_or(0, |scope| scope.document);
        let document = self.tree.documents.get(usize::from(own))?;
        let major = self.scope.and_then(|scope| scope.major);
        let of_major = |version: &&Version| major.is_none_or(|major| version.major == major);
        document.versions.iter().rfind(of_major).copied()
    }

    /// The parameter of a full path.
    #[must_use]
    pub fn parameter(&self, path: &str) -> Option<Parameter<'_>> {
        if path.ends_with('.') {
            return None;
        }
        self.parameter_at(self.known(path)?)
    }

    /// The object or table of a path. The dot at its end may be missing; that it must not is a rule's find.
    #[must_use]
    pub fn object(&self, path: &str) -> Option<Object<'_>> {
        self.object_at(self.known(path)?)
    }

    /// What is known of a path.
    #[must_use]
    pub fn find(&self, path: &str) -> Found<'_> {
        let Walk { root, node, rest } = self.tree.walk(path);
        let inside = self.sees(root);
        if rest.is_empty() && inside {
            if let Some(parameter) = self.parameter(path) {
                return Found::Parameter(parameter);
            }
            if let Some(object) = self.object_at(node) {
                return Found::Object(object);
            }
        }
        if is_vendor_path(path) {
            return Found::Vendor;
        }
        if inside && !rest.is_empty() && self.is_services(node) {
            return Found::Service;
        }
        let known_bytes = if inside { path.len() - rest.len() } else { 0 };
        Found::Unknown { known_bytes }
    }

    /// Every parameter, in the order of the documents.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter<'_>> {
        self.nodes().filter_map(|node| self.parameter_at(node))
    }

    /// Every object, in the order of the documents; of a table, what is stated of its rows.
    pub fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        let nodes = self.nodes();
        let stated = nodes.filter(|node| !self.tree.object(*node).is_empty());
        stated.filter_map(|node| self.object_at(node))
    }

    fn nodes(&self) -> impl Iterator<Item = NodeId> {
        let top = self.scope.map_or(TOP, |scope| scope.top);
        let mut open = vec![top];
        std::iter::from_fn(move || {
            let node = open.pop()?;
            let from = open.len();
            open.extend(self.tree.children(node));
            open.get_mut(from..)?.reverse();
            Some(node)
        })
    }

    fn known(&self, path: &str) -> Option<NodeId> {
        let walk = self.tree.walk(path);
        (walk.rest.is_empty() && self.sees(walk.root)).then_some(walk.node)
    }

    /// Whether a root is looked at.
    pub(super) fn sees(&self, root: NodeId) -> bool {
        match self.scope {
            Some(scope) => root == scope.top,
            None => root != TOP,
        }
    }

    /// Whether a node is the `Services.` of a root.
    fn is_services(&self, node: NodeId) -> bool {
        let tree = &self.tree;
        let above = tree.parent(node).and_then(|parent| tree.parent(parent));
        above == Some(TOP) && tree.name(node) == "Services"
    }

    pub(super) fn parameter_at(&self, node: NodeId) -> Option<Parameter<'_>> {
        let editions = self.in_scope(self.tree.parameter(node));
        let (newest, _) = editions.split_last()?;
        Some(Parameter {
            model: self,
            node,
            newest,
            editions,
        })
    }

    pub(super) fn object_at(&self, node: NodeId) -> Option<Object<'_>> {
        let row = self.tree.instance(node);
        let stated = self.in_scope(self.tree.object(node));
        let (editions, place) = match row {
            Some(row) if stated.is_empty() => (self.in_scope(self.tree.object(row)), Place::Table),
            Some(_) => (stated, Place::Table),
            None if self.tree.is_row(node) => (stated, Place::Row),
            None => (stated, Place::Single),
        };
        let (newest, _) = editions.split_last()?;
        Some(Object {
            model: self,
            node,
            newest,
            editions,
            place,
        })
    }

    /// The editions of the major version that is looked at; they stand together.
    fn in_scope<'m, F>(&self, editions: &'m [Edition<F>]) -> &'m [Edition<F>] {
        let Some((scope, major)) = self.scope.and_then(|scope| Some((scope, scope.major?))) else {
            return editions;
        };
        let other = |edition: &Edition<F>| {
            edition.document == scope.document && edition.from.major != major
        };
        let from = editions.iter().take_while(|edition| other(edition)).count();
        let behind = editions.get(from..).unwrap_or_default();
        let count = behind.iter().take_while(|edition| !other(edition)).count();
        behind.get(..count).unwrap_or_default()
    }
}

/// What is known of one parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter<'m> {
    model: &'m Model,
    node: NodeId,
    newest: &'m Edition<Facts>,
    editions: &'m [Edition<Facts>],
}

impl<'m> Parameter<'m> {
    /// Its last node.
    #[must_use]
    pub fn name(&self) -> &'m str {
        self.model.tree.name(self.node)
    }

    /// Its full path, with `{i}` for instances.
    #[must_use]
    pub fn path(&self) -> String {
        self.model.tree.path(self.node)
    }

    /// What the newest version at hand states.
    #[must_use]
    pub fn newest(&self) -> &'m Facts {
        &self.newest.facts
    }

    /// What is stated, by versions in order; at least one.
    #[must_use]
    pub fn editions(&self) -> &'m [Edition<Facts>] {
        self.editions
    }

    /// What this version states, as far as versions at hand tell.
    #[must_use]
    pub fn at(&self, version: Version) -> &'m Facts {
        &edition_at(self.editions, version)
            .unwrap_or(self.newest)
            .facts
    }

    /// When it came into the model, as the newest major version tells.
    #[must_use]
    pub fn since(&self) -> Since {
        self.newest.since
    }

    /// The document that has it.
    #[must_use]
    pub fn document(&self) -> Option<&'m Document> {
        document(self.model, self.newest)
    }

    /// The object that holds it.
    #[must_use]
    pub fn object(&self) -> Option<Object<'m>> {
        self.model.object_at(self.model.tree.parent(self.node)?)
    }

    /// Whether this model states it.
    #[must_use]
    pub fn is_of(&self, model: &Model) -> bool {
        std::ptr::eq(self.model, model)
    }

    /// Whether every version forbids the ACS to set it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.always(|facts| facts.access.is_read_only())
    }

    /// Whether every version wants it to read as empty, false or 0.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.always(|facts| facts.hidden)
    }

    /// Whether any version treats its value as a secret.
    #[must_use]
    pub fn may_be_secret(&self) -> bool {
        let secret = |edition: &Edition<Facts>| edition.facts.hidden || edition.facts.secured;
        self.editions.iter().any(secret)
    }

    /// Whether every version states this.
    pub fn always(&self, states: impl Fn(&Facts) -> bool) -> bool {
        self.editions.iter().all(|edition| states(&edition.facts))
    }

    /// How a value fits no version at all; told is what the newest objects to.
    #[must_use]
    pub fn misfit(&self, value: &str) -> Option<Misfit> {
        let misfit = self.newest().syntax.misfit(value)?;
        let fits = |edition: &Edition<Facts>| edition.facts.syntax.misfit(value).is_none();
        (!self.editions.iter().any(fits)).then_some(misfit)
    }
}

/// What is known of one object or table.
#[derive(Debug, Clone, Copy)]
pub struct Object<'m> {
    model: &'m Model,
    node: NodeId,
    newest: &'m Edition<ObjectFacts>,
    editions: &'m [Edition<ObjectFacts>],
    place: Place,
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An object that is there once.
    Single,
    /// A table, to whose path AddObject adds a number.
    Table,
    /// A row of a table.
    Row,
}

impl<'m> Object<'m> {
    /// What it is.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Its path, with `{i}` for instances and a dot at its end.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = self.model.tree.path(self.node);
        path.push('.');
        path
    }

    /// What the newest version at hand states; of a table, what holds for its rows.
    #[must_use]
    pub fn newest(&self) -> &'m ObjectFacts {
        &self.newest.facts
    }

    /// What is stated, by versions in order; at least one.
    #[must_use]
    pub fn editions(&self) -> &'m [Edition<ObjectFacts>] {
        self.editions
    }

    /// What this version states, as far as versions at hand tell.
    #[must_use]
    pub fn at(&self, version: Version) -> &'m ObjectFacts {
        &edition_at(self.editions, version)
            .unwrap_or(self.newest)
            .facts
    }

    /// When it came into the model, as the newest major version tells.
    #[must_use]
    pub fn since(&self) -> Since {
        self.newest.since
    }

    /// The document that has it.
    #[must_use]
    pub fn document(&self) -> Option<&'m Document> {
        document(self.model, self.newest)
    }

    /// Whether every version forbids this.
    pub fn always(&self, states: impl Fn(&ObjectFacts) -> bool) -> bool {
        self.editions.iter().all(|edition| states(&edition.facts))
    }

    /// Whether every version forbids AddObject.
    #[must_use]
    pub fn forbids_add(&self) -> bool {
        self.place != Place::Table || self.always(|facts| ObjectAccess::forbids_add(facts.access))
    }

    /// Whether every version forbids DeleteObject.
    #[must_use]
    pub fn forbids_delete(&self) -> bool {
        self.place != Place::Row || self.always(|facts| ObjectAccess::forbids_delete(facts.access))
    }

    /// The parameter that counts the rows.
    #[must_use]
    pub fn number_of_entries(&self) -> Option<Parameter<'m>> {
        let name = self.newest.facts.number_of_entries.as_deref()?;
        let table = match self.place {
            Place::Row => self.model.tree.parent(self.node)?,
            _ => self.node,
        };
        let holder = self.model.tree.parent(table)?;
        let node = self.model.tree.step(holder, name)?;
        self.model.parameter_at(node)
    }

    /// The parameters that it holds, in the order of the documents; a table holds none.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter<'m>> {
        let model = self.model;
        let children = model.tree.children(self.node);
        children.filter_map(|child| model.parameter_at(child))
    }

    /// The objects that it holds, in the order of the documents; a table holds none.
    pub fn objects(&self) -> impl Iterator<Item = Object<'m>> {
        let model = self.model;
        let inside = if self.place == Place::Table {
            None
        } else {
            Some(self.node)
        };
        let children = inside
            .into_iter()
            .flat_map(|node| model.tree.children(node));
        children.filter_map(|child| model.object_at(child))
    }
}

fn edition_at<F>(editions: &[Edition<F>], version: Version) -> Option<&Edition<F>> {
    let until = editions
        .iter()
        .rev()
        .find(|edition| edition.from <= version);
    until.or_else(|| editions.first())
}

fn document<'m, F>(model: &'m Model, edition: &Edition<F>) -> Option<&'m Document> {
    model.tree.documents.get(usize::from(edition.document))
}
