//! Why a file was not understood, where, and what to do.

use thiserror::Error;

/// Why a file was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}:{line}:{column}: {problem}")]
pub struct LoadError {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, characters from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a file, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// A file over its bound.
    #[error("more than {bytes_max} bytes; give the file of the data model alone")]
    TooLarge {
        /// The bound.
        bytes_max: usize,
    },
    /// XML that cannot be read.
    #[error("this is not well-formed XML ({0}); check that the file is whole")]
    Xml(String),
    /// Something over its bound.
    #[error("more {what} than the {max} that are read; split the file")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        max: usize,
    },
    /// A path over its bound.
    #[error("a path of more than {max} bytes; no device has one")]
    PathTooLong {
        /// The bound.
        max: usize,
    },
    /// A file of components alone.
    #[error(
        "no `model` in this file, only parts of one; give the file of the model that imports it, such as \
         `tr-181-2-11-0-full.xml`"
    )]
    NoModel,
    /// A name that neither the file nor an import explains.
    #[error(
        "no {kind} `{name}` here, nor in the files imported{}",
        wanted(missing)
    )]
    Unresolved {
        /// What it should be: `component`, `dataType`, `model`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Files that it may be in and that are not beside this one.
        missing: Vec<String>,
    },
    /// A number that is none.
    #[error("`{0}` is no number here; write digits alone, or leave the attribute out")]
    NotANumber(String),
    /// A word that has no meaning where it stands.
    #[error("`{found}` is not known here; write {known}")]
    NotKnown {
        /// The word.
        found: String,
        /// What may stand there.
        known: &'static str,
    },
    /// An element without what it needs.
    #[error("`{element}` without {lacks}; add it")]
    Lacks {
        /// The element.
        element: String,
        /// What it lacks.
        lacks: &'static str,
    },
    /// XML without a parameter.
    #[error(
        "no `parameter` element with a name; known are Broadband Forum XML, XML of `parameter` elements, and snom's \
         parameter mapping file"
    )]
    NoParameter,
    /// A line of a mapping file that is none.
    #[error("{0}; a line is `type:Name=value`, or begins with `#`")]
    Line(&'static str),
}

fn wanted(missing: &[String]) -> String {
    match missing {
        [] => "; check its spelling".to_owned(),
        files => {
            let some = files.get(..SHOWN_FILES_MAX).unwrap_or(files);
            format!("; put {} into the same folder", some.join(" or "))
        }
    }
}

/// Words of a file, as an error shows them: some of them, and nothing that a terminal would act on.
pub(super) fn told(text: &str) -> String {
    let shown = text.chars().take(TOLD_CHARACTERS_MAX);
    let plain = shown.map(|one| {
        if one.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            one
        }
    });
    plain.collect()
}

/// A place in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'f> {
    pub(super) file: &'f str,
    pub(super) text: &'f str,
    pub(super) offset: usize,
}

impl<'f> At<'f> {
    pub(super) fn start(file: &'f str) -> Self {
        Self {
            file,
            text: "",
            offset: 0,
        }
    }

    pub(super) fn problem(self, problem: Problem) -> LoadError {
        let within = self.offset.min(self.text.len());
        let end = (0..=within)
            .rev()
            .find(|end| self.text.is_char_boundary(*end));
        let before = self.text.get(..end.unwrap_or(0)).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let last = before.rsplit('\n').next().unwrap_or_default();
        LoadError {
            file: told(self.file),
            line,
            column: last.chars().count() + 1,
            problem,
        }
    }
}

/// Of missing files an error shows so many.
const SHOWN_FILES_MAX: usize = 3;
/// Of what stands in a file an error shows so much.
const TOLD_CHARACTERS_MAX: usize = 120;
