//! A Broadband Forum file, the files that it imports, and where in them a name is defined (TR-106 Annex A, `import`).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::error::{At, LoadError, Problem, told};
use super::limits::{FILES_BYTES_MAX, FILES_MAX, NESTING_MAX};
use super::xml::{ElementId, ROOT, Xml};

/// The files; the first is the one that was asked for.
pub(super) struct Library {
    files: Vec<Xml>,
    own: HashMap<Name, ElementId>,
    imported: HashMap<Name, Import>,
    missing: Vec<String>,
}

/// A name in a file: its number, what kind of thing it names, and itself.
type Name = (usize, &'static str, Box<str>);

/// The file that a name comes from, if it is at hand, and what it is called there.
struct Import {
    file: Option<usize>,
    name: Box<str>,
}

/// An element of one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) file: usize,
    pub(super) element: ElementId,
}

impl Library {
    pub(super) fn open(
        file: &str,
        bytes: &[u8],
        sibling: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<Self, LoadError> {
        let mut library = Self {
            files: vec![Xml::parse(file, bytes)?],
            own: HashMap::new(),
            imported: HashMap::new(),
            missing: Vec::new(),
        };
        let mut numbers: HashMap<String, Option<usize>> = HashMap::new();
        numbers.insert(file.to_owned(), Some(0));
        let mut read_bytes = bytes.len();
        let mut next = 0;
        while next < library.files.len() {
            for wanted in library.imports(next) {
                if let Entry::Vacant(vacant) = numbers.entry(wanted) {
                    let number = library.fetch(vacant.key(), sibling, &mut read_bytes)?;
                    vacant.insert(number);
                }
            }
            library.note(next, &numbers);
            next += 1;
        }
        Ok(library)
    }

    /// The files that a file imports.
    fn imports(&self, file: usize) -> Vec<String> {
        let Some(xml) = self.files.get(file) else {
            return Vec::new();
        };
        let children = xml.children(ROOT).iter().copied();
        let imports = children.filter(|child| xml.name(*child) == "import");
        let names = imports.filter_map(|import| xml.attribute(import, "file"));
        names.map(str::to_owned).collect()
    }

    fn fetch(
        &mut self,
        wanted: &str,
        sibling: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
        read_bytes: &mut usize,
    ) -> Result<Option<usize>, LoadError> {
        let found = spellings(wanted)
            .into_iter()
            .find_map(|name| Some((sibling(&name)?, name)));
        let Some((bytes, name)) = found else {
            // References to literature are no loss.
            if !wanted.contains("biblio") && self.missing.len() < FILES_MAX {
                self.missing.push(wanted.to_owned());
            }
            return Ok(None);
        };
        *read_bytes = read_bytes.saturating_add(bytes.len());
        if *read_bytes > FILES_BYTES_MAX {
            let bytes_max = FILES_BYTES_MAX;
            return Err(At::start(&name).problem(Problem::TooLarge { bytes_max }));
        }
        if self.files.len() >= FILES_MAX {
            let max = FILES_MAX;
            let what = "imported files";
            return Err(At::start(&name).problem(Problem::TooMany { what, max }));
        }
        self.files.push(Xml::parse(&name, &bytes)?);
        Ok(Some(self.files.len() - 1))
    }

    /// Notes the names that a file defines and imports.
    fn note(&mut self, file: usize, numbers: &HashMap<String, Option<usize>>) {
        let Some(xml) = self.files.get(file) else {
            return;
        };
        for child in xml.children(ROOT).iter().copied() {
            if xml.name(child) != "import" {
                if let Some((kind, name)) = named(xml, child) {
                    self.own.entry((file, kind, name.into())).or_insert(child);
                }
                continue;
            }
            let from = xml.attribute(child, "file");
            let number = from.and_then(|from| numbers.get(from).copied().flatten());
            for entry in xml.children(child).iter().copied() {
                let Some((kind, name)) = named(xml, entry) else {
                    continue;
                };
                let there = xml.attribute(entry, "ref").unwrap_or(name);
                let import = Import {
                    file: number,
                    name: there.into(),
                };
                self.imported.insert((file, kind, name.into()), import);
            }
        }
    }

    pub(super) fn xml(&self, spot: Spot) -> &Xml {
        let first = &self.files[0];
        self.files.get(spot.file).unwrap_or(first)
    }

    /// Where a name is defined, as a file sees it.
    pub(super) fn find(&self, file: usize, kind: &'static str, name: &str) -> Option<Spot> {
        let spot = self.follow(file, kind, name)?;
        // What is marked virtual stands for what the first file puts in its place (TR-106 A.2.10).
        let xml = self.xml(spot);
        if xml.attribute(spot.element, "virtual") == Some("true") {
            let instead = self.imported.get(&(0, kind, name.into()));
            let instead = instead.filter(|import| *import.name != *name);
            let instead = instead.and_then(|import| self.follow(import.file?, kind, &import.name));
            return Some(instead.unwrap_or(spot));
        }
        Some(spot)
    }

    fn follow(&self, file: usize, kind: &'static str, name: &str) -> Option<Spot> {
        let mut key: Name = (file, kind, name.into());
        for _ in 0..NESTING_MAX {
            if let Some(element) = self.own.get(&key) {
                let (file, element) = (key.0, *element);
                return Some(Spot { file, element });
            }
            let import = self.imported.get(&key)?;
            key = (import.file?, kind, import.name.clone());
        }
        None
    }

    /// Where a name is defined, or why that cannot be told.
    pub(super) fn resolve(
        &self,
        asked: Spot,
        kind: &'static str,
        name: &str,
    ) -> Result<Spot, LoadError> {
        let found = self.find(asked.file, kind, name);
        found.ok_or_else(|| {
            let problem = Problem::Unresolved {
                kind,
                name: told(name),
                missing: self.missing.iter().map(|file| told(file)).collect(),
            };
            self.xml(asked).problem(asked.element, problem)
        })
    }

    /// The models that the first file defines.
    pub(super) fn models(&self) -> Vec<Spot> {
        let xml = &self.files[0];
        let children = xml.children(ROOT).iter().copied();
        let models = children.filter(|child| xml.name(*child) == "model");
        models.map(|element| Spot { file: 0, element }).collect()
    }
}

fn named(xml: &Xml, element: ElementId) -> Option<(&'static str, &str)> {
    let kind = KINDS.into_iter().find(|kind| *kind == xml.name(element))?;
    Some((kind, xml.attribute(element, "name")?))
}

/// The names that a file may have: the very one, or one with a corrigendum's number, the latest first (TR-106 A.2.1.1).
/// What is no plain file name is never asked for.
fn spellings(wanted: &str) -> Vec<String> {
    let plain = !wanted.is_empty()
        && !wanted.starts_with('.')
        && wanted
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if !plain {
        return Vec::new();
    }
    let stem = wanted.strip_suffix(".xml").unwrap_or(wanted);
    let corrected = (0..=CORRIGENDUM_MAX)
        .rev()
        .map(|number| format!("{stem}-{number}.xml"));
    std::iter::once(wanted.to_owned())
        .chain(corrected)
        .collect()
}

const KINDS: [&str; 3] = ["component", "dataType", "model"];
const CORRIGENDUM_MAX: u8 = 9;
