//! The names of a model as a tree, found by one hash for each node of a path. It allocates nothing when asked.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::path::{INSTANCE, Nodes, is_instance};
use super::{Facts, ObjectFacts, Since, Version};

/// What a model states of a name from one version on, until the next edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition<F> {
    /// The first version at hand that states this.
    pub from: Version,
    /// When the name came into this major version of the model.
    pub since: Since,
    /// What is stated.
    pub facts: Arc<F>,
    pub(super) document: u16,
}

/// A document that a model was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// `InternetGatewayDevice`, `Device`, `VoiceService`; of a vendor's file, the name of the file.
    pub name: Box<str>,
    /// The versions at hand, in order.
    pub versions: Vec<Version>,
    /// It describes what stands below `Services.` of either root.
    pub is_service: bool,
}

/// Names, and what is stated of each.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) documents: Vec<Document>,
    pub(super) parameters: Vec<Edition<Facts>>,
    pub(super) objects: Vec<Edition<ObjectFacts>>,
    nodes: Vec<Node>,
    names: String,
    /// Numbers of nodes, by hash; a power of two of them, at most half taken.
    slots: Vec<u32>,
    hasher: RandomState,
}

/// A node; an index into the tree.
pub(super) type NodeId = u32;

/// Where a path led.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'p> {
    /// The first node.
    pub(super) root: NodeId,
    /// The last node that is known.
    pub(super) node: NodeId,
    /// What of the path is left.
    pub(super) rest: &'p str,
}

/// The node above the roots.
pub(super) const TOP: NodeId = 0;
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Node {
    parent: NodeId,
    name_at: u32,
    name_bytes: u16,
    /// A child stands for one numbered instance, not for any.
    numbered: bool,
    /// The child that stands for any instance.
    instance: NodeId,
    first_child: NodeId,
    last_child: NodeId,
    next: NodeId,
    parameter: Run,
    object: Run,
}

/// Some editions that follow each other.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    at: u32,
    count: u16,
}

impl Run {
    fn of<T>(self, all: &[T]) -> &[T] {
        let at = self.at as usize;
        all.get(at..at + usize::from(self.count))
            .unwrap_or_default()
    }
}

impl Tree {
    /// An empty tree with room for so many names.
    pub(super) fn with_room_for(names: usize) -> Self {
        let slots = (names * 2).next_power_of_two().max(SLOTS_AT_FIRST);
        let mut tree = Self {
            documents: Vec::new(),
            parameters: Vec::new(),
            objects: Vec::new(),
            nodes: Vec::with_capacity(names),
            names: String::new(),
            slots: vec![NONE; slots],
            hasher: RandomState::default(),
        };
        tree.nodes.push(Node::below(NONE, 0, 0));
        tree
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    pub(super) fn name(&self, node: NodeId) -> &str {
        let Some(node) = self.node(node) else {
            return "";
        };
        let at = node.name_at as usize;
        let name = self.names.get(at..at + usize::from(node.name_bytes));
        name.unwrap_or_default()
    }

    pub(super) fn parent(&self, node: NodeId) -> Option<NodeId> {
        let parent = self.node(node)?.parent;
        (parent != NONE).then_some(parent)
    }

    /// The child that stands for any instance.
    pub(super) fn instance(&self, node: NodeId) -> Option<NodeId> {
        let instance = self.node(node)?.instance;
        (instance != NONE).then_some(instance)
    }

    /// Whether a node stands for an instance of a table.
    pub(super) fn is_row(&self, node: NodeId) -> bool {
        is_instance(self.name(node))
    }

    pub(super) fn has_children(&self, node: NodeId) -> bool {
        self.node(node).is_some_and(|node| node.first_child != NONE)
    }

    /// The children of a node, in the order of the document.
    pub(super) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let first = self.node(node).map_or(NONE, |node| node.first_child);
        let node = |at: NodeId| (at != NONE).then_some(at);
        std::iter::successors(node(first), move |at| node(self.node(*at)?.next))
    }

    /// What is stated of the parameter at a node.
    pub(super) fn parameter(&self, node: NodeId) -> &[Edition<Facts>] {
        let run = self
            .node(node)
            .map_or(Run::default(), |node| node.parameter);
        run.of(&self.parameters)
    }

    /// What is stated of the object at a node.
    pub(super) fn object(&self, node: NodeId) -> &[Edition<ObjectFacts>] {
        let run = self.node(node).map_or(Run::default(), |node| node.object);
        run.of(&self.objects)
    }

    /// The child that a node of a path leads to: one of its very name first, then the one that stands for any instance.
    pub(super) fn step(&self, from: NodeId, name: &str) -> Option<NodeId> {
        let node = self.node(from)?;
        let any = node.instance != NONE && is_instance(name);
        if any && !node.numbered {
            return Some(node.instance);
        }
        let found = self.child(from, name);
        found.or_else(|| any.then_some(node.instance))
    }

