//! Makes a model of what documents state, in whatever order they do, and joins what several versions state of one name.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::path::Nodes;
use super::tree::{Document, Edition, NodeId, TOP, Tree};
use super::{Facts, Model, ObjectFacts, Since, Version};

/// A model in the making.
#[derive(Debug)]
pub(super) struct Builder {
    tree: Tree,
    parameters: Vec<Vec<Edition<Facts>>>,
    objects: Vec<Vec<Edition<ObjectFacts>>>,
    parameter_facts: Shared<Facts>,
    object_facts: Shared<ObjectFacts>,
}

/// Equal facts, held once.
type Shared<F> = HashMap<Arc<F>, ()>;

/// Where a statement stands: in which version of which document, and since when the name is said to be there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) document: u16,
    pub(super) version: Version,
    pub(super) since: Since,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self::with_room_for(0)
    }

    /// With room for so many names.
    pub(super) fn with_room_for(names: usize) -> Self {
        Self {
            tree: Tree::with_room_for(names),
            parameters: Vec::with_capacity(names),
            objects: Vec::with_capacity(names),
            parameter_facts: Shared::new(),
            object_facts: Shared::new(),
        }
    }

    /// The number of a document, which is at hand in this version.
    pub(super) fn document(&mut self, name: &str, version: Version, is_service: bool) -> u16 {
        let documents = &mut self.tree.documents;
        let known = documents
            .iter()
            .position(|known| *known.name == *name && known.is_service == is_service);
        let index = known.unwrap_or(documents.len());
        if known.is_none() {
            documents.push(Document {
                name: name.into(),
                versions: Vec::new(),
                is_service,
            });
        }
        if let Some(document) = documents.get_mut(index)
            && let Err(at) = document.versions.binary_search(&version)
        {
            document.versions.insert(at, version);
        }
        u16::try_from(index).unwrap_or(u16::MAX)
    }

    /// How many names there are so far.
    pub(super) fn len(&self) -> usize {
        self.tree.len()
    }

    /// The node of a path; a dot at its end changes nothing.
    pub(super) fn node(&mut self, path: &str) -> NodeId {
        Nodes::of(path).fold(TOP, |at, name| self.tree.grow(at, name))
    }

    pub(super) fn below(&mut self, node: NodeId, name: &str) -> NodeId {
        self.tree.grow(node, name)
    }

    pub(super) fn parameter(&mut self, node: NodeId, place: Place, facts: &Arc<Facts>) {
        let facts = shared(&mut self.parameter_facts, facts);
        self.shared_parameter(node, place, facts);
    }

    /// States a parameter by facts that the caller shares with all that are equal.
    pub(super) fn shared_parameter(&mut self, node: NodeId, place: Place, facts: Arc<Facts>) {
        put(&mut self.parameters, node, place.edition(facts));
    }

    pub(super) fn object(&mut self, node: NodeId, place: Place, facts: &Arc<ObjectFacts>) {
        let facts = shared(&mut self.object_facts, facts);
        self.shared_object(node, place, facts);
    }

    /// States an object by facts that the caller shares with all that are equal.
    pub(super) fn shared_object(&mut self, node: NodeId, place: Place, facts: Arc<ObjectFacts>) {
        put(&mut self.objects, node, place.edition(facts));
    }

    /// States a parameter, and forgets what was stated of it before.
    pub(super) fn restate(&mut self, node: NodeId, place: Place, facts: Facts) {
        if let Some(stated) = self.parameters.get_mut(node as usize) {
            stated.clear();
        }
        self.parameter(node, place, &Arc::new(facts));
    }

    /// States of a node that it is an object, where that is not stated yet.
    pub(super) fn imply_object(&mut self, node: NodeId, place: Place) {
        if self.objects.get(node as usize).is_none_or(Vec::is_empty) {
            self.object(node, place, &Arc::default());
        }
    }

    /// States of every node with others below it that it is an object, where nothing is stated of it.
    pub(super) fn imply_objects(&mut self, place: Place) {
        for node in 1..u32::try_from(self.tree.len()).unwrap_or(u32::MAX) {
            if self.tree.has_children(node) && self.tree.instance(node).is_none() {
                self.imply_object(node, place);
            }
        }
    }

    /// Takes in what another model states.
    pub(super) fn absorb(&mut self, tree: &Tree) {
        let documents: Vec<u16> = tree
            .documents
            .iter()
            .map(|document| self.absorb_document(document))
            .collect();
        let mut nodes: Vec<(NodeId, NodeId)> = vec![(TOP, TOP)];
        while let Some((from, to)) = nodes.pop() {
            self.absorb_node(tree, from, to, &documents);
            let children: Vec<NodeId> = tree.children(from).collect();
            // In order here, and in reverse on the stack, so that they are walked in order too.
            let mut grown: Vec<(NodeId, NodeId)> = children
                .into_iter()
                .map(|child| (child, self.tree.grow(to, tree.name(child))))
                .collect();
            grown.reverse();
            nodes.append(&mut grown);
        }
    }

    fn absorb_document(&mut self, document: &Document) -> u16 {
        let versions = document.versions.iter();
        let numbers =
            versions.map(|version| self.document(&document.name, *version, document.is_service));
        numbers.last().unwrap_or_default()
    }

    fn absorb_node(&mut self, tree: &Tree, from: NodeId, to: NodeId, documents: &[u16]) {
        let place = |document: u16, version, since| Place {
            document: documents
                .get(usize::from(document))
                .copied()
                .unwrap_or_default(),
            version,
            since,
        };
        for edition in tree.parameter(from) {
            let place = place(edition.document, edition.from, edition.since);
            self.parameter(to, place, &edition.facts);
        }
        for edition in tree.object(from) {
            let place = place(edition.document, edition.from, edition.since);
            self.object(to, place, &edition.facts);
        }
    }

    pub(super) fn finish(mut self) -> Model {
        let nodes = self.parameters.len().max(self.objects.len());
        self.parameters.resize_with(nodes, Vec::new);
        self.objects.resize_with(nodes, Vec::new);
        let stated = self.parameters.into_iter().zip(self.objects);
        for (node, (mut parameter, mut object)) in stated.enumerate() {
            join(&mut parameter, &self.tree.documents);
            join(&mut object, &self.tree.documents);
            let node = u32::try_from(node).unwrap_or(u32::MAX);
            self.tree.state(node, parameter, object);
        }
        Model::of(self.tree)
    }
}

