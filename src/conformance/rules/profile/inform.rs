//! The Inform: the root object of the document. Its DeviceSummary is held to nothing: models of one document differ there.

use super::{its_document, profile_of};
use crate::conformance::rule::CPE;
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ROOT];

/// The root object is that of the document.
const ROOT: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    demands: "The data model of a device has the root object that its vendor's document names.",
    why: "Templates made from the document set `Device.` paths: on a device that shows itself as InternetGatewayDevice every one of \
          them is an unknown name, and the whole SetParameterValues fails with 9003 and 9005.",
    mend_cpe: "Load the firmware that the document speaks of; check that ProductClass names the device that really sends.",
    bad: "(a Grandstream) <Name>InternetGatewayDevice.DeviceInfo.SoftwareVersion</Name>",
    good: "(a Grandstream) <Name>Device.DeviceInfo.SoftwareVersion</Name>",
    related: &["INF-018"],
    wireshark: "xml.cdata contains \"InternetGatewayDevice.\"",
    ..Rule::heuristic("PROFILE-012", "root-against-the-document", Scope::Message)
};

/// Looks at an Inform.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let Some(profile) = profile_of(seen.session) else {
        return;
    };
    if seen.from() != Side::Cpe || !seen.is_whole() || seen.replay {
        return;
    }
    let Some(inform) = seen.inform() else {
        return;
    };
    let first = inform.parameters().next();
    if let (Some(first), Some(root)) = (first, profile.root) {
        let name = first.name();
        let other = name.starts_with("InternetGatewayDevice.") || name.starts_with("Device.");
        if other && !name.starts_with(root.is) {
            let said = format!(
                "the root is that of {name}, and {} has {}",
                its_document(profile, root.at),
                root.is
            );
            let draft = seen.breaks_at(&ROOT, first.element());
            findings.add(draft.because(said));
        }
    }
}
