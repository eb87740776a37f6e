//! Data models: the built-in table against its sources, the formats that can be given, and what is found of a path.
//!
//! `BLESS=1 cargo test --test model` writes the table anew.

#[path = "model/corrections.rs"]
mod corrections;
#[path = "model/forced.rs"]
mod forced;
#[path = "model/formats.rs"]
mod formats;
#[path = "model/generate.rs"]
mod generate;
#[path = "model/hostile.rs"]
mod hostile;
#[path = "model/imports.rs"]
mod imports;
#[path = "model/lookups.rs"]
mod lookups;
#[path = "model/oracle.rs"]
mod oracle;
#[path = "model/page.rs"]
mod page;
#[path = "model/profiles.rs"]
mod profiles;
mod support;
#[path = "model/values.rs"]
mod values;