impl Place {
    fn edition<F>(self, facts: Arc<F>) -> Edition<F> {
        Edition {
            from: self.version,
            since: self.since,
            facts,
            document: self.document,
        }
    }
}

fn shared<F: Eq + Hash>(all: &mut Shared<F>, facts: &Arc<F>) -> Arc<F> {
    if let Some((known, ())) = all.get_key_value(facts) {
        return Arc::clone(known);
    }
    all.insert(Arc::clone(facts), ());
    Arc::clone(facts)
}

fn put<F>(all: &mut Vec<Vec<Edition<F>>>, node: NodeId, edition: Edition<F>) {
    let node = node as usize;
    if all.len() <= node {
        all.resize_with(node + 1, Vec::new);
    }
    if let Some(editions) = all.get_mut(node) {
        editions.push(edition);
    }
}

/// In order of versions, each statement once, and all of one major version agreed since when the name is there.
fn join<F: PartialEq>(editions: &mut Vec<Edition<F>>, documents: &[Document]) {
    editions.sort_by_key(|edition| (edition.document, edition.from));
    for at in 0..editions.len() {
        let Some(one) = editions.get(at) else { break };
        let alike = editions
            .iter()
            .filter(|other| other.document == one.document && other.from.major == one.from.major);
        let since = joined_since(
            alike.map(|other| other.since),
            documents.get(usize::from(one.document)),
        );
        if let Some(one) = editions.get_mut(at) {
            one.since = since;
        }
    }
    editions.dedup_by(|later, earlier| {
        later.facts == earlier.facts
            && later.document == earlier.document
            && later.from.major == earlier.from.major
    });
}

/// The earliest that is told, and the latest version at hand before it, which lacks the name.
fn joined_since(told: impl Iterator<Item = Since>, document: Option<&Document>) -> Since {
    let earliest = told.min_by_key(|since| (since.first, std::cmp::Reverse(since.absent)));
    let mut since = earliest.unwrap_or_default();
    let versions = document.map_or(&[][..], |document| &document.versions);
    let before = versions
        .iter()
        .filter(|version| version.major == since.first.major && **version < since.first)
        .max();
    since.absent = since.absent.max(before.copied());
    since
}
