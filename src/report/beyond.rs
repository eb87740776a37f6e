//! Findings for which there was no room, in one sentence for every form of output.

use crate::conformance::Checked;

/// What is said of them; `None` where all were kept.
#[must_use]
pub fn beyond(checked: &Checked) -> Option<String> {
    checked.beyond?;
    let times = checked.limits_reached.get("findings_max")?;
    Some(format!(
        "the bound findings_max was reached {times} times: findings beyond it are not told, but count for the exit code"
    ))
}