    /// Follows a path as far as it is known.
    pub(super) fn walk<'p>(&self, path: &'p str) -> Walk<'p> {
        let mut nodes = Nodes::of(path);
        let mut walk = Walk {
            root: TOP,
            node: TOP,
            rest: path,
        };
        while let Some(name) = nodes.next() {
            let Some(child) = self.step(walk.node, name) else {
                break;
            };
            if walk.root == TOP {
                walk.root = child;
            }
            walk.node = child;
            walk.rest = nodes.rest();
        }
        walk
    }

    /// The path of a node, without a dot at its end.
    pub(super) fn path(&self, node: NodeId) -> String {
        let above = std::iter::successors(Some(node), |at| self.parent(*at));
        let mut names: Vec<&str> = above.map(|at| self.name(at)).collect();
        names.pop();
        names.reverse();
        names.join(".")
    }

    fn child(&self, parent: NodeId, name: &str) -> Option<NodeId> {
        let mask = self.slots.len() - 1;
        let mut at = self.hash(parent, name) & mask;
        loop {
            let child = self.slots.get(at).copied().filter(|child| *child != NONE)?;
            let node = self.node(child)?;
            if node.parent == parent && self.is_named(node, name) {
                return Some(child);
            }
            at = (at + 1) & mask;
        }
    }

    fn is_named(&self, node: &Node, name: &str) -> bool {
        let at = node.name_at as usize;
        let known = self
            .names
            .as_bytes()
            .get(at..at + usize::from(node.name_bytes));
        known == Some(name.as_bytes())
    }

    /// The child of this name, made if it is not there.
    pub(super) fn grow(&mut self, parent: NodeId, name: &str) -> NodeId {
        if let Some(child) = self.child(parent, name) {
            return child;
        }
        let child = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let name_at = u32::try_from(self.names.len()).unwrap_or(NONE);
        let name_bytes = u16::try_from(name.len()).unwrap_or(u16::MAX);
        self.names.push_str(name);
        self.nodes.push(Node::below(parent, name_at, name_bytes));
        self.attach(parent, child, name);
        if self.nodes.len() * 2 > self.slots.len() {
            self.spread();
        } else {
            self.enter(child);
        }
        child
    }

    fn attach(&mut self, parent: NodeId, child: NodeId, name: &str) {
        let Some(node) = self.nodes.get_mut(parent as usize) else {
            return;
        };
        let before = node.last_child;
        node.last_child = child;
        if before == NONE {
            node.first_child = child;
        }
        if name == INSTANCE {
            node.instance = child;
        } else if is_instance(name) {
            node.numbered = true;
        }
        if let Some(before) = self.nodes.get_mut(before as usize) {
            before.next = child;
        }
    }

    fn spread(&mut self) {
        self.slots = vec![NONE; self.slots.len() * 2];
        for node in 1..self.nodes.len() {
            self.enter(u32::try_from(node).unwrap_or(NONE));
        }
    }

    fn enter(&mut self, child: NodeId) {
        let parent = self.node(child).map_or(NONE, |node| node.parent);
        let mask = self.slots.len() - 1;
        let mut at = self.hash(parent, self.name(child)) & mask;
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == NONE {
                *slot = child;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    fn hash(&self, parent: NodeId, name: &str) -> usize {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u32(parent);
        hasher.write(name.as_bytes());
        // The upper half too: the mask keeps the lower bits alone.
        let hash = hasher.finish();
        (hash ^ (hash >> 32)) as usize
    }

    /// Puts down what is stated of a node.
    pub(super) fn state(
        &mut self,
        node: NodeId,
        parameter: Vec<Edition<Facts>>,
        object: Vec<Edition<ObjectFacts>>,
    ) {
        let parameter = append(&mut self.parameters, parameter);
        let object = append(&mut self.objects, object);
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.parameter = parameter;
            node.object = object;
        }
    }
}

fn append<T>(all: &mut Vec<T>, some: Vec<T>) -> Run {
    let at = u32::try_from(all.len()).unwrap_or(NONE);
    let count = u16::try_from(some.len()).unwrap_or(u16::MAX);
    all.extend(some);
    Run { at, count }
}

impl Node {
    fn below(parent: NodeId, name_at: u32, name_bytes: u16) -> Self {
        Self {
            parent,
            name_at,
            name_bytes,
            numbered: false,
            instance: NONE,
            first_child: NONE,
            last_child: NONE,
            next: NONE,
            parameter: Run::default(),
            object: Run::default(),
        }
    }
}

const SLOTS_AT_FIRST: usize = 64;
