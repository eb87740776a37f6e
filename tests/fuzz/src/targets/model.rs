//! A file that says what a device has: read within bounds or refused with its place, and what was read is found.

use informant::model::{Found, Model, load};

/// The bytes of a file; whatever it imports is itself.
pub fn run(data: &[u8]) {
    let mut sibling = |name: &str| {
        assert!(!name.contains(['/', '\\']), "no plain name: {name:?}");
        Some(data.to_vec())
    };
    let model = match load("file", data, &mut sibling) {
        Ok(model) => model,
        Err(error) => {
            let shown = error.to_string();
            assert!(error.line > 0 && error.column > 0);
            assert!(
                !shown.chars().any(char::is_control),
                "unfit for a terminal: {shown:?}"
            );
            return;
        }
    };
    for parameter in model.parameters().take(PARAMETERS_MAX) {
        let path = parameter.path();
        // A name of a file may hold dots or brackets; then it is no path of the wire.
        if let Found::Parameter(found) = model.find(&path) {
            assert_eq!(found.name(), parameter.name());
        }
        let _ = (parameter.misfit("1"), parameter.since(), parameter.object());
        let _ = model.nearest(&path.to_lowercase());
    }
    let merged = Model::merge([&model, &model]);
    assert_eq!(merged.parameters().count(), model.parameters().count());
    assert_eq!(merged.objects().count(), model.objects().count());
}

const PARAMETERS_MAX: usize = 64;
