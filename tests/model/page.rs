//! The page about data models says what is built in.

use std::fs;
use std::path::Path;

use informant::model::{Root, standard};

#[test]
fn the_page_lists_what_is_built_in() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/data-models.md");
    let page = fs::read_to_string(page).expect("the page is there");
    for document in standard(Root::DeviceUnknown).documents() {
        let versions: Vec<String> = document.versions.iter().map(ToString::to_string).collect();
        let row = format!("| `{}` | {} |", document.name, versions.join(", "));
        assert!(page.contains(&row), "docs/data-models.md lacks: {row}");
    }
}
