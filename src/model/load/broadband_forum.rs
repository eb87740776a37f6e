//! The Broadband Forum's XML of data models (TR-106 Annex A), whole files and those that import their parts.

use super::super::builder::Builder;
use super::super::{Model, Version};
use super::error::{At, LoadError, Problem};
use super::expand::{Budget, Expansion};
use super::library::{Library, Spot};
use super::limits::MODELS_MAX;

pub(super) fn load(
    file: &str,
    bytes: &[u8],
    sibling: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
) -> Result<Model, LoadError> {
    let library = Library::open(file, bytes, sibling)?;
    let models = library.models();
    if models.is_empty() {
        return Err(At::start(file).problem(Problem::NoModel));
    }
    if models.len() > MODELS_MAX {
        let max = MODELS_MAX;
        let what = "models";
        return Err(At::start(file).problem(Problem::TooMany { what, max }));
    }
    let mut budget = Budget::new();
    let mut builder = Builder::new();
    for model in models {
        let expansion = Expansion::of(&library, model, &mut budget)?;
        let (name, version, is_service) = title(&library, model)?;
        let document = builder.document(name, version, is_service);
        let above: &[&str] = if is_service { &SERVICES } else { &[""] };
        expansion.build(&mut builder, above, document, version);
    }
    Ok(builder.finish())
}

/// `Device:2.11` in its parts, and whether the model is a service's.
fn title(library: &Library, model: Spot) -> Result<(&str, Version, bool), LoadError> {
    let xml = library.xml(model);
    let title = xml.attribute(model.element, "name").unwrap_or_default();
    let parts = title.split_once(':');
    let parts = parts.and_then(|(name, version)| Some((name, Version::parse(version)?)));
    let (name, version) = parts.ok_or_else(|| {
        let element = "model".to_owned();
        let lacks = "a name such as `Device:2.11`";
        xml.problem(model.element, Problem::Lacks { element, lacks })
    })?;
    let service = xml.attribute(model.element, "isService");
    Ok((name, version, service == Some("true")))
}

/// Where services stand.
const SERVICES: [&str; 2] = ["InternetGatewayDevice.Services.", "Device.Services."];
