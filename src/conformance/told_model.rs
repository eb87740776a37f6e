//! The data model that a device says it has: its root, and its version.

use cwmp::Inform;

use crate::model::{Root, Version};

/// As DeviceSummary or RootDataModelVersion of an Inform tells.
pub(super) fn told_model(inform: &Inform<'_>) -> Option<(Root, Version)> {
    for parameter in inform.parameters().take(PARAMETERS_MAX) {
        let name = parameter.name();
        let Some((above, last)) = name.rsplit_once('.') else {
            continue;
        };
        if !matches!(last, "RootDataModelVersion" | "DeviceSummary") {
            continue;
        }
        let root = Root::of_path(&name).filter(|root| root.name() == above)?;
        let value = parameter.value().unwrap_or_default();
        let version = if last == "DeviceSummary" {
            summary_version(&value, root.name())
        } else {
            Version::parse(value.trim())
        };
        return Some((root, version?));
    }
    None
}

/// `InternetGatewayDevice:1.4[](Baseline:1), ...` gives 1.4.
fn summary_version(summary: &str, root: &str) -> Option<Version> {
    let rest = summary.trim().strip_prefix(root)?.strip_prefix(':')?;
    let end = rest.find(|one: char| !one.is_ascii_digit() && one != '.');
    Version::parse(rest.get(..end.unwrap_or(rest.len()))?)
}

/// Parameters of an Inform that are looked at; a device reports about ten.
const PARAMETERS_MAX: usize = 64;
