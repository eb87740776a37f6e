//! The root object of a device, from session to session.

use super::pages::MIXED;
use crate::conformance::{Findings, Rule, Seen, Topic, fingerprint};
use crate::model::Root;
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&MIXED];

/// The root of the last Inform, and the number of its SoftwareVersion.
#[derive(Debug, Default)]
pub struct Roots {
    last: Option<(Root, u64)>,
}

impl Topic for Roots {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if seen.from() != Side::Cpe || !seen.is_request() || !seen.is_whole() {
            return;
        }
        let Some(inform) = seen.envelope().and_then(|envelope| envelope.inform()) else {
            return;
        };
        let Some(claim) = seen.session.and_then(|session| session.claim) else {
            return;
        };
        let software = inform.parameter("DeviceInfo.SoftwareVersion");
        let software = software.and_then(|parameter| parameter.value());
        let software = fingerprint(software.unwrap_or_default().as_bytes());
        let before = self.last.replace((claim.root, software));
        let Some((root, version)) = before.filter(|(root, _)| *root != claim.root) else {
            return;
        };
        let (most, when) = if version == software {
            (Severity::Warning, "the same software")
        } else {
            (Severity::Info, "other software")
        };
        let because = format!(
            "the root is {}, and was {} in the session before, with {when}",
            claim.root.name(),
            root.name()
        );
        findings.add(seen.breaks(&MIXED).at_most(most).because(because));
    }
}
