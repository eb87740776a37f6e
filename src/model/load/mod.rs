//! Reads files that say what a device has. Bytes come in: opening files is the caller's part.

mod broadband_forum;
mod error;
mod expand;
mod library;
mod limits;
mod listing;
mod param_map;

mod syntax;
mod xml;

pub use error::{LoadError, Problem};

use super::Model;
use error::At;

/// What a file may be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The Broadband Forum's XML (TR-106 Annex A): `dm:document`.
    BroadbandForum,
    /// Any other XML of `parameter` elements that have names: Aastra's, Motive's device type.
    Listing,
    /// snom's parameter mapping file.
    ParameterMap,
}

impl Format {
    /// The format of a file, by its beginning.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let text = bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(bytes)
            .trim_ascii_start();
        if !text.starts_with(b"<") {
            return Self::ParameterMap;
        }
        let head = text
            .get(..limits::HEAD_BYTES_MAX.min(text.len()))
            .unwrap_or_default();
        let named = |name: &[u8]| head.windows(name.len()).any(|part| part == name);
        if named(b"cwmp:datamodel-") || named(b":document") && named(b"xmlns:dm=") {
            Self::BroadbandForum
        } else {
            Self::Listing
        }
    }
}

/// Reads a file that says what a device has.
///
/// `file` is its name, as errors write it. `sibling` opens another file of the same folder by its name, as Broadband Forum
/// files import them; it is never asked for anything but plain file names.
///
/// # Errors
///
/// The first thing that keeps the file from being understood, with its place and what to do.
pub fn load(
    file: &str,
    bytes: &[u8],
    sibling: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
) -> Result<Model, LoadError> {
    if bytes.len() > limits::FILE_BYTES_MAX {
        return Err(At::start(file).problem(Problem::TooLarge {
            bytes_max: limits::FILE_BYTES_MAX,
        }));
    }
    let model = match Format::of(bytes) {
        Format::BroadbandForum => broadband_forum::load(file, bytes, sibling),
        Format::Listing => listing::load(file, bytes),
        Format::ParameterMap => param_map::load(file, bytes),
    }?;
    if model.parameters().next().is_none() && model.objects().next().is_none() {
        return Err(At::start(file).problem(Problem::NoParameter));
    }
    Ok(model)
}
