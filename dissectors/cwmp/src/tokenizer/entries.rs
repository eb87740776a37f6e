//! Entries that come again but for their texts, as those of a ParameterList do: matched whole, then copied.
//!
//! What is read is the same as tag by tag; only where an entry is copied, its nodes say which one it is like.

use super::Tokenizer;
use super::again::copy_of;
use super::ways::{LEAVES_MAX, Way};
use crate::range::Range;
use crate::tree::{AttributeNode, Node};

/// The texts of an entry, one for each leaf.
type Texts = [LeafText; LEAVES_MAX];

/// The text of a leaf.
#[derive(Debug, Clone, Copy)]
struct LeafText {
    range: Range,
    /// It means what it says.
    is_plain: bool,
}

impl Tokenizer<'_> {
    /// Takes note of an element that has just been closed, where others may be like it.
    #[inline]
    pub(super) fn note_entry(&mut self, entry: u32) {
        let leaves = self.tree.nodes.len() - 1 - entry as usize;
        if (1..=LEAVES_MAX).contains(&leaves) {
            self.note_entry_of(entry);
        }
    }

    fn note_entry_of(&mut self, number: u32) {
        let elements = self.tree.nodes.len() as u32;
        if self.anomalies.count() != self.entries.anomalies {
            self.entries.anomalies = self.anomalies.count();
            self.entries.forget(elements);
        }
        let nodes = self.tree.nodes.get(number as usize..);
        let Some((entry, leaves)) = nodes.and_then(<[Node]>::split_first) else {
            return;
        };
        let is_closed = |node: &Node| node.end > node.content.end;
        let opaque = self.tree.opaque.last();
        let is_model = number >= self.entries.quiet_from
            && opaque.is_none_or(|range| range.end <= entry.start)
            && is_closed(entry)
            && leaves.iter().all(|leaf| leaf.is_plain() && is_closed(leaf));
        if is_model {
            let way = Way::of(number, entry, leaves, self.tree.attributes.len() as u32);
            self.entries.remember(self.text, entry.parent, way);
        }
    }

    /// Reads the entry at `at` as one before, where it is the same but for its texts; says whether it was.
    #[inline]
    pub(super) fn entry_again(&mut self) -> bool {
        self.entries.list == self.parent()
            && self.open.len() + 1 < self.limits.depth_max
            && self.entry_like_one()
    }

    fn entry_like_one(&mut self) -> bool {
        // The opening that the entry has, and its first text: found once for all ways that begin so.
        let mut first: Option<(u32, LeafText)> = None;
        for place in self.entries.places() {
            let Some(way) = self.entries.ways.get(place).filter(|way| way.leaves > 0) else {
                continue;
            };
            let text = match first {
                Some((opening, text)) if opening == way.opening => text,
                Some(_) => continue,
                None => {
                    let Some(at) = self.same_bytes(self.at, way.opening()) else {
                        continue;
                    };
                    let Some(text) = self.leaf_text(at) else {
                        return false;
                    };
                    first = Some((way.opening, text));
                    text
                }
            };
            if let Some((texts, end)) = self.texts_as_in(way, text) {
                self.entries.came(place);
                return self.copy_entry(place, &texts, end);
            }
        }
        false
    }

    /// The texts of an entry of which this is the first, and where it ends, if all else in it is written in this way.
    #[inline]
    fn texts_as_in(&self, way: &Way, first: LeafText) -> Option<(Texts, u32)> {
        let mut texts = [first; LEAVES_MAX];
        let (_, behind) = way.fixed.split_first()?;
        let mut at = first.range.end as usize;
        let mut rest = texts.iter_mut().skip(1);
        for (place, fixed) in (1..=way.leaves).zip(behind) {
            at = self.same_bytes(at, *fixed)?;
            if place < way.leaves {
                let text = self.leaf_text(at)?;
                at = text.range.end as usize;
                *rest.next()? = text;
            }
        }
        Some((texts, at as u32))
    }

    /// The end of bytes at `at` that are the same as these.
    #[inline]
    fn same_bytes(&self, at: usize, wanted: Range) -> Option<usize> {
        let wanted = wanted.bytes(self.text);
        let end = at + wanted.len();
        (self.text.get(at..end)? == wanted).then_some(end)
    }

    /// The text at `at`, up to the next markup.
    #[inline]
    fn leaf_text(&self, at: usize) -> Option<LeafText> {
        let rest = self.text.get(at..)?;
        let length = memchr::memchr3(b'<', b'&', b'\r', rest)?;
        let is_plain = rest.get(length) == Some(&b'<');
        let more = match is_plain {
            true => 0,
            false => memchr::memchr(b'<', rest.get(length..)?)?,
        };
        Some(LeafText {
            range: Range::new(at, at + length + more),
            is_plain,
        })
    }

    /// Adds the entry at `at`, written in the way at this place; false where there is no room for it.
    fn copy_entry(&mut self, place: usize, texts: &Texts, end: u32) -> bool {
        let (tree, start) = (&mut self.tree, self.at as u32);
        let Some(way) = self.entries.ways.get(place) else {
            return false;
        };
        let (number, first) = (tree.nodes.len(), tree.attributes.len());
        let models = way.model as usize..(way.model + 1 + way.leaves) as usize;
        let its = way.attributes.start as usize..way.attributes.end as usize;
        if number + first + models.len() + its.len() > self.limits.elements_max {
            return false;
        }
        tree.nodes.extend_from_within(models);
        tree.attributes.extend_from_within(its);
        let later = first as u32 - way.attributes.start;
        let added = tree.nodes.get_mut(number..).unwrap_or_default();
        let mut attributes = tree.attributes.get_mut(first..).unwrap_or_default();
        let Some((entry, leaves)) = added.split_first_mut() else {
            return false;
        };
        let [own, of_leaves @ ..] = way.own;
        attributes = move_attributes(attributes, own, start - entry.start);
        move_node(entry, start - entry.start, end);
        entry.subtree_end = number as u32 + 1 + way.leaves;
        entry.attributes += later;
        entry.like = way.model;
        let mut before = (way.model, number as u32);
        for ((leaf, text), own) in leaves.iter_mut().zip(texts).zip(of_leaves) {
            before = (before.0 + 1, before.1 + 1);
            let by = text.range.start - leaf.content.start;
            attributes = move_attributes(attributes, own, by);
            move_node(leaf, by, text.range.end + (leaf.end - leaf.content.end));
            if !text.is_plain {
                leaf.subtree_end = before.1 + 1;
            }
            leaf.parent = number as u32;
            leaf.attributes += later;
            leaf.like = before.0;
        }
        self.at = end as usize;
        self.plain = false;
        true
    }
}

