//! Fuzz targets, and the corpora they start from.

#![forbid(unsafe_code)]

pub mod corpus;
pub mod targets;

/// Runs the target of this name.
pub fn run(name: &str, data: &[u8]) {
    let target = targets::TARGETS.iter().find(|target| target.name == name);
    (target.expect("a binary is called as its target").run)(data);
}
