//! The Inform: the root object and the DeviceSummary of the document.

use super::{its_document, profile_of};
use crate::conformance::rule::CPE;
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::model::profile::Profile;
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ROOT, &SUMMARY];

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

/// DeviceSummary has the profiles of the document.
const SUMMARY: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Info),
    demands: "DeviceSummary names the profiles that the vendor's document says the device has.",
    why: "An ACS decides by DeviceSummary which tests and pages it offers: without UDPConnReq it does not try to reach the phone behind \
          its NAT, without IPPing the ping button is missing, though the phone may be able to do both.",
    mend_cpe: "Name the profiles in DeviceSummary, or have the vendor say which models lack them.",
    bad: "(a Grandstream) Device:1.2[](Baseline:1, LAN:1)",
    good: "(a Grandstream) Device:1.2[](Baseline:1, UDPConnReq:1, LAN:1, Time:1, IPPing:1, TraceRoute:1,\nDownload:1, Upload:1), VoiceService:1.0[1](Endpoint:1, SIPEndpoint:1)",
    related: &["INF-016"],
    wireshark: "xml.cdata contains \"DeviceSummary\"",
    ..Rule::heuristic(
        "PROFILE-013",
        "device-summary-against-the-document",
        Scope::Message,
    )
};

/// Looks at an Inform.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let Some(profile) = profile_of(seen.session) else {
        return;
    };
    if seen.from() != Side::Cpe || !seen.is_whole() || seen.replay {
        return;
    }
    let Some(inform) = seen.envelopes().find_map(|envelope| envelope.inform()) else {
        return;
    };
    let first = inform.parameters().into_iter().next();
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
    if !profile.summary.is_empty() {
        summary(seen, profile, inform, findings);
    }
}

fn summary(
    seen: &Seen<'_>,
    profile: &'static Profile,
    inform: cwmp::Inform<'_>,
    findings: &mut Findings,
) {
    let Some(parameter) = inform.parameter("DeviceSummary") else {
        return;
    };
    let value = parameter.value().unwrap_or_default();
    if value.trim().is_empty() {
        return;
    }
    let has = |wanted: &str| {
        let (wanted, _) = wanted.split_once(':').unwrap_or((wanted, ""));
        let mut words =
            value.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
        words.any(|word| word == wanted)
    };
    let missing = profile.summary.iter().filter(|fact| !has(fact.is));
    let missing: Vec<_> = missing.collect();
    let Some(first) = missing.first() else {
        return;
    };
    let names: Vec<&str> = missing.iter().map(|fact| fact.is).collect();
    let said = format!(
        "DeviceSummary lacks {}, which {} has",
        names.join(", "),
        its_document(profile, first.at)
    );
    let draft = seen.breaks_at(&SUMMARY, parameter.element());
    findings.add(draft.path(&parameter.name()).because(said));
}
