//! The messages of ../shared, where that folder is present.

use crate::folder::shared;

/// One message of cwmp-xml with what the manifest says of it.
pub struct Vector {
    pub path: String,
    pub body: Vec<u8>,
    pub rpc: String,
    pub version: String,
    pub vendor: String,
    pub product_class: String,
    pub well_formed: bool,
    pub quirks: String,
}

impl Vector {
    /// Whether the manifest lists this quirk.
    pub fn has(&self, quirk: &str) -> bool {
        self.quirks.split(';').any(|known| known == quirk)
    }

    /// The XML of the body: some files begin with the HTTP head it came with.
    pub fn xml(&self) -> Vec<u8> {
        let is_exchange = self.body.starts_with(b"POST ") || self.body.starts_with(b"HTTP/");
        let at = self
            .body
            .iter()
            .position(|byte| *byte == b'<')
            .filter(|_| is_exchange);
        self.body
            .get(at.unwrap_or(0)..)
            .unwrap_or_default()
            .to_vec()
    }
}

/// Every message of the manifest; none where the folder is absent.
pub fn vectors() -> Vec<Vector> {
    let Some(shared) = shared() else {
        return Vec::new();
    };
    let captures = shared.join("captures");
    let manifest = std::fs::read_to_string(captures.join("XML-MANIFEST.tsv")).unwrap_or_default();
    let found: Vec<_> = manifest
        .lines()
        .skip(1)
        .filter_map(|line| vector(&captures, line))
        .collect();
    assert_eq!(
        found.len(),
        manifest.lines().count().saturating_sub(1),
        "files the manifest lists are missing"
    );
    assert!(!found.is_empty(), "the manifest is empty");
    found
}

fn vector(captures: &std::path::Path, line: &str) -> Option<Vector> {
    let columns: Vec<_> = line.split('\t').collect();
    let column = |index: usize| columns.get(index).map_or("", |column| column).to_owned();
    Some(Vector {
        body: std::fs::read(captures.join(column(0))).ok()?,
        path: column(0),
        rpc: column(7),
        version: column(8),
        vendor: column(9),
        product_class: column(10),
        well_formed: column(13) == "yes",
        quirks: column(14),
    })
}
