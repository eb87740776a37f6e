//! The paths of parameters and objects: how they are cut, which node is an instance, which name is a vendor's.

/// Whether some node of a path begins with `X_`: from there on its vendor alone says what is what (TR-106 3.3).
#[must_use]
pub fn is_vendor_path(path: &str) -> bool {
    path.starts_with("X_") || path.contains(".X_")
}

/// The nodes of a path, without the dots between them; an alias in brackets is one node, dots or not.
pub(super) struct Nodes<'p> {
    rest: &'p str,
}

impl<'p> Nodes<'p> {
    pub(super) fn of(path: &'p str) -> Self {
        Self { rest: path }
    }

    /// What was not given out yet.
    pub(super) fn rest(&self) -> &'p str {
        self.rest
    }
}

impl<'p> Iterator for Nodes<'p> {
    type Item = &'p str;

    fn next(&mut self) -> Option<&'p str> {
        if self.rest.is_empty() {
            return None;
        }
        let bytes = self.rest.as_bytes();
        let from = match bytes.first() {
            Some(b'[') => bytes.iter().position(|byte| *byte == b']').unwrap_or(0),
            _ => 0,
        };
        let behind = bytes.get(from..).unwrap_or_default();
        let dot = behind.iter().position(|byte| *byte == b'.');
        let end = dot.map_or(bytes.len(), |dot| from + dot);
        let (node, rest) = self.rest.split_at(end);
        self.rest = rest.strip_prefix('.').unwrap_or(rest);
        Some(node)
    }
}

/// Whether a node stands for an instance: a number, an alias, a wildcard, or `{i}` as documents write it.
pub(super) fn is_instance(node: &str) -> bool {
    match node.as_bytes() {
        [b'0'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        [b'[', .., b']'] | b"*" | b"{i}" => true,
        _ => false,
    }
}

/// How documents write an instance.
pub(super) const INSTANCE: &str = "{i}";