/// Moves an element further on, to end there.
#[inline]
fn move_node(node: &mut Node, by: u32, end: u32) {
    let tag = node.end - node.content.end;
    node.start += by;
    node.name = node.name.moved(by);
    node.content = Range {
        start: node.content.start + by,
        end: end - tag,
    };
    node.end = end;
}

/// Moves the first of these attributes further on. Gives out the others.
#[inline]
fn move_attributes(all: &mut [AttributeNode], count: u32, by: u32) -> &mut [AttributeNode] {
    let (own, others) = all.split_at_mut_checked(count as usize).unwrap_or_default();
    for attribute in own {
        *attribute = copy_of(attribute, by);
    }
    others
}

#[cfg(test)]
mod tests {
    use crate::{Document, Hints, Limits, parse};

    fn read(text: &str, limits: &Limits) -> Document {
        parse(text.into(), &Hints::default(), limits)
    }

    /// Name, places and attributes of every element, and its text.
    fn told(document: &Document) -> Vec<String> {
        let tell = |element: crate::Element<'_>| {
            let attributes = element.attributes();
            let attributes = attributes.map(|one| format!(" {one:?}@{}", one.value_offset()));
            let attributes: String = attributes.collect();
            let parent = element.parent().map_or(0, |parent| parent.offset());
            let children = element.children().count();
            let content = String::from_utf8_lossy(element.content());
            let (from, to) = (element.offset(), element.end());
            let name = element.name();
            format!("{name}{attributes} {from}..{to} in {parent} with {children}: {content}")
        };
        document.elements().map(tell).collect()
    }

    /// Entries one behind the other.
    fn listed(entries: &[&str]) -> String {
        format!("<l xmlns:x='u:1'>{}</l>", entries.concat())
    }

    #[test]
    fn an_entry_that_is_copied_is_read_as_it_stands_alone() {
        let entries = [
            "<e><n>a</n><v x:t='i'>1</v></e>",
            "<e><n>bc</n><v x:t='i'></v></e>",
            "<e><n>d</n><v x:t='s'>2</v></e>",
            "<e><n>ee</n><v x:t='i'>34</v></e>",
            "<e><n>f</n><v x:t='s'>5</v></e>",
            "<e><n>&amp;</n><v x:t='s'>5</v></e>",
            "<e><n>f</n><v x:t='s'>5\r</v></e>",
            "<e><n>f</n><v x:t='s'><w/></v></e>",
            "<e><n>f</n><v x:t='s'>6</v> </e>",
            "<e><n>f</n><v x:t='s'/></e>",
            "<e><n>f</n><v x:t='s'/>7</e>",
        ];
        let document = read(&listed(&entries), &Limits::default());
        let all = told(&document);
        let mut rest = all.iter().skip(1);
        let mut at = listed(&[]).len() - "</l>".len();
        for entry in entries {
            let blanks = " ".repeat(at - "<l xmlns:x='u:1'>".len());
            let alone = read(&listed(&[&blanks, entry]), &Limits::default());
            for told in told(&alone).iter().skip(1) {
                assert_eq!(rest.next(), Some(told));
            }
            at += entry.len();
        }
        assert_eq!(rest.next(), None);
        let like = document.elements().filter(|one| one.like().is_some());
        let names: Vec<&str> = like.map(|one| one.name()).collect();
        assert_eq!(names, ["e", "n", "v"].repeat(5));
    }

    #[test]
    fn an_entry_is_like_none_of_another_list_or_scope_or_among_comments() {
        for text in [
            "<a><l><e><n>1</n></e></l><l><e><n>1</n></e></l></a>",
            "<a><e><n xmlns='u:1'>1</n></e><e><n xmlns='u:1'>1</n></e></a>",
            "<a><e><n>1</n><!--x--></e><e><n>1</n><!--x--></e></a>",
            "<a><e><n>1</m></e><e><n>1</m></e></a>",
        ] {
            let document = read(text, &Limits::default());
            assert!(
                document.elements().all(|one| one.like().is_none()),
                "{text}"
            );
        }
    }

    #[test]
    fn entries_that_are_copied_keep_to_the_limits() {
        let text = listed(&["<e><n>1</n></e>"; 8]);
        for elements_max in 1..20 {
            let limits = Limits {
                elements_max,
                ..Limits::default()
            };
            let document = read(&text, &limits);
            assert!(document.elements_count() <= elements_max);
            let is_full = document.elements_count() + 1 >= elements_max;
            assert!(is_full || document.elements_count() == 17, "{elements_max}");
        }
        let limits = Limits {
            depth_max: 2,
            ..Limits::default()
        };
        let names: Vec<String> = told(&read(&text, &limits));
        assert_eq!(names.len(), 9, "{names:?}");
    }
}
