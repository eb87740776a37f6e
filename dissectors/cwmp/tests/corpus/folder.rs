//! Where the shared folder is.

use std::path::PathBuf;

/// The shared folder; `None`, and a line that says so, where it is absent.
pub fn shared() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: ../shared is absent");
    None
}
