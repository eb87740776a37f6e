//! `--data-model FILE`: what devices have beside the standard.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::exit::Trouble;
use crate::conformance::Setting;
use crate::model::{Model, load};

/// What the rule book is told of devices: all files together, in the order in which they are given.
pub(super) fn setting(files: &[PathBuf]) -> Result<Setting, Trouble> {
    let models: Vec<Model> = files
        .iter()
        .map(|file| read(file))
        .collect::<Result<_, _>>()?;
    let data_model = match models.as_slice() {
        [] => None,
        several => Some(Model::merge(several)),
    };
    // Rules remember what it says of names, as they do of the standard models: it is read once and stays.
    let data_model = data_model.map(|model| &*Box::leak(Box::new(model)));
    Ok(Setting {
        data_model,
        ..Setting::default()
    })
}

fn read(path: &Path) -> Result<Model, Trouble> {
    let name = path.display().to_string();
    let bytes = contents(path).map_err(|error| {
        Trouble::Usage(format!("{name}: the data model cannot be read: {error}"))
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut sibling = |file: &str| contents(&folder.join(file)).ok();
    load(&name, &bytes, &mut sibling)
        .map_err(|error| Trouble::Usage(format!("{error} (docs/data-models.md has the formats)")))
}

fn contents(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(FILE_BYTES_MAX)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// One byte more than `model::load` takes: it says so.
const FILE_BYTES_MAX: u64 = (32 << 20) + 1;
