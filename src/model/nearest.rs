//! The known name that was probably meant by one that is not known. Asked only when a finding is made.

use super::lookup::Model;
use super::path::{INSTANCE, Nodes};
use super::tree::{NodeId, TOP, Tree};

impl Model {
    /// The known path nearest to one that is not known: another case, a slip of the keys, an instance number left out.
    #[must_use]
    pub fn nearest(&self, path: &str) -> Option<String> {
        if path.len() > PATH_BYTES_MAX {
            return None;
        }
        let mut written = String::with_capacity(path.len() + INSTANCE.len());
        let (mut root, mut at) = (TOP, TOP);
        let mut changes = 0;
        for name in Nodes::of(path) {
            let (child, changed) = self.step_or_near(at, name, &mut written)?;
            changes += usize::from(changed);
            if changes > CHANGES_MAX {
                return None;
            }
            at = child;
            if root == TOP {
                root = child;
            }
            written.push('.');
        }
        let is_parameter = self.parameter_at(at).is_some();
        if is_parameter && (!path.ends_with('.') || self.object_at(at).is_none()) {
            written.pop();
        } else {
            self.object_at(at)?;
        }
        (self.sees(root) && written != path).then_some(written)
    }

    /// The child of a name, or of the name nearest to it, which is written down; and whether it is another.
    fn step_or_near(&self, at: NodeId, name: &str, written: &mut String) -> Option<(NodeId, bool)> {
        let tree = &*self.tree;
        if let Some(child) = tree.step(at, name) {
            written.push_str(name);
            return Some((child, false));
        }
        if let Some(near) = near_child(tree, at, name) {
            written.push_str(tree.name(near));
            return Some((near, true));
        }
        let row = tree.instance(at)?;
        written.push_str(INSTANCE);
        written.push('.');
        let child = tree
            .step(row, name)
            .or_else(|| near_child(tree, row, name))?;
        written.push_str(tree.name(child));
        Some((child, true))
    }
}

fn near_child(tree: &Tree, at: NodeId, name: &str) -> Option<NodeId> {
    let wanted = name.to_lowercase();
    let far = wanted.chars().count() / 4;
    let children = tree.children(at);
    let near = children.map(|child| {
        let known = tree.name(child).to_lowercase();
        let distance = strsim::damerau_levenshtein(&wanted, &known);
        (distance, !wanted.starts_with(&known), child)
    });
    let near = near.filter(|(distance, ..)| *distance <= far.clamp(1, CHANGED_LETTERS_MAX));
    // `OutboundProxyHost` is `OutboundProxy` with something behind it rather than `OutboundProxyPort` with other letters.
    near.min_by_key(|(distance, is_other, _)| (*is_other, *distance))
        .map(|(.., child)| child)
}

/// Longer paths are no slip; TR-069 A.3 has 256 characters.
const PATH_BYTES_MAX: usize = 512;
/// Nodes of a path that may differ.
const CHANGES_MAX: usize = 2;
/// Letters of one node that may differ.
const CHANGED_LETTERS_MAX: usize = 4;
